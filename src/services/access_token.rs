//! Access tokens: 256 bits of chance, or for applications that are registered so a signed JWT (RFC 9068) of which the house
//! keeps the digest likewise. So both kinds are taken back, and found again, alike.

use super::{Internal, acting, keys, subjects};
use crate::app::App;
use crate::crypto::token;
use crate::domain::account::Account;
use crate::domain::oauth::binding::Binding;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::grant::{Grant, Token};
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use serde_json::{Value, json};

/// What a token says of itself, if it is a JWT.
pub(super) struct Described<'a> {
    /// Whose.
    pub client: &'a Client,
    /// About whom, as the application knows them; the application itself where nobody is behind it.
    pub subject: &'a str,
    /// What it opens.
    pub scope: &'a str,
    /// What it is for.
    pub resource: Option<&'a str>,
    /// To what it is bound.
    pub binding: &'a Binding,
    /// Who acts for the mailbox that the subject is.
    pub act: Option<Value>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the person proved themselves.
    pub auth_time: Option<Timestamp>,
}

/// Makes the one that is kept as `stored`, on behalf of the holder of a grant.
pub(super) async fn of_grant(
    app: &App,
    client: &Client,
    holder: &Account,
    grant: &Grant,
    stored: &Token,
) -> Result<Secret<String>, Internal> {
    let described = Described {
        client,
        subject: &subjects::of(app, client, holder).await?,
        scope: &stored.scopes.to_string(),
        resource: grant.details.resource.as_deref(),
        binding: &stored.binding,
        act: acting::act(app, client, grant, stored.scopes).await?,
        expires_at: stored.expires_at,
        auth_time: Some(grant.auth_time),
    };
    make(app, &described).await
}

/// Makes one.
pub(super) async fn make(app: &App, described: &Described<'_>) -> Result<Secret<String>, Internal> {
    let secret = token::new(app.system.entropy());
    if !described.client.metadata.jwt_access_tokens {
        return Ok(secret);
    }
    let signing = |e| Internal::new("signing an access token", e);
    let alg = described.client.metadata.id_token_alg();
    let keys = keys::that_sign(app, alg).await.map_err(signing)?;
    let issuer = app.config.server.issuer();
    // RFC 9068 §2.2.
    let mut claims = json!({
        "iss": issuer,
        "sub": described.subject,
        "aud": described.resource.unwrap_or(issuer),
        "client_id": described.client.client_id.as_str(),
        "scope": described.scope,
        "iat": app.now().seconds(),
        "exp": described.expires_at.seconds(),
        "jti": secret.expose().as_str(),
    });
    if let Some(members) = claims.as_object_mut() {
        let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
        if let Some(at) = described.auth_time {
            set("auth_time", at.seconds().into());
        }
        // RFC 8693 §4.1.
        if let Some(act) = &described.act {
            set("act", act.clone());
        }
        // RFC 9449 §6.1, RFC 8705 §3.1.
        if let Some(confirmation) = described.binding.confirmation() {
            set("cnf", confirmation);
        }
    }
    let signed = keys.sign_as(alg, "at+jwt", &claims);
    signed.map(Secret::new).map_err(|e| Internal::new("signing an access token", e))
}
