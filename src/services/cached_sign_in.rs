//! Sign-in while the home directory is down, if the city has switched it on: the password is compared with the last one
//! that the directory took, for some hours after it did, for active staff without a role in the administration.
//!
//! Whatever does not open a session gets the same answer after the same slow hash, so that nobody learns whose password is
//! kept here. Wrong passwords count.

use super::failed_attempts::{Failure, Trial};
use super::login::{Attempt, LoginRefused};
use super::{Internal, chain};
use crate::app::App;
use crate::domain::account::{Account, State};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::chance;
use crate::domain::health::Condition;
use crate::domain::mailbox::{MailSystem, Mailbox};
use crate::domain::policy::regulation::Verdict;
use crate::domain::secret::Password;
use crate::domain::session::Door;
use crate::domain::timestamp::Timestamp;
use crate::storage::cached_verifiers::{self, Kept};
use crate::storage::{StorageError, Tx, administrators};
use time::Duration;

/// A password that fits the last known one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cached {
    /// When the directory took it.
    pub proven_at: Timestamp,
    /// Until when it opens anything.
    pub until: Timestamp,
    system: MailSystem,
}

impl Cached {
    /// Refuses if something has taken it away meanwhile; nothing does until the transaction ends.
    pub(super) async fn hold(&self, tx: &mut Tx, account: &Account) -> Result<(), LoginRefused> {
        let still = cached_verifiers::hold(tx, account.id(), self.proven_at).await?;
        if still { Ok(()) } else { Err(LoginRefused::Unreachable(self.system)) }
    }
}

/// A password that fitted one which the directory had taken then.
pub(super) fn taken_at(app: &App, system: MailSystem, proven_at: Timestamp) -> Cached {
    Cached { proven_at, until: proven_at.plus(app.config.outage.cached_for), system }
}

/// Compares with the last known password, because the home directory does not answer.
pub(super) async fn instead(
    app: &App,
    attempt: &Attempt<'_>,
    (account, home): (&Account, &Mailbox),
    trial: &Trial,
    may: bool,
) -> Result<Cached, LoginRefused> {
    let refused = LoginRefused::Unreachable(home.key.system);
    if !app.config.outage.cached_sign_in {
        return Err(refused);
    }
    let kept = if may { usable(app, attempt.door, account, home).await? } else { None };
    let (whose, verifier) = (account.id().to_string(), kept.as_ref().map(|kept| kept.verifier.as_slice()));
    let fits = app.verifiers.fits(&app.keyring, &whose, attempt.password, verifier).await;
    match (kept, fits) {
        (Some(kept), Some(true)) => Ok(taken_at(app, home.key.system, kept.proven_at)),
        (Some(_), Some(false)) => {
            // It may be a newer one that only the directory knows: it counts, and is not remembered as wrong.
            let entry = Entry::about(app.now(), Actor::Stranger, Act::SignInRefused, account);
            trial.failed(app, Failure::Unproven, Some(entry.from(attempt.source))).await?;
            Err(refused)
        }
        _ => Err(refused),
    }
}

/// Does the same work for an account that does not exist.
pub(super) async fn pretend(app: &App, password: &Password) {
    if app.config.outage.cached_sign_in {
        app.verifiers.fits(&app.keyring, "", password, None).await;
    }
}

/// Whether a pause is not told: while the directory is down only accounts whose password is kept here are counted.
pub(super) fn hides_pauses(app: &App, system: MailSystem) -> bool {
    let health = app.directories.of(system).map(|directory| directory.health(app.now()));
    app.config.outage.cached_sign_in && health.is_some_and(|h| h.condition == Condition::Unreachable)
}

/// Until when the last known password of an account opens a session while its directory is down; `None`: it opens none.
pub(super) async fn stands_in(
    app: &App,
    account: &Account,
    home: &Mailbox,
) -> Result<Option<Timestamp>, StorageError> {
    if !app.config.outage.cached_sign_in {
        return Ok(None);
    }
    let kept = usable(app, Door::Staff, account, home).await?;
    Ok(kept.map(|kept| kept.proven_at.plus(app.config.outage.cached_for)))
}

/// What is kept of an account, if it may open a session now.
async fn usable(
    app: &App,
    door: Door,
    account: &Account,
    home: &Mailbox,
) -> Result<Option<Kept>, StorageError> {
    let now = app.now();
    let is_active = matches!(account.state(), State::Active { .. });
    let is_in_term = matches!(app.regulation().verdict(account, now), Verdict::Nothing | Verdict::Remind(_));
    let is_good = home.enabled && !home.must_change && !home.password_lags;
    if door != Door::Staff || !is_active || !is_in_term || !is_good {
        return Ok(None);
    }
    if administrators::holds_any(&app.db, account.id(), app.now()).await? {
        return Ok(None);
    }
    let kept = cached_verifiers::of_account(&app.db, account.id()).await?;
    Ok(kept.filter(|kept| {
        is_of(kept, home) && kept.proven_at <= now && now.since(kept.proven_at) < app.config.outage.cached_for
    }))
}

fn is_of(kept: &Kept, home: &Mailbox) -> bool {
    (kept.system, &kept.native_id) == (home.key.system, &home.key.native_id)
}

/// Keeps the password that the directory just took. Nobody waits for it.
pub(super) fn remember(app: &App, account: &Account, home: &Mailbox, password: &Password) {
    if !app.config.outage.cached_sign_in || !matches!(account.state(), State::Active { .. }) {
        return;
    }
    let (app, account, home, password) = (app.clone(), account.clone(), home.clone(), password.clone());
    let proven_at = app.now();
    tokio::spawn(async move {
        if let Err(error) = keep(&app, &account, &home, &password, proven_at).await {
            tracing::warn!("keeping the last known password: {}", chain(&error));
        }
    });
}

async fn keep(
    app: &App,
    account: &Account,
    home: &Mailbox,
    password: &Password,
    proven_at: Timestamp,
) -> Result<(), Internal> {
    if administrators::holds_any(&app.db, account.id(), app.now()).await? {
        return Ok(());
    }
    let kept = cached_verifiers::of_account(&app.db, account.id()).await?;
    if kept.is_some_and(|kept| is_of(&kept, home) && proven_at.since(kept.proven_at) < refresh_after(app)) {
        return Ok(());
    }
    let (whose, salt) = (account.id().to_string(), chance::bytes(app.system.entropy()));
    let Some(verifier) = app.verifiers.make(&app.keyring, &whose, password, salt).await else {
        tracing::debug!("too many passwords wait to be kept");
        return Ok(());
    };
    let mut tx = app.db.begin().await?;
    cached_verifiers::keep(&mut tx, account, &home.key, &verifier, proven_at).await?;
    Ok(tx.commit().await?)
}

/// How old a kept password becomes before a sign-in renews it: not at every one, and never so late that an outage finds
/// it nearly over.
fn refresh_after(app: &App) -> Duration {
    Duration::min(app.config.outage.cached_for / 8, Duration::DAY)
}

/// Forgets what is too old to open anything; everything once the city has switched it off. Tells how many.
pub(super) async fn forget(app: &App) -> Result<u64, StorageError> {
    let outage = app.config.outage;
    let before = if outage.cached_sign_in {
        app.now().minus(outage.cached_for)
    } else {
        Timestamp::from_micros(i64::MAX)
    };
    cached_verifiers::forget_old(&app.db, before).await
}
