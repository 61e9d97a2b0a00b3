//! Groups in the console: made, filled from a list, renamed, dissolved; and what their people get of it, at once.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::Metadata;
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::services::clients::{self, Registered, Registration};
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::services::{admins, groups};
use danang_sso::storage::audit;

const CODE: &str = "to-cds";
const PAGE: &str = "/groups/to-cds";
const CALLBACK: &str = "https://hop.danang.example/callback";

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

/// Two administrators of the city, an auditor, and people; a group of nobody.
async fn house() -> House {
    let house = House::build().await;
    for local in ["lan", "tuan", "kiemtra", "an", "binh", "chi"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    for local in ["lan", "tuan"] {
        admins::grant(&house.app, &address(local), None).await.expect("granted");
    }
    let wish = Wish {
        address: address("kiemtra"),
        role: Role::Auditor,
        agency: None,
        until: None,
        why: String::new(),
    };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    groups::make(&house.app, Actor::CommandLine, CODE, "Tổ chuyển đổi số").await.expect("made");
    house
}

async fn signed_in(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

/// An application that is for the group alone.
async fn application(house: &House) -> Registered {
    let registration = Registration {
        name: "Phòng họp trực tuyến".to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec![CALLBACK.to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: Some("https://hop.danang.example/".to_owned()),
        scopes: Scopes::parse("openid"),
        legacy: true,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata { allowed_groups: vec![CODE.to_owned()], ..Metadata::default() },
    };
    clients::register(&house.app, Actor::CommandLine, &registration).await.expect("registered")
}

/// Takes a list in, as the page does after the look.
async fn join(browser: &mut Browser, text: &str) -> Answer {
    let version = browser.get(PAGE).await.hidden("version").expect("a form");
    join_seen(browser, &version, text).await
}

async fn join_seen(browser: &mut Browser, version: &str, text: &str) -> Answer {
    let path = format!("{PAGE}/members");
    browser.post_from(PAGE, &path, &[("version", version), ("text", text)]).await
}

async fn leave(house: &House, browser: &mut Browser, local: &str) -> Answer {
    let version = browser.get(PAGE).await.hidden("version").expect("a form");
    let member = house.account(local).await.id().to_string();
    let path = format!("{PAGE}/members/remove");
    browser.post_from(PAGE, &path, &[("version", version.as_str()), ("member", &member)]).await
}

async fn members(house: &House) -> Vec<String> {
    groups::find(&house.app, CODE).await.expect("it is there").1
}

#[tokio::test]
async fn a_group_is_made_filled_from_a_list_renamed_and_dissolved() {
    let house = house().await;
    let mut lan = signed_in(&house, "lan").await;
    lan.get("/").await.shows("href=\"/groups\"");
    let wish = [("name", "Nhóm họp  sáng"), ("code", "hop-sang")];
    lan.post_from("/groups", "/groups", &wish).await.leads_to("/groups/hop-sang?note=made");
    let again = lan.post_from("/groups", "/groups", &wish).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    again.shows("Đã có nhóm với mã hop-sang.").shows("value=\"Nhóm họp  sáng\"");
    let bad = lan.post_from("/groups", "/groups", &[("name", "x"), ("code", "Họp")]).await;
    bad.shows("Mã nhóm chỉ gồm chữ thường không dấu");

    let pasted = "an@danang.example\r\nbinh; \"Chi\" <chi@danang.example>";
    let look = lan.post_from(PAGE, &format!("{PAGE}/members/preview"), &[("text", pasted)]).await;
    look.shows("3 người sẽ được thêm, 0 người đã ở trong nhóm, 0 dòng sai.").shows("Thêm 3 người");
    assert!(members(&house).await.is_empty(), "nothing is done by looking");
    join(&mut lan, pasted).await.leads_to("/groups/to-cds?joined=3");
    assert_eq!(members(&house).await.len(), 3);
    lan.get("/groups/to-cds?joined=3").await.shows("Đã thêm 3 người vào nhóm.").shows("chi@danang.example");
    lan.get("/groups/to-cds?q=binh").await.shows("binh@danang.example").hides("chi@danang.example");
    leave(&house, &mut lan, "binh").await.leads_to("/groups/to-cds?note=left");
    assert_eq!(members(&house).await, ["an@danang.example", "chi@danang.example"]);

    let version = lan.get(PAGE).await.hidden("version").expect("a form");
    let fields = [("version", version.as_str()), ("name", "Tổ công nghệ")];
    lan.post_from(PAGE, &format!("{PAGE}/name"), &fields).await.leads_to("/groups/to-cds?note=renamed");
    lan.get("/groups").await.shows("Tổ công nghệ").shows("class=\"count\">2</td>");
    let version = lan.get(PAGE).await.hidden("version").expect("a form");
    let gone = lan.post_from(PAGE, &format!("{PAGE}/remove"), &[("version", version.as_str())]).await;
    gone.leads_to("/groups?note=dissolved");
    assert_eq!(lan.get(PAGE).await.status, StatusCode::NOT_FOUND);

    let lines = audit::of_account(&house.app.db, house.account("binh").await.id(), 50).await.expect("reads");
    for act in [Act::GroupJoined, Act::GroupLeft] {
        let line = lines.iter().find(|line| line.act == act).expect("recorded");
        assert_eq!(line.actor, "lan@danang.example", "{act:?}");
    }
    let page = lan.get("/audit?act=group_renamed").await;
    page.shows("to-cds").shows("Tổ công nghệ");
}

#[tokio::test]
async fn a_list_with_a_wrong_entry_is_not_entered_and_each_is_told_what_is_wrong() {
    let house = house().await;
    let mut lan = signed_in(&house, "lan").await;
    groups::join(&house.app, Actor::CommandLine, CODE, &address("chi")).await.expect("joined");
    let pasted = "an\nkhong.co\nan@danang.example\nchi\nbinh@@x";
    for path in [format!("{PAGE}/members/preview"), format!("{PAGE}/members")] {
        let version = lan.get(PAGE).await.hidden("version").expect("a form");
        let fields = [("version", version.as_str()), ("text", pasted)];
        let page = lan.post_from(PAGE, &path, &fields).await;
        page.shows("1 người sẽ được thêm, 1 người đã ở trong nhóm, 3 dòng sai.");
        page.shows("Không có tài khoản với địa chỉ này").shows("Trùng với một dòng trên");
        page.shows("Không phải địa chỉ thư").shows("Đã ở trong nhóm").hides("id=\"join\"");
        page.shows("khong.co\nan@danang.example\nchi");
    }
    assert_eq!(members(&house).await, ["chi@danang.example"], "all of it or nothing");
    for text in ["", " ,; ", &"an ".repeat(501)] {
        let page = lan.post_from(PAGE, &format!("{PAGE}/members/preview"), &[("text", text)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.shows("Danh sách phải có từ 1 đến 500 địa chỉ.");
    }
}

#[tokio::test]
async fn of_two_administrators_at_once_the_second_one_looks_again() {
    let house = house().await;
    let (mut lan, mut tuan) = (signed_in(&house, "lan").await, signed_in(&house, "tuan").await);
    let old = tuan.get(PAGE).await.hidden("version").expect("a form");
    let first: i64 = old.parse().expect("a number");
    join(&mut lan, "an").await.leads_to("/groups/to-cds?joined=1");
    let late = join_seen(&mut tuan, &old, "binh").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("Nhóm đã thay đổi từ lúc xem").shows("an@danang.example").shows(">binh</textarea>");
    let an = house.account("an").await.id().to_string();
    for (path, fields) in [
        ("members/remove", &[("version", old.as_str()), ("member", an.as_str())][..]),
        ("name", &[("version", old.as_str()), ("name", "Tên khác")]),
        ("remove", &[("version", old.as_str())]),
    ] {
        let late = tuan.post_from(PAGE, &format!("{PAGE}/{path}"), fields).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{path}");
    }
    assert_eq!(members(&house).await, ["an@danang.example"]);
    groups::join(&house.app, Actor::CommandLine, CODE, &address("chi")).await.expect("joined");
    let version = groups::find(&house.app, CODE).await.expect("it is there").0.version;
    assert_eq!(version, first + 2, "the command line is a second hand, too");
}

#[tokio::test]
async fn a_form_of_a_group_that_was_dissolved_says_nothing_of_the_one_that_was_made_anew() {
    let house = house().await;
    let mut tuan = signed_in(&house, "tuan").await;
    let old = tuan.get(PAGE).await.hidden("version").expect("a form");
    groups::dissolve(&house.app, Actor::CommandLine, CODE).await.expect("dissolved");
    house.pass(time::Duration::seconds(1));
    groups::make(&house.app, Actor::CommandLine, CODE, "Tổ khác").await.expect("made");
    let late = tuan.post_from(PAGE, &format!("{PAGE}/remove"), &[("version", old.as_str())]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn who_is_in_a_group_decides_at_once_on_the_tile_and_the_sign_in() {
    let house = house().await;
    let one = application(&house).await;
    let mut lan = signed_in(&house, "lan").await;
    let mut an = house.browser();
    an.sign_in("an", PASSWORD).await.leads_to("/");
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", one.client.client_id.as_str())
        .append_pair("redirect_uri", CALLBACK)
        .append_pair("response_type", "code")
        .append_pair("scope", "openid")
        .finish();
    let ask = format!("/authorize?{query}");
    an.get("/").await.hides("Phòng họp trực tuyến");
    assert_eq!(an.get(&ask).await.status, StatusCode::FORBIDDEN);
    lan.get(PAGE).await.shows("Phòng họp trực tuyến").hides("id=\"dissolve\"");

    join(&mut lan, "an").await.leads_to("/groups/to-cds?joined=1");
    an.get("/").await.shows("Phòng họp trực tuyến");
    let entered = an.get(&ask).await.location.unwrap_or_default();
    assert!(entered.starts_with(CALLBACK) && entered.contains("code="), "{entered}");

    leave(&house, &mut lan, "an").await.leads_to("/groups/to-cds?note=left");
    an.get("/").await.hides("Phòng họp trực tuyến");
    assert_eq!(an.get(&ask).await.status, StatusCode::FORBIDDEN);

    // As long as an application is for it, it stays.
    let version = lan.get(PAGE).await.hidden("version").expect("a form");
    let kept = lan.post_from(PAGE, &format!("{PAGE}/remove"), &[("version", version.as_str())]).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    kept.shows("Đang có ứng dụng dành cho nhóm này");
    lan.get("/groups").await.shows("Phòng họp trực tuyến");
}

#[tokio::test]
async fn a_large_group_is_read_page_by_page_and_an_auditor_changes_nothing() {
    let house = house().await;
    for n in 0..60 {
        house.add(&format!("nv{n:02}"), &[Ad]);
    }
    house.sync().await;
    let mut lan = signed_in(&house, "lan").await;
    let everybody: Vec<_> = (0..60).map(|n| format!("nv{n:02}")).collect();
    join(&mut lan, &everybody.join("\n")).await.leads_to("/groups/to-cds?joined=60");
    let first = lan.get(PAGE).await;
    first.shows("60 người.").shows("nv49@danang.example").hides("nv50@danang.example");
    let next = "/groups/to-cds?after=nv49%40danang.example";
    first.shows(next);
    // Whoever goes meanwhile moves nobody off the next page.
    leave(&house, &mut lan, "nv00").await.leads_to("/groups/to-cds?note=left");
    lan.get(next)
        .await
        .shows("nv50@danang.example")
        .shows("nv59@danang.example")
        .hides("nv49@danang.example");
    let mut auditor = signed_in(&house, "kiemtra").await;
    auditor.get(PAGE).await.shows("nv01@danang.example").hides("<form method=\"post\" action=\"/groups");
    let refused = auditor.post_from("/role", "/groups", &[("name", "x"), ("code", "x")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
