//! The cookie of a remembered browser: it stays when the browser is closed, and opens nothing without the password.

use crate::app::App;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

const fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-dsso-device" } else { "dsso-device" }
}

/// What it holds, if it can be one of ours.
pub(super) fn read(headers: &HeaderMap, app: &App) -> Option<String> {
    let name = name(app.config.server.is_https());
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let held = all.flat_map(|cookies| cookies.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })?;
    (held.len() == 43).then(|| held.to_owned())
}

/// Sets it, for as long as the browser is remembered.
pub fn set(app: &App, response: &mut Response, held: &str) {
    let is_https = app.config.server.is_https();
    let (name, secure) = (name(is_https), if is_https { "; Secure" } else { "" });
    let seconds = app.config.second_factor.remember.whole_seconds();
    let cookie = format!("{name}={held}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
