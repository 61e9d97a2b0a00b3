//! The ways to a second factor and with it: what is proof enough to set one up, codes that are not used up for nothing, and
//! browsers that are remembered for several accounts.

use crate::authenticator::{Authenticator, PAGE, half};
use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use crate::passkey::{SoftKey, VERIFIED};
use axum::http::StatusCode;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::storage::{recovery_codes, sessions};
use danang_sso::urls;
use time::Duration;

const STEP: &str = "/sign-in/second";
const CONFIRM: &str = "/confirm?back=%2Fsecurity%2Fauthenticator";

async fn house() -> House {
    let house = House::build().await;
    for who in ["an", "binh"] {
        house.add(who, &[Ad]);
    }
    house.sync().await;
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

/// Sends a first code with the token of another page: the one that shows the secret asks for a proof by now.
async fn first_code(browser: &mut Browser, code: &str) -> Answer {
    browser.post_from("/security", PAGE, &[("code", code)]).await
}

#[tokio::test]
async fn a_password_that_was_just_changed_is_proof_enough_to_set_up_the_app() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    house.pass(Duration::minutes(10));
    an.get(PAGE).await.leads_to(CONFIRM);
    let cookie = an.cookies()["dsso"].clone();
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    an.post_from("/password", "/password", &fields).await.leads_to("/?note=password");
    assert_eq!(an.get(PAGE).await.status, StatusCode::OK);
    // A cookie that was copied before opens nothing more by that.
    let mut copy = house.browser();
    copy.cookies().insert("dsso".to_owned(), cookie);
    assert!(copy.get(PAGE).await.status.is_redirection());
}

#[tokio::test]
async fn a_changed_password_makes_a_session_worth_no_more() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    let (mut key, _) = SoftKey::make(&mut an, VERIFIED, "Khóa").await;
    key.counter = 2;
    an.post_from("/", "/sign-out", &[]).await;
    let mut there = house.browser();
    let page = there.get("/sign-in").await;
    key.answer(&mut there, &page, "/sign-in/passkey").await.leads_to("/");
    let id = house.account("an").await.id();
    let session = async || sessions::of_account(&house.app.db, id, house.app.now()).await.expect("reads");
    let before = session().await.remove(0);
    house.pass(Duration::minutes(10));
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    there.post_from("/password", "/password", &fields).await.leads_to("/?note=password");
    let after = session().await.remove(0);
    assert_eq!((after.proof, after.factor_at), (before.proof, before.factor_at));
    assert_eq!(after.auth_time, house.app.now());
}

#[tokio::test]
async fn the_first_code_is_taken_as_long_as_its_secret_waits() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    let app = Authenticator::shown(&an.get(PAGE).await);
    house.pass(Duration::minutes(29));
    first_code(&mut an, &app.code(&house)).await.shows("id=\"codes\"");
    an.get("/security").await.shows("đang bảo vệ tài khoản");

    let mut binh = signed_in(&house, "binh").await;
    let app = Authenticator::shown(&binh.get(PAGE).await);
    house.pass(Duration::minutes(31));
    first_code(&mut binh, &app.code(&house)).await.leads_to(CONFIRM);
    binh.get("/security").await.shows("Chưa bật");
}

#[tokio::test]
async fn a_late_first_code_cannot_be_guessed() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    let app = Authenticator::shown(&an.get(PAGE).await);
    house.pass(Duration::minutes(6));
    for _ in 0..5 {
        first_code(&mut an, "000000").await.leads_to(CONFIRM);
    }
    first_code(&mut an, &app.code(&house)).await.leads_to(CONFIRM);
    an.get("/security").await.shows("Chưa bật");
}

#[tokio::test]
async fn no_code_is_used_up_where_only_a_passkey_will_do() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    let app = Authenticator::set_up(&house, &mut an).await;
    let (mut key, _) = SoftKey::make(&mut an, VERIFIED, "Khóa").await;
    let need = "/sign-in/second?need=passkey";
    let page = an.get(need).await;
    page.hides("name=\"code\"").shows(&format!("action=\"{need}\""));
    key.origin = "https://evil.example".to_owned();
    let refused = key.answer(&mut an, &page, need).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.hides("name=\"code\"").shows(&format!("action=\"{need}\""));
    // The page that came before this release had the field.
    let typed = an.post_from(need, need, &[("code", &app.recovery[0])]).await;
    assert_eq!(typed.status, StatusCode::UNPROCESSABLE_ENTITY);
    an.get("/security").await.shows("Còn 10 mã");
    key.origin = "http://localhost:8080".to_owned();
    key.counter = 2;
    let page = an.get(need).await;
    key.answer(&mut an, &page, need).await.leads_to("/");
}

/// Signs in with a code and has the browser remembered.
async fn remembered(house: &House, browser: &mut Browser, who: &str, app: &Authenticator) {
    browser.sign_in(who, PASSWORD).await.leads_to(STEP);
    let fields = [("code", &*app.code(house)), ("remember", "1")];
    browser.post_from(STEP, STEP, &fields).await.leads_to("/");
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
}

fn kept(browser: &mut Browser) -> Vec<String> {
    browser.cookies().keys().filter(|name| name.starts_with("dsso-device")).cloned().collect()
}

#[tokio::test]
async fn one_browser_is_remembered_for_several_accounts() {
    let house = house().await;
    let mut apps = Vec::new();
    for who in ["an", "binh"] {
        apps.push(Authenticator::set_up(&house, &mut signed_in(&house, who).await).await);
    }
    house.pass(Duration::minutes(1));
    let mut shared = house.browser();
    remembered(&house, &mut shared, "an", &apps[0]).await;
    remembered(&house, &mut shared, "binh", &apps[1]).await;
    assert_eq!(kept(&mut shared).len(), 2);
    for who in ["an", "binh"] {
        shared.sign_in(who, PASSWORD).await.leads_to("/");
        shared.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    }
}

#[tokio::test]
async fn the_cookie_of_an_older_release_is_taken_and_the_number_of_cookies_is_bounded() {
    let house = house().await;
    let app = Authenticator::set_up(&house, &mut signed_in(&house, "an").await).await;
    house.pass(Duration::minutes(1));
    let mut browser = house.browser();
    remembered(&house, &mut browser, "an", &app).await;
    let name = kept(&mut browser).remove(0);
    let held = browser.cookies().remove(&name).expect("it is kept");
    browser.cookies().insert("dsso-device".to_owned(), held);
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");

    house.pass(Duration::minutes(1));
    let mut full = house.browser();
    for number in 0..9 {
        full.cookies().insert(format!("dsso-device-{number}"), "x".repeat(43));
    }
    remembered(&house, &mut full, "an", &app).await;
    assert_eq!(kept(&mut full).len(), 8);
    full.sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_browser_is_remembered_by_a_passkey_too() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    let (mut key, _) = SoftKey::make(&mut an, VERIFIED, "Khóa").await;
    house.pass(Duration::minutes(1));
    let mut there = half(&house, "an").await;
    let page = there.get(STEP).await;
    page.shows("id=\"remember\" name=\"remember\" value=\"1\" form=\"step-form\"");
    assert_eq!(page.body.matches("name=\"remember\"").count(), 1, "one box for the passkey and the codes");
    key.counter = 2;
    let mut fields = key.fields(&page);
    fields.push(("remember", "1".to_owned()));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    there.post(STEP, &fields).await.leads_to("/");
    there.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    there.sign_in("an", PASSWORD).await.leads_to("/");
    // Somebody who is signed in is not asked that.
    there.get("/sign-in/second").await.hides("name=\"remember\"");
}

#[tokio::test]
async fn the_page_that_asks_once_more_has_a_field_for_codes_that_there_are() {
    let house = house().await;
    let page = urls::confirm("/my-data");
    let mut an = signed_in(&house, "an").await;
    an.get(&page).await.hides("id=\"code-form\"");
    SoftKey::make(&mut an, VERIFIED, "Khóa").await;
    let shown = an.get(&page).await;
    shown.shows("Xác nhận bằng mã khôi phục").shows(">Một mã khôi phục 12 chữ số</p>");
    shown.hides("6 chữ số trong ứng dụng");
    let id = house.account("an").await.id();
    let mut tx = house.app.db.begin().await.expect("a transaction");
    recovery_codes::remove(&mut tx, id).await.expect("removed");
    tx.commit().await.expect("kept");
    an.get(&page).await.hides("id=\"code-form\"").shows("id=\"passkey-form\"");
    // The page of before still had the field.
    let typed = an.post_from(&page, &page, &[("back", "/my-data"), ("code", "123456789012")]).await;
    assert_eq!(typed.status, StatusCode::UNPROCESSABLE_ENTITY);
    typed.shows("Mã chưa đúng hoặc đã dùng.").hides("id=\"code-form\"");

    let mut binh = signed_in(&house, "binh").await;
    Authenticator::set_up(&house, &mut binh).await;
    binh.get(&page).await.shows("6 chữ số trong ứng dụng xác thực, hoặc một mã khôi phục");
}

#[tokio::test]
async fn a_telephone_that_shows_the_picture_opens_its_app_by_a_link() {
    let house = house().await;
    let page = signed_in(&house, "an").await.get(PAGE).await;
    page.shows("<a class=\"way\" id=\"open-app\" href=\"otpauth://totp/");
}

#[tokio::test]
async fn the_way_back_from_a_proof_is_part_of_its_forms() {
    let house = house().await;
    let mut an = signed_in(&house, "an").await;
    Authenticator::set_up(&house, &mut an).await;
    house.pass(Duration::minutes(6));
    let page = urls::confirm("/my-data");
    let shown = an.get(&page).await;
    assert_eq!(shown.body.matches(&format!("action=\"{page}\"")).count(), 2, "password and code");
    let fields = [("back", "/my-data"), ("code", "000000")];
    let refused = an.post_from(&page, &page, &fields).await;
    refused.shows("href=\"/language/en?back=%2Fconfirm%3Fback%3D%252Fmy-data\"");
}
