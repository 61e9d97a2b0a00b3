//! The outbox to the directories: what is ordered for a mailbox, how far it is, when it is tried again. Pure.
//!
//! A lock or its lifting is written into the house first and carried out in the directory afterwards, as often as it
//! takes. There is one order for each mailbox: a newer wish takes the place of an older one.

use crate::domain::account::LockReason;
use crate::domain::id::AccountId;
use crate::domain::mailbox::MailboxKey;
use crate::domain::timestamp::Timestamp;
use time::Duration;

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::hours(1);

/// For how long after an order was carried out a reading of the directory may still show the state before it.
const READING_LAG: Duration = Duration::minutes(1);

/// What a directory is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// Refuse the holder.
    Lock,
    /// Let the holder in again, if the lock is ours.
    Unlock,
}

impl Wish {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Unlock => "unlock",
        }
    }

    /// Reads [`Wish::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Lock, Self::Unlock].into_iter().find(|wish| wish.code() == code)
    }
}

/// How far an order is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Not tried yet.
    Waiting,
    /// Tried without success; it is tried again.
    Failed {
        /// How often it was tried.
        attempts: i64,
        /// When it is tried again.
        next_at: Timestamp,
        /// What went wrong the last time.
        error: String,
    },
    /// The directory agrees.
    Done {
        /// Since when.
        at: Timestamp,
    },
}

/// The order for one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryLock {
    /// Which mailbox.
    pub mailbox: MailboxKey,
    /// Whose it is.
    pub account_id: AccountId,
    /// What the directory is to do.
    pub wish: Wish,
    /// Since when.
    pub since: Timestamp,
    /// How far it is.
    pub stage: Stage,
    /// Whether the lock that the directory holds, or is about to hold, was set by this house. A lock that somebody
    /// else made before is never undone.
    pub set_by_us: bool,
    /// Counts the wishes, so that the outcome of a wish that was replaced meanwhile is not taken for the new one's.
    pub version: i64,
}

impl DirectoryLock {
    /// Whether the directory agrees with the wish.
    pub const fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done { .. })
    }

    /// Whether a directory that was read from `read_from` on may show this mailbox as disabled because of us.
    pub fn explains_disabled(&self, read_from: Timestamp) -> bool {
        let lifted_lately = match (self.wish, &self.stage) {
            (Wish::Unlock, Stage::Done { at }) => at.plus(READING_LAG) >= read_from,
            _ => false,
        };
        self.set_by_us || lifted_lately
    }

    /// Whether a lifting is still on its way to the directory.
    pub const fn is_being_lifted(&self) -> bool {
        matches!(self.wish, Wish::Unlock) && self.set_by_us && !self.is_done()
    }
}

/// Until which moment a lock must have been carried out for a reading that began at `read_from` to tell that it is
/// gone again.
pub fn settled_before(read_from: Timestamp) -> Timestamp {
    read_from.minus(READING_LAG)
}

/// Whether a lock with this reason is written to the directories: not one that they caused themselves.
pub const fn reaches_the_directories(reason: LockReason) -> bool {
    !reason.is_lifted_by_the_directory()
}

/// When to try again after so many failed attempts: after a minute, then twice as long each time, at most an hour.
pub fn next_attempt(attempts: i64, now: Timestamp) -> Timestamp {
    let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(u32::MAX).min(6);
    now.plus((Duration::minutes(1) * 2_i32.pow(doublings)).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chance::Entropy;
    use crate::domain::mailbox::MailSystem;

    struct Zero;

    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    const NOW: Timestamp = Timestamp::from_seconds(100_000);

    fn order(wish: Wish, stage: Stage, set_by_us: bool) -> DirectoryLock {
        let (native_id, login) = ("1".to_owned(), "an".to_owned());
        DirectoryLock {
            mailbox: MailboxKey { system: MailSystem::Ad, native_id, login },
            account_id: AccountId::new(NOW, &Zero),
            wish,
            since: NOW,
            stage,
            set_by_us,
            version: 1,
        }
    }

    #[test]
    fn the_pause_doubles_up_to_an_hour() {
        let minutes = |attempts| next_attempt(attempts, NOW).since(NOW).whole_minutes();
        let pauses: Vec<_> = [0, 1, 2, 3, 6, 7, 8, i64::MAX].into_iter().map(minutes).collect();
        assert_eq!(pauses, [1, 1, 2, 4, 32, 60, 60, 60]);
    }

    #[test]
    fn only_our_own_lock_explains_a_disabled_mailbox() {
        let done = Stage::Done { at: NOW };
        assert!(order(Wish::Lock, done.clone(), true).explains_disabled(NOW));
        assert!(!order(Wish::Lock, done.clone(), false).explains_disabled(NOW));
        assert!(order(Wish::Unlock, Stage::Waiting, true).explains_disabled(NOW));
        let lifted = order(Wish::Unlock, done, false);
        assert!(lifted.explains_disabled(NOW.minus(Duration::minutes(5))), "read before it was lifted");
        assert!(!lifted.explains_disabled(NOW.plus(Duration::minutes(2))));
    }

    #[test]
    fn a_lifting_is_on_its_way_only_where_there_is_something_of_ours_to_lift() {
        assert!(order(Wish::Unlock, Stage::Waiting, true).is_being_lifted());
        assert!(!order(Wish::Unlock, Stage::Waiting, false).is_being_lifted());
        assert!(!order(Wish::Lock, Stage::Waiting, true).is_being_lifted());
    }

    #[test]
    fn a_lock_of_the_directory_is_not_written_back_to_it() {
        let written: Vec<_> = LockReason::ALL.into_iter().filter(|r| reaches_the_directories(*r)).collect();
        assert_eq!(written.len(), 5);
        assert!(!written.contains(&LockReason::DisabledInDirectory));
    }
}
