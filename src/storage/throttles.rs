//! Counted failures per account and per source address.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::throttle::{Count, Limit};
use crate::domain::timestamp::Timestamp;

statements! {
    COUNT = "SELECT failures, since, blocked_until FROM throttle WHERE id = $1";
    TAKE = "INSERT INTO throttle (id, failures, since) VALUES ($1, 0, $2) \
            ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING failures, since, blocked_until";
    PUT = "UPDATE throttle SET failures = $2, since = $3, blocked_until = $4 WHERE id = $1";
    CLEAR = "DELETE FROM throttle WHERE id = $1";
    FORGET = "DELETE FROM throttle WHERE since < $1 AND (blocked_until IS NULL OR blocked_until < $1)";
}

#[derive(sqlx::FromRow)]
struct Row {
    failures: i64,
    since: i64,
    blocked_until: Option<i64>,
}

/// What was counted under a key.
pub async fn count(db: &Db, key: &str) -> Result<Count, StorageError> {
    Ok(db.find::<Row>(COUNT, &args![key]).await?.map_or_else(Count::default, counted))
}

/// Counts one more failure.
pub async fn failed(tx: &mut Tx, key: &str, limit: Limit, now: Timestamp) -> Result<Count, StorageError> {
    // Taking the row puts concurrent failures in line.
    let before: Row = tx.one(TAKE, &args![key, now]).await?;
    let after = counted(before).failed(limit, now);
    tx.write(PUT, &args![key, after.failures, after.since, after.blocked_until]).await?;
    Ok(after)
}

/// Forgets what was counted under a key.
pub async fn clear(tx: &mut Tx, key: &str) -> Result<(), StorageError> {
    tx.write(CLEAR, &args![key]).await.map(|_| ())
}

/// Forgets old counts; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_or_else asks for")]
fn counted(row: Row) -> Count {
    Count {
        failures: row.failures,
        since: Timestamp::from_micros(row.since),
        blocked_until: row.blocked_until.map(Timestamp::from_micros),
    }
}
