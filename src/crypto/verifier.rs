//! Verifiers of passwords that the house does not own: Argon2id (RFC 9106) over a keyed digest, so that neither a
//! stolen database without the master key nor the key without the database tells a password.

use super::keyring::Keyring;
use crate::domain::secret::{Password, Secret};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The first byte of a verifier: Argon2id, 19 MiB, two passes, one lane; RFC 9106 §4 scaled as OWASP recommends.
const KIND: u8 = 1;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SALT: usize = 16;
const HASH: usize = 32;
const PURPOSE: &str = "cached verifier";
/// How many may wait for their turn; more are turned away.
const WAITING: usize = 64;

/// Makes and compares verifiers, as many at once as there are cores.
pub struct Verifiers {
    turns: Arc<Semaphore>,
    places: Semaphore,
}

impl Default for Verifiers {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { turns: Arc::new(Semaphore::new(cores)), places: Semaphore::new(cores + WAITING) }
    }
}

impl Verifiers {
    /// A verifier of the password of `whose`; `None` if too many wait already.
    pub async fn make(
        &self,
        keyring: &Keyring,
        whose: &str,
        password: &Password,
        salt: [u8; SALT],
    ) -> Option<Vec<u8>> {
        let hash = self.hash(keyring, whose, password, salt).await?;
        Some([&[KIND], salt.as_slice(), hash.expose()].concat())
    }

    /// Whether a password fits a verifier; `None` if too many wait already. Without a verifier it takes as long and
    /// fits nothing.
    pub async fn fits(
        &self,
        keyring: &Keyring,
        whose: &str,
        password: &Password,
        verifier: Option<&[u8]>,
    ) -> Option<bool> {
        let kept = verifier.and_then(read);
        let (salt, expected) = kept.unwrap_or(([0; SALT], &[]));
        let hash = self.hash(keyring, whose, password, salt).await?;
        Some(kept.is_some() && bool::from(hash.expose().as_slice().ct_eq(expected)))
    }

    async fn hash(
        &self,
        keyring: &Keyring,
        whose: &str,
        password: &Password,
        salt: [u8; SALT],
    ) -> Option<Secret<Vec<u8>>> {
        let _place = self.places.try_acquire().ok()?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        let digest = keyring.keyed_bytes(PURPOSE, &[whose, password.expose()]);
        let work = spawn_blocking(move || {
            // the turn ends with the work, also when nobody waits for it any more
            let _turn = turn;
            argon2id(&digest, &salt)
        });
        work.await.ok()?
    }
}

fn argon2id(digest: &Secret<Vec<u8>>, salt: &[u8]) -> Option<Secret<Vec<u8>>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH)).ok()?;
    let mut hash = vec![0; HASH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(digest.expose(), salt, &mut hash)
        .ok()?;
    Some(Secret::new(hash))
}

/// Salt and hash of a verifier; `None` for bytes that are none.
fn read(verifier: &[u8]) -> Option<([u8; SALT], &[u8])> {
    let (&kind, rest) = verifier.split_first()?;
    let (salt, hash) = rest.split_at_checked(SALT)?;
    (kind == KIND && hash.len() == HASH).then_some((salt.try_into().ok()?, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(byte: u8) -> Keyring {
        use base64::Engine;
        Keyring::parse(&base64::engine::general_purpose::STANDARD.encode([byte; 32])).expect("a key")
    }

    fn secret(text: &str) -> Password {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_verifier_fits_the_same_password_account_and_key_only() {
        let (verifiers, password) = (Verifiers::default(), secret("Trăng-Sáng-9"));
        let made = verifiers.make(&ring(7), "an", &password, [9; SALT]).await.expect("made");
        assert_eq!(made.len(), 1 + SALT + HASH);
        let fits = async |ring: Keyring, whose: &str, password: &str, verifier: Option<&[u8]>| {
            verifiers.fits(&ring, whose, &secret(password), verifier).await.expect("not many wait")
        };
        assert!(fits(ring(7), "an", "Trăng-Sáng-9", Some(&made)).await);
        assert!(!fits(ring(7), "an", "Trăng-Sáng-8", Some(&made)).await);
        assert!(!fits(ring(7), "binh", "Trăng-Sáng-9", Some(&made)).await, "another account");
        assert!(!fits(ring(8), "an", "Trăng-Sáng-9", Some(&made)).await, "another master key");
        assert!(!fits(ring(7), "an", "Trăng-Sáng-9", None).await, "nothing kept");
        for broken in [&made[..0], &made[..10], &made[..made.len() - 1]] {
            assert!(!fits(ring(7), "an", "Trăng-Sáng-9", Some(broken)).await);
        }
    }

    #[tokio::test]
    async fn whoever_comes_when_too_many_wait_is_turned_away() {
        let verifiers = Verifiers { turns: Arc::new(Semaphore::new(1)), places: Semaphore::new(1) };
        let place = verifiers.places.try_acquire().expect("free");
        assert_eq!(verifiers.fits(&ring(7), "an", &secret("x"), None).await, None);
        drop(place);
        assert_eq!(verifiers.fits(&ring(7), "an", &secret("x"), None).await, Some(false));
    }
}
