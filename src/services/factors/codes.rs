//! Codes that are typed: of the authenticator app, or for recovery. Each is taken once; wrong ones are counted apart from
//! passwords, and no directory hears of them.

use super::{mail, sealed_for};
use crate::app::App;
use crate::crypto::totp as otp;
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::{self, Typed, WRONG_CODES};
use crate::domain::proof::Second;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::i18n::factors::Change;
use crate::services::{Internal, letters};
use crate::storage::{StorageError, Tx, audit, recovery_codes, throttles, totp};
use thiserror::Error;
use tokio::sync::OwnedMutexGuard;

/// In lines of the audit: codes were wrong where no password was asked for.
pub(in crate::services) const WITHOUT_PASSWORD: &str = "forgotten_password";

/// Why a code is not taken.
#[derive(Debug, Error)]
pub enum CodeRefused {
    /// It is wrong, or was taken before: never told apart.
    #[error("the code is wrong")]
    Wrong,
    /// The certificate that was shown is not taken; it is not counted.
    #[error("the certificate is not taken")]
    Certificate,
    /// Too many were wrong; the next may be typed then.
    #[error("too many wrong codes")]
    Wait(Timestamp),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for CodeRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// A proof that may be tried. While it lives, other tries for the same account wait.
pub struct Try {
    key: String,
    _turn: OwnedMutexGuard<()>,
}

/// Whether another proof may be tried for an account.
pub async fn gate(app: &App, account: &Account) -> Result<Try, CodeRefused> {
    let key = key(app, account);
    let turn = app.turns.take(&key).await;
    match throttles::count(&app.db, &key).await?.wait(app.now()) {
        Some(until) => Err(CodeRefused::Wait(until)),
        None => Ok(Try { key, _turn: turn }),
    }
}

/// Until when no further proof is taken for an account, if its holder typed too many wrong codes.
pub(in crate::services) async fn paused(
    app: &App,
    account: &Account,
) -> Result<Option<Timestamp>, StorageError> {
    Ok(throttles::count(&app.db, &key(app, account)).await?.wait(app.now()))
}

impl Try {
    /// Counts a wrong proof; tells what to answer. At the pause the holder gets a letter: whoever types codes knows the
    /// password.
    pub async fn failed(self, app: &App, account: &Account, source: &str) -> Result<CodeRefused, Internal> {
        self.count(app, account, source, Change::ManyWrongCodes).await
    }

    /// The same where no password was asked for.
    pub async fn failed_without_password(
        self,
        app: &App,
        account: &Account,
        source: &str,
    ) -> Result<CodeRefused, Internal> {
        self.count(app, account, source, Change::ManyWrongRecoveries).await
    }

    async fn count(
        self,
        app: &App,
        account: &Account,
        source: &str,
        told: Change,
    ) -> Result<CodeRefused, Internal> {
        let now = app.now();
        let mut tx = app.db.begin().await?;
        let (count, _) = throttles::failed(&mut tx, &self.key, None, WRONG_CODES, now).await?;
        let entry = |act| {
            let entry = Entry::about(now, Actor::Stranger, act, account).from(source);
            if told == Change::ManyWrongRecoveries { entry.because(WITHOUT_PASSWORD) } else { entry }
        };
        let mut entries = vec![entry(Act::FactorRefused)];
        if count.wait(now).is_some() {
            entries.push(Entry { actor: Actor::Job("sign-in"), ..entry(Act::FactorPaused) });
            letters::about_security(app, &mut tx, account, told).await?;
        }
        audit::append(&mut tx, &entries).await?;
        tx.commit().await?;
        Ok(count.wait(now).map_or(CodeRefused::Wrong, CodeRefused::Wait))
    }

    /// Begins to count anew, in the transaction of what the proof opens.
    pub async fn succeeded(self, tx: &mut Tx) -> Result<(), StorageError> {
        throttles::restart(tx, &self.key).await
    }
}

/// What was typed, looked at; nothing is taken yet.
pub(in crate::services) enum Looked {
    /// It is the app's code of this step.
    Step(i64),
    /// It may be the recovery code with this digest.
    Recovery(String),
    /// It may be the code with this digest that was sent by mail.
    Mail(String),
    /// It is nothing.
    Nothing,
}

/// Looks at what was typed; whether a code that was sent by mail will do. No transaction may be open: another connection is
/// asked.
pub(in crate::services) async fn look(
    app: &App,
    account: &Account,
    typed: &str,
    takes_mail: bool,
) -> Result<Looked, Internal> {
    Ok(match Typed::parse(typed) {
        Some(Typed::Otp(code)) => match step_of(app, account, &code).await? {
            Some(step) => Looked::Step(step),
            None if takes_mail => {
                mail::look(app, account, &code).await?.map_or(Looked::Nothing, Looked::Mail)
            }
            None => Looked::Nothing,
        },
        Some(Typed::Recovery(code)) => Looked::Recovery(digest(app, account, &code)),
        None => Looked::Nothing,
    })
}

/// Takes a code, in the transaction of what it opens; `None` if it is wrong or was taken before. Of many hands with the
/// same code one is served.
pub(in crate::services) async fn take(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    looked: &Looked,
) -> Result<Option<Second>, Internal> {
    let (id, now) = (account.id(), app.now());
    Ok(match looked {
        Looked::Step(step) => totp::take(tx, id, *step).await?.then_some(Second::Otp),
        Looked::Recovery(digest) if recovery_codes::take(tx, id, digest, now).await? => {
            letters::about_security(app, tx, account, Change::RecoveryCodeUsed).await?;
            Some(Second::Recovery)
        }
        Looked::Mail(digest) => mail::take(app, tx, account, digest).await?.then_some(Second::Mail),
        Looked::Recovery(_) | Looked::Nothing => None,
    })
}

/// Forgets what was counted, because an administrator has made sure who the holder is.
pub(in crate::services) async fn forget_wrong(
    app: &App,
    tx: &mut Tx,
    account: &Account,
) -> Result<(), StorageError> {
    throttles::clear(tx, &key(app, account)).await
}

/// The step of which a code of the account's app is.
async fn step_of(app: &App, account: &Account, code: &Secret<String>) -> Result<Option<i64>, Internal> {
    let kept = totp::of(&app.db, account.id()).await?.filter(|kept| kept.confirmed_at.is_some());
    let Some(kept) = kept else { return Ok(None) };
    let secret = open(app, account, &kept.sealed)?;
    Ok(otp::matching(&secret, code, factor::steps(app.now())))
}

/// Opens the secret of an app.
pub(super) fn open(app: &App, account: &Account, sealed: &[u8]) -> Result<Secret<Vec<u8>>, Internal> {
    let opened = app.keyring.open("totp", &sealed_for(account), sealed);
    opened.map_err(|error| Internal::new("opening the secret of an authenticator app", error))
}

/// Under which a recovery code is kept: without the master key it cannot be tried.
pub(super) fn digest(app: &App, account: &Account, code: &Secret<String>) -> String {
    app.keyring.keyed_digest("recovery code", &format!("{}:{}", account.id(), code.expose()))
}

fn key(app: &App, account: &Account) -> String {
    format!("factor:{}", app.keyring.keyed_digest("throttle factor", &account.id().to_string()))
}
