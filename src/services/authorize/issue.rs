//! The good answer of the authorization endpoint: a code, tokens, or both (OIDC Core 1.0 §3.1.2.5, §3.2.2.5, §3.3.2.5).

use super::respond::carried;
use super::{Checked, Internal, Outcome, use_up};
use crate::app::App;
use crate::crypto::{jwt, token};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{FamilyId, TokenId};
use crate::domain::oauth::answer::Members;
use crate::domain::oauth::binding::Binding;
use crate::domain::oauth::grant::{Grant, GrantDetails, Token, TokenKind};
use crate::domain::oauth::request::Unproven;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::services::access_token;
use crate::services::roster::Roster;
use crate::services::session::Current;
use crate::services::{id_token, session_state};
use crate::storage::{accounts, applications, audit, clients, grants, pending_requests, tokens};
use time::Duration;

/// The longest life of a code under FAPI 2.0.
const FAPI_CODE: Duration = Duration::seconds(60);

/// What is made of a request, before it is stored.
struct Made {
    grant: Grant,
    code: Secret<String>,
    access: Option<(Secret<String>, Token)>,
}

/// Issues what the request asks for: grant, tokens, end of waiting and audit in one transaction. Of code and token
/// only the digests are stored.
pub(super) async fn issue(
    app: &App,
    checked: &Checked,
    (current, roster): (&Current, &Roster),
    waiting: Option<&str>,
) -> Result<Outcome, Internal> {
    let (now, account) = (app.now(), &current.account);
    // Behind a mailbox stands the person whose session it is.
    let person = if current.session.account_id == account.id() {
        None
    } else {
        accounts::by_id(&app.db, current.session.account_id).await?
    };
    let who = person.as_ref().unwrap_or(account);
    let made = Made::new(app, checked, current).await?;
    // Signed before the transaction opens, so that it stays short.
    let id_token = if checked.request.response_type.id_token() {
        Some(made.id_token(app, checked, current).await?)
    } else {
        None
    };
    let mut tx = app.db.begin().await?;
    if let Some(digest) = waiting
        && !pending_requests::answered(&mut tx, digest).await?
    {
        // Answered meanwhile, in another tab.
        return Ok(Outcome::Gone);
    }
    if !use_up(&mut tx, checked).await? {
        return Ok(Outcome::Gone);
    }
    grants::insert(&mut tx, &made.grant, &token::digest(made.code.expose())).await?;
    if let Some((secret, stored)) = &made.access {
        tokens::insert(&mut tx, stored, made.grant.id, &token::digest(secret.expose()), now).await?;
    }
    if checked.request.response_type.has_tokens() {
        grants::used(&mut tx, &made.grant, now).await?;
    }
    if !clients::take_running(&mut tx, checked.client.id).await? {
        // Stopped or removed meanwhile: nothing of this is kept.
        return Ok(Outcome::Page(Unproven::Stopped));
    }
    let actor = Actor::Holder(who.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::ApplicationEntered, account);
    let entry = entry.with(checked.client.client_id.as_str()).from(&current.session.source);
    audit::append(&mut tx, &[entry]).await?;
    applications::entered(&mut tx, &made.grant).await?;
    tx.commit().await?;
    let mut members = made.members(checked, id_token, now);
    if !checked.client.is_fapi() {
        let (client_id, address) = (checked.client.client_id.as_str(), checked.back.address());
        let state = session_state::session_state(app, client_id, address, &roster.sessions());
        members.extend(state.map(|state| ("session_state", state)));
    }
    let members = checked.back.members(members, app.config.server.issuer());
    Ok(Outcome::Answer(carried(app, &checked.client, &checked.back, members).await?))
}

impl Made {
    async fn new(app: &App, checked: &Checked, current: &Current) -> Result<Self, Internal> {
        let (now, entropy) = (app.now(), app.system.entropy());
        let (grant, code) = (grant(app, checked, current), token::new(entropy));
        if !checked.request.response_type.token() {
            return Ok(Self { grant, code, access: None });
        }
        let stored = Token {
            id: TokenId::new(now, entropy),
            kind: TokenKind::Access,
            scopes: grant.scopes,
            expires_at: now.plus(app.config.tokens.access),
            used_at: None,
            // No proof comes with a request of the browser.
            binding: Binding::default(),
        };
        let secret = access_token::of_grant(app, &checked.client, &current.account, &grant, &stored).await?;
        Ok(Self { grant, code, access: Some((secret, stored)) })
    }

    /// OIDC Core §3.2.2.10, §3.3.2.11: with the hashes of what comes beside it.
    async fn id_token(
        &self,
        app: &App,
        checked: &Checked,
        current: &Current,
    ) -> Result<Secret<String>, Internal> {
        let asked = checked.request.response_type;
        let about = id_token::About {
            client: &checked.client,
            grant: &self.grant,
            holder: &current.account,
            scopes: self.grant.scopes,
            nonce: self.grant.nonce.as_deref(),
            access_token: self.access.as_ref().map(|(secret, _)| secret.expose().as_str()),
            code: asked.code().then(|| self.code.expose().as_str()),
            s_hash: self.grant.details.s_hash.as_deref(),
            with_claims: asked.is_id_token_alone(),
        };
        id_token::sign(app, &about).await
    }

    fn members(&self, checked: &Checked, id_token: Option<Secret<String>>, now: Timestamp) -> Members {
        let mut members = Members::new();
        if checked.request.response_type.code() {
            members.push(("code", self.code.expose().clone()));
        }
        if let Some((secret, stored)) = &self.access {
            // RFC 6749 §4.2.2, OIDC Core §3.2.2.5.
            members.push(("access_token", secret.expose().clone()));
            members.push(("token_type", "Bearer".to_owned()));
            members.push(("expires_in", stored.expires_at.since(now).whole_seconds().to_string()));
            members.push(("scope", stored.scopes.to_string()));
        }
        members.extend(id_token.map(|id_token| ("id_token", id_token.expose().clone())));
        members
    }
}

/// The hash of the `state`, where the application wants it and the request has one.
fn s_hash(checked: &Checked) -> Option<String> {
    let state = checked.back.state().filter(|_| checked.client.metadata.s_hash)?;
    Some(jwt::half_hash(checked.client.metadata.id_token_alg(), state))
}

/// A grant with its code. Where no code is handed out, it counts as used: nobody can redeem it.
fn grant(app: &App, checked: &Checked, current: &Current) -> Grant {
    let (now, request) = (app.now(), &checked.request);
    // FAPI 2.0 §5.3.2.1: sixty seconds at most.
    let longest = if checked.client.is_fapi() { FAPI_CODE } else { Duration::MAX };
    let code_expires_at = now.plus(app.config.tokens.code.min(longest));
    let has_tokens = request.response_type.has_tokens();
    let token_expires_at = if has_tokens { now.plus(app.config.tokens.access) } else { now };
    let stated = request.acr.as_ref().and_then(|wish| wish.stated(current.session.proof));
    Grant {
        id: FamilyId::new(now, app.system.entropy()),
        client: checked.client.id,
        account: current.account.id(),
        session: current.session.id,
        scopes: request.scopes,
        nonce: request.nonce.clone(),
        auth_time: current.session.auth_time,
        proof: current.session.proof,
        redirect_uri: checked.back.address().to_owned(),
        code_challenge: request.code_challenge.clone(),
        details: GrantDetails {
            claims: request.claims.clone(),
            acr: stated.map(str::to_owned),
            dpop_jkt: request.dpop_jkt.clone(),
            resource: request.resource.clone(),
            actor: (current.session.account_id != current.account.id())
                .then(|| current.session.account_id.to_string()),
            s_hash: s_hash(checked),
        },
        created_at: now,
        code_expires_at,
        code_used_at: (!request.response_type.code()).then_some(now),
        expires_at: code_expires_at.max(token_expires_at),
        ended_at: None,
    }
}
