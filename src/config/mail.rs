//! The settings of the mail relay.

use super::reader::Reader;
use crate::domain::address::MailAddress;
use crate::domain::name;
use crate::domain::secret::Secret;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How the way to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// Plain at first, then switched to TLS before anything else (RFC 3207); refused without.
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// None: only for a relay on this machine.
    None,
}

/// The relay that takes the letters.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Its host name.
    pub relay_host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is protected.
    pub tls: MailTls,
    /// Who signs in there, if the relay asks.
    pub credentials: Option<(String, Secret<String>)>,
    /// A PEM file with the city's own CA, used in place of the system's CAs.
    pub ca_file: Option<PathBuf>,
    /// The address that letters come from.
    pub from: MailAddress,
    /// The name that letters come from.
    pub from_name: String,
    /// Where an answer goes, if not to [`MailConfig::from`].
    pub reply_to: Option<MailAddress>,
    /// At most so many letters a minute.
    pub per_minute: i64,
    /// For connecting, and for each letter.
    pub timeout: Duration,
}

/// Reads the section; `None` if no relay is named.
pub(super) fn read(r: &mut Reader) -> Option<MailConfig> {
    let relay_host = r.text("mail.relay_host");
    let port = u16::try_from(r.number("mail.port", 1, 65_535)).unwrap_or(587);
    let tls = match r.one_of("mail.tls", &["starttls", "implicit", "none"]).as_str() {
        "implicit" => MailTls::Implicit,
        "none" => MailTls::None,
        _ => MailTls::StartTls,
    };
    let is_wanted = !relay_host.is_empty();
    let username = r.text("mail.username");
    let password = r.secret("mail.password_file", is_wanted && !username.is_empty());
    let ca_file = Some(r.text("mail.ca_file")).filter(|file| !file.is_empty()).map(PathBuf::from);
    let from = address(r, "mail.from_address", is_wanted);
    let from_name = name::tidy(&r.text("mail.from_name"));
    let reply_to = address(r, "mail.reply_to", false);
    let per_minute = r.number("mail.per_minute", 1, 100_000);
    let timeout = Duration::from_secs(r.number("mail.timeout_seconds", 1, 300).unsigned_abs());
    if !is_wanted {
        return None;
    }
    if tls == MailTls::None && !is_loopback(&relay_host) {
        r.mistake("mail.tls: \"none\" is only for a relay on this machine; use starttls or implicit");
    }
    if let Some(file) = ca_file.as_ref().filter(|file| !file.is_file()) {
        r.mistake(&format!("mail.ca_file: {} is not a file", file.display()));
    }
    let credentials = password.filter(|_| !username.is_empty()).map(|password| (username, password));
    let from = from?;
    Some(MailConfig {
        relay_host,
        port,
        tls,
        credentials,
        ca_file,
        from,
        from_name,
        reply_to,
        per_minute,
        timeout,
    })
}

fn address(r: &mut Reader, path: &str, needed: bool) -> Option<MailAddress> {
    let text = r.text(path);
    if text.is_empty() && !needed {
        return None;
    }
    match MailAddress::parse(&text) {
        Ok(address) => Some(address),
        Err(why) => {
            r.mistake(&format!("{path}: {text:?} is not a mail address: {why}"));
            None
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}
