//! Which directory has the word on what of a holder: for each attribute an order of the two. Pure.

use super::SeenMailbox;
use crate::domain::address::MailAddress;
use crate::domain::mailbox::MailSystem;
use std::fmt;

codes! {
    /// What of a holder the directories tell.
    Attribute {
        /// Full name.
        Name = "name";
        /// Post.
        Title = "title";
        /// Staff number.
        StaffNumber = "staff_number";
        /// The agency.
        Agency = "agency";
        /// Further addresses. The main address of every mailbox stays one whatever is chosen here.
        Aliases = "aliases";
        /// The main address.
        Address = "address";
    }
}

codes! {
    /// Whose word counts.
    Order {
        /// Active Directory's if it says anything, else OBM's.
        AdFirst = "ad";
        /// OBM's if it says anything, else Active Directory's.
        ObmFirst = "obm";
        /// What either says; only of what there can be several.
        Both = "both";
    }
}

impl Attribute {
    /// The orders that make sense for it.
    pub const fn orders(self) -> &'static [Order] {
        match self {
            Self::Aliases => &[Order::Both, Order::AdFirst, Order::ObmFirst],
            Self::Name | Self::Title | Self::StaffNumber | Self::Agency | Self::Address => {
                &[Order::AdFirst, Order::ObmFirst]
            }
        }
    }

    const fn default_order(self) -> Order {
        match self {
            Self::Aliases => Order::Both,
            Self::Name | Self::Title | Self::StaffNumber | Self::Agency | Self::Address => Order::AdFirst,
        }
    }
}

impl Order {
    /// The two systems, whose word counts first.
    pub const fn systems(self) -> [MailSystem; 2] {
        match self {
            Self::AdFirst | Self::Both => [MailSystem::Ad, MailSystem::Obm],
            Self::ObmFirst => [MailSystem::Obm, MailSystem::Ad],
        }
    }
}

/// The table: an order for each attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Authority([Order; Attribute::ALL.len()]);

impl Default for Authority {
    fn default() -> Self {
        let mut orders = [Order::AdFirst; Attribute::ALL.len()];
        for attribute in Attribute::ALL {
            orders[*attribute as usize] = attribute.default_order();
        }
        Self(orders)
    }
}

impl Authority {
    /// Whose word counts on an attribute.
    pub const fn of(&self, attribute: Attribute) -> Order {
        self.0[attribute as usize]
    }

    /// The table with another order for an attribute; `None` where that order makes no sense for it.
    #[must_use]
    pub fn with(mut self, attribute: Attribute, order: Order) -> Option<Self> {
        self.0[attribute as usize] = order;
        attribute.orders().contains(&order).then_some(self)
    }

    /// Reads what [`fmt::Display`] writes. An attribute that is not named has its default.
    pub fn read(text: &str) -> Option<Self> {
        let one = |table: Self, part: &str| {
            let (attribute, order) = part.split_once('=')?;
            table.with(Attribute::from_code(attribute)?, Order::from_code(order)?)
        };
        text.split_ascii_whitespace().try_fold(Self::default(), one)
    }

    /// What the first directory in order says of an attribute, with which one it is.
    pub(super) fn first<T>(
        self,
        attribute: Attribute,
        sources: &[&SeenMailbox],
        get: impl Fn(&SeenMailbox) -> Option<T>,
    ) -> Option<T> {
        let of = |system| sources.iter().find(|seen| seen.key.system == system);
        self.of(attribute).systems().into_iter().filter_map(of).find_map(|seen| get(seen))
    }

    /// The main address of whom these mailboxes belong to; `None` of nobody.
    pub(super) fn address(self, sources: &[&SeenMailbox]) -> Option<MailAddress> {
        self.first(Attribute::Address, sources, |seen| Some(seen.address.clone()))
    }

    /// The further addresses: those that the table gives, and of every mailbox the main one.
    pub(super) fn aliases(self, sources: &[&SeenMailbox], main: &MailAddress) -> Vec<MailAddress> {
        let given: Vec<_> = match self.of(Attribute::Aliases) {
            Order::Both => sources.iter().flat_map(|seen| seen.aliases.clone()).collect(),
            Order::AdFirst | Order::ObmFirst => {
                let some = |seen: &SeenMailbox| Some(seen.aliases.clone()).filter(|all| !all.is_empty());
                self.first(Attribute::Aliases, sources, some).unwrap_or_default()
            }
        };
        let mut all: Vec<_> =
            given.into_iter().chain(sources.iter().map(|seen| seen.address.clone())).collect();
        all.sort();
        all.dedup();
        all.retain(|alias| alias != main);
        all
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, attribute) in Attribute::ALL.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(f, "{gap}{}={}", attribute.code(), self.of(*attribute).code())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let table = Authority::default().with(Attribute::Name, Order::ObmFirst).expect("an order of one");
        assert_eq!(table.to_string(), "name=obm title=ad staff_number=ad agency=ad aliases=both address=ad");
        assert_eq!(Authority::read(&table.to_string()), Some(table));
        assert_eq!(Authority::read(""), Some(Authority::default()));
        for wrong in ["name", "name=x", "x=ad", "name=both", "agency=both"] {
            assert_eq!(Authority::read(wrong), None, "{wrong:?}");
        }
    }
}
