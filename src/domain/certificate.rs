//! What an X.509 certificate says of its holder (RFC 5280), and what that is held against: a distinguished name as text
//! (RFC 4514), or one of the alternative names. Reading one and who vouches for it: `crypto::certificate`.

use super::timestamp::Timestamp;
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use time::Duration;
use unicode_normalization::UnicodeNormalization;

/// No name is longer, as text.
const LONGEST: usize = 1000;

/// How many days before the end of a certificate its holder is told, the nearest mark first.
pub const TOLD_BEFORE: [i64; 2] = [7, SOON];

/// For how many days before its end a certificate is said to end soon.
const SOON: i64 = 30;

/// The attributes that have a short name (RFC 4514 §3, RFC 4519, and those that certificates use besides). The first name
/// of a type is the one that is written.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("serialNumber", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("S", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("title", "2.5.4.12"),
    ("T", "2.5.4.12"),
    ("businessCategory", "2.5.4.15"),
    ("postalCode", "2.5.4.17"),
    ("GN", "2.5.4.42"),
    ("givenName", "2.5.4.42"),
    ("organizationIdentifier", "2.5.4.97"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("E", "1.2.840.113549.1.9.1"),
];

/// What a certificate says. Only that it was read is certain: whether anybody vouches for it is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its bytes.
    pub der: Vec<u8>,
    /// SHA-256 of its bytes in base64url (RFC 8705 §3.1, `x5t#S256`).
    pub thumbprint: String,
    /// Whose it is; `None` if the name has parts that are no text, which is no name that anything is held against.
    pub subject: Option<DistinguishedName>,
    /// Who issued it.
    pub issuer: Option<DistinguishedName>,
    /// What else its holder is called.
    pub names: Vec<AlternativeName>,
    /// From when on it is good.
    pub not_before: Timestamp,
    /// Until when it is good, this second too.
    pub not_after: Timestamp,
}

impl Certificate {
    /// Whether its time is now.
    pub fn is_in_its_time(&self, now: Timestamp) -> bool {
        (self.not_before.seconds()..=self.not_after.seconds()).contains(&now.seconds())
    }
}

/// How near the end of a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Not near.
    Far,
    /// Within thirty days.
    Soon,
    /// It is over.
    Over,
}

impl Ending {
    /// How near it is now, of one that is good until a moment.
    pub fn of(not_after: Timestamp, now: Timestamp) -> Self {
        if now.seconds() > not_after.seconds() {
            Self::Over
        } else if not_after.since(now) <= Duration::days(SOON) {
            Self::Soon
        } else {
            Self::Far
        }
    }
}

/// What a holder is called beside their distinguished name (RFC 5280 §4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// A host.
    Dns(String),
    /// An address of any scheme.
    Uri(String),
    /// A network address.
    Ip(IpAddr),
    /// A mail address.
    Email(String),
}

impl AlternativeName {
    /// Whether both are one name (RFC 5280 §7.2, §7.4, §7.5). A wildcard is a text like any other.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dns(one), Self::Dns(two)) => one.eq_ignore_ascii_case(two),
            (Self::Uri(one), Self::Uri(two)) => one == two,
            (Self::Ip(one), Self::Ip(two)) => one == two,
            (Self::Email(one), Self::Email(two)) => match (one.rsplit_once('@'), two.rsplit_once('@')) {
                (Some((who, host)), Some((also, there))) => who == also && host.eq_ignore_ascii_case(there),
                _ => false,
            },
            _ => false,
        }
    }
}

/// A distinguished name: its parts in the order in which RFC 4514 writes them, the most specific first. Each part has one
/// or more attributes, by their dotted object identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName(Vec<BTreeSet<(String, String)>>);

impl DistinguishedName {
    /// One of parts that were read elsewhere, the most specific first.
    pub const fn of_parts(parts: Vec<BTreeSet<(String, String)>>) -> Self {
        Self(parts)
    }

    /// Reads a text (RFC 4514 §3). Spaces around the separators mean nothing; values in hexadecimal (`#04…`) are not
    /// understood.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let (mut parts, mut rest) = (vec![BTreeSet::new()], text);
        loop {
            let (kind, after) = rest.split_once('=')?;
            let (value, end) = value(after)?;
            // The same attribute with the same value twice is a mistake.
            if !parts.last_mut()?.insert((identifier(kind.trim_matches(' '))?, value)) {
                return None;
            }
            match end {
                None => return Some(Self(parts)),
                Some((',', next)) => {
                    parts.push(BTreeSet::new());
                    rest = next;
                }
                Some((_, next)) => rest = next,
            }
        }
    }

    /// Whether both are one name (RFC 5280 §7.1, RFC 4518): capitals, spaces and the form of the letters mean nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        !self.0.is_empty() && self.prepared() == other.prepared()
    }

    /// The value of the first attribute with this dotted identifier.
    pub fn first(&self, identifier: &str) -> Option<&str> {
        let all = self.0.iter().flatten();
        all.into_iter().find(|(kind, _)| kind == identifier).map(|(_, value)| value.as_str())
    }

    /// The parts as they are compared; each is sorted, and an attribute that is there twice stays twice.
    fn prepared(&self) -> Vec<Vec<(&str, String)>> {
        let prepared = |value: &str| {
            let folded = value.nfkc().collect::<String>().to_lowercase();
            folded.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let mut parts = Vec::new();
        for part in &self.0 {
            let mut part: Vec<_> = part.iter().map(|(k, v)| (k.as_str(), prepared(v))).collect();
            part.sort_unstable();
            parts.push(part);
        }
        parts
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            for (at, (kind, value)) in part.iter().enumerate() {
                let named = ATTRIBUTES.iter().find(|(_, identifier)| identifier == kind);
                let name = named.map_or(kind.as_str(), |(name, _)| *name);
                write!(f, "{}{name}=", if at == 0 { "" } else { "+" })?;
                write_value(f, value)?;
            }
        }
        Ok(())
    }
}

/// RFC 4514 §2.4.
fn write_value(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        let at_an_end = (at == 0 && matches!(c, ' ' | '#')) || (at == last && c == ' ');
        match c {
            '\0' => f.write_str("\\00")?,
            c if is_special(c) || at_an_end => write!(f, "\\{c}")?,
            c => write!(f, "{c}")?,
        }
    }
    Ok(())
}

const fn is_special(c: char) -> bool {
    matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
}

/// The dotted identifier of an attribute that is named so or so.
fn identifier(name: &str) -> Option<String> {
    if let Some((_, known)) = ATTRIBUTES.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)) {
        return Some((*known).to_owned());
    }
    let arcs: Vec<_> = name.split('.').collect();
    let is_number = |arc: &&str| {
        arc.bytes().all(|byte| byte.is_ascii_digit())
            && !arc.is_empty()
            && (arc.len() == 1 || !arc.starts_with('0'))
    };
    (arcs.len() > 1 && arcs.iter().all(is_number)).then(|| name.to_owned())
}

/// The separator after a value, and what follows it.
type End<'a> = Option<(char, &'a str)>;

/// Reads a value up to its separator.
fn value(text: &str) -> Option<(String, End<'_>)> {
    let text = text.trim_start_matches(' ');
    if text.starts_with('#') {
        return None;
    }
    // Spaces at the end count only if they are escaped.
    let (mut bytes, mut kept, mut end) = (Vec::new(), 0, None);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ',' | '+' => {
                end = Some((c, &text[at + 1..]));
                break;
            }
            '"' | ';' | '<' | '>' | '\0' => return None,
            '\\' => {
                bytes.extend_from_slice(escaped(&mut chars)?.encode().as_slice());
                kept = bytes.len();
            }
            c => {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                if c != ' ' {
                    kept = bytes.len();
                }
            }
        }
    }
    bytes.truncate(kept);
    let value = String::from_utf8(bytes).ok().filter(|value| !value.is_empty())?;
    Some((value, end))
}

/// What stands behind a backslash.
enum Escaped {
    Char(char),
    Byte(u8),
}

impl Escaped {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Char(c) => c.to_string().into_bytes(),
            Self::Byte(byte) => vec![*byte],
        }
    }
}

fn escaped(chars: &mut std::str::CharIndices<'_>) -> Option<Escaped> {
    let (_, first) = chars.next()?;
    if is_special(first) || matches!(first, ' ' | '#' | '=') {
        return Some(Escaped::Char(first));
    }
    let (_, second) = chars.next()?;
    let byte = first.to_digit(16)? * 16 + second.to_digit(16)?;
    u8::try_from(byte).ok().map(Escaped::Byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> DistinguishedName {
        DistinguishedName::parse(text).unwrap_or_else(|| panic!("{text:?} is a name"))
    }

    #[test]
    fn a_name_is_read_as_rfc_4514_writes_it() {
        for (text, written) in [
            ("UID=jsmith,DC=example,DC=net", "UID=jsmith,DC=example,DC=net"),
            ("OU=Sales+CN=J.  Smith,DC=example,DC=net", "OU=Sales+CN=J.  Smith,DC=example,DC=net"),
            (r"CN=James \22Jim\22 Smith\, III,DC=net", r#"CN=James \"Jim\" Smith\, III,DC=net"#),
            (r"CN=Lu\C4\8Di\C4\87", "CN=Lučić"),
            ("cn = Một cửa , o = Thành phố Đà Nẵng", "CN=Một cửa,O=Thành phố Đà Nẵng"),
            ("2.5.4.3=vpkg", "CN=vpkg"),
            (r"1.2.3.4=\ x\ ", r"1.2.3.4=\ x\ "),
        ] {
            assert_eq!(name(text).to_string(), written);
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for bad in [
            "",
            "vpkg",
            "=x",
            "CN=",
            "CN=a,",
            "CN=a+",
            "CN=#0401",
            "unheard=x",
            "1=x",
            "1.02=x",
            "1..2=x",
            r"CN=\C4",
            r"CN=a\",
            r"CN=\zz",
            "CN=a;O=b",
            "CN=\"a\"",
            "CN=a+CN=a",
        ] {
            assert_eq!(DistinguishedName::parse(bad), None, "{bad:?}");
        }
        assert_eq!(DistinguishedName::parse(&format!("CN={}", "x".repeat(998))), None);
    }

    #[test]
    fn capitals_and_spaces_mean_nothing_and_everything_else_does() {
        let is_same = |one: &str, two: &str| name(one).is_same(&name(two));
        assert!(is_same("CN=VPKG,O=Đà  Nẵng", "cn=vpkg,o=đà nẵng"));
        assert!(is_same("CN=a+UID=b", "UID=b+CN=a"), "a part has no order");
        assert!(is_same("CN=Đà Nẵng", "CN=Đa\u{300} Nẵng"), "composed or not");
        assert!(!is_same("CN=a,O=b", "O=b,CN=a"), "the parts have one");
        assert!(!is_same("CN=a", "CN=a,O=b") && !is_same("CN=a,O=b", "CN=a"));
        assert!(!is_same("CN=a", "OU=a") && !is_same("CN=a+CN=A", "CN=a"));
        assert!(!is_same("CN=Đa Nang", "CN=Đà Nẵng"), "marks are letters");
        assert!(!DistinguishedName::of_parts(Vec::new()).is_same(&DistinguishedName::of_parts(Vec::new())));
    }

    #[test]
    fn alternative_names_are_compared_by_their_kind() {
        use AlternativeName::{Dns, Email, Ip, Uri};
        let text = str::to_owned;
        assert!(Dns(text("VPKG.example")).is_same(&Dns(text("vpkg.EXAMPLE"))));
        assert!(!Dns(text("*.example")).is_same(&Dns(text("vpkg.example"))));
        assert!(!Dns(text("vpkg.example")).is_same(&Uri(text("vpkg.example"))));
        assert!(Email(text("an@Danang.example")).is_same(&Email(text("an@danang.example"))));
        assert!(!Email(text("An@danang.example")).is_same(&Email(text("an@danang.example"))));
        assert!(!Email(text("an")).is_same(&Email(text("an"))), "no mail address");
        assert!(Uri(text("spiffe://a/b")).is_same(&Uri(text("spiffe://a/b"))));
        assert!(!Uri(text("spiffe://a/b")).is_same(&Uri(text("spiffe://A/b"))));
        let ip = |text: &str| Ip(text.parse().expect("an address"));
        assert!(
            ip("2001:db8::1").is_same(&ip("2001:DB8:0::1")) && !ip("192.0.2.1").is_same(&ip("192.0.2.2"))
        );
    }

    #[test]
    fn a_certificate_is_good_from_its_first_to_its_last_second() {
        let at = Timestamp::from_seconds;
        let certificate = Certificate {
            der: Vec::new(),
            thumbprint: String::new(),
            subject: None,
            issuer: None,
            names: Vec::new(),
            not_before: at(100),
            not_after: at(200),
        };
        for (now, good) in [(99, false), (100, true), (200, true), (201, false)] {
            assert_eq!(certificate.is_in_its_time(at(now)), good, "{now}");
        }
    }

    #[test]
    fn a_certificate_ends_soon_from_thirty_days_before_its_last_second() {
        let day = 86_400;
        let end = Timestamp::from_seconds(100 * day);
        for (now, how) in [
            (70 * day - 1, Ending::Far),
            (70 * day, Ending::Soon),
            (100 * day, Ending::Soon),
            (100 * day + 1, Ending::Over),
        ] {
            assert_eq!(Ending::of(end, Timestamp::from_seconds(now)), how, "{now}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_not(text in ".{0,60}", value in ".{1,40}") {
            let _ = DistinguishedName::parse(&text);
            let _ = DistinguishedName::parse(&format!("CN={text}"));
            let part = BTreeSet::from([("2.5.4.3".to_owned(), value)]);
            let one = DistinguishedName::of_parts(vec![part]);
            prop_assert_eq!(DistinguishedName::parse(&one.to_string()), Some(one));
        }
    }
}
