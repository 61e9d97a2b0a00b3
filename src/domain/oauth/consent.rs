//! What a person has agreed that an application learns of them.

use super::claims_request::scope_of;
use super::request::Request;
use super::scope::Scopes;
use std::collections::BTreeSet;
use std::fmt;

/// What a person has agreed to, or is asked to agree to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreed {
    /// The scopes.
    pub scopes: Scopes,
    /// Single claims beyond the scopes (OIDC Core §5.5).
    pub claims: BTreeSet<String>,
}

/// When a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asking {
    /// Never: the city has agreed for everybody.
    Never,
    /// Unless they have agreed to as much before.
    Once,
    /// Each time (`prompt=consent`).
    Always,
}

impl Agreed {
    /// What a request asks for: its scopes, and the claims that they do not cover.
    pub fn to(request: &Request) -> Self {
        let beyond = |claim: &String| scope_of(claim).is_none_or(|scope| !request.scopes.has(scope));
        let claims = request.claims.names().into_iter().filter(beyond).collect();
        Self { scopes: request.scopes, claims }
    }

    /// Whether everything in `other` is agreed to.
    pub fn covers(&self, other: &Self) -> bool {
        self.scopes.covers(other.scopes) && self.claims.is_superset(&other.claims)
    }

    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            scopes: self.scopes.and(other.scopes),
            claims: self.claims.union(&other.claims).cloned().collect(),
        }
    }
}

impl fmt::Display for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.scopes)?;
        self.claims.iter().try_for_each(|claim| write!(f, " +{claim}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreement_covers_what_is_in_it_and_nothing_more() {
        let agreed = |scopes, claims: &[&str]| Agreed {
            scopes: Scopes::parse(scopes),
            claims: claims.iter().map(|claim| (*claim).to_owned()).collect(),
        };
        let had = agreed("openid profile", &["email"]);
        assert!(had.covers(&agreed("openid", &[])));
        assert!(had.covers(&agreed("openid profile", &["email"])));
        assert!(!had.covers(&agreed("openid email", &[])));
        assert!(!had.covers(&agreed("openid", &["agency"])));
        let both = had.and(&agreed("openid email", &["agency"]));
        assert!(both.covers(&had) && both.covers(&agreed("email", &["agency"])));
    }
}
