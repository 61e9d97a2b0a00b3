//! OpenID Connect Core 1.0 §3.1.2.4: consent; and RFC 6749 §4.1.2.1: the person turns back.

use crate::house::{Browser, House};
use crate::rfc7591;
use crate::rp::{Rp, answered, claims, error_of, house, json, prove, registration, signed_in, userinfo};
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;

async fn asking(house: &House) -> Rp {
    let mut asked = registration(ClientKind::Web);
    let policy_uri = Some("https://app.danang.example/du-lieu".to_owned());
    asked.metadata = Metadata { consent_required: true, policy_uri, ..Metadata::default() };
    Rp::new(house, &asked).await
}

/// Asks, and comes to the page of the consent; tells the id of the request.
async fn asked(browser: &mut Browser, rp: &Rp, changes: &[(&'static str, &str)]) -> String {
    let location = browser.get(&rp.address(changes)).await.location.expect("to the consent");
    let id = location.strip_prefix("/authorize/consent?request=");
    id.unwrap_or_else(|| panic!("not to the consent: {location}")).to_owned()
}

async fn answer(browser: &mut Browser, id: &str, answer: &str) -> crate::house::Answer {
    let page = format!("/authorize/consent?request={id}");
    browser.post_from(&page, "/authorize/consent", &[("request", id), ("answer", answer)]).await
}

const SCOPE: (&str, &str) = ("scope", "openid profile");

#[tokio::test]
async fn the_page_names_the_application_what_it_gets_and_why_3_1_2_4() {
    let house = house().await;
    let rp = asking(&house).await;
    let mut browser = signed_in(&house).await;
    let id = asked(&mut browser, &rp, &[SCOPE]).await;
    let page = browser.get(&format!("/authorize/consent?request={id}")).await;
    page.shows("Quản lý văn bản").shows("an@danang.example").shows("Họ và tên, tên đăng nhập");
    page.shows("Để hiển thị đúng tên trong ứng dụng.").shows("https://app.danang.example/du-lieu");
    page.hides("Cơ quan và chức vụ");
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("form-action 'self' https://app.danang.example;"), "{policy}");
}

#[tokio::test]
async fn consent_is_asked_once_for_what_was_agreed_and_again_for_more_3_1_2_4() {
    let house = house().await;
    let rp = asking(&house).await;
    let mut browser = signed_in(&house).await;
    let silent = rp.ask(&mut browser, &[SCOPE, ("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "consent_required");
    let id = asked(&mut browser, &rp, &[SCOPE]).await;
    let onward = answer(&mut browser, &id, "agree").await.location.expect("onward");
    let code = answered(&browser.get(&onward).await)["code"].clone();
    let tokens = json(&rp.redeem(&mut browser, &code).await);
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 200);
    assert!(rp.ask(&mut browser, &[SCOPE, ("prompt", "none")]).await.contains_key("code"));
    assert!(rp.ask(&mut browser, &[("prompt", "none")]).await.contains_key("code"), "less needs no question");
    let more = rp.ask(&mut browser, &[("scope", "openid profile email"), ("prompt", "none")]).await;
    assert_eq!(error_of(&more), "consent_required");
    let claim = ("claims", r#"{"userinfo":{"agency_code":null}}"#);
    assert_eq!(
        error_of(&rp.ask(&mut browser, &[SCOPE, claim, ("prompt", "none")]).await),
        "consent_required"
    );
    // The answer of one person is not that of another.
    let mut of_binh = crate::rp::signed_in_as(&house, "binh").await;
    assert_eq!(error_of(&rp.ask(&mut of_binh, &[SCOPE, ("prompt", "none")]).await), "consent_required");
}

#[tokio::test]
async fn consent_ends_with_the_access_of_the_application() {
    let house = house().await;
    let rp = asking(&house).await;
    let mut browser = signed_in(&house).await;
    let id = asked(&mut browser, &rp, &[SCOPE]).await;
    let onward = answer(&mut browser, &id, "agree").await.location.expect("onward");
    let code = answered(&browser.get(&onward).await)["code"].clone();
    rp.redeem(&mut browser, &code).await;
    let fields = [("application", rp.client_id.as_str())];
    browser
        .post_from("/applications", "/applications/end", &fields)
        .await
        .leads_to("/applications?note=ended");
    let silent = rp.ask(&mut browser, &[SCOPE, ("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "consent_required");
}

#[tokio::test]
async fn a_refusal_is_access_denied_with_state_and_iss_rfc6749_4_1_2_1() {
    let house = house().await;
    let rp = asking(&house).await;
    let mut browser = signed_in(&house).await;
    let id = asked(&mut browser, &rp, &[SCOPE]).await;
    let refused = answered(&answer(&mut browser, &id, "refuse").await);
    assert_eq!(error_of(&refused), "access_denied");
    assert_eq!(refused["state"], "af0ifjsldkj");
    // The request is answered: agreeing now is too late.
    assert_eq!(browser.get(&format!("/authorize/continue?request={id}")).await.status, 400);
}

#[tokio::test]
async fn turning_back_from_the_sign_in_is_access_denied_rfc6749_4_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    let sign_in = browser.get(&rp.address(&[])).await.location.expect("to the sign-in");
    let id = sign_in.strip_prefix("/sign-in?request=").expect("an id").to_owned();
    browser.get(&sign_in).await.shows("Hủy và quay lại Quản lý văn bản");
    let refused = browser.post_from(&sign_in, "/authorize/cancel", &[("request", &id)]).await;
    let refused = answered(&refused);
    assert_eq!(error_of(&refused), "access_denied");
    assert_eq!(refused["state"], "af0ifjsldkj");
    let mut stranger = house.browser();
    let other = stranger.post_from("/sign-in", "/authorize/cancel", &[("request", &id)]).await;
    assert_eq!((other.status.as_u16(), other.location), (400, None), "another browser's request");
}

#[tokio::test]
async fn prompt_consent_asks_every_time_even_where_the_city_has_agreed_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    assert!(
        rp.ask(&mut browser, &[("prompt", "none")]).await.contains_key("code"),
        "usually nobody is asked"
    );
    for _ in 0..2 {
        let changes = [("prompt", "consent"), ("scope", "openid offline_access")];
        let id = asked(&mut browser, &rp, &changes).await;
        let onward = answer(&mut browser, &id, "agree").await.location.expect("onward");
        let answer = answered(&browser.get(&onward).await);
        let tokens = json(&rp.redeem(&mut browser, &answer["code"]).await);
        assert!(tokens["refresh_token"].is_string());
    }
}

#[tokio::test]
async fn somebody_signs_in_first_and_is_asked_then_3_1_2_4() {
    let house = house().await;
    let rp = asking(&house).await;
    let mut browser = house.browser();
    let sign_in = browser.get(&rp.address(&[])).await.location.expect("to the sign-in");
    let onward = prove(&mut browser, &sign_in, "an").await;
    let consent = browser.get(&onward).await.location.expect("to the consent");
    let id = consent.strip_prefix("/authorize/consent?request=").expect("an id").to_owned();
    let onward = answer(&mut browser, &id, "agree").await.location.expect("onward");
    let code = answered(&browser.get(&onward).await)["code"].clone();
    let tokens = json(&rp.redeem(&mut browser, &code).await);
    assert_eq!(claims(&tokens["id_token"])["sub"], house.account("an").await.subject());
}

#[tokio::test]
async fn agreeing_needs_the_token_of_the_page_and_the_own_browser() {
    let house = house().await;
    let rp = asking(&house).await;
    let mut browser = signed_in(&house).await;
    let id = asked(&mut browser, &rp, &[SCOPE]).await;
    let forged = browser.post("/authorize/consent", &[("request", &id), ("answer", "agree")]).await;
    assert_eq!(forged.status, 403);
    let mut other = signed_in(&house).await;
    let fields = [("request", id.as_str()), ("answer", "agree")];
    let foreign = other.post_from("/sessions", "/authorize/consent", &fields).await;
    assert_eq!((foreign.status.as_u16(), foreign.location), (400, None));
    assert_eq!(error_of(&rp.ask(&mut browser, &[("prompt", "none")]).await), "consent_required");
}

#[tokio::test]
async fn an_application_that_registered_itself_asks_everybody_rfc9700_4_11_2() {
    let house = rfc7591::open_house("mode = \"open\"").await;
    let rp = rfc7591::relying_party(&rfc7591::registered(&house, &serde_json::json!({})).await);
    let mut browser = signed_in(&house).await;
    let silent = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "consent_required");
}
