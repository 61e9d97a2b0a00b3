//! Answers to applications in JSON: never cached, errors by RFC 6749 §5.2 and RFC 6750 §3.

use crate::domain::oauth::client_auth::ClientAlg;
use crate::domain::oauth::dpop::ALGORITHMS;
use crate::domain::oauth::error::{Code, Refusal};
use crate::http::proof::NonceWanted;
use crate::services::chain;
use crate::services::token::TokenRefused;
use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

/// RFC 6749 §5.1: 200 and not to be stored.
pub(super) fn ok(body: &impl Serialize) -> Response {
    with_status(StatusCode::OK, body)
}

/// A JWT as the whole answer (OIDC Core §5.3.2), not to be stored.
pub(super) fn jwt(token: String) -> Response {
    ([(CONTENT_TYPE, "application/jwt"), (CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], token)
        .into_response()
}

/// The refusal of the token endpoint (RFC 6749 §5.2) or the revocation endpoint (RFC 7009 §2.2.1).
pub(super) fn refused(refused: TokenRefused) -> Response {
    match refused {
        TokenRefused::Refused(refusal) => refusal_of_token(refusal),
        TokenRefused::Internal(error) => internal(&error),
    }
}

fn refusal_of_token(refusal: Refusal) -> Response {
    if refusal.code != Code::InvalidClient {
        return error(StatusCode::BAD_REQUEST, refusal);
    }
    let mut response = error(StatusCode::UNAUTHORIZED, refusal);
    let challenge = HeaderValue::from_static(r#"Basic realm="danang-sso", charset="UTF-8""#);
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// The refusal of a protected resource (RFC 6750 §3.1). Without any token no error is named.
pub(super) fn refused_bearer(refused: Option<TokenRefused>) -> Response {
    let (mut response, challenge) = match refused {
        Some(TokenRefused::Internal(failed)) => return internal(&failed),
        None => {
            (with_status(StatusCode::UNAUTHORIZED, &json!({})), r#"Bearer realm="danang-sso""#.to_owned())
        }
        Some(TokenRefused::Refused(refusal)) => {
            let status = match refusal.code {
                Code::InvalidRequest => StatusCode::BAD_REQUEST,
                Code::InsufficientScope => StatusCode::FORBIDDEN,
                _ => StatusCode::UNAUTHORIZED,
            };
            let (code, description) = (refusal.code.as_str(), refusal.description);
            let challenge =
                format!(r#"Bearer realm="danang-sso", error="{code}", error_description="{description}""#);
            (error(status, refusal), challenge)
        }
    };
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The refusal of a protected resource to whoever came with a bound token (RFC 9449 §7.1).
pub(super) fn refused_dpop(refused: TokenRefused) -> Response {
    let refusal = match refused {
        TokenRefused::Internal(failed) => return internal(&failed),
        TokenRefused::Refused(refusal) => refusal,
    };
    let mut response = error(StatusCode::UNAUTHORIZED, refusal);
    let algs = ALGORITHMS.map(ClientAlg::code).join(" ");
    let (code, description) = (refusal.code.as_str(), refusal.description);
    let challenge = format!(
        r#"DPoP realm="danang-sso", error="{code}", error_description="{description}", algs="{algs}""#
    );
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Our fault: logged here, once, with everything that caused it.
pub(super) fn internal(failed: &dyn std::error::Error) -> Response {
    const OURS: Refusal = Refusal::new(Code::ServerError, "The provider failed; its log says why");
    tracing::error!("an endpoint of the protocol failed: {}", chain(failed));
    error(StatusCode::INTERNAL_SERVER_ERROR, OURS)
}

/// An error as the endpoints tell it.
pub(super) fn error(status: StatusCode, refusal: Refusal) -> Response {
    let body = json!({ "error": refusal.code.as_str(), "error_description": refusal.description });
    let mut response = with_status(status, &body);
    if refusal.code == Code::UseDpopNonce {
        response.extensions_mut().insert(NonceWanted);
    }
    response
}

/// JSON with a status.
pub(super) fn with_status(status: StatusCode, body: &impl Serialize) -> Response {
    // RFC 6749 §5.1: Cache-Control and Pragma on everything that may hold a token.
    (status, [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], Json(body)).into_response()
}
