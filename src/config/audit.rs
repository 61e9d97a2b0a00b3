//! How long the audit stays on line, and where it goes.

use super::reader::Reader;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What becomes of the audit.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    /// How many whole months stay in the database.
    pub online_months: i64,
    /// Where older lines are moved; without it everything stays in the database.
    pub archive: Option<PathBuf>,
    /// The syslog server of this machine that gets every line.
    pub syslog: Option<SocketAddr>,
}

pub(super) fn read(r: &mut Reader) -> Audit {
    let archive = Some(r.text("audit.archive")).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    if archive.as_ref().is_some_and(|folder| folder.is_relative()) {
        r.mistake("audit.archive: is a path that begins with /");
    }
    let syslog = if r.text("audit.syslog").is_empty() { None } else { r.socket("audit.syslog") };
    if syslog.is_some_and(|server| !server.ip().is_loopback()) {
        r.mistake("audit.syslog: is a server on this machine (127.0.0.1:PORT); from there TLS carries it on");
    }
    Audit { online_months: r.number("audit.online_months", 12, 120), archive, syslog }
}
