//! Second factors: which there are, what each is worth, and the rules of their codes. Keys and digests are `crypto`'s.

use super::chance::{self, Entropy};
use super::oauth::next_step::Ladder;
use super::proof::Class;
use super::secret::Secret;
use super::throttle::Limit;
use super::timestamp::Timestamp;
use time::Duration;

/// How long a code of the authenticator app is good, in seconds (RFC 6238 §4.1).
pub const STEP: i64 = 30;

/// Clocks may differ by so many steps either way (RFC 6238 §5.2).
const SKEW: i64 = 1;

/// How many recovery codes a person has.
pub const RECOVERY_CODES: usize = 10;

/// The digits of a recovery code: twelve, without letters, so that no Vietnamese input method changes them.
const RECOVERY_DIGITS: usize = 12;

/// How many wrong codes one account may be given. It is counted apart from passwords: whoever gets so far knows the
/// password, and no directory hears of it.
pub const WRONG_CODES: Limit = Limit { failures: 5, window: Duration::hours(1), pause: Duration::hours(1) };

/// What was added within so many days may be somebody else's, if the holder says that somebody else was there.
pub const SUSPECT_DAYS: i64 = 30;

/// A factor that an account can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactorKind {
    /// An authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// The recovery codes.
    Recovery,
    /// Codes by mail to another address.
    Mail,
    /// A certificate.
    Certificate,
}

impl FactorKind {
    /// The word in the audit.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::Recovery => "recovery",
            Self::Mail => "mail",
            Self::Certificate => "certificate",
        }
    }

    /// Reads [`FactorKind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Totp, Self::Passkey, Self::Recovery, Self::Mail, Self::Certificate];
        all.into_iter().find(|kind| kind.code() == code)
    }
}

/// The factors of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Factors {
    /// Whether an authenticator app is set up.
    pub totp: bool,
    /// How many passkeys there are.
    pub passkeys: u64,
    /// How many recovery codes are left.
    pub recovery: u64,
    /// Whether codes are sent to another address.
    pub mail: bool,
    /// How many certificates are bound, in their time or not.
    pub certificates: u64,
}

impl Factors {
    /// Whether there is one to be asked for. Recovery codes alone are none: they stand in for another.
    pub const fn any(self) -> bool {
        self.totp || self.passkeys > 0 || self.mail || self.certificates > 0
    }

    /// Each kind that there is, and how many of it.
    pub fn kinds(self) -> Vec<(FactorKind, u64)> {
        let all = [
            (FactorKind::Totp, u64::from(self.totp)),
            (FactorKind::Passkey, self.passkeys),
            (FactorKind::Certificate, self.certificates),
            (FactorKind::Mail, u64::from(self.mail)),
            (FactorKind::Recovery, self.recovery),
        ];
        all.into_iter().filter(|(_, number)| *number > 0).collect()
    }

    /// The strongest class that the person can prove with them.
    pub const fn strongest(self) -> Class {
        match (self.passkeys + self.certificates, self.totp || self.mail) {
            (1.., _) => Class::Passkey,
            (0, true) => Class::SecondFactor,
            (0, false) => Class::Password,
        }
    }
}

/// What the city wants of a group of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Demand {
    /// Nobody has a second factor.
    Off,
    /// Whoever has set one up is asked for it.
    Optional,
    /// Everybody sets one up before anything else.
    Required,
}

impl Demand {
    /// Whether somebody with these factors is asked for one.
    pub const fn asks(self, factors: Factors) -> bool {
        !matches!(self, Self::Off) && factors.any()
    }

    /// Whether somebody with these factors must set one up.
    pub const fn must_enrol(self, factors: Factors) -> bool {
        matches!(self, Self::Required) && !factors.any()
    }

    /// How far somebody with these factors can climb.
    pub const fn ladder(self, factors: Factors) -> Ladder {
        match self {
            Self::Off => Ladder { has: Class::Password, may: Class::Password },
            Self::Optional | Self::Required => Ladder { has: factors.strongest(), may: Class::Passkey },
        }
    }
}

/// The steps whose codes are good now, the likeliest first.
pub fn steps(now: Timestamp) -> impl Iterator<Item = i64> {
    let step = now.seconds().div_euclid(STEP);
    [0, -SKEW, SKEW].into_iter().map(move |away| step + away)
}

/// The latest step that is not good yet or any more when a secret is set up: every code of now can be its first.
pub fn before(now: Timestamp) -> i64 {
    now.seconds().div_euclid(STEP) - SKEW - 1
}

/// A code as it was typed.
#[derive(Debug, Clone)]
pub enum Typed {
    /// Six digits: of the authenticator app.
    Otp(Secret<String>),
    /// Twelve digits: a recovery code.
    Recovery(Secret<String>),
}

impl Typed {
    /// Reads what was typed; spaces and hyphens mean nothing. `None` for what can be no code.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        match digits.len() {
            6 if is_number => Some(Self::Otp(Secret::new(digits))),
            RECOVERY_DIGITS if is_number => Some(Self::Recovery(Secret::new(digits))),
            _ => None,
        }
    }
}

/// A new recovery code: 40 random bits as twelve digits.
pub fn recovery_code(entropy: &dyn Entropy) -> Secret<String> {
    Secret::new(format!("{:012}", below(1_000_000_000_000, entropy)))
}

/// A new code for a letter: six digits.
pub fn mail_code(entropy: &dyn Entropy) -> Secret<String> {
    Secret::new(format!("{:06}", below(1_000_000, entropy)))
}

/// A number below a limit, each as likely as another.
fn below(limit: u64, entropy: &dyn Entropy) -> u64 {
    loop {
        // Drawn again where a remainder would favour some.
        let drawn = u64::from_be_bytes(chance::bytes(entropy));
        if drawn < u64::MAX - u64::MAX % limit {
            return drawn % limit;
        }
    }
}

/// A recovery code as it is read: `1234-5678-9012`.
pub fn grouped(code: &Secret<String>) -> Secret<String> {
    let groups: Vec<_> = code.expose().as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    Secret::new(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_good_one_step_before_and_after_its_own() {
        let steps = |seconds| steps(Timestamp::from_seconds(seconds)).collect::<Vec<_>>();
        assert_eq!(steps(59), [1, 0, 2]);
        assert_eq!(steps(60), [2, 1, 3]);
        assert!(steps(60).into_iter().all(|step| step > before(Timestamp::from_seconds(60))));
    }

    #[test]
    fn what_was_typed_is_a_code_of_the_app_a_recovery_code_or_nothing() {
        for good in ["123456", "123 456", " 123-456 "] {
            assert!(
                matches!(Typed::parse(good), Some(Typed::Otp(code)) if code.expose() == "123456"),
                "{good}"
            );
        }
        for good in ["123456789012", "1234-5678-9012", "1234 5678 9012"] {
            assert!(matches!(Typed::parse(good), Some(Typed::Recovery(_))), "{good}");
        }
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６", "12345678901x", &"1 ".repeat(40)]
        {
            assert!(Typed::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn only_a_factor_of_ones_own_is_asked_for_and_a_demanded_one_is_set_up_first() {
        let none = Factors { recovery: 3, ..Factors::default() };
        let app = Factors { totp: true, ..none };
        for (demand, asks, must) in
            [(Demand::Off, false, false), (Demand::Optional, true, false), (Demand::Required, true, true)]
        {
            assert_eq!((demand.asks(app), demand.must_enrol(none)), (asks, must));
            assert!(!demand.asks(none) && !demand.must_enrol(app));
        }
        assert_eq!(Demand::Off.ladder(app).may, Class::Password);
        let key = Factors { passkeys: 1, ..app };
        assert_eq!(Demand::Optional.ladder(key), Ladder { has: Class::Passkey, may: Class::Passkey });
    }

    #[test]
    fn another_mailbox_and_a_certificate_are_factors_of_their_own_strength() {
        let mail = Factors { mail: true, ..Factors::default() };
        assert_eq!((mail.any(), mail.strongest()), (true, Class::SecondFactor));
        let certificate = Factors { certificates: 1, ..mail };
        assert_eq!(certificate.strongest(), Class::Passkey);
        for kind in ["totp", "passkey", "recovery", "mail", "certificate"] {
            assert_eq!(FactorKind::from_code(kind).map(FactorKind::code), Some(kind));
        }
    }

    struct Nines(std::sync::atomic::AtomicU64);
    impl Entropy for Nines {
        fn fill(&self, bytes: &mut [u8]) {
            // First too high to be fair, then a good draw.
            let value = if self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 { 255 } else { 0 };
            bytes.fill(value);
        }
    }

    #[test]
    fn a_recovery_code_has_twelve_digits_and_is_read_back_in_groups() {
        let code = recovery_code(&Nines(0.into()));
        assert_eq!(code.expose(), "000000000000");
        assert_eq!(mail_code(&Nines(0.into())).expose(), "000000");
        let read = grouped(&code);
        assert_eq!(read.expose(), "0000-0000-0000");
        assert!(
            matches!(Typed::parse(read.expose()), Some(Typed::Recovery(back)) if back.expose() == code.expose())
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_or_none(text in "\\PC{0,80}") {
            let _ = Typed::parse(&text);
        }
    }
}
