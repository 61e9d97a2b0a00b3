//! Which addresses the house may ask when an application names them.

use super::reader::Reader;
use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

/// What may be asked beside the addresses of the Internet.
#[derive(Debug, Clone, Default)]
pub struct OutboundConfig {
    /// The exceptions.
    pub allow: Vec<Allowed>,
    /// A PEM file with CAs that are trusted beside the system's.
    pub extra_ca: Option<PathBuf>,
}

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// The private networks (RFC 1918, RFC 4193, RFC 6598).
    Private,
    /// This machine, also by plain http.
    Loopback,
    /// A range of addresses: its first one and how many leading bits count.
    Range(IpAddr, u8),
    /// A host, wherever its name leads.
    Host(String),
}

impl Allowed {
    /// Reads one word of `outbound.allow`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "private" => return Some(Self::Private),
            "loopback" => return Some(Self::Loopback),
            _ => {}
        }
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        if let Ok(ip) = address.parse::<IpAddr>() {
            let most = if ip.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse).ok()?;
            return (bits <= most).then_some(Self::Range(ip, bits));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let whole = bits.is_none() && !text.is_empty() && text.len() <= 253 && text.chars().all(is_name);
        whole.then(|| Self::Host(text.to_ascii_lowercase()))
    }

    /// Whether an address lies in a range.
    pub fn holds(&self, ip: IpAddr) -> bool {
        let Self::Range(first, bits) = self else { return false };
        if first.is_ipv4() != ip.is_ipv4() {
            return false;
        }
        let (wide, width) = (
            |ip: IpAddr| match ip {
                IpAddr::V4(ip) => u128::from(ip.to_bits()),
                IpAddr::V6(ip) => Ipv6Addr::to_bits(ip),
            },
            if ip.is_ipv4() { 32 } else { 128 },
        );
        let shift = u32::from(width - bits);
        wide(*first).checked_shr(shift).unwrap_or(0) == wide(ip).checked_shr(shift).unwrap_or(0)
    }
}

/// Reads the section.
pub(super) fn read(r: &mut Reader) -> OutboundConfig {
    let is_open = r.is_given("registration.mode") && r.text("registration.mode") == "open";
    let words = if is_open && !r.is_given("outbound.allow") { Vec::new() } else { r.texts("outbound.allow") };
    let mut allow = Vec::new();
    for word in words {
        match Allowed::parse(&word) {
            Some(allowed) => allow.push(allowed),
            None => r.mistake(&format!(
                "outbound.allow: {word:?} is neither private, loopback, a range (10.20.0.0/16) nor a host name"
            )),
        }
    }
    if r.is_given("server.public_url") && is_local(&r.text("server.public_url")) {
        allow.push(Allowed::Loopback);
    }
    let extra_ca = Some(r.text("outbound.extra_ca")).filter(|file| !file.is_empty()).map(PathBuf::from);
    if let Some(file) = extra_ca.as_ref().filter(|file| !file.is_file()) {
        r.mistake(&format!("outbound.extra_ca: {} is not a file", file.display()));
    }
    OutboundConfig { allow, extra_ca }
}

fn is_local(address: &str) -> bool {
    let url = url::Url::parse(address).ok();
    url.is_some_and(|url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_name_a_range_or_a_host() {
        let range = |ip: &str, bits| Some(Allowed::Range(ip.parse().expect("an address"), bits));
        assert_eq!(Allowed::parse("private"), Some(Allowed::Private));
        assert_eq!(Allowed::parse("10.20.0.0/16"), range("10.20.0.0", 16));
        assert_eq!(Allowed::parse("10.20.0.5"), range("10.20.0.5", 32));
        assert_eq!(Allowed::parse("fd00::/8"), range("fd00::", 8));
        assert_eq!(
            Allowed::parse("QLVB.danang.example"),
            Some(Allowed::Host("qlvb.danang.example".to_owned()))
        );
        for bad in ["", "10.0.0.0/33", "a b", "https://x", "x/8", "10.0.0.0/"] {
            assert_eq!(Allowed::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_range_holds_what_shares_its_leading_bits() {
        let holds = |range: &str, ip: &str| {
            Allowed::parse(range).expect("a range").holds(ip.parse().expect("an address"))
        };
        assert!(holds("10.20.0.0/16", "10.20.255.1") && !holds("10.20.0.0/16", "10.21.0.1"));
        assert!(holds("10.20.0.5", "10.20.0.5") && !holds("10.20.0.5", "10.20.0.6"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("::/0", "2001:db8::1"));
    }
}
