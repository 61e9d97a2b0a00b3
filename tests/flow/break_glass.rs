//! Break-glass codes: once, for some hours, and loud.

use crate::house::{Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mail::LetterKind;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::services::break_glass::{self, GlassRefused};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, lock};
use danang_sso::storage::letters;
use time::Duration;

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

async fn house() -> House {
    let house = House::build().await;
    for local in ["lan", "tuan", "ha", "an"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    for local in ["lan", "tuan"] {
        admins::grant(&house.app, &address(local), None).await.expect("granted");
    }
    let wish =
        |local, role| Wish { address: address(local), role, agency: None, until: None, why: String::new() };
    for wish in [wish("ha", Role::Security), wish("an", Role::HelpDesk)] {
        roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    }
    house
}

async fn lock(house: &House, local: &str) {
    let account = house.account(local).await;
    lock::enforce(&house.app, &account, LockReason::PasswordTooOld, Actor::Job("test"))
        .await
        .expect("locked");
}

async fn type_code(browser: &mut Browser, code: &str) -> crate::house::Answer {
    browser.post_from("/break-glass", "/break-glass", &[("code", code)]).await
}

#[tokio::test]
async fn a_code_opens_the_administration_of_a_locked_administrator_and_everybody_hears_of_it() {
    let house = house().await;
    let (_, code) = break_glass::make(&house.app, &address("lan")).await.expect("made");
    lock(&house, "lan").await;
    let mut glass = house.admin_browser();
    glass.get("/sign-in").await.shows("href=\"/break-glass\"");
    type_code(&mut glass, &code.expose().to_lowercase().replace('-', " ")).await.leads_to("/");
    glass.get("/").await.shows("Phiên khẩn cấp của lan@danang.example đang mở, đến 13:00");
    let page = format!("/accounts/{}", house.account("lan").await.id());
    glass.post_from(&page, &format!("{page}/unlock"), &[("reason", "Khẩn cấp")]).await;
    let mut other = house.admin_browser();
    other.sign_in("tuan", PASSWORD).await.leads_to("/");
    other.get("/accounts").await.shows("id=\"banner\"");
    for (who, hears) in [("lan", false), ("tuan", true), ("ha", true), ("an", false)] {
        let id = house.account(who).await.id();
        let all = letters::of_account(&house.app.db, id, None, 50).await.expect("reads");
        let told = all.iter().any(|kept| kept.letter.kind() == LetterKind::BreakGlass);
        assert_eq!(told, hears, "{who}; whoever is locked reads nothing");
    }
}

#[tokio::test]
async fn a_code_works_once_and_not_after_it_was_revoked() {
    let house = house().await;
    let (_, code) = break_glass::make(&house.app, &address("lan")).await.expect("made");
    let (id, other) = break_glass::make(&house.app, &address("lan")).await.expect("made");
    type_code(&mut house.admin_browser(), code.expose()).await.leads_to("/");
    let again = type_code(&mut house.admin_browser(), code.expose()).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    break_glass::revoke(&house.app, id).await.expect("revoked");
    let revoked = type_code(&mut house.admin_browser(), other.expose()).await;
    assert_eq!(revoked.status, StatusCode::FORBIDDEN);
    revoked.shows("Mã không đúng, đã được dùng hoặc đã bị thu hồi");
    assert!(matches!(break_glass::revoke(&house.app, id).await, Err(GlassRefused::NoCode(_))));
}

#[tokio::test]
async fn of_many_hands_with_the_same_code_one_gets_in() {
    let house = house().await;
    let (_, code) = break_glass::make(&house.app, &address("lan")).await.expect("made");
    let tries = (0..16).map(|at| {
        let (app, code) = (house.app.clone(), code.expose().clone());
        tokio::spawn(
            async move { break_glass::open(&app, &code, &format!("192.0.2.{at}"), "test").await.is_ok() },
        )
    });
    let mut opened = 0;
    for one in tries.collect::<Vec<_>>() {
        opened += usize::from(one.await.expect("ends"));
    }
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn its_session_ends_after_some_hours() {
    let house = house().await;
    let (_, code) = break_glass::make(&house.app, &address("lan")).await.expect("made");
    let mut glass = house.admin_browser();
    type_code(&mut glass, code.expose()).await.leads_to("/");
    for _ in 0..59 {
        house.pass(Duration::minutes(4));
        glass.get("/accounts").await.shows("an@danang.example");
    }
    house.pass(Duration::minutes(4));
    assert!(glass.get("/accounts").await.status.is_redirection(), "four hours are over");
}

#[tokio::test]
async fn wrong_codes_are_recorded_and_soon_nothing_opens_from_there() {
    let house = house().await;
    let (_, code) = break_glass::make(&house.app, &address("lan")).await.expect("made");
    let mut stranger = house.admin_browser();
    for _ in 0..5 {
        assert_eq!(type_code(&mut stranger, "AAAA-BBBB").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(type_code(&mut stranger, code.expose()).await.status, StatusCode::FORBIDDEN, "a pause");
    house.pass(Duration::minutes(16));
    type_code(&mut stranger, code.expose()).await.leads_to("/");
}

#[tokio::test]
async fn a_code_is_made_for_administrators_of_the_city_and_typed_at_their_door() {
    let house = house().await;
    for who in ["an", "ha"] {
        let refused = break_glass::make(&house.app, &address(who)).await;
        assert!(matches!(refused, Err(GlassRefused::NotMighty(_))), "{who}");
    }
    assert_eq!(house.browser().get("/break-glass").await.status, StatusCode::NOT_FOUND);
}
