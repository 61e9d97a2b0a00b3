//! The language link: remembers the choice in a cookie and goes back to where the person was.

use super::console;
use crate::app::App;
use crate::domain::session::Door;
use crate::http::Failure;
use crate::http::visitor::LANGUAGE_COOKIE;
use crate::i18n::Lang;
use crate::urls;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};

/// Forms without a page of their own, and the page that they stand on: the link on what answered such a form leads there. The
/// query stays. Those of the console are in its table.
const FORMS: [(&str, &str); 19] = [
    (urls::SIGN_IN_PASSKEY, urls::SIGN_IN),
    (urls::SECOND_STEP_MAIL, urls::SECOND_STEP),
    (urls::SIGN_OUT, urls::HOME),
    (urls::SESSION_END, urls::SESSIONS),
    (urls::SESSIONS_END_OTHERS, urls::SESSIONS),
    (urls::NOT_ME, urls::SESSIONS),
    (urls::APPLICATION_END, urls::APPLICATIONS),
    (urls::CHOOSE_POST, urls::MY_ACCOUNT),
    (urls::ASK_AGAIN, urls::MY_ACCOUNT),
    (urls::MY_DATA_EXPORT, urls::MY_DATA),
    (urls::AUTHENTICATOR_REMOVE, urls::SECURITY),
    (urls::PASSKEY_REMOVE, urls::SECURITY),
    (urls::MAIL_FACTOR_REMOVE, urls::SECURITY),
    (urls::CERTIFICATE_BIND, urls::SECURITY),
    (urls::CERTIFICATE_REMOVE, urls::SECURITY),
    (urls::RECOVERY_CODES, urls::SECURITY),
    (urls::DEVICE_FORGET, urls::SECURITY),
    (urls::CANCEL, urls::HOME),
    (urls::END_SESSION_CONFIRM, urls::END_SESSION),
];

/// A year, in seconds: the choice is nothing secret.
const REMEMBER: u32 = 365 * 24 * 60 * 60;

/// Sets the language of this browser.
pub(super) async fn choose(
    State(app): State<App>,
    Extension(door): Extension<Door>,
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
    let back = page_of(urls::safe_back(query.text("back")), door);
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&back)).into_response())
}

/// Where an address is read that a form was sent to.
fn page_of(back: &str, door: Door) -> String {
    let path = back.split('?').next().unwrap_or_default();
    let page = match FORMS.into_iter().find(|(form, _)| *form == path) {
        Some((_, page)) => page,
        None if door == Door::Admin => console::page_of(path).unwrap_or(path),
        None => path,
    };
    format!("{page}{}", &back[path.len()..])
}
