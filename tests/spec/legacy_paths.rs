//! The paths by which old applications know the endpoints (`oidc.legacy_paths`): the same rules hold behind them.

use crate::house::{Browser, House};
use crate::own_keys::OwnKey;
use crate::rp::{
    GOODBYE, Rp, answered, claims, code_fields, form, json, registration, signed_in, token_error,
};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::AuthMethod;
use danang_sso::domain::oauth::metadata::Metadata;
use jsonwebtoken::Algorithm;
use serde_json::json as value;

async fn house(more: &str) -> House {
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
    house.add("an", &[MailSystem::Ad]);
    house.sync().await;
    house
}

const ON: &str = "[oidc]\nlegacy_paths = true\n";

async fn code(rp: &Rp, browser: &mut Browser) -> String {
    let address = rp.address(&[]).replacen("/authorize", "/oauth2/authorize", 1);
    answered(&browser.get(&address).await)["code"].clone()
}

#[tokio::test]
async fn a_whole_flow_runs_on_the_old_paths_and_the_discovery_stays() {
    let house = house(ON).await;
    let (rp, mut browser) = (Rp::web(&house).await, signed_in(&house).await);
    let code = code(&rp, &mut browser).await;
    let tokens = json(&rp.send(&mut browser, "/oauth2/token", &code_fields(&code)).await);
    assert_eq!(claims(&tokens["id_token"])["iss"], "http://localhost:8080");
    let access = tokens["access_token"].as_str().expect("a token");
    let open = async |browser: &mut Browser| {
        let request = Request::get("/oauth2/userinfo").header(AUTHORIZATION, format!("Bearer {access}"));
        browser.send(request, Body::empty()).await.status.as_u16()
    };
    assert_eq!(open(&mut browser).await, 200);
    assert_eq!(rp.send(&mut browser, "/oauth2/revoke", &[("token", access)]).await.status, 200);
    assert_eq!(open(&mut browser).await, 401);
    let again = rp.send(&mut browser, "/oauth2/token", &code_fields(&code)).await;
    assert_eq!(token_error(&again), "invalid_grant", "a code is good once");
    let hint = tokens["id_token"].as_str().expect("a token");
    let fields = form([("id_token_hint", hint), ("post_logout_redirect_uri", GOODBYE)]);
    browser.get(&format!("/oidc/logout?{fields}")).await;
    browser.get("/").await.leads_to("/sign-in");
    let document = browser.get("/.well-known/openid-configuration").await;
    document.hides("/oauth2/").hides("/oidc/logout").shows("http://localhost:8080/token");
}

#[tokio::test]
async fn an_assertion_and_a_proof_may_name_the_old_token_endpoint_rfc7523_3_rfc9449_4_3() {
    let house = house(ON).await;
    let key = OwnKey::new(Algorithm::ES256, None);
    let mut asked = registration(ClientKind::Web);
    asked.metadata = Metadata {
        token_endpoint_auth_method: Some(AuthMethod::PrivateKeyJwt),
        jwks: Some(value!({ "keys": [key.jwk()] })),
        ..Metadata::default()
    };
    let (rp, mut browser) = (Rp::new(&house, &asked).await, signed_in(&house).await);
    for (path, audience, is_good) in [
        ("/oauth2/token", "http://localhost:8080/oauth2/token", true),
        ("/oauth2/token", "http://localhost:8080/token", true),
        ("/oauth2/token", "http://localhost:8080/oauth2/authorize", false),
    ] {
        let code = code(&rp, &mut browser).await;
        let assertion = key.assertion(&house, &rp.client_id, &value!({ "aud": audience }));
        let mut fields = code_fields(&code).to_vec();
        fields.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        fields.push(("client_assertion", &assertion));
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("DPoP", key.proof(&house, "POST", path, &value!({})));
        let answer = browser.send(request, Body::from(form(fields))).await;
        assert_eq!(answer.status == 200, is_good, "{audience}: {}", answer.body);
    }
}

#[tokio::test]
async fn nothing_is_there_unless_the_city_switches_it_on() {
    let house = house("").await;
    let mut browser = house.browser();
    let authorize = browser.get("/oauth2/authorize?client_id=x").await;
    assert_eq!((authorize.status.as_u16(), browser.get("/oidc/logout").await.status.as_u16()), (404, 404));
    for path in ["/oauth2/token", "/oauth2/revoke", "/oauth2/userinfo"] {
        assert_eq!(browser.post(path, &[]).await.status, 404, "{path}");
    }
}
