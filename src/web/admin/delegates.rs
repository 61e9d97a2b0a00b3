//! Who may act for an agency's mailbox: granted and taken back by whoever administers the agency.

use super::account::{parse, seen};
use crate::app::App;
use crate::domain::id::{AccountId, DelegationId};
use crate::domain::policy::calendar_rules::read_date;
use crate::domain::timestamp::Timestamp;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::acting::{self, DelegationRefused, Named};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// A person.
struct Row {
    id: String,
    name: String,
    address: String,
    until: String,
    by: String,
    why: String,
    /// Why it was to be taken back, if that did not happen.
    ending: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/delegates.html")]
struct DelegatesPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    name: String,
    address: String,
    account: String,
    here: String,
    version: i64,
    rows: Vec<Row>,
    typed: [String; 3],
}

/// What was typed into a form that did nothing.
#[derive(Default)]
struct Typed {
    /// Whom to name, until when, why.
    granting: [String; 3],
    /// Which one to take back, and why.
    ending: Option<(DelegationId, String)>,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = by.visitor.lang;
    let notice = match query.text("note") {
        "granted" => Some(Notice::ok(t.delegates_granted())),
        "ended" => Some(Notice::ok(t.delegates_ended())),
        _ => None,
    };
    page(&app, &by, parse(&id)?, (StatusCode::OK, notice), &Typed::default()).await
}

/// Grants or takes back.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (seen, t) = (seen(parse(&id)?, &fields)?, by.visitor.lang);
    let [person, until, why] = ["person", "until", "why"].map(|name| fields.text(name));
    let mut typed = Typed::default();
    let (result, note) = if let Some(delegation) = fields.get("end") {
        let delegation = delegation.parse().map_err(|_| Failure::NotFound)?;
        typed.ending = Some((delegation, why.to_owned()));
        (acting::end_seen(&app, &by.administrator, seen, delegation, why).await, "ended")
    } else {
        typed.granting = [person, until, why].map(str::to_owned);
        let Ok(until) = end_of(until, app.now()) else {
            let shown = (StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::danger(t.delegates_day())));
            return page(&app, &by, seen.id, shown, &typed).await;
        };
        (acting::grant_seen(&app, &by.administrator, seen, person, (why, until)).await, "granted")
    };
    let shown = match result {
        Ok(()) => return Ok(Redirect::to(&format!("{}?note={note}", here(seen.id))).into_response()),
        Err(refused) => refusal(t, refused)?,
    };
    page(&app, &by, seen.id, shown, &typed).await
}

/// What is said when nothing was done.
fn refusal(t: Lang, refused: DelegationRefused) -> Result<(StatusCode, Option<Notice>), Failure> {
    let words = match refused {
        DelegationRefused::Forbidden(forbidden) => return Err(forbidden.into()),
        DelegationRefused::NotFound => return Err(Failure::NotFound),
        DelegationRefused::Internal(internal) => return Err(internal.into()),
        DelegationRefused::Changed => {
            return Ok((StatusCode::CONFLICT, Some(Notice::warn(t.delegates_changed()))));
        }
        DelegationRefused::NoPerson => t.delegates_no_person(),
        DelegationRefused::NoReason => t.reason_needed(),
        DelegationRefused::Already => t.delegates_already(),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::danger(words))))
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: AccountId,
    (status, notice): (StatusCode, Option<Notice>),
    typed: &Typed,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    // Read before what it is the version of: whatever comes between is noticed.
    let version = acting::version(app, id).await?;
    let found = acting::of_mailbox(app, &by.administrator, id).await?;
    let (mailbox, named) = found.ok_or(Failure::NotFound)?;
    let here = here(id);
    let page = DelegatesPage {
        t,
        page: super::at(super::frame(app, by).await?, t, &here),
        notice,
        name: mailbox.profile().display_name.clone(),
        address: mailbox.profile().address.to_string(),
        account: urls::account(id),
        version,
        rows: named.iter().map(|one| row(t, one, typed.ending.as_ref())).collect(),
        here,
        typed: typed.granting.clone(),
    };
    html_with(status, &page)
}

fn here(id: AccountId) -> String {
    urls::ACCOUNT_DELEGATES.replace("{id}", &id.to_string())
}

fn row(t: Lang, named: &Named, ending: Option<&(DelegationId, String)>) -> Row {
    let (delegation, profile) = (&named.delegation, named.account.profile());
    // The last moment of the last day.
    let last = delegation.ends_at.map(|end| end.minus(time::Duration::microseconds(1)).local_date());
    Row {
        id: delegation.id.to_string(),
        name: profile.display_name.clone(),
        address: profile.address.to_string(),
        until: last.map_or_else(|| t.acting_always().to_owned(), |day| t.acting_until(&t.date(day))),
        by: t.acting_by(&delegation.granted_by, &t.date(delegation.granted_at.local_date())),
        why: delegation.why.clone(),
        ending: ending.filter(|(id, _)| *id == delegation.id).map(|(_, why)| why.clone()),
    }
}

/// The end of a day that was typed, nothing without one; an error for what is no day, or one that is over.
fn end_of(text: &str, now: Timestamp) -> Result<Option<Timestamp>, ()> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let day = read_date(text.trim()).ok_or(())?;
    let end = Timestamp::end_of(day);
    if end > now { Ok(Some(end)) } else { Err(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_ends_with_a_day_that_is_not_over_or_never() {
        let now = Timestamp::from_datetime(time::macros::datetime!(2026-03-02 09:00 +7));
        assert_eq!(end_of("", now), Ok(None));
        let today = Timestamp::end_of(time::macros::date!(2026 - 03 - 02));
        for typed in ["2026-03-02", "02/03/2026", " 2/3/2026 "] {
            assert_eq!(end_of(typed, now), Ok(Some(today)), "{typed:?}");
        }
        for wrong in ["2026-03-01", "01/03/2026", "03/02/2026", "x", "2026-02-30"] {
            assert_eq!(end_of(wrong, now), Err(()), "{wrong:?}");
        }
    }
}
