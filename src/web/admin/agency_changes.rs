//! Agencies that were or will be renamed, merged, split or moved, and the form that draws one up.

use super::agency_change::address;
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar_rules::read_date;
use crate::domain::reorganisation::{FORMER_DAYS, Kind, Stage};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts;
use crate::services::reorganisation::{self, Reorganisation, ReorganisationRefused as Refused, Wish};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// How the boxes of the agencies that are merged are named: this and the id.
const BOX: &str = "merged.";

/// An agency to choose.
struct Choice {
    id: String,
    name: String,
    chosen: bool,
    ticked: bool,
    above: bool,
}

/// One of the latest.
struct Row {
    href: String,
    title: String,
    day: String,
    asked: String,
    why: String,
    badge: &'static str,
    stage: &'static str,
}

/// The form, as it was typed.
struct Draft {
    kind: Kind,
    title: &'static str,
    agencies: Vec<Choice>,
    code: String,
    name: String,
    addresses: String,
    post: String,
    carries: bool,
    day: String,
    days: String,
}

#[derive(Template)]
#[template(path = "admin/agency_changes.html")]
struct ChangesPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    chips: Vec<(String, &'static str, bool)>,
    draft: Option<Draft>,
    rows: Vec<Row>,
}

/// Shows the latest, with the form if one was asked for.
pub(in crate::web) async fn list(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    page(&app, &by, &query, (StatusCode::OK, None)).await
}

/// Draws one up.
pub(in crate::web) async fn draft(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let drawn = match wish(&fields) {
        Some(wish) => reorganisation::draft(&app, &by.administrator, &wish).await,
        None => Err(Refused::NoAgency),
    };
    let words = match drawn {
        Ok(id) => return Ok(Redirect::to(&address(id)).into_response()),
        Err(Refused::Internal(internal)) => return Err(internal.into()),
        Err(Refused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(Refused::NotFound) => return Err(Failure::NotFound),
        Err(refused) => in_words(t, &refused),
    };
    let answer = (StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::warn(words)));
    page(&app, &by, &fields, answer).await
}

/// What is asked for; `None` without an agency of the list. A day that cannot be read is none to come.
fn wish(fields: &Fields) -> Option<Wish> {
    let ticked = fields.iter().filter_map(|(name, _)| name.strip_prefix(BOX));
    let merged: Result<Vec<AgencyId>, _> = ticked.map(str::parse).collect();
    let under: Result<Option<AgencyId>, _> = fields.get("under").map(str::parse).transpose();
    Some(Wish {
        kind: Kind::from_code(fields.text("kind"))?,
        agency: fields.text("agency").parse().ok()?,
        merged: merged.ok()?,
        under: under.ok()?,
        code: fields.text("code").to_owned(),
        name: fields.text("name").to_owned(),
        addresses: fields.text("addresses").to_owned(),
        post: fields.text("post").to_owned(),
        carries_roles: fields.text("roles") == "carry",
        day: read_date(fields.text("day").trim()).unwrap_or(time::Date::MIN),
        former_days: fields.text("days").trim().parse().unwrap_or(-1),
    })
}

fn in_words(t: Lang, refused: &Refused) -> String {
    match refused {
        Refused::BadCode => t.change_bad_code().to_owned(),
        Refused::CodeTaken(code) => t.change_code_taken(code),
        Refused::NoName => t.change_no_name().to_owned(),
        Refused::NameTaken(name) => t.change_name_taken(name),
        Refused::Circle => t.change_circle().to_owned(),
        Refused::Nothing => t.change_nothing().to_owned(),
        Refused::NoDay => t.change_no_day().to_owned(),
        Refused::BadDays => t.change_bad_days().to_owned(),
        Refused::Strangers(who) => t.change_strangers(&who.join(", ")),
        Refused::Nobody => t.change_nobody().to_owned(),
        Refused::TooMany => t.change_too_many().to_owned(),
        Refused::NoAgency => t.change_no_agency().to_owned(),
        _ => t.change_gone().to_owned(),
    }
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let kind = Kind::from_code(fields.text("kind"));
    let may_draw = by.administrator.reach().is_city() && by.administrator.may(Right::ManageAgency);
    let rows = reorganisation::latest(app, &by.administrator).await?;
    let draft = match kind.filter(|_| may_draw) {
        Some(kind) => Some(typed(app, t, kind, fields).await?),
        None => None,
    };
    let chip = |one: &Kind| {
        let address = format!("{}?kind={}", urls::AGENCY_CHANGES, one.code());
        (address, t.change_kind(*one), kind == Some(*one))
    };
    let frame = super::frame(app, by).await?;
    let page = ChangesPage {
        t,
        page: super::at(frame, t, urls::AGENCY_CHANGES),
        notice,
        chips: if may_draw { Kind::ALL.iter().map(chip).collect() } else { Vec::new() },
        draft,
        rows: rows.into_iter().map(|one| row(t, one)).collect(),
    };
    html_with(status, &page)
}

async fn typed(app: &App, t: Lang, kind: Kind, fields: &Fields) -> Result<Draft, Failure> {
    let choice = |agency: crate::domain::agency::Agency| {
        let id = agency.id.to_string();
        Choice {
            chosen: fields.text("agency") == id,
            ticked: fields.get(&format!("{BOX}{id}")).is_some(),
            above: fields.text("under") == id,
            name: agency.name,
            id,
        }
    };
    let text = |name: &str| fields.text(name).to_owned();
    let today = t.date(app.now().local_date());
    Ok(Draft {
        kind,
        title: t.change_kind(kind),
        agencies: accounts::agencies(app).await?.into_iter().map(choice).collect(),
        code: text("code"),
        name: text("name"),
        addresses: text("addresses"),
        post: text("post"),
        carries: fields.text("roles") == "carry",
        day: fields.get("day").map_or(today, str::to_owned),
        days: fields.get("days").map_or_else(|| FORMER_DAYS.to_string(), str::to_owned),
    })
}

fn row(t: Lang, one: Reorganisation) -> Row {
    Row {
        href: address(one.id),
        title: format!("{}: {}", t.change_kind(one.kind), one.name),
        day: t.change_on_day(&t.date(one.day)),
        asked: format!("{} · {}", t.moment(one.created_at.local()), one.asked_as),
        why: one.why.unwrap_or_default(),
        badge: badge(one.stage),
        stage: t.change_stage_of(one.stage),
    }
}

/// The class of a badge.
pub(super) const fn badge(stage: Stage) -> &'static str {
    match stage {
        Stage::Draft | Stage::Withdrawn => "is-off",
        Stage::Planned | Stage::Running | Stage::Undoing => "is-info",
        Stage::Done => "is-ok",
        Stage::Undone | Stage::Orphaned => "is-warn",
        Stage::Stopped => "is-danger",
    }
}
