//! A password reset by an administrator: a one-time password, written to every directory in which the person has a
//! mailbox, handed over on paper, and to be changed at the first sign-in. It exists in the answer only.
//!
//! In this order: is anybody there → what is about to happen is recorded (the sessions end, a new password is demanded,
//! the audit says who and why) → the directories are written → what they took is recorded, and only then a lock is
//! lifted → each is verified by a bind. A crash in between leaves an account that demands a new password, or one that is
//! still locked, and a line in the audit without its second half; another reset repairs it. A system that did not take
//! the password *lags*, and the forced change gives it the next one.

use super::approvals::{self, Pass, Stopped};
use super::bulk_unlock::Seen;
use super::lock::{self, LockRefused};
use super::password_copies::{self, Intended};
use super::{
    Internal, chain, deadlines, directory_locks, failed_attempts, letters, logout_notices, rights, session,
};
use crate::app::App;
use crate::directory::{DirectoryError, Refusal};
use crate::domain::account::{Account, State, TransitionRefused};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::approval::Matter;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::AccountId;
use crate::domain::mailbox::{self, MailSystem, Mailbox};
use crate::domain::policy::deadline::Deadline;
use crate::domain::policy::handover;
use crate::domain::policy::password::For;
use crate::domain::secret::Password;
use crate::domain::session::SessionEnd;
use crate::i18n::factors::Change;
use crate::storage::told_deadlines::ToldBy;
use crate::storage::{StorageError, accounts, audit, directory_locks as orders, handed_over, mailboxes};
use std::collections::HashSet;
use thiserror::Error;

/// What an administrator says with a reset.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a> {
    /// Why.
    pub why: &'a str,
    /// "I have made sure who it is."
    pub is_sure: bool,
}

/// What came of one mail system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// It took the one-time password, and a bind with it worked.
    Taken,
    /// It took it, and refuses the person for another reason: a lock that is still to be lifted there.
    StillClosed,
    /// It refused it by its own policy; its words. It lags.
    Refused(String),
    /// It did not answer, or the bind failed. It lags.
    Failed,
}

impl Given {
    /// Whether the mail system has the one-time password.
    pub const fn is_taken(&self) -> bool {
        matches!(self, Self::Taken | Self::StillClosed)
    }
}

/// What is handed over, once.
#[derive(Debug, Clone)]
pub struct Slip {
    /// Whose it is, as it is now.
    pub account: Account,
    /// The one-time password.
    pub password: Password,
    /// Until when it is to be changed, if a term runs.
    pub deadline: Option<Deadline>,
    /// What came of each mail system.
    pub given: Vec<(MailSystem, Given)>,
}

/// Why there is nothing to hand over.
#[derive(Debug, Error)]
pub enum ResetRefused {
    /// No such account within the administrator's reach.
    #[error("no such account within reach")]
    NotFound,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// The administrator has not said that they made sure who it is.
    #[error("nobody has made sure who it is")]
    NotSure,
    /// Nobody resets their own password; they change it.
    #[error("an administrator does not reset their own password")]
    Oneself,
    /// It is an administrator's, and whoever asks does not administer the city.
    #[error("only an administrator of the city resets an administrator's password")]
    OfAnAdministrator,
    /// The role does not have the right: to reset, or to lift the lock that a reset would lift.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Its state does not allow it.
    #[error(transparent)]
    State(#[from] TransitionRefused),
    /// It has changed since it was looked at; so has one whose page is sent a second time.
    #[error("the account was changed since it was looked at")]
    Conflict,
    /// No mail system answered. Nothing was changed.
    #[error("no mail system answered; nothing was changed")]
    Unreachable,
    /// No mail system took it. The sessions have ended, and a new password is demanded.
    #[error("no mail system took the one-time password")]
    NotTaken(Vec<(MailSystem, Given)>),
    /// The house writes no password of this account's mail systems.
    #[error("its passwords are changed in the mail system only")]
    Elsewhere,
    /// It is somebody's who decides on requests: a second person must approve it.
    #[error("a second person must approve it")]
    NeedsSecond(Stopped),
    /// Our fault.
    #[error(transparent)]
    Internal(Internal),
}

impl From<Stopped> for ResetRefused {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Internal(internal) => internal.into(),
            stopped @ Stopped::NeedsSecond(_) => Self::NeedsSecond(stopped),
        }
    }
}

impl From<StorageError> for ResetRefused {
    fn from(error: StorageError) -> Self {
        Internal::from(error).into()
    }
}

impl From<Internal> for ResetRefused {
    fn from(internal: Internal) -> Self {
        if internal.is_conflict() { Self::Conflict } else { Self::Internal(internal) }
    }
}

impl From<LockRefused> for ResetRefused {
    fn from(refused: LockRefused) -> Self {
        match refused {
            LockRefused::NotFound => Self::NotFound,
            LockRefused::NoReason => Self::NoReason,
            LockRefused::Oneself => Self::Oneself,
            LockRefused::Forbidden(forbidden) => Self::Forbidden(forbidden),
            LockRefused::OfAnAdministrator => Self::OfAnAdministrator,
            LockRefused::State(refused) => Self::State(refused),
            LockRefused::Conflict => Self::Conflict,
            LockRefused::Internal(internal) => Self::Internal(internal),
        }
    }
}

/// Resets the password of an account within reach that nobody has changed since it was looked at.
pub async fn reset(app: &App, by: &Administrator, seen: Seen, word: Word<'_>) -> Result<Slip, ResetRefused> {
    reset_one(app, by, seen, word, &mut HashSet::new()).await
}

/// The same as one of many: a directory in `silent` is not asked again.
pub(super) async fn reset_one(
    app: &App,
    by: &Administrator,
    seen: Seen,
    word: Word<'_>,
    silent: &mut HashSet<MailSystem>,
) -> Result<Slip, ResetRefused> {
    let actor = rights::acting(app, by, Right::ResetPassword).await?;
    let account = lock::within_reach(app, by, seen.id).await?;
    if account.id() == by.account_id() {
        return Err(ResetRefused::Oneself);
    }
    if !by.may_reset(&account) {
        return Err(ResetRefused::OfAnAdministrator);
    }
    if account.version() != seen.version {
        return Err(ResetRefused::Conflict);
    }
    // A reset of a locked account lifts its lock.
    if matches!(account.state(), State::Locked { .. }) {
        rights::ask(app, by, Right::Unlock).await?;
    }
    let why = lock::reason(word.why)?;
    if !word.is_sure {
        return Err(ResetRefused::NotSure);
    }
    let pass = approvals::pass_hands(app, by, (Matter::ResetDecider, ""), &account).await?;
    carry_out(app, (actor, why), (Some(by.account_id()), pass), account, silent).await
}

/// Resets the password of any account, as it is now, by the server's operator: also where no administrator can.
pub async fn reset_by_operator(app: &App, address: &MailAddress, why: &str) -> Result<Slip, ResetRefused> {
    let account = accounts::by_address(&app.db, address).await?.ok_or(ResetRefused::NotFound)?;
    carry_out(app, (Actor::CommandLine, lock::reason(why)?), (None, None), account, &mut HashSet::new()).await
}

async fn carry_out(
    app: &App,
    (by, why): (Actor, String),
    (hand, pass): (Option<AccountId>, Option<Pass>),
    account: Account,
    silent: &mut HashSet<MailSystem>,
) -> Result<Slip, ResetRefused> {
    let mailboxes = super::password::written(app, account.id()).await?.0;
    let reset = Reset { app, by, why, hand, pass, account, mailboxes };
    reset.account.can_be_reset()?;
    if reset.mailboxes.is_empty() {
        return Err(ResetRefused::Elsewhere);
    }
    let there = reset.who_is_there(silent).await;
    if there.is_empty() {
        return Err(ResetRefused::Unreachable);
    }
    let password = reset.draw()?;
    reset.begin(&there).await?;
    let intended = password_copies::intend(app, &reset.mailboxes, &password).await?;
    let mut given = reset.write(&there, &password, silent).await;
    if !given.iter().any(|(_, given)| given.is_taken()) {
        logout_notices::try_at_once(app, reset.account.id()).await;
        return Err(ResetRefused::NotTaken(given));
    }
    reset.record(&given, &intended).await?;
    logout_notices::try_at_once(app, reset.account.id()).await;
    directory_locks::try_at_once(app, reset.account.id()).await;
    if let Err(internal) = reset.verify(&password, &mut given).await {
        tracing::error!("noting that a one-time password was not taken: {}", chain(&internal));
    }
    if !given.iter().any(|(_, given)| given.is_taken()) {
        return Err(ResetRefused::NotTaken(given));
    }
    Ok(reset.slip(password, given).await)
}

/// One reset, from the look at the account on.
struct Reset<'a> {
    app: &'a App,
    by: Actor,
    why: String,
    /// Who gets the password to hand it over.
    hand: Option<AccountId>,
    pass: Option<Pass>,
    account: Account,
    mailboxes: Vec<Mailbox>,
}

impl Reset<'_> {
    /// The mail systems that can be written now. Nothing is written yet.
    async fn who_is_there(&self, silent: &mut HashSet<MailSystem>) -> Vec<MailSystem> {
        let mut there = Vec::new();
        for Mailbox { key, .. } in &self.mailboxes {
            let Some(directory) = self.app.directories.of(key.system) else { continue };
            if silent.contains(&key.system) {
                continue;
            }
            match directory.locate(key).await {
                Ok(()) => there.push(key.system),
                Err(error) => note(key.system, &error, silent),
            }
        }
        there
    }

    fn draw(&self) -> Result<Password, Internal> {
        let profile = self.account.profile();
        let systems: Vec<_> = self.mailboxes.iter().map(|m| m.key.system).collect();
        let holder = For {
            local_part: profile.address.local_part(),
            display_name: &profile.display_name,
            systems: &systems,
        };
        let rules = &self.app.config.policy.password;
        handover::one_time(rules, &holder, self.app.system.entropy())
            .ok_or_else(|| Internal::new("drawing a one-time password", "no draw kept the rules"))
    }

    /// What is about to happen. A locked account stays locked until its password is another one.
    async fn begin(&self, there: &[MailSystem]) -> Result<(), ResetRefused> {
        let (app, now) = (self.app, self.app.now());
        let begun = match self.account.state() {
            State::Locked { .. } => self.account.clone(),
            _ => self
                .account
                .reset(now, app.regulation().fresh_term(&self.account, now))
                .map_err(|refused| Internal::new("resetting a password", refused))?,
        };
        let entry = Entry::about(now, self.by.clone(), Act::PasswordResetBegun, &self.account)
            .changing(self.account.state().name().code(), begun.state().name().code())
            .because(&self.why);
        let mut tx = app.db.begin().await?;
        if let Some(pass) = &self.pass {
            pass.spend(app, &mut tx).await?;
        }
        if let Some(hand) = self.hand {
            handed_over::note(&mut tx, begun.id(), hand, now).await?;
        }
        accounts::save(&mut tx, &begun, lock::terms(app, &begun)).await?;
        // From here on the others lag, also if we crash: the forced change gives them the next password.
        for mailbox in self.mailboxes.iter().filter(|m| there.first() != Some(&m.key.system)) {
            mailboxes::set_password_lags(&mut tx, mailbox.id, true).await?;
        }
        letters::withdraw(&mut tx, begun.id()).await?;
        session::end_everything(&mut tx, begun.id(), None, SessionEnd::PasswordChanged, now).await?;
        audit::append(&mut tx, &[entry]).await?;
        Ok(tx.commit().await?)
    }

    async fn write(
        &self,
        there: &[MailSystem],
        password: &Password,
        silent: &mut HashSet<MailSystem>,
    ) -> Vec<(MailSystem, Given)> {
        let mut given = Vec::new();
        for Mailbox { key, .. } in &self.mailboxes {
            let directory = self.app.directories.of(key.system).filter(|_| there.contains(&key.system));
            let outcome = match directory {
                None => Given::Failed,
                Some(directory) => match directory.reset_for_handover(key, password).await {
                    Ok(()) => Given::Taken,
                    Err(DirectoryError::PolicyRefused(words)) => Given::Refused(words),
                    Err(error) => {
                        note(key.system, &error, silent);
                        Given::Failed
                    }
                },
            };
            given.push((key.system, outcome));
        }
        given
    }

    /// The directories have acted, so a row that somebody else changed meanwhile is read again instead of giving up.
    async fn record(&self, given: &[(MailSystem, Given)], intended: &[Intended]) -> Result<(), Internal> {
        for _ in 0..5 {
            match self.record_once(given, intended).await {
                Err(internal) if internal.is_conflict() => {}
                result => return result,
            }
        }
        self.record_once(given, intended).await
    }

    async fn record_once(
        &self,
        given: &[(MailSystem, Given)],
        intended: &[Intended],
    ) -> Result<(), Internal> {
        let (app, now) = (self.app, self.app.now());
        let taken: Vec<_> = given.iter().filter(|(_, g)| g.is_taken()).map(|(system, _)| *system).collect();
        let mut tx = app.db.begin().await?;
        for mailbox in &self.mailboxes {
            if taken.contains(&mailbox.key.system) {
                mailboxes::handed_over(&mut tx, mailbox.id, now).await?;
            } else {
                mailboxes::set_password_lags(&mut tx, mailbox.id, true).await?;
            }
        }
        for (system, given) in given.iter().filter(|(_, given)| *given != Given::Failed) {
            password_copies::settle(app, &mut tx, intended, *system, given.is_taken()).await?;
        }
        let account = accounts::by_id_in(&mut tx, self.account.id()).await?;
        let account = account.unwrap_or_else(|| self.account.clone());
        // A lock that came meanwhile is somebody's later word.
        let is_another_lock =
            matches!(account.state(), State::Locked { .. }) && account.state() != self.account.state();
        let deadline = app.regulation().fresh_term(&account, now);
        if !is_another_lock && let Ok(open) = account.reset(now, deadline) {
            accounts::save(&mut tx, &open, lock::terms(app, &open)).await?;
            orders::order_unlock(&mut tx, open.id(), now).await?;
            letters::withdraw(&mut tx, open.id()).await?;
        }
        // The sign-in asks the home directory: as long as that has the old password, nothing is better.
        if mailbox::home(&self.mailboxes).is_some_and(|home| taken.contains(&home.key.system)) {
            accounts::own_again(&mut tx, account.id()).await?;
        }
        failed_attempts::password_changed(app, &mut tx, account.profile().address.as_str()).await?;
        session::end_everything(&mut tx, account.id(), None, SessionEnd::PasswordChanged, now).await?;
        let before = match *self.account.state() {
            State::Locked { reason, .. } => reason.code(),
            _ => self.account.state().name().code(),
        };
        let systems: Vec<_> = taken.iter().map(|system| system.code()).collect();
        let entry = Entry::about(now, self.by.clone(), Act::PasswordReset, &account)
            .changing(before, systems.join(", "))
            .because(&self.why);
        letters::about_security(app, &mut tx, &account, Change::PasswordReset).await?;
        audit::append(&mut tx, &[entry]).await?;
        Ok(tx.commit().await?)
    }

    /// Whether the password that was taken opens the door.
    async fn verify(&self, password: &Password, given: &mut [(MailSystem, Given)]) -> Result<(), Internal> {
        for (system, outcome) in given.iter_mut().filter(|(_, given)| given.is_taken()) {
            let mailbox = self.mailboxes.iter().find(|m| m.key.system == *system);
            let Some((mailbox, directory)) = mailbox.zip(self.app.directories.of(*system)) else { continue };
            *outcome = match directory.verify(&mailbox.key, password).await {
                Ok(_) => Given::Taken,
                Err(DirectoryError::Refused(
                    Refusal::Disabled | Refusal::LockedOut | Refusal::AccountExpired | Refusal::NotNow,
                )) => Given::StillClosed,
                Err(error) => {
                    tracing::warn!(?system, "verifying a one-time password: {}", chain(&error));
                    Given::Failed
                }
            };
            if *outcome == Given::Failed {
                let mut tx = self.app.db.begin().await?;
                mailboxes::set_password_lags(&mut tx, mailbox.id, true).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// The mail systems have the password, so it is handed over whatever else cannot be told of the account.
    async fn slip(&self, password: Password, given: Vec<(MailSystem, Given)>) -> Slip {
        let (account, deadline) = self.afterwards().await.unwrap_or_else(|internal| {
            tracing::error!("reading an account after its reset: {}", chain(&internal));
            (self.account.clone(), None)
        });
        Slip { account, password, deadline, given }
    }

    /// The slip tells a deadline, so it is kept as told.
    async fn afterwards(&self) -> Result<(Account, Option<Deadline>), Internal> {
        let account = accounts::by_id(&self.app.db, self.account.id()).await?;
        let account = account.unwrap_or_else(|| self.account.clone());
        let deadline = self.app.regulation().running(&account);
        if let Some(deadline) = &deadline {
            deadlines::tell(self.app, &account, deadline, ToldBy::Page).await?;
        }
        Ok((account, deadline))
    }
}

fn note(system: MailSystem, error: &DirectoryError, silent: &mut HashSet<MailSystem>) {
    tracing::warn!(?system, "resetting a password: {}", chain(error));
    if matches!(error, DirectoryError::Unreachable { .. }) {
        silent.insert(system);
    }
}
