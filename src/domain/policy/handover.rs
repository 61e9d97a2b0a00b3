//! One-time passwords that are handed over on paper: both mail systems take them, they are read aloud and typed without
//! a mistake, and they are gone with the first sign-in.
//!
//! Groups of four, `Kf7m-Rq3x-9Tbz-Hn4c`. No 0 and O, 1, l and I. No vowels, no small d and no w either: the Vietnamese
//! input methods (Telex, VNI) make accented letters out of those and nothing out of the rest, and no word can arise.

use super::password::{For, PasswordRules};
use crate::domain::chance::Entropy;
use crate::domain::secret::{Password, Secret};

/// What it is made of, besides the sign between the groups.
pub const LETTERS: &[u8; 43] = b"bcfghjkmnpqrstvxzBCFGHJKLMNPQRSTVXZ23456789";

/// How many characters a group has.
const GROUP: usize = 4;

/// Four groups and what stands between them: 16 random characters, 86 bits.
const LENGTH: usize = 19;

/// How often chance is asked before it is taken for broken. A draw fails about once in forty times.
const DRAWS: usize = 200;

/// A new one that breaks no rule of the systems its holder is in; `None` only if chance is no chance.
pub fn one_time(rules: &PasswordRules, holder: &For<'_>, entropy: &dyn Entropy) -> Option<Password> {
    let length = LENGTH.max(rules.min_length);
    let drawn = std::iter::repeat_with(|| draw(length, entropy)).take(DRAWS);
    drawn.flatten().find(|password| rules.broken_by(password.expose(), "", holder).is_empty())
}

fn draw(length: usize, entropy: &dyn Entropy) -> Option<Password> {
    let mut text = String::with_capacity(length);
    for at in 0..length {
        // a sign at the very end would be overlooked
        let is_between = at % (GROUP + 1) == GROUP && at + 1 < length;
        text.push(if is_between { '-' } else { letter(entropy)? });
    }
    Some(Secret::new(text))
}

/// One of the letters, each as likely as any other: what does not divide evenly is drawn again.
fn letter(entropy: &dyn Entropy) -> Option<char> {
    let fair = LETTERS.len() * (256 / LETTERS.len());
    for _ in 0..DRAWS {
        let mut byte = [0];
        entropy.fill(&mut byte);
        let drawn = usize::from(byte[0]);
        if drawn < fair {
            return Some(char::from(LETTERS[drawn % LETTERS.len()]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mailbox::MailSystem;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A counter, well mixed.
    struct Seeded(AtomicU64);

    impl Entropy for Seeded {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                *byte = z.to_be_bytes()[3];
            }
        }
    }

    struct Stuck;

    impl Entropy for Stuck {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(255);
        }
    }

    fn an(systems: &[MailSystem]) -> For<'_> {
        For { local_part: "an.nguyen", display_name: "Nguyễn Văn An", systems }
    }

    #[test]
    fn it_stands_in_four_groups_that_nobody_misreads() {
        let entropy = Seeded(AtomicU64::new(7));
        let password = one_time(&PasswordRules::default(), &an(&MailSystem::ALL), &entropy).expect("drawn");
        let groups: Vec<_> = password.expose().split('-').collect();
        assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4, 4, 4, 4]);
        for odd in "0O1lIaeiouyAEIOUYdDwW".chars() {
            assert!(!LETTERS.contains(&u8::try_from(odd).expect("ASCII")), "{odd}");
        }
    }

    #[test]
    fn it_is_not_drawn_from_chance_that_stands_still() {
        assert!(one_time(&PasswordRules::default(), &an(&MailSystem::ALL), &Stuck).is_none());
    }

    proptest! {
        #[test]
        fn it_breaks_no_rule_and_holds_at_least_sixty_bits(
            seed: u64,
            min_length in 8_usize..=20,
            min_classes in 1_usize..=4,
            local in "[a-z]{1,8}(\\.[a-z]{1,8})?",
            name in "\\PC{0,30}",
            in_ad: bool,
        ) {
            let rules = PasswordRules { min_length, min_classes };
            let systems = if in_ad { &MailSystem::ALL[..] } else { &MailSystem::ALL[1..] };
            let holder = For { local_part: &local, display_name: &name, systems };
            let entropy = Seeded(AtomicU64::new(seed));
            let password = one_time(&rules, &holder, &entropy).expect("drawn");
            prop_assert_eq!(rules.broken_by(password.expose(), "", &holder), []);
            prop_assert!(password.expose().len() <= 20);
            let random = password.expose().bytes().filter(|letter| LETTERS.contains(letter)).count();
            // 43 letters are more than 2^5, so each holds more than five bits; the refused draws cost far less than one.
            prop_assert!(LETTERS.len() > 32 && random * 5 > 60, "{} letters", random);
        }
    }

    #[test]
    fn every_letter_occurs_and_no_two_are_alike() {
        let entropy = Seeded(AtomicU64::new(1));
        let draw = |_| one_time(&PasswordRules::default(), &an(&MailSystem::ALL), &entropy).expect("drawn");
        let all: BTreeSet<String> = (0..200).map(draw).map(|password| password.expose().clone()).collect();
        assert_eq!(all.len(), 200);
        let used: BTreeSet<u8> = all.iter().flat_map(|text| text.bytes()).filter(|b| *b != b'-').collect();
        assert_eq!(used, LETTERS.iter().copied().collect());
    }
}
