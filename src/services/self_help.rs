//! A new password without the old one, or in spite of a lock because it was too old: for whoever has proven enough besides
//! (docs/decisions/0011-a-code-alone-never-replaces-the-password.md). Everybody else goes to the administrator.
//!
//! Two steps: what proves the person opens a half sign-in with the purpose [`Purpose::Recover`]; that takes one new password,
//! which is written to both directories by the service's right. No session comes of it: the person signs in afterwards.

use super::factors::codes::{self, CodeRefused, Looked};
use super::factors::passkeys::{self, Answer, PasskeyRefused, Place, Verified};
use super::factors::sweep;
use super::password_copies::Intended;
use super::{
    Internal, chain, directory_locks, factors, failed_attempts, letters, lock, logout_notices, password,
    password_copies, second_step, session,
};
use crate::app::App;
use crate::crypto::keyring::Keyring;
use crate::crypto::token;
use crate::directory::{DirectoryError, Refusal};
use crate::domain::account::{Account, LockReason, State};
use crate::domain::address::MailAddress;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::{Demand, Factors};
use crate::domain::mailbox::{self, MailSystem, Mailbox};
use crate::domain::policy::password::{BrokenRule, For};
use crate::domain::proof::PasswordProof;
use crate::domain::secret::{Password, Secret};
use crate::domain::session::{Door, SessionEnd};
use crate::domain::throttle::{Limit, network_of};
use crate::i18n::factors::Change;
use crate::storage::half_sign_ins::{self, HalfSignIn, Purpose};
use crate::storage::{
    StorageError, Tx, accounts, audit, directory_locks as orders, handed_over, mailboxes, throttles,
};
use thiserror::Error;
use time::Duration;

/// How long the new password may be set.
const WAITS: Duration = Duration::minutes(10);

/// How many wrong answers of one network address.
const FROM_ONE_SOURCE: Limit = Limit { failures: 20, window: Duration::hours(1), pause: Duration::hours(1) };

/// What somebody gives who has forgotten the password.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// Two independent things at once.
    Codes {
        /// What was typed as the address.
        identifier: &'a str,
        /// The code of the app.
        code: &'a str,
        /// A recovery code.
        recovery: &'a str,
    },
    /// A passkey that has made sure of its holder.
    Passkey(&'a Answer<'a>),
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The browser.
    pub place: Place<'a>,
    /// The network address.
    pub source: &'a str,
    /// The browser's words about itself.
    pub user_agent: &'a str,
}

/// Whether an account's holder may set a new password by themselves once they have proven enough.
pub const fn may_help_oneself(state: &State) -> bool {
    match state {
        State::Active { .. } | State::MustChangePassword { .. } => true,
        State::Locked { reason, .. } => matches!(reason, LockReason::PasswordTooOld),
        State::Retired { .. } => false,
    }
}

/// The password of an account that is locked because it was too old was right: with a second factor its holder goes on.
/// Returns the id for the browser.
pub(super) async fn offer_unlock(
    app: &App,
    account: &Account,
    asker: (&str, &str),
    password: &Password,
) -> Result<Option<Secret<String>>, Internal> {
    // A code by mail sets no password.
    let factors = Factors { mail: false, ..factors::good(app, account).await? };
    let is_too_old = matches!(account.state(), State::Locked { reason: LockReason::PasswordTooOld, .. });
    if !is_too_old || !app.config.second_factor.staff.asks(factors) {
        return Ok(None);
    }
    let mut tx = app.db.begin().await?;
    let mark = mark(&app.keyring, account, password);
    let id = begin(app, &mut tx, account, asker, (Purpose::Unlock, Some(mark))).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// A passkey that has made sure of its holder was shown in place of the password, on an account that is locked because that
/// was too old: it is used up, and a new password may be set. Returns the id for the browser.
pub(super) async fn unlock_by_passkey(
    app: &App,
    account: &Account,
    asker: (&str, &str),
    verified: &Verified,
) -> Result<Option<Secret<String>>, StorageError> {
    let is_too_old = matches!(account.state(), State::Locked { reason: LockReason::PasswordTooOld, .. });
    if !is_too_old || app.config.second_factor.staff == Demand::Off {
        return Ok(None);
    }
    let mut tx = app.db.begin().await?;
    if verified.take(app, &mut tx).await?.is_none() {
        return Ok(None);
    }
    let id = begin(app, &mut tx, account, asker, (Purpose::Recover, None)).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// Keeps that somebody has come so far; returns the id for the browser.
async fn begin(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (source, user_agent): (&str, &str),
    (purpose, mark): (Purpose, Option<String>),
) -> Result<Secret<String>, StorageError> {
    let (now, id) = (app.now(), token::new(app.system.entropy()));
    let half = HalfSignIn {
        account_id: account.id(),
        door: Door::Staff,
        purpose,
        mark,
        password: PasswordProof::NotAsked,
        cached_at: None,
        must_change: false,
        source: source.to_owned(),
        user_agent: user_agent.to_owned(),
        began_at: now,
        expires_at: now.plus(WAITS),
    };
    half_sign_ins::add(tx, &token::digest(id.expose()), &half).await?;
    Ok(id)
}

/// The factor of a half sign-in with the purpose to unlock was proven: it becomes one that takes a new password.
pub(super) async fn proven(
    app: &App,
    tx: &mut Tx,
    half: &HalfSignIn,
    account: &Account,
) -> Result<Secret<String>, StorageError> {
    let asker = (half.source.as_str(), half.user_agent.as_str());
    begin(app, tx, account, asker, (Purpose::Recover, half.mark.clone())).await
}

/// Somebody who has forgotten the password proves who they are. Every refusal is the same: [`CodeRefused::Wrong`], or a pause.
pub async fn prove(app: &App, asker: &Asker<'_>, shown: Shown<'_>) -> Result<Secret<String>, CodeRefused> {
    if app.config.second_factor.staff == Demand::Off || asker.place.door != Door::Staff {
        return Err(CodeRefused::Wrong);
    }
    let key = format!("self-help:{}", app.keyring.keyed_digest("throttle", &network_of(asker.source)));
    let _turn = app.turns.take(&key).await;
    if let Some(until) = throttles::count(&app.db, &key).await?.wait(app.now()) {
        return Err(CodeRefused::Wait(until));
    }
    let result = match shown {
        Shown::Codes { identifier, code, recovery } => {
            by_codes(app, asker, identifier, (code, recovery)).await
        }
        Shown::Passkey(answer) => by_passkey(app, asker, answer).await,
    };
    if matches!(result, Err(CodeRefused::Wrong)) {
        let mut tx = app.db.begin().await?;
        throttles::failed(&mut tx, &key, None, FROM_ONE_SOURCE, app.now()).await?;
        tx.commit().await?;
    }
    result
}

async fn by_codes(
    app: &App,
    asker: &Asker<'_>,
    identifier: &str,
    (code, recovery): (&str, &str),
) -> Result<Secret<String>, CodeRefused> {
    let address = MailAddress::parse_typed(identifier, &app.config.city.mail_domain).ok();
    let account = match &address {
        Some(address) => accounts::by_address(&app.db, address).await?,
        None => None,
    };
    let account = account.filter(|account| may_help_oneself(account.state()));
    let whose = match (&account, &address) {
        (Some(account), _) => account.id().to_string(),
        (None, Some(address)) => address.to_string(),
        (None, None) => identifier.chars().take(100).collect(),
    };
    // A pause is not told here: it would tell that there is such an account.
    let attempt = match codes::gate_without_password(app, &whose).await {
        Err(CodeRefused::Wait(_)) => return Err(CodeRefused::Wrong),
        other => other?,
    };
    let Some(account) = account else {
        return Err(refuse_stranger(app, asker, attempt, (code, recovery)).await?);
    };
    let (first, second) =
        (codes::look(app, &account, code, false).await?, codes::look(app, &account, recovery, false).await?);
    let are_two = matches!(first, Looked::Step(_)) && matches!(second, Looked::Recovery(_));
    let mut tx = app.db.begin().await?;
    if !are_two
        || codes::take(app, &mut tx, &account, &first).await?.is_none()
        || codes::take(app, &mut tx, &account, &second).await?.is_none()
    {
        drop(tx);
        return Err(as_wrong(attempt.failed_without_password(app, Some(&account), asker.source).await?));
    }
    attempt.succeeded(&mut tx).await?;
    let asker = (asker.source, asker.user_agent);
    let id = begin(app, &mut tx, &account, asker, (Purpose::Recover, None)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Does the same work as for somebody whose codes are wrong, so that the time tells nothing either.
async fn refuse_stranger(
    app: &App,
    asker: &Asker<'_>,
    attempt: codes::Try,
    (code, recovery): (&str, &str),
) -> Result<CodeRefused, Internal> {
    codes::look_for_nobody(app, code).await?;
    codes::look_for_nobody(app, recovery).await?;
    drop(app.db.begin().await?);
    Ok(as_wrong(attempt.failed_without_password(app, None, asker.source).await?))
}

/// Nobody is told here of a pause.
fn as_wrong(refused: CodeRefused) -> CodeRefused {
    match refused {
        CodeRefused::Internal(internal) => CodeRefused::Internal(internal),
        CodeRefused::Wrong | CodeRefused::Certificate | CodeRefused::Wait(_) => CodeRefused::Wrong,
    }
}

async fn by_passkey(
    app: &App,
    asker: &Asker<'_>,
    answer: &Answer<'_>,
) -> Result<Secret<String>, CodeRefused> {
    let verified = match passkeys::verify(app, asker.place, passkeys::Purpose::Recover, answer, true).await {
        Ok(verified) => verified,
        Err(PasskeyRefused::Internal(internal)) => return Err(internal.into()),
        Err(PasskeyRefused::CounterFell(passkey)) => {
            if let Some(account) = passkeys::holder(app, answer).await? {
                passkeys::counter_fell(app, &account, passkey, asker.source).await?;
            }
            return Err(CodeRefused::Wrong);
        }
        Err(PasskeyRefused::Unproven | PasskeyRefused::TooMany) => return Err(CodeRefused::Wrong),
    };
    let account = accounts::by_id(&app.db, verified.passkey.account_id).await?;
    let may = |account: &Account| {
        may_help_oneself(account.state()) && !sweep::is_doubted(account, verified.passkey.made_at)
    };
    let account = account.filter(may).ok_or(CodeRefused::Wrong)?;
    let mut tx = app.db.begin().await?;
    verified.take(app, &mut tx).await?.ok_or(CodeRefused::Wrong)?;
    let asker = (asker.source, asker.user_agent);
    let id = begin(app, &mut tx, &account, asker, (Purpose::Recover, None)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Why no new password is set.
#[derive(Debug, Error)]
pub enum RecoverRefused {
    /// Nobody waits any more.
    #[error("nobody waits for a new password")]
    Gone,
    /// Rules that the new password breaks.
    #[error("the new password breaks rules")]
    Broken(Vec<BrokenRule>),
    /// The home directory's own policy refused it; its words.
    #[error("the directory's policy refused it")]
    Policy(MailSystem, String),
    /// A mail system did not answer. Nothing was changed, or the home directory alone was not reached.
    #[error("{0:?} did not answer")]
    Unreachable(MailSystem),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for RecoverRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Whoever may set a new password under an id, and the mail systems that take it.
pub async fn waiting(app: &App, id: &str) -> Result<Option<(Account, Vec<MailSystem>)>, Internal> {
    let Some((_, account)) = found(app, id).await? else { return Ok(None) };
    let (boxes, _) = super::password::written(app, account.id()).await?;
    Ok(Some((account, boxes.iter().map(|one| one.key.system).collect())))
}

/// Sets the new password in every directory and lifts the lock. Tells which mail systems lag.
pub async fn set_password(app: &App, id: &str, new: &Password) -> Result<Vec<MailSystem>, RecoverRefused> {
    let (half, account) = found(app, id).await?.ok_or(RecoverRefused::Gone)?;
    let (boxes, _) = super::password::written(app, account.id()).await?;
    let home = mailbox::home(&boxes).ok_or(RecoverRefused::Gone)?;
    check_rules(app, &half, &account, &boxes, new)?;
    for mailbox in &boxes {
        let system = mailbox.key.system;
        let directory = app.directories.of(system).ok_or(RecoverRefused::Unreachable(system))?;
        if let Err(error) = directory.locate(&mailbox.key).await {
            tracing::warn!(?system, "setting a new password: {}", chain(&error));
            return Err(RecoverRefused::Unreachable(system));
        }
    }
    // From here on the others lag, also if we crash.
    super::password::set_others_lag(app, &boxes, home, true).await?;
    let intended = password_copies::intend(app, &boxes, new).await?;
    if let Err(refused) = write(app, home, new).await {
        // Only a plain "no" says that the home directory still has the old password.
        if matches!(refused, RecoverRefused::Policy(..)) {
            super::password::set_others_lag(app, &boxes, home, false).await?;
            password_copies::give_up(app, &intended).await?;
        }
        return Err(refused);
    }
    let mut lagging = Vec::new();
    for mailbox in boxes.iter().filter(|one| one.id != home.id) {
        if write(app, mailbox, new).await.is_err() {
            lagging.push(mailbox.key.system);
        }
    }
    record(app, id, &account, (&boxes, &intended, &lagging)).await?;
    password_copies::try_at_once(app, account.id()).await;
    logout_notices::try_at_once(app, account.id()).await;
    directory_locks::try_at_once(app, account.id()).await;
    Ok(lagging)
}

async fn found(app: &App, id: &str) -> Result<Option<(HalfSignIn, Account)>, Internal> {
    let half = half_sign_ins::find(&app.db, &token::digest(id), app.now()).await?;
    let Some(half) = half.filter(|half| half.purpose == Purpose::Recover) else { return Ok(None) };
    let account = accounts::by_id(&app.db, half.account_id).await?;
    let may =
        |account: &Account| may_help_oneself(account.state()) && !second_step::is_overtaken(&half, account);
    Ok(account.filter(may).map(|account| (half, account)))
}

fn check_rules(
    app: &App,
    half: &HalfSignIn,
    account: &Account,
    boxes: &[Mailbox],
    new: &Password,
) -> Result<(), RecoverRefused> {
    let systems: Vec<_> = boxes.iter().map(|one| one.key.system).collect();
    let profile = account.profile();
    let holder = For {
        local_part: profile.address.local_part(),
        display_name: &profile.display_name,
        systems: &systems,
    };
    let mut broken = app.config.policy.password.broken_by(new.expose(), "", &holder);
    if half.mark.as_ref().is_some_and(|old| token::same(old, &mark(&app.keyring, account, new))) {
        broken.push(BrokenRule::SameAsOld);
    }
    if password::is_guessable(app, new, &holder) {
        broken.push(BrokenRule::Guessable);
    }
    if broken.is_empty() { Ok(()) } else { Err(RecoverRefused::Broken(broken)) }
}

/// By the service's right, verified by a bind. A directory that still holds our lock cannot tell: the lock is lifted next.
async fn write(app: &App, mailbox: &Mailbox, new: &Password) -> Result<(), RecoverRefused> {
    let system = mailbox.key.system;
    let directory = app.directories.of(system).ok_or(RecoverRefused::Unreachable(system))?;
    let written = match directory.reset_password(&mailbox.key, new).await {
        Ok(()) => directory.verify(&mailbox.key, new).await.map(|_| ()),
        Err(error) => Err(error),
    };
    match written {
        Ok(())
        | Err(DirectoryError::Refused(
            Refusal::Disabled | Refusal::LockedOut | Refusal::AccountExpired | Refusal::NotNow,
        )) => Ok(()),
        Err(DirectoryError::PolicyRefused(words)) => Err(RecoverRefused::Policy(system, words)),
        Err(error) => {
            tracing::warn!(?system, "setting a new password: {}", chain(&error));
            Err(RecoverRefused::Unreachable(system))
        }
    }
}

/// The directories have acted, so a row that somebody else changed meanwhile is read again instead of giving up.
async fn record(
    app: &App,
    id: &str,
    account: &Account,
    written: (&[Mailbox], &[Intended], &[MailSystem]),
) -> Result<(), Internal> {
    for _ in 0..5 {
        match record_once(app, id, account, written).await {
            Err(internal) if internal.is_conflict() => {}
            result => return result,
        }
    }
    record_once(app, id, account, written).await
}

async fn record_once(
    app: &App,
    id: &str,
    account: &Account,
    (boxes, intended, lagging): (&[Mailbox], &[Intended], &[MailSystem]),
) -> Result<(), Internal> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    half_sign_ins::take(&mut tx, &token::digest(id), now).await?;
    for mailbox in boxes {
        let system = mailbox.key.system;
        let lags = lagging.contains(&system);
        if !lags {
            mailboxes::password_taken(&mut tx, mailbox.id, now).await?;
            password_copies::settle(app, &mut tx, intended, system, true).await?;
        }
        mailboxes::set_password_lags(&mut tx, mailbox.id, lags).await?;
    }
    let before = accounts::by_id_in(&mut tx, account.id()).await?.unwrap_or_else(|| account.clone());
    // A lock that came meanwhile is somebody's later word.
    let open = match before.state() {
        State::Locked { reason: LockReason::PasswordTooOld, .. } => {
            before.unlock(now, app.regulation().fresh_term(&before, now)).ok()
        }
        _ => Some(before.clone()),
    };
    let changed = open.and_then(|open| open.password_changed(now).ok());
    let actor = Actor::Holder(before.profile().address.to_string());
    let mut entry = Entry::about(now, actor, Act::PasswordRecovered, &before);
    if let Some(changed) = &changed {
        // One step in the table: the state in between is nobody's.
        accounts::save(&mut tx, changed, lock::terms(app, changed)).await?;
        orders::order_unlock(&mut tx, changed.id(), now).await?;
        letters::withdraw(&mut tx, changed.id()).await?;
        if before.is_reset() {
            handed_over::renew_all(&mut tx, changed.id(), now).await?;
        }
        entry = entry.changing(before.state().name().code(), changed.state().name().code());
    }
    let by = Actor::Holder(before.profile().address.to_string());
    let mut entries = sweep::settle(app, &mut tx, before.id(), (&by, None)).await?;
    entries.push(entry);
    failed_attempts::password_changed(app, &mut tx, before.profile().address.as_str()).await?;
    session::end_everything(&mut tx, before.id(), None, SessionEnd::PasswordChanged, now).await?;
    audit::append(&mut tx, &entries).await?;
    letters::about_security(app, &mut tx, &before, Change::PasswordRecovered).await?;
    Ok(tx.commit().await?)
}

/// The old password in so few bytes that they tell nothing about it, even to who holds the key.
fn mark(keyring: &Keyring, account: &Account, password: &Password) -> String {
    keyring.short_digest("password before recovery", &[&account.id().to_string(), password.expose()])
}
