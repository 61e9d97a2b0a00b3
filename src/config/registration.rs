//! Who may register applications by the protocol.

use super::reader::Reader;
use time::Duration;

/// Who may register (RFC 7591 §1.1, §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationMode {
    /// Nobody.
    Off,
    /// Whoever has an initial access token.
    InitialToken,
    /// Anybody.
    Open,
}

/// Dynamic registration.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationConfig {
    /// Who may register.
    pub mode: RegistrationMode,
    /// Whether an application with a secret must use PKCE too.
    pub require_pkce: bool,
    /// Without an initial access token: so many from one network address in an hour.
    pub per_hour: i64,
    /// So many applications that registered themselves in all.
    pub most: i64,
    /// One that was not used for so long is removed.
    pub unused: Duration,
}

/// Reads the section.
pub(super) fn read(r: &mut Reader) -> RegistrationConfig {
    let mode = match r.one_of("registration.mode", &["off", "initial-token", "open"]).as_str() {
        "initial-token" => RegistrationMode::InitialToken,
        "open" => RegistrationMode::Open,
        _ => RegistrationMode::Off,
    };
    RegistrationConfig {
        mode,
        require_pkce: r.flag("registration.require_pkce"),
        per_hour: r.number("registration.per_hour", 1, 1_000_000),
        most: r.number("registration.most", 1, 10_000_000),
        unused: Duration::days(r.number("registration.unused_days", 1, 3650)),
    }
}
