//! The second password of a locked account, in OBM's SQL: set aside, replaced by one that opens nothing, given back.
//!
//! The directory comes first, then this; a failure here holds up neither a lock nor an unlock of the directory and is
//! tried again until it succeeds. What is replaced is sealed and stored *before* it is replaced and forgotten *after* it
//! was given back, so that no crash loses it. A password that somebody else has set meanwhile is never overwritten.

use super::{Internal, chain};
use crate::app::App;
use crate::crypto::token;
use crate::directory::{DirectoryError, Kept, SecondPasswords};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::AccountId;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::outbox::{self, Wish};
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::storage::second_passwords as kept;
use crate::storage::{StorageError, accounts, audit, directory_locks};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::Duration;
use zeroize::Zeroizing;

/// The purpose under which it is sealed.
const PURPOSE: &str = "second password";

/// How the audit names OBM's SQL.
const PLACE: &str = "OBM SQL";

/// Accounts of a round.
const BATCH: i64 = 500;

/// For how long it is taken. Longer than any conversation with OBM's SQL.
const AT_WORK: Duration = Duration::minutes(3);

/// The longest error that is kept, in characters.
const ERROR_LENGTH: usize = 300;

/// What the console shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It was replaced, and opens nothing.
    Replaced {
        /// Since when.
        at: Timestamp,
    },
    /// It waits.
    Waits {
        /// For what.
        wish: Wish,
        /// When it is tried again, and what went wrong, if it was tried.
        tried: Option<(i64, Timestamp, String)>,
    },
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Aside {
    edited: Option<String>,
    applied: Option<String>,
    by: String,
}

#[derive(Debug, Error)]
enum Trouble {
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("OBM's SQL has nobody with this login")]
    Nobody,
    #[error("somebody changed the password there at this moment")]
    Changed,
    #[error("what was set aside does not open with this master key")]
    Sealed,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Does what is due, for one account or for all; tells how much was done.
pub(super) async fn carry_out(app: &App, only: Option<AccountId>) -> Result<usize, Internal> {
    let mut done = 0;
    for directory in app.directories.iter() {
        let (system, Some(second)) = (directory.system(), directory.second_passwords()) else { continue };
        for (id, who) in kept::to_replace(&app.db, system, only, app.now(), BATCH).await? {
            match attempt(app, second, system, id, Some(&who)).await? {
                Some(true) => done += 1,
                Some(false) => {}
                None => break,
            }
        }
        for id in kept::to_give_back(&app.db, system, only, app.now(), BATCH).await? {
            match attempt(app, second, system, id, None).await? {
                Some(true) => done += 1,
                Some(false) => {}
                None => break,
            }
        }
    }
    Ok(done)
}

/// How far it is for an account, if its mail system keeps a second password.
pub async fn status(app: &App, system: MailSystem, id: AccountId) -> Result<Option<Status>, Internal> {
    let is_configured = app.directories.of(system).is_some_and(|d| d.second_passwords().is_some());
    let order = directory_locks::of_account(&app.db, id).await?;
    let is_wanted = order.iter().any(|order| order.mailbox.system == system && order.wish == Wish::Lock);
    let tried = |row: &kept::SetAside| {
        let error = row.last_error.clone()?;
        Some((row.attempts, row.next_attempt_at, error))
    };
    Ok(match (kept::of_account(&app.db, system, id).await?, is_wanted) {
        (Some(kept::SetAside { replaced_at: Some(at), .. }), true) => Some(Status::Replaced { at }),
        (Some(row), true) => Some(Status::Waits { wish: Wish::Lock, tried: tried(&row) }),
        (Some(row), false) => Some(Status::Waits { wish: Wish::Unlock, tried: tried(&row) }),
        (None, true) if is_configured => Some(Status::Waits { wish: Wish::Lock, tried: None }),
        (None, _) => None,
    })
}

/// Replaces it for a mailbox, or gives it back without one. `None`: the other side does not answer.
async fn attempt(
    app: &App,
    second: &dyn SecondPasswords,
    system: MailSystem,
    id: AccountId,
    who: Option<&MailboxKey>,
) -> Result<Option<bool>, Internal> {
    let now = app.now();
    if !kept::take(&app.db, system, id, now.plus(AT_WORK), now).await? {
        return Ok(Some(false));
    }
    let Some(row) = kept::of_account(&app.db, system, id).await? else { return Ok(Some(false)) };
    let result = match who {
        Some(who) => replace(app, second, id, who, &row).await,
        None => give_back(app, second, system, id, &row).await,
    };
    let trouble = match result {
        Ok(()) => return Ok(Some(true)),
        Err(Trouble::Storage(error)) => return Err(error.into()),
        Err(trouble) => trouble,
    };
    let error: String = chain(&trouble).chars().take(ERROR_LENGTH).collect();
    tracing::warn!(?system, attempts = row.attempts, "a second password waits: {error}");
    let next = outbox::next_attempt(row.attempts, app.now());
    kept::failed(&app.db, system, id, next, &error).await?;
    let is_silent = matches!(trouble, Trouble::Directory(DirectoryError::Unreachable { .. }));
    Ok((!is_silent).then_some(false))
}

async fn replace(
    app: &App,
    second: &dyn SecondPasswords,
    id: AccountId,
    who: &MailboxKey,
    row: &kept::SetAside,
) -> Result<(), Trouble> {
    let before = match &row.sealed {
        Some(sealed) => Some(open(app, id, sealed)?),
        None => None,
    };
    // No password has a `*` in OBM, and it is no MD5 sum and no result of crypt(3) either.
    let by = before
        .as_ref()
        .map_or_else(|| format!("*{}", token::new(app.system.entropy()).expose()), |b| b.by.clone());
    let by = Secret::new(by);
    let (person, there) = second.kept(who).await?.ok_or(Trouble::Nobody)?;
    let (old, aside) = set_apart(&there, before.as_ref(), &by);
    let sealed = seal(app, id, &aside);
    kept::set_aside(&app.db, who.system, id, person, &sealed).await?;
    if !second.replace(person, &old, &by).await? {
        return Err(Trouble::Changed);
    }
    let (_, there) = second.kept(who).await?.ok_or(Trouble::Nobody)?;
    if [&there.edited, &there.applied].into_iter().flatten().any(|now| now.expose() != by.expose()) {
        return Err(Trouble::Changed);
    }
    record(app, who.system, id, Act::DirectoryLocked).await
}

/// What is still to be replaced, and everything that is to be set aside: what an attempt that did not end has replaced
/// already is known from `before`.
fn set_apart(there: &Kept, before: Option<&Aside>, by: &Secret<String>) -> (Kept, Aside) {
    let is_done = |now: &Option<Secret<String>>| now.as_ref().is_some_and(|now| now.expose() == by.expose());
    let to_do = |now: &Option<Secret<String>>| now.clone().filter(|now| now.expose() != by.expose());
    let original = |now: &Option<Secret<String>>, known: Option<String>| {
        if is_done(now) { known } else { now.as_ref().map(|now| now.expose().clone()) }
    };
    let aside = Aside {
        edited: original(&there.edited, before.and_then(|aside| aside.edited.clone())),
        applied: original(&there.applied, before.and_then(|aside| aside.applied.clone())),
        by: by.expose().clone(),
    };
    (Kept { edited: to_do(&there.edited), applied: to_do(&there.applied) }, aside)
}

async fn give_back(
    app: &App,
    second: &dyn SecondPasswords,
    system: MailSystem,
    id: AccountId,
    row: &kept::SetAside,
) -> Result<(), Trouble> {
    let (Some(sealed), Some(person)) = (&row.sealed, row.person) else {
        // Nothing was replaced.
        let mut tx = app.db.begin().await?;
        kept::forget(&mut tx, system, id).await?;
        return Ok(tx.commit().await?);
    };
    let aside = open(app, id, sealed)?;
    let by = Secret::new(aside.by.clone());
    let old = Kept {
        edited: aside.edited.clone().map(Secret::new),
        applied: aside.applied.clone().map(Secret::new),
    };
    second.give_back(person, &old, &by).await?;
    record(app, system, id, Act::DirectoryUnlocked).await
}

/// The outcome and the audit in one transaction.
async fn record(app: &App, system: MailSystem, id: AccountId, act: Act) -> Result<(), Trouble> {
    let now = app.now();
    let account = accounts::by_id(&app.db, id).await?;
    let mut tx = app.db.begin().await?;
    if act == Act::DirectoryLocked {
        kept::replaced(&mut tx, system, id, now).await?;
    } else {
        kept::forget(&mut tx, system, id).await?;
    }
    let entry =
        account.map(|account| Entry::about(now, Actor::Job("directory locks"), act, &account).with(PLACE));
    audit::append(&mut tx, entry.as_slice()).await?;
    Ok(tx.commit().await?)
}

fn seal(app: &App, id: AccountId, aside: &Aside) -> Vec<u8> {
    let clear = Zeroizing::new(serde_json::to_vec(aside).unwrap_or_default());
    app.keyring.seal(PURPOSE, &id.to_string(), &clear, app.system.entropy())
}

fn open(app: &App, id: AccountId, sealed: &[u8]) -> Result<Aside, Trouble> {
    let clear = app.keyring.open(PURPOSE, &id.to_string(), sealed).map_err(|_| Trouble::Sealed)?;
    serde_json::from_slice(clear.expose()).map_err(|_| Trouble::Sealed)
}

impl Drop for Aside {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.edited.zeroize();
        self.applied.zeroize();
        self.by.zeroize();
    }
}
