//! Mailboxes of accounts in the two mail systems.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, MailboxId};
use crate::domain::mailbox::{MailSystem, Mailbox, MailboxKey};
use crate::domain::sync::SeenMailbox;
use crate::domain::timestamp::Timestamp;

statements! {
    OF_ACCOUNT = "SELECT id, account_id, system, native_id, login, address, enabled, must_change, password_set_at, \
                  password_lags, copy_is_old FROM mailbox WHERE account_id = $1 ORDER BY system";
    EVERY = "SELECT id, account_id, system, native_id, login, address, enabled, must_change, password_set_at, \
             password_lags, copy_is_old FROM mailbox ORDER BY account_id, system";
    HOLDER = "SELECT account_id FROM mailbox WHERE system = $1 AND native_id = $2";
    HOLDER_OF_LOGIN = "SELECT account_id FROM mailbox WHERE system = $1 AND login = $2 ORDER BY id LIMIT 1";
    NATIVE_ID = "SELECT native_id FROM mailbox WHERE system = $1 AND login = $2 ORDER BY id LIMIT 1";
    NUMBER = "SELECT COUNT(*) AS number FROM mailbox WHERE system = $1";
    INSERT = "INSERT INTO mailbox (id, account_id, system, native_id, login, address, enabled, must_change, \
              password_set_at, password_lags) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    // The mail system's own tools write both places, five minutes after which no clock is wrong about it.
    REFRESH = "UPDATE mailbox SET native_id = $2, login = $3, address = $4, enabled = $5, must_change = $6, \
               password_set_at = $7, copy_is_old = copy_is_old \
               AND NOT (COALESCE(CAST($7 AS BIGINT), 0) > COALESCE(password_set_at, 0) + 300000000) WHERE id = $1";
    DELETE = "DELETE FROM mailbox WHERE id = $1";
    // Which mail systems hold the accounts of a span of ids, and when they were last used there.
    COUNT_SYSTEMS = "UPDATE account SET systems = (SELECT CAST(COALESCE(SUM(CASE m.system WHEN 'ad' THEN 1 ELSE 2 END), 0) \
                     AS BIGINT) FROM mailbox m WHERE m.account_id = account.id), \
                     used_there = (SELECT MAX(e.used_at) FROM mailbox m JOIN directory_entry e ON e.system = m.system \
                     AND e.native_id = m.native_id WHERE m.account_id = account.id) WHERE id >= $1 AND id <= $2";
    UNCOUNT_SYSTEM = "UPDATE account SET systems = systems - (SELECT CASE m.system WHEN 'ad' THEN 1 ELSE 2 END \
                      FROM mailbox m WHERE m.id = $1), \
                      used_there = (SELECT MAX(e.used_at) FROM mailbox m JOIN directory_entry e ON e.system = m.system \
                      AND e.native_id = m.native_id WHERE m.account_id = account.id AND m.id <> $1) \
                      WHERE id = (SELECT m.account_id FROM mailbox m WHERE m.id = $1)";
    // A mailbox that has another id in its directory by now has another entry.
    USED_THERE = "UPDATE account SET used_there = (SELECT MAX(e.used_at) FROM mailbox m JOIN directory_entry e \
                  ON e.system = m.system AND e.native_id = m.native_id WHERE m.account_id = account.id) \
                  WHERE id = (SELECT m.account_id FROM mailbox m WHERE m.id = $1) \
                  AND used_there IS DISTINCT FROM (SELECT MAX(e.used_at) FROM mailbox m JOIN directory_entry e \
                  ON e.system = m.system AND e.native_id = m.native_id WHERE m.account_id = account.id)";
    PASSWORD = "UPDATE mailbox SET must_change = $2, password_set_at = $3, password_lags = FALSE, \
                copy_is_old = (system = 'obm') WHERE id = $1";
    COPIED = "UPDATE mailbox SET copy_is_old = FALSE WHERE account_id = $1 AND system = $2";
    LAGS = "UPDATE mailbox SET password_lags = $2 WHERE id = $1";
}

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "four columns that say nothing of each other")]
struct Row {
    id: String,
    account_id: String,
    system: String,
    native_id: String,
    login: String,
    address: String,
    enabled: bool,
    must_change: bool,
    password_set_at: Option<i64>,
    password_lags: bool,
    copy_is_old: bool,
}

#[derive(sqlx::FromRow)]
struct Holder {
    account_id: String,
}

#[derive(sqlx::FromRow)]
struct Native {
    native_id: String,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

/// The mailboxes of an account, AD first.
pub async fn of_account(db: &Db, account_id: AccountId) -> Result<Vec<Mailbox>, StorageError> {
    db.all::<Row>(OF_ACCOUNT, &args![account_id]).await?.into_iter().map(mailbox).collect()
}

/// All mailboxes, for the synchronisation.
pub async fn every(db: &Db) -> Result<Vec<Mailbox>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(mailbox).collect()
}

/// The account that has the mailbox with this id in its directory.
pub async fn holder(db: &Db, system: MailSystem, native_id: &str) -> Result<Option<AccountId>, StorageError> {
    db.find(HOLDER, &args![system.code(), native_id]).await?.map(account_id).transpose()
}

/// The account that has the mailbox with this login.
pub async fn holder_of_login(
    db: &Db,
    system: MailSystem,
    login: &str,
) -> Result<Option<AccountId>, StorageError> {
    db.find(HOLDER_OF_LOGIN, &args![system.code(), login]).await?.map(account_id).transpose()
}

/// The id in its directory of the mailbox with this login.
pub async fn native_id(db: &Db, system: MailSystem, login: &str) -> Result<Option<String>, StorageError> {
    let row: Option<Native> = db.find(NATIVE_ID, &args![system.code(), login]).await?;
    Ok(row.map(|row| row.native_id))
}

/// How many mailboxes of a system are known.
pub async fn number(db: &Db, system: MailSystem) -> Result<i64, StorageError> {
    Ok(db.one::<Number>(NUMBER, &args![system.code()]).await?.number)
}

/// Adds a mailbox that a directory was seen to hold.
pub async fn insert(
    tx: &mut Tx,
    id: MailboxId,
    account_id: AccountId,
    seen: &SeenMailbox,
) -> Result<(), StorageError> {
    insert_many(tx, &[(id, account_id, seen)]).await
}

/// Adds many mailboxes that a directory was seen to hold.
pub async fn insert_many(
    tx: &mut Tx,
    mailboxes: &[(MailboxId, AccountId, &SeenMailbox)],
) -> Result<(), StorageError> {
    let row = |(id, account_id, seen): &(MailboxId, AccountId, &SeenMailbox)| {
        args![
            *id,
            *account_id,
            seen.key.system.code(),
            &seen.key.native_id,
            &seen.key.login,
            seen.address.as_str(),
            seen.enabled,
            seen.must_change,
            seen.password_set_at,
            false,
        ]
        .to_vec()
    };
    tx.write_rows(INSERT, mailboxes.iter().map(row).collect()).await?;
    let ids = mailboxes.iter().map(|(_, account_id, _)| account_id.to_string());
    let Some(first) = ids.clone().min() else { return Ok(()) };
    tx.write(COUNT_SYSTEMS, &args![first, ids.max()]).await.map(|_| ())
}

/// Brings a mailbox in line with what its directory holds.
pub async fn refresh(tx: &mut Tx, id: MailboxId, seen: &SeenMailbox) -> Result<(), StorageError> {
    tx.write(
        REFRESH,
        &args![
            id,
            &seen.key.native_id,
            &seen.key.login,
            seen.address.as_str(),
            seen.enabled,
            seen.must_change,
            seen.password_set_at,
        ],
    )
    .await?;
    tx.write(USED_THERE, &args![id]).await.map(|_| ())
}

/// Forgets a mailbox that vanished from its directory.
pub async fn delete(tx: &mut Tx, id: MailboxId) -> Result<(), StorageError> {
    tx.write(UNCOUNT_SYSTEM, &args![id]).await?;
    tx.write(DELETE, &args![id]).await.map(|_| ())
}

/// Records that a directory took a new password and a bind with it worked.
pub async fn password_taken(tx: &mut Tx, id: MailboxId, at: Timestamp) -> Result<(), StorageError> {
    tx.write(PASSWORD, &args![id, false, Some(at)]).await.map(|_| ())
}

/// Records that a directory took a one-time password, which it wants changed at the next sign-in.
pub async fn handed_over(tx: &mut Tx, id: MailboxId, at: Timestamp) -> Result<(), StorageError> {
    tx.write(PASSWORD, &args![id, true, Some(at)]).await.map(|_| ())
}

/// Records that the mail system's second place for passwords has the present one.
pub async fn copied(tx: &mut Tx, account_id: AccountId, system: MailSystem) -> Result<(), StorageError> {
    tx.write(COPIED, &args![account_id, system.code()]).await.map(|_| ())
}

/// Records whether a directory has not taken the account's new password yet.
pub async fn set_password_lags(tx: &mut Tx, id: MailboxId, lags: bool) -> Result<(), StorageError> {
    tx.write(LAGS, &args![id, lags]).await.map(|_| ())
}

fn account_id(row: Holder) -> Result<AccountId, StorageError> {
    row.account_id.parse().map_err(|_| StorageError::corrupt("mailbox", "account_id", row.account_id))
}

fn mailbox(row: Row) -> Result<Mailbox, StorageError> {
    let bad = |column| StorageError::corrupt("mailbox", column, row.id.clone());
    Ok(Mailbox {
        id: row.id.parse().map_err(|_| bad("id"))?,
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        key: MailboxKey {
            system: MailSystem::from_code(&row.system).ok_or_else(|| bad("system"))?,
            native_id: row.native_id,
            login: row.login,
        },
        address: MailAddress::parse(&row.address).map_err(|_| bad("address"))?,
        enabled: row.enabled,
        must_change: row.must_change,
        password_set_at: row.password_set_at.map(Timestamp::from_micros),
        password_lags: row.password_lags,
        copy_is_old: row.copy_is_old,
    })
}
