//! Requests that the house sends to addresses that an application named: its back-channel logout, its keys, its sector
//! list, its logo. One guard stands before all of them (RFC 9700 §4.11, OIDC Registration §9.2): https only, no redirect followed,
//! neither the address nor any DNS answer in a network that is not allowed, a bounded answer in a bounded time.

use crate::config::{Allowed, OutboundConfig};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use thiserror::Error;
use url::{Host, Url};

/// For how long an application may think.
const PATIENCE: Duration = Duration::from_secs(5);

/// For how long a name may be looked up.
const LOOK_UP: Duration = Duration::from_secs(2);

/// No document of an application is larger.
pub const MAX_DOCUMENT: usize = 64 * 1024;

/// Why a request was not answered.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// The address may not be asked.
    #[error("the address may not be asked: only https, and only networks that outbound.allow names")]
    Address,
    /// Nothing answered, or not in time.
    #[error("no answer")]
    NoAnswer(#[source] reqwest::Error),
    /// It answered with another status than 200; redirects are not followed.
    #[error("it answered {0}")]
    Status(u16),
    /// The answer is larger than it may be.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer is no text in UTF-8, or no JSON where JSON is wanted.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The client could not be made: the log of the start tells why.
    #[error("the HTTP client cannot be made")]
    NoClient,
}

/// Where an address leads, as far as it can be told without asking it anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// The house may ask it.
    Open,
    /// By its form it may not be asked: another scheme than https, a user name in it, a network that is not allowed.
    Refused,
    /// Its name leads to networks only that are not allowed.
    Closed,
    /// Nobody knows its name, or not in time.
    Unknown,
}

/// The house's HTTP client: made at its first use, because reading the system's certificates takes a while.
#[derive(Debug)]
pub struct Outbound {
    guard: Arc<Guard>,
    extra_ca: Option<std::path::PathBuf>,
    client: OnceLock<Option<reqwest::Client>>,
}

impl Outbound {
    /// A client for a configuration.
    pub fn new(config: &OutboundConfig) -> Self {
        let guard = Arc::new(Guard { allow: config.allow.clone() });
        Self { guard, extra_ca: config.extra_ca.clone(), client: OnceLock::new() }
    }

    /// A client that follows nothing and waits five seconds.
    fn client(&self) -> Option<&reqwest::Client> {
        let made = self.client.get_or_init(|| {
            let made = self.make();
            made.inspect_err(|error| tracing::error!("the HTTP client cannot be made: {error}")).ok()
        });
        made.as_ref()
    }

    fn make(&self) -> Result<reqwest::Client, Box<dyn std::error::Error>> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .no_proxy()
            .dns_resolver(Arc::clone(&self.guard))
            .user_agent("danang-sso");
        if let Some(file) = &self.extra_ca {
            let pem = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(&pem)?);
        }
        Ok(builder.build()?)
    }

    /// Posts a form; tells the status of the answer. Its body is not read.
    pub async fn post_form(&self, address: &Url, fields: &[(&str, &str)]) -> Result<u16, OutboundError> {
        if !self.guard.permits(address) {
            return Err(OutboundError::Address);
        }
        let client = self.client().ok_or(OutboundError::NoClient)?;
        let answer = client.post(address.clone()).form(fields).send().await;
        answer.map(|answer| answer.status().as_u16()).map_err(OutboundError::NoAnswer)
    }

    /// Where an address leads; nothing is sent there.
    pub async fn way(&self, address: &Url) -> Way {
        if !self.guard.permits(address) {
            return Way::Refused;
        }
        let Some(Host::Domain(name)) = address.host() else { return Way::Open };
        let found = look_up(name).await;
        if found.is_empty() {
            Way::Unknown
        } else if self.guard.allowed(name, found).is_empty() {
            Way::Closed
        } else {
            Way::Open
        }
    }

    /// Whether the name in an address is known here, whether or not the house may ask it; `None` without a name.
    pub async fn is_known(&self, address: &Url) -> Option<bool> {
        match address.host() {
            Some(Host::Domain(name)) => Some(!look_up(name).await.is_empty()),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => None,
        }
    }

    /// Fetches a text of at most `max` bytes. The fragment of the address stays here.
    pub async fn get_text(&self, address: &Url, max: usize, accept: &str) -> Result<String, OutboundError> {
        let (_, bytes) = self.get_bytes(address, max, accept).await?;
        String::from_utf8(bytes).map_err(|_| OutboundError::Unreadable)
    }

    /// Fetches at most `max` bytes of whatever it is, with the content type that was told.
    pub async fn get_bytes(
        &self,
        address: &Url,
        max: usize,
        accept: &str,
    ) -> Result<(String, Vec<u8>), OutboundError> {
        if !self.guard.permits(address) {
            return Err(OutboundError::Address);
        }
        let client = self.client().ok_or(OutboundError::NoClient)?;
        let request = client.get(address.clone()).header(reqwest::header::ACCEPT, accept);
        let mut answer = request.send().await.map_err(OutboundError::NoAnswer)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(OutboundError::Status(answer.status().as_u16()));
        }
        let told = answer.headers().get(reqwest::header::CONTENT_TYPE);
        let told = told.and_then(|told| told.to_str().ok()).unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(OutboundError::NoAnswer)? {
            if bytes.len() + chunk.len() > max {
                return Err(OutboundError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((told, bytes))
    }

    /// Fetches a JSON document of at most `max` bytes.
    pub async fn get_json(
        &self,
        address: &Url,
        max: usize,
        accept: &str,
    ) -> Result<serde_json::Value, OutboundError> {
        let text = self.get_text(address, max, accept).await?;
        serde_json::from_str(&text).map_err(|_| OutboundError::Unreadable)
    }
}

/// What may be asked.
#[derive(Debug)]
struct Guard {
    allow: Vec<Allowed>,
}

/// To whom an address belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Internet,
    Private,
    Loopback,
    /// Link-local, unspecified, multicast, reserved: no application has it.
    Nobodys,
}

impl Guard {
    /// Whether an address may be asked, as far as it can be told before its name is looked up.
    fn permits(&self, address: &Url) -> bool {
        if !address.username().is_empty() || address.password().is_some() {
            return false;
        }
        let (is_allowed, is_here) = match address.host() {
            Some(Host::Ipv4(ip)) => (self.permits_ip(ip.into()), ip.is_loopback()),
            Some(Host::Ipv6(ip)) => (self.permits_ip(ip.into()), ip.is_loopback()),
            // What a name leads to is looked at by the resolver.
            Some(Host::Domain(name)) => (true, name == "localhost"),
            None => (false, false),
        };
        let plain = address.scheme() == "http" && is_here && self.permits_loopback();
        is_allowed && (address.scheme() == "https" || plain)
    }

    fn permits_loopback(&self) -> bool {
        self.permits_ip(Ipv4Addr::LOCALHOST.into()) || self.names("localhost")
    }

    fn names(&self, host: &str) -> bool {
        self.allow.contains(&Allowed::Host(host.to_ascii_lowercase()))
    }

    /// Of what a name leads to, what may be asked.
    fn allowed(&self, name: &str, mut found: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let by_name = self.names(name);
        found.retain(|at| by_name || self.permits_ip(at.ip()));
        found
    }

    fn permits_ip(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.allow.iter().any(|allowed| allowed.holds(ip))
            || match reach(ip) {
                Reach::Internet => true,
                Reach::Private => self.allow.contains(&Allowed::Private),
                Reach::Loopback => self.allow.contains(&Allowed::Loopback),
                Reach::Nobodys => false,
            }
    }
}

fn reach(ip: IpAddr) -> Reach {
    match ip.to_canonical() {
        IpAddr::V4(ip) => reach_v4(ip),
        IpAddr::V6(ip) => reach_v6(ip),
    }
}

fn reach_v4(ip: Ipv4Addr) -> Reach {
    let [a, b, c, _] = ip.octets();
    match (a, b, c) {
        (127, ..) => Reach::Loopback,
        (10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Reach::Private,
        // This network, link-local, protocol assignments, documentation, benchmarks, multicast and reserved (RFC 6890).
        (0, ..) | (169, 254, _) | (192, 0, 0 | 2) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => {
            Reach::Nobodys
        }
        (224.., ..) => Reach::Nobodys,
        _ => Reach::Internet,
    }
}

fn reach_v6(ip: Ipv6Addr) -> Reach {
    let segments = ip.segments();
    let embedded =
        |high: u16, low: u16| reach_v4(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)));
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Loopback,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) lead to the IPv4 address within.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, documentation.
        [0x2001, 0 | 0x0db8, ..] => Reach::Nobodys,
        // Only global unicast is of the Internet (RFC 4291 §2.4).
        [0x2000..=0x3fff, ..] => Reach::Internet,
        _ => Reach::Nobodys,
    }
}

/// What a name leads to; nothing if nobody knows it, or not in time.
async fn look_up(name: &str) -> Vec<SocketAddr> {
    match tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((name, 0))).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

/// Resolves names and leaves out answers that are not allowed, so that a name cannot lead there either.
impl reqwest::dns::Resolve for Guard {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let guard = Self { allow: self.allow.clone() };
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed = guard.allowed(name.as_str(), found);
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

    fn guard(words: &[&str]) -> Guard {
        Guard { allow: words.iter().map(|word| Allowed::parse(word).expect("a word")).collect() }
    }

    fn may(words: &[&str], address: &str) -> bool {
        guard(words).permits(&Url::parse(address).expect("an address"))
    }

    #[test]
    fn the_internet_is_asked_by_https_only() {
        assert!(may(&[], "https://qlvb.danang.example/logout"));
        assert!(may(&[], "https://8.8.8.8/"));
        assert!(may(&[], "https://[2606:4700::1111]/"));
        for address in
            ["http://qlvb.danang.example/", "ftp://qlvb.danang.example/", "https://a:b@qlvb.danang.example/"]
        {
            assert!(!may(&["private", "loopback"], address), "{address}");
        }
    }

    #[test]
    fn private_networks_and_this_machine_are_asked_where_they_are_allowed() {
        for address in
            ["https://10.1.2.3/", "https://192.168.0.1/", "https://[fd00::1]/", "https://100.64.0.1/"]
        {
            assert!(may(&["private"], address) && !may(&["loopback"], address), "{address}");
        }
        for address in
            ["https://127.0.0.1/", "http://127.0.0.1:8081/logout", "https://[::1]/", "http://localhost/"]
        {
            assert!(may(&["loopback"], address), "{address}");
        }
        assert!(!may(&["private"], "http://127.0.0.1/") && !may(&["private"], "http://localhost/"));
        assert!(
            may(&["10.20.0.0/16"], "https://10.20.0.9/") && !may(&["10.20.0.0/16"], "https://10.21.0.9/")
        );
    }

    #[test]
    fn what_no_application_has_is_never_asked_in_whatever_disguise() {
        for address in [
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:169.254.169.254]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[2002:a9fe:a9fe::1]/",
            "https://2852039166/",
            "https://0xa9.0xfe.0xa9.0xfe/",
            "https://0.0.0.0/",
            "https://[::]/",
            "https://[fe80::1]/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
        ] {
            assert!(!may(&["private", "loopback"], address), "{address}");
        }
        assert!(!may(&["private"], "https://[::ffff:127.0.0.1]/"));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_asked_only_if_it_is_named() {
        use reqwest::dns::Resolve;
        let look_up = async |words: &[&str]| {
            let name = "localhost".parse().expect("a name");
            guard(words).resolve(name).await.is_ok()
        };
        assert!(!look_up(&["private"]).await);
        assert!(look_up(&["loopback"]).await);
        assert!(look_up(&["localhost"]).await, "by its name");
    }

    #[tokio::test]
    async fn where_an_address_leads_is_told_without_asking_it() {
        let outbound =
            |words: &[&str]| Outbound::new(&OutboundConfig { allow: guard(words).allow, extra_ca: None });
        let way = async |words: &[&str], address: &str| {
            outbound(words).way(&Url::parse(address).expect("an address")).await
        };
        assert_eq!(way(&[], "https://169.254.169.254/").await, Way::Refused);
        assert_eq!(way(&[], "http://8.8.8.8/").await, Way::Refused);
        assert_eq!(way(&[], "https://8.8.8.8/").await, Way::Open);
        assert_eq!(way(&[], "https://localhost/").await, Way::Closed);
        assert_eq!(way(&["loopback"], "https://localhost/").await, Way::Open);
        assert_eq!(way(&["private"], "https://nobody.invalid/").await, Way::Unknown);
        let known = async |address: &str| outbound(&[]).is_known(&Url::parse(address).expect("one")).await;
        assert_eq!(known("http://localhost/").await, Some(true), "whether or not it may be asked");
        assert_eq!(known("http://127.0.0.1/").await, None);
    }

    proptest::proptest! {
        #[test]
        fn any_address_is_judged_and_never_a_panic(text in "https?://[\\[\\]0-9a-fx.:]{1,40}/") {
            if let Ok(address) = Url::parse(&text) {
                let _ = guard(&["private"]).permits(&address);
            }
        }
    }
}
