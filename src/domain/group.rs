//! Groups of people across agencies, made by the house: whom an application is for, besides agencies; and lists of
//! addresses with which they are filled.

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name for programs: `to-chuyen-doi-so`.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Grows with every change of its name and of who is in it.
    pub version: i64,
}

/// What an entry of a list of addresses would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Somebody comes into the group.
    Joins,
    /// They are in it already.
    Same,
    /// It cannot be entered.
    Wrong(Fault),
}

/// Why an entry cannot be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is no mail address.
    NoAddress,
    /// Nobody has this address.
    NoAccount,
    /// The account was withdrawn.
    Withdrawn,
    /// It is the same as one above.
    Twice,
}

/// No code is longer.
const LONGEST: usize = 60;

/// Whether a text can be a group's code: small letters, digits and single hyphens between them.
pub fn is_code(text: &str) -> bool {
    let fits =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= LONGEST && text.split('-').all(fits)
}

/// The entries of a list as it was pasted: one a line, or several with commas, semicolons or spaces between them. Of
/// `Nguyễn Văn An <an@danang.gov.vn>`, as mail programs copy it, what stands in the brackets.
pub fn entries(text: &str) -> Vec<&str> {
    let parts = text.split(['\n', '\r', '\t', ',', ';']);
    parts.flat_map(inside).filter(|entry| !entry.is_empty()).collect()
}

fn inside(part: &str) -> Vec<&str> {
    let bracketed = part.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    bracketed.map_or_else(|| part.split_whitespace().collect(), |(address, _)| vec![address.trim()])
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

    #[test]
    fn a_list_is_read_as_it_comes_out_of_a_table_or_a_letter() {
        let pasted = "an@danang.example\r\nbinh, chi;dung\tem \n\n\
                      Nguyễn Thị Hồng <hong@danang.example>; \"Lê, Chi\" <chi.le@danang.example>";
        let read = entries(pasted);
        assert_eq!(read[..5], ["an@danang.example", "binh", "chi", "dung", "em"]);
        assert!(read.contains(&"hong@danang.example") && read.contains(&"chi.le@danang.example"), "{read:?}");
        assert_eq!(entries(" \n,; \t"), Vec::<&str>::new());
    }
}
