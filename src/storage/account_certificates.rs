//! Certificates with which people prove themselves, each bound to one account.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountCertificateId, AccountId};
use crate::domain::timestamp::Timestamp;

statements! {
    OF = "SELECT id, account_id, thumbprint, subject, issuer, not_after, bound_at, last_used_at FROM account_certificate \
          WHERE account_id = $1 ORDER BY id";
    COUNT = "SELECT COUNT(*) AS number FROM account_certificate WHERE account_id = $1";
    ADD = "INSERT INTO account_certificate (id, account_id, thumbprint, subject, issuer, not_after, bound_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (thumbprint) DO NOTHING";
    // Those that end within a span and whose holders were not told so near the end.
    ENDING = "SELECT id, account_id, thumbprint, subject, issuer, not_after, bound_at, last_used_at \
              FROM account_certificate WHERE not_after > $1 AND not_after <= $2 \
              AND (told_before IS NULL OR told_before > $3) ORDER BY not_after, id";
    TOLD = "UPDATE account_certificate SET told_before = $2 WHERE id = $1 AND (told_before IS NULL OR told_before > $2)";
    USE = "UPDATE account_certificate SET last_used_at = $3 WHERE account_id = $1 AND thumbprint = $2";
    REMOVE = "DELETE FROM account_certificate WHERE account_id = $1 AND id = $2";
    REMOVE_ALL = "DELETE FROM account_certificate WHERE account_id = $1";
    REMOVE_SINCE = "DELETE FROM account_certificate WHERE account_id = $1 AND bound_at >= $2";
}

/// A certificate that is bound to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Its id with us.
    pub id: AccountCertificateId,
    /// SHA-256 of its bytes in base64url.
    pub thumbprint: String,
    /// Whose it is (RFC 4514).
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Until when it is good.
    pub not_after: Timestamp,
    /// When it was bound.
    pub bound_at: Timestamp,
    /// When it last proved its holder.
    pub last_used_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    thumbprint: String,
    subject: String,
    issuer: String,
    not_after: i64,
    bound_at: i64,
    last_used_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    number: i64,
}

/// Those of an account, the oldest first.
pub async fn of(db: &Db, account: AccountId) -> Result<Vec<Bound>, StorageError> {
    db.all::<Row>(OF, &args![account]).await?.into_iter().map(bound).collect()
}

/// Those that end within a span and whose holders were not told yet so many days before the end, the nearest end first.
pub async fn ending(
    db: &Db,
    (after, until): (Timestamp, Timestamp),
    days: i64,
) -> Result<Vec<(AccountId, Bound)>, StorageError> {
    let rows: Vec<Row> = db.all(ENDING, &args![after, until, days]).await?;
    let ending = |row: Row| {
        let account = row.account_id.parse();
        let account = account
            .map_err(|_| StorageError::corrupt("account_certificate", "account_id", &row.account_id))?;
        Ok((account, bound(row)?))
    };
    rows.into_iter().map(ending).collect()
}

/// Records that the holder is told so many days before the end; tells whether nobody has told them so near it.
pub async fn told(tx: &mut Tx, id: AccountCertificateId, days: i64) -> Result<bool, StorageError> {
    Ok(tx.write(TOLD, &args![id, days]).await? == 1)
}

/// How many are bound to an account.
pub async fn count(db: &Db, account: AccountId) -> Result<u64, StorageError> {
    Ok(db.one::<CountRow>(COUNT, &args![account]).await?.number.unsigned_abs())
}

/// The same, as the transaction sees it.
pub async fn count_in(tx: &mut Tx, account: AccountId) -> Result<u64, StorageError> {
    Ok(tx.one::<CountRow>(COUNT, &args![account]).await?.number.unsigned_abs())
}

/// Binds one; tells whether it was bound to nobody.
pub async fn add(tx: &mut Tx, account: AccountId, one: &Bound) -> Result<bool, StorageError> {
    let args =
        args![one.id, account, &one.thumbprint, &one.subject, &one.issuer, one.not_after, one.bound_at];
    Ok(tx.write(ADD, &args).await? == 1)
}

/// Records that one proved its holder; tells whether it is bound to this account.
pub async fn used(
    tx: &mut Tx,
    account: AccountId,
    thumbprint: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(USE, &args![account, thumbprint, now]).await? == 1)
}

/// Removes one; tells whether there was one.
pub async fn remove(tx: &mut Tx, account: AccountId, id: AccountCertificateId) -> Result<bool, StorageError> {
    Ok(tx.write(REMOVE, &args![account, id]).await? == 1)
}

/// Removes all of an account; tells how many.
pub async fn remove_all(tx: &mut Tx, account: AccountId) -> Result<u64, StorageError> {
    tx.write(REMOVE_ALL, &args![account]).await
}

/// Removes those of an account that were bound since a moment; tells how many.
pub async fn remove_since(tx: &mut Tx, account: AccountId, since: Timestamp) -> Result<u64, StorageError> {
    tx.write(REMOVE_SINCE, &args![account, since]).await
}

fn bound(row: Row) -> Result<Bound, StorageError> {
    let id = row.id.parse();
    Ok(Bound {
        id: id.map_err(|_| StorageError::corrupt("account_certificate", "id", &row.id))?,
        thumbprint: row.thumbprint,
        subject: row.subject,
        issuer: row.issuer,
        not_after: Timestamp::from_micros(row.not_after),
        bound_at: Timestamp::from_micros(row.bound_at),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
    })
}
