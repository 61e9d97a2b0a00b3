//! How hard a new password is to guess, by zxcvbn: words, names, dates, keyboard walks and repetitions.

/// How hard it is, from 0 (at once) to 4 (very hard). `known` are words that somebody who knows the holder tries first:
/// names, the address, the agency.
pub fn score(password: &str, known: &[&str]) -> u8 {
    zxcvbn::zxcvbn(password, known).score().into()
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn a_sentence_is_harder_to_guess_than_a_pattern_that_keeps_all_rules() {
        assert_eq!(score("Trang-Sang-Cau-9", &[]), 4);
        assert!(score("Aa1!Aa1!Aa1!Aa1!", &[]) < 2);
        assert!(score("Qwerty123456!", &[]) < 3);
    }

    #[test]
    fn what_is_known_of_the_holder_is_worth_little() {
        let known = ["hoangthianhtuyet", "khoahoccongnghe"];
        let password = "Khoahoccongnghe1!";
        assert!(score(password, &known) < score(password, &[]));
    }

    #[test]
    fn an_endless_or_empty_password_is_scored_too() {
        assert_eq!(score("", &[]), 0);
        assert!(score(&"x".repeat(256), &[]) < 2);
    }
}
