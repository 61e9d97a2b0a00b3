//! OpenID Connect Front-Channel Logout 1.0: the browser tells applications on our page after signing out; and the page
//! tells how far the others are told.

use crate::house::{Browser, House};
use crate::rp::{
    CALLBACK, GOODBYE, ISSUER, Rp, claims, error_of, form, house, json, registration, signed_in,
};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::services::clients::{self, Registration};
use serde_json::Value;

const LISTENS: &str = "https://app.danang.example/frontchannel_logout?tenant=1";

fn listening() -> Registration {
    let mut asked = registration(ClientKind::Web);
    asked.metadata.frontchannel_logout_uri = Some(LISTENS.to_owned());
    asked.metadata.frontchannel_logout_session_required = true;
    asked
}

/// Somebody in a live session of an application that listens, and the ID token it was given.
async fn entered(house: &House) -> (Rp, Browser, Value) {
    let rp = Rp::new(house, &listening()).await;
    let mut browser = signed_in(house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    (rp, browser, tokens["id_token"].clone())
}

/// The only frame of a page.
fn frame(page: &crate::house::Answer) -> String {
    let sources: Vec<_> = page.body.split("<iframe src=\"").skip(1).collect();
    assert_eq!(sources.len(), 1, "{}", page.body);
    let source = sources[0].split('"').next().unwrap_or_default();
    source.replace("&amp;", "&").replace("&#38;", "&")
}

#[tokio::test]
async fn the_page_loads_the_address_with_issuer_and_session_and_goes_on_3() {
    let house = house().await;
    let (rp, mut browser, id_token) = entered(&house).await;
    let hint = id_token.as_str().expect("a token");
    let state = "s".repeat(128);
    let fields = [("id_token_hint", hint), ("post_logout_redirect_uri", GOODBYE), ("state", &state)];
    let answer = browser.get(&format!("/logout?{}", form(fields))).await;
    answer.leads_to("/signed-out");
    let page = browser.get("/signed-out").await;
    let sid = claims(&id_token)["sid"].as_str().expect("a sid").to_owned();
    assert_eq!(frame(&page), format!("{LISTENS}&{}", form([("iss", ISSUER), ("sid", &sid)])));
    let policy = page.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("frame-src https://app.danang.example;"), "{policy}");
    let onward = format!("{GOODBYE}?state={state}");
    page.shows(&format!("content=\"5;url={onward}\"")).shows(&format!("href=\"{onward}\""));
    let silent = rp.ask(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(error_of(&silent), "login_required");
}

#[tokio::test]
async fn signing_out_in_the_portal_tells_them_too_and_stays_here_3() {
    let house = house().await;
    let (_rp, mut browser, _) = entered(&house).await;
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    let page = browser.get("/signed-out").await;
    assert!(frame(&page).starts_with(LISTENS));
    page.shows("Quản lý văn bản").shows("Trình duyệt đang báo cho ứng dụng.").hides("http-equiv");
}

#[tokio::test]
async fn only_applications_of_this_session_are_told_2() {
    let house = house().await;
    let (rp, mut browser, _) = entered(&house).await;
    let mut second = signed_in(&house).await;
    second.post_from("/", "/sign-out", &[]).await;
    second.get("/signed-out").await.hides("<iframe").hides("id=\"told\"");
    // A stranger's page says nothing, and so does the page after the next sign-in.
    house.browser().get("/signed-out").await.hides("<iframe");
    browser.post_from("/", "/sign-out", &[]).await;
    browser.get("/signed-out").await.shows("<iframe");
    browser.sign_in("binh", crate::house::PASSWORD).await.leads_to("/");
    browser.get("/signed-out").await.hides("<iframe");
    assert!(rp.secret.is_some());
}

#[tokio::test]
async fn without_a_listener_the_browser_goes_back_at_once_and_no_frame_is_allowed() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = signed_in(&house).await;
    let tokens = rp.tokens(&mut browser, &[]).await;
    let hint = tokens["id_token"].as_str().expect("a token");
    let fields = [("id_token_hint", hint), ("post_logout_redirect_uri", GOODBYE)];
    browser.get(&format!("/logout?{}", form(fields))).await.leads_to(GOODBYE);
    let page = browser.get("/signed-out").await;
    assert!(!page.headers["content-security-policy"].to_str().expect("ASCII").contains("frame-src"));
}

#[tokio::test]
async fn the_address_must_have_the_origin_of_a_redirect_uri_2() {
    let house = house().await;
    for (wrong, good) in [
        ("https://evil.example/logout", false),
        ("http://app.danang.example/logout", false),
        ("https://app.danang.example/logout#x", false),
        ("https://app.danang.example:444/logout", false),
        ("https://app.danang.example/logout", true),
    ] {
        let mut asked = listening();
        asked.metadata.frontchannel_logout_uri = Some(wrong.to_owned());
        let registered = clients::register(&house.app, Actor::CommandLine, &asked).await;
        assert_eq!(registered.is_ok(), good, "{wrong}");
    }
    assert!(CALLBACK.starts_with("https://app.danang.example/"));
}

#[tokio::test]
async fn the_page_tells_which_applications_answered_and_which_are_told_again_back_channel_2_8() {
    let house = house().await;
    let mut asked = registration(ClientKind::Web);
    asked.name = "Kế toán".to_owned();
    // Nobody listens there.
    asked.backchannel_logout_uri = Some("http://127.0.0.1:9/logout".to_owned());
    let rp = Rp::new(&house, &asked).await;
    let mut browser = signed_in(&house).await;
    rp.tokens(&mut browser, &[]).await;
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    let page = browser.get("/signed-out").await;
    page.shows("Kế toán").shows("Ứng dụng chưa trả lời; hệ thống sẽ báo lại.");
    for _ in 0..26 {
        house.pass(time::Duration::hours(1));
        danang_sso::services::logout_notices::send_due(&house.app).await.expect("runs");
    }
    let mut later = signed_in(&house).await;
    rp.tokens(&mut later, &[]).await;
    later.post_from("/", "/sign-out", &[]).await;
    later.get("/signed-out").await.shows("Kế toán");
}

#[tokio::test]
async fn discovery_says_that_it_is_supported_with_the_session_3() {
    let document = json(&house().await.browser().get("/.well-known/openid-configuration").await);
    assert_eq!(document["frontchannel_logout_supported"], true);
    assert_eq!(document["frontchannel_logout_session_supported"], true);
}
