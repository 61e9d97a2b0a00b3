//! The token endpoint's use cases: a code or refresh token exchanged once, a token given back (RFC 6749
//! §3.2, §4.1.3, §6; RFC 7636 §4.6; RFC 7009).

use super::dpop;
use super::possession::Shown;
use super::{Internal, access_token, audience, id_token, userinfo};
use crate::app::App;
use crate::crypto::token;
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::TokenId;
use crate::domain::oauth::binding::Binding;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::grant::{Grant, GrantEnd, Token, TokenKind};
use crate::domain::oauth::request::is_code_verifier;
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::storage::{StorageError, Tx, accounts, audit, client_tokens, grants, sessions, tokens};
use thiserror::Error;

/// Why nothing was issued.
#[derive(Debug, Error)]
pub enum TokenRefused {
    /// The application is told.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for TokenRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// A code, presented.
pub struct PresentedCode {
    /// The code.
    pub code: Secret<String>,
    /// The address to which it went.
    pub redirect_uri: Option<String>,
    /// RFC 7636 §4.5.
    pub verifier: Option<Secret<String>>,
    /// What the tokens shall be for (RFC 8707 §2.2).
    pub resource: Option<String>,
    /// What came with it.
    pub shown: Shown,
}

/// A refresh token, presented.
pub struct PresentedRefresh {
    /// The token.
    pub token: Secret<String>,
    /// Fewer scopes, if fewer are wanted.
    pub scope: Option<String>,
    /// What the tokens shall be for (RFC 8707 §2.2).
    pub resource: Option<String>,
    /// What came with it.
    pub shown: Shown,
}

/// What is issued.
#[derive(Debug)]
pub struct Issued {
    /// Opens UserInfo.
    pub access_token: Secret<String>,
    /// How it is presented (RFC 6749 §7.1, RFC 9449 §5).
    pub token_type: &'static str,
    /// Its life in seconds.
    pub expires_in: i64,
    /// Gives new tokens, once.
    pub refresh_token: Option<Secret<String>>,
    /// Who signed in.
    pub id_token: Secret<String>,
    /// What was granted.
    pub scopes: Scopes,
}

const CODE: Refusal =
    Refusal::new(Code::InvalidGrant, "The code is unknown, expired, used or not for this client");
const REDIRECT: Refusal =
    Refusal::new(Code::InvalidGrant, "redirect_uri is not the one to which the code was sent");
const VERIFIER: Refusal = Refusal::new(Code::InvalidGrant, "code_verifier does not fit the code_challenge");
const DOWNGRADE: Refusal =
    Refusal::new(Code::InvalidGrant, "code_verifier without a code_challenge in the request");
const REFRESH: Refusal =
    Refusal::new(Code::InvalidGrant, "The refresh token is unknown, expired, used or not for this client");
const HOLDER: Refusal = Refusal::new(Code::InvalidGrant, "The person may not sign in at present");
const NOT_ADMITTED: Refusal =
    Refusal::new(Code::InvalidGrant, "The application is not for the agency of this person");
const SCOPE: Refusal = Refusal::new(Code::InvalidScope, "The scope is wider than what was granted");
const NOT_YOURS: Refusal = Refusal::new(Code::InvalidGrant, "The token was not issued to this client");

/// RFC 6749 §4.1.3: a code for tokens, once.
pub async fn redeem(app: &App, client: &Client, presented: &PresentedCode) -> Result<Issued, TokenRefused> {
    let grant = grants::by_code(&app.db, &token::digest(presented.code.expose())).await?.ok_or(CODE)?;
    // RFC 6749 §4.1.3: the code was issued to this client.
    if grant.client != client.id {
        return Err(CODE.into());
    }
    if grant.code_used_at.is_some() {
        return Err(replayed(app, client, &grant, CODE).await);
    }
    let now = app.now();
    if grant.ended_at.is_some() || now >= grant.code_expires_at {
        return Err(CODE.into());
    }
    // RFC 6749 §4.1.3: the redirect_uri is identical.
    if presented.redirect_uri.as_deref() != Some(grant.redirect_uri.as_str()) {
        return Err(REDIRECT.into());
    }
    check_verifier(&grant, presented.verifier.as_ref())?;
    let shown = &presented.shown;
    shown.check(client, &Binding { jkt: grant.details.dpop_jkt.clone(), x5t: None })?;
    check_resource(&grant, presented.resource.as_deref())?;
    if sessions::open(&app.db, grant.session, now).await?.is_none() {
        return Err(HOLDER.into());
    }
    let holder = holder(app, client, &grant).await?;
    dpop::use_up(app, shown.held.as_ref()).await?;
    let asked = Asked {
        scopes: grant.scopes,
        nonce: grant.nonce.as_deref(),
        binding: shown.binding(client),
        with_refresh: client.metadata.allows_grant("refresh_token"),
    };
    let fresh = Fresh::make(app, client, &grant, &holder, &asked).await?;
    let ends_at = fresh
        .refresh
        .as_ref()
        .map_or(fresh.access.1.expires_at, |_| now.plus(app.config.tokens.refresh_life));
    let mut tx = app.db.begin().await?;
    if !grants::redeem(&mut tx, grant.id, now, ends_at).await? {
        drop(tx);
        return Err(lost(app, client, &grant).await);
    }
    fresh.store(&mut tx, &grant, now).await?;
    tx.commit().await?;
    Ok(fresh.issued(now))
}

/// RFC 6749 §6: a refresh token for new tokens, once; the old one ends (RFC 9700 §4.14.2).
pub async fn refresh(
    app: &App,
    client: &Client,
    presented: &PresentedRefresh,
) -> Result<Issued, TokenRefused> {
    let digest = token::digest(presented.token.expose());
    let (old, grant) = tokens::by_digest(&app.db, &digest).await?.ok_or(REFRESH)?;
    let grant = grants::by_id(&app.db, grant).await?.ok_or(REFRESH)?;
    if old.kind != TokenKind::Refresh || grant.client != client.id {
        return Err(REFRESH.into());
    }
    if old.used_at.is_some() {
        return Err(replayed(app, client, &grant, REFRESH).await);
    }
    let now = app.now();
    if grant.ended_at.is_some() || now >= old.expires_at || now >= grant.expires_at {
        return Err(REFRESH.into());
    }
    let shown = &presented.shown;
    shown.check(client, &old.binding)?;
    check_resource(&grant, presented.resource.as_deref())?;
    let scopes = narrowed(&grant, presented.scope.as_deref())?;
    let holder = holder(app, client, &grant).await?;
    dpop::use_up(app, shown.held.as_ref()).await?;
    // FAPI 2.0 §5.3.2.1: the client is bound by its key, so its refresh token stays.
    let rotates = !client.is_fapi();
    // OIDC Core §12.2: an ID token of a refresh has no nonce.
    let asked = Asked { scopes, nonce: None, binding: shown.binding(client), with_refresh: rotates };
    let fresh = Fresh::make(app, client, &grant, &holder, &asked).await?;
    let mut tx = app.db.begin().await?;
    if rotates && !tokens::take(&mut tx, old.id, now).await? {
        drop(tx);
        return Err(replayed(app, client, &grant, REFRESH).await);
    }
    if !grants::take(&mut tx, grant.id).await? {
        return Err(REFRESH.into());
    }
    if !rotates {
        tokens::prolong(&mut tx, old.id, grant.expires_at.min(now.plus(app.config.tokens.refresh_idle)))
            .await?;
    }
    fresh.store(&mut tx, &grant, now).await?;
    tx.commit().await?;
    Ok(fresh.issued(now))
}

/// RFC 7009 §2.1: an application gives a token back. A refresh token takes its whole family with it.
pub async fn revoke(app: &App, client: &Client, presented: &Secret<String>) -> Result<(), TokenRefused> {
    let digest = token::digest(presented.expose());
    let Some((found, grant)) = tokens::by_digest(&app.db, &digest).await? else {
        return revoke_own(app, client, &digest).await;
    };
    let Some(grant) = grants::by_id(&app.db, grant).await? else { return Ok(()) };
    if grant.client != client.id {
        return Err(NOT_YOURS.into());
    }
    let now = app.now();
    let account = accounts::by_id(&app.db, grant.account).await?;
    let mut tx = app.db.begin().await?;
    let ended = match found.kind {
        TokenKind::Access => tokens::revoke(&mut tx, found.id, now).await?,
        TokenKind::Refresh => grants::end(&mut tx, grant.id, GrantEnd::Revoked, now).await?,
    };
    if let (true, Some(account)) = (ended, account) {
        let actor = Actor::Client(client.client_id.to_string());
        let entry = Entry::about(now, actor, Act::ApplicationEnded, &account).with(client.client_id.as_str());
        audit::append(&mut tx, &[entry.because(found.kind.code())]).await?;
    }
    Ok(tx.commit().await?)
}

/// A token that an application has in its own name. RFC 7009 §2.2: an unknown one is as good as revoked.
async fn revoke_own(app: &App, client: &Client, digest: &str) -> Result<(), TokenRefused> {
    match client_tokens::by_digest(&app.db, digest).await? {
        Some(found) if found.client != client.id => Err(NOT_YOURS.into()),
        Some(_) => Ok(client_tokens::revoke(&app.db, digest, app.now()).await?),
        None => Ok(()),
    }
}

/// The person, if they may sign in now and the application is for them.
async fn holder(app: &App, client: &Client, grant: &Grant) -> Result<Account, TokenRefused> {
    let holder = userinfo::holder(app, grant).await?.ok_or(HOLDER)?;
    if audience::admits(app, client, &holder).await? { Ok(holder) } else { Err(NOT_ADMITTED.into()) }
}

/// RFC 7636 §4.6; RFC 9700 §2.1.1: a verifier without a challenge is a downgrade.
fn check_verifier(grant: &Grant, verifier: Option<&Secret<String>>) -> Result<(), Refusal> {
    match (&grant.code_challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(DOWNGRADE),
        (Some(challenge), Some(verifier))
            if is_code_verifier(verifier.expose())
                && token::same(challenge, &token::digest(verifier.expose())) =>
        {
            Ok(())
        }
        (Some(_), _) => Err(VERIFIER),
    }
}

/// RFC 8707 §2.2: a token is for what the authorization request named, and for nothing else.
fn check_resource(grant: &Grant, asked: Option<&str>) -> Result<(), Refusal> {
    const TARGET: Refusal =
        Refusal::new(Code::InvalidTarget, "The resource is not the one of the authorization request");
    let is_good = asked.is_none() || asked == grant.details.resource.as_deref();
    if is_good { Ok(()) } else { Err(TARGET) }
}

/// RFC 6749 §6: nothing that was not granted; unknown values are not granted either.
fn narrowed(grant: &Grant, scope: Option<&str>) -> Result<Scopes, Refusal> {
    let Some(scope) = scope else { return Ok(grant.scopes) };
    let mut values = scope.split(' ').filter(|value| !value.is_empty());
    let granted = values.all(|value| Scope::from_code(value).is_some_and(|scope| grant.scopes.has(scope)));
    if granted { Ok(Scopes::parse(scope).with(Scope::OpenId)) } else { Err(SCOPE) }
}

/// Somebody was faster: with the same code, which is a replay, or with the end of the grant.
async fn lost(app: &App, client: &Client, grant: &Grant) -> TokenRefused {
    match grants::by_id(&app.db, grant.id).await {
        Ok(Some(now)) if now.code_used_at.is_some() => replayed(app, client, grant, CODE).await,
        Ok(_) => CODE.into(),
        Err(error) => error.into(),
    }
}

/// RFC 6749 §4.1.2, RFC 9700 §4.14.2: a code or refresh token came twice, so one of the two was stolen. Everything
/// that grew out of it ends.
async fn replayed(app: &App, client: &Client, grant: &Grant, refusal: Refusal) -> TokenRefused {
    match end_replayed(app, client, grant).await {
        Ok(()) => refusal.into(),
        Err(error) => error.into(),
    }
}

async fn end_replayed(app: &App, client: &Client, grant: &Grant) -> Result<(), StorageError> {
    let now = app.now();
    let account = accounts::by_id(&app.db, grant.account).await?;
    let mut tx = app.db.begin().await?;
    if grants::end(&mut tx, grant.id, GrantEnd::Replayed, now).await?
        && let Some(account) = account
    {
        let actor = Actor::Client(client.client_id.to_string());
        let entry = Entry::about(now, actor, Act::TokenReplayed, &account).with(client.client_id.as_str());
        audit::append(&mut tx, &[entry]).await?;
        tracing::warn!(client_id = %client.client_id, "a code or refresh token came twice; everything it gave ended");
    }
    tx.commit().await
}

/// What the tokens shall be.
struct Asked<'a> {
    scopes: Scopes,
    nonce: Option<&'a str>,
    binding: Binding,
    with_refresh: bool,
}

/// Tokens that are made but not yet stored. They are signed before the transaction opens, so that it stays short.
struct Fresh {
    access: (Secret<String>, Token),
    refresh: Option<(Secret<String>, Token)>,
    id_token: Secret<String>,
}

impl Fresh {
    async fn make(
        app: &App,
        client: &Client,
        grant: &Grant,
        holder: &Account,
        asked: &Asked<'_>,
    ) -> Result<Self, Internal> {
        let (now, life, scopes) = (app.now(), app.config.tokens, asked.scopes);
        let new = |kind, expires_at| {
            let id = TokenId::new(now, app.system.entropy());
            // RFC 9449 §5, RFC 8705 §4: the refresh token of a client that proves itself is bound by that.
            let is_bound = kind == TokenKind::Access || !client.kind.is_confidential();
            let binding = if is_bound { asked.binding.clone() } else { Binding::default() };
            Token { id, kind, scopes, expires_at, used_at: None, binding }
        };
        let stored = new(TokenKind::Access, now.plus(life.access));
        let access = (access_token::of_grant(app, client, holder, grant, &stored).await?, stored);
        let refresh = (asked.with_refresh && grant.scopes.has(Scope::OfflineAccess)).then(|| {
            // A chain that runs already keeps its end.
            let chain_ends =
                if grant.code_used_at.is_some() { grant.expires_at } else { now.plus(life.refresh_life) };
            let stored = new(TokenKind::Refresh, chain_ends.min(now.plus(life.refresh_idle)));
            (token::new(app.system.entropy()), stored)
        });
        let about = id_token::About {
            client,
            grant,
            holder,
            scopes,
            nonce: asked.nonce,
            access_token: Some(access.0.expose().as_str()),
            code: None,
            // The state belongs to the request, not to a refresh.
            s_hash: grant.details.s_hash.as_deref().filter(|_| grant.code_used_at.is_none()),
            with_claims: false,
        };
        let id_token = id_token::sign(app, &about).await?;
        Ok(Self { access, refresh, id_token })
    }

    async fn store(&self, tx: &mut Tx, grant: &Grant, now: Timestamp) -> Result<(), StorageError> {
        for (secret, stored) in std::iter::once(&self.access).chain(&self.refresh) {
            tokens::insert(tx, stored, grant.id, &token::digest(secret.expose()), now).await?;
        }
        grants::used(tx, grant, now).await
    }

    fn issued(self, now: Timestamp) -> Issued {
        let (access_token, access) = self.access;
        Issued {
            access_token,
            token_type: access.binding.token_type(),
            expires_in: access.expires_at.since(now).whole_seconds(),
            refresh_token: self.refresh.map(|(secret, _)| secret),
            id_token: self.id_token,
            scopes: access.scopes,
        }
    }
}
