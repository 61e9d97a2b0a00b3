//! The agencies: how well each keeps the regulation, its month, whom its staff ask, its place in the tree.

use crate::house::{Browser, House, NEW_PASSWORD, PASSWORD};
use crate::package;
use axum::http::StatusCode;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::jobs::{self, KeepMonths};
use danang_sso::services::roles::{self, By};
use danang_sso::services::{accounts, admins, agency_months, compliance, lock};
use time::Duration;
use time::macros::datetime;

async fn house() -> House {
    filled(House::build().await).await
}

async fn filled(house: House) -> House {
    house.add("quantri", &[Ad]);
    let of = |local: &str, code: &str, name: &str| {
        house.add_with(local, &[Ad], |seen| {
            seen.agency = Some(SeenAgency { code: Some(code.to_owned()), name: name.to_owned() });
        });
    };
    for local in ["quantrinv", "an", "binh", "chau"] {
        of(local, "so-nv", "Sở Nội vụ");
    }
    of("dung", "so-tc", "Sở Tài chính");
    of("em", "tt-luutru", "Trung tâm Lưu trữ");
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

async fn id_of(house: &House, code: &str) -> String {
    let all = accounts::agencies(&house.app).await.expect("reads");
    all.into_iter().find(|agency| agency.code == code).expect("it is there").id.to_string()
}

async fn lock(house: &House, local: &str, reason: LockReason) {
    let account = house.account(local).await;
    lock::enforce(&house.app, &account, reason, Actor::Job("test")).await.expect("locked");
}

#[tokio::test]
async fn the_numbers_of_an_agency_are_those_of_its_people() {
    let house = house().await;
    lock(&house, "an", LockReason::DefaultPasswordKept).await;
    lock(&house, "binh", LockReason::ByAdministrator).await;
    house.pass(Duration::hours(2));
    let mut city = administrator(&house, "quantri").await;
    let page = format!("/accounts/{}", house.account("binh").await.id());
    city.post_from(&page, &format!("{page}/unlock"), &[("reason", "Đã xác minh")]).await;
    let (by, _) = holder(&house, "quantri").await;
    let lines = compliance::table(&house.app, &by).await.expect("reads");
    let line = lines.iter().find(|line| line.agency.code == "so-nv").expect("a line");
    let own = line.own;
    assert_eq!((own.accounts, own.own_password(), own.locked), (4, 3, 1));
    assert_eq!((own.unlocks, own.mean_unlock_seconds()), (1, Some(2 * 3_600)));
    assert_eq!(line.place, Some((3, 3)), "the other departments have every password in date");
    // Let in again, the first one still has the password that was issued.
    let page = format!("/accounts/{}", house.account("an").await.id());
    city.post_from(&page, &format!("{page}/unlock"), &[("reason", "Đã xác minh")]).await;
    let lines = compliance::table(&house.app, &by).await.expect("reads");
    let own = lines.iter().find(|line| line.agency.code == "so-nv").expect("a line").own;
    assert_eq!((own.own_password(), own.locked), (3, 0));
    let table = city.get("/agencies").await;
    table.shows("Sở Nội vụ").shows("75%").shows("2 giờ 0 phút").shows("3/3").shows("Sở Tài chính");
    let row = row_of_workbook(&city.download("/agencies.xlsx").await, "so-nv");
    let number = |column: &str| {
        let cell = row.split(&format!("<c r=\"{column}")).nth(1).expect("a cell");
        let cell = cell.split("</c>").next().unwrap_or_default();
        assert!(!cell.contains(" t=\""), "a number, not a text: {cell}");
        cell.split("<v>").nth(1).and_then(|rest| rest.split("</v>").next()).unwrap_or_default().to_owned()
    };
    assert_eq!(
        [number("I"), number("J"), number("K"), number("L")],
        ["2", "0", "3", "3"],
        "hours, conflicts, place, peers"
    );
    let worst = city.get("/agencies?sort=password").await;
    let (nv, tc) = (worst.body.find("Sở Nội vụ"), worst.body.find("Sở Tài chính"));
    assert!(nv < tc && nv.is_some(), "the lowest first");
}

#[tokio::test]
async fn agencies_are_found_by_name_without_marks_and_by_code() {
    let house = house().await;
    lock(&house, "an", LockReason::DefaultPasswordKept).await;
    let mut city = administrator(&house, "quantri").await;
    for words in ["noi%20vu", "SO-NV", "v%E1%BB%A5%20s%E1%BB%9F"] {
        let found = city.get(&format!("/agencies?q={words}&sort=fresh")).await;
        found.shows(">Sở Nội vụ</a>").hides(">Sở Tài chính</a>").shows("Mật khẩu còn hạn · Kém nhất trước");
        found.shows("value=\"fresh\" selected").hides("is-depth-");
    }
    let nobody = city.get("/agencies?q=%3Cb%3E").await;
    nobody.shows("Không có cơ quan nào như vậy").shows("value=\"&#60;b&#62;\"");
    let table = city.get("/agencies?sort=drunk").await;
    table.shows(">Sở Tài chính</a>").hides("so-nv").hides("Kém nhất trước</p>");
    // Who is locked is a list that stands out; nobody is a plain zero.
    let id = id_of(&house, "so-nv").await;
    table.shows(&format!("<a href=\"/accounts?agency={id}&#38;state=locked\" class=\"is-wrong\">1</a>"));
    let other = id_of(&house, "so-tc").await;
    table.hides(&format!("/accounts?agency={other}&#38;state=locked"));
}

#[tokio::test]
async fn whoever_is_not_used_and_whoever_has_a_second_factor_is_counted_under_the_own_agency() {
    use danang_sso::domain::policy::settings::Class;
    use danang_sso::storage::{accounts, totp};
    let house = house().await;
    let days = house.app.book().settings.inactive_days(Class::Person);
    house.pass(Duration::days(i64::from(days) + 1));
    let (app, now) = (&house.app, house.app.now());
    let (chau, dung) = (house.account("chau").await.id(), house.account("dung").await.id());
    let mut tx = app.db.begin().await.expect("begins");
    accounts::used(&mut tx, chau, now).await.expect("used");
    tx.commit().await.expect("commits");
    for id in [chau, dung] {
        totp::begin(&app.db, id, b"sealed", 0, (now, now)).await.expect("begun");
    }
    let mut tx = app.db.begin().await.expect("begins");
    assert!(totp::confirm(&mut tx, chau, 1, now, now).await.expect("confirmed"), "the other one only began");
    tx.commit().await.expect("commits");
    let (by, _) = holder(&house, "quantri").await;
    let lines = compliance::table(app, &by).await.expect("reads");
    let of = |code: &str| {
        let own = lines.iter().find(|line| line.agency.code == code).expect("a line").own;
        (own.accounts, own.dormant, own.second_factor)
    };
    assert_eq!((of("so-nv"), of("so-tc"), of("tt-luutru")), ((4, 3, 1), (1, 1, 0), (1, 1, 0)));
}

/// The cells of the row that begins with a code.
fn row_of_workbook(bytes: &[u8], code: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut file = zip.by_name("xl/worksheets/sheet1.xml").expect("a sheet");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut file, &mut text).expect("reads");
    let rest = text.split(&format!("<t>{code}</t>")).nth(1).expect("its row");
    rest.split("</row>").next().unwrap_or_default().to_owned()
}

async fn holder(
    house: &House,
    who: &str,
) -> (danang_sso::domain::admin::Administrator, danang_sso::domain::account::Account) {
    use danang_sso::domain::admin::{Administrator, Reach, Role};
    let account = house.account(who).await;
    (Administrator::holding(&account, Role::City, Reach::City), account)
}

#[tokio::test]
async fn a_branch_adds_up_what_lies_below_it_and_its_administrator_sees_nothing_else() {
    let house = house().await;
    let (nv, luutru, tc) =
        (id_of(&house, "so-nv").await, id_of(&house, "tt-luutru").await, id_of(&house, "so-tc").await);
    let mut city = administrator(&house, "quantri").await;
    let page = format!("/agencies/{luutru}");
    roles::move_agency(&house.app, By::CommandLine, "tt-luutru", Some("so-nv")).await.expect("moved");
    city.get(&page).await.shows(&format!("id=\"up\"><a href=\"/agencies/{nv}\">Sở Nội vụ</a>"));
    let mut branch = administrator(&house, "quantrinv").await;
    branch.get("/agencies").await.shows("Sở Nội vụ").shows("Trung tâm Lưu trữ").hides("Sở Tài chính");
    branch
        .get(&format!("/agencies/{nv}"))
        .await
        .shows("<td data-label=\"Kể cả đơn vị trực thuộc\" class=\"count\">5</td>");
    assert_eq!(branch.get(&format!("/agencies/{tc}")).await.status, StatusCode::NOT_FOUND);
    // Back where it was: the branch has lost it.
    roles::move_agency(&house.app, By::CommandLine, "tt-luutru", None).await.expect("moved");
    assert_eq!(branch.get(&page).await.status, StatusCode::NOT_FOUND);
    let workbook = branch.get("/agencies.xlsx").await;
    assert_eq!(workbook.status, StatusCode::OK);
}

#[tokio::test]
async fn a_month_is_counted_from_the_audit() {
    // The last day of a month.
    let house = filled(House::at(datetime!(2026-03-31 09:00 +7), "").await).await;
    lock(&house, "an", LockReason::DefaultPasswordKept).await;
    let mut person = house.browser();
    person.sign_in("binh", PASSWORD).await;
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    person.post_from("/password", "/password", &fields).await;
    house.browser().sign_in("binh", PASSWORD).await;
    let now = house.app.now().local();
    let month = format!("{:04}-{:02}", now.year(), u8::from(now.month()));
    let page = format!("/agencies/{}", id_of(&house, "so-nv").await);
    house.pass(Duration::days(1));
    let mut city = administrator(&house, "quantri").await;
    let report = city.get(&format!("{page}?month={month}")).await;
    let line = |what: &str| format!("{what}</th><td data-label=\"Số lần\" class=\"count\">1</td>");
    report.shows(&line("Đổi mật khẩu")).shows(&line("Nhập sai mật khẩu")).shows(&line("Đăng nhập lần đầu"));
    report.shows(&line("Khóa: Chưa đổi mật khẩu cấp ban đầu"));
    city.get(&page).await.shows("Trong tháng này không có gì được ghi");
    for wrong in ["2026-13", "x", "9999-01", "-1-1"] {
        let answer = city.get(&format!("{page}?month={wrong}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{wrong}: this month is shown");
    }
}

#[tokio::test]
async fn a_month_is_a_workbook_of_the_agency_and_tells_of_which_day_its_figures_are() {
    let house = filled(House::at(datetime!(2026-03-31 09:00 +7), "").await).await;
    roles::move_agency(&house.app, By::CommandLine, "tt-luutru", Some("so-nv")).await.expect("moved");
    for local in ["an", "em", "dung"] {
        lock(&house, local, LockReason::DefaultPasswordKept).await;
    }
    agency_months::keep(&house.app).await.expect("kept");
    house.pass(Duration::days(1));
    // What comes later is not in it.
    lock(&house, "chau", LockReason::PasswordTooOld).await;
    agency_months::keep(&house.app).await.expect("kept");
    let (nv, tc) = (id_of(&house, "so-nv").await, id_of(&house, "so-tc").await);
    let mut branch = administrator(&house, "quantrinv").await;
    let page = branch.get(&format!("/agencies/{nv}?month=2026-03")).await;
    page.shows("Từ ngày 01/03/2026 đến ngày 31/03/2026.").shows("Số liệu đến ngày 31/03/2026.");
    page.shows("<dd>2/3</dd>").hides("Sở Tài chính");
    let address = format!("/agencies/{nv}/month.xlsx?month=2026-03");
    page.shows(&address);
    let book = package::texts(&branch.download(&address).await).expect("a workbook");
    for line in [
        "Sở Nội vụ",
        "so-nv",
        "Báo cáo tháng 3/2026",
        "Từ ngày 01/03/2026 đến ngày 31/03/2026.",
        "Số liệu đến ngày 31/03/2026.",
        // Its place among the departments of the city, of which this administrator sees one.
        "2/3",
    ] {
        assert!(book.contains(&format!("<t>{line}</t>")), "{line}: {book}");
    }
    // Of `an` and `em` below it, not of `dung`.
    assert_eq!(numbers_beside(&book, "Khóa: Chưa đổi mật khẩu cấp ban đầu"), ["2"]);
    assert_eq!(numbers_beside(&book, "Tài khoản"), ["4", "5"]);
    assert_eq!(numbers_beside(&book, "Đang bị khóa"), ["1", "2"]);
    assert_eq!(numbers_beside(&book, "Mâu thuẫn giữa hai hệ thống thư"), ["0", "0"]);
    assert!(!book.contains("Sở Tài chính") && !book.contains("so-tc"), "{book}");
    let other = branch.get(&format!("/agencies/{tc}/month.xlsx?month=2026-03")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let empty = branch.download(&format!("/agencies/{nv}/month.xlsx?month=2026-02")).await;
    let empty = package::texts(&empty).expect("a workbook");
    assert!(empty.contains("Trong tháng này không có gì được ghi"));
    assert!(empty.contains("Số liệu của tháng đó không được lưu.") && !empty.contains("<t>Đang bị khóa</t>"));
}

#[tokio::test]
async fn figures_that_nobody_took_on_the_last_day_are_taken_late_and_say_so() {
    let house = filled(House::at(datetime!(2026-03-31 09:00 +7), "").await).await;
    let mut city = administrator(&house, "quantri").await;
    let page = format!("/agencies/{}", id_of(&house, "so-nv").await);
    let locked = |number: u8| {
        format!("Đang bị khóa</th><td data-label=\"Riêng cơ quan này\" class=\"count\">{number} (")
    };
    city.get(&page).await.shows("Số liệu đến ngày 31/03/2026.").shows(&locked(0));
    house.set_time(datetime!(2026-04-05 09:00 +7));
    let mut city = administrator(&house, "quantri").await;
    city.get(&format!("{page}?month=2026-03")).await.shows("Số liệu của tháng đó không được lưu.");
    lock(&house, "an", LockReason::PasswordTooOld).await;
    for _ in 0..2 {
        jobs::run_once(&house.app, &KeepMonths).await;
        house.pass(Duration::hours(2));
    }
    let mut city = administrator(&house, "quantri").await;
    let late = "Số liệu không được ghi vào ngày cuối tháng; đây là số liệu ngày 05/04/2026.";
    city.get(&format!("{page}?month=2026-03")).await.shows(late).shows(&locked(1));
    // Before the house knew anybody there is nothing to take.
    city.get(&format!("{page}?month=2026-02")).await.shows("Số liệu của tháng đó không được lưu.");
    house.set_time(datetime!(2026-04-30 08:00 +7));
    jobs::run_once(&house.app, &KeepMonths).await;
    lock(&house, "binh", LockReason::PasswordTooOld).await;
    house.set_time(datetime!(2026-04-30 23:00 +7));
    jobs::run_once(&house.app, &KeepMonths).await;
    lock(&house, "chau", LockReason::PasswordTooOld).await;
    house.set_time(datetime!(2026-05-04 09:00 +7));
    jobs::run_once(&house.app, &KeepMonths).await;
    let mut city = administrator(&house, "quantri").await;
    let april = city.get(&format!("{page}?month=2026-04")).await;
    april.shows("Số liệu đến ngày 30/04/2026.").shows(&locked(2));
    city.get(&page).await.shows("Số liệu đến ngày 04/05/2026.").shows(&locked(3));
}

/// The numbers of a workbook in the row of a word.
fn numbers_beside<'a>(book: &'a str, word: &str) -> Vec<&'a str> {
    let (_, rest) = book.split_once(&format!("<t>{word}</t>")).expect("a row");
    let row = rest.split("</row>").next().unwrap_or_default();
    row.split("<v>").skip(1).filter_map(|number| number.split("</v>").next()).collect()
}

#[tokio::test]
async fn a_locked_person_reads_whom_the_own_agency_has_named() {
    let house = house().await;
    let page = format!("/agencies/{}", id_of(&house, "so-nv").await);
    let mut branch = administrator(&house, "quantrinv").await;
    let send = format!("{page}/contact");
    let named = [("unit", "Văn phòng Sở <b>"), ("phone", "0236 3821 001"), ("hours", "7 giờ 30 – 17 giờ")];
    branch.post_from(&page, &send, &named).await.leads_to(&format!("{page}?note=contact"));
    branch.get(&page).await.shows("value=\"Văn phòng Sở &#60;b&#62;\"");
    lock(&house, "an", LockReason::PasswordTooOld).await;
    lock(&house, "dung", LockReason::PasswordTooOld).await;
    let locked = house.browser().sign_in("an", PASSWORD).await;
    locked
        .shows("Văn phòng Sở &#60;b&#62;")
        .shows("0236 3821 001")
        .shows("7 giờ 30 \u{2060}–\u{2060} 17 giờ");
    house.browser().sign_in("dung", PASSWORD).await.hides("Văn phòng Sở");
    let long = "x".repeat(201);
    for (unit, phone, why) in
        [(long.as_str(), "", "Mỗi dòng tối đa 200 ký tự."), ("", "1", "Hãy ghi tên bộ phận")]
    {
        let answer = branch.post_from(&page, &send, &[("unit", unit), ("phone", phone)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.shows(why);
    }
    branch.post_from(&page, &send, &[("unit", ""), ("phone", ""), ("hours", "")]).await;
    house.browser().sign_in("an", PASSWORD).await.hides("Văn phòng Sở");
}
