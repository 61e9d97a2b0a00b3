//! What an application and the browser compare to see whether the session is still the same (OIDC Session Management
//! 1.0 §3, §4).

use crate::app::App;
use crate::crypto::token;
use crate::domain::id::SessionId;
use crate::domain::oauth::redirect::origin;
use std::fmt::Write;

/// What the browser keeps of its session for scripts: tells nothing of it and opens nothing.
pub fn browser_state(app: &App, session: SessionId) -> String {
    token::digest(&app.keyring.keyed_digest("session state", &session.to_string()))
}

/// `session_state` (§2, §4.2): by application, origin, browser and chance. `None` for an application without an origin.
pub fn session_state(app: &App, client_id: &str, redirect_uri: &str, session: SessionId) -> Option<String> {
    let origin = origin(redirect_uri);
    if !origin.starts_with("http") {
        return None;
    }
    let salt = token::new(app.system.entropy()).expose().clone();
    let hash = token::sha256(&format!("{client_id} {origin} {} {salt}", browser_state(app, session)));
    let mut hex = String::with_capacity(64);
    for byte in hash {
        let _ = write!(hex, "{byte:02x}");
    }
    Some(format!("{hex}.{salt}"))
}
