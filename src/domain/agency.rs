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
