//! How often things happen, hour by hour: counted in the transaction that writes the audit, read by the dashboard.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::account::LockReason;
use crate::domain::audit::{Act, Entry};
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use std::collections::BTreeMap;

/// What is counted.
const COUNTED: [Act; 7] = [
    Act::SignedIn,
    Act::SignedInCached,
    Act::SignInRefused,
    Act::SignInPaused,
    Act::Locked,
    Act::Unlocked,
    Act::PasswordChanged,
];

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;

/// What is counted beside the acts: no line of the audit tells of it.
const STRANGER: &str = "stranger_refused";

statements! {
    COUNT = "INSERT INTO hour_count (hour, act, agency_id, number) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (hour, act, agency_id) DO UPDATE SET number = hour_count.number + excluded.number";
    SINCE = "SELECT hour, act, CAST(SUM(number) AS BIGINT) AS number FROM hour_count WHERE hour >= $1 \
             AND act <> 'stranger_refused' AND (CAST($2 AS TEXT) IS NULL OR agency_id IN \
             (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) GROUP BY hour, act ORDER BY hour, act";
    OF_STRANGERS = "SELECT hour, act, number FROM hour_count WHERE hour >= $1 AND act = 'stranger_refused' \
                    AND agency_id = '' ORDER BY hour";
    FORGET = "DELETE FROM hour_count WHERE hour < $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    hour: i64,
    act: String,
    number: i64,
}

/// How often something happened within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourCount {
    /// The beginning of the hour.
    pub hour: Timestamp,
    /// What.
    pub act: Act,
    /// How often.
    pub number: i64,
}

/// Counts lines of the audit. Call it while the head of the chain is taken, so that two that count the same hours
/// never wait for each other.
pub(super) async fn count(tx: &mut Tx, entries: &[Entry]) -> Result<(), StorageError> {
    let mut counts: BTreeMap<(i64, &str, String), i64> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| COUNTED.contains(&entry.act) && !replaces_a_lock(entry)) {
        let hour = entry.at.micros().div_euclid(HOUR) * HOUR;
        let agency = entry.agency_id.map(|id| id.to_string()).unwrap_or_default();
        *counts.entry((hour, entry.act.code(), agency)).or_default() += 1;
    }
    for ((hour, act, agency), number) in counts {
        tx.write(COUNT, &args![hour, act, agency, number]).await?;
    }
    Ok(())
}

/// Whether a lock has taken the place of another one: no further account is locked by that.
fn replaces_a_lock(entry: &Entry) -> bool {
    entry.act == Act::Locked && entry.before.as_deref().and_then(LockReason::from_code).is_some()
}

/// Counts a failed sign-in with an address that nobody has.
pub async fn count_stranger(tx: &mut Tx, at: Timestamp) -> Result<(), StorageError> {
    let hour = at.micros().div_euclid(HOUR) * HOUR;
    tx.write(COUNT, &args![hour, STRANGER, "", 1_i64]).await.map(|_| ())
}

/// How often that happened since a moment, by the beginning of the hour.
pub async fn of_strangers(db: &Db, since: Timestamp) -> Result<Vec<(Timestamp, i64)>, StorageError> {
    let since = since.micros().div_euclid(HOUR) * HOUR;
    let rows: Vec<Row> = db.all(OF_STRANGERS, &args![since]).await?;
    Ok(rows.into_iter().map(|row| (Timestamp::from_micros(row.hour), row.number)).collect())
}

/// What happened since a moment, within a reach, by hour.
pub async fn since(
    db: &Db,
    since: Timestamp,
    reach: Option<AgencyId>,
) -> Result<Vec<HourCount>, StorageError> {
    let since = since.micros().div_euclid(HOUR) * HOUR;
    let rows: Vec<Row> = db.all(SINCE, &args![since, reach]).await?;
    let read = |row: Row| {
        let act = Act::from_code(&row.act);
        let act = act.ok_or_else(|| StorageError::corrupt("hour_count", "act", row.hour.to_string()))?;
        Ok(HourCount { hour: Timestamp::from_micros(row.hour), act, number: row.number })
    };
    rows.into_iter().map(read).collect()
}

/// Forgets what was counted before a moment; tells how many rows.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
