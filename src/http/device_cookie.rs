//! The cookies of a remembered browser, one for each account: they stay when the browser is closed, and open nothing without
//! the password.

use crate::app::App;
use crate::domain::secret::Secret;
use crate::services::factors::trust::{Held, without_room};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// So many are read; a browser has half of it at most.
const MOST: usize = 16;

/// What its name begins with; older releases had no more.
const fn front(is_https: bool) -> &'static str {
    if is_https { "__Host-dsso-device" } else { "dsso-device" }
}

/// What they hold, where it can be ours; the first that was set comes first.
pub(super) fn read(headers: &HeaderMap, app: &App) -> Vec<Held> {
    let front = front(app.config.server.is_https());
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let held = all.flat_map(|cookies| cookies.split(';')).filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        let rest = key.strip_prefix(front)?;
        let mark = if rest.is_empty() { rest } else { rest.strip_prefix('-')? };
        let is_ours = mark.len() <= 16 && value.len() == 43;
        is_ours.then(|| Held { mark: mark.to_owned(), secret: Secret::new(value.to_owned()) })
    });
    held.take(MOST).collect()
}

/// Sets one, for as long as the browser is remembered, beside those that it has.
pub fn set(app: &App, response: &mut Response, held: &Held, others: &[Held]) {
    let seconds = app.config.second_factor.remember.whole_seconds();
    for forgotten in without_room(held, others) {
        write(app, response, (&forgotten.mark, ""), 0);
    }
    write(app, response, (&held.mark, held.secret.expose()), seconds);
}

fn write(app: &App, response: &mut Response, (mark, value): (&str, &str), seconds: i64) {
    let is_https = app.config.server.is_https();
    let (front, secure) = (front(is_https), if is_https { "; Secure" } else { "" });
    let cookie = format!("{front}-{mark}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
