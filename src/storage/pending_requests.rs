//! Authorization requests that wait for the person, by the digest of the id that the browser carries.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, SessionId};
use crate::domain::oauth::answer::ResponseMode;
use crate::domain::oauth::claims_request::{AcrWish, ClaimsRequest};
use crate::domain::oauth::grant::PendingRequest;
use crate::domain::oauth::request::{Prompt, Request};
use crate::domain::oauth::response_type::ResponseType;
use crate::domain::oauth::scope::Scopes;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

statements! {
    KEEP = "INSERT INTO pending_request (id, client_id, redirect_uri, response_mode, state, scopes, nonce, \
            code_challenge, prompt_login, max_age, login_hint, ui_locales, subject, seen_session, created_at, expires_at, \
            details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    PENDING = "SELECT client_id, redirect_uri, response_mode, state, scopes, nonce, code_challenge, prompt_login, \
               max_age, login_hint, ui_locales, subject, seen_session, created_at, expires_at, details, agreed_by, \
               chosen_session \
               FROM pending_request WHERE id = $1 AND expires_at > $2";
    CHOOSE = "UPDATE pending_request SET chosen_session = $2 WHERE id = $1 AND expires_at > $3";
    AGREE = "UPDATE pending_request SET agreed_by = $2 WHERE id = $1 AND expires_at > $3";
    ANSWERED = "DELETE FROM pending_request WHERE id = $1";
    FORGET = "DELETE FROM pending_request WHERE expires_at < $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    client_id: String,
    redirect_uri: String,
    response_mode: String,
    state: Option<String>,
    scopes: String,
    nonce: Option<String>,
    code_challenge: Option<String>,
    prompt_login: bool,
    max_age: Option<i64>,
    login_hint: Option<String>,
    ui_locales: Option<String>,
    subject: Option<String>,
    seen_session: Option<String>,
    created_at: i64,
    expires_at: i64,
    details: String,
    agreed_by: Option<String>,
    chosen_session: Option<String>,
}

/// What is kept beyond the columns; each member has a default, for a request that waits through an upgrade.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Details {
    response_type: ResponseType,
    consent: bool,
    select_account: bool,
    /// All sessions that the browser held; the first is in a column too.
    seen: Vec<String>,
    acr: Option<AcrWish>,
    claims: ClaimsRequest,
    dpop_jkt: Option<String>,
    resource: Option<String>,
    pushed: Option<String>,
}

/// Keeps a pending request under the digest of its id.
pub async fn keep(db: &Db, digest: &str, pending: &PendingRequest) -> Result<(), StorageError> {
    let request = &pending.request;
    let details = Details {
        response_type: request.response_type,
        consent: request.prompt.consent,
        select_account: request.prompt.select_account,
        seen: pending.seen.iter().map(ToString::to_string).collect(),
        acr: request.acr.clone(),
        claims: request.claims.clone(),
        dpop_jkt: request.dpop_jkt.clone(),
        resource: request.resource.clone(),
        pushed: pending.pushed.clone(),
    };
    db.write(
        KEEP,
        &args![
            digest,
            pending.client,
            &pending.redirect_uri,
            pending.mode.code(),
            &pending.state,
            request.scopes.to_string(),
            &request.nonce,
            &request.code_challenge,
            request.prompt.login,
            request.max_age,
            &request.login_hint,
            &request.ui_locales,
            &pending.subject,
            pending.seen.first().copied(),
            pending.created_at,
            pending.expires_at,
            serde_json::to_string(&details).unwrap_or_default(),
        ],
    )
    .await
    .map(|_| ())
}

/// The pending request under this digest, unless it has expired.
pub async fn pending(db: &Db, digest: &str, now: Timestamp) -> Result<Option<PendingRequest>, StorageError> {
    let Some(row) = db.find::<Row>(PENDING, &args![digest, now]).await? else { return Ok(None) };
    let bad = |column| StorageError::corrupt("pending_request", column, digest);
    let details: Details = serde_json::from_str(&row.details).map_err(|_| bad("details"))?;
    let seen = details.seen.iter().chain(row.seen_session.iter().filter(|_| details.seen.is_empty()));
    let seen: Result<_, _> = seen.map(|id| id.parse()).collect();
    Ok(Some(PendingRequest {
        client: row.client_id.parse().map_err(|_| bad("client_id"))?,
        redirect_uri: row.redirect_uri,
        mode: ResponseMode::from_code(&row.response_mode).ok_or_else(|| bad("response_mode"))?,
        state: row.state,
        request: Request {
            response_type: details.response_type,
            scopes: Scopes::parse(&row.scopes),
            nonce: row.nonce,
            code_challenge: row.code_challenge,
            // A request with prompt=none never waits.
            prompt: Prompt {
                none: false,
                login: row.prompt_login,
                consent: details.consent,
                select_account: details.select_account,
            },
            max_age: row.max_age,
            login_hint: row.login_hint,
            id_token_hint: None,
            ui_locales: row.ui_locales,
            acr: details.acr,
            claims: details.claims,
            dpop_jkt: details.dpop_jkt,
            resource: details.resource,
        },
        subject: row.subject,
        seen: seen.map_err(|_| bad("seen"))?,
        chosen: row
            .chosen_session
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|_| bad("chosen_session"))?,
        agreed: row.agreed_by.as_deref().map(str::parse).transpose().map_err(|_| bad("agreed_by"))?,
        pushed: details.pushed,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
    }))
}

/// Records which of the browser's sessions the person has chosen; tells whether the request still waits.
pub async fn choose(db: &Db, digest: &str, session: SessionId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(db.write(CHOOSE, &args![digest, session, now]).await? == 1)
}

/// Records that somebody has agreed to the request; tells whether it still waits.
pub async fn agree(
    tx: &mut Tx,
    digest: &str,
    account: AccountId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(AGREE, &args![digest, account, now]).await? == 1)
}

/// Forgets an answered request; tells whether it still waited.
pub async fn answered(tx: &mut Tx, digest: &str) -> Result<bool, StorageError> {
    Ok(tx.write(ANSWERED, &args![digest]).await? == 1)
}

/// Forgets requests that nobody answered; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
