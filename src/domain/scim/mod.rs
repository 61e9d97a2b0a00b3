//! SCIM 2.0 (RFC 7643, RFC 7644): which attributes there are of a person, what an application gets of them, filters.

pub mod filter;

use crate::domain::oauth::scope::{Scope, Scopes};

/// The schema of users (RFC 7643 §4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups (RFC 7643 §4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// What belongs to the post of a person (RFC 7643 §4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// An attribute that can be asked for in a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// What the application knows the person by: its `sub`.
    Id,
    /// The main address.
    UserName,
    /// The whole name.
    DisplayName,
    /// The main address.
    Email,
    /// Person, agency, service.
    UserType,
    /// Whether they may sign in.
    Active,
    /// The post.
    Title,
    /// The name of the agency.
    Organization,
    /// The code of the agency.
    Department,
    /// An agency or a group, by its id.
    Groups,
}

/// The names of a filter, in small letters: attribute names are case insensitive (RFC 7643 §2.1).
const NAMES: [(&str, Attribute); 12] = [
    ("id", Attribute::Id),
    ("username", Attribute::UserName),
    ("displayname", Attribute::DisplayName),
    ("name.formatted", Attribute::DisplayName),
    ("emails", Attribute::Email),
    ("emails.value", Attribute::Email),
    ("usertype", Attribute::UserType),
    ("active", Attribute::Active),
    ("title", Attribute::Title),
    ("groups", Attribute::Groups),
    ("groups.value", Attribute::Groups),
    ("organization", Attribute::Organization),
];

impl Attribute {
    /// Reads the name in a filter, with its schema or without.
    pub fn from_path(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let own = [USER, GROUP].iter().find_map(|schema| {
            let rest = path.strip_prefix(&schema.to_ascii_lowercase())?;
            rest.strip_prefix(':')
        });
        if let Some(rest) = path.strip_prefix(&ENTERPRISE.to_ascii_lowercase()) {
            return match rest.strip_prefix(':')? {
                "organization" => Some(Self::Organization),
                "department" => Some(Self::Department),
                _ => None,
            };
        }
        let name = own.unwrap_or(&path);
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, attribute)| *attribute)
    }

    /// Whether an application that may ask people for these scopes gets the attribute. What it does not get it may not
    /// find people by, either.
    pub const fn is_given(self, scopes: Scopes) -> bool {
        match self {
            Self::Id | Self::Active => true,
            Self::UserName => scopes.has(Scope::Email) || scopes.has(Scope::Profile),
            Self::DisplayName | Self::UserType => scopes.has(Scope::Profile),
            Self::Email => scopes.has(Scope::Email),
            Self::Title | Self::Organization | Self::Department | Self::Groups => scopes.has(Scope::Agency),
        }
    }

    /// Whether small and capital letters are the same in it (RFC 7643 §2.2 `caseExact`).
    pub const fn folds_case(self) -> bool {
        matches!(self, Self::UserName | Self::Email | Self::UserType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_carry_its_schema_and_its_case_does_not_matter_rfc7643_2_1() {
        for path in ["userName", "USERNAME", "urn:ietf:params:scim:schemas:core:2.0:User:userName"] {
            assert_eq!(Attribute::from_path(path), Some(Attribute::UserName), "{path}");
        }
        let department = format!("{ENTERPRISE}:department");
        assert_eq!(Attribute::from_path(&department), Some(Attribute::Department));
        for bad in
            ["", "password", "urn:x:userName", "emails.type", &format!("{ENTERPRISE}:costCenter"), ENTERPRISE]
        {
            assert_eq!(Attribute::from_path(bad), None, "{bad}");
        }
    }

    #[test]
    fn nothing_is_found_by_what_is_not_given() {
        let scopes = Scopes::parse("openid email");
        assert!(Attribute::Email.is_given(scopes) && Attribute::UserName.is_given(scopes));
        assert!(!Attribute::DisplayName.is_given(scopes) && !Attribute::Groups.is_given(scopes));
        assert!(
            Attribute::Id.is_given(Scopes::default()) && !Attribute::UserName.is_given(Scopes::default())
        );
    }
}
