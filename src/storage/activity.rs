//! Where an account was signed in lately, and where somebody tried in vain.

use super::db::{args, statements};
use super::{Db, StorageError};
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;

statements! {
    SIGN_INS = "SELECT id, door, auth_time, ended_at, end_reason, expires_at, source, user_agent FROM session \
                WHERE account_id = $1 AND auth_time > $2 ORDER BY auth_time DESC, id DESC LIMIT $3";
    REFUSED = "SELECT at, act, source FROM audit WHERE account_id = $1 AND at > $2 \
               AND act IN ('sign_in_refused', 'sign_in_paused') ORDER BY seq DESC LIMIT $3";
}

/// A session, open or ended.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SignInRow {
    /// Its id.
    pub id: String,
    /// Through which door.
    pub door: String,
    /// When it began, in microseconds.
    pub auth_time: i64,
    /// When it ended, in microseconds.
    pub ended_at: Option<i64>,
    /// Why.
    pub end_reason: Option<String>,
    /// When it ends at the latest, in microseconds.
    pub expires_at: i64,
    /// From where.
    pub source: String,
    /// With what.
    pub user_agent: String,
}

/// An attempt in vain.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RefusedRow {
    /// When, in microseconds.
    pub at: i64,
    /// A wrong password, or a pause.
    pub act: String,
    /// From where.
    pub source: Option<String>,
}

/// The sessions that an account opened since a moment, the newest first.
pub async fn sign_ins(
    db: &Db,
    account: AccountId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<SignInRow>, StorageError> {
    db.all(SIGN_INS, &args![account, since, limit]).await
}

/// The attempts in vain at an account since a moment, the newest first.
pub async fn refused(
    db: &Db,
    account: AccountId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<RefusedRow>, StorageError> {
    db.all(REFUSED, &args![account, since, limit]).await
}
