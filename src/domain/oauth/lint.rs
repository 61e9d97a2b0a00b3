//! What could be better in a registration. Nothing here forbids anything: whoever runs the application decides.

use super::client::{Client, ClientKind};
use super::client_auth::AuthMethod;
use crate::domain::proof::Class;
use crate::domain::timestamp::Timestamp;
use std::collections::BTreeSet;
use std::fmt;
use time::Duration;
use url::Url;

/// A secret should be changed once a year.
const OLD_SECRET: Duration = Duration::days(365);

/// A certificate should be followed by the next one before it has only so long.
const ENDS_SOON: Duration = Duration::days(30);

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Good to know.
    Note,
    /// To be changed.
    Warning,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// An address by plain http: fit for a developer's computer only.
    PlainHttp(String),
    /// An address with `*`: it is compared as it is, and matches nothing else.
    Wildcard(String),
    /// An address of nothing but a host: any page there may receive an answer.
    WholeHost(String),
    /// Addresses of several hosts: should they be several applications?
    ManyHosts(usize),
    /// It comes without PKCE.
    NoPkce,
    /// Tokens travel through the browser.
    FrontChannel(String),
    /// Its secret is older than a year.
    OldSecret(i64),
    /// The secret before the present one is still good.
    TwoSecrets,
    /// It is not told when a session ends.
    NotTold,
    /// People cannot come back to it after signing out.
    NoGoodbye,
    /// It has no start page, so the portal cannot lead there.
    NoHome,
    /// Nobody answers for it.
    NoContacts,
    /// Personal data is in the ID token.
    ClaimsInIdToken,
    /// It knows people by their address, which may change.
    SubIsAddress,
    /// It registered itself, and nobody of the city has looked at it.
    SelfRegistered,
    /// It would like an authentication context that nobody here can give.
    UnknownAcr(String),
    /// It may ask for refresh tokens although it is a single page.
    RefreshInBrowser,
    /// It shows a certificate, and its tokens are not bound to it.
    Unbound,
    /// The certificate that it registered ends in so many days, or has ended.
    CertificateEnds(i64),
}

impl Finding {
    /// Its word, for scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PlainHttp(_) => "plain_http",
            Self::Wildcard(_) => "wildcard",
            Self::WholeHost(_) => "whole_host",
            Self::ManyHosts(_) => "many_hosts",
            Self::NoPkce => "no_pkce",
            Self::FrontChannel(_) => "front_channel",
            Self::OldSecret(_) => "old_secret",
            Self::TwoSecrets => "two_secrets",
            Self::NotTold => "not_told",
            Self::NoGoodbye => "no_goodbye",
            Self::NoHome => "no_home",
            Self::NoContacts => "no_contacts",
            Self::ClaimsInIdToken => "claims_in_id_token",
            Self::SubIsAddress => "sub_is_address",
            Self::SelfRegistered => "self_registered",
            Self::UnknownAcr(_) => "unknown_acr",
            Self::RefreshInBrowser => "refresh_in_browser",
            Self::Unbound => "unbound_tokens",
            Self::CertificateEnds(_) => "certificate_ends",
        }
    }

    /// How much it matters.
    pub const fn weight(&self) -> Weight {
        match self {
            Self::PlainHttp(_)
            | Self::Wildcard(_)
            | Self::WholeHost(_)
            | Self::NoPkce
            | Self::FrontChannel(_)
            | Self::OldSecret(_)
            | Self::UnknownAcr(_)
            | Self::NotTold
            | Self::CertificateEnds(_)
            | Self::SelfRegistered => Weight::Warning,
            _ => Weight::Note,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlainHttp(uri) => write!(f, "{uri} is plain http: fit for a developer's computer only"),
            Self::Wildcard(uri) => write!(f, "{uri}: a * is compared as it is and matches nothing else"),
            Self::WholeHost(uri) => write!(f, "{uri} is a bare host: give the path that takes answers"),
            Self::ManyHosts(count) => {
                write!(f, "redirect URIs of {count} hosts: each host should be an application of its own")
            }
            Self::NoPkce => f.write_str("it comes without PKCE: register it anew when it has learnt it"),
            Self::FrontChannel(kind) => {
                write!(f, "response type {kind}: tokens travel through the browser; move to code with PKCE")
            }
            Self::OldSecret(days) => {
                write!(f, "its secret is {days} days old: `client rotate-secret --overlap 7d` gives a new one")
            }
            Self::TwoSecrets => f.write_str("the secret before the present one is still good"),
            Self::NotTold => f.write_str(
                "no backchannel_logout_uri: after a lock it goes on until its next refresh or UserInfo request",
            ),
            Self::NoGoodbye => {
                f.write_str("no post_logout_redirect_uri: people stay here after signing out")
            }
            Self::NoHome => f.write_str("no start page: the portal cannot lead there"),
            Self::NoContacts => f.write_str("no contacts: nobody is known to answer for it"),
            Self::ClaimsInIdToken => f.write_str("personal data is in the ID token, which travels further than UserInfo"),
            Self::SubIsAddress => f.write_str("it knows people by their address, which may change"),
            Self::SelfRegistered => f.write_str("it registered itself; nobody of the city has looked at it"),
            Self::UnknownAcr(acr) => {
                write!(f, "default_acr_values has {acr}, which is none of acr_values_supported")
            }
            Self::RefreshInBrowser => f.write_str("a single page may ask for refresh tokens"),
            Self::Unbound => f.write_str(
                "it shows a certificate, and its tokens are not bound to it: tls_client_certificate_bound_access_tokens",
            ),
            Self::CertificateEnds(days) if *days < 0 => {
                f.write_str("the certificate that it registered has ended: it cannot prove itself")
            }
            Self::CertificateEnds(days) => {
                write!(f, "the certificate that it registered ends in {days} days: register the next one beside it")
            }
        }
    }
}

/// Everything that could be better, the weightiest first.
pub fn lint(client: &Client, now: Timestamp) -> Vec<Finding> {
    let mut found = addresses(client);
    let metadata = &client.metadata;
    let mut note = |is_so: bool, finding: Finding| {
        if is_so {
            found.push(finding);
        }
    };
    let has_browser = metadata.needs_redirect_uri();
    note(client.legacy, Finding::NoPkce);
    for kind in metadata.response_types() {
        note(kind != "code", Finding::FrontChannel(kind.to_owned()));
    }
    let age = now.since(client.secret_made_at());
    note(client.secret_digest.is_some() && age > OLD_SECRET, Finding::OldSecret(age.whole_days()));
    note(metadata.previous_secret.as_ref().is_some_and(|old| old.is_good(now)), Finding::TwoSecrets);
    let is_web = client.kind == ClientKind::Web;
    note(has_browser && is_web && client.backchannel_logout_uri.is_none(), Finding::NotTold);
    note(has_browser && client.post_logout_redirect_uris.is_empty() && is_web, Finding::NoGoodbye);
    note(has_browser && client.home.is_none(), Finding::NoHome);
    note(metadata.contacts.is_empty(), Finding::NoContacts);
    note(client.id_token_claims, Finding::ClaimsInIdToken);
    note(metadata.sub_is_address, Finding::SubIsAddress);
    note(metadata.self_registered, Finding::SelfRegistered);
    for acr in metadata.default_acr_values.iter().filter(|acr| Class::from_urn(acr).is_none()) {
        note(true, Finding::UnknownAcr(acr.clone()));
    }
    let may_refresh = client.scopes.has(super::scope::Scope::OfflineAccess);
    note(client.kind == ClientKind::Spa && may_refresh, Finding::RefreshInBrowser);
    let shows_certificate = metadata.token_endpoint_auth_method.is_some_and(AuthMethod::is_by_certificate);
    note(shows_certificate && !client.must_bind(), Finding::Unbound);
    found.sort_by_key(|finding| std::cmp::Reverse(finding.weight()));
    found
}

/// What could be better in the certificates that an application registered itself, when they end at these moments: the
/// last one counts, because the next one is registered beside the present one.
pub fn certificates(client: &Client, ends: &[Timestamp], now: Timestamp) -> Option<Finding> {
    let method = client.metadata.token_endpoint_auth_method;
    let last = ends.iter().max().filter(|_| method == Some(AuthMethod::SelfSignedTlsClientAuth))?;
    let left = last.since(now);
    (left < ENDS_SOON).then_some(Finding::CertificateEnds(left.whole_seconds().div_euclid(86_400)))
}

fn addresses(client: &Client) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut hosts = BTreeSet::new();
    for uri in &client.redirect_uris {
        let text = uri.as_str();
        let parsed = Url::parse(text).ok();
        // RFC 8252 §7.3: a native application listens on its own computer by plain http.
        if text.starts_with("http://") && client.kind != ClientKind::Native {
            found.push(Finding::PlainHttp(text.to_owned()));
        }
        if text.contains('*') || text.to_ascii_lowercase().contains("%2a") {
            found.push(Finding::Wildcard(text.to_owned()));
        }
        let is_bare =
            |url: &Url| url.path() == "/" && url.query().is_none() && url.scheme().starts_with("http");
        if parsed.as_ref().is_some_and(is_bare) && client.kind != ClientKind::Native {
            found.push(Finding::WholeHost(text.to_owned()));
        }
        hosts.extend(parsed.and_then(|url| url.host_str().map(str::to_owned)));
    }
    if hosts.len() > 1 {
        found.push(Finding::ManyHosts(hosts.len()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ClientRowId;
    use crate::domain::oauth::client::ClientId;
    use crate::domain::oauth::metadata::{Metadata, PreviousSecret};
    use crate::domain::oauth::redirect::RedirectUri;
    use crate::domain::oauth::scope::Scopes;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn good() -> Client {
        let uri = |text: &str| RedirectUri::stored(text.to_owned());
        Client {
            id: ClientRowId::from_bytes([0; 16]),
            client_id: ClientId::stored("app".to_owned()),
            name: "App".to_owned(),
            kind: ClientKind::Web,
            secret_digest: Some("x".to_owned()),
            redirect_uris: vec![uri("https://app.example/cb")],
            post_logout_redirect_uris: vec![uri("https://app.example/")],
            home: Some("https://app.example/".to_owned()),
            scopes: Scopes::all(),
            legacy: false,
            id_token_claims: false,
            backchannel_logout_uri: Some("https://app.example/logout".to_owned()),
            metadata: Metadata { contacts: vec!["an@danang.example".to_owned()], ..Metadata::default() },
            created_at: NOW.minus(Duration::days(365)),
            disabled_at: None,
            version: 0,
        }
    }

    fn codes(change: impl FnOnce(&mut Client)) -> Vec<&'static str> {
        let mut client = good();
        change(&mut client);
        lint(&client, NOW).iter().map(Finding::code).collect()
    }

    #[test]
    fn a_good_registration_has_no_findings() {
        assert_eq!(codes(|_| {}), Vec::<&str>::new());
        let service = codes(|client| {
            client.metadata.grant_types = vec!["client_credentials".to_owned()];
            client.redirect_uris.clear();
            client.post_logout_redirect_uris.clear();
            (client.home, client.backchannel_logout_uri) = (None, None);
        });
        assert_eq!(service, Vec::<&str>::new(), "a service has no browser");
    }

    #[test]
    fn each_address_is_looked_at() {
        let with = |uri: &str| codes(|client| client.redirect_uris.push(RedirectUri::stored(uri.to_owned())));
        assert_eq!(with("http://localhost/cb"), ["plain_http", "many_hosts"]);
        assert_eq!(with("https://app.example/*"), ["wildcard"]);
        assert_eq!(with("https://app.example/"), ["whole_host"]);
        assert_eq!(with("https://app.example/other"), Vec::<&str>::new());
    }

    #[test]
    fn what_is_too_old_or_too_open_is_told() {
        assert_eq!(codes(|client| client.legacy = true), ["no_pkce"]);
        assert_eq!(codes(|client| client.backchannel_logout_uri = None), ["not_told"]);
        assert_eq!(codes(|client| client.created_at = NOW.minus(Duration::days(367))), ["old_secret"]);
        let renewed = |client: &mut Client| {
            client.created_at = NOW.minus(Duration::days(900));
            client.metadata.secret_made_at = Some(NOW.minus(Duration::days(2)).micros());
            client.metadata.previous_secret =
                Some(PreviousSecret { digest: "y".to_owned(), sealed: None, ends_at: NOW.micros() + 1 });
        };
        assert_eq!(codes(renewed), ["two_secrets"]);
        let hybrid = codes(|client| client.metadata.response_types = vec!["code id_token".to_owned()]);
        assert_eq!(hybrid, ["front_channel"]);
        let acr = |urn: &str| codes(|client| client.metadata.default_acr_values = vec![urn.to_owned()]);
        assert_eq!((acr("gold"), acr(Class::Passkey.urn())), (vec!["unknown_acr"], vec![]));
        assert_eq!(codes(|client| client.metadata.self_registered = true), ["self_registered"]);
    }

    #[test]
    fn a_certificate_that_ends_within_thirty_days_is_told_and_so_are_tokens_that_are_not_bound() {
        let method = Some(AuthMethod::SelfSignedTlsClientAuth);
        assert_eq!(codes(|client| client.metadata.token_endpoint_auth_method = method), ["unbound_tokens"]);
        let bound = |client: &mut Client| {
            client.metadata.token_endpoint_auth_method = method;
            client.metadata.tls_client_certificate_bound_access_tokens = true;
        };
        assert_eq!(codes(bound), Vec::<&str>::new());
        let mut client = good();
        bound(&mut client);
        let told = |client: &Client, days: &[i64]| {
            let ends: Vec<_> = days.iter().map(|days| NOW.plus(Duration::days(*days))).collect();
            certificates(client, &ends, NOW)
        };
        assert_eq!(told(&client, &[30]), None);
        assert_eq!(told(&client, &[29]), Some(Finding::CertificateEnds(29)));
        assert_eq!(told(&client, &[-1]), Some(Finding::CertificateEnds(-1)));
        assert_eq!(told(&client, &[-1, 300]), None, "the next one is there");
        assert_eq!(told(&client, &[]), None, "it is published elsewhere");
        client.metadata.token_endpoint_auth_method = Some(AuthMethod::PrivateKeyJwt);
        assert_eq!(told(&client, &[1]), None, "its certificate proves nothing here");
    }
}
