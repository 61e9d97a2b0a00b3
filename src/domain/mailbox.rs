//! A mailbox in one of the city's two mail systems, as last seen by the synchronisation.

use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, MailboxId};
use crate::domain::timestamp::Timestamp;

/// The two mail systems that run side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailSystem {
    /// Microsoft Exchange; accounts in Active Directory.
    Ad,
    /// OBM, Linagora's groupware; accounts in OpenLDAP.
    Obm,
}

impl MailSystem {
    /// Both, in the order of authority.
    pub const ALL: [Self; 2] = [Self::Ad, Self::Obm];

    /// The word in the database, the configuration and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ad => "ad",
            Self::Obm => "obm",
        }
    }

    /// Reads [`MailSystem::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|system| system.code() == code)
    }

    /// The name that staff know.
    pub const fn product(self) -> &'static str {
        match self {
            Self::Ad => "Exchange",
            Self::Obm => "OBM",
        }
    }
}

/// How a directory finds the entry again: never by its distinguished name, which moves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailboxKey {
    /// Which directory.
    pub system: MailSystem,
    /// `objectGUID` in AD (lower-case text form), `entryUUID` in OBM.
    pub native_id: String,
    /// `sAMAccountName` in AD, `uid` in OBM; in OBM the second key, because un-archiving makes a new entryUUID.
    pub login: String,
}

/// A mailbox that belongs to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that say nothing of each other")]
pub struct Mailbox {
    /// Its id in the house.
    pub id: MailboxId,
    /// Whose it is.
    pub account_id: AccountId,
    /// How its directory finds it.
    pub key: MailboxKey,
    /// Its main address there.
    pub address: MailAddress,
    /// Whether the directory lets it sign in.
    pub enabled: bool,
    /// Whether the directory demands a new password at the next sign-in.
    pub must_change: bool,
    /// When the directory says its password was set, if it says.
    pub password_set_at: Option<Timestamp>,
    /// True from a password change that this system has not taken yet until it has.
    pub password_lags: bool,
    /// True from a password that the house wrote into the directory until the mail system's second place for passwords
    /// has it too. Then an entry that OBM makes anew, from its SQL, has the former password.
    pub copy_is_old: bool,
}

/// The mailbox whose directory proves a sign-in: one that has the present password before one that lags, AD before OBM.
pub fn home(mailboxes: &[Mailbox]) -> Option<&Mailbox> {
    mailboxes.iter().min_by_key(|m| (m.password_lags, m.key.system))
}
