//! Locks: by an administrator, by a deadline; and how they are lifted.
//!
//! A lock closes our own door: state, sessions, tokens and audit in one transaction, and with them the orders to the
//! directories, which `directory_locks` carries out afterwards.

use super::{Internal, directory_locks, session};
use crate::app::App;
use crate::domain::account::{Account, LockReason, State, TransitionRefused};
use crate::domain::admin::Administrator;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::AccountId;
use crate::domain::outbox;
use crate::domain::policy::deadline::{self, Verdict, verdict};
use crate::domain::session::SessionEnd;
use crate::domain::timestamp::Timestamp;
use crate::storage::{StorageError, accounts, audit, directory_locks as orders};
use thiserror::Error;

/// How many accounts the lock job takes at a time.
const BATCH: i64 = 200;

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
    let why = reason(why)?;
    let account = within_reach(app, by, id).await?;
    if account.id() == by.account_id() {
        return Err(LockRefused::Oneself);
    }
    let now = app.now();
    let locked = account.lock(LockReason::ByAdministrator, now)?;
    let actor = Actor::Administrator(by.address().to_string());
    let entry = Entry::about(now, actor, Act::Locked, &account)
        .changing(account.state().name().code(), LockReason::ByAdministrator.code())
        .because(why);
    save(app, &locked, None, Some(SessionEnd::Locked), entry).await?;
    directory_locks::try_at_once(app, id).await;
    Ok(locked)
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
    let why = reason(why)?;
    let now = app.now();
    let days = app.config.policy.default_password_working_days;
    let deadline = deadline::default_password(now, days, &app.calendar()).ends_at;
    let open = account.unlock(now, deadline)?;
    let before = match account.state() {
        State::Locked { reason, .. } => reason.code(),
        _ => account.state().name().code(),
    };
    let actor = Actor::Administrator(by.address().to_string());
    let entry = Entry::about(now, actor, Act::Unlocked, account)
        .changing(before, open.state().name().code())
        .because(why);
    save(app, &open, Some(deadline), None, entry).await?;
    Ok(open)
}

/// Locks an account because a rule or a directory says so. An account that somebody else locked or changed
/// meanwhile is left as it is.
pub async fn enforce(app: &App, account: &Account, reason: LockReason, actor: Actor) -> Result<(), Internal> {
    if close(app, account, reason, actor).await? {
        directory_locks::try_at_once(app, account.id()).await;
    }
    Ok(())
}

/// Closes our own door and orders the directories'; tells whether it was open.
async fn close(app: &App, account: &Account, reason: LockReason, actor: Actor) -> Result<bool, Internal> {
    let now = app.now();
    let Ok(locked) = account.lock(reason, now) else { return Ok(false) };
    let entry =
        Entry::about(now, actor, Act::Locked, account).changing(account.state().name().code(), reason.code());
    match save(app, &locked, None, Some(SessionEnd::Locked), entry).await {
        Err(internal) if internal.is_conflict() => Ok(false),
        result => result.map(|()| true),
    }
}

/// The lock job: locks every account whose term has ended; tells how many.
pub async fn enforce_deadlines(app: &App) -> Result<usize, Internal> {
    let mut locked = 0;
    loop {
        let now = app.now();
        let due = accounts::due(&app.db, now, BATCH).await?;
        let count = due.len();
        for account in due {
            match verdict(&account, &app.config.policy, &app.calendar(), now) {
                Verdict::Lock(reason, _) => {
                    // The directories come after everybody's door here is closed.
                    locked += usize::from(close(app, &account, reason, Actor::Job("deadlines")).await?);
                }
                // The calendar or the policy has moved the deadline since it was written down.
                Verdict::Remind(deadline) => postpone(app, &account, deadline.ends_at).await?,
                Verdict::Nothing => postpone(app, &account, Timestamp::from_micros(i64::MAX)).await?,
            }
        }
        if count < usize::try_from(BATCH).unwrap_or_default() {
            break;
        }
    }
    if locked > 0 {
        directory_locks::carry_out_due(app).await?;
    }
    Ok(locked)
}

/// When the running term of an account ends: what the lock job finds it by.
pub fn due_at(app: &App, state: &State) -> Option<Timestamp> {
    deadline::running(state, &app.config.policy, &app.calendar()).map(|deadline| deadline.ends_at)
}

async fn postpone(app: &App, account: &Account, until: Timestamp) -> Result<(), Internal> {
    let mut tx = app.db.begin().await?;
    match accounts::save(&mut tx, account, Some(until)).await {
        Ok(()) => Ok(tx.commit().await?),
        Err(StorageError::Lost { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn save(
    app: &App,
    account: &Account,
    due_at: Option<Timestamp>,
    end: Option<SessionEnd>,
    entry: Entry,
) -> Result<(), Internal> {
    let now = entry.at;
    let mut tx = app.db.begin().await?;
    accounts::save(&mut tx, account, due_at).await?;
    if let Some(why) = end {
        session::end_everything(&mut tx, account.id(), None, why, now).await?;
    }
    match *account.state() {
        State::Locked { reason, .. } if outbox::reaches_the_directories(reason) => {
            orders::order_lock(&mut tx, account.id(), &app.config.write_locks_to, now).await?;
        }
        State::Locked { .. } | State::Retired { .. } => {}
        State::Active { .. } | State::MustChangePassword { .. } => {
            orders::order_unlock(&mut tx, account.id(), now).await?;
        }
    }
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// An account within reach; whatever is beyond is not there.
pub(super) async fn within_reach(
    app: &App,
    by: &Administrator,
    id: AccountId,
) -> Result<Account, LockRefused> {
    let account = accounts::by_id(&app.db, id).await?;
    account.filter(|a| by.reach().covers(a.profile().agency_id)).ok_or(LockRefused::NotFound)
}

/// The reason that was given, tidied.
pub(super) fn reason(why: &str) -> Result<String, LockRefused> {
    let why = crate::domain::name::tidy(why);
    if why.is_empty() { Err(LockRefused::NoReason) } else { Ok(why.chars().take(500).collect()) }
}
