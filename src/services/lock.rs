//! Locks: by an administrator, by a deadline; and how they are lifted.
//!
//! A lock closes our own door: state, sessions, tokens and audit in one transaction, and with them the orders to the
//! directories, which `directory_locks` carries out afterwards. A lock on an administrator's word, or a directory's, ends the
//! roles of the account, too, so that whoever lifts it gives none back. An administrator's takes the place of a lock by a
//! deadline or a directory, which would end by itself or by its holder's hand.

use super::bulk_unlock::Seen;
use super::{Internal, brake, deadlines, directory_locks, letters, logout_notices, rights, roles, session};
use crate::app::App;
use crate::domain::account::Terms;
use crate::domain::account::{Account, LockReason, State, TransitionRefused};
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::audit::{Act, Actor, Basis, Entry};
use crate::domain::id::AccountId;
use crate::domain::outbox;
use crate::domain::policy::brake::Load;
use crate::domain::policy::deadline::Deadline;
use crate::domain::policy::regulation::Verdict;
use crate::domain::session::SessionEnd;
use crate::domain::timestamp::Timestamp;
use crate::storage::accounts::{Found, Place};
use crate::storage::lock_runs::RunState;
use crate::storage::told_deadlines::{self, ToldBy};
use crate::storage::{
    StorageError, Tx, accounts, audit, directory_locks as orders, handed_over, terms as written,
};
use thiserror::Error;

/// How many accounts the lock job reads at a time.
const PAGE: i64 = 1_000;

/// How many it locks in one transaction.
const BATCH: usize = 100;

/// Why a lock or its lifting did not happen.
#[derive(Debug, Error)]
pub enum LockRefused {
    /// No such account within the administrator's reach.
    #[error("no such account within reach")]
    NotFound,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// An administrator cannot lock themselves out.
    #[error("an administrator does not lock their own account")]
    Oneself,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It is an administrator's, and not for them to touch: a lock would end the role, its lifting gives a resting one back.
    #[error("this is not for them to do to an administrator's account")]
    OfAnAdministrator,
    /// Its state does not allow it.
    #[error(transparent)]
    State(#[from] TransitionRefused),
    /// Somebody else was faster.
    #[error("the account was changed by somebody else meanwhile")]
    Conflict,
    /// Our fault.
    #[error(transparent)]
    Internal(Internal),
}

impl From<StorageError> for LockRefused {
    fn from(error: StorageError) -> Self {
        Internal::from(error).into()
    }
}

impl From<Internal> for LockRefused {
    fn from(internal: Internal) -> Self {
        if internal.is_conflict() { Self::Conflict } else { Self::Internal(internal) }
    }
}

/// Locks an account on an administrator's word.
pub async fn lock(app: &App, by: &Administrator, id: AccountId, why: &str) -> Result<Account, LockRefused> {
    let account = within_reach(app, by, id).await?;
    lock_as_read(app, by, &account, why).await
}

/// The same, if nobody has changed the account since it was looked at.
pub async fn lock_seen(app: &App, by: &Administrator, seen: Seen, why: &str) -> Result<Account, LockRefused> {
    let account = as_seen(app, by, seen).await?;
    lock_as_read(app, by, &account, why).await
}

/// The same, if nobody has changed the account since it was read: what is saved is compared with that version.
async fn lock_as_read(
    app: &App,
    by: &Administrator,
    account: &Account,
    why: &str,
) -> Result<Account, LockRefused> {
    let actor = rights::acting(app, by, Right::Lock).await?;
    let why = reason(why)?;
    let mut tx = app.db.begin().await?;
    let locked = lock_in(app, &mut tx, (by, actor), account, &why).await?;
    tx.commit().await?;
    logout_notices::try_at_once(app, account.id()).await;
    directory_locks::try_at_once(app, account.id()).await;
    Ok(locked)
}

/// The same in somebody's transaction, for a tidied reason; applications and directories are told by the jobs. An account
/// that is locked for another reason is locked on an administrator's word from now on.
pub(super) async fn lock_in(
    app: &App,
    tx: &mut Tx,
    (by, actor): (&Administrator, Actor),
    account: &Account,
    why: &str,
) -> Result<Account, LockRefused> {
    if account.id() == by.account_id() {
        return Err(LockRefused::Oneself);
    }
    if !by.may_lock(account) {
        return Err(LockRefused::OfAnAdministrator);
    }
    let now = app.now();
    let locked = account.lock(LockReason::ByAdministrator, now)?;
    let entry = Entry::about(now, actor, Act::Locked, account)
        .changing(code_of(account), code_of(&locked))
        .because(why);
    let mut entries = save_in(app, tx, &locked, Some(SessionEnd::Locked), &entry).await?;
    entries.insert(0, entry);
    audit::append(tx, &entries).await?;
    roles::keep_governed(tx, by, &entries, now).await?;
    Ok(locked)
}

/// The state of an account as the audit says it: of a lock its reason.
const fn code_of(account: &Account) -> &'static str {
    match *account.state() {
        State::Locked { reason, .. } => reason.code(),
        _ => account.state().name().code(),
    }
}

/// Lifts a lock, if nobody has changed the account since it was looked at.
pub async fn unlock_seen(
    app: &App,
    by: &Administrator,
    seen: Seen,
    why: &str,
) -> Result<Account, LockRefused> {
    let account = as_seen(app, by, seen).await?;
    let open = unlock_as_seen(app, by, &account, why).await?;
    directory_locks::try_at_once(app, seen.id).await;
    Ok(open)
}

/// An account within reach, if nobody has changed it since it was looked at.
pub(super) async fn as_seen(app: &App, by: &Administrator, seen: Seen) -> Result<Account, LockRefused> {
    let account = within_reach(app, by, seen.id).await?;
    if account.version() == seen.version { Ok(account) } else { Err(LockRefused::Conflict) }
}

/// Lifts a lock on an administrator's word: a new password is demanded, with a fresh deadline.
pub async fn unlock(app: &App, by: &Administrator, id: AccountId, why: &str) -> Result<Account, LockRefused> {
    let account = within_reach(app, by, id).await?;
    let open = unlock_as_seen(app, by, &account, why).await?;
    directory_locks::try_at_once(app, id).await;
    Ok(open)
}

/// Lifts the lock of an account within reach, if nobody has changed it since it was read. The directories are not
/// tried at once.
pub(super) async fn unlock_as_seen(
    app: &App,
    by: &Administrator,
    account: &Account,
    why: &str,
) -> Result<Account, LockRefused> {
    let actor = rights::acting(app, by, Right::Unlock).await?;
    let why = reason(why)?;
    if !by.may_unlock(account) {
        return Err(LockRefused::OfAnAdministrator);
    }
    let now = app.now();
    let deadline = app.regulation().fresh_term(account, now);
    let open = account.unlock(now, deadline)?;
    let entry = Entry::about(now, actor, Act::Unlocked, account)
        .changing(code_of(account), code_of(&open))
        .because(why);
    let mut tx = app.db.begin().await?;
    let mut entries = save_in(app, &mut tx, &open, None, &entry).await?;
    entries.insert(0, entry);
    handed_over::renew(&mut tx, account.id(), by.account_id(), now).await?;
    audit::append(&mut tx, &entries).await?;
    tx.commit().await?;
    Ok(open)
}

/// Locks an account because a directory says so. An account that somebody else locked or changed meanwhile is left as
/// it is.
pub async fn enforce(app: &App, account: &Account, reason: LockReason, actor: Actor) -> Result<(), Internal> {
    close(app, account, reason, actor, None).await
}

/// Locks an account because its deadline has passed, even if the job is late.
pub(super) async fn enforce_deadline(
    app: &App,
    account: &Account,
    (reason, deadline): (LockReason, &Deadline),
    actor: Actor,
) -> Result<(), Internal> {
    close(app, account, reason, actor, Some(deadline)).await
}

/// Closes our own door and orders the directories'.
async fn close(
    app: &App,
    account: &Account,
    reason: LockReason,
    actor: Actor,
    deadline: Option<&Deadline>,
) -> Result<(), Internal> {
    let now = app.now();
    let Ok(locked) = account.lock(reason, now) else { return Ok(()) };
    let entry =
        Entry::about(now, actor, Act::Locked, account).changing(account.state().name().code(), reason.code());
    match save(app, &locked, Some(SessionEnd::Locked), entry, deadline).await {
        Err(internal) if internal.is_conflict() => Ok(()),
        Err(internal) => Err(internal),
        Ok(()) => {
            logout_notices::try_at_once(app, account.id()).await;
            directory_locks::try_at_once(app, account.id()).await;
            Ok(())
        }
    }
}

/// The lock job: locks every account whose lock is due, while its office is open; tells how many. A run that would lock
/// too many at once is stopped by the brake and locks only whom an approved run covers.
pub async fn enforce_deadlines(app: &App) -> Result<usize, Internal> {
    enforce_at(app, Hours::OfTheOffice).await
}

/// The same at any hour, for the invented city: nobody chooses when a demonstration is shown.
pub async fn enforce_deadlines_at_any_hour(app: &App) -> Result<usize, Internal> {
    enforce_at(app, Hours::Any).await
}

/// When deadlines are enforced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hours {
    /// On working days, while the office is open.
    OfTheOffice,
    /// Always.
    Any,
}

async fn enforce_at(app: &App, hours: Hours) -> Result<usize, Internal> {
    deadlines::keep(app).await?;
    let approved = brake::approved(app).await?;
    let cutoff = approved.as_ref().map(|run| run.cutoff);
    let load = load(app, cutoff).await?;
    let stopped = brake::judge(app, &load).await?;
    if let Some(stopped) = &stopped {
        if let Some(run) = brake::stop(app, &load, stopped).await? {
            // Once for each run and administrator, however often the job comes by.
            letters::tell_run_held(app, &run.to_string(), load.total).await?;
        }
    } else {
        brake::end(app, RunState::Held, RunState::Released, 0).await?;
    }
    let until = if stopped.is_some() { cutoff } else { Some(Timestamp::from_micros(i64::MAX)) };
    let mut locked = 0;
    if let Some(until) = until {
        locked = lock_all(app, until, hours).await?;
    }
    // One that waits for its opening hour keeps the approved run open.
    if let (Some(cutoff), Some(_)) = (cutoff, approved)
        && accounts::to_lock(&app.db, cutoff, &Place::start(), 1).await?.is_empty()
    {
        brake::end(app, RunState::Approved, RunState::Done, locked).await?;
    }
    if locked > 0 {
        // The directories come after everybody's door here is closed.
        logout_notices::send_due(app).await?;
        directory_locks::carry_out_due(app).await?;
    }
    Ok(locked)
}

/// Who would be locked now, but for those whom an approved run covers. Terms that were written down wrongly are put
/// right on the way.
async fn load(app: &App, covered_until: Option<Timestamp>) -> Result<Load, Internal> {
    let (now, mut load, mut after) = (app.now(), Load::default(), Place::start());
    loop {
        let page = accounts::to_lock(&app.db, now, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(load) };
        after = last.place.clone();
        let regulation = app.regulation();
        let mut wrong = Vec::new();
        for Found { account, .. } in &page {
            let terms = regulation.terms(account);
            if terms != account.traces().written {
                wrong.push((account, terms));
            } else if matches!(regulation.verdict(account, now), Verdict::Lock(..))
                && covered_until.is_none_or(|until| terms.lock_at > Some(until))
            {
                load.add(account.profile().agency_id);
            }
        }
        if !wrong.is_empty() {
            let mut tx = app.db.begin().await?;
            written::set(&mut tx, &wrong).await?;
            tx.commit().await?;
        }
    }
}

/// Locks whoever is to be locked now and was due by `until`.
async fn lock_all(app: &App, until: Timestamp, hours: Hours) -> Result<usize, Internal> {
    let (now, mut locked, mut after) = (app.now(), 0, Place::start());
    loop {
        let page = accounts::to_lock(&app.db, now.min(until), &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(locked) };
        after = last.place.clone();
        for batch in page.chunks(BATCH) {
            let mut tx = app.db.begin().await?;
            let mut entries = Vec::new();
            let regulation = app.regulation();
            let is_open = |account: &Account| {
                hours == Hours::Any || regulation.is_open(account.profile().agency_id, now)
            };
            for found in batch.iter().filter(|found| is_open(&found.account)) {
                entries.extend(close_in(app, &mut tx, &found.account, now).await?);
            }
            locked += entries.len();
            audit::append(&mut tx, &entries).await?;
            tx.commit().await?;
        }
    }
}

/// Closes our own door for one account within a batch; `None` if somebody else was faster.
async fn close_in(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    now: Timestamp,
) -> Result<Option<Entry>, Internal> {
    let Verdict::Lock(reason, deadline) = app.regulation().verdict(account, now) else { return Ok(None) };
    let Ok(locked) = account.lock(reason, now) else { return Ok(None) };
    match accounts::save(tx, &locked, Terms::default()).await {
        Err(StorageError::Lost { .. }) => return Ok(None),
        result => result?,
    }
    letters::withdraw(tx, account.id()).await?;
    session::end_everything(tx, account.id(), None, SessionEnd::Locked, now).await?;
    if outbox::reaches_the_directories(reason) {
        orders::order_lock(tx, account.id(), &app.config.write_locks_to, now).await?;
    }
    let entry = Entry::about(now, Actor::Job("deadlines"), Act::Locked, account)
        .changing(account.state().name().code(), reason.code());
    Ok(Some(with_basis(app, tx, account, &deadline, entry).await?))
}

/// Keeps the deadline that led to a lock, and names rule, days and versions in the audit.
async fn with_basis(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    deadline: &Deadline,
    entry: Entry,
) -> Result<Entry, Internal> {
    let regulation = app.regulation();
    let versions = (regulation.book.version, regulation.calendar_version);
    told_deadlines::add(tx, account.id(), deadline, versions, (entry.at, ToldBy::Lock)).await?;
    let basis = Basis {
        rule: deadline.rule,
        start: deadline.start,
        last_day: deadline.last_day,
        policy: versions.0,
        calendar: versions.1,
    };
    Ok(entry.because(basis.to_string()))
}

/// What is written down of an account's terms.
pub fn terms(app: &App, account: &Account) -> Terms {
    app.regulation().terms(account)
}

/// Saves an account in its new state as [`save_in`] does, with the line of the audit.
pub(super) async fn save(
    app: &App,
    account: &Account,
    end: Option<SessionEnd>,
    entry: Entry,
    deadline: Option<&Deadline>,
) -> Result<(), Internal> {
    let mut tx = app.db.begin().await?;
    let mut entries = save_in(app, &mut tx, account, end, &entry).await?;
    let entry = match deadline {
        Some(deadline) => with_basis(app, &mut tx, account, deadline, entry).await?,
        None => entry,
    };
    entries.insert(0, entry);
    audit::append(&mut tx, &entries).await?;
    Ok(tx.commit().await?)
}

/// Saves an account in its new state, with its terms, its letters, its sessions and the orders to the directories, for a
/// line of the audit. Tells the lines of what ends with it: the roles of whoever is locked for another reason than a deadline.
pub(super) async fn save_in(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    end: Option<SessionEnd>,
    entry: &Entry,
) -> Result<Vec<Entry>, Internal> {
    let now = entry.at;
    accounts::save(tx, account, terms(app, account)).await?;
    letters::withdraw(tx, account.id()).await?;
    if let Some(why) = end {
        session::end_everything(tx, account.id(), None, why, now).await?;
    }
    match *account.state() {
        State::Locked { reason, .. } if outbox::reaches_the_directories(reason) => {
            orders::order_lock(tx, account.id(), &app.config.write_locks_to, now).await?;
        }
        State::Retired { .. } => {}
        // Where an administrator's lock was taken back, a directory's own lock holds again, and what was written goes.
        State::Locked { .. } | State::Active { .. } | State::MustChangePassword { .. } => {
            orders::order_unlock(tx, account.id(), now).await?;
        }
    }
    Ok(end_roles(app, tx, account, (&entry.actor, entry.why.as_deref().unwrap_or_default())).await?)
}

/// The roles that end with the lock of an account, after it was saved so; tells their lines. For whoever saves it elsewhere.
pub(super) async fn end_roles(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    by: (&Actor, &str),
) -> Result<Vec<Entry>, StorageError> {
    match *account.state() {
        State::Locked { reason, .. } if reason.ends_roles() => {
            roles::end_all(app, tx, account, by, reason).await
        }
        _ => Ok(Vec::new()),
    }
}

/// An account within reach; whatever is beyond is not there.
pub(super) async fn within_reach(
    app: &App,
    by: &Administrator,
    id: AccountId,
) -> Result<Account, LockRefused> {
    rights::account(app, by, id).await?.ok_or(LockRefused::NotFound)
}

/// The reason that was given, tidied.
pub(super) fn reason(why: &str) -> Result<String, LockRefused> {
    let why = crate::domain::name::tidy(why);
    if why.is_empty() { Err(LockRefused::NoReason) } else { Ok(why.chars().take(500).collect()) }
}
