//! The settings of the two directories.

use super::reader::Reader;
use crate::domain::secret::Secret;
use std::path::PathBuf;
use std::time::Duration;

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

/// Whether OBM's external id is the staff number; and where new passwords go.
pub(super) fn beside_ldap(r: &mut Reader) -> (bool, ObmPasswords) {
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
