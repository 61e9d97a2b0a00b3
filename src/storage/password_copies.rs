//! New passwords on their way into the second place in which a mail system keeps them, as sealed crypt(3) texts.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, CopyId};
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::timestamp::Timestamp;

// While the account is locked there (directory_lock) or its password is set aside (second_password), a copy waits.
statements! {
    INSERT = "INSERT INTO password_copy (id, system, account_id, sealed, made_at, attempts, next_attempt_at) \
              VALUES ($1, $2, $3, $4, $5, 0, $5)";
    OPEN = "SELECT id, sealed FROM password_copy WHERE system = $1 AND account_id = $2 AND proven_at IS NULL \
            ORDER BY id DESC";
    PROVEN = "UPDATE password_copy SET proven_at = $2, next_attempt_at = $2 WHERE id = $1";
    FORGET_OTHERS = "DELETE FROM password_copy WHERE system = $1 AND account_id = $2 AND id <> $3";
    FORGET = "DELETE FROM password_copy WHERE id = $1";
    FORGET_OLD = "DELETE FROM password_copy WHERE made_at < $1 AND (proven_at IS NULL OR NOT EXISTS \
                  (SELECT 1 FROM mailbox m WHERE m.system = password_copy.system \
                  AND m.account_id = password_copy.account_id))";
    DUE = "SELECT p.id, p.account_id, p.sealed, p.proven_at, p.attempts, m.native_id, m.login, m.password_set_at \
           FROM password_copy p JOIN mailbox m ON m.system = p.system AND m.account_id = p.account_id \
           WHERE p.system = $1 AND p.proven_at IS NOT NULL AND (CAST($2 AS TEXT) IS NULL OR p.account_id = $2) \
           AND p.next_attempt_at <= $3 AND (p.busy_until IS NULL OR p.busy_until <= $3) \
           AND NOT EXISTS (SELECT 1 FROM second_password s WHERE s.system = p.system AND s.account_id = p.account_id) \
           AND NOT EXISTS (SELECT 1 FROM directory_lock d WHERE d.system = p.system AND d.account_id = p.account_id \
           AND d.wish = 'lock') ORDER BY p.id LIMIT $4";
    TAKE = "UPDATE password_copy SET busy_until = $2, attempts = attempts + 1 \
            WHERE id = $1 AND (busy_until IS NULL OR busy_until <= $3)";
    FAILED = "UPDATE password_copy SET next_attempt_at = $2, last_error = $3, busy_until = NULL WHERE id = $1";
    WAITS = "SELECT attempts, next_attempt_at, last_error FROM password_copy \
             WHERE system = $1 AND account_id = $2 AND proven_at IS NOT NULL ORDER BY id DESC LIMIT 1";
}

/// One that the directory has not been seen to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    /// Its row.
    pub id: CopyId,
    /// The sealed text.
    pub sealed: Vec<u8>,
}

/// One that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its row.
    pub id: CopyId,
    /// Whose.
    pub account: AccountId,
    /// The mailbox.
    pub who: MailboxKey,
    /// The sealed text.
    pub sealed: Vec<u8>,
    /// When the directory was seen to have the password.
    pub proven_at: Timestamp,
    /// When the directory says that the present password was set.
    pub password_set_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: i64,
}

/// How a copy that waits has fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried again.
    pub next_attempt_at: Timestamp,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct UnprovenRow {
    id: String,
    sealed: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    id: String,
    account_id: String,
    sealed: Vec<u8>,
    proven_at: i64,
    attempts: i64,
    native_id: String,
    login: String,
    password_set_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct WaitsRow {
    attempts: i64,
    next_attempt_at: i64,
    last_error: Option<String>,
}

/// Keeps one, before the directory is asked.
pub async fn insert(
    db: &Db,
    id: CopyId,
    system: MailSystem,
    account: AccountId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<(), StorageError> {
    db.write(INSERT, &args![id, system.code(), account, sealed, now]).await.map(|_| ())
}

/// Those of a mailbox that its directory has not been seen to have, the newest first.
pub async fn unproven(
    db: &Db,
    system: MailSystem,
    account: AccountId,
) -> Result<Vec<Unproven>, StorageError> {
    let rows: Vec<UnprovenRow> = db.all(OPEN, &args![system.code(), account]).await?;
    rows.into_iter().map(|row| Ok(Unproven { id: id(&row.id)?, sealed: row.sealed })).collect()
}

/// The directory has it: it is to be written, and every other one of this mailbox is forgotten.
pub async fn proven(
    tx: &mut Tx,
    id: CopyId,
    system: MailSystem,
    account: AccountId,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.write(FORGET_OTHERS, &args![system.code(), account, id]).await?;
    tx.write(PROVEN, &args![id, now]).await.map(|_| ())
}

/// Forgets one: the directory refused it, or the second place has it.
pub async fn forget(tx: &mut Tx, id: CopyId) -> Result<(), StorageError> {
    tx.write(FORGET, &args![id]).await.map(|_| ())
}

/// Forgets old ones that no directory was seen to have, or whose mailbox is gone; tells how many.
pub async fn forget_old(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET_OLD, &args![before]).await
}

/// Those of a system (of one account, or of all) that are due.
pub async fn due(
    db: &Db,
    system: MailSystem,
    only: Option<AccountId>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Due>, StorageError> {
    let rows: Vec<DueRow> = db.all(DUE, &args![system.code(), only, now, limit]).await?;
    let read = |row: DueRow| {
        Ok(Due {
            id: id(&row.id)?,
            account: row
                .account_id
                .parse()
                .map_err(|_| StorageError::corrupt("password_copy", "account_id", &row.id))?,
            who: MailboxKey { system, native_id: row.native_id, login: row.login },
            sealed: row.sealed,
            proven_at: Timestamp::from_micros(row.proven_at),
            password_set_at: row.password_set_at.map(Timestamp::from_micros),
            attempts: row.attempts,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Takes one for one node until a moment; tells whether nobody else is at work on it.
pub async fn take(db: &Db, id: CopyId, until: Timestamp, now: Timestamp) -> Result<bool, StorageError> {
    Ok(db.write(TAKE, &args![id, until, now]).await? == 1)
}

/// It failed; when it is tried again, and why.
pub async fn failed(db: &Db, id: CopyId, next: Timestamp, error: &str) -> Result<(), StorageError> {
    db.write(FAILED, &args![id, next, error]).await.map(|_| ())
}

/// The copy of a mailbox that waits to be written.
pub async fn waits(db: &Db, system: MailSystem, account: AccountId) -> Result<Option<Waits>, StorageError> {
    let row: Option<WaitsRow> = db.find(WAITS, &args![system.code(), account]).await?;
    Ok(row.map(|row| Waits {
        attempts: row.attempts,
        next_attempt_at: Timestamp::from_micros(row.next_attempt_at),
        last_error: row.last_error,
    }))
}

fn id(text: &str) -> Result<CopyId, StorageError> {
    text.parse().map_err(|_| StorageError::corrupt("password_copy", "id", text))
}
