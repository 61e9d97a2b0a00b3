//! RFC 9449: proofs of possession (DPoP) at the token endpoint, at PAR and at UserInfo.

use crate::house::{Answer, Browser, House};
use crate::own_keys::OwnKey;
use crate::rp::{
    CALLBACK, Rp, answered, code_fields, form, house, json, registration, signed_in, token_error,
};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use danang_sso::crypto::token::digest;
use danang_sso::domain::oauth::client::ClientKind;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};
use time::Duration;

const NOTHING: Value = Value::Null;

/// Sends a form with the client's authentication and these DPoP headers.
async fn send(
    rp: &Rp,
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    proofs: &[&str],
) -> Answer {
    let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let mut all = fields.to_vec();
    match &rp.secret {
        Some(secret) => {
            let basic = STANDARD.encode(format!("{}:{secret}", rp.client_id));
            request = request.header(AUTHORIZATION, format!("Basic {basic}"));
        }
        None => all.push(("client_id", rp.client_id.as_str())),
    }
    for proof in proofs {
        request = request.header("DPoP", *proof);
    }
    browser.send(request, Body::from(form(all))).await
}

async fn open(browser: &mut Browser, scheme: &str, token: &str, proofs: &[&str]) -> Answer {
    let mut request = Request::get("/userinfo").header(AUTHORIZATION, format!("{scheme} {token}"));
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    browser.send(request, Body::empty()).await
}

struct Scene {
    house: House,
    rp: Rp,
    browser: Browser,
    key: OwnKey,
}

async fn scene(kind: ClientKind) -> Scene {
    let house = house().await;
    let mut asked = registration(kind);
    asked.redirect_uris = vec![CALLBACK.to_owned()];
    let rp = Rp::new(&house, &asked).await;
    let browser = signed_in(&house).await;
    Scene { house, rp, browser, key: OwnKey::new(Algorithm::ES256, None) }
}

impl Scene {
    fn proof(&self, path: &str) -> String {
        self.key.proof(&self.house, "POST", path, &value!({}))
    }

    /// A proof for UserInfo with this token.
    fn proof_for(&self, token: &str, changes: &Value) -> String {
        let mut all = value!({ "ath": digest(token) });
        for (name, value) in changes.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        self.key.proof(&self.house, "GET", "/userinfo", &all)
    }

    /// A token that is bound to the key.
    async fn bound(&mut self, scope: &str) -> Value {
        let code = self.rp.code(&mut self.browser, &[("scope", scope)]).await;
        let proof = self.proof("/token");
        let answer = send(&self.rp, &mut self.browser, "/token", &code_fields(&code), &[&proof]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        json(&answer)
    }

    async fn opens(&mut self, scheme: &str, token: &str, proofs: &[&str]) -> bool {
        let answer = open(&mut self.browser, scheme, token, proofs).await;
        assert!([200, 400, 401].contains(&answer.status.as_u16()), "{}", answer.status);
        answer.status == 200
    }
}

#[tokio::test]
async fn a_bound_token_opens_userinfo_with_a_proof_of_its_key_5_7_1() {
    for alg in [Algorithm::ES256, Algorithm::PS256, Algorithm::EdDSA] {
        let mut scene = scene(ClientKind::Web).await;
        scene.key = OwnKey::new(alg, None);
        let tokens = scene.bound("openid").await;
        assert_eq!(tokens["token_type"], "DPoP");
        let token = tokens["access_token"].as_str().expect("a token");
        for scheme in ["DPoP", "dPOP"] {
            let proof = scene.proof_for(token, &NOTHING);
            assert!(scene.opens(scheme, token, &[&proof]).await, "{alg:?} {scheme}");
        }
    }
}

#[tokio::test]
async fn a_bound_token_is_nothing_without_its_key_7_1_7_2() {
    let mut scene = scene(ClientKind::Web).await;
    let tokens = scene.bound("openid").await;
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let proof = scene.proof_for(&token, &NOTHING);
    assert!(!scene.opens("Bearer", &token, &[]).await);
    assert!(!scene.opens("Bearer", &token, &[&proof]).await, "a downgrade to Bearer");
    assert!(!scene.opens("DPoP", &token, &[]).await, "no proof");
    let other = OwnKey::new(Algorithm::ES256, None);
    let foreign = other.proof(&scene.house, "GET", "/userinfo", &value!({ "ath": digest(&token) }));
    assert!(!scene.opens("DPoP", &token, &[&foreign]).await, "another key");
    let answer = open(&mut scene.browser, "DPoP", &token, &[]).await;
    let challenge = answer.headers["www-authenticate"].to_str().expect("ASCII");
    assert!(
        challenge.starts_with("DPoP ") && challenge.contains("algs=\"ES256 PS256 EdDSA\""),
        "{challenge}"
    );
}

#[tokio::test]
async fn a_proof_is_held_against_each_rule_at_userinfo_4_3() {
    let mut scene = scene(ClientKind::Web).await;
    let tokens = scene.bound("openid").await;
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let now = scene.house.app.now().seconds();
    for (changes, good) in [
        (value!({ "htu": "http://localhost:8080/userinfo?x=1#y" }), true),
        (value!({ "htu": "HTTP://LOCALHOST:8080/userinfo" }), true),
        (value!({ "exp": now - 3600, "nbf": now + 3600, "unheard_of": true }), true),
        (value!({ "iat": now + 10 }), true),
        (value!({ "iat": now - 10 }), true),
        (value!({ "iat": now - 3600 }), false),
        (value!({ "iat": now + 3600 }), false),
        (value!({ "htm": "POST" }), false),
        (value!({ "htu": "http://localhost:8080/token" }), false),
        (value!({ "ath": digest("another") }), false),
        (value!({ "ath": null }), false),
        (value!({ "iat": null }), false),
        (value!({ "jti": null }), false),
        (value!({ "htm": null }), false),
        (value!({ "htu": null }), false),
    ] {
        let proof = scene.proof_for(&token, &changes);
        assert_eq!(scene.opens("DPoP", &token, &[&proof]).await, good, "{changes}");
    }
    let proof = scene.proof_for(&token, &NOTHING);
    let second = scene.proof_for(&token, &NOTHING);
    assert!(!scene.opens("DPoP", &token, &[&proof, &second]).await, "two headers");
    assert!(scene.opens("DPoP", &token, &[&proof]).await);
    assert!(!scene.opens("DPoP", &token, &[&proof]).await, "once");
    assert!(!scene.opens("DPoP", &token, &["x"]).await);
}

#[tokio::test]
async fn a_header_of_another_kind_is_no_proof_4_2_4_3() {
    let mut scene = scene(ClientKind::Web).await;
    let tokens = scene.bound("openid").await;
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let jwk = scene.key.jwk();
    let mut private = jwk.clone();
    private["d"] = value!("AAAA");
    let usual = value!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk });
    let with = |name: &str, value: &Value| {
        let mut header = usual.clone();
        header[name] = value.clone();
        header.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        header
    };
    for (header, good) in [
        (usual.clone(), true),
        (with("unheard_of", &value!(1)), true),
        (with("typ", &Value::Null), false),
        (with("typ", &value!("JWT")), false),
        (with("alg", &Value::Null), false),
        (with("alg", &value!("none")), false),
        (with("jwk", &Value::Null), false),
        (with("jwk", &private), false),
    ] {
        let claims =
            OwnKey::proof_claims(&scene.house, "GET", "/userinfo", &value!({ "ath": digest(&token) }));
        let proof = scene.key.sign_under(&header, &claims);
        assert_eq!(scene.opens("DPoP", &token, &[&proof]).await, good, "{header}");
        let (body, _) = proof.rsplit_once('.').expect("three parts");
        assert!(!scene.opens("DPoP", &token, &[&format!("{body}.AAAA")]).await);
    }
    let rsa = OwnKey::new(Algorithm::RS256, None);
    let proof = rsa.proof(&scene.house, "GET", "/userinfo", &value!({ "ath": digest(&token) }));
    assert!(!scene.opens("DPoP", &token, &[&proof]).await, "RS256");
}

#[tokio::test]
async fn an_unbound_token_is_a_bearer_token_and_no_dpop_token_7_1() {
    let mut scene = scene(ClientKind::Web).await;
    let tokens = scene.rp.tokens(&mut scene.browser, &[]).await;
    assert_eq!(tokens["token_type"], "Bearer");
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let proof = scene.proof_for(&token, &NOTHING);
    assert!(!scene.opens("DPoP", &token, &[&proof]).await);
    assert!(scene.opens("Bearer", &token, &[]).await);
}

#[tokio::test]
async fn a_wrong_proof_at_the_token_endpoint_leaves_the_code_to_a_right_one_5() {
    let mut scene = scene(ClientKind::Web).await;
    let code = scene.rp.code(&mut scene.browser, &[]).await;
    let now = scene.house.app.now().seconds();
    for changes in [
        value!({ "iat": now - 3600 }),
        value!({ "htu": "http://localhost:8080/userinfo" }),
        value!({ "htm": "GET" }),
        value!({ "jti": null }),
    ] {
        let proof = scene.key.proof(&scene.house, "POST", "/token", &changes);
        let answer = send(&scene.rp, &mut scene.browser, "/token", &code_fields(&code), &[&proof]).await;
        assert_eq!(token_error(&answer), "invalid_dpop_proof", "{changes}");
    }
    let (one, two) = (scene.proof("/token"), scene.proof("/token"));
    let twice = send(&scene.rp, &mut scene.browser, "/token", &code_fields(&code), &[&one, &two]).await;
    assert_eq!(token_error(&twice), "invalid_dpop_proof");
    let good = send(&scene.rp, &mut scene.browser, "/token", &code_fields(&code), &[&one]).await;
    assert_eq!(good.status, 200);
}

#[tokio::test]
async fn dpop_jkt_binds_the_code_to_the_key_10() {
    let mut scene = scene(ClientKind::Web).await;
    let jkt = scene.key.jkt();
    let code = scene.rp.code(&mut scene.browser, &[("dpop_jkt", &jkt)]).await;
    let other = OwnKey::new(Algorithm::ES256, None).proof(&scene.house, "POST", "/token", &value!({}));
    let foreign = send(&scene.rp, &mut scene.browser, "/token", &code_fields(&code), &[&other]).await;
    assert_eq!(token_error(&foreign), "invalid_grant");
    let without = send(&scene.rp, &mut scene.browser, "/token", &code_fields(&code), &[]).await;
    assert_eq!(token_error(&without), "invalid_dpop_proof");
    let proof = scene.proof("/token");
    let good = send(&scene.rp, &mut scene.browser, "/token", &code_fields(&code), &[&proof]).await;
    assert_eq!(good.status, 200, "{}", good.body);
    let bad = scene.rp.ask(&mut scene.browser, &[("dpop_jkt", "short")]).await;
    assert_eq!(bad["error"], "invalid_request");
}

#[tokio::test]
async fn a_proof_at_par_binds_the_code_and_must_fit_dpop_jkt_10_1() {
    let mut scene = scene(ClientKind::Web).await;
    let request = scene.rp.request();
    let mut fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.retain(|(name, _)| *name != "client_id");
    let proof = scene.proof("/par");
    let answer = send(&scene.rp, &mut scene.browser, "/par", &fields, &[&proof]).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let uri = json(&answer)["request_uri"].as_str().expect("a reference").to_owned();
    let short = form([("client_id", scene.rp.client_id.as_str()), ("request_uri", &uri)]);
    let code = answered(&scene.browser.get(&format!("/authorize?{short}")).await)["code"].clone();
    let other = OwnKey::new(Algorithm::ES256, None);
    let foreign = other.proof(&scene.house, "POST", "/token", &value!({}));
    let refused = send(&scene.rp, &mut scene.browser, "/token", &code_fields(&code), &[&foreign]).await;
    assert_eq!(token_error(&refused), "invalid_grant");
    let proof = scene.proof("/token");
    assert_eq!(
        send(&scene.rp, &mut scene.browser, "/token", &code_fields(&code), &[&proof]).await.status,
        200
    );
    let (proof, jkt) = (scene.proof("/par"), other.jkt());
    fields.push(("dpop_jkt", &jkt));
    let mismatch = send(&scene.rp, &mut scene.browser, "/par", &fields, &[&proof]).await;
    assert_eq!(token_error(&mismatch), "invalid_dpop_proof");
}

#[tokio::test]
async fn the_refresh_token_of_a_public_client_is_bound_and_rotates_5_8() {
    let mut scene = scene(ClientKind::Spa).await;
    let tokens = scene.bound("openid offline_access").await;
    let refresh = tokens["refresh_token"].as_str().expect("one").to_owned();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let other = OwnKey::new(Algorithm::ES256, None).proof(&scene.house, "POST", "/token", &value!({}));
    for (proofs, error) in [(vec![], "invalid_dpop_proof"), (vec![other.as_str()], "invalid_grant")] {
        let answer = send(&scene.rp, &mut scene.browser, "/token", &fields, &proofs).await;
        assert_eq!(token_error(&answer), error);
    }
    let proof = scene.proof("/token");
    let renewed = json(&send(&scene.rp, &mut scene.browser, "/token", &fields, &[&proof]).await);
    assert_eq!(renewed["token_type"], "DPoP");
    assert_ne!(renewed["refresh_token"], refresh.as_str());
    let token = renewed["access_token"].as_str().expect("a token").to_owned();
    let proof = scene.proof_for(&token, &NOTHING);
    assert!(scene.opens("DPoP", &token, &[&proof]).await);
}

#[tokio::test]
async fn a_client_may_be_bound_to_prove_always_5_2() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.metadata.dpop_bound_access_tokens = true;
    asked.metadata.response_types = vec!["code".to_owned(), "code token".to_owned()];
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let front = crate::rp::fragment(&browser.get(&rp.address(&[("response_type", "code token")])).await);
    assert_eq!(front["error"], "unauthorized_client", "a token of the front channel would be unbound");
    let code = rp.code(&mut browser, &[]).await;
    assert_eq!(token_error(&rp.redeem(&mut browser, &code).await), "invalid_dpop_proof");
    let key = OwnKey::new(Algorithm::EdDSA, None);
    let proof = key.proof(&house, "POST", "/token", &value!({}));
    assert_eq!(send(&rp, &mut browser, "/token", &code_fields(&code), &[&proof]).await.status, 200);
}

#[tokio::test]
async fn a_used_proof_is_forgotten_once_it_is_too_old_to_be_good_11_1() {
    let mut scene = scene(ClientKind::Web).await;
    let tokens = scene.bound("openid").await;
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let proof = scene.proof_for(&token, &NOTHING);
    assert!(scene.opens("DPoP", &token, &[&proof]).await);
    scene.house.pass(Duration::seconds(120));
    danang_sso::services::upkeep::forget(&scene.house.app).await.expect("runs");
    assert!(!scene.opens("DPoP", &token, &[&proof]).await, "still known");
    scene.house.pass(Duration::seconds(61));
    danang_sso::services::upkeep::forget(&scene.house.app).await.expect("runs");
    assert!(!scene.opens("DPoP", &token, &[&proof]).await, "too old");
}

#[tokio::test]
async fn a_proof_without_a_right_token_writes_nothing() {
    let mut scene = scene(ClientKind::Web).await;
    let used = async |house: &House| {
        let file = house.folder().join("house.db");
        let db = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.expect("opens");
        sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM used_assertion")
            .fetch_one(&db)
            .await
            .expect("reads")
    };
    let before = used(&scene.house).await;
    let proof = scene.proof_for("no token of ours", &NOTHING);
    assert!(!scene.opens("DPoP", "no token of ours", &[&proof]).await);
    let proof = scene.proof("/token");
    let answer =
        send(&scene.rp, &mut scene.browser, "/token", &code_fields("no code of ours"), &[&proof]).await;
    assert_eq!(token_error(&answer), "invalid_grant");
    assert_eq!(used(&scene.house).await, before);
    scene.bound("openid").await;
    assert_eq!(used(&scene.house).await, before + 1);
}
