//! Redirect URIs: what may be registered, and which requested address is a registered one.

use super::client::ClientKind;
use thiserror::Error;
use url::Url;

/// Why an address cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadRedirectUri {
    /// It is no absolute address in visible ASCII.
    #[error("it is not an absolute address in plain ASCII")]
    NotAnAddress,
    /// It has a fragment (RFC 6749 §3.1.2).
    #[error("it has a fragment (#)")]
    Fragment,
    /// It has a user or a password in it.
    #[error("it has a user name or a password in it")]
    UserInfo,
    /// Plain http leads elsewhere than to this computer (RFC 9700 §4.1.3, RFC 8252 §8.3).
    #[error("http is for localhost only; use https")]
    PlainHttp,
    /// Its scheme is not allowed for this kind of application (RFC 8252 §7.1).
    #[error(
        "its scheme is not https; only native applications have schemes of their own, and those contain a period"
    )]
    Scheme,
}

/// A registered address: kept and compared as the bytes that were registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Reads an address for registration.
    pub fn register(text: &str, kind: ClientKind) -> Result<Self, BadRedirectUri> {
        if text.len() > 1000
            || !text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\'))
        {
            return Err(BadRedirectUri::NotAnAddress);
        }
        if text.contains('#') {
            return Err(BadRedirectUri::Fragment);
        }
        let url = Url::parse(text).map_err(|_| BadRedirectUri::NotAnAddress)?;
        // What stands in a policy of ours (CSP) must not end a directive there.
        if url.host_str().is_some_and(|host| host.contains([';', ',', '\''])) {
            return Err(BadRedirectUri::NotAnAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadRedirectUri::UserInfo);
        }
        match url.scheme() {
            "https" if text.starts_with("https://") => Ok(()),
            "http" if is_local(&url) && text.starts_with("http://") => Ok(()),
            "http" => Err(BadRedirectUri::PlainHttp),
            own if kind == ClientKind::Native && own.contains('.') && text.starts_with(own) => Ok(()),
            _ => Err(BadRedirectUri::Scheme),
        }?;
        Ok(Self(text.to_owned()))
    }

    /// An address as the database has it.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address as it was registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a requested address is this one: byte by byte (RFC 9700 §4.1.3), but for the port of a native
    /// application on this computer (RFC 8252 §7.3).
    pub fn is(&self, requested: &str, kind: ClientKind) -> bool {
        if self.0 == requested {
            return true;
        }
        kind == ClientKind::Native
            && match (without_loopback_port(&self.0), without_loopback_port(requested)) {
                (Some(registered), Some(requested)) => registered == requested,
                _ => false,
            }
    }
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// `http://127.0.0.1:4711/x` as `("http://127.0.0.1", "/x")`.
fn without_loopback_port(address: &str) -> Option<(&str, &str)> {
    ["http://127.0.0.1", "http://[::1]", "http://localhost"].into_iter().find_map(|host| {
        let rest = address.strip_prefix(host)?;
        let rest = match rest.strip_prefix(':') {
            None => rest,
            Some(port) => {
                let end = port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len());
                port[..end].parse::<u16>().ok()?;
                &port[end..]
            }
        };
        matches!(rest.as_bytes().first(), None | Some(b'/' | b'?')).then_some((host, rest))
    })
}

/// The origin of an address, for `form-action` of a content security policy: `https://host:port`, or the scheme of
/// a native application.
pub fn origin(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => url.origin().ascii_serialization(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClientKind::{Native, Web};

    #[test]
    fn only_safe_addresses_can_be_registered() {
        let web = |text| RedirectUri::register(text, Web).map(|_| ());
        assert_eq!(web("https://app.example/cb?x=1"), Ok(()));
        assert_eq!(web("http://localhost:3000/cb"), Ok(()));
        assert_eq!(web("http://127.0.0.1/cb"), Ok(()));
        assert_eq!(web("http://app.example/cb"), Err(BadRedirectUri::PlainHttp));
        assert_eq!(web("http://localhost.evil.example/cb"), Err(BadRedirectUri::PlainHttp));
        assert_eq!(web("https://app.example/cb#x"), Err(BadRedirectUri::Fragment));
        assert_eq!(web("https://user@app.example/cb"), Err(BadRedirectUri::UserInfo));
        assert_eq!(web("/cb"), Err(BadRedirectUri::NotAnAddress));
        assert_eq!(web("https://app.example/đ"), Err(BadRedirectUri::NotAnAddress));
        assert_eq!(web("javascript:alert(1)"), Err(BadRedirectUri::Scheme));
        assert_eq!(web("vn.gov.danang.app:/cb"), Err(BadRedirectUri::Scheme));
        assert!(RedirectUri::register("vn.gov.danang.app:/cb", Native).is_ok());
        assert!(RedirectUri::register("javascript:alert(1)", Native).is_err());
    }

    #[test]
    fn only_a_native_application_on_this_computer_may_vary_its_port() {
        let uri = RedirectUri::register("http://127.0.0.1/cb", Native).expect("good");
        assert!(uri.is("http://127.0.0.1:51004/cb", Native));
        assert!(!uri.is("http://127.0.0.1:51004/cb", Web));
        assert!(!uri.is("http://127.0.0.1:51004/cb2", Native));
        assert!(!uri.is("http://127.0.0.1:51004@evil.example/cb", Native));
        assert!(!uri.is("http://127.0.0.1.evil.example/cb", Native));
        assert!(!uri.is("http://localhost:51004/cb", Native));
        let remote = RedirectUri::register("https://app.example/cb", Native).expect("good");
        assert!(!remote.is("https://app.example:444/cb", Native));
    }
}
