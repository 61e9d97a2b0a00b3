//! Who calls: the token of an application in its own name becomes the proof of role that the use cases ask for. Its
//! scopes are the rights, its registration says how far it reaches; both are looked at with every request.

use super::dpop::{self, USE_NONCE};
use super::possession::Shown;
use super::token::TokenRefused;
use super::{Internal, chain, reorganisation, rights};
use crate::app::App;
use crate::crypto::token;
use crate::domain::admin::{Administrator, ApiScope, Reach};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::metadata::{ApiReach, CLIENT_CREDENTIALS};
use crate::domain::secret::Secret;
use crate::domain::throttle::Limit;
use crate::storage::{StorageError, agencies, applications, client_tokens, clients};
use std::collections::BTreeSet;
use std::sync::PoisonError;
use thiserror::Error;
use time::Duration;

/// How often an application may call one node.
const PACE: Limit = Limit { failures: 1_200, window: Duration::minutes(1), pause: Duration::seconds(20) };

/// Where the house answers applications in their own name: the administrators' interface, and SCIM. A token that names a
/// resource names one of these, and opens no other, or the house as a whole.
const INTERFACE: &str = "/api/v1";
const SCIM: &str = "/scim/v2";

const TOKEN: Refusal = Refusal::new(Code::InvalidToken, "The access token is unknown, expired or revoked");
const ELSEWHERE: Refusal = Refusal::new(Code::InvalidToken, "The access token is for another resource");
const NO_REACH: Refusal = Refusal::new(
    Code::InsufficientScope,
    "The city has not said which accounts this client reaches (in the console, or by danang-sso client api)",
);
const NO_SCOPE: Refusal = Refusal::new(Code::InsufficientScope, "The access token lacks the scope");

/// An application that may.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Its proof of role.
    pub by: Administrator,
    /// The application.
    pub client: Client,
    /// The scopes of its token that the city has left it.
    pub scopes: BTreeSet<ApiScope>,
}

/// Why nobody is let in.
#[derive(Debug, Error)]
pub enum CallRefused {
    /// The application is told.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It calls too often; it may again after so many seconds.
    #[error("too many calls")]
    TooMany(i64),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for CallRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<TokenRefused> for CallRefused {
    fn from(refused: TokenRefused) -> Self {
        match refused {
            TokenRefused::Refused(refusal) => Self::Refused(refusal),
            TokenRefused::Internal(internal) => Self::Internal(internal),
        }
    }
}

/// Lets an application in that has the scope; `shown` is what came with its token, and from which network address.
pub async fn enter(
    app: &App,
    access_token: &Secret<String>,
    shown: &Shown,
    (scope, source): (ApiScope, &str),
) -> Result<Caller, CallRefused> {
    let digest = token::digest(access_token.expose());
    let found = client_tokens::by_digest(&app.db, &digest).await?.ok_or(TOKEN)?;
    if app.now() >= found.expires_at {
        return Err(TOKEN.into());
    }
    shown.open(&found.binding)?;
    // RFC 8707 §2: whoever holds a token for another resource is no friend of this one.
    if found.resource.as_deref().is_some_and(|resource| !is_here(app, resource, scope)) {
        return Err(ELSEWHERE.into());
    }
    let client = clients::by_id(&app.db, found.client).await?.ok_or(TOKEN)?;
    // RFC 9449 §9.
    if client.metadata.dpop_nonce_required && shown.held.as_ref().is_some_and(|held| !held.has_nonce) {
        return Err(USE_NONCE.into());
    }
    pace(app, &client)?;
    dpop::use_up(app, shown.held.as_ref()).await?;
    let reach = reach(app, &client).await?.ok_or(NO_REACH)?;
    // Who gets no more tokens in its own name has none that is good.
    if !client.metadata.allows_grant(CLIENT_CREDENTIALS) {
        return Err(TOKEN.into());
    }
    // What the city took back of the registration is gone at once.
    let granted =
        found.scope.split(' ').filter(|code| client.metadata.api_scopes.iter().any(|one| one == code));
    let scopes: BTreeSet<_> = granted.filter_map(ApiScope::from_code).collect();
    let by = Administrator::application(&client, &scopes, reach, source);
    if !scopes.contains(&scope) {
        rights::lacks_scope(app, &by, scope).await;
        return Err(NO_SCOPE.into());
    }
    called(app, &client).await;
    Ok(Caller { by, client, scopes })
}

/// Keeps that an application was let in today, once a day on each node: no call fails or waits for that another time.
async fn called(app: &App, client: &Client) {
    let today = app.now().local_date();
    let kept = app.api_days.lock().unwrap_or_else(PoisonError::into_inner).get(&client.id).copied();
    if kept == Some(today) {
        return;
    }
    if let Err(error) = applications::called(&app.db, client.id, today).await {
        tracing::error!("keeping that an application called: {}", chain(&error));
        return;
    }
    app.api_days.lock().unwrap_or_else(PoisonError::into_inner).insert(client.id, today);
}

/// How far an application reaches; `None` where the city has not said so, or has said an agency that is no more. One
/// that was renamed is reached as long as applications are told its old code; so is the one into which it was merged,
/// if that took its roles over.
async fn reach(app: &App, client: &Client) -> Result<Option<Reach>, StorageError> {
    let code = match &client.metadata.api_reach {
        None => return Ok(None),
        Some(ApiReach::City) => return Ok(Some(Reach::City)),
        Some(ApiReach::Agency(code)) => code,
    };
    let all = agencies::every(&app.db).await?;
    let root = match all.iter().find(|agency| agency.code == *code) {
        Some(agency) => Some(agency.id),
        None => reorganisation::codes(app).await?.reached(code),
    };
    let Some(root) = root else { return Ok(None) };
    Ok(Some(Reach::Branch(agencies::branch(&app.db, root).await?)))
}

/// Whether a resource is where a scope is asked for.
fn is_here(app: &App, resource: &str, scope: ApiScope) -> bool {
    let here = if scope == ApiScope::ScimRead { SCIM } else { INTERFACE };
    let server = &app.config.server;
    let hosts = [server.issuer(), server.admin_url.as_str().trim_end_matches('/')];
    let asked = resource.trim_end_matches('/');
    hosts.iter().any(|host| asked.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest == here))
}

/// Counts one call of an application.
fn pace(app: &App, client: &Client) -> Result<(), CallRefused> {
    let now = app.now();
    let mut all = app.api_counts.lock().unwrap_or_else(PoisonError::into_inner);
    let before = all.get(&client.id).cloned().unwrap_or_default();
    if let Some(until) = before.wait(now) {
        return Err(CallRefused::TooMany(until.since(now).whole_seconds() + 1));
    }
    all.insert(client.id, before.failed(None, PACE, now));
    Ok(())
}
