//! Who may act for which mailbox, and as whom a session goes on to an application.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::delegation::Delegation;
use crate::domain::id::{AccountId, ClientRowId, DelegationId, SessionId};
use crate::domain::timestamp::Timestamp;

statements! {
    OF_MAILBOX = "SELECT id, mailbox_id, person_id, granted_at, granted_by, why, ends_at FROM delegation \
                  WHERE mailbox_id = $1 AND ended_at IS NULL ORDER BY granted_at, id";
    OF_PERSON = "SELECT id, mailbox_id, person_id, granted_at, granted_by, why, ends_at FROM delegation \
                 WHERE person_id = $1 AND ended_at IS NULL ORDER BY granted_at, id";
    LAPSED = "SELECT id, mailbox_id, person_id, granted_at, granted_by, why, ends_at FROM delegation \
              WHERE ended_at IS NULL AND ends_at <= $1 ORDER BY ends_at, id LIMIT 100";
    ADD = "INSERT INTO delegation (id, mailbox_id, person_id, granted_at, granted_by, why, ends_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7)";
    END = "UPDATE delegation SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL";
    VERSION = "SELECT COUNT(*) + COUNT(NULLIF(ended_by, '')) AS version FROM delegation WHERE mailbox_id = $1";
    CHOICE = "SELECT mailbox_id FROM acting_choice WHERE session_id = $1 AND client_id = $2";
    CHOOSE = "INSERT INTO acting_choice (session_id, client_id, mailbox_id, chosen_at) VALUES ($1, $2, $3, $4) \
              ON CONFLICT (session_id, client_id) DO UPDATE SET mailbox_id = excluded.mailbox_id, \
              chosen_at = excluded.chosen_at";
    FORGET = "DELETE FROM acting_choice WHERE session_id = $1";
    FORGET_OLD = "DELETE FROM acting_choice WHERE session_id IN (SELECT id FROM session WHERE expires_at < $1)";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    mailbox_id: String,
    person_id: String,
    granted_at: i64,
    granted_by: String,
    why: String,
    ends_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ChoiceRow {
    mailbox_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    version: i64,
}

/// Who may act for a mailbox; those whose time is over are among them.
pub async fn of_mailbox(db: &Db, mailbox: AccountId) -> Result<Vec<Delegation>, StorageError> {
    db.all::<Row>(OF_MAILBOX, &args![mailbox]).await?.into_iter().map(delegation).collect()
}

/// How often somebody has changed who may act for a mailbox: rows stay, so it only grows. What ends by its last day is no
/// change of anybody's.
pub async fn version(db: &Db, mailbox: AccountId) -> Result<i64, StorageError> {
    Ok(db.find::<VersionRow>(VERSION, &args![mailbox]).await?.map_or(0, |row| row.version))
}

/// The same within a transaction.
pub async fn version_in(tx: &mut Tx, mailbox: AccountId) -> Result<i64, StorageError> {
    Ok(tx.find::<VersionRow>(VERSION, &args![mailbox]).await?.map_or(0, |row| row.version))
}

/// For which mailboxes a person may act; those whose time is over are among them.
pub async fn of_person(db: &Db, person: AccountId) -> Result<Vec<Delegation>, StorageError> {
    db.all::<Row>(OF_PERSON, &args![person]).await?.into_iter().map(delegation).collect()
}

/// Those whose last day is over and that were not ended yet; the first hundred.
pub async fn lapsed(db: &Db, now: Timestamp) -> Result<Vec<Delegation>, StorageError> {
    db.all::<Row>(LAPSED, &args![now]).await?.into_iter().map(delegation).collect()
}

/// Adds one.
pub async fn add(tx: &mut Tx, one: &Delegation) -> Result<(), StorageError> {
    let args = args![one.id, one.mailbox, one.person, one.granted_at, &one.granted_by, &one.why, one.ends_at];
    tx.write(ADD, &args).await.map(|_| ())
}

/// Ends one; tells whether it was there to end.
pub async fn end(tx: &mut Tx, id: DelegationId, by: &str, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(END, &args![id, now, by]).await? == 1)
}

/// As whom a session goes on to an application: `None` before it was asked, `Some(None)` as oneself.
pub async fn choice(
    db: &Db,
    session: SessionId,
    client: ClientRowId,
) -> Result<Option<Option<AccountId>>, StorageError> {
    let Some(row) = db.find::<ChoiceRow>(CHOICE, &args![session, client]).await? else { return Ok(None) };
    let bad = |id: &str| StorageError::corrupt("acting_choice", "mailbox_id", id);
    row.mailbox_id.map(|id| id.parse().map_err(|_| bad(&id))).transpose().map(Some)
}

/// Keeps it.
pub async fn choose(
    db: &Db,
    session: SessionId,
    client: ClientRowId,
    mailbox: Option<AccountId>,
    now: Timestamp,
) -> Result<(), StorageError> {
    db.write(CHOOSE, &args![session, client, mailbox, now]).await.map(|_| ())
}

/// Forgets what a session has chosen, so that it is asked again; tells whether there was something.
pub async fn forget(db: &Db, session: SessionId) -> Result<bool, StorageError> {
    Ok(db.write(FORGET, &args![session]).await? > 0)
}

/// Forgets the choices of sessions that are over since a moment; tells how many.
pub async fn forget_old(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET_OLD, &args![before]).await
}

fn delegation(row: Row) -> Result<Delegation, StorageError> {
    let bad = |column| StorageError::corrupt("delegation", column, &row.id);
    Ok(Delegation {
        id: row.id.parse().map_err(|_| bad("id"))?,
        mailbox: row.mailbox_id.parse().map_err(|_| bad("mailbox_id"))?,
        person: row.person_id.parse().map_err(|_| bad("person_id"))?,
        granted_at: Timestamp::from_micros(row.granted_at),
        ends_at: row.ends_at.map(Timestamp::from_micros),
        granted_by: row.granted_by,
        why: row.why,
    })
}
