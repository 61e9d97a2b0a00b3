//! The synchronisation: read both directories, plan, look whether it is too much, apply in small transactions, report.

pub mod agencies;
mod apply;
pub mod authority;
mod beside;
mod known;
mod meter;
mod plans;
pub mod preview;
mod reading;
mod rulings;
pub mod sources;
mod told;

pub use meter::Phase;
pub use plans::{Looked, PAGE, PlanRefused, approve, decision_waits, look, refuse};
pub use told::{SOMEBODY, runs};

use super::{Internal, chain, conflicts, failed_attempts, rights};
use crate::app::App;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::RunId;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{Excess, Known, Plan, Rules, Rulings, Snapshot, exceeded, lines, plan};
use crate::storage::{
    StorageError, agencies as stored_agencies, audit, directory_entries, leases, sync_runs,
};
use apply::Applied;
use known::Ground;
use meter::Meter;
use plans::Verdict;
use reading::Read;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use thiserror::Error;
use time::Duration;

pub use crate::storage::sync_plans::{Decision, KeptPlan, PlanState};
pub use crate::storage::sync_runs::Run;

/// The lease of the synchronisation, and for how long it is taken: a run prolongs it while it works, and one that was
/// killed holds up the next one no longer.
const LEASE: (&str, Duration) = ("sync", Duration::minutes(1));

/// What happened with one directory in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryReport {
    /// `ad` or `obm`.
    pub system: String,
    /// Mailboxes that there are in it; `None` if it could not be read.
    pub read: Option<usize>,
    /// Whether everything was read, not only what changed.
    #[serde(default = "always")]
    pub whole: bool,
    /// Entries that were sent: all of them, or those that changed.
    #[serde(default)]
    pub changed: usize,
    /// What went wrong.
    pub error: Option<String>,
    /// What is to be known beside: what is kept outside the directory could not be read, or does not fit it.
    #[serde(default)]
    pub note: Option<String>,
    /// Entries left out, with the reason; at most fifty.
    pub passed_over: Vec<(String, String)>,
    /// How many were left out in all.
    pub passed_over_count: usize,
}

/// Runs that did not tell read everything.
const fn always() -> bool {
    true
}

impl DirectoryReport {
    fn nothing(system: &str) -> Self {
        Self {
            system: system.to_owned(),
            read: None,
            whole: true,
            changed: 0,
            error: None,
            note: None,
            passed_over: Vec::new(),
            passed_over_count: 0,
        }
    }
}

/// Who starts a run.
pub enum StartedBy<'a> {
    /// The schedule.
    Schedule,
    /// The command line.
    CommandLine,
    /// An administrator who may.
    Administrator(&'a Administrator),
}

/// What a run is to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Reads this directory only; the mailboxes of the other one stay as they are.
    pub only: Option<MailSystem>,
    /// Reads everything, not only what changed.
    pub everything: bool,
    /// What happens with the plan.
    pub then: Then,
}

/// What happens with a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Then {
    /// It is applied, unless it must be looked at first.
    #[default]
    Apply,
    /// It is kept and not applied.
    Keep,
    /// It is applied whatever its size; the operator at the command line says why.
    ApplyWhateverItsSize(String),
}

/// Why a run did not happen or failed.
#[derive(Debug, Error)]
pub enum SyncRefused {
    /// One is under way, here or on another node.
    #[error("a synchronisation is under way")]
    UnderWay,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Only the command line applies a plan whatever its size.
    #[error("only the command line applies a plan whatever its size")]
    CommandLineOnly,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for SyncRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// The latest runs, newest first, with all that is known of them: for whoever stands at the machine.
pub async fn every_run(app: &App, limit: i64) -> Result<Vec<Run>, Internal> {
    Ok(sync_runs::latest(&app.db, limit).await?)
}

/// The report of each directory in a run.
pub fn report(run: &Run) -> Vec<DirectoryReport> {
    serde_json::from_str(&run.report).unwrap_or_default()
}

/// Begins a run and returns at once with its id; [`carry_out`] does the work.
pub async fn begin(app: &App, by: &StartedBy<'_>) -> Result<RunId, SyncRefused> {
    let (actor, name) = match by {
        StartedBy::Schedule => (Actor::Job("sync"), "schedule".to_owned()),
        StartedBy::CommandLine => (Actor::CommandLine, "command_line".to_owned()),
        StartedBy::Administrator(admin) => {
            (rights::acting(app, admin, Right::Synchronise).await?, admin.address().to_string())
        }
    };
    let now = app.now();
    let id = RunId::new(now, app.system.entropy());
    // The run is the holder, not the node: two runs of one node exclude each other too.
    if !leases::take(&app.db, LEASE.0, &id.to_string(), now.plus(LEASE.1), now).await? {
        return Err(SyncRefused::UnderWay);
    }
    let mut tx = app.db.begin().await?;
    sync_runs::abandon(&mut tx, now).await?;
    sync_runs::start(&mut tx, id, &name, now).await?;
    if !matches!(by, StartedBy::Schedule) {
        audit::append(&mut tx, &[Entry::new(now, actor, Act::SyncStarted, "directories")]).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// Does the work of a run that [`begin`] began, and records what came of it.
pub async fn carry_out(app: &App, id: RunId, order: &Order) -> Result<Run, Internal> {
    let done = match watched(app, id, order).await {
        Ok(done) => done,
        Err(internal) => {
            tracing::error!("the synchronisation failed: {}", chain(&internal));
            Done::failed(Vec::new(), Some(chain(&internal)))
        }
    };
    let now = app.now();
    let mut reports = done.reports;
    if let Some(error) = done.applied.error {
        reports.push(DirectoryReport { error: Some(error), ..DirectoryReport::nothing("danang-sso") });
    }
    let run = Run {
        id,
        started_at: now,
        finished_at: Some(now),
        started_by: String::new(),
        outcome: done.outcome.to_owned(),
        report: serde_json::to_string(&reports).unwrap_or_else(|_| "[]".to_owned()),
        created: done.applied.created,
        updated: done.applied.updated,
        vanished: i64::try_from(done.vanishing).unwrap_or(i64::MAX),
        progress: 0,
        phase: Phase::Applying.code().to_owned(),
        expected: 0,
        phase_since: None,
    };
    let mut tx = app.db.begin().await?;
    sync_runs::finish(&mut tx, &run).await?;
    if run.created + run.updated > 0 || run.outcome != "done" {
        let detail = format!("{}; {} new, {} changed", run.outcome, run.created, run.updated);
        let entry = Entry::new(now, Actor::Job("sync"), Act::SyncEnded, "directories").with(detail);
        audit::append(&mut tx, &[entry]).await?;
    }
    tx.commit().await?;
    leases::give_back(&app.db, LEASE.0, &id.to_string()).await?;
    tracing::info!(
        outcome = run.outcome,
        created = run.created,
        updated = run.updated,
        vanished = run.vanished,
        "synchronised"
    );
    Ok(run)
}

/// What the schedule asks for now: both directories, one of them, or nothing. One that could not be read, or whose plan was
/// not applied, is due again at once.
pub async fn due(app: &App) -> Result<Option<Order>, Internal> {
    let mut due = Vec::new();
    for directory in app.directories.iter() {
        let system = directory.system();
        let read_at = directory_entries::position(&app.db, system).await?.map(|position| position.read_at);
        let (every, tick) = (interval(app, system), schedule(app));
        // The clock of the job is not to the second.
        let is_due = read_at.is_none_or(|at| app.now().since(at) + tick / 2 >= every);
        due.extend(is_due.then_some(system));
    }
    Ok(match due[..] {
        [] => None,
        [only] if app.directories.iter().count() > 1 => Some(Order { only: Some(only), ..Order::default() }),
        _ => Some(Order::default()),
    })
}

/// How often the schedule looks whether a directory is due.
pub fn schedule(app: &App) -> std::time::Duration {
    let all = app.directories.iter().map(|directory| interval(app, directory.system()));
    all.min().unwrap_or(app.config.sync.every[0])
}

fn interval(app: &App, system: MailSystem) -> std::time::Duration {
    let [ad, obm] = app.config.sync.every;
    match system {
        MailSystem::Ad => ad,
        MailSystem::Obm => obm,
    }
}

/// A whole run, from beginning to end.
pub async fn run(app: &App, by: &StartedBy<'_>) -> Result<Run, SyncRefused> {
    run_as(app, by, &Order::default()).await
}

/// A whole run that does what was ordered. Only the command line applies a plan whatever its size.
pub async fn run_as(app: &App, by: &StartedBy<'_>, order: &Order) -> Result<Run, SyncRefused> {
    if matches!(order.then, Then::ApplyWhateverItsSize(_)) && !matches!(by, StartedBy::CommandLine) {
        return Err(SyncRefused::CommandLineOnly);
    }
    let id = begin(app, by).await?;
    Ok(carry_out(app, id, order).await?)
}

/// What came of a run.
struct Done {
    outcome: &'static str,
    reports: Vec<DirectoryReport>,
    vanishing: usize,
    applied: Applied,
}

impl Done {
    fn failed(reports: Vec<DirectoryReport>, error: Option<String>) -> Self {
        Self { outcome: "failed", reports, vanishing: 0, applied: Applied { error, ..Applied::default() } }
    }
}

/// A run whose progress is recorded every second.
async fn watched(app: &App, id: RunId, order: &Order) -> Result<Done, Internal> {
    let meter = Meter::default();
    // Side by side: what is told waits for the work's transactions, and they must not wait for it.
    tokio::select! {
        done = read_and_apply(app, id, order, &meter) => done,
        lost = accompany(app, id, &meter) => lost,
    }
}

/// Tells every second how far a run is, and keeps its lease. Ends only when another run has taken that over, which
/// happens to a process that stood still for longer than the lease.
async fn accompany(app: &App, id: RunId, meter: &Meter) -> Result<Done, Internal> {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let (phase, done, expected) = meter.reading();
        let how_far = (phase.code(), number(done), number(expected));
        let now = app.now();
        if let Err(error) = sync_runs::progress(&app.db, id, how_far, now).await {
            tracing::warn!("recording how far the synchronisation is: {}", chain(&error));
        }
        if let Ok(false) = leases::take(&app.db, LEASE.0, &id.to_string(), now.plus(LEASE.1), now).await {
            return Ok(Done::failed(Vec::new(), Some("another run has taken over".to_owned())));
        }
    }
}

async fn read_and_apply(app: &App, id: RunId, order: &Order, meter: &Meter) -> Result<Done, Internal> {
    let read_from = app.now();
    let (mut reads, mut reports) = reading::read(app, order, meter).await?;
    failed_attempts::read_thresholds(app).await;
    if reads.is_empty() {
        return Ok(Done::failed(reports, None));
    }
    let basis = rulings::basis(app).await?;
    let rulings = rulings::in_force(app).await?;
    let Ground { known, snapshots, size } = known::gather(app, &mut reads, basis.is_new(), read_from).await?;
    let all = stored_agencies::with_merged(&app.db).await?;
    let plan = plan_of(app, &known, &all, &snapshots, &rulings);
    note_what_there_is(&mut reports, &reads, &plan);
    let read: Vec<_> = reads.iter().map(|read| read.system).collect();
    let lines = lines(&plan, &known, &all);
    let excess = exceeded(&lines, size, &app.config.sync.limits);
    let vanishing = plan.vanishing;
    let done = |outcome, reports, applied| Done { outcome, reports, vanishing, applied };
    let looked = plans::Fresh { id, lines: &lines, excess: &excess, read: &read };
    let approval = match plans::judge(app, &looked, &order.then).await? {
        Verdict::Keep => return Ok(done("planned", reports, Applied::default())),
        Verdict::Hold => {
            let error = format!("held, nothing was changed: {}", Excess::write_all(&excess));
            return Ok(done("held", reports, Applied { error: Some(error), ..Applied::default() }));
        }
        Verdict::Apply { approval } => approval,
    };
    meter.enter(Phase::Applying, plan.steps.len());
    let applied = apply::apply(app, &plan, (&known, basis.version), meter).await?;
    apply::hold_locks(app, &read, read_from).await?;
    // Only now: a crash before it leaves the approval to the run that finishes the work.
    plans::use_up(app, approval).await?;
    // What failed is read and tried again by the next run.
    if applied.error.is_none() {
        for (read, snapshot) in reads.iter().zip(&snapshots) {
            read.keep(app, snapshot, &unsettled(&plan, read.system)).await?;
        }
    }
    let has_changed = basis.is_new() || reports.iter().any(|report| report.changed > 0);
    // The run has done its work, whatever comes of a number.
    if let Err(internal) = conflicts::count(app, has_changed || applied.created + applied.updated > 0).await {
        tracing::error!("counting the conflicts of the directories: {}", chain(&internal));
    }
    let is_complete = reports.iter().all(|report| report.read.is_some());
    if is_complete && order.only.is_none() && applied.error.is_none() {
        rulings::obeyed(app, &basis).await?;
    }
    Ok(done(if is_complete { "done" } else { "partial" }, reports, applied))
}

/// The logins of the mailboxes that ask for what cannot be, such as an address that somebody else holds.
fn unsettled(plan: &Plan, system: MailSystem) -> HashSet<&str> {
    let of_system = plan.passed_over.iter().filter(|(of, _)| *of == system);
    of_system.map(|(_, passed)| passed.entry.as_str()).collect()
}

pub(super) fn plan_of(
    app: &App,
    known: &[Known],
    all: &[Agency],
    snapshots: &[Snapshot],
    rulings: &Rulings,
) -> Plan {
    let regulation = app.regulation();
    let rules = Rules {
        retire_after: app.config.sync.retire_after,
        regulation: &regulation,
        agency_mailbox_prefixes: &app.config.sync.agency_mailbox_prefixes,
        service_mailbox_prefixes: &app.config.sync.service_mailbox_prefixes,
        rulings,
    };
    plan(known, all, snapshots, &rules, app.now())
}

/// What administrators decided about the directories.
pub(super) async fn rulings_in_force(app: &App) -> Result<Rulings, Internal> {
    rulings::in_force(app).await
}

/// How often that was changed; to be read before it.
pub(super) async fn rulings_version(app: &App) -> Result<i64, Internal> {
    Ok(rulings::basis(app).await?.version)
}

/// How many mailboxes there are in each directory now, and what was left out.
fn note_what_there_is(reports: &mut [DirectoryReport], reads: &[Read], plan: &Plan) {
    for read in reads {
        let Some(report) = reports.iter_mut().find(|r| r.system == read.system.code()) else { continue };
        report.read = Some(read.number());
        let left_out = plan.passed_over.iter().filter(|(system, _)| *system == read.system);
        report.passed_over = left_out.map(|(_, p)| (p.entry.clone(), p.why.clone())).collect();
        report.passed_over_count = report.passed_over.len();
        report.passed_over.truncate(50);
    }
}
