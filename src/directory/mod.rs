//! The two directories behind one trait. What is here: LDAP, and later OBM's SQL. What is not: decisions; a
//! directory reads, verifies and writes what it is told and says plainly what the other side answered.
//!
//! Turning an entry into a [`SeenMailbox`](crate::domain::sync::SeenMailbox) is pure and tested on recorded entries.

pub mod ad;
mod connection;
pub mod memory;
pub mod obm;
mod times;

use crate::domain::health::Health;
use crate::domain::mailbox::{MailSystem, MailboxKey};
use crate::domain::secret::{Password, Secret};
use crate::domain::sync::{Reading, SeenEntry, Snapshot};
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::Beside;
use async_trait::async_trait;
use std::sync::Arc;
use thiserror::Error;

/// What the other side said, so that "unreachable" is never taken for "wrong password".
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// It refused the person, with the reason.
    #[error("the directory refused: {0:?}")]
    Refused(Refusal),
    /// It did not answer, or the connection broke. Nothing can be said about the password.
    #[error("{system:?} is unreachable while {doing}")]
    Unreachable {
        /// Which directory.
        system: MailSystem,
        /// What was attempted.
        doing: &'static str,
        /// What the transport said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It refused a new password by its own policy; its words, for the log and the page.
    #[error("the directory's policy refused the new password: {0}")]
    PolicyRefused(String),
    /// It cannot work as it is set up: a wrong service password, a missing right, a base that is not there, a size
    /// limit, an untrusted certificate.
    #[error("{system:?} is set up wrongly: {what}")]
    Misconfigured {
        /// Which directory.
        system: MailSystem,
        /// What is wrong, in words an administrator can act on.
        what: String,
    },
}

/// Why a directory refuses a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The password is wrong, or there is no such entry: never told apart.
    WrongPassword,
    /// The account is disabled there (AD 533).
    Disabled,
    /// The directory has locked it after failed attempts (AD 775, OBM's ppolicy).
    LockedOut,
    /// The account's end date has passed (AD 701).
    AccountExpired,
    /// Outside its hours or from a computer that is not allowed (AD 530, 531).
    NotNow,
}

/// What a correct password opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It is good.
    Good,
    /// It is right, and the directory demands a new one (AD 773, OBM `pwdReset`).
    MustChange,
    /// It is right, and older than the directory allows (AD 532).
    Expired,
}

/// What a directory held before it was told to lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// It let the holder in.
    Open,
    /// Somebody had locked it until further notice. A lock that ends by itself after failed attempts is none.
    Locked,
}

/// One line of the doctor's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckLine {
    /// What was checked.
    pub what: String,
    /// `Ok` with a detail, or `Err` with what to do.
    pub result: Result<String, String>,
}

/// Told every entry as it is read. One may come twice; the last word holds.
pub type Each<'a> = &'a mut (dyn FnMut(SeenEntry) + Send);

/// How the entry of a person stands in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It lets them in.
    Open,
    /// It refuses them until further notice.
    Locked,
    /// It refuses them for a while, after too many wrong passwords there.
    LockedOut,
    /// The account ended then, by a date that somebody set there.
    Expired(Timestamp),
}

/// A directory with mailboxes.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Which of the two it is.
    fn system(&self) -> MailSystem;

    /// Reads what changed since a position that an earlier read gave; everything, where there is none or it does not
    /// serve any more. A partial read is an error, and what it told must be forgotten.
    async fn read(&self, since: Option<&str>, each: Each<'_>) -> Result<Reading, DirectoryError>;

    /// Reads everything.
    async fn snapshot(&self) -> Result<Snapshot, DirectoryError> {
        let mut all = Snapshot { system: self.system(), mailboxes: Vec::new(), passed_over: Vec::new() };
        self.read(None, &mut |entry| all.take(entry.what)).await?;
        Ok(all)
    }

    /// Proves a password by one bind as the person, on a connection of its own that is thrown away after.
    /// An empty password is refused before anything is sent (RFC 4513 §5.1.2).
    async fn verify(&self, who: &MailboxKey, password: &Password) -> Result<Verified, DirectoryError>;

    /// Takes as long as [`Directory::verify`] of a wrong password, for an account that does not exist.
    async fn refuse_stranger(&self, password: &Password) -> Result<(), DirectoryError>;

    /// Finds the entry again without touching it: is the directory there, and can it be written?
    async fn locate(&self, who: &MailboxKey) -> Result<(), DirectoryError>;

    /// Changes a password on the word of the old one; history and age rules of the directory apply.
    async fn change_password(
        &self,
        who: &MailboxKey,
        old: &Password,
        new: &Password,
    ) -> Result<(), DirectoryError>;

    /// Sets a password by the service account's right, without the old one and without demanding another change.
    async fn reset_password(&self, who: &MailboxKey, new: &Password) -> Result<(), DirectoryError>;

    /// Sets a password like [`Directory::reset_password`] and demands another one at the next sign-in, where the
    /// directory can demand it. A lock until further notice stays.
    async fn reset_for_handover(&self, who: &MailboxKey, new: &Password) -> Result<(), DirectoryError>;

    /// Whether the directory refuses this person until further notice.
    async fn is_locked(&self, who: &MailboxKey) -> Result<bool, DirectoryError>;

    /// How the entry of this person stands now, as far as the directory tells without a password.
    async fn standing(&self, who: &MailboxKey, _now: Timestamp) -> Result<Standing, DirectoryError> {
        Ok(if self.is_locked(who).await? { Standing::Locked } else { Standing::Open })
    }

    /// Makes the directory refuse this person until further notice, and tells what it held before. Repeatable:
    /// one that is locked is left as it is.
    async fn lock(&self, who: &MailboxKey) -> Result<Before, DirectoryError>;

    /// Lets this person in again. Repeatable: one that is open is left as it is.
    async fn unlock(&self, who: &MailboxKey) -> Result<(), DirectoryError>;

    /// After how many wrong passwords the directory locks by itself; `None` if it never does, or keeps it to itself.
    async fn lockout_threshold(&self) -> Result<Option<u32>, DirectoryError>;

    /// What the mail system keeps of everybody outside the directory; `None` where it keeps nothing, or it is not
    /// configured. A failure says nothing about the directory itself.
    async fn beside(&self) -> Option<Result<Vec<Beside>, DirectoryError>> {
        None
    }

    /// Where people change their password, if the house does not write it into this directory; `None`: it does.
    fn password_place(&self) -> Option<String> {
        None
    }

    /// Whether new passwords go into the second place too.
    fn copies_passwords(&self) -> bool {
        false
    }

    /// The second place in which the mail system keeps passwords, where it has one and it is configured.
    fn second_passwords(&self) -> Option<&dyn SecondPasswords> {
        None
    }

    /// How it answers lately, as this node knows it. Waits for nothing and asks nobody.
    fn health(&self, _now: Timestamp) -> Health {
        Health::normal(self.system())
    }

    /// Asks it something small, so that its health is known while nobody signs in.
    async fn look(&self) -> Result<(), DirectoryError> {
        Ok(())
    }

    /// The doctor's questions: connection, trust, bind, base, rights.
    async fn check(&self) -> Vec<CheckLine>;
}

/// A password in the two tables of a mail system: as it is edited, and as it was applied. `None` where there is no row
/// or no password.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// In the table that administrators edit.
    pub edited: Option<Secret<String>>,
    /// In the table of what was applied.
    pub applied: Option<Secret<String>>,
}

/// The second place in which a mail system keeps passwords: OBM's SQL, which its web page asks in `standalone` mode.
#[async_trait]
pub trait SecondPasswords: Send + Sync {
    /// Who somebody is there, and the password that is kept; `None` for nobody.
    async fn kept(&self, who: &MailboxKey) -> Result<Option<(i64, Kept)>, DirectoryError>;

    /// Puts `by` in the place of every password in `old`, in one transaction; tells whether all of them were still
    /// there. If not, nothing is changed.
    async fn replace(&self, person: i64, old: &Kept, by: &Secret<String>) -> Result<bool, DirectoryError>;

    /// Puts back what was set aside wherever `by` is still in its place, in one transaction. Repeatable: whatever
    /// somebody has set meanwhile stays.
    async fn give_back(&self, person: i64, old: &Kept, by: &Secret<String>) -> Result<(), DirectoryError>;

    /// Puts a new password, as crypt(3) hashes it, in the place of whatever is there, in one transaction; tells whether
    /// somebody with this login is there. Repeatable.
    async fn set(&self, who: &MailboxKey, hashed: &Secret<String>) -> Result<bool, DirectoryError>;
}

/// The directories of the city; one of them may be missing.
#[derive(Clone, Default)]
pub struct Directories {
    all: Vec<Arc<dyn Directory>>,
}

impl Directories {
    /// These directories, in the order of authority.
    pub fn new(mut all: Vec<Arc<dyn Directory>>) -> Self {
        all.sort_by_key(|directory| directory.system());
        Self { all }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Directory>> {
        self.all.iter()
    }

    /// The one for a mail system, if the city has it.
    pub fn of(&self, system: MailSystem) -> Option<&Arc<dyn Directory>> {
        self.all.iter().find(|directory| directory.system() == system)
    }
}
