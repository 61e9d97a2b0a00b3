//! The ID token (OIDC Core 1.0 §2): who signed in, for whom, when. Nothing about the person is in it unless the
//! registration of the client says so, or the request asks for it claim by claim.

use super::{Internal, acting, keys, subjects, userinfo};
use crate::app::App;
use crate::crypto::jwt;
use crate::domain::account::Account;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::scope::Scopes;
use crate::domain::secret::Secret;
use serde_json::Value;

/// What an ID token is about.
pub(super) struct About<'a> {
    pub client: &'a Client,
    pub grant: &'a Grant,
    pub holder: &'a Account,
    pub scopes: Scopes,
    pub nonce: Option<&'a str>,
    /// The access token that comes beside it.
    pub access_token: Option<&'a str>,
    /// The code that comes beside it.
    pub code: Option<&'a str>,
    /// The hash of the request's `state`, where it is wanted.
    pub s_hash: Option<&'a str>,
    /// Whether the claims of the scopes are in it, because nothing opens UserInfo.
    pub with_claims: bool,
}

/// Makes and signs an ID token.
pub(super) async fn sign(app: &App, about: &About<'_>) -> Result<Secret<String>, Internal> {
    let signing = |e| Internal::new("signing an ID token", e);
    let alg = about.client.metadata.id_token_alg();
    let keys = keys::that_sign(app, alg).await.map_err(signing)?;
    // OIDC Core §5.4 puts the claims of the scopes at UserInfo; a client that reads the ID token only is registered so.
    // What was asked for by the claims parameter (§5.5) is here or there, as it was asked.
    let with_scopes = about.client.id_token_claims || about.with_claims;
    let scopes = if with_scopes { about.scopes } else { Scopes::default() };
    let mut claims =
        userinfo::claims(app, about.holder, scopes, &about.grant.details.claims.id_token).await?;
    let act = acting::act(app, about.client, about.grant, about.scopes).await?;
    let (now, subject) = (app.now(), subjects::of(app, about.client, about.holder).await?);
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("iss", app.config.server.issuer().into());
    set("sub", subject.into());
    set("aud", about.client.client_id.as_str().into());
    set("iat", now.seconds().into());
    set("exp", now.plus(app.config.tokens.access).seconds().into());
    set("auth_time", about.grant.auth_time.seconds().into());
    set("amr", about.grant.proof.methods().into());
    let stated = about.grant.details.acr.as_deref();
    set("acr", stated.unwrap_or_else(|| about.grant.proof.class().urn()).into());
    // OIDC Back-Channel Logout §2.1.
    set("sid", about.grant.session.to_string().into());
    // RFC 8693 §4.1: who acts for the mailbox.
    if let Some(act) = act {
        set("act", act);
    }
    if let Some(access_token) = about.access_token {
        set("at_hash", jwt::half_hash(alg, access_token).into());
    }
    if let Some(code) = about.code {
        set("c_hash", jwt::half_hash(alg, code).into());
    }
    if let Some(s_hash) = about.s_hash {
        set("s_hash", s_hash.into());
    }
    if let Some(nonce) = about.nonce {
        set("nonce", nonce.into());
    }
    keys.sign(alg, &claims).map(Secret::new).map_err(|e| Internal::new("signing an ID token", e))
}
