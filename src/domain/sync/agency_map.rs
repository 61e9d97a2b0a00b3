//! Which agency of the house a text of a directory means where people decided it, and which texts nobody decided on.
//! Pure.

use super::{SeenAgency, Snapshot};
use crate::domain::agency::Agency;
use crate::domain::id::{AgencyId, MappingId};
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::timestamp::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a directory calls an agency: the code if it has one, else the name without marks and case.
pub type AgencyKey = (MailSystem, String);

/// One decision on what a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its id; later ones are larger.
    pub id: MappingId,
    /// What the directory calls the agency.
    pub key: AgencyKey,
    /// The agency of the house; none: as if nobody had decided.
    pub agency: Option<AgencyId>,
    /// When.
    pub at: Timestamp,
    /// The address of who decided.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What the decisions come to: the code of the agency behind each text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgencyMap(HashMap<AgencyKey, String>);

/// How a text came to its agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MappedBy {
    /// By nobody: it is no agency's name, or it made an agency of its own.
    Nobody,
    /// By a decision.
    Decision,
    /// By its code, or by being an agency's name.
    Itself,
}

/// A text that a directory calls an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencySource {
    /// What decisions call it.
    pub key: AgencyKey,
    /// As the directory writes it.
    pub text: String,
    /// How many mailboxes say so.
    pub number: u64,
    /// The agency that it means, by its code.
    pub agency: Option<String>,
    /// How it came to it.
    pub by: MappedBy,
}

/// What decisions call an agency of a directory.
pub fn agency_key(system: MailSystem, seen: &SeenAgency) -> AgencyKey {
    (system, seen.code.clone().unwrap_or_else(|| name::search_key(&seen.name)))
}

impl AgencyMap {
    /// Puts decisions together, the oldest first; one to an agency that is not there any more does not count.
    pub fn of(decisions: &[Mapping], agencies: &[Agency]) -> Self {
        let codes: HashMap<AgencyId, &str> = agencies.iter().map(|a| (a.id, a.code.as_str())).collect();
        let mut map = HashMap::new();
        for one in decisions {
            match one.agency.and_then(|id| codes.get(&id)) {
                Some(code) => drop(map.insert(one.key.clone(), (*code).to_owned())),
                None => drop(map.remove(&one.key)),
            }
        }
        Self(map)
    }

    /// The code of the agency that was decided on.
    pub fn code(&self, system: MailSystem, seen: &SeenAgency) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&agency_key(system, seen)).map(String::as_str)
    }
}

/// Everything that the directories call an agency, what nobody decided on first.
pub fn agency_sources(snapshots: &[Snapshot], agencies: &[Agency], map: &AgencyMap) -> Vec<AgencySource> {
    let mut seen: BTreeMap<AgencyKey, (&SeenAgency, u64)> = BTreeMap::new();
    let all = snapshots.iter().flat_map(|s| s.mailboxes.iter().map(|m| (s.system, m.agency.as_ref())));
    for (system, agency) in all.filter_map(|(system, agency)| Some((system, agency?))) {
        seen.entry(agency_key(system, agency)).or_insert((agency, 0)).1 += 1;
    }
    let coded: HashSet<&str> = seen.values().filter_map(|(agency, _)| agency.code.as_deref()).collect();
    let by_name: HashMap<String, &str> =
        agencies.iter().map(|agency| (name::search_key(&agency.name), agency.code.as_str())).collect();
    let source = |(key, (agency, number)): (&AgencyKey, &(&SeenAgency, u64))| {
        let named = || by_name.get(&name::search_key(&agency.name)).map(|code| (*code).to_owned());
        let (code, by) = match (map.code(key.0, agency), &agency.code) {
            (Some(code), _) => (Some(code.to_owned()), MappedBy::Decision),
            (None, Some(code)) => (Some(code.clone()), MappedBy::Itself),
            (None, None) => {
                let code = named();
                // An agency whose code was made from this very name, and that no directory knows by a code.
                let is_made =
                    |code: &String| *code == name::slug(&agency.name) && !coded.contains(code.as_str());
                let is_nobodys = code.as_ref().is_none_or(is_made);
                (code, if is_nobodys { MappedBy::Nobody } else { MappedBy::Itself })
            }
        };
        AgencySource { key: key.clone(), text: agency.name.clone(), number: *number, agency: code, by }
    };
    let mut all: Vec<_> = seen.iter().map(source).collect();
    all.sort_by(|a, b| (a.by, &a.key).cmp(&(b.by, &b.key)));
    all
}
