//! Groups of people across agencies, made by the house: whom an application is for, besides agencies.

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name for programs: `to-chuyen-doi-so`.
    pub code: String,
    /// Its name for people.
    pub name: String,
}

/// No code is longer.
const LONGEST: usize = 60;

/// Whether a text can be a group's code: small letters, digits and single hyphens between them.
pub fn is_code(text: &str) -> bool {
    let fits =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= LONGEST && text.split('-').all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_small_letters_digits_and_hyphens_between() {
        for good in ["to-cds", "a", "2026", "to-chuyen-doi-so-1", &"a".repeat(60)] {
            assert!(is_code(good), "{good}");
        }
        for bad in ["", "-", "-a", "a-", "a--b", "A", "tổ", "a b", "a_b", "a\0", &"a".repeat(61)] {
            assert!(!is_code(bad), "{bad:?}");
        }
    }
}
