//! What a request must be before anybody's session is looked at (OIDC Core 1.0 §3.1.2.2): the application is known, the
//! request can be read, the way back is proven, what is asked for may be asked for.

use super::take_in::{self, Taken, Untaken};
use super::{Checked, Internal, Outcome, respond, select};
use crate::app::App;
use crate::domain::oauth::answer::SafeReturn;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::request::{RawRequest, Request, Unproven};
use crate::services::session::Current;
use crate::storage::clients;

/// Why a request is not taken.
pub(super) enum Stopped {
    /// Nobody is proven to whom it could be said.
    Page(Unproven),
    /// The application is told.
    Refused(Box<Refused>),
}

/// A request that is refused, with the way back.
pub(super) struct Refused {
    pub client: Client,
    pub back: SafeReturn,
    /// Whether no page may be shown.
    pub is_silent: bool,
    pub refusal: Refusal,
}

impl Refused {
    /// Whether only somebody who has signed in is sent back with it. To an application that registered itself nobody else
    /// is, or the house would be anybody's redirector (RFC 9700 §4.11.2); `prompt=none` is answered always.
    pub(super) fn needs_a_session(&self) -> bool {
        self.client.metadata.self_registered && !self.is_silent
    }
}

impl From<Unproven> for Stopped {
    fn from(unproven: Unproven) -> Self {
        Self::Page(unproven)
    }
}

impl Stopped {
    /// A refusal goes back only where the parameters prove the way.
    fn refused(client: &Client, raw: &RawRequest, refusal: Refusal) -> Self {
        match client.prove(raw) {
            Ok(back) => {
                let is_silent = raw.once("prompt") == Some("none");
                Self::Refused(Box::new(Refused { client: client.clone(), back, is_silent, refusal }))
            }
            Err(unproven) => Self::Page(unproven),
        }
    }
}

/// The request, checked; else why it is not taken. Nothing is kept or used up.
pub(super) async fn check(
    app: &App,
    raw: &RawRequest,
    source: &str,
) -> Result<Result<Checked, Stopped>, Internal> {
    let client = match known(app, raw).await? {
        Ok(client) => client,
        Err(unproven) => return Ok(Err(unproven.into())),
    };
    match taken(app, &client, raw, source).await? {
        Ok(taken) => examined(app, client, &taken).await,
        Err(stopped) => Ok(Err(stopped)),
    }
}

/// The application that asks, unless the city has stopped it.
pub(super) async fn known(app: &App, raw: &RawRequest) -> Result<Result<Client, Unproven>, Internal> {
    let client = match raw.client_id() {
        Ok(client_id) => clients::any_by_client_id(&app.db, client_id).await?,
        Err(unproven) => return Ok(Err(unproven)),
    };
    Ok(client.ok_or(Unproven::Client).and_then(Client::running))
}

/// The request as it shall be read.
pub(super) async fn taken(
    app: &App,
    client: &Client,
    raw: &RawRequest,
    source: &str,
) -> Result<Result<Taken, Stopped>, Internal> {
    match take_in::take_in(app, client, raw, source).await {
        Ok(taken) => Ok(Ok(taken)),
        Err(Untaken::Internal(error)) => Err(error),
        Err(Untaken::Page(unproven)) => Ok(Err(unproven.into())),
        Err(Untaken::Refused(refusal)) => Ok(Err(Stopped::refused(client, raw, refusal))),
    }
}

/// What it asks for.
pub(super) async fn examined(
    app: &App,
    client: Client,
    taken: &Taken,
) -> Result<Result<Checked, Stopped>, Internal> {
    let raw = &taken.raw;
    let back = match client.prove(raw) {
        Ok(back) => back,
        Err(unproven) => return Ok(Err(unproven.into())),
    };
    let request = match Request::check(raw, &client) {
        Ok(request) => request,
        Err(refusal) => return Ok(Err(Stopped::refused(&client, raw, refusal))),
    };
    let subject = match select::hinted(app, &client, &request).await? {
        Ok(subject) => subject,
        Err(refusal) => return Ok(Err(Stopped::refused(&client, raw, refusal))),
    };
    Ok(Ok(Checked { client, back, request, subject, pushed: taken.pushed.clone() }))
}

/// Tells why a request is not taken.
pub(super) async fn told(
    app: &App,
    stopped: Stopped,
    current: Option<&Current>,
) -> Result<Outcome, Internal> {
    match stopped {
        Stopped::Page(unproven) => Ok(Outcome::Page(unproven)),
        Stopped::Refused(refused) if current.is_none() && refused.needs_a_session() => {
            Ok(Outcome::Page(Unproven::Stranger(refused.refusal)))
        }
        Stopped::Refused(refused) => {
            respond::refused(app, &refused.client, &refused.back, refused.refusal).await
        }
    }
}
