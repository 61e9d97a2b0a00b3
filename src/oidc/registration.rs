//! Client registration endpoint: RFC 7591 §3, OIDC Registration 1.0 §3. Client configuration endpoint: RFC 7592 §2.

use super::reply;
use crate::app::App;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::http::form::MAX_BODY;
use crate::http::visitor;
use crate::services::registration::{self, Document, RegistrationRefused};
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An application registers itself.
pub(super) async fn register(State(app): State<App>, request: Request) -> Response {
    let registered = async {
        let (parts, body) = request.into_parts();
        let source = visitor::source(&parts, &app.config.server.trusted_proxies).to_string();
        let asked = document(&parts.headers, body).await?;
        registration::register(&app, &source, bearer(&parts.headers).as_ref(), &asked).await
    };
    match registered.await {
        Ok(registered) => reply::with_status(StatusCode::CREATED, &registered),
        Err(refused) => refuse(refused),
    }
}

/// An application reads its registration.
pub(super) async fn read(
    State(app): State<App>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let read = async {
        let access = bearer(&headers).ok_or(RegistrationRefused::Token)?;
        registration::read(&app, &client_id, &access).await
    };
    match read.await {
        Ok(registered) => reply::ok(&registered),
        Err(refused) => refuse(refused),
    }
}

/// An application changes its registration.
pub(super) async fn change(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request,
) -> Response {
    let changed = async {
        let (parts, body) = request.into_parts();
        let access = bearer(&parts.headers).ok_or(RegistrationRefused::Token)?;
        let asked = document(&parts.headers, body).await?;
        registration::change(&app, &client_id, &access, &asked).await
    };
    match changed.await {
        Ok(registered) => reply::ok(&registered),
        Err(refused) => refuse(refused),
    }
}

/// An application removes itself.
pub(super) async fn remove(
    State(app): State<App>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let removed = async {
        let access = bearer(&headers).ok_or(RegistrationRefused::Token)?;
        registration::remove(&app, &client_id, &access).await
    };
    match removed.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => refuse(refused),
    }
}

/// RFC 6750 §2.1.
fn bearer(headers: &HeaderMap) -> Option<Secret<String>> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = Some(token.trim()).filter(|token| !token.is_empty() && scheme.eq_ignore_ascii_case("bearer"));
    token.map(|token| Secret::new(token.to_owned()))
}

/// A JSON object in the body.
async fn document(headers: &HeaderMap, body: axum::body::Body) -> Result<Document, RegistrationRefused> {
    use crate::domain::oauth::registration::BadRegistration;
    let bad = || BadRegistration::metadata("The body must be a JSON object of 64 KiB at most");
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(bad().into());
    }
    let body = axum::body::to_bytes(body, MAX_BODY).await.map_err(|_| bad())?;
    Ok(serde_json::from_slice(&body).map_err(|_| bad())?)
}

/// RFC 7591 §3.2.2, RFC 6750 §3.1.
fn refuse(refused: RegistrationRefused) -> Response {
    const OFF: Refusal = Refusal::new(Code::AccessDenied, "Dynamic registration is switched off");
    const TOKEN: Refusal = Refusal::new(Code::InvalidToken, "The access token is missing, wrong or used up");
    const MANY: Refusal =
        Refusal::new(Code::TemporarilyUnavailable, "Too many registrations; try again later");
    match refused {
        RegistrationRefused::Internal(error) => reply::internal(&error),
        RegistrationRefused::Off => reply::error(StatusCode::FORBIDDEN, OFF),
        RegistrationRefused::Token => {
            let mut response = reply::error(StatusCode::UNAUTHORIZED, TOKEN);
            let challenge = HeaderValue::from_static(r#"Bearer realm="danang-sso", error="invalid_token""#);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            response
        }
        RegistrationRefused::TooMany => {
            let mut response = reply::error(StatusCode::TOO_MANY_REQUESTS, MANY);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("3600"));
            response
        }
        RegistrationRefused::Bad(bad) => {
            let body = json!({ "error": bad.code.as_str(), "error_description": bad.description });
            reply::with_status(StatusCode::BAD_REQUEST, &body)
        }
    }
}
