//! Proofs of possession: a JWT that carries the public key under which it is signed (RFC 9449 §4.2).

use super::jws::{ForeignKeys, LONGEST_TOKEN, Verified};
use crate::domain::oauth::dpop::ALGORITHMS;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde_json::{Map, Value, json};

/// A proof whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key (RFC 7638).
    pub jkt: String,
    /// What it says.
    pub claims: Map<String, Value>,
}

/// Reads a proof. `None`: it is not one, or not signed under the key that it carries.
pub fn verify(proof: &str) -> Option<Proof> {
    if proof.len() > LONGEST_TOKEN {
        return None;
    }
    let header = B64.decode(proof.split('.').next()?).ok()?;
    let header: Map<String, Value> = serde_json::from_slice(&header).ok()?;
    // RFC 9449 §4.3 (4): so that no other JWT of the application is taken for a proof.
    let is_proof = header.get("typ")?.as_str()?.eq_ignore_ascii_case("dpop+jwt");
    let mut key = header.get("jwk").filter(|_| is_proof)?.clone();
    // The key says nothing about what it is for; the proof does.
    for beside in ["use", "alg", "kid", "key_ops", "x5c"] {
        key.as_object_mut()?.remove(beside);
    }
    // Refuses private and symmetric keys, and those that are too short.
    let keys = ForeignKeys::read(&json!({ "keys": [&key] })).ok()?;
    let Verified::Claims(claims) = keys.verify(proof, &ALGORITHMS) else { return None };
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    Some(Proof { jkt: jwk.thumbprint(ThumbprintHash::SHA256).ok()?, claims })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_no_proof_and_never_a_panic(text in ".{0,200}") {
            prop_assert_eq!(verify(&text), None);
        }

        #[test]
        fn any_header_is_no_proof_and_never_a_panic(
            kty in "EC|RSA|OKP|oct|x", crv in "P-256|Ed25519|x", x in "[A-Za-z0-9_-]{0,50}", alg in "ES256|PS256|EdDSA|none|RS256",
        ) {
            let jwk = json!({ "kty": kty, "crv": crv, "x": x, "y": x, "n": x, "e": "AQAB" });
            let header = B64.encode(json!({ "typ": "dpop+jwt", "alg": alg, "jwk": jwk }).to_string());
            prop_assert_eq!(verify(&format!("{header}.e30.{x}")), None);
        }
    }
}
