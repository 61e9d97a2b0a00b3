//! RFC 8707: what a token is for.

use crate::house::House;
use crate::rp::{
    CALLBACK, Rp, VERIFIER, claims, error_of, house, json, registration, signed_in, token_error, userinfo,
};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::clients;

const API: &str = "https://api.danang.example/v1";

async fn with_resource(house: &House) -> Rp {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.resources = vec![API.to_owned()];
    asked.metadata.jwt_access_tokens = true;
    asked.metadata.grant_types =
        ["authorization_code", "refresh_token", "client_credentials"].map(str::to_owned).to_vec();
    Rp::new(house, &asked).await
}

#[tokio::test]
async fn a_token_is_for_the_resource_of_the_request_2() {
    let house = house().await;
    let rp = with_resource(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("resource", API), ("scope", "openid offline_access")]).await;
    assert_eq!(claims(&tokens["access_token"])["aud"], API);
    assert_eq!(
        userinfo(&mut browser, &tokens["access_token"]).await.status,
        401,
        "it is for another resource"
    );
    let refresh = tokens["refresh_token"].as_str().expect("one");
    let renewed = json(&rp.refresh(&mut browser, refresh).await);
    assert_eq!(claims(&renewed["access_token"])["aud"], API);
    let own = json(&rp.token(&mut browser, &[("grant_type", "client_credentials"), ("resource", API)]).await);
    assert_eq!(claims(&own["access_token"])["aud"], API);
}

#[tokio::test]
async fn another_resource_is_refused_wherever_it_is_named_2() {
    let house = house().await;
    let rp = with_resource(&house).await;
    let mut browser = signed_in(&house).await;
    for bad in ["https://api.danang.example/v1/", "https://other.example/", "x"] {
        assert_eq!(error_of(&rp.ask(&mut browser, &[("resource", bad)]).await), "invalid_target", "{bad}");
        let own = rp.token(&mut browser, &[("grant_type", "client_credentials"), ("resource", bad)]).await;
        assert_eq!(token_error(&own), "invalid_target");
    }
    let code = rp.code(&mut browser, &[]).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", API),
    ];
    assert_eq!(token_error(&rp.token(&mut browser, &fields).await), "invalid_target", "not in the request");
    let plain = Rp::web(&house).await;
    assert_eq!(error_of(&plain.ask(&mut browser, &[("resource", API)]).await), "invalid_target");
    for bad in ["http://api.danang.example/", "https://api.danang.example/#f", "api"] {
        let mut asked = registration(ClientKind::Web);
        asked.metadata.resources = vec![bad.to_owned()];
        let refused = clients::register(&house.app, Actor::CommandLine, &asked).await.expect_err("refused");
        assert!(refused.to_string().contains("cannot be a resource"), "{refused}");
    }
}
