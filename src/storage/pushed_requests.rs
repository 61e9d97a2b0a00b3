//! Authorization requests that were pushed (RFC 9126), by the digest of their `request_uri`.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::ClientRowId;
use crate::domain::timestamp::Timestamp;

statements! {
    INSERT = "INSERT INTO pushed_request (id, client_id, parameters, expires_at) VALUES ($1, $2, $3, $4)";
    FIND = "SELECT parameters FROM pushed_request WHERE id = $1 AND client_id = $2 AND expires_at > $3";
    TAKE = "DELETE FROM pushed_request WHERE id = $1";
    FORGET = "DELETE FROM pushed_request WHERE expires_at < $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    parameters: String,
}

/// Keeps a pushed request.
pub async fn insert(
    db: &Db,
    digest: &str,
    client: ClientRowId,
    parameters: &str,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    db.write(INSERT, &args![digest, client, parameters, expires_at]).await.map(|_| ())
}

/// The parameters that a client pushed under this digest, unless they have expired or were answered.
pub async fn find(
    db: &Db,
    digest: &str,
    client: ClientRowId,
    now: Timestamp,
) -> Result<Option<String>, StorageError> {
    Ok(db.find::<Row>(FIND, &args![digest, client, now]).await?.map(|row| row.parameters))
}

/// Uses it up; tells whether it was still there.
pub async fn take(tx: &mut Tx, digest: &str) -> Result<bool, StorageError> {
    Ok(tx.write(TAKE, &args![digest]).await? == 1)
}

/// Forgets what expired before a moment; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
