//! OpenID Connect Core 1.0: the authorization code flow (§3.1), the ID token (§2), what is not supported (§6).

use crate::rp::{
    CALLBACK, ISSUER, Rp, answered, claims, code_fields, error_of, form, header, house, json, prove,
    registration, signed_in,
};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::key::SigningAlg;
use serde_json::Value;

#[tokio::test]
async fn a_person_signs_in_and_the_application_learns_who_they_are_3_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    let asked = browser.get(&rp.address(&[])).await;
    let sign_in = asked.location.expect("to the sign-in");
    let onward = prove(&mut browser, &sign_in, "an").await;
    assert!(onward.starts_with("/authorize/continue?request="), "{onward}");
    let answer = answered(&browser.get(&onward).await);
    assert_eq!(answer["state"], "af0ifjsldkj");
    let tokens = json(&rp.redeem(&mut browser, &answer["code"]).await);
    assert_eq!(claims(&tokens["id_token"])["sub"], house.account("an").await.subject());
    // A request is answered once.
    let again = browser.get(&onward).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.location, None);
}

#[tokio::test]
async fn the_id_token_has_exactly_the_claims_of_section_2_and_a_kid() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid profile email agency")]).await;
    let claims = claims(&tokens["id_token"]);
    let names: Vec<_> = claims.as_object().expect("claims").keys().map(String::as_str).collect();
    let expected = ["acr", "amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"];
    assert_eq!(names, expected);
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], rp.client_id);
    assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
    assert_eq!(claims["iat"], house.app.now().seconds());
    assert_eq!(claims["auth_time"], house.app.now().seconds());
    assert_eq!(claims["exp"].as_i64().expect("a number") - claims["iat"].as_i64().expect("a number"), 600);
    let header = header(&tokens["id_token"]);
    assert_eq!(header["alg"], "RS256");
    let set = json(&browser.get("/jwks").await);
    assert_eq!(header["kid"], set["keys"][0]["kid"]);
}

#[tokio::test]
async fn the_hash_of_the_access_token_is_right_3_1_3_6() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let tokens = rp.tokens(&mut signed_in(&house).await, &[]).await;
    let secret = tokens["access_token"].as_str().expect("a token");
    let expected = danang_sso::crypto::jwt::half_hash(SigningAlg::Rs256, secret);
    assert_eq!(claims(&tokens["id_token"])["at_hash"], expected);
}

#[tokio::test]
async fn a_request_without_nonce_succeeds_and_the_id_token_has_none_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let tokens = rp.tokens(&mut signed_in(&house).await, &[("nonce", "")]).await;
    assert_eq!(claims(&tokens["id_token"])["nonce"], Value::Null);
}

#[tokio::test]
async fn a_request_by_post_reaches_the_callback_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let request = rp.request();
    let fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // From another site the cookie does not come along, and the answer must not replace it.
    let posted = Request::post("/authorize").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = house.browser().send(posted, Body::from(form(fields))).await;
    assert_eq!(answer.status, 303);
    assert!(!answer.headers.contains_key("set-cookie"));
    let onward = answer.location.expect("to the same request by GET");
    assert!(answered(&browser.get(&onward).await).contains_key("code"));
}

#[tokio::test]
async fn the_answer_can_travel_in_a_form_form_post_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let page = browser.get(&rp.address(&[("response_mode", "form_post")])).await;
    assert_eq!((page.status.as_u16(), page.location.clone()), (200, None));
    page.shows(&format!("action=\"{CALLBACK}\""));
    assert_eq!(page.hidden("state").as_deref(), Some("af0ifjsldkj"));
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("form-action 'self' https://app.danang.example;"), "{policy}");
    let code = page.hidden("code").expect("a code");
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
}

#[tokio::test]
async fn an_error_can_travel_in_a_form_too_form_post_2() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let page = house.browser().get(&rp.address(&[("response_mode", "form_post"), ("prompt", "none")])).await;
    assert_eq!(page.hidden("error").as_deref(), Some("login_required"));
    assert_eq!(page.hidden("code"), None);
}

#[tokio::test]
async fn an_unsigned_request_object_and_a_registration_in_the_request_are_refused_6_1_7_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let by_value = rp.ask(&mut browser, &[("request", "eyJhbGciOiJub25lIn0.e30.")]).await;
    assert_eq!(error_of(&by_value), "invalid_request_object");
    assert_eq!(by_value["state"], "af0ifjsldkj");
    let by_reference = rp.ask(&mut browser, &[("request_uri", "https://app.danang.example/r#x")]).await;
    assert_eq!(error_of(&by_reference), "invalid_request_uri");
    let registration = rp.ask(&mut browser, &[("registration", "{}")]).await;
    assert_eq!(error_of(&registration), "registration_not_supported");
}

#[tokio::test]
async fn unknown_parameters_hints_and_languages_are_no_error_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let harmless = [
        ("extra", "foobar"),
        ("display", "popup"),
        ("login_hint", "nobody@elsewhere.example"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
        ("acr_values", "1 2"),
        ("claims", r#"{"userinfo":{"name":{"essential":true}}}"#),
        ("scope", "email openid unheard-of"),
    ];
    assert!(rp.ask(&mut browser, &harmless).await.contains_key("code"));
}

#[tokio::test]
async fn a_scope_without_openid_is_refused_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let answer = rp.ask(&mut signed_in(&house).await, &[("scope", "profile email")]).await;
    assert_eq!(error_of(&answer), "invalid_scope");
}

#[tokio::test]
async fn a_long_state_comes_back_byte_for_byte_3_1_2_5() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let state = format!("{}+ /?&=#%Đà", "x".repeat(128));
    let good = rp.ask(&mut signed_in(&house).await, &[("state", &state)]).await;
    assert_eq!(good["state"], state);
    let bad = rp.ask(&mut house.browser(), &[("state", &state), ("prompt", "none")]).await;
    assert_eq!(bad["state"], state);
    let without = rp.ask(&mut signed_in(&house).await, &[("state", "")]).await;
    assert!(!without.contains_key("state"));
}

#[tokio::test]
async fn the_page_of_the_sign_in_lets_its_form_lead_to_the_application_only() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    let asked = browser.get(&rp.address(&[("login_hint", "an@danang.example")])).await;
    let page = browser.get(&asked.location.expect("to the sign-in")).await;
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("form-action 'self' https://app.danang.example;"), "{policy}");
    page.shows("Quản lý văn bản").shows("an@danang.example");
}

/// OIDC Core §3.1.2.1: the hint of an application is shown, and must not look like something else than it is.
#[tokio::test]
async fn a_login_hint_turns_no_text_around() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    let hint = "an\u{202e}elpmaxe@\u{2066}danang.example";
    let asked = browser.get(&rp.address(&[("login_hint", hint)])).await;
    let page = browser.get(&asked.location.expect("to the sign-in")).await;
    page.shows("anelpmaxe@danang.example").hides("\u{202e}").hides("\u{2066}");
}

#[tokio::test]
async fn a_pending_request_belongs_to_the_browser_that_made_it() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let asked = house.browser().get(&rp.address(&[])).await.location.expect("to the sign-in");
    let id = asked.strip_prefix("/sign-in?request=").expect("an id");
    let mut other = signed_in(&house).await;
    let answer = other.get(&format!("/authorize/continue?request={id}")).await;
    assert_eq!((answer.status.as_u16(), answer.location), (400, None));
}

#[tokio::test]
async fn a_pending_request_is_forgotten_after_half_an_hour() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    let sign_in = browser.get(&rp.address(&[])).await.location.expect("to the sign-in");
    house.pass(time::Duration::minutes(31));
    let id = sign_in.strip_prefix("/sign-in?request=").expect("an id");
    let answer = browser.get(&format!("/authorize/continue?request={id}")).await;
    assert_eq!((answer.status.as_u16(), answer.location), (400, None));
}

#[tokio::test]
async fn the_claims_are_in_the_id_token_only_where_the_registration_says_so_5_4() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.id_token_claims = true;
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid profile email agency")]).await;
    let told = claims(&tokens["id_token"]);
    assert_eq!(told["name"], "Nguyễn Thị Hồng AN");
    assert_eq!(told["email"], "an@danang.example");
    assert_eq!(told["agency_name"], "Sở Khoa học và Công nghệ");
    let tokens = rp.tokens(&mut browser, &[("scope", "openid")]).await;
    assert_eq!(claims(&tokens["id_token"])["name"], Value::Null);
}

#[tokio::test]
async fn tokens_and_redirects_are_never_kept_in_a_cache_3_1_3_3() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let redirect = browser.get(&rp.address(&[])).await;
    assert_eq!(redirect.headers["cache-control"], "no-store");
    let code = answered(&redirect)["code"].clone();
    let answer = rp.token(&mut browser, &code_fields(&code)).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["pragma"], "no-cache");
    let body = json(&answer);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 600);
    assert_eq!(body["refresh_token"], Value::Null);
}
