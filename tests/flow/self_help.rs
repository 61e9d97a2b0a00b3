//! A new password without the old one, and out of a lock because it was too old: who has proven enough, and who has not.

use crate::authenticator::{Authenticator, second};
use crate::caller::{Caller, request_of};
use crate::house::{House, NEW_PASSWORD, PASSWORD};
use crate::passkey::{SoftKey, VERIFIED};
use axum::http::StatusCode;
use danang_sso::directory::Directory;
use danang_sso::domain::account::{LockReason, StateName};
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::{self, Ad, Obm};
use danang_sso::domain::mailbox::MailboxKey;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::secret;
use danang_sso::services::lock;
use danang_sso::storage::audit;
use time::Duration;

const FORGOTTEN: &str = "/forgotten";
const RECOVER: &str = "/forgotten/password";

async fn house() -> (House, Authenticator) {
    let house = House::build().await;
    house.add("an", &[Ad, Obm]);
    house.add("binh", &[Ad]);
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    let app = Authenticator::set_up(&house, &mut browser).await;
    house.pass(Duration::minutes(1));
    (house, app)
}

async fn accepts(house: &House, system: MailSystem, password: &str) -> bool {
    let key = MailboxKey { system, native_id: format!("{}-an", system.code()), login: "an".to_owned() };
    house.directory(system).verify(&key, &secret::password(password).expect("short")).await.is_ok()
}

async fn lock_by_age(house: &House) {
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::PasswordTooOld, Actor::CommandLine)
        .await
        .expect("locked");
}

const NEW: [(&str, &str); 2] = [("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];

#[tokio::test]
async fn a_lock_by_age_is_lifted_by_the_factor_and_a_new_password() {
    let (house, app) = house().await;
    lock_by_age(&house).await;
    let mut browser = house.browser();
    let locked = browser.sign_in("an", PASSWORD).await;
    assert_eq!(locked.status, StatusCode::FORBIDDEN);
    locked.shows("id=\"unlock\"").shows("mở khóa ngay");
    browser.get("/").await.leads_to("/sign-in");
    second(&mut browser, &app.code(&house)).await.leads_to(RECOVER);
    browser.get("/").await.leads_to("/sign-in");
    browser
        .get(RECOVER)
        .await
        .shows("id=\"strength\"")
        .shows("Vài từ không liên quan")
        .shows("data-rule=\"min\"");
    // The old password is no new one.
    let same = [("new", PASSWORD), ("repeat", PASSWORD)];
    assert_eq!(browser.post_from(RECOVER, RECOVER, &same).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let pattern = [("new", "Aa1!Aa1!Aa1!Aa1!"), ("repeat", "Aa1!Aa1!Aa1!Aa1!")];
    let guessable = browser.post_from(RECOVER, RECOVER, &pattern).await;
    assert_eq!(guessable.status, StatusCode::UNPROCESSABLE_ENTITY, "as easy to guess as at the usual change");
    let done = browser.post_from(RECOVER, RECOVER, &NEW).await;
    done.shows("Đã đặt mật khẩu mới").hides("hreflang");
    for system in [Ad, Obm] {
        assert!(accepts(&house, system, NEW_PASSWORD).await && !accepts(&house, system, PASSWORD).await);
    }
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    house.browser().sign_in("an", NEW_PASSWORD).await.leads_to("/sign-in/second");
    browser.get(RECOVER).await.leads_to("/sign-in");
    let id = house.account("an").await.id();
    let all = audit::of_account(&house.app.db, id, 100).await.expect("reads");
    assert_eq!(all.iter().filter(|line| line.act == Act::PasswordRecovered).count(), 1);
}

#[tokio::test]
async fn whoever_lifts_the_lock_on_the_way_to_an_application_ends_there() {
    let (house, app) = house().await;
    lock_by_age(&house).await;
    let caller = Caller::new(&house, Metadata::default()).await;
    let mut browser = house.browser();
    let sign_in = caller.send(&mut browser).await;
    let request = request_of(&sign_in);
    let fields = [("identifier", "an"), ("password", PASSWORD), ("request", request.as_str())];
    let locked = browser.post_from(&sign_in, "/sign-in", &fields).await;
    let step = format!("/sign-in/second?request={request}");
    locked.shows(&format!("id=\"unlock\" href=\"{step}\"")).shows(&format!("href=\"{sign_in}\""));
    // What is to be done is what the button does, and not to call somebody.
    locked.shows("<p id=\"next-step\">Xác nhận bằng bước xác thực thứ hai").hides("để được mở khóa");
    locked.hides("id=\"call\"");
    let recover = format!("{RECOVER}?request={request}");
    let fields = [("code", &*app.code(&house)), ("request", request.as_str())];
    browser.post_from(&step, "/sign-in/second", &fields).await.leads_to(&recover);
    let fields = [NEW[0], NEW[1], ("request", request.as_str())];
    browser.post_from(&recover, RECOVER, &fields).await.shows(&format!("href=\"{sign_in}\""));
    house.pass(Duration::minutes(1));
    let fields = [("identifier", "an"), ("password", NEW_PASSWORD), ("request", request.as_str())];
    browser.post_from(&sign_in, "/sign-in", &fields).await.leads_to(&step);
    let fields = [("code", &*app.code(&house)), ("request", request.as_str())];
    let onward = browser.post_from(&step, "/sign-in/second", &fields).await.location.expect("onward");
    let back = browser.get(&onward).await.location.expect("to the application");
    assert!(Caller::is_answered(&back), "{back}");
}

#[tokio::test]
async fn no_other_lock_is_lifted_so_and_nobody_without_a_factor_is_offered_it() {
    let (house, app) = house().await;
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, Actor::CommandLine)
        .await
        .expect("locked");
    let mut browser = house.browser();
    let page = browser.sign_in("an", PASSWORD).await;
    page.hides("id=\"unlock\"").shows("id=\"call\" href=\"tel:02361022\">Gọi 0236 1022</a>");
    browser.get("/sign-in/second").await.leads_to("/sign-in");
    let codes = [("identifier", "an"), ("code", &*app.code(&house)), ("recovery", &*app.recovery[0])];
    let answer = browser.post_from(FORGOTTEN, FORGOTTEN, &codes).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);

    let binh = house.account("binh").await;
    lock::enforce(&house.app, &binh, LockReason::PasswordTooOld, Actor::CommandLine).await.expect("locked");
    house.browser().sign_in("binh", PASSWORD).await.hides("id=\"unlock\"");
    // A wrong password is offered nothing either.
    house.browser().sign_in("binh", "Sai-mat-khau-1").await.hides("id=\"unlock\"").shows("chưa đúng");
}

#[tokio::test]
async fn a_forgotten_password_needs_two_codes_at_once() {
    let (house, app) = house().await;
    let ask = async |identifier: &str, code: &str, recovery: &str| {
        let mut browser = house.browser();
        let fields = [("identifier", identifier), ("code", code), ("recovery", recovery)];
        let answer = browser.post_from(FORGOTTEN, FORGOTTEN, &fields).await;
        (browser, answer)
    };
    let code = app.code(&house);
    for (identifier, first, then) in [
        ("an", code.as_str(), "000000000000"),
        ("an", "000000", app.recovery[0].as_str()),
        ("an", code.as_str(), code.as_str()),
        ("an", app.recovery[0].as_str(), app.recovery[1].as_str()),
        ("binh", code.as_str(), app.recovery[0].as_str()),
        ("khongco", code.as_str(), app.recovery[0].as_str()),
    ] {
        let (mut browser, answer) = ask(identifier, first, then).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{identifier} {first} {then}");
        answer.shows("Chưa xác nhận được");
        browser.get(RECOVER).await.leads_to("/sign-in");
    }
    let (mut browser, answer) = ask("an", &code, &app.recovery[0]).await;
    answer.leads_to(RECOVER);
    browser.get("/").await.leads_to("/sign-in");
    browser.post_from(RECOVER, RECOVER, &NEW).await.shows("Đã đặt mật khẩu mới");
    assert!(accepts(&house, Ad, NEW_PASSWORD).await && accepts(&house, Obm, NEW_PASSWORD).await);
    let (_, again) = ask("an", &app.code_of(&house, 1), &app.recovery[0]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a recovery code is good once");
}

#[tokio::test]
async fn a_passkey_that_knows_its_holder_replaces_a_forgotten_password() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let (mut key, _) = SoftKey::make(&mut browser, VERIFIED, "Máy").await;
    key.counter = 2;
    key.flags = 0;
    let mut there = house.browser();
    let page = there.get(FORGOTTEN).await;
    assert!(
        key.answer(&mut there, &page, FORGOTTEN).await.status.is_client_error(),
        "nobody was made sure of"
    );
    key.flags = VERIFIED;
    let page = there.get(FORGOTTEN).await;
    key.answer(&mut there, &page, FORGOTTEN).await.leads_to(RECOVER);
    there.post_from(RECOVER, RECOVER, &NEW).await.shows("Đã đặt mật khẩu mới");
    assert!(accepts(&house, Ad, NEW_PASSWORD).await);
    browser.get("/").await.leads_to("/sign-in");
}

#[tokio::test]
async fn guesses_from_one_address_are_paused_whoever_they_are_about() {
    let (house, _) = house().await;
    let mut browser = house.browser();
    for n in 0..20 {
        let who = format!("nguoi{n}");
        let fields = [("identifier", who.as_str()), ("code", "000000"), ("recovery", "000000000000")];
        let answer = browser.post_from(FORGOTTEN, FORGOTTEN, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{n}");
    }
    let fields = [("identifier", "an"), ("code", "000000"), ("recovery", "000000000000")];
    assert_eq!(browser.post_from(FORGOTTEN, FORGOTTEN, &fields).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_directory_that_is_down_changes_nothing_and_the_person_tries_again() {
    let (house, app) = house().await;
    lock_by_age(&house).await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    second(&mut browser, &app.code(&house)).await.leads_to(RECOVER);
    house.obm.set_unreachable(true);
    let answer = browser.post_from(RECOVER, RECOVER, &NEW).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(accepts(&house, Ad, PASSWORD).await, "nothing was changed");
    house.obm.set_unreachable(false);
    browser.post_from(RECOVER, RECOVER, &NEW).await.shows("Đã đặt mật khẩu mới");
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn a_broken_rule_is_told_and_the_time_for_a_new_password_ends() {
    let (house, app) = house().await;
    lock_by_age(&house).await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    second(&mut browser, &app.code(&house)).await.leads_to(RECOVER);
    let short = [("new", "Ngan-1"), ("repeat", "Ngan-1")];
    browser.post_from(RECOVER, RECOVER, &short).await.shows("Chưa có gì thay đổi");
    let csrf = browser.get(RECOVER).await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(10));
    let late = [("csrf", csrf.as_str()), NEW[0], NEW[1]];
    browser.post(RECOVER, &late).await.leads_to("/sign-in");
    assert!(accepts(&house, Ad, PASSWORD).await);
}
