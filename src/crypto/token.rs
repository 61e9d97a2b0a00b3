//! Secrets that the house makes: 256 random bits in base64url. Only their digest is stored; as they cannot be
//! guessed, one SHA-256 is enough.

use crate::domain::chance::{self, Entropy};
use crate::domain::secret::Secret;
use aws_lc_rs::digest::{SHA256, digest as sha};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

/// A new secret: 43 characters.
pub fn new(entropy: &dyn Entropy) -> Secret<String> {
    Secret::new(URL_SAFE_NO_PAD.encode(chance::bytes::<32>(entropy)))
}

/// The digest under which a secret of ours is stored and looked up: SHA-256 in base64url.
pub fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha(&SHA256, secret.as_bytes()))
}

/// SHA-256 of any bytes, in base64url.
pub fn digest_of(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(sha(&SHA256, bytes))
}

/// SHA-256.
pub fn sha256(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(sha(&SHA256, text.as_bytes()).as_ref());
    hash
}

/// Compares in a time that does not depend on where the difference is.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
