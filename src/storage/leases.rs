//! Which node runs a job. Taken by compare and swap; a node that dies loses it when it runs out.

use super::db::{args, statements};
use super::{Db, StorageError};
use crate::domain::timestamp::Timestamp;

statements! {
    TAKE = "INSERT INTO lease (job, holder, until) VALUES ($1, $2, $3) \
            ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, until = excluded.until \
            WHERE lease.until < $4 OR lease.holder = $2";
    GIVE_BACK = "DELETE FROM lease WHERE job = $1 AND holder = $2";
}

/// Takes or prolongs a lease; tells whether it is held now.
pub async fn take(
    db: &Db,
    job: &str,
    holder: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(db.write(TAKE, &args![job, holder, until, now]).await? == 1)
}

/// Gives a lease back.
pub async fn give_back(db: &Db, job: &str, holder: &str) -> Result<(), StorageError> {
    db.write(GIVE_BACK, &args![job, holder]).await.map(|_| ())
}
