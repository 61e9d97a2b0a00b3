//! The other address of an account, and the latest code that was sent there.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::address::MailAddress;
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;

statements! {
    OF = "SELECT address, made_at, confirmed_at FROM other_address WHERE account_id = $1";
    // One that proves something is removed first.
    PROPOSE = "INSERT INTO other_address (account_id, address, made_at, confirmed_at) VALUES ($1, $2, $3, NULL) \
               ON CONFLICT (account_id) DO UPDATE SET address = excluded.address, made_at = excluded.made_at \
               WHERE other_address.confirmed_at IS NULL";
    CONFIRM = "UPDATE other_address SET confirmed_at = $3 WHERE account_id = $1 AND address = $2 \
               AND confirmed_at IS NULL";
    REMOVE = "DELETE FROM other_address WHERE account_id = $1";
    REMOVE_SINCE = "DELETE FROM other_address WHERE account_id = $1 AND COALESCE(confirmed_at, made_at) >= $2 \
                    RETURNING address, made_at, confirmed_at";
    // A minute apart, so many in an hour.
    SEND = "INSERT INTO mail_code (account_id, digest, sent_at, expires_at, sent, since) VALUES ($1, $2, $3, $4, 1, $3) \
            ON CONFLICT (account_id) DO UPDATE SET digest = excluded.digest, sent_at = excluded.sent_at, \
            expires_at = excluded.expires_at, sent = CASE WHEN mail_code.since <= $5 THEN 1 ELSE mail_code.sent + 1 END, \
            since = CASE WHEN mail_code.since <= $5 THEN excluded.since ELSE mail_code.since END \
            WHERE mail_code.sent_at <= $6 AND (mail_code.since <= $5 OR mail_code.sent < $7)";
    // Of many hands with the same code one takes it.
    TAKE = "UPDATE mail_code SET digest = '' WHERE account_id = $1 AND digest = $2 AND expires_at > $3";
    // How often codes were sent stays.
    SPEND = "UPDATE mail_code SET digest = '' WHERE account_id = $1";
    FORGET = "DELETE FROM mail_code WHERE sent_at < $1";
    FORGET_PROPOSED = "DELETE FROM other_address WHERE confirmed_at IS NULL AND made_at < $1";
}

/// An address as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The address.
    pub address: MailAddress,
    /// When it was named.
    pub made_at: Timestamp,
    /// When a code that was sent there was typed.
    pub confirmed_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    address: String,
    made_at: i64,
    confirmed_at: Option<i64>,
}

/// The other address of an account.
pub async fn of(db: &Db, account: AccountId) -> Result<Option<Kept>, StorageError> {
    let Some(row) = db.find::<Row>(OF, &args![account]).await? else { return Ok(None) };
    let bad = |_| StorageError::corrupt("other_address", "address", account.to_string());
    Ok(Some(Kept {
        address: MailAddress::parse(&row.address).map_err(bad)?,
        made_at: Timestamp::from_micros(row.made_at),
        confirmed_at: row.confirmed_at.map(Timestamp::from_micros),
    }))
}

/// Whether an account has one that proves something, as the transaction sees it.
pub async fn is_confirmed(tx: &mut Tx, account: AccountId) -> Result<bool, StorageError> {
    Ok(tx.find::<Row>(OF, &args![account]).await?.is_some_and(|row| row.confirmed_at.is_some()))
}

/// Names one that waits for its code; tells whether there is none that proves something already.
pub async fn propose(
    tx: &mut Tx,
    account: AccountId,
    address: &MailAddress,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(PROPOSE, &args![account, address.as_str(), now]).await? == 1)
}

/// The code that was sent there was typed; tells whether it still waited.
pub async fn confirm(
    tx: &mut Tx,
    account: AccountId,
    address: &MailAddress,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(CONFIRM, &args![account, address.as_str(), now]).await? == 1)
}

/// Removes it, and spends its code; tells whether there was one.
pub async fn remove(tx: &mut Tx, account: AccountId) -> Result<bool, StorageError> {
    tx.write(SPEND, &args![account]).await?;
    Ok(tx.write(REMOVE, &args![account]).await? == 1)
}

/// Removes it if it was confirmed since a moment, or waits for its code, and spends its code; tells whether one went that
/// proved something.
pub async fn remove_since(tx: &mut Tx, account: AccountId, since: Timestamp) -> Result<bool, StorageError> {
    let gone = tx.find::<Row>(REMOVE_SINCE, &args![account, since]).await?;
    if gone.is_some() {
        tx.write(SPEND, &args![account]).await?;
    }
    Ok(gone.is_some_and(|row| row.confirmed_at.is_some()))
}

/// How often codes are sent.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The last one was sent at this moment or before.
    pub last_before: Timestamp,
    /// They are counted anew if counting began at this moment or before.
    pub counted_since: Timestamp,
    /// So many in that time.
    pub most: i64,
}

/// Keeps a code that is about to be sent, in place of the one before; tells whether one may be sent now.
pub async fn send(
    tx: &mut Tx,
    account: AccountId,
    digest: &str,
    (now, until): (Timestamp, Timestamp),
    pace: Pace,
) -> Result<bool, StorageError> {
    let args = args![account, digest, now, until, pace.counted_since, pace.last_before, pace.most];
    Ok(tx.write(SEND, &args).await? == 1)
}

/// Takes a code; tells whether it was there to take.
pub async fn take(
    tx: &mut Tx,
    account: AccountId,
    digest: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(TAKE, &args![account, digest, now]).await? == 1)
}

/// Forgets codes that were sent, and addresses that were named and never confirmed, before a moment; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    Ok(db.write(FORGET, &args![before]).await? + db.write(FORGET_PROPOSED, &args![before]).await?)
}
