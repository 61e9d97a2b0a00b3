//! The working calendar: twelve months at a glance, where each day comes from, the forms that change it, its export.

use super::Choice;
use super::calendar_view::{self as view, DayLine, LegendLine, MonthView, Unsettled};
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar::DayKind;
use crate::domain::policy::calendar_rules::YEARS;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts;
use crate::services::calendar::{self, Listing, Year};
use crate::services::calendar_changes::By;
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// A step that a listed day allows, as the button of a small form.
struct Act {
    what: &'static str,
    word: &'static str,
    is_danger: bool,
}

/// A listed day with the steps it allows.
struct DayRow {
    line: DayLine,
    acts: Vec<Act>,
}

/// What came of a form, if one was sent, and what stood in it.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) status: StatusCode,
    pub(super) notices: Vec<Notice>,
    /// The fields, to be shown again.
    pub(super) sent: Fields,
}

impl Shown {
    /// What stood in a field of a form, if that form was sent.
    fn value(&self, form: &str, field: &str) -> &str {
        if self.is(form) { self.sent.text(field) } else { "" }
    }

    /// Whether this form was sent.
    fn is(&self, form: &str) -> bool {
        self.sent.text("what") == form
    }
}

#[derive(Template)]
#[template(path = "admin/calendar.html")]
struct CalendarPage {
    t: Lang,
    page: Frame,
    shown: Shown,
    title: String,
    unsettled: Option<Unsettled>,
    year: i32,
    agency: String,
    whose: String,
    choices: Vec<Choice>,
    previous: Option<String>,
    next: Option<String>,
    export: String,
    week: Vec<(&'static str, &'static str)>,
    months: Vec<MonthView>,
    legend: Vec<LegendLine>,
    rows: Vec<DayRow>,
    kinds: Vec<(&'static str, &'static str)>,
    open: Vec<DayLine>,
    strikable: Vec<DayLine>,
    may_enter: bool,
    may_decide: bool,
}

/// Which year of whose calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) year: i32,
    pub(super) agency: Option<AgencyId>,
}

impl Place {
    /// Reads it; a year that is not understood is the present one, an agency that is not understood is not found.
    pub(super) fn read(app: &App, fields: &Fields) -> Result<Self, Failure> {
        let year = fields.text("year").parse().ok().filter(|year| YEARS.contains(year));
        let agency = fields.get("agency").map(str::parse).transpose().map_err(|_| Failure::NotFound)?;
        Ok(Self { year: year.unwrap_or_else(|| app.now().local_date().year()), agency })
    }

    /// Its address.
    pub(super) fn address(self) -> String {
        urls::calendar(self.year, self.agency)
    }
}

/// Shows a year.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = by.visitor.lang;
    let notices = match query.text("note") {
        "done" => vec![Notice::ok(t.calendar_done())],
        _ => Vec::new(),
    };
    let place = Place::read(&app, &query)?;
    page(&app, &by, place, Shown { notices, ..Shown::default() }).await
}

/// Gives a year as a table.
pub(in crate::web) async fn export(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let year = Place::read(&app, &query_of(query)?)?.year;
    let table = calendar::export(&app, By::Administrator(&by.administrator), Some(year)).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"lich-lam-viec-{year}.csv\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, table).into_response())
}

/// The page of a year.
pub(super) async fn page(
    app: &App,
    by: &AsAdministrator,
    place: Place,
    shown: Shown,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let asks = By::Administrator(&by.administrator);
    let year = calendar::year(app, asks, place.year, place.agency).await?.ok_or(Failure::NotFound)?;
    let choices = choices(app, by, place).await?;
    let (may_enter, may_decide) = rights(by, place);
    let own = |listing: &&Listing| listing.agency_id == place.agency;
    let line = |listing: &Listing| view::day_line(t, &year, listing, place.agency);
    let beside = |year: i32| YEARS.contains(&year).then(|| urls::calendar(year, place.agency));
    let page = CalendarPage {
        t,
        page: frame(app, by, &place.address()).await?,
        title: t.calendar_title(place.year),
        unsettled: Unsettled::new(app, t, Some(place.year)),
        year: place.year,
        agency: place.agency.map(|id| id.to_string()).unwrap_or_default(),
        whose: choices
            .iter()
            .find(|choice| choice.chosen)
            .map(|choice| choice.word.clone())
            .unwrap_or_default(),
        choices,
        previous: beside(place.year - 1),
        next: beside(place.year + 1),
        export: format!("{}?year={}", urls::CALENDAR_EXPORT, place.year),
        week: view::week(t),
        months: view::months(t, &year),
        legend: view::legend(t),
        rows: rows(t, by, &year, place),
        kinds: kinds(t, place),
        open: year.days.iter().filter(own).filter(|day| !day.day.confirmed).map(line).collect(),
        strikable: year.days.iter().filter(own).filter(|day| day.strike.is_none()).map(line).collect(),
        may_enter,
        may_decide,
        shown,
    };
    html_with(page.shown.status, &page)
}

/// The frame of a page that may answer a form, whose own address shows nothing.
pub(super) async fn frame(app: &App, by: &AsAdministrator, here: &str) -> Result<Frame, Failure> {
    let back: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
    let language = urls::LANGUAGE.replace("{code}", by.visitor.lang.other().code());
    Ok(Frame { other_language: format!("{language}?back={back}"), ..super::frame(app, by).await? })
}

/// Whether the administrator may enter days here, and confirm or strike what others entered.
fn rights(by: &AsAdministrator, place: Place) -> (bool, bool) {
    let is_within = by.administrator.reach().covers(place.agency);
    let may = |right| is_within && by.administrator.may(right);
    (may(Right::EnterDays), may(Right::ConfirmDays))
}

async fn choices(app: &App, by: &AsAdministrator, place: Place) -> Result<Vec<Choice>, Failure> {
    let t = by.visitor.lang;
    let city = Choice {
        value: String::new(),
        word: t.calendar_of_city().to_owned(),
        chosen: place.agency.is_none(),
    };
    let agencies = accounts::agencies_within_reach(app, &by.administrator).await?;
    let agencies = agencies.into_iter().map(|agency| Choice::of_agency(agency, place.agency));
    Ok(std::iter::once(city).chain(agencies).collect())
}

fn kinds(t: Lang, place: Place) -> Vec<(&'static str, &'static str)> {
    let kinds = DayKind::ALL.into_iter().filter(|kind| *kind != DayKind::Worked || place.agency.is_some());
    kinds.map(|kind| (kind.code(), t.day_kind(kind))).collect()
}

fn rows(t: Lang, by: &AsAdministrator, year: &Year, place: Place) -> Vec<DayRow> {
    let (may_enter, may_decide) = rights(by, place);
    let me = By::Administrator(&by.administrator);
    let rows = year.days.iter().map(|listing| {
        let mut acts = Vec::new();
        let mut allow = |is_allowed: bool, what, word, is_danger| {
            if is_allowed && listing.agency_id == place.agency {
                acts.push(Act { what, word, is_danger });
            }
        };
        let (entered, strike) = (&listing.entered, listing.strike.as_ref());
        let is_anothers = strike.is_some_and(|strike| !me.is(strike.account, &strike.by));
        allow(may_decide && is_anothers, "strike", t.calendar_strike(), true);
        allow(may_enter && strike.is_some(), "keep", t.calendar_keep(), false);
        let is_fresh = !listing.day.confirmed && !entered.replaces && me.is(entered.account, &entered.by);
        allow(may_enter && is_fresh, "withdraw", t.calendar_withdraw(), false);
        DayRow { line: view::day_line(t, year, listing, place.agency), acts }
    });
    rows.collect()
}
