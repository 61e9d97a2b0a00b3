//! The figures of the agencies at the end of each month, as they were taken then.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::compliance::Figures;
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;

statements! {
    OF_AGENCY = "SELECT is_branch, taken_at, accounts, default_kept, fresh, second_factor, dormant, locked, unlocks, \
                 unlock_seconds, conflicts, place, peers FROM agency_month WHERE month = $1 AND agency_id = $2";
    HAS = "SELECT COUNT(*) AS number FROM agency_month WHERE month = $1";
    HAD_ACCOUNTS = "SELECT COUNT(*) AS number FROM (SELECT id FROM account WHERE created_at < $1 LIMIT 1) AS early";
    PUT = "INSERT INTO agency_month (month, agency_id, is_branch, taken_at, accounts, default_kept, fresh, second_factor, \
           dormant, locked, unlocks, unlock_seconds, conflicts, place, peers) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
           ON CONFLICT (month, agency_id, is_branch) DO UPDATE SET taken_at = excluded.taken_at, \
           accounts = excluded.accounts, default_kept = excluded.default_kept, fresh = excluded.fresh, \
           second_factor = excluded.second_factor, dormant = excluded.dormant, locked = excluded.locked, \
           unlocks = excluded.unlocks, unlock_seconds = excluded.unlock_seconds, conflicts = excluded.conflicts, \
           place = excluded.place, peers = excluded.peers";
}

/// What is kept of an agency for a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Of itself alone.
    pub own: Figures,
    /// With every agency that lay below it.
    pub branch: Figures,
    /// Its place among how many of its sort; `None` without accounts.
    pub place: Option<(usize, usize)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    is_branch: bool,
    taken_at: i64,
    accounts: i64,
    default_kept: i64,
    fresh: i64,
    second_factor: i64,
    dormant: i64,
    locked: i64,
    unlocks: i64,
    unlock_seconds: i64,
    conflicts: i64,
    place: Option<i64>,
    peers: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

/// What is kept of an agency for a month (`2026-10`); `None` if nothing is.
pub async fn find(db: &Db, month: &str, agency: AgencyId) -> Result<Option<Kept>, StorageError> {
    let rows: Vec<Row> = db.all(OF_AGENCY, &args![month, agency]).await?;
    let of = |is_branch| rows.iter().find(|row| row.is_branch == is_branch);
    let (Some(own), Some(branch)) = (of(false), of(true)) else { return Ok(None) };
    let number = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
    Ok(Some(Kept {
        taken_at: Timestamp::from_micros(own.taken_at),
        own: figures(own),
        branch: figures(branch),
        place: number(own.place).zip(number(own.peers)),
    }))
}

/// Whether anything is kept for a month.
pub async fn has(db: &Db, month: &str) -> Result<bool, StorageError> {
    Ok(db.one::<Number>(HAS, &args![month]).await?.number > 0)
}

/// Whether the house knew anybody before a moment.
pub async fn had_accounts(db: &Db, before: Timestamp) -> Result<bool, StorageError> {
    Ok(db.one::<Number>(HAD_ACCOUNTS, &args![before]).await?.number > 0)
}

/// Keeps the figures of a month, in place of those that were taken earlier.
pub async fn put(tx: &mut Tx, month: &str, all: &[(AgencyId, Kept)]) -> Result<(), StorageError> {
    let rows = all.iter().flat_map(|(agency, kept)| {
        let row = |is_branch: bool, of: &Figures| {
            let number = |part: fn((usize, usize)) -> usize| {
                kept.place.map(|place| i64::try_from(part(place)).unwrap_or(i64::MAX))
            };
            args![
                month,
                *agency,
                is_branch,
                kept.taken_at,
                of.accounts,
                of.default_kept,
                of.fresh,
                of.second_factor,
                of.dormant,
                of.locked,
                of.unlocks,
                of.unlock_seconds,
                of.conflicts,
                number(|(place, _)| place),
                number(|(_, peers)| peers),
            ]
            .to_vec()
        };
        [row(false, &kept.own), row(true, &kept.branch)]
    });
    tx.write_rows(PUT, rows.collect()).await
}

const fn figures(row: &Row) -> Figures {
    Figures {
        accounts: row.accounts,
        default_kept: row.default_kept,
        fresh: row.fresh,
        second_factor: row.second_factor,
        dormant: row.dormant,
        locked: row.locked,
        unlocks: row.unlocks,
        unlock_seconds: row.unlock_seconds,
        conflicts: row.conflicts,
    }
}
