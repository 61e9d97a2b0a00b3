//! How many conflicts of the two directories concern each agency, as they were last counted.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use std::collections::{BTreeMap, HashMap};

statements! {
    EVERY = "SELECT agency_id, number FROM conflict_count";
    COUNTED = "SELECT counted_at FROM conflict_counted WHERE id = 1";
    // Taken first: of two that count at once the second waits for the first.
    SET_COUNTED = "INSERT INTO conflict_counted (id, counted_at) VALUES (1, $1) \
                   ON CONFLICT (id) DO UPDATE SET counted_at = excluded.counted_at";
    FORGET = "DELETE FROM conflict_count";
    PUT = "INSERT INTO conflict_count (agency_id, number) VALUES ($1, $2)";
}

#[derive(sqlx::FromRow)]
struct Row {
    agency_id: String,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct CountedRow {
    counted_at: i64,
}

/// How many concern each agency; those without any are left out.
pub async fn every(db: &Db) -> Result<HashMap<AgencyId, i64>, StorageError> {
    let rows: Vec<Row> = db.all(EVERY, &[]).await?;
    let read = |row: Row| {
        let id = row.agency_id.parse();
        let id = id.map_err(|_| StorageError::corrupt("conflict_count", "agency_id", &row.agency_id))?;
        Ok((id, row.number))
    };
    rows.into_iter().map(read).collect()
}

/// As of when they were counted; `None` if they never were.
pub async fn counted_at(db: &Db) -> Result<Option<Timestamp>, StorageError> {
    let row: Option<CountedRow> = db.find(COUNTED, &[]).await?;
    Ok(row.map(|row| Timestamp::from_micros(row.counted_at)))
}

/// Puts these numbers in place of those of before.
pub async fn replace(
    tx: &mut Tx,
    counts: &BTreeMap<AgencyId, i64>,
    as_of: Timestamp,
) -> Result<(), StorageError> {
    tx.write(SET_COUNTED, &args![as_of]).await?;
    tx.write(FORGET, &[]).await?;
    let row = |(agency, number): (&AgencyId, &i64)| args![*agency, *number].to_vec();
    tx.write_rows(PUT, counts.iter().map(row).collect()).await
}
