//! The frame in which an application looks whether the session is still the same (OIDC Session Management 1.0 §3.2).
//! Its script answers; it shows nothing, has no form, and is the only page that another site may frame.

use crate::app::App;
use crate::http::layers::Framable;
use crate::http::{Failure, state_cookie};
use crate::services::session_state;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};

const PAGE: &str = "<!doctype html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n<title>Session</title>\n\
                    <script src=\"/static/session.js\"></script>\n</head>\n<body></body>\n</html>\n";

/// The page; the same for everybody.
pub(super) async fn show() -> Response {
    let mut response = ([(CACHE_CONTROL, "public, max-age=300")], Html(PAGE)).into_response();
    response.extensions_mut().insert(Framable);
    response
}

/// Its script asks whether what the browser keeps is still true: a session may have ended elsewhere, by a lock or from
/// another device. Only the state is looked at, never the cookie of the sign-in; nothing is said but a new state.
pub(super) async fn state(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let renewed = match state_cookie::kept(&headers) {
        Some(kept) => session_state::renewed(&app, kept).await?,
        None => None,
    };
    let mut response = (StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response();
    if let Some(state) = renewed {
        state_cookie::set_to(&app, &mut response, &state);
    }
    Ok(response)
}
