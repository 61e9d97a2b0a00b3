//! LDAP connections: with TLS or not at all, with a timeout on everything, thrown away after any trouble.
//!
//! What is here: [`Connector`] opens, [`Link`] asks, [`Readers`] keeps a few links for look-ups, [`Entry`] is what
//! comes back; a server that does not answer is left alone for a while (`breaker`). What is not: what an entry means,
//! which is the business of `ad` and `obm`.

mod breaker;
pub mod check;
mod entry;
mod link;
mod pace;
mod readers;
mod server;
mod tls;
mod watch;

pub use entry::Entry;
pub use link::{Change, Link, Query, References, complaint, contained};
pub use pace::Pace;
pub use readers::Readers;

use super::DirectoryError;
use crate::config::directories::Connection;
use crate::domain::health::{Health, ServerHealth};
use crate::domain::mailbox::MailSystem;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, StdStream};
use rustls::ClientConfig;
use server::Server;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout};
use url::Url;

/// Whom the house is to a directory.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The distinguished name of a service account.
    pub dn: String,
    /// Its password.
    pub password: Secret<String>,
}

/// Opens connections to one directory.
pub struct Connector {
    system: MailSystem,
    settings: Connection,
    tls: OnceCell<Arc<ClientConfig>>,
    servers: Vec<Arc<Server>>,
    /// The server that answered last: a dead first one is not tried, and waited for, at every sign-in.
    preferred: AtomicUsize,
}

impl Connector {
    /// For a directory reached in this way.
    pub fn new(system: MailSystem, settings: Connection) -> Self {
        let server = |url: &String| Arc::new(Server::new(url.clone(), settings.slow_after));
        let servers = settings.urls.iter().map(server).collect();
        Self { system, settings, tls: OnceCell::new(), servers, preferred: AtomicUsize::new(0) }
    }

    /// The servers, in their order.
    pub fn urls(&self) -> &[String] {
        &self.settings.urls
    }

    /// In whose name certificates are believed, in words.
    pub fn trust(&self) -> String {
        tls::trust_in_words(self.settings.ca_file.as_deref())
    }

    /// How old a connection may become.
    pub const fn max_age(&self) -> Duration {
        self.settings.max_age
    }

    /// How the servers answer lately; the directory is as the one that answered last. Asks nobody.
    pub fn health(&self, now: Timestamp) -> Health {
        let servers: Vec<_> = self.servers.iter().map(|server| told(server, now)).collect();
        let asked_first = servers.get(self.preferred.load(Ordering::Relaxed));
        match asked_first.cloned() {
            Some(first) => {
                Health { system: self.system, condition: first.condition, since: first.since, servers }
            }
            None => Health::normal(self.system),
        }
    }

    /// Opens an encrypted connection that nobody is signed in on.
    pub async fn open(&self) -> Result<Link, DirectoryError> {
        let servers = &self.servers;
        let first = self.preferred.load(Ordering::Relaxed);
        let mut trouble = None;
        for turn in 0..servers.len() {
            let index = first.wrapping_add(turn) % servers.len();
            match self.open_server(&servers[index]).await {
                Ok(link) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Ok(link);
                }
                Err(error) => trouble = Some(more_telling(trouble, error)),
            }
        }
        Err(trouble.unwrap_or_else(|| self.misconfigured("no server is named: set urls".to_owned())))
    }

    /// Opens an encrypted connection and signs in as a service account.
    pub async fn open_as(&self, who: &Identity) -> Result<Link, DirectoryError> {
        const DOING: &str = "signing in as the service account";
        let mut link = self.open().await?;
        let answer = link.greet(&who.dn, &who.password, DOING).await?;
        match answer.rc {
            0 => Ok(link),
            49 | 32 | 48 => {
                let what = format!(
                    "the service account {} was refused: check its name and its password ({})",
                    who.dn,
                    tidy_text(&answer.text)
                );
                link.refuses_the_house(&what);
                Err(self.misconfigured(what))
            }
            _ => Err(complaint(self.system, DOING, answer)),
        }
    }

    /// Opens a connection to a server, unless it is left alone for now: then that is said at once.
    async fn open_server(&self, server: &Arc<Server>) -> Result<Link, DirectoryError> {
        let mut attempt = server.attempt().map_err(|pause| {
            let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
            let url = server.url();
            self.unreachable(format!("{url} did not answer lately and is left alone for {seconds} s").into())
        })?;
        match self.open_url(server.url()).await {
            Ok(link) => Ok(link.reporting(attempt)),
            Err(error) => {
                tracing::warn!(url = server.url(), error = %in_full(&error), "connecting to a directory");
                match &error {
                    // whoever shows a wrong certificate is there, and is told of at every attempt
                    DirectoryError::Misconfigured { what, .. } => {
                        attempt.answered();
                        attempt.misconfigured(what);
                    }
                    _ => attempt.failed(),
                }
                Err(error)
            }
        }
    }

    /// Opens a connection to one server only, whatever is known of it.
    pub async fn open_url(&self, url: &str) -> Result<Link, DirectoryError> {
        let (parsed, starttls) = self.safe_url(url)?;
        let settings = LdapConnSettings::new().set_config(self.tls().await?).set_starttls(starttls);
        let opening = timeout(self.settings.connect_timeout, open_encrypted(&parsed, settings));
        let opened = opening.await.unwrap_or_else(|elapsed| Err(elapsed.into()));
        let (connection, ldap) = opened.map_err(|error| self.not_opened(url, error))?;
        // in a task of its own, so that whatever goes wrong in there ends this connection and nothing else
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "a connection to a directory broke");
            }
        });
        Ok(Link::new(ldap, self.system, &self.settings))
    }

    /// Refuses what would send a password in clear.
    fn safe_url(&self, url: &str) -> Result<(Url, bool), DirectoryError> {
        let parsed = Url::parse(url).map_err(|e| self.misconfigured(format!("{url} is not a URL: {e}")))?;
        let starttls = match (parsed.scheme(), self.settings.starttls) {
            ("ldaps", _) => false,
            ("ldap", true) => true,
            ("ldap", false) => {
                let what =
                    format!("{url} would send passwords in clear: use ldaps:// or set starttls = true");
                return Err(self.misconfigured(what));
            }
            _ => {
                return Err(
                    self.misconfigured(format!("{url} begins neither with ldaps:// nor with ldap://"))
                );
            }
        };
        if parsed.host_str().is_none_or(str::is_empty) {
            return Err(self.misconfigured(format!("{url} names no server")));
        }
        Ok((parsed, starttls))
    }

    /// The TLS configuration; it is made at the first use and made again only if that failed.
    async fn tls(&self) -> Result<Arc<ClientConfig>, DirectoryError> {
        let made = self.tls.get_or_try_init(|| async {
            let config =
                tls::trusting(self.settings.ca_file.as_deref()).map_err(|e| self.misconfigured(e))?;
            Ok::<_, DirectoryError>(Arc::new(config))
        });
        made.await.cloned()
    }

    fn not_opened(&self, url: &str, error: LdapError) -> DirectoryError {
        match error {
            LdapError::LdapResult { result } if result.rc == 51 || result.rc == 52 => {
                self.unreachable(Box::new(LdapError::LdapResult { result }))
            }
            LdapError::LdapResult { result } => self.misconfigured(format!(
                "{url} refuses StartTLS (code {}: {}): use ldaps:// or set up TLS there",
                result.rc,
                tidy_text(&result.text)
            )),
            LdapError::UrlParsing { .. } | LdapError::UnknownScheme(_) | LdapError::DNSName { .. } => {
                self.misconfigured(format!("{url} names no server: {error}"))
            }
            LdapError::Rustls { source } => self.misconfigured(tls::complaint(&source, url, &self.trust())),
            LdapError::Io { source } => {
                let of_tls = source.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
                match of_tls {
                    Some(error) => self.misconfigured(tls::complaint(error, url, &self.trust())),
                    None => self.unreachable(Box::new(source)),
                }
            }
            error => self.unreachable(Box::new(error)),
        }
    }

    /// A [`DirectoryError::Misconfigured`] of this directory.
    pub fn misconfigured(&self, what: String) -> DirectoryError {
        DirectoryError::Misconfigured { system: self.system, what }
    }

    fn unreachable(&self, source: Box<dyn std::error::Error + Send + Sync>) -> DirectoryError {
        DirectoryError::Unreachable { system: self.system, doing: "connecting", source }
    }
}

/// A server's health in the time of the house.
fn told(server: &Server, now: Timestamp) -> ServerHealth {
    let (condition, since) = server.condition();
    let ago = since.map(|since| Instant::now().duration_since(since));
    let since = ago.map(|ago| now.minus(time::Duration::try_from(ago).unwrap_or_default()));
    ServerHealth { url: server.url().to_owned(), condition, since }
}

/// Connects and encrypts. The TCP connection is made here for the sake of `TCP_NODELAY`: ldap3 leaves it off, and then
/// every bind on a fresh connection waits 40 ms for an acknowledgement that the other side delays.
async fn open_encrypted(url: &Url, settings: LdapConnSettings) -> Result<(LdapConnAsync, Ldap), LdapError> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port().unwrap_or(if url.scheme() == "ldaps" { 636 } else { 389 });
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    let settings = settings.set_std_stream(StdStream::Tcp(stream.into_std()?));
    contained(LdapConnAsync::from_url_with_settings(settings, url)).await
}

/// Of two failures, the one that an administrator can act on; else the first.
fn more_telling(before: Option<DirectoryError>, now: DirectoryError) -> DirectoryError {
    match (before, now) {
        (None | Some(DirectoryError::Unreachable { .. }), now @ DirectoryError::Misconfigured { .. })
        | (None, now) => now,
        (Some(before), _) => before,
    }
}

/// An error with the causes behind it, on one line.
pub fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// The words of a server on one line, without the NUL byte that Windows appends.
pub fn tidy_text(text: &str) -> String {
    crate::domain::name::tidy(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connector(url: &str, starttls: bool) -> Connector {
        let settings = Connection {
            urls: vec![url.to_owned()],
            starttls,
            ca_file: None,
            connect_timeout: Duration::from_secs(1),
            operation_timeout: Duration::from_secs(1),
            page_size: 10,
            max_age: Duration::from_mins(10),
            slow_after: Duration::from_secs(3),
        };
        Connector::new(MailSystem::Obm, settings)
    }

    fn refused(url: &str, starttls: bool) -> Option<String> {
        match connector(url, starttls).safe_url(url) {
            Err(DirectoryError::Misconfigured { what, .. }) => Some(what),
            _ => None,
        }
    }

    #[test]
    fn a_password_never_travels_in_clear() {
        let what = refused("ldap://ldap.danang.example", false).expect("refused");
        assert!(what.contains("ldaps://") && what.contains("starttls"), "{what}");
        assert_eq!(refused("ldap://ldap.danang.example", true), None);
        assert_eq!(refused("ldaps://ldap.danang.example", false), None);
    }

    #[test]
    fn what_is_not_an_ldap_server_is_refused_and_not_tried() {
        for url in
            ["", "ldap.danang.example", "https://ldap.danang.example", "ldapi:///x", "ldaps://", "ldaps:x"]
        {
            assert!(refused(url, true).is_some(), "{url}");
        }
    }

    #[test]
    fn an_administrator_hears_the_cause_that_can_be_mended() {
        let system = MailSystem::Ad;
        let broken = || DirectoryError::Unreachable { system, doing: "connecting", source: "refused".into() };
        let wrong = || DirectoryError::Misconfigured { system, what: "the certificate".to_owned() };
        for (before, now) in [(broken(), wrong()), (wrong(), broken())] {
            let told = more_telling(Some(before), now);
            assert!(matches!(told, DirectoryError::Misconfigured { .. }));
        }
        assert_eq!(in_full(&broken()), "Ad is unreachable while connecting: refused");
    }
}
