//! An agency comes below another one, with everything below it, or to the top of the tree: the places, and the step itself,
//! there or back. No account changes its agency.

use super::work::JOB;
use super::{Refused, Reorganisation, open};
use crate::app::App;
use crate::domain::agency::{Agency, above, is_below_itself};
use crate::domain::audit::{Act, Entry};
use crate::domain::id::AgencyId;
use crate::domain::reorganisation::{Before, Kind};
use crate::storage::{StorageError, Tx, agencies};

/// Where an agency lies before and afterwards: the name of the one above it; `None`: the top of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Before.
    pub before: Option<String>,
    /// Afterwards.
    pub after: Option<String>,
}

/// Refuses a place where it lies already, or where it would lie below itself.
pub(super) fn check(all: &[Agency], agency: &Agency, under: Option<AgencyId>) -> Result<(), Refused> {
    if let Some(under) = under {
        open(all, under)?;
    }
    if is_below_itself(all, agency.id, under) {
        return Err(Refused::Circle);
    }
    if agency.parent_id == under { Err(Refused::Nothing) } else { Ok(()) }
}

/// The agency above it, as it was looked at.
pub(super) fn was_below(before: &[Before]) -> Option<AgencyId> {
    before.first().and_then(|was| was.parent)
}

/// Where it lies before and afterwards, in names; `None` if it is no move.
pub(super) fn names(one: &Reorganisation, before: &[Before], all: &[Agency]) -> Option<Places> {
    let name = |id: AgencyId| all.iter().find(|agency| agency.id == id).map(|agency| agency.name.clone());
    (one.kind == Kind::Move)
        .then(|| Places { before: was_below(before).and_then(name), after: one.under.and_then(name) })
}

/// The agencies that come along: everything below it.
pub(super) fn along(one: &Reorganisation, all: &[Agency]) -> Vec<String> {
    let is_below =
        |agency: &&Agency| agency.merged_into.is_none() && above(all, agency.id).contains(&one.target);
    all.iter().filter(is_below).map(|agency| agency.name.clone()).collect()
}

/// Puts it there; tells the line of the audit.
pub(super) async fn put(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    all: &[Agency],
    (from, to): (Option<AgencyId>, Option<AgencyId>),
) -> Result<Entry, StorageError> {
    let code = |id: Option<AgencyId>| {
        all.iter().find(|agency| Some(agency.id) == id).map(|agency| agency.code.clone()).unwrap_or_default()
    };
    agencies::set_parent(tx, one.target, to).await?;
    let entry = Entry::new(app.now(), JOB, Act::AgencyMoved, one.code.clone());
    Ok(Entry { agency_id: Some(one.target), ..entry }.changing(code(from), code(to)))
}

/// Whether the command line has moved another agency at the same time, so that this one lies below itself now. Writers of
/// the audit stand in line, so it is asked once the lines are written.
pub(super) async fn lies_below_itself(tx: &mut Tx, one: &Reorganisation) -> Result<bool, StorageError> {
    if one.kind != Kind::Move {
        return Ok(false);
    }
    let all = agencies::every_in(tx).await?;
    let parent = all.iter().find(|agency| agency.id == one.target).and_then(|agency| agency.parent_id);
    Ok(is_below_itself(&all, one.target, parent))
}
