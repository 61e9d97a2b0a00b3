//! The ID token (OIDC Core 1.0 §2): who signed in, for whom, when. Nothing about the person is in it unless the
//! registration of the client says so.

use super::{Internal, keys, subjects, userinfo};
use crate::app::App;
use crate::crypto::jwt;
use crate::domain::account::Account;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::scope::Scopes;
use crate::domain::secret::Secret;
use serde_json::{Map, Value};

/// What an ID token is about.
pub(super) struct About<'a> {
    pub client: &'a Client,
    pub grant: &'a Grant,
    pub holder: &'a Account,
    pub scopes: Scopes,
    pub nonce: Option<&'a str>,
    pub access_token: &'a str,
}

/// Makes and signs an ID token.
pub(super) async fn sign(app: &App, about: &About<'_>) -> Result<Secret<String>, Internal> {
    let signing = |e| Internal::new("signing an ID token", e);
    let keys = keys::current(app).await.map_err(signing)?;
    let mut claims = if about.client.id_token_claims {
        // OIDC Core §5.4 puts them at UserInfo; a client that reads the ID token only is registered so.
        userinfo::claims(app, about.holder, about.scopes).await?
    } else {
        Map::new()
    };
    let (now, subject) = (app.now(), subjects::of(app, about.client, about.holder).await?);
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("iss", app.config.server.issuer().into());
    set("sub", subject.into());
    set("aud", about.client.client_id.as_str().into());
    set("iat", now.seconds().into());
    set("exp", now.plus(app.config.tokens.access).seconds().into());
    set("auth_time", about.grant.auth_time.seconds().into());
    set("amr", about.grant.proof.methods().into());
    set("acr", about.grant.proof.class().into());
    // OIDC Back-Channel Logout §2.1.
    set("sid", about.grant.session.to_string().into());
    set("at_hash", jwt::at_hash(about.access_token).into());
    if let Some(nonce) = about.nonce {
        set("nonce", nonce.into());
    }
    keys.sign(&claims).map(Secret::new).map_err(|e| Internal::new("signing an ID token", e))
}
