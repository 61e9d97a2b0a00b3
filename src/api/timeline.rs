//! The timeline of an account: everything that was recorded of it. That an application read it is recorded.

use super::call::{Call, Named, Parameter};
use super::paging::{self, CURSOR};
use super::problem::{Kind, Problem};
use crate::app::App;
use crate::domain::audit_record::rfc3339;
use crate::services::accounts::Line;
use crate::services::timeline::{self, Order};
use crate::urls;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of the timeline.
pub(super) const QUERY: &[Parameter] = &[CURSOR];

/// A line of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TimelineLine {
    /// Its place in the chain of the audit.
    seq: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// The kind of actor.
    actor_kind: String,
    /// The actor's name, if it has one.
    actor: String,
    /// What.
    act: &'static str,
    /// Whom or what.
    subject: String,
    /// The state before.
    before: Option<String>,
    /// The state after, or the detail.
    after: Option<String>,
    /// The reason given.
    reason: Option<String>,
    /// The network address of the visitor.
    source: Option<String>,
}

/// A page of the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TimelinePage {
    /// The lines, the newest first.
    items: Vec<TimelineLine>,
    /// The cursor of the next page; none on the last one.
    next: Option<String>,
}

/// A page of it, the newest lines first.
pub(super) async fn show(State(app): State<App>, call: Call, Named(id): Named) -> Result<Response, Problem> {
    let id = call.account(&app, &id).await?;
    let path = urls::API_ACCOUNT_TIMELINE.replace("{id}", &id.to_string());
    let list = (path.as_str(), QUERY);
    let before = paging::place(&app, &call, list, |text| text.parse::<i64>().ok())?;
    let found = timeline::page(&app, &call.by, id, Order::NewestFirst, before).await?;
    let found = found.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let page = TimelinePage {
        items: found.lines.into_iter().map(line).collect(),
        next: found.next.map(|seq| paging::cursor(&app, &call, list, &seq.to_string())),
    };
    Ok(paging::page(&call, list, &page, page.next.as_deref()))
}

fn line(one: Line) -> TimelineLine {
    TimelineLine {
        seq: one.seq,
        at: rfc3339(one.at),
        actor_kind: one.actor_kind,
        actor: one.actor,
        act: one.act.code(),
        subject: one.subject,
        before: one.before,
        after: one.after,
        reason: one.why,
        source: one.source,
    }
}
