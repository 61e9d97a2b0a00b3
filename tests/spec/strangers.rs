//! Whatever a stranger sends to the protocol's door: never a panic, never a redirect to an unproven address.

use crate::house::House;
use crate::own_keys::{OwnKey, key_set};
use crate::rp::{CALLBACK, GOODBYE, Rp, form, house, registration, signed_in};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use danang_sso::domain::oauth::client::{Client, ClientId, ClientKind};
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::redirect::RedirectUri;
use danang_sso::domain::oauth::request::{RawRequest, Request as Asked};
use danang_sso::domain::timestamp::Timestamp;
use jsonwebtoken::Algorithm;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::sync::OnceLock;
use tokio::runtime::Runtime;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

fn scene() -> (House, Rp) {
    runtime().block_on(async {
        let house = house().await;
        let rp = Rp::web(&house).await;
        (house, rp)
    })
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// Where a redirect of ours may lead.
pub(crate) fn is_proven(location: &str) -> bool {
    let ours = [
        "/sign-in?request=",
        "/choose-account?request=",
        "/authorize/consent?request=",
        "/signed-out",
        "/authorize?",
        "/logout?",
    ];
    ours.iter().any(|path| location.starts_with(path))
        || location.starts_with(&format!("{CALLBACK}?"))
        || location.starts_with(&format!("{CALLBACK}#"))
        || location == GOODBYE
        || location.starts_with(&format!("{GOODBYE}?state="))
}

/// A value that is right, or nearly right, or nonsense.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(CALLBACK.to_owned()),
        Just(GOODBYE.to_owned()),
        Just("openid".to_owned()),
        Just("code".to_owned()),
        Just("none".to_owned()),
        Just("S256".to_owned()),
        Just("urn:ietf:params:oauth:request_uri:AAAA".to_owned()),
        Just("fragment.jwt".to_owned()),
        Just("form_post".to_owned()),
        Just("code id_token".to_owned()),
        Just("fragment".to_owned()),
        Just(r#"{"id_token":{"acr":{"essential":true}}}"#.to_owned()),
        Just("https://evil.example/".to_owned()),
        "https://app\\.danang\\.example/callback.{0,12}",
        "https://app\\.danang\\.example[/@:.\\\\%a-z]{0,20}",
        "[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}",
        ".{0,40}",
        "[\\x00-\\x20\"<>\\\\%&=+#]{0,10}",
    ]
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "login_hint",
        "id_token_hint",
        "ui_locales",
        "request",
        "request_uri",
        "claims",
        "acr_values",
        "post_logout_redirect_uri",
        "grant_type",
        "code",
        "refresh_token",
        "client_secret",
        "access_token",
        "token",
    ])
}

fn fields() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    prop::collection::vec((name(), value()), 0..6)
}

fn encoded(fields: &[(&'static str, String)]) -> String {
    form(fields.iter().map(|(name, value)| (*name, value.as_str())))
}

#[test]
fn no_authorization_request_leads_to_an_unproven_address() {
    let (house, rp) = scene();
    let browser = runtime().block_on(signed_in(&house));
    runner(300)
        .run(&(fields(), any::<bool>(), any::<bool>()), |(changes, replace, by_post)| {
            let mut request: Vec<_> = rp.request().into_iter().collect();
            for (name, value) in changes {
                if replace {
                    request.retain(|(known, _)| *known != name);
                }
                request.push((name, value));
            }
            let query = encoded(&request);
            let answer = runtime().block_on(async {
                let mut browser = browser.clone();
                if by_post {
                    let post =
                        Request::post("/authorize").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                    browser.send(post, Body::from(query)).await
                } else {
                    browser.get(&format!("/authorize?{query}")).await
                }
            });
            prop_assert!(!answer.status.is_server_error(), "{}", answer.body);
            if let Some(location) = &answer.location {
                prop_assert!(is_proven(location), "{location}");
            }
            if let Some(action) =
                answer.body.split("action=\"").nth(1).and_then(|rest| rest.split('"').next())
            {
                prop_assert_eq!(action, CALLBACK);
            }
            Ok(())
        })
        .expect("holds for all");
}

/// An application that signs and pushes.
fn signing_scene() -> (House, Rp, OwnKey) {
    let key = OwnKey::new(Algorithm::ES256, None);
    let mut asked = registration(ClientKind::Web);
    asked.metadata.jwks = Some(key_set(&[&key]));
    let (house, rp) = runtime().block_on(async {
        let house = house().await;
        let rp = Rp::new(&house, &asked).await;
        (house, rp)
    });
    (house, rp, key)
}

#[test]
fn no_signed_or_pushed_request_leads_to_an_unproven_address() {
    let (house, rp, key) = signing_scene();
    let browser = runtime().block_on(signed_in(&house));
    runner(150)
        .run(&(fields(), fields(), any::<bool>()), |(inside, outside, pushes)| {
            let mut claims = serde_json::Map::new();
            let usual = rp.request().into_iter().map(|(name, value)| (name.to_owned(), value));
            claims.extend(
                usual.chain(inside.into_iter().map(|(n, v)| (n.to_owned(), v))).map(|(n, v)| (n, v.into())),
            );
            let object = key.sign(&claims.into());
            let answer = runtime().block_on(async {
                let mut browser = browser.clone();
                let mut fields: Vec<(&str, &str)> = outside.iter().map(|(n, v)| (*n, v.as_str())).collect();
                fields.retain(|(name, _)| !["client_id", "request", "client_secret"].contains(name));
                fields.push(("request", &object));
                if !pushes {
                    fields.push(("client_id", &rp.client_id));
                    return browser.get(&format!("/authorize?{}", form(fields))).await;
                }
                let pushed = rp.send(&mut browser, "/par", &fields).await;
                let pushed: serde_json::Value = serde_json::from_str(&pushed.body).unwrap_or_default();
                let uri = pushed["request_uri"].as_str().unwrap_or("urn:ietf:params:oauth:request_uri:x");
                let short = form([("client_id", rp.client_id.as_str()), ("request_uri", uri)]);
                browser.get(&format!("/authorize?{short}")).await
            });
            prop_assert!(!answer.status.is_server_error(), "{}", answer.body);
            prop_assert!(answer.location.as_deref().is_none_or(is_proven), "{:?}", answer.location);
            Ok(())
        })
        .expect("holds for all");
}

#[test]
fn no_raw_query_makes_the_door_fail() {
    let (house, _) = scene();
    runner(200)
        .run(
            &(
                "[!-~]{0,120}",
                prop::sample::select(vec![
                    "/authorize",
                    "/authorize/consent",
                    "/authorize/continue",
                    "/logout",
                    "/session/check",
                    "/userinfo",
                ]),
            ),
            |(query, path)| {
                let target = format!("{path}?{}", query.replace('#', "%23"));
                if axum::http::Uri::try_from(&target).is_err() {
                    return Ok(());
                }
                let answer = runtime().block_on(async { house.browser().get(&target).await });
                prop_assert!(!answer.status.is_server_error(), "{}", answer.body);
                prop_assert!(answer.location.as_deref().is_none_or(is_proven));
                Ok(())
            },
        )
        .expect("holds for all");
}

#[test]
fn no_logout_request_leads_to_an_unproven_address() {
    let (house, rp) = scene();
    runner(200)
        .run(&(fields(), any::<bool>()), |(fields, named)| {
            let mut fields: Vec<_> = fields.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
            fields.dedup_by(|a, b| a.0 == b.0);
            if named {
                fields.push(("client_id".to_owned(), rp.client_id.clone()));
            }
            let query = form(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
            let answer = runtime().block_on(async { house.browser().get(&format!("/logout?{query}")).await });
            prop_assert!(!answer.status.is_server_error(), "{}", answer.body);
            prop_assert!(answer.location.as_deref().is_none_or(is_proven), "{:?}", answer.location);
            Ok(())
        })
        .expect("holds for all");
}

#[test]
fn no_body_and_no_header_make_the_token_endpoints_fail() {
    let (house, _) = scene();
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        fields().prop_map(|fields| encoded(&fields).into_bytes()),
    ];
    let header = prop_oneof![
        Just(None),
        "[ -~]{0,60}".prop_map(Some),
        "(Basic|Bearer|DPoP) [A-Za-z0-9+/=]{0,60}".prop_map(Some)
    ];
    let proof = "[!-~]{0,80}|[A-Za-z0-9_-]{1,80}\\.[A-Za-z0-9_-]{1,80}\\.[A-Za-z0-9_-]{0,80}";
    let path = prop::sample::select(vec!["/par", "/token", "/revoke", "/userinfo"]);
    runner(300)
        .run(&(body, header, proof, path), |(body, header, proof, path)| {
            let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            if !proof.is_empty() {
                request = request.header("dpop", proof);
            }
            if let Some(header) = header {
                request = request.header(AUTHORIZATION, header);
            }
            let answer = runtime().block_on(async { house.browser().send(request, Body::from(body)).await });
            prop_assert!(
                matches!(answer.status.as_u16(), 200 | 400 | 401),
                "{}: {}",
                answer.status,
                answer.body
            );
            prop_assert!(answer.status != 200 || path == "/revoke");
            prop_assert_eq!(answer.location, None);
            Ok(())
        })
        .expect("holds for all");
}

/// An application that lives only in memory.
fn client(kind: ClientKind) -> Client {
    let asked = registration(kind);
    let now = Timestamp::from_seconds(1);
    let address = |text: &String| RedirectUri::register(text, kind).expect("good");
    Client {
        id: "01957a00-0000-7000-8000-000000000000".parse().expect("an id"),
        client_id: ClientId::stored("app".to_owned()),
        name: asked.name,
        kind,
        secret_digest: None,
        redirect_uris: asked
            .redirect_uris
            .iter()
            .chain(&["http://127.0.0.1/cb".to_owned()])
            .map(address)
            .collect(),
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: asked.scopes,
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata::default(),
        created_at: now,
        disabled_at: None,
        version: 0,
    }
}

proptest! {
    #[test]
    fn only_a_registered_address_is_ever_proven(address in value(), native in any::<bool>()) {
        let client = client(if native { ClientKind::Native } else { ClientKind::Web });
        let raw = RawRequest::read([("client_id", "app"), ("redirect_uri", address.as_str())]);
        if let Ok(back) = client.prove(&raw) {
            let registered = client.redirect_uris.iter().any(|uri| uri.as_str() == address);
            let loopback = native && address.starts_with("http://127.0.0.1:") && address.ends_with("/cb");
            prop_assert!(registered || loopback, "{address}");
            prop_assert_eq!(back.address(), address);
        }
    }

    #[test]
    fn an_address_near_a_loopback_one_is_that_one_or_refused(tail in "[:@/?#.0-9a-z\\[\\]-]{0,20}") {
        let client = client(ClientKind::Native);
        let address = format!("http://127.0.0.1{tail}");
        let raw = RawRequest::read([("redirect_uri", address.as_str())]);
        if client.prove(&raw).is_ok() {
            let url = url::Url::parse(&address).expect("a proven address is an address");
            prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
            prop_assert_eq!((url.path(), url.query(), url.username()), ("/cb", None, ""));
        }
    }

    #[test]
    fn any_parameters_are_checked_without_a_panic(fields in fields()) {
        let raw = RawRequest::read(fields);
        let _ = Asked::check(&raw, &client(ClientKind::Web));
    }
}
