//! Names of people and agencies: NFC, and a search key without marks in which đ is d.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The form in which a name is kept: NFC, without control characters, single spaces.
pub fn tidy(name: &str) -> String {
    let clean: String = name.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The form in which a name is searched: lower case, no diacritics, đ = d, punctuation kept, single spaces.
///
/// The database stores it, because its own `lower()` knows ASCII only.
pub fn search_key(text: &str) -> String {
    let folded: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A code made from a name: `Sở Khoa học và Công nghệ` becomes `so-khoa-hoc-va-cong-nghe`.
pub fn slug(name: &str) -> String {
    let key = search_key(name);
    let parts = key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_without_diacritics_finds_the_name() {
        assert_eq!(search_key("Nguyễn Thị Đoan  Trang"), "nguyen thi doan trang");
        assert_eq!(search_key("ĐÀ NẴNG"), "da nang");
    }

    #[test]
    fn both_tone_positions_are_the_same_to_a_search() {
        assert_eq!(search_key("Khoá"), search_key("Khóa"));
    }

    #[test]
    fn a_decomposed_name_is_kept_composed() {
        assert_eq!(tidy("Nguye\u{302}\u{303}n\u{0} An "), "Nguyễn An");
    }

    #[test]
    fn a_slug_has_only_letters_digits_and_hyphens() {
        assert_eq!(slug("Sở Khoa học & Công nghệ"), "so-khoa-hoc-cong-nghe");
    }
}
