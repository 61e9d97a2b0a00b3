//! The way back: the agencies in one transaction, with the roles and what lies below them. Whatever somebody has changed
//! since stays as it is. The accounts follow one by one (`work`).

use super::work::{POSTS_BY, with_above};
use super::{Refused, Reorganisation, place};
use crate::app::App;
use crate::domain::agency::Agency;
use crate::domain::audit::Entry;
use crate::domain::id::{AgencyId, GrantId};
use crate::domain::reorganisation::{Before, Former, Kind, fits_back};
use crate::domain::timestamp::Timestamp;
use crate::services::approvals::Pass;
use crate::services::{Internal, roles};
use crate::storage::reorganisations::{self as rows, Part};
use crate::storage::{StorageError, Tx, agencies, agency_formers, audit, posts, rulings};
use std::collections::BTreeSet;
use time::Duration;

/// Begins it; of the roles those come back that were looked at.
pub(super) async fn begin(
    app: &App,
    one: &Reorganisation,
    (before, returning): (&[Before], &BTreeSet<GrantId>),
    (entry, why, pass): (Entry, &str, &Pass),
) -> Result<(), Refused> {
    let parts = rows::parts(&app.db, one.id).await?;
    let mut tx = app.db.begin().await?;
    pass.spend(app, &mut tx).await?;
    // Before all else: whoever begins another one, or takes it back, stands in line here.
    rulings::changed(&mut tx).await?;
    if !rows::undo(&mut tx, one.id, why).await? {
        return Err(Refused::Gone);
    }
    let all = agencies::every_in(&mut tx).await?;
    if !fits_back(one.kind, one.after(), before, &all) || rows::is_in_the_way(&mut tx, one.id, true).await? {
        return Err(Refused::Later);
    }
    let mut entries = vec![entry];
    rename_back(app, &mut tx, one, before).await?;
    match one.kind {
        Kind::Rename => {}
        Kind::Merge => entries.extend(part(app, &mut tx, one, (before, returning), (&all, &parts)).await?),
        Kind::Split => entries.extend(rejoin(app, &mut tx, one, before, &all).await?),
        Kind::Move => {
            let way = (one.under, place::was_below(before));
            entries.push(place::put(app, &mut tx, one, &all, way).await?);
        }
    }
    audit::append(&mut tx, &entries).await?;
    if place::lies_below_itself(&mut tx, one).await? {
        return Err(Refused::Later);
    }
    Ok(tx.commit().await?)
}

/// The old name again. The new one is a former one from now on: directories may have it already.
async fn rename_back(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    before: &[Before],
) -> Result<(), StorageError> {
    let now = app.now();
    let days = Duration::days(one.former_days);
    let until = Timestamp::end_of(now.local_date().checked_add(days).unwrap_or(one.day));
    let is_renamed = matches!(one.kind, Kind::Rename | Kind::Merge);
    for was in before.iter().filter(|was| is_renamed && was.agency == one.target) {
        let former = Former { agency: one.target, code: one.code.clone(), name: one.name.clone() };
        agency_formers::put(tx, one.id, &former, (now, until)).await?;
        agencies::rename(tx, one.target, &was.code, &was.name).await?;
    }
    Ok(())
}

/// Agencies that were merged are agencies of their own again.
async fn part(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    (before, returning): (&[Before], &BTreeSet<GrantId>),
    (all, parts): (&[Agency], &[Part]),
) -> Result<Vec<Entry>, Internal> {
    let is_open = |id: &AgencyId| all.iter().any(|agency| agency.id == *id && agency.merged_into.is_none());
    let is_merged = |id: &AgencyId| before.iter().any(|was| was.agency == *id);
    let mut lines = Vec::new();
    for was in before.iter().filter(|was| was.agency != one.target) {
        let parent = was.parent.filter(|up| is_open(up) || is_merged(up));
        agencies::reopen(tx, was.agency, parent).await?;
        lines.extend(with_above(all, parent));
    }
    let mut entries = Vec::new();
    for part in parts {
        if part.kind == "grant" {
            if !returning.iter().any(|id| id.to_string() == part.reference) {
                continue;
            }
            let back = (part.before, one.target);
            entries.extend(roles::return_to_agency(app, tx, &part.reference, back).await?);
            continue;
        }
        if part.kind == "post" {
            posts::return_to_agency(tx, &part.reference, (part.before, one.target), POSTS_BY).await?;
            continue;
        }
        let below = all.iter().find(|agency| agency.id.to_string() == part.reference);
        // What was moved since stays, and so does what would come to lie below itself.
        let is_as_left = |agency: &&Agency| agency.parent_id == part.after && !lines.contains(&agency.id);
        if let Some(below) = below.filter(is_as_left) {
            agencies::set_parent(tx, below.id, Some(part.before)).await?;
        }
    }
    Ok(entries)
}

/// An agency that a split has made becomes part of the one from which it came.
async fn rejoin(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    before: &[Before],
    all: &[Agency],
) -> Result<Vec<Entry>, Internal> {
    let Some(was) = before.first() else { return Ok(Vec::new()) };
    for below in all.iter().filter(|agency| agency.parent_id == Some(one.target)) {
        agencies::set_parent(tx, below.id, Some(was.agency)).await?;
    }
    agencies::close(tx, one.target, was.agency).await?;
    posts::leave_agency(tx, (one.target, was.agency), POSTS_BY, app.now()).await?;
    let to = (was.agency, was.code.as_str());
    let ended = roles::leave_agency(app, tx, one.target, to, &BTreeSet::new()).await?;
    Ok(ended.into_iter().map(|(_, _, entry)| entry).collect())
}
