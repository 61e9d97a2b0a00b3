//! The master key from a file, and what is derived from it: one key for each purpose (HKDF, RFC 5869).

use crate::domain::chance::{self, Entropy};
use crate::domain::secret::Secret;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// The root of all secrets at rest.
#[derive(Clone)]
pub struct Keyring {
    master: Secret<Vec<u8>>,
}

/// What can be wrong with a sealed value or the key file.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The file does not hold 32 bytes in base64.
    #[error("the master key must be 32 bytes in base64")]
    NotAKey,
    /// The sealed value was made with another key, or was changed.
    #[error("the sealed value does not open with this master key")]
    DoesNotOpen,
}

struct Length(usize);
impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Keyring {
    /// Reads the text of a key file.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let master = STANDARD.decode(text.trim()).map_err(|_| KeyringError::NotAKey)?;
        if master.len() != 32 {
            return Err(KeyringError::NotAKey);
        }
        Ok(Self { master: Secret::new(master) })
    }

    /// The text of a new key file.
    pub fn new_file(entropy: &dyn Entropy) -> Secret<String> {
        Secret::new(STANDARD.encode(chance::bytes::<32>(entropy)))
    }

    /// A key of `N` bytes for one purpose.
    ///
    /// # Panics
    /// For more than 8160 bytes, the most that HKDF-SHA256 gives.
    pub fn derive<const N: usize>(&self, purpose: &str) -> Secret<Vec<u8>> {
        let mut key = vec![0_u8; N];
        let pseudo_random = Salt::new(HKDF_SHA256, b"danang-sso").extract(self.master.expose());
        pseudo_random
            .expand(&[purpose.as_bytes()], Length(N))
            .and_then(|okm| okm.fill(&mut key))
            .expect("HKDF-SHA256 gives up to 8160 bytes");
        Secret::new(key)
    }

    /// Seals a value for one purpose and name (AES-256-GCM); the name is bound to it but not hidden in it.
    ///
    /// # Panics
    /// Never: AES-GCM seals any length that fits in memory.
    pub fn seal(&self, purpose: &str, name: &str, clear: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = chance::bytes(entropy);
        let mut sealed = clear.to_vec();
        self.aead(purpose)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name.as_bytes()),
                &mut sealed,
            )
            .expect("AES-GCM seals any length that fits in memory");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`Keyring::seal`] sealed.
    pub fn open(&self, purpose: &str, name: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, KeyringError> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(KeyringError::DoesNotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyringError::DoesNotOpen)?;
        let mut body = body.to_vec();
        let length = self
            .aead(purpose)
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut body)
            .map_err(|_| KeyringError::DoesNotOpen)?
            .len();
        body.truncate(length);
        Ok(Secret::new(body))
    }

    /// A keyed digest for one purpose, in base64: for keys of tables that must not tell what they stand for.
    pub fn keyed_digest(&self, purpose: &str, value: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.derive::<32>(purpose).expose());
        STANDARD.encode(hmac::sign(&key, value.as_bytes()))
    }

    /// The first four bytes of a keyed digest of several values, in base64: enough to tell a few values of one
    /// row apart, too little to find one by trying.
    pub fn short_digest(&self, purpose: &str, values: &[&str]) -> String {
        STANDARD.encode(&self.sign(purpose, values).as_ref()[..4])
    }

    /// A keyed digest of several values, as bytes: what a slow hash is made of, so that it opens nothing without the key.
    pub fn keyed_bytes(&self, purpose: &str, values: &[&str]) -> Secret<Vec<u8>> {
        Secret::new(self.sign(purpose, values).as_ref().to_vec())
    }

    fn sign(&self, purpose: &str, values: &[&str]) -> hmac::Tag {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.derive::<32>(purpose).expose());
        let mut context = hmac::Context::with_key(&key);
        for value in values {
            // its length first, so that no value can flow into the next
            context.update(&(value.len() as u64).to_be_bytes());
            context.update(value.as_bytes());
        }
        context.sign()
    }

    fn aead(&self, purpose: &str) -> LessSafeKey {
        let key = self.derive::<32>(purpose);
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.expose()).expect("32 bytes are a key of AES-256"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Seven;
    impl Entropy for Seven {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn what_is_sealed_opens_only_with_the_same_key_purpose_and_name() {
        let ring = Keyring::parse(Keyring::new_file(&Seven).expose()).expect("a key");
        let sealed = ring.seal("signing", "kid-1", b"private", &Seven);
        assert!(!sealed.windows(7).any(|w| w == b"private"));
        assert_eq!(ring.open("signing", "kid-1", &sealed).expect("ours").expose(), b"private");
        assert!(ring.open("signing", "kid-2", &sealed).is_err());
        assert!(ring.open("cookie", "kid-1", &sealed).is_err());
        assert!(ring.open("signing", "kid-1", &sealed[..5]).is_err());
        let other = Keyring::parse(&STANDARD.encode([8; 32])).expect("a key");
        assert!(other.open("signing", "kid-1", &sealed).is_err());
    }

    #[test]
    fn a_short_digest_has_four_bytes_and_keeps_values_apart() {
        let ring = Keyring::parse(Keyring::new_file(&Seven).expose()).expect("a key");
        let digest = |values: &[&str]| ring.short_digest("wrong", values);
        assert_eq!(digest(&["an", "Sai"]).len(), 8);
        assert_eq!(digest(&["an", "Sai"]), digest(&["an", "Sai"]));
        assert_ne!(digest(&["an", "Sai"]), digest(&["anS", "ai"]));
        assert_ne!(digest(&["an", "Sai"]), ring.short_digest("refused", &["an", "Sai"]));
    }

    #[test]
    fn a_short_key_file_is_refused() {
        assert!(Keyring::parse("c2hvcnQ=").is_err());
        assert!(Keyring::parse("not base64 at all!").is_err());
    }
}
