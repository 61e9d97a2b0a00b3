//! Agencies, posts and roles as a table; posts in the portal and in what applications are told.

use crate::house::{Answer, Browser, House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::sync::{self, Order, StartedBy};
use danang_sso::services::{access_review, accounts, admins, posts};
use danang_sso::storage::{administrators, audit_search};
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    for local in ["quantri", "an"] {
        house.add(local, &[Ad]);
    }
    house.add_with("dung", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".into()), name: "Sở Nội vụ".into() });
    });
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    house
}

async fn city(house: &House) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    browser
}

async fn look(browser: &mut Browser, table: &str, text: &str) -> Answer {
    let page = format!("/import?table={table}");
    browser.post_from(&page, "/import/preview", &[("table", table), ("text", text)]).await
}

/// Looks at a table and enters it.
async fn enter(browser: &mut Browser, table: &str, text: &str) -> Answer {
    let mark = look(browser, table, text).await.hidden("mark").expect("it can be entered");
    let page = format!("/import?table={table}");
    browser.post_from(&page, "/import", &[("table", table), ("text", text), ("mark", &mark)]).await
}

async fn acts(house: &House, act: Act) -> usize {
    let search = audit_search::Search { act: Some(act), ..audit_search::Search::default() };
    audit_search::page(&house.app.db, &search, None, 100).await.expect("reads").len()
}

#[tokio::test]
async fn a_table_of_agencies_is_looked_at_and_entered_whole_or_not_at_all() {
    let house = house().await;
    let mut city = city(&house).await;
    let wrong = "code,name,parent\nso-nv,Sở Nội vụ thành phố,\ntt-moi,Trung tâm mới,\nPhòng,x,\ntt-luutru,Trung tâm Lưu trữ,khong-co\n\
                 a,A,b\nb,B,a\nso-nv,Lần nữa,";
    let seen = look(&mut city, "agencies", wrong).await;
    seen.shows("Cơ quan đang có tên khác").shows("Mã chỉ gồm chữ thường").hides("name=\"mark\"");
    seen.shows("Không có cơ quan với mã này")
        .shows("không thể nằm dưới chính nó")
        .shows("Trùng với một dòng trên");
    seen.shows("1 dòng có thay đổi, 0 dòng giữ nguyên, 6 dòng sai.");
    let forced =
        city.post_from("/import", "/import", &[("table", "agencies"), ("text", wrong), ("mark", "x")]).await;
    assert_eq!(forced.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = "Name;Code;Parent\r\nTrung tâm Lưu trữ;tt-luutru;so-nv\r\nSở Nội vụ;so-nv;\r\n\
                 Phòng <b>Tổ chức</b>;phong-tc;tt-luutru\r\n";
    look(&mut city, "agencies", right).await.shows("Phòng &#60;b&#62;Tổ chức").shows("Nhập 2 dòng");
    let all = || async { accounts::agencies(&house.app).await.expect("reads") };
    assert!(all().await.iter().all(|agency| agency.code != "tt-luutru"), "looking writes nothing");
    enter(&mut city, "agencies", right).await.leads_to("/import?table=agencies&done=2");
    city.get("/import?table=agencies&done=2").await.shows("Đã nhập 2 dòng");
    let agencies = all().await;
    let of = |code: &str| agencies.iter().find(|agency| agency.code == code).expect("it is there");
    assert_eq!(of("tt-luutru").parent_id, Some(of("so-nv").id));
    assert_eq!(of("phong-tc").parent_id, Some(of("tt-luutru").id));
    look(&mut city, "agencies", right).await.shows("0 dòng có thay đổi, 3 dòng giữ nguyên");
    enter(&mut city, "agencies", "code,name,parent\ntt-luutru,Trung tâm Lưu trữ,-").await;
    let agencies = all().await;
    assert_eq!(agencies.iter().find(|agency| agency.code == "tt-luutru").expect("there").parent_id, None);
    let told = (acts(&house, Act::AgencyEntered).await, acts(&house, Act::AgencyMoved).await);
    assert_eq!((told, acts(&house, Act::TableEntered).await), ((2, 3), 2));
}

#[tokio::test]
async fn what_changed_since_the_look_is_looked_at_again() {
    let house = house().await;
    let mut city = city(&house).await;
    let text = "address,title,agency\nan,Phó Giám đốc,so-nv";
    let mark = look(&mut city, "posts", text).await.hidden("mark").expect("it can be entered");
    let other = "address,title,agency\nan,Ủy viên,so-nv";
    for (text, mark) in [(other, mark.as_str()), (text, "")] {
        let fields = [("table", "posts"), ("text", text), ("mark", mark)];
        let answer = city.post_from("/import?table=posts", "/import", &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        answer.shows("Có thay đổi từ lúc xem trước").shows("name=\"mark\"");
    }
    let an = house.account("an").await;
    assert_eq!(posts::of(&house.app, &an).await.expect("reads").len(), 1);
    // Long after the sign-in it is asked who is there.
    house.pass(Duration::minutes(6));
    let mut late = house.admin_browser();
    late.sign_in("quantri", PASSWORD).await;
    house.pass(Duration::minutes(4));
    late.get("/").await;
    house.pass(Duration::minutes(2));
    late.get("/import?table=posts").await.leads_to("/confirm?back=%2Fimport%3Ftable%3Dposts");
}

#[tokio::test]
async fn somebody_with_several_posts_picks_one_and_a_post_that_ends_is_worked_in_no_more() {
    let house = house().await;
    let mut city = city(&house).await;
    let mut an = house.browser();
    an.sign_in("an", PASSWORD).await.leads_to("/");
    an.get("/account").await.hides("id=\"posts\"");
    let text = "address;title;agency\nan@danang.example;Ủy viên <i>Ban</i> Chỉ đạo;so-nv\nnobody;x;so-nv";
    look(&mut city, "posts", text).await.shows("Không có người nào với địa chỉ này").hides("name=\"mark\"");
    let twice = "address;title;agency\nan@danang.example;x;so-nv\nan;x;so-nv\nquantri;Giám đốc;so-nv";
    let seen = look(&mut city, "posts", twice).await;
    seen.shows("Trùng với một dòng trên").shows("Không ai tự thay đổi quyền").hides("name=\"mark\"");
    let text = "address;title;agency\nan@danang.example;Ủy viên <i>Ban</i> Chỉ đạo;so-nv";
    enter(&mut city, "posts", text).await.leads_to("/import?table=posts&done=1");
    let page = an.get("/account").await;
    page.shows("Ủy viên &#60;i&#62;Ban").shows("Sở Nội vụ").shows("theo hệ thống thư");
    let account = house.account("an").await;
    let all = posts::of(&house.app, &account).await.expect("reads");
    assert!(all[0].is_active && all[0].id.is_none(), "{all:?}");
    let other = all[1].id.expect("an id").to_string();
    an.get("/").await.shows("an@danang.example · Chuyên viên · Sở Khoa học và Công nghệ");
    an.post_from("/account", "/account/post", &[("post", &other)]).await.leads_to("/account?note=post");
    an.get("/")
        .await
        .shows("an@danang.example · Ủy viên &#60;i&#62;Ban&#60;/i&#62; Chỉ đạo · Sở Nội vụ")
        .hides("Chuyên viên");
    let all = posts::of(&house.app, &account).await.expect("reads");
    assert_eq!(all[0].agency.as_ref().map(|agency| agency.code.as_str()), Some("so-nv"));
    // Nobody works in the post of somebody else.
    let mut dung = house.browser();
    dung.sign_in("dung", PASSWORD).await;
    let theft = dung.post_from("/account", "/account/post", &[("post", &other)]).await;
    assert_eq!(theft.status, StatusCode::NOT_FOUND);
    an.post_from("/account", "/account/post", &[("post", "directory")]).await.leads_to("/account?note=post");
    an.post_from("/account", "/account/post", &[("post", &other)]).await.leads_to("/account?note=post");
    let ends = format!("{}\n", text.replace("agency\n", "agency;end\n")).replace("so-nv\n", "so-nv;x\n");
    look(&mut city, "posts", &ends).await.shows("kết thúc");
    enter(&mut city, "posts", &ends).await.leads_to("/import?table=posts&done=1");
    let all = posts::of(&house.app, &account).await.expect("reads");
    assert!(all.len() == 1 && all[0].is_active);
    assert_eq!((acts(&house, Act::PostChosen).await, acts(&house, Act::PostEnded).await), (3, 1));
}

#[tokio::test]
async fn whoever_has_left_holds_no_post_any_more_and_comes_back_without_one() {
    let house = house().await;
    let mut city = city(&house).await;
    let text = "address;title;agency\nan;Ủy viên;so-nv\ndung;Ủy viên;so-nv";
    enter(&mut city, "posts", text).await.leads_to("/import?table=posts&done=2");
    let whole = async || {
        let everything = Order { everything: true, ..Order::default() };
        sync::run_as(&house.app, &StartedBy::CommandLine, &everything).await.expect("it runs")
    };
    house.ad.remove("an");
    house.sync().await;
    let an = house.account("an").await;
    assert_eq!(posts::of(&house.app, &an).await.expect("reads").len(), 2, "locked, perhaps by mistake");
    house.pass(Duration::days(91));
    whole().await;
    assert_eq!(acts(&house, Act::PostEnded).await, 1);
    assert_eq!(posts::of(&house.app, &an).await.expect("reads").len(), 1);
    house.add("an", &[Ad]);
    whole().await;
    assert_eq!(posts::of(&house.app, &house.account("an").await).await.expect("reads").len(), 1);
    let dung = house.account("dung").await;
    assert_eq!(posts::of(&house.app, &dung).await.expect("reads").len(), 2);
}

#[tokio::test]
async fn a_post_that_an_access_review_withdraws_ends() {
    let house = house().await;
    let mut city = city(&house).await;
    enter(&mut city, "posts", "address;title;agency\nan;Ủy viên;so-nv").await;
    let opened = city.post_from("/reviews", "/reviews", &[("days", "30")]).await;
    let at = opened.location.expect("a place");
    let page = city.get(&at).await;
    page.shows("Ủy viên, Sở Nội vụ").shows("Chức vụ do thành phố nhập");
    let of_post = page.body.split("name=\"item.post.").nth(1).expect("a box");
    let field = format!("item.post.{}", of_post.split('"').next().expect("an id"));
    let fields = [(field.as_str(), "0"), ("verdict", "withdraw"), ("reason", "Hết nhiệm kỳ")];
    city.post_from(&at, &format!("{at}/decide"), &fields).await.leads_to(&format!("{at}?note=said"));
    let an = house.account("an").await;
    assert_eq!(posts::of(&house.app, &an).await.expect("reads").len(), 2, "said, not done");
    let done = city.post_from(&at, &format!("{at}/apply"), &[("number", "1")]).await;
    done.leads_to(&format!("{at}?note=ordered"));
    access_review::carry_on(&house.app).await.expect("carried out");
    city.get(&at).await.shows("Đã thực hiện: 1;");
    assert_eq!(posts::of(&house.app, &an).await.expect("reads").len(), 1);
    assert_eq!(acts(&house, Act::PostEnded).await, 1);
}

#[tokio::test]
async fn a_table_of_roles_grants_them_over_agencies_and_never_over_the_city() {
    let house = house().await;
    let mut city = city(&house).await;
    let wrong = "address,role,agency,reason,until\ndung,city,so-nv,x,\nquantri,agency,so-nv,x,\nan,help-desk,so-nv,x,01/01/2020\n\
                 dung,agency,,x,\n";
    let seen = look(&mut city, "roles", wrong).await;
    seen.shows("Không có vai trò này")
        .shows("Không ai tự thay đổi quyền")
        .shows("Ngày chưa đúng")
        .shows("Thiếu co_quan (agency)");
    let text = "address,role,agency,reason,until\nan,help-desk,so-nv,QĐ 12,31/12/2026\n";
    enter(&mut city, "roles", text).await.leads_to("/import?table=roles&done=1");
    let an = house.account("an").await;
    let held = administrators::of_account(&house.app.db, an.id(), house.app.now()).await.expect("reads");
    assert_eq!((held.len(), held[0].role, held[0].why.as_str()), (1, Role::HelpDesk, "QĐ 12"));
    look(&mut city, "roles", text).await.shows("1 dòng giữ nguyên");
    look(&mut city, "roles", &text.replace("help-desk", "agency"))
        .await
        .shows("Thay đổi; trước đây: help-desk");
}

#[tokio::test]
async fn a_large_table_is_taken_and_one_that_is_too_large_is_told() {
    let house = house().await;
    let mut city = city(&house).await;
    let lines: Vec<_> =
        (0..1_500).map(|n| format!("don-vi-{n},Đơn vị sự nghiệp công lập số {n},\n")).collect();
    let many = lines.concat();
    let text = format!("code,name,parent\n{many}");
    look(&mut city, "agencies", &text).await.shows("Nhập 1.500 dòng").shows("200");
    let more = format!("{text}{}", many.replace("don-vi", "phong").repeat(2));
    let answer = look(&mut city, "agencies", &more).await;
    assert!(!answer.status.is_success(), "{}", answer.status);
}
