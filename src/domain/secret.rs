//! Values that must not be shown: no `Display`, a redacted `Debug`, wiped on drop.

use std::fmt;
use zeroize::Zeroize;

/// A secret value. It is readable only through [`Secret::expose`], so that every use is visible in review.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself; for the one line that needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A password as it was typed, in NFC, so that the same keys give the same bytes on every device.
pub type Password = Secret<String>;

/// Reads a typed password: NFC, nothing else is changed. Longer than 256 characters is refused with `None`.
pub fn password(typed: &str) -> Option<Password> {
    use unicode_normalization::UnicodeNormalization;
    if typed.chars().count() > 256 {
        return None;
    }
    Some(Secret::new(typed.nfc().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new("Mat-khau-1".to_owned());
        assert_eq!(format!("{secret:?}"), "[secret]");
    }

    #[test]
    fn a_password_is_compared_in_nfc() {
        let composed = password("Mật-khẩu-1").expect("short");
        let decomposed = password("Ma\u{323}\u{302}t-kha\u{302}\u{309}u-1").expect("short");
        assert_eq!(composed.expose(), decomposed.expose());
    }

    #[test]
    fn an_endless_password_is_refused() {
        assert!(password(&"x".repeat(257)).is_none());
    }
}
