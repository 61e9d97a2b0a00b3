//! Passkeys: what a browser hands over is read and verified (Web Authentication Level 3 §7.1, §7.2). Attestation is
//! neither asked for nor looked at: the house trusts its staff's devices as they are. Why no library:
//! docs/decisions/0010-passkeys-are-verified-here.md.

use crate::crypto::token;
use crate::domain::chance::{self, Entropy};
use crate::domain::timestamp::Timestamp;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::keyring::Keyring;

/// The signature algorithms (COSE): ES256, EdDSA, RS256, the best first.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// No part of an answer is longer, in bytes.
const LONGEST: usize = 8 * 1024;

/// §4, flags of the authenticator data.
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;

/// Why an answer proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unproven {
    /// It is not of the specified form.
    #[error("the answer of the passkey cannot be read")]
    Form,
    /// It answers another question: another challenge, origin, relying party or ceremony.
    #[error("the answer of the passkey is for something else")]
    Other,
    /// The device has not made sure that anybody, or the right one, is there.
    #[error("the passkey has not made sure of its holder")]
    Absent,
    /// The signature is not the passkey's.
    #[error("the signature is not the passkey's")]
    Signature,
}

/// What an answer is measured by.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The challenge, as the page had it.
    pub challenge: &'a str,
    /// The origin of the page.
    pub origin: &'a str,
    /// The relying party's id: a domain.
    pub rp_id: &'a str,
    /// Whether the device must have made sure who is there.
    pub verified: bool,
}

/// A passkey that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: Vec<u8>,
    /// Its public key (COSE).
    pub key: Vec<u8>,
    /// Its counter.
    pub counter: u32,
    /// Whether its keeper may copy it.
    pub can_be_copied: bool,
}

/// What a passkey has proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asserted {
    /// Its counter.
    pub counter: u32,
    /// Whether its keeper may copy it.
    pub can_be_copied: bool,
}

/// What a browser hands over of a passkey's proof, decoded.
#[derive(Debug, Clone, Default)]
pub struct Assertion {
    /// `rawId`.
    pub id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub data: Vec<u8>,
    /// `signature`.
    pub signature: Vec<u8>,
    /// `userHandle`, where the passkey was found without a name.
    pub user: Option<Vec<u8>>,
}

/// Bytes in base64url, as the script sends them; `None` for anything else, and for what is too long.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    (text.len() <= 2 * LONGEST).then(|| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()).flatten()
}

/// Bytes as the script reads them.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A challenge (§13.4.3): random, good until then, for one purpose and one browser. Nothing is kept of it until it is
/// answered.
pub fn challenge(
    keyring: &Keyring,
    purpose: &str,
    browser: &str,
    until: Timestamp,
    entropy: &dyn Entropy,
) -> String {
    let mut bytes = chance::bytes::<16>(entropy).to_vec();
    bytes.extend(until.seconds().to_be_bytes());
    let seal = seal(keyring, purpose, browser, &bytes);
    bytes.extend(seal);
    encode(&bytes)
}

/// Whether a challenge is ours, for this purpose and browser, and still good.
pub fn is_ours(keyring: &Keyring, purpose: &str, browser: &str, challenge: &str, now: Timestamp) -> bool {
    until(keyring, purpose, browser, challenge).is_some_and(|until| now.seconds() < until)
}

/// Whether it was, and is not good any more.
pub fn was_ours(keyring: &Keyring, purpose: &str, browser: &str, challenge: &str, now: Timestamp) -> bool {
    until(keyring, purpose, browser, challenge).is_some_and(|until| now.seconds() >= until)
}

/// Until when a challenge of ours is good, in seconds; `None` for any other.
fn until(keyring: &Keyring, purpose: &str, browser: &str, challenge: &str) -> Option<i64> {
    let bytes = decode(challenge)?;
    let (open, sealed) = bytes.split_at_checked(24)?;
    let until = <[u8; 8]>::try_from(&open[16..]).ok()?;
    let is_sealed: bool = seal(keyring, purpose, browser, open).ct_eq(sealed).into();
    is_sealed.then(|| i64::from_be_bytes(until))
}

fn seal(keyring: &Keyring, purpose: &str, browser: &str, open: &[u8]) -> Vec<u8> {
    keyring.keyed_bytes("passkey challenge", &[purpose, browser, &encode(open)]).expose().clone()
}

/// §7.1: a passkey was made.
pub fn made(expected: &Expected<'_>, client_data: &[u8], attestation: &[u8]) -> Result<Made, Unproven> {
    asked(expected, client_data, "webauthn.create")?;
    if attestation.len() > LONGEST {
        return Err(Unproven::Form);
    }
    let object: Value = ciborium::from_reader(attestation).map_err(|_| Unproven::Form)?;
    let data = object.as_map().into_iter().flatten();
    let data =
        data.filter(|(key, _)| key.as_text() == Some("authData")).find_map(|(_, value)| value.as_bytes());
    let data = Data::read(data.ok_or(Unproven::Form)?)?;
    data.suits(expected)?;
    if data.flags & HAS_CREDENTIAL == 0 {
        return Err(Unproven::Form);
    }
    // §6.5.1: AAGUID, length of the id, the id, the key; extensions may follow.
    let (_, rest) = data.rest.split_at_checked(16).ok_or(Unproven::Form)?;
    let (length, rest) = rest.split_at_checked(2).ok_or(Unproven::Form)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    let (id, rest) = rest.split_at_checked(length).ok_or(Unproven::Form)?;
    if id.is_empty() || id.len() > 1023 {
        return Err(Unproven::Form);
    }
    let mut after = rest;
    let _: Value = ciborium::from_reader(&mut after).map_err(|_| Unproven::Form)?;
    let key = rest[..rest.len() - after.len()].to_vec();
    Key::read(&key).ok_or(Unproven::Form)?;
    Ok(Made { id: id.to_vec(), key, counter: data.counter, can_be_copied: data.flags & BACKUP_ELIGIBLE != 0 })
}

/// §7.2: a passkey proves its holder. What its counter means is the caller's.
pub fn asserted(expected: &Expected<'_>, key: &[u8], answer: &Assertion) -> Result<Asserted, Unproven> {
    asked(expected, &answer.client_data, "webauthn.get")?;
    let data = Data::read(&answer.data)?;
    data.suits(expected)?;
    let key = Key::read(key).ok_or(Unproven::Form)?;
    let signed = [answer.data.as_slice(), digest(&SHA256, &answer.client_data).as_ref()].concat();
    if !key.verifies(&signed, &answer.signature) {
        return Err(Unproven::Signature);
    }
    Ok(Asserted { counter: data.counter, can_be_copied: data.flags & BACKUP_ELIGIBLE != 0 })
}

/// §5.8.1: what the browser says that it was asked.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

fn asked(expected: &Expected<'_>, client_data: &[u8], kind: &str) -> Result<(), Unproven> {
    if client_data.len() > LONGEST {
        return Err(Unproven::Form);
    }
    let said: ClientData = serde_json::from_slice(client_data).map_err(|_| Unproven::Form)?;
    let is_asked = said.kind == kind
        && token::same(&said.challenge, expected.challenge)
        && said.origin == expected.origin
        && !said.cross_origin;
    if is_asked { Ok(()) } else { Err(Unproven::Other) }
}

/// §6.1: the authenticator data.
struct Data<'a> {
    relying_party: &'a [u8],
    flags: u8,
    counter: u32,
    rest: &'a [u8],
}

impl<'a> Data<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Unproven> {
        if bytes.len() > LONGEST {
            return Err(Unproven::Form);
        }
        let (relying_party, rest) = bytes.split_at_checked(32).ok_or(Unproven::Form)?;
        let (head, rest) = rest.split_at_checked(5).ok_or(Unproven::Form)?;
        let counter = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        Ok(Self { relying_party, flags: head[0], counter, rest })
    }

    fn suits(&self, expected: &Expected<'_>) -> Result<(), Unproven> {
        if digest(&SHA256, expected.rp_id.as_bytes()).as_ref() != self.relying_party {
            return Err(Unproven::Other);
        }
        if self.flags & USER_PRESENT == 0 || (expected.verified && self.flags & USER_VERIFIED == 0) {
            return Err(Unproven::Absent);
        }
        // §6.1.3: what cannot be copied is not backed up.
        if self.flags & BACKED_UP != 0 && self.flags & BACKUP_ELIGIBLE == 0 {
            return Err(Unproven::Form);
        }
        Ok(())
    }
}

/// A public key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4).
enum Key {
    Es256(Vec<u8>),
    EdDsa(Vec<u8>),
    Rs256 { modulus: Vec<u8>, exponent: Vec<u8> },
}

impl Key {
    fn read(bytes: &[u8]) -> Option<Self> {
        let value: Value = ciborium::from_reader(bytes).ok()?;
        let map = value.as_map()?;
        let member = |label: i64| {
            map.iter().find(|(key, _)| key.as_integer() == Some(label.into())).map(|(_, value)| value)
        };
        let number = |label| member(label).and_then(Value::as_integer).and_then(|n| i64::try_from(n).ok());
        let bytes = |label, length: usize| {
            member(label).and_then(Value::as_bytes).filter(|bytes| length == 0 || bytes.len() == length)
        };
        match (number(1)?, number(3)?) {
            (2, -7) if number(-1)? == 1 => {
                Some(Self::Es256([vec![4], bytes(-2, 32)?.clone(), bytes(-3, 32)?.clone()].concat()))
            }
            (1, -8) if number(-1)? == 6 => Some(Self::EdDsa(bytes(-2, 32)?.clone())),
            (3, -257) => {
                let (modulus, exponent) = (bytes(-1, 0)?, bytes(-2, 0)?);
                let fits = (256..=1024).contains(&modulus.len()) && (1..=8).contains(&exponent.len());
                fits.then(|| Self::Rs256 { modulus: modulus.clone(), exponent: exponent.clone() })
            }
            _ => None,
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature).is_ok()
            }
            Self::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

#[cfg(test)]
#[path = "webauthn_tests.rs"]
mod tests;
