//! An agency (cơ quan, đơn vị, tổ chức) of the city.

use crate::domain::id::AgencyId;

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
