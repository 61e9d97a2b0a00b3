//! What the runs of the synchronisation planned, line by line, and who decided on the ones that were held.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AgencyId, RunId};
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{Counts, Field, FieldChange, Line, LineKind};
use crate::domain::timestamp::Timestamp;

/// How many lines of a plan are kept.
pub const KEPT: usize = 5_000;

statements! {
    INSERT = "INSERT INTO sync_plan (run_id, made_at, directories, state, excess, other_run, total, kept) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_COUNT = "INSERT INTO sync_plan_count (run_id, kind, number) VALUES ($1, $2, $3)";
    INSERT_LINE = "INSERT INTO sync_plan_line (run_id, number, kind, account_id, agency, agency_to, system, subject, \
                   name, changes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    OF_RUN = "SELECT run_id, made_at, directories, state, excess, other_run, decided_by, decided_at, decided_why, \
              total, kept FROM sync_plan WHERE run_id = $1";
    OPEN = "SELECT run_id, made_at, directories, state, excess, other_run, decided_by, decided_at, decided_why, \
            total, kept FROM sync_plan WHERE state IN ('held', 'approved', 'refused') \
            ORDER BY made_at DESC, run_id DESC LIMIT 1";
    DECIDE = "UPDATE sync_plan SET state = $2, decided_by = $3, decided_at = $4, decided_why = $5 \
              WHERE run_id = $1 AND state IN ('held', 'refused') AND state <> $2";
    END = "UPDATE sync_plan SET state = $3 WHERE run_id = $1 AND state = $2";
    COUNTS = "SELECT kind, number FROM sync_plan_count WHERE run_id = $1 ORDER BY kind";
    COUNTS_OF_AGENCY = "SELECT kind, COUNT(*) AS number FROM sync_plan_line \
                        WHERE run_id = $1 AND (agency IN (SELECT a.code FROM agency a JOIN agency_branch b ON b.agency_id = a.id WHERE b.root_id = $2) \
                        OR agency_to IN (SELECT a.code FROM agency a JOIN agency_branch b ON b.agency_id = a.id WHERE b.root_id = $2)) GROUP BY kind ORDER BY kind";
    LINES = "SELECT number, kind, account_id, agency, agency_to, system, subject, name, changes FROM sync_plan_line \
             WHERE run_id = $1 AND number > $2 AND (CAST($3 AS TEXT) IS NULL OR kind = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR agency IN (SELECT a.code FROM agency a JOIN agency_branch b ON b.agency_id = a.id WHERE b.root_id = $4) \
             OR agency_to IN (SELECT a.code FROM agency a JOIN agency_branch b ON b.agency_id = a.id WHERE b.root_id = $4)) ORDER BY number LIMIT $5";
    FORGET = "DELETE FROM sync_plan_line WHERE run_id IN (SELECT run_id FROM sync_plan WHERE made_at < $1 \
              AND state NOT IN ('held', 'approved', 'refused'))";
}

/// How far a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanState {
    /// It was only looked at.
    Planned,
    /// It was applied.
    Applied,
    /// It waits for a decision.
    Held,
    /// The next run that plans no more than this applies it.
    Approved,
    /// It is not to be applied.
    Refused,
    /// Its approval was used.
    Used,
    /// A later run was within the limits again.
    Released,
    /// A later run planned more.
    Replaced,
    /// It was held because another one waits that it does not exceed.
    Repeats,
}

impl PlanState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Planned,
        Self::Applied,
        Self::Held,
        Self::Approved,
        Self::Refused,
        Self::Used,
        Self::Released,
        Self::Replaced,
        Self::Repeats,
    ];

    /// The word in the database and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applied => "applied",
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Used => "used",
            Self::Released => "released",
            Self::Replaced => "replaced",
            Self::Repeats => "repeats",
        }
    }
}

/// A decision on a held plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The address of who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// A plan as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPlan {
    /// The run that made it.
    pub run_id: RunId,
    /// When.
    pub made_at: Timestamp,
    /// The codes of the directories that were read, separated by a blank.
    pub directories: String,
    /// How far it is.
    pub state: PlanState,
    /// Which limits it exceeded ([`crate::domain::sync::Excess`]).
    pub excess: String,
    /// The held run that it repeats, or whose approval it used.
    pub other_run: Option<RunId>,
    /// Who decided on it.
    pub decision: Option<Decision>,
    /// How many lines there were.
    pub total: i64,
    /// How many of them were kept.
    pub kept: i64,
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct LineFilter {
    /// Only of this kind.
    pub kind: Option<LineKind>,
    /// Only what concerns, or leads to, this agency or one below it.
    pub reach: Option<AgencyId>,
    /// Only behind this number.
    pub after: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    run_id: String,
    made_at: i64,
    directories: String,
    state: String,
    excess: String,
    other_run: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    decided_why: Option<String>,
    total: i64,
    kept: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    kind: String,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    number: i64,
    kind: String,
    account_id: Option<String>,
    agency: Option<String>,
    agency_to: Option<String>,
    system: Option<String>,
    subject: String,
    name: String,
    changes: String,
}

/// Keeps a plan: its counts, and of its lines the first [`KEPT`]; of `plan`, the numbers of lines do not count.
pub async fn keep(tx: &mut Tx, plan: &KeptPlan, counts: &Counts, lines: &[Line]) -> Result<(), StorageError> {
    let total: u64 = counts.values().sum();
    let kept = lines.len().min(KEPT);
    let row = args![
        plan.run_id,
        plan.made_at,
        &plan.directories,
        plan.state.code(),
        &plan.excess,
        plan.other_run,
        i64::try_from(total).unwrap_or(i64::MAX),
        i64::try_from(kept).unwrap_or(i64::MAX),
    ];
    tx.write(INSERT, &row).await?;
    for (kind, number) in counts {
        let number = i64::try_from(*number).unwrap_or(i64::MAX);
        tx.write(INSERT_COUNT, &args![plan.run_id, kind.code(), number]).await?;
    }
    let row = |(number, line): (i64, &Line)| {
        args![
            plan.run_id,
            number,
            line.kind.code(),
            line.account_id,
            &line.agency,
            &line.agency_to,
            line.system.map(MailSystem::code),
            &line.subject,
            &line.name,
            written(&line.changes),
        ]
        .to_vec()
    };
    let rows: Vec<_> = (1i64..).zip(&lines[..kept]).map(row).collect();
    tx.write_rows(INSERT_LINE, rows).await
}

/// The plan of a run.
pub async fn of_run(db: &Db, id: RunId) -> Result<Option<KeptPlan>, StorageError> {
    db.find::<Row>(OF_RUN, &args![id]).await?.map(plan).transpose()
}

/// The plan of a run, within a transaction.
pub async fn of_run_in(tx: &mut Tx, id: RunId) -> Result<Option<KeptPlan>, StorageError> {
    tx.find::<Row>(OF_RUN, &args![id]).await?.map(plan).transpose()
}

/// The plan that waits for a decision, or was decided on and not ended yet: there is at most one.
pub async fn open(db: &Db) -> Result<Option<KeptPlan>, StorageError> {
    db.find::<Row>(OPEN, &[]).await?.map(plan).transpose()
}

/// Decides on a plan that is held; one that was refused may still be approved. Tells whether there was something to
/// decide.
pub async fn decide(
    tx: &mut Tx,
    id: RunId,
    to: PlanState,
    decision: &Decision,
) -> Result<bool, StorageError> {
    let row = args![id, to.code(), &decision.by, decision.at, &decision.why];
    Ok(tx.write(DECIDE, &row).await? == 1)
}

/// Ends a plan that was open; tells whether it was in that state.
pub async fn end(tx: &mut Tx, id: RunId, from: PlanState, to: PlanState) -> Result<bool, StorageError> {
    Ok(tx.write(END, &args![id, from.code(), to.code()]).await? == 1)
}

/// How many lines of each kind a plan has; of one branch only as far as the lines were kept.
pub async fn counts(db: &Db, id: RunId, reach: Option<AgencyId>) -> Result<Counts, StorageError> {
    let rows: Vec<CountRow> = match reach {
        None => db.all(COUNTS, &args![id]).await?,
        Some(root) => db.all(COUNTS_OF_AGENCY, &args![id, root]).await?,
    };
    let count = |row: CountRow| {
        let bad = || StorageError::corrupt("sync_plan_count", "kind", id.to_string());
        Ok((LineKind::from_code(&row.kind).ok_or_else(bad)?, row.number.unsigned_abs()))
    };
    rows.into_iter().map(count).collect()
}

/// A page of the lines of a plan, each with its number.
pub async fn lines(
    db: &Db,
    id: RunId,
    filter: &LineFilter,
    limit: i64,
) -> Result<Vec<(i64, Line)>, StorageError> {
    let kind = filter.kind.map(LineKind::code);
    let rows: Vec<LineRow> = db.all(LINES, &args![id, filter.after, kind, filter.reach, limit]).await?;
    rows.into_iter().map(|row| line(id, row)).collect()
}

/// Forgets the lines of plans made before a moment, except of one that is open; the counts stay.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}

fn plan(row: Row) -> Result<KeptPlan, StorageError> {
    let bad = |column| StorageError::corrupt("sync_plan", column, row.run_id.clone());
    let other_run = row.other_run.as_deref().map(str::parse).transpose().map_err(|_| bad("other_run"))?;
    let decision = match (row.decided_by, row.decided_at, row.decided_why) {
        (Some(by), Some(at), Some(why)) => Some(Decision { by, at: Timestamp::from_micros(at), why }),
        _ => None,
    };
    Ok(KeptPlan {
        run_id: row.run_id.parse().map_err(|_| bad("run_id"))?,
        made_at: Timestamp::from_micros(row.made_at),
        directories: row.directories,
        state: PlanState::ALL.into_iter().find(|s| s.code() == row.state).ok_or_else(|| bad("state"))?,
        excess: row.excess,
        other_run,
        decision,
        total: row.total,
        kept: row.kept,
    })
}

fn line(id: RunId, row: LineRow) -> Result<(i64, Line), StorageError> {
    let bad = |column| StorageError::corrupt("sync_plan_line", column, format!("{id}/{}", row.number));
    let account_id = row.account_id.as_deref().map(str::parse).transpose().map_err(|_| bad("account_id"))?;
    let system = match row.system.as_deref() {
        None => None,
        Some(code) => Some(MailSystem::from_code(code).ok_or_else(|| bad("system"))?),
    };
    let line = Line {
        kind: LineKind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        account_id,
        system,
        changes: read(&row.changes).ok_or_else(|| bad("changes"))?,
        agency: row.agency,
        agency_to: row.agency_to,
        subject: row.subject,
        name: row.name,
    };
    Ok((row.number, line))
}

type Written = Vec<(String, Option<String>, Option<String>)>;

fn written(changes: &[FieldChange]) -> String {
    let all: Written =
        changes.iter().map(|c| (c.field.code().to_owned(), c.before.clone(), c.after.clone())).collect();
    serde_json::to_string(&all).unwrap_or_else(|_| "[]".to_owned())
}

fn read(text: &str) -> Option<Vec<FieldChange>> {
    let all: Written = serde_json::from_str(text).ok()?;
    let change = |(field, before, after): (String, Option<String>, Option<String>)| {
        Some(FieldChange { field: Field::from_code(&field)?, before, after })
    };
    all.into_iter().map(change).collect()
}
