//! Why an application gets the data that it gets, and when the city looked at that last (once a year).

use super::client::Client;
use super::scope::Scope;
use crate::domain::timestamp::Timestamp;
use time::Duration;

/// After so long a purpose is confirmed again.
pub const AGAIN: Duration = Duration::days(365);

/// Why an application gets what one scope gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// What it gets.
    pub scope: Scope,
    /// What for.
    pub purpose: String,
    /// The agency that answers for it.
    pub agency: String,
    /// When it was confirmed last.
    pub reviewed_at: Timestamp,
    /// By whom: an address.
    pub reviewed_by: String,
}

/// How an application stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// It gets nothing of any person.
    Nothing,
    /// For these no purpose is written down.
    Missing(Vec<Scope>),
    /// It should have been confirmed again on that day.
    Due(Timestamp),
    /// It is good until then.
    Good(Timestamp),
}

impl Review {
    /// Whether somebody of the city should look at it.
    pub const fn is_due(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Due(_))
    }
}

/// What an application gets of people that needs a purpose: everything but the bare identifier. A service without
/// people gets nothing.
pub fn asks_for(client: &Client) -> Vec<Scope> {
    let grants = client.metadata.grant_types();
    if grants.iter().all(|grant| *grant == "client_credentials") {
        return Vec::new();
    }
    client.scopes.iter().filter(|scope| *scope != Scope::OpenId).collect()
}

/// Whether its purposes are written down, and confirmed within a year.
pub fn review(client: &Client, purposes: &[Purpose], now: Timestamp) -> Review {
    let asked = asks_for(client);
    let of = |scope: Scope| purposes.iter().find(|purpose| purpose.scope == scope);
    let missing: Vec<_> = asked.iter().copied().filter(|scope| of(*scope).is_none()).collect();
    if !missing.is_empty() {
        return Review::Missing(missing);
    }
    let oldest = asked.iter().filter_map(|scope| of(*scope)).map(|purpose| purpose.reviewed_at).min();
    match oldest.map(|oldest| oldest.plus(AGAIN)) {
        None => Review::Nothing,
        Some(until) if until <= now => Review::Due(until),
        Some(until) => Review::Good(until),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ClientRowId;
    use crate::domain::oauth::client::{ClientId, ClientKind};
    use crate::domain::oauth::metadata::Metadata;
    use crate::domain::oauth::scope::Scopes;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn client(scopes: &str) -> Client {
        Client {
            id: ClientRowId::from_bytes([0; 16]),
            client_id: ClientId::stored("app".to_owned()),
            name: "App".to_owned(),
            kind: ClientKind::Web,
            secret_digest: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            home: None,
            scopes: Scopes::parse(scopes),
            legacy: false,
            id_token_claims: false,
            backchannel_logout_uri: None,
            metadata: Metadata::default(),
            created_at: NOW,
            disabled_at: None,
            version: 0,
        }
    }

    fn purpose(scope: Scope, days_ago: i64) -> Purpose {
        Purpose {
            scope,
            purpose: "Hiển thị tên".to_owned(),
            agency: "Sở Nội vụ".to_owned(),
            reviewed_at: NOW.minus(Duration::days(days_ago)),
            reviewed_by: "lan@danang.example".to_owned(),
        }
    }

    #[test]
    fn every_scope_but_the_identifier_needs_a_purpose() {
        let review = |scopes, purposes: &[Purpose]| review(&client(scopes), purposes, NOW);
        assert_eq!(review("openid", &[]), Review::Nothing);
        assert_eq!(
            review("openid profile email", &[purpose(Scope::Email, 1)]),
            Review::Missing(vec![Scope::Profile])
        );
    }

    #[test]
    fn the_oldest_confirmation_counts_and_is_good_for_a_year() {
        let with = |days| {
            let purposes = [purpose(Scope::Email, days), purpose(Scope::Profile, 3)];
            review(&client("openid profile email"), &purposes, NOW)
        };
        assert_eq!(with(364), Review::Good(NOW.plus(Duration::DAY)));
        assert_eq!(with(365), Review::Due(NOW));
        assert!(with(365).is_due() && !with(364).is_due());
    }

    #[test]
    fn a_service_without_people_needs_none() {
        let mut service = client("openid profile");
        service.metadata.grant_types = vec!["client_credentials".to_owned()];
        assert_eq!(review(&service, &[], NOW), Review::Nothing);
        service.metadata.grant_types.push("authorization_code".to_owned());
        assert_eq!(review(&service, &[], NOW), Review::Missing(vec![Scope::Profile]));
    }
}
