//! What a stranger who guesses can do to others, and what they can learn: neither keeps anybody out, nor tells who is there.

use crate::authenticator::{Authenticator, half, second};
use crate::house::{Browser, House, PASSWORD};
use crate::passkey::{SoftKey, VERIFIED};
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::{self, Ad, Obm};
use danang_sso::domain::outbox::DirectoryLock;
use danang_sso::services::{admins, directory_locks, lock};
use danang_sso::storage::{audit, directory_locks as orders, throttles};
use time::Duration;

const STEP: &str = "/sign-in/second";
const FORGOTTEN: &str = "/forgotten";
const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const WAIT: StatusCode = StatusCode::TOO_MANY_REQUESTS;
const DOWN: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/142.0.0.0 Safari/537.36";

/// A house, a browser in which `an` is signed in, and the app of `an`.
async fn house() -> (House, Browser, Authenticator) {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("binh", &[Obm]);
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    let app = Authenticator::set_up(&house, &mut browser).await;
    (house, browser, app)
}

async fn forgotten(house: &House, who: &str, code: &str, recovery: &str) -> StatusCode {
    let fields = [("identifier", who), ("code", code), ("recovery", recovery)];
    house.browser().post_from(FORGOTTEN, FORGOTTEN, &fields).await.status
}

#[tokio::test]
async fn whoever_guesses_at_a_forgotten_password_keeps_nobody_from_signing_in() {
    let (house, _, app) = house().await;
    house.pass(Duration::minutes(1));
    for _ in 0..6 {
        assert_eq!(forgotten(&house, "an", "000000", "000000000000").await, WRONG);
    }
    second(&mut half(&house, "an").await, &app.code(&house)).await.leads_to("/");
    house.pass(Duration::minutes(1));
    let right = app.code(&house);
    assert_eq!(forgotten(&house, "an", &right, &app.recovery[0]).await, WRONG, "there the pause holds");
    house.pass(Duration::minutes(61));
    assert!(forgotten(&house, "an", &app.code(&house), &app.recovery[0]).await.is_redirection());
}

#[tokio::test]
async fn a_pause_of_codes_keeps_no_passkey_out_and_a_passkey_does_not_end_it() {
    let (house, mut browser, app) = house().await;
    let (mut key, _) = SoftKey::make(&mut browser, VERIFIED, "Khóa").await;
    house.pass(Duration::minutes(1));
    let mut there = half(&house, "an").await;
    for _ in 0..5 {
        second(&mut there, "000000").await;
    }
    assert_eq!(second(&mut there, &app.code(&house)).await.status, WAIT);
    key.counter = 2;
    let page = there.get(STEP).await;
    key.answer(&mut there, &page, STEP).await.leads_to("/");
    assert_eq!(second(&mut half(&house, "an").await, &app.code(&house)).await.status, WAIT);
}

async fn failures(house: &House, whose: &str) -> i64 {
    let key = format!("recovery:{}", house.app.keyring.keyed_digest("throttle recovery", whose));
    throttles::count(&house.app.db, &key).await.expect("reads").failures
}

#[tokio::test]
async fn on_the_page_for_a_forgotten_password_as_much_is_done_about_nobody_as_about_somebody() {
    let (house, ..) = house().await;
    let account = house.account("an").await.id().to_string();
    for n in 1..=7 {
        for who in ["an", "khongco"] {
            assert_eq!(forgotten(&house, who, "000000", "000000000000").await, WRONG, "{who}");
        }
        let counted = (failures(&house, &account).await, failures(&house, "khongco@danang.example").await);
        assert_eq!(counted, (n.min(5), n.min(5)));
    }
}

async fn order(house: &House, system: MailSystem) -> DirectoryLock {
    let id = house.account("an").await.id();
    let all = directory_locks::of_account(&house.app, id).await.expect("reads");
    all.into_iter().find(|order| order.mailbox.system == system).expect("an order")
}

#[tokio::test]
async fn that_a_lock_is_being_lifted_is_told_to_those_only_who_know_the_password() {
    let more = "[policy]\nwrite_locks_to = [\"ad\"]\n";
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), more).await;
    house.add("quantri", &[Ad]);
    house.add("an", &[Ad]);
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut admin = house.admin_browser();
    admin.sign_in("quantri", PASSWORD).await.leads_to("/");
    let account = house.account("an").await;
    let reason = LockReason::DefaultPasswordKept;
    lock::enforce(&house.app, &account, reason, Actor::CommandLine).await.expect("locked");
    let page = format!("/accounts/{}", account.id());
    let form = admin.get(&page).await;
    house.ad.set_unreachable(true);
    let fields = [
        ("csrf", form.hidden("csrf").expect("a form")),
        ("version", form.hidden("version").expect("a version")),
        ("reason", "CV 12".to_owned()),
    ];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = admin.post(&format!("{page}/unlock"), &fields).await;
    assert!(answer.status.is_redirection(), "{}", answer.body);
    house.ad.set_unreachable(false);
    // Somebody is at work on it, so the sign-in does not lift it by itself.
    let (waiting, now) = (order(&house, Ad).await, house.app.now());
    let until = now.plus(Duration::minutes(3));
    assert!(orders::take(&house.app.db, &waiting, until, now).await.expect("taken"));

    let wrong = house.browser().sign_in("an", "Sai-mat-khau-1").await;
    let unknown = house.browser().sign_in("khongco", "Sai-mat-khau-1").await;
    assert_eq!((wrong.status, unknown.status), (WRONG, WRONG));
    let plain = |answer: &crate::house::Answer, name: &str| answer.without_tokens().replace(name, "");
    assert_eq!(plain(&wrong, "an\""), plain(&unknown, "khongco\""), "to the letter");
    let lines = audit::of_account(&house.app.db, account.id(), 20).await.expect("reads");
    assert!(lines.iter().any(|line| line.act == Act::SignInRefused), "it is counted");
    let right = house.browser().sign_in("an", PASSWORD).await;
    assert_eq!(right.status, DOWN);
    right.shows("Tài khoản đã được mở khóa");
}

#[tokio::test]
async fn a_directory_that_is_down_does_not_tell_who_has_a_mailbox_there() {
    let (house, ..) = house().await;
    house.obm.set_unreachable(true);
    assert_eq!(house.browser().sign_in("binh", "Sai-mat-khau-1").await.status, DOWN);
    let mut answers = Vec::new();
    for n in 0..20 {
        let who = format!("khongco{n}");
        let mut browser = house.browser();
        browser.source = format!("198.51.100.{n}");
        let status = browser.sign_in(&who, "Sai-mat-khau-1").await.status;
        let again = browser.sign_in(&format!("{who}@danang.example"), "Sai-mat-khau-2").await.status;
        assert_eq!(again, status, "{who}: always the same, however it is typed");
        answers.push(status);
    }
    assert!(answers.contains(&WRONG) && answers.contains(&DOWN), "{answers:?}");
}

#[tokio::test]
async fn guesses_from_one_network_of_ipv6_are_counted_together_and_recorded_by_address() {
    let (house, ..) = house().await;
    let from = async |address: &str, who: &str| {
        let mut browser = house.browser();
        browser.source = format!("[{address}]");
        browser.sign_in(who, "Sai-mat-khau-1").await.status
    };
    assert_eq!(from("2001:db8:0:7::abcd", "an").await, WRONG);
    let lines = audit::of_account(&house.app.db, house.account("an").await.id(), 20).await.expect("reads");
    let line = lines.iter().find(|line| line.act == Act::SignInRefused).expect("a line");
    assert_eq!(line.source.as_deref(), Some("2001:db8:0:7::abcd"));
    for n in 1..house.app.source_limit().failures {
        from(&format!("2001:db8:0:7::{n:x}"), &format!("nguoi{n}")).await;
    }
    assert_eq!(from("2001:db8:0:7:1::1", "nguoi-khac").await, WAIT, "the next address of the same network");
    assert_eq!(from("2001:db8:0:8::1", "nguoi-khac").await, WRONG, "another network");
}

#[tokio::test]
async fn a_trusted_device_is_asked_in_another_kind_of_browser() {
    let (house, _, app) = house().await;
    house.pass(Duration::minutes(1));
    let mut mine = house.browser();
    mine.user_agent = CHROME.to_owned();
    mine.sign_in("an", PASSWORD).await.leads_to(STEP);
    let code = app.code(&house);
    mine.post_from(STEP, STEP, &[("code", code.as_str()), ("remember", "1")]).await.leads_to("/");
    mine.post_from("/", "/sign-out", &[]).await;
    let mut copy = mine.clone();
    copy.user_agent = CHROME.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64");
    copy.sign_in("an", PASSWORD).await.leads_to(STEP);
    mine.user_agent = CHROME.replace("142", "143");
    mine.sign_in("an", PASSWORD).await.leads_to("/");
}
