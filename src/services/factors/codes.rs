//! Codes that are typed: of the authenticator app, or for recovery. Each is taken once; wrong ones are counted apart from
//! passwords, and no directory hears of them.

use super::proof::Given;
use super::{mail, sealed_for, sweep};
use crate::app::App;
use crate::crypto::totp as otp;
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::{self, Typed, WRONG_CODES};
use crate::domain::id::AccountId;
use crate::domain::proof::Second;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::i18n::factors::Change;
use crate::services::{Internal, letters};
use crate::storage::{StorageError, Tx, audit, hour_counts, recovery_codes, throttles, totp};
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
    /// A pause of codes that does not hold for what is given: it neither ends nor begins anew by it.
    paused: Option<Timestamp>,
    _turn: OwnedMutexGuard<()>,
}

/// Whether another code may be tried for an account.
pub async fn gate(app: &App, account: &Account) -> Result<Try, CodeRefused> {
    begin(app, key(app, account)).await?.unless_paused()
}

/// The same for whatever is given. A pause is there because codes can be guessed: passkeys and certificates cannot.
pub(in crate::services) async fn gate_for(
    app: &App,
    account: &Account,
    given: Given<'_>,
) -> Result<Try, CodeRefused> {
    let attempt = begin(app, key(app, account)).await?;
    match given {
        Given::Code(_) => attempt.unless_paused(),
        Given::Passkey(_) | Given::Certificate(_) => Ok(attempt),
    }
}

/// The same where no password was asked for, by whom the codes would be: an account, or what was typed in place of one.
/// Counted apart, so that no stranger keeps anybody from the step after the password.
pub(in crate::services) async fn gate_without_password(app: &App, whose: &str) -> Result<Try, CodeRefused> {
    begin(app, key_without_password(app, whose)).await?.unless_paused()
}

async fn begin(app: &App, key: String) -> Result<Try, StorageError> {
    let turn = app.turns.take(&key).await;
    let paused = throttles::count(&app.db, &key).await?.wait(app.now());
    Ok(Try { key, paused, _turn: turn })
}

/// Until when no further proof is taken for an account, if its holder typed too many wrong codes.
pub(in crate::services) async fn paused(
    app: &App,
    account: &Account,
) -> Result<Option<Timestamp>, StorageError> {
    Ok(throttles::count(&app.db, &key(app, account)).await?.wait(app.now()))
}

impl Try {
    fn unless_paused(self) -> Result<Self, CodeRefused> {
        match self.paused {
            Some(until) => Err(CodeRefused::Wait(until)),
            None => Ok(self),
        }
    }

    /// Counts a wrong proof; tells what to answer. At the pause the holder gets a letter: whoever types codes knows the
    /// password.
    pub async fn failed(self, app: &App, account: &Account, source: &str) -> Result<CodeRefused, Internal> {
        self.count(app, Some(account), source, Change::ManyWrongCodes).await
    }

    /// The same where no password was asked for; without an account for whoever is not there.
    pub async fn failed_without_password(
        self,
        app: &App,
        account: Option<&Account>,
        source: &str,
    ) -> Result<CodeRefused, Internal> {
        self.count(app, account, source, Change::ManyWrongRecoveries).await
    }

    async fn count(
        self,
        app: &App,
        account: Option<&Account>,
        source: &str,
        told: Change,
    ) -> Result<CodeRefused, Internal> {
        if let Some(until) = self.paused {
            return Ok(CodeRefused::Wait(until));
        }
        let now = app.now();
        let mut tx = app.db.begin().await?;
        let (count, _) = throttles::failed(&mut tx, &self.key, None, WRONG_CODES, now).await?;
        let Some(account) = account else {
            // In place of the line of the audit, so that it takes as long.
            hour_counts::count_stranger(&mut tx, now).await?;
            tx.commit().await?;
            return Ok(count.wait(now).map_or(CodeRefused::Wrong, CodeRefused::Wait));
        };
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
        match self.paused {
            Some(_) => Ok(()),
            None => throttles::restart(tx, &self.key).await,
        }
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
        Some(Typed::Recovery(code)) => {
            let is_doubted = sweep::are_codes_doubted(app, account).await?;
            if is_doubted { Looked::Nothing } else { Looked::Recovery(digest(app, account, &code)) }
        }
        None => Looked::Nothing,
    })
}

/// Takes as long as [`look`] does, where there is no account.
pub(in crate::services) async fn look_for_nobody(app: &App, typed: &str) -> Result<(), StorageError> {
    if matches!(Typed::parse(typed), Some(Typed::Otp(_))) {
        totp::of(&app.db, AccountId::new(app.now(), app.system.entropy())).await?;
    }
    Ok(())
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
    throttles::clear(tx, &key_without_password(app, &account.id().to_string())).await?;
    throttles::clear(tx, &key(app, account)).await
}

/// The step of which a code of the account's app is.
async fn step_of(app: &App, account: &Account, code: &Secret<String>) -> Result<Option<i64>, Internal> {
    let is_good = |at| !sweep::is_doubted(account, at);
    let kept = totp::of(&app.db, account.id()).await?.filter(|kept| kept.confirmed_at.is_some_and(is_good));
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

fn key_without_password(app: &App, whose: &str) -> String {
    format!("recovery:{}", app.keyring.keyed_digest("throttle recovery", whose))
}
