//! The brake on the lock job: a run that would lock many at once waits for two people, who look at it first. Until then
//! nobody is locked by a deadline, neither by the job nor one by one at the sign-in.

use super::{Internal, rights};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Forbidden, Right, Role};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AgencyId, RunId};
use crate::domain::name;
use crate::domain::policy::brake::{self, Load, Stopped};
use crate::domain::timestamp::Timestamp;
use crate::storage::accounts::Place;
use crate::storage::lock_runs;
use crate::storage::{StorageError, accounts, administrators, audit};
use std::collections::BTreeMap;
use thiserror::Error;
use time::Date;

pub use crate::storage::lock_runs::{Approval, LockRun, RunState};

/// How many people must approve a stopped run.
pub const APPROVALS: usize = 2;

/// How many names the page of a stopped run shows.
const NAMES: i64 = 200;

/// A stopped run as the page shows it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The run.
    pub run: LockRun,
    /// Who approved it so far, of those who still have the right.
    pub approvals: Vec<Approval>,
    /// Who would be locked now.
    pub load: Load,
    /// The first of them.
    pub accounts: Vec<Account>,
}

/// Why a stopped run was not approved or postponed.
#[derive(Debug, Error)]
pub enum BrakeRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// No such run waits any more.
    #[error("the run does not wait any more")]
    Gone,
    /// The same person has approved it already: a second one must.
    #[error("you have approved it already; another person must")]
    Twice,
    /// The new last day is not a working day to come within a year.
    #[error("the new last day is not a working day to come")]
    NoDay,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for BrakeRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Whether the brake keeps an account, that is to be locked now, from being locked outside a run.
pub(super) async fn holds(app: &App, account: &Account) -> Result<bool, Internal> {
    if let Some(run) = lock_runs::in_state(&app.db, RunState::Approved).await?
        && account.traces().written.lock_at.is_some_and(|at| at <= run.cutoff)
    {
        return Ok(false);
    }
    if lock_runs::in_state(&app.db, RunState::Held).await?.is_some() {
        return Ok(true);
    }
    let mut load = Load::default();
    for (agency, number) in accounts::to_lock_by_agency(&app.db, app.now()).await? {
        (0..number).for_each(|_| load.add(agency));
    }
    Ok(judge(app, &load).await?.is_some())
}

/// Whether a run with this load is stopped.
pub(super) async fn judge(app: &App, load: &Load) -> Result<Option<Stopped>, Internal> {
    Ok(brake::stopped(load, &sizes(app).await?, &app.book().settings))
}

/// Stops a run: it waits, and whoever decides is told by the audit and the console. A run that waits already is
/// renewed. Tells which run waits.
pub(super) async fn stop(app: &App, load: &Load, stopped: &Stopped) -> Result<Option<RunId>, Internal> {
    let now = app.now();
    let accounts = i64::try_from(load.total).unwrap_or(i64::MAX);
    let mut tx = app.db.begin().await?;
    if let Some(run) = lock_runs::in_state(&app.db, RunState::Held).await? {
        // Whoever approves at this very moment approves what they have looked at.
        if lock_runs::take(&mut tx, run.id).await? {
            lock_runs::renew(&mut tx, run.id, now, accounts).await?;
        }
        tx.commit().await?;
        return Ok(Some(run.id));
    }
    let id = RunId::new(now, app.system.entropy());
    let reason = match stopped {
        Stopped::TooMany { total, limit } => format!("{total} > {limit}"),
        Stopped::TooManyOf { agencies, percent } => {
            let all = agencies.iter().map(|(_, number, size)| format!("{number}/{size} > {percent} %"));
            all.collect::<Vec<_>>().join("; ")
        }
    };
    if lock_runs::hold(&mut tx, id, now, accounts, &reason).await? {
        let entry = Entry::new(now, Actor::Job("deadlines"), Act::RunStopped, id.to_string());
        audit::append(&mut tx, &[entry.with(format!("{accounts}")).because(reason)]).await?;
        tracing::warn!(
            accounts,
            "a run of the lock job was stopped by the brake and waits for two approvals"
        );
    }
    tx.commit().await?;
    Ok(lock_runs::in_state(&app.db, RunState::Held).await?.map(|run| run.id))
}

/// The run that was approved, if one is to be carried out.
pub(super) async fn approved(app: &App) -> Result<Option<LockRun>, Internal> {
    Ok(lock_runs::in_state(&app.db, RunState::Approved).await?)
}

/// Ends a run in one state in another.
pub(super) async fn end(app: &App, from: RunState, to: RunState, locked: usize) -> Result<(), Internal> {
    if let Some(run) = lock_runs::in_state(&app.db, from).await? {
        let locked = i64::try_from(locked).unwrap_or(i64::MAX);
        let mut tx = app.db.begin().await?;
        lock_runs::move_on(&mut tx, run.id, (from, to), (app.now(), ""), locked).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The run that waits, with who would be locked; for an administrator of an agency only the own agency's people.
pub async fn waiting(app: &App, by: &Administrator) -> Result<Option<Waiting>, Internal> {
    let held = lock_runs::in_state(&app.db, RunState::Held).await?;
    let Some(run) = (match held {
        Some(run) => Some(run),
        None => lock_runs::in_state(&app.db, RunState::Approved).await?,
    }) else {
        return Ok(None);
    };
    let now = app.now();
    let mut load = Load::default();
    for (agency, number) in accounts::to_lock_by_agency(&app.db, now).await? {
        if by.reach().covers(agency) {
            (0..number).for_each(|_| load.add(agency));
        }
    }
    let first = (now, by.reach().agency());
    let accounts = accounts::to_lock_of(&app.db, first, &Place::start(), NAMES).await?;
    let accounts = accounts.into_iter().map(|found| found.account).collect();
    let mut approvals = Vec::new();
    for approval in lock_runs::approvals(&app.db, run.id).await? {
        if counts(&administrators::over_city(&app.db, &approval.by, now).await?) {
            approvals.push(approval_for(by, approval));
        }
    }
    Ok(Some(Waiting { run: run_for(by, run), approvals, load, accounts }))
}

/// The latest runs that the brake stopped, newest first; beyond the city when they were, and what came of them.
pub async fn history(app: &App, by: &Administrator, limit: i64) -> Result<Vec<LockRun>, Internal> {
    let runs = lock_runs::latest(&app.db, limit).await?;
    Ok(runs.into_iter().map(|run| run_for(by, run)).collect())
}

/// A run as far as an administrator may know of it: how many it would lock, and of which agency how many, concerns the whole
/// city.
fn run_for(by: &Administrator, run: LockRun) -> LockRun {
    if by.reach().is_city() {
        return run;
    }
    LockRun { accounts: 0, reason: String::new(), ended: None, locked: 0, ..run }
}

/// Beyond the city an approval tells that somebody approved, and when.
fn approval_for(by: &Administrator, approval: Approval) -> Approval {
    if by.reach().is_city() {
        return approval;
    }
    Approval { by: String::new(), why: String::new(), ..approval }
}

/// Whether an approval counts: its giver still has the right. Who lost the role meanwhile has not approved.
fn counts(roles: &[Role]) -> bool {
    roles.iter().any(|role| role.has(Right::ReleaseRuns))
}

/// Approves a waiting run; the second approval of whoever still has the right lets the job carry it out. Tells whether it was
/// the last one needed.
pub async fn approve(app: &App, by: &Administrator, id: RunId, why: &str) -> Result<bool, BrakeRefused> {
    let actor = rights::acting(app, by, Right::ReleaseRuns).await?;
    let why = reason(why)?;
    let now = app.now();
    let address = by.address().to_string();
    let mut tx = app.db.begin().await?;
    // Of two at once the second one waits here, and counts the first: PostgreSQL does not show what is not committed.
    if !lock_runs::take(&mut tx, id).await? {
        return Err(BrakeRefused::Gone);
    }
    let before = lock_runs::approvals_in(&mut tx, id).await?;
    if before.iter().any(|approval| approval.by == address) {
        return Err(BrakeRefused::Twice);
    }
    if !lock_runs::approve(&mut tx, id, &address, now, &why).await? {
        return Err(BrakeRefused::Gone);
    }
    let mut number = 1;
    for approval in before {
        number += usize::from(counts(&administrators::over_city_in(&mut tx, &approval.by, now).await?));
    }
    let complete = number >= APPROVALS;
    if complete {
        let states = (RunState::Held, RunState::Approved);
        if !lock_runs::move_on(&mut tx, id, states, (now, &address), 0).await? {
            return Err(BrakeRefused::Gone);
        }
    }
    let entry = Entry::new(now, actor, Act::RunApproved, id.to_string());
    audit::append(&mut tx, &[entry.because(why)]).await?;
    tx.commit().await?;
    Ok(complete)
}

/// Gives everybody whom a waiting run would lock a later last day. One person is enough: it is in people's favour.
/// Tells how many.
pub async fn postpone(
    app: &App,
    by: &Administrator,
    id: RunId,
    until: Date,
    why: &str,
) -> Result<u64, BrakeRefused> {
    let actor = rights::acting(app, by, Right::ReleaseRuns).await?;
    let why = reason(why)?;
    let now = app.now();
    let days_ahead = (until - now.local_date()).whole_days();
    if !(0..=366).contains(&days_ahead) || !app.regulation().calendars.city().is_working(until) {
        return Err(BrakeRefused::NoDay);
    }
    if lock_runs::in_state(&app.db, RunState::Held).await?.is_none_or(|run| run.id != id) {
        return Err(BrakeRefused::Gone);
    }
    // The time is given before the run ends: a crash in between leaves a run that nobody waits for any more.
    let given = give_until(app, until).await?;
    let address = by.address().to_string();
    let mut tx = app.db.begin().await?;
    let states = (RunState::Held, RunState::Postponed);
    if !lock_runs::move_on(&mut tx, id, states, (now, &address), 0).await? {
        return Err(BrakeRefused::Gone);
    }
    let entry = Entry::new(now, actor, Act::RunPostponed, id.to_string());
    audit::append(&mut tx, &[entry.with(until.to_string()).because(why)]).await?;
    tx.commit().await?;
    Ok(given)
}

/// Everybody who is to be locked now keeps the time until the end of a day.
async fn give_until(app: &App, until: Date) -> Result<u64, Internal> {
    let (now, promised) = (app.now(), Timestamp::end_of(until));
    let (mut given, mut after) = (0, Place::start());
    loop {
        let page = accounts::to_lock(&app.db, now, &after, 500).await?;
        let Some(last) = page.last() else { break };
        after = last.place.clone();
        let mut tx = app.db.begin().await?;
        for found in &page {
            given += u64::from(accounts::promise(&mut tx, &found.account, promised).await?);
        }
        tx.commit().await?;
        // Read anew, the terms follow the promise.
        let mut tx = app.db.begin().await?;
        for found in page {
            if let Some(account) = accounts::by_id_in(&mut tx, found.account.id()).await? {
                accounts::set_terms(&mut tx, &account, app.regulation().terms(&account)).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(given)
}

async fn sizes(app: &App) -> Result<BTreeMap<AgencyId, u64>, Internal> {
    let all = accounts::open_by_agency(&app.db).await?;
    Ok(all.into_iter().filter_map(|(id, number)| Some((id?, number.unsigned_abs()))).collect())
}

fn reason(why: &str) -> Result<String, BrakeRefused> {
    let why: String = name::tidy(why).chars().take(500).collect();
    if why.is_empty() { Err(BrakeRefused::NoReason) } else { Ok(why) }
}
