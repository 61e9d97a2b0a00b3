//! Signatures of others: the key set of an application, and what was signed under one of its keys (RFC 7515, 7517).

use super::certificate;
use crate::domain::oauth::client_auth::ClientAlg;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};
use thiserror::Error;

/// So many keys of a set are looked at.
const MOST_KEYS: usize = 20;

/// No token is longer.
pub const LONGEST_TOKEN: usize = 16 * 1024;

/// Why a key set is not one that an application may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadKeys {
    /// It is not an object with an array `keys`, or has too many.
    #[error("it must be an object with an array keys, of 20 at most")]
    NotASet,
    /// A member is private or symmetric.
    #[error("it holds a private or symmetric key")]
    Private,
    /// None of its keys can verify a signature here, and none comes with a certificate.
    #[error("it holds no key that can verify RS256, PS256, ES256 or EdDSA")]
    NoneUsable,
}

/// What a signature proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// These claims were signed under one of the keys.
    Claims(Map<String, Value>),
    /// The token names a key that is not in the set, or none and no key fits: the set may be an old one.
    KeyUnknown,
    /// It proves nothing.
    Nothing,
}

/// The keys of an application, and the thumbprints of the certificates that come with them.
#[derive(Clone)]
pub struct ForeignKeys {
    keys: Vec<ForeignKey>,
    certificates: Vec<String>,
}

#[derive(Clone)]
struct ForeignKey {
    kid: Option<String>,
    algs: &'static [ClientAlg],
    key: DecodingKey,
}

impl std::fmt::Debug for ForeignKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ForeignKeys({}, {})", self.keys.len(), self.certificates.len())
    }
}

impl ForeignKeys {
    /// Reads a key set (RFC 7517 §5). Keys that are for encryption or of an unknown kind are left out; keys without
    /// `kid` are good.
    pub fn read(set: &Value) -> Result<Self, BadKeys> {
        let keys = set.get("keys").and_then(Value::as_array).ok_or(BadKeys::NotASet)?;
        if keys.len() > MOST_KEYS {
            return Err(BadKeys::NotASet);
        }
        let is_private =
            |key: &Value| ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|m| key.get(m).is_some());
        if keys.iter().any(is_private) {
            return Err(BadKeys::Private);
        }
        let keys: Vec<_> = keys.iter().filter_map(usable).collect();
        let certificates: Vec<_> =
            certificate::of_key_set(set).into_iter().map(|certificate| certificate.thumbprint).collect();
        if keys.is_empty() && certificates.is_empty() {
            return Err(BadKeys::NoneUsable);
        }
        Ok(Self { keys, certificates })
    }

    /// The name of each key that can verify a signature, and the algorithms under which it can.
    pub fn outline(&self) -> Vec<(Option<&str>, &'static [ClientAlg])> {
        self.keys.iter().map(|key| (key.kid.as_deref(), key.algs)).collect()
    }

    /// With how many certificates the keys come.
    pub const fn certificates(&self) -> usize {
        self.certificates.len()
    }

    /// Whether one of the keys can verify a signature.
    pub const fn can_verify(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether one of the keys comes with any certificate.
    pub const fn have_certificates(&self) -> bool {
        !self.certificates.is_empty()
    }

    /// Whether one of the keys comes with this certificate.
    pub fn have_certificate(&self, thumbprint: &str) -> bool {
        self.certificates.iter().any(|one| one == thumbprint)
    }

    /// The one symmetric key that a client secret is.
    pub fn of_secret(secret: &str) -> Self {
        let key = DecodingKey::from_secret(secret.as_bytes());
        let keys = vec![ForeignKey { kid: None, algs: &[ClientAlg::Hs256], key }];
        Self { keys, certificates: Vec::new() }
    }

    /// Reads a token that was signed under one of the keys by one of the algorithms. Its claims are for the caller to
    /// judge.
    pub fn verify(&self, token: &str, algs: &[ClientAlg]) -> Verified {
        if token.len() > LONGEST_TOKEN {
            return Verified::Nothing;
        }
        let Ok(header) = jsonwebtoken::decode_header(token) else { return Verified::Nothing };
        // RFC 7515 §4.1.11: no extension is understood.
        let Some(alg) = named(header.alg).filter(|alg| algs.contains(alg) && header.crit.is_none()) else {
            return Verified::Nothing;
        };
        let fits = |key: &&ForeignKey| key.algs.contains(&alg);
        let by_kid = |key: &&ForeignKey| match (&header.kid, &key.kid) {
            (Some(asked), Some(kid)) => asked == kid,
            _ => true,
        };
        let mut rules = Validation::new(header.alg);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let mut candidates = self.keys.iter().filter(fits).filter(by_kid).peekable();
        let named_one = header.kid.is_some() && candidates.peek().is_some_and(|key| key.kid.is_some());
        let claims = candidates
            .find_map(|key| jsonwebtoken::decode::<Map<String, Value>>(token, &key.key, &rules).ok());
        match claims {
            Some(data) => Verified::Claims(data.claims),
            None if named_one => Verified::Nothing,
            None => Verified::KeyUnknown,
        }
    }
}

/// Whom a token claims to be about, before anything of it is proven: only to find whose keys to hold it against.
pub fn unproven_subject(token: &str) -> Option<String> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims: Map<String, Value> = serde_json::from_slice(&B64.decode(claims).ok()?).ok()?;
    claims.get("sub")?.as_str().filter(|_| parts.next().is_none()).map(str::to_owned)
}

fn usable(key: &Value) -> Option<ForeignKey> {
    // A key whose `alg` the library does not know is not for us; one without is good for what its kind can.
    let jwk: Jwk = serde_json::from_value(key.clone()).ok()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|used| *used != PublicKeyUse::Signature) {
        return None;
    }
    let kinds: &'static [ClientAlg] = match &jwk.algorithm {
        // RFC 7518 §3.3: 2048 bits or more.
        AlgorithmParameters::RSA(rsa) if B64.decode(&rsa.n).is_ok_and(|n| n.len() >= 256) => {
            &[ClientAlg::Rs256, ClientAlg::Ps256]
        }
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => &[ClientAlg::Es256],
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            &[ClientAlg::EdDsa]
        }
        _ => return None,
    };
    let algs = match key.get("alg").and_then(Value::as_str) {
        None => kinds,
        Some(alg) => {
            let at = kinds.iter().position(|kind| kind.code() == alg)?;
            &kinds[at..=at]
        }
    };
    Some(ForeignKey { kid: jwk.common.key_id.clone(), algs, key: DecodingKey::from_jwk(&jwk).ok()? })
}

fn named(alg: Algorithm) -> Option<ClientAlg> {
    match alg {
        Algorithm::RS256 => Some(ClientAlg::Rs256),
        Algorithm::PS256 => Some(ClientAlg::Ps256),
        Algorithm::ES256 => Some(ClientAlg::Es256),
        Algorithm::EdDSA => Some(ClientAlg::EdDsa),
        Algorithm::HS256 => Some(ClientAlg::Hs256),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn secret() -> ForeignKeys {
        ForeignKeys::of_secret("a secret of thirty-two bytes or more")
    }

    fn signed(header: &Value) -> String {
        let mut head = jsonwebtoken::Header::new(Algorithm::HS256);
        head.crit = header.get("crit").and_then(|crit| serde_json::from_value(crit.clone()).ok());
        let key = jsonwebtoken::EncodingKey::from_secret(b"a secret of thirty-two bytes or more");
        jsonwebtoken::encode(&head, &json!({ "sub": "app" }), &key).expect("signed")
    }

    #[test]
    fn a_key_set_with_a_private_or_symmetric_member_is_refused() {
        for key in [
            json!({ "kty": "oct", "k": "AA" }),
            json!({ "kty": "EC", "crv": "P-256", "x": "", "y": "", "d": "A" }),
        ] {
            assert_eq!(ForeignKeys::read(&json!({ "keys": [key] })).err(), Some(BadKeys::Private));
        }
        assert_eq!(ForeignKeys::read(&json!({ "keys": [] })).err(), Some(BadKeys::NoneUsable));
        assert_eq!(ForeignKeys::read(&json!({ "keys": vec![json!({}); 21] })).err(), Some(BadKeys::NotASet));
        assert_eq!(ForeignKeys::read(&json!([])).err(), Some(BadKeys::NotASet));
    }

    #[test]
    fn an_extension_that_nobody_understands_is_refused() {
        assert!(matches!(secret().verify(&signed(&json!({})), &[ClientAlg::Hs256]), Verified::Claims(_)));
        let with = signed(&json!({ "crit": ["b64"] }));
        assert_eq!(secret().verify(&with, &[ClientAlg::Hs256]), Verified::Nothing);
        assert_eq!(secret().verify(&signed(&json!({})), &[ClientAlg::Rs256]), Verified::Nothing);
    }

    proptest! {
        #[test]
        fn any_text_proves_nothing_and_never_a_panic(text in ".{0,300}") {
            let proven = secret().verify(&text, &[ClientAlg::Hs256, ClientAlg::Rs256]);
            prop_assert!(!matches!(proven, Verified::Claims(_)));
            let _ = unproven_subject(&text);
        }

        #[test]
        fn any_claims_are_read_or_not(claims in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = unproven_subject(&format!("e30.{}.x", B64.encode(claims)));
        }

        #[test]
        fn any_json_is_a_key_set_or_not(kty in "RSA|EC|OKP|oct|x", n in "[A-Za-z0-9_-]{0,20}", alg in "RS256|ES256|none|A") {
            let key = json!({ "kty": kty, "n": n, "e": n, "crv": "P-256", "x": n, "y": n, "alg": alg });
            let _ = ForeignKeys::read(&json!({ "keys": [key] }));
        }
    }
}
