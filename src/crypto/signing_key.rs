//! The house's own keys: made, opened from their sealed form, and what others see of them (RFC 7517, 7518, 7638, 8037).

use super::jwt::JwtError;
use crate::domain::oauth::key::{KeyState, SigningAlg};
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};

/// A signing key, opened.
pub struct SigningKey {
    kid: String,
    alg: SigningAlg,
    state: KeyState,
    since: Timestamp,
    pair: Pair,
    public: Value,
    verifies: DecodingKey,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("alg", &self.alg)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The public part of a key: its members in the order that RFC 7638 §3.2 takes for the thumbprint.
struct Public {
    kid: String,
    jwk: Value,
    verifies: DecodingKey,
}

/// Makes a new key: its kid and its private part (PKCS #8). RSA keys have 2048 bits.
pub fn generate(alg: SigningAlg) -> Result<(String, Secret<Vec<u8>>), JwtError> {
    let no_key = |_| JwtError::NoKey;
    let private = match alg {
        SigningAlg::Rs256 | SigningAlg::Ps256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(no_key)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(no_key)?;
            der.as_ref().to_vec()
        }
        SigningAlg::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(no_key)?;
            pair.to_pkcs8v1().map_err(no_key)?.as_ref().to_vec()
        }
        SigningAlg::EdDsa => {
            let pair = Ed25519KeyPair::generate().map_err(no_key)?;
            pair.to_pkcs8().map_err(no_key)?.as_ref().to_vec()
        }
    };
    let private = Secret::new(private);
    let kid = public(&open(alg, &private)?, alg)?.kid;
    Ok((kid, private))
}

fn open(alg: SigningAlg, pkcs8: &Secret<Vec<u8>>) -> Result<Pair, JwtError> {
    let bytes = pkcs8.expose();
    let pair = match alg {
        SigningAlg::Rs256 | SigningAlg::Ps256 => RsaKeyPair::from_pkcs8(bytes).map(Pair::Rsa),
        SigningAlg::Es256 => {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map(Pair::P256)
        }
        SigningAlg::EdDsa => Ed25519KeyPair::from_pkcs8(bytes).map(Pair::Ed25519),
    };
    pair.map_err(|_| JwtError::NotAKey)
}

fn public(pair: &Pair, alg: SigningAlg) -> Result<Public, JwtError> {
    let (required, verifies) = match pair {
        Pair::Rsa(pair) => {
            let key = pair.public_key();
            let n = B64.encode(key.modulus().big_endian_without_leading_zero());
            let e = B64.encode(key.exponent().big_endian_without_leading_zero());
            let verifies = DecodingKey::from_rsa_components(&n, &e);
            (json!({ "e": e, "kty": "RSA", "n": n }), verifies)
        }
        Pair::P256(pair) => {
            // SEC 1 §2.3.3: 4, then both coordinates.
            let point = pair.public_key().as_ref();
            let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(32).ok_or(JwtError::NotAKey)?;
            let (x, y) = (B64.encode(x), B64.encode(y));
            let verifies = DecodingKey::from_ec_components(&x, &y);
            (json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y }), verifies)
        }
        Pair::Ed25519(pair) => {
            let x = B64.encode(pair.public_key().as_ref());
            let verifies = DecodingKey::from_ed_components(&x);
            (json!({ "crv": "Ed25519", "kty": "OKP", "x": x }), verifies)
        }
    };
    // RFC 7638 §3: the required members, in lexical order, without white space: as serde_json writes a map.
    let kid = B64.encode(digest(&SHA256, required.to_string().as_bytes()));
    let mut jwk = required;
    if let Value::Object(members) = &mut jwk {
        members.insert("use".to_owned(), "sig".into());
        members.insert("alg".to_owned(), alg.code().into());
        members.insert("kid".to_owned(), kid.clone().into());
    }
    Ok(Public { kid, jwk, verifies: verifies.map_err(|_| JwtError::NotAKey)? })
}

/// The name of an algorithm in the library.
pub(super) const fn in_the_library(alg: SigningAlg) -> Algorithm {
    match alg {
        SigningAlg::Rs256 => Algorithm::RS256,
        SigningAlg::Ps256 => Algorithm::PS256,
        SigningAlg::Es256 => Algorithm::ES256,
        SigningAlg::EdDsa => Algorithm::EdDSA,
    }
}

impl SigningKey {
    /// Opens a private part (PKCS #8).
    pub fn open(
        alg: SigningAlg,
        pkcs8: &Secret<Vec<u8>>,
        state: KeyState,
        since: Timestamp,
    ) -> Result<Self, JwtError> {
        let pair = open(alg, pkcs8)?;
        let Public { kid, jwk, verifies } = public(&pair, alg)?;
        Ok(Self { kid, alg, state, since, pair, public: jwk, verifies })
    }

    /// Its kid.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its algorithm.
    pub const fn alg(&self) -> SigningAlg {
        self.alg
    }

    /// Its state, and since when.
    pub const fn state(&self) -> (KeyState, Timestamp) {
        (self.state, self.since)
    }

    /// Its public part (RFC 7517 §4).
    pub(super) const fn public(&self) -> &Value {
        &self.public
    }

    /// What verifies its signatures.
    pub(super) const fn verifies(&self) -> &DecodingKey {
        &self.verifies
    }

    /// RFC 7515 §5.1. The key stays parsed: parsing it anew for each signature costs more than the signature.
    pub(super) fn sign(&self, typ: Option<&str>, claims: &impl Serialize) -> Result<String, JwtError> {
        let mut header = Header::new(in_the_library(self.alg));
        header.kid = Some(self.kid.clone());
        if let Some(typ) = typ {
            header.typ = Some(typ.to_owned());
        }
        let header = B64.encode(serde_json::to_vec(&header)?);
        let mut token = format!("{header}.{}", B64.encode(serde_json::to_vec(claims)?));
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        B64.encode_string(&signature, &mut token);
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, JwtError> {
        let (chance, failed) = (SystemRandom::new(), |_| JwtError::NotSigned);
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let padding: &'static dyn aws_lc_rs::signature::RsaEncoding =
                    if self.alg == SigningAlg::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(padding, &chance, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::P256(pair) => Ok(pair.sign(&chance, message).map_err(failed)?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}
