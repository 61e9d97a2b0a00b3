//! The pages people see: sign-in and password, the portal, the administrators' console.
//!
//! One page, one file: a handler reads, calls one service, answers; its template stands beside it. What is not here:
//! rules (they are in `domain`), use cases (`services`), cookies, CSRF and failures (`http`), words (`i18n`).

mod admin;
mod files;
mod health;
mod language;
mod login;
mod parts;
mod password;
mod portal;
mod sheet;

use crate::app::App;
use crate::http::Failure;
use crate::http::form::Fields;
use crate::urls;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

/// The pages of the staff's door: sign-in, password, portal.
pub fn staff() -> Router<App> {
    shared()
        .route(urls::PASSWORD, get(password::change::show).post(password::change::send))
        .route(urls::PASSWORD_FINISH, get(password::finish::show).post(password::finish::send))
        .route(urls::HOME, get(portal::home::show))
        .route(urls::REMINDER, get(login::reminder::show))
        .route(urls::SESSIONS, get(portal::sessions::show))
        .route(urls::SESSION_END, post(portal::sessions::end))
        .route(urls::SESSIONS_END_OTHERS, post(portal::sessions::end_others))
        .route(urls::APPLICATIONS, get(portal::applications::show))
        .route(urls::APPLICATION_END, post(portal::applications::end))
        .route(urls::LETTERS, get(portal::letters::show))
        .merge(portal_pages())
}

/// The pages of the portal beside the password.
fn portal_pages() -> Router<App> {
    Router::new()
        .route(urls::MY_ACCOUNT, get(portal::account::show))
        .route(urls::ASK_AGAIN, post(portal::account::ask_again))
        .route(urls::NOT_ME, post(portal::sessions::not_me))
        .route(urls::REPORT, get(portal::report::show).post(portal::report::send))
        .route(urls::RULES, get(portal::rules::show).post(portal::rules::acknowledge))
        .route(urls::MY_DATA, get(portal::data::show))
        .route(urls::MY_DATA_EXPORT, post(portal::data::export))
}

/// The pages of the administrators' door: the console.
pub fn admin() -> Router<App> {
    shared()
        .route(urls::HOME, get(admin::overview::show))
        .route(urls::ACCOUNTS, get(admin::accounts::show))
        .route(urls::ACCOUNTS_CSV, get(admin::accounts_export::csv))
        .route(urls::ACCOUNTS_XLSX, get(admin::accounts_export::xlsx))
        .route(urls::ACCOUNT, get(admin::account::show))
        .route(urls::ACCOUNT_LOCK, post(admin::account::lock))
        .route(urls::ACCOUNT_UNLOCK, post(admin::account::unlock))
        .route(urls::ACCOUNT_LIFT_PAUSE, post(admin::pause::lift))
        .route(urls::ACCOUNT_TIMELINE, get(admin::timeline::show))
        .route(urls::BULK_UNLOCK, get(admin::bulk_unlock::show).post(admin::bulk_unlock::send))
        .route(urls::ACCOUNT_RESET, post(admin::reset::send))
        .route(urls::BULK_RESET, get(admin::bulk_reset::show).post(admin::bulk_reset::send))
        .route(urls::BULK_RESET_PREVIEW, post(admin::bulk_reset::preview))
        .route(urls::SYNC, get(admin::sync::show))
        .route(urls::SYNC_RUNS, post(admin::sync::start))
        .route(urls::SYNC_RUN, get(admin::sync_plan::show))
        .route(urls::SYNC_APPROVE, post(admin::sync_plan::approve))
        .route(urls::SYNC_REFUSE, post(admin::sync_plan::refuse))
        .merge(directories())
        .merge(regulation())
        .route(urls::LETTERS, get(admin::letters::show))
        .route(urls::LETTERS_TRIAL, post(admin::letters::trial))
        .route(urls::WATCH, get(admin::watch::show))
        .route(urls::WATCH_CSV, get(admin::watch::export))
        .merge(following_up())
}

/// The pages of what staff report.
fn following_up() -> Router<App> {
    Router::new()
        .route(urls::ACCOUNT_DELEGATES, get(admin::delegates::show).post(admin::delegates::send))
        .route(urls::INCIDENTS, get(admin::incidents::list))
        .route(urls::INCIDENT, get(admin::incidents::show))
        .route(urls::INCIDENT_ACT, post(admin::incidents::act))
}

/// The pages of the two directories beside each other.
fn directories() -> Router<App> {
    Router::new()
        .route(urls::AUTHORITY, get(admin::authority::show).post(admin::authority::change))
        .route(urls::AUTHORITY_PREVIEW, post(admin::authority::preview))
        .route(urls::RECONCILE, get(admin::reconcile::show))
        .route(urls::RECONCILE_CSV, get(admin::reconcile::export))
        .route(urls::SETTLE_PREVIEW, post(admin::settle::preview))
        .route(urls::SETTLE, post(admin::settle::settle))
        .route(urls::DECISIONS, get(admin::settle::show).post(admin::settle::undo))
        .route(urls::DECISIONS_PREVIEW, post(admin::settle::undo_preview))
        .route(urls::AGENCY_SOURCES, get(admin::agency_sources::show).post(admin::agency_sources::map))
        .route(urls::AGENCY_SOURCES_PREVIEW, post(admin::agency_sources::preview))
}

/// The pages of the regulation's clock.
fn regulation() -> Router<App> {
    Router::new()
        .route(urls::POLICY, get(admin::policy::show).post(admin::policy::change))
        .route(urls::POLICY_PREVIEW, post(admin::policy::preview))
        .route(urls::WAVES, get(admin::waves::show))
        .route(urls::WAVES_PLAN, post(admin::waves::plan))
        .route(urls::WAVES_START, post(admin::waves::start))
        .route(urls::BRAKE, get(admin::brake::show))
        .route(urls::BRAKE_APPROVE, post(admin::brake::approve))
        .route(urls::BRAKE_POSTPONE, post(admin::brake::postpone))
        .route(urls::FORECAST, get(admin::forecast::show))
        .route(urls::FORECAST_CSV, get(admin::forecast::export))
        .route(urls::CALENDAR, get(admin::calendar::show))
        .route(urls::CALENDAR_EXPORT, get(admin::calendar::export))
        .route(urls::CALENDAR_PREVIEW, post(admin::calendar_change::preview))
        .route(urls::CALENDAR_CHANGES, post(admin::calendar_change::apply))
}

/// What both doors have.
fn shared() -> Router<App> {
    Router::new()
        .route(urls::SIGN_IN, get(login::sign_in::show).post(login::sign_in::send))
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
