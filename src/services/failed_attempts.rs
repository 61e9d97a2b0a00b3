//! Failed attempts: what is asked before a directory is, what is counted after it said no, how a pause is lifted.
//!
//! Attempts at one account take turns on a node, so that many at once do not drive the directory's own counter past
//! our limit: at most one of each node is on its way to a directory. With several nodes the limit can be exceeded by
//! the attempts that the other nodes have under way, one each.

use super::{Internal, chain, lock, rights};
use crate::app::App;
use crate::crypto::keyring::Keyring;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::secret::Password;
use crate::domain::throttle::{Count, network_of};
use crate::domain::timestamp::Timestamp;
use crate::services::bulk_unlock::Seen;
use crate::services::lock::LockRefused;
use crate::storage::{StorageError, Tx, audit, cached_verifiers, hour_counts, throttles};
use std::collections::HashSet;
use thiserror::Error;
use tokio::sync::OwnedMutexGuard;

/// What stands between an attempt and the directory.
pub(super) enum Gate {
    /// Nothing: the directory may be asked.
    Open(Trial),
    /// A pause, until then.
    Wait(Timestamp),
    /// This very password was wrong a short while ago, and no change of it was seen since.
    Repeated,
}

/// How much a failure says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The password is wrong.
    Proven,
    /// The directory refused without looking at the password: it counts, and is asked again next time.
    Unproven,
}

/// An attempt that may go to the directory. While it lives, other attempts at the same account wait.
pub(super) struct Trial {
    account_key: String,
    source_key: Option<String>,
    proven: String,
    unproven: String,
    _turn: OwnedMutexGuard<()>,
}

/// Whether an attempt may go to the directory. Without `source`, network addresses are not counted.
pub(super) async fn gate(
    app: &App,
    address: &str,
    source: Option<&str>,
    password: &Password,
) -> Result<Gate, StorageError> {
    let account_key = account_key(&app.keyring, address);
    let source_key =
        source.map(|source| format!("source:{}", app.keyring.keyed_digest("throttle", &network_of(source))));
    let turn = app.turns.take(&account_key).await;
    let now = app.now();
    let count = throttles::count(&app.db, &account_key).await?;
    if let Some(until) = count.wait(now) {
        return Ok(Gate::Wait(until));
    }
    if let Some(key) = &source_key
        && let Some(until) = throttles::count(&app.db, key).await?.wait(now)
    {
        return Ok(Gate::Wait(until));
    }
    let proven = mark(&app.keyring, "throttle wrong password", &account_key, password);
    if count.has_tried(&proven, app.account_limit(), now) {
        return Ok(Gate::Repeated);
    }
    let unproven = mark(&app.keyring, "throttle refused password", &account_key, password);
    Ok(Gate::Open(Trial { account_key, source_key, proven, unproven, _turn: turn }))
}

impl Trial {
    /// Counts the failure, with the line of the audit that tells of it (at an address that nobody has there is none);
    /// tells until when the next attempt must wait.
    pub(super) async fn failed(
        &self,
        app: &App,
        failure: Failure,
        entry: Option<Entry>,
    ) -> Result<Option<Timestamp>, StorageError> {
        let now = app.now();
        let mark = match failure {
            Failure::Proven => &self.proven,
            Failure::Unproven => &self.unproven,
        };
        let mut tx = app.db.begin().await?;
        let limit = app.account_limit();
        let (count, is_new) = throttles::failed(&mut tx, &self.account_key, Some(mark), limit, now).await?;
        let mut until = count.wait(now);
        if is_new {
            if let Some(key) = &self.source_key {
                let (of_source, _) = throttles::failed(&mut tx, key, None, app.source_limit(), now).await?;
                until = until.or(of_source.wait(now));
            }
            let paused = entry.as_ref().filter(|_| count.wait(now).is_some()).map(|entry| Entry {
                act: Act::SignInPaused,
                actor: Actor::Job("sign-in"),
                after: Some(count.failures.to_string()),
                ..entry.clone()
            });
            if entry.is_none() {
                hour_counts::count_stranger(&mut tx, now).await?;
            }
            let entries: Vec<_> = entry.into_iter().chain(paused).collect();
            audit::append(&mut tx, &entries).await?;
        }
        tx.commit().await?;
        Ok(until)
    }

    /// Begins to count anew. The source's count stays: many accounts tried from one address are no success of one of
    /// them.
    pub(super) async fn succeeded(&self, tx: &mut Tx) -> Result<(), StorageError> {
        throttles::restart(tx, &self.account_key).await
    }
}

/// Forgets everything that was counted for an account, and its last known password, because it is another one now.
pub(super) async fn password_changed(app: &App, tx: &mut Tx, address: &str) -> Result<(), StorageError> {
    cached_verifiers::forget_by_address(tx, address).await?;
    throttles::clear(tx, &account_key(&app.keyring, address)).await
}

/// Appends a line of the audit that somebody from outside can bring about as often as they like, in a transaction of its
/// own: as many under one key as an account may fail, then none for as long as a pause is. What was noted under the same
/// mark within that time is not noted again. Whoever asks is answered as ever.
pub(super) async fn note(
    app: &App,
    whose: &str,
    mark: Option<&str>,
    entry: Entry,
) -> Result<(), StorageError> {
    let (now, limit) = (app.now(), app.account_limit());
    let key = format!("noted:{}", app.keyring.keyed_digest("throttle noted", whose));
    if throttles::count(&app.db, &key).await?.wait(now).is_some() {
        return Ok(());
    }
    let mark = mark.map(|mark| app.keyring.short_digest("throttle noted mark", &[&key, mark]));
    let mut tx = app.db.begin().await?;
    let (_, is_new) = throttles::failed(&mut tx, &key, mark.as_deref(), limit, now).await?;
    if is_new {
        audit::append(&mut tx, &[entry]).await?;
    }
    tx.commit().await
}

/// Forgets which passwords were wrong at these addresses, because something about their account was seen changed;
/// `marked` is what [`throttles::marked`] told.
pub(super) async fn account_changed(
    app: &App,
    tx: &mut Tx,
    marked: &HashSet<String>,
    addresses: impl Iterator<Item = &str>,
) -> Result<(), StorageError> {
    if marked.is_empty() {
        return Ok(());
    }
    for address in addresses {
        let key = account_key(&app.keyring, address);
        if marked.contains(&key) {
            throttles::unmark(tx, &key).await?;
        }
    }
    Ok(())
}

/// Reads anew after how many failures the directories lock by themselves. What cannot be read stays as it was.
pub async fn read_thresholds(app: &App) {
    for directory in app.directories.iter() {
        let system = directory.system();
        match directory.lockout_threshold().await {
            Ok(threshold) => app.set_lockout_threshold(system, threshold),
            Err(error) => tracing::warn!(?system, "reading the lock-out threshold: {}", chain(&error)),
        }
    }
}

/// A pause of password sign-in that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Until when.
    pub until: Timestamp,
    /// After how many wrong passwords.
    pub failures: i64,
    /// From which network addresses they came, as far as recorded; at most twenty.
    pub sources: Vec<String>,
}

/// Why a pause was not lifted.
#[derive(Debug, Error)]
pub enum LiftRefused {
    /// No such account within the administrator's reach.
    #[error("no such account within reach")]
    NotFound,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Somebody changed the account at the same time.
    #[error("the account was changed at the same time")]
    Conflict,
    /// It is an administrator's: whoever lifts its pauses has as many guesses at its password as they like.
    #[error("this is not for them to do to an administrator's account")]
    OfAnAdministrator,
    /// It is not paused.
    #[error("the account is not paused")]
    NotPaused,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for LiftRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<LockRefused> for LiftRefused {
    fn from(refused: LockRefused) -> Self {
        match refused {
            LockRefused::NoReason => Self::NoReason,
            LockRefused::Forbidden(forbidden) => Self::Forbidden(forbidden),
            LockRefused::Internal(internal) => Self::Internal(internal),
            LockRefused::Conflict => Self::Conflict,
            LockRefused::OfAnAdministrator => Self::OfAnAdministrator,
            _ => Self::NotFound,
        }
    }
}

/// The pause of an account that the caller may see, if one runs.
pub async fn pause_of(app: &App, account: &Account) -> Result<Option<Pause>, Internal> {
    let count = count_of(app, account).await?;
    let Some(until) = count.wait(app.now()) else { return Ok(None) };
    let sources = audit::sources(&app.db, account.id(), Act::SignInRefused, count.since).await?;
    Ok(Some(Pause { until, failures: count.failures, sources }))
}

/// Lifts the pause of an account on an administrator's word, if nobody has changed it since it was looked at. It takes the
/// might that lifting its lock would: a pause is what limits guesses.
pub async fn lift_pause(app: &App, by: &Administrator, seen: Seen, why: &str) -> Result<(), LiftRefused> {
    let actor = rights::acting(app, by, Right::Unlock).await?;
    let why = lock::reason(why)?;
    let account = lock::as_seen(app, by, seen).await?;
    if !by.may_unlock(&account) {
        return Err(LiftRefused::OfAnAdministrator);
    }
    let now = app.now();
    let count = count_of(app, &account).await?;
    if count.wait(now).is_none() {
        return Err(LiftRefused::NotPaused);
    }
    let entry = Entry::about(now, actor, Act::PauseLifted, &account).because(why);
    let mut tx = app.db.begin().await?;
    throttles::restart(&mut tx, &account_key(&app.keyring, account.profile().address.as_str())).await?;
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    Ok(())
}

async fn count_of(app: &App, account: &Account) -> Result<Count, StorageError> {
    throttles::count(&app.db, &account_key(&app.keyring, account.profile().address.as_str())).await
}

/// The key under which the failures of an address are counted.
fn account_key(keyring: &Keyring, address: &str) -> String {
    format!("account:{}", keyring.keyed_digest("throttle", address))
}

/// A password of an account in so few bytes that the table tells nothing about it, even to who holds the key.
fn mark(keyring: &Keyring, purpose: &str, account_key: &str, password: &Password) -> String {
    keyring.short_digest(purpose, &[account_key, password.expose()])
}
