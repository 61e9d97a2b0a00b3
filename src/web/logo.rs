//! The logo of an application, as the house keeps it.

use super::query_of;
use crate::app::App;
use crate::http::Failure;
use crate::services::logos;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

/// An address with a version never shows anything else (RFC 8246).
const KEEP: &str = "public, max-age=31536000, immutable";

/// An SVG that somebody opens by itself runs nothing and asks for nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Answers with it.
pub(super) async fn serve(
    State(app): State<App>,
    Path(client_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let Some(logo) = logos::served(&app, &client_id).await? else { return Err(Failure::NotFound) };
    let keep = if query.text("v") == logo.version { KEEP } else { "no-cache" };
    let headers = [
        (CONTENT_TYPE, logo.media),
        (CACHE_CONTROL, keep),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    Ok((headers, logo.bytes).into_response())
}
