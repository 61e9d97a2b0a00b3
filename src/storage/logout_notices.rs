//! The outbox of back-channel logout: which application is to be told that which session has ended.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, AgencyId, ClientRowId, SessionId};
use crate::domain::timestamp::Timestamp;

/// Orders what is selected; what was settled before is told again, what waits goes on waiting.
macro_rules! notices {
    ($select:literal) => {
        concat!(
            "INSERT INTO logout_notice (client_id, session_id, account_id, since, attempts, next_attempt_at, ",
            "answered) ",
            $select,
            " ON CONFLICT (client_id, session_id, account_id) DO UPDATE SET since = excluded.since, attempts = 0, ",
            "next_attempt_at = excluded.next_attempt_at, answered = FALSE, last_error = NULL, done_at = NULL, ",
            "busy_until = NULL WHERE logout_notice.done_at IS NOT NULL"
        )
    };
}

statements! {
    // In the transaction that ends the sessions, before it does: an application is told of a session out of which it
    // was given something.
    ORDER = notices!("SELECT DISTINCT g.client_id, g.session_id, g.account_id, CAST($3 AS BIGINT), 0, CAST($3 AS BIGINT), FALSE \
             FROM access_grant g \
             JOIN session s ON s.id = g.session_id JOIN client c ON c.id = g.client_id \
             WHERE s.account_id = $1 AND s.ended_at IS NULL AND c.removed_at IS NULL \
             AND c.backchannel_logout_uri IS NOT NULL \
             AND (CAST($2 AS TEXT) IS NULL OR s.id = $2 OR s.succeeded_by = $2) AND (CAST($4 AS TEXT) IS NULL OR g.session_id <> $4)");
    // The same for one application, in the transaction that ends what it was given; the sessions go on.
    ORDER_OF_CLIENT = notices!("SELECT DISTINCT g.client_id, g.session_id, g.account_id, CAST($2 AS BIGINT), 0, \
             CAST($2 AS BIGINT), FALSE FROM access_grant g JOIN client c ON c.id = g.client_id \
             WHERE g.client_id = $1 AND g.ended_at IS NULL AND c.backchannel_logout_uri IS NOT NULL");
    // The same for one account at one application; of a mailbox, what one person was given as it.
    ORDER_OF_ACCESS = notices!("SELECT DISTINCT g.client_id, g.session_id, g.account_id, CAST($3 AS BIGINT), 0, \
             CAST($3 AS BIGINT), FALSE FROM access_grant g JOIN client c ON c.id = g.client_id \
             WHERE g.account_id = $1 AND g.client_id = $2 AND g.ended_at IS NULL AND c.removed_at IS NULL \
             AND c.backchannel_logout_uri IS NOT NULL AND (CAST($4 AS TEXT) IS NULL \
             OR g.session_id IN (SELECT s.id FROM session s WHERE s.account_id = $4))");
    OF_CLIENT = "SELECT COUNT(*) FILTER (WHERE answered) AS agreed, COUNT(*) FILTER (WHERE done_at IS NULL) AS waiting, \
                 COUNT(*) FILTER (WHERE done_at IS NOT NULL AND NOT answered) AS given_up FROM logout_notice \
                 WHERE client_id = $1 AND (CAST($2 AS TEXT) IS NULL OR account_id IN (SELECT a.id FROM account a \
                 JOIN agency_branch b ON b.agency_id = a.agency_id WHERE b.root_id = $2))";
    LAST_ERROR = "SELECT last_error FROM logout_notice WHERE client_id = $1 AND last_error IS NOT NULL \
                  ORDER BY since DESC LIMIT 1";
    // The same for what others, or one of them, were given as this mailbox, out of their own sessions.
    ORDER_AS_MAILBOX = notices!("SELECT DISTINCT g.client_id, g.session_id, g.account_id, CAST($2 AS BIGINT), 0, \
             CAST($2 AS BIGINT), FALSE FROM access_grant g \
             JOIN session s ON s.id = g.session_id JOIN client c ON c.id = g.client_id \
             WHERE g.account_id = $1 AND s.account_id <> $1 AND g.ended_at IS NULL AND s.ended_at IS NULL \
             AND (CAST($3 AS TEXT) IS NULL OR s.account_id = $3) \
             AND c.removed_at IS NULL AND c.backchannel_logout_uri IS NOT NULL");
    DUE = "SELECT n.client_id, n.session_id, n.account_id, n.since, n.attempts, c.client_id AS audience, \
           c.backchannel_logout_uri AS uri, a.subject FROM logout_notice n \
           JOIN client c ON c.id = n.client_id JOIN account a ON a.id = n.account_id \
           WHERE n.done_at IS NULL AND n.next_attempt_at <= $1 AND (n.busy_until IS NULL OR n.busy_until <= $1) \
           AND (CAST($2 AS TEXT) IS NULL OR n.account_id = $2 \
           OR n.session_id IN (SELECT id FROM session WHERE account_id = $2)) AND c.backchannel_logout_uri IS NOT NULL \
           ORDER BY n.next_attempt_at LIMIT $3";
    TAKE = "UPDATE logout_notice SET busy_until = $4, attempts = attempts + 1 \
            WHERE client_id = $1 AND session_id = $2 AND account_id = $3 AND done_at IS NULL \
            AND (busy_until IS NULL OR busy_until <= $5)";
    DONE = "UPDATE logout_notice SET done_at = $4, answered = $5, last_error = $6, busy_until = NULL \
            WHERE client_id = $1 AND session_id = $2 AND account_id = $3 AND done_at IS NULL";
    AGAIN = "UPDATE logout_notice SET next_attempt_at = $4, last_error = $5, busy_until = NULL \
             WHERE client_id = $1 AND session_id = $2 AND account_id = $3 AND done_at IS NULL";
    // What waits for an application that does not answer; what has waited for too long is given up.
    PASS_OVER = "UPDATE logout_notice SET next_attempt_at = $3 WHERE client_id = $1 AND done_at IS NULL \
                 AND next_attempt_at < $3 AND (busy_until IS NULL OR busy_until <= $2)";
    GIVE_UP = "UPDATE logout_notice SET done_at = $2, answered = FALSE, last_error = $4, busy_until = NULL \
               WHERE client_id = $1 AND done_at IS NULL AND since < $3 AND (busy_until IS NULL OR busy_until <= $2)";
    // An application that is told twice, of the holder and of a mailbox, agrees when it has agreed to both.
    OF_SESSION = "SELECT c.name, MIN(CASE WHEN n.answered THEN 1 ELSE 0 END) = 1 AS answered, \
                  CASE WHEN COUNT(n.done_at) = COUNT(*) THEN MAX(n.done_at) END AS done_at \
                  FROM logout_notice n JOIN client c ON c.id = n.client_id JOIN session s ON s.id = n.session_id \
                  WHERE s.account_id = $1 AND n.session_id = $2 GROUP BY c.id, c.name ORDER BY c.name, c.id";
    FORGET = "DELETE FROM logout_notice WHERE done_at < $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    client_id: String,
    session_id: String,
    account_id: String,
    since: i64,
    attempts: i64,
    audience: String,
    uri: String,
    subject: String,
}

/// What came of telling an application.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Told {
    /// The application, by its name for people.
    pub name: String,
    /// Whether it agreed.
    pub answered: bool,
    /// When it agreed or was given up; `None`: it is told again.
    pub done_at: Option<i64>,
}

/// How far an application was told of the last thirty days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Success {
    /// How often it agreed.
    pub agreed: i64,
    /// How many notices wait.
    pub waiting: i64,
    /// How many were given up.
    pub given_up: i64,
}

#[derive(sqlx::FromRow)]
struct ErrorRow {
    last_error: String,
}

/// A notice that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which application.
    pub client: ClientRowId,
    /// Which session has ended.
    pub session: SessionId,
    /// Whose.
    pub account: AccountId,
    /// Since when it waits.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// The application's `client_id`.
    pub audience: String,
    /// Where the application listens.
    pub uri: String,
    /// The person's `sub`.
    pub subject: String,
}

/// Orders notices for the sessions of an account that are about to end: one of them with those that it has succeeded, or
/// all but one. Where not just one
/// ends, those are told too who act for the account out of their own sessions.
pub async fn order(
    tx: &mut Tx,
    account: AccountId,
    only: Option<SessionId>,
    but: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let ordered = tx.write(ORDER, &args![account, only, now, but]).await?;
    if only.is_some() {
        return Ok(ordered);
    }
    Ok(ordered + tx.write(ORDER_AS_MAILBOX, &args![account, now, None::<AccountId>]).await?)
}

/// Orders notices for what a person was given as a mailbox, before it ends; their sessions go on.
pub async fn order_acting(
    tx: &mut Tx,
    mailbox: AccountId,
    person: AccountId,
    now: Timestamp,
) -> Result<u64, StorageError> {
    tx.write(ORDER_AS_MAILBOX, &args![mailbox, now, Some(person)]).await
}

/// Orders notices for everything that an application was given and that is about to end.
pub async fn order_of_client(tx: &mut Tx, client: ClientRowId, now: Timestamp) -> Result<u64, StorageError> {
    tx.write(ORDER_OF_CLIENT, &args![client, now]).await
}

/// Orders notices for what one application was given for an account, before it ends; of a mailbox, what one person was
/// given as it. The sessions go on.
pub async fn order_of_access(
    tx: &mut Tx,
    account: AccountId,
    client: ClientRowId,
    by_person: Option<AccountId>,
    now: Timestamp,
) -> Result<u64, StorageError> {
    tx.write(ORDER_OF_ACCESS, &args![account, client, now, by_person]).await
}

/// How far an application was told of the people within a reach, and the last error of all, if one is known.
pub async fn of_client(
    db: &Db,
    client: ClientRowId,
    reach: Option<AgencyId>,
) -> Result<(Success, Option<String>), StorageError> {
    let success = db.find::<Success>(OF_CLIENT, &args![client, reach]).await?.unwrap_or_default();
    let error: Option<ErrorRow> = db.find(LAST_ERROR, &args![client]).await?;
    Ok((success, error.map(|row| row.last_error)))
}

/// What came of telling the applications of a session.
pub async fn of_session(db: &Db, account: AccountId, session: SessionId) -> Result<Vec<Told>, StorageError> {
    db.all(OF_SESSION, &args![account, session]).await
}

/// The notices that are to be tried now: of one account and of its sessions, or of all.
pub async fn due(
    db: &Db,
    now: Timestamp,
    account: Option<AccountId>,
    limit: i64,
) -> Result<Vec<Notice>, StorageError> {
    db.all::<Row>(DUE, &args![now, account, limit]).await?.into_iter().map(notice).collect()
}

/// Takes a notice to work on it; tells whether nobody else is at work on it.
pub async fn take(db: &Db, notice: &Notice, until: Timestamp, now: Timestamp) -> Result<bool, StorageError> {
    Ok(db.write(TAKE, &args![notice.client, notice.session, notice.account, until, now]).await? == 1)
}

/// Records that the application agreed, or that it is given up with an error.
pub async fn done(
    db: &Db,
    notice: &Notice,
    now: Timestamp,
    given_up: Option<&str>,
) -> Result<(), StorageError> {
    let args = args![notice.client, notice.session, notice.account, now, given_up.is_none(), given_up];
    db.write(DONE, &args).await.map(|_| ())
}

/// Records an attempt without success, and when the next one is due.
pub async fn again(db: &Db, notice: &Notice, next: Timestamp, error: &str) -> Result<(), StorageError> {
    db.write(AGAIN, &args![notice.client, notice.session, notice.account, next, error]).await.map(|_| ())
}

/// Puts off what waits for an application.
pub async fn pass_over(
    db: &Db,
    client: ClientRowId,
    now: Timestamp,
    until: Timestamp,
) -> Result<u64, StorageError> {
    db.write(PASS_OVER, &args![client, now, until]).await
}

/// Gives up what has waited for an application since before a moment, with the error that it had last.
pub async fn give_up(
    db: &Db,
    client: ClientRowId,
    now: Timestamp,
    before: Timestamp,
    error: &str,
) -> Result<u64, StorageError> {
    db.write(GIVE_UP, &args![client, now, before, error]).await
}

/// Forgets notices that were settled before a moment; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

fn notice(row: Row) -> Result<Notice, StorageError> {
    let bad = |column| StorageError::corrupt("logout_notice", column, row.session_id.clone());
    Ok(Notice {
        client: row.client_id.parse().map_err(|_| bad("client_id"))?,
        session: row.session_id.parse().map_err(|_| bad("session_id"))?,
        account: row.account_id.parse().map_err(|_| bad("account_id"))?,
        since: Timestamp::from_micros(row.since),
        attempts: row.attempts,
        audience: row.audience,
        uri: row.uri,
        subject: row.subject,
    })
}
