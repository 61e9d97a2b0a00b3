//! How a request comes: in the query, signed by the application (RFC 9101, OIDC Core 1.0 §6), or pushed beforehand
//! (RFC 9126).

use super::{Internal, fetched};
use crate::app::App;
use crate::crypto::token;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::refusals;
use crate::domain::oauth::request::{RawRequest, Unproven};
use crate::domain::oauth::request_object::{self, Expected};
use crate::services::client_keys;
use crate::storage::pushed_requests;

/// What every `request_uri` of the house begins with (RFC 9126 §2.2).
pub(super) const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

/// A request as it shall be read.
pub(super) struct Taken {
    /// Its parameters.
    pub raw: RawRequest,
    /// The digest under which it was pushed; it is used up with the answer.
    pub pushed: Option<String>,
}

/// Why it cannot be read.
pub(super) enum Untaken {
    /// Nobody is proven to whom it could be said.
    Page(Unproven),
    /// The application is told, if the parameters outside prove where.
    Refused(Refusal),
    /// Our fault.
    Internal(Internal),
}

impl From<Internal> for Untaken {
    fn from(error: Internal) -> Self {
        Self::Internal(error)
    }
}

impl From<Refusal> for Untaken {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Reads how a known client's request comes. No transaction may be open: something may have to be fetched.
pub(super) async fn take_in(
    app: &App,
    client: &Client,
    raw: &RawRequest,
    source: &str,
) -> Result<Taken, Untaken> {
    let (object, uri) = (raw.once("request"), raw.once("request_uri"));
    if object.is_some() && uri.is_some() {
        return Err(refusals::BOTH.into());
    }
    if let Some(uri) = uri.filter(|uri| uri.starts_with(PUSHED)) {
        return pushed(app, client, uri).await;
    }
    // RFC 9126 §5, FAPI 2.0 §5.3.2.2.
    if client.must_push() {
        return Err(refusals::PUSH.into());
    }
    let must_sign = client.metadata.require_signed_request_object;
    // RFC 9101 §6.3: who must sign is heard inside only. OIDC Core §6.1: others may add outside what is not inside.
    let heard = |inner: RawRequest| if must_sign { inner } else { raw.overlaid(inner) };
    let raw = match (object, uri) {
        (Some(object), _) => heard(signed(app, client, object).await?),
        (None, Some(uri)) => {
            heard(signed(app, client, &fetched::text(app, client, uri, source).await?).await?)
        }
        (None, None) if must_sign => return Err(refusals::SIGN.into()),
        (None, None) => raw.clone(),
    };
    Ok(Taken { raw, pushed: None })
}

/// RFC 9126 §4: what was pushed counts, and nothing that stands beside it.
async fn pushed(app: &App, client: &Client, uri: &str) -> Result<Taken, Untaken> {
    let digest = token::digest(uri);
    let found = pushed_requests::find(&app.db, &digest, client.id, app.now()).await;
    let found = found.map_err(Internal::from)?.as_deref().and_then(RawRequest::from_json);
    let raw = found.ok_or(Untaken::Page(Unproven::RequestUri))?;
    Ok(Taken { raw, pushed: Some(digest) })
}

/// RFC 9101 §6.2, §6.3: the signature first, then what the object says.
pub(super) async fn signed(app: &App, client: &Client, object: &str) -> Result<RawRequest, Refusal> {
    let only = client.metadata.request_object_signing_alg;
    let mut algs = client.metadata.profile.algorithms().to_vec();
    algs.retain(|alg| only.is_none_or(|only| only == *alg));
    let claims = client_keys::verify(app, client, object, &algs).await.ok_or(refusals::SIGNATURE)?;
    let expected = Expected {
        client_id: client.client_id.as_str(),
        issuer: app.config.server.issuer(),
        strict: client.is_fapi(),
        now: app.now(),
    };
    request_object::read(&claims, &expected)
}
