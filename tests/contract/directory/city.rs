//! The invented city as a directory must show it.

use danang_sso::demo::city::{self, Disabled, Kind, Person};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::{MailSystem, MailboxKey};
use danang_sso::domain::sync::{SeenAgency, SeenMailbox, Snapshot};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::system::System;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use unicode_normalization::UnicodeNormalization;

/// Everyone of the invented city who must be found in one directory.
pub struct City {
    /// Which directory.
    pub system: MailSystem,
    all: Vec<Person>,
    /// Who must be in the snapshot.
    pub people: Vec<Person>,
    now: OffsetDateTime,
    keys: BTreeMap<String, MailboxKey>,
    /// What must be passed over, with a reason.
    pub passed_over: Vec<&'static str>,
}

impl City {
    /// For one directory; until it has been asked, with made-up identities.
    pub fn new(system: MailSystem) -> Self {
        let mut all = city::people();
        for person in &mut all {
            // half of the names as some programs write them, in letters and marks
            if person.local.len().is_multiple_of(2) {
                person.family = person.family.nfd().collect();
                person.given = person.given.nfd().collect();
            }
        }
        let there = |person: &&Person| match system {
            MailSystem::Ad => person.in_ad() && person.kind != Kind::Shared,
            MailSystem::Obm => person.in_obm() && person.kind != Kind::Shared,
        };
        let people: Vec<_> = all.iter().filter(there).cloned().collect();
        let key = |p: &Person| MailboxKey { system, native_id: p.address(), login: p.local.clone() };
        let keys = people.iter().map(|p| (p.address(), key(p))).collect();
        let now = System::of_the_machine().now().local();
        Self { system, all, people, now, keys, passed_over: Vec::new() }
    }

    /// What OBM is filled with, and one entry that is of no use.
    pub fn obm_seed(&mut self) -> String {
        let ldif = city::obm_ldif(&self.all, self.now, &|state| state.instant(self.now, &|_| true));
        self.passed_over.push("no-mail");
        let base = city::OBM_DOMAIN_BASE;
        let classes = "objectClass: posixAccount\nobjectClass: inetOrgPerson\nobjectClass: obmUser\n";
        let rest = "uid: no-mail\nuidNumber: 9\ngidNumber: 9\ncn: x\nsn: x\nhomeDirectory: /x\n";
        format!("{ldif}\ndn: uid=no-mail,ou=users,{base}\n{classes}{rest}")
    }

    /// What Active Directory is filled with, two entries that are of no use and a room; and the dates of the passwords.
    pub fn ad_seed(&mut self) -> (String, String) {
        let ldif = city::ad_ldif(&self.all);
        let backdate = city::ad_backdate_ldif(&self.all, &|state| state.instant(self.now, &|_| true));
        self.passed_over.extend(["no-mail", "discovery"]);
        let other = |name: &str, more: &str| {
            let staff = city::AD_STAFF;
            format!("\ndn: CN={name},OU=so-khcn,{staff}\nobjectClass: user\nsAMAccountName: {name}\n{more}")
        };
        let mail = "mail: x@danang.example\nmsExchRecipientTypeDetails: ";
        let others = [
            other("no-mail", ""),
            other("discovery", &format!("{mail}536870912\n")),
            other("room", &format!("{mail}16\n")),
        ];
        (format!("{ldif}{}", others.concat()), backdate)
    }

    /// From now on people are asked for by what the directory itself calls them.
    pub fn learn_keys(&mut self, snapshot: &Snapshot) {
        self.keys = snapshot.mailboxes.iter().map(|m| (m.address.to_string(), m.key.clone())).collect();
    }

    /// How the directory finds a person.
    pub fn key(&self, local: &str) -> MailboxKey {
        let address = format!("{local}@{}", city::DOMAIN);
        self.keys.get(&address).unwrap_or_else(|| panic!("{address} is not in the snapshot")).clone()
    }

    /// Whether the directory must not let a person in.
    pub fn is_disabled(&self, person: &Person) -> bool {
        match self.system {
            MailSystem::Ad => person.disabled == Disabled::Ad,
            MailSystem::Obm => person.disabled == Disabled::Obm,
        }
    }

    /// When a person's password was issued or set.
    pub fn issued(&self, person: &Person) -> Timestamp {
        Timestamp::from_datetime(person.password.instant(self.now, &|_| true))
    }

    /// A person as the directory in memory shows them.
    pub fn seen_in_memory(&self, person: &Person) -> SeenMailbox {
        let address = |text: &str| MailAddress::parse(text).expect("an address of the city");
        let name = person.display_name(&city::agencies());
        SeenMailbox {
            key: self.key(&person.local),
            address: address(&person.address()),
            aliases: person.alias.iter().map(|a| address(&format!("{a}@{}", city::DOMAIN))).collect(),
            display_name: name.nfc().collect(),
            title: Some(person.title.clone()).filter(|title| !title.is_empty()),
            staff_number: Some(person.employee.clone()).filter(|number| !number.is_empty()),
            agency: Some(SeenAgency { code: Some(person.agency.clone()), name: person.agency.clone() }),
            enabled: !self.is_disabled(person),
            must_change: person.password.is_default(),
            password_set_at: Some(self.issued(person)),
            created_at: None,
            last_used_at: None,
            watched: danang_sso::domain::watch::Watched::default(),
        }
    }
}
