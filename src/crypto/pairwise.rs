//! Pairwise subjects (OIDC Core 1.0 §8.1): the account's id, enciphered for each sector under a key of its own. The same
//! account is always the same subject there; two sectors cannot tell that theirs are one; and the house can tell whom a
//! subject means.

use crate::domain::secret::Secret;
use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;

/// The salt of this installation.
pub struct Pairwise(hmac::Key);

impl std::fmt::Debug for Pairwise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pairwise")
    }
}

impl Pairwise {
    /// From the salt.
    pub fn new(salt: &Secret<Vec<u8>>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, salt.expose()))
    }

    /// The subject of an id in a sector. An id is one block of the cipher and no two are equal, so that one block alone
    /// tells nothing but equality, which is what a subject is for.
    ///
    /// # Panics
    /// Never: 32 bytes are a key of AES-256, and 16 bytes are one block of it.
    pub fn subject(&self, sector: &str, id: [u8; 16]) -> String {
        let mut block = id;
        let key = EncryptingKey::ecb(self.key(sector)).expect("32 bytes are a key of AES-256");
        key.encrypt(&mut block).expect("16 bytes are one block");
        B64.encode(block)
    }

    /// The id that a subject of a sector means. Any 16 bytes mean one; whether there is such an account is for the
    /// caller to look.
    pub fn id(&self, sector: &str, subject: &str) -> Option<[u8; 16]> {
        let mut block: [u8; 16] = B64.decode(subject).ok()?.try_into().ok()?;
        let key = DecryptingKey::ecb(self.key(sector)).ok()?;
        key.decrypt(&mut block, DecryptionContext::None).ok()?;
        Some(block)
    }

    fn key(&self, sector: &str) -> UnboundCipherKey {
        let key = hmac::sign(&self.0, sector.as_bytes());
        UnboundCipherKey::new(&AES_256, key.as_ref()).expect("32 bytes are a key of AES-256")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairwise(salt: u8) -> Pairwise {
        Pairwise::new(&Secret::new(vec![salt; 32]))
    }

    #[test]
    fn a_subject_is_stable_and_its_sectors_own() {
        let subject = pairwise(1).subject("a.example", [7; 16]);
        assert_eq!(subject, pairwise(1).subject("a.example", [7; 16]));
        assert_ne!(subject, pairwise(1).subject("b.example", [7; 16]));
        assert_ne!(subject, pairwise(2).subject("a.example", [7; 16]));
        assert_eq!(subject.len(), 22);
    }

    proptest! {
        #[test]
        fn the_house_can_tell_whom_a_subject_means(id in any::<[u8; 16]>(), sector in ".{0,30}") {
            let subject = pairwise(1).subject(&sector, id);
            prop_assert_eq!(pairwise(1).id(&sector, &subject), Some(id));
        }

        #[test]
        fn any_text_is_a_subject_or_not(text in ".{0,40}") {
            let _ = pairwise(1).id("a.example", &text);
        }
    }
}
