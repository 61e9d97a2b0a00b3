//! Passwords as crypt(3) hashes them with SHA-256 (`$5$`), for a mail system that compares with such a text in its own
//! database. 5,000 rounds, the number that goes without saying, so that the text fits the 64 characters of OBM's column.

use crate::domain::chance::{self, Entropy};
use crate::domain::secret::{Password, Secret};
use sha_crypt::{CustomizedPasswordHasher, Params, PasswordVerifier, ShaCrypt};
use tokio::task::spawn_blocking;

/// What crypt(3) takes when a text names no rounds.
const ROUNDS: u32 = 5_000;
const SAID: &str = "rounds=5000$";

/// The text for a password: 63 characters. `None` if there is no thread to make it.
pub async fn sha256(password: &Password, entropy: &dyn Entropy) -> Option<Secret<String>> {
    // 12 bytes are the 16 characters of salt that crypt(3) looks at.
    let salt = chance::bytes::<12>(entropy);
    let password = password.clone();
    let made = spawn_blocking(move || {
        let params = Params::new(ROUNDS).ok()?;
        let clear = password.expose().as_bytes();
        let hash = ShaCrypt::SHA256.hash_password_customized(clear, &salt, None, None, params).ok()?;
        Some(Secret::new(hash.as_str().replacen(SAID, "", 1)))
    });
    made.await.ok().flatten()
}

/// Whether a text is that of a password.
pub async fn fits(text: &Secret<String>, password: &Password) -> bool {
    let (text, password) = (text.clone(), password.clone());
    let fits = spawn_blocking(move || {
        ShaCrypt::SHA256.verify_password(password.expose().as_bytes(), text.expose().as_str()).is_ok()
    });
    fits.await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::try_from(at).unwrap_or(0);
            }
        }
    }

    #[tokio::test]
    async fn the_text_fits_obms_column_and_its_password_only() {
        let password = Secret::new("Bien-Xanh-2026".to_owned());
        let text = sha256(&password, &Counting).await.expect("made");
        assert!(text.expose().starts_with("$5$") && text.expose().len() <= 63, "{}", text.expose());
        assert!(!text.expose().contains("rounds"));
        assert!(fits(&text, &password).await);
        assert!(!fits(&text, &Secret::new("Bien-Xanh-2027".to_owned())).await);
        assert!(!fits(&Secret::new("$5$".to_owned()), &password).await);
    }

    #[tokio::test]
    async fn a_text_that_crypt_3_made_is_understood() {
        // Made by the C library's crypt(3).
        let text = Secret::new("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5".to_owned());
        assert!(fits(&text, &Secret::new("Hello world!".to_owned())).await);
    }
}
