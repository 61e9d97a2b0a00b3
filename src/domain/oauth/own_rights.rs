//! What an application may do in its own name at the administrators' interface and by SCIM: what a change of that gives
//! and takes, and when a second person looks at it first.

use super::metadata::{ApiReach, Metadata};
use crate::domain::admin::ApiScope;
use std::collections::BTreeSet;

/// Scopes of the interface with the reach over which they are good. Either opens nothing without the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnRights {
    /// What it may ask for.
    pub scopes: BTreeSet<ApiScope>,
    /// Which accounts it reaches.
    pub reach: Option<ApiReach>,
}

impl OwnRights {
    /// What is registered of an application. Scopes of other resource servers are none of these.
    pub fn of(metadata: &Metadata) -> Self {
        let scopes = metadata.api_scopes.iter().filter_map(|code| ApiScope::from_code(code)).collect();
        Self { scopes, reach: metadata.api_reach.clone() }
    }

    /// The scopes that open something now.
    pub fn open(&self) -> BTreeSet<ApiScope> {
        if self.reach.is_some() { self.scopes.clone() } else { BTreeSet::new() }
    }

    /// Whether it may use the interface or SCIM at all.
    pub fn opens(&self) -> bool {
        !self.open().is_empty()
    }

    /// In a line: `accounts.read scim.read; agency so-khcn`.
    pub fn told(&self) -> String {
        let scopes: Vec<_> = self.scopes.iter().map(|scope| scope.code()).collect();
        let reach = match &self.reach {
            None => "nothing".to_owned(),
            Some(ApiReach::City) => "city".to_owned(),
            Some(ApiReach::Agency(code)) => format!("agency {code}"),
        };
        format!("{}; {reach}", scopes.join(" "))
    }

    /// Whether they are what was told of them at some time, or less of it over the same reach.
    pub fn are_within(&self, told: &str) -> bool {
        let own = self.told();
        let (Some((scopes, reach)), Some((_, now))) = (told.rsplit_once("; "), own.rsplit_once("; ")) else {
            return false;
        };
        reach == now && self.scopes.iter().all(|scope| scopes.split(' ').any(|one| one == scope.code()))
    }

    /// Whether a second person looks at these before they take the place of others: where they give something over a reach
    /// that is wide (the whole city, or nearly), or something that changes accounts. Nobody is asked for what only takes away.
    pub fn needs_second(&self, before: &Self, is_wide: bool) -> bool {
        let Some(reach) = &self.reach else { return false };
        let is_wider = match &before.reach {
            None => true,
            Some(ApiReach::City) => false,
            // One agency may lie below the other, but not always will: the tree moves.
            Some(other) => other != reach,
        };
        let is_given = |scope: &&ApiScope| is_wider || !before.scopes.contains(scope);
        self.scopes.iter().filter(is_given).any(|scope| is_wide || scope.writes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::admin::ApiScope::{AccountsLock, AccountsRead, AuditRead, ScimRead};

    /// As if no agency were nearly as wide as the city.
    fn needs_second(after: &OwnRights, before: &OwnRights) -> bool {
        after.needs_second(before, after.reach == Some(ApiReach::City))
    }

    fn over(reach: Option<&str>, scopes: &[ApiScope]) -> OwnRights {
        let reach = reach.map(|code| match code {
            "city" => ApiReach::City,
            code => ApiReach::Agency(code.to_owned()),
        });
        OwnRights { scopes: scopes.iter().copied().collect(), reach }
    }

    #[test]
    fn a_second_person_looks_at_what_reaches_the_city_and_at_what_changes_accounts() {
        let nothing = OwnRights::default();
        assert!(needs_second(&over(Some("city"), &[AccountsRead]), &nothing));
        assert!(needs_second(&over(Some("so-khcn"), &[AccountsLock]), &nothing));
        assert!(!needs_second(&over(Some("so-khcn"), &[AccountsRead, ScimRead]), &nothing));
        let reads = over(Some("so-khcn"), &[AccountsRead]);
        assert!(needs_second(&over(Some("city"), &[AccountsRead]), &reads), "wider");
        assert!(needs_second(&over(Some("so-khcn"), &[AccountsRead, AccountsLock]), &reads), "more");
        let (here, there) = (over(Some("so-khcn"), &[AccountsLock]), over(Some("so-nv"), &[AccountsLock]));
        assert!(reads.needs_second(&nothing, true), "an agency nearly as wide");
        assert!(needs_second(&there, &here), "elsewhere");
    }

    #[test]
    fn nobody_is_asked_for_what_only_takes_away_or_gives_little() {
        let all = over(Some("city"), &[AccountsLock, AccountsRead]);
        for less in [
            OwnRights::default(),
            over(Some("city"), &[AccountsLock]),
            over(Some("city"), &[AccountsRead]),
            over(Some("so-khcn"), &[AccountsLock, AccountsRead]),
            over(Some("so-khcn"), &[AuditRead]),
        ] {
            assert!(!needs_second(&less, &all), "{less:?}");
        }
        let here = over(Some("so-khcn"), &[AccountsLock]);
        assert!(!needs_second(&over(Some("so-khcn"), &[AccountsLock, AuditRead]), &here), "it had the rest");
    }

    #[test]
    fn what_was_told_covers_less_over_the_same_reach_and_nothing_else() {
        let seen = over(Some("so-khcn"), &[AccountsLock, AccountsRead]).told();
        assert!(over(Some("so-khcn"), &[AccountsLock, AccountsRead]).are_within(&seen));
        assert!(over(Some("so-khcn"), &[AccountsRead]).are_within(&seen));
        assert!(!over(Some("so-khcn"), &[AccountsRead, AuditRead]).are_within(&seen), "more");
        assert!(!over(Some("so-nv"), &[AccountsRead]).are_within(&seen), "elsewhere");
        assert!(!over(Some("so-khcn"), &[AccountsRead]).are_within(""));
    }

    #[test]
    fn scopes_that_nobody_gave_a_reach_open_nothing_and_are_given_with_it() {
        let closed = over(None, &[AccountsRead]);
        assert!(!closed.opens() && closed.open().is_empty());
        assert!(needs_second(&over(Some("city"), &[AccountsRead]), &closed));
        assert!(!needs_second(&over(None, &[AccountsLock]), &closed));
        assert!(!over(Some("city"), &[]).opens());
    }
}
