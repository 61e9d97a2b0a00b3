//! Which agency of the house a text of a directory means where people decided it, and which texts nobody decided on.
//! What was renamed, merged or split since the directories wrote it is followed up. Pure.

use super::{SeenAgency, Snapshot};
use crate::domain::agency::Agency;
use crate::domain::id::{AccountId, AgencyId, MappingId};
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::reorganisation::Former;
use crate::domain::timestamp::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a directory calls an agency: the code if it has one, else the name without marks and case.
pub type AgencyKey = (MailSystem, String);

/// The most reorganisations that are followed up: no use case makes a circle, one in the database ends here.
const LONGEST_WAY: usize = 200;

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

/// What the decisions and the reorganisations come to: the code of the agency behind each text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgencyMap {
    decided: HashMap<AgencyKey, String>,
    /// Codes that agencies had before, with the one that they have.
    former_codes: HashMap<String, String>,
    /// Names that agencies had before, as search keys, with the code that they have.
    former_names: HashMap<String, String>,
    /// Agencies that were merged, each with the one into which it was.
    merged: HashMap<String, String>,
    /// Accounts that a split has moved, by the code of the agency that the directories still tell.
    moved: HashMap<(AccountId, String), String>,
}

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
        Self { decided: map, ..Self::default() }
    }

    /// With what was renamed, merged and split: `formers` the oldest first, `agencies` with those that were merged,
    /// `moves` by account, agency before and agency after.
    #[must_use]
    pub fn following(
        self,
        agencies: &[Agency],
        formers: &[Former],
        moves: &[(AccountId, AgencyId, AgencyId)],
    ) -> Self {
        let codes: HashMap<AgencyId, &Agency> = agencies.iter().map(|a| (a.id, a)).collect();
        let code = |id: AgencyId| codes.get(&id).map(|agency| agency.code.clone());
        let (mut former_codes, mut former_names) = (HashMap::new(), HashMap::new());
        for former in formers {
            let Some(now) = code(former.agency) else { continue };
            former_codes.insert(former.code.clone(), now.clone());
            former_names.insert(name::search_key(&former.name), now);
        }
        // What an agency is called now goes before what another one was called.
        for agency in agencies.iter().filter(|agency| agency.merged_into.is_none()) {
            former_codes.remove(&agency.code);
            former_names.remove(&name::search_key(&agency.name));
        }
        let into = |agency: &Agency| Some((agency.code.clone(), code(agency.merged_into?)?));
        let merged = agencies.iter().filter_map(into).collect();
        let by_account = moves.iter().filter_map(|(who, from, to)| Some(((*who, code(*from)?), code(*to)?)));
        Self { former_codes, former_names, merged, moved: by_account.collect(), ..self }
    }

    /// The code of the agency that was decided on.
    fn decision(&self, system: MailSystem, seen: &SeenAgency) -> Option<&str> {
        if self.decided.is_empty() {
            return None;
        }
        self.decided.get(&agency_key(system, seen)).map(String::as_str)
    }

    /// The code of the agency that was called so before.
    fn former(&self, seen: &SeenAgency) -> Option<&str> {
        if self.former_names.is_empty() {
            return None;
        }
        let by_name = || self.former_names.get(&name::search_key(&seen.name)).map(String::as_str);
        match &seen.code {
            Some(code) => self
                .former_codes
                .get(code)
                .map(String::as_str)
                // Under its own code with the name of before: no news.
                .or_else(|| by_name().filter(|own| own == code)),
            None => by_name(),
        }
    }

    /// The code of the agency that was decided on, or that was called so before.
    pub fn code(&self, system: MailSystem, seen: &SeenAgency) -> Option<&str> {
        self.decision(system, seen).or_else(|| self.former(seen))
    }

    /// The code of the agency that one means now: of an account that a split has moved the new one, of an agency that
    /// was merged the one of which it is a part, and so on from there, in whichever order it came about.
    pub fn now<'a>(&'a self, account: Option<AccountId>, code: &'a str) -> &'a str {
        let mut way = vec![code];
        let mut at = code;
        while way.len() <= LONGEST_WAY {
            // A part that was split off and merged back goes on from where it is, not round again.
            let moved = self.moved(account, at).filter(|next| !way.contains(next));
            let Some(next) = moved.or_else(|| self.merged.get(at).map(String::as_str)) else { break };
            way.push(next);
            at = next;
        }
        at
    }

    /// Where a split has moved an account from an agency.
    fn moved(&self, account: Option<AccountId>, code: &str) -> Option<&str> {
        if self.moved.is_empty() {
            return None;
        }
        self.moved.get(&(account?, code.to_owned())).map(String::as_str)
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
        let (code, by) = match (map.decision(key.0, agency), map.former(agency).or(agency.code.as_deref())) {
            (Some(code), _) => (Some(code.to_owned()), MappedBy::Decision),
            (None, Some(code)) => (Some(code.to_owned()), MappedBy::Itself),
            (None, None) => {
                let code = named();
                // An agency whose code was made from this very name, and that no directory knows by a code.
                let is_made =
                    |code: &String| *code == name::slug(&agency.name) && !coded.contains(code.as_str());
                let is_nobodys = code.as_ref().is_none_or(is_made);
                (code, if is_nobodys { MappedBy::Nobody } else { MappedBy::Itself })
            }
        };
        let code = code.map(|code| map.now(None, &code).to_owned());
        AgencySource { key: key.clone(), text: agency.name.clone(), number: *number, agency: code, by }
    };
    let mut all: Vec<_> = seen.iter().map(source).collect();
    all.sort_by(|a, b| (a.by, &a.key).cmp(&(b.by, &b.key)));
    all
}
