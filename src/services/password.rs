//! A new password: written to every directory in which the person has a mailbox, verified by a bind on each.
//!
//! The directories go first, because only they can refuse: the rules of both are checked, both are asked whether
//! they are there, then the home directory is written, then the other. A failure after the first write is a state
//! that everybody sees (the mailbox *lags*), with a way to finish; never silence.

use super::factors::sweep;
use super::failed_attempts::{self, Failure, Gate, Trial};
use super::password_copies::{self, Intended};
use super::{Internal, chain, deadlines, directory_locks, letters, lock, logout_notices, session};
use crate::app::App;
use crate::crypto::strength;
use crate::directory::{Directory, DirectoryError, Refusal};
use crate::domain::account::{Account, State};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::AccountId;
use crate::domain::mailbox::{self, MailSystem, Mailbox};
use crate::domain::name;
use crate::domain::policy::deadline::Deadline;
use crate::domain::policy::password::{BrokenRule, For};
use crate::domain::secret::Password;
use crate::domain::session::{Session, SessionEnd};
use crate::domain::timestamp::Timestamp;
use crate::i18n::factors::Change;
use crate::services::session::Current;
use crate::storage::told_deadlines::ToldBy;
use crate::storage::{StorageError, accounts, audit, handed_over, mailboxes, sessions};
use std::sync::Arc;
use thiserror::Error;
use time::Duration;

/// So long after the first sign-in an initial password in a mail system is what is left of the first day.
const NEW_FOR: Duration = Duration::days(14);

/// What the page of the change needs to know.
#[derive(Debug, Clone)]
pub struct ChangeForm {
    /// Whether it is demanded.
    pub forced: bool,
    /// The mail systems that must take the new password.
    pub systems: Vec<MailSystem>,
    /// Mail systems whose password the house does not write, and where it is changed.
    pub elsewhere: Vec<(MailSystem, String)>,
    /// The mail system that has not taken the last one yet; then the change is to be finished first.
    pub lagging: Vec<MailSystem>,
    /// Whether that one still has the initial password of somebody new: the first change is not finished.
    pub first_lags: bool,
    /// Fewest and most characters.
    pub length: (usize, usize),
    /// How many kinds of characters.
    pub classes: usize,
    /// The term that runs.
    pub deadline: Option<Deadline>,
}

/// What came of one mail system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took the password, and a bind with it worked.
    Taken,
    /// It refused the password by its own policy; its words.
    Refused(String),
    /// It did not answer, or the bind with the new password failed.
    Failed,
}

/// What came of a change: one outcome for each mail system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// In the order in which they were written.
    pub outcomes: Vec<(MailSystem, Outcome)>,
}

impl Changed {
    /// Whether every mail system has the new password.
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Taken)
    }
}

/// Why nothing was changed.
#[derive(Debug, Error)]
pub enum ChangeRefused {
    /// Rules that the new password breaks.
    #[error("the new password breaks rules")]
    Broken(Vec<BrokenRule>),
    /// The present password is wrong.
    #[error("the present password is wrong")]
    WrongOld,
    /// Too many failures; wait until then.
    #[error("too many failed attempts")]
    Wait(Timestamp),
    /// The home directory's own policy refused it; its words.
    #[error("the directory's policy refused it")]
    Policy(MailSystem, String),
    /// A mail system did not answer before anything was written.
    #[error("{0:?} did not answer; nothing was changed")]
    Unreachable(MailSystem),
    /// There is nothing to finish, or something that must be finished first.
    #[error("the change is in another state")]
    WrongState,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ChangeRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// What the page of the change shows.
pub async fn form(app: &App, current: &Current) -> Result<ChangeForm, Internal> {
    let (mailboxes, elsewhere) = written(app, current.account.id()).await?;
    let systems: Vec<_> = mailboxes.iter().map(|m| m.key.system).collect();
    let lagging: Vec<_> = mailboxes.iter().filter(|m| m.password_lags).map(|m| m.key.system).collect();
    let begun_anew =
        mailbox::home(&mailboxes).is_some_and(|home| !was_changed(current.account.state(), home));
    let rules = &app.config.policy.password;
    let deadline = app.regulation().running(&current.account);
    if let Some(deadline) = &deadline {
        deadlines::tell(app, &current.account, deadline, ToldBy::Page).await?;
    }
    let first_access = current.account.traces().first_access_at;
    let is_new = first_access.is_some_and(|at| app.now().since(at) <= NEW_FOR);
    Ok(ChangeForm {
        forced: current.must_change_password(),
        first_lags: is_new && mailboxes.iter().any(|m| m.password_lags && m.must_change),
        lagging: if begun_anew { Vec::new() } else { lagging },
        length: (rules.min_length, rules.max_length(&systems)),
        classes: rules.min_classes,
        deadline,
        systems,
        elsewhere,
    })
}

/// Changes the password of the holder of a session.
pub async fn change(
    app: &App,
    current: &Current,
    old: &Password,
    new: &Password,
) -> Result<Changed, ChangeRefused> {
    let account = &current.account;
    let (mailboxes, _) = written(app, account.id()).await?;
    let home = mailbox::home(&mailboxes).ok_or(ChangeRefused::WrongState)?;
    if mailboxes.iter().any(|m| m.password_lags) && was_changed(account.state(), home) {
        return Err(ChangeRefused::WrongState);
    }
    check_rules(app, account, &mailboxes, old, new)?;
    let trial = wait(app, current, old).await?;
    // A lock that was lifted here is taken back there first, else the directory would not take the change.
    directory_locks::try_at_once(app, account.id()).await;
    // Before anything is written: is everybody there, and is the old password right?
    for mailbox in &mailboxes {
        let directory = directory(app, mailbox)?;
        directory.locate(&mailbox.key).await.map_err(|e| unreachable(mailbox, &e))?;
    }
    // From here on the other systems lag, also if we crash: then the page lets the holder finish.
    set_others_lag(app, &mailboxes, home, true).await?;
    let intended = password_copies::intend(app, &mailboxes, new).await?;
    if let Err(refused) = write_home(app, home, old, new).await {
        // Only a plain "no" says that the home directory still has the old password.
        if matches!(refused, ChangeRefused::WrongOld | ChangeRefused::Policy(..)) {
            set_others_lag(app, &mailboxes, home, false).await?;
            password_copies::give_up(app, &intended).await?;
        }
        if matches!(refused, ChangeRefused::WrongOld) {
            return Err(count_failure(app, current, &trial).await?);
        }
        return Err(refused);
    }
    record_home(app, current, home).await?;
    let mut outcomes = vec![(home.key.system, Outcome::Taken)];
    for mailbox in mailboxes.iter().filter(|m| m.id != home.id) {
        outcomes.push((mailbox.key.system, write_other(app, mailbox, Some(old), new).await));
    }
    let written =
        Written { mailboxes: &mailboxes, intended: &intended, outcomes: &outcomes, by_present: true };
    record(app, current, written).await?;
    Ok(Changed { outcomes })
}

/// Gives the password that one mail system has taken to the one that lags behind. The holder types it once more,
/// because it is never kept.
pub async fn finish(app: &App, current: &Current, new: &Password) -> Result<Changed, ChangeRefused> {
    let (mailboxes, _) = written(app, current.account.id()).await?;
    let (lagging, good): (Vec<_>, Vec<_>) = mailboxes.iter().partition(|m| m.password_lags);
    let (Some(home), false) = (good.first(), lagging.is_empty()) else {
        return Err(ChangeRefused::WrongState);
    };
    if !was_changed(current.account.state(), home) {
        return Err(ChangeRefused::WrongState);
    }
    let trial = wait(app, current, new).await?;
    match directory(app, home)?.verify(&home.key, new).await {
        Ok(_) => {}
        Err(DirectoryError::Refused(Refusal::WrongPassword)) => {
            return Err(count_failure(app, current, &trial).await?);
        }
        Err(error) => return Err(unreachable(home, &error)),
    }
    let lagging: Vec<_> = lagging.into_iter().cloned().collect();
    let intended = password_copies::intend(app, &lagging, new).await?;
    let mut outcomes = vec![(home.key.system, Outcome::Taken)];
    for mailbox in &lagging {
        outcomes.push((mailbox.key.system, write_other(app, mailbox, None, new).await));
    }
    let written =
        Written { mailboxes: &mailboxes, intended: &intended, outcomes: &outcomes, by_present: false };
    record(app, current, written).await?;
    Ok(Changed { outcomes })
}

/// The mailboxes whose password the house writes, and where people change the others'.
pub(super) async fn written(
    app: &App,
    id: AccountId,
) -> Result<(Vec<Mailbox>, Vec<(MailSystem, String)>), StorageError> {
    let (mut written, mut elsewhere) = (Vec::new(), Vec::new());
    for mailbox in mailboxes::of_account(&app.db, id).await? {
        let system = mailbox.key.system;
        match app.directories.of(system).and_then(|directory| directory.password_place()) {
            Some(place) => elsewhere.push((system, place)),
            None => written.push(mailbox),
        }
    }
    Ok((written, elsewhere))
}

fn check_rules(
    app: &App,
    account: &Account,
    mailboxes: &[Mailbox],
    old: &Password,
    new: &Password,
) -> Result<(), ChangeRefused> {
    let systems: Vec<_> = mailboxes.iter().map(|m| m.key.system).collect();
    let profile = account.profile();
    let holder = For {
        local_part: profile.address.local_part(),
        display_name: &profile.display_name,
        systems: &systems,
    };
    let mut broken = app.config.policy.password.broken_by(new.expose(), old.expose(), &holder);
    if is_guessable(app, new, &holder) {
        broken.push(BrokenRule::Guessable);
    }
    if broken.is_empty() { Ok(()) } else { Err(ChangeRefused::Broken(broken)) }
}

/// Whether it is easier to guess than the configuration allows, for somebody who knows the holder.
pub(super) fn is_guessable(app: &App, new: &Password, holder: &For<'_>) -> bool {
    let name = name::search_key(holder.display_name);
    let joined: String = name.split_whitespace().collect();
    let city = name::search_key(&app.config.city.name);
    let words = name.split_whitespace().chain(city.split_whitespace());
    let known: Vec<_> = words.chain([holder.local_part, joined.as_str()]).collect();
    strength::score(new.expose(), &known) < app.config.policy.min_score
}

/// Wrong present passwords count like wrong passwords at the sign-in; a pause there does not keep the holder from it.
async fn wait(app: &App, current: &Current, password: &Password) -> Result<Trial, ChangeRefused> {
    match failed_attempts::gate_within(app, current, password).await? {
        Gate::Open(trial) => Ok(trial),
        Gate::Wait(until) => Err(ChangeRefused::Wait(until)),
        Gate::Repeated => Err(ChangeRefused::WrongOld),
    }
}

async fn count_failure(app: &App, current: &Current, trial: &Trial) -> Result<ChangeRefused, ChangeRefused> {
    let entry = Entry::about(app.now(), Actor::Stranger, Act::SignInRefused, &current.account);
    let entry = entry.with("password").from(&current.session.source);
    let until = trial.failed(app, Failure::Proven, Some(entry)).await?;
    Ok(until.map_or(ChangeRefused::WrongOld, ChangeRefused::Wait))
}

fn directory<'a>(app: &'a App, mailbox: &Mailbox) -> Result<&'a Arc<dyn Directory>, ChangeRefused> {
    app.directories.of(mailbox.key.system).ok_or(ChangeRefused::Unreachable(mailbox.key.system))
}

fn unreachable(mailbox: &Mailbox, error: &DirectoryError) -> ChangeRefused {
    tracing::warn!(system = ?mailbox.key.system, "changing a password: {}", chain(error));
    ChangeRefused::Unreachable(mailbox.key.system)
}

/// Whether the home directory has taken a new password since one was demanded. If not, a crash came before it was
/// written, only the intent was recorded, and the change begins anew.
fn was_changed(state: &State, home: &Mailbox) -> bool {
    match *state {
        State::MustChangePassword { since, .. } => {
            !home.must_change && home.password_set_at.is_some_and(|set| set >= since)
        }
        State::Active { .. } | State::Locked { .. } | State::Retired { .. } => true,
    }
}

/// The home directory has the new password, on the word of the present one: recorded before the others are written.
async fn record_home(app: &App, current: &Current, home: &Mailbox) -> Result<(), Internal> {
    let actor = Actor::Holder(current.account.profile().address.to_string());
    let mut tx = app.db.begin().await?;
    mailboxes::password_taken(&mut tx, home.id, app.now()).await?;
    let by = (&actor, Some(current.session.source.as_str()));
    let entries = sweep::settle(app, &mut tx, home.account_id, by).await?;
    audit::append(&mut tx, &entries).await?;
    Ok(tx.commit().await?)
}

/// Notes that the other directories lag behind the home directory, or not any more.
pub(super) async fn set_others_lag(
    app: &App,
    mailboxes: &[Mailbox],
    home: &Mailbox,
    lag: bool,
) -> Result<(), StorageError> {
    if mailboxes.len() < 2 {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for mailbox in mailboxes.iter().filter(|m| m.id != home.id) {
        mailboxes::set_password_lags(&mut tx, mailbox.id, lag).await?;
    }
    tx.commit().await
}

/// The home directory: on the word of the old password, verified by a bind with the new one.
async fn write_home(app: &App, home: &Mailbox, old: &Password, new: &Password) -> Result<(), ChangeRefused> {
    let directory = directory(app, home)?;
    match directory.change_password(&home.key, old, new).await {
        Ok(()) => {}
        Err(DirectoryError::Refused(_)) => return Err(ChangeRefused::WrongOld),
        Err(DirectoryError::PolicyRefused(words)) => {
            return Err(ChangeRefused::Policy(home.key.system, words));
        }
        Err(error) => return Err(unreachable(home, &error)),
    }
    match directory.verify(&home.key, new).await {
        Ok(_) => Ok(()),
        // It took the password and then does not let the holder in with it: nobody can say more.
        Err(error) => Err(Internal::new("verifying the new password by a bind", error).into()),
    }
}

/// Another directory: on the word of the old password if it is the same there, else by the service's right.
async fn write_other(app: &App, mailbox: &Mailbox, old: Option<&Password>, new: &Password) -> Outcome {
    let Some(directory) = app.directories.of(mailbox.key.system) else { return Outcome::Failed };
    let changed = match old {
        Some(old) => directory.change_password(&mailbox.key, old, new).await,
        None => Err(DirectoryError::Refused(Refusal::WrongPassword)),
    };
    let written = match changed {
        // Another password there, or a directory that does not let people change theirs.
        Err(DirectoryError::Refused(_)) => directory.reset_password(&mailbox.key, new).await,
        other => other,
    };
    let verified = match written {
        Ok(()) => directory.verify(&mailbox.key, new).await.map(|_| ()),
        Err(error) => Err(error),
    };
    match verified {
        Ok(()) => Outcome::Taken,
        Err(DirectoryError::PolicyRefused(words)) => Outcome::Refused(words),
        Err(error) => {
            tracing::warn!(system = ?mailbox.key.system, "giving a new password: {}", chain(&error));
            Outcome::Failed
        }
    }
}

/// What the directories did.
#[derive(Clone, Copy)]
struct Written<'a> {
    mailboxes: &'a [Mailbox],
    intended: &'a [Intended],
    outcomes: &'a [(MailSystem, Outcome)],
    /// Whether it was done on the word of the present password.
    by_present: bool,
}

/// What the directories did is recorded at once: state, mailboxes, other sessions, audit. The directories have
/// already acted, so a row that somebody else changed meanwhile is read again instead of giving up.
async fn record(app: &App, current: &Current, written: Written<'_>) -> Result<(), Internal> {
    let recorded = record_patiently(app, current, written).await;
    password_copies::try_at_once(app, current.account.id()).await;
    logout_notices::try_at_once(app, current.account.id()).await;
    recorded
}

async fn record_patiently(app: &App, current: &Current, written: Written<'_>) -> Result<(), Internal> {
    for _ in 0..5 {
        match record_once(app, current, written).await {
            Err(internal) if internal.is_conflict() => {}
            result => return result,
        }
    }
    record_once(app, current, written).await
}

async fn record_once(
    app: &App,
    current: &Current,
    Written { mailboxes, intended, outcomes, by_present }: Written<'_>,
) -> Result<(), Internal> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    for mailbox in mailboxes {
        match outcomes.iter().find(|(system, _)| *system == mailbox.key.system) {
            Some((_, Outcome::Taken)) => mailboxes::password_taken(&mut tx, mailbox.id, now).await?,
            Some(_) => mailboxes::set_password_lags(&mut tx, mailbox.id, true).await?,
            None => {}
        }
    }
    for (system, outcome) in outcomes {
        match outcome {
            Outcome::Taken => password_copies::settle(app, &mut tx, intended, *system, true).await?,
            Outcome::Refused(_) => password_copies::settle(app, &mut tx, intended, *system, false).await?,
            // nobody knows: the next sign-in there tells
            Outcome::Failed => {}
        }
    }
    let account = accounts::by_id_in(&mut tx, current.account.id()).await?;
    let account = account.unwrap_or_else(|| current.account.clone());
    let complete = outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Taken);
    let actor = Actor::Holder(account.profile().address.to_string());
    let taken: Vec<_> =
        outcomes.iter().filter(|(_, o)| *o == Outcome::Taken).map(|(s, _)| s.code()).collect();
    let act = if complete { Act::PasswordChanged } else { Act::PasswordsDiffer };
    let mut entry =
        Entry::about(now, actor, act, &account).with(taken.join(", ")).from(&current.session.source);
    if complete && let Ok(changed) = account.password_changed(now) {
        accounts::save(&mut tx, &changed, lock::terms(app, &changed)).await?;
        letters::withdraw(&mut tx, changed.id()).await?;
        if account.is_reset() {
            handed_over::renew_all(&mut tx, changed.id(), now).await?;
        }
        entry = entry.changing(account.state().name().code(), changed.state().name().code());
        entry.why = Some(taken.join(", "));
    }
    failed_attempts::password_changed(app, &mut tx, account.profile().address.as_str()).await?;
    // Whoever else holds a session of this account must prove the new password.
    let but = Some(current.session.id);
    if complete && by_present {
        // As with the page that asks for it once more; what the session is worth stays as it is.
        sessions::proven(&mut tx, &Session { auth_time: now, ..current.session.clone() }).await?;
    }
    if by_present {
        letters::about_security(app, &mut tx, &account, Change::PasswordChanged).await?;
    }
    session::end_everything(&mut tx, account.id(), but, SessionEnd::PasswordChanged, now).await?;
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}
