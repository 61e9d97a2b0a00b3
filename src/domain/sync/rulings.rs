//! What administrators decided, and the plan obeys.

use super::{AgencyMap, Authority, Pairs};

/// Everything of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulings {
    /// Which directory has the word on what.
    pub authority: Authority,
    /// Whose mailbox is whose.
    pub pairs: Pairs,
    /// Which agency a text of a directory means.
    pub agencies: AgencyMap,
}
