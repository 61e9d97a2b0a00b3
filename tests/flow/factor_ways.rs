//! The ways to a second factor: what is proof enough to set one up.

use crate::authenticator::{Authenticator, PAGE};
use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use crate::passkey::{SoftKey, VERIFIED};
use axum::http::StatusCode;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::storage::sessions;
use time::Duration;

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
    an.get("/security").await.shows("Đang bật");

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
