//! Who had the way of an account to sign in in their hands, and when last.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;

statements! {
    NOTE = "INSERT INTO handed_over (account_id, by_id, at) VALUES ($1, $2, $3) \
            ON CONFLICT (account_id, by_id) DO UPDATE SET at = excluded.at";
    RENEW = "UPDATE handed_over SET at = $3 WHERE account_id = $1 AND by_id = $2";
    SINCE = "SELECT by_id FROM handed_over WHERE account_id = $1 AND at > $2 ORDER BY by_id";
}

#[derive(sqlx::FromRow)]
struct Row {
    by_id: String,
}

/// Notes that somebody reset the password of an account, or removed its second factors.
pub async fn note(tx: &mut Tx, id: AccountId, by: AccountId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(NOTE, &args![id, by, now]).await.map(|_| ())
}

/// Somebody lifts the lock of an account: if they had its way to sign in in their hands before, they have it again.
pub async fn renew(tx: &mut Tx, id: AccountId, by: AccountId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(RENEW, &args![id, by, now]).await.map(|_| ())
}

/// Whoever had it in their hands since then.
pub async fn since(db: &Db, id: AccountId, since: Timestamp) -> Result<Vec<AccountId>, StorageError> {
    let rows: Vec<Row> = db.all(SINCE, &args![id, since]).await?;
    let read = |row: Row| {
        let bad = || StorageError::corrupt("handed_over", "by_id", row.by_id.clone());
        row.by_id.parse().map_err(|_| bad())
    };
    rows.into_iter().map(read).collect()
}
