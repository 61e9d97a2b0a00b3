//! Pages of the console that are not needed every day: the month of an agency's administrator, open sessions, the tester of
//! an application, an agency that moves; and the daily ones in a browser that runs no scripts.

use crate::agencies::{open_review, option};
use crate::console::{enter, find};
use crate::demo::{Demo, PASSWORD, command, sign_in, sign_in_as_far_as};
use crate::driver::Browser;
use crate::office;
use crate::screenshots::pictures;
use serde_json::{Value, json};
use std::fs;

/// RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Whoever administers the ward Tam Kỳ; nobody else walks with him.
const OF_THE_WARD: &str = "nghia.nguyen";
/// Somebody of this ward; no other walk signs in as her.
const FORGETFUL: &str = "mai.ha";
/// Whose session an administrator ends.
const SIGNED_OUT: &str = "tuyet.hua";

/// The own branch and nothing else, the month before on one sheet and as a workbook, the review with its evidence, the
/// digest of the week in the portal.
pub fn an_agencys_administrator_reads_the_month_and_reviews_the_own_branch(demo: &Demo) {
    let city = enter(demo, "lan.dang");
    open_review(&city, demo);
    let browser = enter(demo, OF_THE_WARD);
    browser.open(&demo.admin("agencies"));
    browser.wait_for("#agencies");
    assert_eq!(browser.count("#agencies tbody tr"), 1, "{}", browser.text("#agencies"));
    is_saved(&browser, demo, "#export-xlsx");
    browser.click("#agencies tbody th a");
    browser.wait_for("#numbers");
    assert!(browser.text("h1").contains("Tam Kỳ"), "{}", browser.text("h1"));
    assert!(browser.text("#administrators").contains("nghia.nguyen@danang.example"));
    browser.click("#month-before");
    browser.wait_for("#month-after");
    assert_eq!(browser.printed_sheets(), 1, "the month of a ward is one sheet of A4");
    is_saved(&browser, demo, "#month-xlsx");

    browser.open(&demo.admin("reviews"));
    assert!(!browser.has("#open-form"), "only the city opens a review");
    browser.click("#reviews a");
    browser.wait_for("#spoken");
    assert_eq!(browser.count("#agencies tbody tr"), 1, "{}", browser.text("#agencies"));
    review(&browser);
    is_saved(&browser, demo, "#evidence");
    browser.looks_back();
    city.looks_back();
    the_digest_is_read(demo);
}

/// One account is not needed any more, the others are.
fn review(browser: &Browser) {
    browser.click("#items li:has(input) input");
    browser.click("#verdict option[value=withdraw]");
    browser.write("#reason", "Đã nghỉ việc từ tháng trước");
    browser.click("#say");
    browser.wait_for(".notice.is-ok");
    assert!(browser.text("#items").contains("Đã nghỉ việc từ tháng trước"));
    let rest = browser.text("#rest-title + p");
    let number: String = rest.chars().filter(char::is_ascii_digit).collect();
    browser.write("#rest", &number);
    browser.click("#keep");
    browser.wait_until("nobody but oneself", |browser| browser.has("#spoken") && !browser.has("#keep-form"));
    assert!(browser.text("#items").contains("Đã nghỉ việc từ tháng trước"), "what was said stays");
}

/// A password of the ward was reset, so that a term ends within the week: the weekly job writes the digest, the relay gets
/// it, and the portal keeps it for comparison.
fn the_digest_is_read(demo: &Demo) {
    let forgetful = format!("{FORGETFUL}@danang.example");
    command(demo, &["account", "reset"], &[&forgetful, "--reason", "Quên mật khẩu, đã đối chiếu thẻ"]);
    office::write_and_send_letters(demo, || digest(demo).is_some());
    let letter = digest(demo).expect("the relay was given the digest");
    let subject = letter["headers"]["Subject"].to_string();
    assert!(!subject.contains("[Thử]"), "the job's, no sample: {subject}");
    is_about_the_ward(letter["text"].as_str().expect("a text"));

    let portal = Browser::start();
    portal.open(&demo.house);
    sign_in_as_far_as(&portal, OF_THE_WARD, "#status-title");
    portal.open(&demo.at("letters"));
    portal.wait_for("#letters li");
    let item = (1..=portal.count("#letters li"))
        .map(|number| format!("#letters li:nth-child({number})"))
        .find(|item| portal.text(item).contains("tài khoản sắp bị khóa"))
        .unwrap_or_else(|| panic!("no digest in {}", portal.text("#letters")));
    assert!(!portal.text(&item).contains("[Thử]"), "{}", portal.text(&item));
    portal.click(&format!("{item} summary"));
    let place = format!("{item} .letter");
    portal.wait_until("the letter", |browser| !browser.text(&place).is_empty());
    is_about_the_ward(&portal.text(&place));
    portal.looks_back();
}

/// On some days the demo has written it before the reset, for somebody else whose term ends.
fn is_about_the_ward(text: &str) {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(line.contains("Ủy ban nhân dân phường Tam Kỳ đến hạn đổi mật khẩu: - "), "{line}");
    assert!(line.contains("@danang.example: hết "), "{line}");
}

/// The digest for the ward's administrator, as the relay was given it.
fn digest(demo: &Demo) -> Option<Value> {
    let folder = demo.config().with_file_name("smtp").join("letters");
    let files = fs::read_dir(&folder).expect("the letters").flatten().map(|one| one.path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "json"));
    let mut letters =
        files.filter_map(|file| serde_json::from_str::<Value>(&fs::read_to_string(file).ok()?).ok());
    let to = json!([format!("{OF_THE_WARD}@danang.example")]);
    let is_digest = |letter: &Value| {
        let subject = letter["headers"]["Subject"].as_str().unwrap_or_default();
        letter["to"] == to && subject.contains("tài khoản sắp bị khóa")
    };
    letters.find(is_digest)
}

/// What a link saves is there for whoever is signed in: a workbook or an archive, which both are ZIP.
fn is_saved(browser: &Browser, demo: &Demo, link: &str) {
    let address = demo.admin(browser.attribute(link, "href").trim_start_matches('/'));
    let file = browser.download(&address);
    assert!(file.starts_with("PK"), "{link} at {address} is no archive");
}

/// A session is found among the open ones, looked at and ended with a reason: its holder is out.
pub fn an_open_session_is_found_and_ended(demo: &Demo) {
    let person = Browser::start();
    person.open(&demo.house);
    sign_in_as_far_as(&person, SIGNED_OUT, "#status-title");

    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("sessions"));
    browser.wait_for("#sessions");
    pictures(&browser, "console-sessions");
    browser.write("#q", SIGNED_OUT);
    browser.click("#search");
    browser.wait_for("#clear");
    assert_eq!(browser.count("#sessions tbody tr"), 1, "{}", browser.text("#main"));
    assert!(browser.text("#sessions").contains("tuyet.hua@danang.example"));
    browser.click("#end-these");
    browser.wait_for("#number");
    pictures(&browser, "console-sessions-end");
    browser.click("#back");
    browser.wait_for("#end-these");
    browser.click("#sessions tbody td a");
    browser.wait_for("#end-form");
    assert!(browser.text("#facts").contains("Chrome"), "{}", browser.text("#facts"));
    pictures(&browser, "console-session");
    person.open(&demo.at("account"));
    assert!(person.has("#facts"), "looking ends nothing");
    browser.write("#reason", "Máy đã được bàn giao cho người khác");
    browser.click("#end");
    browser.wait_for("#none");
    person.open(&demo.house);
    person.wait_for("#sign-in-form");
    all_at_once(&browser, demo);
    browser.looks_back();
    person.looks_back();
}

/// Two devices of the same person: the list as it is narrowed is ended by a typed number.
fn all_at_once(browser: &Browser, demo: &Demo) {
    let devices = [Browser::start(), Browser::start()];
    for device in &devices {
        device.open(&demo.house);
        sign_in_as_far_as(device, SIGNED_OUT, "#status-title");
    }
    browser.open(&demo.admin(&format!("sessions?q={SIGNED_OUT}")));
    browser.click("#end-these");
    browser.wait_for("#number");
    assert_eq!(browser.count("#sessions tbody tr"), devices.len(), "{}", browser.text("#main"));
    browser.write("#reason", "Thiết bị bị mất, đã có đơn trình báo");
    browser.write("#number", &devices.len().to_string());
    browser.click("#end");
    browser.wait_for("#done");
    browser.shows("Đã kết thúc 2 phiên.");
    pictures(browser, "console-sessions-ended");
    for device in &devices {
        device.open(&demo.house);
        device.wait_for("#sign-in-form");
        device.looks_back();
    }
}

/// What developers read of the interface is a page like any other.
pub fn the_interface_for_programs_is_explained_on_a_page(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.admin("api/v1/docs"));
    browser.wait_for("#routes");
    pictures(&browser, "api-docs");
    browser.click("article a[href^='#type-']");
    browser.wait_until("the type", |browser| browser.address().contains("#type-"));
    browser.looks_back();
}

/// A request with an address that is not registered is explained, the right one is taken, and a person would get in.
pub fn a_request_with_a_wrong_address_is_explained(demo: &Demo) {
    let added = ["--name", "Kho tri thức (thử)", "--redirect-uri", "http://localhost:9/ket-qua"];
    let said = command(demo, &["client", "add"], &added);
    let id = said.lines().find_map(|line| line.strip_prefix("client_id")).map(str::trim);
    let id = id.unwrap_or_else(|| panic!("no client_id in {said}"));
    let request = |callback: &str| {
        let fields =
            format!("client_id={id}&redirect_uri={callback}&response_type=code&scope=openid&state=x");
        demo.at(&format!("authorize?{fields}&code_challenge={CHALLENGE}&code_challenge_method=S256"))
    };
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("applications?q=Kho+tri"));
    browser.click("#applications .table-name a");
    browser.wait_for("#test");
    browser.click("#test");
    browser.wait_for("#request-form");
    browser.write("#request", &request("http://localhost:9/ketqua"));
    browser.click("#look-at-request");
    browser.wait_for("#compared");
    let compared = browser.text("#compared");
    assert!(compared.contains("http://localhost:9/ket-qua"), "what is registered: {compared}");
    assert!(compared.contains("http://localhost:9/ketqua"), "what was asked: {compared}");
    assert!(browser.text("#request-found").contains("redirect_uri"), "{}", browser.text("#request-found"));
    pictures(&browser, "console-application-test");
    browser.clear("#request");
    browser.write("#request", &request("http://localhost:9/ket-qua"));
    browser.click("#look-at-request");
    browser.wait_until("the request to be taken", |browser| {
        browser.has("#request-found .notice.is-ok") && !browser.has("#compared")
    });
    browser.write("#person", "hieu.huynh");
    browser.click("#look-at-person");
    browser.wait_for("#person-found");
    browser.shows("hieu.huynh@danang.example");
    assert!(browser.has("#steps li"), "what comes after the password");
    browser.looks_back();
}

/// A department goes below another one: drawn up, confirmed by the number of its people, done, and taken back.
pub fn an_agency_moves_below_another_and_back(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("agencies/changes?kind=move"));
    browser.wait_for("#change-form");
    let moved = option(&browser, "#agency", "Sở Nội vụ");
    let above = option(&browser, "#under", "Sở Tài chính");
    browser.click(&format!("#agency option[value='{moved}']"));
    browser.click(&format!("#under option[value='{above}']"));
    browser.click("#preview");
    browser.wait_for("#change-confirm");
    let place = format!("agencies/{moved}");
    let number: String = browser.text("label[for=number]").chars().filter(char::is_ascii_digit).collect();
    pictures(&browser, "console-move");
    browser.write("#reason", "Đề án sắp xếp tổ chức, kiểm thử");
    browser.write("#number", "9999");
    browser.click("#confirm");
    browser.wait_for("#number-error");
    browser.write("#number", &number);
    browser.click("#confirm");
    browser.wait_until("the move", |browser| browser.text("#stage") == "Đã xong");
    let done = browser.address();
    browser.open(&demo.admin(&place));
    browser.wait_for("#up");
    assert_eq!(browser.text("#up"), "Sở Tài chính");

    browser.open(&done);
    browser.wait_for("#change-confirm");
    browser.write("#reason", "Đề án được rút lại");
    browser.click("#confirm");
    browser.wait_until("the way back", |browser| browser.text("#stage") == "Đã hoàn tác");
    browser.open(&demo.admin(&place));
    browser.wait_for("#up");
    assert_ne!(browser.text("#up"), "Sở Tài chính");
    browser.looks_back();
}

/// Search, account, its timeline, many accounts up to the look at them, and the audit without scripts.
pub fn the_daily_pages_of_the_console_work_without_scripts(demo: &Demo) {
    let browser = Browser::without_scripts();
    browser.open(&demo.console);
    sign_in(&browser, "lan.dang", PASSWORD);
    browser.wait_for("#states");
    find(&browser, demo, "tran dinh hoang");
    assert!(browser.text("#address").starts_with("hoang.tran@danang.example · Kỹ sư dữ liệu"));
    browser.click("#timeline-link");
    browser.wait_until("the timeline", |browser| browser.address().contains("/timeline"));
    assert!(browser.text("#address").starts_with("hoang.tran@danang.example"));

    browser.open(&demo.admin("accounts?q=nong+nghiep&state=active"));
    assert!(browser.count("#accounts tbody tr") > 2, "an agency of some people");
    browser.click("#bulk summary");
    browser.click("#accounts tbody tr:nth-child(1) input");
    browser.click("#accounts tbody tr:nth-child(2) input");
    browser.click("#bulk-preview");
    browser.wait_for("#bulk-confirm");
    assert_eq!(browser.count("#accounts li"), 2);

    browser.open(&demo.admin("audit"));
    browser.write("#actor", "lan.dang");
    browser.click("#search");
    browser.wait_for("#clear");
    assert!(browser.text("#lines").contains("lan.dang@danang.example"));
    browser.looks_back();
}
