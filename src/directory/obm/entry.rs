//! Turning an entry of OBM into a mailbox. Pure.

use crate::directory::connection::Entry;
use crate::directory::times;
use crate::domain::address::MailAddress;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::name::bounded;
use crate::domain::sync::{PassedOver, Seen, SeenAgency, SeenEntry, SeenMailbox};
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::Watched;

/// Finds people and the agencies' own mailboxes, which are alike; not shared ones (`obmMailShare`), groups, contacts.
pub const PEOPLE: &str = "(&(objectClass=obmUser)(objectClass=posixAccount))";

/// What is read of a person. The operational ones come only when they are asked for.
pub const ATTRIBUTES: &[&str] = &[
    "uid",
    "cn",
    "displayName",
    "sn",
    "givenName",
    "mail",
    "mailAlias",
    "title",
    "direction",
    "employeeNumber",
    "entryUUID",
    "createTimestamp",
    "pwdChangedTime",
    "pwdReset",
    "pwdAccountLockedTime",
];

/// `pwdAccountLockedTime` of an account that an administrator locked until further notice.
pub const LOCKED_FOR_GOOD: &str = "000001010000Z";

/// An entry as the house sees it.
pub fn seen(entry: &Entry) -> SeenEntry {
    let id = entry.text("entryuuid").map_or_else(|| entry.dn.clone(), str::to_ascii_lowercase);
    let what = match mailbox(entry) {
        Ok(mailbox) => Seen::Mailbox(Box::new(mailbox)),
        Err(why) => Seen::PassedOver(PassedOver { entry: entry.dn.clone(), why }),
    };
    SeenEntry { id, what }
}

/// Whether an administrator locked it until further notice. A lock after failures ends by itself and is no state.
pub fn is_locked_for_good(entry: &Entry) -> bool {
    entry.text("pwdaccountlockedtime").is_some_and(|at| at.starts_with("00000101"))
}

/// Since when it is locked after failures. The server leaves the mark until the next sign-in, also when the time is over.
pub fn locked_out_at(entry: &Entry) -> Option<Timestamp> {
    entry.text("pwdaccountlockedtime").filter(|at| !at.starts_with("00000101")).and_then(times::generalized)
}

fn mailbox(entry: &Entry) -> Result<SeenMailbox, String> {
    let native_id = entry.text("entryuuid").ok_or("no entryUUID")?.to_ascii_lowercase();
    let login = entry.text("uid").ok_or("no uid")?.to_owned();
    let mail = entry.text("mail").ok_or("no mail address")?;
    let address = MailAddress::parse(mail).map_err(|e| format!("mail address \"{mail}\": {e}"))?;
    let words = |name| words(entry, name);
    let mut aliases: Vec<_> = entry
        .texts("mailalias")
        .filter_map(|a| MailAddress::parse(a).ok())
        .filter(|a| *a != address)
        .collect();
    aliases.sort();
    aliases.dedup();
    Ok(SeenMailbox {
        aliases,
        display_name: name(entry).unwrap_or_else(|| login.clone()),
        title: words("title"),
        staff_number: words("employeenumber"),
        agency: words("direction").map(|name| SeenAgency { code: None, name }),
        // mailAccess=REJECT takes away mail only: the person still signs in, here and to OBM's pages
        enabled: !is_locked_for_good(entry),
        must_change: entry.is_true("pwdreset"),
        password_set_at: entry.text("pwdchangedtime").and_then(times::generalized),
        created_at: entry.text("createtimestamp").and_then(times::generalized),
        // OBM's OpenLDAP keeps no date of a bind
        last_used_at: None,
        // quota and forwarding are in its SQL only
        watched: Watched::default(),
        key: MailboxKey { system: MailSystem::Obm, native_id, login },
        address,
    })
}

/// The name in the Vietnamese order. OBM makes `displayName` and `cn` itself, with the given name first.
fn name(entry: &Entry) -> Option<String> {
    let in_order = || Some(format!("{} {}", words(entry, "sn")?, words(entry, "givenname")?));
    in_order().or_else(|| words(entry, "displayname")).or_else(|| words(entry, "cn"))
}

fn words(entry: &Entry, name: &str) -> Option<String> {
    entry.text(name).map(bounded).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;
    use proptest::prelude::*;
    use time::macros::datetime;

    fn person(more: &[(&str, &[u8])]) -> Entry {
        let mut attributes: Vec<(&str, &[u8])> = vec![
            ("uid", b"an.nguyen"),
            ("entryUUID", b"0CC175B9-C0F1-1036-831C-399E269772E1"),
            ("mail", b"an.nguyen@danang.example"),
            ("cn", "An Nguyễn Văn".as_bytes()),
        ];
        attributes.extend_from_slice(more);
        Entry::recorded("uid=an.nguyen,ou=users,dc=danang.example,dc=local", &attributes)
    }

    #[test]
    fn an_entry_becomes_a_mailbox() {
        let seen = mailbox(&person(&[
            ("displayName", "An Nguyê\u{303}n  Văn".as_bytes()),
            ("mailAlias", b"an@danang.example"),
            ("mailAlias", b"not an address"),
            ("direction", "Sở Nội vụ".as_bytes()),
            ("mailAccess", b"REJECT"),
            ("createTimestamp", b"20251122170000Z"),
            ("pwdChangedTime", b"20261122170000.250000Z"),
            ("pwdReset", b"TRUE"),
        ]))
        .expect("a mailbox");
        assert_eq!(seen.key.native_id, "0cc175b9-c0f1-1036-831c-399e269772e1");
        assert_eq!(seen.display_name, "An Nguyễn Văn");
        assert_eq!(seen.aliases.iter().map(MailAddress::as_str).collect::<Vec<_>>(), ["an@danang.example"]);
        assert_eq!(seen.agency, Some(SeenAgency { code: None, name: "Sở Nội vụ".to_owned() }));
        assert_eq!((seen.enabled, seen.must_change), (true, true));
        let at = |moment| Some(Timestamp::from_datetime(moment));
        assert_eq!(seen.created_at, at(datetime!(2025-11-22 17:00 UTC)));
        assert_eq!(seen.password_set_at, at(datetime!(2026-11-22 17:00:00.25 UTC)));
    }

    #[test]
    fn a_name_stands_in_the_vietnamese_order() {
        let (cn, last) = ("Hồng Võ Ngọc".as_bytes(), "Võ Ngọc".as_bytes());
        let name = |more: &[(&str, &[u8])]| mailbox(&person(more)).expect("a mailbox").display_name;
        let whole = [("displayName", cn), ("sn", last), ("givenName", "Hồng".as_bytes())];
        assert_eq!(name(&whole), "Võ Ngọc Hồng");
        // An agency's mailbox has no given name.
        assert_eq!(name(&[("displayName", "Văn thư".as_bytes()), ("sn", last)]), "Văn thư");
    }

    #[test]
    fn only_a_lock_for_good_disables() {
        let locked =
            |at: &[u8]| mailbox(&person(&[("pwdAccountLockedTime", at)])).expect("a mailbox").enabled;
        assert!(!locked(LOCKED_FOR_GOOD.as_bytes()));
        assert!(locked(b"20261122204249Z"));
    }

    #[test]
    fn an_entry_without_an_address_is_passed_over_with_the_reason() {
        let entry = Entry::recorded("uid=x,ou=users", &[("uid", b"x"), ("entryUUID", b"1"), ("mail", b"x")]);
        let seen = seen(&entry);
        assert_eq!(seen.id, "1");
        let Seen::PassedOver(passed) = seen.what else { panic!("it is no mailbox") };
        assert_eq!(passed.entry, "uid=x,ou=users");
        assert!(passed.why.contains("not of the form"), "{passed:?}");
    }

    proptest! {
        #[test]
        fn any_entry_is_read_without_a_panic(
            value in proptest::collection::vec(any::<u8>(), 0..24),
            which in 0..ATTRIBUTES.len(),
        ) {
            let _ = mailbox(&person(&[(ATTRIBUTES[which], &value)]));
            let _ = mailbox(&Entry::recorded("", &[(ATTRIBUTES[which], &value)]));
        }
    }
}
