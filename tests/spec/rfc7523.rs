//! RFC 7523: an application proves itself by a signed assertion; and OIDC Core 1.0 §9, §10.1.

use crate::house::{Answer, Browser, House};
use crate::own_keys::{OwnKey, Publisher, asserting, key_set};
use crate::rp::{ISSUER, Rp, code_fields, house, json, registration, signed_in, token_error};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::client_auth::{AuthMethod, Profile};
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::services::clients::{self, Registration};
use danang_sso::services::upkeep;
use jsonwebtoken::Algorithm;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json as value};
use time::Duration;

fn with(method: AuthMethod, metadata: Metadata) -> Registration {
    let metadata = Metadata { token_endpoint_auth_method: Some(method), ..metadata };
    Registration { metadata, ..registration(ClientKind::Web) }
}

async fn with_keys(house: &House, jwks: Value) -> Rp {
    let metadata = Metadata { jwks: Some(jwks), ..Metadata::default() };
    Rp::new(house, &with(AuthMethod::PrivateKeyJwt, metadata)).await
}

/// Redeems a code with an assertion.
async fn redeem(browser: &mut Browser, code: &str, assertion: &str) -> Answer {
    let fields = [code_fields(code).as_slice(), &asserting(assertion)].concat();
    browser.post("/token", &fields).await
}

/// Whether an assertion authenticates: a code that nobody issued is then refused as such.
async fn is_known(house: &House, assertion: &str) -> bool {
    match token_error(&redeem(&mut house.browser(), "unheard-of", assertion).await).as_str() {
        "invalid_grant" => true,
        "invalid_client" => false,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_assertion_under_a_registered_key_without_kid_authenticates_2_2() {
    let house = house().await;
    let mut browser = signed_in(&house).await;
    for alg in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
        let key = OwnKey::new(alg, None);
        let rp = with_keys(&house, key_set(&[&key])).await;
        assert_eq!(rp.secret, None, "it has no secret");
        let code = rp.code(&mut browser, &[]).await;
        let answer = redeem(&mut browser, &code, &key.assertion(&house, &rp.client_id, &value!({}))).await;
        assert_eq!(answer.status, 200, "{alg:?}: {}", answer.body);
        assert!(json(&answer)["id_token"].is_string());
    }
}

#[tokio::test]
async fn an_assertion_is_good_once_3() {
    let house = house().await;
    let key = OwnKey::new(Algorithm::ES256, Some("a"));
    let rp = with_keys(&house, key_set(&[&key])).await;
    let assertion = key.assertion(&house, &rp.client_id, &value!({}));
    assert!(is_known(&house, &assertion).await);
    assert!(!is_known(&house, &assertion).await);
    house.pass(Duration::minutes(5));
    upkeep::forget(&house.app).await.expect("swept");
    let kept = key.assertion(&house, &rp.client_id, &value!({ "jti": "once" }));
    assert!(is_known(&house, &kept).await);
    let again = key.assertion(&house, &rp.client_id, &value!({ "jti": "once" }));
    assert!(!is_known(&house, &again).await, "the jti counts, not the bytes");
}

#[tokio::test]
async fn an_assertion_must_be_about_the_client_for_us_and_in_time_3() {
    let house = house().await;
    let key = OwnKey::new(Algorithm::ES256, Some("a"));
    let rp = with_keys(&house, key_set(&[&key])).await;
    let now = house.app.now().seconds();
    for (changes, good) in [
        (value!({}), true),
        (value!({ "aud": ISSUER }), true),
        (value!({ "aud": ["https://elsewhere.example", ISSUER] }), true),
        (value!({ "aud": "https://elsewhere.example" }), false),
        (value!({ "iss": "somebody" }), false),
        (value!({ "exp": now - 300 }), false),
        (value!({ "exp": now + 3600 }), false),
        (value!({ "nbf": now + 8 }), true),
        (value!({ "nbf": now + 90 }), false),
        (value!({ "jti": null }), false),
    ] {
        let assertion = key.assertion(&house, &rp.client_id, &changes);
        assert_eq!(is_known(&house, &assertion).await, good, "{changes}");
    }
}

#[tokio::test]
async fn a_fapi_client_means_the_issuer_alone_and_does_not_sign_rs256_fapi2_5_3_2_1() {
    let house = house().await;
    let (rsa, ec) = (OwnKey::new(Algorithm::RS256, Some("r")), OwnKey::new(Algorithm::ES256, Some("e")));
    let metadata =
        Metadata { jwks: Some(key_set(&[&rsa, &ec])), profile: Profile::Fapi2, ..Metadata::default() };
    let rp = Rp::new(&house, &with(AuthMethod::PrivateKeyJwt, metadata)).await;
    for (key, aud, good) in [
        (&ec, value!(ISSUER), true),
        (&ec, value!([ISSUER]), false),
        (&ec, value!(format!("{ISSUER}/token")), false),
        (&rsa, value!(ISSUER), false),
    ] {
        let assertion = key.assertion(&house, &rp.client_id, &value!({ "aud": aud }));
        assert_eq!(is_known(&house, &assertion).await, good, "{aud}");
    }
}

#[tokio::test]
async fn another_key_another_client_or_another_method_proves_nothing() {
    let house = house().await;
    let (key, stranger) =
        (OwnKey::new(Algorithm::ES256, Some("a")), OwnKey::new(Algorithm::ES256, Some("a")));
    let rp = with_keys(&house, key_set(&[&key])).await;
    let secret = Rp::web(&house).await;
    assert!(!is_known(&house, &stranger.assertion(&house, &rp.client_id, &value!({}))).await);
    assert!(!is_known(&house, &key.assertion(&house, &secret.client_id, &value!({}))).await);
    let under_secret = OwnKey::of_secret(&secret.secret.clone().expect("one"));
    assert!(!is_known(&house, &under_secret.assertion(&house, &secret.client_id, &value!({}))).await);
    let mut browser = house.browser();
    let assertion = key.assertion(&house, &rp.client_id, &value!({}));
    let beside = [asserting(&assertion).as_slice(), &[("client_id", secret.client_id.as_str())]].concat();
    assert_eq!(token_error(&browser.post("/token", &beside).await), "invalid_client");
    let with_type = [("client_assertion_type", "x"), ("client_assertion", assertion.as_str())];
    assert_eq!(token_error(&browser.post("/token", &with_type).await), "invalid_client");
    let alone = [("client_id", rp.client_id.as_str()), ("grant_type", "authorization_code"), ("code", "x")];
    assert_eq!(token_error(&browser.post("/token", &alone).await), "invalid_client", "it is not public");
}

#[tokio::test]
async fn client_secret_jwt_is_for_those_who_registered_it_core_9() {
    let house = house().await;
    let rp = Rp::new(&house, &with(AuthMethod::ClientSecretJwt, Metadata::default())).await;
    let secret = rp.secret.clone().expect("a secret");
    let key = OwnKey::of_secret(&secret);
    assert!(is_known(&house, &key.assertion(&house, &rp.client_id, &value!({}))).await);
    assert!(
        !is_known(&house, &OwnKey::of_secret("guess").assertion(&house, &rp.client_id, &value!({}))).await
    );
    let mut browser = house.browser();
    let basic = rp.token(&mut browser, &[("grant_type", "authorization_code"), ("code", "x")]).await;
    assert_eq!(token_error(&basic), "invalid_client", "the secret itself is not sent");
    let row = clients::list(&house.app).await.expect("reads").pop().expect("one");
    assert!(!row.metadata.to_json().contains(&secret), "it is sealed");
    let new = clients::rotate_secret(&house.app, Actor::CommandLine, &rp.client_id, time::Duration::ZERO)
        .await
        .expect("rotated");
    assert!(!is_known(&house, &key.assertion(&house, &rp.client_id, &value!({}))).await);
    let key = OwnKey::of_secret(new.expose());
    assert!(is_known(&house, &key.assertion(&house, &rp.client_id, &value!({}))).await);
}

#[tokio::test]
async fn a_client_that_named_its_method_is_held_to_it_and_one_that_did_not_may_choose() {
    let house = house().await;
    for (method, basic, post) in [
        (None, true, true),
        (Some(AuthMethod::ClientSecretBasic), true, false),
        (Some(AuthMethod::ClientSecretPost), false, true),
    ] {
        let metadata = Metadata { token_endpoint_auth_method: method, ..Metadata::default() };
        let registration = Registration { metadata, ..registration(ClientKind::Web) };
        let rp = Rp::new(&house, &registration).await;
        let mut browser = house.browser();
        let code = [("grant_type", "authorization_code"), ("code", "x")];
        let by_header = token_error(&rp.token(&mut browser, &code).await);
        assert_eq!(by_header == "invalid_grant", basic, "{method:?}");
        let secret = rp.secret.clone().expect("one");
        let fields = [("client_id", rp.client_id.as_str()), ("client_secret", &secret)];
        let by_form = token_error(&browser.post("/token", &[code.as_slice(), &fields].concat()).await);
        assert_eq!(by_form == "invalid_grant", post, "{method:?}");
    }
}

#[tokio::test]
async fn published_keys_are_fetched_kept_and_fetched_again_for_an_unknown_kid_core_10_1_1() {
    let house = house().await;
    let (old, new) = (OwnKey::new(Algorithm::ES256, Some("1")), OwnKey::new(Algorithm::ES256, Some("2")));
    let publisher = Publisher::start(&key_set(&[&old])).await;
    let metadata = Metadata { jwks_uri: Some(publisher.uri.clone()), ..Metadata::default() };
    let rp = Rp::new(&house, &with(AuthMethod::PrivateKeyJwt, metadata)).await;
    let by = |key: &OwnKey| key.assertion(&house, &rp.client_id, &value!({}));
    assert!(is_known(&house, &by(&old)).await && is_known(&house, &by(&old)).await);
    assert_eq!(publisher.asked(), 1, "kept");
    publisher.publishes(StatusCode::OK, &key_set(&[&new]).to_string());
    assert!(!is_known(&house, &by(&new)).await, "asked just now");
    house.pass(Duration::seconds(11));
    assert!(is_known(&house, &by(&new)).await);
    assert_eq!(publisher.asked(), 2);
    assert!(!is_known(&house, &by(&old)).await, "withdrawn");
    for _ in 0..20 {
        assert!(!is_known(&house, &by(&OwnKey::new(Algorithm::ES256, Some("3")))).await);
    }
    assert_eq!(publisher.asked(), 2, "not more often than every ten seconds");
    publisher.publishes(StatusCode::SERVICE_UNAVAILABLE, "");
    house.pass(Duration::minutes(10));
    assert!(is_known(&house, &by(&new)).await, "the known keys stay good while the address does not answer");
    assert_eq!(publisher.asked(), 3);
}

#[tokio::test]
async fn keys_that_lead_where_the_house_may_not_ask_prove_nothing() {
    let house = house().await;
    let key = OwnKey::new(Algorithm::ES256, Some("1"));
    let moved = Publisher::start(&key_set(&[&key])).await;
    moved.publishes(StatusCode::FOUND, &key_set(&[&key]).to_string());
    let large = Publisher::start(&value!({ "keys": [], "more": "x".repeat(70_000) })).await;
    for uri in [moved.uri, large.uri, "https://169.254.169.254/keys".to_owned()] {
        let metadata = Metadata { jwks_uri: Some(uri.clone()), ..Metadata::default() };
        let rp = Rp::new(&house, &with(AuthMethod::PrivateKeyJwt, metadata)).await;
        assert!(!is_known(&house, &key.assertion(&house, &rp.client_id, &value!({}))).await, "{uri}");
    }
}

#[tokio::test]
async fn what_does_not_fit_together_is_not_registered_rfc7591_2() {
    let house = house().await;
    let key = OwnKey::new(Algorithm::ES256, None);
    let jwks = Some(key_set(&[&key]));
    let private = value!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "A", "y": "A", "d": "A" }] });
    let uri = Some("https://app.danang.example/keys".to_owned());
    let plain = Some("http://app.danang.example/keys".to_owned());
    let none = Metadata::default();
    for (method, metadata) in [
        (AuthMethod::PrivateKeyJwt, none.clone()),
        (AuthMethod::PrivateKeyJwt, Metadata { jwks: jwks.clone(), jwks_uri: uri, ..none.clone() }),
        (AuthMethod::PrivateKeyJwt, Metadata { jwks_uri: plain, ..none.clone() }),
        (AuthMethod::PrivateKeyJwt, Metadata { jwks: Some(private), ..none.clone() }),
        (AuthMethod::None, none.clone()),
        (AuthMethod::ClientSecretBasic, Metadata { profile: Profile::Fapi2, ..none.clone() }),
    ] {
        let refused =
            clients::register(&house.app, Actor::CommandLine, &with(method, metadata.clone())).await;
        assert!(refused.is_err(), "{method:?} {metadata:?}");
    }
    let basic = Metadata { jwks, ..none };
    Rp::new(&house, &with(AuthMethod::ClientSecretBasic, basic)).await;
}

#[tokio::test]
async fn an_assertion_gives_tokens_back_too_rfc7009_2_1() {
    let house = house().await;
    let key = OwnKey::new(Algorithm::ES256, None);
    let rp = with_keys(&house, key_set(&[&key])).await;
    let mut browser = house.browser();
    let assertion = key.assertion(&house, &rp.client_id, &value!({}));
    let fields = [asserting(&assertion).as_slice(), &[("token", "unheard-of")]].concat();
    assert_eq!(browser.post("/revoke", &fields).await.status, 200);
    assert_eq!(token_error(&browser.post("/revoke", &fields).await), "invalid_client", "used up");
}

#[tokio::test]
async fn the_document_names_the_methods_and_their_algorithms_discovery_3() {
    let house = house().await;
    let document = json(&house.browser().get("/.well-known/openid-configuration").await);
    let methods =
        value!(["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"]);
    assert_eq!(document["token_endpoint_auth_methods_supported"], methods);
    let algorithms = value!(["RS256", "PS256", "ES256", "EdDSA", "HS256"]);
    assert_eq!(document["token_endpoint_auth_signing_alg_values_supported"], algorithms);
}

#[test]
fn any_assertion_is_refused_and_never_a_panic() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let house = runtime.block_on(house());
    let config = Config { cases: 100, failure_persistence: None, ..Config::default() };
    let parts = ("[A-Za-z0-9_-]{0,40}", ".{0,60}", ".{0,40}");
    TestRunner::new(config)
        .run(&parts, |(head, iss, tail)| {
            let body = URL_SAFE_NO_PAD.encode(value!({ "sub": "app", "iss": iss }).to_string());
            for text in [format!("{head}.{body}.{tail}"), iss, format!("{head}..{tail}")] {
                let answer = runtime.block_on(redeem(&mut house.browser(), "unheard-of", &text));
                prop_assert!(answer.status.is_client_error(), "{}", answer.status);
            }
            Ok(())
        })
        .expect("holds");
}
