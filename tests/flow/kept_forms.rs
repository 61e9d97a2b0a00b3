//! A form that was not taken because of an old proof, or of a session that was not used: kept for its sender, shown once
//! more, sent by a click; and what is never kept.

use crate::authenticator::{Authenticator, second};
use crate::house::{Answer, Browser, House, PASSWORD};
use crate::policy_pages::values;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Role;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::http::keep::SECRETS;
use danang_sso::services::roles::{self, By, Wish};
use danang_sso::storage::Db;
use danang_sso::urls::{self, KEPT};
use std::collections::BTreeSet;
use std::path::Path;
use time::Duration;

const ROLES: &str = "/administrators";
const WISH: [(&str, &str); 3] = [("address", "an"), ("role", "auditor"), ("reason", "QĐ 12")];
const REPORT: [(&str, &str); 4] = [
    ("title", "Máy chủ tệp bị mã hóa"),
    ("story", "Mọi tệp đổi đuôi.\nMàn hình đòi tiền."),
    ("occurred", "2026-03-02T07:30"),
    ("detected", "2026-03-02T08:45"),
];
/// No longer form is kept.
const LARGEST: usize = 16 * 1024;
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn house() -> House {
    let house = House::build().await;
    for who in ["quantri", "an", "binh"] {
        house.add(who, &[Ad]);
    }
    house.sync().await;
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    let wish = Wish { address, role: Role::City, agency: None, until: None, why: String::new() };
    roles::grant(&house.app, By::CommandLine, &wish).await.expect("granted");
    house
}

/// A house and the console of an administrator of the city who has used it for six minutes.
async fn late() -> (House, Browser) {
    let house = house().await;
    let mut browser = house.admin_browser();
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    for _ in 0..2 {
        house.pass(Duration::minutes(3));
        assert_eq!(browser.get("/role").await.status, 200, "it is used");
    }
    (house, browser)
}

/// Sends the form of a role, with further fields, and is led to the proof.
async fn wishes(browser: &mut Browser, more: &[(&str, &str)]) {
    let fields = [&WISH[..], more].concat();
    browser.post_from(ROLES, ROLES, &fields).await.leads_to(&urls::confirm(ROLES));
}

/// The form of a role, with its token.
fn filled<'a>(csrf: &'a str, reason: &'a str) -> [(&'a str, &'a str); 4] {
    [("csrf", csrf), ("address", "an"), ("role", "auditor"), ("reason", reason)]
}

async fn prove(browser: &mut Browser, back: &str) -> Answer {
    let fields = [("back", back), ("password", PASSWORD)];
    browser.post_from(&urls::confirm(back), "/confirm", &fields).await
}

/// `an` in the portal.
async fn staff(house: &House) -> Browser {
    let mut an = house.browser();
    an.sign_in("an", PASSWORD).await.leads_to("/");
    an
}

/// Sends a form of a page that was open while the session was not used.
async fn sent_too_late(house: &House, an: &mut Browser, (page, to): (&str, &str), fields: &[(&str, &str)]) {
    let csrf = an.get(page).await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(61));
    let fields = [&[("csrf", csrf.as_str())][..], fields].concat();
    an.post(to, &fields).await.leads_to("/sign-in?expired=sent");
}

async fn reported_too_late(house: &House, an: &mut Browser) {
    sent_too_late(house, an, ("/report", "/report"), &REPORT).await;
}

/// The form that the page offers to send: where it goes, and its fields.
fn offered(page: &Answer) -> (String, Vec<(String, String)>) {
    let parts = page.body.split_once("id=\"kept-form\"");
    let (front, rest) = parts.unwrap_or_else(|| panic!("nothing is kept: {:?}", page.location));
    let action = front.rsplit("action=\"").next().and_then(|rest| rest.split('"').next());
    let form = rest.split("</form>").next().unwrap_or_default();
    let field = |input: &str| {
        let (name, rest) = input.split_once("\" value=\"").expect("a value");
        (unescaped(name), unescaped(rest.split('"').next().unwrap_or_default()))
    };
    let fields = form.split("<input type=\"hidden\" name=\"").skip(1).map(field).collect();
    (unescaped(action.expect("an address")), fields)
}

fn unescaped(text: &str) -> String {
    let marks = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    marks.iter().fold(text.to_owned(), |text, (mark, is)| text.replace(mark, is))
}

async fn send(browser: &mut Browser, (to, fields): &(String, Vec<(String, String)>)) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(to, &fields).await
}

/// Presses the button of the page.
async fn go_on(browser: &mut Browser) -> Answer {
    let form = offered(&browser.get(KEPT).await);
    send(browser, &form).await
}

/// The rows of all browsers, as they lie in the database.
async fn rows(house: &House) -> String {
    let Db::Sqlite { readers, .. } = &house.app.db else { panic!("the house is on SQLite") };
    let rows: Vec<String> =
        sqlx::query_scalar("SELECT data FROM browser").fetch_all(readers).await.expect("reads");
    rows.join("\n")
}

#[tokio::test]
async fn a_form_that_waited_for_a_proof_is_sent_by_a_click_and_not_before() {
    let (_house, mut browser) = late().await;
    wishes(&mut browser, &[]).await;
    browser.get(&urls::confirm(ROLES)).await.shows("được giữ lại trong 10 phút");
    prove(&mut browser, ROLES).await.leads_to(KEPT);
    let page = browser.get(KEPT).await;
    page.shows("Việc sau đây chưa được thực hiện").shows("Giao và thu hồi vai trò").shows("Đã nhập: QĐ 12");
    page.shows("href=\"/administrators\" id=\"leave-it\"").shows("Không làm nữa");
    browser.get(ROLES).await.hides("QĐ 12");
    go_on(&mut browser).await.leads_to("/administrators?note=granted");
    browser.get(ROLES).await.shows("QĐ 12");
    browser.get(KEPT).await.leads_to("/");
}

#[tokio::test]
async fn what_is_kept_is_for_one_session_only() {
    let (house, mut browser) = late().await;
    wishes(&mut browser, &[]).await;
    let mut other = house.admin_browser();
    other.sign_in("quantri", PASSWORD).await.leads_to("/");
    other.get(KEPT).await.leads_to("/");
    browser.get(KEPT).await.shows("QĐ 12");
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
    browser.get(KEPT).await.leads_to("/");
}

#[tokio::test]
async fn what_is_kept_does_not_open_in_the_row_of_another_session() {
    const CARRY: &str = "UPDATE browser SET data = json_set(data, '$.kept', json((SELECT json_extract(data, '$.kept') \
                         FROM browser WHERE data LIKE '%\"kept\"%'))) WHERE data NOT LIKE '%\"kept\"%'";
    let (house, mut browser) = late().await;
    wishes(&mut browser, &[]).await;
    let mut other = house.admin_browser();
    other.sign_in("quantri", PASSWORD).await.leads_to("/");
    let Db::Sqlite { writer, .. } = &house.app.db else { panic!("the house is on SQLite") };
    let carried = sqlx::query(CARRY).execute(writer).await.expect("written");
    assert!(carried.rows_affected() > 0, "into the row of the other");
    other.get(KEPT).await.leads_to("/");
    browser.get(KEPT).await.shows("QĐ 12");
}

#[tokio::test]
async fn what_is_kept_is_gone_when_another_account_is_signed_in_beside() {
    let house = house().await;
    let mut an = staff(&house).await;
    house.pass(Duration::minutes(6));
    an.post_from("/my-data", "/my-data/export", &[]).await.leads_to("/confirm?back=%2Fmy-data");
    an.get(KEPT).await.shows("id=\"kept-form\"");
    let binh = [("another", "1"), ("identifier", "binh"), ("password", PASSWORD)];
    an.post_from("/sign-in?another=1", "/sign-in", &binh).await.leads_to("/");
    an.get(KEPT).await.leads_to("/");
    assert!(!rows(&house).await.contains("\"kept\""), "not even sealed");
}

#[tokio::test]
async fn a_form_is_kept_only_with_the_token_of_a_page_of_ours() {
    let (_house, mut browser) = late().await;
    let strange = [&[("csrf", "la")][..], &WISH[..]].concat();
    for fields in [&WISH[..], strange.as_slice()] {
        browser.post(ROLES, fields).await.leads_to(&urls::confirm(ROLES));
        browser.get(KEPT).await.leads_to("/");
    }
    wishes(&mut browser, &[]).await;
    browser.post(ROLES, &strange).await.leads_to(&urls::confirm(ROLES));
    browser.get(KEPT).await.shows("QĐ 12");
}

#[tokio::test]
async fn without_anything_kept_one_comes_back_to_the_page() {
    let (_house, mut browser) = late().await;
    browser.post(ROLES, &WISH).await.leads_to(&urls::confirm(ROLES));
    browser.get(&urls::confirm(ROLES)).await.hides("được giữ lại");
    prove(&mut browser, ROLES).await.leads_to(ROLES);
}

#[tokio::test]
async fn a_proof_for_another_page_does_not_lead_to_what_is_kept() {
    let (_house, mut browser) = late().await;
    wishes(&mut browser, &[]).await;
    browser.get(&urls::confirm("/policy")).await.hides("được giữ lại");
    prove(&mut browser, "/policy").await.leads_to("/policy");
}

#[tokio::test]
async fn a_form_with_a_secret_is_not_kept_nor_the_one_before_in_its_place() {
    let (house, mut browser) = late().await;
    for name in SECRETS {
        wishes(&mut browser, &[]).await;
        browser.get(KEPT).await.shows("QĐ 12");
        wishes(&mut browser, &[(name, "bi-mat")]).await;
        browser.get(KEPT).await.leads_to("/");
        assert!(!rows(&house).await.contains("\"kept\""), "{name}");
    }
}

/// The name of every field of a page into which a secret is typed.
fn fields_of_secrets() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![Path::new("templates").to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of the project").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).expect("a template is readable");
            let name = |rest: &str| rest.split('"').next().unwrap_or_default().to_owned();
            names.extend(text.split("fields::password(\"").skip(1).map(name));
            let inputs = text.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
            let secrets = inputs
                .filter(|input| input.contains("type=\"password\"") || input.contains("\"one-time-code\""));
            names.extend(secrets.filter_map(|input| input.split(" name=\"").nth(1)).map(name));
        }
    }
    // The macro that `fields::password` calls.
    names.remove("{{ id }}");
    names
}

#[test]
fn every_field_into_which_a_secret_is_typed_is_known_as_one() {
    let names = fields_of_secrets();
    assert!(names.len() >= 6 && names.contains("code") && names.contains("repeat"), "{names:?}");
    for name in names {
        assert!(SECRETS.contains(&name.as_str()), "{name} could be kept");
    }
}

#[tokio::test]
async fn a_form_of_sixteen_kilobytes_is_kept_and_a_larger_one_is_typed_again() {
    let (_house, mut browser) = late().await;
    let csrf = browser.get(ROLES).await.hidden("csrf").expect("a form");
    let empty = form_urlencoded::Serializer::new(String::new()).extend_pairs(filled(&csrf, "")).finish();
    let most = "x".repeat(LARGEST - empty.len());
    browser.post(ROLES, &filled(&csrf, &most)).await.leads_to(&urls::confirm(ROLES));
    let (_, kept) = offered(&browser.get(KEPT).await);
    assert!(kept.contains(&("reason".to_owned(), most.clone())), "as it was typed");
    browser.post(ROLES, &filled(&csrf, &format!("{most}x"))).await.leads_to(&urls::confirm(ROLES));
    browser.get(KEPT).await.leads_to("/");
    prove(&mut browser, ROLES).await.leads_to(ROLES);
}

#[tokio::test]
async fn what_is_kept_is_there_for_ten_minutes_and_then_gone() {
    let (house, mut browser) = late().await;
    wishes(&mut browser, &[]).await;
    for _ in 0..5 {
        house.pass(Duration::minutes(2));
        browser.get(KEPT).await.shows("QĐ 12");
    }
    house.pass(Duration::seconds(1));
    assert!(rows(&house).await.contains("\"kept\""), "the row has it");
    assert_eq!(browser.get("/role").await.status, 200);
    assert!(!rows(&house).await.contains("\"kept\""), "the next page drops it");
    prove(&mut browser, ROLES).await.leads_to(ROLES);
    browser.get(KEPT).await.leads_to("/");
}

#[tokio::test]
async fn what_is_kept_is_sealed_in_the_database() {
    let (house, mut browser) = late().await;
    wishes(&mut browser, &[]).await;
    let rows = rows(&house).await;
    assert!(rows.contains("\"kept\""), "{rows}");
    for typed in ["QĐ 12", "auditor", "reason"] {
        assert!(!rows.contains(typed), "{typed} in {rows}");
    }
}

#[tokio::test]
async fn hostile_text_that_is_kept_is_shown_as_text_and_sent_as_it_was() {
    let (_house, mut browser) = late().await;
    let reason = "\"><script>alert(1)</script> & 'x'";
    let name = "\"><img src=x onerror=alert(1)>";
    let csrf = browser.get(ROLES).await.hidden("csrf").expect("a form");
    let fields = [&filled(&csrf, reason)[..], &[(name, "</form>")][..]].concat();
    browser.post(ROLES, &fields).await.leads_to(&urls::confirm(ROLES));
    let page = browser.get(KEPT).await;
    page.hides("<script>alert").hides("<img src=x").shows("&#60;script&#62;alert(1)");
    let (to, kept) = offered(&page);
    assert_eq!(to, ROLES);
    for (name, value) in &fields {
        assert!(
            kept.contains(&((*name).to_owned(), (*value).to_owned())),
            "{name} is not as it was: {kept:?}"
        );
    }
}

#[tokio::test]
async fn a_kept_form_that_is_sent_twice_does_what_it_does_once() {
    let (house, mut browser) = late().await;
    let mut fields = values(&browser.get("/policy").await, "password_months.person", "5");
    fields.push(("reason".to_owned(), "Công văn 45".to_owned()));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post_from("/policy", "/policy", &fields).await.leads_to("/confirm?back=%2Fpolicy");
    prove(&mut browser, "/policy").await.leads_to(KEPT);
    let form = offered(&browser.get(KEPT).await);
    send(&mut browser, &form).await.leads_to("/policy?note=changed");
    assert_eq!(house.app.book().version, 2);
    assert_eq!(send(&mut browser, &form).await.status, 409, "from a version that is not the latest");
    assert_eq!(house.app.book().version, 2);
}

#[tokio::test]
async fn a_kept_form_that_is_sent_with_an_old_token_is_refused() {
    let (_house, mut browser) = late().await;
    wishes(&mut browser, &[]).await;
    prove(&mut browser, ROLES).await.leads_to(KEPT);
    let (to, mut fields) = offered(&browser.get(KEPT).await);
    fields.retain(|(name, _)| name != "csrf");
    assert_eq!(send(&mut browser, &(to, fields)).await.status, 403);
    browser.get(ROLES).await.hides("QĐ 12");
    browser.get(KEPT).await.shows("QĐ 12");
}

#[tokio::test]
async fn a_report_sent_after_the_session_was_not_used_is_there_for_the_same_person_signing_in_again() {
    let house = house().await;
    let mut an = staff(&house).await;
    reported_too_late(&house, &mut an).await;
    an.get("/sign-in?expired=sent").await.shows("Ông/Bà không phải nhập lại");
    house.pass(Duration::minutes(10));
    an.sign_in("an", PASSWORD).await.leads_to(KEPT);
    let page = an.get(KEPT).await;
    page.shows("Báo sự cố").shows("Đã nhập: Máy chủ tệp bị mã hóa").shows("href=\"/report\" id=\"leave-it\"");
    an.get("/report").await.hides("SC-2026-0001");
    go_on(&mut an).await.leads_to("/report?sent=SC-2026-0001");
    an.get(KEPT).await.leads_to("/");
}

#[tokio::test]
async fn a_report_waits_for_the_second_factor_too() {
    let house = house().await;
    let mut an = staff(&house).await;
    let app = Authenticator::set_up(&house, &mut an).await;
    reported_too_late(&house, &mut an).await;
    an.sign_in("an", PASSWORD).await.leads_to("/sign-in/second");
    an.get(KEPT).await.leads_to("/sign-in?back=%2Fconfirm%2Fkept");
    second(&mut an, &app.code(&house)).await.leads_to(KEPT);
    go_on(&mut an).await.leads_to("/report?sent=SC-2026-0001");
}

#[tokio::test]
async fn a_report_that_is_sent_between_the_steps_of_a_sign_in_in_another_tab_waits_too() {
    let house = house().await;
    let mut an = staff(&house).await;
    let app = Authenticator::set_up(&house, &mut an).await;
    let csrf = an.get("/report").await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(61));
    an.sign_in("an", PASSWORD).await.leads_to("/sign-in/second");
    let fields = [&[("csrf", csrf.as_str())][..], &REPORT[..]].concat();
    an.post("/report", &fields).await.leads_to("/sign-in?expired=sent");
    second(&mut an, &app.code(&house)).await.leads_to(KEPT);
    go_on(&mut an).await.leads_to("/report?sent=SC-2026-0001");
}

#[tokio::test]
async fn a_report_is_shown_to_nobody_else_who_signs_in() {
    let house = house().await;
    let mut an = staff(&house).await;
    reported_too_late(&house, &mut an).await;
    an.sign_in("binh", PASSWORD).await.leads_to("/");
    an.get(KEPT).await.leads_to("/");
    an.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
    an.sign_in("an", PASSWORD).await.leads_to("/");
    an.get(KEPT).await.leads_to("/");
}

#[tokio::test]
async fn a_report_is_gone_ten_minutes_after_it_was_sent() {
    let house = house().await;
    let mut an = staff(&house).await;
    reported_too_late(&house, &mut an).await;
    house.pass(Duration::minutes(10) + Duration::seconds(1));
    an.get("/sign-in?expired=sent").await.shows("hãy gửi lại").hides("không phải nhập lại");
    an.sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_report_without_the_token_or_from_another_kind_of_browser_is_not_kept() {
    let house = house().await;
    let mut an = staff(&house).await;
    let csrf = an.get("/report").await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(61));
    an.post("/report", &REPORT).await.leads_to("/sign-in?expired=sent");
    an.get("/sign-in?expired=sent").await.shows("hãy gửi lại");
    an.user_agent = FIREFOX.to_owned();
    let fields = [&[("csrf", csrf.as_str())][..], &REPORT[..]].concat();
    an.post("/report", &fields).await.leads_to("/sign-in?expired=sent");
    an.get("/sign-in?expired=sent").await.shows("hãy gửi lại");
    an.sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_password_that_was_sent_too_late_is_not_kept() {
    let house = house().await;
    let mut an = staff(&house).await;
    let fields = [("current", PASSWORD), ("new", "Trang-Sang-9"), ("repeat", "Trang-Sang-9")];
    sent_too_late(&house, &mut an, ("/password", "/password"), &fields).await;
    assert!(!rows(&house).await.contains("\"kept\""));
    an.get("/sign-in?expired=sent").await.shows("hãy gửi lại");
    an.sign_in("an", PASSWORD).await.leads_to("/");
}

/// A page of `an` that was open while they signed in again in another tab; its token.
async fn from_before(house: &House, an: &mut Browser, page: &str) -> String {
    let csrf = an.get(page).await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(61));
    an.sign_in("an", PASSWORD).await.leads_to("/");
    csrf
}

#[tokio::test]
async fn a_report_whose_person_has_signed_in_again_in_another_tab_is_kept_and_sent_by_a_click() {
    let house = house().await;
    let mut an = staff(&house).await;
    let csrf = from_before(&house, &mut an, "/report").await;
    let fields = [&[("csrf", csrf.as_str())][..], &REPORT[..]].concat();
    an.post("/report", &fields).await.leads_to(KEPT);
    let page = an.get(KEPT).await;
    page.shows("Báo sự cố").shows("Đã nhập: Máy chủ tệp bị mã hóa").hides(&csrf);
    an.get("/report").await.hides("SC-2026-0001");
    go_on(&mut an).await.leads_to("/report?sent=SC-2026-0001");
    an.get(KEPT).await.leads_to("/");
}

#[tokio::test]
async fn a_form_of_before_the_sign_in_is_kept_for_its_person_only_without_a_secret_and_not_for_ever() {
    let house = house().await;
    let mut an = staff(&house).await;
    let csrf = from_before(&house, &mut an, "/report").await;
    let fields = [&[("csrf", csrf.as_str())][..], &REPORT[..]].concat();
    let is_refused = async |browser: &mut Browser, fields: &[(&str, &str)]| {
        assert_eq!(browser.post("/report", fields).await.status, 403);
        browser.get(KEPT).await.leads_to("/");
    };
    // Nearly the token, and a field with a password.
    let nearly = [&[("csrf", &csrf[1..])][..], &REPORT[..]].concat();
    is_refused(&mut an, &nearly).await;
    is_refused(&mut an, &[&fields[..], &[("password", "bi-mat")][..]].concat()).await;
    // Another browser of the same person.
    is_refused(&mut staff(&house).await, &fields).await;
    // Somebody else in this one.
    let binh = [("another", "1"), ("identifier", "binh"), ("password", PASSWORD)];
    let mut both = an.clone();
    both.post_from("/sign-in?another=1", "/sign-in", &binh).await.leads_to("/");
    is_refused(&mut both, &fields).await;
    assert!(!rows(&house).await.contains("\"kept\""));
}

#[tokio::test]
async fn a_form_of_before_the_sign_in_is_known_for_four_hours() {
    let house = house().await;
    let mut an = staff(&house).await;
    let csrf = from_before(&house, &mut an, "/report").await;
    let fields = [&[("csrf", csrf.as_str())][..], &REPORT[..]].concat();
    for _ in 0..4 {
        house.pass(Duration::minutes(59));
        assert_eq!(an.get("/letters").await.status, 200, "it is used");
    }
    an.post("/report", &fields).await.leads_to(KEPT);
    house.pass(Duration::minutes(4));
    assert_eq!(an.post("/report", &fields).await.status, 403);
}

#[tokio::test]
async fn a_page_of_before_the_sign_in_signs_out_all_the_same() {
    let house = house().await;
    let mut an = staff(&house).await;
    let csrf = from_before(&house, &mut an, "/letters").await;
    assert_eq!(an.post("/sign-out", &[("csrf", &csrf[1..])]).await.status, 403);
    an.get("/").await.shows("an@danang.example");
    an.post("/sign-out", &[("csrf", &csrf)]).await.leads_to("/signed-out");
    an.get("/signed-out").await.shows("Phiên đăng nhập trên trình duyệt này đã đóng.");
    an.get("/").await.leads_to("/sign-in");
}

/// Whoever fixed a cookie before anybody signed in knows the token of that time; it is good for nothing afterwards.
#[tokio::test]
async fn a_token_of_before_anybody_was_signed_in_is_not_known_any_more() {
    let house = house().await;
    let mut an = house.browser();
    let csrf = an.get("/sign-in").await.hidden("csrf").expect("a form");
    an.sign_in("an", PASSWORD).await.leads_to("/");
    let fields = [&[("csrf", csrf.as_str())][..], &REPORT[..]].concat();
    assert_eq!(an.post("/report", &fields).await.status, 403);
    assert_eq!(an.post("/sign-out", &[("csrf", &csrf)]).await.status, 403);
    an.get("/").await.shows("an@danang.example");
}

/// Whoever comes to a console that was left alone prepares nothing there for its administrator to click.
#[tokio::test]
async fn a_form_of_a_console_that_was_not_used_is_not_kept() {
    let (house, mut browser) = late().await;
    let csrf = browser.get(ROLES).await.hidden("csrf").expect("a form");
    house.pass(Duration::minutes(6));
    let fields = [&[("csrf", csrf.as_str())][..], &WISH[..]].concat();
    browser.post(ROLES, &fields).await.leads_to("/sign-in?expired=sent");
    assert!(!rows(&house).await.contains("\"kept\""));
    browser.get("/sign-in?expired=sent").await.shows("hãy gửi lại");
    browser.sign_in("quantri", PASSWORD).await.leads_to("/");
}
