//! The list of accounts in the console: search, chips, orders, pages, and the list as a file.

use crate::house::{Answer, Browser, House, PASSWORD};
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::services::account_list::{self, Due, Narrowed, Order, Place};
use danang_sso::services::{admins, lock};
use time::macros::{date, datetime};

/// Names as directories may hold them: each is shown as it is and does nothing.
const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script> Xấu",
    "\"><img src=x onerror=alert(1)> Xấu",
    "=HYPERLINK(\"http://evil.example\") Xấu",
    "{{7*7}} Xấu",
];

/// Administrators of the city and of so-nv; people of two agencies.
async fn house() -> House {
    let house = House::build().await;
    let now = house.app.now();
    house.add_with("quantri", &[Ad], |seen| seen.password_set_at = Some(now));
    for (local, name, systems) in [
        ("an", "Nguyễn Văn Ân", &[Ad, Obm][..]),
        ("binh", "Đỗ Thị Bình", &[Ad]),
        ("chi", "Trần Lê Chi", &[Obm]),
    ] {
        house.add_with(local, systems, |seen| {
            name.clone_into(&mut seen.display_name);
            seen.staff_number = Some(format!("CB-{local}-77"));
        });
    }
    for (local, name) in [("quantrinv", "Lê Quản Trị"), ("dung", "Phạm Dũng")] {
        house.add_with(local, &[Ad], |seen| {
            name.clone_into(&mut seen.display_name);
            seen.agency = Some(SeenAgency { code: Some("so-nv".into()), name: "Sở Nội vụ".into() });
        });
    }
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

/// The local parts of the addresses on a page, in its order.
fn listed(answer: &Answer) -> Vec<String> {
    let table = answer.body.split("<tbody>").nth(1).unwrap_or_default();
    let parts: Vec<_> = table.split("@danang.example").collect();
    let ends = parts.iter().take(parts.len().saturating_sub(1));
    ends.map(|part| part.rsplit('>').next().unwrap_or_default().to_owned()).collect()
}

async fn list(browser: &mut Browser, query: &str) -> Vec<String> {
    listed(&browser.get(&format!("/accounts?{query}")).await)
}

#[tokio::test]
async fn one_box_finds_by_name_address_staff_number_and_agency_in_any_order() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    for (words, expected) in [
        ("nguyen+van", &["an"][..]),
        ("%C3%82n+V%C4%83n+Nguy%E1%BB%85n", &["an"]),
        ("do+thi", &["binh"]),
        ("chi%40danang", &["chi"]),
        ("cb-chi-77", &["chi"]),
        ("noi+vu", &["dung", "quantrinv"]),
        ("dung+noi", &["dung"]),
        ("van+a", &["an"]),
        ("guyen+van", &[]),
        ("bi%25nh", &[]),
        ("b_nh", &[]),
    ] {
        assert_eq!(list(&mut admin, &format!("q={words}")).await, expected, "{words}");
    }
    let page = admin.get("/accounts?q=%22%3E%3Cscript%3E").await;
    page.hides("<script>\"").hides("\"><script>").shows("Không có tài khoản nào khớp");
}

#[tokio::test]
async fn chips_narrow_by_state_reason_kind_system_and_term() {
    let house = house().await;
    let chi = house.account("chi").await;
    lock::enforce(&house.app, &chi, LockReason::PasswordTooOld, Actor::Job("deadlines"))
        .await
        .expect("locked");
    let mut admin = administrator(&house, "quantri").await;
    assert_eq!(list(&mut admin, "state=locked").await, ["chi"]);
    assert_eq!(list(&mut admin, "lock=password_too_old").await, ["chi"]);
    assert_eq!(list(&mut admin, "lock=inactive").await, [""; 0]);
    assert_eq!(list(&mut admin, "system=both").await, ["an"]);
    assert_eq!(list(&mut admin, "system=obm").await, ["chi"]);
    assert_eq!(list(&mut admin, "kind=service").await, [""; 0]);
    assert_eq!(list(&mut admin, "kind=person&state=active&system=ad&q=binh").await, ["binh"]);
    // Set a month ago, good for six: the term ends in the first days of August, an administrator's much earlier.
    assert_eq!(list(&mut admin, "due=2026-07-30&q=van").await, [""; 0]);
    assert_eq!(list(&mut admin, "due=2026-08-31&q=van").await, ["an"]);
    assert_eq!(list(&mut admin, "due=over").await, [""; 0]);
    let chosen = admin.get("/accounts?due=over&q=an").await;
    chosen.shows("aria-current=\"true\">Đã quá hạn").shows("value=\"over\"");
}

#[tokio::test]
async fn a_term_that_is_over_is_listed_as_that_and_not_as_coming() {
    let house = house().await;
    house.set_time(datetime!(2026-08-03 09:00 +7));
    let by = Administrator::holding(&house.account("quantri").await, Role::City, Reach::City);
    for (due, expected) in [(Due::Over, true), (Due::By(Timestamp::end_of(date!(2026 - 12 - 31))), false)] {
        let narrowed = Narrowed { due: Some(due), search: "nguyen van an".to_owned(), ..Narrowed::default() };
        let list = account_list::page(&house.app, &by, &narrowed, Order::default(), Place::Beginning)
            .await
            .expect("reads");
        assert_eq!((list.total, list.rows.len()), (i64::from(expected), usize::from(expected)), "{due:?}");
    }
}

#[tokio::test]
async fn the_systems_of_an_account_follow_its_mailboxes() {
    let house = house().await;
    house.obm.remove("an");
    house.add("binh", &[Obm]);
    house.pass(time::Duration::minutes(10));
    house.sync().await;
    let mut admin = administrator(&house, "quantri").await;
    assert_eq!(list(&mut admin, "system=both").await, ["binh"]);
    assert!(list(&mut admin, "system=ad").await.contains(&"an".to_owned()));
}

#[tokio::test]
async fn people_stand_in_the_order_of_given_names_and_every_page_leads_on_and_back() {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for n in 0..120 {
        house.add_with(&format!("nv{n:03}"), &[Ad], |seen| seen.display_name = format!("Lê Văn {n:03}"));
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    for query in ["", "order=down", "sort=due", "sort=since&order=down", "q=nv"] {
        let (mut seen, mut pages) = (Vec::new(), Vec::new());
        let mut next = Some(format!("/accounts?{query}"));
        while let Some(address) = next {
            let page = admin.get(&address).await;
            seen.extend(listed(&page));
            next = link(&page, "next-page");
            pages.push((address, page));
        }
        let total = if query.starts_with('q') { 120 } else { 121 };
        assert_eq!((seen.len(), pages.len()), (total, 3), "{query}");
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), total, "{query}: nobody is met twice");
        let back = link(&pages[2].1, "previous-page").expect("a way back");
        assert_eq!(listed(&admin.get(&back).await), listed(&pages[1].1), "{query}");
        assert_eq!(link(&pages[0].1, "previous-page"), None, "{query}");
    }
    assert_eq!(list(&mut admin, "").await[..3], ["nv000", "nv001", "nv002"]);
    assert_eq!(
        list(&mut admin, "order=down").await[..2],
        ["quantri", "nv119"],
        "given names: … 119, QUANTRI"
    );
}

#[tokio::test]
async fn the_next_page_begins_where_this_one_ended_though_its_last_person_is_called_otherwise_by_then() {
    let house = House::build().await;
    for n in 0..60 {
        house.add_with(&format!("nv{n:03}"), &[Ad], |seen| seen.display_name = format!("Lê Văn {n:03}"));
    }
    house.sync().await;
    let address = MailAddress::parse("nv000@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut admin = administrator(&house, "nv000").await;
    let page = admin.get("/accounts").await;
    assert_eq!(listed(&page).last().map(String::as_str), Some("nv049"));
    house.ad.edit("nv049", |seen| "Lê Văn 999".clone_into(&mut seen.display_name));
    house.pass(time::Duration::minutes(1));
    house.sync().await;
    let next = admin.get(&link(&page, "next-page").expect("a next page")).await;
    let met = listed(&next);
    assert_eq!((met.len(), met[0].as_str(), met[10].as_str()), (11, "nv050", "nv049"));
}

fn link(page: &Answer, id: &str) -> Option<String> {
    let before = page.body.split(&format!("id=\"{id}\"")).next().filter(|_| page.body.contains(id))?;
    let href = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(href.replace("&#38;", "&").replace("&amp;", "&"))
}

#[tokio::test]
async fn an_agencys_administrator_lists_and_exports_only_the_own_agency() {
    let house = house().await;
    let mut admin = administrator(&house, "quantrinv").await;
    let other = house.account("an").await.id();
    let agency = house.account("an").await.profile().agency_id.expect("an agency");
    for query in [
        String::new(),
        format!("agency={agency}"),
        format!("after={other}"),
        format!("before={other}"),
        "q=nguyen".to_owned(),
        "q=khoa+hoc".to_owned(),
    ] {
        for path in ["/accounts", "/accounts.csv"] {
            let page = admin.get(&format!("{path}?{query}")).await;
            // Another agency is not there.
            let expected = if query.starts_with("agency=") { 404 } else { 200 };
            assert_eq!(page.status, expected, "{path}?{query}");
            page.hides("an@danang").hides("Nguyễn Văn Ân").hides("binh@danang");
        }
    }
    assert_eq!(list(&mut admin, "").await, ["dung", "quantrinv"]);
    admin.get("/accounts.csv").await.shows("dung@danang.example");
    assert_eq!(list(&mut admin, &format!("after={other}")).await, ["dung", "quantrinv"]);
}

#[tokio::test]
async fn the_file_has_the_columns_of_the_compliance_table_and_leaves_a_line_in_the_audit() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let file = admin.get("/accounts.csv?q=dung&state=active").await;
    file.shows("\u{feff}\"Loại tài khoản\",\"Họ và tên\"")
        .shows("\"Người quản lý\"")
        .shows("\"Ngày kích hoạt\"");
    file.shows("\"Cá nhân\",\"Phạm Dũng\",\"dung@danang.example\",\"\",\"Chuyên viên\",\"Sở Nội vụ\",\"so-nv\",\"Lê Quản Trị\",\"Exchange\",\"Đang hoạt động\"");
    assert_eq!(file.body.lines().count(), 2, "{}", file.body);
    let header =
        |name: &str| file.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    assert!(header("content-disposition").contains("attachment") && header("content-type").contains("csv"));
    let exported = exports(&house).await;
    assert_eq!(exported, [("csv".to_owned(), "1 q=dung state=active".to_owned())]);
}

#[tokio::test]
async fn the_workbook_is_one() {
    let house = house().await;
    let mut admin = administrator(&house, "quantri").await;
    let file = admin.get("/accounts.xlsx").await;
    assert!(file.status.is_success() && file.body.starts_with("PK\u{3}\u{4}"), "{}", file.status);
    assert_eq!(exports(&house).await, [("xlsx".to_owned(), "6".to_owned())]);
}

/// What was exported, by the audit.
async fn exports(house: &House) -> Vec<(String, String)> {
    let danang_sso::storage::Db::Sqlite { readers, .. } = &house.app.db else { panic!("SQLite") };
    let rows = "SELECT subject, after FROM audit WHERE act = 'accounts_exported' ORDER BY seq";
    sqlx::query_as(rows).fetch_all(readers).await.expect("reads")
}

#[tokio::test]
async fn what_a_directory_puts_into_a_name_is_shown_and_does_nothing() {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for (n, name) in HOSTILE.iter().enumerate() {
        house.add_with(&format!("xau{n}"), &[Ad], |seen| {
            (*name).clone_into(&mut seen.display_name);
            seen.title = Some((*name).to_owned());
            seen.staff_number = Some((*name).to_owned());
            seen.agency = Some(SeenAgency { code: Some(format!("x{n}")), name: (*name).to_owned() });
        });
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    let page = admin.get("/accounts?q=xau").await;
    assert_eq!(listed(&page).len(), 4);
    page.hides("<script>alert").hides("<img src=x").shows("{{7*7}}");
    let file = admin.get("/accounts.csv?q=xau").await;
    file.hides("\"=HYPERLINK").shows("\"'=HYPERLINK(\"\"http://evil.example\"\") Xấu\"");
    for n in 0..4 {
        let account = house.account(&format!("xau{n}")).await.id();
        for path in [format!("/accounts/{account}"), format!("/accounts/{account}/timeline")] {
            admin.get(&path).await.hides("<script>alert").hides("<img src=x");
        }
    }
}

#[tokio::test]
async fn a_list_of_a_hundred_and_fifty_rows_stays_below_a_hundred_kilobytes() {
    let house = House::build().await;
    house.add("quantri", &[Ad]);
    for n in 0..60 {
        house.add_with(&format!("nguyenthihongngoc.nhanvien{n:03}"), &[Ad, Obm], |seen| {
            seen.display_name = format!("Công Tằng Tôn Nữ Nguyễn Thị Hồng Ngọc {n:03}");
        });
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    let page = admin.get("/accounts?q=ngoc").await;
    assert_eq!(listed(&page).len(), 50);
    assert!(page.body.len() < 62_000, "{} bytes", page.body.len());
}
