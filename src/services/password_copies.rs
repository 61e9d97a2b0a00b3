//! A new password's way into OBM's SQL (`obm.passwords = "ldap+sql"`): as a crypt(3) text, sealed, repeated until SQL has
//! it. The password itself is kept nowhere.
//!
//! The text is written down *before* the directory is asked to take the password, and is *proven* in the transaction that
//! records that it did; only then it goes into SQL. After a crash in between, the next sign-in with that password proves
//! it. A password that somebody set in the mail system afterwards is never written over: OBM's own tools write both.

use super::{Internal, chain};
use crate::app::App;
use crate::crypto::crypt;
use crate::directory::{DirectoryError, SecondPasswords};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, CopyId};
use crate::domain::mailbox::{MailSystem, Mailbox};
use crate::domain::outbox;
use crate::domain::secret::{Password, Secret};
use crate::domain::sync::CLOCK_TOLERANCE;
pub use crate::storage::password_copies::Waits;
use crate::storage::password_copies::{self as copies, Due};
use crate::storage::{StorageError, Tx, accounts, audit, mailboxes};
use thiserror::Error;
use time::Duration;

/// The purpose under which the texts are sealed.
const PURPOSE: &str = "password copy";

/// How the audit names OBM's SQL.
const PLACE: &str = "OBM SQL";

/// Copies of a round.
const BATCH: i64 = 500;

/// For how long one is taken. Longer than any conversation with OBM's SQL.
const AT_WORK: Duration = Duration::minutes(3);

/// How long a text waits for its proof: nobody signs in with a password that the directory never took.
const UNPROVEN: Duration = Duration::days(30);

/// For how long a page waits for it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(4);

/// The longest error that is kept, in characters.
const ERROR_LENGTH: usize = 300;

#[derive(Debug, Error)]
enum Trouble {
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("OBM's SQL has nobody with this login")]
    Nobody,
    #[error("the text does not open with this master key")]
    Sealed,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A text that was written down for a mailbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intended {
    id: CopyId,
    system: MailSystem,
    account: AccountId,
}

/// Writes down the texts for the mailboxes whose mail system keeps a copy, before their directories are asked.
pub(super) async fn intend(
    app: &App,
    mailboxes: &[Mailbox],
    new: &Password,
) -> Result<Vec<Intended>, Internal> {
    let mut all = Vec::new();
    for mailbox in mailboxes.iter().filter(|mailbox| is_copied(app, mailbox.key.system)) {
        let (account, system, now) = (mailbox.account_id, mailbox.key.system, app.now());
        let text = crypt::sha256(new, app.system.entropy()).await;
        let text = text.ok_or_else(|| Internal::new("hashing a password", "no thread for it"))?;
        let id = CopyId::new(now, app.system.entropy());
        let clear = text.expose().as_bytes();
        let sealed = app.keyring.seal(PURPOSE, &id.to_string(), clear, app.system.entropy());
        copies::insert(&app.db, id, system, account, &sealed, now).await?;
        all.push(Intended { id, system, account });
    }
    Ok(all)
}

/// What became of a mail system's password: the directory has it, or has not.
pub(super) async fn settle(
    app: &App,
    tx: &mut Tx,
    intended: &[Intended],
    system: MailSystem,
    is_taken: bool,
) -> Result<(), StorageError> {
    for one in intended.iter().filter(|one| one.system == system) {
        if is_taken {
            copies::proven(tx, one.id, one.system, one.account, app.now()).await?;
        } else {
            copies::forget(tx, one.id).await?;
        }
    }
    Ok(())
}

/// Forgets all of them: no directory has the password.
pub(super) async fn give_up(app: &App, intended: &[Intended]) -> Result<(), StorageError> {
    if intended.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for one in intended {
        copies::forget(&mut tx, one.id).await?;
    }
    tx.commit().await
}

/// A directory has just taken this password: if a text waits for its proof since a crash, this is it, or it is of a
/// password that the directory never took.
pub(super) async fn prove(app: &App, home: &Mailbox, password: &Password) -> Result<(), Internal> {
    let (system, account) = (home.key.system, home.account_id);
    if !is_copied(app, system) {
        return Ok(());
    }
    for unproven in copies::unproven(&app.db, system, account).await? {
        let Some(text) = open(app, unproven.id, &unproven.sealed) else { continue };
        let fits = crypt::fits(&text, password).await;
        let mut tx = app.db.begin().await?;
        if fits {
            copies::proven(&mut tx, unproven.id, system, account, app.now()).await?;
        } else {
            copies::forget(&mut tx, unproven.id).await?;
        }
        tx.commit().await?;
        if fits {
            return Ok(());
        }
    }
    Ok(())
}

/// Tries it at once for one account, as far as SQL answers soon; the job goes on with what is left.
pub(super) async fn try_at_once(app: &App, account: AccountId) {
    match tokio::time::timeout(PATIENCE, carry_out(app, Some(account))).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!("writing a password into a second place: {}", chain(&error)),
        Err(_) => {
            tracing::warn!("a second place for passwords takes long; the job goes on");
        }
    }
}

/// Writes what is due, for one account or for all; tells how much was.
pub(super) async fn carry_out(app: &App, only: Option<AccountId>) -> Result<usize, Internal> {
    let mut done = 0;
    for directory in app.directories.iter() {
        let (system, Some(second)) = (directory.system(), directory.second_passwords()) else { continue };
        for due in copies::due(&app.db, system, only, app.now(), BATCH).await? {
            match attempt(app, second, &due).await? {
                Some(is_done) => done += usize::from(is_done),
                None => break,
            }
        }
    }
    Ok(done)
}

/// How the copy of a mailbox fares, if one waits to be written.
pub async fn waits(app: &App, system: MailSystem, account: AccountId) -> Result<Option<Waits>, Internal> {
    Ok(copies::waits(&app.db, system, account).await?)
}

/// Forgets the texts that waited in vain for their proof; tells how many.
pub(super) async fn forget(app: &App) -> Result<u64, StorageError> {
    copies::forget_old(&app.db, app.now().minus(UNPROVEN)).await
}

fn is_copied(app: &App, system: MailSystem) -> bool {
    app.directories.of(system).is_some_and(|directory| directory.copies_passwords())
}

/// Tries one; tells whether it is done with. `None`: SQL does not answer.
async fn attempt(app: &App, second: &dyn SecondPasswords, due: &Due) -> Result<Option<bool>, Internal> {
    let now = app.now();
    if !copies::take(&app.db, due.id, now.plus(AT_WORK), now).await? {
        return Ok(Some(false));
    }
    // A password that the directory dates later is another one.
    let is_another = due.password_set_at.is_some_and(|set| set.since(due.proven_at) > CLOCK_TOLERANCE);
    if is_another {
        let mut tx = app.db.begin().await?;
        copies::forget(&mut tx, due.id).await?;
        tx.commit().await?;
        return Ok(Some(false));
    }
    let trouble = match write(app, second, due).await {
        Ok(()) => return Ok(Some(true)),
        Err(Trouble::Storage(error)) => return Err(error.into()),
        Err(trouble) => trouble,
    };
    let error: String = chain(&trouble).chars().take(ERROR_LENGTH).collect();
    let system = due.who.system;
    tracing::warn!(?system, attempts = due.attempts, "a password waits for its second place: {error}");
    copies::failed(&app.db, due.id, outbox::next_attempt(due.attempts + 1, app.now()), &error).await?;
    let is_silent = matches!(trouble, Trouble::Directory(DirectoryError::Unreachable { .. }));
    Ok((!is_silent).then_some(false))
}

async fn write(app: &App, second: &dyn SecondPasswords, due: &Due) -> Result<(), Trouble> {
    let text = open(app, due.id, &due.sealed).ok_or(Trouble::Sealed)?;
    if !second.set(&due.who, &text).await? {
        return Err(Trouble::Nobody);
    }
    let account = accounts::by_id(&app.db, due.account).await?;
    let mut tx = app.db.begin().await?;
    copies::forget(&mut tx, due.id).await?;
    mailboxes::copied(&mut tx, due.account, due.who.system).await?;
    let entry = account.map(|account| {
        Entry::about(app.now(), Actor::Job("password copies"), Act::PasswordCopied, &account).with(PLACE)
    });
    audit::append(&mut tx, entry.as_slice()).await?;
    Ok(tx.commit().await?)
}

fn open(app: &App, id: CopyId, sealed: &[u8]) -> Option<Secret<String>> {
    let clear = app.keyring.open(PURPOSE, &id.to_string(), sealed).ok()?;
    String::from_utf8(clear.expose().clone()).ok().map(Secret::new)
}
