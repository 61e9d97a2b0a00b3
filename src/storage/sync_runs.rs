//! Runs of the synchronisation and what came of them.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::RunId;
use crate::domain::timestamp::Timestamp;

statements! {
    START = "INSERT INTO sync_run (id, started_at, started_by, outcome, report, created, updated, vanished, progress) \
             VALUES ($1, $2, $3, 'running', '[]', 0, 0, 0, 0)";
    PROGRESS = "UPDATE sync_run SET progress = $2, expected = $3, \
                phase_since = CASE WHEN phase = $4 AND phase_since > 0 THEN phase_since ELSE $5 END, \
                phase = $4 WHERE id = $1";
    FINISH = "UPDATE sync_run SET finished_at = $2, outcome = $3, report = $4, created = $5, updated = $6, \
              vanished = $7 WHERE id = $1";
    ABANDON = "UPDATE sync_run SET finished_at = $1, outcome = 'abandoned' WHERE outcome = 'running'";
    BY_ID = "SELECT id, started_at, finished_at, started_by, outcome, report, created, updated, vanished, progress, phase, expected, phase_since \
             FROM sync_run WHERE id = $1";
    LATEST = "SELECT id, started_at, finished_at, started_by, outcome, report, created, updated, vanished, progress, phase, expected, phase_since \
              FROM sync_run ORDER BY started_at DESC, id DESC LIMIT $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    started_at: i64,
    finished_at: Option<i64>,
    started_by: String,
    outcome: String,
    report: String,
    created: i64,
    updated: i64,
    vanished: i64,
    progress: i64,
    phase: String,
    expected: i64,
    phase_since: i64,
}

/// A run as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    pub finished_at: Option<Timestamp>,
    /// `schedule`, `command_line` or an administrator's address.
    pub started_by: String,
    /// `running`, `done`, `partial`, `held`, `planned`, `failed` or `abandoned`.
    pub outcome: String,
    /// JSON: what happened with each directory.
    pub report: String,
    /// Accounts made.
    pub created: i64,
    /// Accounts changed.
    pub updated: i64,
    /// Mailboxes that vanished.
    pub vanished: i64,
    /// What was done so far in its phase.
    pub progress: i64,
    /// What it is at: `reading`, `planning` or `applying`.
    pub phase: String,
    /// About how many there are to do in this phase; 0 where nobody knows.
    pub expected: i64,
    /// Since when it is at that, if it has told.
    pub phase_since: Option<Timestamp>,
}

/// Records the start of a run.
pub async fn start(tx: &mut Tx, id: RunId, by: &str, now: Timestamp) -> Result<(), StorageError> {
    tx.write(START, &args![id, now, by]).await.map(|_| ())
}

/// Records how far a run is: what it is at, how much of it is done, and about how much there is.
pub async fn progress(
    db: &Db,
    id: RunId,
    (phase, done, expected): (&str, i64, i64),
    now: Timestamp,
) -> Result<(), StorageError> {
    db.write(PROGRESS, &args![id, done, expected, phase, now]).await.map(|_| ())
}

/// Records the end of a run; of `run`, everything but the start counts.
pub async fn finish(tx: &mut Tx, run: &Run) -> Result<(), StorageError> {
    tx.write(
        FINISH,
        &args![run.id, run.finished_at, &run.outcome, &run.report, run.created, run.updated, run.vanished],
    )
    .await
    .map(|_| ())
}

/// Marks runs that a crash left behind; called by whoever holds the lease.
pub async fn abandon(tx: &mut Tx, now: Timestamp) -> Result<u64, StorageError> {
    tx.write(ABANDON, &args![now]).await
}

/// The latest runs, newest first.
pub async fn latest(db: &Db, limit: i64) -> Result<Vec<Run>, StorageError> {
    db.all::<Row>(LATEST, &args![limit]).await?.into_iter().map(run).collect()
}

/// The run with this id.
pub async fn by_id(db: &Db, id: RunId) -> Result<Option<Run>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(run).transpose()
}

fn run(row: Row) -> Result<Run, StorageError> {
    let id = row.id.parse().map_err(|_| StorageError::corrupt("sync_run", "id", &row.id))?;
    Ok(Run {
        id,
        started_at: Timestamp::from_micros(row.started_at),
        finished_at: row.finished_at.map(Timestamp::from_micros),
        started_by: row.started_by,
        outcome: row.outcome,
        report: row.report,
        created: row.created,
        updated: row.updated,
        vanished: row.vanished,
        progress: row.progress,
        phase: row.phase,
        expected: row.expected,
        phase_since: Some(row.phase_since).filter(|at| *at > 0).map(Timestamp::from_micros),
    })
}
