//! The scopes of the house (OIDC Core 1.0 §5.4, §11).

use std::fmt;

/// One scope value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// An ID token.
    OpenId,
    /// Name and preferred name.
    Profile,
    /// The official mail address.
    Email,
    /// Agency: code and name.
    Agency,
    /// A refresh token.
    OfflineAccess,
}

impl Scope {
    /// All of them, in the order in which sets are written.
    pub const ALL: [Self; 5] = [Self::OpenId, Self::Profile, Self::Email, Self::Agency, Self::OfflineAccess];

    /// Its value in requests.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Agency => "agency",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// Reads [`Scope::code`]; scope values are case sensitive (RFC 6749 §3.3).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::OpenId => 1,
            Self::Profile => 2,
            Self::Email => 4,
            Self::Agency => 8,
            Self::OfflineAccess => 16,
        }
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope of the house.
    pub fn all() -> Self {
        Scope::ALL.into_iter().fold(Self::default(), Self::with)
    }

    /// Reads a space-separated list; values that the house does not know are left out (OIDC Core §3.1.2.1).
    pub fn parse(text: &str) -> Self {
        text.split(' ').filter_map(Scope::from_code).fold(Self::default(), Self::with)
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope.bit())
    }

    /// Those in either set.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both sets.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether a scope is in the set.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether every scope of `other` is in this set.
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The scopes, in order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<_> = self.iter().map(Scope::code).collect();
        f.write_str(&codes.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_it_is_read_and_unknown_values_are_left_out() {
        let scopes = Scopes::parse("email openid groups Openid");
        assert_eq!(scopes.to_string(), "openid email");
        assert_eq!(Scopes::parse(&scopes.to_string()), scopes);
        assert!(Scopes::all().covers(scopes) && !scopes.covers(Scopes::all()));
    }
}
