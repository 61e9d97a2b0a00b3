//! OpenID Connect Back-Channel Logout 1.0: applications are told of the end of a session, until they agree.

use crate::house::{House, NEW_PASSWORD, PASSWORD};
use crate::rp::{ISSUER, Rp, house, json, registration, signed_in};
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{Metadata, SubjectType};
use danang_sso::services::application_desk::{self, Seen};
use danang_sso::services::clients::Registration;
use danang_sso::services::{clients, lock, logout_notices};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use time::Duration;

/// An application that listens, and what it was told.
#[derive(Clone)]
pub struct Listener {
    told: Arc<Mutex<Vec<String>>>,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<StatusCode>>,
    pub uri: String,
}

async fn take(State(listener): State<Listener>, Form(form): Form<HashMap<String, String>>) -> StatusCode {
    let answer = *listener.answer.lock().expect("nobody panicked");
    listener.asked.fetch_add(1, Ordering::SeqCst);
    if answer.is_success() {
        listener.told.lock().expect("nobody panicked").extend(form.get("logout_token").cloned());
    }
    answer
}

impl Listener {
    pub async fn start() -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let uri = format!("http://127.0.0.1:{}/logout", socket.local_addr().expect("an address").port());
        let answer = Arc::new(Mutex::new(StatusCode::OK));
        let listener = Self { told: Arc::default(), asked: Arc::default(), answer, uri };
        let router = axum::Router::new().route("/logout", post(take)).with_state(listener.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        listener
    }

    fn answers(&self, status: StatusCode) {
        *self.answer.lock().expect("nobody panicked") = status;
    }

    pub fn told(&self) -> Vec<String> {
        self.told.lock().expect("nobody panicked").clone()
    }
}

/// An application that listens, and the tokens it was given in a live session.
async fn entered(house: &House) -> (Listener, Rp, crate::house::Browser, Value) {
    entered_with(house, Metadata::default()).await
}

/// The same for an application that registers this too.
async fn entered_with(house: &House, metadata: Metadata) -> (Listener, Rp, crate::house::Browser, Value) {
    let listener = Listener::start().await;
    let mut registration = Registration { metadata, ..registration(ClientKind::Web) };
    registration.backchannel_logout_uri = Some(listener.uri.clone());
    let rp = Rp::new(house, &registration).await;
    let mut browser = signed_in(house).await;
    let code = rp.code(&mut browser, &[("scope", "openid")]).await;
    let tokens = json(&rp.redeem(&mut browser, &code).await);
    (listener, rp, browser, tokens)
}

/// Everything that an application was given ends.
async fn all_ended(house: &House, rp: &Rp) -> u64 {
    let client = clients::find(&house.app, &rp.client_id).await.expect("found");
    let by = Administrator::holding(&house.account("binh").await, Role::City, Reach::City);
    let seen = Seen { id: client.id, version: client.version };
    application_desk::end_access(&house.app, &by, seen, "Lộ khóa").await.expect("ended")
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[tokio::test]
async fn a_lock_tells_the_application_with_a_signed_logout_token_2_4() {
    let house = house().await;
    let (listener, rp, mut browser, tokens) = entered(&house).await;
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::Inactive, Actor::CommandLine).await.expect("locked");
    let told = listener.told();
    assert_eq!(told.len(), 1, "at once");
    let (header, claims) = (part(&told[0], 0), part(&told[0], 1));
    assert_eq!(header["typ"], "logout+jwt");
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(ISSUER), Some(rp.client_id.as_str())));
    let id_token = part(tokens["id_token"].as_str().expect("an ID token"), 1);
    assert_eq!((&claims["sid"], &claims["sub"]), (&id_token["sid"], &id_token["sub"]));
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    assert!(claims.get("nonce").is_none(), "so that nobody takes it for an ID token");
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() > 20));
    let set = json(&browser.get("/jwks").await);
    assert!(crate::signing_keys::is_good(&set, &told[0]), "it is signed with a published key");
    let keys = house.app.signing.read().expect("nobody panicked").clone();
    assert!(keys.verify::<Value>(&told[0], ISSUER).is_none(), "and it is no ID token");
}

#[tokio::test]
async fn signing_out_and_a_new_password_tell_the_application_too() {
    let house = house().await;
    let (listener, _rp, mut browser, _) = entered(&house).await;
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    assert_eq!(listener.told().len(), 1);
    let (listener, _rp, _first, _) = entered(&house).await;
    let mut second = signed_in(&house).await;
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    second.post_from("/password", "/password", &fields).await;
    assert_eq!(listener.told().len(), 1, "the session of the other browser ended");
}

#[tokio::test]
async fn an_application_that_does_not_answer_is_told_again_until_it_does() {
    let house = house().await;
    let (listener, _rp, mut browser, _) = entered(&house).await;
    listener.answers(StatusCode::SERVICE_UNAVAILABLE);
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    for _ in 0..5 {
        house.pass(Duration::minutes(1));
        logout_notices::send_due(&house.app).await.expect("runs");
    }
    assert!(listener.told().is_empty());
    listener.answers(StatusCode::NO_CONTENT);
    house.pass(Duration::hours(1));
    let (one, two) = tokio::join!(logout_notices::send_due(&house.app), logout_notices::send_due(&house.app));
    assert_eq!(one.expect("runs") + two.expect("runs"), 1, "told once by two nodes");
    house.pass(Duration::hours(2));
    assert_eq!(logout_notices::send_due(&house.app).await.expect("runs"), 0);
    assert_eq!(listener.told().len(), 1);
}

#[tokio::test]
async fn an_application_that_is_gone_is_given_up_after_a_day() {
    let house = house().await;
    let (listener, _rp, mut browser, _) = entered(&house).await;
    listener.answers(StatusCode::NOT_FOUND);
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    for _ in 0..26 {
        house.pass(Duration::hours(1));
        logout_notices::send_due(&house.app).await.expect("runs");
    }
    listener.answers(StatusCode::OK);
    house.pass(Duration::hours(2));
    assert_eq!(logout_notices::send_due(&house.app).await.expect("runs"), 0);
    assert!(listener.told().is_empty());
}

#[tokio::test]
async fn an_application_that_fails_does_not_keep_the_others_waiting() {
    let house = house().await;
    let (failing, rp, _browser, _) = entered(&house).await;
    for _ in 0..4 {
        rp.code(&mut signed_in(&house).await, &[("scope", "openid")]).await;
    }
    failing.answers(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(all_ended(&house, &rp).await, 5);
    let (good, other, _beside, _) = entered(&house).await;
    assert_eq!(all_ended(&house, &other).await, 1);
    assert_eq!(logout_notices::send_due(&house.app).await.expect("runs"), 1);
    assert_eq!(
        (failing.asked.load(Ordering::SeqCst), good.told().len()),
        (3, 1),
        "three in a row are enough"
    );
    failing.answers(StatusCode::OK);
    house.pass(Duration::minutes(2));
    assert_eq!(logout_notices::send_due(&house.app).await.expect("runs"), 5, "each is told in the end");
    assert_eq!(failing.told().len(), 5);
}

#[tokio::test]
async fn an_application_without_a_registered_address_or_session_is_not_told() {
    let house = house().await;
    let (listener, _rp, mut browser, _) = entered(&house).await;
    let other = Rp::web(&house).await;
    other.code(&mut browser, &[]).await;
    let mut stranger = crate::rp::signed_in_as(&house, "binh").await;
    stranger.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    assert!(listener.told().is_empty(), "another person's session");
    for bad in ["http://app.danang.example/logout", "https://app.danang.example/x#y", "ftp://x"] {
        let mut registration = registration(ClientKind::Web);
        registration.backchannel_logout_uri = Some(bad.to_owned());
        let registered =
            danang_sso::services::clients::register(&house.app, Actor::CommandLine, &registration).await;
        assert!(registered.is_err(), "{bad}");
    }
}

#[tokio::test]
async fn an_application_whose_access_was_ended_is_told_and_again_when_the_session_ends() {
    let house = house().await;
    let (listener, rp, mut browser, _) = entered(&house).await;
    assert_eq!(all_ended(&house, &rp).await, 1);
    logout_notices::send_due(&house.app).await.expect("sent");
    assert_eq!(listener.told().len(), 1);
    // The session goes on, and the application is entered anew out of it.
    let code = rp.code(&mut browser, &[("scope", "openid")]).await;
    rp.redeem(&mut browser, &code).await;
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::Inactive, Actor::CommandLine).await.expect("locked");
    assert_eq!(listener.told().len(), 2, "the same session ends later");
}

#[tokio::test]
async fn an_application_whose_access_its_user_or_an_administrator_has_ended_is_told_at_once() {
    let house = house().await;
    let (listener, rp, mut browser, tokens) = entered(&house).await;
    let (other, _rp, mut beside, _) = entered(&house).await;
    let fields = [("application", rp.client_id.as_str())];
    let answer = browser.post_from("/applications", "/applications/end", &fields).await;
    answer.leads_to("/applications?note=ended");
    let told = listener.told();
    assert_eq!(told.len(), 1, "at once");
    let id_token = part(tokens["id_token"].as_str().expect("an ID token"), 1);
    let claims = part(&told[0], 1);
    assert_eq!((&claims["sid"], &claims["sub"]), (&id_token["sid"], &id_token["sub"]));
    assert!(other.told().is_empty(), "no other application");
    beside.get("/").await.shows("an@danang.example");
    // The same for an administrator who ends it for one account.
    let code = rp.code(&mut browser, &[("scope", "openid")]).await;
    rp.redeem(&mut browser, &code).await;
    let by = Administrator::holding(&house.account("binh").await, Role::City, Reach::City);
    let account = house.account("an").await;
    let seen = danang_sso::services::bulk_unlock::Seen { id: account.id(), version: account.version() };
    let ended =
        danang_sso::services::account_desk::end_application(&house.app, &by, seen, &rp.client_id, "Lộ khóa");
    assert!(ended.await.expect("ended"));
    assert_eq!(listener.told().len(), 2, "the same session, told anew");
}

#[tokio::test]
async fn an_application_that_was_removed_is_told_as_it_knew_the_person() {
    let house = house().await;
    let metadata = Metadata {
        subject_type: SubjectType::Pairwise,
        id_token_signed_response_alg: Some("ES256".to_owned()),
        ..Metadata::default()
    };
    let (listener, rp, _browser, tokens) = entered_with(&house, metadata).await;
    let id_token = tokens["id_token"].as_str().expect("an ID token");
    let client = clients::find(&house.app, &rp.client_id).await.expect("found");
    let by = Administrator::holding(&house.account("binh").await, Role::City, Reach::City);
    let seen = Seen { id: client.id, version: client.version };
    application_desk::remove(&house.app, &by, seen, &client.name, "Ngừng dùng").await.expect("removed");
    logout_notices::send_due(&house.app).await.expect("sent");
    let told = listener.told();
    assert_eq!(told.len(), 1);
    assert_eq!(part(&told[0], 0)["alg"], "ES256");
    assert_eq!(part(id_token, 0)["alg"], "ES256");
    assert_eq!(part(&told[0], 1)["sub"], part(id_token, 1)["sub"], "its sector's own");
}

#[tokio::test]
async fn an_application_that_is_removed_by_the_command_line_is_told_too() {
    let house = house().await;
    let (listener, rp, _browser, tokens) = entered(&house).await;
    clients::remove(&house.app, Actor::CommandLine, &rp.client_id).await.expect("removed");
    assert_eq!(logout_notices::send_due(&house.app).await.expect("sent"), 1);
    let id_token = part(tokens["id_token"].as_str().expect("an ID token"), 1);
    assert_eq!(part(&listener.told()[0], 1)["sid"], id_token["sid"]);
    assert!(clients::remove(&house.app, Actor::CommandLine, &rp.client_id).await.is_err(), "it is gone");
}
