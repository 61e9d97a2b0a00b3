//! What people do in the portal besides the great matters: end sessions and accesses, take their data along, report an
//! incident, choose another password; and under which circumstances they do it.

use crate::console::enter;
use crate::demo::{Demo, PASSWORD, sign_in, sign_in_as_far_as};
use crate::directories::Which::{Ad, Obm};
use crate::driver::Browser;
use danang_sso::system::Stopwatch;
use serde_json::Value;

/// Nobody else walks with these.
const TWO_BROWSERS: &str = "nhan.chau";
const ONE_APPLICATION: &str = "thinh.tran";
const REPORTS: &str = "yen.nguyen";
const CHANGES: &str = "van.dang";

/// One browser ends the other's session, then all others.
pub fn one_session_is_ended_and_then_all_others(demo: &Demo) {
    let (browser, other) = (Browser::start(), Browser::start());
    for one in [&browser, &other] {
        one.open(&demo.house);
        sign_in_as_far_as(one, TWO_BROWSERS, "#status-title");
    }
    browser.open(&demo.at("sessions"));
    assert_eq!(browser.count("#sessions li"), 2, "{}", browser.text("#sessions"));
    browser.click("#sessions form button");
    browser.wait_for(".notice.is-ok");
    assert_eq!(browser.count("#sessions li"), 1, "{}", browser.text("#sessions"));
    assert!(!browser.has("#end-others"), "there is no other");
    other.open(&demo.at("account"));
    other.wait_for("#sign-in-form");

    sign_in_as_far_as(&other, TWO_BROWSERS, ".frame-portal #sign-out");
    browser.open(&demo.at("sessions"));
    browser.click("#end-others");
    browser.wait_until("the end of the others", |browser| {
        browser.has("#sessions") && !browser.has("#end-others")
    });
    other.open(&demo.at("account"));
    other.wait_for("#sign-in-form");
    browser.open(&demo.house);
    browser.wait_for("#status-title");
    browser.looks_back();
    other.looks_back();
}

/// An application that was used is listed, its access is ended; what the house knows is taken along as JSON.
pub fn an_access_is_ended_and_the_own_data_is_taken_along(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.sample);
    browser.click("#login");
    sign_in_as_far_as(&browser, ONE_APPLICATION, "#name");
    browser.open(&demo.at("applications"));
    assert!(browser.text("#applications").contains("Văn phòng không giấy (mẫu)"));
    browser.open(&demo.at("my-data"));
    browser.wait_for("#data");
    let data: Value = serde_json::from_str(&browser.download_by("main form")).expect("it is JSON");
    assert_eq!(data["account"]["address"], "thinh.tran@danang.example");
    assert_eq!(data["account"]["name"], "Trần Hữu Thịnh");
    let used = data["applications"].as_array().expect("applications are listed");
    assert_eq!(used.len(), 1, "{used:?}");
    assert!(data["sessions"].as_array().is_some_and(|all| !all.is_empty()), "the open session is told");
    assert!(!data.to_string().contains(PASSWORD), "nobody is told a password");
    // The page stays: a second press is not swallowed, and the button does not look busy for good.
    browser.compute(
        "window.addEventListener('submit', (event) => { \
         window.sent = (window.sent || 0) + (event.defaultPrevented ? 0 : 1); event.preventDefault(); })",
    );
    browser.click("#download");
    browser.click("#download");
    assert_eq!(browser.compute("window.sent"), 2);
    assert!(!browser.has("#download[aria-busy]"));

    browser.open(&demo.at("applications"));
    browser.click("#applications form button");
    browser.wait_for(".notice.is-ok");
    assert!(!browser.has("#applications li"), "{}", browser.text("#main"));
    browser.looks_back();
}

/// An incident without haste: reported, handed on to a contact, closed with a report that the reporter reads.
pub fn an_incident_is_reported_handed_on_and_closed_with_a_report(demo: &Demo) {
    const TITLE: &str = "Máy ở quầy số 4 tự mở cửa sổ quảng cáo";
    const REPORT: &str = "Đã cài lại máy; nguyên nhân là một tiện ích của trình duyệt.";
    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, REPORTS, "#status-title");
    browser.open(&demo.at("report?kind=incident"));
    browser.write("#title", TITLE);
    browser.write("#story", "Từ sáng nay cứ vài phút một cửa sổ mới hiện ra, chưa bấm vào.");
    browser.click("#send");
    browser.wait_for("#mine li");
    assert!(browser.text("#mine").contains("Đang xử lý"), "{}", browser.text("#mine"));

    let desk = enter(demo, "lan.dang");
    desk.open(&demo.admin("incidents"));
    desk.wait_for("#incidents");
    let find = format!(
        "[...document.querySelectorAll('#incidents tbody tr')].find(row => row.textContent.includes('{TITLE}'))\
         .querySelector('a').getAttribute('href')"
    );
    let case = desk.compute(&find);
    desk.open(&demo.admin(case.as_str().expect("it is listed").trim_start_matches('/')));
    desk.wait_for("#hand-form");
    assert!(desk.text("#contact").contains("Trực ban an toàn thông tin thành phố"));
    desk.click("#hand-on");
    desk.wait_for(".notice.is-ok");
    assert!(desk.text("#steps").contains("Trực ban an toàn thông tin"), "{}", desk.text("#steps"));
    // It is not closed as long as a term runs in which nobody was told.
    desk.click("#clocks summary");
    desk.write("#clocks input[name=words]", "Đã báo qua điện thoại, ông Hòa tiếp nhận");
    desk.click("#clocks button");
    desk.wait_until("the notice", |desk| desk.text("#steps").contains("ông Hòa tiếp nhận"));
    desk.write("#close-words", REPORT);
    desk.click("#close");
    desk.wait_until("the end", |desk| desk.text("#state") == "Đã đóng");
    desk.looks_back();

    browser.open(&demo.at("report"));
    let mine = browser.text("#mine");
    assert!(mine.contains("Đã đóng") && mine.contains(REPORT), "{mine}");
    browser.looks_back();
}

/// A password that nobody demanded: both mail systems have it, and the page says so of both.
pub fn a_wished_password_is_taken_by_both_systems(demo: &Demo) {
    const NEW: &str = "Mua-Bien.2-tau-sat";
    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, CHANGES, "#status-title");
    browser.click("#change-password");
    browser.wait_for("#password-form");
    browser.write("#current", PASSWORD);
    browser.write("#new", NEW);
    browser.write("#repeat", NEW);
    browser.click("#submit");
    browser.wait_for(".notice.is-ok");
    let told = browser.text(".notice.is-ok");
    assert!(told.contains("Thư Exchange") && told.contains("Thư OBM"), "{told}");
    assert_eq!(browser.count("#mailboxes .icon-ok"), 2, "{}", browser.text("#mailboxes"));
    for directory in [Ad, Obm] {
        assert!(demo.directories.accepts(directory, CHANGES, NEW), "{directory:?} accepts the new password");
        assert!(!demo.directories.accepts(directory, CHANGES, PASSWORD), "{directory:?} refuses the old one");
    }
    browser.looks_back();
}

/// Whoever comes to the computer afterwards and goes back sees the sign-in, and nothing of the account.
pub fn going_back_after_the_sign_out_shows_nothing_of_the_account(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, "hieu.huynh", "#status-title");
    browser.open(&demo.at("account"));
    browser.shows("Kỹ sư hệ thống");
    browser.click("#sign-out");
    browser.wait_for("#signed-out");
    for _ in 0..2 {
        // Only a page that came after going back is without the mark.
        browser.compute("document.body.setAttribute('data-left', 'yes')");
        browser.compute("history.back()");
        browser.wait_for("body:not([data-left]) #sign-in-form");
        browser.hides("Kỹ sư hệ thống");
        browser.hides("hieu.huynh@danang.example");
    }
    browser.looks_back();
}

/// The field shows what was typed; a line below it speaks of Caps Lock and of letters with accents, and is silent else.
pub fn a_password_is_shown_and_the_keyboard_is_spoken_of(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.at("sign-in"));
    browser.wait_for(".field-switch");
    let says = |words: &str| {
        browser.wait_until(words, |browser| browser.text("#password ~ .field-hint") == words);
    };
    let hint = "document.querySelector('#password ~ .field-hint').textContent";
    browser.write("#password", "Bien");
    assert_eq!(browser.compute(hint), "");
    let press = |is_on: bool| {
        let what = format!("{{ key: 'A', bubbles: true, modifierCapsLock: {is_on} }}");
        browser.compute(&format!(
            "document.getElementById('password').dispatchEvent(new KeyboardEvent('keydown', {what}))"
        ));
    };
    press(true);
    says("Phím Caps Lock đang bật.");
    press(false);
    assert_eq!(browser.compute(hint), "");
    browser.write("#password", "biển");
    browser.wait_until("the hint", |browser| {
        browser.text("#password ~ .field-hint").starts_with("Trong mật khẩu có chữ có dấu.")
    });
    browser.click(".field-switch");
    browser.wait_until("the shown password", |browser| {
        browser.compute("document.getElementById('password').type") == "text"
    });
    assert_eq!(browser.compute("document.getElementById('password').value"), "Bienbiển");
    assert_eq!(browser.attribute(".field-switch", "aria-pressed"), "true");
    browser.click(".field-switch");
    assert_eq!(browser.compute("document.getElementById('password').type"), "password");
    browser.looks_back();
}

/// Letters twice as large: nothing sticks out of the page, neither on a telephone nor on a desk.
pub fn letters_twice_as_large_fit_the_pages(demo: &Demo) {
    let first = Browser::start();
    first.open(&demo.at("sign-in"));
    fits_enlarged(&first, "the sign-in");
    sign_in(&first, "binh.tran", PASSWORD);
    first.wait_for("#password-form");
    fits_enlarged(&first, "the first password");
    first.looks_back();

    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, "hieu.huynh", "#status-title");
    for path in ["", "account", "security", "sessions"] {
        browser.open(&demo.at(path));
        fits_enlarged(&browser, path);
    }
    browser.looks_back();
}

fn fits_enlarged(browser: &Browser, page: &str) {
    browser.compute("(document.documentElement.style.fontSize = '200%')");
    for width in [390, 1280] {
        browser.resize(width);
        let sticking = "[...document.querySelectorAll('body *')].filter(one => !one.closest('.visually-hidden') \
             && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)\
             .map(one => `${one.tagName}.${one.className} ${one.id}`).slice(0, 5).join('; ')";
        let wide = browser.compute(&format!("document.documentElement.scrollWidth <= {width}"));
        assert_eq!(wide, true, "{page} is wider than {width} pixels: {}", browser.compute(sticking));
    }
}

/// Over a line with 400 ms until each answer and 50 kB a second the form is there and works.
pub fn a_slow_line_is_enough_to_sign_in(demo: &Demo) {
    let browser = Browser::start();
    browser.slow_down(400, 50_000);
    // A machine that has much else to do makes a page later, a page that is too heavy is too late each time.
    let is_soon_enough = (0..5).any(|_| opens_after(&browser, demo) < 6.0);
    assert!(is_soon_enough, "the sign-in needs more than six seconds");
    let watch = Stopwatch::start();
    sign_in_as_far_as(&browser, "hieu.huynh", "#status-title");
    println!("  the portal is there after {:.1} s", watch.elapsed().as_secs_f64());
    browser.looks_back();
}

/// How many seconds pass until the form of the sign-in is there; nothing of it was kept.
fn opens_after(browser: &Browser, demo: &Demo) -> f64 {
    let watch = Stopwatch::start();
    browser.open(&demo.at("sign-in"));
    browser.wait_for("#password");
    let seconds = watch.elapsed().as_secs_f64();
    println!("  the sign-in is there after {seconds:.1} s");
    seconds
}
