//! The administrators' interface: who is let in (RFC 6750, RFC 8707, RFC 9449), and how refusals look (RFC 9457).

use crate::house::{Answer, Browser, House};
use crate::own_keys::OwnKey;
use crate::rp::{Rp, house, json, registration, signed_in};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use danang_sso::api::routes::routes;
use danang_sso::crypto::token::digest;
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::ApiReach;
use danang_sso::services::clients::{self, Registration};
use danang_sso::services::{client_api, cursors};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json as value};
use time::Duration;

/// Every scope of the interface.
pub const EVERY: &[ApiScope] = ApiScope::ALL;

/// An application with a token in its own name, at the administrators' door.
pub struct Api {
    /// The application.
    pub rp: Rp,
    /// Its token.
    pub token: String,
    /// At the administrators' door.
    pub browser: Browser,
}

/// What an application in its own name registers.
pub fn service() -> Registration {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.grant_types = vec!["client_credentials".to_owned()];
    asked
}

impl Api {
    /// One with these scopes.
    pub async fn new(house: &House, scopes: &[ApiScope], reach: ApiReach) -> Self {
        let rp = Rp::new(house, &service()).await;
        client_api::set(&house.app, Actor::CommandLine, &rp.client_id, scopes, Some(reach))
            .await
            .expect("set");
        Self::with(house, rp).await
    }

    /// A registered one with a fresh token.
    pub async fn with(house: &House, rp: Rp) -> Self {
        let given = rp.token(&mut house.browser(), &[("grant_type", "client_credentials")]).await;
        assert_eq!(given.status, 200, "{}", given.body);
        let token = json(&given)["access_token"].as_str().expect("a token").to_owned();
        Self { rp, token, browser: house.admin_browser() }
    }

    /// Reads.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// Reads, with further headers.
    pub async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path).header(AUTHORIZATION, format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.browser.send(request, Body::empty()).await
    }

    /// A cursor of the application for a place in a list, which it asks for at this address with these parameters.
    pub async fn cursor(&self, house: &House, asked: &[&str], place: &str) -> String {
        let client = clients::find(&house.app, &self.rp.client_id).await.expect("there");
        let id = client.id.to_string();
        let question: Vec<_> = [id.as_str()].into_iter().chain(asked.iter().copied()).collect();
        cursors::made(&house.app, &question, place)
    }

    /// Writes, about this version, under this key.
    pub async fn write(&mut self, path: &str, (version, key): (&str, &str), body: &Value) -> Answer {
        let headers = [("if-match", version), ("idempotency-key", key)];
        self.write_with(path, &headers, &body.to_string()).await
    }

    /// Writes with exactly these headers and this text.
    pub async fn write_with(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::post(path)
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json");
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        self.browser.send(request, Body::from(body.to_owned())).await
    }
}

/// The last word of the type of a problem, after the checks that hold for each (RFC 9457 §3).
pub fn problem(answer: &Answer) -> String {
    assert_eq!(
        answer.headers[CONTENT_TYPE], "application/problem+json",
        "{}: {}",
        answer.status, answer.body
    );
    assert_eq!(answer.headers["cache-control"], "no-store");
    let told = json(answer);
    assert_eq!(told["status"], answer.status.as_u16());
    assert!(told["title"].as_str().is_some_and(|title| !title.is_empty()), "{told}");
    let kind = told["type"].as_str().and_then(|kind| kind.strip_prefix("urn:danang-sso:problem:"));
    kind.unwrap_or_else(|| panic!("no type of ours: {told}")).to_owned()
}

/// How many lines of the audit an application caused by an act.
pub async fn lines(house: &House, rp: &Rp, act: Act) -> i64 {
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let query = "SELECT COUNT(*) FROM audit WHERE actor_kind = 'client' AND actor = $1 AND act = $2";
    sqlx::query_scalar(query).bind(&rp.client_id).bind(act.code()).fetch_one(&mut db).await.expect("counts")
}

/// From which network addresses an application caused an act.
async fn sources(house: &House, rp: &Rp, act: Act) -> Vec<Option<String>> {
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let query =
        "SELECT source FROM audit WHERE actor_kind = 'client' AND actor = $1 AND act = $2 ORDER BY seq";
    let query = sqlx::query_scalar::<_, Option<String>>(query).bind(&rp.client_id).bind(act.code());
    query.fetch_all(&mut db).await.expect("reads")
}

async fn bare(browser: &mut Browser, path: &str, authorization: Option<&str>) -> Answer {
    let mut request = Request::get(path);
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    browser.send(request, Body::empty()).await
}

#[tokio::test]
async fn nobody_enters_without_a_token_that_opens_rfc6750_3() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let of_person = rp.tokens(&mut signed_in(&house).await, &[]).await;
    let of_person = format!("Bearer {}", of_person["access_token"].as_str().expect("a token"));
    let mut browser = house.admin_browser();
    for route in routes() {
        let path =
            route.path.replace("{id}", "01890000-0000-7000-8000-000000000000").replace("{year}", "2026");
        let place = format!("{} {path}", route.method);
        for authorization in
            [None, Some("Bearer x"), Some("Basic eDp5"), Some("Bearer"), Some(of_person.as_str())]
        {
            let mut request = Request::builder().method(route.method).uri(&path);
            if let Some(authorization) = authorization {
                request = request.header(AUTHORIZATION, authorization);
            }
            let answer = browser.send(request, Body::empty()).await;
            assert_eq!(
                (answer.status.as_u16(), problem(&answer)),
                (401, "unauthorized".to_owned()),
                "{place}"
            );
            let challenge = answer.headers["www-authenticate"].to_str().expect("ASCII");
            // RFC 6750 §3.1: without any token no error is named
            assert_eq!(challenge.contains("error="), authorization.is_some(), "{place}: {challenge}");
        }
    }
    // The staff's door has no such room.
    let answer = bare(&mut house.browser(), "/api/v1/accounts", Some(&of_person)).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_token_opens_its_scopes_and_nothing_else_and_the_refusal_leaves_a_line() {
    let house = house().await;
    let mut api = Api::new(&house, &[ApiScope::PolicyRead], ApiReach::City).await;
    let answer = api.get("/api/v1/policy").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(json(&answer)["version"], 1);
    let answer = api.get("/api/v1/accounts").await;
    assert_eq!((answer.status.as_u16(), problem(&answer)), (403, "insufficient-scope".to_owned()));
    let challenge = answer.headers["www-authenticate"].to_str().expect("ASCII");
    assert!(challenge.contains(r#"error="insufficient_scope""#), "{challenge}");
    assert!(challenge.contains(r#"scope="accounts.read""#), "{challenge}");
    assert_eq!(lines(&house, &api.rp, Act::RightRefused).await, 1);
    // What the city takes back is gone at once.
    client_api::set(&house.app, Actor::CommandLine, &api.rp.client_id, &[], None).await.expect("set");
    let answer = api.get("/api/v1/policy").await;
    assert_eq!((answer.status.as_u16(), problem(&answer)), (403, "insufficient-scope".to_owned()));
}

#[tokio::test]
async fn scopes_of_that_name_open_nothing_until_the_city_has_said_how_far_they_reach() {
    let house = house().await;
    let mut asked = service();
    asked.metadata.api_scopes = vec!["accounts.read".to_owned(), "audit.read".to_owned()];
    let mut api = Api::with(&house, Rp::new(&house, &asked).await).await;
    for path in ["/api/v1/accounts", "/api/v1/audit"] {
        let answer = api.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), problem(&answer)),
            (403, "insufficient-scope".to_owned()),
            "{path}"
        );
    }
    let unknown = ApiReach::Agency("so-khong-co".to_owned());
    let refused =
        client_api::set(&house.app, Actor::CommandLine, &api.rp.client_id, EVERY, Some(unknown)).await;
    assert!(refused.expect_err("refused").to_string().contains("no agency"));
}

#[tokio::test]
async fn a_token_ends_by_its_time_with_its_application_and_for_another_resource_rfc8707_2() {
    let house = house().await;
    let mut api = Api::new(&house, &[ApiScope::PolicyRead], ApiReach::City).await;
    house.pass(Duration::seconds(601));
    assert_eq!(problem(&api.get("/api/v1/policy").await), "unauthorized");
    let mut api = Api::with(&house, api.rp).await;
    assert_eq!(api.get("/api/v1/policy").await.status, 200);
    clients::remove(&house.app, Actor::CommandLine, &api.rp.client_id).await.expect("removed");
    assert_eq!(problem(&api.get("/api/v1/policy").await), "unauthorized");

    let mut asked = service();
    let ours = "http://localhost:8090/api/v1";
    asked.metadata.resources = vec!["https://kho.danang.example/".to_owned(), ours.to_owned()];
    let rp = Rp::new(&house, &asked).await;
    let scopes = [ApiScope::PolicyRead];
    client_api::set(&house.app, Actor::CommandLine, &rp.client_id, &scopes, Some(ApiReach::City))
        .await
        .expect("set");
    for (resource, status) in [("https://kho.danang.example/", 401), (ours, 200)] {
        let fields = [("grant_type", "client_credentials"), ("resource", resource)];
        let given = json(&rp.token(&mut house.browser(), &fields).await);
        let bearer = format!("Bearer {}", given["access_token"].as_str().expect("a token"));
        let answer = bare(&mut house.admin_browser(), "/api/v1/policy", Some(&bearer)).await;
        assert_eq!(answer.status.as_u16(), status, "{resource}");
    }
}

#[tokio::test]
async fn a_bound_token_is_nothing_without_the_proof_of_its_key_rfc9449_7() {
    let house = house().await;
    let mut asked = service();
    asked.metadata.dpop_bound_access_tokens = true;
    let rp = Rp::new(&house, &asked).await;
    let scopes = [ApiScope::PolicyRead];
    client_api::set(&house.app, Actor::CommandLine, &rp.client_id, &scopes, Some(ApiReach::City))
        .await
        .expect("set");
    let (key, other) = (OwnKey::new(Algorithm::ES256, None), OwnKey::new(Algorithm::ES256, None));
    let basic = {
        use base64::Engine;
        let secret = rp.secret.as_deref().expect("a secret");
        base64::engine::general_purpose::STANDARD.encode(format!("{}:{secret}", rp.client_id))
    };
    let request = Request::post("/token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(AUTHORIZATION, format!("Basic {basic}"))
        .header("dpop", key.proof(&house, "POST", "/token", &value!({})));
    let given = json(&house.browser().send(request, Body::from("grant_type=client_credentials")).await);
    assert_eq!(given["token_type"], "DPoP");
    let token = given["access_token"].as_str().expect("a token");
    let proof = |key: &OwnKey| {
        let changes = value!({ "ath": digest(token), "htu": "http://localhost:8090/api/v1/policy" });
        key.proof(&house, "GET", "/api/v1/policy", &changes)
    };
    let mut browser = house.admin_browser();
    let mut open = async |scheme: &str, proof: Option<String>| {
        let mut request = Request::get("/api/v1/policy").header(AUTHORIZATION, format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        browser.send(request, Body::empty()).await
    };
    let good = proof(&key);
    assert_eq!(open("DPoP", Some(good.clone())).await.status, 200);
    for (scheme, proof) in [
        ("Bearer", None),
        ("DPoP", None),
        ("DPoP", Some(good)),
        ("DPoP", Some(proof(&other))),
        ("Bearer", Some(proof(&key))),
    ] {
        let answer = open(scheme, proof).await;
        assert_eq!((answer.status.as_u16(), problem(&answer)), (401, "unauthorized".to_owned()), "{scheme}");
        assert!(answer.headers["www-authenticate"].to_str().expect("ASCII").starts_with(scheme), "{scheme}");
    }
}

#[tokio::test]
async fn whatever_is_no_room_and_whatever_cannot_be_read_is_a_problem_rfc9457_3() {
    let house = house().await;
    let mut api = Api::new(&house, EVERY, ApiReach::City).await;
    for (path, status, kind) in [
        ("/api/v1/khong-co", 404, "not-found"),
        ("/api/v2/accounts", 404, "not-found"),
        ("/api/v1/accounts/%FF", 404, "not-found"),
        ("/api/v1/calendar/%FF", 404, "not-found"),
        ("/api/v1/accounts?limit=0", 400, "invalid-request"),
        ("/api/v1/accounts?limit=201", 400, "invalid-request"),
        ("/api/v1/accounts?state=open", 400, "invalid-request"),
        ("/api/v1/accounts?stat=locked", 400, "invalid-request"),
        ("/api/v1/accounts?state=locked&state=active", 400, "invalid-request"),
        ("/api/v1/accounts?cursor=x", 400, "invalid-cursor"),
        ("/api/v1/audit?since=yesterday", 400, "invalid-request"),
        ("/api/v1/audit?cursor=x", 400, "invalid-cursor"),
    ] {
        let answer = api.get(path).await;
        assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (status, kind), "{path}");
    }
    // RFC 9110 §15.5.6: what would do. No page of another site reads an answer: nothing of CORS is told.
    let id = house.account("an").await.id();
    let lock = format!("/api/v1/accounts/{id}/lock");
    for (method, path, allowed) in [
        ("POST", "/api/v1/accounts", "GET,HEAD"),
        ("GET", lock.as_str(), "POST"),
        ("OPTIONS", lock.as_str(), "POST"),
    ] {
        let request = Request::builder().method(method).uri(path).header("origin", "https://la.example");
        let answer = api.browser.send(request, Body::empty()).await;
        assert_eq!((answer.status.as_u16(), problem(&answer)), (405, "method-not-allowed".to_owned()));
        assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")));
    }
    let large = value!({ "reason": "x".repeat(20_000) });
    let answer = api.write(&format!("/api/v1/accounts/{id}/lock"), ("\"0\"", "k"), &large).await;
    assert_eq!((answer.status.as_u16(), problem(&answer)), (413, "too-large".to_owned()));
    // RFC 9110 §15.5.16; what says nothing of its kind is taken for JSON.
    for (kind, expected) in [
        ("application/x-www-form-urlencoded", "unsupported-media-type"),
        ("text/plain", "unsupported-media-type"),
        ("application/json; charset=utf-8", "precondition-required"),
        ("", "precondition-required"),
    ] {
        let mut request = Request::post(&lock).header(AUTHORIZATION, format!("Bearer {}", api.token));
        if !kind.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        let answer = api.browser.send(request, Body::from(r#"{"reason":"x"}"#)).await;
        assert_eq!(problem(&answer), expected, "{kind}");
    }
}

#[tokio::test]
async fn an_application_that_calls_too_often_waits() {
    let house = house().await;
    let mut api = Api::new(&house, &[ApiScope::PolicyRead], ApiReach::City).await;
    let mut other = Api::new(&house, &[ApiScope::PolicyRead], ApiReach::City).await;
    for call in 0..1_200 {
        assert_eq!(api.get("/api/v1/policy").await.status, 200, "{call}");
    }
    let answer = api.get("/api/v1/policy").await;
    assert_eq!((answer.status.as_u16(), problem(&answer)), (429, "too-many-requests".to_owned()));
    let wait: i64 = answer.headers["retry-after"].to_str().expect("ASCII").parse().expect("seconds");
    assert_eq!(other.get("/api/v1/policy").await.status, 200, "others do not wait");
    house.pass(Duration::seconds(wait));
    assert_eq!(api.get("/api/v1/policy").await.status, 200);
}

#[tokio::test]
async fn what_an_application_does_and_is_refused_tells_its_network_address() {
    let house = house().await;
    let account = house.account("an").await;
    let mut api = Api::new(&house, &[ApiScope::AccountsLock], ApiReach::City).await;
    let tag = format!("\"{}\"", account.version());
    let path = format!("/api/v1/accounts/{}/lock", account.id());
    let done = api.write(&path, (&tag, "k"), &value!({ "reason": "Phiếu 12" })).await;
    assert_eq!(done.status, 200, "{}", done.body);
    api.browser.source = "192.0.2.9".to_owned();
    assert_eq!(problem(&api.get("/api/v1/accounts").await), "insufficient-scope");
    assert_eq!(sources(&house, &api.rp, Act::Locked).await, [Some("192.0.2.8".to_owned())]);
    assert_eq!(sources(&house, &api.rp, Act::RightRefused).await, [Some("192.0.2.9".to_owned())]);
}

#[tokio::test]
async fn the_audit_says_what_an_application_was_given_and_what_it_had() {
    let house = house().await;
    let api = Api::new(&house, &[ApiScope::AccountsRead], ApiReach::Agency("so-khcn".to_owned())).await;
    let id = &api.rp.client_id;
    let more = [ApiScope::AccountsRead, ApiScope::AccountsReset];
    client_api::set(&house.app, Actor::CommandLine, id, &more, Some(ApiReach::City)).await.expect("set");
    client_api::set(&house.app, Actor::CommandLine, id, &[], None).await.expect("set");
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let query = "SELECT COALESCE(before, '-'), after FROM audit WHERE subject = $1 AND act = $2 ORDER BY seq";
    let query = sqlx::query_as::<_, (String, String)>(query).bind(id).bind(Act::ClientChanged.code());
    let told: Vec<(String, String)> = query.fetch_all(&mut db).await.expect("reads");
    let [given, more, none] =
        ["accounts.read; agency so-khcn", "accounts.read accounts.reset; city", "nothing"].map(str::to_owned);
    assert_eq!(told, [(none.clone(), given.clone()), (given, more.clone()), (more, none)]);
}

#[tokio::test]
async fn a_failure_of_the_house_is_told_with_the_number_that_its_log_has() {
    let house = house().await;
    let mut api = Api::new(&house, EVERY, ApiReach::City).await;
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    sqlx::query("ALTER TABLE incident RENAME TO incident_lost").execute(&mut db).await.expect("renamed");
    let answer = api.get("/api/v1/incidents").await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (500, "internal"));
    let told = json(&answer);
    assert_eq!(told["incident"].as_str().map(str::len), Some(8), "{told}");
    assert!(!answer.body.contains("incident_lost") && !answer.body.contains("no such table"), "{told}");
}
