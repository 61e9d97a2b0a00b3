//! Many accounts at once: drawn up from a selection or a whole narrowed list, looked at, confirmed with a typed number,
//! done in the background, and taken back as far as nobody has been there since.
//!
//! What is confirmed is what was looked at: the accounts and their versions are written down with the draft. One that
//! somebody has changed meanwhile is left alone.

use super::account_list::{self, Narrowed};
use super::lock::{self, LockRefused};
use super::{Internal, chain, directory_locks, logout_notices};
use crate::app::App;
use crate::domain::account::{Account, LockReason, State, StateName};
use crate::domain::admin::Administrator;
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::bulk::{BulkAct, BulkState, Outcome};
use crate::domain::id::{AccountId, BulkId};
use crate::domain::session::SessionEnd;
use crate::domain::timestamp::Timestamp;
use crate::storage::account_list::{Edge, Sort};
use crate::storage::bulk::{self, Item};
use crate::storage::{StorageError, Tx, accounts, agencies, audit};
use thiserror::Error;
use time::Duration;

pub use crate::storage::bulk::Job;

/// Most accounts of a job.
pub const MOST: usize = 20_000;

/// Most accounts that can be chosen one by one.
pub const MOST_CHOSEN: usize = 500;

/// Accounts that are listed by name.
pub const LISTED: i64 = 50;

/// Accounts that are dealt with in one transaction.
const BATCH: i64 = 50;

/// Accounts that a draft reads at a time.
const PAGE: i64 = 1_000;

/// How long a draft is good.
const DRAFT: Duration = Duration::hours(1);

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
    let now = app.now();
    let job = Job {
        id: BulkId::new(now, app.system.entropy()),
        act,
        asked_by: by.account_id(),
        asked_as: by.address().to_string(),
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
        Whom::Chosen(ids) if ids.len() > MOST_CHOSEN => return Err(BulkRefused::TooMany),
        Whom::Chosen(ids) => {
            let mut chosen = Vec::new();
            for id in ids {
                chosen.extend(accounts::by_id(&app.db, *id).await?);
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
        let Some(last) = page.last().map(|listed| listed.account.id()) else { return Ok(total) };
        let page: Vec<_> = page.into_iter().map(|listed| listed.account).collect();
        total += add(app, by, job, &page).await?;
        if total > MOST {
            return Err(BulkRefused::TooMany);
        }
        let next = crate::storage::account_list::edge(&app.db, last, way.0).await?;
        let Some(next) = next else { return Ok(total) };
        edge = next;
    }
}

/// Adds whoever can be dealt with so; tells how many.
async fn add(app: &App, by: &Administrator, job: &Job, all: &[Account]) -> Result<usize, BulkRefused> {
    let is_possible = |account: &&Account| {
        by.reach().covers(account.profile().agency_id)
            && account.id() != by.account_id()
            && job.act.applies_to(account)
    };
    let possible: Vec<_> = all.iter().filter(is_possible).collect();
    if !possible.is_empty() {
        let mut tx = app.db.begin().await?;
        bulk::add(&mut tx, job.id, &possible).await?;
        tx.commit().await?;
    }
    Ok(possible.len())
}

/// A job of one's own; a city's administrator looks at all that were begun.
pub async fn look(app: &App, by: &Administrator, id: BulkId) -> Result<Option<View>, Internal> {
    let Some(job) = own(app, by, id).await? else { return Ok(None) };
    let all = agencies::every(&app.db).await?;
    let mut by_agency: Vec<_> = bulk::by_agency(&app.db, id)
        .await?
        .into_iter()
        .map(|(of, number)| (all.iter().find(|agency| Some(agency.id) == of).cloned(), number))
        .collect();
    by_agency.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let left = match job.state {
        BulkState::Undoing | BulkState::Undone => Outcome::Kept,
        _ => Outcome::Changed,
    };
    Ok(Some(View {
        agencies: by_agency,
        states: bulk::by_state(&app.db, id).await?,
        first: bulk::accounts(&app.db, id, None, LISTED).await?,
        outcomes: bulk::by_outcome(&app.db, id).await?,
        left: bulk::accounts(&app.db, id, Some(left), LISTED).await?,
        job,
    }))
}

/// The latest jobs that this administrator may look at.
pub async fn latest(app: &App, by: &Administrator) -> Result<Vec<Job>, Internal> {
    let only = by.reach().agency().map(|_| by.account_id());
    Ok(bulk::latest(&app.db, only, 20).await?)
}

async fn own(app: &App, by: &Administrator, id: BulkId) -> Result<Option<Job>, StorageError> {
    let job = bulk::by_id(&app.db, id).await?;
    Ok(job.filter(|job| {
        let is_citys = by.reach().agency().is_none() && job.state != BulkState::Draft;
        job.asked_by == by.account_id() || is_citys
    }))
}

/// Confirms a draft of one's own. The work is done by [`carry_out`], which the caller spawns.
pub async fn start(
    app: &App,
    by: &Administrator,
    id: BulkId,
    typed: &str,
    why: &str,
) -> Result<(), BulkRefused> {
    let job = own(app, by, id).await?.filter(|job| job.asked_by == by.account_id());
    let job = job.ok_or(BulkRefused::NotFound)?;
    if job.state != BulkState::Draft || app.now().since(job.created_at) > DRAFT {
        return Err(BulkRefused::Gone);
    }
    // As the page shows it: 1.234
    let digits: String = typed.chars().filter(|c| !matches!(c, '.' | ',' | ' ' | '\u{a0}')).collect();
    if digits.parse() != Ok(job.total) {
        return Err(BulkRefused::WrongNumber);
    }
    let why = lock::reason(why)?;
    let entry = job_entry(app, by, &job, Act::BulkStarted).because(&why);
    let mut tx = app.db.begin().await?;
    if !bulk::start(&mut tx, id, &why, app.now()).await? {
        return Err(BulkRefused::Gone);
    }
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    Ok(())
}

/// Begins to take a job of one's own back. The work is done by [`carry_out`], which the caller spawns.
pub async fn undo(app: &App, by: &Administrator, id: BulkId, why: &str) -> Result<(), BulkRefused> {
    let job = own(app, by, id).await?.filter(|job| job.asked_by == by.account_id());
    let job = job.ok_or(BulkRefused::NotFound)?;
    let why = lock::reason(why)?;
    let entry = job_entry(app, by, &job, Act::BulkUndone).because(&why);
    let mut tx = app.db.begin().await?;
    if !bulk::undo(&mut tx, id, &why).await? {
        return Err(BulkRefused::Gone);
    }
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    Ok(())
}

fn job_entry(app: &App, by: &Administrator, job: &Job, act: Act) -> Entry {
    let actor = Actor::Administrator(by.address().to_string());
    let entry = Entry::new(app.now(), actor, act, job.id.to_string());
    let detail = format!("{} {} {}", job.act.code(), job.total, job.described);
    Entry { agency_id: by.reach().agency(), ..entry.with(detail.trim_end()) }
}

/// Does what was confirmed, or takes it back, until nothing is left to do. Safe to run twice at the same time.
pub async fn carry_out(app: &App, id: BulkId) -> Result<(), Internal> {
    loop {
        let Some(job) = bulk::by_id(&app.db, id).await?.filter(|job| job.state.is_under_way()) else {
            return Ok(());
        };
        let mut tx = app.db.begin().await?;
        let items = match job.state {
            BulkState::Running => bulk::open(&mut tx, id, BATCH).await?,
            _ => bulk::done(&mut tx, id, BATCH).await?,
        };
        let mut entries = Vec::new();
        for item in &items {
            entries.extend(deal_with(app, &mut tx, &job, item).await?);
        }
        if items.is_empty() {
            bulk::finish(&mut tx, id, app.now()).await?;
        }
        audit::append(&mut tx, &entries).await?;
        tx.commit().await?;
        if items.is_empty() {
            logout_notices::send_due(app).await?;
            directory_locks::try_due_at_once(app).await;
        }
    }
}

/// Goes on with what was broken off; for the job of the house.
pub async fn carry_on(app: &App) -> Result<(), Internal> {
    for job in bulk::under_way(&app.db).await? {
        if let Err(internal) = carry_out(app, job.id).await {
            tracing::error!("a job over many accounts failed: {}", chain(&internal));
        }
    }
    Ok(())
}

/// Forgets old drafts and jobs; tells how many.
pub(super) async fn forget(app: &App) -> Result<u64, Internal> {
    let now = app.now();
    Ok(bulk::forget(&app.db, now.minus(DRAFT + DRAFT), now.minus(KEPT)).await?)
}

async fn deal_with(app: &App, tx: &mut Tx, job: &Job, item: &Item) -> Result<Option<Entry>, Internal> {
    let Some(account) = accounts::by_id_in(tx, item.account_id).await? else { return Ok(None) };
    let now = app.now();
    let after = match job.state {
        BulkState::Running => {
            let deadline = app.regulation().fresh_term(&account, now);
            job.act.done_to(&account, now, deadline).ok()
        }
        _ => item.before.map(|before| account.put_back(before)),
    };
    let after = after.filter(|_| account.version() == item.version);
    let is_ours = match (job.state, after.is_some()) {
        (BulkState::Running, true) => bulk::settle(tx, job.id, &account, Outcome::Done).await?,
        (BulkState::Running, false) => bulk::settle(tx, job.id, &account, Outcome::Changed).await?,
        (_, true) => bulk::settle_back(tx, job.id, account.id(), Outcome::Undone).await?,
        (_, false) => bulk::settle_back(tx, job.id, account.id(), Outcome::Kept).await?,
    };
    let Some(after) = after.filter(|_| is_ours) else { return Ok(None) };
    lock::save_in(app, tx, &after, ends_sessions(job.act, job.state), now).await?;
    Ok(Some(entry(job, &account, &after, now)))
}

/// A lock closes what is open, and so does a password that may be in wrong hands.
const fn ends_sessions(act: BulkAct, state: BulkState) -> Option<SessionEnd> {
    match (act, state) {
        (BulkAct::Lock, BulkState::Running) => Some(SessionEnd::Locked),
        (BulkAct::DemandChange, BulkState::Running) => Some(SessionEnd::EndedByAdministrator),
        (BulkAct::Unlock, BulkState::Undoing) => Some(SessionEnd::Locked),
        _ => None,
    }
}

fn entry(job: &Job, before: &Account, after: &Account, now: Timestamp) -> Entry {
    let word = |account: &Account| match *account.state() {
        State::Locked { reason, .. } => reason.code(),
        _ => account.state().name().code(),
    };
    let act = match (after.state().name(), before.state().name()) {
        (StateName::Locked, _) => Act::Locked,
        (_, StateName::Locked) => Act::Unlocked,
        (StateName::MustChange, _) => Act::ChangeDemanded,
        _ => Act::DemandWithdrawn,
    };
    debug_assert!(
        LockReason::from_code(word(after)).is_some() == (act == Act::Locked),
        "a lock has a reason"
    );
    Entry::about(now, Actor::Administrator(job.asked_as.clone()), act, before)
        .changing(word(before), word(after))
        .because(job.why.clone().unwrap_or_default())
}
