//! Agencies that are renamed, merged, split or moved in the tree on a day: what there is, what it needs, and how far it is.

use super::agency::{Agency, above, is_below_itself};
use super::id::AgencyId;
use std::collections::{BTreeSet, HashMap};
use time::Duration;

/// How far ahead it may be planned.
pub const LONGEST_AHEAD: Duration = Duration::days(366);

/// For how many days applications are told the old code, if nobody says otherwise.
pub const FORMER_DAYS: i64 = 180;

/// The most days for which they are.
pub const MOST_FORMER_DAYS: i64 = 3_660;

/// The longest code, in bytes.
const LONGEST_CODE: usize = 60;

codes! {
    /// What is done.
    Kind {
        /// An agency gets another name, another code, or both.
        Rename = "rename";
        /// Agencies become part of another one.
        Merge = "merge";
        /// Some accounts of an agency make a new one.
        Split = "split";
        /// An agency comes below another one, with everything below it, or to the top of the tree.
        Move = "move";
    }
}

codes! {
    /// How far it is.
    Stage {
        /// It is being looked at.
        Draft = "draft";
        /// It was confirmed and waits for its day.
        Planned = "planned";
        /// The agencies are changed, accounts are being moved.
        Running = "running";
        /// It is done.
        Done = "done";
        /// It is being taken back.
        Undoing = "undoing";
        /// It was taken back, as far as that was possible.
        Undone = "undone";
        /// It was taken back before its day.
        Withdrawn = "withdrawn";
        /// On its day the agencies were others than those that were looked at.
        Stopped = "stopped";
        /// On its day whoever had confirmed it held no such role any more: somebody else may take it over.
        Orphaned = "orphaned";
    }
}

impl Stage {
    /// Whether accounts are being moved.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Running | Self::Undoing)
    }
}

/// What an agency was called before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// Which agency.
    pub agency: AgencyId,
    /// Its code then.
    pub code: String,
    /// Its name then.
    pub name: String,
}

/// An agency that gives something up, as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// Which agency.
    pub agency: AgencyId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The agency above it.
    pub parent: Option<AgencyId>,
}

/// The agency that is renamed, merged into, made or moved, as it is to be afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After<'a> {
    /// Which agency.
    pub agency: AgencyId,
    /// Its code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The agency below which a move puts it; `None`: the top of the tree.
    pub under: Option<AgencyId>,
}

/// Whether a text can be the code of an agency: small letters of ASCII, digits and hyphens.
pub fn is_code(code: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !code.is_empty()
        && code.len() <= LONGEST_CODE
        && code.chars().all(is_plain)
        && !code.starts_with('-')
        && !code.ends_with('-')
}

/// Whether what was looked at is still so: the agencies are open under their codes and names, and nobody else has the
/// code that the target is to have; one that is moved lies where it lay, and would not lie below itself.
pub fn still_fits(kind: Kind, after: After<'_>, before: &[Before], all: &[Agency]) -> bool {
    let by_id: HashMap<AgencyId, &Agency> = all.iter().map(|agency| (agency.id, agency)).collect();
    let is_open = |id: AgencyId| by_id.get(&id).is_some_and(|agency| agency.merged_into.is_none());
    let is_as_seen = |one: &Before| {
        is_open(one.agency)
            && by_id.get(&one.agency).is_some_and(|now| now.code == one.code && now.name == one.name)
    };
    let is_free = !all.iter().any(|agency| agency.code == after.code && agency.id != after.agency);
    let target_fits = match kind {
        Kind::Split => !by_id.contains_key(&after.agency),
        Kind::Move => before.iter().all(|was| can_move(all, after.agency, (was.parent, after.under))),
        Kind::Rename | Kind::Merge => is_open(after.agency),
    };
    is_free && target_fits && before.iter().all(is_as_seen)
}

/// Whether it can be taken back: nothing else has happened to these agencies since, and where the target was renamed
/// nobody else has the code of before. One that was moved still lies where it was put.
pub fn fits_back(kind: Kind, after: After<'_>, before: &[Before], all: &[Agency]) -> bool {
    let After { agency: target, code, name, under } = after;
    if kind == Kind::Move {
        return before.iter().all(|was| can_move(all, target, (under, was.parent)));
    }
    let find = |id: AgencyId| all.iter().find(|agency| agency.id == id);
    let old = before.iter().find(|was| kind != Kind::Split && was.agency == target);
    let is_as_named = |agency: &Agency| agency.code == code && (old.is_none() || agency.name == name);
    let is_own = |agency: &Agency| agency.merged_into.is_none() && is_as_named(agency);
    let is_free =
        old.is_none_or(|was| !all.iter().any(|agency| agency.code == was.code && agency.id != target));
    let is_given_up = |one: &Before| match kind {
        Kind::Merge if one.agency != target => {
            find(one.agency).is_some_and(|a| a.merged_into == Some(target))
        }
        Kind::Split => find(one.agency).is_some_and(|a| a.merged_into.is_none()),
        Kind::Merge | Kind::Rename | Kind::Move => true,
    };
    is_free && find(target).is_some_and(is_own) && before.iter().all(is_given_up)
}

/// What a merge puts elsewhere: the agencies below those that become part of another one, the one above each until then,
/// and the one since. They come below the one that stays, but for what lies above that: it does not come to lie below it.
pub fn placed_by_merge(
    all: &[Agency],
    merged: &BTreeSet<AgencyId>,
    target: AgencyId,
) -> Vec<(AgencyId, AgencyId, Option<AgencyId>)> {
    let (mut placed, above_target) = (Vec::new(), above(all, target));
    for below in all.iter().filter(|agency| agency.merged_into.is_none() && !merged.contains(&agency.id)) {
        let Some(up) = below.parent_id.filter(|up| merged.contains(up)) else { continue };
        let is_above = below.id == target || above_target.contains(&below.id);
        let next_up = || above(all, below.id).into_iter().find(|id| !merged.contains(id));
        placed.push((below.id, up, if is_above { next_up() } else { Some(target) }));
    }
    placed
}

/// The agencies at their places once it is done, or with `is_back` taken back. One that a split makes is not among them:
/// nobody comes to reach more by it.
pub fn afterwards(
    kind: Kind,
    after: After<'_>,
    before: &[Before],
    all: &[Agency],
    is_back: bool,
) -> Vec<Agency> {
    let target = after.agency;
    let others = before.iter().filter(|was| was.agency != target);
    let placed: HashMap<AgencyId, Option<AgencyId>> = match (kind, is_back) {
        (Kind::Rename, _) | (Kind::Split, false) => HashMap::new(),
        (Kind::Move, false) => HashMap::from([(target, after.under)]),
        (Kind::Move, true) => before.iter().map(|was| (was.agency, was.parent)).collect(),
        (Kind::Split, true) => others.map(|was| (target, Some(was.agency))).collect(),
        (Kind::Merge, true) => others.map(|was| (was.agency, was.parent)).collect(),
        (Kind::Merge, false) => {
            let merged: BTreeSet<AgencyId> = others.map(|was| was.agency).collect();
            let below = placed_by_merge(all, &merged, target);
            let below = below.into_iter().map(|(id, _, parent)| (id, parent));
            below.chain(merged.iter().map(|id| (*id, Some(target)))).collect()
        }
    };
    let place = |agency: &Agency| Agency {
        parent_id: placed.get(&agency.id).copied().unwrap_or(agency.parent_id),
        ..agency.clone()
    };
    all.iter().map(place).collect()
}

/// Whether an agency is open, lies where it is said to lie, and can be put elsewhere without lying below itself.
fn can_move(all: &[Agency], id: AgencyId, (from, to): (Option<AgencyId>, Option<AgencyId>)) -> bool {
    let open = |id: AgencyId| all.iter().find(|agency| agency.id == id && agency.merged_into.is_none());
    let lies_there = open(id).is_some_and(|agency| agency.parent_id == from);
    lies_there && to.is_none_or(|to| open(to).is_some()) && !is_below_itself(all, id, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chance::Entropy;
    use crate::domain::timestamp::Timestamp;

    struct Nth(u8);
    impl Entropy for Nth {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn id(n: u8) -> AgencyId {
        AgencyId::new(Timestamp::from_seconds(i64::from(n)), &Nth(n))
    }

    fn agency(n: u8, merged_into: Option<u8>) -> Agency {
        let name = format!("Sở số {n}");
        Agency { id: id(n), code: format!("so-{n}"), name, parent_id: None, merged_into: merged_into.map(id) }
    }

    fn before(n: u8) -> Before {
        let Agency { id, code, name, parent_id, .. } = agency(n, None);
        Before { agency: id, code, name, parent: parent_id }
    }

    fn after<'a>(n: u8, code: &'a str, name: &'a str) -> After<'a> {
        After { agency: id(n), code, name, under: None }
    }

    fn below(n: u8, up: u8) -> Agency {
        Agency { parent_id: Some(id(up)), ..agency(n, None) }
    }

    #[test]
    fn a_code_is_of_small_letters_digits_and_hyphens() {
        assert!(is_code("so-khcn") && is_code("p1") && is_code("so-nv"));
        for bad in ["", "Sở", "so khcn", "SO-KHCN", "-so", "so-", &"a".repeat(61), &"a".repeat(65)] {
            assert!(!is_code(bad), "{bad:?}");
        }
    }

    #[test]
    fn it_is_not_done_when_an_agency_is_another_one_by_then() {
        let all = [agency(1, None), agency(2, None), agency(3, Some(1))];
        let fits = |kind, n, code, seen: &[Before]| still_fits(kind, after(n, code, ""), seen, &all);
        assert!(fits(Kind::Merge, 1, "so-1", &[before(2)]));
        assert!(!fits(Kind::Merge, 1, "so-1", &[before(3)]), "merged elsewhere");
        assert!(!fits(Kind::Merge, 3, "so-3", &[before(2)]), "the target is closed");
        let renamed = Before { name: "Sở khác".to_owned(), ..before(2) };
        assert!(!fits(Kind::Merge, 1, "so-1", &[renamed]), "renamed since");
        assert!(fits(Kind::Rename, 1, "so-moi", &[before(1)]));
        assert!(!fits(Kind::Rename, 1, "so-2", &[before(1)]), "somebody else has the code");
        assert!(fits(Kind::Split, 9, "so-9", &[before(1)]));
        assert!(!fits(Kind::Split, 2, "so-9", &[before(1)]), "made already");
    }

    #[test]
    fn an_agency_is_moved_from_where_it_lay_and_never_below_itself() {
        let all = [agency(1, None), below(2, 1), below(3, 2), agency(4, Some(1)), agency(5, None)];
        let fits = |n: u8, under: Option<u8>| {
            let seen = all.iter().find(|agency| agency.id == id(n)).expect("it is there");
            let seen = Before { parent: seen.parent_id, ..before(n) };
            let code = format!("so-{n}");
            let after = After { under: under.map(id), ..after(n, &code, "") };
            still_fits(Kind::Move, after, &[seen], &all)
        };
        assert!(fits(2, Some(5)) && fits(2, None) && fits(5, Some(3)));
        for (n, under) in [(1, 1), (1, 2), (1, 3), (2, 3)] {
            assert!(!fits(n, Some(under)), "{n} would lie below itself under {under}");
        }
        assert!(!fits(5, Some(4)), "that one is closed");
        let moved = After { under: Some(id(5)), ..after(2, "so-2", "") };
        assert!(
            !still_fits(Kind::Move, moved, &[before(2)], &all),
            "it lay at the top when it was looked at"
        );
    }

    #[test]
    fn an_agency_is_moved_back_only_from_where_it_was_put_and_to_where_there_is_still_something() {
        let fits = |was: Option<u8>, all: &[Agency]| {
            let seen = Before { parent: was.map(id), ..before(2) };
            // A name that a directory gave it since does not matter.
            let after = After { under: Some(id(5)), ..after(2, "so-2", "Tên cũ") };
            fits_back(Kind::Move, after, &[seen], all)
        };
        let all = [agency(1, None), below(2, 5), agency(5, None)];
        assert!(fits(Some(1), &all) && fits(None, &all));
        assert!(!fits(None, &[agency(1, None), below(2, 1), agency(5, None)]), "moved on since");
        let closed = [agency(1, Some(5)), below(2, 5), agency(5, None)];
        assert!(!fits(Some(1), &closed), "what lay above it is no more");
        let turned = [below(1, 2), below(2, 5), agency(5, None)];
        assert!(!fits(Some(1), &turned), "what lay above it lies below it by now");
    }

    #[test]
    fn it_is_taken_back_only_while_nothing_else_has_happened_to_the_agencies() {
        let all = [agency(1, None), agency(2, Some(1)), agency(3, None)];
        let fits = |kind, code, seen: &[Before]| fits_back(kind, after(1, code, "Sở số 1"), seen, &all);
        assert!(fits(Kind::Merge, "so-1", &[before(2)]));
        assert!(!fits(Kind::Merge, "so-1", &[before(3)]), "open again");
        assert!(!fits(Kind::Rename, "so-cu", &[before(1)]), "renamed once more");
        assert!(!fits_back(Kind::Split, after(2, "so-2", "Sở số 2"), &[before(3)], &all), "merged since");
        assert!(fits(Kind::Split, "so-1", &[before(3)]));
        let old = Before { code: "so-cu".to_owned(), name: "Sở cũ".to_owned(), ..before(1) };
        let renamed = std::slice::from_ref(&old);
        assert!(fits(Kind::Rename, "so-1", renamed));
        let other = after(1, "so-1", "Sở khác");
        assert!(!fits_back(Kind::Rename, other, renamed, &all), "under the same code another name");
        assert!(
            !fits(Kind::Rename, "so-1", &[Before { code: "so-3".to_owned(), ..old }]),
            "the code is taken"
        );
    }

    #[test]
    fn what_lies_below_an_agency_that_is_merged_comes_below_the_one_that_stays_without_a_circle() {
        // 2 lies below 1, 3 and 4 below 2: 1 and 2 become part of 3.
        let all = [agency(1, None), below(2, 1), below(3, 2), below(4, 2)];
        let then = afterwards(Kind::Merge, after(3, "so-3", ""), &[before(1), before(2)], &all, false);
        let parent = |n: u8| then.iter().find(|one| one.id == id(n)).and_then(|one| one.parent_id);
        assert_eq!((parent(3), parent(4)), (None, Some(id(3))));
        assert_eq!((parent(1), parent(2)), (Some(id(3)), Some(id(3))), "they count with the one that stays");
    }

    #[test]
    fn a_move_there_and_back_is_looked_at_in_the_tree_of_afterwards() {
        let after = After { under: Some(id(5)), ..after(2, "so-2", "") };
        let seen = Before { parent: Some(id(1)), ..before(2) };
        let place = |all: &[Agency], is_back| {
            let then = afterwards(Kind::Move, after, std::slice::from_ref(&seen), all, is_back);
            then.iter().find(|one| one.id == id(2)).and_then(|one| one.parent_id)
        };
        assert_eq!(place(&[agency(1, None), below(2, 1), agency(5, None)], false), Some(id(5)));
        assert_eq!(place(&[agency(1, None), below(2, 5), agency(5, None)], true), Some(id(1)));
    }

    #[test]
    fn codes_are_read_as_they_are_written() {
        assert!(Kind::ALL.iter().all(|kind| Kind::from_code(kind.code()) == Some(*kind)));
        assert!(Stage::ALL.iter().all(|stage| Stage::from_code(stage.code()) == Some(*stage)));
    }
}
