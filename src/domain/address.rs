//! A mail address: the identity of every account of the city.

use std::fmt;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// A mail address in lower case, e.g. `an.nguyen@danang.gov.vn`. ASCII only: AD and Windows fold other letters in
/// surprising ways, so they never take part in a sign-in name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailAddress(String);

/// Why a text is not a mail address of the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotAnAddress {
    /// Nothing was given.
    #[error("no address")]
    Empty,
    /// More than 254 characters (RFC 5321 §4.5.3.1.3).
    #[error("longer than 254 characters")]
    TooLong,
    /// A character outside printable ASCII or outside the set that both mail systems accept.
    #[error("a character that no address of the city has")]
    Character,
    /// Not one `@` with something on both sides.
    #[error("not of the form name@domain")]
    Form,
}

impl MailAddress {
    /// Reads an address as found in a directory or typed by a person; the case does not matter.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text: String = text.trim().nfc().collect();
        if text.is_empty() {
            return Err(NotAnAddress::Empty);
        }
        if text.len() > 254 {
            return Err(NotAnAddress::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"@.-_+'&/=!#$%*?^`{|}~".contains(&b)) {
            return Err(NotAnAddress::Character);
        }
        let (local, domain) = text.split_once('@').ok_or(NotAnAddress::Form)?;
        let domain_ok = domain
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        if local.is_empty() || local.len() > 64 || !domain_ok {
            return Err(NotAnAddress::Form);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// Reads what a person typed at the sign-in: a whole address, or the part before the `@`, which is completed
    /// with the city's `domain`.
    pub fn parse_typed(typed: &str, domain: &str) -> Result<Self, NotAnAddress> {
        let typed = typed.trim();
        if typed.contains('@') { Self::parse(typed) } else { Self::parse(&format!("{typed}@{domain}")) }
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or(self.0.as_str(), |(local, _)| local)
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_case_of_an_address_does_not_matter() {
        let typed = MailAddress::parse_typed(" An.Nguyen ", "danang.gov.vn").expect("an address");
        assert_eq!(typed.as_str(), "an.nguyen@danang.gov.vn");
        assert_eq!(typed.local_part(), "an.nguyen");
    }

    #[test]
    fn look_alike_letters_are_refused() {
        assert_eq!(MailAddress::parse("аn@danang.gov.vn"), Err(NotAnAddress::Character));
        assert_eq!(MailAddress::parse("an\u{ff20}danang.gov.vn"), Err(NotAnAddress::Character));
        assert_eq!(MailAddress::parse("a@b@c"), Err(NotAnAddress::Form));
        assert_eq!(MailAddress::parse(""), Err(NotAnAddress::Empty));
        assert_eq!(MailAddress::parse(&"a".repeat(300)), Err(NotAnAddress::TooLong));
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_refused(text in ".{0,300}") {
            let _ = MailAddress::parse(&text);
            let _ = MailAddress::parse_typed(&text, "danang.gov.vn");
        }
    }
}
