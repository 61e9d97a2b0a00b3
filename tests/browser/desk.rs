//! The help desk: the numbers in the morning, why somebody cannot sign in, many accounts at once and the way back.

use crate::console::{enter, find};
use crate::demo::{Demo, PASSWORD, command, sign_in};
use crate::driver::Browser;
use crate::screenshots::pictures;

/// Whoever helps, and whose password was too old: no other walk needs them.
const DESK: &str = "tai.nguyen@danang.example";
const LOCKED: &str = "phat.huynh";

/// Somebody calls: the search, the verdict, the unlocking after a look at who it is, a note, the timeline.
pub fn the_morning_of_a_help_desk(demo: &Demo) {
    command(demo, &["admin", "grant"], &[DESK, "--role", "help-desk", "--reason", "Ca sáng"]);
    let (browser, person) = (enter(demo, "tai.nguyen"), Browser::start());
    browser.shows("Bộ phận hỗ trợ");
    assert!(browser.has("#chart-hours svg rect"), "the sign-ins of this morning are drawn");
    pictures(&browser, "desk-dashboard");
    browser.click("#chart-hours summary");
    assert_eq!(browser.count("#chart-hours tbody tr"), 24);

    find(&browser, demo, "huynh tan phat");
    browser.shows("phat.huynh@danang.example");
    assert!(!browser.has("#lock-form"), "a help desk does not lock");
    browser.click("#why");
    browser.wait_for("#verdict");
    let verdict = browser.text("#verdict");
    assert!(verdict.contains("Bị khóa từ") && verdict.contains("Mật khẩu quá hạn"), "{verdict}");
    assert!(browser.text("#next-step").contains("Xác minh đúng người"));
    assert!(browser.text("#steps").contains("Máy chủ Thư OBM"), "each directory was asked");
    pictures(&browser, "desk-why");
    browser.click(".way");
    browser.wait_for("#unlock");
    browser.write("#reason", "Đã gọi lại số cơ quan, đúng người");
    browser.click("#unlock");
    browser.wait_until("the unlocking", |browser| browser.text("#state") == "Phải đổi mật khẩu");
    browser.write("#note", "Gọi lúc 7 giờ 45; hẹn gọi lại nếu chưa vào được");
    browser.click("#add-note");
    browser.wait_for("#notes li");
    assert!(browser.text("#notes").contains("tai.nguyen@danang.example"));
    pictures(&browser, "desk-account");

    person.open(&demo.at("sign-in"));
    sign_in(&person, LOCKED, PASSWORD);
    person.wait_for("#password-form");
    browser.click("#why");
    browser.wait_for("#verdict");
    assert!(browser.text("#verdict").contains("phải đặt mật khẩu mới"));
    browser.click(".way");
    browser.wait_for("#sessions");
    browser.write("#sessions-reason", "Máy dùng chung");
    browser.click("#end-sessions");
    browser.wait_until("the end of the sessions", |browser| !browser.has("#sessions"));
    person.open(&demo.house);
    person.wait_for("#sign-in-form");

    browser.click("#timeline-link");
    browser.wait_for(".timeline");
    for words in
        ["mở khóa tài khoản", "Đã gọi lại số cơ quan, đúng người", "ghi chú về tài khoản", "Máy dùng chung"]
    {
        browser.shows(words);
    }
    pictures(&browser, "desk-timeline");
    command(demo, &["admin", "revoke"], &[DESK]);
    browser.looks_back();
    person.looks_back();
}

/// Whoever was locked for the age of the password is let in together, and nobody is left.
pub fn the_locks_of_one_reason_are_lifted_together(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("unlock?lock=password_too_old"));
    browser.wait_for("#unlock-form");
    let all = browser.count("#accounts tbody tr");
    assert!(browser.text("#accounts").contains("ha.vo@danang.example"));
    browser.write("#reason", "Cơ quan đã xác nhận từng người, công văn 21/STTTT");
    browser.write("#number", &all.to_string());
    browser.click("#unlock");
    browser.wait_for("#done");
    browser.shows(&format!("Đã mở khóa {all} tài khoản"));
    assert!(!browser.has("#left"), "nobody is left: {}", browser.text("#main"));
    pictures(&browser, "console-unlock-done");
    browser.click("#again");
    browser.wait_for("#choose-form");
    assert!(!browser.has("#unlock-form"), "nobody is locked for it any more");
    browser.looks_back();
}

/// Ticked accounts and a whole list lead to the same look; a typed number locks them in the background, and all of it is
/// taken back.
pub fn many_accounts_are_looked_at_locked_and_given_back(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("accounts?q=nong+nghiep&state=active"));
    let all = browser.count("#accounts tbody tr");
    assert!(all > 2, "an agency of some people");
    browser.click("#bulk summary");
    browser.click("#accounts tbody tr:nth-child(1) input");
    browser.click("#accounts tbody tr:nth-child(2) input");
    pictures(&browser, "desk-accounts");
    browser.click("#bulk-preview");
    browser.wait_for("#bulk-confirm");
    browser.shows("2 tài khoản sẽ được xử lý");
    assert_eq!(browser.count("#accounts li"), 2);

    browser.open(&demo.admin("accounts?q=nong+nghiep&state=active"));
    browser.click("#bulk summary");
    browser.click("input[name=scope][value=all]");
    browser.click("#bulk-preview");
    browser.wait_for("#bulk-confirm");
    browser.shows(&format!("{all} tài khoản sẽ được xử lý"));
    pictures(&browser, "desk-bulk");
    browser.write("#reason", "Diễn tập ứng cứu sự cố 2026");
    browser.write("#number", "1");
    browser.click("#confirm");
    browser.wait_for("#number-error");
    browser.write("#number", &all.to_string());
    browser.click("#confirm");
    // The page comes back by itself until it is done.
    browser.wait_for("#done");
    browser.shows(&format!("Đã thực hiện với {all} tài khoản."));
    pictures(&browser, "desk-bulk-done");
    let locked = browser.text("#states");
    assert!(locked.contains("Bị khóa"), "{locked}");

    browser.write("#reason", "Kết thúc diễn tập");
    browser.click("#confirm");
    browser.wait_until("the way back", |browser| {
        browser.has("#done") && browser.page().contains(&format!("Đã hoàn tác với {all} tài khoản."))
    });
    browser.open(&demo.admin("bulk"));
    browser.shows("Đã hoàn tác");
    pictures(&browser, "desk-bulk-list");
    browser.open(&demo.admin("accounts?q=nong+nghiep&state=active"));
    assert_eq!(browser.count("#accounts tbody tr"), all, "everybody is as before");
    browser.looks_back();
}
