//! One agency: its numbers, its month as a report to print, its administrators, whom its staff ask, its place in the tree.

use super::agencies::{conflicts_note, conflicts_of, share};
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::compliance::Figures;
use crate::domain::id::AgencyId;
use crate::domain::name;
use crate::domain::policy::calendar::add_months;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::compliance::{self, Contact, ContactRefused, Kept, Month, Page};
use crate::services::conflicts;
use crate::urls;
use crate::web::parts::{Notice, count};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use time::{Date, Month as Name};

/// A number with its word.
struct Number {
    word: String,
    alone: String,
    branch: String,
}

/// An agency to go to, or to choose.
struct Other {
    id: String,
    href: String,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "admin/agency.html")]
struct AgencyPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    id: String,
    name: String,
    code: String,
    up: Option<Other>,
    below: Vec<Other>,
    administrators: Vec<(String, String)>,
    people: String,
    conflicts: String,
    conflicts_note: String,
    place: Option<String>,
    numbers: Vec<Number>,
    as_of: String,
    month: String,
    period: String,
    acts: Vec<(String, String)>,
    workbook: String,
    before: String,
    after: Option<String>,
    may_change: bool,
    contact: Contact,
    in_force: Option<String>,
    may_move: bool,
    others: Vec<Other>,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let notice = (query.text("note") == "contact").then(|| Notice::ok(t.agency_contact_saved()));
    page(&app, &by, &id, &query, (StatusCode::OK, notice)).await
}

/// Sets whom its staff ask.
pub(in crate::web) async fn set_contact(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let agency = id_of(&id)?;
    let contact = typed(&fields);
    let wrong = match compliance::set_contact(&app, &by.administrator, agency, &contact).await {
        Ok(()) => return Ok(Redirect::to(&format!("{}?note=contact", urls::agency(agency))).into_response()),
        Err(ContactRefused::NoAgency) => return Err(Failure::NotFound),
        Err(ContactRefused::Denied(denied)) => return Err(denied.into()),
        Err(ContactRefused::TooLong) => t.agency_contact_too_long(),
        Err(ContactRefused::NoUnit) => t.agency_contact_no_unit(),
    };
    let answer = (StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::warn(wrong)));
    page(&app, &by, &id, &fields, answer).await
}

pub(super) fn id_of(text: &str) -> Result<AgencyId, Failure> {
    text.parse().map_err(|_| Failure::NotFound)
}

fn typed(fields: &Fields) -> Contact {
    let line = |name| name::tidy(fields.text(name));
    Contact { unit: line("unit"), phone: line("phone"), hours: line("hours") }
}

/// Any day of the month that is asked for (`2026-11`); this month if none is, or one that has not begun.
pub(super) fn asked_month(query: &Fields, today: Date) -> Date {
    let asked = query.text("month").split_once('-').and_then(|(year, month)| {
        let month = Name::try_from(month.parse::<u8>().ok()?).ok()?;
        Date::from_calendar_date(year.parse().ok().filter(|year| (2000..=9998).contains(year))?, month, 1)
            .ok()
    });
    asked.filter(|day| *day <= today).unwrap_or(today)
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: &str,
    fields: &Fields,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    let (t, today) = (by.visitor.lang, app.now().local_date());
    let agency = id_of(id)?;
    let found = compliance::page(app, &by.administrator, agency, asked_month(fields, today)).await?;
    let Some(found) = found else { return Err(Failure::NotFound) };
    let all = use_cases::agencies_within_reach(app, &by.administrator).await?;
    let up = found.parent.as_ref().map(|parent| parent.id);
    let others = all.into_iter().filter(|one| one.id != agency).map(|one| other(one, up));
    let (frame, counted_at) = (super::frame(app, by).await?, conflicts::counted_at(app).await?);
    let in_force = match (&found.contact, &found.inherited) {
        (Some(_), _) => None,
        (None, Some((from, contact))) => Some(t.agency_contact_inherited(&from.name, &contact.unit)),
        (None, None) => Some(t.agency_contact_city(&app.config.city.support_unit)),
    };
    // Never out of an address: a link would put a foreign telephone number into the form.
    let was_typed = status != StatusCode::OK;
    let contact = if was_typed { Some(typed(fields)) } else { found.contact.clone() };
    let first = found.month.first;
    let asked = |month: Date| format!("?month={:04}-{:02}", month.year(), u8::from(month.month()));
    let at = |month: Date| format!("{}{}", urls::agency(agency), asked(month));
    let next = add_months(first, 1);
    html_with(
        status,
        &AgencyPage {
            t,
            page: super::at(frame, t, &urls::agency(agency)),
            notice,
            id: id.to_owned(),
            name: found.line.agency.name.clone(),
            code: found.line.agency.code.clone(),
            up: found.parent.clone().map(|one| other(one, None)),
            below: found.below.iter().cloned().map(|one| other(one, None)).collect(),
            administrators: found.administrators.clone(),
            people: format!("{}?agency={agency}", urls::ACCOUNTS),
            conflicts: conflicts_of(agency),
            // Of a month that is over, conflicts are as they had been counted then.
            conflicts_note: if next > today { conflicts_note(t, counted_at) } else { String::new() },
            place: found.figures.and_then(|kept| place_of(t, &kept)),
            numbers: found.figures.map(|kept| numbers(t, &kept)).unwrap_or_default(),
            as_of: as_of(t, &found),
            month: month_of(t, first),
            period: period(t, first, today),
            acts: acts(t, &found.month).into_iter().map(|(act, n)| (act, t.number(count(n)))).collect(),
            workbook: format!("{}{}", urls::AGENCY_MONTH_XLSX.replace("{id}", id), asked(first)),
            before: at(first.previous_day().unwrap_or(first)),
            after: (next <= today).then(|| at(next)),
            may_change: by.administrator.may(Right::ManageAgency),
            contact: contact.unwrap_or(Contact {
                unit: String::new(),
                phone: String::new(),
                hours: String::new(),
            }),
            in_force,
            may_move: by.administrator.reach().is_city() && by.administrator.may(Right::ManageAgency),
            others: others.collect(),
        },
    )
}

/// Of which day the figures are; that none were kept, or that they were taken late.
pub(super) fn as_of(t: Lang, found: &Page) -> String {
    let Some(kept) = &found.figures else { return t.agency_figures_not_kept().to_owned() };
    let day = kept.taken_at.local_date();
    if day >= add_months(found.month.first, 1) {
        t.agency_figures_late(&t.date(day))
    } else {
        t.agency_figures_as_of(&t.date(day))
    }
}

/// Its place among the agencies of its sort, in words.
pub(super) fn place_of(t: Lang, kept: &Kept) -> Option<String> {
    kept.place.map(|(place, of)| t.agency_place_of(&place.to_string(), &of.to_string()))
}

/// Which month it is.
pub(super) fn month_of(t: Lang, first: Date) -> String {
    t.agency_month(&format!("{}/{}", u8::from(first.month()), first.year()))
}

/// The days of a month, until today.
pub(super) fn period(t: Lang, first: Date, today: Date) -> String {
    let last = add_months(first, 1).previous_day().unwrap_or(first);
    t.agency_month_period(&t.date(first), &t.date(last.min(today)))
}

fn other(one: crate::domain::agency::Agency, chosen: Option<AgencyId>) -> Other {
    Other {
        id: one.id.to_string(),
        href: urls::agency(one.id),
        chosen: chosen == Some(one.id),
        name: one.name,
    }
}

fn numbers(t: Lang, kept: &Kept) -> Vec<Number> {
    let both = |word: &str, of: &dyn Fn(&Figures) -> String| Number {
        word: word.to_owned(),
        alone: of(&kept.own),
        branch: of(&kept.branch),
    };
    let with_share = |word: &str, part: fn(&Figures) -> i64| {
        both(word, &|f| format!("{} ({})", t.number(count(part(f))), share(t, f, part(f))))
    };
    vec![
        both(t.agency_accounts(), &|f| t.number(count(f.accounts))),
        with_share(t.agency_own_password(), Figures::own_password),
        with_share(t.agency_fresh(), |f| f.fresh),
        with_share(t.agency_second_factor(), |f| f.second_factor),
        with_share(t.agency_dormant(), |f| f.dormant),
        with_share(t.agency_locked(), |f| f.locked),
        both(t.agency_unlock_time(), &|f| {
            f.mean_unlock_seconds().map_or_else(|| "–".to_owned(), |seconds| t.span(seconds))
        }),
        both(t.agency_conflicts(), &|f| t.number(count(f.conflicts))),
    ]
}

/// What happened in a month, in words.
pub(super) fn acts(t: Lang, month: &Month) -> Vec<(String, i64)> {
    let acts = month.acts.iter().filter_map(|(act, number)| Some((t.month_act(*act)?.to_owned(), *number)));
    let locks =
        month.locks.iter().map(|(why, number)| (t.agency_locked_because(t.lock_reason(*why)), *number));
    acts.chain(locks).collect()
}
