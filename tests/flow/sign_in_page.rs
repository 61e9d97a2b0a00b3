//! The page of the sign-in as people leave it open: good from when it is shown, shown anew when it is too old, and leading to
//! the page that was wanted; and the other language of whatever a form is answered with.

use crate::authenticator::{Authenticator, second};
use crate::doors;
use crate::hostile::Hostile;
use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::services::lock;
use danang_sso::urls;
use std::collections::BTreeSet;
use time::Duration;

const EXPIRED: &str = "Trang đã mở quá lâu";

async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house
}

/// Sends the form of a page that was opened before.
async fn send(browser: &mut Browser, page: &Answer, more: &[(&str, &str)]) -> Answer {
    let csrf = page.hidden("csrf").expect("a form");
    let fields = [("csrf", csrf.as_str()), ("identifier", "an"), ("password", PASSWORD)];
    browser.post("/sign-in", &[&fields[..], more].concat()).await
}

#[tokio::test]
async fn a_page_that_is_shown_again_is_good_from_then_on() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/sign-in").await;
    house.pass(Duration::minutes(58));
    let page = browser.get("/sign-in").await;
    house.pass(Duration::minutes(3));
    send(&mut browser, &page, &[]).await.leads_to("/");
}

#[tokio::test]
async fn a_page_that_was_open_too_long_is_shown_anew_with_the_address_and_nothing_is_done() {
    let house = house().await;
    let mut browser = house.browser();
    let back = [("back", "/report")];
    let page = browser.get("/sign-in?back=%2Freport").await;
    house.pass(Duration::minutes(61));
    let anew = send(&mut browser, &page, &back).await;
    assert_eq!(anew.status, StatusCode::FORBIDDEN);
    anew.shows(EXPIRED).shows("name=\"identifier\" value=\"an\"").shows("name=\"back\" value=\"/report\"");
    anew.hides(PASSWORD);
    assert_ne!(anew.hidden("csrf"), page.hidden("csrf"), "it has a new token");
    browser.get("/").await.leads_to("/sign-in");
    send(&mut browser, &anew, &back).await.leads_to("/");
    browser.get("/").await.leads_to("/report");
}

/// Its form brings no cookie; an answer with one would sign whoever is there out.
#[tokio::test]
async fn a_form_of_another_site_is_given_no_cookie() {
    let house = house().await;
    for path in ["/sign-in", "/sign-in/passkey"] {
        let fields = [("identifier", "an"), ("password", PASSWORD)];
        let answer = house.browser().post(path, &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        answer.shows(EXPIRED).hides("id=\"sign-in-form\"");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{path}");
    }
}

#[tokio::test]
async fn whoever_wanted_a_page_comes_to_it_after_the_sign_in_once() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/.well-known/change-password").await.leads_to("/password");
    let page = browser.get("/password").await.location.expect("to the sign-in");
    assert_eq!(page, "/sign-in?back=%2Fpassword");
    let page = browser.get(&page).await;
    page.shows("name=\"back\" value=\"/password\"");
    // A wrong password keeps it.
    let csrf = page.hidden("csrf").expect("a form");
    let wrong = [("csrf", csrf.as_str()), ("identifier", "an"), ("password", "Sai-1"), ("back", "/password")];
    let wrong = browser.post("/sign-in", &wrong).await;
    wrong.shows("name=\"back\" value=\"/password\"");
    send(&mut browser, &wrong, &[("back", "/password")]).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
    browser.get("/").await.shows("an@danang.example");
    // Somebody who is signed in need not sign in.
    browser.get("/sign-in?back=%2Freport").await.leads_to("/report");
}

#[tokio::test]
async fn whoever_was_away_for_long_comes_back_to_their_page() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    house.pass(Duration::minutes(61));
    let to = "/sign-in?expired=1&back=%2Freport%3Fkind%3Dsuspicious_mail";
    browser.get("/report?kind=suspicious_mail").await.leads_to(to);
    let page = browser.get(to).await;
    send(&mut browser, &page, &[("back", "/report?kind=suspicious_mail")]).await.leads_to("/");
    browser.get("/").await.leads_to("/report?kind=suspicious_mail");
}

#[tokio::test]
async fn a_second_step_that_was_left_does_not_hide_later_that_the_session_was_not_used() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    Authenticator::set_up(&house, &mut browser).await;
    let fields = [("identifier", "an"), ("password", PASSWORD), ("another", "1")];
    browser.post_from("/sign-in?another=1", "/sign-in", &fields).await.leads_to("/sign-in/second");
    house.pass(Duration::minutes(61));
    browser.get("/report").await.leads_to("/sign-in?expired=1&back=%2Freport");
}

#[tokio::test]
async fn a_request_that_is_none_of_the_browser_s_is_not_written_into_its_row() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    Authenticator::set_up(&house, &mut browser).await;
    let (mut there, unknown) = (house.browser(), "x".repeat(10_000));
    let fields = [("identifier", "an"), ("password", PASSWORD), ("request", unknown.as_str())];
    let to = there.post_from("/sign-in", "/sign-in", &fields).await.location.expect("onward");
    assert!(to.starts_with("/sign-in/second"), "{to}");
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens");
    let long = sqlx::query_scalar("SELECT COUNT(*) FROM browser WHERE LENGTH(data) > 5000");
    let long: i64 = long.fetch_one(&mut db).await.expect("counts");
    assert_eq!(long, 0);
}

#[tokio::test]
async fn the_way_back_never_leaves_the_house() {
    let house = house().await;
    for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"] {
        let mut browser = house.browser();
        let page = browser.get(&urls::with_back("/sign-in", Some(elsewhere))).await;
        page.hides("name=\"back\"");
        send(&mut browser, &page, &[("back", elsewhere)]).await.leads_to("/");
        browser.get("/").await.shows("an@danang.example");
        browser.get(&urls::with_back("/sign-in", Some(elsewhere))).await.leads_to("/");
    }
}

#[tokio::test]
async fn the_way_back_is_kept_over_the_second_step_and_not_for_long() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    let app = Authenticator::set_up(&house, &mut browser).await;
    for (minutes, is_kept) in [(1, true), (31, false)] {
        house.pass(Duration::minutes(1));
        let mut there = house.browser();
        let page = there.get("/sign-in").await;
        send(&mut there, &page, &[("back", "/report")]).await.leads_to("/sign-in/second");
        second(&mut there, &app.code(&house)).await.leads_to("/");
        house.pass(Duration::minutes(minutes));
        let home = there.get("/").await;
        assert_eq!(home.location.as_deref(), is_kept.then_some("/report"), "after {minutes} minutes");
    }
}

#[tokio::test]
async fn the_way_back_is_kept_over_the_first_day() {
    let house = House::build().await;
    house.add_with_default("moi", &[Ad, Obm], house.app.now());
    house.sync().await;
    let mut browser = house.browser();
    let fields = [("identifier", "moi"), ("password", PASSWORD), ("back", "/report")];
    browser.post_from("/sign-in", "/sign-in", &fields).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    let offer = browser.post_from("/password", "/password", &fields).await.location.expect("the offer");
    browser.get(&offer).await.shows("id=\"later\" href=\"/?note=password\"");
    browser.get("/?note=password").await.leads_to("/report");
}

#[tokio::test]
async fn another_person_does_not_inherit_the_way_back() {
    let house = house().await;
    house.add("binh", &[Ad]);
    house.sync().await;
    let mut browser = house.browser();
    let page = browser.get("/sign-in").await;
    send(&mut browser, &page, &[("back", "/report")]).await.leads_to("/");
    browser.post_from("/letters", "/sign-out", &[]).await.leads_to("/signed-out");
    browser.sign_in("binh", PASSWORD).await.leads_to("/");
    browser.get("/").await.shows("binh@danang.example");
}

/// The link to the other language, if the page has one.
pub fn link(page: &Answer) -> Option<String> {
    let rest = page.body.split("href=\"/language/").nth(1)?;
    Some(format!("/language/{}", rest.split('"').next()?.replace("&#38;", "&")))
}

/// Changes the language on a page; what is shown then is one.
pub async fn follow(browser: &mut Browser, page: &Answer, path: &str) -> bool {
    let Some(link) = link(page) else { return false };
    let back = browser.get(&link).await.location.unwrap_or_else(|| panic!("{path}: {link}"));
    let shown = browser.get(&back).await;
    assert_ne!(shown.status, StatusCode::METHOD_NOT_ALLOWED, "{path} leads to {back}");
    true
}

/// Every other link on a page leads to one; those that were tried before are not tried again.
pub async fn lead_somewhere(browser: &mut Browser, page: &Answer, path: &str, tried: &mut BTreeSet<String>) {
    let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let links = links.map(|link| link.replace("&#38;", "&"));
    for link in links.filter(|link| link.starts_with('/')) {
        let place = link.split('#').next().unwrap_or_default();
        let is_looked_at = !place.starts_with("/language/") && !place.starts_with("/static/");
        if is_looked_at && tried.insert(place.to_owned()) {
            let status = browser.get(place).await.status;
            let is_nowhere = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_FOUND].contains(&status);
            assert!(!is_nowhere, "what {path} is answered with leads to {place}: {status}");
        }
    }
}

#[tokio::test]
async fn the_other_language_of_whatever_a_form_is_answered_with_is_a_page() {
    // These end the session; what they are answered with is a page of its own.
    const ENDS: [&str; 4] = ["/sign-out", "/sessions/not-me", "/sessions/end-others", "/logout/confirm"];
    let mut hostile = Hostile::build().await;
    let person = &mut hostile.person;
    let forms = doors::of_the_staff().into_iter().chain(doors::of_the_protocol());
    let forms: Vec<_> = forms.filter(|route| route.is_form).collect();
    let (mut followed, mut tried) = (0, BTreeSet::new());
    for form in &forms {
        let without = person.post(form.path, &[]).await;
        followed += usize::from(follow(person, &without, form.path).await);
        if ENDS.contains(&form.path) {
            continue;
        }
        let csrf = person.get("/letters").await.hidden("csrf").expect("still signed in");
        let empty = person.post(form.path, &[("csrf", &csrf)]).await;
        lead_somewhere(person, &empty, form.path, &mut tried).await;
        followed += usize::from(follow(person, &empty, form.path).await);
    }
    assert!(followed > 30, "{followed} pages of {} forms", forms.len());
}

#[tokio::test]
async fn the_other_language_keeps_what_the_page_is_for() {
    let house = house().await;
    let mut browser = house.browser();
    let page = browser.get("/sign-in?back=%2Freport").await;
    let csrf = page.hidden("csrf").expect("a form");
    let to = "/sign-in/passkey?back=%2Freport";
    page.shows(&format!("action=\"{to}\""));
    let refused = browser.post(to, &[("csrf", &csrf), ("back", "/report")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let link = link(&refused).expect("a link");
    browser.get(&link).await.leads_to("/sign-in?back=%2Freport");
}

#[tokio::test]
async fn a_locked_account_is_told_in_the_other_language_too_for_a_while() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    let app = Authenticator::set_up(&house, &mut browser).await;
    let account = house.account("an").await;
    let too_old = LockReason::PasswordTooOld;
    lock::enforce(&house.app, &account, too_old, Actor::CommandLine).await.expect("locked");
    house.pass(Duration::minutes(1));
    let mut there = house.browser();
    let page = there.sign_in("an", PASSWORD).await;
    page.shows("Tài khoản đang bị khóa").shows("id=\"unlock\" href=\"/sign-in/second\"");
    let link = link(&page).expect("a link");
    there.get(&link).await.leads_to("/sign-in?locked=1");
    let english = there.get("/sign-in?locked=1").await;
    english.shows("an@danang.example").shows("id=\"unlock\" href=\"/sign-in/second\"").shows("lang=\"en\"");
    english.shows("id=\"locked\"");
    second(&mut there, &app.code(&house)).await.leads_to("/forgotten/password");
    // Nobody else is told, and nobody for long.
    house.browser().get("/sign-in?locked=1").await.shows("id=\"sign-in-form\"");
    let mut late = house.browser();
    late.sign_in("an", PASSWORD).await.shows("id=\"locked\"");
    house.pass(Duration::minutes(10));
    late.get("/sign-in?locked=1").await.shows("id=\"sign-in-form\"");
}

#[tokio::test]
async fn whoever_is_kept_out_by_it_was_not_me_is_told_in_the_other_language_too() {
    let house = house().await;
    let mut here = house.browser();
    here.sign_in("an", PASSWORD).await.leads_to("/");
    here.post_from("/sessions", "/sessions/not-me", &[("words", "x")]).await.leads_to("/password");
    let mut there = house.browser();
    let page = there.sign_in("an", PASSWORD).await;
    page.shows("Chưa thể đăng nhập chỉ bằng mật khẩu");
    let link = link(&page).expect("a link");
    there.get(&link).await.leads_to("/sign-in?locked=1");
    let english = there.get("/sign-in?locked=1").await;
    assert_eq!(english.status, StatusCode::FORBIDDEN);
    english.shows("This password alone does not sign you in").shows("lang=\"en\"").hides("id=\"unlock\"");
    // Nobody else is told, and nobody once there is another password.
    house.browser().get("/sign-in?locked=1").await.shows("id=\"sign-in-form\"");
    let new = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    here.post_from("/password", "/password", &new).await.leads_to("/security?note=not-me");
    there.get("/sign-in?locked=1").await.shows("id=\"sign-in-form\"");
}

#[tokio::test]
async fn codes_that_are_shown_once_are_not_lost_to_the_other_language() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    Authenticator::set_up(&house, &mut browser).await;
    let codes = browser.post_from("/security", "/security/recovery-codes", &[]).await;
    codes.shows("id=\"codes\"").hides("hreflang");
    browser.get("/security").await.shows("hreflang");
}
