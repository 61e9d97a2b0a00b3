//! Pushed authorization requests: RFC 9126 §2; with a proof of possession RFC 9449 §10.1.

use super::{reply, token};
use crate::app::App;
use crate::domain::oauth::request::RawRequest;
use crate::http::proof::Place;
use crate::services::authorize::push::{self, Pushed};
use crate::services::token::TokenRefused;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

/// Takes a request.
pub(super) async fn push(State(app): State<App>, place: Place, headers: HeaderMap, body: Bytes) -> Response {
    match take(&app, &place, &headers, &body).await {
        // RFC 9126 §2.2.
        Ok(pushed) => reply::with_status(
            StatusCode::CREATED,
            &json!({ "request_uri": pushed.request_uri, "expires_in": pushed.expires_in }),
        ),
        Err(refused) => reply::refused(refused),
    }
}

async fn take(app: &App, place: &Place, headers: &HeaderMap, body: &[u8]) -> Result<Pushed, TokenRefused> {
    let (fields, client) = token::known(app, place, headers, body).await?;
    let held = place.held(app, headers, None, Some(&client))?;
    // What proves the client is no part of the request.
    let mine = |name: &str| matches!(name, "client_secret" | "client_assertion" | "client_assertion_type");
    let raw = RawRequest::read(fields.iter().filter(|(name, _)| !mine(name)));
    let raw = raw.with("client_id", client.client_id.as_str());
    push::push(app, &client, &raw, held.as_ref()).await
}
