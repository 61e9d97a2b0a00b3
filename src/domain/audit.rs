//! What is recorded of every change: who, what, whom, before and after, why, from where; chained by hashes.

mod act;

pub use act::Act;

use crate::domain::id::{AccountId, AgencyId};
use crate::domain::policy::deadline::Rule;
use crate::domain::timestamp::Timestamp;
use std::fmt;
use time::Date;

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The holder of the account.
    Holder(String),
    /// An administrator, by address.
    Administrator(String),
    /// An application, by `client_id`.
    Client(String),
    /// The same at the interface or by SCIM: its `client_id`, and the network address from which it calls.
    Caller(String, String),
    /// A job of the house, by name.
    Job(&'static str),
    /// The command line.
    CommandLine,
    /// A visitor who has proven nothing.
    Stranger,
}

impl Actor {
    /// The kind of actor, as the database has it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Holder(_) => "holder",
            Self::Administrator(_) => "administrator",
            Self::Client(_) | Self::Caller(..) => "client",
            Self::Job(_) => "job",
            Self::CommandLine => "command_line",
            Self::Stranger => "stranger",
        }
    }

    /// The name of the actor.
    pub fn name(&self) -> &str {
        match self {
            Self::Holder(name) | Self::Administrator(name) | Self::Client(name) | Self::Caller(name, _) => {
                name
            }
            Self::Job(name) => name,
            Self::CommandLine | Self::Stranger => "",
        }
    }

    /// The network address that comes with the actor.
    fn source(&self) -> Option<String> {
        if let Self::Caller(_, source) = self { Some(source.clone()) } else { None }
    }
}

/// One line of the audit, before it is chained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub act: Act,
    /// Whose account, if one is concerned.
    pub account_id: Option<AccountId>,
    /// Whom or what, in words: an address, a client id, a directory.
    pub subject: String,
    /// The agency of the subject, for scoped reading.
    pub agency_id: Option<AgencyId>,
    /// The state before, if one changed.
    pub before: Option<String>,
    /// The state after, or the detail of the act.
    pub after: Option<String>,
    /// The reason given.
    pub why: Option<String>,
    /// The address of the visitor.
    pub source: Option<String>,
}

impl Entry {
    /// An entry about something that is no account.
    pub fn new(at: Timestamp, actor: Actor, act: Act, subject: impl Into<String>) -> Self {
        Self {
            at,
            source: actor.source(),
            actor,
            act,
            account_id: None,
            subject: subject.into(),
            agency_id: None,
            before: None,
            after: None,
            why: None,
        }
    }

    /// An entry about an account.
    pub fn about(at: Timestamp, actor: Actor, act: Act, account: &crate::domain::account::Account) -> Self {
        Self {
            account_id: Some(account.id()),
            agency_id: account.profile().agency_id,
            ..Self::new(at, actor, act, account.profile().address.as_str())
        }
    }

    /// With the state before and after.
    #[must_use]
    pub fn changing(self, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self { before: Some(before.into()), after: Some(after.into()), ..self }
    }

    /// With a detail.
    #[must_use]
    pub fn with(self, detail: impl Into<String>) -> Self {
        Self { after: Some(detail.into()), ..self }
    }

    /// With the reason given.
    #[must_use]
    pub fn because(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    /// With the visitor's address.
    #[must_use]
    pub fn from(self, source: impl Into<String>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// The bytes that the chain's hash covers.
    pub fn canonical(&self, seq: i64) -> Vec<u8> {
        let account = self.account_id.map(|id| id.to_string());
        let agency = self.agency_id.map(|id| id.to_string());
        let (seq, at) = (seq.to_string(), self.at.micros().to_string());
        canonical(&[
            Some(&seq),
            Some(&at),
            Some(self.actor.kind()),
            Some(self.actor.name()),
            Some(self.act.code()),
            account.as_deref(),
            Some(&self.subject),
            agency.as_deref(),
            self.before.as_deref(),
            self.after.as_deref(),
            self.why.as_deref(),
            self.source.as_deref(),
        ])
    }
}

/// On what a lock by a deadline rests: written into the line's reason, read again by the page that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// The rule.
    pub rule: Rule,
    /// The day of the event from which the term ran.
    pub start: Date,
    /// Its last day.
    pub last_day: Date,
    /// Which version of the policy.
    pub policy: i64,
    /// Which version of the calendar.
    pub calendar: i64,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, start, last_day, policy, calendar } = self;
        write!(f, "{} {start}..{last_day} policy {policy} calendar {calendar}", rule.code())
    }
}

impl Basis {
    /// Reads what [`Basis`] writes; `None` for a reason that somebody typed.
    pub fn parse(text: &str) -> Option<Self> {
        let format = time::macros::format_description!("[year]-[month]-[day]");
        let words: Vec<_> = text.split(' ').collect();
        let [rule, days, "policy", policy, "calendar", calendar] = words[..] else { return None };
        let (start, last_day) = days.split_once("..")?;
        Some(Self {
            rule: Rule::from_code(rule)?,
            start: Date::parse(start, &format).ok()?,
            last_day: Date::parse(last_day, &format).ok()?,
            policy: policy.parse().ok()?,
            calendar: calendar.parse().ok()?,
        })
    }
}

/// The twelve fields of a line as bytes, each with its length, so that none can flow into the next.
pub fn canonical(fields: &[Option<&str>; 12]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in fields {
        match field {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_basis_of_a_lock_is_read_as_it_was_written() {
        let basis = Basis {
            rule: Rule::DefaultPassword,
            start: date!(2026 - 03 - 02),
            last_day: date!(2026 - 03 - 05),
            policy: 3,
            calendar: 7,
        };
        assert_eq!(basis.to_string(), "default-password 2026-03-02..2026-03-05 policy 3 calendar 7");
        assert_eq!(Basis::parse(&basis.to_string()), Some(basis));
        for typed in ["", "theo công văn 12", "default-password x..y policy 1 calendar 1"] {
            assert_eq!(Basis::parse(typed), None, "{typed:?}");
        }
    }
}
