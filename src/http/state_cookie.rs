//! The cookie that tells scripts of our own frame whether the session is still the same (OIDC Session Management 1.0
//! §3.2). It opens nothing; it must come into a frame of another site, so it is SameSite=None where that is possible.

use crate::app::App;
use crate::domain::id::SessionId;
use crate::services::session_state::browser_state;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;

/// Its name; `static/session.js` reads it.
const NAME: &str = "dsso-state";

/// Sets it to the state of a session, or takes it away.
pub fn set(app: &App, response: &mut Response, session: Option<SessionId>) {
    let place = if app.config.server.is_https() { "SameSite=None; Secure" } else { "SameSite=Lax" };
    let cookie = match session {
        Some(session) => format!("{NAME}={}; Path=/; {place}", browser_state(app, session)),
        None => format!("{NAME}=; Path=/; Max-Age=0; {place}"),
    };
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
