//! Break-glass codes: once, for some hours, and loud.

use crate::house::{Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mail::LetterKind;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::jobs::{self, EndRoles};
use danang_sso::services::break_glass::{self, GlassRefused};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, lock};
use danang_sso::storage::{audit, letters};
use time::Duration;
use time::macros::{date, datetime};

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

async fn made(house: &House, local: &str) -> String {
    let (_, code) = break_glass::make(&house.app, &address(local)).await.expect("made");
    code.expose().clone()
}

async fn opens(house: &House, code: &str) -> bool {
    let answer = type_code(&mut house.admin_browser(), code).await;
    assert!(answer.status == StatusCode::FORBIDDEN || answer.status.is_redirection(), "{}", answer.body);
    answer.status.is_redirection()
}

async fn give(house: &House, local: &str, role: Role, until: Option<time::Date>) {
    let wish = Wish { address: address(local), role, agency: None, until, why: "QĐ 7".to_owned() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
}

/// Takes the role over the city from `lan`, on the word of `tuan`.
async fn take_back(house: &House) {
    let tuan = admins::holder(&house.app, &address("tuan")).await.expect("a role");
    let held = roles::every(&house.app).await.expect("reads");
    let of_lan = held.iter().find(|l| l.address == address("lan").as_str()).expect("held").grant.id;
    roles::revoke(&house.app, By::Administrator(&tuan), of_lan, "Chuyển công tác").await.expect("taken back");
}

async fn lines(house: &House, local: &str, act: Act) -> Vec<audit::Line> {
    let id = house.account(local).await.id();
    let mut all = audit::of_account(&house.app.db, id, 100).await.expect("reads");
    all.retain(|line| line.act == act);
    all
}

#[tokio::test]
async fn a_code_ends_with_the_role_for_which_it_was_made_and_does_not_come_back_with_another() {
    let house = house().await;
    let (code, other) = (made(&house, "lan").await, made(&house, "lan").await);
    let of_tuan = made(&house, "tuan").await;
    take_back(&house).await;
    let revoked = lines(&house, "lan", Act::BreakGlassRevoked).await;
    assert_eq!(revoked.len(), 2, "{revoked:?}");
    assert_eq!(revoked[0].actor, "tuan@danang.example");
    assert_eq!(revoked[0].why.as_deref(), Some("Chuyển công tác"));
    assert!(!opens(&house, &code).await);
    give(&house, "lan", Role::City, None).await;
    assert!(!opens(&house, &other).await, "a new role asks for a new envelope");
    assert!(opens(&house, &of_tuan).await, "those of others are good");
}

#[tokio::test]
async fn a_code_opens_nothing_after_the_last_day_of_the_role_even_before_the_job() {
    let house = house().await;
    give(&house, "lan", Role::City, Some(date!(2026 - 03 - 03))).await;
    let code = made(&house, "lan").await;
    house.set_time(datetime!(2026-03-04 00:01 +7));
    assert!(!opens(&house, &code).await);
    roles::keep(&house.app).await.expect("kept");
    assert_eq!(lines(&house, "lan", Act::BreakGlassRevoked).await.len(), 1);
}

#[tokio::test]
async fn a_code_ends_with_a_role_that_another_replaces_and_goes_on_with_one_that_is_renewed() {
    let house = house().await;
    let (code, kept) = (made(&house, "lan").await, made(&house, "tuan").await);
    give(&house, "lan", Role::Auditor, None).await;
    give(&house, "tuan", Role::City, Some(date!(2026 - 12 - 31))).await;
    assert_eq!(lines(&house, "lan", Act::BreakGlassRevoked).await.len(), 1);
    assert!(!opens(&house, &code).await);
    assert!(opens(&house, &kept).await);
}

#[tokio::test]
async fn a_code_of_an_administrator_whom_somebody_has_locked_opens_nothing() {
    let house = house().await;
    let code = made(&house, "lan").await;
    let officer = admins::holder(&house.app, &address("ha")).await.expect("a role");
    let lan = house.account("lan").await.id();
    lock::lock(&house.app, &officer, lan, "Nghi lộ mật khẩu").await.expect("locked");
    assert!(!opens(&house, &code).await);
    assert_eq!(lines(&house, "lan", Act::BreakGlassRevoked).await.len(), 1);
    assert!(matches!(break_glass::make(&house.app, &address("lan")).await, Err(GlassRefused::NotMighty(_))));
}

#[tokio::test]
async fn a_session_that_a_code_opened_ends_with_the_role() {
    let house = house().await;
    let mut glass = house.admin_browser();
    type_code(&mut glass, &made(&house, "lan").await).await.leads_to("/");
    glass.get("/accounts").await.shows("an@danang.example");
    take_back(&house).await;
    assert!(glass.get("/accounts").await.status.is_redirection(), "it is over");
    assert_eq!(lines(&house, "lan", Act::SessionEnded).await.len(), 1);
    let mut tuan = house.admin_browser();
    tuan.sign_in("tuan", PASSWORD).await.leads_to("/");
    tuan.get("/accounts").await.hides("id=\"banner\"");
}

#[tokio::test]
async fn a_session_that_a_code_opened_ends_with_the_last_day_of_the_role_and_with_a_lock() {
    let house = house().await;
    give(&house, "lan", Role::City, Some(date!(2026 - 03 - 02))).await;
    house.set_time(datetime!(2026-03-02 23:57 +7));
    let (mut of_lan, mut of_tuan) = (house.admin_browser(), house.admin_browser());
    type_code(&mut of_lan, &made(&house, "lan").await).await.leads_to("/");
    type_code(&mut of_tuan, &made(&house, "tuan").await).await.leads_to("/");
    of_lan.get("/accounts").await.shows("an@danang.example");
    house.pass(Duration::minutes(4));
    assert!(of_lan.get("/accounts").await.status.is_redirection(), "its last day is over, before any job");
    of_tuan.get("/accounts").await.shows("an@danang.example");
    let officer = admins::holder(&house.app, &address("ha")).await.expect("a role");
    let tuan = house.account("tuan").await.id();
    lock::lock(&house.app, &officer, tuan, "Nghi lộ mã").await.expect("locked");
    assert!(of_tuan.get("/accounts").await.status.is_redirection(), "a lock ends the role");
}

#[tokio::test]
async fn a_directory_that_locks_everybody_leaves_the_last_administrator_a_code() {
    let house = house().await;
    let (first, last) = (made(&house, "lan").await, made(&house, "tuan").await);
    for who in ["lan", "tuan"] {
        let account = house.account(who).await;
        let reason = LockReason::DisabledInDirectory;
        lock::enforce(&house.app, &account, reason, Actor::Job("test")).await.expect("locked");
    }
    assert!(!opens(&house, &first).await, "somebody else was left when this one was locked");
    jobs::run_once(&house.app, &EndRoles).await;
    assert_eq!(lines(&house, "lan", Act::RoleEnded).await.len(), 1);
    assert_eq!(lines(&house, "tuan", Act::RoleEnded).await.len(), 0, "it rests");
    assert!(opens(&house, &last).await);
    // Until somebody administers the city again.
    give(&house, "an", Role::City, None).await;
    jobs::run_once(&house.app, &EndRoles).await;
    assert_eq!(lines(&house, "tuan", Act::RoleEnded).await.len(), 1);
}
