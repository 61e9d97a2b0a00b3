//! OpenID Connect Session Management 1.0: `session_state`, and the frame that compares it.

use crate::house::{Browser, House, PASSWORD};
use crate::rp::{ISSUER, Rp, house, json, registration, signed_in};
use danang_sso::crypto::token;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::lock;
use std::fmt::Write;
use time::macros::datetime;

const COOKIE: &str = "dsso-state";

/// What the script of the frame computes (§3.2).
fn computed(client_id: &str, origin: &str, browser_state: &str, session_state: &str) -> String {
    let salt = session_state.split_once('.').expect("a salt").1;
    let mut hex = String::new();
    for byte in token::sha256(&format!("{client_id} {origin} {browser_state} {salt}")) {
        write!(hex, "{byte:02x}").expect("text");
    }
    format!("{hex}.{salt}")
}

async fn asked(house: &House) -> (Rp, Browser, String) {
    let rp = Rp::web(house).await;
    let mut browser = signed_in(house).await;
    let answer = rp.ask(&mut browser, &[]).await;
    let state = answer["session_state"].clone();
    (rp, browser, state)
}

#[tokio::test]
async fn the_answer_has_a_session_state_that_the_frame_finds_unchanged_until_signing_out_2_3_2() {
    let house = house().await;
    let (rp, mut browser, state) = asked(&house).await;
    let kept = browser.cookies().get(COOKIE).cloned().expect("the frame's cookie");
    assert_eq!(computed(&rp.client_id, "https://app.danang.example", &kept, &state), state);
    browser.post_from("/", "/sign-out", &[]).await;
    assert!(!browser.cookies().contains_key(COOKIE), "changed");
    assert_ne!(computed(&rp.client_id, "https://app.danang.example", "", &state), state);
}

#[tokio::test]
async fn another_origin_application_or_session_has_another_state_4_2() {
    let house = house().await;
    let (rp, mut browser, state) = asked(&house).await;
    let kept = browser.cookies()[COOKIE].clone();
    assert_ne!(computed(&rp.client_id, "https://evil.example", &kept, &state), state);
    assert_ne!(computed("another", "https://app.danang.example", &kept, &state), state);
    let (_, mut other, _) = asked(&house).await;
    assert_ne!(other.cookies()[COOKIE], kept);
    let again = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_ne!(again["session_state"], state, "the salt is new");
    assert_eq!(
        computed(&rp.client_id, "https://app.danang.example", &kept, &again["session_state"]),
        again["session_state"]
    );
}

#[tokio::test]
async fn rp_initiated_logout_changes_the_state_too() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    assert!(browser.cookies().contains_key(COOKIE));
    let hint = tokens["id_token"].as_str().expect("a token");
    browser.get(&format!("/logout?id_token_hint={hint}")).await.leads_to("/signed-out");
    assert!(!browser.cookies().contains_key(COOKIE));
}

#[tokio::test]
async fn the_frame_may_be_framed_and_nothing_else_and_its_script_is_a_plain_one_3_2() {
    let house = house().await;
    let mut browser = house.browser();
    let document = json(&browser.get("/.well-known/openid-configuration").await);
    assert_eq!(document["check_session_iframe"], format!("{ISSUER}/session/check"));
    let frame = browser.get("/session/check").await;
    assert!(!frame.headers.contains_key("x-frame-options"));
    assert!(frame.headers["content-security-policy"].to_str().expect("ASCII").contains("frame-ancestors *"));
    frame.shows("<script src=\"/static/session.js\"></script>").hides("type=\"module\"");
    assert!(!frame.headers.contains_key("set-cookie"));
    let script = browser.get("/static/session.js").await;
    script.hides("async ").hides("fetch(").hides("crypto").hides("=>");
    for other in ["/sign-in", "/signed-out"] {
        let page = browser.get(other).await;
        assert_eq!(page.headers["x-frame-options"], "DENY");
    }
}

#[tokio::test]
async fn on_https_the_cookie_comes_into_frames_of_other_sites_and_only_then_3_2() {
    for (more, place) in [("", "SameSite=Lax"), ("# https\n", "SameSite=None; Secure")] {
        let house = House::at(datetime!(2026-03-02 09:00 +7), more).await;
        house.add("an", &[MailSystem::Ad]);
        house.sync().await;
        let rp = Rp::web(&house).await;
        let mut browser = signed_in(&house).await;
        let answer = browser.get(&rp.address(&[])).await;
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        let cookie = cookies.iter().filter_map(|one| one.to_str().ok()).find(|one| one.starts_with(COOKIE));
        let cookie = cookie.expect("the cookie");
        assert!(cookie.ends_with(place) && !cookie.contains("HttpOnly"), "{cookie}");
    }
}

#[tokio::test]
async fn an_application_without_an_origin_gets_no_session_state() {
    let house = house().await;
    let mut native = registration(ClientKind::Native);
    native.redirect_uris = vec!["vn.gov.danang.app:/cb".to_owned()];
    let rp = Rp::new(&house, &native).await;
    let mut browser = signed_in(&house).await;
    let answer = browser.get(&rp.address(&[("redirect_uri", "vn.gov.danang.app:/cb")])).await;
    let location = answer.location.expect("back to the application");
    assert!(
        location.starts_with("vn.gov.danang.app:/cb?code=") && !location.contains("session_state"),
        "{location}"
    );
}

/// What the script of the frame asks the house.
async fn look_around(browser: &mut Browser) {
    assert_eq!(browser.get("/session/state").await.status, 204);
}

#[tokio::test]
async fn the_state_changes_when_the_session_was_ended_elsewhere_3_2() {
    let house = house().await;
    let (_, mut browser, _) = asked(&house).await;
    let kept = browser.cookies()[COOKIE].clone();
    look_around(&mut browser).await;
    assert_eq!(browser.cookies()[COOKIE], kept, "nothing has happened");
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    look_around(&mut browser).await;
    assert!(!browser.cookies().contains_key(COOKIE), "changed");
}

#[tokio::test]
async fn of_several_sessions_the_state_keeps_those_that_are_open_in_whatever_order_people_signed_in() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let add = [("identifier", "binh"), ("password", PASSWORD), ("another", "1")];
    browser.post_from("/sign-in?another=1", "/sign-in", &add).await.leads_to("/");
    let mut states = Vec::new();
    for who in ["an@danang.example", "binh@danang.example"] {
        let answer = rp.ask(&mut browser, &[("login_hint", who)]).await;
        let kept = browser.cookies()[COOKIE].clone();
        let computed = computed(&rp.client_id, "https://app.danang.example", &kept, &answer["session_state"]);
        assert_eq!(computed, answer["session_state"]);
        states.push(kept);
    }
    assert_eq!(states[0], states[1], "else two applications would ask for ever");
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    look_around(&mut browser).await;
    assert_ne!(browser.cookies()[COOKIE], states[0]);
    let left = browser.cookies()[COOKIE].clone();
    look_around(&mut browser).await;
    assert_eq!(browser.cookies()[COOKIE], left);
}

#[tokio::test]
async fn a_state_that_is_not_ours_is_left_alone() {
    let house = house().await;
    let (_, mut browser, _) = asked(&house).await;
    let kept = browser.cookies()[COOKIE].clone();
    for foreign in ["x", "~", "a~b", &kept[1..], &format!("{kept}A"), "0190-ffff~~"] {
        browser.cookies().insert(COOKIE.to_owned(), foreign.to_owned());
        look_around(&mut browser).await;
        assert_eq!(browser.cookies()[COOKIE], foreign);
    }
}
