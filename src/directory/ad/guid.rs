//! `objectGUID`: sixteen bytes whose first three groups are stored with the little end first (MS-DTYP §2.3.4).

use std::fmt::Write;
use uuid::Uuid;

/// The lower-case text form of the stored bytes.
pub fn from_bytes(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    Some(Uuid::from_bytes_le(bytes).hyphenated().to_string())
}

/// A filter that finds the entry with this GUID; `None` if the text is no GUID. Bytes, because the text form is
/// understood by Samba only.
pub fn filter(text: &str) -> Option<String> {
    Some(filter_of(Uuid::try_parse(text).ok()?))
}

/// A filter that costs the server as much as any other and finds nothing.
pub fn filter_of_nobody() -> String {
    filter_of(Uuid::nil())
}

fn filter_of(guid: Uuid) -> String {
    let mut filter = "(objectGUID=".to_owned();
    for byte in guid.to_bytes_le() {
        let _ = write!(filter, "\\{byte:02x}");
    }
    filter.push(')');
    filter
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STORED: [u8; 16] =
        [0x53, 0x10, 0x3d, 0x8a, 0x01, 0x02, 0x03, 0x44, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78];

    #[test]
    fn the_first_three_groups_are_turned_round() {
        let text = from_bytes(&STORED).expect("sixteen bytes");
        assert_eq!(text, "8a3d1053-0201-4403-9abc-def012345678");
        let filter = filter(&text).expect("a GUID");
        assert_eq!(filter, r"(objectGUID=\53\10\3d\8a\01\02\03\44\9a\bc\de\f0\12\34\56\78)");
    }

    #[test]
    fn what_is_no_guid_finds_nothing() {
        assert_eq!(from_bytes(b"short"), None);
        assert_eq!(filter("*)(objectClass=*"), None);
    }

    proptest! {
        #[test]
        fn there_and_back(bytes in any::<[u8; 16]>(), text in ".{0,40}") {
            let guid = from_bytes(&bytes).expect("sixteen bytes");
            prop_assert!(filter(&guid).is_some());
            let _ = filter(&text);
        }
    }
}
