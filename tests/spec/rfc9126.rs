//! RFC 9126: pushed authorization requests.

use crate::house::{Answer, Browser, House};
use crate::rp::{
    CALLBACK, Rp, answered, error_of, form, house, json, prove, registration, signed_in, token_error,
};
use axum::body::Body;
use axum::http::{Method, Request};
use danang_sso::domain::oauth::client::ClientKind;
use time::Duration;

/// Pushes the usual request with these parameters in place of the usual ones; an empty value leaves one out.
async fn push(rp: &Rp, browser: &mut Browser, changes: &[(&'static str, &str)]) -> Answer {
    let mut request = rp.request();
    request.remove("client_id");
    for (name, value) in changes {
        request.insert(name, (*value).to_owned());
    }
    request.retain(|_, value| !value.is_empty());
    let fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    rp.send(browser, "/par", &fields).await
}

async fn pushed(rp: &Rp, browser: &mut Browser, changes: &[(&'static str, &str)]) -> String {
    let answer = push(rp, browser, changes).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    json(&answer)["request_uri"].as_str().expect("a reference").to_owned()
}

/// Where the browser is sent with the reference alone.
fn short(rp: &Rp, uri: &str) -> String {
    format!("/authorize?{}", form([("client_id", rp.client_id.as_str()), ("request_uri", uri)]))
}

async fn scene() -> (House, Rp, Browser) {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let browser = signed_in(&house).await;
    (house, rp, browser)
}

#[tokio::test]
async fn a_pushed_request_is_answered_by_its_reference_alone_2_2_4() {
    let (_house, rp, mut browser) = scene().await;
    let answer = push(&rp, &mut browser, &[]).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let body = json(&answer);
    assert_eq!(body["expires_in"], 90);
    let uri = body["request_uri"].as_str().expect("a reference");
    assert_eq!(uri.strip_prefix("urn:ietf:params:oauth:request_uri:").expect("a URN").len(), 43);
    let answer = answered(&browser.get(&short(&rp, uri)).await);
    assert_eq!(answer["state"], "af0ifjsldkj");
    assert_eq!(rp.redeem(&mut browser, &answer["code"]).await.status, 200);
}

#[tokio::test]
async fn only_what_was_pushed_counts_4() {
    let (_house, rp, mut browser) = scene().await;
    let uri = pushed(&rp, &mut browser, &[("state", "")]).await;
    let beside =
        form([("state", "outside"), ("redirect_uri", "https://evil.example/"), ("scope", "openid email")]);
    let answer = answered(&browser.get(&format!("{}&{beside}", short(&rp, &uri))).await);
    assert!(answer.contains_key("code") && !answer.contains_key("state"));
    assert!(answer.contains_key("iss"));
}

#[tokio::test]
async fn a_reference_is_good_until_the_request_is_answered_and_then_no_more_4() {
    let (house, rp, mut signed) = scene().await;
    let mut browser = house.browser();
    let uri = pushed(&rp, &mut browser, &[]).await;
    let first = browser.get(&short(&rp, &uri)).await.location.expect("to the sign-in");
    let second = browser.get(&short(&rp, &uri)).await.location.expect("to the sign-in again");
    assert_ne!(first, second);
    // The person takes longer than the reference lives.
    house.pass(Duration::minutes(10));
    let onward = prove(&mut browser, &second, "an").await;
    assert!(answered(&browser.get(&onward).await).contains_key("code"));
    let again = browser.get(&short(&rp, &uri)).await;
    assert_eq!((again.status.as_u16(), again.location.clone()), (400, None));
    again.shows("invalid_request_uri");
    let other_tab = first.replace("/sign-in", "/authorize/continue");
    let late = browser.get(&other_tab).await;
    assert_eq!((late.status.as_u16(), late.location), (400, None), "one answer for one reference");
    assert_eq!(signed.get(&short(&rp, &uri)).await.status, 400);
}

#[tokio::test]
async fn an_error_uses_the_reference_up_too_4() {
    let (house, rp, mut signed) = scene().await;
    let mut browser = house.browser();
    let uri = pushed(&rp, &mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&answered(&browser.get(&short(&rp, &uri)).await)), "login_required");
    assert_eq!(signed.get(&short(&rp, &uri)).await.status, 400);
}

#[tokio::test]
async fn an_expired_or_foreign_or_unknown_reference_gets_a_page_4() {
    let (house, rp, mut browser) = scene().await;
    let other = Rp::web(&house).await;
    let uri = pushed(&rp, &mut browser, &[]).await;
    let foreign = browser.get(&short(&other, &uri)).await;
    assert_eq!((foreign.status.as_u16(), foreign.location.clone()), (400, None));
    foreign.shows("invalid_request_uri");
    let unknown = browser.get(&short(&rp, "urn:ietf:params:oauth:request_uri:AAAA")).await;
    assert_eq!((unknown.status.as_u16(), unknown.location), (400, None));
    house.pass(Duration::seconds(90));
    let expired = browser.get(&short(&rp, &uri)).await;
    assert_eq!((expired.status.as_u16(), expired.location), (400, None));
}

#[tokio::test]
async fn what_the_authorization_endpoint_would_refuse_is_refused_at_once_2_3() {
    let (_house, rp, mut browser) = scene().await;
    for (change, error) in [
        (("redirect_uri", ""), "invalid_request"),
        (("redirect_uri", "https://evil.example/"), "invalid_request"),
        (("request_uri", "urn:ietf:params:oauth:request_uri:AAAA"), "invalid_request"),
        (("response_type", "code id_token"), "unauthorized_client"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "email"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("request", "a.b.c"), "invalid_request_object"),
        (("max_age", "x"), "invalid_request"),
    ] {
        assert_eq!(token_error(&push(&rp, &mut browser, &[change]).await), error, "{change:?}");
    }
}

#[tokio::test]
async fn the_client_authenticates_and_comes_by_post_2_1_2_3() {
    let (house, rp, mut browser) = scene().await;
    let wrong = Rp { client_id: rp.client_id.clone(), secret: Some("wrong".to_owned()) };
    assert_eq!(token_error(&push(&wrong, &mut browser, &[]).await), "invalid_client");
    let nobody = Rp { client_id: rp.client_id.clone(), secret: None };
    assert_eq!(token_error(&push(&nobody, &mut browser, &[]).await), "invalid_client");
    for method in [Method::GET, Method::PUT] {
        let request = Request::builder().method(method).uri("/par");
        assert!(browser.send(request, Body::empty()).await.status.is_client_error());
    }
    let mut spa = registration(ClientKind::Spa);
    spa.redirect_uris = vec![CALLBACK.to_owned()];
    let public = Rp::new(&house, &spa).await;
    let uri = pushed(&public, &mut browser, &[]).await;
    assert!(answered(&browser.get(&short(&public, &uri)).await).contains_key("code"));
}

#[tokio::test]
async fn a_client_may_be_bound_to_push_6() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.require_pushed_authorization_requests = true;
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    assert_eq!(error_of(&rp.ask(&mut browser, &[]).await), "invalid_request");
    let uri = pushed(&rp, &mut browser, &[]).await;
    assert!(answered(&browser.get(&short(&rp, &uri)).await).contains_key("code"));
}

#[tokio::test]
async fn sixty_four_browsers_get_one_answer_out_of_one_reference() {
    let (_house, rp, mut browser) = scene().await;
    let uri = pushed(&rp, &mut browser, &[]).await;
    let mut hands = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (mut browser, address) = (browser.clone(), short(&rp, &uri));
        hands.spawn(async move { browser.get(&address).await });
    }
    let answers = hands.join_all().await;
    let good = answers.iter().filter(|answer| answer.location.is_some()).count();
    assert_eq!(good, 1);
}
