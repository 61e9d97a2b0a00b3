//! The invented city as LDIF, the way each directory would hold it: OBM's for slapadd, which takes
//! operational attributes such as `pwdChangedTime`, and Active Directory's for ldbadd and ldbmodify.

use std::fmt::Display;

use base64::{Engine, prelude::BASE64_STANDARD};
use time::{Duration, OffsetDateTime, UtcOffset, macros::format_description};

use super::{
    AD_STAFF, Agency, DOMAIN, Disabled, Kind, OBM_DOMAIN_BASE, PasswordState, Person, agencies, agency_names,
};

/// `PASSWORD` as OBM would store it, so that no clear text lies in the directory.
const PASSWORD_SSHA: &str = "{SSHA}oPS1hgq5PUak+Bmey6vjQMyjRaCOfAg0";
/// The NT hash of `PASSWORD`, which Active Directory keeps. Loading the hash instead of the password
/// spares Samba the Kerberos keys, which take ten times as long as the rest of the entry.
const PASSWORD_NT: [u8; 16] =
    [0x41, 0xdc, 0xeb, 0xb8, 0x66, 0x4a, 0xc4, 0xc1, 0x0b, 0xf9, 0xbc, 0x52, 0x2f, 0x6a, 0x66, 0x5d];
const CITY: &str = "Ủy ban nhân dân thành phố Đà Nẵng";

/// An LDIF text in the making.
#[derive(Default)]
struct Ldif(String);

impl Ldif {
    fn entry(&mut self, dn: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.attr("dn", dn)
    }

    fn attr(&mut self, name: &str, value: impl Display) -> &mut Self {
        let value = value.to_string();
        if is_safe(&value) { self.line(name, ": ", &value) } else { self.bytes(name, value.as_bytes()) }
    }

    fn attrs(&mut self, name: &str, values: &[&str]) -> &mut Self {
        for value in values {
            self.attr(name, value);
        }
        self
    }

    /// Writes nothing for an empty value, which neither directory takes.
    fn filled(&mut self, name: &str, value: &str) -> &mut Self {
        if value.is_empty() { self } else { self.attr(name, value) }
    }

    fn bytes(&mut self, name: &str, value: &[u8]) -> &mut Self {
        self.line(name, ":: ", &BASE64_STANDARD.encode(value))
    }

    fn line(&mut self, name: &str, between: &str, value: &str) -> &mut Self {
        self.0.extend([name, between, value, "\n"]);
        self
    }
}

/// RFC 2849: may the value stand in the file as it is?
fn is_safe(value: &str) -> bool {
    !value.is_empty()
        && value.bytes().all(|b| (0x20..0x7f).contains(&b))
        && !value.starts_with([' ', ':', '<'])
        && !value.ends_with(' ')
}

/// Sixteen bytes that are always the same for the same text (FNV-1a, twice).
fn stable_bytes(text: &str) -> [u8; 16] {
    let half = |start: u64| {
        text.bytes().fold(start, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half(0xcbf2_9ce4_8422_2325).to_be_bytes());
    bytes[8..].copy_from_slice(&half(0x6c62_272e_07bb_0142).to_be_bytes());
    bytes
}

/// The same bytes in the form of a UUID (version 8: made by a rule of our own).
fn stable_uuid(text: &str) -> uuid::Uuid {
    uuid::Builder::from_custom_bytes(stable_bytes(text)).into_uuid()
}

/// The time as LDAP writes it.
fn generalized(at: OffsetDateTime) -> String {
    let form = format_description!("[year][month][day][hour][minute][second]Z");
    at.to_offset(UtcOffset::UTC).format(&form).expect("every part of the form is in a date-time")
}

/// The city's domain in OBM with everyone who is there, for slapadd. `issued` tells when each
/// password was issued or set.
pub fn obm_ldif(
    people: &[Person],
    now: OffsetDateTime,
    issued: &dyn Fn(&PasswordState) -> OffsetDateTime,
) -> String {
    let agencies = agencies();
    let mut out = Ldif::default();
    obm_tree(&mut out);
    for (number, person) in people.iter().enumerate().filter(|(_, p)| p.in_obm()) {
        let since = issued(&person.password).min(now);
        if person.kind == Kind::Shared {
            obm_mail_share(&mut out, person, &agencies);
        } else {
            obm_user(&mut out, person, 10_000 + number, &agencies);
            obm_password(&mut out, person, since);
        }
    }
    out.0
}

fn obm_tree(out: &mut Ldif) {
    out.entry(OBM_DOMAIN_BASE).attrs("objectClass", &["dcObject", "organization"]);
    out.attr("dc", DOMAIN).attr("o", CITY);
    for unit in ["users", "groups", "mailShare", "hosts", "contacts", "servicesConfiguration", "sysusers"] {
        out.entry(&format!("ou={unit},{OBM_DOMAIN_BASE}")).attr("objectClass", "organizationalUnit");
        out.attr("ou", unit);
    }
}

fn obm_user(out: &mut Ldif, person: &Person, number: usize, agencies: &[Agency]) {
    // OBM writes the given name first: cn = first name, then last name with the middle names
    let last = match (person.kind, person.middle.as_str()) {
        (Kind::Person, "") => person.family.clone(),
        (Kind::Person, middle) => format!("{} {middle}", person.family),
        _ => person.display_name(agencies),
    };
    let first = if person.kind == Kind::Person { person.given.as_str() } else { "" };
    let name = format!("{first} {last}");
    out.entry(&format!("uid={},ou=users,{OBM_DOMAIN_BASE}", person.local));
    out.attrs("objectClass", &["posixAccount", "shadowAccount", "inetOrgPerson", "obmUser"]);
    out.attr("uid", &person.local).attr("uidNumber", number).attr("gidNumber", 1000);
    out.attr("cn", name.trim()).attr("displayName", name.trim()).attr("sn", last).filled("givenName", first);
    out.attr("homeDirectory", format!("/home/{}", person.local)).attr("loginShell", "/bin/bash");
    out.attr("userPassword", PASSWORD_SSHA);
    obm_mail(out, person, &person.address(), person.disabled == Disabled::Obm);
    out.attrs("webAccess", &["REJECT"]).attr("hiddenUser", "FALSE").attr("o", CITY);
    out.filled("title", &person.title);
    if let Some(agency) = agency_names(agencies).get(person.agency.as_str()) {
        out.attr("direction", &agency.name);
    }
    if person.kind == Kind::Agency {
        out.attr("description", "Hộp thư cơ quan");
    }
}

fn obm_mail(out: &mut Ldif, person: &Person, mailbox: &str, disabled: bool) {
    out.attr("obmDomain", DOMAIN).attr("mail", person.address()).attr("mailBox", mailbox);
    if let Some(alias) = &person.alias {
        out.attr("mailAlias", format!("{alias}@{DOMAIN}"));
    }
    if disabled {
        out.attr("mailAccess", "REJECT");
    } else {
        out.attr("mailAccess", "PERMIT").attr("mailBoxServer", "lmtp:192.0.2.25:24");
    }
}

fn obm_password(out: &mut Ldif, person: &Person, since: OffsetDateTime) {
    let created = if person.password.is_default() { since } else { since - Duration::days(400) };
    out.attr("entryUUID", stable_uuid(&person.address())).attr("createTimestamp", generalized(created));
    out.attr("pwdChangedTime", generalized(since));
    if person.password.is_default() {
        out.attr("pwdReset", "TRUE");
    }
    if person.disabled == Disabled::Obm {
        // the password policy's own mark for "locked until an administrator lifts it"
        out.attr("pwdAccountLockedTime", "000001010000Z");
    }
}

fn obm_mail_share(out: &mut Ldif, person: &Person, agencies: &[Agency]) {
    out.entry(&format!("cn={},ou=mailShare,{OBM_DOMAIN_BASE}", person.local));
    out.attr("objectClass", "obmMailShare").attr("cn", &person.local);
    out.attr("description", person.display_name(agencies));
    obm_mail(out, person, &format!("+{}", person.address()), person.disabled == Disabled::Obm);
}

/// A unit for each agency and everyone who is in Active Directory, for ldbadd with the control that
/// lets `unicodePwd` be a hash (the test rig gives it). Default passwords must be changed at the next
/// sign-in (`pwdLastSet: 0`), and are as old as the entry itself.
pub fn ad_ldif(people: &[Person]) -> String {
    let agencies = agencies();
    let mut out = Ldif::default();
    for agency in &agencies {
        out.entry(&format!("OU={},{AD_STAFF}", agency.code)).attr("objectClass", "organizationalUnit");
        out.attr("description", &agency.name);
    }
    for person in people.iter().filter(|p| p.in_ad()) {
        ad_user(&mut out, person, &agencies);
    }
    out.0
}

fn ad_user(out: &mut Ldif, person: &Person, agencies: &[Agency]) {
    let disabled = person.disabled == Disabled::Ad || person.kind == Kind::Shared;
    out.entry(&ad_dn(person, agencies)).attr("objectClass", "user");
    out.attr("sAMAccountName", sam_account_name(&person.local));
    out.attr("userPrincipalName", person.address()).attr("displayName", person.display_name(agencies));
    if person.kind == Kind::Person {
        let given = format!("{} {}", person.middle, person.given);
        out.attr("sn", &person.family).attr("givenName", given.trim());
    }
    out.filled("title", &person.title).filled("employeeID", &person.employee).attr("company", CITY);
    if let Some(agency) = agency_names(agencies).get(person.agency.as_str()) {
        out.attr("department", &agency.short);
    }
    out.attr("mail", person.address()).attr("proxyAddresses", format!("SMTP:{}", person.address()));
    if let Some(alias) = &person.alias {
        out.attr("proxyAddresses", format!("smtp:{alias}@{DOMAIN}"));
    }
    out.attr("mailNickname", &person.local).bytes("msExchMailboxGuid", &stable_bytes(&person.address()));
    out.attr("msExchRecipientTypeDetails", if person.kind == Kind::Shared { 4 } else { 1 });
    if person.kind == Kind::Agency {
        out.attr("extensionAttribute1", "hop-thu-co-quan");
    }
    exchange(out, person);
    out.attr("userAccountControl", if disabled { 514 } else { 512 }).bytes("unicodePwd", &PASSWORD_NT);
    if person.password.is_default() {
        out.attr("pwdLastSet", 0);
    }
}

/// A few people forward their mail, and a few mailboxes have limits of their own.
fn exchange(out: &mut Ldif, person: &Person) {
    if person.kind != Kind::Person {
        return;
    }
    let [first, second, third, ..] = stable_bytes(&person.local);
    if first % 16 == 0 {
        let to = if second % 4 == 0 { DOMAIN } else { "hopthu.example" };
        out.attr("msExchGenericForwardingAddress", format!("smtp:{}@{to}", person.local));
        out.attr("deliverAndRedirect", if second % 2 == 0 { "TRUE" } else { "FALSE" });
    }
    if third % 16 == 0 {
        let quota = if second % 2 == 0 { 5_242_880 } else { 2_097_152 };
        out.attr("mDBUseDefaults", "FALSE").attr("mDBOverHardQuotaLimit", quota);
        out.attr("submissionContLength", if second % 2 == 0 { 51_200 } else { 28_672 });
    }
}

/// Modifications that set `pwdLastSet` to the day each own password was set; default passwords stay
/// as they are. For ldbmodify with the control that the test rig gives it.
pub fn ad_backdate_ldif(people: &[Person], issued: &dyn Fn(&PasswordState) -> OffsetDateTime) -> String {
    let agencies = agencies();
    let mut out = Ldif::default();
    for person in people.iter().filter(|p| p.in_ad() && !p.password.is_default()) {
        let filetime = (issued(&person.password).unix_timestamp() + 11_644_473_600) * 10_000_000;
        out.entry(&ad_dn(person, &agencies)).attr("changetype", "modify");
        out.attr("replace", "pwdLastSet").attr("pwdLastSet", filetime);
    }
    out.0
}

fn ad_dn(person: &Person, agencies: &[Agency]) -> String {
    let name = match person.kind {
        Kind::Person => format!("{} ({})", person.display_name(agencies), person.local),
        _ => person.local.clone(),
    };
    format!("CN={name},OU={},{AD_STAFF}", person.agency)
}

/// At most twenty characters; a longer name is cut and told apart by four digits of its hash.
fn sam_account_name(local: &str) -> String {
    if local.len() <= 20 {
        return local.to_owned();
    }
    let [a, b, ..] = stable_bytes(local);
    format!("{}-{a:02x}{b:02x}", &local[..15])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::city::{PASSWORD, people};
    use time::macros::datetime;

    fn all_obm() -> String {
        let now = datetime!(2026-11-23 09:00 +7);
        obm_ldif(&people(), now, &|state| state.instant(now, &|_| true))
    }

    #[test]
    fn values_outside_ascii_are_written_in_base64() {
        let mut out = Ldif::default();
        out.entry("cn=x").attr("sn", "Nguyễn").attr("title", "Chanh van phong").attr("o", " x");
        assert_eq!(out.0, "dn: cn=x\nsn:: Tmd1eeG7hW4=\ntitle: Chanh van phong\no:: IHg=\n");
    }

    #[test]
    fn every_line_of_both_files_is_ascii() {
        assert!(all_obm().is_ascii());
        assert!(ad_ldif(&people()).is_ascii());
    }

    #[test]
    fn no_clear_text_password_lies_in_obm() {
        assert!(!all_obm().contains(PASSWORD));
        assert!(all_obm().contains(PASSWORD_SSHA));
    }

    #[test]
    fn a_default_password_is_marked_as_such_in_both_directories() {
        let an: Vec<_> = people().into_iter().filter(|p| p.local == "an.nguyen").collect();
        let now = datetime!(2026-11-23 09:00 +7);
        let obm = obm_ldif(&an, now, &|state| state.instant(now, &|_| true));
        assert!(obm.contains("pwdReset: TRUE\n"));
        assert!(obm.contains("createTimestamp: 20261123003000Z\npwdChangedTime: 20261123003000Z\n"));
        assert!(ad_ldif(&an).contains("pwdLastSet: 0\n"));
        assert_eq!(ad_backdate_ldif(&an, &|_| now), "");
    }

    #[test]
    fn an_account_name_has_at_most_twenty_characters() {
        assert_eq!(sam_account_name("an.nguyen"), "an.nguyen");
        assert_eq!(sam_account_name("tram.cong-tang-ton-nu").len(), 20);
    }

    #[test]
    fn a_stable_uuid_says_that_we_made_it() {
        let id = stable_uuid("an.nguyen@danang.example");
        assert_eq!(id, stable_uuid("an.nguyen@danang.example"));
        assert_ne!(id, stable_uuid("an.nguyen2@danang.example"));
        assert_eq!(id.get_version_num(), 8);
    }
}
