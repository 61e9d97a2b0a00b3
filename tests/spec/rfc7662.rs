//! RFC 7662: what a token is good for; RFC 9701: the same as a signed answer.

use crate::house::{Browser, House};
use crate::rp::{Rp, claims, form, header, house, json, registration, signed_in, token_error};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::lock;
use serde_json::{Value, json as value};
use time::Duration;

/// A resource server of the city.
async fn watcher(house: &House) -> Rp {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.may_introspect = true;
    Rp::new(house, &asked).await
}

async fn told(rp: &Rp, browser: &mut Browser, token: &Value) -> Value {
    json(&rp.send(browser, "/introspect", &[("token", token.as_str().expect("a token"))]).await)
}

#[tokio::test]
async fn a_good_token_tells_whose_it_is_and_what_it_opens_2_2() {
    let house = house().await;
    let (rp, watcher) = (Rp::web(&house).await, watcher(&house).await);
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid email offline_access")]).await;
    let sub = claims(&tokens["id_token"])["sub"].clone();
    for by in [&rp, &watcher] {
        let access = told(by, &mut browser, &tokens["access_token"]).await;
        assert_eq!((&access["active"], &access["sub"]), (&value!(true), &sub));
        assert_eq!(access["client_id"], rp.client_id.as_str());
        assert_eq!(access["scope"], "openid email offline_access");
        assert_eq!((&access["token_type"], &access["iss"]), (&value!("Bearer"), &access["aud"]));
        assert_eq!(access["exp"], house.app.now().plus(Duration::minutes(10)).seconds());
        let refresh = told(by, &mut browser, &tokens["refresh_token"]).await;
        assert_eq!(refresh["active"], true);
        assert!(refresh.get("token_type").is_none(), "a refresh token is presented nowhere");
    }
}

#[tokio::test]
async fn of_anything_else_nothing_is_told_2_2() {
    let house = house().await;
    let (rp, watcher) = (Rp::web(&house).await, watcher(&house).await);
    let other = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let nothing = value!({ "active": false });
    assert_eq!(told(&other, &mut browser, &tokens["access_token"]).await, nothing, "another application's");
    assert_eq!(told(&watcher, &mut browser, &value!("unheard-of")).await, nothing);
    assert_eq!(told(&watcher, &mut browser, &tokens["id_token"]).await, nothing);
    // used, ended, expired, and its holder locked
    let refresh = tokens["refresh_token"].as_str().expect("one");
    let renewed = json(&rp.refresh(&mut browser, refresh).await);
    assert_eq!(told(&watcher, &mut browser, &tokens["refresh_token"]).await, nothing);
    let access = renewed["access_token"].clone();
    assert_eq!(told(&watcher, &mut browser, &access).await["active"], true);
    rp.send(&mut browser, "/revoke", &[("token", access.as_str().expect("one"))]).await;
    assert_eq!(told(&watcher, &mut browser, &access).await, nothing);
    let late = rp.tokens(&mut browser, &[]).await["access_token"].clone();
    house.pass(Duration::minutes(10));
    assert_eq!(told(&watcher, &mut browser, &late).await, nothing);
    let locked = rp.tokens(&mut browser, &[]).await["access_token"].clone();
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::PasswordTooOld, Actor::Job("deadlines"))
        .await
        .expect("locked");
    assert_eq!(told(&watcher, &mut browser, &locked).await, nothing);
}

#[tokio::test]
async fn only_who_proves_themselves_may_ask_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let native = Rp::new(&house, &registration(ClientKind::Native)).await;
    let mut browser = house.browser();
    assert_eq!(token_error(&browser.post("/introspect", &[("token", "x")]).await), "invalid_client");
    assert_eq!(
        token_error(&native.send(&mut browser, "/introspect", &[("token", "x")]).await),
        "invalid_client"
    );
    assert_eq!(token_error(&rp.send(&mut browser, "/introspect", &[]).await), "invalid_request");
}

#[tokio::test]
async fn a_signed_answer_is_for_the_one_who_asked_rfc9701_5() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    let basic = STANDARD.encode(format!("{}:{}", rp.client_id, rp.secret.as_deref().expect("one")));
    let request = Request::post("/introspect")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json;q=0.5, application/token-introspection+jwt")
        .header(AUTHORIZATION, format!("Basic {basic}"));
    let fields = form([("token", tokens["access_token"].as_str().expect("one"))]);
    let answer = browser.send(request, Body::from(fields)).await;
    assert_eq!(answer.headers[CONTENT_TYPE], "application/token-introspection+jwt");
    let jwt = Value::from(answer.body.clone());
    assert_eq!(header(&jwt)["typ"], "token-introspection+jwt");
    let signed = claims(&jwt);
    assert_eq!(
        (&signed["aud"], &signed["token_introspection"]["active"]),
        (&value!(rp.client_id), &value!(true))
    );
    assert_eq!(signed["token_introspection"], told(&rp, &mut browser, &tokens["access_token"]).await);
    assert!(signed.get("sub").is_none(), "nobody takes it for an ID token");
}
