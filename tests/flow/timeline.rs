//! The timeline of an account: everything recorded of it, in order, page by page, within reach only.

use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::{Act, Actor, Entry};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::admins;
use danang_sso::storage::audit;
use time::Duration;

async fn house() -> House {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    house.add_with("quantrinv", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.add_with_default("an", &[Ad, Obm], house.app.now());
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    house
}

async fn administrator(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn timeline_of(house: &House, local: &str) -> String {
    format!("/accounts/{}/timeline", house.account(local).await.id())
}

fn in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let at = rest.find(word).unwrap_or_else(|| panic!("{word:?} does not come next in:\n{rest}"));
        rest = &rest[at + word.len()..];
    }
}

#[tokio::test]
async fn a_life_is_told_from_the_first_day_to_the_unlock_day_by_day() {
    let house = house().await;
    let mut person = house.browser();
    person.sign_in("an", PASSWORD).await;
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    house.pass(Duration::days(1));
    let mut admin = administrator(&house, "quantri").await;
    let (page, timeline) =
        (format!("/accounts/{}", house.account("an").await.id()), timeline_of(&house, "an").await);
    admin.post_from(&page, &format!("{page}/lock"), &[("reason", "Nghi lộ mật khẩu")]).await;
    house.pass(Duration::minutes(2));
    admin.post_from(&page, &format!("{page}/unlock"), &[("reason", "Đã xác minh")]).await;
    admin.get(&page).await.shows(&timeline);
    let oldest = admin.get(&timeline).await;
    let story = [
        "thứ Hai, 02/03/2026",
        "tạo tài khoản",
        "an@danang.example đăng nhập",
        "an@danang.example đổi mật khẩu",
        "Ở: Thư Exchange, Thư OBM",
        "thứ Ba, 03/03/2026",
        "Quản trị viên quantri@danang.example khóa tài khoản",
        "Nghi lộ mật khẩu",
        "mở khóa tài khoản",
        "Đã xác minh",
        "Lập lúc",
    ];
    in_order(&oldest.body, &story);
    oldest.shows("Sở Khoa học và Công nghệ").hides("rel=\"next\"");
    let newest = admin.get(&format!("{timeline}?order=newest")).await;
    in_order(
        &newest.body,
        &["thứ Ba, 03/03/2026", "mở khóa tài khoản", "thứ Hai, 02/03/2026", "tạo tài khoản"],
    );
}

#[tokio::test]
async fn a_long_life_is_told_in_pages_of_two_hundred_lines() {
    let house = house().await;
    let account = house.account("an").await;
    let entry = |n: i64| {
        let at = house.app.now().plus(Duration::seconds(n));
        Entry::about(at, Actor::CommandLine, Act::Locked, &account).because(format!("dòng số {n};"))
    };
    let entries: Vec<_> = (0..450).map(entry).collect();
    let mut tx = house.app.db.begin().await.expect("begins");
    audit::append(&mut tx, &entries).await.expect("appended");
    tx.commit().await.expect("commits");
    let mut admin = administrator(&house, "quantri").await;
    let start = timeline_of(&house, "an").await;
    for first in [start.clone(), format!("{start}?order=newest")] {
        let (mut address, mut lines, mut pages) = (first, std::collections::BTreeSet::new(), 0);
        loop {
            let page = admin.get(&address).await;
            let on_page = page.body.matches("<li class=").count();
            assert!(on_page <= 200, "{on_page}");
            let numbers = page.body.split("dòng số ").skip(1).filter_map(|rest| rest.split(';').next());
            lines.extend(numbers.map(str::to_owned));
            pages += 1;
            let Some(at) = page.body.find("rel=\"next\"") else { break };
            let tag = &page.body[page.body[..at].rfind("<a ").expect("a link")..at];
            let href = tag.split("href=\"").nth(1).and_then(|rest| rest.split('"').next());
            address = href.expect("an address").replace("&#38;", "&").replace("&amp;", "&");
        }
        assert_eq!((lines.len(), pages), (450, 3), "every line once");
    }
}

#[tokio::test]
async fn nobody_reads_it_beyond_the_own_reach() {
    let house = house().await;
    let mut admin = administrator(&house, "quantrinv").await;
    let beyond = timeline_of(&house, "an").await;
    assert_eq!(admin.get(&beyond).await.status, StatusCode::NOT_FOUND);
    let nobody = "/accounts/00000000-0000-7000-8000-000000000000/timeline";
    assert_eq!(admin.get(nobody).await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.get("/accounts/x/timeline").await.status, StatusCode::NOT_FOUND);
    let own = timeline_of(&house, "quantrinv").await;
    for odd in ["?after=x", "?after=-1", "?after=99999999999999999999", "?order=%3Cb%3E"] {
        assert_eq!(admin.get(&format!("{own}{odd}")).await.status, StatusCode::OK, "{odd}");
    }
    house.admin_browser().get(&own).await.leads_to("/sign-in");
    assert_eq!(house.browser().get(&own).await.status, StatusCode::NOT_FOUND, "not at the staff's door");
}
