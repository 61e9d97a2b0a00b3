//! What staff report, and what was done about it. A step is never changed.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, AgencyId, IncidentId, StepId};
use crate::domain::incident::{Clock, Closing, Incident, IncidentKind, Judgement, Step, StepKind};
use crate::domain::timestamp::Timestamp;

/// The columns of an incident, from the rows that the rest of the statement chooses.
macro_rules! incident {
    ($rest:literal) => {
        concat!(
            "SELECT id, year, number, kind, account_id, agency_id, title, story, done, occurred_at, detected_at, ",
            "reported_at, is_incident, is_serious, personal_data, closed_at, closed_by, report, version FROM incident ",
            $rest
        )
    };
}

statements! {
    NEXT = "INSERT INTO incident_count (year, last) VALUES ($1, 1) \
            ON CONFLICT (year) DO UPDATE SET last = incident_count.last + 1 RETURNING last";
    INSERT = "INSERT INTO incident (id, year, number, kind, account_id, agency_id, title, story, done, occurred_at, \
              detected_at, reported_at, is_incident, is_serious, personal_data, version) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)";
    BY_ID = incident!("WHERE id = $1");
    OF_ACCOUNT = incident!("WHERE account_id = $1 ORDER BY id DESC LIMIT $2");
    // The open ones first, each part the newest first.
    LIST = incident!("WHERE (CAST($1 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b \
                      WHERE b.root_id = $1)) AND (closed_at IS NULL) = $2 \
                      AND (CAST($3 AS TEXT) IS NULL OR id < $3) ORDER BY id DESC LIMIT $4");
    OPEN = "SELECT COUNT(*) AS number FROM incident WHERE closed_at IS NULL \
            AND (CAST($1 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1))";
    SINCE = "SELECT COUNT(*) AS number FROM incident WHERE account_id = $1 AND reported_at > $2";
    JUDGE = "UPDATE incident SET is_incident = $3, is_serious = $4, personal_data = $5, version = version + 1 \
             WHERE id = $1 AND version = $2 AND closed_at IS NULL";
    TOUCH = "UPDATE incident SET version = version + 1 WHERE id = $1 AND version = $2 AND closed_at IS NULL";
    CLOSE = "UPDATE incident SET closed_at = $3, closed_by = $4, report = $5, version = version + 1 \
             WHERE id = $1 AND version = $2 AND closed_at IS NULL";
    ADD_STEP = "INSERT INTO incident_step (id, incident_id, at, actor, kind, clock, words) \
                VALUES ($1, $2, $3, $4, $5, $6, $7)";
    STEPS = "SELECT id, at, actor, kind, clock, words FROM incident_step WHERE incident_id = $1 ORDER BY id";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    year: i64,
    number: i64,
    kind: String,
    account_id: String,
    agency_id: Option<String>,
    title: String,
    story: String,
    done: String,
    occurred_at: i64,
    detected_at: i64,
    reported_at: i64,
    is_incident: bool,
    is_serious: bool,
    personal_data: bool,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    report: Option<String>,
    version: i64,
}

#[derive(sqlx::FromRow)]
struct LastRow {
    last: i64,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct StepRow {
    id: String,
    at: i64,
    actor: String,
    kind: String,
    clock: Option<String>,
    words: String,
}

/// Takes the next number of a year.
pub async fn next_number(tx: &mut Tx, year: i64) -> Result<i64, StorageError> {
    Ok(tx.one::<LastRow>(NEXT, &args![year]).await?.last)
}

/// Adds an incident.
pub async fn insert(tx: &mut Tx, one: &Incident) -> Result<(), StorageError> {
    let args = args![
        one.id,
        one.year,
        one.number,
        one.kind.code(),
        one.account_id,
        one.agency_id,
        &one.title,
        &one.story,
        &one.done,
        one.occurred_at,
        one.detected_at,
        one.reported_at,
        one.judgement.is_incident,
        one.judgement.is_serious,
        one.judgement.personal_data,
    ];
    tx.write(INSERT, &args).await.map(|_| ())
}

/// The incident with this id.
pub async fn by_id(db: &Db, id: IncidentId) -> Result<Option<Incident>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(incident).transpose()
}

/// The newest of an account.
pub async fn of_account(db: &Db, account: AccountId, limit: i64) -> Result<Vec<Incident>, StorageError> {
    db.all::<Row>(OF_ACCOUNT, &args![account, limit]).await?.into_iter().map(incident).collect()
}

/// Open or closed ones within reach, the newest first, those before one.
pub async fn list(
    db: &Db,
    reach: Option<AgencyId>,
    is_open: bool,
    before: Option<IncidentId>,
    limit: i64,
) -> Result<Vec<Incident>, StorageError> {
    let args = args![reach, is_open, before, limit];
    db.all::<Row>(LIST, &args).await?.into_iter().map(incident).collect()
}

/// How many are open within reach.
pub async fn open(db: &Db, reach: Option<AgencyId>) -> Result<i64, StorageError> {
    Ok(db.one::<NumberRow>(OPEN, &args![reach]).await?.number)
}

/// How many an account has reported since a moment.
pub async fn since(db: &Db, account: AccountId, since: Timestamp) -> Result<i64, StorageError> {
    Ok(db.one::<NumberRow>(SINCE, &args![account, since]).await?.number)
}

/// Says what an open incident is; `false` if somebody else changed it meanwhile.
pub async fn judge(tx: &mut Tx, one: &Incident, judgement: Judgement) -> Result<bool, StorageError> {
    let Judgement { is_incident, is_serious, personal_data } = judgement;
    let args = args![one.id, one.version, is_incident, is_serious, personal_data];
    Ok(tx.write(JUDGE, &args).await? == 1)
}

/// Takes an open incident for a step; `false` if somebody else changed it meanwhile.
pub async fn touch(tx: &mut Tx, one: &Incident) -> Result<bool, StorageError> {
    Ok(tx.write(TOUCH, &args![one.id, one.version]).await? == 1)
}

/// Closes an open incident; `false` if somebody else changed it meanwhile.
pub async fn close(tx: &mut Tx, one: &Incident, closing: &Closing) -> Result<bool, StorageError> {
    let args = args![one.id, one.version, closing.at, &closing.by, &closing.report];
    Ok(tx.write(CLOSE, &args).await? == 1)
}

/// Adds a step.
pub async fn add_step(
    tx: &mut Tx,
    id: StepId,
    incident: IncidentId,
    step: &Step,
) -> Result<(), StorageError> {
    let clock = step.clock.map(Clock::code);
    let args = args![id, incident, step.at, &step.actor, step.kind.code(), clock, &step.words];
    tx.write(ADD_STEP, &args).await.map(|_| ())
}

/// The steps of an incident, in their order.
pub async fn steps(db: &Db, incident: IncidentId) -> Result<Vec<Step>, StorageError> {
    db.all::<StepRow>(STEPS, &args![incident]).await?.into_iter().map(step).collect()
}

fn step(row: StepRow) -> Result<Step, StorageError> {
    let bad = |column| StorageError::corrupt("incident_step", column, &row.id);
    Ok(Step {
        at: Timestamp::from_micros(row.at),
        kind: StepKind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        clock: match row.clock.as_deref() {
            Some(code) => Some(Clock::from_code(code).ok_or_else(|| bad("clock"))?),
            None => None,
        },
        actor: row.actor,
        words: row.words,
    })
}

fn incident(row: Row) -> Result<Incident, StorageError> {
    let bad = |column| StorageError::corrupt("incident", column, &row.id);
    let closing = row.closed_at.map(|at| Closing {
        at: Timestamp::from_micros(at),
        by: row.closed_by.clone().unwrap_or_default(),
        report: row.report.clone().unwrap_or_default(),
    });
    Ok(Incident {
        id: row.id.parse().map_err(|_| bad("id"))?,
        year: row.year,
        number: row.number,
        kind: IncidentKind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        agency_id: match row.agency_id.as_deref() {
            Some(id) => Some(id.parse().map_err(|_| bad("agency_id"))?),
            None => None,
        },
        occurred_at: Timestamp::from_micros(row.occurred_at),
        detected_at: Timestamp::from_micros(row.detected_at),
        reported_at: Timestamp::from_micros(row.reported_at),
        judgement: Judgement {
            is_incident: row.is_incident,
            is_serious: row.is_serious,
            personal_data: row.personal_data,
        },
        closing,
        version: row.version,
        title: row.title,
        story: row.story,
        done: row.done,
    })
}
