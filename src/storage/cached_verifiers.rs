//! The last password that a directory took of each account, as a verifier: for the time in which it cannot be asked.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::account::{Account, StateName};
use crate::domain::id::AccountId;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::timestamp::Timestamp;

statements! {
    OF_ACCOUNT = "SELECT system, native_id, verifier, proven_at FROM cached_verifier WHERE account_id = $1";
    // Takes the row until the transaction ends, so that no change of the password slips in between.
    TAKE = "UPDATE account SET version = version WHERE id = $1 AND version = $2 AND state = $3";
    KEEP = "INSERT INTO cached_verifier (account_id, system, native_id, verifier, proven_at) VALUES ($1, $2, $3, $4, $5) \
            ON CONFLICT (account_id) DO UPDATE SET system = excluded.system, native_id = excluded.native_id, \
            verifier = excluded.verifier, proven_at = excluded.proven_at \
            WHERE cached_verifier.proven_at < excluded.proven_at";
    USED = "UPDATE cached_verifier SET proven_at = proven_at WHERE account_id = $1 AND proven_at = $2";
    FORGET = "DELETE FROM cached_verifier WHERE account_id = $1";
    FORGET_BY_ADDRESS = "DELETE FROM cached_verifier WHERE account_id IN (SELECT id FROM account WHERE address = $1)";
    FORGET_OLD = "DELETE FROM cached_verifier WHERE proven_at < $1";
}

/// What is kept of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The mail system that took the password.
    pub system: MailSystem,
    /// The mailbox there.
    pub native_id: String,
    /// What the password is compared with.
    pub verifier: Vec<u8>,
    /// When it was taken.
    pub proven_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    system: String,
    native_id: String,
    verifier: Vec<u8>,
    proven_at: i64,
}

/// What is kept of an account.
pub async fn of_account(db: &Db, id: AccountId) -> Result<Option<Kept>, StorageError> {
    let Some(row) = db.find::<Row>(OF_ACCOUNT, &args![id]).await? else { return Ok(None) };
    let system = MailSystem::from_code(&row.system);
    Ok(Some(Kept {
        system: system.ok_or_else(|| StorageError::corrupt("cached_verifier", "system", id.to_string()))?,
        native_id: row.native_id,
        verifier: row.verifier,
        proven_at: Timestamp::from_micros(row.proven_at),
    }))
}

/// Keeps a verifier if the account is still as it was when its password was proven, and active; tells whether.
pub async fn keep(
    tx: &mut Tx,
    account: &Account,
    key: &MailboxKey,
    verifier: &[u8],
    proven_at: Timestamp,
) -> Result<bool, StorageError> {
    if tx.write(TAKE, &args![account.id(), account.version(), StateName::Active.code()]).await? != 1 {
        return Ok(false);
    }
    let row = args![account.id(), key.system.code(), &key.native_id, verifier.to_vec(), proven_at];
    Ok(tx.write(KEEP, &row).await? == 1)
}

/// Whether the verifier of that moment is still kept; nobody takes it away until the transaction ends.
pub async fn hold(tx: &mut Tx, id: AccountId, proven_at: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(USED, &args![id, proven_at]).await? == 1)
}

/// Forgets what is kept of an account.
pub async fn forget(tx: &mut Tx, id: AccountId) -> Result<(), StorageError> {
    tx.write(FORGET, &args![id]).await.map(|_| ())
}

/// Forgets what is kept of the account with this address.
pub async fn forget_by_address(tx: &mut Tx, address: &str) -> Result<(), StorageError> {
    tx.write(FORGET_BY_ADDRESS, &args![address]).await.map(|_| ())
}

/// Forgets what was proven before a moment; tells how many.
pub async fn forget_old(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET_OLD, &args![before]).await
}
