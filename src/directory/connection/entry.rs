//! One entry as a directory sent it.

use ldap3::ResultEntry;
use ldap3::asn1::{PL, StructureTag};
use std::collections::HashMap;

/// An entry: its name and its attributes, whose names are kept in lower case. Values are bytes; whether they are
/// text is for the reader to say, because a GUID may look like text by chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its distinguished name, as the server writes it.
    pub dn: String,
    attributes: HashMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// Reads what came over the wire; `None` if that is not an entry.
    pub fn read(raw: ResultEntry) -> Option<Self> {
        if raw.is_ref() || raw.is_intermediate() {
            return None;
        }
        let mut parts = constructed(raw.0)?.into_iter();
        let dn = text(parts.next()?)?;
        let mut attributes = HashMap::new();
        for attribute in constructed(parts.next()?)? {
            let mut parts = constructed(attribute)?.into_iter();
            let name = text(parts.next()?)?.to_ascii_lowercase();
            let values: Option<Vec<_>> = constructed(parts.next()?)?.into_iter().map(bytes).collect();
            attributes.insert(name, values?);
        }
        Some(Self { dn, attributes })
    }

    /// The first value, trimmed, if it is text and not empty. `name` is in lower case.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).next()
    }

    /// The values that are text and not empty, trimmed.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.attributes.get(name).map(Vec::as_slice).unwrap_or_default();
        values.iter().filter_map(|v| std::str::from_utf8(v).ok()).map(str::trim).filter(|v| !v.is_empty())
    }

    /// The first value as it is.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.attributes.get(name)?.first().map(Vec::as_slice)
    }

    /// The first value as a whole number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// Whether the first value is `TRUE`.
    pub fn is_true(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A recorded entry.
    #[cfg(test)]
    pub fn recorded(dn: &str, attributes: &[(&str, &[u8])]) -> Self {
        let mut map: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
        for (name, value) in attributes {
            map.entry(name.to_ascii_lowercase()).or_default().push(value.to_vec());
        }
        Self { dn: dn.to_owned(), attributes: map }
    }
}

fn constructed(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(parts) => Some(parts),
        PL::P(_) => None,
    }
}

fn bytes(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

fn text(tag: StructureTag) -> Option<String> {
    String::from_utf8(bytes(tag)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ldap3::asn1::{TagClass, parse_tag};
    use proptest::prelude::*;

    fn octets(bytes: &[u8]) -> StructureTag {
        StructureTag { class: TagClass::Universal, id: 4, payload: PL::P(bytes.to_vec()) }
    }

    fn list(parts: Vec<StructureTag>) -> StructureTag {
        StructureTag { class: TagClass::Universal, id: 16, payload: PL::C(parts) }
    }

    #[test]
    fn names_of_attributes_are_read_in_any_case_and_values_as_bytes() {
        let mail = list(vec![octets(b"Mail"), list(vec![octets(b" an@danang.example "), octets(b"")])]);
        let guid = list(vec![octets(b"objectGUID"), list(vec![octets(&[0xff, 0x00])])]);
        let mut raw = list(vec![octets("CN=Nguyễn An".as_bytes()), list(vec![mail, guid])]);
        (raw.class, raw.id) = (TagClass::Application, 4);
        let entry = Entry::read(ResultEntry::new(raw)).expect("an entry");
        assert_eq!(entry.dn, "CN=Nguyễn An");
        assert_eq!(entry.text("mail"), Some("an@danang.example"));
        assert_eq!(entry.texts("mail").count(), 1);
        assert_eq!(entry.bytes("objectguid"), Some(&[0xff, 0x00][..]));
        assert_eq!(entry.text("objectguid"), None);
        assert_eq!(entry.number("mail"), None);
    }

    proptest! {
        #[test]
        fn any_answer_is_an_entry_or_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok((_, tag)) = parse_tag(&bytes) {
                let _ = Entry::read(ResultEntry::new(tag));
            }
        }
    }
}
