//! Where an account was signed in lately, and where somebody tried in vain.

use super::db::{args, statements};
use super::{Db, StorageError};
use crate::domain::id::{AccountId, SessionId};
use crate::domain::timestamp::Timestamp;

statements! {
    // The ids are in the order in which the sessions began.
    SIGN_INS = "SELECT id, door, auth_time, last_seen_at, ended_at, end_reason, expires_at, source, user_agent, \
                succeeded_by IS NOT NULL AS is_succeeded FROM session \
                WHERE account_id = $1 AND auth_time > $2 ORDER BY id DESC LIMIT $3";
    // As own data lists them, without reading them.
    KEPT = "SELECT (SELECT COUNT(*) FROM session WHERE account_id = $1 AND auth_time > $2) AS sessions, \
            (SELECT COUNT(*) FROM letter WHERE account_id = $1 AND NOT (state = 'withdrawn' AND attempts = 0)) AS letters, \
            (SELECT COUNT(*) FROM incident WHERE account_id = $1) AS incidents, \
            (SELECT COUNT(*) FROM account_note WHERE account_id = $1) AS notes, \
            (SELECT COUNT(*) FROM told_deadline WHERE account_id = $1) AS terms, \
            (SELECT COUNT(*) FROM review_item WHERE account_id = $1) AS reviews, \
            (SELECT COUNT(*) FROM audit WHERE account_id = $1) AS lines";
    REFUSED = "SELECT at, act, after, why, source FROM audit WHERE account_id = $1 AND at > $2 \
               AND act IN ('sign_in_refused', 'sign_in_paused', 'factor_refused', 'factor_paused', \
               'passkey_counter_fell', 'kept_out') ORDER BY seq DESC LIMIT $3";
    // Second steps that were begun, and sign-ins in which a second factor was proven.
    STEPS = "SELECT at, act, after, why, source FROM audit WHERE account_id = $1 AND at > $2 \
             AND (act = 'second_step_begun' OR (act IN ('signed_in', 'signed_in_cached') AND why IS NOT NULL)) \
             ORDER BY seq DESC LIMIT $3";
    DISOWNED = "SELECT at, act, after, why, source FROM audit WHERE account_id = $1 AND at >= $2 AND at <= $3 \
                AND act = 'kept_out' AND after = 'disowned' ORDER BY seq LIMIT $4";
}

/// How much is kept about an account of what there may be much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct KeptRow {
    /// Sessions since a moment.
    pub sessions: i64,
    /// Letters.
    pub letters: i64,
    /// Reports of incidents.
    pub incidents: i64,
    /// Notes of administrators.
    pub notes: i64,
    /// Deadlines that were told.
    pub terms: i64,
    /// What was said in access reviews.
    pub reviews: i64,
    /// Lines of the audit.
    pub lines: i64,
}

/// A session, open or ended.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SignInRow {
    /// Its id.
    pub id: String,
    /// Through which door.
    pub door: String,
    /// When its person last proved who they are, in microseconds.
    pub auth_time: i64,
    /// When it was last used, in microseconds.
    pub last_seen_at: i64,
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
    /// Whether a later one in the same browser goes on in its place.
    pub is_succeeded: bool,
}

impl SignInRow {
    /// When it began.
    pub fn began_at(&self) -> Timestamp {
        self.id.parse().map_or(Timestamp::from_micros(self.auth_time), SessionId::made_at)
    }
}

/// An attempt in vain.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RefusedRow {
    /// When, in microseconds.
    pub at: i64,
    /// A wrong password or a wrong second factor, a pause after several, a passkey that was copied, or a right password
    /// that opened nothing.
    pub act: String,
    /// The detail: of what opened nothing, why; of a step, through which door.
    pub after: Option<String>,
    /// In which way.
    pub why: Option<String>,
    /// From where.
    pub source: Option<String>,
}

/// How much is kept about an account; sessions since a moment.
pub async fn kept(db: &Db, account: AccountId, since: Timestamp) -> Result<KeptRow, StorageError> {
    db.one(KEPT, &args![account, since]).await
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

/// The second steps that were begun since a moment, and the sign-ins in which a second factor was proven, the newest first.
pub async fn steps(
    db: &Db,
    account: AccountId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<RefusedRow>, StorageError> {
    db.all(STEPS, &args![account, since, limit]).await
}

/// The attempts with a disowned password within a span, both ends included, the oldest first.
pub async fn disowned(
    db: &Db,
    account: AccountId,
    (from, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<RefusedRow>, StorageError> {
    db.all(DISOWNED, &args![account, from, until, limit]).await
}
