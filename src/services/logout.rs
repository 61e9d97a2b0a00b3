//! Signing out on an application's word (OIDC RP-Initiated Logout 1.0 §2, §3).

use super::{Internal, keys, subjects};
use crate::app::App;
use crate::domain::id::SessionId;
use crate::domain::oauth::answer::with_query;
use crate::domain::oauth::client::Client;
use crate::services::parting::{Holding, Unended};
use crate::storage::clients;
use serde::Deserialize;

/// What an application asks for.
#[derive(Debug, Clone, Default)]
pub struct LogoutRequest {
    /// An ID token of ours about whoever shall be signed out.
    pub id_token_hint: Option<String>,
    /// The application, by its own word.
    pub client_id: Option<String>,
    /// Where the person shall go afterwards.
    pub post_logout_redirect_uri: Option<String>,
    /// Comes back with them.
    pub state: Option<String>,
}

/// Where a person may go after signing out: an address that is registered for the application that asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutReturn {
    client_id: String,
    address: String,
    state: Option<String>,
}

impl LogoutReturn {
    /// The address, with the application's `state` and nothing else.
    pub fn location(&self) -> String {
        let state: Vec<_> = self.state.iter().map(|state| ("state", state.clone())).collect();
        with_query(&self.address, &state)
    }

    /// The fields of the confirming form, from which the same return is proven again.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields =
            vec![("client_id", self.client_id.clone()), ("post_logout_redirect_uri", self.address.clone())];
        fields.extend(self.state.iter().map(|state| ("state", state.clone())));
        fields
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutPlan {
    /// The session that the hint is about, of those that the browser holds.
    pub session: Option<SessionId>,
    /// Whether the person must be asked first: nothing proves that they or their application wants it.
    pub ask: bool,
    /// The application that asked, by its name for people.
    pub application: Option<String>,
    /// Where to go afterwards; `None`: our own page.
    pub return_to: Option<LogoutReturn>,
}

#[derive(Deserialize)]
struct Hint {
    sub: String,
    aud: String,
    sid: Option<String>,
    /// Every ID token of the house has it, and nothing else that it signs (UserInfo is signed too).
    #[serde(rename = "auth_time")]
    _auth_time: i64,
}

/// What a request for logout leads to. What was not used for too long is signed out like anything else: what applications
/// were given out of it lives on until then.
pub async fn plan(app: &App, asked: &LogoutRequest, held: &Unended) -> Result<LogoutPlan, Internal> {
    let hint = verified(app, asked).await?;
    // A hint that is not ours, or not of the named application, proves nothing and spoils what comes with it.
    let spoiled = asked.id_token_hint.is_some() && hint.is_none();
    let named = hint.as_ref().map(|hint| hint.aud.clone()).or_else(|| asked.client_id.clone());
    let client = match named.filter(|_| !spoiled) {
        Some(client_id) => clients::any_by_client_id(&app.db, &client_id).await?,
        None => None,
    };
    let return_to = client.as_ref().and_then(|client| proven(client, asked));
    let meant = match (&hint, &client) {
        (Some(hint), Some(client)) => hint.meant(app, client, held).await?,
        _ => None,
    };
    let is_signed_in = !held.is_empty();
    // An address that is not registered makes the whole wish doubtful: the person is asked.
    let is_astray = asked.post_logout_redirect_uri.is_some() && return_to.is_none();
    let ask = is_signed_in && (meant.is_none() || is_astray);
    // Where nobody is signed in, nobody is sent to an application that registered itself (RFC 9700 §4.11.2).
    let is_stranger = client.as_ref().is_some_and(|client| client.metadata.self_registered);
    let return_to = return_to.filter(|_| is_signed_in || !is_stranger);
    let session = meant.map(|one| one.session.id);
    Ok(LogoutPlan { session, ask, application: client.map(|client| client.name), return_to })
}

/// The return that a confirmed form names, proven again.
pub async fn return_of(app: &App, asked: &LogoutRequest) -> Result<Option<LogoutReturn>, Internal> {
    let Some(client_id) = &asked.client_id else { return Ok(None) };
    let client = clients::any_by_client_id(&app.db, client_id).await?;
    Ok(client.and_then(|client| proven(&client, asked)))
}

/// RP-Initiated Logout §3: exactly one of the registered addresses.
fn proven(client: &Client, asked: &LogoutRequest) -> Option<LogoutReturn> {
    let address = client.proves_post_logout(asked.post_logout_redirect_uri.as_deref()?)?;
    Some(LogoutReturn {
        client_id: client.client_id.to_string(),
        address: address.as_str().to_owned(),
        state: asked.state.clone(),
    })
}

/// RP-Initiated Logout §4: signed by us and, if the application names itself, issued to it; expired ones are good.
async fn verified(app: &App, asked: &LogoutRequest) -> Result<Option<Hint>, Internal> {
    let Some(hint) = &asked.id_token_hint else { return Ok(None) };
    let keys = keys::knowing(app, hint).await.map_err(|e| Internal::new("verifying an ID token hint", e))?;
    let hint = keys.verify::<Hint>(hint, app.config.server.issuer());
    Ok(hint.filter(|hint| asked.client_id.as_ref().is_none_or(|client_id| *client_id == hint.aud)))
}

impl Hint {
    /// Which of the browser's sessions the hint is about; an older session of the same person counts.
    async fn meant<'a>(
        &self,
        app: &App,
        client: &Client,
        held: &'a Unended,
    ) -> Result<Option<&'a Holding>, Internal> {
        let named = self.sid.as_deref().and_then(|sid| sid.parse().ok()).and_then(|sid| held.find(sid));
        if named.is_some() || held.is_empty() {
            return Ok(named);
        }
        Ok(held.with_subject(&subjects::public_of(app, client, &self.sub).await?))
    }
}
