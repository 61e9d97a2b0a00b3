//! Two people: one asks for what is dangerous, another one decides on it, and whoever asked carries it out. The demo has
//! the rule switched off, so these walks go through a house beside it.

use crate::beside::House;
use crate::console::{enter, enter_at};
use crate::demo::{Demo, command};
use crate::driver::Browser;
use crate::screenshots::pictures;

/// The second person, and who is to get a role; nobody else walks with them.
const SECOND: &str = "tam.vo@danang.example";
const NAMED: &str = "linh.nguyen@danang.example";

/// The people of an agency who are not locked.
const AGENCY: &str = "accounts?q=nong+nghiep&state=active";

/// What the two requests are called.
const LOCK: &str = "Khóa hàng loạt";
const ROLE: &str = "Giao vai trò trên toàn thành phố hoặc phạm vi tương đương";

/// Many accounts are to be locked and a role over the city granted: both wait. The second person reads what, why and by
/// whom, approves one and refuses the other; the one is carried out, of the other whoever asked reads why not.
pub fn a_mass_lock_is_approved_by_a_second_person_and_a_role_is_refused(demo: &Demo) {
    command(demo, &["admin", "grant"], &[SECOND, "--reason", "Người duyệt thứ hai"]);
    let house = House::start(demo, |line| {
        (line == "two_persons").then(|| "two_persons = true\ntwo_persons_above = 2".to_owned())
    });
    let asks = enter_at(&house.console, "lan.dang");
    let number = ask_to_lock(&asks, &house);
    ask_for_a_role(&asks, &house);
    assert_eq!(asks.count("section.status"), 2, "both wait: {}", asks.text("#main"));
    assert!(!asks.has("button[value=approve]"), "whoever asked does not approve");
    assert!(asks.has("button[value=withdraw]"), "but may take it back");

    let second = enter_at(&house.console, "tam.vo");
    let told = second.compute("document.querySelector('.menu-group .menu-note').textContent");
    assert_eq!(told, "2", "the menu tells how many wait");
    second.open(&house.admin("approvals"));
    for words in [LOCK, ROLE, format!("{number} tài khoản").as_str(), "lan.dang@danang.example", NAMED] {
        second.shows(words);
    }
    second.shows("Diễn tập ứng cứu sự cố 2026");
    second.shows("duyen.duong@danang.example");
    pictures(&second, "console-approvals-waiting");
    decide(&second, (LOCK, "approve"), "Đã đối chiếu với kế hoạch diễn tập", "Đã duyệt.");
    decide(&second, (ROLE, "refuse"), "Chưa có quyết định phân công", "Đã từ chối đề nghị.");
    assert_eq!(people(&second, &house), number, "approving alone locks nobody");

    carry_out(&asks, &house, number);
    give_back(demo, &asks, number);
    command(demo, &["admin", "revoke"], &[SECOND]);
    asks.looks_back();
    second.looks_back();
}

/// How many of the agency are not locked.
fn people(browser: &Browser, house: &House) -> usize {
    browser.open(&house.admin(AGENCY));
    browser.wait_for("#q");
    browser.count("#accounts tbody tr")
}

/// Draws up the lock of everybody of the agency and sends it off; returns how many they are.
fn ask_to_lock(browser: &Browser, house: &House) -> usize {
    let all = people(browser, house);
    assert!(all > 2, "an agency of some people");
    browser.click("#bulk summary");
    browser.click("input[name=scope][value=all]");
    browser.click("#bulk-preview");
    browser.wait_for("#needs-second");
    browser.write("#reason", "Diễn tập ứng cứu sự cố 2026");
    browser.write("#number", &all.to_string());
    browser.click("#confirm");
    browser.wait_for(".notice.is-ok");
    browser.shows("Việc này cần người thứ hai duyệt. Đề nghị đã được gửi.");
    browser.shows(LOCK);
    assert_eq!(people(browser, house), all, "nobody is locked yet");
    all
}

fn ask_for_a_role(browser: &Browser, house: &House) {
    browser.open(&house.admin("administrators"));
    browser.write("#address", NAMED);
    browser.click("#role option[value=auditor]");
    browser.write("#reason", "Kiểm tra nội bộ quý này");
    browser.click("#grant");
    browser.wait_for(".notice.is-ok");
    browser.shows(ROLE);
}

/// Approves or refuses the request of this name.
fn decide(browser: &Browser, (matter, what): (&str, &str), why: &str, told: &str) {
    let find = format!(
        "[...document.querySelectorAll('section.status h2')].find(h => h.textContent === {matter:?}).id.slice(2)"
    );
    let id = browser.compute(&find);
    let reason = format!("[id='r-{}']", id.as_str().expect("the request waits"));
    browser.write(&reason, why);
    browser.click(&format!("form:has({reason}) button[value={what}]"));
    browser.wait_until(told, |browser| browser.text("#main").contains(told));
}

/// Whoever asked reads both words, does the one thing and finds the other undone.
fn carry_out(browser: &Browser, house: &House, number: usize) {
    browser.open(&house.admin("approvals"));
    browser.shows("Đã duyệt, chờ thực hiện");
    browser.shows("Đã đối chiếu với kế hoạch diễn tập");
    let closed = browser.text(".timeline");
    for words in ["Không duyệt", "Chưa có quyết định phân công", SECOND] {
        assert!(closed.contains(words), "{words} is in {closed}");
    }
    pictures(browser, "console-approvals-approved");
    browser.open(&house.admin("administrators"));
    browser.hides(NAMED);
    browser.open(&house.admin("approvals"));
    browser.click("form[action$='/start'] button");
    browser.wait_for("#done");
    browser.shows(&format!("Đã thực hiện với {number} tài khoản."));
}

/// In the demo itself one person is enough to take it back, from the same page.
fn give_back(demo: &Demo, done: &Browser, number: usize) {
    let job = done.address().rsplit('/').next().unwrap_or_default().to_owned();
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin(AGENCY));
    browser.shows("Không có tài khoản nào khớp.");
    browser.open(&demo.admin(&format!("bulk/{job}")));
    browser.wait_for("#bulk-confirm");
    browser.write("#reason", "Kết thúc diễn tập");
    browser.click("#confirm");
    let given_back = format!("Đã hoàn tác với {number} tài khoản.");
    browser.wait_until("the way back", |browser| {
        browser.has("#done") && browser.text("#main").contains(&given_back)
    });
    browser.open(&demo.admin(AGENCY));
    assert_eq!(browser.count("#accounts tbody tr"), number, "everybody is as before");
    browser.looks_back();
}
