//! What goes wrong below every page: a page with an incident number all the same, and the headers of every answer.

use crate::house::House;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use danang_sso::api;
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
    let served = layers::wrap(routes, &house.app, Door::Staff, &[]).oneshot(request).await;
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

/// A path of programs that panics, or that the layer of the timeout has answered, or whose body no listener takes.
async fn told(house: &House, path: &'static str, length: usize) -> (StatusCode, String, serde_json::Value) {
    let is_late = path.ends_with("/late");
    let broken = move || async move { if is_late { StatusCode::GATEWAY_TIMEOUT } else { explode() } };
    let routes = Router::new().route(path, get(broken).post(|| async { StatusCode::OK }));
    let method = if length > 0 { "POST" } else { "GET" };
    let request = Request::builder().method(method).uri(path).header(CONTENT_LENGTH, length);
    let request = request.body(Body::empty()).expect("a request");
    let voices = &[api::VOICE, api::scim::VOICE];
    let served = layers::wrap(routes, &house.app, Door::Admin, voices).oneshot(request).await;
    let (parts, body) = served.expect("a router does not fail").into_parts();
    for name in [CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, CACHE_CONTROL] {
        assert!(parts.headers.contains_key(&name), "{path} is answered without {name}");
    }
    let kind = parts.headers[CONTENT_TYPE].to_str().expect("a type").to_owned();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    (parts.status, kind, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn programs_are_told_of_a_panic_a_timeout_and_a_huge_body_in_their_own_form() {
    let house = House::build().await;
    for (path, length, status, code) in [
        ("/api/v1/panics", 0, StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        ("/api/v1/late", 0, StatusCode::GATEWAY_TIMEOUT, "too-slow"),
        ("/api/v1/huge", 50_000_000, StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
    ] {
        let (met, kind, problem) = told(&house, path, length).await;
        assert_eq!((met, kind.as_str()), (status, "application/problem+json"), "{path}");
        assert_eq!(problem["type"], format!("urn:danang-sso:problem:{code}"), "{path}");
        let incident = problem["incident"].as_str().map(str::len);
        assert_eq!(incident, (status != StatusCode::PAYLOAD_TOO_LARGE).then_some(8), "{path}: {problem}");
        assert!(!problem.to_string().contains("a bug of the house"), "what it was is for the log");
    }
    for (path, length, status) in [
        ("/scim/v2/panics", 0, StatusCode::INTERNAL_SERVER_ERROR),
        ("/scim/v2/late", 0, StatusCode::GATEWAY_TIMEOUT),
        ("/scim/v2/huge", 50_000_000, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let (met, kind, error) = told(&house, path, length).await;
        assert_eq!((met, kind.as_str()), (status, "application/scim+json"), "{path}");
        assert_eq!(error["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{path}");
        assert_eq!(error["status"], status.as_u16().to_string(), "{path}");
        assert!(!error.to_string().contains("a bug of the house"), "what it was is for the log");
    }
}

#[tokio::test]
async fn a_huge_body_for_the_interface_is_refused_in_its_form_by_the_listener() {
    let house = House::build().await;
    for (mut browser, path, kind) in [
        (house.admin_browser(), "/api/v1/accounts/x/lock", "application/problem+json"),
        (house.browser(), "/scim/v2/Users", "application/scim+json"),
    ] {
        let request = Request::post(path).header(CONTENT_LENGTH, 50_000_000);
        let answer = browser.send(request, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(answer.headers[CONTENT_TYPE], kind, "{path}");
    }
}
