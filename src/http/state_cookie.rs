//! The cookie that tells scripts of our own frame whether the sessions are still the same (OIDC Session Management 1.0
//! §3.2). It opens nothing; it must come into a frame of another site, so it is SameSite=None where that is possible.

use crate::app::App;
use crate::domain::id::SessionId;
use crate::services::session_state::browser_state;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// Its name; `static/session.js` reads it.
const NAME: &str = "dsso-state";

/// Sets it to the state of the browser's sessions, or takes it away where there is none.
pub fn set(app: &App, response: &mut Response, sessions: &[SessionId]) {
    let state = if sessions.is_empty() { String::new() } else { browser_state(app, sessions) };
    set_to(app, response, &state);
}

/// Sets it to a state, or takes it away.
pub fn set_to(app: &App, response: &mut Response, state: &str) {
    let place = if app.config.server.is_https() { "SameSite=None; Secure" } else { "SameSite=Lax" };
    let until = if state.is_empty() { " Max-Age=0;" } else { "" };
    if let Ok(cookie) = HeaderValue::from_str(&format!("{NAME}={state}; Path=/;{until} {place}")) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// What the browser keeps.
pub fn kept(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    cookies.split(';').find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))
}
