//! The door of applications that administer in their own name: JSON under `/api/v1`, on the administrators' listener.
//! The use cases are those of the console; so are rights, reach and the lines of the audit.
//!
//! What is here: reading requests, writing answers, the table of routes from which the documentation is made. What is
//! not: decisions (`services`), pages (`web`), the protocol (`oidc`).

mod accounts;
mod acts;
mod agencies;
mod applications;
mod audit;
mod calendar;
mod call;
mod docs;
mod incidents;
mod openapi;
mod paging;
mod policy;
pub mod problem;
mod refusals;
pub mod routes;
pub mod scim;
mod sessions;
mod sync;
mod timeline;
mod words;

use crate::app::App;
use crate::http::failure::Voice;
use crate::http::proof;
use crate::urls;
use axum::extract::DefaultBodyLimit;
use axum::response::IntoResponse;
use axum::routing::{any, get};
use axum::{Router, middleware};
use problem::{Kind, Problem};

/// No body of a request is larger.
const LARGEST: usize = 16 * 1024;

/// How its applications are told of a panic, of what took too long, of a body that no listener takes. The page of the
/// documentation is read by people.
pub const VOICE: Voice = Voice {
    hears: |path| path.starts_with(urls::API_BELOW) && path != urls::API_DOCS,
    tells: |status, incident| Problem::of(status, incident).into_response(),
};

/// The routes of the interface.
pub fn router(app: &App) -> Router<App> {
    routes::routes()
        .into_iter()
        .fold(Router::new(), |router, route| {
            let (path, handler) = route.into_parts();
            router.route(path, handler)
        })
        .route(urls::API_OPENAPI, get(openapi::show))
        .route(urls::API_DOCS, get(docs::show))
        .route(urls::API_REST, any(|| async { Problem::new(Kind::NotFound) }))
        .method_not_allowed_fallback(|| async { Problem::new(Kind::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(middleware::from_fn_with_state(app.clone(), proof::hand_out))
}
