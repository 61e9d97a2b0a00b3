//! What is done to many accounts at once, and how it is taken back.

use crate::domain::account::{Account, LockReason, MustChange, State, TransitionRefused};
use crate::domain::admin::Right;
use crate::domain::approval::Matter;
use crate::domain::timestamp::Timestamp;

/// What is done to each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkAct {
    /// Locked.
    Lock,
    /// The lock is lifted: a new password is demanded, with a fresh term.
    Unlock,
    /// A new password is demanded.
    DemandChange,
}

impl BulkAct {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lock, Self::Unlock, Self::DemandChange];

    /// The word in the database and in forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::DemandChange => "demand_change",
        }
    }

    /// Reads [`BulkAct::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }

    /// The right that it asks for.
    pub const fn right(self) -> Right {
        self.matter().right()
    }

    /// The right that taking it back asks for: of a lock that is lifting it, and the other way round.
    pub const fn right_back(self) -> Right {
        self.matter_back().right()
    }

    /// What a second person approves of it, where it concerns many.
    pub const fn matter(self) -> Matter {
        match self {
            Self::Lock => Matter::LockMany,
            Self::Unlock => Matter::UnlockMany,
            Self::DemandChange => Matter::DemandMany,
        }
    }

    /// What a second person approves of its way back.
    pub const fn matter_back(self) -> Matter {
        match self {
            Self::Lock => Matter::UnlockMany,
            Self::Unlock => Matter::LockMany,
            Self::DemandChange => Matter::DemandMany,
        }
    }

    /// Does it to an account. `deadline` ends the fresh term, where one begins.
    pub fn done_to(
        self,
        account: &Account,
        now: Timestamp,
        deadline: Timestamp,
    ) -> Result<Account, TransitionRefused> {
        match self {
            Self::Lock => account.lock(LockReason::ByAdministrator, now),
            Self::Unlock => account.unlock(now, deadline),
            Self::DemandChange => account.demand_change(now, deadline, MustChange::Demanded),
        }
    }

    /// Whether it means something for an account as it is now: nothing is demanded twice.
    pub fn applies_to(self, account: &Account) -> bool {
        let is_demanded = matches!(account.state(), State::MustChangePassword { .. });
        let now = Timestamp::default();
        !(self == Self::DemandChange && is_demanded) && self.done_to(account, now, now).is_ok()
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkState {
    /// It is being looked at; nothing was done.
    Draft,
    /// It is being done.
    Running,
    /// It is done.
    Done,
    /// It is being taken back.
    Undoing,
    /// It was taken back, as far as that was possible.
    Undone,
}

impl BulkState {
    const ALL: [Self; 5] = [Self::Draft, Self::Running, Self::Done, Self::Undoing, Self::Undone];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    /// Reads [`BulkState::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether somebody is at work on it.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Running | Self::Undoing)
    }
}

/// What came of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// Somebody has changed the account since it was looked at: it was left alone.
    Changed,
    /// It was taken back.
    Undone,
    /// Somebody has changed the account since it was done: that stays.
    Kept,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Done, Self::Changed, Self::Undone, Self::Kept];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Changed => "changed",
            Self::Undone => "undone",
            Self::Kept => "kept",
        }
    }

    /// Reads [`Outcome::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}
