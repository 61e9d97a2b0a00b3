//! FAPI 2.0 Security Profile (final) as the profile of a client: §5.3.2, §5.4; and signed requests of Message Signing.

use crate::house::{Answer, Browser, House};
use crate::own_keys::{OwnKey, asserting, key_set};
use crate::rp::{
    CALLBACK, ISSUER, Rp, answered, code_fields, error_of, form, house, json, registration, signed_in,
    token_error,
};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use danang_sso::crypto::token::digest;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::{AuthMethod, Profile};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};
use time::Duration;

struct Scene {
    house: House,
    rp: Rp,
    browser: Browser,
    /// Proves the client.
    own: OwnKey,
    /// Holds the tokens.
    dpop: OwnKey,
}

async fn scene() -> Scene {
    let own = OwnKey::new(Algorithm::PS256, Some("c1"));
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.profile = Profile::Fapi2;
    asked.metadata.token_endpoint_auth_method = Some(AuthMethod::PrivateKeyJwt);
    asked.metadata.jwks = Some(key_set(&[&own]));
    let rp = Rp::new(&house, &asked).await;
    let browser = signed_in(&house).await;
    Scene { house, rp, browser, own, dpop: OwnKey::new(Algorithm::ES256, None) }
}

impl Scene {
    async fn send(&mut self, path: &str, fields: &[(&str, &str)], with_proof: bool) -> Answer {
        let assertion = self.own.assertion(&self.house, &self.rp.client_id, &value!({ "aud": ISSUER }));
        let mut all = fields.to_vec();
        all.push(("client_id", self.rp.client_id.as_str()));
        all.extend(asserting(&assertion));
        let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if with_proof {
            let proof = self.dpop.proof(&self.house, "POST", path, &value!({}));
            request = request.header("DPoP", proof);
        }
        self.browser.send(request, Body::from(form(all))).await
    }

    async fn push(&mut self, changes: &[(&'static str, &str)]) -> Answer {
        let mut request = self.rp.request();
        request.remove("client_id");
        request.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
        request.retain(|_, value| !value.is_empty());
        let fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.send("/par", &fields, false).await
    }

    async fn code(&mut self, changes: &[(&'static str, &str)]) -> String {
        let answer = self.push(changes).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let uri = json(&answer)["request_uri"].as_str().expect("a reference").to_owned();
        let short = form([("client_id", self.rp.client_id.as_str()), ("request_uri", &uri)]);
        let answer = answered(&self.browser.get(&format!("/authorize?{short}")).await);
        assert_eq!(answer["iss"], ISSUER);
        assert!(!answer.contains_key("session_state"));
        answer["code"].clone()
    }

    async fn userinfo(&mut self, token: &str) -> u16 {
        let proof = self.dpop.proof(&self.house, "GET", "/userinfo", &value!({ "ath": digest(token) }));
        let request = Request::get("/userinfo").header(AUTHORIZATION, format!("DPoP {token}"));
        self.browser.send(request.header("DPoP", proof), Body::empty()).await.status.as_u16()
    }
}

#[tokio::test]
async fn the_whole_flow_with_par_private_key_jwt_and_dpop_5_3_2() {
    let mut scene = scene().await;
    let code = scene.code(&[("scope", "openid offline_access")]).await;
    let answer = scene.send("/token", &code_fields(&code), true).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let tokens = json(&answer);
    assert_eq!(tokens["token_type"], "DPoP");
    assert_eq!(crate::rp::header(&tokens["id_token"])["alg"], "PS256", "never RS256 (§5.4.1)");
    assert_eq!(scene.userinfo(tokens["access_token"].as_str().expect("a token")).await, 200);
    let again = scene.send("/token", &code_fields(&code), true).await;
    assert_eq!(token_error(&again), "invalid_grant");
    assert_eq!(scene.userinfo(tokens["access_token"].as_str().expect("a token")).await, 401);
}

#[tokio::test]
async fn requests_are_pushed_and_nothing_else_is_taken_5_3_2_2() {
    let mut scene = scene().await;
    let plain = scene.rp.ask(&mut scene.browser, &[]).await;
    assert_eq!(error_of(&plain), "invalid_request");
    for (change, error) in [
        (("response_type", "code id_token"), "unauthorized_client"),
        (("redirect_uri", ""), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        assert_eq!(token_error(&scene.push(&[change]).await), error, "{change:?}");
    }
}

#[tokio::test]
async fn tokens_are_bound_to_a_key_always_5_3_2_1() {
    let mut scene = scene().await;
    let code = scene.code(&[]).await;
    let without = scene.send("/token", &code_fields(&code), false).await;
    assert_eq!(token_error(&without), "invalid_dpop_proof");
    assert_eq!(scene.send("/token", &code_fields(&code), true).await.status, 200);
}

#[tokio::test]
async fn a_code_lives_sixty_seconds_at_most_5_3_2_1() {
    let mut scene = scene().await;
    let code = scene.code(&[]).await;
    scene.house.pass(Duration::seconds(59));
    assert_eq!(scene.send("/token", &code_fields(&code), true).await.status, 200);
    let code = scene.code(&[]).await;
    scene.house.pass(Duration::seconds(62));
    assert_eq!(token_error(&scene.send("/token", &code_fields(&code), true).await), "invalid_grant");
}

#[tokio::test]
async fn the_refresh_token_stays_and_needs_the_client_and_a_proof_5_3_2_1() {
    let mut scene = scene().await;
    let code = scene.code(&[("scope", "openid offline_access")]).await;
    let tokens = json(&scene.send("/token", &code_fields(&code), true).await);
    let refresh = tokens["refresh_token"].as_str().expect("one").to_owned();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    for _ in 0..2 {
        let renewed = json(&scene.send("/token", &fields, true).await);
        assert_eq!(renewed["token_type"], "DPoP");
        assert_eq!(renewed["refresh_token"], Value::Null, "the same one goes on");
        assert_eq!(scene.userinfo(renewed["access_token"].as_str().expect("a token")).await, 200);
    }
    assert_eq!(token_error(&scene.send("/token", &fields, false).await), "invalid_dpop_proof");
    let nobody =
        scene.browser.post("/token", &[("client_id", &scene.rp.client_id), fields[0], fields[1]]).await;
    assert_eq!(token_error(&nobody), "invalid_client");
}

#[tokio::test]
async fn the_verifier_is_required_and_must_fit_rfc7636() {
    let mut scene = scene().await;
    let code = scene.code(&[]).await;
    let fields = code_fields(&code);
    assert_eq!(token_error(&scene.send("/token", &fields[..3], true).await), "invalid_grant");
    let wrong = [fields[0], fields[1], fields[2], ("code_verifier", &"x".repeat(43))];
    assert_eq!(token_error(&scene.send("/token", &wrong, true).await), "invalid_grant");
}

#[tokio::test]
async fn states_and_nonces_of_every_length_come_back_or_stay_away() {
    let mut scene = scene().await;
    for nonce in ["", &"n".repeat(64), &"n".repeat(384)] {
        let code = scene.code(&[("nonce", nonce), ("state", "")]).await;
        let tokens = json(&scene.send("/token", &code_fields(&code), true).await);
        let told = crate::rp::claims(&tokens["id_token"])["nonce"].clone();
        assert_eq!(told, if nonce.is_empty() { Value::Null } else { nonce.into() });
    }
}

#[tokio::test]
async fn a_signed_request_says_for_whom_and_for_how_long_message_signing_5_3() {
    let mut scene = scene().await;
    let now = scene.house.app.now().seconds();
    let object = |scene: &Scene, changes: &Value| {
        let mut claims = value!({ "iss": scene.rp.client_id, "aud": [ISSUER, "https://x.example"], "nbf": now, "exp": now + 300 });
        for (name, parameter) in scene.rp.request() {
            claims[name] = parameter.into();
        }
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        scene.own.sign(&claims)
    };
    for (changes, good) in [
        (value!({}), true),
        (value!({ "nbf": now + 8 }), true),
        (value!({ "exp": null }), false),
        (value!({ "nbf": null }), false),
        (value!({ "exp": now - 61 }), false),
        (value!({ "exp": now + 3700 }), false),
        (value!({ "nbf": now - 3700, "exp": now + 10 }), false),
        (value!({ "aud": "https://x.example" }), false),
        (value!({ "aud": null }), false),
    ] {
        let object = object(&scene, &changes);
        let answer = scene.send("/par", &[("request", &object)], false).await;
        if good {
            assert_eq!(answer.status, 201, "{changes}: {}", answer.body);
        } else {
            assert_eq!(token_error(&answer), "invalid_request_object", "{changes}");
        }
    }
    let other = OwnKey::new(Algorithm::RS256, Some("c1")).sign(&value!({ "iss": scene.rp.client_id }));
    let answer = scene.send("/par", &[("request", &other), ("redirect_uri", CALLBACK)], false).await;
    assert_eq!(token_error(&answer), "invalid_request_object");
}
