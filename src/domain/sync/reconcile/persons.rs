//! Whose mailboxes belong together, as the house has them; an entry that is nobody's yet stands for itself.

use crate::domain::address::MailAddress;
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::sync::{AgencyMap, Known, SeenMailbox, Snapshot};
use std::collections::HashMap;

/// Somebody with mailboxes, one in each directory at most, AD first.
#[derive(Debug, Clone)]
pub struct Person<'a> {
    /// The account, if there is one.
    pub known: Option<&'a Known>,
    /// The mailboxes.
    pub mailboxes: Vec<&'a SeenMailbox>,
    /// The agency, if the house knows it.
    pub agency: Option<AgencyId>,
}

impl Person<'_> {
    /// The address of the account, else of the first mailbox.
    pub fn address(&self) -> &MailAddress {
        match self.known {
            Some(known) => &known.account.profile().address,
            None => &self.mailboxes[0].address,
        }
    }

    /// The name of the holder, else what the first mailbox says.
    pub fn name(&self) -> &str {
        match self.known {
            Some(known) => &known.account.profile().display_name,
            None => &self.mailboxes[0].display_name,
        }
    }

    /// Whether a mailbox is open but for a lock of ours.
    pub(super) fn is_enabled(&self, seen: &SeenMailbox) -> bool {
        seen.enabled || self.known.is_some_and(|known| known.locked_by_us.contains(&seen.key.system))
    }
}

/// Which agency a directory means.
pub(super) struct AgencyNames<'a> {
    map: &'a AgencyMap,
    by_code: HashMap<String, AgencyId>,
    by_name: HashMap<String, AgencyId>,
    /// Of each text that was met, its search key: there are few texts and many entries.
    keys: HashMap<String, String>,
}

impl<'a> AgencyNames<'a> {
    pub(super) fn of(agencies: &[Agency], map: &'a AgencyMap) -> Self {
        Self {
            map,
            by_code: agencies.iter().map(|agency| (agency.code.clone(), agency.id)).collect(),
            by_name: agencies.iter().map(|agency| (name::search_key(&agency.name), agency.id)).collect(),
            keys: HashMap::new(),
        }
    }

    fn key(&mut self, text: &str) -> &str {
        if !self.keys.contains_key(text) {
            self.keys.insert(text.to_owned(), name::search_key(text));
        }
        &self.keys[text]
    }

    fn find(&mut self, seen: &SeenMailbox) -> Option<AgencyId> {
        let agency = seen.agency.as_ref()?;
        let code = self.map.code(seen.key.system, agency).or(agency.code.as_deref());
        let code = code.map(|code| self.map.now(None, code));
        if let Some(id) = code.and_then(|code| self.by_code.get(code)) {
            return Some(*id);
        }
        let key = self.key(&agency.name).to_owned();
        self.by_name.get(&key).copied()
    }

    /// Whether two mailboxes tell of two agencies.
    pub(super) fn differ(&mut self, one: &SeenMailbox, other: &SeenMailbox) -> bool {
        let (Some(a), Some(b)) = (&one.agency, &other.agency) else { return false };
        if let (Some(one), Some(other)) = (self.find(one), self.find(other)) {
            return one != other;
        }
        let key = self.key(&a.name).to_owned();
        key != self.key(&b.name)
    }
}

/// Everybody who has a mailbox.
pub(super) fn of<'a>(
    known: &'a [Known],
    snapshots: &'a [Snapshot],
    names: &mut AgencyNames<'_>,
) -> Vec<Person<'a>> {
    let mut holders: HashMap<(MailSystem, &str), usize> = HashMap::new();
    for (at, known) in known.iter().enumerate() {
        for mailbox in &known.mailboxes {
            holders.insert((mailbox.key.system, mailbox.key.native_id.as_str()), at);
        }
    }
    let of_account = |known: &'a Known| {
        let agency = known.account.profile().agency_id;
        Person { known: Some(known), mailboxes: Vec::new(), agency }
    };
    let mut persons: Vec<Person<'a>> = known.iter().map(of_account).collect();
    let mut strangers: HashMap<&MailAddress, Vec<usize>> = HashMap::new();
    for seen in snapshots.iter().flat_map(|snapshot| &snapshot.mailboxes) {
        let holds = |person: &Person<'_>| person.mailboxes.iter().any(|m| m.key.system == seen.key.system);
        let holder = holders.get(&(seen.key.system, seen.key.native_id.as_str())).copied();
        if let Some(at) = holder.filter(|at| !holds(&persons[*at])) {
            persons[at].mailboxes.push(seen);
            continue;
        }
        // Nobody's yet: one person with the entry of the other directory that has the same address.
        let same = strangers.entry(&seen.address).or_default();
        if let Some(at) = same.iter().copied().find(|at| !holds(&persons[*at])) {
            persons[at].mailboxes.push(seen);
            continue;
        }
        same.push(persons.len());
        let agency = names.find(seen);
        persons.push(Person { known: None, mailboxes: vec![seen], agency });
    }
    persons.retain(|person| !person.mailboxes.is_empty());
    for person in &mut persons {
        person.mailboxes.sort_by_key(|seen| seen.key.system);
    }
    persons
}
