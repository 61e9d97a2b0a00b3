//! Signed-in sessions.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, SessionId};
use crate::domain::session::{Door, Proof, Session, SessionEnd};
use crate::domain::timestamp::Timestamp;

statements! {
    OPEN = "SELECT id, account_id, door, auth_time, last_seen_at, expires_at, source, user_agent, proof, factor_at FROM session \
            WHERE id = $1 AND ended_at IS NULL AND expires_at > $2";
    OF_ACCOUNT = "SELECT id, account_id, door, auth_time, last_seen_at, expires_at, source, user_agent, proof, factor_at FROM session \
                  WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 AND succeeded_by IS NULL \
                  ORDER BY last_seen_at DESC";
    INSERT = "INSERT INTO session (id, account_id, door, auth_time, last_seen_at, expires_at, source, user_agent, proof, \
              factor_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    PROVEN = "UPDATE session SET auth_time = $2, proof = $3, factor_at = $4 WHERE id = $1 AND ended_at IS NULL";
    TOUCH = "UPDATE session SET last_seen_at = $2 WHERE id = $1 AND ended_at IS NULL";
    // With what they have succeeded themselves: none is in use by itself, and all end with the latest.
    // Nor does one of them outlive it: it would be listed nowhere.
    SUCCEED = "UPDATE session SET succeeded_by = $2, expires_at = CASE WHEN expires_at > $3 THEN $3 ELSE expires_at END \
               WHERE (id = $1 OR succeeded_by = $1) AND ended_at IS NULL";
    SUCCESSOR = "SELECT succeeded_by AS id FROM session WHERE id = $1 AND succeeded_by IS NOT NULL";
    END = "UPDATE session SET ended_at = $2, end_reason = $3 WHERE (id = $1 OR succeeded_by = $1) AND ended_at IS NULL \
           RETURNING id";
    END_ALL = "UPDATE session SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL \
               AND (CAST($4 AS TEXT) IS NULL OR id <> $4) RETURNING id";
    FORGET = "DELETE FROM session WHERE expires_at < $1";
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: String,
    account_id: String,
    door: String,
    auth_time: i64,
    last_seen_at: i64,
    expires_at: i64,
    source: String,
    user_agent: String,
    proof: String,
    factor_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: String,
}

/// The session with this id, if it is open at `now`.
pub async fn open(db: &Db, id: SessionId, now: Timestamp) -> Result<Option<Session>, StorageError> {
    db.find::<Row>(OPEN, &args![id, now]).await?.map(session).transpose()
}

/// The open sessions of an account, the last used first; none that a later one in the same browser has succeeded.
pub async fn of_account(
    db: &Db,
    account_id: AccountId,
    now: Timestamp,
) -> Result<Vec<Session>, StorageError> {
    db.all::<Row>(OF_ACCOUNT, &args![account_id, now]).await?.into_iter().map(session).collect()
}

/// Adds a session.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<(), StorageError> {
    tx.write(
        INSERT,
        &args![
            session.id,
            session.account_id,
            session.door.code(),
            session.auth_time,
            session.last_seen_at,
            session.expires_at,
            &session.source,
            &session.user_agent,
            session.proof.code(),
            session.factor_at,
        ],
    )
    .await
    .map(|_| ())
}

/// Records that a session was used.
pub async fn touch(db: &Db, id: SessionId, now: Timestamp) -> Result<(), StorageError> {
    db.write(TOUCH, &args![id, now]).await.map(|_| ())
}

/// Records that the person has proven themselves anew; tells whether the session was open.
pub async fn proven(tx: &mut Tx, session: &Session) -> Result<bool, StorageError> {
    let row = args![session.id, session.auth_time, session.proof.code(), session.factor_at];
    Ok(tx.write(PROVEN, &row).await? == 1)
}

/// Records that a later session in the same browser goes on in place of one, which ends with it at the latest.
pub async fn succeed(tx: &mut Tx, former: SessionId, by: &Session) -> Result<(), StorageError> {
    tx.write(SUCCEED, &args![former, by.id, by.expires_at]).await.map(|_| ())
}

/// The session that goes on in place of one, if one has succeeded it.
pub async fn successor(db: &Db, id: SessionId) -> Result<Option<SessionId>, StorageError> {
    Ok(named(db.find::<IdRow>(SUCCESSOR, &args![id]).await?.into_iter().collect())?.pop())
}

/// Ends a session, and those that it has succeeded; tells whether any was open.
pub async fn end(tx: &mut Tx, id: SessionId, why: SessionEnd, now: Timestamp) -> Result<bool, StorageError> {
    Ok(!end_and_name(tx, id, why, now).await?.is_empty())
}

/// The same; returns those that were open.
pub async fn end_and_name(
    tx: &mut Tx,
    id: SessionId,
    why: SessionEnd,
    now: Timestamp,
) -> Result<Vec<SessionId>, StorageError> {
    named(tx.all(END, &args![id, now, why.code()]).await?)
}

/// Ends all sessions of an account but one; returns the ended ones.
pub async fn end_all(
    tx: &mut Tx,
    account_id: AccountId,
    but: Option<SessionId>,
    why: SessionEnd,
    now: Timestamp,
) -> Result<Vec<SessionId>, StorageError> {
    named(tx.all(END_ALL, &args![account_id, now, why.code(), but]).await?)
}

fn named(rows: Vec<IdRow>) -> Result<Vec<SessionId>, StorageError> {
    rows.into_iter()
        .map(|row| row.id.parse().map_err(|_| StorageError::corrupt("session", "id", &row.id)))
        .collect()
}

/// Forgets sessions that ended long ago; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

pub(super) fn session(row: Row) -> Result<Session, StorageError> {
    let bad = |column| StorageError::corrupt("session", column, row.id.clone());
    Ok(Session {
        id: row.id.parse().map_err(|_| bad("id"))?,
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        door: Door::from_code(&row.door).ok_or_else(|| bad("door"))?,
        auth_time: Timestamp::from_micros(row.auth_time),
        proof: Proof::from_code(&row.proof).ok_or_else(|| bad("proof"))?,
        factor_at: row.factor_at.map(Timestamp::from_micros),
        last_seen_at: Timestamp::from_micros(row.last_seen_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        source: row.source,
        user_agent: row.user_agent,
    })
}
