//! RFC 9449 §8, §9: nonces of the house in proofs of possession.

use crate::house::{Answer, Browser, House};
use crate::own_keys::OwnKey;
use crate::rp::{CALLBACK, CHALLENGE, Rp, code_fields, form, json, registration, signed_in};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use danang_sso::crypto::token::digest;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};
use time::Duration;
use time::macros::datetime;

struct Scene {
    house: House,
    rp: Rp,
    browser: Browser,
    key: OwnKey,
}

/// A house with this setting, and an application that may be registered for nonces.
async fn scene(setting: &str, is_registered: bool) -> Scene {
    let more = format!("[oidc]\ndpop_nonce = \"{setting}\"\n");
    let house = House::at(datetime!(2026-03-02 09:00 +7), &more).await;
    house.add("an", &[MailSystem::Ad]);
    house.sync().await;
    let mut asked = registration(ClientKind::Web);
    asked.redirect_uris = vec![CALLBACK.to_owned()];
    asked.metadata.dpop_nonce_required = is_registered;
    let rp = Rp::new(&house, &asked).await;
    let browser = signed_in(&house).await;
    Scene { house, rp, browser, key: OwnKey::new(Algorithm::ES256, None) }
}

fn nonce_of(answer: &Answer) -> Option<String> {
    let all: Vec<_> = answer.headers.get_all("dpop-nonce").iter().collect();
    assert!(all.len() <= 1);
    all.first().map(|nonce| nonce.to_str().expect("ASCII").to_owned())
}

impl Scene {
    /// Sends a form with a proof that has this nonce.
    async fn send(&mut self, path: &str, fields: &[(&str, &str)], nonce: Option<&str>) -> Answer {
        let claims = nonce.map_or_else(|| value!({}), |nonce| value!({ "nonce": nonce }));
        let proof = self.key.proof(&self.house, "POST", path, &claims);
        let basic =
            STANDARD.encode(format!("{}:{}", self.rp.client_id, self.rp.secret.as_deref().expect("one")));
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, format!("Basic {basic}"))
            .header("DPoP", proof);
        self.browser.send(request, Body::from(form(fields.iter().copied()))).await
    }

    /// Redeems a new code with a proof that has this nonce.
    async fn redeem(&mut self, nonce: Option<&str>) -> Answer {
        let code = self.rp.code(&mut self.browser, &[]).await;
        self.send("/token", &code_fields(&code), nonce).await
    }

    async fn userinfo(&mut self, token: &str, nonce: Option<&str>) -> Answer {
        let mut claims = value!({ "ath": digest(token) });
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        let proof = self.key.proof(&self.house, "GET", "/userinfo", &claims);
        let request = Request::get("/userinfo").header(AUTHORIZATION, format!("DPoP {token}"));
        self.browser.send(request.header("DPoP", proof), Body::empty()).await
    }
}

fn error(answer: &Answer) -> Value {
    json(answer)["error"].clone()
}

#[tokio::test]
async fn where_nonces_are_required_the_token_endpoint_hands_one_out_and_takes_it_8() {
    for (setting, is_registered) in [("required", false), ("off", true), ("optional", true)] {
        let mut scene = scene(setting, is_registered).await;
        let code = scene.rp.code(&mut scene.browser, &[]).await;
        let refused = scene.send("/token", &code_fields(&code), None).await;
        assert_eq!((refused.status.as_u16(), error(&refused)), (400, value!("use_dpop_nonce")), "{setting}");
        assert_eq!(refused.headers["cache-control"], "no-store");
        let nonce = nonce_of(&refused).expect("a nonce");
        // RFC 9449 §8: the same code is good with the nonce.
        let good = scene.send("/token", &code_fields(&code), Some(&nonce)).await;
        assert_eq!(
            (good.status.as_u16(), &json(&good)["token_type"]),
            (200, &value!("DPoP")),
            "{}",
            good.body
        );
    }
}

#[tokio::test]
async fn a_nonce_is_good_for_two_stretches_of_time_and_then_a_new_one_is_wanted_8_2() {
    let mut scene = scene("required", false).await;
    let nonce = nonce_of(&scene.redeem(None).await).expect("a nonce");
    scene.house.pass(Duration::seconds(150));
    let good = scene.redeem(Some(&nonce)).await;
    assert_eq!(good.status, 200);
    // §8.2: the next one comes with the good answer.
    let next = nonce_of(&good).expect("a nonce");
    assert_ne!(next, nonce);
    scene.house.pass(Duration::seconds(150));
    let stale = scene.redeem(Some(&nonce)).await;
    assert_eq!(error(&stale), "use_dpop_nonce");
    assert_eq!(scene.redeem(Some(&next)).await.status, 200);
}

#[tokio::test]
async fn a_nonce_that_is_not_ours_is_refused_and_one_of_another_kind_too_8() {
    let mut scene = scene("required", false).await;
    let nonce = nonce_of(&scene.redeem(None).await).expect("a nonce");
    for wrong in ["", "x", &nonce[1..], &format!("{nonce}A"), &nonce.to_lowercase()] {
        assert_eq!(error(&scene.redeem(Some(wrong)).await), "use_dpop_nonce", "{wrong:?}");
    }
    let code = scene.rp.code(&mut scene.browser, &[]).await;
    let proof = scene.key.proof(&scene.house, "POST", "/token", &value!({ "nonce": [nonce] }));
    let basic =
        STANDARD.encode(format!("{}:{}", scene.rp.client_id, scene.rp.secret.as_deref().expect("one")));
    let request = Request::post("/token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(AUTHORIZATION, format!("Basic {basic}"))
        .header("DPoP", proof);
    let answer = scene.browser.send(request, Body::from(form(code_fields(&code)))).await;
    assert_eq!(error(&answer), "use_dpop_nonce");
}

#[tokio::test]
async fn userinfo_and_par_ask_for_nonces_too_9() {
    for (setting, is_registered) in [("required", false), ("off", true)] {
        let mut scene = scene(setting, is_registered).await;
        let nonce = nonce_of(&scene.redeem(None).await).expect("a nonce");
        let tokens = json(&scene.redeem(Some(&nonce)).await);
        let token = tokens["access_token"].as_str().expect("a token").to_owned();
        let refused = scene.userinfo(&token, None).await;
        assert_eq!((refused.status.as_u16(), error(&refused)), (401, value!("use_dpop_nonce")));
        let challenge = refused.headers["www-authenticate"].to_str().expect("ASCII");
        assert!(
            challenge.starts_with("DPoP ") && challenge.contains("error=\"use_dpop_nonce\""),
            "{challenge}"
        );
        let nonce = nonce_of(&refused).expect("a nonce");
        assert_eq!(scene.userinfo(&token, Some("stale")).await.status, 401);
        assert_eq!(scene.userinfo(&token, Some(&nonce)).await.status, 200);
        let push = [
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let refused = scene.send("/par", &push, None).await;
        assert_eq!((refused.status.as_u16(), error(&refused)), (400, value!("use_dpop_nonce")));
        let nonce = nonce_of(&refused).expect("a nonce");
        assert_eq!(scene.send("/par", &push, Some(&nonce)).await.status, 201);
    }
}

#[tokio::test]
async fn an_optional_nonce_may_be_missing_and_may_not_be_stale() {
    let mut scene = scene("optional", false).await;
    let answer = scene.redeem(None).await;
    assert_eq!(answer.status, 200);
    let nonce = nonce_of(&answer).expect("it is handed out");
    assert_eq!(scene.redeem(Some(&nonce)).await.status, 200);
    scene.house.pass(Duration::minutes(6));
    assert_eq!(error(&scene.redeem(Some(&nonce)).await), "use_dpop_nonce");
}

#[tokio::test]
async fn where_nonces_are_off_none_is_handed_out_and_one_in_a_proof_means_nothing() {
    let mut scene = scene("off", false).await;
    let answer = scene.redeem(Some("of another server")).await;
    assert_eq!((answer.status.as_u16(), nonce_of(&answer)), (200, None));
}

#[tokio::test]
async fn an_answer_without_a_proof_has_no_nonce_and_scripts_of_other_origins_may_read_it_8() {
    let mut scene = scene("required", false).await;
    let rp = Rp { client_id: scene.rp.client_id.clone(), secret: scene.rp.secret.clone() };
    let code = rp.code(&mut scene.browser, &[]).await;
    let bearer = rp.redeem(&mut scene.browser, &code).await;
    assert_eq!((bearer.status.as_u16(), nonce_of(&bearer)), (200, None));
    let exposed = bearer.headers["access-control-expose-headers"].to_str().expect("ASCII");
    assert!(exposed.split(", ").any(|name| name == "dpop-nonce"), "{exposed}");
}
