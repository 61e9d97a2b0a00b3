//! Authenticator apps, one for each account. The secret is sealed.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;

statements! {
    OF = "SELECT sealed, made_at, confirmed_at FROM totp WHERE account_id = $1";
    BEGIN = "INSERT INTO totp (account_id, sealed, made_at, confirmed_at, last_step) VALUES ($1, $2, $3, NULL, $4) \
             ON CONFLICT (account_id) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at, \
             last_step = excluded.last_step WHERE totp.confirmed_at IS NULL AND totp.made_at < $5";
    CONFIRM = "UPDATE totp SET confirmed_at = $2, last_step = $3 WHERE account_id = $1 AND confirmed_at IS NULL \
               AND made_at = $4";
    // Of many hands with the same code one moves the step on.
    USE = "UPDATE totp SET last_step = $2 WHERE account_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL";
    REMOVE = "DELETE FROM totp WHERE account_id = $1";
    REMOVE_SINCE = "DELETE FROM totp WHERE account_id = $1 AND COALESCE(confirmed_at, made_at) >= $2 \
                    RETURNING sealed, made_at, confirmed_at";
}

/// An app as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its sealed secret.
    pub sealed: Vec<u8>,
    /// When the secret was made.
    pub made_at: Timestamp,
    /// When its first code was typed.
    pub confirmed_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    sealed: Vec<u8>,
    made_at: i64,
    confirmed_at: Option<i64>,
}

/// The app of an account.
pub async fn of(db: &Db, account: AccountId) -> Result<Option<Kept>, StorageError> {
    Ok(db.find::<Row>(OF, &args![account]).await?.map(|row| Kept {
        sealed: row.sealed,
        made_at: Timestamp::from_micros(row.made_at),
        confirmed_at: row.confirmed_at.map(Timestamp::from_micros),
    }))
}

/// Whether an account has an app whose first code was typed, as the transaction sees it.
pub async fn is_set_up(tx: &mut Tx, account: AccountId) -> Result<bool, StorageError> {
    Ok(tx.find::<Row>(OF, &args![account]).await?.is_some_and(|row| row.confirmed_at.is_some()))
}

/// Keeps a new secret, unless there is an app, or a secret that waits since `fresh`. Codes up to `step` are not taken.
pub async fn begin(
    db: &Db,
    account: AccountId,
    sealed: &[u8],
    step: i64,
    (now, fresh): (Timestamp, Timestamp),
) -> Result<(), StorageError> {
    db.write(BEGIN, &args![account, sealed, now, step, fresh]).await.map(|_| ())
}

/// The first code of the secret that was made then was typed; tells whether it still waited.
pub async fn confirm(
    tx: &mut Tx,
    account: AccountId,
    step: i64,
    made_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(CONFIRM, &args![account, now, step, made_at]).await? == 1)
}

/// Takes the code of a step; `false` if it, or a later one, was taken before.
pub async fn take(tx: &mut Tx, account: AccountId, step: i64) -> Result<bool, StorageError> {
    Ok(tx.write(USE, &args![account, step]).await? == 1)
}

/// Removes the app of an account; tells whether there was one.
pub async fn remove(tx: &mut Tx, account: AccountId) -> Result<bool, StorageError> {
    Ok(tx.write(REMOVE, &args![account]).await? == 1)
}

/// Removes the app of an account if it was set up since a moment, or waits for its first code; tells whether one went
/// that was set up.
pub async fn remove_since(tx: &mut Tx, account: AccountId, since: Timestamp) -> Result<bool, StorageError> {
    let gone = tx.find::<Row>(REMOVE_SINCE, &args![account, since]).await?;
    Ok(gone.is_some_and(|row| row.confirmed_at.is_some()))
}
