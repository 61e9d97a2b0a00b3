//! RFC 9101 and OpenID Connect Core 1.0 §6: signed requests, by value and by reference.

use crate::house::{Browser, House};
use crate::own_keys::{OwnKey, Publisher, key_set};
use crate::rp::{
    CALLBACK, ISSUER, Rp, answered, error_of, form, house, json, registration, signed_in, token_error,
};
use axum::http::StatusCode;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::ClientAlg;
use danang_sso::services::clients::Registration;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};
use std::collections::BTreeMap;
use time::Duration;

fn signing(key: &OwnKey) -> Registration {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.jwks = Some(key_set(&[key]));
    asked
}

async fn scene(alg: Algorithm) -> (House, Rp, Browser, OwnKey) {
    let key = OwnKey::new(alg, Some("k1"));
    let house = house().await;
    let rp = Rp::new(&house, &signing(&key)).await;
    let browser = signed_in(&house).await;
    (house, rp, browser, key)
}

/// The usual request as the claims of an object, with these in place of the usual ones; `null` leaves one out.
fn claims(rp: &Rp, changes: &Value) -> Value {
    let mut claims = value!({ "iss": rp.client_id, "aud": ISSUER });
    for (name, parameter) in rp.request() {
        claims[name] = parameter.into();
    }
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}

/// Asks with an object and as little as OIDC Core §6.1 wants outside of it.
async fn ask(rp: &Rp, browser: &mut Browser, object: &str) -> BTreeMap<String, String> {
    let fields = [
        ("client_id", rp.client_id.as_str()),
        ("response_type", "code"),
        ("scope", "openid"),
        ("redirect_uri", CALLBACK),
        ("request", object),
    ];
    answered(&browser.get(&format!("/authorize?{}", form(fields))).await)
}

#[tokio::test]
async fn what_is_inside_is_asked_for_under_each_algorithm_6_1() {
    for alg in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
        let (_house, rp, mut browser, key) = scene(alg).await;
        let object = key.sign(&claims(&rp, &value!({ "state": "inside", "max_age": 600 })));
        let answer = ask(&rp, &mut browser, &object).await;
        assert_eq!(answer["state"], "inside");
        assert_eq!(rp.redeem(&mut browser, &answer["code"]).await.status, 200);
    }
}

#[tokio::test]
async fn the_inner_redirect_uri_counts_even_where_the_outer_one_is_wrong_core_6_1() {
    let (_house, rp, mut browser, key) = scene(Algorithm::RS256).await;
    let object = key.sign(&claims(&rp, &value!({})));
    let fields = [
        ("client_id", rp.client_id.as_str()),
        ("redirect_uri", "https://app.danang.example/callback_invalid"),
        ("request", &object),
    ];
    let good = answered(&browser.get(&format!("/authorize?{}", form(fields))).await);
    assert!(good.contains_key("code"));
    let evil = key.sign(&claims(&rp, &value!({ "redirect_uri": "https://evil.example/" })));
    let answer = browser.get(&format!("/authorize?{}", form([fields[0], ("request", &evil)]))).await;
    assert_eq!((answer.status.as_u16(), answer.location), (400, None));
}

#[tokio::test]
async fn an_object_that_is_not_the_applications_is_invalid_request_object_6_2() {
    let (_house, rp, mut browser, key) = scene(Algorithm::ES256).await;
    let good = key.sign(&claims(&rp, &value!({})));
    let (body, _) = good.rsplit_once('.').expect("three parts");
    let other = OwnKey::new(Algorithm::ES256, Some("k1"));
    let secret = OwnKey::of_secret(rp.secret.as_deref().expect("one"));
    for forged in [
        format!("{body}."),
        format!("{body}.AAAA"),
        other.sign(&claims(&rp, &value!({}))),
        secret.sign(&claims(&rp, &value!({}))),
        key.sign(&claims(&rp, &value!({ "iss": "another" }))),
        key.sign(&claims(&rp, &value!({ "client_id": "another" }))),
        key.sign(&claims(&rp, &value!({ "aud": "https://elsewhere.example" }))),
        key.sign(&claims(&rp, &value!({ "exp": 1 }))),
        key.sign(&claims(&rp, &value!({ "sub": rp.client_id }))),
        key.sign(&claims(&rp, &value!({ "request": "x" }))),
        "x".to_owned(),
    ] {
        assert_eq!(error_of(&ask(&rp, &mut browser, &forged).await), "invalid_request_object", "{forged}");
    }
}

#[tokio::test]
async fn without_a_proven_address_outside_a_wrong_object_gets_a_page() {
    let (_house, rp, mut browser, _key) = scene(Algorithm::ES256).await;
    let fields = [("client_id", rp.client_id.as_str()), ("request", "a.b.c")];
    let answer = browser.get(&format!("/authorize?{}", form(fields))).await;
    assert_eq!((answer.status.as_u16(), answer.location), (400, None));
}

#[tokio::test]
async fn only_the_registered_algorithm_is_taken_registration_2() {
    let (rs, ps) = (OwnKey::new(Algorithm::RS256, None), OwnKey::new(Algorithm::PS256, None));
    let house = house().await;
    let mut asked = signing(&rs);
    asked.metadata.jwks = Some(key_set(&[&rs, &ps]));
    asked.metadata.request_object_signing_alg = Some(ClientAlg::Ps256);
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let refused = ask(&rp, &mut browser, &rs.sign(&claims(&rp, &value!({})))).await;
    assert_eq!(error_of(&refused), "invalid_request_object");
    assert!(ask(&rp, &mut browser, &ps.sign(&claims(&rp, &value!({})))).await.contains_key("code"));
}

#[tokio::test]
async fn an_application_may_be_bound_to_sign_10_5() {
    let key = OwnKey::new(Algorithm::ES256, None);
    let house = house().await;
    let mut asked = signing(&key);
    asked.metadata.require_signed_request_object = true;
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    assert_eq!(error_of(&rp.ask(&mut browser, &[]).await), "invalid_request");
    assert!(ask(&rp, &mut browser, &key.sign(&claims(&rp, &value!({})))).await.contains_key("code"));
    // §6.3: nothing is added from outside.
    let silent = key.sign(&claims(&rp, &value!({ "state": null })));
    let heard =
        rp.ask(&mut browser, &[("request", &silent), ("state", "outside"), ("prompt", "login")]).await;
    assert!(heard.contains_key("code") && !heard.contains_key("state"));
    let fields: Vec<(&str, String)> =
        rp.request().into_iter().filter(|(name, _)| *name != "client_id").collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(token_error(&rp.send(&mut browser, "/par", &fields).await), "invalid_request");
}

#[tokio::test]
async fn a_pushed_object_counts_alone_rfc9126_3() {
    let (_house, rp, mut browser, key) = scene(Algorithm::PS256).await;
    let object = key.sign(&claims(&rp, &value!({ "state": null })));
    let answer = rp.send(&mut browser, "/par", &[("request", &object), ("state", "outside")]).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let uri = json(&answer)["request_uri"].as_str().expect("a reference").to_owned();
    let fields = [("client_id", rp.client_id.as_str()), ("request_uri", &uri)];
    let answer = answered(&browser.get(&format!("/authorize?{}", form(fields))).await);
    assert!(answer.contains_key("code") && !answer.contains_key("state"));
    let without = key.sign(&claims(&rp, &value!({ "redirect_uri": null })));
    let fields = [("request", without.as_str()), ("redirect_uri", CALLBACK)];
    assert_eq!(token_error(&rp.send(&mut browser, "/par", &fields).await), "invalid_request");
}

#[tokio::test]
async fn an_object_is_fetched_from_a_registered_address_with_its_fragment_kept_here_core_6_2() {
    let key = OwnKey::new(Algorithm::RS256, None);
    let house = house().await;
    let publisher = Publisher::start(&Value::Null).await;
    let uri = format!("{}#EUb0QSVUvM1NTBDXyyzCCWvStO5GbSStKPzpyhJ9vhA", publisher.uri);
    let mut asked = signing(&key);
    asked.metadata.request_uris = vec![uri.clone()];
    let rp = Rp::new(&house, &asked).await;
    publisher.publishes(StatusCode::OK, &key.sign(&claims(&rp, &value!({ "state": "fetched" }))));
    let mut browser = signed_in(&house).await;
    let answer = rp.ask(&mut browser, &[("request_uri", &uri)]).await;
    assert_eq!(answer["state"], "fetched");
    assert_eq!(publisher.asked(), 1);
    for unregistered in [publisher.uri.as_str(), &format!("{}x", publisher.uri), "https://evil.example/", "x"]
    {
        let answer = rp.ask(&mut browser, &[("request_uri", unregistered)]).await;
        assert_eq!(error_of(&answer), "invalid_request_uri", "{unregistered}");
    }
    assert_eq!(publisher.asked(), 1, "no other address is asked");
    publisher.publishes(StatusCode::NOT_FOUND, "");
    house.pass(Duration::seconds(60));
    assert_eq!(error_of(&rp.ask(&mut browser, &[("request_uri", &uri)]).await), "invalid_request_uri");
    publisher.publishes(StatusCode::OK, "a.b.c");
    house.pass(Duration::seconds(10));
    assert_eq!(error_of(&rp.ask(&mut browser, &[("request_uri", &uri)]).await), "invalid_request_object");
    let both = rp.ask(&mut browser, &[("request_uri", &uri), ("request", "a.b.c")]).await;
    assert_eq!(error_of(&both), "invalid_request");
}

/// An application with a request object at an address, under several fragments.
async fn published(fragments: &[&str]) -> (House, Rp, Publisher, OwnKey, Vec<String>) {
    let key = OwnKey::new(Algorithm::RS256, None);
    let house = house().await;
    let publisher = Publisher::start(&Value::Null).await;
    let uris: Vec<_> = fragments.iter().map(|fragment| format!("{}{fragment}", publisher.uri)).collect();
    let mut asked = signing(&key);
    asked.metadata.request_uris.clone_from(&uris);
    let rp = Rp::new(&house, &asked).await;
    publisher.publishes(StatusCode::OK, &key.sign(&claims(&rp, &value!({ "state": "one" }))));
    (house, rp, publisher, key, uris)
}

#[tokio::test]
async fn a_fetched_object_is_kept_for_a_minute_and_another_fragment_is_another_object_core_6_2() {
    let (house, rp, publisher, key, uris) = published(&["#AAAA", "#BBBB"]).await;
    let mut browser = signed_in(&house).await;
    for _ in 0..5 {
        let answer = rp.ask(&mut browser, &[("request_uri", &uris[0])]).await;
        assert_eq!(answer["state"], "one");
        house.pass(Duration::seconds(11));
    }
    assert_eq!(publisher.asked(), 1, "not at each hit");
    publisher.publishes(StatusCode::OK, &key.sign(&claims(&rp, &value!({ "state": "two" }))));
    assert_eq!(rp.ask(&mut browser, &[("request_uri", &uris[1])]).await["state"], "two");
    // The fragment has changed: what was known under the old one is not valid any more.
    assert_eq!(rp.ask(&mut browser, &[("request_uri", &uris[0])]).await["state"], "two");
    assert_eq!(publisher.asked(), 3);
    publisher.publishes(StatusCode::OK, &key.sign(&claims(&rp, &value!({ "state": "three" }))));
    house.pass(Duration::seconds(60));
    assert_eq!(rp.ask(&mut browser, &[("request_uri", &uris[0])]).await["state"], "three");
}

#[tokio::test]
async fn one_network_address_makes_the_house_fetch_sixty_times_a_minute_and_no_more() {
    let (house, rp, publisher, _key, uris) = published(&["#AAAA", "#BBBB"]).await;
    let mut browser = signed_in(&house).await;
    for turn in 0..60 {
        let answer = rp.ask(&mut browser, &[("request_uri", &uris[turn % 2])]).await;
        assert_eq!(answer["state"], "one", "{turn}");
    }
    let paced = rp.ask(&mut browser, &[("request_uri", &uris[0])]).await;
    assert_eq!(error_of(&paced), "temporarily_unavailable");
    assert_eq!(publisher.asked(), 60);
    let mut elsewhere = house.browser();
    elsewhere.source = "192.0.2.99".to_owned();
    elsewhere.get(&rp.address(&[("request_uri", &uris[0])])).await;
    assert_eq!(publisher.asked(), 61, "another one may ask");
    house.pass(Duration::seconds(61));
    assert_eq!(rp.ask(&mut browser, &[("request_uri", &uris[1])]).await["state"], "one");
}
