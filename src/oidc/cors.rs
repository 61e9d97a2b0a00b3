//! Cross-origin reads of the endpoints that need no cookie (Fetch §3.2; OAuth 2.0 for Browser-Based Applications).

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Lets any origin read the answer, without credentials; answers preflights.
pub(super) async fn allow(request: Request, next: Next) -> Response {
    let fixed = HeaderValue::from_static;
    let mut response = if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, fixed("GET, POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, fixed("authorization, content-type, dpop"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, fixed("600"));
        response
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*"));
    response.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, fixed("www-authenticate, dpop-nonce"));
    response
}
