//! What is done while a directory is down.

use super::reader::Reader;
use time::Duration;

/// While a directory is down.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// Whether the last known password opens a session.
    pub cached_sign_in: bool,
    /// How long after the directory last took it.
    pub cached_for: Duration,
}

pub(super) fn read(r: &mut Reader) -> Outage {
    Outage {
        cached_sign_in: r.flag("outage.cached_sign_in"),
        cached_for: Duration::hours(r.number("outage.cached_hours", 1, 72)),
    }
}
