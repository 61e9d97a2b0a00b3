//! A person who is signed in proves once more who they are, before something dangerous.

use super::factors::codes::{self, CodeRefused};
use super::factors::passkeys::{Place, Purpose};
use super::factors::proof::{self, Asked, Given};
use super::failed_attempts::{self, Failure, Gate};
use super::login::{self, ProofFailed};
use super::{Internal, factors};
use crate::app::App;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::mailbox::{self, MailSystem};
use crate::domain::proof::{PasswordProof, Proof};
use crate::domain::secret::Password;
use crate::domain::session::Session;
use crate::domain::timestamp::Timestamp;
use crate::services::session::{Current, prove_in};
use crate::storage::{StorageError, audit, mailboxes, sessions};
use thiserror::Error;

/// The proof that somebody has proven themselves a short while ago; a use case that is dangerous asks for it.
#[derive(Debug)]
pub struct RecentProof(());

/// Whether the holder of a session has proven themselves lately, by whichever proof.
pub fn recent(app: &App, current: &Current) -> Option<RecentProof> {
    is_recent(app, current.session.proven_at()).then_some(RecentProof(()))
}

/// Whether they have proven lately what a second factor is set up on: the password, taken by its directory, or a passkey
/// in its place.
pub fn recent_password(app: &App, current: &Current) -> Option<RecentProof> {
    let is_taken = current.session.proof.password != PasswordProof::Cached;
    (is_taken && is_recent(app, current.session.auth_time)).then_some(RecentProof(()))
}

fn is_recent(app: &App, at: Timestamp) -> bool {
    app.now().since(at) <= app.config.second_factor.recent
}

/// Why somebody has not proven themselves.
#[derive(Debug, Error)]
pub enum ConfirmRefused {
    /// The password or the code is wrong.
    #[error("the password or the code is wrong")]
    Wrong,
    /// Too many were wrong; wait until then.
    #[error("too many failed attempts")]
    Wait(Timestamp),
    /// The directory did not answer.
    #[error("{0:?} did not answer")]
    Unreachable(MailSystem),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ConfirmRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<CodeRefused> for ConfirmRefused {
    fn from(refused: CodeRefused) -> Self {
        match refused {
            CodeRefused::Wrong | CodeRefused::Certificate => Self::Wrong,
            CodeRefused::Wait(until) => Self::Wait(until),
            CodeRefused::Internal(internal) => Self::Internal(internal),
        }
    }
}

/// The holder of a session types the password once more: one bind on the home directory.
pub async fn by_password(app: &App, current: &Current, password: &Password) -> Result<(), ConfirmRefused> {
    let (account, session) = (&current.account, &current.session);
    let trial = match failed_attempts::gate_within(app, current, password).await? {
        Gate::Open(trial) => trial,
        Gate::Wait(until) => return Err(ConfirmRefused::Wait(until)),
        Gate::Repeated => return Err(ConfirmRefused::Wrong),
    };
    let mailboxes = mailboxes::of_account(&app.db, account.id()).await?;
    let home = mailbox::home(&mailboxes).ok_or(ConfirmRefused::Wrong)?;
    match login::prove(app, home, password).await {
        Ok(_) => {}
        Err(ProofFailed::Wrong(failure)) => return Err(wrong(app, current, &trial, failure).await?),
        Err(ProofFailed::Unreachable) => return Err(ConfirmRefused::Unreachable(home.key.system)),
        Err(ProofFailed::Disabled(_) | ProofFailed::Other(_)) => return Err(ConfirmRefused::Wrong),
    }
    let proof = Proof { password: PasswordProof::Bind, ..session.proof };
    let mut tx = app.db.begin().await?;
    let renewed = Session { auth_time: app.now(), proof, ..session.clone() };
    sessions::proven(&mut tx, &renewed).await?;
    trial.succeeded(&mut tx).await?;
    audit::append(&mut tx, &[entry(app, current)]).await?;
    Ok(tx.commit().await?)
}

/// The holder of a session gives a second factor. A passkey that knows its holder is as good as the password.
pub async fn by_factor(
    app: &App,
    current: &Current,
    place: Place<'_>,
    given: Given<'_>,
) -> Result<(), ConfirmRefused> {
    let (account, session) = (&current.account, &current.session);
    if !app.config.second_factor.at(session.door).asks(factors::good(app, account).await?) {
        return Err(ConfirmRefused::Wrong);
    }
    let attempt = codes::gate_for(app, account, given).await?;
    let asked = Asked { place, purpose: Purpose::Confirm, source: &session.source, takes_mail: false };
    let ready = proof::look(app, account, asked, given).await?;
    let mut tx = app.db.begin().await?;
    let Some(second) = proof::take(app, &mut tx, account, &ready).await? else {
        drop(tx);
        return Err(attempt.failed(app, account, &session.source).await?.into());
    };
    sessions::proven(&mut tx, &prove_in(session, second, app.now())).await?;
    attempt.succeeded(&mut tx).await?;
    audit::append(&mut tx, &[entry(app, current)]).await?;
    Ok(tx.commit().await?)
}

async fn wrong(
    app: &App,
    current: &Current,
    trial: &failed_attempts::Trial,
    failure: Failure,
) -> Result<ConfirmRefused, ConfirmRefused> {
    let entry = Entry::about(app.now(), Actor::Stranger, Act::SignInRefused, &current.account);
    let until = trial.failed(app, failure, Some(entry.from(&current.session.source))).await?;
    Ok(until.map_or(ConfirmRefused::Wrong, ConfirmRefused::Wait))
}

fn entry(app: &App, current: &Current) -> Entry {
    let actor = Actor::Holder(current.account.profile().address.to_string());
    let entry = Entry::about(app.now(), actor, Act::ProofRenewed, &current.account);
    entry.with(current.session.door.code()).from(&current.session.source)
}
