//! Which agency a directory means: by its code, else by its name.

use super::Step;
use crate::domain::agency::Agency;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::name;
use crate::domain::sync::{AgencyMap, SeenMailbox, Snapshot};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The code of each agency, by the search key of its name.
pub(super) struct AgencyCodes<'a> {
    map: &'a AgencyMap,
    by_key: HashMap<String, String>,
    /// The same by the names as they were written: of many people few names are seen.
    by_name: HashMap<&'a str, String>,
    pub(super) ids: HashMap<String, AgencyId>,
}

/// A code for an agency that only has a name; of one without a letter or digit of ours, its characters by number.
fn code_of(name: &str) -> String {
    let slug = name::slug(name);
    if slug.is_empty() {
        let numbers: Vec<_> = name.chars().take(8).map(|c| format!("{:x}", u32::from(c))).collect();
        return format!("u-{}", numbers.join("-"));
    }
    slug
}

impl<'a> AgencyCodes<'a> {
    pub(super) fn from(
        agencies: &[Agency],
        snapshots: &'a [Snapshot],
        map: &'a AgencyMap,
        steps: &mut Vec<Step>,
    ) -> Self {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut by_key: HashMap<String, String> = HashMap::new();
        let mut ids = HashMap::new();
        // Of two that are called alike, the one that is open.
        let (merged, open): (Vec<_>, Vec<_>) =
            agencies.iter().partition(|agency| agency.merged_into.is_some());
        for agency in merged.into_iter().chain(open) {
            by_key.insert(name::search_key(&agency.name), agency.code.clone());
            names.insert(agency.code.clone(), agency.name.clone());
            ids.insert(agency.code.clone(), agency.id);
        }
        let mut by_name = HashMap::new();
        let seen = snapshots.iter().flat_map(|s| s.mailboxes.iter().map(|m| (s.system, m.agency.as_ref())));
        let seen = seen.filter_map(|(system, agency)| Some((system, agency?)));
        // What somebody decided on names no agency of its own.
        let seen =
            seen.filter(|(system, agency)| map.code(*system, agency).is_none()).map(|(_, agency)| agency);
        let (coded, bare): (Vec<_>, Vec<_>) = seen.partition(|a| a.code.is_some());
        let mut met = HashSet::new();
        for agency in coded.into_iter().chain(bare).filter(|agency| met.insert(*agency)) {
            let key = name::search_key(&agency.name);
            let code = match (&agency.code, by_key.get(&key)) {
                (Some(code), _) | (None, Some(code)) => code.clone(),
                (None, None) => code_of(&agency.name),
            };
            by_key.insert(key, code.clone());
            by_name.insert(agency.name.as_str(), code.clone());
            let is_open = map.now(None, &code) == code;
            let renamed =
                is_open && agency.code.is_some() && names.get(&code).is_some_and(|name| *name != agency.name);
            if renamed || !names.contains_key(&code) {
                names.insert(code.clone(), agency.name.clone());
                steps.push(Step::Agency { code, name: agency.name.clone() });
            }
        }
        Self { map, by_key, by_name, ids }
    }

    /// The code of the agency that a directory means by it now.
    pub(super) fn now(&self, account: Option<AccountId>, code: &str) -> String {
        self.map.now(account, code).to_owned()
    }

    pub(super) fn code(&self, seen: &SeenMailbox) -> Option<String> {
        let agency = seen.agency.as_ref()?;
        if let Some(code) = self.map.code(seen.key.system, agency) {
            return Some(code.to_owned());
        }
        if let Some(code) = agency.code.as_ref().or_else(|| self.by_name.get(agency.name.as_str())) {
            return Some(code.clone());
        }
        // What was read before tells of names that were not seen now.
        self.by_key.get(&name::search_key(&agency.name)).cloned()
    }
}
