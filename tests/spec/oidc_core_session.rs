//! OpenID Connect Core 1.0 §3.1.2.1, §3.1.2.3: `prompt`, `max_age`, `id_token_hint`; and what the city's rules add: a
//! person who may not sign in gets no code and no token.

use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use crate::rp::{
    Rp, answered, claims, error_of, house, json, prove, signed_in, signed_in_as, token_error, userinfo,
};
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::services::lock;
use serde_json::Value;
use time::Duration;
use time::macros::datetime;

#[tokio::test]
async fn prompt_none_without_a_session_is_login_required_3_1_2_6() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let state = "s".repeat(128);
    let answer = rp.ask(&mut house.browser(), &[("prompt", "none"), ("state", &state)]).await;
    assert_eq!(error_of(&answer), "login_required");
    assert_eq!(answer["state"], state);
}

#[tokio::test]
async fn prompt_none_with_a_session_is_silent_and_keeps_sub_and_auth_time_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let first = rp.tokens(&mut browser, &[]).await;
    house.pass(Duration::seconds(5));
    let second = rp.tokens(&mut browser, &[("prompt", "none")]).await;
    let (first, second) = (claims(&first["id_token"]), claims(&second["id_token"]));
    assert_eq!((&first["sub"], &first["auth_time"]), (&second["sub"], &second["auth_time"]));
    assert_ne!(first["iat"], second["iat"]);
}

#[tokio::test]
async fn prompt_none_with_another_value_is_an_error_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let answer = rp.ask(&mut signed_in(&house).await, &[("prompt", "none login")]).await;
    assert_eq!(error_of(&answer), "invalid_request");
}

/// Goes through the sign-in that a request demands of a browser that holds a session.
async fn sign_in_again(browser: &mut Browser, rp: &Rp, changes: &[(&'static str, &str)], who: &str) -> Value {
    let sign_in = browser.get(&rp.address(changes)).await.location.expect("to the sign-in");
    let page = browser.get(&sign_in).await;
    assert_eq!(page.status, 200, "the form must show although somebody is signed in");
    let onward = prove(browser, &sign_in, who).await;
    let answer = answered(&browser.get(&onward).await);
    match answer.get("code") {
        Some(code) => json(&rp.redeem(browser, code).await),
        None => serde_json::json!({ "error": error_of(&answer) }),
    }
}

#[tokio::test]
async fn prompt_login_asks_again_and_the_auth_time_is_later_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let first = rp.tokens(&mut browser, &[]).await;
    house.pass(Duration::seconds(2));
    let second = sign_in_again(&mut browser, &rp, &[("prompt", "login")], "an").await;
    let (first, second) = (claims(&first["id_token"]), claims(&second["id_token"]));
    assert_eq!(first["sub"], second["sub"]);
    assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
}

#[tokio::test]
async fn max_age_asks_again_only_when_the_proof_is_too_old_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let first = rp.tokens(&mut browser, &[("max_age", "15000")]).await;
    house.pass(Duration::seconds(2));
    let second = rp.tokens(&mut browser, &[("max_age", "10000")]).await;
    let auth_time = |tokens: &Value| claims(&tokens["id_token"])["auth_time"].as_i64().expect("a number");
    assert_eq!(auth_time(&first), auth_time(&second));
    let third = sign_in_again(&mut browser, &rp, &[("max_age", "1")], "an").await;
    assert!(auth_time(&third) > auth_time(&first));
    let fourth = sign_in_again(&mut browser, &rp, &[("max_age", "0")], "an").await;
    assert!(fourth["id_token"].is_string());
    let bad = rp.ask(&mut browser, &[("max_age", "-1")]).await;
    assert_eq!(error_of(&bad), "invalid_request");
}

#[tokio::test]
async fn max_age_with_prompt_none_is_login_required_3_1_2_6() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    house.pass(Duration::seconds(2));
    let answer = rp.ask(&mut browser, &[("prompt", "none"), ("max_age", "1")]).await;
    assert_eq!(error_of(&answer), "login_required");
}

#[tokio::test]
async fn an_id_token_hint_of_the_same_person_is_silent_even_when_expired_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let first = rp.tokens(&mut browser, &[]).await;
    let hint = first["id_token"].as_str().expect("a token");
    house.pass(Duration::minutes(30));
    let second = rp.tokens(&mut browser, &[("prompt", "none"), ("id_token_hint", hint)]).await;
    assert_eq!(claims(&second["id_token"])["sub"], claims(&first["id_token"])["sub"]);
}

#[tokio::test]
async fn an_id_token_hint_of_another_person_gets_no_answer_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let of_an = rp.tokens(&mut signed_in(&house).await, &[]).await;
    let hint = of_an["id_token"].as_str().expect("a token");
    let mut browser = signed_in_as(&house, "binh").await;
    let silent = rp.ask(&mut browser, &[("prompt", "none"), ("id_token_hint", hint)]).await;
    assert_eq!(error_of(&silent), "login_required");
    // With pages: whoever signs in must be the one whom the hint names.
    let wrong = sign_in_again(&mut browser, &rp, &[("id_token_hint", hint)], "binh").await;
    assert_eq!(wrong["error"], "login_required");
    let right = sign_in_again(&mut browser, &rp, &[("id_token_hint", hint)], "an").await;
    assert_eq!(claims(&right["id_token"])["sub"], house.account("an").await.subject());
}

#[tokio::test]
async fn an_id_token_hint_that_we_did_not_sign_is_refused_3_1_2_1() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let good = rp.tokens(&mut browser, &[]).await;
    let good = good["id_token"].as_str().expect("a token");
    let (body, _) = good.rsplit_once('.').expect("three parts");
    for bad in ["x", "a.b.c", &format!("{body}."), &format!("{body}.AAAA")] {
        let answer = rp.ask(&mut browser, &[("prompt", "none"), ("id_token_hint", bad)]).await;
        assert_eq!(error_of(&answer), "invalid_request", "{bad}");
    }
}

#[tokio::test]
async fn a_person_who_must_change_the_password_gets_a_code_only_after_it() {
    let house = House::build().await;
    house.add_with_default("moi", &[MailSystem::Ad], house.app.now());
    house.sync().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    let sign_in = browser.get(&rp.address(&[])).await.location.expect("to the sign-in");
    let onward = prove(&mut browser, &sign_in, "moi").await;
    let password = browser.get(&onward).await.location.expect("to the forced change");
    assert!(password.starts_with("/password?request="), "{password}");
    let silent = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "interaction_required");
    let request = password.strip_prefix("/password?request=").expect("an id");
    let fields =
        [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD), ("request", request)];
    let offer = format!("/first-day?request={request}");
    browser.post_from(&password, "/password", &fields).await.leads_to(&offer);
    let offered = browser.get(&offer).await;
    assert!(offered.body.contains(&format!("href=\"{onward}\"")), "the way on without it: {}", offered.body);
    assert!(answered(&browser.get(&onward).await).contains_key("code"));
}

#[tokio::test]
async fn a_lock_ends_codes_access_tokens_and_refresh_tokens_at_once() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let code = rp.code(&mut browser, &[]).await;
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 200);
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    assert_eq!(token_error(&rp.redeem(&mut browser, &code).await), "invalid_grant");
    assert_eq!(userinfo(&mut browser, &tokens["access_token"]).await.status, 401);
    let refresh = tokens["refresh_token"].as_str().expect("one");
    assert_eq!(token_error(&rp.refresh(&mut browser, refresh).await), "invalid_grant");
    let silent = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "login_required");
}

#[tokio::test]
async fn a_deadline_that_has_passed_ends_tokens_even_when_the_job_is_late() {
    let house = House::at(datetime!(2026-07-30 09:00 +7), "").await;
    let set_at = Timestamp::from_datetime(datetime!(2026-01-30 09:00 +7));
    house.add_with("an", &[MailSystem::Ad], |seen| seen.password_set_at = Some(set_at));
    house.sync().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/reminder");
    let tokens = rp.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    house.pass(Duration::hours(14));
    let renewed = json(&rp.refresh(&mut browser, tokens["refresh_token"].as_str().expect("one")).await);
    house.pass(Duration::hours(2));
    let refresh = renewed["refresh_token"].as_str().expect("still good at 23:00");
    assert_eq!(token_error(&rp.refresh(&mut browser, refresh).await), "invalid_grant");
    assert_eq!(
        house.account("an").await.state().name().code(),
        "active",
        "the lock waits for the opening hour"
    );
    house.pass(Duration::hours(7));
    assert_eq!(token_error(&rp.refresh(&mut browser, refresh).await), "invalid_grant");
    assert_eq!(house.account("an").await.state().name().code(), "locked");
}
