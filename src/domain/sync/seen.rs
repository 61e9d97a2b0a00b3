//! What was read of a directory: entry by entry, and put together as one complete read.

use crate::domain::address::MailAddress;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::Watched;
use std::collections::HashSet;

/// An agency as a directory names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeenAgency {
    /// Its code, if the directory has one (the name of the OU in AD).
    pub code: Option<String>,
    /// Its name.
    pub name: String,
}

/// A person's or an agency's mailbox as a directory holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenMailbox {
    /// How the directory finds it again.
    pub key: MailboxKey,
    /// The main address.
    pub address: MailAddress,
    /// Further addresses.
    pub aliases: Vec<MailAddress>,
    /// Full name, NFC.
    pub display_name: String,
    /// Post, if there is one.
    pub title: Option<String>,
    /// Staff number, if there is one.
    pub staff_number: Option<String>,
    /// The agency, if the entry tells.
    pub agency: Option<SeenAgency>,
    /// Whether it may sign in there.
    pub enabled: bool,
    /// Whether a new password is demanded there.
    pub must_change: bool,
    /// When the password was set, if the directory tells.
    pub password_set_at: Option<Timestamp>,
    /// When the entry was made, if the directory tells.
    pub created_at: Option<Timestamp>,
    /// When it was last used there, if the directory tells: not earlier than this, perhaps later.
    pub last_used_at: Option<Timestamp>,
    /// What is only watched: it changes no account.
    pub watched: Watched,
}

/// An entry that was left out, with the reason, so that somebody can mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// The entry's name in its directory.
    pub entry: String,
    /// Why it was left out.
    pub why: String,
}

/// A complete read. It exists only when the directory said that it had sent everything: a partial read is an error
/// and never a snapshot, so an entry that is missing here is missing there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Which directory.
    pub system: MailSystem,
    /// Its mailboxes.
    pub mailboxes: Vec<SeenMailbox>,
    /// What was left out.
    pub passed_over: Vec<PassedOver>,
}

/// What an entry of a directory is to the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A mailbox.
    Mailbox(Box<SeenMailbox>),
    /// Something that was left out, with the reason.
    PassedOver(PassedOver),
    /// Nothing: it is deleted, moved away, or of a kind that is no business of the house.
    Nothing,
}

impl Snapshot {
    /// Takes up an entry.
    pub fn take(&mut self, what: Seen) {
        match what {
            Seen::Mailbox(mailbox) => self.mailboxes.push(*mailbox),
            Seen::PassedOver(passed) => self.passed_over.push(passed),
            Seen::Nothing => {}
        }
    }
}

impl Seen {
    /// The mailbox, if it is one.
    pub fn into_mailbox(self) -> Option<SeenMailbox> {
        match self {
            Self::Mailbox(mailbox) => Some(*mailbox),
            Self::PassedOver(_) | Self::Nothing => None,
        }
    }
}

/// An entry as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenEntry {
    /// Its stable id in its directory; of an entry without one its name.
    pub id: String,
    /// What it is.
    pub what: Seen,
}

/// What a read says of the entries that it did not send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// They are gone: everything was read.
    Gone,
    /// They are as they were, but for these.
    StaysBut(HashSet<String>),
    /// They are gone, but for these, which are as they were.
    GoneBut(HashSet<String>),
}

impl Rest {
    /// Whether an entry that was not sent is gone.
    pub fn takes_away(&self, id: &str) -> bool {
        match self {
            Self::Gone => true,
            Self::StaysBut(gone) => gone.contains(id),
            Self::GoneBut(stays) => !stays.contains(id),
        }
    }
}

/// How a read of a directory ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What became of the entries that were not sent.
    pub rest: Rest,
    /// What to ask for the changes from here on with; `None` where the directory can tell none.
    pub position: Option<String>,
}

impl Reading {
    /// Whether everything was read, not only what changed.
    pub fn is_whole(&self) -> bool {
        self.rest == Rest::Gone
    }
}
