//! Who asks for a change of the calendar, and what is asked.

use crate::domain::admin::{Administrator, Reach, Right};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::policy::calendar_rules::{Notice, Proposal};
use crate::storage::calendar::COMMAND_LINE;
use time::Date;

/// Who changes the calendar.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// An administrator, within their reach.
    Administrator(&'a Administrator),
    /// The server's operator, for the whole city.
    CommandLine,
}

impl By<'_> {
    /// The name under which a day is entered.
    pub(super) fn name(self) -> String {
        match self {
            Self::Administrator(by) => by.address().to_string(),
            Self::CommandLine => COMMAND_LINE.to_owned(),
        }
    }

    /// Whose it is: an address may come to be another one, and a day stays its enterer's.
    pub(super) const fn account(self) -> Option<AccountId> {
        match self {
            Self::Administrator(by) => Some(by.account_id()),
            Self::CommandLine => None,
        }
    }

    /// Whether it was them who entered or asked for something. Of the command line, of the house, and of whoever was not
    /// known by an account when it was written down, only the name tells.
    pub fn is(self, account: Option<AccountId>, name: &str) -> bool {
        match account {
            Some(_) => account == self.account(),
            None => name == self.name(),
        }
    }

    /// How far they reach.
    pub(in crate::services) const fn reach(&self) -> &Reach {
        match self {
            Self::Administrator(by) => by.reach(),
            Self::CommandLine => &Reach::City,
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// To list days, undecided until somebody else confirms them.
    Enter {
        /// Whose days; `None`: the city's.
        agency: Option<AgencyId>,
        /// The days.
        days: Vec<Proposal>,
        /// The official notice, if there is one already.
        notice: Option<Notice>,
        /// Why.
        why: String,
    },
    /// To list the days of a table (`domain::policy::calendar_csv`). Days that are listed just so stay as they are.
    Import(Vec<u8>),
    /// To confirm days that somebody else entered.
    Confirm {
        /// Whose days; `None`: the city's.
        agency: Option<AgencyId>,
        /// Which.
        days: Days,
        /// The official notice.
        notice: Notice,
    },
    /// To ask that a day be taken off the list.
    AskStrike {
        /// Whose day; `None`: the city's.
        agency: Option<AgencyId>,
        /// Which.
        date: Date,
        /// Why.
        why: String,
    },
    /// To take a day off the list, as somebody else asked.
    Strike(Option<AgencyId>, Date),
    /// To leave a day on the list after all.
    Keep(Option<AgencyId>, Date),
    /// To take back an undecided day that oneself entered.
    Withdraw(Option<AgencyId>, Date),
}

impl Order {
    /// The right that it asks for.
    pub(super) const fn right(&self) -> Right {
        match self {
            Self::Confirm { .. } | Self::Strike(..) => Right::ConfirmDays,
            Self::Enter { .. }
            | Self::Import(_)
            | Self::AskStrike { .. }
            | Self::Keep(..)
            | Self::Withdraw(..) => Right::EnterDays,
        }
    }
}

/// Which days are confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Days {
    /// These; each gets the notice.
    These(Vec<Date>),
    /// Every undecided day of a year that somebody else entered; one that names its own notice keeps it.
    Year(i32),
}
