//! How many conflicts of the two directories concern each agency: counted at the end of a run of the synchronisation that
//! met something new, and kept, so that no page holds the directories against each other for a number.

use super::{Internal, reconcile};
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::sync::{Pairs, Picture};
use crate::domain::timestamp::Timestamp;
use crate::storage::{conflicts as rows, match_decisions};
use std::collections::{BTreeMap, BTreeSet};
use time::Duration;

/// After so long they are counted anew in any case: a run may have been killed before it did.
const AGAIN: Duration = Duration::DAY;

/// As of when they were counted; `None` if they never were.
pub async fn counted_at(app: &App) -> Result<Option<Timestamp>, Internal> {
    Ok(rows::counted_at(&app.db).await?)
}

/// Counts them, if a run has changed something or somebody has decided about mailboxes since.
pub(super) async fn count(app: &App, has_changed: bool) -> Result<(), Internal> {
    if !has_changed && is_as_counted(app).await? {
        return Ok(());
    }
    // As of the beginning: what is decided meanwhile asks for another count.
    let begun = app.now();
    let (counts, outline) = reconcile::outline(app, Some(begun), tally).await?;
    let mut tx = app.db.begin().await?;
    rows::replace(&mut tx, &counts, begun).await?;
    tx.commit().await?;
    // The page shows what was just compared.
    reconcile::keep(app, outline);
    Ok(())
}

async fn is_as_counted(app: &App) -> Result<bool, Internal> {
    let counted_at = rows::counted_at(&app.db).await?;
    let Some(at) = counted_at.filter(|at| app.now().since(*at) < AGAIN) else { return Ok(false) };
    Ok(match_decisions::every(&app.db).await?.iter().all(|decision| decision.at < at))
}

/// How many open conflicts concern each agency: one between people of two agencies concerns both.
fn tally(picture: &Picture<'_>, pairs: &Pairs) -> BTreeMap<AgencyId, i64> {
    let mut counts = BTreeMap::new();
    for finding in picture.findings.iter().filter(|finding| finding.kind.is_conflict()) {
        if pairs.settles_anything() && pairs.is_settled(&reconcile::id_of(finding)) {
            continue;
        }
        let concerned: BTreeSet<AgencyId> =
            finding.parties.iter().filter_map(|at| picture.persons[*at].agency).collect();
        for agency in concerned {
            *counts.entry(agency).or_default() += 1;
        }
    }
    counts
}
