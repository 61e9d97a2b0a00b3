//! The pages of the staff's door: a locked account, the portal, the language, the keyboard, and life without scripts.

use crate::demo::{Demo, PASSWORD, sign_in, sign_in_as_far_as};
use crate::directories::Which::Obm;
use crate::driver::{Browser, ENTER, TAB};

/// Whoever proves the password of a locked account reads why it is locked and what to do; nobody else does.
pub fn a_locked_person_reads_why_and_what_to_do(demo: &Demo) {
    let call = "Liên hệ bộ phận hỗ trợ hoặc quản trị viên của cơ quan để được mở khóa.";
    let ask = "hãy đề nghị quản trị viên của cơ quan kiểm tra hộp thư";
    let locked = [
        ("chi.le", "Chưa đổi mật khẩu cấp ban đầu", "trong 3 ngày làm việc", call),
        ("ha.vo", "Mật khẩu quá hạn", "quá 6 tháng", call),
        ("khanh.bui", "Bị vô hiệu hóa trong hệ thống thư", "vô hiệu hóa trong hệ thống thư", ask),
    ];
    let browser = Browser::start();
    for (who, reason, why, next_step) in locked {
        browser.open(&demo.at("sign-in"));
        sign_in(&browser, who, "Khong-phai-mat-khau-1");
        browser.wait_for(".notice.is-danger");
        browser.hides("Tài khoản đang bị khóa");
        sign_in(&browser, who, PASSWORD);
        browser.wait_for("#locked");
        assert_eq!(browser.text(".notice-title"), reason);
        let address = format!("{who}@danang.example");
        for words in [why, next_step, &address, "Khóa từ", "0236 1022", "Dữ liệu hộp thư không bị xóa."]
        {
            browser.shows(words);
        }
        browser.open(&demo.house);
        assert_eq!(browser.address(), demo.at("sign-in"), "{who} has no session");
    }
    browser.looks_back();
}

/// Status, mailboxes, sessions, applications and the wished change of somebody with nothing to worry about.
pub fn the_portal_shows_the_own_account(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.sample);
    browser.click("#login");
    sign_in(&browser, "HieuHN@danang.example", PASSWORD);
    browser.wait_for("#name");
    browser.open(&demo.house);
    for words in ["Huỳnh Ngọc Hiếu", "hieu.huynh@danang.example", "Thư Exchange", "Thư OBM", "Kỹ sư hệ thống"]
    {
        browser.shows(words);
    }
    assert!(browser.text("#status-title").starts_with("Mật khẩu dùng được đến hết"));
    browser.hides("ngày đặt mật khẩu, không tính");
    browser.click("#deadline-days summary");
    browser.shows("ngày đặt mật khẩu, không tính");

    browser.open(&demo.at("account"));
    for words in ["hieuhn@danang.example", "Thư Exchange, ", "Khi thông tin chưa đúng"] {
        browser.shows(words);
    }
    browser.open(&demo.at("sessions"));
    browser.shows("Chrome trên Linux");
    browser.shows("Không có phiên nào khác.");
    browser.open(&demo.at("applications"));
    browser.shows("Văn phòng không giấy (mẫu)");
    browser.open(&demo.at("password"));
    browser.write("#current", PASSWORD);
    browser.write("#new", "ngan");
    browser.write("#repeat", "ngan");
    browser.click("#submit");
    browser.wait_for(".notice.is-danger");
    browser.shows("Chưa có gì thay đổi; mật khẩu cũ vẫn dùng được.");
    browser.click("#sign-out");
    browser.wait_for("#signed-out");
    browser.looks_back();
}

/// The other language is one click away and stays.
pub fn the_language_changes_and_stays(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.at("sign-in"));
    assert_eq!(browser.text("h1"), "Đăng nhập");
    assert_eq!(browser.attribute("html", "lang"), "vi");
    browser.click("a[hreflang=en]");
    browser.wait_for("a[hreflang=vi]");
    assert_eq!(browser.address(), demo.at("sign-in"));
    assert_eq!((browser.text("h1"), browser.attribute("html", "lang")), ("Sign in".into(), "en".into()));
    sign_in_as_far_as(&browser, "dung.pham", "#status-title");
    assert!(browser.text("#status-title").starts_with("Your password is good until the end of"));
    browser.shows("Phạm Tiến Dũng");
    browser.looks_back();
}

/// No mouse: the first field has the focus, Tab reaches the others in order, Enter sends.
pub fn the_keyboard_is_enough_to_sign_in(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.sample);
    browser.press(TAB);
    assert_eq!(browser.focus(), "login");
    browser.press(ENTER);
    browser.wait_for("#sign-in-form");
    browser.wait_until("the focus of the first field", |browser| browser.focus() == "identifier");
    browser.press("vanthu.skhcn");
    browser.press(TAB);
    assert_eq!(browser.focus(), "password", "Tab leads from the address to the password, as everywhere");
    browser.press(PASSWORD);
    browser.press(ENTER);
    browser.wait_for("#name");
    assert_eq!(browser.text("#name"), "Văn thư – Sở Khoa học và Công nghệ");

    browser.open(&demo.house);
    browser.press(TAB);
    assert_eq!(browser.compute("document.activeElement.className"), "skip-link");
    browser.press(ENTER);
    until_focus(&browser, "change-password");
    browser.press(ENTER);
    browser.wait_for("#password-form");
    browser.looks_back();
}

/// Presses Tab until the element has the focus; the way may lead over helpers such as "show the password".
pub fn until_focus(browser: &Browser, id: &str) {
    for _ in 0..4 {
        browser.press(TAB);
        if browser.focus() == id {
            return;
        }
    }
    panic!("Tab does not reach #{id}");
}

/// Signing in, the forced change with a mistake in it, the application and the way out, all without scripts.
pub fn everything_works_without_scripts(demo: &Demo) {
    let browser = Browser::without_scripts();
    browser.open(&demo.sample);
    browser.click("#login");
    sign_in(&browser, "hong.vo", PASSWORD);
    browser.wait_for("#password-form");
    assert!(!browser.has(".field-switch"), "no script has run");
    let fill = |new: &str| {
        browser.write("#current", PASSWORD);
        browser.write("#new", new);
        browser.write("#repeat", new);
        browser.click("#submit");
    };
    fill("Hong.vo-2026-moi");
    browser.wait_for(".notice.is-danger");
    assert_eq!(browser.attribute("[data-rule=name]", "data-state"), "broken");
    let new = "Cho-Con.9-gio-sang";
    fill(new);
    browser.wait_for("#offer");
    browser.click("#later");
    browser.wait_for("#name");
    assert_eq!(browser.text("#name"), "Võ Ngọc Hồng");
    assert!(demo.directories.accepts(Obm, "hong.vo", new));
    browser.click("#logout");
    browser.wait_for("#login");
    browser.looks_back();
}

/// Somebody with at most five working days left is stopped once after the sign-in, may go on, and reads the day on every
/// page of the portal; the way to the application is not lost.
pub fn a_password_about_to_end_is_reminded_of_at_the_sign_in_and_in_the_portal(demo: &Demo) {
    let browser = Browser::without_scripts();
    browser.open(&demo.sample);
    browser.click("#login");
    sign_in(&browser, "sang.le", PASSWORD);
    browser.wait_for("#reminder");
    browser.shows("Mật khẩu dùng được đến hết");
    browser.click("#deadline-days summary");
    browser.shows("tròn 6 tháng");
    browser.click("#later");
    browser.wait_for("#name");
    assert_eq!(browser.text("#name"), "Lê Văn Sang");

    browser.open(&demo.house);
    assert!(browser.text("#status-title").starts_with("Mật khẩu dùng được đến hết"));
    for page in ["sessions", "applications"] {
        browser.open(&demo.at(page));
        assert!(browser.text("#banner").starts_with("Mật khẩu dùng được đến hết"), "the banner of /{page}");
    }
    browser.click("#banner a");
    browser.wait_for("#password-form");
    browser.open(&demo.at("reminder"));
    browser.click("#change-now");
    browser.wait_for("#password-form");
    browser.looks_back();
}
