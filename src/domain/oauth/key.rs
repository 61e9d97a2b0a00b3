//! The life of a signing key: announced → signing → retiring → gone. It is published before it signs, so that every
//! application has seen it, and after it stopped, so that everything it signed can be verified.

use crate::domain::timestamp::Timestamp;
use time::Duration;

/// How long applications may keep the published keys; also how long a key is announced before it signs.
pub const PUBLISHED_FOR: Duration = Duration::hours(1);

/// The algorithm of a signature of the house (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum SigningAlg {
    /// RSA, PKCS #1 v1.5: every relying party knows it (OIDC Core §15.1).
    #[default]
    Rs256,
    /// RSA, PSS.
    Ps256,
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl SigningAlg {
    /// All of them, the one that everybody knows first.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// Its name in the specifications and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads [`SigningAlg::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.code() == code)
    }
}

/// The state of a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyState {
    /// Published, does not sign yet.
    Announced,
    /// Signs. At most one key of an algorithm is in this state.
    Signing,
    /// Still published, signs no more.
    Retiring,
    /// Forgotten.
    Gone,
}

impl KeyState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Announced, Self::Signing, Self::Retiring, Self::Gone];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Signing => "signing",
            Self::Retiring => "retiring",
            Self::Gone => "gone",
        }
    }

    /// Reads [`KeyState::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Whether a key has been announced long enough to sign.
pub fn may_sign(announced_at: Timestamp, now: Timestamp) -> bool {
    now.since(announced_at) >= PUBLISHED_FOR
}

/// Whether a key has been retiring long enough to be forgotten; `token_life` is how long its ID tokens are valid.
pub fn may_go(retiring_since: Timestamp, token_life: Duration, now: Timestamp) -> bool {
    now.since(retiring_since) >= token_life + PUBLISHED_FOR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_only_after_everybody_could_see_it() {
        let t0 = Timestamp::from_seconds(0);
        assert!(!may_sign(t0, t0.plus(Duration::minutes(59))));
        assert!(may_sign(t0, t0.plus(Duration::hours(1))));
    }

    #[test]
    fn a_key_goes_only_after_everything_it_signed_has_ended() {
        let (t0, life) = (Timestamp::from_seconds(0), Duration::minutes(10));
        assert!(!may_go(t0, life, t0.plus(Duration::minutes(69))));
        assert!(may_go(t0, life, t0.plus(Duration::minutes(70))));
    }
}
