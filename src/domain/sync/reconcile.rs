//! The two directories beside each other: whose mailboxes say the same, what differs, who is mistaken for whom. Pure,
//! and linear in the number of entries: groups by hashing, never everybody with everybody.

mod look_alike;
mod persons;

use self::persons::AgencyNames;
use super::{Attribute, Known, Pairs, PassedOver, Rulings, Snapshot};
use crate::domain::account::Kind;
use crate::domain::agency::Agency;
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub use persons::Person;

codes! {
    /// What was found; in the order in which somebody should look at it.
    FindingKind {
        /// One address, but by staff number or name two persons.
        TwoPersons = "two_persons";
        /// One staff number at two addresses.
        SameStaffNumber = "same_staff_number";
        /// A further address of one is an address of another.
        AliasClash = "alias_clash";
        /// Addresses that are mistaken for each other.
        LookAlike = "look_alike";
        /// An entry that was left out, with the reason.
        SetAside = "set_aside";
        /// In both, enabled in one, disabled in the other.
        DisabledInOne = "disabled_in_one";
        /// In both, and they say different things.
        Differs = "differs";
        /// In Active Directory alone.
        OnlyInAd = "only_in_ad";
        /// In OBM alone.
        OnlyInObm = "only_in_obm";
        /// In both, and they say the same.
        Same = "same";
    }
}

impl FindingKind {
    /// Whether the directories contradict each other, or one contradicts itself, so that somebody must decide.
    pub const fn is_conflict(self) -> bool {
        matches!(
            self,
            Self::TwoPersons | Self::SameStaffNumber | Self::AliasClash | Self::DisabledInOne | Self::Differs
        )
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// What tells it from others of its kind; begins with an address, or with what stands for one.
    pub key: String,
    /// Who is concerned, by their place in [`Picture::persons`].
    pub parties: Vec<usize>,
    /// What differs.
    pub fields: Vec<Attribute>,
    /// The entry that was left out.
    pub set_aside: Option<(MailSystem, PassedOver)>,
}

/// Both directories beside each other.
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    /// Everybody who has a mailbox.
    pub persons: Vec<Person<'a>>,
    /// What was found, by kind and key.
    pub findings: Vec<Finding>,
}

/// Holds both directories against each other. `set_aside` is what the plan left out.
pub fn reconcile<'a>(
    known: &'a [Known],
    agencies: &[Agency],
    snapshots: &'a [Snapshot],
    set_aside: &[(MailSystem, PassedOver)],
    rulings: &Rulings,
) -> Picture<'a> {
    let pairs = &rulings.pairs;
    let mut names = AgencyNames::of(agencies, &rulings.agencies);
    let persons = persons::of(known, snapshots, &mut names);
    let mut findings: Vec<Finding> = Vec::new();
    for (at, person) in persons.iter().enumerate() {
        findings.extend(of_one(at, person, pairs, &mut names));
    }
    findings.extend(shared_addresses(&persons, pairs));
    findings.extend(shared_staff_numbers(&persons));
    for pair in look_alike::pairs(&persons) {
        findings.push(finding(FindingKind::LookAlike, &persons, pair));
    }
    findings.extend(set_aside.iter().map(|(system, passed)| Finding {
        kind: FindingKind::SetAside,
        key: format!("{} {} {}", passed.entry, system.code(), passed.why),
        parties: Vec::new(),
        fields: Vec::new(),
        set_aside: Some((*system, passed.clone())),
    }));
    findings.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    findings.dedup_by(|a, b| (a.kind, &a.key) == (b.kind, &b.key));
    Picture { persons, findings }
}

/// A finding about some persons; its key names their entries, so that it is another one when they are others.
fn finding(kind: FindingKind, persons: &[Person<'_>], mut parties: Vec<usize>) -> Finding {
    parties.sort_by_key(|at| (persons[*at].address(), *at));
    let mut key = String::new();
    for person in parties.iter().map(|at| &persons[*at]) {
        key.push_str(person.address().as_str());
        for seen in &person.mailboxes {
            key.push(' ');
            key.push_str(seen.key.system.code());
            key.push(':');
            key.push_str(&seen.key.native_id);
        }
        key.push('\n');
    }
    Finding { kind, key: key.trim_end().to_owned(), parties, fields: Vec::new(), set_aside: None }
}

/// What there is to say of one person's mailboxes.
fn of_one(at: usize, person: &Person<'_>, pairs: &Pairs, names: &mut AgencyNames<'_>) -> Vec<Finding> {
    let alone = |kind| finding(kind, std::slice::from_ref(person), vec![0]);
    let [one, other] = person.mailboxes[..] else {
        let only = person.mailboxes.first().filter(|_| person.known.is_some());
        let kind = only.map(|seen| match seen.key.system {
            MailSystem::Ad => FindingKind::OnlyInAd,
            MailSystem::Obm => FindingKind::OnlyInObm,
        });
        return kind.map(|kind| Finding { parties: vec![at], ..alone(kind) }).into_iter().collect();
    };
    let mut kinds = Vec::new();
    let fields = differences(person, names);
    let account = person.known.map(|known| known.account.id());
    let is_said_to_be_one =
        account.is_some() && [one, other].iter().any(|seen| pairs.linked(seen) == account);
    if is_two(person) && !is_said_to_be_one {
        kinds.push((FindingKind::TwoPersons, fields));
    } else if !fields.is_empty() {
        kinds.push((FindingKind::Differs, fields));
    }
    if person.is_enabled(one) != person.is_enabled(other) {
        kinds.push((FindingKind::DisabledInOne, Vec::new()));
    }
    if kinds.is_empty() {
        kinds.push((FindingKind::Same, Vec::new()));
    }
    kinds.into_iter().map(|(kind, fields)| Finding { parties: vec![at], fields, ..alone(kind) }).collect()
}

/// What the two mailboxes of a person say differently; what only one says is no difference.
fn differences(person: &Person<'_>, names: &mut AgencyNames<'_>) -> Vec<Attribute> {
    let [one, other] = person.mailboxes[..] else { return Vec::new() };
    let both = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => one.trim() != other.trim(),
        _ => false,
    };
    let differs = |attribute: &Attribute| match attribute {
        Attribute::Name => one.display_name != other.display_name,
        Attribute::Title => both(&one.title, &other.title),
        Attribute::StaffNumber => both(&one.staff_number, &other.staff_number),
        Attribute::Agency => names.differ(one, other),
        Attribute::Address => one.address != other.address,
        Attribute::Aliases => {
            let set = |aliases: &'_ [crate::domain::address::MailAddress]| {
                aliases.iter().cloned().collect::<BTreeSet<_>>()
            };
            let both_tell = !one.aliases.is_empty() && !other.aliases.is_empty();
            both_tell && one.aliases != other.aliases && set(&one.aliases) != set(&other.aliases)
        }
    };
    Attribute::ALL.iter().copied().filter(differs).collect()
}

/// Whether the two mailboxes of an account are two persons': by the staff numbers if both tell one, else by the names.
fn is_two(person: &Person<'_>) -> bool {
    let [one, other] = person.mailboxes[..] else { return false };
    if let (Some(one), Some(other)) = (&one.staff_number, &other.staff_number) {
        return one.trim() != other.trim();
    }
    let kind = person.known.map_or(Kind::Person, |known| known.account.profile().kind);
    kind == Kind::Person && are_unlike(&one.display_name, &other.display_name)
}

/// Whether two names are of two persons: neither holds the other's given name (the last word), or they share fewer
/// than half of the words of the shorter one. Marks, case and the order of the words do not count.
fn are_unlike(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    let (one, other) = (name::search_key(one), name::search_key(other));
    let words = |name: &'_ str| {
        let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let (one, other) = (words(&one), words(&other));
    let (Some(given), Some(other_given)) = (one.last(), other.last()) else { return false };
    let is_another = !other.contains(given) && !one.contains(other_given);
    // A word that a name holds twice is one.
    let (one, other): (BTreeSet<_>, BTreeSet<_>) = (one.iter().collect(), other.iter().collect());
    is_another || one.intersection(&other).count() * 2 < one.len().min(other.len())
}

/// Addresses that several persons claim: as the main one of each, or one as a further address of the other.
fn shared_addresses(persons: &[Person<'_>], pairs: &Pairs) -> Vec<Finding> {
    let mut claims: HashMap<&str, BTreeMap<usize, bool>> = HashMap::new();
    for (at, person) in persons.iter().enumerate() {
        for seen in &person.mailboxes {
            claims.entry(seen.address.as_str()).or_default().insert(at, true);
            for alias in &seen.aliases {
                claims.entry(alias.as_str()).or_default().entry(at).or_insert(false);
            }
        }
    }
    // Whoever was said to be another person than the holder waits for another address: that is known.
    let are_told_apart = |one: &Person<'_>, other: &Person<'_>| {
        let holder = one.known.filter(|_| other.known.is_none());
        holder
            .is_some_and(|known| other.mailboxes.iter().all(|seen| pairs.are_apart(seen, known.account.id())))
    };
    let is_known = |who: &BTreeMap<usize, bool>| {
        let [one, other] = who.keys().copied().collect::<Vec<_>>()[..] else { return false };
        are_told_apart(&persons[one], &persons[other]) || are_told_apart(&persons[other], &persons[one])
    };
    let several = claims.into_iter().filter(|(_, who)| who.len() > 1 && !is_known(who));
    let found = several.map(|(address, who)| {
        let is_main_of_two = who.values().filter(|is_main| **is_main).count() > 1;
        let kind = if is_main_of_two { FindingKind::TwoPersons } else { FindingKind::AliasClash };
        let found = finding(kind, persons, who.into_keys().collect());
        Finding { key: format!("{address}\n{}", found.key), ..found }
    });
    found.collect()
}

/// Staff numbers that stand at several addresses.
fn shared_staff_numbers(persons: &[Person<'_>]) -> Vec<Finding> {
    let mut holders: HashMap<&str, BTreeSet<usize>> = HashMap::new();
    for (at, person) in persons.iter().enumerate() {
        let numbers = person.mailboxes.iter().filter_map(|seen| seen.staff_number.as_deref());
        for number in numbers.map(str::trim).filter(|number| !number.is_empty()) {
            holders.entry(number).or_default().insert(at);
        }
    }
    let several = holders.into_values().filter(|who| {
        let addresses: HashSet<_> = who.iter().map(|at| persons[*at].address()).collect();
        addresses.len() > 1
    });
    several.map(|who| finding(FindingKind::SameStaffNumber, persons, who.into_iter().collect())).collect()
}

#[cfg(test)]
#[path = "reconcile_tests.rs"]
mod tests;
