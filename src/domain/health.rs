//! How a directory answers lately, as one node knows it: normally, slowly since when, not at all since when.

use super::mailbox::MailSystem;
use super::timestamp::Timestamp;

/// How it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// As it should, or it was not asked yet.
    Normal,
    /// Half of the recent look-ups took longer than the city puts up with.
    Slow,
    /// It did not answer several times in a row.
    Unreachable,
    /// It answers, and cannot work as it is set up: a certificate, the service's password. With the words of why.
    Misconfigured(String),
}

/// One server of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHealth {
    /// Its address.
    pub url: String,
    /// How it answers.
    pub condition: Condition,
    /// Since when; `None` while it is normal.
    pub since: Option<Timestamp>,
}

/// One directory: as the server answers that is asked first at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Which directory.
    pub system: MailSystem,
    /// How it answers.
    pub condition: Condition,
    /// Since when; `None` while it is normal.
    pub since: Option<Timestamp>,
    /// Its servers, in their order.
    pub servers: Vec<ServerHealth>,
}

impl Health {
    /// One of which nothing bad is known.
    pub const fn normal(system: MailSystem) -> Self {
        Self { system, condition: Condition::Normal, since: None, servers: Vec::new() }
    }
}
