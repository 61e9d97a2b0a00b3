//! The letters: written once for each occasion, claimed by the node that sends them.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, AgencyId, LetterId};
use crate::domain::mail::{Letter, LetterKind, Stage};
use crate::domain::policy::reminder::{Occasion, Written};
use crate::domain::timestamp::Timestamp;

statements! {
    WRITE = "INSERT INTO letter (id, account_id, address, kind, occasion_key, occasion, term_start, subject, body, \
             written_at, state, attempts, next_attempt_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', 0, $10) ON CONFLICT (occasion_key) DO NOTHING";
    // A newer letter about the same term says all that an older one that is still here would say.
    SUPERSEDE = "UPDATE letter SET state = 'withdrawn' WHERE account_id = $1 AND term_start = $2 AND id <> $3 \
                 AND state = 'waiting'";
    WITHDRAW = "UPDATE letter SET state = 'withdrawn' WHERE account_id = $1 AND term_start IS NOT NULL \
                AND state = 'waiting'";
    WITHDRAW_ONE = "UPDATE letter SET state = 'withdrawn', busy_until = NULL WHERE id = $1 AND state = 'waiting'";
    BY_ID = "SELECT id, account_id, address, kind, term_start, subject, body, written_at, state, attempts, \
             next_attempt_at, last_error, sent_at FROM letter WHERE id = $1";
    // The letters already written about the running terms that end within a span.
    WRITTEN = "SELECT letter.account_id, letter.occasion, letter.written_at FROM letter \
               JOIN account ON account.id = letter.account_id AND account.state_since = letter.term_start \
               WHERE account.due_at >= $1 AND account.due_at <= $2 AND letter.occasion IS NOT NULL";
    IS_WRITTEN = "SELECT id FROM letter WHERE occasion_key = $1";
    DUE = "SELECT id, account_id, address, kind, term_start, subject, body, written_at, state, attempts, \
           next_attempt_at, last_error, sent_at FROM letter WHERE state = 'waiting' AND next_attempt_at <= $1 \
           AND (busy_until IS NULL OR busy_until <= $1) ORDER BY next_attempt_at, id LIMIT $2";
    TAKE = "UPDATE letter SET busy_until = $3, attempts = attempts + 1 WHERE id = $1 AND attempts = $2 \
            AND state = 'waiting' AND next_attempt_at <= $4 AND (busy_until IS NULL OR busy_until <= $4)";
    SENT = "UPDATE letter SET state = 'sent', sent_at = $2, last_error = NULL, busy_until = NULL WHERE id = $1";
    LATER = "UPDATE letter SET next_attempt_at = $2, last_error = $3, busy_until = NULL WHERE id = $1";
    FAILED = "UPDATE letter SET state = 'failed', last_error = $2, busy_until = NULL \
              WHERE id = $1 AND state = 'waiting'";
    SENT_SINCE = "SELECT COUNT(*) AS number FROM letter WHERE sent_at IS NOT NULL AND sent_at > $1";
    // One that was withdrawn before it was ever tried has reached nobody.
    OF_ACCOUNT = "SELECT id, account_id, address, kind, term_start, subject, body, written_at, state, attempts, \
                  next_attempt_at, last_error, sent_at FROM letter WHERE account_id = $1 \
                  AND NOT (state = 'withdrawn' AND attempts = 0) AND (CAST($2 AS TEXT) IS NULL OR id < $2) \
                  ORDER BY id DESC LIMIT $3";
    COUNTS = "SELECT state, COUNT(*) AS number FROM letter WHERE state <> '' GROUP BY state";
    // Every state there is: so the index leads to the letters of each account.
    COUNTS_OF_BRANCH = "SELECT state, COUNT(*) AS number FROM letter WHERE state <> '' \
                        AND state IN ('waiting', 'sent', 'failed', 'withdrawn') AND account_id IN \
                        (SELECT a.id FROM account a WHERE a.agency_id IN \
                        (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1)) GROUP BY state";
    FAILURES = "SELECT letter.id, letter.account_id, letter.address, letter.kind, letter.last_error, \
                letter.written_at FROM letter JOIN account ON account.id = letter.account_id \
                WHERE letter.state = 'failed' AND (CAST($1 AS TEXT) IS NULL OR account.agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1)) \
                AND (CAST($2 AS TEXT) IS NULL OR letter.id < $2) ORDER BY letter.id DESC LIMIT $3";
    FORGET = "DELETE FROM letter WHERE written_at < $1 AND state <> 'waiting'";
}

/// A letter with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: LetterId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The letter.
    pub letter: Letter,
    /// When the term began that it is about, if it is about one.
    pub term_start: Option<Timestamp>,
    /// When it was written.
    pub written_at: Timestamp,
    /// How far it is.
    pub stage: Stage,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried (again).
    pub next_at: Timestamp,
    /// What went wrong the last time.
    pub error: Option<String>,
    /// When the relay took it.
    pub sent_at: Option<Timestamp>,
}

/// What makes a letter unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whom, which rule, which term, which occasion, in one text.
    pub text: String,
    /// For a letter about a term: what called for it, and when the term began.
    pub term: Option<(Occasion, Timestamp)>,
}

/// A letter that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its id.
    pub id: LetterId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Where it was to go.
    pub address: String,
    /// What it was about.
    pub kind: LetterKind,
    /// Why it was not delivered.
    pub why: String,
    /// When it was written.
    pub written_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    address: String,
    kind: String,
    term_start: Option<i64>,
    subject: String,
    body: String,
    written_at: i64,
    state: String,
    attempts: i64,
    next_attempt_at: i64,
    last_error: Option<String>,
    sent_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct WrittenRow {
    account_id: String,
    occasion: Option<String>,
    written_at: i64,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: String,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    state: String,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct FailureRow {
    id: String,
    account_id: String,
    address: String,
    kind: String,
    last_error: Option<String>,
    written_at: i64,
}

/// Writes a letter, unless one with this key was written before; tells whether it was. Older letters about the same
/// term that were not sent yet are withdrawn.
pub async fn write(
    tx: &mut Tx,
    id: LetterId,
    account_id: AccountId,
    key: &Key,
    letter: &Letter,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let args = args![
        id,
        account_id,
        letter.to().as_str(),
        letter.kind().code(),
        &key.text,
        key.term.map(|(occasion, _)| occasion.to_string()),
        key.term.map(|(_, start)| start),
        letter.subject(),
        letter.body(),
        now,
    ];
    let written = tx.write(WRITE, &args).await? == 1;
    if let (true, Some((_, start))) = (written, key.term) {
        tx.write(SUPERSEDE, &args![account_id, start, id]).await?;
    }
    Ok(written)
}

/// Withdraws the letters about an account's terms that were not sent yet; tells how many.
pub async fn withdraw(tx: &mut Tx, account_id: AccountId) -> Result<u64, StorageError> {
    tx.write(WITHDRAW, &args![account_id]).await
}

/// Withdraws one letter, if it was not sent yet.
pub async fn withdraw_one(db: &Db, id: LetterId) -> Result<(), StorageError> {
    db.write(WITHDRAW_ONE, &args![id]).await.map(|_| ())
}

/// The letter with this id.
pub async fn by_id(db: &Db, id: LetterId) -> Result<Option<Kept>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(kept).transpose()
}

/// The letters already written about the running terms that end within a span, both ends included.
pub async fn written_between(
    db: &Db,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(AccountId, Written)>, StorageError> {
    let rows: Vec<WrittenRow> = db.all(WRITTEN, &args![from, until]).await?;
    let written = rows.into_iter().map(|row| {
        let bad = |column| StorageError::corrupt("letter", column, &row.account_id);
        let occasion = row.occasion.as_deref().and_then(Occasion::parse).ok_or_else(|| bad("occasion"))?;
        let on = Timestamp::from_micros(row.written_at).local_date();
        Ok((row.account_id.parse().map_err(|_| bad("account_id"))?, Written { occasion, on }))
    });
    written.collect()
}

/// Whether a letter with this key was written.
pub async fn is_written(db: &Db, key: &str) -> Result<bool, StorageError> {
    Ok(db.find::<IdRow>(IS_WRITTEN, &args![key]).await?.is_some_and(|row| !row.id.is_empty()))
}

/// The letters that are to be sent now and that nobody is at work on, the longest waiting first.
pub async fn due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<Kept>, StorageError> {
    db.all::<Row>(DUE, &args![now, limit]).await?.into_iter().map(kept).collect()
}

/// Takes a letter to send it; tells whether nobody else has.
pub async fn take(db: &Db, letter: &Kept, until: Timestamp, now: Timestamp) -> Result<bool, StorageError> {
    Ok(db.write(TAKE, &args![letter.id, letter.attempts, until, now]).await? == 1)
}

/// Records that the relay took it, even if it was withdrawn meanwhile: it is on its way.
pub async fn sent(tx: &mut Tx, id: LetterId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(SENT, &args![id, now]).await.map(|_| ())
}

/// Records an attempt without success, and when the next one is due.
pub async fn later(db: &Db, id: LetterId, next_at: Timestamp, error: &str) -> Result<(), StorageError> {
    db.write(LATER, &args![id, next_at, error]).await.map(|_| ())
}

/// Records that it will not be delivered.
pub async fn failed(db: &Db, id: LetterId, error: &str) -> Result<(), StorageError> {
    db.write(FAILED, &args![id, error]).await.map(|_| ())
}

/// How many letters the relay took since a moment; for the pace.
pub async fn sent_since(db: &Db, since: Timestamp) -> Result<i64, StorageError> {
    Ok(db.one::<Number>(SENT_SINCE, &args![since]).await?.number)
}

/// The letters that an account was sent, or is about to be, newest first; those before an id.
pub async fn of_account(
    db: &Db,
    account_id: AccountId,
    before: Option<LetterId>,
    limit: i64,
) -> Result<Vec<Kept>, StorageError> {
    db.all::<Row>(OF_ACCOUNT, &args![account_id, before, limit]).await?.into_iter().map(kept).collect()
}

/// How many letters are in each stage, within a reach.
pub async fn counts(db: &Db, reach: Option<AgencyId>) -> Result<Vec<(Stage, i64)>, StorageError> {
    let rows: Vec<CountRow> = match reach {
        Some(root) => db.all(COUNTS_OF_BRANCH, &args![root]).await?,
        None => db.all(COUNTS, &[]).await?,
    };
    let counts = rows.into_iter().map(|row| {
        let stage = Stage::from_code(&row.state);
        let stage = stage.ok_or_else(|| StorageError::corrupt("letter", "state", &row.state))?;
        Ok((stage, row.number))
    });
    counts.collect()
}

/// The letters that were not delivered, within a reach, newest first; those before an id.
pub async fn failures(
    db: &Db,
    reach: Option<AgencyId>,
    before: Option<LetterId>,
    limit: i64,
) -> Result<Vec<Failure>, StorageError> {
    let rows: Vec<FailureRow> = db.all(FAILURES, &args![reach, before, limit]).await?;
    let failures = rows.into_iter().map(|row| {
        let bad = |column| StorageError::corrupt("letter", column, &row.id);
        Ok(Failure {
            id: row.id.parse().map_err(|_| bad("id"))?,
            account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
            address: row.address.clone(),
            kind: LetterKind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
            why: row.last_error.clone().unwrap_or_default(),
            written_at: Timestamp::from_micros(row.written_at),
        })
    });
    failures.collect()
}

/// Forgets the letters written before a moment; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

fn kept(row: Row) -> Result<Kept, StorageError> {
    let bad = |column| StorageError::corrupt("letter", column, &row.id);
    let to = MailAddress::parse(&row.address).map_err(|_| bad("address"))?;
    let kind = LetterKind::from_code(&row.kind).ok_or_else(|| bad("kind"))?;
    Ok(Kept {
        id: row.id.parse().map_err(|_| bad("id"))?,
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        stage: Stage::from_code(&row.state).ok_or_else(|| bad("state"))?,
        letter: Letter::kept(to, kind, row.subject, row.body),
        term_start: row.term_start.map(Timestamp::from_micros),
        written_at: Timestamp::from_micros(row.written_at),
        attempts: row.attempts,
        next_at: Timestamp::from_micros(row.next_attempt_at),
        error: row.last_error,
        sent_at: row.sent_at.map(Timestamp::from_micros),
    })
}
