//! OpenID Connect RP-Initiated Logout 1.0: an application asks to sign a person out.

use crate::house::{Answer, Browser, House};
use crate::rp::{GOODBYE, Rp, error_of, form, house, registration, signed_in, signed_in_as, userinfo};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use danang_sso::domain::oauth::client::ClientKind;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

struct Scene {
    house: House,
    rp: Rp,
    browser: Browser,
    tokens: Value,
}

/// A person signed in at an application.
async fn scene() -> Scene {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    Scene { house, rp, browser, tokens }
}

impl Scene {
    fn hint(&self) -> &str {
        self.tokens["id_token"].as_str().expect("a token")
    }

    async fn logout(&mut self, fields: &[(&str, &str)]) -> Answer {
        self.browser.get(&format!("/logout?{}", form(fields.iter().copied()))).await
    }

    /// Whether the session is really gone, with everything that came out of it.
    async fn is_signed_out(&mut self) -> bool {
        let silent = self.rp.ask(&mut self.browser, &[("prompt", "none")]).await;
        let session = !silent.contains_key("code");
        if session {
            assert_eq!(error_of(&silent), "login_required");
        }
        let token = userinfo(&mut self.browser, &self.tokens["access_token"]).await.status == 401;
        assert_eq!(session, token, "session and tokens end together");
        session
    }

    /// Asserts that a page asks, leads nowhere, and that confirming it signs out without leading to an application.
    async fn asks_and_stays_here(&mut self, fields: &[(&str, &str)]) {
        let page = self.logout(fields).await;
        assert_eq!((page.status.as_u16(), page.location.clone()), (200, None), "{fields:?}");
        page.shows("id=\"sign-out-form\"");
        assert!(!self.is_signed_out().await);
        self.confirm(&page).await.leads_to("/signed-out");
        assert!(self.is_signed_out().await);
        self.browser.get("/signed-out").await.shows("id=\"signed-out\"");
    }

    /// Presses the button of the confirming page.
    async fn confirm(&mut self, page: &Answer) -> Answer {
        let names = ["csrf", "client_id", "post_logout_redirect_uri", "state"];
        let fields: Vec<_> = names.iter().filter_map(|name| Some((*name, page.hidden(name)?))).collect();
        let mut fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("answer", "sign_out"));
        self.browser.post("/logout/confirm", &fields).await
    }
}

#[tokio::test]
async fn a_hint_and_a_registered_address_sign_out_and_lead_back_with_the_state_alone_3() {
    let mut scene = scene().await;
    let (hint, state) = (scene.hint().to_owned(), "s".repeat(128));
    let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE), ("state", &state)];
    scene.logout(&fields).await.leads_to(&format!("{GOODBYE}?state={state}"));
    assert!(scene.is_signed_out().await);
}

#[tokio::test]
async fn without_a_state_none_comes_back_3() {
    let mut scene = scene().await;
    let hint = scene.hint().to_owned();
    scene.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", GOODBYE)]).await.leads_to(GOODBYE);
    assert!(scene.is_signed_out().await);
}

#[tokio::test]
async fn a_hint_that_has_expired_is_good_4() {
    let mut scene = scene().await;
    let hint = scene.hint().to_owned();
    scene.house.pass(time::Duration::minutes(50));
    scene.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", GOODBYE)]).await.leads_to(GOODBYE);
    assert!(scene.is_signed_out().await);
}

#[tokio::test]
async fn a_hint_without_an_address_signs_out_and_ends_on_our_page_2() {
    let mut scene = scene().await;
    let hint = scene.hint().to_owned();
    scene.logout(&[("id_token_hint", &hint), ("state", "x")]).await.leads_to("/signed-out");
    assert!(scene.is_signed_out().await);
}

#[tokio::test]
async fn an_address_that_is_not_registered_exactly_is_never_followed_3() {
    for wrong in [
        "https://evil.example/",
        "https://app.danang.example/goodbye?foo=bar",
        "https://app.danang.example/callback",
    ] {
        let mut scene = scene().await;
        let hint = scene.hint().to_owned();
        let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", wrong), ("state", "x")];
        let answer = scene.logout(&fields).await;
        assert!(answer.location.is_none(), "the person is asked, and sent nowhere: {:?}", answer.location);
        assert!(!scene.is_signed_out().await, "not before they agree");
    }
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked_and_stays_here_2() {
    for fields in [
        vec![],
        vec![("state", "x")],
        vec![("post_logout_redirect_uri", GOODBYE), ("state", "x")],
        vec![("post_logout_redirect_uri", "https://evil.example/"), ("client_id", "unheard-of")],
    ] {
        scene().await.asks_and_stays_here(&fields).await;
    }
}

#[tokio::test]
async fn a_forged_hint_counts_as_none_and_spoils_the_address_4() {
    let made = scene().await;
    let (header, rest) = made.hint().split_once('.').expect("three parts");
    let (body, _) = rest.split_once('.').expect("three parts");
    let kid: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON");
    let none = URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "kid": kid["kid"] }).to_string());
    let secret = made.rp.secret.clone().expect("one");
    let by_client = jsonwebtoken::encode(
        &Header { kid: kid["kid"].as_str().map(str::to_owned), ..Header::new(Algorithm::HS256) },
        &json!({ "iss": crate::rp::ISSUER, "sub": "x", "aud": made.rp.client_id }),
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .expect("signed");
    for forged in [format!("{none}.{body}."), format!("{header}.{body}.AAAA"), by_client, "x".to_owned()] {
        let mut scene = scene().await;
        let client_id = scene.rp.client_id.clone();
        let fields = [
            ("id_token_hint", forged.as_str()),
            ("client_id", client_id.as_str()),
            ("post_logout_redirect_uri", GOODBYE),
        ];
        scene.asks_and_stays_here(&fields).await;
    }
}

#[tokio::test]
async fn a_named_client_leads_back_only_after_the_person_agreed_2() {
    let mut scene = scene().await;
    let client_id = scene.rp.client_id.clone();
    let fields = [("client_id", client_id.as_str()), ("post_logout_redirect_uri", GOODBYE), ("state", "x y")];
    let page = scene.logout(&fields).await;
    page.shows("Quản lý văn bản");
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("form-action 'self' https://app.danang.example;"), "{policy}");
    assert!(!scene.is_signed_out().await);
    scene.confirm(&page).await.leads_to(&format!("{GOODBYE}?state=x+y"));
    assert!(scene.is_signed_out().await);
}

#[tokio::test]
async fn a_hint_of_another_client_than_the_named_one_is_not_believed_2() {
    let mut scene = scene().await;
    let other = Rp::new(&scene.house, &registration(ClientKind::Web)).await;
    let hint = scene.hint().to_owned();
    let fields = [
        ("id_token_hint", hint.as_str()),
        ("client_id", other.client_id.as_str()),
        ("post_logout_redirect_uri", GOODBYE),
    ];
    scene.asks_and_stays_here(&fields).await;
}

#[tokio::test]
async fn a_hint_about_somebody_else_asks_first_2() {
    let mut scene = scene().await;
    let hint = scene.hint().to_owned();
    scene.browser = signed_in_as(&scene.house, "binh").await;
    scene.tokens = scene.rp.tokens(&mut scene.browser, &[]).await;
    let page = scene.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", GOODBYE)]).await;
    page.shows("id=\"sign-out-form\"");
    assert!(!scene.is_signed_out().await);
}

#[tokio::test]
async fn a_person_may_stay_signed_in_2() {
    let mut scene = scene().await;
    let page = scene.logout(&[]).await;
    let csrf = page.hidden("csrf").expect("a token");
    scene.browser.post("/logout/confirm", &[("csrf", &csrf), ("answer", "stay")]).await.leads_to("/");
    assert!(!scene.is_signed_out().await);
}

#[tokio::test]
async fn the_confirmation_cannot_be_sent_from_elsewhere() {
    let mut scene = scene().await;
    scene.logout(&[]).await;
    let answer = scene.browser.post("/logout/confirm", &[("answer", "sign_out")]).await;
    assert_eq!(answer.status, 403);
    assert!(!scene.is_signed_out().await);
}

#[tokio::test]
async fn a_request_by_post_does_the_same_2() {
    let mut scene = scene().await;
    let body = form([("id_token_hint", scene.hint()), ("post_logout_redirect_uri", GOODBYE)]);
    // From another site the cookie does not come along.
    let posted = Request::post("/logout").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = scene.house.browser().send(posted, Body::from(body)).await;
    assert_eq!(answer.status, 303);
    let onward = answer.location.expect("to the same request by GET");
    scene.browser.get(&onward).await.leads_to(GOODBYE);
    assert!(scene.is_signed_out().await);
}

#[tokio::test]
async fn without_a_session_a_good_request_leads_back_at_once_2() {
    let mut scene = scene().await;
    let hint = scene.hint().to_owned();
    let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE)];
    scene.logout(&fields).await.leads_to(GOODBYE);
    scene.logout(&fields).await.leads_to(GOODBYE);
    scene.logout(&[]).await.leads_to("/signed-out");
}
