//! Four eyes: one asks, another one approves, whoever asked carries it out, once and just so.

mod edges;
mod hands;
mod rest;
mod wide;

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::key::KeyState;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{accounts, admins, keys, lock};
use time::Duration;

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

/// Two administrators of the city, a security officer, and people.
async fn house(more: &str) -> House {
    let text = format!("[admin]\ntwo_persons = true\n{more}");
    let house = House::at(time::macros::datetime!(2026-03-02 09:00 +7), &text).await;
    for local in ["lan", "tuan", "ha", "an", "binh", "chi"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    for local in ["lan", "tuan"] {
        admins::grant(&house.app, &address(local), None).await.expect("granted");
    }
    let officer =
        Wish { address: address("ha"), role: Role::Security, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &officer).await.expect("granted");
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

const WISH: [(&str, &str); 3] = [("address", "an"), ("role", "auditor"), ("reason", "QĐ 12/QĐ-UBND")];

async fn ask(browser: &mut Browser) {
    let asked = browser.post_from("/administrators", "/administrators", &WISH).await;
    asked.leads_to("/approvals?note=asked");
}

async fn decide(browser: &mut Browser, what: &str) -> Answer {
    let page = browser.get("/approvals").await;
    let id = page.hidden("approval").unwrap_or_default();
    let fields = [("approval", id.as_str()), ("what", what), ("reason", "Đã kiểm tra")];
    browser.post_from("/approvals", "/approvals", &fields).await
}

async fn roles_of(house: &House, local: &str) -> usize {
    let all = roles::every(&house.app).await.expect("reads");
    all.iter().filter(|listed| listed.address == address(local).as_str()).count()
}

#[tokio::test]
async fn a_role_over_the_city_is_granted_once_a_second_person_has_approved_it() {
    let house = house("").await;
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    ask(&mut lan).await;
    assert_eq!(roles_of(&house, "an").await, 0, "nothing yet");
    tuan.get("/").await.shows("<span class=\"menu-note\">1</span>");
    let page = tuan.get("/approvals").await;
    page.shows("an@danang.example: Cán bộ kiểm tra").shows("lan@danang.example").shows("QĐ 12/QĐ-UBND");
    page.shows("status is-warn").shows("Ý kiến của người duyệt");
    decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
    assert_eq!(roles_of(&house, "an").await, 0, "whoever asked carries it out");
    let page = lan.get("/approvals").await;
    page.shows("Đã duyệt, chờ thực hiện").shows("action=\"/administrators\"");
    page.shows("status is-ok").hides("status is-warn");
    lan.post_from("/approvals", "/administrators", &WISH).await.leads_to("/administrators?note=granted");
    assert_eq!(roles_of(&house, "an").await, 1);
    roles::revoke_all(&house.app, &address("an")).await.expect("revoked");
    lan.post_from("/approvals", "/administrators", &WISH).await.leads_to("/approvals?note=asked");
    assert_eq!(roles_of(&house, "an").await, 0, "an approval is good once");
}

#[tokio::test]
async fn whoever_asked_cannot_approve() {
    let house = house("").await;
    let mut lan = signed_in(&house, "lan").await;
    ask(&mut lan).await;
    lan.get("/approvals").await.hides("value=\"approve\"");
    let refused = decide(&mut lan, "approve").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    refused.shows("Người đề nghị không tự duyệt được");
    lan.post_from("/approvals", "/administrators", &WISH).await.leads_to("/approvals?note=asked");
    assert_eq!(roles_of(&house, "an").await, 0);
}

#[tokio::test]
async fn another_wish_than_the_approved_one_is_not_carried_out() {
    let house = house("").await;
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    ask(&mut lan).await;
    decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
    let mightier = [("address", "an"), ("role", "city"), ("reason", "QĐ 12/QĐ-UBND")];
    lan.post_from("/approvals", "/administrators", &mightier).await.leads_to("/approvals?note=asked");
    assert_eq!(roles_of(&house, "an").await, 0);
}

#[tokio::test]
async fn a_request_is_refused_taken_back_or_too_old() {
    let house = house("").await;
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    ask(&mut lan).await;
    decide(&mut tuan, "refuse").await.leads_to("/approvals?note=refused");
    ask(&mut lan).await;
    decide(&mut lan, "withdraw").await.leads_to("/approvals?note=withdrawn");
    let gone = decide(&mut tuan, "approve").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "nothing waits");
    ask(&mut lan).await;
    house.pass(Duration::hours(25));
    let mut tuan = signed_in(&house, "tuan").await;
    tuan.get("/approvals").await.shows("Quá hạn").hides("value=\"approve\"");
}

#[tokio::test]
async fn a_request_is_for_those_who_have_its_right() {
    let house = house("").await;
    let (mut lan, mut ha) = (signed_in(&house, "lan").await, signed_in(&house, "ha").await);
    ask(&mut lan).await;
    ha.get("/").await.hides("menu-note");
    ha.get("/approvals").await.hides("value=\"approve\"");
    let asked = ha.post_from("/keys", "/keys/rotate", &[("reason", "Nghi lộ khóa")]).await;
    asked.leads_to("/approvals?note=asked");
    let announced = async || {
        let all = keys::list(&house.app).await.expect("reads");
        all.iter().filter(|key| key.state == KeyState::Announced).count()
    };
    assert_eq!(announced().await, 0);
    let page = lan.get("/approvals").await;
    page.shows("Thay khóa ký ngay");
    decide_on(&mut lan, &page, "Thay khóa ký ngay").await;
    ha.post_from("/approvals", "/keys/rotate", &[]).await.leads_to("/keys");
    assert_eq!(announced().await, 1);
    ha.get("/keys").await.shows("Đã công bố");
}

/// Approves the request below a title.
async fn decide_on(browser: &mut Browser, page: &Answer, title: &str) {
    let at = page.body.find(title).expect("it is there");
    let id = page.body[at..].split("name=\"approval\" value=\"").nth(1).expect("a form");
    let id = id.split('"').next().expect("a value").to_owned();
    let fields = [("approval", id.as_str()), ("what", "approve"), ("reason", "Đã kiểm tra")];
    browser.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=approved");
}

#[tokio::test]
async fn many_accounts_at_once_need_a_second_person_and_few_do_not() {
    let house = house("two_persons_above = 2\n").await;
    for local in ["an", "binh", "chi"] {
        let account = house.account(local).await;
        lock::enforce(&house.app, &account, LockReason::DefaultPasswordKept, Actor::Job("test"))
            .await
            .expect("locked");
    }
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    let address = "/unlock?lock=default_password_kept";
    let page = lan.get(address).await;
    let accounts = page.hidden("accounts").expect("a list");
    let fields = |number, accounts| {
        [
            ("lock", "default_password_kept"),
            ("agency", ""),
            ("accounts", accounts),
            ("number", number),
            ("reason", "CV 1"),
        ]
    };
    let asked = lan.post_from(address, "/unlock", &fields("3", accounts.as_str())).await;
    asked.leads_to("/approvals?note=asked");
    tuan.get("/approvals").await.shows("3 tài khoản").shows("binh@danang.example");
    decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
    let done = lan.post_from("/approvals", "/unlock", &fields("3", accounts.as_str())).await;
    done.shows("Đã mở khóa 3 tài khoản");
    let account = house.account("an").await;
    lock::enforce(&house.app, &account, LockReason::DefaultPasswordKept, Actor::Job("test"))
        .await
        .expect("locked");
    let accounts = lan.get(address).await.hidden("accounts").expect("a list");
    lan.post_from(address, "/unlock", &fields("1", accounts.as_str())).await.shows("Đã mở khóa 1 tài khoản");
}

/// Six people work at so-khcn, one at so-nv.
async fn house_of_two_agencies(bound: u8) -> House {
    let house = house(&format!("wide_role_above = {bound}\n")).await;
    house.add_with("dung", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".into()), name: "Sở Nội vụ".into() });
    });
    house.sync().await;
    house
}

async fn agency(house: &House, code: &str) -> String {
    let all = accounts::agencies(&house.app).await.expect("reads");
    all.into_iter().find(|agency| agency.code == code).expect("it is there").id.to_string()
}

#[tokio::test]
async fn a_role_over_an_agency_of_nearly_everybody_needs_a_second_person_and_a_narrow_one_does_not() {
    let house = house_of_two_agencies(5).await;
    let (khcn, nv) = (agency(&house, "so-khcn").await, agency(&house, "so-nv").await);
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    let wish = |over| [("address", "an"), ("role", "help-desk"), ("over", over), ("reason", "QĐ 12/QĐ-UBND")];
    lan.post_from("/administrators", "/administrators", &wish(nv.as_str()))
        .await
        .leads_to("/administrators?note=granted");
    let (page, wide) = ("/administrators", wish(khcn.as_str()));
    lan.post_from(page, page, &wide).await.leads_to("/approvals?note=asked");
    assert_eq!(roles_of(&house, "an").await, 1, "the narrow one only");
    tuan.get("/approvals").await.shows("Sở Khoa học và Công nghệ").shows("7 tài khoản");
    decide(&mut tuan, "approve").await.leads_to("/approvals?note=approved");
    lan.post_from("/approvals", page, &wide).await.leads_to("/administrators?note=granted");
    assert_eq!(roles_of(&house, "an").await, 2);
}

#[tokio::test]
async fn narrow_roles_that_are_wide_together_need_a_second_person() {
    let house = house_of_two_agencies(6).await;
    let mut lan = signed_in(&house, "lan").await;
    for (code, leads_to) in [("so-khcn", "/administrators?note=granted"), ("so-nv", "/approvals?note=asked")]
    {
        let over = agency(&house, code).await;
        let wish = [("address", "an"), ("role", "agency"), ("over", over.as_str()), ("reason", "QĐ 12")];
        lan.post_from("/administrators", "/administrators", &wish).await.leads_to(leads_to);
    }
}

#[tokio::test]
async fn a_table_makes_no_role_nearly_as_wide_as_the_city() {
    let house = house_of_two_agencies(6).await;
    let mut lan = signed_in(&house, "lan").await;
    let mut look = async |table: &str, text: &str| {
        let page = format!("/import?table={table}");
        lan.post_from(&page, "/import/preview", &[("table", table), ("text", text)]).await
    };
    let columns = "address,role,agency,reason\nan,help-desk,so-khcn,QĐ 12\n";
    look("roles", columns).await.shows("name=\"mark\"");
    let both = format!("{columns}an,agency,so-nv,QĐ 12\n");
    look("roles", &both).await.shows("phạm vi quá rộng").hides("name=\"mark\"");
    let below = "code,name,parent\ntt-moi,Trung tâm mới,so-nv\nso-khcn,Sở Khoa học và Công nghệ,tt-moi\n";
    look("agencies", below).await.shows("name=\"mark\"");
    admins::grant(&house.app, &address("an"), Some("so-nv")).await.expect("granted");
    look("agencies", below).await.shows("phạm vi quá rộng").hides("name=\"mark\"");
}

#[tokio::test]
async fn a_single_administrator_is_told_the_way_by_the_command_line() {
    let house = house("").await;
    roles::revoke_all(&house.app, &address("tuan")).await.expect("revoked");
    let mut lan = signed_in(&house, "lan").await;
    let refused = lan.post_from("/administrators", "/administrators", &WISH).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("danang-sso admin grant");
    assert_eq!(roles_of(&house, "an").await, 0);
}

#[tokio::test]
async fn nobody_changes_their_own_roles_and_the_last_administrator_stays() {
    let house = house("").await;
    let mut lan = signed_in(&house, "lan").await;
    let own = [("address", "lan"), ("role", "auditor"), ("reason", "thử")];
    let refused = lan.post_from("/administrators", "/administrators", &own).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = lan.get("/administrators").await;
    page.shows("tuan@danang.example").shows("Cán bộ an ninh mạng");
    let held = roles::every(&house.app).await.expect("reads");
    let of = |local: &str| {
        let listed = held.iter().find(|listed| listed.address == address(local).as_str());
        listed.expect("held").grant.id.to_string()
    };
    let (own, other) = (of("lan"), of("tuan"));
    let revoke = [("grant", own.as_str()), ("reason", "thử")];
    let refused = lan.post_from("/administrators", "/administrators/revoke", &revoke).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let revoke = [("grant", other.as_str()), ("reason", "Chuyển công tác")];
    let done = lan.post_from("/administrators", "/administrators/revoke", &revoke).await;
    done.leads_to("/administrators?note=revoked");
    assert_eq!(roles_of(&house, "tuan").await, 0);
}
