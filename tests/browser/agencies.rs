//! The month of an agency's administrator, and the audit: the numbers, the report, whom the staff ask, who did what.

use crate::console::enter;
use crate::demo::Demo;
use crate::driver::Browser;
use crate::screenshots::pictures;

/// From the tree of agencies to one of them, its month and the contact of its staff.
pub fn the_month_of_an_agency_is_read_and_its_contact_named(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("agencies"));
    browser.wait_for("#agencies");
    assert!(browser.count("#agencies tbody tr") > 3, "the city's agencies");
    pictures(&browser, "console-agencies");
    browser.open(&demo.admin("agencies?sort=fresh"));
    browser.wait_for("#agencies");
    browser.shows("Kém nhất trước");
    browser.click("#agencies tbody tr:nth-child(1) a");
    browser.wait_for("#numbers");
    browser.wait_for("#contact-form");
    browser.write("#unit", "Văn phòng – Tổ Công nghệ thông tin");
    browser.write("#phone", "0236 3881 888");
    browser.write("#hours", "7 giờ 30 – 11 giờ 30, 13 giờ – 17 giờ, thứ Hai – thứ Sáu");
    browser.click("#save-contact");
    browser.wait_for(".notice");
    browser.shows("Đã lưu liên hệ.");
    pictures(&browser, "console-agency");
    browser.clear("#unit");
    browser.clear("#phone");
    browser.clear("#hours");
    browser.click("#save-contact");
    browser.wait_for("#in-force");
    browser.click("#month-before");
    browser.wait_for("#month-after");
    browser.looks_back();
}

/// Who did what: by act, by person; the reading of it is a line too.
pub fn the_audit_is_searched_and_tells_who_searched(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("audit"));
    browser.wait_for("#lines");
    pictures(&browser, "console-audit");
    browser.write("#actor", "lan.dang");
    browser.click("#search");
    browser.wait_for("#clear");
    assert!(!browser.text("#lines").contains("tra cứu nhật ký."), "readings are left out");
    browser.click("#further summary");
    browser.click("#readings");
    browser.click("#search");
    browser.wait_until("the readings", |browser| browser.text("#lines").contains("tra cứu nhật ký."));
    assert!(browser.text("#lines").contains("lan.dang@danang.example"));
    browser.open(&demo.admin("audit?q=khong-co-ai"));
    browser.wait_for("#nothing");
    browser.click("#clear");
    browser.wait_for("#older");
    browser.click("#older");
    browser.wait_for("#newest");
    browser.looks_back();
}

/// The value of the option with these words.
pub fn option(browser: &Browser, css: &str, words: &str) -> String {
    let find = format!(
        "[...document.querySelectorAll({css:?} + ' option')].find(o => o.textContent === {words:?}).value"
    );
    browser.compute(&find).as_str().expect("an option of this text").to_owned()
}

/// Two departments become one: a look, the typed number, the day, and the way back.
pub fn a_merge_of_two_agencies_is_previewed_applied_and_undone(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("agencies"));
    browser.click("#changes");
    browser.wait_for(".chips a");
    browser.click(".chips a[href$='kind=merge']");
    browser.wait_for("#change-form");
    let (stays, goes) =
        (option(&browser, "#agency", "Sở Tài chính"), option(&browser, "#agency", "Sở Nội vụ"));
    browser.click(&format!("#agency option[value='{stays}']"));
    browser.click(&format!("input[name='merged.{goes}']"));
    browser.write("#name", "Sở Tài chính và Nội vụ");
    pictures(&browser, "console-merge-form");
    browser.click("#preview");
    browser.wait_for("#change-confirm");
    let moving = browser.text("#numbers");
    let number = moving.rsplit(' ').next().unwrap_or_default().to_owned();
    assert!(number.parse::<u32>().is_ok_and(|number| number > 2), "{moving}");
    assert!(browser.text("#texts").contains("Sở Nội vụ"), "as the directories call it");
    pictures(&browser, "console-merge");
    browser.write("#reason", "Nghị quyết 20/NQ-HĐND");
    browser.write("#number", "1");
    browser.click("#confirm");
    browser.wait_for("#number-error");
    browser.write("#number", &number);
    browser.click("#confirm");
    browser.wait_until("the merge", |browser| browser.text("#stage") == "Đã xong");
    browser.shows(&format!("{number} tài khoản đã chuyển"));
    pictures(&browser, "console-merge-done");
    browser.open(&demo.admin("accounts?q=hoai+an"));
    browser.wait_for("#accounts");
    browser.shows("Sở Tài chính và Nội vụ");
    browser.open(&demo.admin("agencies/changes"));
    browser.click("#changes a");
    browser.wait_for("#change-confirm");
    browser.write("#reason", "Nghị quyết được thu hồi");
    browser.click("#confirm");
    browser.wait_until("the way back", |browser| browser.text("#stage") == "Đã hoàn tác");
    browser.open(&demo.admin("agencies"));
    browser.wait_for("#agencies");
    browser.hides("Sở Tài chính và Nội vụ");
    browser.shows("Sở Nội vụ");
    browser.looks_back();
}

/// Half a year is over: the city opens a review, one account is not needed any more, and the evidence is taken along.
pub fn an_access_review_is_opened_spoken_on_and_taken_along(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    open_review(&browser, demo);
    browser.wait_for("#items");
    browser.shows("Văn phòng Ủy ban nhân dân thành phố Đà Nẵng");
    pictures(&browser, "console-review");
    browser.click("#items li:has(input) input");
    browser.click("#verdict option[value=withdraw]");
    browser.click("#say");
    browser.wait_for(".notice.is-warn");
    assert!(browser.has("#items li input:checked"), "what was ticked stays");
    browser.click("#verdict option[value=transfer]");
    browser.write("#reason", "Đã chuyển công tác");
    browser.click("#say");
    browser.wait_for(".notice.is-ok");
    browser.open(&format!("{}?only=transfer", browser.address().split('?').next().unwrap_or_default()));
    browser.shows("Đã chuyển công tác");
    let rest = browser.text("#rest-title + p");
    let number: String = rest.chars().filter(char::is_ascii_digit).collect();
    browser.write("#rest", &number);
    browser.click("#keep");
    browser.wait_for(".notice.is-ok");
    assert!(!browser.has("#keep-form"), "nobody is left but oneself");
    assert!(browser.has("#evidence"));
    browser.looks_back();
}

/// The review of this half-year, which whoever comes first opens: there is one.
pub fn open_review(browser: &Browser, demo: &Demo) {
    browser.open(&demo.admin("reviews"));
    browser.wait_for("#open-form");
    if browser.has("#reviews a") {
        browser.click("#reviews a");
    } else {
        pictures(browser, "console-reviews");
        browser.click("#open");
    }
    browser.wait_for("#spoken");
}
