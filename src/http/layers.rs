//! What every answer passes on its way out: security headers, limits, panics caught.

use super::failure::{self, Failure, Voice};
use crate::app::App;
use crate::domain::session::Door;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use std::any::Any;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// An origin that forms of this page may lead to: the application that waits for the sign-in. Browsers apply
/// `form-action` to the redirects after a form too. Put it into a response's extensions.
#[derive(Debug, Clone)]
pub struct FormTarget(pub String);

/// The origins of the frames of this page: applications that are told of a logout.
#[derive(Debug, Clone)]
pub struct FrameSources(pub Vec<String>);

/// Any site may show this page in a frame. It has no form, no cookie of ours works in it, and it shows nothing.
#[derive(Debug, Clone, Copy)]
pub struct Framable;

/// No request takes longer: what does is dropped with whatever it would have answered.
pub const LONGEST: Duration = Duration::from_mins(1);

/// Wraps the routes of a door. What goes wrong is a page, or what `voices` tell programs.
pub fn wrap(routes: Router<App>, app: &App, door: Door, voices: &'static [Voice]) -> Router {
    let https = app.config.server.is_https();
    routes
        .fallback(|| async { Failure::NotFound })
        .layer(super::browser::layer(app, door))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::GATEWAY_TIMEOUT, LONGEST))
        .layer(RequestBodyLimitLayer::new(super::form::largest(door) * 2))
        // What goes wrong below is a page with an incident number; whatever leaves the house has the headers.
        .layer(middleware::from_fn_with_state((app.clone(), voices), failure::dress))
        .layer(Extension(door))
        .layer(middleware::from_fn(move |request, next| headers(https, request, next)))
        .with_state(app.clone())
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over by value")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let what = panic.downcast_ref::<&str>().map(ToString::to_string);
    let what = what.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Failure::Internal(format!("a request panicked: {what}")).into_response()
}

async fn headers(https: bool, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let target = response.extensions_mut().remove::<FormTarget>();
    let frames = response.extensions_mut().remove::<FrameSources>();
    let framable = response.extensions_mut().remove::<Framable>();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let (false, Ok(value)) = (headers.contains_key(&name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    };
    let form_action =
        target.map_or_else(|| "'self'".to_owned(), |FormTarget(origin)| format!("'self' {origin}"));
    let frame_src =
        frames.map(|FrameSources(origins)| format!("frame-src {}; ", origins.join(" "))).unwrap_or_default();
    // The frame of session management asks its own origin whether the sessions are still there.
    let (ancestors, connect) =
        if framable.is_some() { ("*", "connect-src 'self'; ") } else { ("'none'", "") };
    set(
        CONTENT_SECURITY_POLICY,
        &format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; {frame_src}{connect}\
             form-action {form_action}; frame-ancestors {ancestors}; base-uri 'none'"
        ),
    );
    if framable.is_none() {
        set(X_FRAME_OPTIONS, "DENY");
    }
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    if https {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    let page =
        response.headers().get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/html"));
    let download = response.headers().contains_key(CONTENT_DISPOSITION);
    if (page || download) && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
