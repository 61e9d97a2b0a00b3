//! Plans of the synchronisation: kept line by line, held where they are too large, looked at, approved or refused.

use super::super::{Internal, letters, rights};
use super::told::{plan_for, run_for};
use super::{Run, Then};
use crate::app::App;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::RunId;
use crate::domain::mailbox::MailSystem;
use crate::domain::name;
use crate::domain::sync::{Approved, Counts, Excess, Line, LineKind, counts};
use crate::storage::sync_plans::{Decision, KeptPlan, LineFilter, PlanState};
use crate::storage::{StorageError, agencies, audit, sync_plans, sync_runs};
use std::collections::BTreeSet;
use thiserror::Error;
use time::Duration;

/// How many lines a page of a plan has.
pub const PAGE: i64 = 100;

/// For how long an approval holds: the directories go on changing.
const APPROVAL_HOLDS: Duration = Duration::hours(24);

/// A plan that has just been made.
pub(super) struct Fresh<'a> {
    pub(super) id: RunId,
    pub(super) lines: &'a [Line],
    pub(super) excess: &'a [Excess],
    pub(super) read: &'a [MailSystem],
}

/// What is to be done with it.
pub(super) enum Verdict {
    /// It was only to be looked at.
    Keep,
    /// Nothing is applied.
    Hold,
    /// It is applied; an approval that it uses is used up afterwards.
    Apply { approval: Option<RunId> },
}

/// A run with a page of its plan, as far as the administrator reaches.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The run.
    pub run: Run,
    /// Its plan; none while it runs, or if it failed.
    pub plan: Option<KeptPlan>,
    /// Whether only the first of its lines were kept.
    pub is_cut: bool,
    /// How many lines of each kind.
    pub counts: Counts,
    /// A page of the lines.
    pub lines: Vec<Line>,
    /// Behind which number the next page begins, if there is one.
    pub next: Option<i64>,
    /// All agencies, for their names.
    pub agencies: Vec<Agency>,
    /// The codes of the only agencies that are shown, where the reach is a branch.
    pub only: Option<BTreeSet<String>>,
}

/// Why a held plan was not decided on.
#[derive(Debug, Error)]
pub enum PlanRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// It does not wait, or not any more.
    #[error("the run does not wait for a decision any more")]
    Gone,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for PlanRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// What becomes of a fresh plan, and of the one that is open already.
struct Fate<'a> {
    verdict: Verdict,
    state: PlanState,
    other_run: Option<RunId>,
    /// How the open one ends.
    ends: Option<(&'a KeptPlan, PlanState)>,
}

/// Keeps a fresh plan and says what is to be done with it.
pub(super) async fn judge(app: &App, fresh: &Fresh<'_>, then: &Then) -> Result<Verdict, Internal> {
    loop {
        if let Some(verdict) = judge_once(app, fresh, then).await? {
            return Ok(verdict);
        }
    }
}

/// The same; `None` if the plan that is open was decided on at this very moment.
async fn judge_once(app: &App, fresh: &Fresh<'_>, then: &Then) -> Result<Option<Verdict>, Internal> {
    let open = sync_plans::open(&app.db).await?;
    let is_covered = match &open {
        Some(open) => approved(app, open).await?.covers(fresh.lines),
        None => false,
    };
    let fate = fate(app, fresh, then, open.as_ref(), is_covered);
    let is_news = fate.state == PlanState::Held;
    let told = if is_news { letters::sync_held(app, fresh.id, fresh.excess).await? } else { Vec::new() };
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if let Some((ending, state)) = fate.ends
        && !sync_plans::end(&mut tx, ending.run_id, ending.state, state).await?
    {
        return Ok(None);
    }
    let plan = KeptPlan {
        run_id: fresh.id,
        made_at: now,
        directories: codes(fresh.read).join(" "),
        state: fate.state,
        excess: Excess::write_all(fresh.excess),
        other_run: fate.other_run,
        decision: None,
        total: 0,
        kept: 0,
    };
    let lines = if fate.state == PlanState::Repeats { &[] } else { fresh.lines };
    sync_plans::keep(&mut tx, &plan, &counts(fresh.lines), lines).await?;
    let entry = |actor, act| Entry::new(now, actor, act, fresh.id.to_string()).with(&plan.excess);
    if is_news {
        audit::append(&mut tx, &[entry(Actor::Job("sync"), Act::SyncHeld)]).await?;
        letters::write_all(app, &mut tx, told).await?;
        tracing::warn!(excess = plan.excess, "a run of the synchronisation is held and waits for approval");
    }
    if let (Then::ApplyWhateverItsSize(why), false) = (then, fresh.excess.is_empty()) {
        audit::append(&mut tx, &[entry(Actor::CommandLine, Act::SyncApproved).because(why)]).await?;
    }
    tx.commit().await?;
    Ok(Some(fate.verdict))
}

/// The table of what becomes of a plan.
fn fate<'a>(
    app: &App,
    fresh: &Fresh<'_>,
    then: &Then,
    open: Option<&'a KeptPlan>,
    is_covered: bool,
) -> Fate<'a> {
    let fate = |verdict, state| Fate { verdict, state, other_run: None, ends: None };
    // What was not read this time says nothing of a plan that waits for it.
    let read = codes(fresh.read);
    let answered = open.filter(|open| open.directories.split(' ').all(|code| read.contains(&code)));
    match (then, open) {
        (Then::Keep, _) => fate(Verdict::Keep, PlanState::Planned),
        _ if fresh.excess.is_empty() => Fate {
            ends: answered.map(|open| (open, PlanState::Released)),
            ..fate(Verdict::Apply { approval: None }, PlanState::Applied)
        },
        (Then::ApplyWhateverItsSize(_), _) => Fate {
            ends: answered.map(|open| (open, PlanState::Replaced)),
            ..fate(Verdict::Apply { approval: None }, PlanState::Applied)
        },
        (Then::Apply, Some(open)) if is_covered && open.state != PlanState::Approved => {
            Fate { other_run: Some(open.run_id), ..fate(Verdict::Hold, PlanState::Repeats) }
        }
        (Then::Apply, Some(open)) if is_covered && is_still_approved(app, open) => {
            let approval = answered.map(|open| open.run_id);
            let other_run = Some(open.run_id);
            Fate { other_run, ..fate(Verdict::Apply { approval }, PlanState::Applied) }
        }
        (Then::Apply, open) => Fate {
            ends: open.map(|open| (open, PlanState::Replaced)),
            ..fate(Verdict::Hold, PlanState::Held)
        },
    }
}

fn codes(systems: &[MailSystem]) -> Vec<&'static str> {
    systems.iter().map(|system| system.code()).collect()
}

fn is_still_approved(app: &App, open: &KeptPlan) -> bool {
    open.decision.as_ref().is_some_and(|decision| app.now().since(decision.at) <= APPROVAL_HOLDS)
}

/// What an approval of a plan covers.
async fn approved(app: &App, plan: &KeptPlan) -> Result<Approved, Internal> {
    let counts = sync_plans::counts(&app.db, plan.run_id, None).await?;
    let weighed_in_all: u64 = counts.iter().filter(|(kind, _)| kind.is_weighed()).map(|(_, n)| n).sum();
    // What is weighed comes first.
    let limit = i64::try_from(weighed_in_all).unwrap_or(i64::MAX);
    let lines = sync_plans::lines(&app.db, plan.run_id, &LineFilter::default(), limit).await?;
    let weighed = lines.iter().map(|(_, line)| (line.kind, line.account_id)).collect();
    Ok(Approved { counts, weighed, is_whole: u64::try_from(lines.len()).unwrap_or(0) == weighed_in_all })
}

/// An approval was used: it holds for one run that reads what the approved one had read.
pub(super) async fn use_up(app: &App, approval: Option<RunId>) -> Result<(), Internal> {
    let Some(id) = approval else { return Ok(()) };
    let mut tx = app.db.begin().await?;
    sync_plans::end(&mut tx, id, PlanState::Approved, PlanState::Used).await?;
    Ok(tx.commit().await?)
}

/// The plan that waits for a decision, or was decided on and not carried out yet.
pub async fn decision_waits(app: &App) -> Result<Option<KeptPlan>, Internal> {
    Ok(sync_plans::open(&app.db).await?)
}

/// A run with a page of its plan: only of one kind, behind a number. Of a plan, an administrator of an agency sees the
/// lines that concern the own agency; of the run, when it was and what came of it.
pub async fn look(
    app: &App,
    by: &Administrator,
    id: RunId,
    kind: Option<LineKind>,
    after: i64,
) -> Result<Option<Looked>, Internal> {
    let Some(run) = sync_runs::by_id(&app.db, id).await? else { return Ok(None) };
    let agencies = agencies::every(&app.db).await?;
    let reach = by.reach().agency();
    let only = reach.map(|_| {
        let within = agencies.iter().filter(|agency| by.reach().covers(Some(agency.id)));
        within.map(|agency| agency.code.clone()).collect()
    });
    let plan = sync_plans::of_run(&app.db, id).await?;
    let counts = sync_plans::counts(&app.db, id, reach).await?;
    let filter = LineFilter { kind, reach, after };
    let mut found = sync_plans::lines(&app.db, id, &filter, PAGE + 1).await?;
    let is_more = found.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = found.last().map(|(number, _)| *number).filter(|_| is_more);
    let lines = found.into_iter().map(|(_, line)| line).collect();
    let is_cut = plan.as_ref().is_some_and(|plan| plan.kept > 0 && plan.kept < plan.total);
    let (run, plan) = (run_for(by, run), plan.map(|plan| plan_for(by, plan)));
    Ok(Some(Looked { run, plan, is_cut, counts, lines, next, agencies, only }))
}

/// Approves a held run: the next one that plans no more than it is applied, within a day.
pub async fn approve(app: &App, by: &Administrator, id: RunId, why: &str) -> Result<(), PlanRefused> {
    decide(app, by, id, (PlanState::Approved, Act::SyncApproved), why).await
}

/// Refuses a held run: nothing is applied until the directories say something else, or somebody approves it after all.
pub async fn refuse(app: &App, by: &Administrator, id: RunId, why: &str) -> Result<(), PlanRefused> {
    decide(app, by, id, (PlanState::Refused, Act::SyncRefused), why).await
}

async fn decide(
    app: &App,
    by: &Administrator,
    id: RunId,
    (to, act): (PlanState, Act),
    why: &str,
) -> Result<(), PlanRefused> {
    let actor = rights::acting(app, by, Right::Synchronise).await?;
    let why: String = name::tidy(why).chars().take(500).collect();
    if why.is_empty() {
        return Err(PlanRefused::NoReason);
    }
    let now = app.now();
    let decision = Decision { by: by.address().to_string(), at: now, why: why.clone() };
    let mut tx = app.db.begin().await?;
    if !sync_plans::decide(&mut tx, id, to, &decision).await? {
        return Err(PlanRefused::Gone);
    }
    let excess = sync_plans::of_run_in(&mut tx, id).await?.map(|plan| plan.excess).unwrap_or_default();
    let entry = Entry::new(now, actor, act, id.to_string());
    audit::append(&mut tx, &[entry.with(excess).because(why)]).await?;
    Ok(tx.commit().await?)
}
