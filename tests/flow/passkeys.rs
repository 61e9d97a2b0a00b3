//! Passkeys: made and removed by their holder, proof after the password or in its place, refused when copied.

use crate::authenticator::{Authenticator, half, recovery_codes};
use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use crate::passkey::{COPIED, NEW, SoftKey, VERIFIED};
use axum::http::StatusCode;
use danang_sso::domain::account::{LockReason, StateName};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::services::{admins, lock};
use danang_sso::storage::{audit, letters};
use time::Duration;

const STEP: &str = "/sign-in/second";
const IN_PLACE: &str = "/sign-in/passkey";

async fn house() -> House {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("binh", &[Ad]);
    house.sync().await;
    house
}

async fn with_key(house: &House, flags: u8) -> (Browser, SoftKey) {
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    let (key, answer) = SoftKey::make(&mut browser, flags, "Điện thoại của tôi").await;
    assert_eq!(recovery_codes(&answer).len(), 10);
    house.pass(Duration::minutes(1));
    (browser, key)
}

/// Signs in with the passkey alone, in a new browser.
async fn enter(house: &House, key: &SoftKey) -> (Browser, crate::house::Answer) {
    let mut browser = house.browser();
    let page = browser.get("/sign-in").await;
    let answer = key.answer(&mut browser, &page, IN_PLACE).await;
    (browser, answer)
}

async fn acts(house: &House, act: Act) -> usize {
    let id = house.account("an").await.id();
    let all = audit::of_account(&house.app.db, id, 500).await.expect("reads");
    all.iter().filter(|line| line.act == act).count()
}

async fn letters_about_copies(house: &House) -> usize {
    let id = house.account("an").await.id();
    let all = letters::of_account(&house.app.db, id, None, 100).await.expect("reads");
    let on_one_line = |body: &str| body.split_whitespace().collect::<Vec<_>>().join(" ");
    all.iter().filter(|kept| on_one_line(kept.letter.body()).contains("đã bị sao chép")).count()
}

#[tokio::test]
async fn a_passkey_is_made_named_asked_for_after_the_password_and_removed() {
    let house = house().await;
    let (mut browser, mut key) = with_key(&house, VERIFIED).await;
    browser
        .get("/security")
        .await
        .shows("Điện thoại của tôi")
        .shows("chỉ lưu trong thiết bị")
        .shows("đang bảo vệ tài khoản");
    let mut there = half(&house, "an").await;
    let page = there.get(STEP).await;
    key.counter = 2;
    key.answer(&mut there, &page, STEP).await.leads_to("/");
    there.get("/").await.shows("an@danang.example");

    let id = browser.get("/security").await.hidden("passkey").expect("it is listed");
    let remove = [("passkey", id.as_str())];
    browser.post_from("/security", "/security/passkeys/remove", &remove).await;
    browser.get("/security").await.hides("Điện thoại của tôi").shows("Chưa bật");
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    assert_eq!((acts(&house, Act::FactorAdded).await, acts(&house, Act::FactorRemoved).await), (1, 1));
}

#[tokio::test]
async fn a_passkey_that_knows_its_holder_stands_in_place_of_the_password() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED | COPIED).await;
    house
        .browser()
        .get("/sign-in")
        .await
        .shows("autocomplete=\"username webauthn\"")
        .shows("/static/passkey.js");
    key.counter = 2;
    let (mut browser, answer) = enter(&house, &key).await;
    answer.leads_to("/");
    browser.get("/security").await.shows("được đồng bộ");
    // What a page has asked once is answered once.
    let mut again = house.browser();
    let page = again.get("/sign-in").await;
    key.counter = 3;
    let fields = key.fields(&page);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut copy = again.clone();
    again.post(IN_PLACE, &fields).await.leads_to("/");
    assert!(copy.post(IN_PLACE, &fields).await.status.is_client_error());
}

#[tokio::test]
async fn a_passkey_is_taken_on_a_page_that_lay_open_and_a_page_that_is_too_old_says_so() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    key.counter = 2;
    let mut browser = house.browser();
    let page = browser.get("/sign-in").await;
    house.pass(Duration::minutes(30));
    key.answer(&mut browser, &page, IN_PLACE).await.leads_to("/");

    key.counter = 3;
    let mut browser = house.browser();
    let page = browser.get("/sign-in").await;
    house.pass(Duration::minutes(40));
    // The same page in another tab keeps the token good, and not what it has asked of the passkey.
    browser.get("/sign-in").await;
    house.pass(Duration::minutes(25));
    let late = key.answer(&mut browser, &page, IN_PLACE).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    late.shows("Trang này mở đã lâu").hides("không dùng được ở đây");
    key.answer(&mut browser, &late, IN_PLACE).await.leads_to("/");

    let mut browser = house.browser();
    let page = browser.get("/sign-in").await;
    house.pass(Duration::minutes(61));
    let late = key.answer(&mut browser, &page, IN_PLACE).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    late.shows("Trang đã mở quá lâu").shows("id=\"sign-in-form\"");
}

#[tokio::test]
async fn a_second_account_that_comes_by_passkey_stays_beside_the_first() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    let beside = async |key: &SoftKey, another: bool| {
        let mut browser = house.browser();
        browser.sign_in("binh", PASSWORD).await.leads_to("/");
        let page = browser.get("/sign-in?another=1").await;
        let form = page.body.split("id=\"passkey-form\"").nth(1).expect("a form");
        let form = form.split("</form>").next().expect("its end");
        assert!(form.contains("name=\"another\" value=\"1\""), "{form}");
        let mut fields = key.fields(&page);
        fields.extend(another.then(|| ("another", "1".to_owned())));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(IN_PLACE, &fields).await.leads_to("/");
        browser.get("/choose-account").await
    };
    key.counter = 2;
    beside(&key, true).await.shows("an@danang.example").shows("binh@danang.example");
    // Whoever does not ask for that has taken the browser over.
    key.counter = 3;
    beside(&key, false).await.shows("an@danang.example").hides("binh@danang.example");
}

#[tokio::test]
async fn in_place_of_the_password_the_device_must_have_made_sure_who_is_there() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    key.counter = 2;
    key.flags = 0;
    let (_, answer) = enter(&house, &key).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.shows("không dùng được ở đây");
    // After the password it is enough that somebody is there.
    let mut there = half(&house, "an").await;
    let page = there.get(STEP).await;
    key.answer(&mut there, &page, STEP).await.leads_to("/");
}

#[tokio::test]
async fn a_passkey_of_another_page_person_or_purpose_opens_nothing() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    key.counter = 2;
    key.origin = "http://localhost.evil.example".to_owned();
    assert!(enter(&house, &key).await.1.status.is_client_error(), "a forged page");
    key.origin = "http://localhost:8080".to_owned();

    // The challenge of one browser in another.
    let (mut one, mut other) = (house.browser(), house.browser());
    let page = one.get("/sign-in").await;
    let mut fields = key.fields(&page);
    fields[0].1 = other.get("/sign-in").await.hidden("csrf").expect("a form");
    let stolen: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(other.post(IN_PLACE, &stolen).await.status.is_client_error());

    // One that was asked for in place of the password, after another person's password.
    let mut binh = house.browser();
    binh.sign_in("binh", PASSWORD).await.leads_to("/");
    Authenticator::set_up(&house, &mut binh).await;
    let mut there = half(&house, "binh").await;
    let page = there.get("/sign-in").await;
    assert!(key.answer(&mut there, &page, STEP).await.status.is_client_error());
    house.pass(Duration::minutes(11));
    let late = house.browser();
    let mut late_browser = late;
    let page = late_browser.get("/sign-in").await;
    house.pass(Duration::minutes(60));
    assert!(key.answer(&mut late_browser, &page, IN_PLACE).await.status.is_client_error(), "too late");
    assert!(enter(&house, &key).await.1.status.is_redirection(), "and in time it is good");
}

#[tokio::test]
async fn a_passkey_of_somebody_else_is_no_second_factor() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    key.counter = 2;
    let mut binh = house.browser();
    binh.sign_in("binh", PASSWORD).await.leads_to("/");
    SoftKey::make(&mut binh, VERIFIED, "Máy của Bình").await;
    let mut there = half(&house, "binh").await;
    let page = there.get(STEP).await;
    let answer = key.answer(&mut there, &page, STEP).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_counter_that_falls_is_refused_recorded_and_told() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    key.counter = 7;
    enter(&house, &key).await.1.leads_to("/");
    for counter in [7, 6, 0] {
        key.counter = counter;
        assert!(enter(&house, &key).await.1.status.is_client_error(), "{counter}");
    }
    assert_eq!(acts(&house, Act::PasskeyCounterFell).await, 3);
    assert_eq!(letters_about_copies(&house).await, 1, "one a day");
    key.counter = 0;
    for _ in 0..20 {
        assert!(enter(&house, &key).await.1.status.is_client_error());
    }
    assert_eq!(acts(&house, Act::PasskeyCounterFell).await, 5, "no more than of wrong passwords");
    assert_eq!(letters_about_copies(&house).await, 1);
    house.pass(Duration::days(1));
    assert!(enter(&house, &key).await.1.status.is_client_error());
    assert_eq!(acts(&house, Act::PasskeyCounterFell).await, 6);
    assert_eq!(letters_about_copies(&house).await, 2, "the next day is another one");
    key.counter = 8;
    enter(&house, &key).await.1.leads_to("/");
    // One that never counts is as good as its signature.
    let mut browser = house.browser();
    browser.sign_in("binh", PASSWORD).await;
    let (silent, _) = SoftKey::make(&mut browser, VERIFIED | COPIED, "Không đếm").await;
    for _ in 0..2 {
        enter(&house, &silent).await.1.leads_to("/");
    }
}

#[tokio::test]
async fn a_lock_holds_for_a_passkey_too_and_says_why() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    key.counter = 2;
    let (mut browser, answer) = enter(&house, &key).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.shows("Tài khoản đang bị khóa");
    browser.get("/").await.leads_to("/sign-in");
}

#[tokio::test]
async fn a_lock_because_the_password_was_too_old_is_lifted_by_the_passkey_and_a_new_password() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    let account = house.account("an").await;
    let too_old = LockReason::PasswordTooOld;
    lock::enforce(&house.app, &account, too_old, Actor::CommandLine).await.expect("locked");
    key.counter = 2;
    let (mut browser, answer) = enter(&house, &key).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    answer.shows("id=\"unlock\" href=\"/forgotten/password\"").shows("Đặt mật khẩu mới để mở khóa ngay");
    browser.get("/").await.leads_to("/sign-in");
    let new = [("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/forgotten/password", "/forgotten/password", &new).await.shows("Đã đặt mật khẩu mới");
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    house.browser().sign_in("an", NEW_PASSWORD).await.leads_to(STEP);

    // Not what an administrator has locked.
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    key.counter = 3;
    enter(&house, &key).await.1.hides("id=\"unlock\"").shows("để biết thêm và đề nghị mở khóa");
}

#[tokio::test]
async fn a_deadline_that_has_passed_locks_at_the_passkey() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    house.set_time(time::macros::datetime!(2026-09-15 10:00 +7));
    key.counter = 2;
    let (mut browser, answer) = enter(&house, &key).await;
    assert!(answer.status == StatusCode::FORBIDDEN || answer.location.is_some());
    // Locked at once, or led to the new password while the lock waits for its hour: the portal stays closed.
    let home = browser.get("/").await;
    assert!(["/sign-in", "/password"].contains(&home.location.as_deref().unwrap_or_default()), "{home:?}");
}

#[tokio::test]
async fn an_administrator_comes_in_by_passkey_and_nobody_else() {
    let house = house().await;
    let (_, mut key) = with_key(&house, VERIFIED).await;
    key.origin = "http://localhost:8090".to_owned();
    key.counter = 2;
    let mut console = house.admin_browser();
    let page = console.get("/sign-in").await;
    assert_eq!(key.answer(&mut console, &page, IN_PLACE).await.status, StatusCode::FORBIDDEN);
    let address = house.account("an").await.profile().address.clone();
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut console = house.admin_browser();
    let page = console.get("/sign-in").await;
    key.answer(&mut console, &page, IN_PLACE).await.leads_to("/");
    assert_eq!(console.get("/accounts").await.status, StatusCode::OK);
}

#[tokio::test]
async fn making_one_needs_a_recent_password_and_the_holder_of_the_page() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let page = browser.get(NEW).await;
    house.pass(Duration::minutes(6));
    browser.get(NEW).await.leads_to("/confirm?back=%2Fsecurity%2Fpasskeys%2Fnew");
    let (_, key) = with_key(&house, VERIFIED).await;
    // The name comes along, and back.
    let named = "/confirm?back=%2Fsecurity%2Fpasskeys%2Fnew%3Fname%3DMu%25E1%25BB%2599n";
    key.register(&mut browser, &page, "Muộn").await.leads_to(named);
    let fields = [("back", "/security/passkeys/new?name=Mu%E1%BB%99n"), ("password", PASSWORD)];
    browser.post_from(named, "/confirm", &fields).await.leads_to("/security/passkeys/new?name=Mu%E1%BB%99n");
    browser.get("/security/passkeys/new?name=Mu%E1%BB%99n").await.shows("value=\"Muộn\"");
    // A credential that is known cannot be taken over.
    let mut binh = house.browser();
    binh.sign_in("binh", PASSWORD).await;
    let page = binh.get(NEW).await;
    let answer = key.register(&mut binh, &page, "Của An").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn bytes_that_are_no_passkey_are_refused() {
    let house = house().await;
    let (_, key) = with_key(&house, VERIFIED).await;
    let mut browser = house.browser();
    let page = browser.get("/sign-in").await;
    let good = key.fields(&page);
    for at in 1..good.len() {
        for bad in ["", "AAAA", "!!!", &"A".repeat(9_000)] {
            let mut fields = good.clone();
            bad.clone_into(&mut fields[at].1);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = browser.post(IN_PLACE, &fields).await;
            assert!(answer.status.is_client_error(), "{} {bad:.9}: {}", good[at].0, answer.status);
        }
    }
}
