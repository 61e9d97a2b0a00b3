//! Who administers what. An [`Administrator`] is the proof of role that a use case asks for; its reach is part of
//! the value, so that lists, counts and exports are scoped by construction.

mod rights;
mod scopes;

pub use rights::{Right, Role, matrix};
pub use scopes::ApiScope;

use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::audit::Actor;
use crate::domain::id::{AccountId, AgencyId, GrantId};
use crate::domain::oauth::client::Client;
use crate::domain::timestamp::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use thiserror::Error;

/// Which accounts an administrator reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every agency of the city.
    City,
    /// One agency and every agency below it.
    Branch(Branch),
}

/// An agency with every agency below it, as the tree was when the proof was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    root: AgencyId,
    agencies: Arc<BTreeSet<AgencyId>>,
}

impl Branch {
    /// The agency at its root with those below it.
    pub fn new(root: AgencyId, below: impl IntoIterator<Item = AgencyId>) -> Self {
        Self { root, agencies: Arc::new(below.into_iter().chain([root]).collect()) }
    }

    /// All of them, the one at the root too.
    pub fn agencies(&self) -> impl Iterator<Item = AgencyId> + '_ {
        self.agencies.iter().copied()
    }
}

impl Reach {
    /// One agency without any below it.
    pub fn of_agency(agency: AgencyId) -> Self {
        Self::Branch(Branch::new(agency, []))
    }

    /// Whether an account of `agency` lies within reach.
    pub fn covers(&self, agency: Option<AgencyId>) -> bool {
        match self {
            Self::City => true,
            Self::Branch(branch) => agency.is_some_and(|agency| branch.agencies.contains(&agency)),
        }
    }

    /// The agency at the root of the branch that it is limited to, if it is. Statements that narrow by it take in the
    /// agencies below (`agency_branch`).
    pub const fn agency(&self) -> Option<AgencyId> {
        match self {
            Self::City => None,
            Self::Branch(branch) => Some(branch.root),
        }
    }

    /// Whether it is the whole city.
    pub const fn is_city(&self) -> bool {
        matches!(self, Self::City)
    }
}

/// A role that somebody was given, over a reach, until a day or for as long as they are in office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose.
    pub account_id: AccountId,
    /// The role.
    pub role: Role,
    /// The agency at the root of its branch; `None`: the whole city.
    pub agency_id: Option<AgencyId>,
    /// Since when.
    pub granted_at: Timestamp,
    /// Who gave it: an address, `command_line`, or empty for one from before grants were kept.
    pub granted_by: String,
    /// Why.
    pub why: String,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
}

/// Who administers: a person, or an application in its own name. Only `services` makes one, from a checked session of
/// the administration or from a checked token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    who: Who,
    reach: Reach,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    Person {
        account_id: AccountId,
        address: MailAddress,
        display_name: String,
        role: Role,
    },
    Application {
        stands_for: AccountId,
        client_id: String,
        name: String,
        rights: BTreeSet<Right>,
        source: String,
    },
}

/// What lines of the audit call the role of an application.
const APPLICATION: &str = "application";

/// The role does not have the right. Whoever meets it writes a line of the audit (`services::rights`).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the role {role} does not have the right {}", right.code())]
pub struct Forbidden {
    /// The word of the role.
    pub role: &'static str,
    /// The right that was asked for.
    pub right: Right,
}

impl Administrator {
    /// The holder of a role, as the database has it.
    pub fn holding(account: &Account, role: Role, reach: Reach) -> Self {
        let who = Who::Person {
            account_id: account.id(),
            address: account.profile().address.clone(),
            display_name: account.profile().display_name.clone(),
            role,
        };
        Self { who, reach }
    }

    /// An application with the scopes of its token, in its own name, from this network address.
    pub fn application(client: &Client, scopes: &BTreeSet<ApiScope>, reach: Reach, source: &str) -> Self {
        let who = Who::Application {
            stands_for: AccountId::from_bytes(client.id.to_bytes()),
            client_id: client.client_id.to_string(),
            name: client.name.clone(),
            rights: scopes.iter().map(|scope| scope.right()).collect(),
            source: source.to_owned(),
        };
        Self { who, reach }
    }

    /// Their own account. An application has none: the id of its registration, which no account has.
    pub const fn account_id(&self) -> AccountId {
        match &self.who {
            Who::Person { account_id, .. } => *account_id,
            Who::Application { stands_for, .. } => *stands_for,
        }
    }

    /// Their address, for the audit; the `client_id` of an application.
    pub fn address(&self) -> &str {
        match &self.who {
            Who::Person { address, .. } => address.as_str(),
            Who::Application { client_id, .. } => client_id,
        }
    }

    /// Their name.
    pub fn display_name(&self) -> &str {
        match &self.who {
            Who::Person { display_name, .. } => display_name,
            Who::Application { name, .. } => name,
        }
    }

    /// The role a person acts in.
    pub const fn role(&self) -> Option<Role> {
        match &self.who {
            Who::Person { role, .. } => Some(*role),
            Who::Application { .. } => None,
        }
    }

    /// The word of the role, for the audit.
    pub const fn role_code(&self) -> &'static str {
        match &self.who {
            Who::Person { role, .. } => role.code(),
            Who::Application { .. } => APPLICATION,
        }
    }

    /// Whether the role has a right over this reach. Pages ask it for what they offer; whoever changes something asks
    /// `services::rights::acting` for the actor of the line that it writes.
    pub fn may(&self, right: Right) -> bool {
        let has = match &self.who {
            Who::Person { role, .. } => role.has(right),
            Who::Application { rights, .. } => rights.contains(&right),
        };
        has && (self.reach.is_city() || !right.is_of_the_city())
    }

    /// The actor of a line of the audit: there is none without the right. Only `services::rights` calls this.
    pub fn acting(&self, right: Right) -> Result<Actor, Forbidden> {
        if self.may(right) { Ok(self.actor()) } else { Err(Forbidden { role: self.role_code(), right }) }
    }

    /// Who was refused, for the line that says so.
    pub fn refused(&self) -> Actor {
        self.actor()
    }

    fn actor(&self) -> Actor {
        match &self.who {
            Who::Person { address, .. } => Actor::Administrator(address.to_string()),
            Who::Application { client_id, source, .. } => Actor::Caller(client_id.clone(), source.clone()),
        }
    }

    /// Whether they may be handed a password of this account: within reach, and not their own. Whoever has the
    /// password of an administrator has the role, so those are helped by an administrator of the city only.
    pub fn may_reset(&self, account: &Account) -> bool {
        let is_mighty = account.traces().administers && self.role() != Some(Role::City);
        self.may(Right::ResetPassword) && self.reaches(account) && !is_mighty && !self.is(account)
    }

    /// Whether they may lock this account: within reach, not their own. A lock ends roles, so those of administrators
    /// are locked by the city's administrators and security officers only.
    pub fn may_lock(&self, account: &Account) -> bool {
        self.may(Right::Lock) && self.reaches(account) && self.is_as_mighty_as(account) && !self.is(account)
    }

    /// Whether they may lift the lock of this account: within reach. Whoever still has a role behind it, which a lock by
    /// a deadline lets rest, has it again with the lock's end, so for those the same might is asked as for a lock.
    pub fn may_unlock(&self, account: &Account) -> bool {
        self.may(Right::Unlock) && self.reaches(account) && self.is_as_mighty_as(account)
    }

    /// Whether an account's lock, or its end, is theirs to say: those of administrators are the city's and its security's.
    fn is_as_mighty_as(&self, account: &Account) -> bool {
        !account.traces().administers || matches!(self.role(), Some(Role::City | Role::Security))
    }

    /// Whether they may end what is open for this account: within reach. An application that could end the sessions of
    /// administrators could keep them from looking at what it does: those are ended by people only.
    pub fn may_end_sessions(&self, account: &Account) -> bool {
        let is_mighty = account.traces().administers && self.role().is_none();
        self.may(Right::EndSessions) && self.reaches(account) && !is_mighty
    }

    /// Whether an account lies within their reach.
    pub fn reaches(&self, account: &Account) -> bool {
        self.reach.covers(account.profile().agency_id)
    }

    fn is(&self, account: &Account) -> bool {
        account.id() == self.account_id()
    }

    /// What they reach.
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }
}
