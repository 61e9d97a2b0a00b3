//! RFC 6749 §4.4: an application in its own name.

use crate::house::House;
use crate::rp::{Rp, house, json, registration, token_error, userinfo};
use axum::http::HeaderValue;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::clients::{self, ClientRefused};
use serde_json::Value;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

/// A service that may read two things.
async fn service(house: &House) -> Rp {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.grant_types = vec!["client_credentials".to_owned()];
    asked.metadata.api_scopes = vec!["scim.read".to_owned(), "audit.read".to_owned()];
    Rp::new(house, &asked).await
}

#[tokio::test]
async fn a_service_gets_what_it_was_registered_for_4_4_3() {
    let house = house().await;
    let rp = service(&house).await;
    let mut browser = house.browser();
    let answer = rp.token(&mut browser, &[GRANT]).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["cache-control"]),
        (200, &HeaderValue::from_static("no-store"))
    );
    let given = json(&answer);
    assert_eq!(given["scope"], "scim.read audit.read");
    assert_eq!((&given["token_type"], &given["expires_in"]), (&Value::from("Bearer"), &Value::from(600)));
    assert!(given["access_token"].as_str().expect("one").len() >= 43);
    for nothing in ["id_token", "refresh_token"] {
        assert!(given.get(nothing).is_none(), "{nothing}");
    }
    let fewer = json(&rp.token(&mut browser, &[GRANT, ("scope", "audit.read")]).await);
    assert_eq!(fewer["scope"], "audit.read");
    // it opens nothing of any person
    assert_eq!(userinfo(&mut browser, &given["access_token"]).await.status, 401);
}

#[tokio::test]
async fn more_is_refused_and_so_is_whoever_is_not_registered_for_it_4_4_2() {
    let house = house().await;
    let rp = service(&house).await;
    let mut browser = house.browser();
    for scope in ["openid", "scim.write", "scim.read openid", "SCIM.READ"] {
        let answer = rp.token(&mut browser, &[GRANT, ("scope", scope)]).await;
        assert_eq!(token_error(&answer), "invalid_scope", "{scope}");
    }
    let web = Rp::web(&house).await;
    assert_eq!(token_error(&web.token(&mut browser, &[GRANT]).await), "unauthorized_client");
    let wrong = Rp { secret: Some("wrong".to_owned()), client_id: rp.client_id.clone() };
    assert_eq!(token_error(&wrong.token(&mut browser, &[GRANT]).await), "invalid_client");
    let mut public = registration(ClientKind::Native);
    public.metadata.grant_types = vec!["client_credentials".to_owned(), "authorization_code".to_owned()];
    match clients::register(&house.app, Actor::CommandLine, &public).await {
        Ok(registered) => {
            let rp = Rp { client_id: registered.client.client_id.to_string(), secret: None };
            assert_eq!(token_error(&rp.token(&mut browser, &[GRANT]).await), "unauthorized_client");
        }
        Err(refused) => assert!(!matches!(refused, ClientRefused::Internal(_)), "{refused}"),
    }
}

#[tokio::test]
async fn it_ends_when_it_is_given_back_and_with_its_application_rfc7009() {
    let house = house().await;
    let (rp, other) = (service(&house).await, service(&house).await);
    let mut browser = house.browser();
    let active = async |browser: &mut crate::house::Browser, token: &Value| {
        let fields = [("token", token.as_str().expect("one"))];
        json(&rp.send(browser, "/introspect", &fields).await)["active"].clone()
    };
    let given = json(&rp.token(&mut browser, &[GRANT]).await);
    let token = given["access_token"].as_str().expect("one");
    assert_eq!(token_error(&other.send(&mut browser, "/revoke", &[("token", token)]).await), "invalid_grant");
    assert_eq!(active(&mut browser, &given["access_token"]).await, true);
    assert_eq!(rp.send(&mut browser, "/revoke", &[("token", token)]).await.status, 200);
    assert_eq!(active(&mut browser, &given["access_token"]).await, false);

    let given = json(&rp.token(&mut browser, &[GRANT]).await);
    let watcher = {
        let mut asked = registration(ClientKind::Web);
        asked.metadata.may_introspect = true;
        Rp::new(&house, &asked).await
    };
    let fields = [("token", given["access_token"].as_str().expect("one"))];
    assert_eq!(json(&watcher.send(&mut browser, "/introspect", &fields).await)["active"], true);
    clients::remove(&house.app, Actor::CommandLine, &rp.client_id).await.expect("removed");
    assert_eq!(json(&watcher.send(&mut browser, "/introspect", &fields).await)["active"], false);
}

#[tokio::test]
async fn a_scope_that_cannot_be_one_is_not_registered_3_3() {
    let house = house().await;
    for bad in ["a b", "", "\"x\"", "openid"] {
        let mut asked = registration(ClientKind::Web);
        asked.metadata.api_scopes = vec![bad.to_owned()];
        let refused = clients::register(&house.app, Actor::CommandLine, &asked).await.expect_err("refused");
        assert!(refused.to_string().contains("cannot be a scope"), "{bad}: {refused}");
    }
}
