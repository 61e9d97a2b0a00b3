//! The language link: remembers the choice in a cookie and goes back to where the person was.

use crate::app::App;
use crate::http::Failure;
use crate::http::visitor::LANGUAGE_COOKIE;
use crate::i18n::Lang;
use crate::urls;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};

/// A year, in seconds: the choice is nothing secret.
const REMEMBER: u32 = 365 * 24 * 60 * 60;

/// Sets the language of this browser.
pub(super) async fn choose(
    State(app): State<App>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let lang = Lang::from_tag(&code).ok_or(Failure::NotFound)?;
    let query = super::query_of(query)?;
    let secure = if app.config.server.is_https() { "; Secure" } else { "" };
    let cookie = format!(
        "{LANGUAGE_COOKIE}={}; Path=/; Max-Age={REMEMBER}; SameSite=Lax; HttpOnly{secure}",
        lang.code()
    );
    Ok(([(SET_COOKIE, cookie)], Redirect::to(urls::safe_back(query.text("back")))).into_response())
}
