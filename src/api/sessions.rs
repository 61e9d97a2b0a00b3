//! The open sessions of an account: what the console shows of them, and nothing by which one could be told or entered.
//! Those of the console are not among them: whoever administers is nobody's to learn here.

use super::call::{Call, Named};
use super::paging;
use super::problem::{Kind, Problem};
use crate::app::App;
use crate::domain::audit_record::rfc3339;
use crate::domain::browser::Family;
use crate::domain::session::Session;
use crate::services::session_desk;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// An open session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionTold {
    /// When its holder last proved who they are.
    #[schema(format = DateTime)]
    signed_in_at: String,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    last_used_at: String,
    /// When it ends at the latest.
    #[schema(format = DateTime)]
    ends_at: String,
    /// The network address from which it was opened.
    source: String,
    /// The browser, if it is a known one: `Chrome`.
    browser: Option<&'static str>,
    /// The system that the browser runs on, if it is a known one: `Windows`.
    system: Option<&'static str>,
}

/// The open sessions of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionList {
    /// The sessions, the last used first.
    items: Vec<SessionTold>,
}

/// Lists them.
pub(super) async fn list(State(app): State<App>, call: Call, Named(id): Named) -> Result<Response, Problem> {
    let id = call.account(&app, &id).await?;
    let open = session_desk::of_account(&app, &call.by, id).await?;
    let open = open.ok_or_else(|| Problem::new(Kind::NotFound))?;
    Ok(paging::ok(&SessionList { items: open.iter().map(told).collect() }))
}

fn told(session: &Session) -> SessionTold {
    let family = Family::of(&session.user_agent);
    SessionTold {
        signed_in_at: rfc3339(session.began_at()),
        last_used_at: rfc3339(session.last_seen_at),
        ends_at: rfc3339(session.expires_at),
        source: session.source.clone(),
        browser: family.browser,
        system: family.system,
    }
}
