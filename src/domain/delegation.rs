//! Who may act for an agency's mailbox: named people, by their own sign-in, so that nobody shares its password. Pure.

use crate::domain::id::{AccountId, DelegationId};
use crate::domain::timestamp::Timestamp;

/// The right of a person to act for a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// The account of the mailbox.
    pub mailbox: AccountId,
    /// The account of the person.
    pub person: AccountId,
    /// Since when.
    pub granted_at: Timestamp,
    /// Who granted it.
    pub granted_by: String,
    /// Why.
    pub why: String,
    /// Until when, if it ends by itself.
    pub ends_at: Option<Timestamp>,
}

impl Delegation {
    /// Whether it is in force.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_in_force_until_its_end_and_not_at_it() {
        let end = Timestamp::from_seconds(100);
        let one = Delegation {
            id: DelegationId::from_bytes([1; 16]),
            mailbox: AccountId::from_bytes([2; 16]),
            person: AccountId::from_bytes([3; 16]),
            granted_at: Timestamp::from_seconds(0),
            granted_by: String::new(),
            why: String::new(),
            ends_at: Some(end),
        };
        assert!(one.is_in_force(Timestamp::from_seconds(99)));
        assert!(!one.is_in_force(end));
        assert!(Delegation { ends_at: None, ..one }.is_in_force(end));
    }
}
