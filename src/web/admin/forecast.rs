//! The forecast: who will be warned and locked on which day, as a page and as CSV.

use super::Choice;
use super::effect;
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::forecast::{self, Forecast};
use crate::urls;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;

/// How far the page looks if nobody says.
const DAYS: u16 = 30;

/// Somebody who will be locked.
struct WhoLine {
    href: String,
    name: String,
    address: String,
    agency: String,
    rule: &'static str,
}

/// A day in words.
struct DayLine {
    day: String,
    warned: String,
    locked: String,
    over_brake: bool,
    who: Vec<WhoLine>,
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/forecast.html")]
struct ForecastPage {
    t: Lang,
    page: Frame,
    days: u16,
    agencies: Vec<Choice>,
    lines: Vec<DayLine>,
    warned: String,
    locked: String,
    export: String,
}

/// What is asked: how far, and of which agency within reach.
struct Asked {
    days: u16,
    agency: Option<AgencyId>,
    reach: Option<AgencyId>,
}

impl Asked {
    fn read(by: &AsAdministrator, fields: &Fields) -> Self {
        let days = fields.text("days").parse().unwrap_or(DAYS).clamp(1, forecast::LONGEST);
        let reach = by.administrator.reach();
        let agency = fields.get("agency").and_then(|id| id.parse().ok()).filter(|id| reach.covers(Some(*id)));
        Self { days, agency, reach: agency.or(reach.agency()) }
    }
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let asked = Asked::read(&by, &query_of(query)?);
    let forecast = forecast::forecast(&app, asked.reach, asked.days).await?;
    let agencies = use_cases::agencies_within_reach(&app, &by.administrator).await?;
    let total = |count: fn(&forecast::Day) -> u64| t.number(forecast.values().map(count).sum());
    let agency = asked.agency.map(|id| format!("&agency={id}")).unwrap_or_default();
    html(&ForecastPage {
        t,
        page: super::frame(&app, &by).await?,
        days: asked.days,
        warned: total(|day| day.warned),
        locked: total(|day| day.locked),
        lines: lines(t, &forecast, &agencies),
        export: format!("{}?days={}{agency}", urls::FORECAST_CSV, asked.days),
        agencies: agencies.into_iter().map(|agency| Choice::of_agency(agency, asked.agency)).collect(),
    })
}

/// The same as CSV: one line a day.
pub(in crate::web) async fn export(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = Asked::read(&by, &query_of(query)?);
    let forecast = forecast::forecast(&app, asked.reach, asked.days).await?;
    let mut text = String::from("\u{FEFF}date,warned,locked,over_the_brake\r\n");
    for (date, day) in &forecast {
        let over = if day.is_over_the_brake { "yes" } else { "no" };
        let _ = write!(text, "{date},{},{},{over}\r\n", day.warned, day.locked);
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"forecast.csv\""),
    ];
    Ok((headers, text).into_response())
}

fn lines(t: Lang, forecast: &Forecast, agencies: &[crate::domain::agency::Agency]) -> Vec<DayLine> {
    let line = |(date, day): (&time::Date, &forecast::Day)| {
        let who = day.who.iter().map(|locked| WhoLine {
            href: urls::account(locked.id),
            name: locked.name.clone(),
            address: locked.address.clone(),
            agency: effect::name(t, locked.agency, agencies),
            rule: t.rule(locked.rule),
        });
        let more = day.locked.saturating_sub(u64::try_from(day.who.len()).unwrap_or(0));
        DayLine {
            day: t.day(*date),
            warned: t.number(day.warned),
            locked: t.number(day.locked),
            over_brake: day.is_over_the_brake,
            who: who.collect(),
            more: (more > 0).then(|| t.forecast_more(&t.number(more))),
        }
    };
    forecast.iter().map(line).collect()
}
