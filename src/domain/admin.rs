//! Who administers what. An [`Administrator`] is the proof of role that a use case asks for; its reach is part of
//! the value, so that lists, counts and exports are scoped by construction.

use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, AgencyId};

/// Which accounts an administrator reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Every agency of the city.
    City,
    /// One agency.
    Agency(AgencyId),
}

impl Reach {
    /// Whether an account of `agency` lies within reach.
    pub fn covers(self, agency: Option<AgencyId>) -> bool {
        match self {
            Self::City => true,
            Self::Agency(own) => agency == Some(own),
        }
    }

    /// The agency it is limited to, if it is.
    pub const fn agency(self) -> Option<AgencyId> {
        match self {
            Self::City => None,
            Self::Agency(id) => Some(id),
        }
    }
}

/// A person who administers. Only `services::session` makes one, from a checked session of the administration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    account_id: AccountId,
    address: MailAddress,
    display_name: String,
    reach: Reach,
}

impl Administrator {
    /// The holder of a role, as the database has it.
    pub fn holding(account: &Account, reach: Reach) -> Self {
        Self {
            account_id: account.id(),
            address: account.profile().address.clone(),
            display_name: account.profile().display_name.clone(),
            reach,
        }
    }

    /// Their own account.
    pub const fn account_id(&self) -> AccountId {
        self.account_id
    }

    /// Their address, for the audit.
    pub const fn address(&self) -> &MailAddress {
        &self.address
    }

    /// Their name.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// What they reach.
    pub const fn reach(&self) -> Reach {
        self.reach
    }
}
