//! Many requests at once, approvals that nobody stands by any more, what is done bit by bit, both languages.

use super::{WISH, address, agency, ask, decide, decide_on, house, roles_of, signed_in};
use crate::house::{Answer, Browser, House};
use axum::http::StatusCode;
use danang_sso::domain::account::{LockReason, StateName};
use danang_sso::domain::approval::{Approval, Deed, GOOD_FOR, Matter, Preview, Stage};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::id::ApprovalId;
use danang_sso::services::{admins, lock, roles};
use danang_sso::storage::approvals as rows;
use time::Duration;

/// Somebody has put many requests, which wait or were taken back.
async fn many(house: &House, local: &str, number: i64, is_waiting: bool) {
    let (app, who) = (&house.app, house.account(local).await.id());
    let mut tx = app.db.begin().await.expect("begins");
    for n in 0..number {
        let at = app.now().minus(Duration::hours(1)).plus(Duration::seconds(n / 2));
        let preview = Preview::of(vec![format!("việc số {n}")]);
        let one = Approval {
            id: ApprovalId::new(at, app.system.entropy()),
            deed: Deed { matter: Matter::LockMany, content: format!("nhiều {n}"), preview },
            path: "/bulk".to_owned(),
            form: Vec::new(),
            asked_by: who,
            asked_at: at,
            why: "thử".to_owned(),
            expires_at: at.plus(GOOD_FOR),
            stage: Stage::Waiting,
            decided: None,
        };
        rows::add(&mut tx, &one).await.expect("written");
        if !is_waiting {
            assert!(rows::withdraw(&mut tx, one.id, who).await.expect("written"));
        }
    }
    tx.commit().await.expect("commits");
}

async fn lock_for(house: &House, local: &str, reason: LockReason) {
    let account = house.account(local).await;
    lock::enforce(&house.app, &account, reason, Actor::Job("test")).await.expect("locked");
}

/// Accounts with their versions, as the page of many locks has them.
async fn seen(house: &House, who: &[&str]) -> String {
    let mut seen = Vec::new();
    for local in who {
        let account = house.account(local).await;
        seen.push(format!("{}:{}", account.id(), account.version()));
    }
    seen.join(" ")
}

async fn send(browser: &mut Browser, seen: &str) -> Answer {
    let (page, number) = ("/unlock?lock=default_password_kept", seen.split(' ').count().to_string());
    let fields = [("lock", "default_password_kept"), ("agency", ""), ("accounts", seen)];
    let fields = [&fields[..], &[("number", number.as_str()), ("reason", "CV 1")]].concat();
    browser.post_from(page, "/unlock", &fields).await
}

/// Unlocks these as the page of many locks does.
async fn unlock(house: &House, browser: &mut Browser, who: &[&str]) -> Answer {
    let seen = seen(house, who).await;
    send(browser, &seen).await
}

/// Unlocks one on their own page.
async fn unlock_one(house: &House, browser: &mut Browser, local: &str) {
    let page = format!("/accounts/{}", house.account(local).await.id());
    browser.post_from(&page, &format!("{page}/unlock"), &[("reason", "Đã gọi điện")]).await;
    assert_ne!(house.account(local).await.state().name(), StateName::Locked, "{local}");
}

async fn database(house: &House) -> sqlx::SqliteConnection {
    let file = format!("sqlite:{}", house.folder().join("house.db").display());
    <sqlx::SqliteConnection as sqlx::Connection>::connect(&file).await.expect("opens")
}

#[tokio::test]
async fn many_requests_of_others_hide_neither_what_waits_nor_what_was_approved() {
    let house = house("").await;
    many(&house, "chi", 250, true).await;
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    ask(&mut lan).await;
    tuan.get("/").await.shows("<span class=\"menu-note\">251</span>");
    let page = tuan.get("/approvals").await;
    page.shows("việc số 0<").shows("việc số 249<").shows("an@danang.example: Cán bộ kiểm tra");
    decide_on(&mut tuan, &page, "an@danang.example: Cán bộ kiểm tra").await;
    many(&house, "chi", 250, false).await;
    lan.get("/approvals").await.shows("Đã duyệt, chờ thực hiện").shows("action=\"/administrators\"");
    lan.post_from("/approvals", "/administrators", &WISH).await.leads_to("/administrators?note=granted");
    assert_eq!(roles_of(&house, "an").await, 1);
}

#[tokio::test]
async fn settled_requests_are_read_page_by_page_and_each_once() {
    let house = house("").await;
    many(&house, "chi", 70, false).await;
    let mut lan = signed_in(&house, "lan").await;
    let named = |body: &str| {
        let lines = body.split("việc số ").skip(1).filter_map(|rest| rest.split('<').next());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let first = lan.get("/approvals").await;
    first.shows("id=\"nothing-waits\"").hides("id=\"newest\"");
    let next = first.body.split("\" rel=\"next\"").next().and_then(|rest| rest.rsplit("href=\"").next());
    let second = lan.get(next.expect("a next page")).await;
    second.shows("id=\"newest\"").hides("id=\"next-page\"").hides("id=\"nothing-waits\"");
    let mut all = [named(&first.body), named(&second.body)].concat();
    assert_eq!((named(&first.body).len(), all.len()), (50, 70));
    assert!(["68", "69"].contains(&all[0].as_str()), "the latest first: {}", all[0]);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 70);
    // What is not understood is the beginning.
    lan.get("/approvals?after=x").await.hides("id=\"newest\"");
}

#[tokio::test]
async fn nobody_has_more_than_twenty_open_requests() {
    let house = house("").await;
    many(&house, "lan", 20, true).await;
    let mut lan = signed_in(&house, "lan").await;
    let refused = lan.post_from("/administrators", "/administrators", &WISH).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("đang có 20 đề nghị chưa giải quyết");
    lan.get("/language/en?back=/").await.leads_to("/");
    lan.post_from("/administrators", "/administrators", &WISH).await.shows("You have 20 open requests");
    decide(&mut lan, "withdraw").await.leads_to("/approvals?note=withdrawn");
    ask(&mut lan).await;
}

#[tokio::test]
async fn an_approval_ends_with_the_right_of_whoever_gave_it() {
    for is_lock in [true, false] {
        let house = house("").await;
        admins::grant(&house.app, &address("binh"), None).await.expect("granted");
        let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
        ask(&mut lan).await;
        decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
        if is_lock {
            lock_for(&house, "tuan", LockReason::ByAdministrator).await;
        } else {
            roles::revoke_all(&house.app, &address("tuan")).await.expect("revoked");
        }
        // It waits anew.
        lan.post_from("/approvals", "/administrators", &WISH).await.leads_to("/approvals?note=asked");
        assert_eq!(roles_of(&house, "an").await, 0);
        lan.get("/approvals")
            .await
            .shows("người duyệt không còn quyền duyệt")
            .hides("Đã duyệt, chờ thực hiện");
        let query = sqlx::query_scalar("SELECT COUNT(*) FROM audit WHERE act = 'approval_lapsed'");
        let lines: i64 = query.fetch_one(&mut database(&house).await).await.expect("counts");
        assert_eq!(lines, 1);
        let mut binh = signed_in(&house, "binh").await;
        decide(&mut binh, "approve").await.leads_to("/approvals?note=approved");
        lan.post_from("/approvals", "/administrators", &WISH).await.leads_to("/administrators?note=granted");
        assert_eq!(roles_of(&house, "an").await, 1);
    }
}

#[tokio::test]
async fn what_is_done_bit_by_bit_counts_together_for_a_day() {
    let house = house("two_persons_above = 2\n").await;
    for local in ["an", "binh", "chi"] {
        lock_for(&house, local, LockReason::DefaultPasswordKept).await;
    }
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    unlock(&house, &mut lan, &["an", "binh"]).await.shows("Đã mở khóa 2 tài khoản");
    unlock(&house, &mut lan, &["chi"]).await.leads_to("/approvals?note=asked");
    // Each for themselves, and one by one as often as one likes.
    unlock(&house, &mut tuan, &["chi"]).await.shows("Đã mở khóa 1 tài khoản");
    for _ in 0..5 {
        lock_for(&house, "chi", LockReason::DefaultPasswordKept).await;
        unlock_one(&house, &mut lan, "chi").await;
    }
    lock_for(&house, "chi", LockReason::DefaultPasswordKept).await;
    unlock(&house, &mut lan, &["chi"]).await.leads_to("/approvals?note=asked");
    house.pass(Duration::hours(26));
    let mut lan = signed_in(&house, "lan").await;
    unlock(&house, &mut lan, &["chi"]).await.shows("Đã mở khóa 1 tài khoản");
}

#[tokio::test]
async fn an_approval_whose_act_came_to_nothing_is_still_good() {
    let house = house("two_persons_above = 1\n").await;
    for local in ["an", "binh"] {
        lock_for(&house, local, LockReason::DefaultPasswordKept).await;
    }
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    let list = seen(&house, &["an", "binh"]).await;
    send(&mut lan, &list).await.leads_to("/approvals?note=asked");
    decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
    // Somebody was quicker.
    for local in ["an", "binh"] {
        unlock_one(&house, &mut tuan, local).await;
    }
    assert_eq!(send(&mut lan, &list).await.status, StatusCode::OK);
    lan.get("/approvals").await.shows("Đã duyệt, chờ thực hiện");
}

#[tokio::test]
async fn what_one_did_alone_and_came_to_nothing_is_not_counted() {
    let house = house("two_persons_above = 2\n").await;
    for local in ["an", "binh"] {
        lock_for(&house, local, LockReason::DefaultPasswordKept).await;
    }
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    let old = seen(&house, &["an", "binh"]).await;
    for local in ["an", "binh"] {
        unlock_one(&house, &mut tuan, local).await;
        lock_for(&house, local, LockReason::DefaultPasswordKept).await;
    }
    assert_eq!(send(&mut lan, &old).await.status, StatusCode::OK);
    assert_eq!(house.account("an").await.state().name(), StateName::Locked, "changed since it was looked at");
    unlock(&house, &mut lan, &["an", "binh"]).await.shows("Đã mở khóa 2 tài khoản");
}

#[tokio::test]
async fn a_second_person_reads_what_they_approve_in_their_language_with_names() {
    let house = house("").await;
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    ask(&mut lan).await;
    let khcn = agency(&house, "so-khcn").await;
    let day = format!("day-{khcn}");
    let wave = [("rule", "password-age"), ("from", "1"), ("warning", "10"), ("reason", "Kế hoạch số 7")];
    let wave = [&wave[..], &[(day.as_str(), "25/03/2026")]].concat();
    lan.post_from("/policy/waves", "/policy/waves/start", &wave).await.leads_to("/approvals?note=asked");
    let rules = [("password_months.person", "5"), ("from", "1"), ("reason", "CV 2")];
    lan.post_from("/policy", "/policy", &rules).await.leads_to("/approvals?note=asked");
    let page = tuan.get("/approvals").await;
    page.shows("an@danang.example: Cán bộ kiểm tra, Toàn thành phố");
    page.shows(": Sở Khoa học và Công nghệ: ").hides(&khcn);
    page.shows("Dùng một mật khẩu (tháng): ").shows(": 6 → 5").hides("password_months");
    tuan.get("/language/en?back=/").await.leads_to("/");
    let page = tuan.get("/approvals").await;
    page.shows("an@danang.example: Auditor, The whole city").hides("Cán bộ kiểm tra");
    page.shows(": Sở Khoa học và Công nghệ: ").shows("Using one password (months): ").shows(": 6 → 5");
}

#[tokio::test]
async fn a_request_from_before_there_were_two_languages_is_still_read() {
    let house = house("").await;
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    ask(&mut lan).await;
    let old = sqlx::query("UPDATE approval SET preview = 'dòng thứ nhất\ndòng thứ hai'");
    old.execute(&mut database(&house).await).await.expect("written");
    tuan.get("/approvals").await.shows("dòng thứ nhất</p>").shows("<li>dòng thứ hai</li>");
    decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
    lan.post_from("/approvals", "/administrators", &WISH).await.leads_to("/administrators?note=granted");
}
