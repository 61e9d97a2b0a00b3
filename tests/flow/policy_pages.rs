//! The pages of the regulation's clock: rules with their preview, waves, forecast, brake, reminders.

use crate::house::{Answer, Browser, House, NEW_PASSWORD, PASSWORD};
use danang_sso::domain::account::StateName;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::policy::deadline::Rule;
use danang_sso::domain::policy::settings::{Class, Setting};
use danang_sso::domain::policy::stage::{Mode, Stage};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::jobs::{self, EnforceDeadlines};
use danang_sso::services::admins;
use danang_sso::services::policy::{self, By};
use danang_sso::storage::accounts;
use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};

const MONDAY: OffsetDateTime = datetime!(2026-03-02 09:00 +7);

/// Two city administrators, one of an agency, and an agency of people whose passwords are too old.
async fn house(overdue: usize) -> House {
    let house = House::at(MONDAY, "").await;
    for local in ["lan", "tuan", "donvi", "nhanvien"] {
        house.add(local, &[Ad]);
    }
    for number in 0..overdue {
        house.add_with(&format!("cu{number}"), &[Ad], |seen| {
            seen.agency = Some(SeenAgency {
                code: Some("ubnd-hai-chau".to_owned()),
                name: "Ủy ban nhân dân phường Hải Châu <script>".to_owned(),
            });
            seen.password_set_at = Some(Timestamp::from_datetime(MONDAY - Duration::days(300)));
        });
    }
    house.sync().await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("lan"), None).await.expect("granted");
    admins::grant(&house.app, &address("tuan"), None).await.expect("granted");
    admins::grant(&house.app, &address("donvi"), Some("so-khcn")).await.expect("granted");
    house
}

async fn console(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

async fn locked(house: &House) -> usize {
    let all = accounts::every(&house.app.db).await.expect("reads");
    all.iter().filter(|account| account.state().name() == StateName::Locked).count()
}

/// All fields of the form of the rules as the page shows them, with one changed.
pub fn values(page: &Answer, key: &str, value: &str) -> Vec<(String, String)> {
    let mut fields: Vec<_> = Setting::ALL
        .iter()
        .filter(|setting| **setting != Setting::CountedFrom)
        .map(|setting| {
            let shown = page.hidden(setting.code()).unwrap_or_else(|| panic!("{} is shown", setting.code()));
            (setting.code().to_owned(), shown)
        })
        .collect();
    for field in &mut fields {
        if field.0 == key {
            value.clone_into(&mut field.1);
        }
    }
    fields.push(("from".to_owned(), page.hidden("from").expect("the version")));
    fields
}

async fn post(browser: &mut Browser, page: &str, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post_from(page, path, &fields).await
}

#[tokio::test]
async fn the_values_are_on_paper_too() {
    let house = house(0).await;
    let page = console(&house, "lan").await.get("/policy").await;
    page.shows("class=\"form is-list\" id=\"policy-form\"").shows("class=\"button no-print\"");
}

#[tokio::test]
async fn a_value_is_changed_after_its_effect_was_shown_and_the_change_can_be_taken_back() {
    let house = house(0).await;
    let mut browser = console(&house, "lan").await;
    let page = browser.get("/policy").await;
    page.shows("Quy định đang áp dụng").shows("Bản số 1");
    let mut fields = values(&page, "password_months.person", "5");
    let preview = post(&mut browser, "/policy", "/policy/preview", &fields).await;
    preview.shows("1 thời hạn đến sớm hơn").shows("Nguyễn Thị Hồng").shows("Xem trước ảnh hưởng");
    assert_eq!(house.app.book().version, 1, "looking changes nothing");
    let refused = post(&mut browser, "/policy", "/policy", &fields).await;
    assert_eq!(refused.status, 422);
    refused.shows("Hãy ghi lý do.");
    fields.push(("reason".to_owned(), "Công văn 45/UBND".to_owned()));
    post(&mut browser, "/policy", "/policy", &fields).await.leads_to("/policy?note=changed");
    assert_eq!(house.app.book().settings.months(Class::Person), 5);
    browser.get("/policy").await.shows("Công văn 45/UBND").shows("lan@danang.example").shows("Bản số 2");
    let stale = post(&mut browser, "/policy", "/policy", &fields).await;
    assert_eq!(stale.status, 409, "from a version that is not the latest");
    let back = [
        ("from".to_owned(), "2".to_owned()),
        ("revert".to_owned(), "1".to_owned()),
        ("reason".to_owned(), "Quay lại".to_owned()),
    ];
    post(&mut browser, "/policy", "/policy", &back).await.leads_to("/policy?note=changed");
    assert_eq!(house.app.book().settings.months(Class::Person), 6);
}

#[tokio::test]
async fn a_value_out_of_its_limits_is_told_and_nothing_changes() {
    let house = house(0).await;
    let mut browser = console(&house, "lan").await;
    let page = browser.get("/policy").await;
    for (key, value) in [("failed_attempts", "6"), ("opening_minute", "25:00"), ("brake_percent", "x")] {
        let answer = post(&mut browser, "/policy", "/policy/preview", &values(&page, key, value)).await;
        assert_eq!(answer.status, 422, "{key}");
        answer.shows("nhận giá trị từ");
    }
    assert_eq!(house.app.book().version, 1);
}

#[tokio::test]
async fn an_administrator_of_one_agency_reads_the_rules_and_changes_none() {
    let house = house(8).await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let mut browser = console(&house, "donvi").await;
    let page = browser.get("/policy").await;
    page.shows("Chỉ quản trị viên toàn thành phố").hides("id=\"preview\"");
    let mut fields = values(&page, "password_months.person", "5");
    fields.push(("reason".to_owned(), "thử".to_owned()));
    assert_eq!(post(&mut browser, "/policy", "/policy", &fields).await.status, 403);
    browser.get("/policy/waves").await.hides("Hải Châu");
    browser.get("/policy/brake").await.hides("cu0@danang.example").hides("id=\"approve\"");
    browser.get("/forecast").await.hides("cu0@danang.example");
    let other = house.account("cu0").await.profile().agency_id.expect("an agency");
    browser.get(&format!("/forecast?agency={other}")).await.hides("cu0@danang.example");
    browser.get(&format!("/forecast.csv?agency={other}&days=9")).await.hides(",8,");
    assert_eq!(house.app.book().version, 1);
}

#[tokio::test]
async fn a_preview_names_to_an_agencys_administrator_nobody_of_another_agency() {
    let house = house(8).await;
    let (mut city, mut agency) = (console(&house, "lan").await, console(&house, "donvi").await);
    let fields = values(&city.get("/policy").await, "password_months.person", "12");
    let preview = post(&mut city, "/policy", "/policy/preview", &fields).await;
    preview.shows("cu0@danang.example").shows("Hải Châu");
    let preview = post(&mut agency, "/policy", "/policy/preview", &fields).await;
    preview.shows("Không có quyền").hides("cu0@danang.example").hides("Hải Châu");
    let other = house.account("cu0").await.profile().agency_id.expect("an agency");
    let plan = [
        ("rule".to_owned(), "password-age".to_owned()),
        ("warning".to_owned(), "10".to_owned()),
        ("step".to_owned(), "5".to_owned()),
        ("most".to_owned(), "100".to_owned()),
        ("first".to_owned(), "23/03/2026".to_owned()),
        (format!("agency-{other}"), "1".to_owned()),
        (format!("day-{other}"), "23/03/2026".to_owned()),
    ];
    let answer = post(&mut agency, "/policy/waves", "/policy/waves/plan", &plan).await;
    answer.shows("Không có quyền").hides("Hải Châu").hides("cu0@danang.example");
}

#[tokio::test]
async fn the_wizard_switches_an_agency_on_in_a_wave() {
    let house = house(8).await;
    let mut browser = console(&house, "lan").await;
    let agency = house.account("cu0").await.profile().agency_id.expect("an agency");
    let survey = browser.get("/policy/waves?rule=password-age").await;
    survey.shows("Hải Châu &#60;script&#62;").hides("<script>").shows(&format!("agency-{agency}"));
    let asked = |first: &str| {
        vec![
            ("rule".to_owned(), "password-age".to_owned()),
            (format!("agency-{agency}"), "1".to_owned()),
            ("first".to_owned(), first.to_owned()),
            ("step".to_owned(), "5".to_owned()),
            ("most".to_owned(), "100".to_owned()),
            ("warning".to_owned(), "10".to_owned()),
        ]
    };
    let here = "/policy/waves";
    let none: Vec<_> =
        asked("2026-03-23").into_iter().filter(|(name, _)| !name.starts_with("agency")).collect();
    post(&mut browser, here, "/policy/waves/plan", &none).await.shows("Hãy chọn ít nhất một cơ quan");
    post(&mut browser, here, "/policy/waves/plan", &asked("2025-03-23")).await.shows("Ngày đầu phải là");
    let plan = post(&mut browser, here, "/policy/waves/plan", &asked("2026-03-23")).await;
    plan.shows("Đợt 1").shows("8 thời hạn lùi lại").shows("thứ Hai, 23/03/2026");
    assert_eq!(plan.hidden(&format!("day-{agency}")).as_deref(), Some("23/03/2026"));
    let start = [
        ("rule".to_owned(), "password-age".to_owned()),
        ("from".to_owned(), "1".to_owned()),
        ("warning".to_owned(), "10".to_owned()),
        (format!("day-{agency}"), "25/03/2026".to_owned()),
        ("reason".to_owned(), "Kế hoạch số 7".to_owned()),
    ];
    post(&mut browser, here, "/policy/waves/start", &start).await.leads_to("/policy?note=started");
    let stage = house.app.book().stages.of(Rule::PasswordAge, Some(agency));
    assert_eq!(
        (stage.warn_from, stage.enforce_from),
        (Some(date!(2026 - 03 - 11)), Some(date!(2026 - 03 - 25)))
    );
    assert_eq!(stage.mode_on(date!(2026 - 03 - 11)), Mode::Warn);
    browser.get("/policy").await.shows("1 cơ quan có mức riêng").shows("Kế hoạch số 7");
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 0);
    house.set_time(datetime!(2026-03-10 09:00 +7));
    let mut browser = console(&house, "lan").await;
    let forecast = browser.get("/forecast?days=30").await;
    forecast.shows("thứ Năm, 26/03/2026").shows("cu0@danang.example").shows("vượt ngưỡng an toàn");
    let csv = browser.get("/forecast.csv?days=30").await;
    csv.shows("2026-03-26,3,8,yes").shows("2026-03-11,8,0,no");
}

#[tokio::test]
async fn a_stopped_run_is_approved_on_its_page_by_two_administrators() {
    let house = house(8).await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let (mut lan, mut tuan) = (console(&house, "lan").await, console(&house, "tuan").await);
    lan.get("/").await.shows("8 tài khoản chờ khóa");
    let page = lan.get("/policy/brake").await;
    page.shows("cu0@danang.example").shows("Cần hai người duyệt").shows("Hải Châu &#60;script&#62;");
    let run = page.hidden("run").expect("a run");
    let approve = |reason: &str| [("run".to_owned(), run.clone()), ("reason".to_owned(), reason.to_owned())];
    let here = "/policy/brake";
    assert_eq!(post(&mut lan, here, "/policy/brake/approve", &approve(" ")).await.status, 422);
    post(&mut lan, here, "/policy/brake/approve", &approve("Đã xem"))
        .await
        .leads_to("/policy/brake?note=approved");
    assert_eq!(post(&mut lan, here, "/policy/brake/approve", &approve("Đã xem")).await.status, 409);
    tuan.get(here).await.shows("lan@danang.example");
    post(&mut tuan, here, "/policy/brake/approve", &approve("Đồng ý"))
        .await
        .leads_to("/policy/brake?note=complete");
    house.pass(Duration::minutes(1));
    danang_sso::services::lock::enforce_deadlines(&house.app).await.expect("runs");
    assert_eq!(locked(&house).await, 8);
    tuan.get(here).await.shows("Không có đợt khóa nào đang chờ").shows("Đã khóa");
    let bad = [("run".to_owned(), "x".to_owned()), ("reason".to_owned(), "y".to_owned())];
    assert_eq!(post(&mut tuan, "/policy", "/policy/brake/approve", &bad).await.status, 400);
}

#[tokio::test]
async fn a_stopped_run_is_postponed_on_its_page() {
    let house = house(8).await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let mut lan = console(&house, "lan").await;
    let run = lan.get("/policy/brake").await.hidden("run").expect("a run");
    let postpone = |until: &str| {
        [
            ("run".to_owned(), run.clone()),
            ("until".to_owned(), until.to_owned()),
            ("reason".to_owned(), "Chờ tập huấn".to_owned()),
        ]
    };
    let here = "/policy/brake";
    assert_eq!(post(&mut lan, here, "/policy/brake/postpone", &postpone("hôm nay")).await.status, 422);
    post(&mut lan, here, "/policy/brake/postpone", &postpone("09/03/2026"))
        .await
        .leads_to("/policy/brake?note=postponed&n=8");
    lan.get(here).await.shows("Không có đợt khóa nào đang chờ").shows("Đã hoãn");
}

#[tokio::test]
async fn a_term_that_is_about_to_end_is_told_after_the_sign_in_and_on_every_page() {
    let house = house(0).await;
    house.add_with("an", &[Ad], |seen| {
        seen.password_set_at = Some(Timestamp::from_datetime(datetime!(2025-09-05 09:00 +7)));
    });
    house.sync().await;
    let mut browser = house.browser();
    // Six months end on Thursday 5 March: three working days after Monday.
    browser.sign_in("an", PASSWORD).await.leads_to("/reminder");
    browser.get("/reminder").await.shows("05/03/2026").shows("còn 3 ngày làm việc").shows("Để sau, tiếp tục");
    browser.get("/sessions").await.shows("id=\"banner\"").shows("còn 3 ngày làm việc");
    house.set_time(datetime!(2026-03-05 10:00 +7));
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/reminder");
    browser.get("/applications").await.shows("banner is-danger").shows("hôm nay là ngày cuối");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/password", "/password", &fields).await;
    browser.get("/sessions").await.hides("id=\"banner\"");
    browser.get("/reminder").await.leads_to("/");
}

#[tokio::test]
async fn how_many_agencies_differ_is_counted_within_reach() {
    let house = house(1).await;
    let book = house.app.book();
    let mut stages = book.stages.clone();
    stages.set(Rule::PasswordAge, house.account("cu0").await.profile().agency_id, Stage::OBSERVED);
    let values = (book.settings.clone(), stages);
    policy::change(&house.app, &By::CommandLine, book.version, values, "thử").await.expect("changed");
    console(&house, "lan").await.get("/policy").await.shows("1 cơ quan có mức riêng");
    console(&house, "donvi").await.get("/policy").await.hides("cơ quan có mức riêng");
}
