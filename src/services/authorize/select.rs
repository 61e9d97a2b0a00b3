//! With which of the browser's accounts a request goes on (OIDC Core 1.0 §3.1.2.1: `select_account`, `id_token_hint`,
//! `login_hint`).

use super::{Checked, Internal, waiting};
use crate::app::App;
use crate::crypto::token;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::refusals;
use crate::domain::oauth::request::Request;
use crate::services::acting::{self, Chosen};
use crate::services::roster::{self, Roster};
use crate::services::session::Current;
use crate::services::{keys, subjects};
use crate::storage::{clients, pending_requests};
use serde::Deserialize;

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
        return Ok(standing_for(app, &checked.client, subject, roster).await?.or(first));
    }
    let hint = checked.request.login_hint.as_deref();
    if let Some(hinted) = hint.and_then(|hint| roster.with_address(hint)) {
        return Ok(Some(hinted));
    }
    let last = roster::last_at(app, roster, checked.client.id).await?;
    checked.request.prompt.select_account = last.is_none();
    Ok(last.or(first))
}

/// The account that the application names, or one whose holder goes on as the mailbox that it names.
async fn standing_for<'a>(
    app: &App,
    client: &Client,
    subject: &str,
    roster: &'a Roster,
) -> Result<Option<&'a Current>, Internal> {
    if let Some(named) = roster.with_subject(subject) {
        return Ok(Some(named));
    }
    for current in roster.iter() {
        let chosen = acting::chosen(app, client, current, Some(subject)).await?;
        if chosen.current.account.subject() == subject {
            return Ok(Some(current));
        }
    }
    Ok(None)
}

/// As whom the session goes on to the application: as its holder, or as a mailbox for which they act.
pub(super) async fn as_whom(
    app: &App,
    checked: &Checked,
    current: Option<&Current>,
) -> Result<Option<Chosen>, Internal> {
    let Some(current) = current else { return Ok(None) };
    acting::chosen(app, &checked.client, current, checked.subject.as_deref()).await.map(Some)
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

#[derive(Deserialize)]
struct Hint {
    sub: String,
    aud: String,
    /// Every ID token of the house has it, and nothing else that it signs (UserInfo is signed too).
    #[serde(rename = "auth_time")]
    _auth_time: i64,
}

/// OIDC Core §3.1.2.1, `id_token_hint`: one of ours, however old; §5.5.1: `sub` with a value.
pub(super) async fn hinted(
    app: &App,
    client: &Client,
    request: &Request,
) -> Result<Result<Option<String>, Refusal>, Internal> {
    let named = match &request.claims.subject {
        Some(named) => Some(subjects::public_of(app, client, named).await?),
        None => None,
    };
    let Some(hint) = &request.id_token_hint else { return Ok(Ok(named)) };
    let keys = keys::knowing(app, hint).await.map_err(|e| Internal::new("verifying an ID token hint", e))?;
    let Some(hint) = keys.verify::<Hint>(hint, app.config.server.issuer()) else {
        return Ok(Err(refusals::HINT));
    };
    // What its `sub` means is told by whom it was issued to.
    let meant = match clients::by_client_id(&app.db, &hint.aud).await? {
        Some(audience) => subjects::public_of(app, &audience, &hint.sub).await?,
        None => hint.sub,
    };
    Ok(if named.is_some_and(|named| named != meant) { Err(refusals::TWO_PEOPLE) } else { Ok(Some(meant)) })
}
