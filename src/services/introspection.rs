//! What a token is good for (RFC 7662): told to the application that has it, and to resource servers that the city
//! registered for it. To anybody else, and of anything that is good no more, one word: not active.

use super::{Internal, acting, audience, keys, subjects, userinfo};
use crate::app::App;
use crate::crypto::token;
use crate::domain::oauth::binding::Binding;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::grant::TokenKind;
use crate::domain::oauth::metadata::CLIENT_CREDENTIALS;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::storage::{client_tokens, clients, grants, tokens};
use serde_json::{Map, Value, json};

/// What a good token tells.
struct Active {
    client: Client,
    subject: String,
    scope: String,
    resource: Option<String>,
    binding: Binding,
    expires_at: Timestamp,
    kind: TokenKind,
    act: Option<Value>,
}

/// Introspects a token for an application that has proven itself.
pub async fn introspect(
    app: &App,
    by: &Client,
    presented: &Secret<String>,
) -> Result<Map<String, Value>, Internal> {
    let digest = token::digest(presented.expose());
    let active = match of_person(app, &digest).await? {
        Some(active) => Some(active),
        None => of_client(app, &digest).await?,
    };
    let active = active.filter(|active| active.client.id == by.id || by.metadata.may_introspect);
    let mut told = Map::new();
    let mut set = |name: &str, value: Value| told.insert(name.to_owned(), value);
    set("active", active.is_some().into());
    let Some(active) = active else { return Ok(told) };
    let issuer = app.config.server.issuer();
    set("iss", issuer.into());
    set("sub", active.subject.into());
    set("aud", active.resource.as_deref().unwrap_or(issuer).into());
    set("client_id", active.client.client_id.as_str().into());
    set("scope", active.scope.into());
    set("exp", active.expires_at.seconds().into());
    if active.kind == TokenKind::Access {
        set("token_type", active.binding.token_type().into());
    }
    if let Some(act) = active.act {
        // RFC 8693 §4.1.
        set("act", act);
    }
    // RFC 9449 §6.2, RFC 8705 §3.2.
    if let Some(confirmation) = active.binding.confirmation() {
        set("cnf", confirmation);
    }
    Ok(told)
}

/// The same as a signed answer (RFC 9701 §5), for whoever must show it to others.
pub async fn signed(app: &App, by: &Client, told: Map<String, Value>) -> Result<String, Internal> {
    let signing = |e| Internal::new("signing an introspection", e);
    let alg = by.metadata.id_token_alg();
    let keys = keys::that_sign(app, alg).await.map_err(signing)?;
    let claims = json!({
        "iss": app.config.server.issuer(),
        "aud": by.client_id.as_str(),
        "iat": app.now().seconds(),
        "token_introspection": told,
    });
    keys.sign_as(alg, "token-introspection+jwt", &claims)
        .map_err(|e| Internal::new("signing an introspection", e))
}

/// A token behind which is somebody who may sign in now and use the application.
async fn of_person(app: &App, digest: &str) -> Result<Option<Active>, Internal> {
    let Some((found, grant)) = tokens::by_digest(&app.db, digest).await? else { return Ok(None) };
    let Some(grant) = grants::by_id(&app.db, grant).await? else { return Ok(None) };
    let is_over = app.now() >= found.expires_at || grant.ended_at.is_some() || found.used_at.is_some();
    if is_over {
        return Ok(None);
    }
    let Some(client) = clients::by_id(&app.db, grant.client).await? else { return Ok(None) };
    let Some(holder) = userinfo::holder(app, &grant).await? else { return Ok(None) };
    if !audience::admits(app, &client, &holder).await? {
        return Ok(None);
    }
    Ok(Some(Active {
        act: acting::act(app, &client, &grant, found.scopes).await?,
        subject: subjects::of(app, &client, &holder).await?,
        scope: found.scopes.to_string(),
        resource: grant.details.resource,
        binding: found.binding,
        expires_at: found.expires_at,
        kind: found.kind,
        client,
    }))
}

/// A token that an application has in its own name.
async fn of_client(app: &App, digest: &str) -> Result<Option<Active>, Internal> {
    let Some(found) = client_tokens::by_digest(&app.db, digest).await? else { return Ok(None) };
    if app.now() >= found.expires_at {
        return Ok(None);
    }
    let Some(client) = clients::by_id(&app.db, found.client).await? else { return Ok(None) };
    // What the city took back of the registration is gone at once, at resource servers that ask as well.
    let still = |code: &&str| client.metadata.api_scopes.iter().any(|one| one == code);
    let scope = found.scope.split(' ').filter(still).collect::<Vec<_>>().join(" ");
    let has_lost_all = scope.is_empty() && !found.scope.is_empty();
    if has_lost_all || !client.metadata.allows_grant(CLIENT_CREDENTIALS) {
        return Ok(None);
    }
    Ok(Some(Active {
        subject: client.client_id.to_string(),
        scope,
        resource: found.resource,
        binding: found.binding,
        expires_at: found.expires_at,
        kind: TokenKind::Access,
        act: None,
        client,
    }))
}
