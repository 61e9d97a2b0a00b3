//! Requests that the house sends to applications. A registered address is the only one that is asked: no redirect is
//! followed, nothing of the answer but its status is read, and addresses that no application of a city has (link-local,
//! unspecified, multicast) are not asked at all.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use thiserror::Error;
use url::{Host, Url};

/// For how long an application may think.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a request was not answered.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// The address may not be asked.
    #[error("the address may not be asked")]
    Address,
    /// Nothing answered, or not in time.
    #[error("no answer")]
    NoAnswer(#[source] reqwest::Error),
    /// The client could not be made: the log of the start tells why.
    #[error("the HTTP client cannot be made")]
    NoClient,
}

/// The house's HTTP client: made at its first use, because reading the system's certificates takes a while.
#[derive(Debug, Default)]
pub struct Outbound(OnceLock<Option<reqwest::Client>>);

impl Outbound {
    /// A client that follows nothing and waits five seconds.
    fn client(&self) -> Option<&reqwest::Client> {
        let made = self.0.get_or_init(|| {
            let client = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(PATIENCE)
                .no_proxy()
                .dns_resolver(Arc::new(Guarded))
                .user_agent("danang-sso")
                .build();
            client.inspect_err(|error| tracing::error!("the HTTP client cannot be made: {error}")).ok()
        });
        made.as_ref()
    }

    /// Posts a form; tells the status of the answer. Its body is not read.
    pub async fn post_form(&self, address: &Url, fields: &[(&str, &str)]) -> Result<u16, OutboundError> {
        if !may_be_asked(address) {
            return Err(OutboundError::Address);
        }
        let client = self.client().ok_or(OutboundError::NoClient)?;
        let answer = client.post(address.clone()).form(fields).send().await;
        answer.map(|answer| answer.status().as_u16()).map_err(OutboundError::NoAnswer)
    }
}

/// Whether an address may be asked: https, or http on this machine; never one that no application has.
fn may_be_asked(address: &Url) -> bool {
    let is_local = match address.host() {
        Some(Host::Ipv4(ip)) if !is_an_applications(IpAddr::V4(ip)) => return false,
        Some(Host::Ipv6(ip)) if !is_an_applications(IpAddr::V6(ip)) => return false,
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    address.scheme() == "https" || (address.scheme() == "http" && is_local)
}

fn is_an_applications(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            !(ip.is_unspecified() || ip.is_link_local() || ip.is_multicast() || ip.is_broadcast())
        }
        IpAddr::V6(ip) => !(ip.is_unspecified() || ip.is_multicast() || ip.is_unicast_link_local()),
    }
}

/// Resolves names and leaves out answers that no application has, so that a name cannot lead there either.
struct Guarded;

impl reqwest::dns::Resolve for Guarded {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|at| is_an_applications(at.ip())).collect();
            if allowed.is_empty() {
                return Err("the name leads to no address that may be asked".into());
            }
            Ok(Box::new(allowed.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_an_application_can_have_are_asked() {
        let may = |text: &str| may_be_asked(&Url::parse(text).expect("an address"));
        assert!(may("https://qlvb.danang.example/logout"));
        assert!(may("https://10.1.2.3/logout"), "a city's applications live on private networks");
        assert!(may("http://localhost:8081/logout"));
        assert!(may("http://127.0.0.1:8081/logout"));
        for address in [
            "http://qlvb.danang.example/logout",
            "https://169.254.169.254/latest/meta-data",
            "https://0.0.0.0/",
            "https://[::ffff:169.254.169.254]/",
            "https://[fe80::1]/",
            "https://224.0.0.1/",
            "ftp://qlvb.danang.example/",
        ] {
            assert!(!may(address), "{address}");
        }
    }
}
