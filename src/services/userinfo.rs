//! What applications learn of a person (OIDC Core 1.0 §5.1, §5.3, §5.4).

use super::dpop::{self, USE_NONCE};
use super::possession::Shown;
use super::{Internal, acting, audience, keys, posts, reorganisation, session, subjects};
use crate::app::App;
use crate::crypto::token;
use crate::domain::account::{Account, Kind, State};
use crate::domain::id::AccountId;
use crate::domain::name;
use crate::domain::oauth::claims_request::{KNOWN, scope_of};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::grant::{Grant, TokenKind};
use crate::domain::oauth::key::SigningAlg;
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::services::token::TokenRefused;
use crate::storage::{accounts, clients, directory_entries, grants, tokens};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const TOKEN: Refusal = Refusal::new(Code::InvalidToken, "The access token is unknown, expired or revoked");
const ELSEWHERE: Refusal = Refusal::new(Code::InvalidToken, "The access token is for another resource");
const HOLDER: Refusal = Refusal::new(Code::InvalidToken, "The person may not sign in at present");

/// UserInfo, as the application asked for it at its registration.
#[derive(Debug)]
pub enum UserInfo {
    /// JSON.
    Claims(Map<String, Value>),
    /// A signed JWT (OIDC Core §5.3.2).
    Signed(String),
}

/// What an access token opens: `sub` and the claims of its scopes. `shown` is what came with it.
pub async fn userinfo(
    app: &App,
    access_token: &Secret<String>,
    shown: &Shown,
) -> Result<UserInfo, TokenRefused> {
    let digest = token::digest(access_token.expose());
    let (found, grant) = tokens::by_digest(&app.db, &digest).await?.ok_or(TOKEN)?;
    if found.kind != TokenKind::Access || app.now() >= found.expires_at {
        return Err(TOKEN.into());
    }
    shown.open(&found.binding)?;
    let grant = grants::by_id(&app.db, grant).await?.ok_or(TOKEN)?;
    if grant.ended_at.is_some() {
        return Err(TOKEN.into());
    }
    // RFC 8707 §2: whoever holds a token for another resource is no friend of this one.
    if grant.details.resource.is_some() {
        return Err(ELSEWHERE.into());
    }
    let holder = holder(app, &grant).await?.ok_or(HOLDER)?;
    let client = clients::by_id(&app.db, grant.client).await?.ok_or(TOKEN)?;
    // RFC 9449 §9.
    if client.metadata.dpop_nonce_required && shown.held.as_ref().is_some_and(|held| !held.has_nonce) {
        return Err(USE_NONCE.into());
    }
    dpop::use_up(app, shown.held.as_ref()).await?;
    let mut claims = claims(app, &holder, found.scopes, &grant.details.claims.userinfo).await?;
    if !audience::admits(app, &client, &holder).await? {
        return Err(HOLDER.into());
    }
    claims.insert("sub".to_owned(), subjects::of(app, &client, &holder).await?.into());
    // RFC 8693 §4.1: who acts for the mailbox.
    if let Some(act) = acting::act(app, &client, &grant, found.scopes).await? {
        claims.insert("act".to_owned(), act);
    }
    Ok(answer(app, &client, claims).await?)
}

/// OIDC Core §5.3.2: signed, with `iss` and `aud`, if the application registered an algorithm for it.
async fn answer(app: &App, client: &Client, mut claims: Map<String, Value>) -> Result<UserInfo, Internal> {
    let registered = client.metadata.userinfo_signed_response_alg.as_deref();
    let Some(alg) = registered.and_then(SigningAlg::from_code) else { return Ok(UserInfo::Claims(claims)) };
    claims.insert("iss".to_owned(), app.config.server.issuer().into());
    claims.insert("aud".to_owned(), client.client_id.as_str().into());
    let keys = keys::that_sign(app, alg).await.map_err(|e| Internal::new("signing UserInfo", e))?;
    keys.sign(alg, &claims).map(UserInfo::Signed).map_err(|e| Internal::new("signing UserInfo", e))
}

/// The account of a grant, if its holder may sign in now; of a mailbox's, if the person behind it may, and may still act
/// for it.
pub(super) async fn holder(app: &App, grant: &Grant) -> Result<Option<Account>, Internal> {
    if let Some(actor) = &grant.details.actor {
        let may = match actor.parse() {
            Ok(id) => who_may_sign_in(app, id).await?.is_some(),
            Err(_) => false,
        };
        if !may || acting::behind(app, grant).await?.is_none() {
            return Ok(None);
        }
    }
    who_may_sign_in(app, grant.account).await
}

/// The account, if its holder may sign in now. A deadline that has passed locks it, even if the job is late.
async fn who_may_sign_in(app: &App, id: AccountId) -> Result<Option<Account>, Internal> {
    let Some(account) = accounts::by_id(&app.db, id).await? else { return Ok(None) };
    // A term that is over lets nobody on, even while the lock waits for the opening hour.
    if session::passes(app, &account, "deadline").await? != Some(false) {
        return Ok(None);
    }
    Ok(Some(account).filter(|account| matches!(account.state(), State::Active { .. })))
}

/// The claims of the scopes, and single ones beside them; one without a value is left out (OIDC Core §5.3.2).
pub(super) async fn claims(
    app: &App,
    account: &Account,
    scopes: Scopes,
    beside: &BTreeSet<String>,
) -> Result<Map<String, Value>, Internal> {
    let is_wanted =
        |name: &str| beside.contains(name) || scope_of(name).is_some_and(|scope| scopes.has(scope));
    let mut claims = about_the_person(app, account);
    if is_wanted("updated_at") {
        let changed_at = directory_entries::changed_at(&app.db, account.id()).await?;
        claims.insert("updated_at".to_owned(), changed_at.map(Timestamp::seconds).into());
    }
    if KNOWN.iter().any(|(name, scope)| *scope == Scope::Agency && is_wanted(name)) {
        claims.extend(about_the_post(app, account).await?);
    }
    claims.retain(|name, value| is_wanted(name) && !value.is_null());
    Ok(claims)
}

/// OIDC Core §5.1, and what the city's applications know people by today.
fn about_the_person(app: &App, account: &Account) -> Map<String, Value> {
    let profile = account.profile();
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("name", profile.display_name.as_str().into());
    if profile.kind == Kind::Person {
        let parts = name::parts(&profile.display_name);
        set("family_name", parts.family.into());
        set("middle_name", parts.middle.into());
        // In Viet Nam people are called by their given name.
        set("nickname", parts.given.into());
        set("given_name", parts.given.into());
    }
    set("preferred_username", profile.address.as_str().into());
    set("upn", profile.address.as_str().into());
    set("account_kind", profile.kind.code().into());
    // OIDC Core §5.1: a page about whoever is signed in; what the body publishes to which they belong.
    set("profile", app.config.oidc.profile_page.as_deref().into());
    set("website", app.config.oidc.website.as_deref().into());
    // The city has one time zone; its names and posts are in Vietnamese.
    set("zoneinfo", "Asia/Ho_Chi_Minh".into());
    set("locale", "vi-VN".into());
    set("email", profile.address.as_str().into());
    // The city's own mail systems say so.
    set("email_verified", true.into());
    claims
}

/// Agency and posts: those of the post in which the person works, and all of them, that one first.
async fn about_the_post(app: &App, account: &Account) -> Result<Map<String, Value>, Internal> {
    let all = posts::of(app, account).await?;
    let agency = all.first().and_then(|post| post.agency.as_ref());
    let former = reorganisation::former_codes(app, account).await?;
    let mut claims = Map::new();
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    if let Some(agency) = agency {
        set("agency", json!({ "code": &agency.code, "name": &agency.name }));
        set("agency_code", agency.code.as_str().into());
        set("agency_name", agency.name.as_str().into());
        // Applications that know people by the code of before are told it for a while; another post has no code of before.
        let is_directory = all.first().is_some_and(|post| post.id.is_none());
        set("agency_code_former", former.into_iter().next().filter(|_| is_directory).into());
    }
    let listed: Vec<_> = all
        .iter()
        .filter_map(|post| {
            let mut listed = Map::from_iter([("title".to_owned(), post.title.as_deref()?.into())]);
            if let Some(agency) = &post.agency {
                listed.insert("agency_code".to_owned(), agency.code.as_str().into());
                listed.insert("agency_name".to_owned(), agency.name.as_str().into());
            }
            Some(Value::Object(listed))
        })
        .collect();
    if !listed.is_empty() {
        set("posts", listed.into());
    }
    Ok(claims)
}
