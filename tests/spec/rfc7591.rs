//! RFC 7591, OIDC Registration 1.0: an application registers itself; RFC 7592: and manages its registration.

use crate::house::{Answer, Browser, House};
use crate::own_keys::{OwnKey, Publisher, asserting, key_set};
use crate::rp::{CALLBACK, Rp, assert_description, code_fields, json};
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::services::{registration, upkeep};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};
use time::Duration;
use time::macros::datetime;

/// A house with one person, `an`, and these lines about registration.
pub async fn open_house(lines: &str) -> House {
    let more = format!("[registration]\n{lines}\n");
    let house = House::at(datetime!(2026-03-02 09:00 +7), &more).await;
    house.add("an", &[MailSystem::Ad]);
    house.sync().await;
    house
}

async fn call(browser: &mut Browser, method: Method, path: &str, token: &str, body: &Value) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    browser.send(request, body).await
}

/// Registers with these members in place of the usual ones.
pub async fn register(house: &House, changes: &Value) -> Answer {
    register_with(house, "", changes).await
}

async fn register_with(house: &House, token: &str, changes: &Value) -> Answer {
    let mut asked = value!({ "client_name": "Thử nghiệm", "redirect_uris": [CALLBACK] });
    for (name, value) in changes.as_object().expect("an object") {
        asked[name] = value.clone();
    }
    call(&mut house.browser(), Method::POST, "/register", token, &asked).await
}

/// What was registered.
pub async fn registered(house: &House, changes: &Value) -> Value {
    let answer = register(house, changes).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    json(&answer)
}

fn text(document: &Value, name: &str) -> String {
    document[name].as_str().unwrap_or_else(|| panic!("{name}: {document}")).to_owned()
}

/// The relying party that was registered.
pub fn relying_party(document: &Value) -> Rp {
    Rp {
        client_id: text(document, "client_id"),
        secret: document["client_secret"].as_str().map(str::to_owned),
    }
}

fn error_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_description(json(answer)["error_description"].as_str().expect("a sentence"));
    text(&json(answer), "error")
}

#[tokio::test]
async fn a_registered_application_signs_people_in_without_pkce_7591_3_2_1() {
    let house = open_house("mode = \"open\"").await;
    let key = OwnKey::new(Algorithm::RS256, None);
    let asked = value!({
        "grant_types": ["authorization_code"], "response_types": ["code"], "contacts": ["an@danang.example"],
        "token_endpoint_auth_method": "client_secret_basic", "jwks": key_set(&[&key]),
    });
    let document = registered(&house, &asked).await;
    assert_eq!(document["client_secret_expires_at"], 0);
    assert_eq!(document["jwks"]["keys"][0]["kid"], Value::Null);
    assert_eq!(document["client_id_issued_at"], house.app.now().seconds());
    let uri = text(&document, "registration_client_uri");
    assert_eq!(uri, format!("http://localhost:8080/register/{}", text(&document, "client_id")));
    let rp = relying_party(&document);
    let mut browser = crate::rp::signed_in(&house).await;
    let plain = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = rp.code(&mut browser, &plain).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let tokens = rp.token(&mut browser, &fields).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
}

#[tokio::test]
async fn an_application_without_a_secret_is_public_and_uses_pkce() {
    let house = open_house("mode = \"open\"").await;
    let document = registered(&house, &value!({ "token_endpoint_auth_method": "none" })).await;
    assert!(document.get("client_secret").is_none() && document.get("client_secret_expires_at").is_none());
    let rp = relying_party(&document);
    let mut browser = crate::rp::signed_in(&house).await;
    let refused = rp.ask(&mut browser, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    assert_eq!(refused["error"], "invalid_request");
    let code = rp.code(&mut browser, &[]).await;
    assert_eq!(rp.redeem(&mut browser, &code).await.status, 200);
}

#[tokio::test]
async fn pkce_can_be_demanded_of_everybody() {
    let house = open_house("mode = \"open\"\nrequire_pkce = true").await;
    let rp = relying_party(&registered(&house, &value!({})).await);
    let mut browser = crate::rp::signed_in(&house).await;
    let refused = rp.ask(&mut browser, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    assert_eq!(refused["error"], "invalid_request");
}

#[tokio::test]
async fn keys_at_an_address_verify_an_assertion_registration_2() {
    let house = open_house("mode = \"open\"").await;
    let key = OwnKey::new(Algorithm::RS256, Some("2026"));
    let publisher = Publisher::start(&key_set(&[&key])).await;
    let asked = value!({ "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": publisher.uri });
    let rp = relying_party(&registered(&house, &asked).await);
    assert_eq!(rp.secret, None);
    let mut browser = crate::rp::signed_in(&house).await;
    let code = rp.code(&mut browser, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    let assertion = key.assertion(&house, &rp.client_id, &value!({}));
    let fields = [
        [("grant_type", "authorization_code"), ("code", code.as_str())].as_slice(),
        &[("redirect_uri", CALLBACK)],
        &asserting(&assertion),
    ]
    .concat();
    assert_eq!(browser.post("/token", &fields).await.status, 200);
}

#[tokio::test]
async fn nobody_registers_where_it_is_off_and_the_document_names_no_endpoint() {
    let house = crate::rp::house().await;
    let answer = register(&house, &value!({})).await;
    assert_eq!((answer.status.as_u16(), text(&json(&answer), "error")), (403, "access_denied".to_owned()));
    let document = json(&house.browser().get("/.well-known/openid-configuration").await);
    assert!(document.get("registration_endpoint").is_none());
    let open = open_house("mode = \"open\"").await;
    let document = json(&open.browser().get("/.well-known/openid-configuration").await);
    assert_eq!(document["registration_endpoint"], "http://localhost:8080/register");
}

#[tokio::test]
async fn an_initial_access_token_registers_so_many_and_no_more_7591_3() {
    let house = open_house("mode = \"initial-token\"").await;
    let life = Duration::days(7);
    let make = async |uses| registration::make_token(&house.app, Actor::CommandLine, "thử", uses, life).await;
    let (_, token) = make(2).await.expect("made");
    let ask = async |token: &str| register_with(&house, token, &value!({})).await.status.as_u16();
    assert_eq!((ask("").await, ask("guess").await), (401, 401));
    let bad = register_with(&house, token.expose(), &value!({ "redirect_uris": [] })).await;
    assert_eq!(error_of(&bad), "invalid_redirect_uri");
    assert_eq!(
        [ask(token.expose()).await, ask(token.expose()).await, ask(token.expose()).await],
        [201, 201, 401]
    );
    let (known, token) = make(1).await.expect("made");
    assert!(registration::revoke_token(&house.app, Actor::CommandLine, known.id).await.expect("revoked"));
    assert_eq!(ask(token.expose()).await, 401);
    let (_, token) = make(1).await.expect("made");
    house.pass(life);
    assert_eq!(ask(token.expose()).await, 401, "it has ended");
    upkeep::forget(&house.app).await.expect("swept");
}

#[tokio::test]
async fn sixteen_at_once_use_a_token_once() {
    let house = open_house("mode = \"initial-token\"").await;
    let (_, token) = registration::make_token(&house.app, Actor::CommandLine, "", 1, Duration::days(1))
        .await
        .expect("made");
    let asked = value!({});
    let all = (0..16).map(|_| register_with(&house, token.expose(), &asked));
    let answers = futures_util::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
}

#[tokio::test]
async fn what_cannot_be_registered_is_refused_by_its_word_7591_3_2_2() {
    let house = open_house("mode = \"open\"").await;
    for (changes, word) in [
        (value!({ "redirect_uris": [format!("{CALLBACK}#fragment")] }), "invalid_redirect_uri"),
        (value!({ "redirect_uris": null }), "invalid_redirect_uri"),
        (value!({ "initiate_login_uri": "http://app.danang.example/start" }), "invalid_client_metadata"),
        (value!({ "token_endpoint_auth_method": "private_key_jwt" }), "invalid_client_metadata"),
        (value!({ "jwks": { "keys": [{ "kty": "oct", "k": "AA" }] } }), "invalid_client_metadata"),
        (value!({ "response_types": ["token"] }), "invalid_client_metadata"),
        (value!({ "client_name": "\"\\\u{0}đ" }), "invalid_client_metadata"),
    ] {
        assert_eq!(error_of(&register(&house, &changes).await), word, "{changes}");
    }
    let mut browser = house.browser();
    let array = call(&mut browser, Method::POST, "/register", "", &value!([])).await;
    assert_eq!(error_of(&array), "invalid_client_metadata");
    let form = browser.post("/register", &[("client_name", "x")]).await;
    assert_eq!(error_of(&form), "invalid_client_metadata");
    let large = register(&house, &value!({ "software_id": "x".repeat(70_000) })).await;
    assert_eq!(error_of(&large), "invalid_client_metadata");
}

#[tokio::test]
async fn an_address_registers_so_many_in_an_hour() {
    let house = open_house("mode = \"open\"\nper_hour = 3\nmost = 5").await;
    let ask = async || register(&house, &value!({})).await.status.as_u16();
    assert_eq!([ask().await, ask().await, ask().await, ask().await], [201, 201, 201, 429]);
    house.pass(Duration::minutes(61));
    assert_eq!([ask().await, ask().await, ask().await], [201, 201, 429], "and five in all");
}

#[tokio::test]
async fn an_application_reads_changes_and_removes_its_registration_7592_2() {
    let house = open_house("mode = \"open\"").await;
    let start = "https://app.danang.example/start";
    let document = registered(&house, &value!({ "initiate_login_uri": start })).await;
    assert_eq!(document["initiate_login_uri"], start);
    let (id, token) = (text(&document, "client_id"), text(&document, "registration_access_token"));
    let (path, mut browser) = (format!("/register/{id}"), house.browser());
    let read = call(&mut browser, Method::GET, &path, &token, &Value::Null).await;
    assert_eq!(
        (read.status.as_u16(), &read.headers["content-type"]),
        (200, &"application/json".parse().expect("a value"))
    );
    let read = json(&read);
    assert_eq!(read["initiate_login_uri"], start);
    assert_eq!(read["registration_access_token"], token);
    assert!(read.get("client_secret").is_none(), "there is only a digest of it");

    let secret = text(&document, "client_secret");
    let other = "https://app.danang.example/other";
    let asked = value!({
        "client_id": id, "client_secret": secret, "client_name": "Tên mới", "redirect_uris": [other],
        "token_endpoint_auth_method": "client_secret_post",
    });
    let changed = call(&mut browser, Method::PUT, &path, &token, &asked).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let changed = json(&changed);
    assert_eq!((&changed["redirect_uris"], &changed["client_name"]), (&value!([other]), &value!("Tên mới")));
    assert_eq!(changed.get("initiate_login_uri"), None, "what is left out is gone");
    let fields = [("client_id", id.as_str()), ("client_secret", &secret), ("token", "x")];
    assert_eq!(browser.post("/revoke", &fields).await.status, 200, "the secret stays");
    for bad in [
        value!({ "client_id": "other", "redirect_uris": [other] }),
        value!({ "client_id": id, "client_secret": "guess", "redirect_uris": [other] }),
        value!({ "client_id": id, "registration_access_token": token, "redirect_uris": [other] }),
    ] {
        assert_eq!(error_of(&call(&mut browser, Method::PUT, &path, &token, &bad).await), "invalid_request");
    }
    assert_eq!(call(&mut browser, Method::DELETE, &path, &token, &Value::Null).await.status, 204);
    assert_eq!(call(&mut browser, Method::GET, &path, &token, &Value::Null).await.status, 401);
    assert_eq!(browser.post("/revoke", &fields).await.status, 401);
}

#[tokio::test]
async fn nobody_manages_the_registration_of_another_7592_2() {
    let house = open_house("mode = \"open\"").await;
    let (one, other) = (registered(&house, &value!({})).await, registered(&house, &value!({})).await);
    let by_hand = Rp::web(&house).await.client_id;
    let mut browser = house.browser();
    let stranger = text(&other, "registration_access_token");
    for (client_id, token) in [
        (text(&one, "client_id"), stranger.as_str()),
        (text(&one, "client_id"), ""),
        (by_hand, &stranger),
        ("unheard-of".to_owned(), &stranger),
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let path = format!("/register/{client_id}");
            let answer = call(&mut browser, method, &path, token, &value!({ "client_id": client_id })).await;
            assert_eq!(answer.status, 401, "{client_id}");
            assert!(answer.headers["www-authenticate"].to_str().expect("ASCII").starts_with("Bearer"));
        }
    }
}

#[tokio::test]
async fn one_that_nobody_used_for_ninety_days_is_removed_and_one_in_use_is_not() {
    let house = open_house("mode = \"open\"").await;
    let (idle, used) = (registered(&house, &value!({})).await, registered(&house, &value!({})).await);
    let by_hand = Rp::web(&house).await;
    house.pass(Duration::days(80));
    house.sync().await;
    let rp = relying_party(&used);
    let mut browser = crate::rp::signed_in(&house).await;
    let code = rp.code(&mut browser, &[]).await;
    assert_eq!(rp.token(&mut browser, &code_fields(&code)).await.status, 200);
    house.pass(Duration::days(11));
    upkeep::forget(&house.app).await.expect("swept");
    let mut browser = house.browser();
    for (document, status) in [(&idle, 401), (&used, 200)] {
        let path = format!("/register/{}", text(document, "client_id"));
        let token = text(document, "registration_access_token");
        assert_eq!(call(&mut browser, Method::GET, &path, &token, &Value::Null).await.status, status);
    }
    let asked = by_hand.send(&mut browser, "/revoke", &[("token", "x")]).await;
    assert_eq!(asked.status, 200, "what the city registers stays");
}

#[tokio::test]
async fn the_sign_in_page_shows_policy_and_terms_and_no_logo_from_elsewhere_registration_2() {
    let house = open_house("mode = \"open\"").await;
    let asked = value!({
        "logo_uri": "https://app.danang.example:8443/logo.png?a=1&b=2",
        "policy_uri": "https://app.danang.example/policy", "tos_uri": "https://openid.example/tos",
    });
    let rp = relying_party(&registered(&house, &asked).await);
    let mut browser = house.browser();
    let led = browser.get(&rp.address(&[])).await;
    let page = browser.get(led.location.as_deref().expect("to the sign-in")).await;
    page.hides("logo.png")
        .shows("href=\"https://app.danang.example/policy\"")
        .shows("href=\"https://openid.example/tos\"")
        .shows("id=\"self-registered\"");
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("img-src 'self' data:;"), "{policy}");
    let plain = browser.get("/sign-in").await;
    let policy = plain.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("img-src 'self' data:;"), "{policy}");
    plain.hides("self-registered");
}

#[tokio::test]
async fn a_redirect_uri_with_a_query_is_registered_and_used_exactly_core_3_1_2_1() {
    let house = open_house("mode = \"open\"").await;
    let rp = relying_party(
        &registered(&house, &value!({ "redirect_uris": [format!("{CALLBACK}?bar=foo")] })).await,
    );
    let mut browser = crate::rp::signed_in(&house).await;
    let answer = rp.ask(&mut browser, &[("redirect_uri", &format!("{CALLBACK}?bar=foo"))]).await;
    assert_eq!(answer["bar"], "foo");
    for other in [CALLBACK.to_owned(), format!("{CALLBACK}?foo=bar"), String::new()] {
        let answer = browser.get(&rp.address(&[("redirect_uri", &other)])).await;
        assert_eq!((answer.status.as_u16(), answer.location.clone()), (400, None), "{other}");
    }
}

#[tokio::test]
async fn the_sector_list_is_fetched_and_must_name_every_redirect_uri_registration_5() {
    let house = open_house("mode = \"open\"").await;
    let list = Publisher::start(&value!([CALLBACK, "https://other.danang.example/cb"])).await;
    let with = |uri: &str| value!({ "subject_type": "pairwise", "sector_identifier_uri": uri });
    let document = registered(&house, &with(&list.uri)).await;
    assert_eq!(document["subject_type"], "pairwise");
    let bad = Publisher::start(&value!(["https://other.danang.example/cb"])).await;
    let nothing = Publisher::start(&value!({ "redirect_uris": [CALLBACK] })).await;
    for uri in [&bad.uri, &nothing.uri, "https://169.254.169.254/list", "http://127.0.0.1:1/list"] {
        assert_eq!(error_of(&register(&house, &with(uri)).await), "invalid_client_metadata", "{uri}");
    }
    assert_eq!(bad.asked(), 1);
}
