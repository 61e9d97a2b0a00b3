//! Passwords that a mail system keeps a second time, set aside and sealed while an account is locked.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AccountId;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::timestamp::Timestamp;

// What is to be done follows from the orders in directory_lock: the directory first, then the second place.
statements! {
    TO_REPLACE = "SELECT d.account_id, m.native_id, m.login FROM directory_lock d \
                  JOIN mailbox m ON m.system = d.system AND m.native_id = d.native_id \
                  LEFT JOIN second_password s ON s.system = d.system AND s.account_id = d.account_id \
                  WHERE d.system = $1 AND d.wish = 'lock' AND d.done_at IS NOT NULL \
                  AND (CAST($2 AS TEXT) IS NULL OR d.account_id = $2) \
                  AND (s.account_id IS NULL OR (s.replaced_at IS NULL AND s.next_attempt_at <= $3 \
                  AND (s.busy_until IS NULL OR s.busy_until <= $3))) ORDER BY d.account_id LIMIT $4";
    TO_GIVE_BACK = "SELECT s.account_id FROM second_password s WHERE s.system = $1 \
                    AND (CAST($2 AS TEXT) IS NULL OR s.account_id = $2) AND s.next_attempt_at <= $3 \
                    AND (s.busy_until IS NULL OR s.busy_until <= $3) AND NOT EXISTS (SELECT 1 FROM directory_lock d \
                    WHERE d.system = s.system AND d.account_id = s.account_id AND d.wish = 'lock') \
                    ORDER BY s.account_id LIMIT $4";
    TAKE = "INSERT INTO second_password (system, account_id, attempts, next_attempt_at, busy_until) \
            VALUES ($1, $2, 1, $4, $3) ON CONFLICT (system, account_id) DO UPDATE SET busy_until = $3, \
            attempts = second_password.attempts + 1 \
            WHERE second_password.busy_until IS NULL OR second_password.busy_until <= $4";
    OF_ACCOUNT = "SELECT person, sealed, replaced_at, attempts, next_attempt_at, last_error FROM second_password \
                  WHERE system = $1 AND account_id = $2";
    SET_ASIDE = "UPDATE second_password SET person = $3, sealed = $4 WHERE system = $1 AND account_id = $2";
    REPLACED = "UPDATE second_password SET replaced_at = $3, attempts = 0, next_attempt_at = $3, last_error = NULL, \
                busy_until = NULL WHERE system = $1 AND account_id = $2";
    FAILED = "UPDATE second_password SET next_attempt_at = $3, last_error = $4, busy_until = NULL \
              WHERE system = $1 AND account_id = $2";
    FORGET = "DELETE FROM second_password WHERE system = $1 AND account_id = $2";
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Who it is in the mail system's own tables.
    pub person: Option<i64>,
    /// What was set aside and what was put in its place, sealed.
    pub sealed: Option<Vec<u8>>,
    /// When the replacement was seen in place.
    pub replaced_at: Option<Timestamp>,
    /// How often it was tried since it last succeeded.
    pub attempts: i64,
    /// When it is tried again.
    pub next_attempt_at: Timestamp,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    person: Option<i64>,
    sealed: Option<Vec<u8>>,
    replaced_at: Option<i64>,
    attempts: i64,
    next_attempt_at: i64,
    last_error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct MailboxRow {
    account_id: String,
    native_id: String,
    login: String,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    account_id: String,
}

/// The locked mailboxes of a system (of one account, or of all) whose second password waits to be replaced.
pub async fn to_replace(
    db: &Db,
    system: MailSystem,
    only: Option<AccountId>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(AccountId, MailboxKey)>, StorageError> {
    let rows: Vec<MailboxRow> = db.all(TO_REPLACE, &args![system.code(), only, now, limit]).await?;
    let read = |row: MailboxRow| {
        Ok((account(&row.account_id)?, MailboxKey { system, native_id: row.native_id, login: row.login }))
    };
    rows.into_iter().map(read).collect()
}

/// The accounts that are locked no more and whose second password waits to be given back.
pub async fn to_give_back(
    db: &Db,
    system: MailSystem,
    only: Option<AccountId>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<AccountId>, StorageError> {
    let rows: Vec<IdRow> = db.all(TO_GIVE_BACK, &args![system.code(), only, now, limit]).await?;
    rows.iter().map(|row| account(&row.account_id)).collect()
}

/// Takes it for one node until a moment; tells whether nobody else is at work on it.
pub async fn take(
    db: &Db,
    system: MailSystem,
    id: AccountId,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(db.write(TAKE, &args![system.code(), id, until, now]).await? > 0)
}

/// How far it is for an account.
pub async fn of_account(
    db: &Db,
    system: MailSystem,
    id: AccountId,
) -> Result<Option<SetAside>, StorageError> {
    let row: Option<Row> = db.find(OF_ACCOUNT, &args![system.code(), id]).await?;
    Ok(row.map(|row| SetAside {
        person: row.person,
        sealed: row.sealed,
        replaced_at: row.replaced_at.map(Timestamp::from_micros),
        attempts: row.attempts,
        next_attempt_at: Timestamp::from_micros(row.next_attempt_at),
        last_error: row.last_error,
    }))
}

/// Keeps what is about to be replaced.
pub async fn set_aside(
    db: &Db,
    system: MailSystem,
    id: AccountId,
    person: i64,
    sealed: &[u8],
) -> Result<(), StorageError> {
    db.write(SET_ASIDE, &args![system.code(), id, person, sealed]).await.map(|_| ())
}

/// The replacement was seen in place.
pub async fn replaced(
    tx: &mut Tx,
    system: MailSystem,
    id: AccountId,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.write(REPLACED, &args![system.code(), id, now]).await.map(|_| ())
}

/// It failed; when it is tried again, and why.
pub async fn failed(
    db: &Db,
    system: MailSystem,
    id: AccountId,
    next: Timestamp,
    error: &str,
) -> Result<(), StorageError> {
    db.write(FAILED, &args![system.code(), id, next, error]).await.map(|_| ())
}

/// It was given back: nothing is kept of it.
pub async fn forget(tx: &mut Tx, system: MailSystem, id: AccountId) -> Result<(), StorageError> {
    tx.write(FORGET, &args![system.code(), id]).await.map(|_| ())
}

fn account(text: &str) -> Result<AccountId, StorageError> {
    text.parse().map_err(|_| StorageError::corrupt("second_password", "account_id", text))
}
