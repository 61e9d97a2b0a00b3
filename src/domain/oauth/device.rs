//! Devices without a keyboard or a browser (RFC 8628): the code that a person types, and how often the device may ask.

use super::scope::Scopes;
use crate::domain::chance::{self, Entropy};
use crate::domain::id::ClientRowId;
use crate::domain::timestamp::Timestamp;
use std::fmt;
use time::Duration;

/// The grant type of the token endpoint (RFC 8628 §3.4).
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How long a device waits for the person.
pub const DEVICE_LIFE: Duration = Duration::minutes(10);

/// How many seconds lie between two questions of a device (RFC 8628 §3.2), and how many more after one that came
/// too early (§3.5).
pub const PAUSE: i64 = 5;

/// The network may bring two questions closer together than the device has sent them.
const GRACE: Duration = Duration::seconds(1);

/// RFC 8628 §6.1: no vowels, so no words; no digits, so nothing to mistake them for.
const LETTERS: [u8; 20] = *b"BCDFGHJKLMNPQRSTVWXZ";

/// How many letters: about 34 bits, beside limited guesses and a short life.
const LENGTH: usize = 8;

/// Nobody types more.
const LONGEST_TYPED: usize = 64;

/// The code that a person types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// A new one, every letter as likely as any other.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            let fair = chance::bytes::<16>(entropy).into_iter().filter(|byte| *byte < 240);
            let letters = fair.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
            code.extend(letters.take(LENGTH - code.len()));
        }
        Self(code)
    }

    /// Reads what was typed: in any case, with or without dash and spaces (RFC 8628 §6.1).
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > LONGEST_TYPED {
            return None;
        }
        let spoken = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '‐' | '‑' | '–' | '—' | '.' | '_');
        let code: String = typed.chars().filter(spoken).map(|c| c.to_ascii_uppercase()).collect();
        (code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte))).then_some(Self(code))
    }

    /// The letters without a dash.
    pub fn letters(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

/// What a person has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceState {
    /// Nothing yet.
    Waiting,
    /// Yes.
    Approved,
    /// No.
    Refused,
}

impl DeviceState {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    /// Reads [`DeviceState::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Waiting, Self::Approved, Self::Refused].into_iter().find(|state| state.code() == code)
    }
}

/// A device that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Digest of its code.
    pub id: String,
    /// The application on it.
    pub client: ClientRowId,
    /// What it asks for.
    pub scopes: Scopes,
    /// What the person has answered.
    pub state: DeviceState,
    /// How many seconds it waits between two questions.
    pub pause: i64,
    /// When it last asked.
    pub asked_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it is too late.
    pub expires_at: Timestamp,
}

impl Device {
    /// Whether it asks too early (RFC 8628 §3.5, `slow_down`).
    pub fn hurries(&self, now: Timestamp) -> bool {
        let pause = Duration::seconds(self.pause) - GRACE;
        self.asked_at.is_some_and(|before| now.since(before) < pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Counts through all bytes.
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn a_code_is_read_as_it_is_shown_and_as_people_type_it() {
        let code = UserCode::new(&Counting(AtomicU8::new(0)));
        assert_eq!(code.to_string(), "BCDF-GHJK");
        for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "BCDF–GHJK", "b c d f-g h j k"] {
            assert_eq!(UserCode::parse(typed).as_ref(), Some(&code), "{typed:?}");
        }
        for wrong in ["", "BCDF-GHJ", "BCDF-GHJKL", "BCDF-GHJA", "BCDF-GHJ1", "BCDF-GHJĐ", &"B-".repeat(40)]
        {
            assert_eq!(UserCode::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn every_letter_is_as_likely_and_bytes_that_would_favour_some_are_left_out() {
        let near_the_end = UserCode::new(&Counting(AtomicU8::new(236)));
        // 236 to 239, then from 0 on: 240 to 255 say nothing.
        assert_eq!(near_the_end.letters(), "VWXZBCDF");
    }

    #[test]
    fn a_device_that_asks_within_its_pause_hurries() {
        let at = Timestamp::from_seconds;
        let mut device = Device {
            id: String::new(),
            client: ClientRowId::new(at(0), &Counting(AtomicU8::new(0))),
            scopes: Scopes::default(),
            state: DeviceState::Waiting,
            pause: PAUSE,
            asked_at: None,
            created_at: at(0),
            expires_at: at(600),
        };
        assert!(!device.hurries(at(0)), "the first question may come at once");
        device.asked_at = Some(at(100));
        assert!(device.hurries(at(103)) && !device.hurries(at(104)));
        device.pause += PAUSE;
        assert!(device.hurries(at(108)) && !device.hurries(at(109)));
    }

    proptest! {
        #[test]
        fn anything_typed_is_read_or_refused(typed in ".{0,80}") {
            if let Some(code) = UserCode::parse(&typed) {
                prop_assert_eq!(UserCode::parse(&code.to_string()), Some(code));
            }
        }
    }
}
