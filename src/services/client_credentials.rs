//! An application in its own name (RFC 6749 §4.4): a token for the scopes that the city registered for it, nothing of any
//! person.

use super::Internal;
use super::access_token::{self, Described};
use super::dpop;
use super::possession::Shown;
use super::token::TokenRefused;
use crate::app::App;
use crate::crypto::token;
use crate::domain::oauth::binding::Binding;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::grant::ClientToken;
use crate::domain::oauth::resource;
use crate::domain::secret::Secret;
use crate::storage::client_tokens;

/// What an application asks for.
pub struct Asked<'a> {
    /// The scopes; without them all that it may have.
    pub scope: Option<&'a str>,
    /// What the token is for.
    pub resource: Option<&'a str>,
    /// What came with it.
    pub shown: Shown,
}

/// What it gets (RFC 6749 §4.4.3).
#[derive(Debug)]
pub struct Given {
    /// The token.
    pub access_token: Secret<String>,
    /// How it is presented.
    pub token_type: &'static str,
    /// Its life in seconds.
    pub expires_in: i64,
    /// What was granted.
    pub scope: String,
}

/// Gives an application a token of its own.
pub async fn give(app: &App, client: &Client, asked: Asked<'_>) -> Result<Given, TokenRefused> {
    const PUBLIC: Refusal =
        Refusal::new(Code::UnauthorizedClient, "A public client has nothing in its own name");
    // RFC 6749 §4.4: confidential clients only.
    if !client.kind.is_confidential() {
        return Err(PUBLIC.into());
    }
    asked.shown.check(client, &Binding::default())?;
    let now = app.now();
    let given = ClientToken {
        client: client.id,
        scope: resource::own_scopes(&client.metadata, asked.scope)?,
        resource: resource::chosen(&client.metadata, asked.resource)?,
        binding: asked.shown.binding(client),
        issued_at: now,
        expires_at: now.plus(app.config.tokens.access),
    };
    let described = Described {
        act: None,
        client,
        subject: client.client_id.as_str(),
        scope: &given.scope,
        resource: given.resource.as_deref(),
        binding: &given.binding,
        expires_at: given.expires_at,
        auth_time: None,
    };
    dpop::use_up(app, asked.shown.held.as_ref()).await?;
    let secret = access_token::make(app, &described).await?;
    client_tokens::insert(&app.db, &given, &token::digest(secret.expose())).await.map_err(Internal::from)?;
    tracing::debug!(client_id = %client.client_id, scope = given.scope, "an application got a token of its own");
    Ok(Given {
        access_token: secret,
        token_type: given.binding.token_type(),
        expires_in: given.expires_at.since(now).whole_seconds(),
        scope: given.scope,
    })
}
