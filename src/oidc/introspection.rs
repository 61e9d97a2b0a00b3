//! Token introspection: RFC 7662 §2; as a signed JWT RFC 9701 §4, §5.

use super::{reply, token};
use crate::app::App;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::http::proof::Place;
use crate::services::introspection;
use crate::services::token::TokenRefused;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::Response;

const SIGNED: &str = "application/token-introspection+jwt";

/// Tells what a token is good for.
pub(super) async fn introspect(
    State(app): State<App>,
    place: Place,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&app, &place, &headers, &body).await.unwrap_or_else(reply::refused)
}

async fn answer(
    app: &App,
    place: &Place,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, TokenRefused> {
    const MISSING: Refusal = Refusal::new(Code::InvalidRequest, "token is missing");
    const NOBODY: Refusal = Refusal::new(Code::InvalidClient, "Only a client that authenticates may ask");
    let (fields, client) = token::known(app, place, headers, body).await?;
    // RFC 7662 §2.1: whoever asks has proven who they are.
    if !client.kind.is_confidential() {
        return Err(NOBODY.into());
    }
    let presented = Secret::new(fields.get("token").ok_or(MISSING)?.to_owned());
    let told = introspection::introspect(app, &client, &presented).await?;
    let wanted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !wanted.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim() == SIGNED) {
        return Ok(reply::ok(&told));
    }
    let mut response = reply::jwt(introspection::signed(app, &client, told).await?);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(SIGNED));
    Ok(response)
}
