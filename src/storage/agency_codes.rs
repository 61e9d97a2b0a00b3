//! By which codes applications may know agencies beside those that they have.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::agency_codes::{FormerCode, Passed};
use crate::domain::reorganisation::Kind;
use crate::domain::timestamp::Timestamp;

statements! {
    FORMERS = "SELECT agency_id, code, until AS told_until FROM agency_former WHERE until > $1 ORDER BY since";
    // Also those of which applications are not told any more: what they lead to may be told.
    PASSED = "SELECT r.kind, a.agency_id AS source, a.code, r.target_id AS target, r.carries_roles, \
              r.former_until AS told_until FROM reorganisation r \
              JOIN reorganisation_agency a ON a.reorganisation_id = r.id AND a.agency_id <> r.target_id \
              WHERE r.kind IN ('merge', 'split') AND r.stage IN ('running', 'done') ORDER BY r.started_at, r.id";
}

#[derive(sqlx::FromRow)]
struct FormerRow {
    agency_id: String,
    code: String,
    told_until: i64,
}

#[derive(sqlx::FromRow)]
struct PassedRow {
    kind: String,
    source: String,
    code: String,
    target: String,
    carries_roles: bool,
    told_until: Option<i64>,
}

/// The codes of before of agencies that were renamed, as far as applications are told; the oldest first.
pub async fn formers(db: &Db, now: Timestamp) -> Result<Vec<FormerCode>, StorageError> {
    db.all::<FormerRow>(FORMERS, &args![now]).await?.into_iter().map(former).collect()
}

/// The same within a transaction.
pub async fn formers_in(tx: &mut Tx, now: Timestamp) -> Result<Vec<FormerCode>, StorageError> {
    tx.all::<FormerRow>(FORMERS, &args![now]).await?.into_iter().map(former).collect()
}

/// Which agencies were merged into others, or gave a part to others; the oldest first.
pub async fn passed(db: &Db) -> Result<Vec<Passed>, StorageError> {
    db.all::<PassedRow>(PASSED, &[]).await?.into_iter().map(onwards).collect()
}

/// The same within a transaction.
pub async fn passed_in(tx: &mut Tx) -> Result<Vec<Passed>, StorageError> {
    tx.all::<PassedRow>(PASSED, &[]).await?.into_iter().map(onwards).collect()
}

fn former(row: FormerRow) -> Result<FormerCode, StorageError> {
    let bad = || StorageError::corrupt("agency_former", "agency_id", &row.agency_id);
    let agency = row.agency_id.parse().map_err(|_| bad())?;
    Ok(FormerCode { agency, code: row.code, until: Timestamp::from_micros(row.told_until) })
}

fn onwards(row: PassedRow) -> Result<Passed, StorageError> {
    let bad = |column| StorageError::corrupt("reorganisation_agency", column, &row.source);
    Ok(Passed {
        kind: Kind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        from: row.source.parse().map_err(|_| bad("agency_id"))?,
        to: row.target.parse().map_err(|_| bad("target_id"))?,
        carries_roles: row.carries_roles,
        until: Timestamp::from_micros(row.told_until.unwrap_or(0)),
        code: row.code,
    })
}
