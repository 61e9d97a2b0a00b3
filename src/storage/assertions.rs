//! Client assertions that were used, so that each is good once.

use super::db::{args, statements};
use super::{Db, StorageError};
use crate::domain::timestamp::Timestamp;

statements! {
    USE = "INSERT INTO used_assertion (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    FORGET = "DELETE FROM used_assertion WHERE expires_at < $1";
}

/// Uses an assertion; tells whether it was new.
pub async fn take(db: &Db, id: &str, expires_at: Timestamp) -> Result<bool, StorageError> {
    Ok(db.write(USE, &args![id, expires_at]).await? == 1)
}

/// Forgets those that no longer matter; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
