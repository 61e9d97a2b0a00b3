//! Answers to the writes of applications, by the digest of their Idempotency-Key.

use super::db::{args, statements};
use super::{Db, StorageError};
use crate::domain::id::ClientRowId;
use crate::domain::timestamp::Timestamp;

statements! {
    BEGIN = "INSERT INTO api_answer (id, request, begun_at, client_id) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO NOTHING";
    BY_ID = "SELECT request, begun_at, status, body, etag FROM api_answer WHERE id = $1";
    // One that is over, or was left behind by a crash, is taken over by one only.
    TAKE_OVER = "UPDATE api_answer SET request = $2, begun_at = $3, status = NULL, body = NULL, etag = NULL \
                 WHERE id = $1 AND begun_at = $4";
    FINISH = "UPDATE api_answer SET status = $3, body = $4, etag = $5 WHERE id = $1 AND begun_at = $2";
    RELEASE = "DELETE FROM api_answer WHERE id = $1 AND begun_at = $2";
    // What was carried out, and what still is.
    WRITTEN = "SELECT COUNT(*) AS number, MIN(begun_at) AS oldest FROM api_answer \
               WHERE client_id = $1 AND begun_at > $2 AND (status IS NULL OR status = 200)";
    FORGET = "DELETE FROM api_answer WHERE begun_at < $1";
}

/// What is kept under a key.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// The digest of the request.
    pub request: String,
    /// When it came, in microseconds.
    pub begun_at: i64,
    /// The status of the answer; `None` while it is under way.
    pub status: Option<i64>,
    /// The text of the answer.
    pub body: Option<String>,
    /// Its entity tag.
    pub etag: Option<String>,
}

/// What an application has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Written {
    /// How often.
    pub number: i64,
    /// When first, in microseconds.
    pub oldest: Option<i64>,
}

/// Takes a key; tells whether it was free. The writes of a client are counted.
pub async fn begin(
    db: &Db,
    id: &str,
    request: &str,
    (client, now): (Option<ClientRowId>, Timestamp),
) -> Result<bool, StorageError> {
    Ok(db.write(BEGIN, &args![id, request, now, client]).await? == 1)
}

/// The writes of an application after a moment that were carried out, or still are.
pub async fn written(db: &Db, client: ClientRowId, after: Timestamp) -> Result<Written, StorageError> {
    db.one(WRITTEN, &args![client, after]).await
}

/// What is kept under a key.
pub async fn by_id(db: &Db, id: &str) -> Result<Option<Kept>, StorageError> {
    db.find(BY_ID, &args![id]).await
}

/// Takes over what was begun then; tells whether nobody was faster.
pub async fn take_over(
    db: &Db,
    id: &str,
    request: &str,
    now: Timestamp,
    begun_at: i64,
) -> Result<bool, StorageError> {
    Ok(db.write(TAKE_OVER, &args![id, request, now, begun_at]).await? == 1)
}

/// Keeps the answer of what was begun then.
pub async fn finish(
    db: &Db,
    (id, begun_at): (&str, Timestamp),
    status: i64,
    body: &str,
    etag: Option<&str>,
) -> Result<(), StorageError> {
    db.write(FINISH, &args![id, begun_at, status, body, etag]).await.map(|_| ())
}

/// Gives a key free: what was begun then may be tried again.
pub async fn release(db: &Db, id: &str, begun_at: Timestamp) -> Result<(), StorageError> {
    db.write(RELEASE, &args![id, begun_at]).await.map(|_| ())
}

/// Forgets old answers; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
