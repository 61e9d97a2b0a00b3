//! Browsers that need not be asked for the second factor for a while.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, TrustId};
use crate::domain::timestamp::Timestamp;

statements! {
    ADD = "INSERT INTO trusted_device (id, account_id, digest, user_agent, source, made_at, last_used_at, expires_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
    USE = "UPDATE trusted_device SET last_used_at = $3 WHERE account_id = $1 AND digest = $2 AND expires_at > $3";
    CARRIER = "SELECT user_agent FROM trusted_device WHERE account_id = $1 AND digest = $2 AND expires_at > $3";
    OF = "SELECT id, user_agent, source, made_at, last_used_at, expires_at FROM trusted_device \
          WHERE account_id = $1 AND expires_at > $2 ORDER BY last_used_at DESC, id";
    END = "DELETE FROM trusted_device WHERE account_id = $1 AND id = $2";
    END_ALL = "DELETE FROM trusted_device WHERE account_id = $1";
    // Whoever brings the secret of a row may end it; `$2` is for one that is kept of this account alone.
    END_HELD = "DELETE FROM trusted_device WHERE digest = $1 AND (CAST($2 AS TEXT) IS NULL OR account_id = $2)";
    FORGET = "DELETE FROM trusted_device WHERE expires_at < $1";
}

/// A trusted browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedDevice {
    /// Its id, which opens nothing.
    pub id: TrustId,
    /// The browser, in the words of its `User-Agent`, shortened.
    pub user_agent: String,
    /// From which address it was trusted.
    pub source: String,
    /// Since when.
    pub made_at: Timestamp,
    /// When it last signed in.
    pub last_used_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    user_agent: String,
    source: String,
    made_at: i64,
    last_used_at: i64,
    expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct CarrierRow {
    user_agent: String,
}

/// Trusts a browser, under the digest of what its cookie holds.
pub async fn add(
    tx: &mut Tx,
    account: AccountId,
    digest: &str,
    device: &TrustedDevice,
) -> Result<(), StorageError> {
    let row = args![
        device.id,
        account,
        digest,
        &device.user_agent,
        &device.source,
        device.made_at,
        device.expires_at,
    ];
    tx.write(ADD, &row).await.map(|_| ())
}

/// What the browser with this digest said of itself when the account trusted it.
pub async fn carrier(
    tx: &mut Tx,
    account: AccountId,
    digest: &str,
    now: Timestamp,
) -> Result<Option<String>, StorageError> {
    let row: Option<CarrierRow> = tx.find(CARRIER, &args![account, digest, now]).await?;
    Ok(row.map(|row| row.user_agent))
}

/// Whether the browser with this digest is trusted by the account; notes that it was used.
pub async fn takes(
    tx: &mut Tx,
    account: AccountId,
    digest: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(USE, &args![account, digest, now]).await? == 1)
}

/// The trusted browsers of an account, the last used first.
pub async fn of(db: &Db, account: AccountId, now: Timestamp) -> Result<Vec<TrustedDevice>, StorageError> {
    db.all::<Row>(OF, &args![account, now]).await?.into_iter().map(device).collect()
}

/// Ends one; tells whether the account had it.
pub async fn end(tx: &mut Tx, account: AccountId, id: TrustId) -> Result<bool, StorageError> {
    Ok(tx.write(END, &args![account, id]).await? == 1)
}

/// Ends all of an account.
pub async fn end_all(tx: &mut Tx, account: AccountId) -> Result<(), StorageError> {
    tx.write(END_ALL, &args![account]).await.map(|_| ())
}

/// Ends the one with this digest, of whichever account it is, or only if it is this one's.
pub async fn end_held(tx: &mut Tx, digest: &str, of: Option<AccountId>) -> Result<(), StorageError> {
    tx.write(END_HELD, &args![digest, of]).await.map(|_| ())
}

/// Forgets those whose time is over; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

fn device(row: Row) -> Result<TrustedDevice, StorageError> {
    Ok(TrustedDevice {
        id: row.id.parse().map_err(|_| StorageError::corrupt("trusted_device", "id", row.id.clone()))?,
        user_agent: row.user_agent,
        source: row.source,
        made_at: Timestamp::from_micros(row.made_at),
        last_used_at: Timestamp::from_micros(row.last_used_at),
        expires_at: Timestamp::from_micros(row.expires_at),
    })
}
