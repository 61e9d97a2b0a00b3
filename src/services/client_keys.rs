//! The public keys of applications: registered by value, or fetched from the address that was registered, kept for a
//! few minutes, and fetched again when a token names a key that is not among them (OIDC Core 1.0 §10.1.1).

use super::chain;
use crate::app::{App, FetchedKeys};
use crate::crypto::jws::{BadKeys, ForeignKeys, Verified};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client_auth::ClientAlg;
use crate::outbound::{MAX_DOCUMENT, OutboundError};
use serde_json::{Map, Value};
use std::sync::{Arc, PoisonError};
use thiserror::Error;
use time::Duration;
use url::Url;

/// For how long fetched keys are believed.
const FRESH: Duration = Duration::minutes(5);

/// An address is not asked more often.
const LOOK_AGAIN: Duration = Duration::seconds(10);

/// For how long keys are good while their address does not answer.
const STALE: Duration = Duration::hours(24);

/// So many addresses are remembered.
const REMEMBERED: usize = 1000;

/// Why the keys of an application were not read.
#[derive(Debug, Error)]
pub(super) enum KeysUnread {
    /// What is registered is no address.
    #[error("it is no address")]
    NoAddress(#[from] url::ParseError),
    /// Nothing came that can be read.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// What came is no key set for an application.
    #[error(transparent)]
    Keys(#[from] BadKeys),
}

/// The claims of a token that an application signed under one of its own keys; `None` if it did not. No transaction
/// may be open: the keys may have to be fetched.
pub async fn verify(
    app: &App,
    client: &Client,
    token: &str,
    algs: &[ClientAlg],
) -> Option<Map<String, Value>> {
    if let Some(set) = &client.metadata.jwks {
        return claims(ForeignKeys::read(set).ok()?.verify(token, algs));
    }
    let uri = client.metadata.jwks_uri.as_deref()?;
    match fetched(app, uri, FRESH).await?.verify(token, algs) {
        Verified::KeyUnknown => claims(fetched(app, uri, LOOK_AGAIN).await?.verify(token, algs)),
        verified => claims(verified),
    }
}

/// Whether an application has registered or publishes a certificate (RFC 8705 §2.2). No transaction may be open.
pub(super) async fn have_certificate(app: &App, client: &Client, thumbprint: &str) -> bool {
    if let Some(set) = &client.metadata.jwks {
        return ForeignKeys::read(set).is_ok_and(|keys| keys.have_certificate(thumbprint));
    }
    let Some(uri) = client.metadata.jwks_uri.as_deref() else { return false };
    for at_most in [FRESH, LOOK_AGAIN] {
        match fetched(app, uri, at_most).await {
            Some(keys) if keys.have_certificate(thumbprint) => return true,
            Some(_) => {}
            None => return false,
        }
    }
    false
}

fn claims(verified: Verified) -> Option<Map<String, Value>> {
    match verified {
        Verified::Claims(claims) => Some(claims),
        Verified::KeyUnknown | Verified::Nothing => None,
    }
}

/// The keys at an address, not older than `at_most` unless it was asked just now.
async fn fetched(app: &App, uri: &str, at_most: Duration) -> Option<Arc<ForeignKeys>> {
    // One at a time for each address: whoever waited finds what the first one fetched.
    let _turn = app.turns.take(&format!("jwks {uri}")).await;
    let (now, known) = (app.now(), remembered(app, uri));
    if let Some(known) = &known
        && (now.since(known.asked_at) < LOOK_AGAIN
            || (known.keys.is_some() && now.since(known.read_at) < at_most))
    {
        return known.keys.clone();
    }
    let keys = match fetch(app, uri).await {
        Ok(keys) => FetchedKeys { keys: Some(Arc::new(keys)), asked_at: now, read_at: now },
        Err(why) => {
            tracing::warn!(uri, "the keys of an application were not read: {}", chain(&why));
            let old = known.filter(|known| now.since(known.read_at) < STALE);
            let read_at = old.as_ref().map_or(now, |old| old.read_at);
            FetchedKeys { keys: old.and_then(|old| old.keys), asked_at: now, read_at }
        }
    };
    let mut all = app.client_keys.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= REMEMBERED {
        all.retain(|_, one| now.since(one.asked_at) < FRESH);
    }
    all.insert(uri.to_owned(), keys.clone());
    keys.keys
}

fn remembered(app: &App, uri: &str) -> Option<FetchedKeys> {
    app.client_keys.lock().unwrap_or_else(PoisonError::into_inner).get(uri).cloned()
}

/// The keys at an address, asked now.
pub(super) async fn fetch(app: &App, uri: &str) -> Result<ForeignKeys, KeysUnread> {
    let accept = "application/jwk-set+json, application/json";
    let set = app.outbound.get_json(&Url::parse(uri)?, MAX_DOCUMENT, accept).await?;
    Ok(ForeignKeys::read(&set)?)
}
