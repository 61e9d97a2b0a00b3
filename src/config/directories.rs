//! The settings of the two directories.

use super::reader::Reader;
use crate::domain::secret::Secret;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// How a directory is reached.
#[derive(Debug, Clone)]
pub struct Connection {
    /// `ldaps://host[:port]`, or `ldap://host[:port]` with [`Connection::starttls`]; several are tried in order.
    pub urls: Vec<String>,
    /// Whether an `ldap://` connection must switch to TLS before anything else (RFC 4511 §4.14).
    pub starttls: bool,
    /// A PEM file with the city's own CA, used in place of the system's CAs.
    pub ca_file: Option<PathBuf>,
    /// For connecting.
    pub connect_timeout: Duration,
    /// For each operation, and for each page of a search.
    pub operation_timeout: Duration,
    /// Entries per page of a search.
    pub page_size: i32,
    /// How old a connection that is kept for look-ups may become.
    pub max_age: Duration,
    /// From which duration of a look-up on the directory counts as slow.
    pub slow_after: Duration,
}

/// Active Directory.
#[derive(Debug, Clone)]
pub struct AdConfig {
    /// How it is reached.
    pub connection: Connection,
    /// Where the staff are, e.g. `OU=Staff,DC=ad,DC=danang,DC=example`; the OUs right below it are agencies.
    pub staff_base: String,
    /// The service account's distinguished name.
    pub bind_dn: String,
    /// Its password.
    pub bind_password: Secret<String>,
}

/// OBM's OpenLDAP.
#[derive(Debug, Clone)]
pub struct ObmConfig {
    /// How it is reached.
    pub connection: Connection,
    /// Where the mail domain is, e.g. `dc=danang.example,dc=local`.
    pub base: String,
    /// The OBM domain, e.g. `danang.example`: the value of `obmDomain`.
    pub domain: String,
    /// The account that reads.
    pub sync_dn: String,
    /// Its password.
    pub sync_password: Secret<String>,
    /// The account that writes passwords.
    pub writer_dn: String,
    /// Its password.
    pub writer_password: Secret<String>,
    /// OBM's PostgreSQL with its password, if locks reach it.
    pub sql: Option<Secret<String>>,
    /// Whether the external id there is the staff number of whom the directory gives none.
    pub staff_number_from_sql: bool,
    /// Where new passwords go.
    pub passwords: ObmPasswords,
}

/// Where new passwords go in OBM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObmPasswords {
    /// Into its LDAP.
    Ldap,
    /// Into its LDAP, and as a crypt(3) text into its SQL.
    LdapAndSql,
    /// Nowhere: people change them there, as the pages say.
    Elsewhere(String),
}

fn connection(r: &mut Reader, section: &str) -> Option<Connection> {
    let urls = r.texts(&format!("{section}.urls"));
    let starttls = r.flag(&format!("{section}.starttls"));
    let ca_file = Some(r.text(&format!("{section}.ca_file"))).filter(|f| !f.is_empty()).map(PathBuf::from);
    let seconds = |r: &mut Reader, name: &str| {
        Duration::from_secs(r.number(&format!("{section}.{name}"), 1, 300).unsigned_abs())
    };
    let connect_timeout = seconds(r, "connect_timeout_seconds");
    let operation_timeout = seconds(r, "operation_timeout_seconds");
    let slow_after = seconds(r, "slow_after_seconds");
    let minutes = r.number(&format!("{section}.connection_minutes"), 1, 24 * 60).unsigned_abs();
    let page_size = i32::try_from(r.number(&format!("{section}.page_size"), 1, 10_000)).unwrap_or(500);
    for url in &urls {
        match Url::parse(url) {
            Ok(parsed) if parsed.host_str().is_none() => {
                r.mistake(&format!("{section}.urls: {url} names no host"));
            }
            Ok(parsed) if parsed.scheme() == "ldaps" => {}
            Ok(parsed) if parsed.scheme() == "ldap" && starttls => {}
            Ok(parsed) if parsed.scheme() == "ldap" => r.mistake(&format!(
                "{section}.urls: {url} has no TLS; use ldaps:// or set {section}.starttls = true"
            )),
            _ => r.mistake(&format!("{section}.urls: {url} is not an ldap:// or ldaps:// address")),
        }
    }
    if let Some(file) = ca_file.as_ref().filter(|file| !urls.is_empty() && !file.is_file()) {
        r.mistake(&format!("{section}.ca_file: {} is not a file", file.display()));
    }
    (!urls.is_empty()).then_some(Connection {
        urls,
        starttls,
        ca_file,
        connect_timeout,
        operation_timeout,
        page_size,
        max_age: Duration::from_secs(60 * minutes),
        slow_after,
    })
}

/// Reads Active Directory's section; `None` if it names no server.
pub(super) fn ad(r: &mut Reader) -> Option<AdConfig> {
    let connection = connection(r, "ad");
    let staff_base = r.text("ad.staff_base");
    let bind_dn = r.text("ad.bind_dn");
    let bind_password = r.secret("ad.bind_password_file", connection.is_some());
    Some(AdConfig { connection: connection?, staff_base, bind_dn, bind_password: bind_password? })
}

/// Reads OBM's section; `None` if it names no server.
pub(super) fn obm(r: &mut Reader) -> Option<ObmConfig> {
    let connection = connection(r, "obm");
    let base = r.text("obm.base");
    let domain = r.text("obm.domain");
    let sync_dn = r.text("obm.sync_dn");
    let sync_password = r.secret("obm.sync_password_file", connection.is_some());
    let writer_dn = r.text("obm.writer_dn");
    let writer_password = r.secret("obm.writer_password_file", connection.is_some());
    let sql = obm_sql(r);
    let (staff_number_from_sql, passwords) = beside_ldap(r);
    Some(ObmConfig {
        connection: connection?,
        base,
        domain,
        sync_dn,
        sync_password: sync_password?,
        writer_dn,
        writer_password: writer_password?,
        sql,
        staff_number_from_sql,
        passwords,
    })
}

/// OBM's database with its password. It is reached with a certificate that is checked, or on this machine.
fn obm_sql(r: &mut Reader) -> Option<Secret<String>> {
    const SAFE: [&str; 2] = ["verify-full", "verify-ca"];
    let (text, password) = (r.text("obm.sql_url"), r.secret("obm.sql_password_file", false));
    if text.is_empty() {
        return None;
    }
    let url = Url::parse(&text).ok().filter(|url| ["postgres", "postgresql"].contains(&url.scheme()));
    let Some(mut url) = url else {
        r.mistake("obm.sql_url: is not of the form postgres://USER@HOST/DB; OBM on MySQL is not supported");
        return None;
    };
    let is_here = matches!(url.host_str(), None | Some("localhost" | "127.0.0.1" | "[::1]"));
    if !is_here && !url.query_pairs().any(|(key, value)| key == "sslmode" && SAFE.contains(&&*value)) {
        r.mistake("obm.sql_url: passwords travel there; add ?sslmode=verify-full (or verify-ca)");
    }
    if let Some(password) = password
        && url.set_password(Some(password.expose())).is_err()
    {
        r.mistake("obm.sql_url: has no host to give the password to");
    }
    Some(Secret::new(url.to_string()))
}

/// Whether OBM's external id is the staff number; and where new passwords go.
fn beside_ldap(r: &mut Reader) -> (bool, ObmPasswords) {
    let written = r.one_of("obm.passwords", &["ldap", "ldap+sql", "read-only"]);
    let place = r.text("obm.password_page");
    if written == "ldap+sql" && r.text("obm.sql_url").is_empty() {
        r.mistake("obm.sql_url: obm.passwords = \"ldap+sql\" needs the address of OBM's SQL");
    }
    if written == "read-only" && place.is_empty() {
        r.mistake(
            "obm.password_page: with obm.passwords = \"read-only\" people must read where to change it",
        );
    }
    let passwords = match written.as_str() {
        "read-only" => ObmPasswords::Elsewhere(place),
        "ldap+sql" => ObmPasswords::LdapAndSql,
        _ => ObmPasswords::Ldap,
    };
    (r.flag("obm.staff_number_from_sql"), passwords)
}
