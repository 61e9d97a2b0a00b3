//! What the codes mean now by which applications know agencies: an application that is registered for an agency goes on
//! being for its people, and reaching it, when the agency is renamed, merged or split, as long as applications are told
//! the old code.

use super::agency::Agency;
use super::id::AgencyId;
use super::reorganisation::Kind;
use super::timestamp::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// A code that an agency had before it was renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerCode {
    /// Which agency.
    pub agency: AgencyId,
    /// Its code then.
    pub code: String,
    /// Until when applications are told.
    pub until: Timestamp,
}

/// That people of an agency came to another one: it was merged into it, or a part of it split off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Whether it was a merge or a split.
    pub kind: Kind,
    /// Of which agency they were.
    pub from: AgencyId,
    /// Its code then.
    pub code: String,
    /// To which they came.
    pub to: AgencyId,
    /// Whether roles over the one are held over the other from then on.
    pub carries_roles: bool,
    /// Until when applications are told the code of the first.
    pub until: Timestamp,
}

/// Every code that means something now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Codes {
    now: HashMap<String, AgencyId>,
    /// What a code of before means: the agencies with people of the one that had it.
    before: HashMap<String, BTreeSet<AgencyId>>,
    /// Which agency holds its place: its own new self, or the one that took its roles over.
    heirs: HashMap<String, AgencyId>,
}

impl Codes {
    /// Reads them off the open agencies and what became of others, the oldest first.
    pub fn new(open: &[Agency], formers: &[FormerCode], passed: &[Passed], now: Timestamp) -> Self {
        let mut codes = Self {
            now: open.iter().map(|agency| (agency.code.clone(), agency.id)).collect(),
            ..Self::default()
        };
        for former in formers.iter().filter(|former| former.until > now) {
            codes.add(&former.code, onwards(passed, former.agency), heir(open, passed, former.agency));
        }
        for one in passed.iter().filter(|one| one.until > now) {
            let heir =
                if one.kind == Kind::Merge && one.carries_roles { heir(open, passed, one.to) } else { None };
            codes.add(&one.code, onwards(passed, one.to), heir);
        }
        codes
    }

    fn add(&mut self, code: &str, agencies: BTreeSet<AgencyId>, heir: Option<AgencyId>) {
        self.before.entry(code.to_owned()).or_default().extend(agencies);
        if let Some(heir) = heir {
            self.heirs.insert(code.to_owned(), heir);
        }
    }

    /// Whether people may be known by this code though their agency has another one.
    pub fn is_former(&self, code: &str) -> bool {
        self.before.contains_key(code)
    }

    /// Whether people of an agency may be known by this code.
    pub fn means(&self, code: &str, agency: AgencyId) -> bool {
        self.now.get(code) == Some(&agency)
            || self.before.get(code).is_some_and(|agencies| agencies.contains(&agency))
    }

    /// The agency that is reached by this code: the one that has it; else the one that had it and was renamed, or the
    /// one that it became a part of and that took its roles over.
    pub fn reached(&self, code: &str) -> Option<AgencyId> {
        self.now.get(code).or_else(|| self.heirs.get(code)).copied()
    }

    /// The codes by which people of some agencies may be known.
    pub fn within(&self, is_within: impl Fn(AgencyId) -> bool) -> BTreeSet<String> {
        let now = self.now.iter().filter(|(_, agency)| is_within(**agency)).map(|(code, _)| code);
        let before = self.before.iter().filter(|(_, agencies)| agencies.iter().any(|one| is_within(*one)));
        now.chain(before.map(|(code, _)| code)).cloned().collect()
    }
}

/// An agency with all those to which people of it came.
fn onwards(passed: &[Passed], from: AgencyId) -> BTreeSet<AgencyId> {
    let (mut all, mut open) = (BTreeSet::from([from]), vec![from]);
    while let Some(at) = open.pop() {
        for to in passed.iter().filter(|one| one.from == at).map(|one| one.to) {
            if all.insert(to) {
                open.push(to);
            }
        }
    }
    all
}

/// The open agency that holds the place of one, however often it was merged since.
fn heir(open: &[Agency], passed: &[Passed], agency: AgencyId) -> Option<AgencyId> {
    let mut at = agency;
    for _ in 0..=passed.len() {
        if open.iter().any(|agency| agency.id == at) {
            return Some(at);
        }
        let merge =
            passed.iter().rev().find(|one| one.kind == Kind::Merge && one.from == at && one.carries_roles);
        at = merge?.to;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chance::Entropy;

    struct Nth(u8);
    impl Entropy for Nth {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    const NOW: Timestamp = Timestamp::from_micros(1_000);
    const LATER: Timestamp = Timestamp::from_micros(2_000);

    fn id(n: u8) -> AgencyId {
        AgencyId::new(Timestamp::from_seconds(i64::from(n)), &Nth(n))
    }

    fn open(n: u8, code: &str) -> Agency {
        Agency { id: id(n), code: code.to_owned(), name: code.to_owned(), parent_id: None, merged_into: None }
    }

    fn passed(kind: Kind, (from, code): (u8, &str), to: u8, carries_roles: bool) -> Passed {
        Passed { kind, from: id(from), code: code.to_owned(), to: id(to), carries_roles, until: LATER }
    }

    fn former(n: u8, code: &str) -> FormerCode {
        FormerCode { agency: id(n), code: code.to_owned(), until: LATER }
    }

    #[test]
    fn a_code_of_before_means_the_agency_that_was_renamed_as_long_as_applications_are_told() {
        let all = [open(1, "moi")];
        let codes = Codes::new(&all, &[former(1, "cu")], &[], NOW);
        assert!(codes.means("cu", id(1)) && codes.means("moi", id(1)) && !codes.means("cu", id(2)));
        assert_eq!((codes.reached("cu"), codes.reached("khac")), (Some(id(1)), None));
        assert!(codes.is_former("cu") && !codes.is_former("moi"));
        assert_eq!(codes.within(|one| one == id(1)).len(), 2);
        let late = Codes::new(&all, &[former(1, "cu")], &[], LATER);
        assert!(!late.means("cu", id(1)) && late.reached("cu").is_none());
    }

    #[test]
    fn a_merge_is_followed_and_its_reach_only_where_it_carries_roles() {
        let all = [open(2, "lon"), open(4, "khac")];
        for carries in [true, false] {
            let chain =
                [passed(Kind::Merge, (1, "be"), 3, true), passed(Kind::Merge, (3, "vua"), 2, carries)];
            let codes = Codes::new(&all, &[former(1, "cu")], &chain, NOW);
            for code in ["cu", "be", "vua", "lon"] {
                assert!(codes.means(code, id(2)) && !codes.means(code, id(4)), "{code}");
                let reached = (carries || code == "lon").then_some(id(2));
                assert_eq!(codes.reached(code), reached, "{code}");
            }
        }
    }

    #[test]
    fn a_part_that_split_off_is_known_by_the_code_of_before_and_not_reached_by_it() {
        let all = [open(1, "goc"), open(2, "moi")];
        let codes = Codes::new(&all, &[], &[passed(Kind::Split, (1, "goc"), 2, true)], NOW);
        assert!(codes.means("goc", id(1)) && codes.means("goc", id(2)) && !codes.means("moi", id(1)));
        assert_eq!(codes.reached("goc"), Some(id(1)));
    }

    #[test]
    fn a_circle_of_merges_ends() {
        let circle = [passed(Kind::Merge, (1, "a"), 2, true), passed(Kind::Merge, (2, "b"), 1, true)];
        let codes = Codes::new(&[], &[], &circle, NOW);
        assert!(codes.means("a", id(1)) && codes.reached("a").is_none());
    }
}
