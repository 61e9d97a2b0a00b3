//! The outbox of locks to the directories: one order for each mailbox.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AccountId;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::outbox::{DirectoryLock, Stage, Wish};
use crate::domain::timestamp::Timestamp;

// An order whose mailbox is not there any more rests until it comes back: the readings join `mailbox`.
statements! {
    // A newer wish takes the place of an older one; what is known of the directory's lock stays, and so does the
    // node that is at work on it.
    WISH_LOCK = "INSERT INTO directory_lock (system, native_id, account_id, wish, since, attempts, next_attempt_at, \
                 set_by_us, version) SELECT system, native_id, account_id, 'lock', $2, 0, $2, FALSE, 1 FROM mailbox \
                 WHERE account_id = $1 AND ((system = 'ad' AND $3) OR (system = 'obm' AND $4)) ON CONFLICT (system, native_id) DO UPDATE SET \
                 account_id = excluded.account_id, wish = 'lock', since = excluded.since, attempts = 0, \
                 next_attempt_at = excluded.next_attempt_at, last_error = NULL, done_at = NULL, \
                 version = directory_lock.version + 1";
    WISH_UNLOCK = "UPDATE directory_lock SET wish = 'unlock', since = $2, attempts = 0, next_attempt_at = $2, \
                   last_error = NULL, done_at = NULL, version = version + 1 \
                   WHERE account_id = $1 AND wish = 'lock'";
    // A locked account has an order for each mailbox; one that the directory has forgotten is given again.
    MISSING = "INSERT INTO directory_lock (system, native_id, account_id, wish, since, attempts, next_attempt_at, \
               set_by_us, version) SELECT m.system, m.native_id, m.account_id, 'lock', $1, 0, $1, FALSE, 1 \
               FROM mailbox m JOIN account a ON a.id = m.account_id \
               WHERE a.state = 'locked' AND a.state_reason NOT IN ('gone_from_directory', 'disabled_in_directory') \
               AND ((m.system = 'ad' AND $2) OR (m.system = 'obm' AND $3)) AND NOT EXISTS (SELECT 1 FROM directory_lock d \
               WHERE d.system = m.system AND d.native_id = m.native_id) \
               ON CONFLICT (system, native_id) DO NOTHING";
    FORGOTTEN = "UPDATE directory_lock SET since = $3, attempts = 0, next_attempt_at = $3, last_error = NULL, \
                 done_at = NULL, set_by_us = FALSE, version = version + 1 \
                 WHERE system = $1 AND wish = 'lock' AND done_at < $2 AND EXISTS (SELECT 1 FROM mailbox m \
                 WHERE m.system = directory_lock.system AND m.native_id = directory_lock.native_id AND m.enabled)";
    OF_ACCOUNT = "SELECT d.system, d.native_id, d.account_id, m.login, d.wish, d.since, d.attempts, \
                  d.next_attempt_at, d.last_error, d.done_at, d.set_by_us, d.version FROM directory_lock d \
                  JOIN mailbox m ON m.system = d.system AND m.native_id = d.native_id \
                  WHERE d.account_id = $1 ORDER BY d.system";
    EVERY = "SELECT d.system, d.native_id, d.account_id, m.login, d.wish, d.since, d.attempts, \
             d.next_attempt_at, d.last_error, d.done_at, d.set_by_us, d.version FROM directory_lock d \
             JOIN mailbox m ON m.system = d.system AND m.native_id = d.native_id ORDER BY d.account_id";
    DUE = "SELECT d.system, d.native_id, d.account_id, m.login, d.wish, d.since, d.attempts, \
           d.next_attempt_at, d.last_error, d.done_at, d.set_by_us, d.version FROM directory_lock d \
           JOIN mailbox m ON m.system = d.system AND m.native_id = d.native_id \
           WHERE d.done_at IS NULL AND d.next_attempt_at <= $1 AND (d.busy_until IS NULL OR d.busy_until <= $1) \
           ORDER BY d.next_attempt_at LIMIT $2";
    TAKE = "UPDATE directory_lock SET busy_until = $4, attempts = attempts + 1 \
            WHERE system = $1 AND native_id = $2 AND version = $3 AND done_at IS NULL \
            AND set_by_us = $6 AND (busy_until IS NULL OR busy_until <= $5)";
    CLAIM = "UPDATE directory_lock SET set_by_us = TRUE WHERE system = $1 AND native_id = $2 AND version = $3";
    DONE = "UPDATE directory_lock SET done_at = $4, set_by_us = $5, last_error = NULL, busy_until = NULL \
            WHERE system = $1 AND native_id = $2 AND version = $3";
    FAILED = "UPDATE directory_lock SET next_attempt_at = $4, last_error = $5, busy_until = NULL \
              WHERE system = $1 AND native_id = $2 AND version = $3";
    GIVE_BACK = "UPDATE directory_lock SET busy_until = NULL WHERE system = $1 AND native_id = $2";
    SHOWN = "UPDATE mailbox SET enabled = $3 WHERE system = $1 AND native_id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    system: String,
    native_id: String,
    account_id: String,
    login: String,
    wish: String,
    since: i64,
    attempts: i64,
    next_attempt_at: i64,
    last_error: Option<String>,
    done_at: Option<i64>,
    set_by_us: bool,
    version: i64,
}

/// Orders a lock for every mailbox of an account in these systems.
pub async fn order_lock(
    tx: &mut Tx,
    account_id: AccountId,
    systems: &[MailSystem],
    now: Timestamp,
) -> Result<(), StorageError> {
    let [ad, obm] = MailSystem::ALL.map(|system| systems.contains(&system));
    tx.write(WISH_LOCK, &args![account_id, now, ad, obm]).await.map(|_| ())
}

/// Orders the lifting wherever a lock was ordered.
pub async fn order_unlock(tx: &mut Tx, account_id: AccountId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(WISH_UNLOCK, &args![account_id, now]).await.map(|_| ())
}

/// Orders the locks that are missing in these systems: of mailboxes that came to a locked account.
pub async fn order_missing(tx: &mut Tx, systems: &[MailSystem], now: Timestamp) -> Result<u64, StorageError> {
    let [ad, obm] = MailSystem::ALL.map(|system| systems.contains(&system));
    tx.write(MISSING, &args![now, ad, obm]).await
}

/// Orders again the locks of a system that were carried out before `settled` and are not there any more.
pub async fn order_forgotten(
    tx: &mut Tx,
    system: MailSystem,
    settled: Timestamp,
    now: Timestamp,
) -> Result<u64, StorageError> {
    tx.write(FORGOTTEN, &args![system.code(), settled, now]).await
}

/// The orders for an account's mailboxes.
pub async fn of_account(db: &Db, account_id: AccountId) -> Result<Vec<DirectoryLock>, StorageError> {
    read(db.all(OF_ACCOUNT, &args![account_id]).await?)
}

/// All orders, for the synchronisation.
pub async fn every(db: &Db) -> Result<Vec<DirectoryLock>, StorageError> {
    read(db.all(EVERY, &[]).await?)
}

/// The orders that are to be tried now and that nobody is at work on, the longest due first.
pub async fn due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<DirectoryLock>, StorageError> {
    read(db.all(DUE, &args![now, limit]).await?)
}

/// Takes an order to work on it; tells whether it is still as it was read and nobody else is at work on it.
pub async fn take(
    db: &Db,
    order: &DirectoryLock,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let MailboxKey { system, native_id, .. } = &order.mailbox;
    let args = args![system.code(), native_id, order.version, until, now, order.set_by_us];
    Ok(db.write(TAKE, &args).await? == 1)
}

/// Gives an order back that was replaced while it was taken.
pub async fn give_back(db: &Db, order: &DirectoryLock) -> Result<(), StorageError> {
    let MailboxKey { system, native_id, .. } = &order.mailbox;
    db.write(GIVE_BACK, &args![system.code(), native_id]).await.map(|_| ())
}

/// Records, before the directory is written, that the lock it is about to hold is ours; tells whether the order is
/// still the same.
pub async fn claim(db: &Db, order: &DirectoryLock) -> Result<bool, StorageError> {
    let MailboxKey { system, native_id, .. } = &order.mailbox;
    Ok(db.write(CLAIM, &args![system.code(), native_id, order.version]).await? == 1)
}

/// Records that the directory agrees; `false` if the order was replaced meanwhile.
pub async fn done(
    tx: &mut Tx,
    order: &DirectoryLock,
    set_by_us: bool,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let MailboxKey { system, native_id, .. } = &order.mailbox;
    let done = tx.write(DONE, &args![system.code(), native_id, order.version, now, set_by_us]).await?;
    if done == 0 {
        tx.write(GIVE_BACK, &args![system.code(), native_id]).await?;
    }
    Ok(done == 1)
}

/// Records an attempt without success, and when the next one is due.
pub async fn failed(
    db: &Db,
    order: &DirectoryLock,
    next_at: Timestamp,
    error: &str,
) -> Result<(), StorageError> {
    let MailboxKey { system, native_id, .. } = &order.mailbox;
    let failed = db.write(FAILED, &args![system.code(), native_id, order.version, next_at, error]).await?;
    if failed == 0 {
        db.write(GIVE_BACK, &args![system.code(), native_id]).await?;
    }
    Ok(())
}

/// Records what a directory was just made to show of a mailbox, so that nobody waits for the next reading.
pub async fn shown(tx: &mut Tx, mailbox: &MailboxKey, enabled: bool) -> Result<(), StorageError> {
    tx.write(SHOWN, &args![mailbox.system.code(), &mailbox.native_id, enabled]).await.map(|_| ())
}

fn read(rows: Vec<Row>) -> Result<Vec<DirectoryLock>, StorageError> {
    rows.into_iter().map(directory_lock).collect()
}

fn directory_lock(row: Row) -> Result<DirectoryLock, StorageError> {
    let bad = |column| StorageError::corrupt("directory_lock", column, row.native_id.clone());
    let stage = match (row.done_at, row.last_error) {
        (Some(at), _) => Stage::Done { at: Timestamp::from_micros(at) },
        (None, Some(error)) => Stage::Failed {
            attempts: row.attempts,
            next_at: Timestamp::from_micros(row.next_attempt_at),
            error,
        },
        (None, None) => Stage::Waiting,
    };
    Ok(DirectoryLock {
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        wish: Wish::from_code(&row.wish).ok_or_else(|| bad("wish"))?,
        since: Timestamp::from_micros(row.since),
        stage,
        set_by_us: row.set_by_us,
        version: row.version,
        mailbox: MailboxKey {
            system: MailSystem::from_code(&row.system).ok_or_else(|| bad("system"))?,
            native_id: row.native_id,
            login: row.login,
        },
    })
}
