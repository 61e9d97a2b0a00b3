//! Who holds the key: proofs of possession at the token endpoint, at PAR and at UserInfo (RFC 9449 §4.3, §11.1), and the
//! nonces that the house hands out for them (§8, §9). A nonce is a seal over a stretch of time: nothing is kept of it, and
//! every node knows it.

use super::token::TokenRefused;
use crate::app::App;
use crate::crypto::{dpop as proofs, token};
use crate::domain::oauth::dpop::{Expected, check};
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::timestamp::Timestamp;
use crate::storage::assertions;
use url::Url;

/// For how long a nonce is handed out, in seconds; it is good for as long again.
const STRETCH: i64 = 150;

/// A fresh nonce is wanted (RFC 9449 §8).
pub(super) const USE_NONCE: Refusal =
    Refusal::new(Code::UseDpopNonce, "The DPoP proof needs the nonce of the DPoP-Nonce header");

/// A proof, and the request with which it came.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// The proof.
    pub proof: &'a str,
    /// The method of the request.
    pub method: &'a str,
    /// Its path.
    pub path: &'a str,
    /// The access token that came with it, where one did.
    pub access_token: Option<&'a str>,
    /// Whether the application is registered for nonces.
    pub needs_nonce: bool,
}

/// A key that is held. The proof of it is good once; whoever acts on it uses it up, after everything else was right, so
/// that strangers write nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The thumbprint of the key.
    pub jkt: String,
    /// Whether the proof has a fresh nonce of the house.
    pub(super) has_nonce: bool,
    id: String,
    until: Timestamp,
}

/// The key whose proof is presented.
pub fn prove(app: &App, presented: &Presented<'_>) -> Result<Held, Refusal> {
    const PROOF: Refusal = Refusal::new(
        Code::InvalidDpopProof,
        "The DPoP proof is not a JWT of the type dpop+jwt under the public key that it carries",
    );
    let proof = proofs::verify(presented.proof).ok_or(PROOF)?;
    let server = &app.config.server;
    // RFC 8705 §5: applications come by the address for certificates, too; and to the administrators' interface.
    let hosts =
        [&server.public_url, &server.admin_url].into_iter().chain(&server.client_certificates.mtls_url);
    let at = |host: &Url| {
        let mut address = host.clone();
        address.set_path(presented.path);
        address
    };
    let addresses: Vec<_> = hosts.map(at).collect();
    let digest = presented.access_token.map(token::digest);
    let expected = Expected {
        method: presented.method,
        addresses: &addresses,
        token_digest: digest.as_deref(),
        now: app.now(),
    };
    let good = check(&proof.claims, &expected)?;
    let is_fresh = proof.claims.get("nonce").map(|nonce| nonce.as_str().is_some_and(|it| is_fresh(app, it)));
    if !app.config.oidc.dpop_nonces.accepts(is_fresh, presented.needs_nonce) {
        return Err(USE_NONCE);
    }
    // In the table of assertions, under names of its own.
    let id = token::digest(&format!("dpop\n{}\n{}", proof.jkt, good.id));
    Ok(Held { jkt: proof.jkt, has_nonce: is_fresh == Some(true), id, until: good.until })
}

/// The nonce of this moment (RFC 9449 §8: not to be foreseen).
pub fn nonce(app: &App) -> String {
    nonce_of(app, app.now().seconds().div_euclid(STRETCH))
}

fn nonce_of(app: &App, stretch: i64) -> String {
    token::digest(&app.keyring.keyed_digest("dpop nonce", &stretch.to_string()))
}

/// Whether it is the nonce of this stretch of time or of the one before. Both are compared always.
fn is_fresh(app: &App, nonce: &str) -> bool {
    let stretch = app.now().seconds().div_euclid(STRETCH);
    let [this, last] = [stretch, stretch - 1].map(|stretch| token::same(&nonce_of(app, stretch), nonce));
    this | last
}

/// Uses a proof up, if there is one. No transaction may be open.
pub(super) async fn use_up(app: &App, held: Option<&Held>) -> Result<(), TokenRefused> {
    const REPLAYED: Refusal = Refusal::new(Code::InvalidDpopProof, "The DPoP proof was used before");
    let Some(held) = held else { return Ok(()) };
    if assertions::take(&app.db, &held.id, held.until).await? { Ok(()) } else { Err(REPLAYED.into()) }
}
