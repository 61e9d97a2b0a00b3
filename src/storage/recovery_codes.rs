//! Recovery codes, by keyed digest.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;

statements! {
    LEFT = "SELECT COUNT(*) AS number FROM recovery_code WHERE account_id = $1 AND used_at IS NULL";
    MADE = "SELECT MAX(made_at) AS made_at FROM recovery_code WHERE account_id = $1";
    // Their rows are taken until the transaction ends, so that of two who have seen the same only one goes on.
    TAKE = "UPDATE recovery_code SET made_at = made_at WHERE account_id = $1 AND made_at = $2";
    ADD = "INSERT INTO recovery_code (account_id, digest, made_at) VALUES ($1, $2, $3)";
    USE = "UPDATE recovery_code SET used_at = $3 WHERE account_id = $1 AND digest = $2 AND used_at IS NULL";
    REMOVE = "DELETE FROM recovery_code WHERE account_id = $1";
    REMOVE_SINCE = "DELETE FROM recovery_code WHERE account_id = $1 AND made_at >= $2";
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct MadeRow {
    made_at: Option<i64>,
}

/// When the codes of an account were made; `None` if there are none.
pub async fn made_at(db: &Db, account: AccountId) -> Result<Option<Timestamp>, StorageError> {
    let row: MadeRow = db.one(MADE, &args![account]).await?;
    Ok(row.made_at.map(Timestamp::from_micros))
}

/// Whether the codes of an account are still those that were made then.
pub async fn are_still(
    tx: &mut Tx,
    account: AccountId,
    made_at: Option<Timestamp>,
) -> Result<bool, StorageError> {
    let Some(made_at) = made_at else {
        return Ok(tx.one::<MadeRow>(MADE, &args![account]).await?.made_at.is_none());
    };
    Ok(tx.write(TAKE, &args![account, made_at]).await? > 0)
}

/// How many codes an account has left.
pub async fn left(db: &Db, account: AccountId) -> Result<u64, StorageError> {
    Ok(db.one::<Number>(LEFT, &args![account]).await?.number.unsigned_abs())
}

/// Puts these in place of all that there were.
pub async fn replace(
    tx: &mut Tx,
    account: AccountId,
    digests: &[String],
    now: Timestamp,
) -> Result<(), StorageError> {
    remove(tx, account).await?;
    for digest in digests {
        tx.write(ADD, &args![account, digest, now]).await?;
    }
    Ok(())
}

/// Takes a code; `false` if there is none, or it was taken before.
pub async fn take(
    tx: &mut Tx,
    account: AccountId,
    digest: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(USE, &args![account, digest, now]).await? == 1)
}

/// Removes all codes of an account; tells whether there were any.
pub async fn remove(tx: &mut Tx, account: AccountId) -> Result<bool, StorageError> {
    Ok(tx.write(REMOVE, &args![account]).await? > 0)
}

/// Removes the codes of an account that were made since a moment; tells whether there were any.
pub async fn remove_since(tx: &mut Tx, account: AccountId, since: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(REMOVE_SINCE, &args![account, since]).await? > 0)
}
