//! Pushed authorization requests: RFC 9126 §2. The request is checked before the browser is sent; what is kept can only
//! be used by the application that pushed it, and once.

use super::take_in;
use crate::app::App;
use crate::crypto::token;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::refusals;
use crate::domain::oauth::request::{RawRequest, Request};
use crate::services::dpop::{self, Held};
use crate::services::token::TokenRefused;
use crate::storage::pushed_requests;
use time::Duration;

/// For how long the browser may take to come (RFC 9126 §2.2; FAPI 2.0 §5.3.2.2: under 600 seconds).
const LIFE: Duration = Duration::seconds(90);

/// Where the request is found.
pub struct Pushed {
    /// The reference.
    pub request_uri: String,
    /// Its life in seconds.
    pub expires_in: i64,
}

/// Keeps what a client pushes, with the key whose proof came with it (RFC 9449 §10.1).
pub async fn push(
    app: &App,
    client: &Client,
    raw: &RawRequest,
    held: Option<&Held>,
) -> Result<Pushed, TokenRefused> {
    const NESTED: Refusal = Refusal::new(Code::InvalidRequest, "request_uri must not be pushed");
    const RETURN: Refusal =
        Refusal::new(Code::InvalidRequest, "redirect_uri is missing or not registered for this client");
    const KEY: Refusal = Refusal::new(Code::InvalidDpopProof, "dpop_jkt is not the key of the DPoP proof");
    if raw.once("request_uri").is_some() {
        return Err(NESTED.into());
    }
    // RFC 9126 §3: with a request object, nothing outside it counts.
    let raw = match raw.once("request") {
        Some(object) => take_in::signed(app, client, object).await?,
        None if client.metadata.require_signed_request_object => return Err(refusals::SIGN.into()),
        None => raw.clone(),
    };
    let raw = match (held, raw.once("dpop_jkt")) {
        (Some(held), Some(named)) if held.jkt != named => return Err(KEY.into()),
        (Some(held), _) => raw.with("dpop_jkt", &held.jkt),
        (None, _) => raw,
    };
    client.prove(&raw).map_err(|_| RETURN)?;
    Request::check(&raw, client)?;
    dpop::use_up(app, held).await?;
    let request_uri = format!("{}{}", take_in::PUSHED, token::new(app.system.entropy()).expose());
    let (digest, expires_at) = (token::digest(&request_uri), app.now().plus(LIFE));
    pushed_requests::insert(&app.db, &digest, client.id, &raw.to_json(), expires_at).await?;
    Ok(Pushed { request_uri, expires_in: LIFE.whole_seconds() })
}
