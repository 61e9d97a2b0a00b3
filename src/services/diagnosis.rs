//! "Why can't this person sign in?": each step of a sign-in looked at, live, without a password. Nobody signs in as
//! somebody else here, and nothing is changed.

use super::factors::{self, codes};
use super::{
    Internal, applications, audience, cached_sign_in, chain, directory_locks, failed_attempts,
    password_copies, rights,
};
use crate::app::App;
use crate::directory::{Directory, DirectoryError, Refusal, Standing};
use crate::domain::account::{Account, State};
use crate::domain::admin::Administrator;
use crate::domain::audit::Act;
use crate::domain::factor::Factors;
use crate::domain::health::Condition;
use crate::domain::id::AccountId;
use crate::domain::mailbox::{self, MailSystem, Mailbox};
use crate::domain::oauth::client::Client;
use crate::domain::policy::deadline::Deadline;
use crate::domain::policy::regulation::Verdict;
use crate::domain::session::Door;
use crate::domain::timestamp::Timestamp;
use crate::storage::{administrators, audit, mailboxes};
use std::time::Duration;

/// How long a directory is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was found at one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The state of the account.
    State(State),
    /// Its holder said then that somebody else knows the password: it alone opens nothing. Whether a second factor does.
    Disowned(Timestamp, bool),
    /// The regulation lets it in, until the end of a term if one runs.
    TermRuns(Option<Deadline>),
    /// Its term is over: a new password is asked before anything else.
    TermOver(Deadline),
    /// Its term is over: the next sign-in locks it.
    TermLocks(Deadline),
    /// Password sign-in is not paused.
    NoPause,
    /// It is paused until then, after so many wrong passwords.
    Paused(Timestamp, i64),
    /// Wrong passwords since the last time that it was signed in: how many, the last one.
    WrongPasswords(i64, Timestamp),
    /// It has no mailbox, so no directory knows its password.
    NoMailbox,
    /// A directory is not connected to the house.
    NotConnected(MailSystem),
    /// A directory answers.
    Answers(MailSystem),
    /// A directory answers slowly, since then.
    Slow(MailSystem, Option<Timestamp>),
    /// A directory does not answer; whether it proves the password of this account.
    Silent(MailSystem, bool),
    /// The directory that proves the password does not answer; the last known password opens the portal until then.
    StandsIn(MailSystem, Timestamp),
    /// The entry is there and open.
    EntryOpen(MailSystem),
    /// The entry is not there.
    EntryGone(MailSystem, bool),
    /// The directory refuses this person until further notice.
    EntryLocked(MailSystem, bool),
    /// The directory refuses this person for a while, after too many wrong passwords there.
    EntryLockedOut(MailSystem, bool),
    /// The account ended in the directory then, by a date that somebody set there.
    EntryExpired(MailSystem, bool, Timestamp),
    /// The lock was lifted here and the directory still holds it.
    EntryBeingOpened(MailSystem),
    /// Its mail system has not taken the latest password of the account.
    PasswordLags(MailSystem),
    /// The password is on its way into the mail system's second place.
    CopyWaits(MailSystem),
    /// A second factor is asked for after the password.
    AsksFactor(Factors),
    /// One must be set up before anything else.
    MustEnrol,
    /// No code is taken until then: too many were wrong.
    CodesPaused(Timestamp),
    /// The person may use the application.
    Admitted(String),
    /// The application is for other agencies.
    NotAdmitted(String, Vec<String>),
    /// The city has stopped the application.
    ApplicationStopped(String),
    /// There is no application with this name, or it is for other agencies than those of whoever asks.
    NoSuchApplication(String),
    /// The person has a role in the administration.
    HasRole,
    /// The person has none: the console's door stays closed.
    HasNoRole,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// It leads to another page first, or to one mail system only.
    Hinders,
    /// Nobody gets past it.
    Stops,
}

impl Finding {
    /// How much it weighs.
    pub const fn weight(&self) -> Weight {
        match self {
            Self::State(State::Active { .. })
            | Self::TermRuns(_)
            | Self::NoPause
            | Self::Answers(_)
            | Self::EntryOpen(_)
            | Self::Admitted(_) => Weight::Good,
            Self::HasRole
            | Self::HasNoRole
            | Self::Slow(..)
            | Self::WrongPasswords(..)
            | Self::AsksFactor(_) => Weight::Note,
            Self::State(State::MustChangePassword { .. })
            | Self::Disowned(_, true)
            | Self::TermOver(_)
            | Self::MustEnrol
            | Self::PasswordLags(_)
            | Self::CopyWaits(_)
            | Self::NotConnected(_)
            | Self::Silent(_, false)
            | Self::EntryGone(_, false)
            | Self::EntryLocked(_, false)
            | Self::EntryLockedOut(_, false)
            | Self::EntryExpired(_, false, _)
            | Self::StandsIn(..)
            | Self::EntryBeingOpened(_) => Weight::Hinders,
            Self::State(State::Locked { .. } | State::Retired { .. })
            | Self::Disowned(_, false)
            | Self::TermLocks(_)
            | Self::Paused(..)
            | Self::CodesPaused(_)
            | Self::NoMailbox
            | Self::Silent(_, true)
            | Self::EntryGone(_, true)
            | Self::EntryLocked(_, true)
            | Self::EntryLockedOut(_, true)
            | Self::EntryExpired(_, true, _)
            | Self::NotAdmitted(..)
            | Self::ApplicationStopped(_)
            | Self::NoSuchApplication(_) => Weight::Stops,
        }
    }
}

/// Everything that was looked at.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The account.
    pub account: Account,
    /// What was found, in the order of a sign-in.
    pub findings: Vec<Finding>,
    /// The name and `client_id` of every application that can be asked about: those within the reach of whoever asks.
    pub applications: Vec<(String, String)>,
}

impl Diagnosis {
    /// The first finding that weighs most, if anything stands in the way.
    pub fn verdict(&self) -> Option<&Finding> {
        let heaviest = self.findings.iter().map(Finding::weight).max()?;
        let is_it = |finding: &&Finding| finding.weight() == heaviest;
        (heaviest >= Weight::Hinders).then(|| self.findings.iter().find(is_it)).flatten()
    }
}

/// Looks at each step of a sign-in of an account, to an application if one is named; `None` out of reach.
pub async fn diagnose(
    app: &App,
    by: &Administrator,
    id: AccountId,
    application: Option<&str>,
) -> Result<Option<Diagnosis>, Internal> {
    let Some(account) = rights::account(app, by, id).await? else { return Ok(None) };
    let mut findings = vec![Finding::State(*account.state())];
    findings.extend(disowned(app, &account).await?);
    findings.extend(term(app, &account));
    findings.extend(attempts(app, &account).await?);
    findings.extend(directories(app, &account).await?);
    findings.extend(second_factor(app, &account).await?);
    let within = applications::every(app, by).await?;
    if let Some(application) = application {
        let known = within.iter().find(|client| client.client_id.as_str() == application);
        if known.is_none() {
            rights::out_of_reach(app, by, &format!("application {application}")).await;
        }
        findings.push(audience_of(app, &account, (application, known)).await?);
    }
    let has_role = administrators::holds_any(&app.db, account.id(), app.now()).await?;
    findings.push(if has_role { Finding::HasRole } else { Finding::HasNoRole });
    let applications = within.into_iter().map(|client| (client.name, client.client_id.to_string())).collect();
    Ok(Some(Diagnosis { account, findings, applications }))
}

/// Looks at the steps of a sign-in to one application that need no directory.
pub(super) async fn of_application(
    app: &App,
    account: &Account,
    client: &Client,
) -> Result<Vec<Finding>, Internal> {
    let mut findings = vec![Finding::State(*account.state())];
    findings.extend(disowned(app, account).await?);
    findings.extend(term(app, account));
    findings.extend(second_factor(app, account).await?);
    findings.push(admission(app, account, client).await?);
    Ok(findings)
}

/// Whether the password is somebody else's too.
async fn disowned(app: &App, account: &Account) -> Result<Option<Finding>, Internal> {
    let Some(since) = account.traces().disowned_at else { return Ok(None) };
    let factors = factors::good(app, account).await?;
    Ok(Some(Finding::Disowned(since, app.config.second_factor.at(Door::Staff).asks(factors))))
}

fn term(app: &App, account: &Account) -> Option<Finding> {
    if matches!(account.state(), State::Locked { .. } | State::Retired { .. }) {
        return None;
    }
    let regulation = app.regulation();
    Some(match regulation.verdict(account, app.now()) {
        Verdict::Lock(_, deadline) => Finding::TermLocks(deadline),
        Verdict::Overdue(deadline) => Finding::TermOver(deadline),
        Verdict::Remind(_) | Verdict::Nothing => Finding::TermRuns(regulation.running(account)),
    })
}

/// Pauses and wrong passwords.
async fn attempts(app: &App, account: &Account) -> Result<Vec<Finding>, Internal> {
    let pause = failed_attempts::pause_of(app, account).await?;
    let mut findings =
        vec![pause.map_or(Finding::NoPause, |pause| Finding::Paused(pause.until, pause.failures))];
    let lines = audit::of_account(&app.db, account.id(), 100).await?;
    let is_entered = |act: Act| matches!(act, Act::SignedIn | Act::SignedInCached | Act::PasswordChanged);
    let since = lines.iter().take_while(|line| !is_entered(line.act));
    let wrong: Vec<_> = since.filter(|line| line.act == Act::SignInRefused).collect();
    if let Some(last) = wrong.first() {
        findings.push(Finding::WrongPasswords(i64::try_from(wrong.len()).unwrap_or(i64::MAX), last.at));
    }
    Ok(findings)
}

/// Both directories with this person's entries.
async fn directories(app: &App, account: &Account) -> Result<Vec<Finding>, Internal> {
    let all = mailboxes::of_account(&app.db, account.id()).await?;
    let Some(home) = mailbox::home(&all).map(|home| home.key.system) else {
        return Ok(vec![Finding::NoMailbox]);
    };
    let mut findings = Vec::new();
    for one in &all {
        let system = one.key.system;
        let Some(directory) = app.directories.of(system) else {
            findings.push(Finding::NotConnected(system));
            continue;
        };
        let is_home = system == home;
        let being_opened = !matches!(account.state(), State::Locked { .. } | State::Retired { .. })
            && directory_locks::of_account(app, account.id())
                .await?
                .iter()
                .any(|order| order.mailbox.system == system && order.is_being_lifted());
        let found = entry(app, directory.as_ref(), one, (is_home, being_opened)).await;
        if found.contains(&Finding::Silent(system, true))
            && let Some(until) = cached_sign_in::stands_in(app, account, one).await?
        {
            findings.push(Finding::StandsIn(system, until));
        } else {
            findings.extend(found);
        }
        if one.password_lags {
            findings.push(Finding::PasswordLags(system));
        }
        if password_copies::waits(app, system, account.id()).await?.is_some() {
            findings.push(Finding::CopyWaits(system));
        }
    }
    Ok(findings)
}

/// Asks a directory whether it is there and lets this person in.
async fn entry(
    app: &App,
    directory: &dyn Directory,
    mailbox: &Mailbox,
    (is_home, being_opened): (bool, bool),
) -> Vec<Finding> {
    let system = mailbox.key.system;
    let health = directory.health(app.now());
    let answers = match health.condition {
        Condition::Slow => Finding::Slow(system, health.since),
        _ => Finding::Answers(system),
    };
    let standing = tokio::time::timeout(PATIENCE, directory.standing(&mailbox.key, app.now())).await;
    match standing {
        Ok(Ok(Standing::Open)) => vec![answers, Finding::EntryOpen(system)],
        Ok(Ok(Standing::Locked)) if being_opened => vec![answers, Finding::EntryBeingOpened(system)],
        Ok(Ok(Standing::Locked) | Err(DirectoryError::Refused(Refusal::Disabled | Refusal::LockedOut))) => {
            vec![answers, Finding::EntryLocked(system, is_home)]
        }
        Ok(Ok(Standing::LockedOut)) => vec![answers, Finding::EntryLockedOut(system, is_home)],
        Ok(Ok(Standing::Expired(at))) => vec![answers, Finding::EntryExpired(system, is_home, at)],
        Ok(Err(DirectoryError::Refused(_))) => vec![answers, Finding::EntryGone(system, is_home)],
        Ok(Err(error)) => {
            tracing::warn!(?system, "looking why somebody cannot sign in: {}", chain(&error));
            vec![Finding::Silent(system, is_home)]
        }
        Err(_) => vec![Finding::Silent(system, is_home)],
    }
}

/// The step after the password, at the staff's door.
async fn second_factor(app: &App, account: &Account) -> Result<Option<Finding>, Internal> {
    let demand = app.config.second_factor.at(Door::Staff);
    let factors = factors::of(app, account.id()).await?;
    if demand.must_enrol(factors) {
        return Ok(Some(Finding::MustEnrol));
    }
    if !demand.asks(factors) {
        return Ok(None);
    }
    let paused = codes::paused(app, account).await?;
    Ok(Some(paused.map_or(Finding::AsksFactor(factors), Finding::CodesPaused)))
}

async fn audience_of(
    app: &App,
    account: &Account,
    (asked, known): (&str, Option<&Client>),
) -> Result<Finding, Internal> {
    let Some(client) = known else {
        return Ok(Finding::NoSuchApplication(asked.chars().take(100).collect()));
    };
    admission(app, account, client).await
}

async fn admission(app: &App, account: &Account, client: &Client) -> Result<Finding, Internal> {
    let name = client.name.clone();
    if client.disabled_at.is_some() {
        return Ok(Finding::ApplicationStopped(name));
    }
    if audience::admits(app, client, account).await? {
        return Ok(Finding::Admitted(name));
    }
    Ok(Finding::NotAdmitted(name, audience::names(app, client).await?))
}
