//! With which of the browser's accounts a request goes on (OIDC Core 1.0 §3.1.2.1: `select_account`, `id_token_hint`,
//! `login_hint`).

use super::{Checked, Internal, waiting};
use crate::app::App;
use crate::crypto::token;
use crate::services::roster::{self, Roster};
use crate::services::session::Current;
use crate::storage::pending_requests;

/// The account with which a request that comes in is looked at. With several, and nothing that tells which, the person
/// must choose: nobody enters an application with the mailbox of the office in place of their own.
pub(super) async fn pick<'a>(
    app: &App,
    checked: &mut Checked,
    roster: &'a Roster,
) -> Result<Option<&'a Current>, Internal> {
    let first = roster.first();
    if !roster.has_several() || checked.request.prompt.select_account {
        return Ok(first);
    }
    if let Some(subject) = &checked.subject {
        return Ok(roster.with_subject(subject).or(first));
    }
    let hint = checked.request.login_hint.as_deref();
    if let Some(hinted) = hint.and_then(|hint| roster.with_address(hint)) {
        return Ok(Some(hinted));
    }
    let last = roster::last_at(app, roster, checked.client.id).await?;
    checked.request.prompt.select_account = last.is_none();
    Ok(last.or(first))
}

/// The person has chosen an account that is signed in; tells whether the request still waits. The caller has made sure
/// that this browser made the request and holds the session.
pub async fn choose(app: &App, request_id: &str, chosen: &Current) -> Result<bool, Internal> {
    let digest = token::digest(request_id);
    if waiting(app, &digest).await?.is_err() {
        return Ok(false);
    }
    Ok(pending_requests::choose(&app.db, &digest, chosen.session.id, app.now()).await?)
}
