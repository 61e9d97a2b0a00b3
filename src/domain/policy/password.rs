//! The rules for a new password: the strictest of the mail systems that must take it.
//!
//! OBM's own tools accept 4–20 characters of a part of ASCII; Windows refuses the account name and parts of the
//! display name, which Samba does not check. Every broken rule is returned at once, so the page ticks them off.

use crate::domain::mailbox::MailSystem;
use crate::domain::name;

/// The characters besides letters and digits that OBM's tools accept.
pub const OBM_SIGNS: &str = "_-$\\&~#{([|`^@);]+=}%!:/.,?<>\"";

/// The most that OBM's tools accept.
pub const OBM_MAX_LENGTH: usize = 20;

/// Passwords, or parts of passwords, that are tried first by every attacker of this city.
const COMMON: [&str; 20] = [
    "matkhau",
    "password",
    "danang",
    "vietnam",
    "123456",
    "654321",
    "111111",
    "abc123",
    "qwerty",
    "iloveyou",
    "admin",
    "welcome",
    "letmein",
    "anhyeuem",
    "chungcong",
    "thanhpho",
    "zaq12wsx",
    "p@ssw0rd",
    "passw0rd",
    "1q2w3e",
];

/// The values of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordRules {
    /// Fewest characters.
    pub min_length: usize,
    /// How many of the four classes (small, capital, digit, sign) must occur.
    pub min_classes: usize,
}

impl Default for PasswordRules {
    /// TCVN 14423:2026 guidance without a second factor: 14 characters and all four classes.
    fn default() -> Self {
        Self { min_length: 14, min_classes: 4 }
    }
}

/// A rule that a new password breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BrokenRule {
    /// Fewer characters than the minimum.
    TooShort,
    /// More characters than the mail systems accept.
    TooLong,
    /// A character that one of the mail systems does not accept.
    Character,
    /// Too few kinds of characters.
    Classes,
    /// It contains the account name or a part of the holder's name.
    Name,
    /// It is the password that is to be replaced.
    SameAsOld,
    /// It is, or contains, one that everybody tries.
    Common,
    /// It is too easy to guess, by its words and patterns.
    Guessable,
}

/// Whose password it is, and where it must be accepted.
#[derive(Debug, Clone)]
pub struct For<'a> {
    /// The part of the address before the `@`.
    pub local_part: &'a str,
    /// The full name.
    pub display_name: &'a str,
    /// The mail systems that must take it.
    pub systems: &'a [MailSystem],
}

impl PasswordRules {
    /// The most characters that the systems accept.
    pub fn max_length(&self, systems: &[MailSystem]) -> usize {
        if systems.contains(&MailSystem::Obm) { OBM_MAX_LENGTH.max(self.min_length) } else { 127 }
    }

    /// All rules that `new` breaks; empty when it is good.
    pub fn broken_by(&self, new: &str, old: &str, holder: &For<'_>) -> Vec<BrokenRule> {
        let length = new.chars().count();
        let checks = [
            (length < self.min_length, BrokenRule::TooShort),
            (length > self.max_length(holder.systems), BrokenRule::TooLong),
            (!has_only_accepted_characters(new, holder.systems), BrokenRule::Character),
            (classes(new) < self.min_classes, BrokenRule::Classes),
            (contains_name(new, holder), BrokenRule::Name),
            (!old.is_empty() && new == old, BrokenRule::SameAsOld),
            (is_common(new), BrokenRule::Common),
        ];
        checks.into_iter().filter_map(|(broken, rule)| broken.then_some(rule)).collect()
    }
}

fn has_only_accepted_characters(new: &str, systems: &[MailSystem]) -> bool {
    let obm = systems.contains(&MailSystem::Obm);
    new.chars().all(
        |c| {
            if obm { c.is_ascii_alphanumeric() || OBM_SIGNS.contains(c) } else { !c.is_control() }
        },
    )
}

fn classes(new: &str) -> usize {
    let has = |class: fn(char) -> bool| usize::from(new.chars().any(class));
    has(char::is_lowercase) + has(char::is_uppercase) + has(char::is_numeric) + has(|c| !c.is_alphanumeric())
}

/// Windows' rule: not the account name, and no part of three or more letters of the display name.
fn contains_name(new: &str, holder: &For<'_>) -> bool {
    let new = name::search_key(new);
    let local = name::search_key(holder.local_part);
    let display = name::search_key(holder.display_name);
    let parts = display.split(|c: char| !c.is_alphanumeric()).chain(local.split(['.', '-', '_']));
    (local.chars().count() >= 3 && new.contains(&local))
        || parts.filter(|part| part.chars().count() >= 3).any(|part| new.contains(part))
}

fn is_common(new: &str) -> bool {
    let new = name::search_key(new);
    // A common word is tolerated inside a longer password only if it is less than half of it.
    COMMON.iter().any(|word| new.contains(word) && word.len() * 2 >= new.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn broken(new: &str, systems: &[MailSystem]) -> Vec<BrokenRule> {
        let holder = For { local_part: "an.nguyen", display_name: "Nguyễn Văn An", systems };
        PasswordRules::default().broken_by(new, "DaNang@2026", &holder)
    }

    #[test]
    fn a_good_password_breaks_nothing_in_either_system() {
        assert_eq!(broken("Trang-Sang-Cau-9", &MailSystem::ALL), []);
    }

    #[test]
    fn every_broken_rule_is_told_at_once() {
        let all = broken("nguyen *", &[MailSystem::Obm]);
        assert_eq!(all, [BrokenRule::TooShort, BrokenRule::Character, BrokenRule::Classes, BrokenRule::Name]);
    }

    #[test]
    fn obm_accepts_twenty_characters_and_ad_more() {
        let long = "Trang-Sang-Cau-Rong-2026";
        assert_eq!(broken(long, &[MailSystem::Obm]), [BrokenRule::TooLong]);
        assert_eq!(broken(long, &[MailSystem::Ad]), []);
    }

    #[test]
    fn vietnamese_letters_pass_in_ad_only() {
        assert_eq!(broken("Mật-khẩu-Đẹp-2026", &[MailSystem::Ad]), []);
        assert!(broken("Mật-khẩu-Đẹp-2026", &MailSystem::ALL).contains(&BrokenRule::Character));
    }

    #[test]
    fn the_default_password_and_its_like_are_refused() {
        assert!(broken("DaNang@2026", &MailSystem::ALL).contains(&BrokenRule::SameAsOld));
        assert!(broken("DaNang@2026", &MailSystem::ALL).contains(&BrokenRule::Common));
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(new in ".{0,200}", old in ".{0,40}") {
            let holder = For { local_part: "an", display_name: &old, systems: &MailSystem::ALL };
            let _ = PasswordRules::default().broken_by(&new, &old, &holder);
        }
    }
}
