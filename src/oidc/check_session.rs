//! The frame in which an application looks whether the session is still the same (OIDC Session Management 1.0 §3.2).
//! Its script answers; it shows nothing, has no form, and is the only page that another site may frame.

use crate::http::layers::Framable;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Response};

const PAGE: &str = "<!doctype html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n<title>Session</title>\n\
                    <script src=\"/static/session.js\"></script>\n</head>\n<body></body>\n</html>\n";

/// The page; the same for everybody.
pub(super) async fn show() -> Response {
    let mut response = ([(CACHE_CONTROL, "public, max-age=300")], Html(PAGE)).into_response();
    response.extensions_mut().insert(Framable);
    response
}
