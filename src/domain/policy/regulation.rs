//! The mail regulation as it is in force: the city's values, how far each rule is switched on, and the working days.
//! What it says of an account is a pure function of the account and the moment; the lock job, the sign-in, the letters,
//! the forecast and every dry run ask the same one.

use super::calendar::{Calendar, Calendars};
use super::deadline::{self, Deadline, Event, Rule};
use super::settings::{Class, CountedFrom, Settings};
use super::stage::{Stage, Stages};
use crate::domain::account::{Account, LockReason, MustChange, State, Terms};
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use std::sync::Arc;

/// How many working days somebody has who comes under another rule of inactivity.
const IDLE_GRACE: u8 = 10;

/// The city's values and stages, in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Which version; counts up.
    pub version: i64,
    /// The values.
    pub settings: Settings,
    /// How far each rule is switched on.
    pub stages: Stages,
}

impl Default for Book {
    fn default() -> Self {
        Self { version: 0, settings: Settings::default(), stages: Stages::as_the_regulation_reads() }
    }
}

/// The regulation in force. Cheap to make: it shares its parts.
#[derive(Debug, Clone)]
pub struct Regulation {
    /// Values and stages.
    pub book: Arc<Book>,
    /// The working days.
    pub calendars: Arc<Calendars>,
    /// Which version of the calendar.
    pub calendar_version: i64,
}

/// What the regulation says of an account at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No deadline runs.
    Nothing,
    /// A deadline runs, or has passed without a consequence.
    Remind(Deadline),
    /// The deadline has passed and the lock waits for the opening hour: nothing but a new password is possible.
    Overdue(Deadline),
    /// It is to be locked now.
    Lock(LockReason, Deadline),
}

impl Regulation {
    /// The working days of an agency.
    pub fn calendar_of(&self, agency: Option<AgencyId>) -> &Calendar {
        self.calendars.of(agency)
    }

    /// How far a rule is switched on for an account.
    pub fn stage(&self, rule: Rule, account: &Account) -> Stage {
        self.book.stages.of(rule, account.profile().agency_id)
    }

    /// When a term ends that begins now because a new password is demanded: a reset, or a lifted lock.
    pub fn fresh_term(&self, account: &Account, now: Timestamp) -> Timestamp {
        let days = self.book.settings.default_days(Class::of(account));
        deadline::default_password(now, days, self.calendar_of(account.profile().agency_id)).ends_at
    }

    /// Until when nobody is locked for not having used their account who has just come under another rule: time for
    /// every letter about it.
    pub fn idle_grace(&self, account: &Account, now: Timestamp) -> Timestamp {
        let calendar = self.calendar_of(account.profile().agency_id);
        deadline::default_password(now, IDLE_GRACE, calendar).ends_at
    }

    /// When the term of a default password ends that was issued at a moment, by the city's calendar and the values for
    /// persons: a first word on accounts that are not there yet.
    pub fn first_term(&self, issued: Timestamp) -> Timestamp {
        let days = self.book.settings.default_days(Class::Person);
        deadline::default_password(issued, days, self.calendars.city()).ends_at
    }

    /// The deadline of the password that runs for an account, if one does and people are to know of it.
    pub fn running(&self, account: &Account) -> Option<Deadline> {
        let calendar = self.calendar_of(account.profile().agency_id);
        let (class, settings) = (Class::of(account), &self.book.settings);
        let counted = match *account.state() {
            State::Active { password_set_at } => {
                deadline::password_age(password_set_at, settings.months(class), calendar)
            }
            State::MustChangePassword { since, why, .. } => {
                let (event, from) = self.begun(account, since, why)?;
                Deadline { event, ..deadline::default_password(from, settings.default_days(class), calendar) }
            }
            State::Locked { .. } | State::Retired { .. } => return None,
        };
        self.staged(counted, account)
    }

    /// The deadline of an account that nobody uses, if its last use is known and the rule is switched on. A new
    /// password and a lifted lock count as a use: nobody is locked again before they could come.
    pub fn idle(&self, account: &Account) -> Option<Deadline> {
        if !self.stage(Rule::Inactivity, account).is_planned() {
            return None;
        }
        let begun = match *account.state() {
            State::Active { password_set_at } => password_set_at,
            State::MustChangePassword { since, .. } => since,
            State::Locked { .. } | State::Retired { .. } => return None,
        };
        let used_at = account.traces().last_used_at?.max(begun);
        let calendar = self.calendar_of(account.profile().agency_id);
        let days = self.book.settings.inactive_days(Class::of(account));
        self.staged(deadline::inactivity(used_at, days, calendar), account)
    }

    /// What is written down of an account.
    pub fn terms(&self, account: &Account) -> Terms {
        let (password, idle) = (self.running(account), self.idle(account));
        let locks = [&password, &idle].into_iter().filter_map(|d| d.as_ref()?.lock_at);
        Terms { lock_at: locks.min(), ends_at: password.map(|deadline| deadline.ends_at) }
    }

    /// What the regulation says of an account now. The lock job and the sign-in both ask it, so a late job lets
    /// nobody in.
    pub fn verdict(&self, account: &Account, now: Timestamp) -> Verdict {
        let (password, idle) = (self.running(account), self.idle(account));
        let is_due = |deadline: &&Deadline| deadline.lock_at.is_some_and(|at| at <= now);
        let due = [&password, &idle].into_iter().flatten().filter(is_due).min_by_key(|d| d.lock_at);
        if let Some(deadline) = due {
            return Verdict::Lock(reason(deadline.rule), deadline.clone());
        }
        match password {
            None => Verdict::Nothing,
            Some(deadline) if deadline.is_over(now) && deadline.lock_at.is_some() => {
                Verdict::Overdue(deadline)
            }
            Some(deadline) => Verdict::Remind(deadline),
        }
    }

    /// Whether an agency's people may be locked by a deadline now: on its working days, while the office is open.
    pub fn is_open(&self, agency: Option<AgencyId>, now: Timestamp) -> bool {
        let local = now.local();
        self.calendar_of(agency).is_working(local.date()) && self.book.settings.is_open_at(local.time())
    }

    /// From which event and moment the term of a demanded change runs; `None`: not yet.
    fn begun(&self, account: &Account, since: Timestamp, why: MustChange) -> Option<(Event, Timestamp)> {
        match why {
            MustChange::Reset | MustChange::NotMe => Some((Event::Reset, since)),
            MustChange::LockLifted => Some((Event::LockLifted, since)),
            MustChange::Demanded => Some((Event::Demanded, since)),
            MustChange::DefaultPassword => match self.book.settings.counted_from() {
                CountedFrom::Issued => Some((Event::Issued, since)),
                CountedFrom::FirstAccess => {
                    account.traces().first_access_at.map(|at| (Event::FirstAccess, at.max(since)))
                }
            },
        }
    }

    /// A deadline as far as its rule is switched on for the account, not earlier than its holder was told.
    fn staged(&self, counted: Deadline, account: &Account) -> Option<Deadline> {
        let stage = self.stage(counted.rule, account);
        if !stage.is_planned() {
            return None;
        }
        let calendar = self.calendar_of(account.profile().agency_id);
        let deadline = match stage.enforce_from {
            Some(from) => counted.not_before_the_rule(from, calendar),
            None => counted,
        };
        let traces = account.traces();
        let is_idle = deadline.rule == Rule::Inactivity;
        let promised = if is_idle { traces.idle_promised_until } else { traces.promised_until };
        let deadline = deadline.not_before_the_promise(promised);
        let opening = self.book.settings.opening();
        Some(match stage.enforce_from {
            Some(_) => deadline.locking(opening, calendar),
            None => deadline,
        })
    }
}

const fn reason(rule: Rule) -> LockReason {
    match rule {
        Rule::DefaultPassword => LockReason::DefaultPasswordKept,
        Rule::PasswordAge => LockReason::PasswordTooOld,
        Rule::Inactivity => LockReason::Inactive,
    }
}

#[cfg(test)]
#[path = "regulation_tests.rs"]
mod tests;
