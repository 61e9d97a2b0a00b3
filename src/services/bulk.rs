//! Many accounts at once: drawn up from a selection or a whole narrowed list, looked at, confirmed with a typed number,
//! done in the background, and taken back as far as nobody has been there since.
//!
//! What is confirmed is what was looked at: the accounts and their versions are written down with the draft. One that
//! somebody has changed meanwhile is left alone. [`start`] is the one function through which such an act begins.

mod work;

pub use work::{carry_on, carry_out};

use super::account_list::{self, Narrowed};
use super::approvals::{self, Stopped};
use super::lock::{self, LockRefused};
use super::{Internal, rights};
use crate::app::App;
use crate::domain::account::{Account, StateName};
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::approval::{Deed, GOOD_FOR};
use crate::domain::audit::{Act, Entry};
use crate::domain::bulk::{BulkAct, BulkState, Outcome};
use crate::domain::id::{AccountId, AgencyId, BulkId};
use crate::services::confirm::RecentProof;
use crate::storage::account_list::{Edge, Sort};
use crate::storage::{StorageError, agencies, audit, bulk};
use thiserror::Error;
use time::Duration;

pub use crate::storage::bulk::Job;

/// Most accounts of a job.
pub const MOST: usize = 20_000;

/// Most accounts that can be chosen one by one.
pub const MOST_CHOSEN: usize = 500;

/// Accounts that are listed by name.
pub const LISTED: i64 = 50;

/// Accounts that a draft reads at a time.
const PAGE: i64 = 1_000;

/// How long a draft is good.
const DRAFT: Duration = Duration::hours(1);

/// How much longer it is good where a second person looks at it first: until they have, and then for their word.
const APPROVAL: Duration = Duration::hours(2 * GOOD_FOR.whole_hours());

/// Jobs that the list shows.
const LATEST: i64 = 50;

/// How long jobs are shown.
const KEPT: Duration = Duration::days(180);

/// Whom a job concerns.
#[derive(Debug, Clone)]
pub enum Whom {
    /// These accounts.
    Chosen(Vec<AccountId>),
    /// Everybody in a narrowed list.
    Narrowed(Narrowed),
}

/// A job as it is looked at.
#[derive(Debug, Clone)]
pub struct View {
    /// The job.
    pub job: Job,
    /// How many accounts of each agency, the most first.
    pub agencies: Vec<(Option<Agency>, i64)>,
    /// How many accounts in each state as they are now, with the code of the reason.
    pub states: Vec<(StateName, Option<String>, i64)>,
    /// The first accounts by name.
    pub first: Vec<Account>,
    /// How many were dealt with, by what came of them; `None`: not yet.
    pub outcomes: Vec<(Option<Outcome>, i64)>,
    /// The first that were left alone.
    pub left: Vec<Account>,
    /// Whether the next step needs a second person.
    pub needs_second: bool,
    /// Whether the administrator may take the next step: confirm it, or take it back.
    pub may_go_on: bool,
}

impl View {
    /// How many have this outcome.
    pub fn number(&self, outcome: Option<Outcome>) -> i64 {
        self.outcomes.iter().filter(|(of, _)| *of == outcome).map(|(_, number)| number).sum()
    }
}

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum BulkRefused {
    /// There is no such job of this administrator.
    #[error("no such job")]
    NotFound,
    /// Nobody on the list can be dealt with so.
    #[error("it concerns nobody")]
    Nobody,
    /// More accounts than a job takes.
    #[error("too many accounts")]
    TooMany,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// The typed number is not the number of accounts.
    #[error("the typed number is another one")]
    WrongNumber,
    /// It was begun already, or the draft is too old.
    #[error("it is no draft any more")]
    Gone,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for BulkRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<LockRefused> for BulkRefused {
    fn from(refused: LockRefused) -> Self {
        match refused {
            LockRefused::NoReason => Self::NoReason,
            LockRefused::Forbidden(forbidden) => Self::Forbidden(forbidden),
            LockRefused::Internal(internal) => Self::Internal(internal),
            refused => Self::Internal(Internal::new("changing many accounts", refused)),
        }
    }
}

/// Draws up a job; nothing is done yet. Whoever cannot be dealt with so is left out, and so is the administrator.
pub async fn draft(
    app: &App,
    by: &Administrator,
    act: BulkAct,
    whom: &Whom,
    described: &str,
) -> Result<BulkId, BulkRefused> {
    rights::ask(app, by, act.right()).await?;
    match whom {
        Whom::Chosen(ids) if ids.len() > MOST_CHOSEN => return Err(BulkRefused::TooMany),
        Whom::Narrowed(Narrowed { agency: Some(agency), .. })
            if !rights::agency(app, by, *agency).await? =>
        {
            return Err(BulkRefused::NotFound);
        }
        Whom::Chosen(_) | Whom::Narrowed(_) => {}
    }
    let now = app.now();
    let job = Job {
        id: BulkId::new(now, app.system.entropy()),
        act,
        asked_by: by.account_id(),
        asked_as: by.address().to_string(),
        agency: by.reach().agency(),
        described: described.chars().take(500).collect(),
        why: None,
        state: BulkState::Draft,
        total: 0,
        created_at: now,
        started_at: None,
        finished_at: None,
    };
    let mut tx = app.db.begin().await?;
    bulk::insert(&mut tx, &job).await?;
    tx.commit().await?;
    let total = match whom {
        Whom::Chosen(ids) => {
            let mut chosen = Vec::new();
            for id in ids {
                chosen.extend(rights::account(app, by, *id).await?);
            }
            add(app, by, &job, &chosen).await?
        }
        Whom::Narrowed(narrowed) => add_everybody(app, by, &job, narrowed).await?,
    };
    if total == 0 { Err(BulkRefused::Nobody) } else { Ok(job.id) }
}

async fn add_everybody(
    app: &App,
    by: &Administrator,
    job: &Job,
    narrowed: &Narrowed,
) -> Result<usize, BulkRefused> {
    let filter = account_list::filter(app, by, narrowed);
    let (way, mut total) = ((Sort::Name, false), 0);
    let mut edge = Edge::beginning(way.0, way.1);
    loop {
        let page = crate::storage::account_list::page(&app.db, &filter, way, &edge, PAGE).await?;
        let Some(last) = page.last() else { return Ok(total) };
        edge = last.edge.clone();
        let page: Vec<_> = page.into_iter().map(|listed| listed.account).collect();
        total += add(app, by, job, &page).await?;
        if total > MOST {
            return Err(BulkRefused::TooMany);
        }
    }
}

/// Adds whoever can be dealt with so; tells how many.
async fn add(app: &App, by: &Administrator, job: &Job, all: &[Account]) -> Result<usize, BulkRefused> {
    let is_possible = |account: &&Account| may(by, job.act.right(), account) && job.act.applies_to(account);
    let possible: Vec<_> = all.iter().filter(is_possible).collect();
    if !possible.is_empty() {
        let mut tx = app.db.begin().await?;
        bulk::add(&mut tx, job.id, &possible).await?;
        tx.commit().await?;
    }
    Ok(possible.len())
}

/// Whether an administrator may do it to an account, by the rule of a single one; never to their own.
fn may(by: &Administrator, right: Right, account: &Account) -> bool {
    match right {
        Right::Lock => by.may_lock(account),
        Right::Unlock => by.may_unlock(account) && account.id() != by.account_id(),
        Right::ResetPassword => by.may_reset(account),
        _ => by.may(right) && by.reaches(account) && account.id() != by.account_id(),
    }
}

/// A job of one's own; whoever reaches the city looks at all of them.
pub async fn look(app: &App, by: &Administrator, id: BulkId) -> Result<Option<View>, Internal> {
    let Some(job) = own(app, by, id).await? else { return Ok(None) };
    let outcomes = bulk::by_outcome(&app.db, id).await?;
    let (right, many) = match job.state {
        BulkState::Draft => (job.act.right(), job.total),
        _ => (job.act.right_back(), done(&outcomes)),
    };
    // An account that was moved to another agency since is none of theirs any more.
    let root = by.reach().agency();
    Ok(Some(View {
        agencies: agencies_of(app, id, root).await?,
        needs_second: needs_second(app, by, &job, many).await?,
        may_go_on: job.asked_by == by.account_id() && by.may(right),
        states: bulk::by_state(&app.db, id, root).await?,
        first: bulk::accounts(&app.db, id, &[], root, LISTED).await?,
        outcomes,
        left: bulk::accounts(&app.db, id, &[Outcome::Changed, Outcome::Kept], root, LISTED).await?,
        job,
    }))
}

/// How many accounts of each agency it concerns, the most first.
async fn agencies_of(
    app: &App,
    id: BulkId,
    root: Option<AgencyId>,
) -> Result<Vec<(Option<Agency>, i64)>, StorageError> {
    let all = agencies::every(&app.db).await?;
    let with_agency = |(of, number)| (all.iter().find(|agency| Some(agency.id) == of).cloned(), number);
    let mut agencies: Vec<_> =
        bulk::by_agency(&app.db, id, root).await?.into_iter().map(with_agency).collect();
    agencies.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    Ok(agencies)
}

fn done(outcomes: &[(Option<Outcome>, i64)]) -> i64 {
    outcomes.iter().filter(|(of, _)| *of == Some(Outcome::Done)).map(|(_, number)| number).sum()
}

/// Whether the next step of a job needs a second person, with what its administrator did alone within a day.
async fn needs_second(app: &App, by: &Administrator, job: &Job, many: i64) -> Result<bool, StorageError> {
    let matter = match job.state {
        BulkState::Draft => job.act.matter(),
        _ => job.act.matter_back(),
    };
    approvals::needs_second(app, by, matter, usize::try_from(many).unwrap_or(0)).await
}

/// The latest jobs that this administrator may look at; drafts are not among them.
pub async fn latest(app: &App, by: &Administrator) -> Result<Vec<Job>, Internal> {
    let only = (!by.reach().is_city()).then(|| by.account_id());
    let all = bulk::latest(&app.db, only, LATEST).await?;
    Ok(all.into_iter().filter(|job| is_within(by, job)).collect())
}

/// Whether everybody whom a job may concern lies within reach.
fn is_within(by: &Administrator, job: &Job) -> bool {
    by.reach().is_city() || job.agency.is_some_and(|agency| by.reach().covers(Some(agency)))
}

/// A job that this administrator may look at; one that they may not leaves a line.
async fn own(app: &App, by: &Administrator, id: BulkId) -> Result<Option<Job>, StorageError> {
    let job = bulk::by_id(&app.db, id)
        .await?
        .filter(|job| is_within(by, job) && (by.reach().is_city() || job.asked_by == by.account_id()));
    if job.is_none() {
        rights::out_of_reach(app, by, &format!("bulk {id}")).await;
    }
    Ok(job)
}

/// Confirms a draft of one's own; many accounts need a second person. The work is done by [`carry_out`], which the caller
/// spawns.
pub async fn start(
    app: &App,
    by: &Administrator,
    id: BulkId,
    (typed, why): (&str, &str),
    _recent: &RecentProof,
) -> Result<(), BulkRefused> {
    let job = own(app, by, id).await?.filter(|job| job.asked_by == by.account_id());
    let job = job.ok_or(BulkRefused::NotFound)?;
    let actor = rights::acting(app, by, job.act.right()).await?;
    let age = app.now().since(job.created_at);
    if job.state != BulkState::Draft || age > DRAFT + APPROVAL {
        return Err(BulkRefused::Gone);
    }
    // As the page shows it: 1.234
    let digits: String = typed.chars().filter(|c| !matches!(c, '.' | ',' | ' ' | '\u{a0}')).collect();
    if digits.parse() != Ok(job.total) {
        return Err(BulkRefused::WrongNumber);
    }
    let why = lock::reason(why)?;
    let many = usize::try_from(job.total).unwrap_or(usize::MAX);
    let pass = approvals::pass(app, by, deed(app, &job, false, job.total).await?, Some(many)).await?;
    if !pass.has_second() && age > DRAFT {
        return Err(BulkRefused::Gone);
    }
    let entry = job_entry(by, &job, Entry::new(app.now(), actor, Act::BulkStarted, id.to_string()));
    let mut tx = app.db.begin().await?;
    pass.spend(app, &mut tx).await?;
    if !bulk::start(&mut tx, id, &why, app.now()).await? {
        return Err(BulkRefused::Gone);
    }
    audit::append(&mut tx, &[entry.because(&why)]).await?;
    tx.commit().await?;
    Ok(())
}

/// Begins to take a job of one's own back; many accounts need a second person for this, too. The work is done by
/// [`carry_out`], which the caller spawns.
pub async fn undo(
    app: &App,
    by: &Administrator,
    id: BulkId,
    why: &str,
    _recent: &RecentProof,
) -> Result<(), BulkRefused> {
    let job = own(app, by, id).await?.filter(|job| job.asked_by == by.account_id());
    let job = job.ok_or(BulkRefused::NotFound)?;
    let actor = rights::acting(app, by, job.act.right_back()).await?;
    if job.state != BulkState::Done {
        return Err(BulkRefused::Gone);
    }
    let why = lock::reason(why)?;
    let many = done(&bulk::by_outcome(&app.db, id).await?);
    let number = usize::try_from(many).unwrap_or(usize::MAX);
    let pass = approvals::pass(app, by, deed(app, &job, true, many).await?, Some(number)).await?;
    let entry = job_entry(by, &job, Entry::new(app.now(), actor, Act::BulkUndone, id.to_string()));
    let mut tx = app.db.begin().await?;
    pass.spend(app, &mut tx).await?;
    if !bulk::undo(&mut tx, id, &why).await? {
        return Err(BulkRefused::Gone);
    }
    audit::append(&mut tx, &[entry.because(&why)]).await?;
    tx.commit().await?;
    Ok(())
}

/// What a second person is asked to approve: this draft, whose accounts and versions do not change any more.
async fn deed(app: &App, job: &Job, is_back: bool, many: i64) -> Result<Deed, StorageError> {
    let agencies = agencies_of(app, job.id, job.agency).await?;
    let outcomes: &[_] = if is_back { &[Outcome::Done] } else { &[] };
    let first = bulk::accounts(&app.db, job.id, outcomes, job.agency, LISTED).await?;
    let preview = approvals::in_words(|t| {
        let number = |number: i64| t.number(u64::try_from(number).unwrap_or(0));
        let what = if is_back { t.bulk_undo() } else { t.bulk_act(job.act) };
        let mut lines = vec![format!("{what}: {}", t.deed_accounts(&number(many)))];
        lines.extend(agencies.iter().map(|(agency, of)| {
            let name = agency.as_ref().map_or_else(|| t.no_agency(), |agency| agency.name.as_str());
            format!("{name}: {}", number(*of))
        }));
        let named = |a: &Account| format!("{} ({})", a.profile().display_name, a.profile().address);
        lines.extend(first.iter().map(named));
        lines.extend((many > LISTED).then(|| "…".to_owned()));
        lines
    });
    let matter = if is_back { job.act.matter_back() } else { job.act.matter() };
    let content = format!("bulk {} {}", job.id, if is_back { "back" } else { "start" });
    Ok(Deed { matter, content, preview })
}

fn job_entry(by: &Administrator, job: &Job, entry: Entry) -> Entry {
    let detail = format!("{} {} {}", job.act.code(), job.total, job.described);
    Entry { agency_id: by.reach().agency(), ..entry.with(detail.trim_end()) }
}

/// Forgets old drafts and jobs; tells how many.
pub(super) async fn forget(app: &App) -> Result<u64, Internal> {
    let now = app.now();
    Ok(bulk::forget(&app.db, now.minus(DRAFT + APPROVAL), now.minus(KEPT)).await?)
}
