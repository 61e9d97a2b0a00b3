//! Jobs that concern many accounts: what was looked at, what came of each, what it was before.

use super::accounts;
use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::account::{Account, MustChange, State, StateName};
use crate::domain::bulk::{BulkAct, BulkState, Outcome};
use crate::domain::id::{AccountId, AgencyId, BulkId};
use crate::domain::timestamp::Timestamp;

/// The columns of a job.
macro_rules! job {
    ($rest:literal) => {
        concat!(
            "SELECT id, act, asked_by, asked_as, agency_id, described, why, state, total, created_at, started_at, ",
            "finished_at ",
            "FROM bulk_job ",
            $rest
        )
    };
}

statements! {
    BY_ID = job!("WHERE id = $1");
    UNDER_WAY = job!("WHERE state IN ('running', 'undoing') ORDER BY created_at");
    LATEST = job!("WHERE state <> 'draft' AND (CAST($1 AS TEXT) IS NULL OR asked_by = $1) \
                   ORDER BY created_at DESC LIMIT $2");
    INSERT = "INSERT INTO bulk_job (id, act, asked_by, asked_as, agency_id, described, state, total, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, 'draft', 0, $7)";
    ADD = "INSERT INTO bulk_item (job_id, account_id, version) VALUES ($1, $2, $3)";
    SET_TOTAL = "UPDATE bulk_job SET total = (SELECT COUNT(*) FROM bulk_item WHERE job_id = $1) WHERE id = $1";
    START = "UPDATE bulk_job SET state = 'running', why = $2, started_at = $3 WHERE id = $1 AND state = 'draft'";
    FINISH = "UPDATE bulk_job SET state = CASE state WHEN 'running' THEN 'done' ELSE 'undone' END, finished_at = $2 \
              WHERE id = $1 AND state = $3 AND state IN ('running', 'undoing')";
    UNDO = "UPDATE bulk_job SET state = 'undoing', why = $2 WHERE id = $1 AND state = 'done'";
    BY_AGENCY = "SELECT account.agency_id, COUNT(*) AS number FROM bulk_item \
                 JOIN account ON account.id = bulk_item.account_id WHERE job_id = $1 \
                 AND (CAST($2 AS TEXT) IS NULL OR account.agency_id IN \
                 (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) GROUP BY account.agency_id";
    BY_STATE = "SELECT account.state, account.state_reason, COUNT(*) AS number FROM bulk_item \
                JOIN account ON account.id = bulk_item.account_id WHERE job_id = $1 \
                AND (CAST($2 AS TEXT) IS NULL OR account.agency_id IN \
                (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) GROUP BY account.state, account.state_reason ORDER BY account.state, account.state_reason";
    BY_OUTCOME = "SELECT outcome, COUNT(*) AS number FROM bulk_item WHERE job_id = $1 GROUP BY outcome";
    ACCOUNTS = accounts::select_account!("", "WHERE id IN (SELECT account_id FROM bulk_item WHERE job_id = $1 \
                AND (CAST($2 AS TEXT) IS NULL OR outcome = $2 OR outcome = $3)) \
                AND (CAST($4 AS TEXT) IS NULL OR agency_id IN \
                (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $4)) ORDER BY name_key, id LIMIT $5");
    OPEN = "SELECT account_id, version, before_state, before_since, before_reason, before_due, before_promised FROM bulk_item \
            WHERE job_id = $1 AND outcome IS NULL ORDER BY account_id LIMIT $2";
    DONE = "SELECT account_id, after_version AS version, before_state, before_since, before_reason, before_due, before_promised \
            FROM bulk_item WHERE job_id = $1 AND outcome = 'done' ORDER BY account_id LIMIT $2";
    // Whoever settles an item first has it: the others find it settled.
    SETTLE = "UPDATE bulk_item SET outcome = $3, after_version = $4, before_state = $5, before_since = $6, \
              before_reason = $7, before_due = $8, before_promised = $9 WHERE job_id = $1 AND account_id = $2 AND outcome IS NULL";
    SETTLE_BACK = "UPDATE bulk_item SET outcome = $3 WHERE job_id = $1 AND account_id = $2 AND outcome = 'done'";
    FORGET_ITEMS = "DELETE FROM bulk_item WHERE job_id IN (SELECT id FROM bulk_job WHERE created_at < $1 \
                    AND (state = 'draft' OR created_at < $2) AND state NOT IN ('running', 'undoing'))";
    FORGET = "DELETE FROM bulk_job WHERE created_at < $1 AND (state = 'draft' OR created_at < $2) \
              AND state NOT IN ('running', 'undoing')";
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: BulkId,
    /// What is done.
    pub act: BulkAct,
    /// Who asked.
    pub asked_by: AccountId,
    /// Under which address.
    pub asked_as: String,
    /// The agency at the root of the branch that they reached; `None`: the whole city.
    pub agency: Option<AgencyId>,
    /// What the list was narrowed to.
    pub described: String,
    /// Why.
    pub why: Option<String>,
    /// How far it is.
    pub state: BulkState,
    /// How many accounts it concerns.
    pub total: i64,
    /// When it was drawn up.
    pub created_at: Timestamp,
    /// When it was begun.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

/// One account of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which account.
    pub account_id: AccountId,
    /// The version that the account must still have.
    pub version: i64,
    /// The state before the job, and until when it was promised to stay open then, once it is done.
    pub before: Option<(State, Option<Timestamp>)>,
}

#[derive(sqlx::FromRow)]
struct JobRow {
    id: String,
    act: String,
    asked_by: String,
    asked_as: String,
    agency_id: Option<String>,
    described: String,
    why: Option<String>,
    state: String,
    total: i64,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    account_id: String,
    version: i64,
    before_state: Option<String>,
    before_since: Option<i64>,
    before_reason: Option<String>,
    before_due: Option<i64>,
    before_promised: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct OutcomeRow {
    outcome: Option<String>,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct StateRow {
    state: String,
    state_reason: Option<String>,
    number: i64,
}

/// The job with this id.
pub async fn by_id(db: &Db, id: BulkId) -> Result<Option<Job>, StorageError> {
    db.find::<JobRow>(BY_ID, &args![id]).await?.map(job).transpose()
}

/// The jobs on which somebody is at work.
pub async fn under_way(db: &Db) -> Result<Vec<Job>, StorageError> {
    db.all::<JobRow>(UNDER_WAY, &[]).await?.into_iter().map(job).collect()
}

/// The latest jobs that were confirmed, of one administrator or of all.
pub async fn latest(db: &Db, asked_by: Option<AccountId>, limit: i64) -> Result<Vec<Job>, StorageError> {
    db.all::<JobRow>(LATEST, &args![asked_by, limit]).await?.into_iter().map(job).collect()
}

/// Writes down a draft without accounts.
pub async fn insert(tx: &mut Tx, job: &Job) -> Result<(), StorageError> {
    let values = args![
        job.id,
        job.act.code(),
        job.asked_by,
        &job.asked_as,
        job.agency,
        &job.described,
        job.created_at
    ];
    tx.write(INSERT, &values).await.map(|_| ())
}

/// Adds accounts to a draft.
pub async fn add(tx: &mut Tx, id: BulkId, accounts: &[&Account]) -> Result<(), StorageError> {
    let row = |account: &&Account| args![id, account.id(), account.version()].to_vec();
    tx.write_rows(ADD, accounts.iter().map(row).collect()).await?;
    tx.write(SET_TOTAL, &args![id]).await.map(|_| ())
}

/// Begins a draft; tells whether it was one.
pub async fn start(tx: &mut Tx, id: BulkId, why: &str, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(START, &args![id, why, now]).await? == 1)
}

/// Begins to take back what was done; tells whether it was.
pub async fn undo(tx: &mut Tx, id: BulkId, why: &str) -> Result<bool, StorageError> {
    Ok(tx.write(UNDO, &args![id, why]).await? == 1)
}

/// Writes down that it is over.
pub async fn finish(
    tx: &mut Tx,
    (id, state): (BulkId, BulkState),
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(FINISH, &args![id, now, state.code()]).await? == 1)
}

/// How many accounts of each agency it concerns, in the whole city or one branch of the tree.
pub async fn by_agency(
    db: &Db,
    id: BulkId,
    root: Option<AgencyId>,
) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    accounts::by_agency(db.all(BY_AGENCY, &args![id, root]).await?)
}

/// How many accounts in each state it concerns, with the code of the reason; in the whole city or one branch of the tree.
pub async fn by_state(
    db: &Db,
    id: BulkId,
    root: Option<AgencyId>,
) -> Result<Vec<(StateName, Option<String>, i64)>, StorageError> {
    let rows: Vec<StateRow> = db.all(BY_STATE, &args![id, root]).await?;
    let read = |row: StateRow| {
        let state = StateName::from_code(&row.state);
        let state = state.ok_or_else(|| StorageError::corrupt("account", "state", &row.state))?;
        Ok((state, row.state_reason, row.number))
    };
    rows.into_iter().map(read).collect()
}

/// How many accounts it has dealt with, by what came of them; `None`: not yet.
pub async fn by_outcome(db: &Db, id: BulkId) -> Result<Vec<(Option<Outcome>, i64)>, StorageError> {
    let rows: Vec<OutcomeRow> = db.all(BY_OUTCOME, &args![id]).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.outcome.as_deref().and_then(Outcome::from_code), row.number))
        .collect())
}

/// The first accounts of it by name, of all or with one of these outcomes; in the whole city or one branch of the tree.
pub async fn accounts(
    db: &Db,
    id: BulkId,
    outcomes: &[Outcome],
    root: Option<AgencyId>,
    limit: i64,
) -> Result<Vec<Account>, StorageError> {
    let (one, other) = (outcomes.first().copied(), outcomes.last().copied());
    let args = args![id, one.map(Outcome::code), other.map(Outcome::code), root, limit];
    db.all(ACCOUNTS, &args).await?.into_iter().map(accounts::account).collect()
}

/// The next accounts that wait to be dealt with.
pub async fn open(tx: &mut Tx, id: BulkId, limit: i64) -> Result<Vec<Item>, StorageError> {
    tx.all::<ItemRow>(OPEN, &args![id, limit]).await?.iter().map(item).collect()
}

/// The next accounts that were dealt with and wait to be put back.
pub async fn done(tx: &mut Tx, id: BulkId, limit: i64) -> Result<Vec<Item>, StorageError> {
    tx.all::<ItemRow>(DONE, &args![id, limit]).await?.iter().map(item).collect()
}

/// Writes down what came of an account, with what it was before and the version that it has now; tells whether nobody
/// else did.
pub async fn settle(
    tx: &mut Tx,
    id: BulkId,
    before: &Account,
    outcome: Outcome,
) -> Result<bool, StorageError> {
    let (state, since, reason, due) = columns(before.state());
    let after = (outcome == Outcome::Done).then(|| before.version() + 1);
    let values = args![
        id,
        before.id(),
        outcome.code(),
        after,
        state,
        since,
        reason,
        due,
        before.traces().promised_until
    ];
    Ok(tx.write(SETTLE, &values).await? == 1)
}

/// Writes down what came of taking back an account; tells whether nobody else did.
pub async fn settle_back(
    tx: &mut Tx,
    id: BulkId,
    account: AccountId,
    outcome: Outcome,
) -> Result<bool, StorageError> {
    Ok(tx.write(SETTLE_BACK, &args![id, account, outcome.code()]).await? == 1)
}

/// Forgets drafts older than a moment and jobs older than another; tells how many.
pub async fn forget(db: &Db, drafts: Timestamp, jobs: Timestamp) -> Result<u64, StorageError> {
    let mut tx = db.begin().await?;
    tx.write(FORGET_ITEMS, &args![drafts, jobs]).await?;
    let forgotten = tx.write(FORGET, &args![drafts, jobs]).await?;
    tx.commit().await?;
    Ok(forgotten)
}

type Columns = (&'static str, Timestamp, Option<&'static str>, Option<Timestamp>);

const fn columns(state: &State) -> Columns {
    match *state {
        State::Active { password_set_at } => ("active", password_set_at, None, None),
        State::MustChangePassword { since, deadline, why } => {
            ("must_change", since, Some(why.code()), Some(deadline))
        }
        State::Locked { at, reason } => ("locked", at, Some(reason.code()), None),
        State::Retired { at } => ("retired", at, None, None),
    }
}

fn job(row: JobRow) -> Result<Job, StorageError> {
    let bad = |column| StorageError::corrupt("bulk_job", column, &row.id);
    Ok(Job {
        id: row.id.parse().map_err(|_| bad("id"))?,
        act: BulkAct::from_code(&row.act).ok_or_else(|| bad("act"))?,
        asked_by: row.asked_by.parse().map_err(|_| bad("asked_by"))?,
        state: BulkState::from_code(&row.state).ok_or_else(|| bad("state"))?,
        asked_as: row.asked_as,
        agency: row.agency_id.as_deref().map(str::parse).transpose().map_err(|_| bad("agency_id"))?,
        described: row.described,
        why: row.why,
        total: row.total,
        created_at: Timestamp::from_micros(row.created_at),
        started_at: row.started_at.map(Timestamp::from_micros),
        finished_at: row.finished_at.map(Timestamp::from_micros),
    })
}

fn item(row: &ItemRow) -> Result<Item, StorageError> {
    let bad = |column| StorageError::corrupt("bulk_item", column, &row.account_id);
    let since = row.before_since.map(Timestamp::from_micros);
    let reason = row.before_reason.as_deref();
    let before = match (row.before_state.as_deref().and_then(StateName::from_code), since) {
        (Some(StateName::Active), Some(password_set_at)) => Some(State::Active { password_set_at }),
        (Some(StateName::MustChange), Some(since)) => Some(State::MustChangePassword {
            since,
            deadline: row.before_due.map_or(since, Timestamp::from_micros),
            why: reason.and_then(MustChange::from_code).ok_or_else(|| bad("before_reason"))?,
        }),
        (Some(StateName::Locked), Some(at)) => Some(State::Locked {
            at,
            reason: reason
                .and_then(crate::domain::account::LockReason::from_code)
                .ok_or_else(|| bad("before_reason"))?,
        }),
        _ => None,
    };
    let account_id = row.account_id.parse().map_err(|_| bad("account_id"))?;
    let promised = row.before_promised.map(Timestamp::from_micros);
    Ok(Item { account_id, version: row.version, before: before.map(|state| (state, promised)) })
}
