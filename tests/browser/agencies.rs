//! The month of an agency's administrator, and the audit: the numbers, the report, whom the staff ask, who did what.

use crate::console::enter;
use crate::demo::Demo;
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
    browser.shows("Quản trị viên lan.dang@danang.example tra cứu nhật ký.");
    browser.open(&demo.admin("audit?q=khong-co-ai"));
    browser.wait_for("#nothing");
    browser.click("#clear");
    browser.wait_for("#older");
    browser.click("#older");
    browser.wait_for("#newest");
    browser.looks_back();
}
