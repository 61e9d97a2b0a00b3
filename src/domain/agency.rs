//! An agency (cơ quan, đơn vị, tổ chức) of the city.

use crate::domain::id::AgencyId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An agency, found in the directories and kept under a stable code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its code, e.g. `so-khcn`; unique, given to the applications.
    pub code: String,
    /// Its name, e.g. `Sở Khoa học và Công nghệ`.
    pub name: String,
    /// The agency above it in the tree, if there is one: whose administrators reach it too.
    pub parent_id: Option<AgencyId>,
    /// The agency of which it is a part since it was merged into it; it has no accounts of its own any more.
    pub merged_into: Option<AgencyId>,
}

/// The tree of agencies by their codes, with the number of accounts below each.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    above: BTreeMap<String, String>,
    branches: BTreeMap<String, u64>,
}

impl Tree {
    /// Below which code each lies, and how many accounts each has itself.
    pub fn new(above: BTreeMap<String, String>, own: &BTreeMap<String, u64>) -> Self {
        let mut branches: BTreeMap<String, u64> = BTreeMap::new();
        for (code, number) in own {
            for one in line(&above, code) {
                *branches.entry(one.to_owned()).or_default() += number;
            }
        }
        Self { above, branches }
    }

    /// How many accounts the branches of these agencies have together.
    pub fn number(&self, roots: &BTreeSet<String>) -> u64 {
        let is_top = |root: &&String| !line(&self.above, root).skip(1).any(|up| roots.contains(up));
        roots.iter().filter(is_top).filter_map(|root| self.branches.get(root)).sum()
    }

    /// Whether an agency lies below one of these.
    pub fn is_below(&self, code: &str, roots: &BTreeSet<String>) -> bool {
        line(&self.above, code).skip(1).any(|up| roots.contains(up))
    }
}

/// The agencies below each one, by id.
#[derive(Debug, Clone, Default)]
pub struct Branches(HashMap<AgencyId, Vec<AgencyId>>);

impl Branches {
    /// Of the tree as these agencies make it.
    pub fn new(all: &[Agency]) -> Self {
        let mut below: HashMap<AgencyId, Vec<AgencyId>> = HashMap::new();
        for agency in all {
            if let Some(up) = agency.parent_id {
                below.entry(up).or_default().push(agency.id);
            }
        }
        Self(below)
    }

    /// These agencies with everything below them; a circle ends.
    pub fn of(&self, roots: impl IntoIterator<Item = AgencyId>) -> BTreeSet<AgencyId> {
        let mut open: Vec<AgencyId> = roots.into_iter().collect();
        let mut all: BTreeSet<AgencyId> = open.iter().copied().collect();
        while let Some(at) = open.pop() {
            for below in self.0.get(&at).into_iter().flatten() {
                if all.insert(*below) {
                    open.push(*below);
                }
            }
        }
        all
    }
}

/// The agencies above one, the nearest first.
pub fn above(all: &[Agency], id: AgencyId) -> Vec<AgencyId> {
    let (mut line, mut at) = (Vec::new(), Some(id));
    while let Some(up) = at.and_then(|at| all.iter().find(|a| a.id == at)).and_then(|a| a.parent_id) {
        // No use case makes a circle; one in the database ends here all the same.
        if line.contains(&up) {
            break;
        }
        line.push(up);
        at = Some(up);
    }
    line
}

/// Below which code each agency lies.
pub fn places(all: &[Agency]) -> BTreeMap<String, String> {
    let codes: HashMap<AgencyId, &str> = all.iter().map(|agency| (agency.id, agency.code.as_str())).collect();
    let place = |agency: &Agency| {
        let parent = codes.get(&agency.parent_id?)?;
        Some((agency.code.clone(), (*parent).to_owned()))
    };
    all.iter().filter_map(place).collect()
}

/// An agency and those above it, the nearest first; a circle ends.
fn line<'a>(above: &'a BTreeMap<String, String>, code: &'a str) -> impl Iterator<Item = &'a str> {
    let up = move |code: &&'a str| above.get(*code).map(String::as_str);
    std::iter::successors(Some(code), up).take(above.len() + 1)
}

/// Whether an agency would lie below itself under this parent.
pub fn is_below_itself(all: &[Agency], agency: AgencyId, parent: Option<AgencyId>) -> bool {
    let mut above = parent;
    for _ in 0..=all.len() {
        let Some(one) = above else { return false };
        if one == agency {
            return true;
        }
        above = all.iter().find(|other| other.id == one).and_then(|other| other.parent_id);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let above = [("a", "city"), ("b", "city"), ("a1", "a")];
        let own: [(&str, u64); 4] = [("city", 1), ("a", 10), ("a1", 100), ("b", 1_000)];
        Tree::new(
            BTreeMap::from(above.map(|(code, up)| (code.to_owned(), up.to_owned()))),
            &BTreeMap::from(own.map(|(code, number)| (code.to_owned(), number))),
        )
    }

    fn roots(codes: &[&str]) -> BTreeSet<String> {
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    #[test]
    fn a_branch_counts_whatever_lies_below_once() {
        let tree = tree();
        assert_eq!(tree.number(&roots(&["city"])), 1_111);
        assert_eq!(tree.number(&roots(&["a"])), 110);
        assert_eq!(tree.number(&roots(&["a", "a1", "b"])), 1_110, "a1 lies within a");
        assert_eq!(tree.number(&roots(&["none"])), 0);
        assert!(tree.is_below("a1", &roots(&["city"])) && !tree.is_below("a", &roots(&["a"])));
    }

    #[test]
    fn a_branch_is_an_agency_with_everything_below_it_and_a_circle_ends() {
        use crate::domain::chance::Entropy;
        use crate::domain::timestamp::Timestamp;
        struct Nth(u8);
        impl Entropy for Nth {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(self.0);
            }
        }
        let id = |n: u8| AgencyId::new(Timestamp::from_seconds(i64::from(n)), &Nth(n));
        let agency = |n: u8, up: Option<u8>| Agency {
            id: id(n),
            code: format!("so-{n}"),
            name: format!("Sở số {n}"),
            parent_id: up.map(id),
            merged_into: None,
        };
        let branches = Branches::new(&[agency(1, None), agency(2, Some(1)), agency(3, Some(2))]);
        assert_eq!(branches.of([id(2)]), BTreeSet::from([id(2), id(3)]));
        assert_eq!(branches.of([id(1), id(3)]).len(), 3);
        assert_eq!(branches.of([]).len(), 0);
        let circle = [agency(1, Some(2)), agency(2, Some(1))];
        assert_eq!(Branches::new(&circle).of([id(1)]).len(), 2);
        assert_eq!(above(&circle, id(1)).len(), 2);
    }

    #[test]
    fn a_circle_ends() {
        let above = BTreeMap::from([("a".to_owned(), "b".to_owned()), ("b".to_owned(), "a".to_owned())]);
        let tree = Tree::new(above, &BTreeMap::from([("a".to_owned(), 1)]));
        assert!(tree.is_below("a", &roots(&["b"])) && !tree.is_below("a", &roots(&["c"])));
    }
}
