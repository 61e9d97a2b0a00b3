//! The audit, searched. That an application read it, and what it asked, is recorded.

use super::call::{Call, Parameter};
use super::paging::{self, CURSOR, List};
use super::problem::Problem;
use crate::app::App;
use crate::domain::audit::Act;
use crate::domain::audit_record::{Record, rfc3339};
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use crate::services::audit_search::{self, Question};
use crate::urls;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// The parameters of a search.
pub(super) const QUERY: &[Parameter] = &[
    ("about", "About whom or what: an address, an account's id, a client_id"),
    ("actor", "Who did it: an address, a client_id, the name of a job"),
    ("source", "From which network address"),
    ("act", "Which act, such as `locked`"),
    ("agency", "About the agency with this id"),
    ("since", "Not before this moment (RFC 3339)"),
    ("until", "Not after this moment (RFC 3339)"),
    CURSOR,
];

const LIST: List<'static> = (urls::API_AUDIT, QUERY);

/// A line of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LineTold {
    /// Its place in the chain.
    seq: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// The kind of actor.
    actor_kind: String,
    /// The actor's name, if it has one.
    actor: String,
    /// What.
    act: String,
    /// Whose account.
    account_id: Option<String>,
    /// Whom or what.
    subject: String,
    /// The agency of that.
    agency_id: Option<String>,
    /// The state before.
    before: Option<String>,
    /// The state after, or the detail.
    after: Option<String>,
    /// The reason given.
    reason: Option<String>,
    /// The network address of the visitor.
    source: Option<String>,
    /// The hash that chains the lines.
    hash: String,
}

/// A page of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditPage {
    /// The lines, the newest first.
    items: Vec<LineTold>,
    /// The cursor of the next page; none on the last one.
    next: Option<String>,
}

/// Fifty lines, the newest first.
pub(super) async fn search(State(app): State<App>, call: Call) -> Result<Response, Problem> {
    let text = |name| call.given(name).unwrap_or_default().chars().take(320).collect::<String>();
    let question = Question {
        about: text("about"),
        actor: text("actor"),
        source: text("source"),
        act: call.word("act", Act::from_code)?,
        agency: call.parsed::<AgencyId>("agency")?,
        since: call.word("since", moment)?,
        until: call.word("until", moment)?,
        without_readings: false,
    };
    let below = paging::place(&app, &call, LIST, |text| text.parse::<i64>().ok())?;
    let asked: Vec<_> =
        call.others(QUERY, CURSOR.0).iter().map(|(name, value)| format!("{name}={value}")).collect();
    let answers = audit_search::page(&app, &call.by, &question, below, &asked.join(" ")).await?;
    let page = AuditPage {
        items: answers.lines.into_iter().map(|found| line(found.record)).collect(),
        next: answers.next.map(|seq| paging::cursor(&app, &call, LIST, &seq.to_string())),
    };
    Ok(paging::page(&call, LIST, &page, page.next.as_deref()))
}

fn moment(text: &str) -> Option<Timestamp> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(Timestamp::from_datetime)
}

fn line(record: Record) -> LineTold {
    LineTold {
        seq: record.seq,
        at: rfc3339(record.at()),
        actor_kind: record.actor_kind,
        actor: record.actor,
        act: record.act,
        account_id: record.account_id,
        subject: record.subject,
        agency_id: record.agency_id,
        before: record.before,
        after: record.after,
        reason: record.why,
        source: record.source,
        hash: record.hash,
    }
}
