//! Names of people and agencies: NFC, and a search key without marks in which đ is d.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// No name is kept longer, in characters: what a directory lets in may be a book.
const LONGEST: usize = 200;

/// The form in which a text is kept: NFC, without control characters and without what nobody sees or what turns the
/// direction of writing round (UTS 39 §5.1), single spaces.
pub fn tidy(text: &str) -> String {
    let is_seen = |c: &char| !is_unseen(*c);
    let clean: String = text.nfc().filter(is_seen).map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The form in which a name from a directory is kept: tidy, and at most 200 characters.
pub fn bounded(name: &str) -> String {
    let kept: String = tidy(name).chars().take(LONGEST).collect();
    kept.trim_end().to_owned()
}

/// Characters that show nothing and change how others are shown. The joiners stay: some scripts need them.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
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

/// The longest [`sorting_key`] in bytes: it stands in an index.
const LONGEST_KEY: usize = 160;

/// By which a list is sorted, as bytes that compare in the order of the Vietnamese alphabet: a person's given name comes
/// first, then the family name with what stands between; what is no person's name is sorted as it is read.
pub fn sorting_key(name: &str, is_person: bool) -> Vec<u8> {
    let (given, rest) = match name.trim().rsplit_once(' ') {
        Some((rest, given)) if is_person => (given, rest),
        _ => (name.trim(), ""),
    };
    let mut key = Vec::new();
    for part in [given, rest] {
        let (letters, tones) = alphabetic(part);
        key.extend(letters);
        key.push(1);
        key.extend(tones);
        key.push(1);
    }
    key.truncate(LONGEST_KEY);
    key
}

/// The letters in the order of the alphabet (a ă â b … d đ e ê …), and the tones of the syllables, which count after them
/// (ngang, huyền, hỏi, ngã, sắc, nặng).
fn alphabetic(text: &str) -> (Vec<u8>, Vec<u8>) {
    let (mut letters, mut tones) = (Vec::new(), Vec::new());
    let mut tone = 2_u8;
    for c in text.nfd().flat_map(char::to_lowercase).chain([' ']) {
        match c {
            '\u{306}' => letters.push(0xf8),
            '\u{302}' => letters.push(0xf9),
            '\u{31b}' => letters.push(0xfa),
            '\u{300}' => tone = 3,
            '\u{309}' => tone = 4,
            '\u{303}' => tone = 5,
            '\u{301}' => tone = 6,
            '\u{323}' => tone = 7,
            'đ' => letters.extend([b'd', 0xf8]),
            c if c.is_whitespace() => {
                letters.push(b' ');
                tones.push(tone);
                tone = 2;
            }
            c if is_combining_mark(c) => {}
            c => letters.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    (letters, tones)
}

/// A code made from a name: `Sở Khoa học và Công nghệ` becomes `so-khoa-hoc-va-cong-nghe`. Empty where the name has no
/// letter or digit that would do.
pub fn slug(name: &str) -> String {
    let key = search_key(name);
    let parts = key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// A person's name in its parts, for applications that ask for parts (OIDC Core §5.1). The house itself shows names whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Họ.
    pub family: Option<&'a str>,
    /// Tên đệm.
    pub middle: Option<String>,
    /// Tên.
    pub given: Option<&'a str>,
}

/// Takes a name apart: family name first, given name last. A name of one word is a given name.
pub fn parts(name: &str) -> Parts<'_> {
    let words: Vec<_> = name.split_whitespace().collect();
    match words.as_slice() {
        [] => Parts { family: None, middle: None, given: None },
        [given] => Parts { family: None, middle: None, given: Some(given) },
        [family, middle @ .., given] => {
            let middle = Some(middle.join(" ")).filter(|middle| !middle.is_empty());
            Parts { family: Some(family), middle, given: Some(given) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart_family_first_and_given_last() {
        let apart = |name| {
            let Parts { family, middle, given } = parts(name);
            (family, middle, given)
        };
        let middle = Some("Thị Đoan".to_owned());
        assert_eq!(apart("Nguyễn Thị Đoan Trang"), (Some("Nguyễn"), middle, Some("Trang")));
        assert_eq!(apart("Lê An"), (Some("Lê"), None, Some("An")));
        assert_eq!(apart("Hùng"), (None, None, Some("Hùng")));
        assert_eq!(apart(""), (None, None, None));
    }

    #[test]
    fn a_search_without_diacritics_finds_the_name() {
        assert_eq!(search_key("Nguyễn Thị Đoan  Trang"), "nguyen thi doan trang");
        assert_eq!(search_key("ĐÀ NẴNG"), "da nang");
    }

    #[test]
    fn people_are_sorted_by_given_name_in_the_order_of_the_alphabet() {
        let sorted = [
            "Lê An",
            "Nguyễn An",
            "Đỗ Văn Anh",
            "Lê Ánh",
            "Trần Thị Ánh",
            "Võ Ăn",
            "Bùi Ân",
            "Lê Bình",
            "Lê Dũng",
            "Lê Đạt",
            "Lê Hà",
            "Lê Hạ",
            "Lê Ôn",
            "Lê Ơn",
            "Lê Phú",
            "Lê Tú",
            "Lê Tư",
        ];
        for pair in sorted.windows(2) {
            assert!(sorting_key(pair[0], true) < sorting_key(pair[1], true), "{pair:?}");
        }
        assert_eq!(sorting_key("Nguye\u{302}\u{303}n An", true), sorting_key("Nguyễn An", true));
    }

    #[test]
    fn what_is_no_persons_name_is_sorted_as_it_is_read() {
        assert!(sorting_key("Văn thư An", false) > sorting_key("Tổ Zalo", false));
        assert!(!sorting_key("", true).is_empty(), "an empty key means that none was made yet");
        assert!(sorting_key(&"Ngọc ".repeat(500), false).len() <= 160);
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
    fn a_name_hides_nothing_and_ends() {
        assert_eq!(tidy("\u{202e}nA\u{202c} Ng\u{200b}uyễn\u{feff}"), "nA Nguyễn");
        assert_eq!(tidy("👩\u{200d}💻"), "👩\u{200d}💻");
        assert_eq!(bounded(&"Dài ".repeat(10_000)).chars().count(), 199, "and no space at its end");
        assert_eq!(bounded(&"x".repeat(200)), "x".repeat(200));
    }

    #[test]
    fn a_slug_has_only_letters_digits_and_hyphens() {
        assert_eq!(slug("Sở Khoa học & Công nghệ"), "so-khoa-hoc-cong-nghe");
    }
}
