//! Walks through the portal: an application is found, a suspicious mail is reported and followed up, the rules are
//! acknowledged, a strange sign-in is disowned; and how much the pages weigh.

use crate::console;
use crate::demo::{Demo, PASSWORD, command, sign_in, sign_in_as_far_as};
use crate::driver::Browser;
use crate::screenshots::pictures;

/// No page of the portal weighs more, with everything that it loads.
const BUDGET: u64 = 100_000;

/// An application is found by a few letters without accents, also without scripts.
pub fn an_application_is_found_without_accents(demo: &Demo) {
    let arguments = ["--name", "Lịch công tác tuần của lãnh đạo", "--category", "Điều hành"];
    let addresses = ["--redirect-uri", "http://localhost:9/cb", "--home", "http://localhost:9/lich"];
    command(demo, &["client", "add"], &[&arguments[..], &addresses[..]].concat());
    let browser = Browser::without_scripts();
    browser.open(&demo.at("sign-in"));
    sign_in_as_far_as(&browser, "hieu.huynh", "#status-title");
    browser.shows("Lịch công tác tuần của lãnh đạo");
    browser.write("#q", "lich cong tac");
    browser.click("#find");
    // The page before has applications, too.
    browser.wait_until("what was found", |browser| browser.address().contains("q=") && browser.has(".app"));
    assert_eq!(browser.text(".app-name"), "Lịch công tác tuần của lãnh đạo");
    assert_eq!(browser.attribute(".app", "href"), "http://localhost:9/lich");
    browser.looks_back();
}

/// The rules are read and acknowledged once.
pub fn the_rules_are_acknowledged(demo: &Demo) {
    let browser = Browser::without_scripts();
    browser.open(&demo.at("sign-in"));
    sign_in_as_far_as(&browser, "hieu.huynh", "#status-title");
    browser.click("#rules-due a");
    browser.wait_for("#acknowledge");
    browser.shows("Không đặt chuyển thư tự động ra ngoài");
    browser.click("#acknowledge");
    browser.wait_for("#told");
    assert!(!browser.has("#acknowledge"));
    browser.open(&demo.house);
    assert!(!browser.has("#rules-due"));
    browser.looks_back();
}

/// A suspicious mail that was opened is reported; the desk sees its clock run, tells the city and closes the case.
pub fn a_suspicious_mail_is_reported_and_followed_up(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.at("sign-in"));
    sign_in_as_far_as(&browser, "dung.pham", "#status-title");
    browser.open(&demo.at("report?kind=suspicious_mail"));
    browser.write("#title", "Nâng cấp hộp thư Zimbra – admin@zimbra-danang.example");
    browser.write("#story", "Thư nói hộp thư sắp bị khóa trong 48 giờ và có nút nâng cấp.");
    browser.click("#opened");
    browser.click("#send");
    browser.wait_for("#told-1");
    browser.shows("hãy đổi mật khẩu ngay");
    browser.looks_back();

    let desk = console::enter(demo, "lan.dang");
    desk.open(&demo.admin("incidents"));
    desk.wait_for("#incidents");
    desk.click("#incidents a");
    desk.wait_for("#clocks");
    assert!(desk.text("#clock-city .badge").starts_with("Còn 7 giờ"), "{}", desk.text("#clock-city"));
    pictures(&desk, "console-incident");
    desk.click("#clock-city summary");
    desk.write("#told-city", "Điện thoại cho trực ban DDS, 0236 1022");
    desk.click("#clock-city button");
    desk.wait_for(".notice.is-ok");
    desk.write("#close-words", "Đã chặn địa chỉ gửi, đổi mật khẩu, nhắc toàn đơn vị.");
    desk.click("#close");
    desk.wait_until("the end", |desk| desk.text("#state") == "Đã đóng");
    desk.open(&demo.admin("incidents?state=closed"));
    pictures(&desk, "console-incidents");
    desk.looks_back();
}

/// A strange sign-in is disowned: the other browser is out at once and stays out, although it knows the password; the holder
/// sets a new one.
pub fn a_strange_sign_in_is_disowned(demo: &Demo) {
    let (browser, thief) = (Browser::start(), Browser::start());
    for one in [&browser, &thief] {
        one.open(&demo.at("sign-in"));
        sign_in_as_far_as(one, "thu.le", "#status-title");
    }
    browser.open(&demo.at("sessions"));
    browser.click("#not-me-details summary");
    pictures(&browser, "portal-not-me");
    browser.write("#not-me-words", "Có phiên đăng nhập lúc nửa đêm");
    browser.click("#not-me-do");
    browser.wait_for("#password-form");
    browser.shows("Ông/Bà đã báo có người khác dùng tài khoản");
    browser.write("#new", "aaaaaaaaaaaaaaaa");
    assert!(browser.text("#strength").contains("Rất dễ đoán"), "{}", browser.text("#strength"));
    pictures(&browser, "password-strength");
    thief.open(&demo.house);
    thief.wait_for("#sign-in-form");
    sign_in(&thief, "thu.le", PASSWORD);
    thief.wait_for("#locked");
    thief.shows("Chưa thể đăng nhập chỉ bằng mật khẩu");
    assert!(!thief.has("#password-form"));
    pictures(&thief, "disowned");
    browser.looks_back();
}

/// The city enters a second post as a table; whoever holds it picks it, and the application is told.
pub fn somebody_with_two_posts_picks_the_one_in_which_they_work(demo: &Demo) {
    let desk = console::enter(demo, "lan.dang");
    desk.open(&demo.admin("import?table=posts"));
    desk.wait_for("#import-form");
    desk.write("#text", "address;title;agency\nngoc.tran;Ủy viên Ban Chỉ đạo Chuyển đổi số;so-khcn");
    desk.click("#look");
    desk.wait_for("#enter");
    pictures(&desk, "console-import-posts");
    desk.click("#enter");
    desk.wait_for(".notice.is-ok");
    desk.looks_back();

    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, "ngoc.tran", "#status-title");
    browser.open(&demo.at("account"));
    browser.wait_for("#posts");
    pictures(&browser, "portal-posts");
    browser.click("#posts button");
    browser.wait_for(".notice.is-ok");
    assert!(browser.text("#posts li:first-child").contains("Ủy viên Ban Chỉ đạo Chuyển đổi số"));
    browser.looks_back();
}

/// Whoever is named for an agency's mailbox chooses at the application as whom they come; it sees the mailbox.
pub fn an_agency_mailbox_is_opened_without_its_password(demo: &Demo) {
    let desk = console::enter(demo, "minh.phan");
    console::find(&desk, demo, "vanthu.skhcn");
    desk.click("#delegates-link");
    desk.wait_for("#grant-form");
    desk.write("#person", "nhu.pham");
    desk.write("#why", "Quyết định phân công số 12/QĐ-SKHCN");
    desk.click("#grant");
    desk.wait_for("#delegates li");
    assert!(desk.text("#delegates").contains("Phạm Thị Quỳnh Như"));
    pictures(&desk, "console-delegates");
    desk.looks_back();

    let browser = Browser::start();
    browser.open(&demo.sample);
    browser.click("#login");
    sign_in_as_far_as(&browser, "nhu.pham", "#acting");
    browser.shows("Thay mặt Văn thư – Sở Khoa học và Công nghệ");
    browser.shows("vanthu.skhcn@danang.example");
    pictures(&browser, "acting");
    browser.click("#as-1");
    browser.wait_for("#name");
    assert_eq!(browser.text("#name"), "Văn thư – Sở Khoa học và Công nghệ");
    browser.open(&demo.at("account"));
    browser.shows("vanthu.skhcn@danang.example");
    browser.click("#ask-again");
    browser.wait_for(".notice.is-ok");
    browser.looks_back();
}

/// What a page and everything that it loads weigh when nothing is compressed.
pub fn no_page_of_the_portal_weighs_more_than_a_hundred_thousand_bytes(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.at("sign-in"));
    sign_in_as_far_as(&browser, "dung.pham", "#status-title");
    for path in
        ["", "account", "sessions", "applications", "letters", "report", "rules", "my-data", "password"]
    {
        browser.open(&demo.at(path));
        let weight = browser.compute(
            "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))\
             .reduce((sum, one) => sum + one.decodedBodySize, 0)",
        );
        let weight = weight.as_u64().expect("a number");
        println!("  /{path}: {weight} bytes");
        assert!(weight > 10_000 && weight < BUDGET, "/{path} weighs {weight} bytes");
    }
    browser.looks_back();
}
