//! JSON Web Tokens: signing, verifying what we signed, and the published set of keys (RFC 7515, 7517, 7519).

use super::signing_key::{SigningKey, in_the_library};
use crate::domain::oauth::key::{KeyState, SigningAlg};
use crate::domain::timestamp::Timestamp;
use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use jsonwebtoken::Validation;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// What can go wrong with a key or a token.
#[derive(Debug, Error)]
pub enum JwtError {
    /// No key could be made.
    #[error("making a key failed")]
    NoKey,
    /// The bytes are no key of its algorithm.
    #[error("the stored bytes are no key of its algorithm")]
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

/// All published keys, with the key set as bytes.
#[derive(Default)]
pub struct SigningKeys {
    keys: Vec<SigningKey>,
    set: String,
    loaded_at: Option<Timestamp>,
}

impl SigningKeys {
    /// These keys, as they were read at `now`.
    pub fn new(keys: Vec<SigningKey>, now: Timestamp) -> Result<Self, JwtError> {
        let public: Vec<_> = keys.iter().map(SigningKey::public).collect();
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

    /// Signs with the key of this algorithm that signs.
    pub fn sign(&self, alg: SigningAlg, claims: &impl Serialize) -> Result<String, JwtError> {
        self.signing(alg)?.sign(None, claims)
    }

    /// Signs a token of another type (`typ`, RFC 8725 §3.11), so that nobody takes it for an ID token.
    pub fn sign_as(&self, alg: SigningAlg, typ: &str, claims: &impl Serialize) -> Result<String, JwtError> {
        self.signing(alg)?.sign(Some(typ), claims)
    }

    /// Whether there is a key of this algorithm that signs.
    pub fn can_sign(&self, alg: SigningAlg) -> bool {
        self.signing(alg).is_ok()
    }

    fn signing(&self, alg: SigningAlg) -> Result<&SigningKey, JwtError> {
        let signs = |key: &&SigningKey| key.alg() == alg && key.state().0 == KeyState::Signing;
        self.keys.iter().find(signs).ok_or(JwtError::NoSigningKey)
    }

    /// Reads an ID token that one of these keys signed for `issuer`, no token of another type (RFC 8725 §3.11). Its age and its audience are for the caller to judge.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, issuer: &str) -> Option<T> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let kid = header.kid?;
        if header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return None;
        }
        let key = self.keys.iter().find(|key| key.kid() == kid)?;
        // The algorithm is the key's, never the token's (RFC 8725 §3.1).
        let mut rules = Validation::new(in_the_library(key.alg()));
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.set_required_spec_claims(&["iss", "sub", "aud"]);
        rules.set_issuer(&[issuer]);
        jsonwebtoken::decode(token, key.verifies(), &rules).ok().map(|data| data.claims)
    }

    /// Whether a token names a key that is not among these.
    pub fn lack_key_of(&self, token: &str) -> bool {
        kid_of(token).is_some_and(|kid| self.keys.iter().all(|key| key.kid() != kid))
    }
}

fn kid_of(token: &str) -> Option<String> {
    jsonwebtoken::decode_header(token).ok()?.kid
}

/// OIDC Core §3.1.3.6, §3.3.2.11: the left half of the hash, of an access token or code, that belongs to the algorithm of the
/// ID token. Of EdDSA on Ed25519 that is SHA-512 (RFC 8032 §5.1).
pub fn half_hash(alg: SigningAlg, secret: &str) -> String {
    let function = if alg == SigningAlg::EdDsa { &SHA512 } else { &SHA256 };
    let hash = digest(function, secret.as_bytes());
    let hash = hash.as_ref();
    B64.encode(hash.split_at(hash.len() / 2).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::signing_key::generate;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::sync::OnceLock;

    fn keys() -> &'static SigningKeys {
        static KEYS: OnceLock<SigningKeys> = OnceLock::new();
        KEYS.get_or_init(|| {
            let one = |alg| {
                let (_, private) = generate(alg).expect("a key");
                SigningKey::open(alg, &private, KeyState::Signing, Timestamp::default()).expect("ours")
            };
            SigningKeys::new(SigningAlg::ALL.map(one).into(), Timestamp::default()).expect("keys")
        })
    }

    #[test]
    fn what_we_sign_we_verify_and_nothing_else() {
        for alg in SigningAlg::ALL {
            let claims = json!({ "iss": "https://op.example", "sub": "x", "aud": "c" });
            let token = keys().sign(alg, &claims).expect("signed");
            assert_eq!(keys().verify::<Value>(&token, "https://op.example"), Some(claims.clone()), "{alg:?}");
            assert_eq!(keys().verify::<Value>(&token, "https://other.example"), None);
            let (body, _) = token.rsplit_once('.').expect("a token");
            assert_eq!(keys().verify::<Value>(&format!("{body}."), "https://op.example"), None);
            let kid = keys().signing(alg).expect("it signs").kid();
            let claims = B64.encode(claims.to_string());
            for other in ["none", "HS256", "RS256", "PS256", "ES256", "EdDSA"] {
                let header = B64.encode(json!({ "alg": other, "kid": kid }).to_string());
                assert_eq!(
                    keys().verify::<Value>(&format!("{header}.{claims}."), "https://op.example"),
                    None
                );
                let signature = token.rsplit('.').next().expect("a signature");
                let swapped = format!("{header}.{claims}.{signature}");
                assert_eq!(keys().verify::<Value>(&swapped, "https://op.example"), None);
            }
        }
    }

    #[test]
    fn the_published_set_has_no_private_member() {
        let set: Value = serde_json::from_str(keys().as_json()).expect("JSON");
        let members = |at: usize| {
            let key = set["keys"][at].as_object().expect("a key");
            key.keys().map(String::as_str).collect::<Vec<_>>()
        };
        assert_eq!(members(0), ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!(members(1), members(0));
        assert_eq!(members(2), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        assert_eq!(members(3), ["alg", "crv", "kid", "kty", "use", "x"]);
    }

    #[test]
    fn the_hash_of_an_access_token_is_that_of_the_specification() {
        // OIDC Core A.3 has no access token in clear; this one was computed with openssl.
        assert_eq!(
            half_hash(SigningAlg::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(half_hash(SigningAlg::EdDsa, "x").len(), 43, "256 bits of SHA-512");
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
