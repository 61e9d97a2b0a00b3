//! Break-glass codes, by a keyed digest; never the code.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, GlassId, SessionId};
use crate::domain::timestamp::Timestamp;

statements! {
    ADD = "INSERT INTO break_glass (id, account_id, digest, made_at) VALUES ($1, $2, $3, $4)";
    USE_UP = "UPDATE break_glass SET used_at = $2, session_id = $3, until = $4 WHERE digest = $1 AND used_at IS NULL \
              AND revoked_at IS NULL RETURNING id, account_id, made_at, used_at, until, revoked_at";
    BY_DIGEST = "SELECT id, account_id, made_at, used_at, until, revoked_at FROM break_glass WHERE digest = $1 \
                 AND used_at IS NULL AND revoked_at IS NULL";
    REVOKE = "UPDATE break_glass SET revoked_at = $2 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL";
    REVOKE_OF = "UPDATE break_glass SET revoked_at = $2 WHERE account_id = $1 AND used_at IS NULL \
                 AND revoked_at IS NULL RETURNING id";
    SESSIONS_OF = "SELECT s.id FROM break_glass b JOIN session s ON s.id = b.session_id \
                   WHERE b.account_id = $1 AND b.until > $2 AND s.ended_at IS NULL ORDER BY s.id";
    EVERY = "SELECT id, account_id, made_at, used_at, until, revoked_at FROM break_glass ORDER BY made_at, id";
    OF_ACCOUNT = "SELECT id, account_id, made_at, used_at, until, revoked_at FROM break_glass WHERE account_id = $1 \
                  ORDER BY made_at, id";
    OF_SESSION = "SELECT id, account_id, made_at, used_at, until, revoked_at FROM break_glass WHERE session_id = $1";
    LIVE = "SELECT b.id, b.account_id, b.made_at, b.used_at, b.until, b.revoked_at FROM break_glass b \
            JOIN session s ON s.id = b.session_id WHERE b.until > $1 AND s.ended_at IS NULL ORDER BY b.used_at";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    made_at: i64,
    used_at: Option<i64>,
    until: Option<i64>,
    revoked_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: String,
}

/// A code as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glass {
    /// Its id.
    pub id: GlassId,
    /// Whose session it opens.
    pub account_id: AccountId,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// Until when the session lives that it opened.
    pub until: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Adds a code.
pub async fn add(tx: &mut Tx, glass: &Glass, digest: &str) -> Result<(), StorageError> {
    tx.write(ADD, &args![glass.id, glass.account_id, digest, glass.made_at]).await.map(|_| ())
}

/// The code with this digest, if it is good.
pub async fn by_digest(db: &Db, digest: &str) -> Result<Option<Glass>, StorageError> {
    db.find::<Row>(BY_DIGEST, &args![digest]).await?.as_ref().map(glass).transpose()
}

/// Uses a code up for a session; of many hands at once one gets it.
pub async fn use_up(
    tx: &mut Tx,
    digest: &str,
    session: SessionId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Glass>, StorageError> {
    tx.find::<Row>(USE_UP, &args![digest, now, session, until]).await?.as_ref().map(glass).transpose()
}

/// Makes a code that was not used worthless; tells whether there was one.
pub async fn revoke(tx: &mut Tx, id: GlassId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(REVOKE, &args![id, now]).await? == 1)
}

/// Makes every code of an account that was not used worthless; tells which.
pub async fn revoke_of(
    tx: &mut Tx,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<GlassId>, StorageError> {
    let rows: Vec<IdRow> = tx.all(REVOKE_OF, &args![account, now]).await?;
    let read = |row: IdRow| row.id.parse().map_err(|_| StorageError::corrupt("break_glass", "id", row.id));
    rows.into_iter().map(read).collect()
}

/// The open sessions that codes of an account have opened.
pub async fn sessions_of(
    tx: &mut Tx,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<SessionId>, StorageError> {
    let rows: Vec<IdRow> = tx.all(SESSIONS_OF, &args![account, now]).await?;
    let read = |row: IdRow| row.id.parse().map_err(|_| StorageError::corrupt("session", "id", row.id));
    rows.into_iter().map(read).collect()
}

/// Every code, the oldest first.
pub async fn every(db: &Db) -> Result<Vec<Glass>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.iter().map(glass).collect()
}

/// The codes that were made for an account, the oldest first.
pub async fn of_account(db: &Db, account: AccountId) -> Result<Vec<Glass>, StorageError> {
    db.all::<Row>(OF_ACCOUNT, &args![account]).await?.iter().map(glass).collect()
}

/// The code that opened a session, if one did.
pub async fn of_session(db: &Db, session: SessionId) -> Result<Option<Glass>, StorageError> {
    db.find::<Row>(OF_SESSION, &args![session]).await?.as_ref().map(glass).transpose()
}

/// The codes whose sessions are open now.
pub async fn live(db: &Db, now: Timestamp) -> Result<Vec<Glass>, StorageError> {
    db.all::<Row>(LIVE, &args![now]).await?.iter().map(glass).collect()
}

fn glass(row: &Row) -> Result<Glass, StorageError> {
    let bad = |column| StorageError::corrupt("break_glass", column, row.id.clone());
    Ok(Glass {
        id: row.id.parse().map_err(|_| bad("id"))?,
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        made_at: Timestamp::from_micros(row.made_at),
        used_at: row.used_at.map(Timestamp::from_micros),
        until: row.until.map(Timestamp::from_micros),
        revoked_at: row.revoked_at.map(Timestamp::from_micros),
    })
}
