//! The password policy control of OpenLDAP (draft-behera-ldap-password-policy-10 §6): how a server with the overlay
//! `ppolicy` tells more than "invalid credentials".

use crate::directory::connection::{Entry, tidy_text};
use ldap3::LdapResult;
use ldap3::asn1::{PL, TagClass, parse_tag};
use ldap3::controls::RawControl;
use time::Duration;

const OID: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// The request: "tell me". Not critical, so that a server without the overlay answers as it would without it.
pub fn ask() -> Vec<RawControl> {
    vec![RawControl { ctype: OID.to_owned(), crit: false, val: None }]
}

/// What the server said beside its result code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The password is right and older than allowed.
    Expired,
    /// Locked after failures, or by an administrator.
    Locked,
    /// The password is right and must be changed.
    ChangeAfterReset,
    /// One of the reasons against a new password.
    Against(&'static str),
}

/// The server's word in an answer, if it said one.
pub fn word(answer: &LdapResult) -> Option<Word> {
    let control = answer.ctrls.iter().find(|control| control.1.ctype == OID)?;
    read(control.1.val.as_deref()?)
}

/// Why a new password was refused, in words.
pub fn refusal_words(answer: &LdapResult) -> String {
    match word(answer) {
        Some(Word::Against(why)) => why.to_owned(),
        _ => tidy_text(&answer.text),
    }
}

/// The fewest failures after which one of these policies locks (`pwdMaxFailure` where `pwdLockout` is TRUE; 0 is never).
pub fn lowest_threshold(policies: &[Entry]) -> Option<u32> {
    let locking = policies.iter().filter(|policy| policy.is_true("pwdlockout"));
    let thresholds = locking.filter_map(|policy| policy.number("pwdmaxfailure"));
    thresholds.filter_map(|number| u32::try_from(number).ok()).filter(|number| *number > 0).min()
}

/// How long a lock after failures lasts under the policy where it lasts longest (`pwdLockoutDuration`, seconds; 0 or none
/// there is until a reset); `None`: until a reset.
pub fn longest_lockout(policies: &[Entry]) -> Option<Duration> {
    let locking = policies.iter().filter(|policy| policy.is_true("pwdlockout"));
    let lasts: Option<Vec<_>> =
        locking.map(|policy| policy.number("pwdlockoutduration").filter(|seconds| *seconds > 0)).collect();
    lasts?.into_iter().max().map(Duration::seconds)
}

/// `SEQUENCE { warning [0] CHOICE { seconds [0], logins left [1] } OPTIONAL, error [1] ENUMERATED OPTIONAL }`
fn read(value: &[u8]) -> Option<Word> {
    let (_, sequence) = parse_tag(value).ok()?;
    let PL::C(parts) = sequence.payload else { return None };
    let (mut warned, mut error) = (None, None);
    for part in parts.into_iter().filter(|part| part.class == TagClass::Context) {
        match (part.id, part.payload) {
            (0, PL::C(warnings)) => warned = warnings.first().map(|warning| warning.id),
            (1, PL::P(code)) => error = code.last().copied(),
            _ => {}
        }
    }
    match (error, warned) {
        // with a warning of logins left after the end it was let in by grace
        (Some(0), _) | (None, Some(1)) => Some(Word::Expired),
        (Some(1), _) => Some(Word::Locked),
        (Some(2), _) => Some(Word::ChangeAfterReset),
        (Some(3), _) => Some(Word::Against("passwords may not be changed by their owners")),
        (Some(4), _) => Some(Word::Against("the old password is missing")),
        (Some(5), _) => Some(Word::Against("not good enough")),
        (Some(6), _) => Some(Word::Against("too short")),
        (Some(7), _) => Some(Word::Against("the old password is too young to be changed")),
        (Some(8), _) => Some(Word::Against("used before")),
        (Some(9), _) => Some(Word::Against("too long")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_words_of_slapd_are_read() {
        assert_eq!(read(&[0x30, 0x00]), None);
        assert_eq!(read(&[0x30, 0x03, 0x81, 0x01, 0x01]), Some(Word::Locked));
        assert_eq!(read(&[0x30, 0x03, 0x81, 0x01, 0x02]), Some(Word::ChangeAfterReset));
        assert_eq!(read(&[0x30, 0x03, 0x81, 0x01, 0x06]), Some(Word::Against("too short")));
        assert_eq!(read(&[0x30, 0x05, 0xA0, 0x03, 0x81, 0x01, 0x02]), Some(Word::Expired));
        // seconds before the end: a warning that the house does not need
        assert_eq!(read(&[0x30, 0x05, 0xA0, 0x03, 0x80, 0x01, 0x3c]), None);
    }

    #[test]
    fn the_strictest_policy_that_locks_is_the_threshold() {
        let policy = |lockout: &[u8], most: &[u8]| {
            Entry::recorded("cn=p", &[("pwdLockout", lockout), ("pwdMaxFailure", most)])
        };
        let all =
            [policy(b"TRUE", b"10"), policy(b"FALSE", b"2"), policy(b"TRUE", b"0"), policy(b"TRUE", b"7")];
        assert_eq!(lowest_threshold(&all), Some(7));
        assert_eq!(lowest_threshold(&all[1..3]), None);
        assert_eq!(lowest_threshold(&[]), None);
    }

    #[test]
    fn the_longest_lock_after_failures_counts_and_none_is_longer_than_until_a_reset() {
        let policy = |lockout: &[u8], lasts: &[u8]| {
            Entry::recorded("cn=p", &[("pwdLockout", lockout), ("pwdLockoutDuration", lasts)])
        };
        let two = [policy(b"TRUE", b"900"), policy(b"TRUE", b"1800"), policy(b"FALSE", b"0")];
        assert_eq!(longest_lockout(&two), Some(Duration::seconds(1800)));
        assert_eq!(longest_lockout(&[policy(b"TRUE", b"900"), policy(b"TRUE", b"0")]), None);
        assert_eq!(longest_lockout(&[Entry::recorded("cn=p", &[("pwdLockout", b"TRUE")])]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_word_or_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = read(&bytes);
        }
    }
}
