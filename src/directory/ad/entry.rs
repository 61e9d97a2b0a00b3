//! Turning an entry of Active Directory into a mailbox. Pure.

use super::{guid, watched};
use crate::directory::connection::Entry;
use crate::directory::{Standing, times};
use crate::domain::address::MailAddress;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::name::bounded;
use crate::domain::sync::{PassedOver, Seen, SeenAgency, SeenEntry, SeenMailbox};
use crate::domain::timestamp::Timestamp;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::HashMap;

/// Finds people and everything else that has a mailbox.
pub const PEOPLE: &str = "(&(objectCategory=person)(objectClass=user))";

/// What is read of a person.
pub const ATTRIBUTES: &[&str] = &[
    "objectGUID",
    "sAMAccountName",
    "cn",
    "displayName",
    "mail",
    "proxyAddresses",
    "title",
    "employeeID",
    "employeeNumber",
    "userAccountControl",
    "pwdLastSet",
    "lastLogonTimestamp",
    "whenCreated",
    "msExchRecipientTypeDetails",
    "isDeleted",
    "altRecipient",
    "deliverAndRedirect",
    "msExchGenericForwardingAddress",
    "targetAddress",
    "mDBUseDefaults",
    "mDBOverQuotaLimit",
    "mDBOverHardQuotaLimit",
    "submissionContLength",
    "delivContLength",
];

/// What is read of a person who is looked up by their identity.
pub const FOUND: &[&str] =
    &["pwdLastSet", "userAccountControl", "msDS-User-Account-Control-Computed", "accountExpires"];

/// What is read of an organizational unit.
pub const UNIT_ATTRIBUTES: &[&str] = &["ou", "description"];

/// The bit of `userAccountControl` that disables.
pub const ACCOUNT_DISABLED: i64 = 0x2;
const PASSWORD_NEVER_EXPIRES: i64 = 0x1_0000;
/// The bit of `msDS-User-Account-Control-Computed` that says so (MS-ADTS §3.1.1.4.5.17): the server knows how long it lasts.
const LOCKED_OUT: i64 = 0x10;

/// The units right below the base, by their distinguished names in lower case.
pub struct Agencies {
    base: String,
    units: HashMap<String, SeenAgency>,
}

impl Agencies {
    /// From the units right below `base`, which is written as the server writes it.
    pub fn new(base: &str, units: &[Entry]) -> Self {
        let units = units.iter().filter_map(|unit| {
            let code = unit.text("ou")?;
            let name = bounded(unit.text("description").unwrap_or(code));
            let agency = SeenAgency { code: Some(code.to_lowercase()), name };
            Some((unit.dn.to_lowercase(), agency))
        });
        Self { base: base.to_lowercase(), units: units.collect() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether an entry is somewhere below the base.
    pub fn is_below_base(&self, dn: &str) -> bool {
        let dn = dn.to_lowercase();
        dn.strip_suffix(&self.base).is_some_and(|inside| inside.ends_with(','))
    }

    /// Tells one state of the agencies from another.
    pub fn fingerprint(&self) -> String {
        let mut all: Vec<_> = self.units.iter().map(|(dn, agency)| format!("{dn} {}", agency.name)).collect();
        all.sort();
        let digest = digest(&SHA256, all.join("\n").as_bytes());
        URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
    }

    /// The agency of an entry at any depth below its unit.
    fn of(&self, dn: &str) -> Option<&SeenAgency> {
        let dn = dn.to_lowercase();
        let inside = dn.strip_suffix(&self.base)?.strip_suffix(',')?;
        let unit = &inside[last_part(inside)..];
        self.units.get(&format!("{unit},{}", self.base))
    }
}

/// An entry as the house sees it.
pub fn seen(entry: &Entry, agencies: &Agencies) -> SeenEntry {
    let id = entry.bytes("objectguid").and_then(guid::from_bytes).unwrap_or_else(|| entry.dn.clone());
    let what = match mailbox(entry, agencies) {
        Ok(mailbox) => Seen::Mailbox(Box::new(mailbox)),
        Err(Not::APerson) => Seen::Nothing,
        Err(Not::Usable(why)) => Seen::PassedOver(PassedOver { entry: entry.dn.clone(), why }),
    };
    SeenEntry { id, what }
}

/// Why an entry is no mailbox of the house.
#[derive(Debug, PartialEq, Eq)]
enum Not {
    /// A shared mailbox, a room or equipment: nobody signs in to it.
    APerson,
    /// Something is wrong with it, or nothing is known about its kind.
    Usable(String),
}

fn mailbox(entry: &Entry, agencies: &Agencies) -> Result<SeenMailbox, Not> {
    is_person(entry.number("msexchrecipienttypedetails"))?;
    let missing = |what: &str| Not::Usable(format!("no {what}"));
    let native_id =
        entry.bytes("objectguid").and_then(guid::from_bytes).ok_or_else(|| missing("objectGUID"))?;
    let login = entry.text("samaccountname").ok_or_else(|| missing("sAMAccountName"))?.to_owned();
    let mail = entry.text("mail").ok_or_else(|| missing("mail address"))?;
    let address =
        MailAddress::parse(mail).map_err(|e| Not::Usable(format!("mail address \"{mail}\": {e}")))?;
    let control = entry.number("useraccountcontrol").unwrap_or_default();
    let set = entry.number("pwdlastset");
    let words = |name: &str| entry.text(name).map(bounded).filter(|text| !text.is_empty());
    Ok(SeenMailbox {
        aliases: aliases(entry, &address),
        display_name: words("displayname").or_else(|| words("cn")).unwrap_or_else(|| login.clone()),
        title: words("title"),
        staff_number: words("employeeid").or_else(|| words("employeenumber")),
        agency: agencies.of(&entry.dn).cloned(),
        // an end date (accountExpires) is told by the bind, which knows the time
        enabled: control & ACCOUNT_DISABLED == 0,
        must_change: set == Some(0) && control & PASSWORD_NEVER_EXPIRES == 0,
        password_set_at: set.and_then(times::filetime),
        created_at: entry.text("whencreated").and_then(times::generalized),
        // Replicated, and therefore written only when it is 9 to 14 days behind; `lastLogon` is each server's own.
        last_used_at: entry.number("lastlogontimestamp").and_then(times::filetime),
        key: MailboxKey { system: MailSystem::Ad, native_id, login },
        address,
        watched: watched::watched(entry),
    })
}

/// How an entry with the attributes of [`FOUND`] stands. `accountExpires` 0 and the largest number mean never
/// (MS-ADA1 §2.3).
pub fn standing(entry: &Entry, now: Timestamp) -> Standing {
    let flags = |name: &str| entry.number(name).unwrap_or_default();
    if flags("useraccountcontrol") & ACCOUNT_DISABLED != 0 {
        return Standing::Locked;
    }
    match entry.number("accountexpires").and_then(times::filetime) {
        Some(end) if end <= now => Standing::Expired(end),
        _ if flags("msds-user-account-control-computed") & LOCKED_OUT != 0 => Standing::LockedOut,
        _ => Standing::Open,
    }
}

/// `msExchRecipientTypeDetails`: 1 user, 2 linked, 128 mail user, 2^31 remote user; none where Exchange never was.
fn is_person(kind: Option<i64>) -> Result<(), Not> {
    match kind {
        None | Some(1 | 2 | 128 | 0x8000_0000) => Ok(()),
        // shared, room, equipment; 2^33, 2^34, 2^35: the same, kept remotely
        Some(4 | 16 | 32 | 0x2_0000_0000 | 0x4_0000_0000 | 0x8_0000_0000) => Err(Not::APerson),
        Some(other) => {
            Err(Not::Usable(format!("a mailbox of an unknown kind (msExchRecipientTypeDetails {other})")))
        }
    }
}

/// The mail addresses among `proxyAddresses` (`smtp:`, in capitals the main one), without the main one; `X500:`,
/// `SIP:` and what no mail address of the city can be are left out.
fn aliases(entry: &Entry, main: &MailAddress) -> Vec<MailAddress> {
    let of_mail = |value: &str| {
        let (kind, address) = value.split_once(':')?;
        kind.eq_ignore_ascii_case("smtp").then(|| MailAddress::parse(address).ok())?
    };
    let mut aliases: Vec<_> =
        entry.texts("proxyaddresses").filter_map(of_mail).filter(|address| address != main).collect();
    aliases.sort();
    aliases.dedup();
    aliases
}

/// Where the last part of a distinguished name begins: after the last comma that is not escaped (RFC 4514).
fn last_part(dn: &str) -> usize {
    let (mut begin, mut escaped) = (0, false);
    for (at, byte) in dn.bytes().enumerate() {
        if byte == b',' && !escaped {
            begin = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    begin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;
    use proptest::prelude::*;
    use time::macros::datetime;

    const BASE: &str = "OU=Staff,DC=ad,DC=danang,DC=example";
    const GUID: &[u8] = b"0123456789abcdef";

    fn agencies() -> Agencies {
        let dn = format!("OU=So-KHCN,{BASE}");
        let science = [("ou", "So-KHCN".as_bytes()), ("description", "Sở Khoa học và Công nghệ".as_bytes())];
        let comma = format!("OU=Phòng A\\, B,{BASE}");
        let units =
            [Entry::recorded(&dn, &science), Entry::recorded(&comma, &[("ou", "Phòng A, B".as_bytes())])];
        Agencies::new(BASE, &units)
    }

    fn person<'a>(more: &[(&'a str, &'a [u8])]) -> Entry {
        let mut attributes: Vec<(&str, &[u8])> = vec![("objectGUID", GUID), ("sAMAccountName", b"an.nguyen")];
        if !more.iter().any(|(name, _)| *name == "mail") {
            attributes.push(("mail", b"An.Nguyen@danang.example"));
        }
        attributes.extend_from_slice(more);
        Entry::recorded(&format!("CN=Nguyễn Văn An (an.nguyen),OU=So-KHCN,{BASE}"), &attributes)
    }

    fn seen(more: &[(&str, &[u8])]) -> SeenMailbox {
        mailbox(&person(more), &agencies()).expect("a mailbox")
    }

    #[test]
    fn an_entry_stands_open_locked_locked_out_or_expired() {
        let computed = "msDS-User-Account-Control-Computed";
        let end = Timestamp::from_datetime(datetime!(2026-11-22 17:00 UTC));
        let at = |now: Timestamp, more: &[(&str, &[u8])]| standing(&person(more), now);
        assert_eq!(at(end, &[("userAccountControl", b"512"), (computed, b"0")]), Standing::Open);
        assert_eq!(at(end, &[("userAccountControl", b"514"), (computed, b"16")]), Standing::Locked);
        assert_eq!(at(end, &[("userAccountControl", b"512"), (computed, b"16")]), Standing::LockedOut);
        // MS-ADA1 §2.3: both mean never.
        for never in ["0", "9223372036854775807"] {
            assert_eq!(at(end, &[("accountExpires", never.as_bytes())]), Standing::Open);
        }
        let ends = [("accountExpires", "134398404000000000".as_bytes())];
        let moment = times::filetime(134_398_404_000_000_000).expect("a moment");
        assert_eq!(at(moment, &ends), Standing::Expired(moment));
        assert_eq!(at(moment.minus(time::Duration::seconds(1)), &ends), Standing::Open);
    }

    #[test]
    fn an_entry_becomes_a_mailbox() {
        let seen = seen(&[
            ("displayName", "Nguye\u{302}\u{303}n Văn  An".as_bytes()),
            ("title", "Chuyên viên".as_bytes()),
            ("employeeID", b"DN001007"),
            ("userAccountControl", b"512"),
            ("pwdLastSet", b"134398404000000000"),
            ("lastLogonTimestamp", b"134398409000000000"),
            ("whenCreated", b"20251122170000.0Z"),
            ("msExchRecipientTypeDetails", b"1"),
        ]);
        assert_eq!(seen.key.native_id, "33323130-3534-3736-3839-616263646566");
        assert_eq!(
            (seen.key.login.as_str(), seen.address.as_str()),
            ("an.nguyen", "an.nguyen@danang.example")
        );
        assert_eq!(seen.display_name, "Nguyễn Văn An");
        assert_eq!(seen.title.as_deref(), Some("Chuyên viên"));
        assert_eq!(seen.staff_number.as_deref(), Some("DN001007"));
        assert_eq!((seen.enabled, seen.must_change), (true, false));
        let at = |moment| Some(Timestamp::from_datetime(moment));
        assert_eq!(seen.password_set_at, at(datetime!(2026-11-22 17:00 UTC)));
        assert_eq!(seen.created_at, at(datetime!(2025-11-22 17:00 UTC)));
        assert_eq!(seen.last_used_at, at(datetime!(2026-11-22 17:08:20 UTC)));
        let agency = seen.agency.expect("an agency");
        assert_eq!(agency.code.as_deref(), Some("so-khcn"));
        assert_eq!(agency.name, "Sở Khoa học và Công nghệ");
    }

    #[test]
    fn the_second_bit_disables_and_a_zero_demands_a_new_password() {
        let off = seen(&[("userAccountControl", b"514"), ("pwdLastSet", b"0")]);
        assert_eq!((off.enabled, off.must_change, off.password_set_at), (false, true, None));
        let never_expires = seen(&[("userAccountControl", b"66048"), ("pwdLastSet", b"0")]);
        assert_eq!((never_expires.enabled, never_expires.must_change), (true, false));
    }

    #[test]
    fn an_account_that_nobody_used_yet_has_no_last_use() {
        assert_eq!(seen(&[]).last_used_at, None);
        for never in [b"0".as_slice(), b"9223372036854775807", b"-1", b"x"] {
            assert_eq!(seen(&[("lastLogonTimestamp", never)]).last_used_at, None);
        }
    }

    #[test]
    fn only_mail_addresses_other_than_the_main_one_are_aliases() {
        let seen = seen(&[
            ("proxyAddresses", b"SMTP:an.nguyen@danang.example"),
            ("proxyAddresses", b"smtp:An@danang.example"),
            ("proxyAddresses", b"smtp:an@danang.example"),
            ("proxyAddresses", b"X500:/o=city/cn=an"),
            ("proxyAddresses", b"SIP:an.nguyen@danang.example"),
            ("proxyAddresses", b"smtp:"),
            ("proxyAddresses", b"nothing"),
        ]);
        let aliases: Vec<_> = seen.aliases.iter().map(MailAddress::as_str).collect();
        assert_eq!(aliases, ["an@danang.example"]);
    }

    #[test]
    fn an_agency_is_the_unit_right_below_the_base() {
        let agencies = agencies();
        let code = |dn: &str| agencies.of(dn).and_then(|agency| agency.code.clone());
        assert_eq!(code(&format!("CN=A,OU=Inner,OU=So-KHCN,{BASE}")).as_deref(), Some("so-khcn"));
        assert_eq!(
            code(&format!("CN=A\\, B,ou=so-khcn,{}", BASE.to_uppercase())).as_deref(),
            Some("so-khcn")
        );
        assert_eq!(code(&format!("CN=A,OU=Phòng A\\, B,{BASE}")).as_deref(), Some("phòng a, b"));
        assert_eq!(code(&format!("CN=A,{BASE}")), None);
        assert_eq!(code("CN=A,CN=Users,DC=ad"), None);
        assert_eq!(agencies.units.values().filter(|a| a.name == "Phòng A, B").count(), 1);
    }

    #[test]
    fn what_nobody_signs_in_to_is_left_out_silently_and_the_rest_with_a_reason() {
        let kind =
            |kind: &'static [u8]| mailbox(&person(&[("msExchRecipientTypeDetails", kind)]), &agencies());
        for person in [b"1".as_slice(), b"2", b"128", b"2147483648"] {
            assert!(kind(person).is_ok());
        }
        for thing in [b"4".as_slice(), b"16", b"32", b"8589934592", b"34359738368"] {
            assert_eq!(kind(thing), Err(Not::APerson));
        }
        assert!(matches!(kind(b"549755813888"), Err(Not::Usable(why)) if why.contains("549755813888")));
        let mail = |mail: &'static [u8]| mailbox(&person(&[("mail", mail)]), &agencies());
        assert_eq!(mail(b""), Err(Not::Usable("no mail address".to_owned())));
        assert!(matches!(mail("ân@danang.example".as_bytes()), Err(Not::Usable(why)) if why.contains("ân@")));
    }

    proptest! {
        #[test]
        fn any_entry_is_read_without_a_panic(
            dn in ".{0,60}",
            value in proptest::collection::vec(any::<u8>(), 0..24),
            which in 0..ATTRIBUTES.len(),
        ) {
            let mut attributes: Vec<(&str, &[u8])> = vec![("objectGUID", GUID), ("sAMAccountName", b"a")];
            attributes.push((ATTRIBUTES[which], &value));
            let _ = mailbox(&Entry::recorded(&dn, &attributes), &agencies());
            let _ = mailbox(&Entry::recorded(&format!("{dn},{BASE}"), &attributes), &agencies());
        }
    }
}
