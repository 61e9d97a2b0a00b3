//! JSON Web Tokens: signing with RS256, verifying what we signed, and the public keys (RFC 7515, 7517, 7519, 7638).

use crate::domain::oauth::key::KeyState;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// The algorithm of all ID tokens: every relying party knows it (OIDC Core §15.1).
pub const ALGORITHM: &str = "RS256";

/// What can go wrong with a key or a token.
#[derive(Debug, Error)]
pub enum JwtError {
    /// No key could be made.
    #[error("making an RSA key failed")]
    NoKey,
    /// The bytes are no RSA key.
    #[error("the stored bytes are no RSA key")]
    NotAKey,
    /// There is no key that signs.
    #[error("there is no key that signs")]
    NoSigningKey,
    /// The signature was not made.
    #[error("signing failed")]
    NotSigned,
    /// The claims are no JSON.
    #[error("writing the claims failed")]
    Claims(#[from] serde_json::Error),
}

/// A signing key, opened.
pub struct SigningKey {
    kid: String,
    state: KeyState,
    since: Timestamp,
    pair: RsaKeyPair,
    header: String,
    verifies: DecodingKey,
}

/// The public part of a key (RFC 7517 §4, RFC 7518 §6.3.1).
#[derive(Debug, Clone, Serialize)]
struct PublicKey {
    kty: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: String,
    n: String,
    e: String,
}

/// All published keys, with the key set as bytes.
#[derive(Default)]
pub struct SigningKeys {
    keys: Vec<SigningKey>,
    set: String,
    loaded_at: Option<Timestamp>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Makes a new RSA key of 2048 bits: its kid and its private part (PKCS #8).
pub fn generate() -> Result<(String, Secret<Vec<u8>>), JwtError> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| JwtError::NoKey)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| JwtError::NoKey)?;
    Ok((public(&pair).kid, Secret::new(der.as_ref().to_vec())))
}

fn public(pair: &RsaKeyPair) -> PublicKey {
    let key = pair.public_key();
    let n = B64.encode(key.modulus().big_endian_without_leading_zero());
    let e = B64.encode(key.exponent().big_endian_without_leading_zero());
    // RFC 7638 §3: the required members, in lexical order, without white space.
    let thumbprint = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    let kid = B64.encode(digest(&SHA256, thumbprint.as_bytes()));
    PublicKey { kty: "RSA", r#use: "sig", alg: ALGORITHM, kid, n, e }
}

impl SigningKey {
    /// Opens a private part (PKCS #8).
    pub fn open(pkcs8: &Secret<Vec<u8>>, state: KeyState, since: Timestamp) -> Result<Self, JwtError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8.expose()).map_err(|_| JwtError::NotAKey)?;
        let public = public(&pair);
        let header = Header { kid: Some(public.kid.clone()), ..Header::new(Algorithm::RS256) };
        let header = B64.encode(serde_json::to_vec(&header)?);
        let verifies =
            DecodingKey::from_rsa_components(&public.n, &public.e).map_err(|_| JwtError::NotAKey)?;
        Ok(Self { kid: public.kid, state, since, pair, header, verifies })
    }

    /// Its kid.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its state, and since when.
    pub const fn state(&self) -> (KeyState, Timestamp) {
        (self.state, self.since)
    }

    /// RFC 7515 §5.1. The key stays parsed: parsing it anew for each signature costs more than the signature.
    fn sign(&self, header: &str, claims: &impl Serialize) -> Result<String, JwtError> {
        let mut token = format!("{header}.{}", B64.encode(serde_json::to_vec(claims)?));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
            .map_err(|_| JwtError::NotSigned)?;
        token.push('.');
        B64.encode_string(&signature, &mut token);
        Ok(token)
    }
}

impl SigningKeys {
    /// These keys, as they were read at `now`.
    pub fn new(keys: Vec<SigningKey>, now: Timestamp) -> Result<Self, JwtError> {
        let public: Vec<_> = keys.iter().map(|key| public(&key.pair)).collect();
        let set = serde_json::to_string(&serde_json::json!({ "keys": public }))?;
        Ok(Self { keys, set, loaded_at: Some(now) })
    }

    /// When they were read; `None`: never.
    pub const fn loaded_at(&self) -> Option<Timestamp> {
        self.loaded_at
    }

    /// The keys, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter()
    }

    /// The key set as it is published (RFC 7517 §5).
    pub fn as_json(&self) -> &str {
        &self.set
    }

    /// Signs with the key that signs.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, JwtError> {
        let key = self.signing()?;
        key.sign(&key.header, claims)
    }

    /// Signs a token of another type (`typ`, RFC 8725 §3.11), so that nobody takes it for an ID token.
    pub fn sign_as(&self, typ: &str, claims: &impl Serialize) -> Result<String, JwtError> {
        let key = self.signing()?;
        let header =
            Header { kid: Some(key.kid.clone()), typ: Some(typ.to_owned()), ..Header::new(Algorithm::RS256) };
        key.sign(&B64.encode(serde_json::to_vec(&header)?), claims)
    }

    fn signing(&self) -> Result<&SigningKey, JwtError> {
        self.keys.iter().find(|key| key.state == KeyState::Signing).ok_or(JwtError::NoSigningKey)
    }

    /// Reads a token that one of these keys signed for `issuer`. Its age and its audience are for the caller to judge.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, issuer: &str) -> Option<T> {
        let kid = kid_of(token)?;
        let key = self.keys.iter().find(|key| key.kid == kid)?;
        // The algorithm is ours, never the token's (RFC 8725 §3.1).
        let mut rules = Validation::new(Algorithm::RS256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.set_required_spec_claims(&["iss", "sub", "aud"]);
        rules.set_issuer(&[issuer]);
        jsonwebtoken::decode(token, &key.verifies, &rules).ok().map(|data| data.claims)
    }

    /// Whether a token names a key that is not among these.
    pub fn lack_key_of(&self, token: &str) -> bool {
        kid_of(token).is_some_and(|kid| self.keys.iter().all(|key| key.kid != kid))
    }
}

fn kid_of(token: &str) -> Option<String> {
    jsonwebtoken::decode_header(token).ok()?.kid
}

/// OIDC Core §3.1.3.6, §3.3.2.11: the left half of the SHA-256 of an access token or code.
pub fn half_hash(secret: &str) -> String {
    let hash = digest(&SHA256, secret.as_bytes());
    B64.encode(hash.as_ref().split_at(16).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::sync::OnceLock;

    fn keys() -> &'static SigningKeys {
        static KEYS: OnceLock<SigningKeys> = OnceLock::new();
        KEYS.get_or_init(|| {
            let (_, private) = generate().expect("a key");
            let key = SigningKey::open(&private, KeyState::Signing, Timestamp::default()).expect("ours");
            SigningKeys::new(vec![key], Timestamp::default()).expect("keys")
        })
    }

    #[test]
    fn what_we_sign_we_verify_and_nothing_else() {
        let claims = json!({ "iss": "https://op.example", "sub": "x", "aud": "c" });
        let token = keys().sign(&claims).expect("signed");
        assert_eq!(keys().verify::<Value>(&token, "https://op.example"), Some(claims.clone()));
        assert_eq!(keys().verify::<Value>(&token, "https://other.example"), None);
        let (body, _) = token.rsplit_once('.').expect("a token");
        assert_eq!(keys().verify::<Value>(&format!("{body}."), "https://op.example"), None);
        let kid = keys().keys[0].kid();
        let none = B64.encode(json!({ "alg": "none", "kid": kid }).to_string());
        let claims = B64.encode(claims.to_string());
        assert_eq!(keys().verify::<Value>(&format!("{none}.{claims}."), "https://op.example"), None);
    }

    #[test]
    fn the_published_set_has_no_private_member() {
        let set: Value = serde_json::from_str(keys().as_json()).expect("JSON");
        let members: Vec<_> = set["keys"][0].as_object().expect("a key").keys().map(String::as_str).collect();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    }

    #[test]
    fn the_hash_of_an_access_token_is_that_of_the_specification() {
        // OIDC Core A.3 has no access token in clear; this one was computed with openssl.
        assert_eq!(half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    proptest! {
        #[test]
        fn any_text_is_verified_or_not_and_never_a_panic(text in ".{0,300}") {
            prop_assert!(keys().verify::<Value>(&text, "https://op.example").is_none());
            let _ = keys().lack_key_of(&text);
        }

        #[test]
        fn any_three_parts_are_no_token(a in "[A-Za-z0-9_-]{0,60}", b in "[A-Za-z0-9_-]{0,60}", c in "[A-Za-z0-9_-]{0,60}") {
            let token = [a, b, c].join(".");
            prop_assert!(keys().verify::<Value>(&token, "https://op.example").is_none());
        }
    }
}
