//! What goes wrong below every page: a page with an incident number all the same, and the headers of every answer.

use crate::house::House;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use danang_sso::domain::session::Door;
use danang_sso::http::layers;
use tower::ServiceExt;

fn explode() -> StatusCode {
    panic!("a bug of the house");
}

/// A page that panics, and one that the layer of the timeout has answered.
async fn broken_page(house: &House, path: &str) -> (StatusCode, String) {
    let routes = Router::new()
        .route("/panics", get(|| async { explode() }))
        .route("/late", get(|| async { StatusCode::GATEWAY_TIMEOUT }));
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let served = layers::wrap(routes, &house.app, Door::Staff).oneshot(request).await;
    let (parts, body) = served.expect("a router does not fail").into_parts();
    for name in [CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, CACHE_CONTROL] {
        assert!(parts.headers.contains_key(&name), "{path} is answered without {name}");
    }
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    (parts.status, String::from_utf8(body.to_vec()).expect("a page"))
}

#[tokio::test]
async fn a_panic_is_answered_with_an_incident_number_and_every_header() {
    let house = House::build().await;
    let (status, page) = broken_page(&house, "/panics").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.contains("id=\"incident\""), "{page}");
    assert!(!page.contains("a bug of the house"), "what it was is for the log");
}

#[tokio::test]
async fn what_takes_too_long_is_answered_with_an_incident_number_and_every_header() {
    let house = House::build().await;
    let (status, page) = broken_page(&house, "/late").await;
    assert_eq!(status, StatusCode::GATEWAY_TIMEOUT);
    assert!(page.contains("id=\"incident\""), "{page}");
}
