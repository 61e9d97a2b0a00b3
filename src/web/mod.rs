//! The pages people see: sign-in and password, the portal, the administrators' console.
//!
//! One page, one file: a handler reads, calls one service, answers; its template stands beside it. What is not here:
//! rules (they are in `domain`), use cases (`services`), cookies, CSRF and failures (`http`), words (`i18n`).

mod admin;
mod chart;
pub mod console;
mod files;
mod health;
mod language;
mod login;
mod logo;
mod parts;
mod password;
mod portal;
mod second;
mod sheet;

use crate::app::App;
use crate::http::Failure;
use crate::http::form::Fields;
use crate::urls;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

/// The pages of the staff's door: sign-in, password, portal.
pub fn staff() -> Router<App> {
    shared()
        .route(urls::PASSWORD, get(password::change::show).post(password::change::send))
        .route(urls::PASSWORD_FINISH, get(password::finish::show).post(password::finish::send))
        .route(urls::CHANGE_PASSWORD, get(|| async { Redirect::to(urls::PASSWORD) }))
        .route(urls::HOME, get(portal::home::show))
        .route(urls::CHOOSE_ACCOUNT, get(login::choose::show).post(login::choose::send))
        .route(urls::FORGOTTEN, get(login::forgotten::show).post(login::forgotten::send))
        .route(urls::RECOVER, get(login::recover::show).post(login::recover::send))
        .route(urls::FIRST_DAY, get(second::offer::show))
        .route(urls::REMINDER, get(login::reminder::show))
        .route(urls::SESSIONS, get(portal::sessions::show))
        .route(urls::SESSION_END, post(portal::sessions::end))
        .route(urls::SESSIONS_END_OTHERS, post(portal::sessions::end_others))
        .route(urls::APPLICATIONS, get(portal::applications::show))
        .route(urls::APPLICATION_END, post(portal::applications::end))
        .route(urls::LETTERS, get(portal::letters::show))
        .route(urls::LOGO, get(logo::serve))
        .merge(portal_pages())
        .merge(security())
}

/// The pages of the portal beside the password.
fn portal_pages() -> Router<App> {
    Router::new()
        .route(urls::MY_ACCOUNT, get(portal::account::show))
        .route(urls::CHOOSE_POST, post(portal::account::choose_post))
        .route(urls::ASK_AGAIN, post(portal::account::ask_again))
        .route(urls::NOT_ME, post(portal::sessions::not_me))
        .route(urls::REPORT, get(portal::report::show).post(portal::report::send))
        .route(urls::RULES, get(portal::rules::show).post(portal::rules::acknowledge))
        .route(urls::MY_DATA, get(portal::data::show))
        .route(urls::MY_DATA_EXPORT, post(portal::data::export))
}

/// The pages of the second factors in the portal.
fn security() -> Router<App> {
    Router::new()
        .route(urls::SECURITY, get(portal::security::show))
        .route(urls::AUTHENTICATOR_REMOVE, post(portal::security::remove_authenticator))
        .route(urls::PASSKEY_REMOVE, post(portal::security::remove_passkey))
        .route(urls::MAIL_FACTOR, get(second::mail::show).post(second::mail::send))
        .route(urls::MAIL_FACTOR_REMOVE, post(second::mail::remove))
        .route(urls::SECOND_STEP_MAIL, post(second::step::send_mail))
        .route(urls::CERTIFICATE_BIND, post(second::certificate::bind))
        .route(urls::CERTIFICATE_REMOVE, post(second::certificate::remove))
        .route(urls::RECOVERY_CODES, post(second::recovery::renew))
        .route(urls::DEVICE_FORGET, post(portal::security::forget_device))
}

/// The pages of the administrators' door: the console. A new route goes into the table of [`console`].
pub fn admin() -> Router<App> {
    shared()
        .route(urls::BREAK_GLASS, get(login::break_glass::show).post(login::break_glass::send))
        .merge(console::router())
}

/// What both doors have.
fn shared() -> Router<App> {
    Router::new()
        .route(urls::SIGN_IN, get(login::sign_in::show).post(login::sign_in::send))
        .route(urls::SECOND_STEP, get(second::step::show).post(second::step::send))
        .route(urls::SIGN_IN_PASSKEY, post(login::passkey::send))
        .route(urls::PASSKEY_NEW, get(second::passkey::show).post(second::passkey::send))
        .route(urls::CONFIRM, get(second::confirm::show).post(second::confirm::send))
        .route(urls::KEPT, get(second::kept::show))
        .route(urls::AUTHENTICATOR, get(second::authenticator::show).post(second::authenticator::send))
        .route(urls::SIGN_OUT, post(login::sign_out::send))
        .route(urls::SIGNED_OUT, get(login::sign_out::show))
        .route(urls::LANGUAGE, get(language::choose))
        .route(urls::STATIC, get(files::serve).layer(CompressionLayer::new()))
}

/// The fields of a query; the same care as with a form.
fn query_of(raw: Option<String>) -> Result<Fields, Failure> {
    Fields::read(raw.unwrap_or_default().as_bytes()).map_err(|e| Failure::BadForm(e.to_string()))
}

/// A template as a page.
fn html(page: &impl Template) -> Result<Response, Failure> {
    html_with(StatusCode::OK, page)
}

/// A template as a page with another status than 200.
fn html_with(status: StatusCode, page: &impl Template) -> Result<Response, Failure> {
    let text = page.render().map_err(|e| Failure::Internal(format!("rendering a page: {e}")))?;
    Ok((status, Html(text)).into_response())
}
