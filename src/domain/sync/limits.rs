//! When a plan is so large that a person must look first, and whether an approval covers a later one. Pure.

use super::{Counts, Known, Line, LineKind};
use crate::domain::account::State;
use crate::domain::id::AccountId;
use crate::domain::mailbox::MailSystem;
use std::collections::HashSet;
use std::fmt;

/// From when on a plan is held: more than a number *and* more than a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many are everyday, however few there are in all.
    pub number: u64,
    /// Of the mailboxes of the directories that were read, in percent, how many may vanish.
    pub vanish_percent: u64,
    /// Of the open accounts, in percent, how many may be locked.
    pub lock_percent: u64,
    /// Of all accounts, in percent, how many may move to another agency or change their address.
    pub move_percent: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { number: 5, vanish_percent: 10, lock_percent: 10, move_percent: 10 }
    }
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Much {
    /// Mailboxes vanish.
    Vanish,
    /// Accounts are locked.
    Lock,
    /// Accounts move to another agency or change their address.
    Move,
}

impl Much {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vanish => "vanish",
            Self::Lock => "lock",
            Self::Move => "move",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Vanish, Self::Lock, Self::Move].into_iter().find(|much| much.code() == code)
    }
}

/// A limit that a plan exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    /// Of what.
    pub much: Much,
    /// How many.
    pub number: u64,
    /// Of how many.
    pub of: u64,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.much.code(), self.number, self.of)
    }
}

impl Excess {
    /// Reads what was written, separated by semicolons; what is not understood is left out.
    pub fn read_all(text: &str) -> Vec<Self> {
        let one = |part: &str| {
            let (much, rest) = part.trim().split_once(' ')?;
            let (number, of) = rest.split_once('/')?;
            let much = Much::from_code(much)?;
            Some(Self { much, number: number.parse().ok()?, of: of.parse().ok()? })
        };
        text.split(';').filter_map(one).collect()
    }

    /// Writes them as [`Excess::read_all`] reads them.
    pub fn write_all(all: &[Self]) -> String {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

/// What a plan is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Known mailboxes of the directories that were read.
    pub mailboxes: u64,
    /// Accounts that are open.
    pub open: u64,
    /// All accounts.
    pub accounts: u64,
}

impl Size {
    /// The size of what is known, where these directories were read.
    pub fn of(known: &[Known], read: &[MailSystem]) -> Self {
        let mut size = Self::default();
        for known in known {
            let boxes = known.mailboxes.iter().filter(|m| read.contains(&m.key.system)).count();
            size.mailboxes += u64::try_from(boxes).unwrap_or(0);
            let state = known.account.state();
            size.open += u64::from(matches!(state, State::Active { .. } | State::MustChangePassword { .. }));
            size.accounts += 1;
        }
        size
    }
}

/// The limits that a plan exceeds; none: it applies itself.
pub fn exceeded(lines: &[Line], size: Size, limits: &Limits) -> Vec<Excess> {
    let count = |wanted: &[LineKind]| {
        let of_kind = lines.iter().filter(|line| wanted.contains(&line.kind)).count();
        u64::try_from(of_kind).unwrap_or(u64::MAX)
    };
    let moved = lines.iter().filter(|line| matches!(line.kind, LineKind::Move | LineKind::Rename));
    // Who moves and gets another address is one person.
    let people: HashSet<_> = moved.map(|line| line.account_id).collect();
    let people = u64::try_from(people.len()).unwrap_or(u64::MAX);
    let all = [
        (Much::Vanish, count(&[LineKind::Detach]), size.mailboxes, limits.vanish_percent),
        (Much::Lock, count(&[LineKind::Gone, LineKind::LockDisabled]), size.open, limits.lock_percent),
        (Much::Move, people, size.accounts, limits.move_percent),
    ];
    let too_many = all.into_iter().filter(|(_, number, of, percent)| {
        *number > limits.number && number.saturating_mul(100) > of.saturating_mul(*percent)
    });
    too_many.map(|(much, number, of, _)| Excess { much, number, of }).collect()
}

/// A plan that was looked at: what may come of it without another look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approved {
    /// How many lines of each kind it had.
    pub counts: Counts,
    /// Whom its weighed lines concerned, as far as they were kept.
    pub weighed: HashSet<(LineKind, Option<AccountId>)>,
    /// Whether all of its weighed lines were kept.
    pub is_whole: bool,
}

impl Approved {
    /// Whether a later plan is no larger in what is weighed: not more of any kind, and nobody else. What needs no
    /// approval (new accounts, new passwords) is not compared, or no approval would ever hold in a city at work.
    pub fn covers(&self, lines: &[Line]) -> bool {
        let weighed = || lines.iter().filter(|line| line.kind.is_weighed());
        let mut counts = Counts::new();
        for line in weighed() {
            *counts.entry(line.kind).or_default() += 1;
        }
        let is_no_larger = counts.iter().all(|(kind, n)| self.counts.get(kind).is_some_and(|had| n <= had));
        let is_somebody_else =
            self.is_whole && weighed().any(|line| !self.weighed.contains(&(line.kind, line.account_id)));
        is_no_larger && !is_somebody_else
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
