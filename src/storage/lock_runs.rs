//! Runs of the lock job that the brake stopped, and who approved them.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::RunId;
use crate::domain::timestamp::Timestamp;

statements! {
    LATEST = "SELECT id, stopped_at, cutoff, accounts, reason, state, ended_at, ended_by, locked FROM lock_run \
              ORDER BY stopped_at DESC LIMIT $1";
    IN_STATE = "SELECT id, stopped_at, cutoff, accounts, reason, state, ended_at, ended_by, locked FROM lock_run \
                WHERE state = $1";
    HOLD = "INSERT INTO lock_run (id, stopped_at, cutoff, accounts, reason, state, locked) \
            VALUES ($1, $2, $2, $3, $4, 'held', 0) ON CONFLICT DO NOTHING";
    TAKE = "UPDATE lock_run SET accounts = accounts WHERE id = $1 AND state = 'held'";
    MOVE_ON = "UPDATE lock_run SET state = $3, ended_at = $4, ended_by = $5, locked = $6 WHERE id = $1 AND state = $2";
    RENEW = "UPDATE lock_run SET cutoff = $2, accounts = $3 WHERE id = $1 AND state = 'held' \
             AND NOT EXISTS (SELECT 1 FROM lock_run_approval WHERE run_id = lock_run.id)";
    APPROVE = "INSERT INTO lock_run_approval (run_id, approved_by, approved_at, why) \
               SELECT id, $2, $3, $4 FROM lock_run WHERE id = $1 AND state = 'held' \
               ON CONFLICT (run_id, approved_by) DO NOTHING";
    APPROVALS = "SELECT approved_by, approved_at, why FROM lock_run_approval WHERE run_id = $1 ORDER BY approved_at";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    stopped_at: i64,
    cutoff: i64,
    accounts: i64,
    reason: String,
    state: String,
    ended_at: Option<i64>,
    ended_by: Option<String>,
    locked: i64,
}

#[derive(sqlx::FromRow)]
struct ApprovalRow {
    approved_by: String,
    approved_at: i64,
    why: String,
}

/// How far a stopped run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It waits for two approvals.
    Held,
    /// Two people approved it; it is being carried out.
    Approved,
    /// It was carried out.
    Done,
    /// Everybody it would have locked got a later deadline.
    Postponed,
    /// So many changed their passwords meanwhile that it was no mass lock any more.
    Released,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Held, Self::Approved, Self::Done, Self::Postponed, Self::Released];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Done => "done",
            Self::Postponed => "postponed",
            Self::Released => "released",
        }
    }
}

/// A run of the lock job that the brake stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockRun {
    /// Its id.
    pub id: RunId,
    /// When it was stopped.
    pub stopped_at: Timestamp,
    /// Whoever was to be locked by then is covered by an approval.
    pub cutoff: Timestamp,
    /// How many it would have locked.
    pub accounts: i64,
    /// Why it was stopped.
    pub reason: String,
    /// How far it is.
    pub state: RunState,
    /// When it ended, and who ended it.
    pub ended: Option<(Timestamp, String)>,
    /// How many it locked in the end.
    pub locked: i64,
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The address of who approved.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// The latest runs, newest first.
pub async fn latest(db: &Db, limit: i64) -> Result<Vec<LockRun>, StorageError> {
    db.all::<Row>(LATEST, &args![limit]).await?.into_iter().map(run).collect()
}

/// The run that waits, or the one that was approved: there is at most one of each.
pub async fn in_state(db: &Db, state: RunState) -> Result<Option<LockRun>, StorageError> {
    db.find::<Row>(IN_STATE, &args![state.code()]).await?.map(run).transpose()
}

/// Writes down that a run was stopped; tells whether none waited already.
pub async fn hold(
    tx: &mut Tx,
    id: RunId,
    now: Timestamp,
    accounts: i64,
    reason: &str,
) -> Result<bool, StorageError> {
    Ok(tx.write(HOLD, &args![id, now, accounts, reason]).await? == 1)
}

/// Takes a waiting run for the rest of the transaction: what another one writes about it is seen from here on, or waits.
/// Tells whether it waits.
pub async fn take(tx: &mut Tx, id: RunId) -> Result<bool, StorageError> {
    Ok(tx.write(TAKE, &args![id]).await? == 1)
}

/// The waiting run covers whoever is to be locked by `now`, so many accounts, as long as nobody approved it.
pub async fn renew(tx: &mut Tx, id: RunId, now: Timestamp, accounts: i64) -> Result<(), StorageError> {
    tx.write(RENEW, &args![id, now, accounts]).await.map(|_| ())
}

/// Moves a run from one state to another; tells whether it was in that state.
pub async fn move_on(
    tx: &mut Tx,
    id: RunId,
    (from, to): (RunState, RunState),
    (now, by): (Timestamp, &str),
    locked: i64,
) -> Result<bool, StorageError> {
    Ok(tx.write(MOVE_ON, &args![id, from.code(), to.code(), now, by, locked]).await? == 1)
}

/// Approves a waiting run; tells whether this person had not yet.
pub async fn approve(
    tx: &mut Tx,
    id: RunId,
    by: &str,
    now: Timestamp,
    why: &str,
) -> Result<bool, StorageError> {
    Ok(tx.write(APPROVE, &args![id, by, now, why]).await? == 1)
}

/// Who approved a run.
pub async fn approvals(db: &Db, id: RunId) -> Result<Vec<Approval>, StorageError> {
    Ok(db.all::<ApprovalRow>(APPROVALS, &args![id]).await?.into_iter().map(approval).collect())
}

/// Who approved a run, within the transaction of an approval.
pub async fn approvals_in(tx: &mut Tx, id: RunId) -> Result<Vec<Approval>, StorageError> {
    Ok(tx.all::<ApprovalRow>(APPROVALS, &args![id]).await?.into_iter().map(approval).collect())
}

fn approval(row: ApprovalRow) -> Approval {
    Approval { by: row.approved_by, at: Timestamp::from_micros(row.approved_at), why: row.why }
}

fn run(row: Row) -> Result<LockRun, StorageError> {
    let bad = |column| StorageError::corrupt("lock_run", column, row.id.clone());
    Ok(LockRun {
        id: row.id.parse().map_err(|_| bad("id"))?,
        stopped_at: Timestamp::from_micros(row.stopped_at),
        cutoff: Timestamp::from_micros(row.cutoff),
        accounts: row.accounts,
        reason: row.reason,
        state: RunState::ALL.into_iter().find(|s| s.code() == row.state).ok_or_else(|| bad("state"))?,
        ended: row.ended_at.map(Timestamp::from_micros).zip(row.ended_by),
        locked: row.locked,
    })
}
