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

    /// Whether they may be handed a password of this account: within reach, and not their own. Whoever has the
    /// password of an administrator has the role, so those are helped by an administrator of the city only.
    pub fn may_reset(&self, account: &Account) -> bool {
        let is_within = self.reach.covers(account.profile().agency_id);
        let is_mighty = account.traces().administers && self.reach != Reach::City;
        is_within && !is_mighty && account.id() != self.account_id
    }

    /// What they reach.
    pub const fn reach(&self) -> Reach {
        self.reach
    }
}
