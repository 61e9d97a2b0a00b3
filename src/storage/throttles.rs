//! Counted failures per account and per source address.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::throttle::{Count, Limit, Tried};
use crate::domain::timestamp::Timestamp;

statements! {
    COUNT = "SELECT failures, since, blocked_until, tried FROM throttle WHERE id = $1";
    TAKE = "INSERT INTO throttle (id, failures, since) VALUES ($1, 0, $2) \
            ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING failures, since, blocked_until, tried";
    PUT = "UPDATE throttle SET failures = $2, since = $3, blocked_until = $4, tried = $5 WHERE id = $1";
    RESTART = "UPDATE throttle SET failures = 0, blocked_until = NULL WHERE id = $1";
    CLEAR = "DELETE FROM throttle WHERE id = $1";
    UNMARK = "UPDATE throttle SET tried = '' WHERE id = $1";
    MARKED = "SELECT id FROM throttle WHERE tried <> ''";
    FORGET = "DELETE FROM throttle WHERE since < $1 AND (blocked_until IS NULL OR blocked_until < $1)";
}

#[derive(sqlx::FromRow)]
struct Row {
    failures: i64,
    since: i64,
    blocked_until: Option<i64>,
    tried: String,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: String,
}

/// What was counted under a key.
pub async fn count(db: &Db, key: &str) -> Result<Count, StorageError> {
    Ok(db.find::<Row>(COUNT, &args![key]).await?.as_ref().map_or_else(Count::default, counted))
}

/// Counts a failure; tells the count after it, and whether it was counted: one with a mark that was counted within
/// the window is not.
pub async fn failed(
    tx: &mut Tx,
    key: &str,
    mark: Option<&str>,
    limit: Limit,
    now: Timestamp,
) -> Result<(Count, bool), StorageError> {
    // Taking the row puts concurrent failures in line.
    let before = counted(&tx.one(TAKE, &args![key, now]).await?);
    let is_new = !mark.is_some_and(|mark| before.has_tried(mark, limit, now));
    let after = before.failed(mark, limit, now);
    let tried = written(&after.tried);
    tx.write(PUT, &args![key, after.failures, after.since, after.blocked_until, tried]).await?;
    Ok((after, is_new))
}

/// Begins to count anew, after a success. The wrong passwords stay known: they are as wrong as before.
pub async fn restart(tx: &mut Tx, key: &str) -> Result<(), StorageError> {
    tx.write(RESTART, &args![key]).await.map(|_| ())
}

/// Forgets what was counted under a key.
pub async fn clear(tx: &mut Tx, key: &str) -> Result<(), StorageError> {
    tx.write(CLEAR, &args![key]).await.map(|_| ())
}

/// Forgets which passwords were wrong, because they may be right now; the count stays.
pub async fn unmark(tx: &mut Tx, key: &str) -> Result<(), StorageError> {
    tx.write(UNMARK, &args![key]).await.map(|_| ())
}

/// The keys under which wrong passwords are remembered.
pub async fn marked(tx: &mut Tx) -> Result<Vec<String>, StorageError> {
    Ok(tx.all::<IdRow>(MARKED, &[]).await?.into_iter().map(|row| row.id).collect())
}

/// Forgets old counts; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

fn counted(row: &Row) -> Count {
    Count {
        failures: row.failures,
        since: Timestamp::from_micros(row.since),
        blocked_until: row.blocked_until.map(Timestamp::from_micros),
        tried: read(&row.tried),
    }
}

/// `MARK@MICROSECONDS`, one after the other.
fn written(tried: &[Tried]) -> String {
    let words: Vec<_> = tried.iter().map(|t| format!("{}@{}", t.mark, t.at.micros())).collect();
    words.join(" ")
}

/// What cannot be read is not remembered: then the directory is asked once more.
fn read(text: &str) -> Vec<Tried> {
    let words = text.split_ascii_whitespace().filter_map(|word| word.split_once('@'));
    words
        .filter_map(|(mark, at)| {
            Some(Tried { mark: mark.to_owned(), at: Timestamp::from_micros(at.parse().ok()?) })
        })
        .collect()
}
