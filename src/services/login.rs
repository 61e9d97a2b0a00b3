//! Sign-in: one attempt, one bind on the home directory, one transaction.

use super::cached_sign_in::Cached;
use super::factors::trust::{self, Held};
use super::failed_attempts::{self, Failure, Gate, Trial};
use super::{
    Internal, cached_sign_in, chain, directory_locks, factors, kept_out, lock, password_copies, second_step,
    self_help, session,
};
use crate::app::App;
use crate::directory::{Directory, DirectoryError, Refusal, Verified};
use crate::domain::account::{Account, LockReason, MustChange, State, Traces};
use crate::domain::address::MailAddress;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::SessionId;
use crate::domain::mailbox::{self, MailSystem, Mailbox};
use crate::domain::proof::{PasswordProof, Proof, Second};
use crate::domain::secret::{Password, Secret};
use crate::domain::session::{Door, Session};
use crate::domain::timestamp::Timestamp;
use crate::storage::{StorageError, Tx, accounts, administrators, audit, mailboxes, sessions};
use std::sync::Arc;
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
    /// What the browser keeps of accounts for which it is remembered.
    pub remembered: &'a [Held],
}

/// What an attempt has led to.
#[derive(Debug)]
pub enum Passed {
    /// A session.
    Open(Box<Session>),
    /// The password is right, and the second factor is to be proven; the id for the browser.
    Half(Secret<String>),
}

/// How the holder of a locked account lifts the lock.
#[derive(Debug)]
pub enum WayOut {
    /// By the second factor, then a new password; the id for the browser.
    Factor(Secret<String>),
    /// By a new password, because a passkey has proven enough; the id for the browser.
    Password(Secret<String>),
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
        /// How its holder can lift the lock by a new password.
        unlock: Option<WayOut>,
    },
    /// The password is right, and its holder has said that somebody else knows it: it alone opens nothing, whoever types it.
    #[error("the password is disowned")]
    Disowned(Box<Account>),
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
pub async fn sign_in(app: &App, attempt: &Attempt<'_>) -> Result<Passed, LoginRefused> {
    let result = try_once(app, attempt).await;
    if let Err(refused) = &result {
        kept_out::record(app, attempt.source, refused).await?;
    }
    result
}

async fn try_once(app: &App, attempt: &Attempt<'_>) -> Result<Passed, LoginRefused> {
    let found = find(app, attempt).await?;
    let address = counted_address(app, attempt, found.as_ref().map(|(account, _)| account));
    let trial = match failed_attempts::gate(app, &address, Some(attempt.source), attempt.password).await? {
        Gate::Open(trial) => trial,
        Gate::Wait(until) => return Err(pause(app, until, &address, found.as_ref().map(|(_, home)| home))),
        Gate::Repeated => return Err(LoginRefused::Wrong),
    };
    let Some((account, home)) = found else {
        return refuse_stranger(app, attempt, &address, &trial).await;
    };
    let still_closed = is_still_closed(app, &account, &home).await?;
    let verified = match prove(app, &home, attempt.password).await {
        Ok(verified) => verified,
        // Told to those only whose password the directory knows: anybody else would learn that there is such an account.
        Err(ProofFailed::Disabled(_)) if still_closed => {
            return Err(LoginRefused::BeingOpened(home.key.system));
        }
        Err(ProofFailed::Wrong(failure)) => {
            // OBM's lock refuses without a look at the password, and need not say that it is one: it is asked again.
            let is_blind = still_closed && home.key.system == MailSystem::Obm;
            let failure = if is_blind { Failure::Unproven } else { failure };
            return wrong(app, attempt, Some(&account), &trial, failure).await;
        }
        Err(ProofFailed::Disabled(reason)) => {
            lock::enforce(app, &account, reason, Actor::Job("sign-in")).await?;
            return Err(locked(app, &account, reason).await?);
        }
        Err(ProofFailed::Unreachable) => {
            let (whose, may) = ((&account, &home), !still_closed);
            let cached = cached_sign_in::instead(app, attempt, whose, &trial, may).await?;
            return enter(app, attempt, &account, How::Cached(cached), &trial).await;
        }
        Err(ProofFailed::Other(refused)) => return Err(refused),
    };
    if session::passes(app, &account, "sign-in").await?.is_none() {
        let refused = locked(app, &account, LockReason::DefaultPasswordKept).await?;
        return Err(with_way_out(app, attempt, refused).await?);
    }
    if let State::Locked { at, reason } = *account.state() {
        let refused = LoginRefused::Locked { account: Box::new(account), reason, since: at, unlock: None };
        return Err(with_way_out(app, attempt, refused).await?);
    }
    if attempt.door == Door::Admin {
        refuse_unless_administrator(app, &account, verified != Verified::Good).await?;
    }
    let how = How::Bind { must_change: verified != Verified::Good };
    let passed = enter(app, attempt, &account, how, &trial).await?;
    password_copies::prove(app, &home, attempt.password).await?;
    if verified == Verified::Good && attempt.door == Door::Staff {
        cached_sign_in::remember(app, &account, &home, attempt.password);
    }
    Ok(passed)
}

/// How a person has proven themselves.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// The directory took the password, and may demand a new one.
    Bind {
        /// Whether it does.
        must_change: bool,
    },
    /// The password fits the last known one.
    Cached(Cached),
    /// A passkey that knows its holder stood in its place.
    Passkey,
}

impl How {
    /// What that says of the password.
    pub(super) const fn password(self) -> PasswordProof {
        match self {
            Self::Bind { .. } => PasswordProof::Bind,
            Self::Cached(_) => PasswordProof::Cached,
            Self::Passkey => PasswordProof::NotAsked,
        }
    }

    /// Of a cached one: when the directory took it.
    pub(super) const fn cached_at(self) -> Option<Timestamp> {
        match self {
            Self::Cached(cached) => Some(cached.proven_at),
            Self::Bind { .. } | Self::Passkey => None,
        }
    }

    /// Whether the directory demands a new password.
    pub(super) const fn must_change(self) -> bool {
        matches!(self, Self::Bind { must_change: true })
    }
}

/// Who comes in, and with what besides the password.
#[derive(Clone, Copy)]
pub(super) struct Entrance<'a> {
    pub door: Door,
    pub source: &'a str,
    pub user_agent: &'a str,
    /// When the password was proven.
    pub proven_at: Timestamp,
    pub second: Option<Second>,
}

/// What is said to whoever is paused.
fn pause(app: &App, until: Timestamp, address: &str, home: Option<&Mailbox>) -> LoginRefused {
    let of_stranger = || directory_of_stranger(app, address).map(|directory| directory.system());
    match home.map(|home| home.key.system).or_else(of_stranger) {
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

/// Why a password was not proven.
pub(super) enum ProofFailed {
    Wrong(Failure),
    Disabled(LockReason),
    Unreachable,
    Other(LoginRefused),
}

/// One bind on the home directory. No transaction is open.
pub(super) async fn prove(app: &App, home: &Mailbox, password: &Password) -> Result<Verified, ProofFailed> {
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

/// The administration is for administrators whose password need not be changed first.
pub(super) async fn refuse_unless_administrator(
    app: &App,
    account: &Account,
    demanded: bool,
) -> Result<(), LoginRefused> {
    if !administrators::holds_any(&app.db, account.id(), app.now()).await? {
        return Err(LoginRefused::NotAnAdministrator);
    }
    let must_change = matches!(account.state(), State::MustChangePassword { .. }) || demanded;
    if must_change { Err(LoginRefused::ChangeFirst) } else { Ok(()) }
}

/// The password is right: a session, or first the second factor. One transaction.
async fn enter(
    app: &App,
    attempt: &Attempt<'_>,
    account: &Account,
    how: How,
    trial: &Trial,
) -> Result<Passed, LoginRefused> {
    let (door, settings) = (attempt.door, &app.config.second_factor);
    let asks = settings.at(door).asks(factors::of(app, account.id()).await?);
    let entrance = Entrance {
        door,
        source: attempt.source,
        user_agent: attempt.user_agent,
        proven_at: app.now(),
        second: None,
    };
    let mut tx = app.db.begin().await?;
    let remembered = settings.remembers_at(door)
        && asks
        && !account.is_disowned()
        && trust::takes(app, &mut tx, account, (attempt.remembered, attempt.user_agent)).await?;
    let passed = if asks && !remembered {
        Passed::Half(second_step::begin(app, &mut tx, &entrance, account, how).await?)
    } else {
        Passed::Open(Box::new(open_in(app, &mut tx, &entrance, account, how).await?))
    };
    trial.succeeded(&mut tx).await?;
    tx.commit().await?;
    Ok(passed)
}

/// Session, state and audit, in the transaction of the sign-in.
pub(super) async fn open_in(
    app: &App,
    tx: &mut Tx,
    entrance: &Entrance<'_>,
    account: &Account,
    how: How,
) -> Result<Session, LoginRefused> {
    let now = app.now();
    let session = new_session(app, entrance, account, how);
    let act = match how {
        How::Bind { .. } | How::Passkey => Act::SignedIn,
        How::Cached(_) => Act::SignedInCached,
    };
    let holder = || Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, holder(), act, account).with(entrance.door.code()).from(entrance.source);
    let mut entries = vec![Entry { why: entrance.second.map(|second| second.code().to_owned()), ..entry }];
    if let How::Cached(cached) = how {
        cached.hold(tx, account).await?;
    }
    let used = used_now(account, now);
    let is_disowned = accounts::used(tx, account.id(), now).await?;
    if is_disowned && entrance.second.is_none() {
        return Err(LoginRefused::Disowned(Box::new(account.clone())));
    }
    if account.traces().first_access_at.is_none() {
        entries.push(Entry::about(now, holder(), Act::FirstAccess, account).from(entrance.source));
    }
    if how.must_change() && matches!(account.state(), State::Active { .. }) {
        let demanded = used
            .demand_change(now, app.regulation().fresh_term(&used, now), MustChange::Reset)
            .map_err(|e| Internal::new("demanding a new password", e))?;
        accounts::save(tx, &demanded, lock::terms(app, &demanded)).await?;
        let entry = Entry::about(now, Actor::Job("sign-in"), Act::ChangeDemanded, account);
        entries.push(entry.changing(account.state().name().code(), demanded.state().name().code()));
    } else if lock::terms(app, &used) != account.traces().written {
        accounts::set_terms(tx, account, lock::terms(app, &used)).await?;
    }
    sessions::insert(tx, &session).await?;
    audit::append(tx, &entries).await?;
    Ok(session)
}

fn new_session(app: &App, entrance: &Entrance<'_>, account: &Account, how: How) -> Session {
    let now = app.now();
    let life = match entrance.door {
        Door::Staff => app.config.sessions.staff_life,
        Door::Admin => app.config.sessions.admin_life,
    };
    let until = match how {
        How::Bind { .. } | How::Passkey => now.plus(life),
        // no longer than the password itself would open anything
        How::Cached(cached) => now.plus(life).min(cached.until),
    };
    Session {
        id: SessionId::new(now, app.system.entropy()),
        account_id: account.id(),
        door: entrance.door,
        auth_time: entrance.proven_at,
        proof: Proof { password: how.password(), second: entrance.second },
        factor_at: entrance.second.map(|_| now),
        last_seen_at: now,
        expires_at: until,
        source: entrance.source.to_owned(),
        user_agent: entrance.user_agent.to_owned(),
    }
}

/// The account as it is once it was used now.
fn used_now(account: &Account, now: Timestamp) -> Account {
    let traces = account.traces();
    let first_access_at = traces.first_access_at.or(Some(now));
    let last_used_at = traces.last_used_at.max(Some(now));
    account.clone().with_traces(Traces { first_access_at, last_used_at, ..*traces })
}

pub(super) async fn locked(
    app: &App,
    account: &Account,
    reason: LockReason,
) -> Result<LoginRefused, LoginRefused> {
    let account = accounts::by_id(&app.db, account.id()).await?.unwrap_or_else(|| account.clone());
    let (since, reason) = match *account.state() {
        State::Locked { at, reason } => (at, reason),
        _ => (app.now(), reason),
    };
    Ok(LoginRefused::Locked { account: Box::new(account), reason, since, unlock: None })
}

/// The password was right, and the account is locked: whoever has a second factor may be able to lift that.
async fn with_way_out(
    app: &App,
    attempt: &Attempt<'_>,
    refused: LoginRefused,
) -> Result<LoginRefused, LoginRefused> {
    Ok(match refused {
        LoginRefused::Locked { account, reason, since, .. } if attempt.door == Door::Staff => {
            let asker = (attempt.source, attempt.user_agent);
            let unlock = self_help::offer_unlock(app, &account, asker, attempt.password).await?;
            LoginRefused::Locked { account, reason, since, unlock: unlock.map(WayOut::Factor) }
        }
        other => other,
    })
}

/// The directory that refuses whoever is not there: for one address always the same, and nobody can tell which. With one for
/// all of them, its pace and its outages would tell who has a mailbox in the other.
fn directory_of_stranger<'a>(app: &'a App, address: &str) -> Option<&'a Arc<dyn Directory>> {
    let all: Vec<_> = app.directories.iter().collect();
    let digest = app.keyring.keyed_bytes("directory of a stranger", &[address]);
    let first = digest.expose().first().copied().unwrap_or_default();
    all.get(usize::from(first) % all.len().max(1)).copied()
}

/// Takes as long as a wrong password at an existing account, and counts like one.
async fn refuse_stranger(
    app: &App,
    attempt: &Attempt<'_>,
    address: &str,
    trial: &Trial,
) -> Result<Passed, LoginRefused> {
    if let Some(directory) = directory_of_stranger(app, address)
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
) -> Result<Passed, LoginRefused> {
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
