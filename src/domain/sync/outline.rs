//! What was found between the directories, in outline: enough to count, to narrow and to page through it, and little enough
//! to be kept. Whom it concerns is looked up for what is shown.

use super::{Attribute, FindingKind, MailboxId, PassedOver};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;

/// Everything that was found and is not settled, by kind and key.
#[derive(Debug)]
pub struct Outline {
    /// As of when.
    pub at: Timestamp,
    /// When the conflicts had last been counted by then.
    pub counted_at: Option<Timestamp>,
    /// How often the decisions about the directories had been changed by then.
    pub rulings: i64,
    /// What was found.
    pub findings: Vec<Outlined>,
}

/// One thing that was found.
#[derive(Debug)]
pub struct Outlined {
    /// Its id: gives nothing away.
    pub id: [u8; 16],
    /// What it is.
    pub kind: FindingKind,
    /// Who is concerned.
    pub parties: Box<[Concerned]>,
    /// What differs.
    pub fields: Box<[Attribute]>,
    /// The entry that was left out.
    pub set_aside: Option<Box<(MailSystem, PassedOver)>>,
}

/// Somebody whom a finding concerns.
#[derive(Debug)]
pub struct Concerned {
    /// Whose mailboxes they are.
    pub whose: Whose,
    /// The agency, if the house knows it.
    pub agency: Option<AgencyId>,
    /// Every address, one a line.
    pub addresses: Box<str>,
}

/// Whose mailboxes they are.
#[derive(Debug)]
pub enum Whose {
    /// The holder's of this account.
    Account(AccountId),
    /// Nobody's yet: these.
    Nobody(Box<[MailboxId]>),
}
