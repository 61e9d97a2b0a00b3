//! Sign-in: one attempt, one bind on the home directory, one transaction.

use super::cached_sign_in::Cached;
use super::failed_attempts::{self, Failure, Gate, Trial};
use super::{Internal, cached_sign_in, chain, directory_locks, lock, password_copies, session};
use crate::app::App;
use crate::directory::{DirectoryError, Refusal, Verified};
use crate::domain::account::{Account, LockReason, MustChange, State, Traces};
use crate::domain::address::MailAddress;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::SessionId;
use crate::domain::mailbox::{self, MailSystem, Mailbox};
use crate::domain::secret::Password;
use crate::domain::session::{Door, Proof, Session};
use crate::domain::timestamp::Timestamp;
use crate::storage::{StorageError, accounts, administrators, audit, mailboxes, sessions};
use thiserror::Error;

/// One attempt.
pub struct Attempt<'a> {
    /// What was typed: a whole address, or the part before the `@`.
    pub identifier: &'a str,
    /// The password.
    pub password: &'a Password,
    /// Through which door.
    pub door: Door,
    /// The network address.
    pub source: &'a str,
    /// The browser's words about itself.
    pub user_agent: &'a str,
}

/// Why an attempt did not open a session.
#[derive(Debug, Error)]
pub enum LoginRefused {
    /// Wrong password, or no such account: never told apart.
    #[error("wrong address or password")]
    Wrong,
    /// Too many failures; wait until then.
    #[error("too many failed attempts")]
    Wait(Timestamp),
    /// The password is right, the account is locked.
    #[error("the account is locked")]
    Locked {
        /// The account, locked.
        account: Box<Account>,
        /// Why.
        reason: LockReason,
        /// Since when.
        since: Timestamp,
    },
    /// The password is right, and the directory refuses it now: outside its hours or from this computer.
    #[error("the directory refuses the sign-in now")]
    NotNow,
    /// The lock was lifted here, and the mail system has not been reached with it yet.
    #[error("{0:?} is still being opened again")]
    BeingOpened(MailSystem),
    /// The directory did not answer; nothing can be said about the password.
    #[error("{0:?} did not answer")]
    Unreachable(MailSystem),
    /// The password is right, and there is no role in the administration.
    #[error("no role in the administration")]
    NotAnAdministrator,
    /// The password is right, and must be changed in the portal before it opens the administration.
    #[error("the password must be changed first")]
    ChangeFirst,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for LoginRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Signs a person in. The caller gives the session to the browser and asks for the flow's next step.
pub async fn sign_in(app: &App, attempt: &Attempt<'_>) -> Result<Session, LoginRefused> {
    let found = find(app, attempt).await?;
    let address = counted_address(app, attempt, found.as_ref().map(|(account, _)| account));
    let trial = match failed_attempts::gate(app, &address, Some(attempt.source), attempt.password).await? {
        Gate::Open(trial) => trial,
        Gate::Wait(until) => return Err(pause(app, until, found.as_ref().map(|(_, home)| home))),
        Gate::Repeated => return Err(LoginRefused::Wrong),
    };
    let Some((account, home)) = found else {
        return refuse_stranger(app, attempt, &trial).await;
    };
    let still_closed = is_still_closed(app, &account, &home).await?;
    let verified = match prove(app, &home, attempt.password).await {
        Ok(verified) => verified,
        Err(ProofFailed::Wrong(_) | ProofFailed::Disabled(_)) if still_closed => {
            return Err(LoginRefused::BeingOpened(home.key.system));
        }
        Err(ProofFailed::Wrong(failure)) => {
            return wrong(app, attempt, Some(&account), &trial, failure).await;
        }
        Err(ProofFailed::Disabled(reason)) => {
            lock::enforce(app, &account, reason, Actor::Job("sign-in")).await?;
            return Err(locked(app, &account, reason).await?);
        }
        Err(ProofFailed::Unreachable) => {
            let (whose, may) = ((&account, &home), !still_closed);
            let cached = cached_sign_in::instead(app, attempt, whose, &trial, may).await?;
            return open(app, attempt, account, How::Cached(cached), &trial).await;
        }
        Err(ProofFailed::Other(refused)) => return Err(refused),
    };
    if session::passes(app, &account, "sign-in").await?.is_none() {
        return Err(locked(app, &account, LockReason::DefaultPasswordKept).await?);
    }
    if let State::Locked { at, reason } = *account.state() {
        return Err(LoginRefused::Locked { account: Box::new(account), reason, since: at });
    }
    if attempt.door == Door::Admin {
        refuse_unless_administrator(app, &account, verified).await?;
    }
    let session = open(app, attempt, account.clone(), How::Bind(verified), &trial).await?;
    password_copies::prove(app, &home, attempt.password).await?;
    if verified == Verified::Good && attempt.door == Door::Staff {
        cached_sign_in::remember(app, &account, &home, attempt.password);
    }
    Ok(session)
}

/// How a password was proven.
#[derive(Clone, Copy)]
enum How {
    Bind(Verified),
    Cached(Cached),
}

/// What is said to whoever is paused.
fn pause(app: &App, until: Timestamp, home: Option<&Mailbox>) -> LoginRefused {
    let first = app.directories.iter().next().map(|directory| directory.system());
    match home.map(|home| home.key.system).or(first) {
        Some(system) if cached_sign_in::hides_pauses(app, system) => LoginRefused::Unreachable(system),
        _ => LoginRefused::Wait(until),
    }
}

/// The account and its home mailbox; `None` for every reason that must look like a wrong password.
async fn find(app: &App, attempt: &Attempt<'_>) -> Result<Option<(Account, Mailbox)>, LoginRefused> {
    let Ok(address) = MailAddress::parse_typed(attempt.identifier, &app.config.city.mail_domain) else {
        return Ok(None);
    };
    let Some(account) = accounts::by_address(&app.db, &address).await? else { return Ok(None) };
    if matches!(account.state(), State::Retired { .. }) {
        return Ok(None);
    }
    let mailboxes = mailboxes::of_account(&app.db, account.id()).await?;
    Ok(mailbox::home(&mailboxes).cloned().map(|home| (account, home)))
}

/// Whether the home directory still holds our lock although it was lifted here. It is tried once more.
async fn is_still_closed(app: &App, account: &Account, home: &Mailbox) -> Result<bool, Internal> {
    match account.state() {
        State::Active { .. } | State::MustChangePassword { .. } => {
            directory_locks::is_being_lifted(app, account.id(), home.key.system).await
        }
        State::Locked { .. } | State::Retired { .. } => Ok(false),
    }
}

enum ProofFailed {
    Wrong(Failure),
    Disabled(LockReason),
    Unreachable,
    Other(LoginRefused),
}

/// One bind on the home directory. No transaction is open.
async fn prove(app: &App, home: &Mailbox, password: &Password) -> Result<Verified, ProofFailed> {
    let system = home.key.system;
    let Some(directory) = app.directories.of(system) else {
        tracing::warn!(?system, "an account's home directory is not configured");
        return Err(ProofFailed::Other(LoginRefused::Unreachable(system)));
    };
    match directory.verify(&home.key, password).await {
        Ok(verified) => Ok(verified),
        Err(DirectoryError::Refused(refusal)) => Err(match refusal {
            Refusal::Disabled | Refusal::AccountExpired => {
                ProofFailed::Disabled(LockReason::DisabledInDirectory)
            }
            Refusal::WrongPassword => ProofFailed::Wrong(Failure::Proven),
            // A lock-out there says nothing about the password, so it looks like a wrong one.
            Refusal::LockedOut => ProofFailed::Wrong(Failure::Unproven),
            Refusal::NotNow => ProofFailed::Other(LoginRefused::NotNow),
        }),
        Err(error) => {
            tracing::warn!(?system, "verifying a password: {}", chain(&error));
            Err(match error {
                DirectoryError::Unreachable { .. } => ProofFailed::Unreachable,
                // it is there and must be set right: nothing else may take its place
                _ => ProofFailed::Other(LoginRefused::Unreachable(system)),
            })
        }
    }
}

async fn refuse_unless_administrator(
    app: &App,
    account: &Account,
    verified: Verified,
) -> Result<(), LoginRefused> {
    if !administrators::holds_any(&app.db, account.id(), app.now()).await? {
        return Err(LoginRefused::NotAnAdministrator);
    }
    let must_change =
        matches!(account.state(), State::MustChangePassword { .. }) || verified != Verified::Good;
    if must_change { Err(LoginRefused::ChangeFirst) } else { Ok(()) }
}

/// Session, state, throttle and audit in one transaction.
async fn open(
    app: &App,
    attempt: &Attempt<'_>,
    account: Account,
    how: How,
    trial: &Trial,
) -> Result<Session, LoginRefused> {
    let now = app.now();
    let session = new_session(app, attempt, &account, how);
    let (act, verified) = match how {
        How::Bind(verified) => (Act::SignedIn, verified),
        How::Cached(_) => (Act::SignedInCached, Verified::Good),
    };
    let holder = || Actor::Holder(account.profile().address.to_string());
    let mut entries =
        vec![Entry::about(now, holder(), act, &account).with(attempt.door.code()).from(attempt.source)];
    let mut tx = app.db.begin().await?;
    if let How::Cached(cached) = how {
        cached.hold(&mut tx, &account).await?;
    }
    let used = used_now(&account, now);
    accounts::used(&mut tx, account.id(), now).await?;
    if account.traces().first_access_at.is_none() {
        entries.push(Entry::about(now, holder(), Act::FirstAccess, &account).from(attempt.source));
    }
    if verified != Verified::Good && matches!(account.state(), State::Active { .. }) {
        let demanded = used
            .demand_change(now, app.regulation().fresh_term(&used, now), MustChange::Reset)
            .map_err(|e| Internal::new("demanding a new password", e))?;
        accounts::save(&mut tx, &demanded, lock::terms(app, &demanded)).await?;
        let entry = Entry::about(now, Actor::Job("sign-in"), Act::ChangeDemanded, &account);
        entries.push(entry.changing(account.state().name().code(), demanded.state().name().code()));
    } else if lock::terms(app, &used) != account.traces().written {
        accounts::set_terms(&mut tx, &account, lock::terms(app, &used)).await?;
    }
    sessions::insert(&mut tx, &session).await?;
    trial.succeeded(&mut tx).await?;
    audit::append(&mut tx, &entries).await?;
    tx.commit().await?;
    Ok(session)
}

fn new_session(app: &App, attempt: &Attempt<'_>, account: &Account, how: How) -> Session {
    let now = app.now();
    let life = match attempt.door {
        Door::Staff => app.config.sessions.staff_life,
        Door::Admin => app.config.sessions.admin_life,
    };
    let (proof, until) = match how {
        How::Bind(_) => (Proof::Bind, now.plus(life)),
        // no longer than the password itself would open anything
        How::Cached(cached) => (Proof::Cached, now.plus(life).min(cached.until)),
    };
    Session {
        id: SessionId::new(now, app.system.entropy()),
        account_id: account.id(),
        door: attempt.door,
        auth_time: now,
        proof,
        last_seen_at: now,
        expires_at: until,
        source: attempt.source.to_owned(),
        user_agent: attempt.user_agent.to_owned(),
    }
}

/// The account as it is once it was used now.
fn used_now(account: &Account, now: Timestamp) -> Account {
    let traces = account.traces();
    let first_access_at = traces.first_access_at.or(Some(now));
    let last_used_at = traces.last_used_at.max(Some(now));
    account.clone().with_traces(Traces { first_access_at, last_used_at, ..*traces })
}

async fn locked(app: &App, account: &Account, reason: LockReason) -> Result<LoginRefused, LoginRefused> {
    let account = accounts::by_id(&app.db, account.id()).await?.unwrap_or_else(|| account.clone());
    let (since, reason) = match *account.state() {
        State::Locked { at, reason } => (at, reason),
        _ => (app.now(), reason),
    };
    Ok(LoginRefused::Locked { account: Box::new(account), reason, since })
}

/// Takes as long as a wrong password at an existing account, and counts like one.
async fn refuse_stranger(app: &App, attempt: &Attempt<'_>, trial: &Trial) -> Result<Session, LoginRefused> {
    if let Some(directory) = app.directories.iter().next()
        && let Err(error) = directory.refuse_stranger(attempt.password).await
    {
        tracing::warn!("refusing a stranger: {}", chain(&error));
        if matches!(error, DirectoryError::Unreachable { .. }) {
            cached_sign_in::pretend(app, attempt.password).await;
        }
        return Err(LoginRefused::Unreachable(directory.system()));
    }
    wrong(app, attempt, None, trial, Failure::Proven).await
}

async fn wrong(
    app: &App,
    attempt: &Attempt<'_>,
    account: Option<&Account>,
    trial: &Trial,
    failure: Failure,
) -> Result<Session, LoginRefused> {
    let entry = account.map(|account| {
        Entry::about(app.now(), Actor::Stranger, Act::SignInRefused, account).from(attempt.source)
    });
    match trial.failed(app, failure, entry).await? {
        Some(until) => Err(LoginRefused::Wait(until)),
        None => Err(LoginRefused::Wrong),
    }
}

/// The address under which failures of this attempt count: the account's, by whichever of its addresses. An unknown
/// account counts like a known one, under what was typed.
fn counted_address(app: &App, attempt: &Attempt<'_>, account: Option<&Account>) -> String {
    match account {
        Some(account) => account.profile().address.to_string(),
        None => MailAddress::parse_typed(attempt.identifier, &app.config.city.mail_domain)
            .map_or_else(|_| attempt.identifier.chars().take(100).collect(), |address| address.to_string()),
    }
}
