//! What applications learn of a person (OIDC Core 1.0 §5.1, §5.3, §5.4).

use super::{Internal, keys, session, subjects};
use crate::app::App;
use crate::crypto::token;
use crate::domain::account::{Account, State};
use crate::domain::id::AccountId;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::grant::TokenKind;
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::secret::Secret;
use crate::services::token::TokenRefused;
use crate::storage::{accounts, agencies, clients, grants, tokens};
use serde_json::{Map, Value, json};

const TOKEN: Refusal = Refusal::new(Code::InvalidToken, "The access token is unknown, expired or revoked");
const HOLDER: Refusal = Refusal::new(Code::InvalidToken, "The person may not sign in at present");

/// UserInfo, as the application asked for it at its registration.
#[derive(Debug)]
pub enum UserInfo {
    /// JSON.
    Claims(Map<String, Value>),
    /// A signed JWT (OIDC Core §5.3.2).
    Signed(String),
}

/// What an access token opens: `sub` and the claims of its scopes.
pub async fn userinfo(app: &App, access_token: &Secret<String>) -> Result<UserInfo, TokenRefused> {
    let digest = token::digest(access_token.expose());
    let (found, grant) = tokens::by_digest(&app.db, &digest).await?.ok_or(TOKEN)?;
    if found.kind != TokenKind::Access || app.now() >= found.expires_at {
        return Err(TOKEN.into());
    }
    let grant = grants::by_id(&app.db, grant).await?.ok_or(TOKEN)?;
    if grant.ended_at.is_some() {
        return Err(TOKEN.into());
    }
    let holder = holder(app, grant.account).await?.ok_or(HOLDER)?;
    let mut claims = claims(app, &holder, found.scopes).await?;
    let client = clients::by_id(&app.db, grant.client).await?.ok_or(TOKEN)?;
    claims.insert("sub".to_owned(), subjects::of(app, &client, &holder).await?.into());
    Ok(answer(app, &client, claims).await?)
}

/// OIDC Core §5.3.2: signed, with `iss` and `aud`, if the application registered an algorithm for it.
async fn answer(app: &App, client: &Client, mut claims: Map<String, Value>) -> Result<UserInfo, Internal> {
    if client.metadata.userinfo_signed_response_alg.is_none() {
        return Ok(UserInfo::Claims(claims));
    }
    claims.insert("iss".to_owned(), app.config.server.issuer().into());
    claims.insert("aud".to_owned(), client.client_id.as_str().into());
    let keys = keys::current(app).await.map_err(|e| Internal::new("signing UserInfo", e))?;
    keys.sign(&claims).map(UserInfo::Signed).map_err(|e| Internal::new("signing UserInfo", e))
}

/// The account, if its holder may sign in now. A deadline that has passed locks it, even if the job is late.
pub(super) async fn holder(app: &App, id: AccountId) -> Result<Option<Account>, Internal> {
    let Some(account) = accounts::by_id(&app.db, id).await? else { return Ok(None) };
    // A term that is over lets nobody on, even while the lock waits for the opening hour.
    if session::passes(app, &account, "deadline").await? != Some(false) {
        return Ok(None);
    }
    Ok(Some(account).filter(|account| matches!(account.state(), State::Active { .. })))
}

/// The claims of the scopes; one without a value is left out (OIDC Core §5.3.2).
pub(super) async fn claims(
    app: &App,
    account: &Account,
    scopes: Scopes,
) -> Result<Map<String, Value>, Internal> {
    let profile = account.profile();
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    if scopes.has(Scope::Profile) {
        set("name", profile.display_name.as_str().into());
        set("preferred_username", profile.address.as_str().into());
    }
    if scopes.has(Scope::Email) {
        set("email", profile.address.as_str().into());
        // The city's own mail systems say so.
        set("email_verified", true.into());
    }
    if let (true, Some(id)) = (scopes.has(Scope::Agency), profile.agency_id)
        && let Some(agency) = agencies::by_id(&app.db, id).await?
    {
        set("agency", json!({ "code": &agency.code, "name": &agency.name }));
        set("agency_code", agency.code.into());
        set("agency_name", agency.name.into());
    }
    Ok(claims)
}
