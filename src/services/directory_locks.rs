//! Carries the orders of the outbox to the directories: by the job, and once right after a lock.
//!
//! Whether a lock is ours is recorded *before* the directory is written, so that a crash in between, or another node,
//! never takes our own lock for somebody else's (docs/decisions/0006-a-lock-is-claimed-before-it-is-set.md).

use super::{Internal, chain, password_copies, second_passwords};
use crate::app::App;
use crate::directory::{Before, Directory, DirectoryError};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::AccountId;
use crate::domain::mailbox::MailSystem;
use crate::domain::outbox::{self, DirectoryLock, Stage, Wish};
use crate::storage::{accounts, audit, directory_locks as orders};
use std::collections::HashSet;
use std::time::Duration as StdDuration;
use time::Duration;

/// How many orders a round takes at a time.
const BATCH: i64 = 100;

/// For how long an order is taken. Longer than any conversation with a directory.
const AT_WORK: Duration = Duration::minutes(3);

/// How long a page waits for the directories; the job does what is left.
const PATIENCE: StdDuration = StdDuration::from_secs(5);

/// The longest error that is kept, in characters.
const ERROR_LENGTH: usize = 300;

/// Carries out whatever is due; tells how many orders were. A directory that does not answer is not asked again in
/// this round.
pub async fn carry_out_due(app: &App) -> Result<usize, Internal> {
    let (mut done, mut silent) = (0, HashSet::new());
    loop {
        let due = orders::due(&app.db, app.now(), BATCH).await?;
        let count = due.len();
        for order in due {
            done += usize::from(carry_out(app, &order, &mut silent).await?);
        }
        if count < usize::try_from(BATCH).unwrap_or_default() {
            break;
        }
    }
    second_passwords::carry_out(app, None).await?;
    password_copies::carry_out(app, None).await?;
    Ok(done)
}

/// Tries the orders for one account at once, as far as the directories answer soon. Whatever fails waits for the job.
pub async fn try_at_once(app: &App, id: AccountId) {
    match tokio::time::timeout(PATIENCE, try_all(app, id)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!("carrying out a lock: {}", chain(&error)),
        Err(_) => tracing::warn!("the directories take long to carry out a lock; the job goes on with it"),
    }
}

/// Tries whatever is due at once, as far as the directories answer soon. Whatever is left waits for the job.
pub(super) async fn try_due_at_once(app: &App) {
    match tokio::time::timeout(PATIENCE, carry_out_due(app)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!("carrying out locks: {}", chain(&error)),
        Err(_) => tracing::info!("the job goes on with the locks that are due"),
    }
}

/// Whether one of the account's systems is still to be opened again, after one more attempt.
pub(super) async fn is_being_lifted(app: &App, id: AccountId, system: MailSystem) -> Result<bool, Internal> {
    let waits = |all: Vec<DirectoryLock>| {
        all.iter().any(|order| order.mailbox.system == system && order.is_being_lifted())
    };
    if !waits(orders::of_account(&app.db, id).await?) {
        return Ok(false);
    }
    try_at_once(app, id).await;
    Ok(waits(orders::of_account(&app.db, id).await?))
}

/// The orders for an account's mailboxes, for the pages.
pub async fn of_account(app: &App, id: AccountId) -> Result<Vec<DirectoryLock>, Internal> {
    Ok(orders::of_account(&app.db, id).await?)
}

async fn try_all(app: &App, id: AccountId) -> Result<(), Internal> {
    let mut silent = HashSet::new();
    for order in orders::of_account(&app.db, id).await?.iter().filter(|order| !order.is_done()) {
        carry_out(app, order, &mut silent).await?;
    }
    second_passwords::carry_out(app, Some(id)).await?;
    password_copies::carry_out(app, Some(id)).await?;
    Ok(())
}

/// Carries out one order, if nobody else is at work on it; tells whether the directory agrees now. No transaction is
/// open while the directory is asked.
async fn carry_out(
    app: &App,
    order: &DirectoryLock,
    silent: &mut HashSet<MailSystem>,
) -> Result<bool, Internal> {
    let now = app.now();
    if !orders::take(&app.db, order, now.plus(AT_WORK), now).await? {
        return Ok(false);
    }
    let system = order.mailbox.system;
    let outcome = match app.directories.of(system) {
        _ if silent.contains(&system) => Err("it did not answer just now".to_owned()),
        None => Err("this directory is not configured".to_owned()),
        Some(directory) => match write(app, directory.as_ref(), order).await {
            Ok(outcome) => Ok(outcome),
            Err(Failed::House(internal)) => return Err(internal),
            Err(Failed::Directory(error)) => {
                if matches!(error, DirectoryError::Unreachable { .. }) {
                    silent.insert(system);
                }
                Err(in_words(&error))
            }
        },
    };
    match outcome {
        Ok(Some(wrote)) => {
            record(app, order, wrote).await?;
            Ok(true)
        }
        Ok(None) => {
            orders::give_back(&app.db, order).await?;
            Ok(false)
        }
        Err(error) => {
            let attempts = match order.stage {
                Stage::Failed { attempts, .. } => attempts + 1,
                Stage::Waiting | Stage::Done { .. } => 1,
            };
            let now = app.now();
            tracing::warn!(?system, wish = order.wish.code(), attempts, "a lock waits: {error}");
            orders::failed(&app.db, order, outbox::next_attempt(attempts, now), &error).await?;
            Ok(false)
        }
    }
}

enum Failed {
    Directory(DirectoryError),
    House(Internal),
}

impl From<DirectoryError> for Failed {
    fn from(error: DirectoryError) -> Self {
        Self::Directory(error)
    }
}

/// What was found out about a directory that agrees.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Agreed {
    /// It was written, or had been written by an attempt that did not end.
    Ours,
    /// Somebody else had locked it before us; nothing was written.
    LockedByOthers,
    /// Nothing of ours is there to be undone; nothing was written.
    NothingToUndo,
}

/// Asks the directory; `None` if the order was replaced before anything was written.
async fn write(
    app: &App,
    directory: &dyn Directory,
    order: &DirectoryLock,
) -> Result<Option<Agreed>, Failed> {
    let who = &order.mailbox;
    match order.wish {
        Wish::Unlock if !order.set_by_us => Ok(Some(Agreed::NothingToUndo)),
        Wish::Unlock => {
            directory.unlock(who).await?;
            Ok(Some(Agreed::Ours))
        }
        Wish::Lock => {
            if !order.set_by_us {
                if directory.is_locked(who).await? {
                    return Ok(Some(Agreed::LockedByOthers));
                }
                let claimed = orders::claim(&app.db, order).await;
                if !claimed.map_err(|error| Failed::House(error.into()))? {
                    return Ok(None);
                }
            }
            if directory.lock(who).await? == Before::Locked {
                tracing::info!("the directory held our lock already");
            }
            Ok(Some(Agreed::Ours))
        }
    }
}

/// The outcome, what the directory shows now, and the audit in one transaction.
async fn record(app: &App, order: &DirectoryLock, agreed: Agreed) -> Result<(), Internal> {
    let now = app.now();
    let account = accounts::by_id(&app.db, order.account_id).await?;
    let mut tx = app.db.begin().await?;
    let is_ours = order.wish == Wish::Lock && agreed == Agreed::Ours;
    orders::done(&mut tx, order, is_ours, now).await?;
    if agreed != Agreed::NothingToUndo {
        orders::shown(&mut tx, &order.mailbox, order.wish == Wish::Unlock).await?;
    }
    if let (Agreed::Ours, Some(account)) = (agreed, account) {
        let act = match order.wish {
            Wish::Lock => Act::DirectoryLocked,
            Wish::Unlock => Act::DirectoryUnlocked,
        };
        let entry = Entry::about(now, Actor::Job("directory locks"), act, &account);
        audit::append(&mut tx, &[entry.with(order.mailbox.system.code())]).await?;
    }
    Ok(tx.commit().await?)
}

/// An error for the console, on one line.
fn in_words(error: &DirectoryError) -> String {
    let words = match error {
        DirectoryError::Refused(_) => "the entry is not there".to_owned(),
        error => chain(error),
    };
    words.chars().take(ERROR_LENGTH).collect()
}
