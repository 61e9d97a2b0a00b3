//! The sessions of a browser over a day: a sign-out after the idle time, a sign-in anew in the same browser, a second factor on
//! the way, two tabs (OIDC Core 1.0 §3.1.2.1; RP-Initiated Logout 1.0 §2; Back-Channel Logout 1.0 §2.4).

use crate::authenticator::Authenticator;
use crate::house::{Answer, Broken, Browser, House, PASSWORD};
use crate::oidc_back_channel_logout::Listener;
use crate::rp::{
    GOODBYE, Rp, answered, claims, form, house, json, prove, registration, signed_in, signed_in_as,
    token_error,
};
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::session::Door;
use danang_sso::services::session;
use serde_json::Value;
use std::pin::pin;
use time::Duration;

const OFFLINE: (&str, &str) = ("scope", "openid offline_access");
const LOGIN: (&str, &str) = ("prompt", "login");

/// An application that is told of the end of sessions by the house and by the browser.
async fn application(house: &House) -> (Listener, Rp) {
    let listener = Listener::start().await;
    let mut asked = registration(ClientKind::Web);
    asked.backchannel_logout_uri = Some(listener.uri.clone());
    asked.metadata.frontchannel_logout_uri = Some("https://app.danang.example/frontchannel".to_owned());
    let rp = Rp::new(house, &asked).await;
    (listener, rp)
}

fn sid(tokens: &Value) -> String {
    claims(&tokens["id_token"])["sid"].as_str().expect("a sid").to_owned()
}

/// Of which sessions an application was told, in their order.
fn told(listener: &Listener) -> Vec<String> {
    let sid = |token| claims(&Value::String(token))["sid"].as_str().expect("a sid").to_owned();
    let mut told: Vec<_> = listener.told().into_iter().map(sid).collect();
    told.sort_unstable();
    told
}

/// What the refresh token of a token response is answered with.
async fn refresh(rp: &Rp, browser: &mut Browser, tokens: &Value) -> Answer {
    rp.refresh(browser, tokens["refresh_token"].as_str().expect("one")).await
}

async fn is_over(rp: &Rp, browser: &mut Browser, tokens: &Value) -> bool {
    let answer = refresh(rp, browser, tokens).await;
    answer.status != 200 && token_error(&answer) == "invalid_grant"
}

/// Where a request leads that asks for the password.
async fn asked(browser: &mut Browser, rp: &Rp, changes: &[(&'static str, &str)]) -> String {
    let to = browser.get(&rp.address(changes)).await.location.expect("to the sign-in");
    assert!(to.starts_with("/sign-in?request="), "{to}");
    to
}

/// Enters an application that asks for the password, as somebody.
async fn enter_anew(browser: &mut Browser, rp: &Rp, who: &str) -> Value {
    let to = asked(browser, rp, &[LOGIN, OFFLINE]).await;
    let onward = prove(browser, &to, who).await;
    let code = answered(&browser.get(&onward).await).remove("code").expect("a code");
    json(&rp.redeem(browser, &code).await)
}

async fn add_beside(browser: &mut Browser, who: &str) {
    let fields = [("identifier", who), ("password", PASSWORD), ("another", "1")];
    browser.post_from("/sign-in?another=1", "/sign-in", &fields).await.leads_to("/");
}

fn request_of(address: &str) -> &str {
    address.split("request=").nth(1).and_then(|rest| rest.split('&').next()).expect("a request")
}

#[tokio::test]
async fn a_sign_out_after_the_idle_time_ends_what_applications_were_given_and_tells_them() {
    let house = house().await;
    let ((one, a), (other, b)) = (application(&house).await, application(&house).await);
    let mut browser = signed_in(&house).await;
    let in_a = a.tokens(&mut browser, &[OFFLINE]).await;
    let in_b = b.tokens(&mut browser, &[OFFLINE]).await;
    let csrf = browser.get("/").await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(61));
    let in_a = json(&refresh(&a, &mut browser, &in_a).await);
    browser.post("/sign-out", &[("csrf", &csrf)]).await.leads_to("/signed-out");
    browser.get("/signed-out").await.shows("Phiên đăng nhập trên trình duyệt này đã đóng.").shows("<iframe");
    assert_eq!((told(&one), told(&other)), (vec![sid(&in_b)], vec![sid(&in_b)]));
    assert!(is_over(&a, &mut browser, &in_a).await);
    assert!(is_over(&b, &mut browser, &in_b).await);
}

#[tokio::test]
async fn a_hint_after_the_idle_time_signs_out_the_session_that_it_is_about() {
    let house = house().await;
    let (listener, rp) = application(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[OFFLINE]).await;
    house.pass(Duration::minutes(61));
    let hint = tokens["id_token"].as_str().expect("a token");
    let fields = [("id_token_hint", hint), ("post_logout_redirect_uri", GOODBYE)];
    browser.get(&format!("/logout?{}", form(fields))).await.leads_to("/signed-out");
    browser.get("/signed-out").await.shows("<iframe").shows(GOODBYE);
    assert_eq!(told(&listener), [sid(&tokens)]);
    assert!(is_over(&rp, &mut browser, &tokens).await);
}

#[tokio::test]
async fn without_a_hint_somebody_is_asked_after_the_idle_time_too_and_then_signed_out() {
    let house = house().await;
    let (listener, rp) = application(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[OFFLINE]).await;
    house.pass(Duration::minutes(61));
    browser.get("/logout").await.shows("id=\"sign-out-form\"");
    let confirmed = browser.post_from("/logout", "/logout/confirm", &[("answer", "sign_out")]).await;
    confirmed.leads_to("/signed-out");
    assert_eq!(told(&listener), [sid(&tokens)]);
    assert!(is_over(&rp, &mut browser, &tokens).await);
}

#[tokio::test]
async fn an_application_keeps_its_tokens_when_another_asks_for_the_password_and_loses_them_at_the_sign_out() {
    let house = house().await;
    let ((one, a), (other, b)) = (application(&house).await, application(&house).await);
    let mut browser = signed_in(&house).await;
    let in_a = a.tokens(&mut browser, &[OFFLINE]).await;
    house.pass(Duration::seconds(5));
    let in_b = enter_anew(&mut browser, &b, "an").await;
    assert_ne!(sid(&in_a), sid(&in_b));
    assert!(told(&one).is_empty(), "the first session goes on");
    let first = sid(&in_a);
    let in_a = json(&refresh(&a, &mut browser, &in_a).await);
    // It is listed once, and told as what it is.
    let page = browser.get("/sessions").await;
    page.hides("id=\"end-others\"").shows("Đã đăng nhập lại trên cùng trình duyệt");
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    let page = browser.get("/signed-out").await;
    assert_eq!(page.body.matches("<iframe").count(), 2, "each by its own sid");
    page.shows("Phiên đăng nhập trên trình duyệt này đã đóng.");
    assert_eq!((told(&one), told(&other)), (vec![first], vec![sid(&in_b)]));
    assert!(is_over(&a, &mut browser, &in_a).await);
    assert!(is_over(&b, &mut browser, &in_b).await);
}

#[tokio::test]
async fn the_session_before_the_idle_time_ends_with_the_one_after_it() {
    let house = house().await;
    let (listener, rp) = application(&house).await;
    let mut browser = signed_in(&house).await;
    let mut sids = Vec::new();
    for _ in 0..3 {
        sids.push(sid(&rp.tokens(&mut browser, &[OFFLINE]).await));
        house.pass(Duration::minutes(61));
        browser.sign_in("an", PASSWORD).await.leads_to("/");
    }
    assert!(told(&listener).is_empty());
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    sids.sort_unstable();
    assert_eq!(told(&listener), sids);
}

#[tokio::test]
async fn a_session_that_is_ended_from_elsewhere_ends_with_those_that_it_has_succeeded() {
    let house = house().await;
    let ((listener, a), (_, b)) = (application(&house).await, application(&house).await);
    let mut there = signed_in(&house).await;
    let in_a = a.tokens(&mut there, &[OFFLINE]).await;
    house.pass(Duration::seconds(5));
    enter_anew(&mut there, &b, "an").await;
    let mut here = signed_in(&house).await;
    let page = here.get("/sessions").await;
    assert_eq!(page.body.matches("name=\"session\"").count(), 1, "one beside this one");
    let other = page.hidden("session").expect("a session");
    let ended = here.post_from("/sessions", "/sessions/end", &[("session", &other)]).await;
    ended.leads_to("/sessions?note=ended");
    assert_eq!(told(&listener), [sid(&in_a)]);
    assert!(is_over(&a, &mut there, &in_a).await);
}

#[tokio::test]
async fn it_was_not_me_ends_the_session_before_too() {
    let house = house().await;
    let ((listener, a), (_, b)) = (application(&house).await, application(&house).await);
    let mut browser = signed_in(&house).await;
    let in_a = a.tokens(&mut browser, &[OFFLINE]).await;
    house.pass(Duration::seconds(5));
    enter_anew(&mut browser, &b, "an").await;
    browser.post_from("/sessions", "/sessions/not-me", &[]).await.leads_to("/password");
    assert_eq!(told(&listener), [sid(&in_a)]);
    assert!(is_over(&a, &mut browser, &in_a).await);
}

#[tokio::test]
async fn whoever_is_let_go_because_somebody_takes_the_browser_over_is_signed_out() {
    let house = house().await;
    let (listener, rp) = application(&house).await;
    // Whether they were there just now, or not for long.
    for (away, already) in [(5, 0), (61, 1)] {
        let mut browser = signed_in(&house).await;
        let in_rp = rp.tokens(&mut browser, &[OFFLINE]).await;
        house.pass(Duration::minutes(away));
        assert_eq!(told(&listener).len(), already);
        let to = asked(&mut browser, &rp, &[LOGIN]).await;
        prove(&mut browser, &to, "binh").await;
        assert!(told(&listener).contains(&sid(&in_rp)), "after {away} minutes");
        assert!(is_over(&rp, &mut browser, &in_rp).await);
        browser.get("/choose-account").await.shows("binh@danang.example").hides("an@danang.example");
    }
    let mut elsewhere = signed_in(&house).await;
    elsewhere.get("/sessions").await.shows("Người khác đăng nhập trên cùng trình duyệt, ");
}

#[tokio::test]
async fn an_account_beside_that_was_not_used_is_signed_out_with_the_others() {
    let house = house().await;
    let (listener, rp) = application(&house).await;
    let mut browser = signed_in(&house).await;
    let in_rp = rp.tokens(&mut browser, &[OFFLINE]).await;
    add_beside(&mut browser, "binh").await;
    for _ in 0..3 {
        house.pass(Duration::minutes(25));
        browser.get("/").await.shows("binh@danang.example");
    }
    browser.get("/choose-account").await.hides("an@danang.example");
    // Whoever proves an account of the browser anew lets nobody go.
    let to = asked(&mut browser, &rp, &[LOGIN]).await;
    prove(&mut browser, &to, "binh").await;
    assert!(told(&listener).is_empty());
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    assert_eq!(told(&listener), [sid(&in_rp)]);
}

#[tokio::test]
async fn a_second_factor_on_the_way_lets_nobody_go_finished_or_not() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let app = Authenticator::set_up(&house, &mut browser).await;
    add_beside(&mut browser, "binh").await;
    house.pass(Duration::minutes(1));
    let to = asked(&mut browser, &rp, &[LOGIN, ("login_hint", "an@danang.example")]).await;
    let before = browser.cookies()["dsso"].clone();
    let step = prove(&mut browser, &to, "an").await;
    assert!(step.starts_with("/sign-in/second?request="), "{step}");
    assert_ne!(browser.cookies()["dsso"], before, "each proof has a new cookie");
    browser.get(&step).await.shows("an@danang.example");
    // Turning back.
    let page = browser.get("/choose-account").await;
    page.shows("an@danang.example").shows("binh@danang.example");
    browser.get("/account").await.shows("id=\"sign-out");
    // And to the end.
    let fields = [("code", app.code(&house)), ("request", request_of(&step).to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let onward = browser.post_from(&step, "/sign-in/second", &fields).await.location.expect("onward");
    assert!(answered(&browser.get(&onward).await).contains_key("code"));
    let page = browser.get("/choose-account").await;
    page.shows("an@danang.example").shows("binh@danang.example");
}

#[tokio::test]
async fn a_second_factor_of_somebody_else_takes_the_browser_over_when_it_is_proven_and_not_before() {
    let house = house().await;
    let (listener, rp) = application(&house).await;
    let app = Authenticator::set_up(&house, &mut signed_in_as(&house, "binh").await).await;
    let mut browser = signed_in(&house).await;
    let in_rp = rp.tokens(&mut browser, &[OFFLINE]).await;
    house.pass(Duration::minutes(1));
    let to = asked(&mut browser, &rp, &[LOGIN]).await;
    let step = prove(&mut browser, &to, "binh").await;
    browser.get(&step).await.shows("binh@danang.example");
    browser.get("/").await.shows("an@danang.example");
    assert!(told(&listener).is_empty());
    let fields = [("code", app.code(&house)), ("request", request_of(&step).to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    browser.post_from(&step, "/sign-in/second", &fields).await;
    assert_eq!(told(&listener), [sid(&in_rp)]);
    browser.get("/choose-account").await.shows("binh@danang.example").hides("an@danang.example");
}

#[tokio::test]
async fn a_sign_in_page_in_a_second_tab_leads_on_when_its_person_has_signed_in_in_the_first() {
    let house = house().await;
    let (a, b) = (Rp::web(&house).await, Rp::web(&house).await);
    let mut browser = house.browser();
    let first = asked(&mut browser, &a, &[]).await;
    let second = asked(&mut browser, &b, &[]).await;
    let csrf = browser.get(&second).await.hidden("csrf").expect("a form");
    prove(&mut browser, &first, "an").await;
    let onward = format!("/authorize/continue?request={}", request_of(&second));
    // What was typed is not looked at: nobody is signed in by it, and nobody signed out.
    for (path, who) in [("/sign-in", "an"), ("/sign-in", "binh"), ("/sign-in/passkey", "an")] {
        let fields = [
            ("csrf", csrf.as_str()),
            ("identifier", who),
            ("password", PASSWORD),
            ("request", request_of(&second)),
        ];
        browser.post(path, &fields).await.leads_to(&onward);
        browser.get("/").await.shows("an@danang.example");
    }
    assert!(answered(&browser.get(&onward).await).contains_key("code"));
    // Without a request it goes to the page that was wanted.
    browser.post("/sign-in", &[("csrf", &csrf), ("back", "/report")]).await.leads_to("/report");
    // Where the password is asked for anew, the page is shown.
    house.pass(Duration::seconds(5));
    let anew = asked(&mut browser, &a, &[LOGIN]).await;
    let fields = [("csrf", csrf.as_str()), ("identifier", "an"), ("request", request_of(&anew))];
    let page = browser.post("/sign-in", &fields).await;
    assert_eq!(page.status, 403);
    page.shows("Trang đã mở quá lâu");
}

#[tokio::test]
async fn a_session_that_was_succeeded_has_no_cookie_any_more() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let mut copied = browser.clone();
    let first = rp.tokens(&mut browser, &[]).await;
    house.pass(Duration::seconds(5));
    enter_anew(&mut browser, &rp, "an").await;
    copied.get("/").await.leads_to("/sign-in");
    let id = sid(&first).parse().expect("an id");
    let still = session::current(&house.app, id, Door::Staff).await.expect("reads");
    assert!(still.is_some(), "it goes on for its applications");
}

#[tokio::test]
async fn the_end_of_all_others_leaves_what_this_browser_has_succeeded() {
    let house = house().await;
    let ((listener, a), (_, b)) = (application(&house).await, application(&house).await);
    let mut here = signed_in(&house).await;
    let in_a = a.tokens(&mut here, &[OFFLINE]).await;
    house.pass(Duration::seconds(5));
    enter_anew(&mut here, &b, "an").await;
    let mut there = signed_in(&house).await;
    let from_there = a.tokens(&mut there, &[OFFLINE]).await;
    here.post_from("/sessions", "/sessions/end-others", &[]).await;
    assert_eq!(told(&listener), [sid(&from_there)]);
    assert!(is_over(&a, &mut there, &from_there).await);
    assert_eq!(refresh(&a, &mut here, &in_a).await.status, 200);
}

#[tokio::test]
async fn a_take_over_that_breaks_off_anywhere_leaves_no_open_session_that_nobody_holds() {
    let house = house().await;
    let (_listener, rp) = application(&house).await;
    for point in 1..=40 {
        let mut browser = signed_in(&house).await;
        let id = sid(&rp.tokens(&mut browser, &[OFFLINE]).await).parse().expect("an id");
        house.pass(Duration::seconds(5));
        let to = asked(&mut browser, &rp, &[LOGIN]).await;
        {
            let work = pin!(prove(&mut browser, &to, "binh"));
            Broken::after(point, work).await;
        }
        if session::current(&house.app, id, Door::Staff).await.expect("reads").is_some() {
            browser.get("/").await.shows("an@danang.example");
        }
    }
}
