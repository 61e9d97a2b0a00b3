//! Background jobs: a name, a rhythm, `run(&App)`. No input, always repeatable; a lease makes one node do it.
//!
//! The lease is one of the two places above `services` that touch `storage` (see `tests/architecture.rs`).

use crate::app::App;
use crate::services::{
    Internal, access_review, acting, agency_months, audit_archive, audit_stream, bulk, calendar, chain,
    directory_locks, failed_attempts, health, letters, lock, logos, logout_notices, policy, reorganisation,
    roles, second_step, sync, upkeep,
};
use crate::storage::leases;
use async_trait::async_trait;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A job of the house.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name, also of its lease.
    fn name(&self) -> &'static str;
    /// How often it runs.
    fn every(&self, app: &App) -> Duration;
    /// Whether every node runs it, for itself, without a lease.
    fn is_for_every_node(&self) -> bool {
        false
    }
    /// Does the work.
    async fn run(&self, app: &App) -> Result<(), Internal>;
}

/// All jobs.
pub fn all() -> Vec<Box<dyn Job>> {
    vec![
        Box::new(Synchronise),
        Box::new(EnforceDeadlines),
        Box::new(WriteLocks),
        Box::new(CarryOnBulk),
        Box::new(Reorganise),
        Box::new(TellApplications),
        Box::new(KeepLogos),
        Box::new(Forget),
        Box::new(ReadRegulation),
        Box::new(WriteLetters),
        Box::new(SendLetters),
        Box::new(ReadThresholds),
        Box::new(LookAtDirectories),
        Box::new(EndRoles),
        Box::new(KeepReviews),
        Box::new(KeepMonths),
        Box::new(ArchiveAudit),
        Box::new(SendAudit),
    ]
}

/// Runs all jobs until `stop` turns true, then waits for the ones under way.
pub async fn run_until(app: App, stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    for job in all() {
        running.spawn(keep_running(app.clone(), job, stop.clone()));
    }
    running.join_all().await;
}

async fn keep_running(app: App, job: Box<dyn Job>, mut stop: watch::Receiver<bool>) {
    loop {
        let every = job.every(&app);
        if !*stop.borrow() {
            run_once(&app, job.as_ref()).await;
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Runs a job once if this node gets the lease. A failure is logged; the next round tries again.
pub async fn run_once(app: &App, job: &dyn Job) {
    if job.is_for_every_node() {
        return run_and_tell(app, job).await;
    }
    let now = app.now();
    let name = format!("job {}", job.name());
    // A little shorter than the rhythm, so that the lease has run out when the next round comes.
    let lease = time::Duration::seconds_f64(job.every(app).as_secs_f64() * 0.9);
    match leases::take(&app.db, &name, &app.node, now.plus(lease), now).await {
        Ok(true) => run_and_tell(app, job).await,
        Ok(false) => tracing::debug!(job = job.name(), "another node does it"),
        Err(error) => tracing::error!(job = job.name(), "taking the lease failed: {}", chain(&error)),
    }
}

async fn run_and_tell(app: &App, job: &dyn Job) {
    if let Err(error) = job.run(app).await {
        tracing::error!(job = job.name(), "the job failed: {}", chain(&error));
    }
}

/// Reads the directories that are due.
pub struct Synchronise;

#[async_trait]
impl Job for Synchronise {
    fn name(&self) -> &'static str {
        "sync"
    }
    fn every(&self, app: &App) -> Duration {
        sync::schedule(app)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        let Some(order) = sync::due(app).await? else { return Ok(()) };
        match sync::run_as(app, &sync::StartedBy::Schedule, &order).await {
            Ok(_)
            | Err(
                sync::SyncRefused::UnderWay
                | sync::SyncRefused::Forbidden(_)
                | sync::SyncRefused::CommandLineOnly,
            ) => Ok(()),
            Err(sync::SyncRefused::Internal(internal)) => Err(internal),
        }
    }
}

/// Locks the accounts whose term has ended.
pub struct EnforceDeadlines;

#[async_trait]
impl Job for EnforceDeadlines {
    fn name(&self) -> &'static str {
        "deadlines"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(5)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        let locked = lock::enforce_deadlines(app).await?;
        if locked > 0 {
            tracing::info!(locked, "accounts were locked because their term has ended");
        }
        Ok(())
    }
}

/// Goes on with acts over many accounts that were broken off, and with what access reviews have withdrawn.
pub struct CarryOnBulk;

#[async_trait]
impl Job for CarryOnBulk {
    fn name(&self) -> &'static str {
        "bulk"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        let acts = bulk::carry_on(app).await;
        access_review::carry_on(app).await?;
        acts
    }
}

/// Renames, merges and splits agencies whose day has come, and goes on with what was broken off.
pub struct Reorganise;

#[async_trait]
impl Job for Reorganise {
    fn name(&self) -> &'static str {
        "agencies"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        reorganisation::carry_on(app).await
    }
}

/// Opens the access review of a half-year, and tells those who have not finished.
pub struct KeepReviews;

#[async_trait]
impl Job for KeepReviews {
    fn name(&self) -> &'static str {
        "reviews"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(30)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        access_review::keep(app).await
    }
}

/// Takes the figures of the agencies at the end of a month.
pub struct KeepMonths;

#[async_trait]
impl Job for KeepMonths {
    fn name(&self) -> &'static str {
        "agency months"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_hours(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        agency_months::keep(app).await
    }
}

/// Carries locks and their lifting to the directories.
pub struct WriteLocks;

#[async_trait]
impl Job for WriteLocks {
    fn name(&self) -> &'static str {
        "directory locks"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        let done = directory_locks::carry_out_due(app).await?;
        if done > 0 {
            tracing::info!(done, "locks reached the directories");
        }
        Ok(())
    }
}

/// Ends delegations whose last day is over, and tells applications what has ended.
pub struct TellApplications;

#[async_trait]
impl Job for TellApplications {
    fn name(&self) -> &'static str {
        "logout notices"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        acting::end_lapsed(app).await?;
        logout_notices::send_due(app).await.map(|_| ())
    }
}

/// Fetches the logos of applications: new ones at once, the others daily.
pub struct KeepLogos;

#[async_trait]
impl Job for KeepLogos {
    fn name(&self) -> &'static str {
        "logos"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        logos::keep(app).await.map(|_| ())
    }
}

/// Forgets what has expired.
pub struct Forget;

#[async_trait]
impl Job for Forget {
    fn name(&self) -> &'static str {
        "upkeep"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_hours(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        upkeep::forget(app).await.map(|_| ())
    }
}

/// Keeps the calendar filled for the years to come, and this node's copies of calendar and policy fresh.
pub struct ReadRegulation;

#[async_trait]
impl Job for ReadRegulation {
    fn name(&self) -> &'static str {
        "regulation"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(1)
    }
    fn is_for_every_node(&self) -> bool {
        true
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        policy::reload(app).await?;
        calendar::keep(app).await
    }
}

/// Writes the letters that running terms call for today.
pub struct WriteLetters;

#[async_trait]
impl Job for WriteLetters {
    fn name(&self) -> &'static str {
        "write letters"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(15)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        let written = letters::write_due(app).await?;
        if written > 0 {
            tracing::info!(written, "letters were written");
        }
        Ok(())
    }
}

/// Hands waiting letters to the relay.
pub struct SendLetters;

#[async_trait]
impl Job for SendLetters {
    fn name(&self) -> &'static str {
        "send letters"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        // They come too late if they wait for the hour of the upkeep.
        let told = second_step::tell_left(app).await;
        let sent = letters::send_due(app).await?;
        if sent > 0 {
            tracing::info!(sent, "letters were sent");
        }
        // What keeps these few from being written keeps no other letter back.
        told.map(|_| ())
    }
}

/// Reads after how many failures the directories lock by themselves; every node stays below.
pub struct ReadThresholds;

#[async_trait]
impl Job for ReadThresholds {
    fn name(&self) -> &'static str {
        "lock-out thresholds"
    }
    fn every(&self, app: &App) -> Duration {
        sync::schedule(app)
    }
    fn is_for_every_node(&self) -> bool {
        true
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        failed_attempts::read_thresholds(app).await;
        Ok(())
    }
}

/// Asks the directories how they are, so that pages tell it and a server that is back is found.
pub struct LookAtDirectories;

#[async_trait]
impl Job for LookAtDirectories {
    fn name(&self) -> &'static str {
        "look at directories"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_secs(30)
    }
    fn is_for_every_node(&self) -> bool {
        true
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        health::look(app).await;
        Ok(())
    }
}

/// Ends roles whose day is over or whose holder has left.
pub struct EndRoles;

#[async_trait]
impl Job for EndRoles {
    fn name(&self) -> &'static str {
        "roles"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_mins(1)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        let ended = roles::keep(app).await?;
        if ended > 0 {
            tracing::info!(ended, "roles ended by themselves");
        }
        Ok(())
    }
}

/// Moves old lines of the audit into the archive.
pub struct ArchiveAudit;

#[async_trait]
impl Job for ArchiveAudit {
    fn name(&self) -> &'static str {
        "audit archive"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_hours(6)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        let moved = audit_archive::archive_due(app).await?;
        if moved > 0 {
            tracing::info!(moved, "lines of the audit moved into the archive");
        }
        Ok(())
    }
}

/// Sends the audit to the syslog server.
pub struct SendAudit;

#[async_trait]
impl Job for SendAudit {
    fn name(&self) -> &'static str {
        "audit stream"
    }
    fn every(&self, _app: &App) -> Duration {
        Duration::from_secs(10)
    }
    async fn run(&self, app: &App) -> Result<(), Internal> {
        audit_stream::send_due(app).await.map(|_| ())
    }
}
