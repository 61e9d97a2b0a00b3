//! Who had the way of an account to sign in in their hands, and when last.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;

statements! {
    NOTE = "INSERT INTO handed_over (account_id, by_id, at) VALUES ($1, $2, $3) \
            ON CONFLICT (account_id, by_id) DO UPDATE SET at = excluded.at";
    RENEW = "UPDATE handed_over SET at = $3 WHERE account_id = $1 AND by_id = $2";
    // What somebody has given on paper opens the account until its holder has chosen another password: the days are counted
    // from there.
    RENEW_ALL = "UPDATE handed_over SET at = $2 WHERE account_id = $1";
    SINCE = "SELECT by_id FROM handed_over WHERE account_id = $1 AND (at > $2 OR EXISTS (SELECT 1 FROM account a \
             WHERE a.id = $1 AND a.state = 'must_change' AND a.state_reason = 'reset')) ORDER BY by_id";
    CARRY = "INSERT INTO handed_over (account_id, by_id, at) SELECT CAST($2 AS TEXT), h.by_id, h.at FROM handed_over h \
             WHERE h.account_id = $1 ON CONFLICT (account_id, by_id) DO UPDATE SET at = \
             CASE WHEN handed_over.at < excluded.at THEN excluded.at ELSE handed_over.at END";
}

#[derive(sqlx::FromRow)]
struct Row {
    by_id: String,
}

/// Notes that somebody reset the password of an account, removed its second factors, or gave it another mailbox.
pub async fn note(tx: &mut Tx, id: AccountId, by: AccountId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(NOTE, &args![id, by, now]).await.map(|_| ())
}

/// Somebody lifts the lock of an account: if they had its way to sign in in their hands before, they have it again.
pub async fn renew(tx: &mut Tx, id: AccountId, by: AccountId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(RENEW, &args![id, by, now]).await.map(|_| ())
}

/// The holder of an account that was reset has chosen a password of their own: whoever had the other one has had it until now.
pub async fn renew_all(tx: &mut Tx, id: AccountId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(RENEW_ALL, &args![id, now]).await.map(|_| ())
}

/// What one account signed in with opens another one from now on: whoever had the first in their hands has both.
pub async fn carry(tx: &mut Tx, from: AccountId, to: AccountId) -> Result<(), StorageError> {
    tx.write(CARRY, &args![from, to]).await.map(|_| ())
}

/// Whoever had it in their hands since then; while it waits for another password after a reset, whoever ever had.
pub async fn since(db: &Db, id: AccountId, since: Timestamp) -> Result<Vec<AccountId>, StorageError> {
    let rows: Vec<Row> = db.all(SINCE, &args![id, since]).await?;
    let read = |row: Row| {
        let bad = || StorageError::corrupt("handed_over", "by_id", row.by_id.clone());
        row.by_id.parse().map_err(|_| bad())
    };
    rows.into_iter().map(read).collect()
}
