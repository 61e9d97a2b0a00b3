//! The regulation's clock in the console: the year at a glance, the dry run of a swap and its two people, the forecast,
//! the wizard that switches a rule on, a changed value, and the brake. Every walk undoes what it changed.

use crate::console::enter;
use crate::demo::{Demo, PASSWORD, command, sign_in};
use crate::driver::Browser;
use danang_sso::domain::policy::calendar::Calendar;
use danang_sso::system::System;
use time::{Date, Duration, Weekday};

/// A city administrator for as long as a walk lasts.
const SECOND: &str = "tri.phan@danang.example";

/// Twelve months, colours that the legend explains, another year; one column on a telephone, one sheet when printed.
pub fn a_year_shows_twelve_months_on_a_desk_a_telephone_and_one_sheet_of_paper(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("calendar?year=2026"));
    assert_eq!(browser.text("main h1"), "Lịch làm việc năm 2026");
    assert_eq!(browser.count("#months .month"), 12);
    let columns = "getComputedStyle(document.getElementById('months')).gridTemplateColumns.split(' ').length";
    assert_eq!(browser.compute(columns), 4);
    for (class, said) in
        [("is-holiday", "Tết"), ("is-swapped", "Nghỉ hoán đổi"), ("is-make-up", "Làm việc bù")]
    {
        let day = format!("#months td.{class}");
        assert!(browser.attribute(&day, "title").contains(said), "{class}");
        assert!(browser.has(&format!("{day} .month-mark")), "{class} is told without colour, too");
        assert!(browser.has(&format!("#legend .{class}")), "the legend explains {class}");
    }
    assert_eq!(browser.printed_sheets(), 1, "the year is one sheet of A4");
    browser.resize(390);
    assert_eq!(browser.compute(columns), 1);
    assert_eq!(browser.compute("document.documentElement.scrollWidth <= window.innerWidth"), true);
    browser.resize(1280);

    browser.click("#next-year");
    browser.wait_until("the next year", |browser| browser.text("main h1") == "Lịch làm việc năm 2027");
    assert!(browser.has("#months td.is-holiday.is-open"), "days of 2027 wait for their confirmation");
    browser.click("#agency option:nth-child(2)");
    browser.click("#show");
    browser.wait_until("an agency's calendar", |browser| browser.address().contains("agency="));
    assert_eq!(browser.count("#months .month"), 12);
    browser.looks_back();
}

/// The preview counts what would move and writes nothing; the typed number enters the swap, a second administrator
/// confirms it. Afterwards the two strike it again.
pub fn a_swap_is_tried_dry_then_entered_by_one_and_confirmed_by_a_second(demo: &Demo) {
    command(demo, &["admin", "grant"], &[SECOND]);
    let (first, second) = (enter(demo, "lan.dang"), enter(demo, "tri.phan"));
    let (off, work) = next_swap();
    try_a_swap(&first, demo, (off, work));
    assert_ne!(first.text("#effect li:first-child .count-number"), "0", "somebody's deadline moves");
    assert!(first.has("#moved a"), "with the names");
    assert_eq!(first.count("#steps tbody tr"), 2);
    first.write("#typed", "3");
    first.click("#apply");
    first.wait_for("#typed-error");
    open_year(&second, demo, off);
    assert!(!second.has(&row(off)), "a dry run writes nothing");

    try_a_swap(&first, demo, (off, work));
    type_the_number(&first, "2");
    for day in [off, work] {
        assert!(first.text(&row(day)).contains("Chưa xác nhận"), "{day} waits for a second person");
    }
    open_year(&second, demo, off);
    second.click("#confirm summary");
    for day in [off, work] {
        second.click(&format!("#confirm-form input[name='day-{day}']"));
    }
    second.write("#confirm-number", "17/TB-UBND");
    second.write("#confirm-notice-date", "02/11/2026");
    second.click("#confirm-form button");
    type_the_number(&second, "2");
    for day in [off, work] {
        let told = second.text(&row(day));
        assert!(told.contains("Đã xác nhận") && told.contains("17/TB-UBND"), "{told}");
        assert!(told.contains("lan.dang@") && told.contains(SECOND), "both people stand there: {told}");
    }
    for day in [off, work] {
        strike(&first, &second, demo, day);
    }
    command(demo, &["admin", "revoke"], &[SECOND]);
    first.looks_back();
    second.looks_back();
}

/// One asks, the other takes the day off the list.
fn strike(first: &Browser, second: &Browser, demo: &Demo, day: Date) {
    open_year(first, demo, day);
    first.click("#ask-strike summary");
    first.click(&format!("#strike-date option[value='{day}']"));
    first.write("#strike-why", "Kết thúc kiểm thử");
    first.click("#ask-strike-form button");
    type_the_number(first, "1");
    open_year(second, demo, day);
    second.click(&format!("{} form:has([value=strike]) button", row(day)));
    type_the_number(second, "1");
    assert!(!second.has(&row(day)), "{day} is struck");
}

/// Days, names and sums that are not nothing; the table for a spreadsheet says the same.
pub fn the_forecast_tells_whom_it_meets_and_gives_the_same_as_a_table(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("forecast"));
    assert_eq!(browser.attribute("#days", "value"), "30");
    let month = browser.count("#forecast tbody tr");
    browser.clear("#days");
    browser.write("#days", "60");
    browser.click("#show");
    // Not by the field: it has the number before the page comes.
    browser.wait_until("sixty days", |browser| browser.address().contains("days=60"));
    assert!(month > 0 && browser.count("#forecast tbody tr") >= month);
    let total = |column: u8| -> u64 {
        let text = browser.text(&format!("#forecast tfoot td:nth-child({column})"));
        text.parse().unwrap_or_else(|_| panic!("a number: {text}"))
    };
    let (warned, locked) = (total(2), total(3));
    assert!(warned > 0 && locked > 0, "{warned} warned, {locked} locked");
    browser.click("#forecast details summary");
    assert!(browser.text("#forecast details").contains("@danang.example"), "it says who");

    let table = browser.download(&demo.admin(browser.attribute("#export", "href").trim_start_matches('/')));
    let mut sums = (0, 0);
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number =
            |at: usize| -> u64 { cells[at].parse().unwrap_or_else(|_| panic!("a number in {line}")) };
        sums = (sums.0 + number(1), sums.1 + number(2));
    }
    assert_eq!(sums, (warned, locked), "the table says what the page says");
    browser.click("#agency option:nth-child(2)");
    browser.click("#show");
    browser.wait_until("one agency", |browser| browser.address().contains("agency=0"));
    browser.looks_back();
}

/// Rule, survey, plan, effect, start with a reason; then back to the version before.
pub fn the_wizard_switches_an_agency_on_in_a_wave_and_the_version_before_comes_back(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    switch_on_and_back(&browser, demo, "Kế hoạch số 9/KH-UBND, kiểm thử");
    browser.looks_back();
}

fn switch_on_and_back(browser: &Browser, demo: &Demo, why: &str) {
    browser.open(&demo.admin("policy"));
    let (before, versions) = (browser.text("#stages"), browser.count("#versions > li"));
    plan_a_wave(browser, demo, &["Hải Châu"]);
    browser.shows("Đợt 1");
    assert!(browser.text("#effect").contains("thời hạn lùi lại"), "{}", browser.text("#effect"));
    assert!(browser.text("#effect-examples").contains("sang.le@danang.example"));
    browser.write("#reason", why);
    browser.click("#start");
    browser.wait_for("#stages");
    browser.shows("Đã bắt đầu.");
    assert!(browser.text("#stages").contains("1 cơ quan có mức riêng"), "{}", browser.text("#stages"));
    assert!(browser.text("#versions").contains(why));

    browser.click("#versions > li:nth-child(2) button");
    browser.wait_for("#differences");
    let told = browser.text("#differences");
    assert!(told.contains("Thời gian dùng mật khẩu: Ủy ban nhân dân phường Hải Châu"), "{told}");
    confirm_going_back(browser);
    assert_eq!(browser.text("#stages"), before, "as before");
    assert_eq!(browser.count("#versions > li"), versions + 2, "going back is a version of its own");
}

/// A value, its effect, the reason; then back.
pub fn a_value_changes_after_a_look_at_what_it_moves(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    try_a_value(&browser, demo, "password_months.person", "5");
    assert!(browser.text("#differences").contains("Dùng một mật khẩu"), "{}", browser.text("#differences"));
    assert!(browser.text("#effect").contains("đến sớm hơn"), "{}", browser.text("#effect"));
    assert!(browser.has("#effect-examples a"), "with names");
    browser.click("#apply-form .is-quiet");
    browser.wait_for("#policy-form");
    assert_eq!(browser.attribute("[name='password_months.person']", "value"), "6", "looking changes nothing");

    change_a_value_and_back(&browser, demo, "Thông báo 12/TB-STTTT");
    browser.looks_back();
}

fn change_a_value_and_back(browser: &Browser, demo: &Demo, why: &str) {
    try_a_value(browser, demo, "brake_accounts", "40");
    browser.write("#reason", why);
    browser.click("#apply");
    browser.wait_for("#policy-form");
    browser.shows("Đã áp dụng.");
    assert_eq!(browser.attribute("[name=brake_accounts]", "value"), "40");
    assert!(browser.text("#versions").contains(why));
    go_back(browser);
    assert_ne!(browser.attribute("[name=brake_accounts]", "value"), "40");
}

/// Nothing waits on an ordinary day.
pub fn the_brake_says_that_nothing_waits(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("policy"));
    browser.click("#to-brake");
    browser.wait_for("#nothing-waits");
    assert_eq!(
        browser.text("#nothing-waits"),
        "Không có đợt khóa nào đang chờ. Khi một đợt vượt ngưỡng, việc cần xem hiện ở đây."
    );
    assert!(!browser.has("#approve"));
    browser.looks_back();
}

/// Year, dry run, forecast, wizard, value and brake in a browser that runs no script.
pub fn the_pages_of_the_regulation_work_without_scripts(demo: &Demo) {
    let browser = Browser::without_scripts();
    browser.open(&demo.console);
    sign_in(&browser, "lan.dang", PASSWORD);
    browser.wait_for("#states");
    browser.open(&demo.admin("calendar"));
    browser.click("#previous-year");
    browser.wait_for("#months");
    let (off, work) = next_swap();
    try_a_swap(&browser, demo, (off, work));
    type_the_number(&browser, "2");
    for day in [off, work] {
        browser.click(&format!("{} form:has([value=withdraw]) button", row(day)));
        type_the_number(&browser, "1");
        assert!(!browser.has(&row(day)), "{day} is taken back by whoever entered it");
    }
    browser.open(&demo.admin("forecast"));
    browser.click("#agency option:nth-child(2)");
    browser.click("#show");
    browser.wait_until("one agency", |browser| browser.address().contains("agency=0"));
    switch_on_and_back(&browser, demo, "Không dùng kịch bản");
    change_a_value_and_back(&browser, demo, "Không dùng kịch bản, giá trị");
    browser.open(&demo.admin("policy/brake"));
    browser.wait_for("#nothing-waits");
    browser.looks_back();
}

/// A working day that comes soon, so that deadlines move, and a Saturday of the same year that is not listed.
pub fn next_swap() -> (Date, Date) {
    let today = System::of_the_machine().now().local_date();
    let calendar = Calendar::built_in();
    let days = |step: i64| move |n: i64| today + Duration::days(step * n);
    let off = (1..40).map(days(1)).find(|day| calendar.is_working(*day)).expect("a working day comes");
    let is_free = |day: &Date| {
        let listed = calendar.listed().any(|(listed, _)| listed == *day);
        day.weekday() == Weekday::Saturday && day.year() == off.year() && !listed
    };
    let after = (1..40).map(days(1)).find(is_free);
    let work = after.or_else(|| (1..40).map(days(-1)).find(is_free));
    (off, work.expect("a Saturday in forty days"))
}

/// Fills the form of a swap and comes to its preview.
pub fn try_a_swap(browser: &Browser, demo: &Demo, (off, work): (Date, Date)) {
    open_year(browser, demo, off);
    let slashes = |day: Date| format!("{:02}/{:02}/{}", day.day(), u8::from(day.month()), day.year());
    browser.click("#swap summary");
    browser.write("#swap-off", &slashes(off));
    browser.write("#swap-work", &slashes(work));
    browser.write("#swap-number", "17/TB-UBND");
    browser.write("#swap-notice-date", "02/11/2026");
    browser.write("#swap-why", "Hoán đổi ngày làm việc, kiểm thử");
    browser.click("#swap-form button");
    browser.wait_for("#apply-form");
}

/// Changes one value in the form of the rules and comes to its preview.
pub fn try_a_value(browser: &Browser, demo: &Demo, name: &str, value: &str) {
    browser.open(&demo.admin("policy"));
    let field = format!("[name='{name}']");
    browser.clear(&field);
    browser.write(&field, value);
    browser.click("#preview");
    browser.wait_for("#differences");
}

/// Plans waves of the age of the password for the agencies with these words in their names, and comes to the plan.
pub fn plan_a_wave(browser: &Browser, demo: &Demo, agencies: &[&str]) {
    browser.open(&demo.admin("policy/waves"));
    browser.click("#rule option[value=password-age]");
    browser.click("#show-rule");
    browser.wait_until("the rule", |browser| browser.address().contains("rule=password-age"));
    for at in 1..=browser.count("#survey tbody tr") {
        let row = format!("#survey tbody tr:nth-child({at})");
        let says = browser.text(&row);
        if agencies.iter().any(|name| says.contains(name)) {
            browser.click(&format!("{row} input"));
        }
    }
    browser.click("#plan");
    browser.wait_for("#plan-form");
}

/// Goes back to the version before the present one.
fn go_back(browser: &Browser) {
    browser.click("#versions > li:nth-child(2) button");
    browser.wait_for("#differences");
    confirm_going_back(browser);
}

fn confirm_going_back(browser: &Browser) {
    browser.write("#reason", "Kết thúc kiểm thử");
    browser.click("#apply");
    browser.wait_for("#policy-form");
}

/// Types the number of days that change, and sees that the change is made.
fn type_the_number(browser: &Browser, number: &str) {
    browser.wait_for("#typed");
    browser.write("#typed", number);
    browser.click("#apply");
    browser.wait_for("#months");
    browser.shows("Đã ghi thay đổi.");
}

/// The city's calendar in the year of a day.
fn open_year(browser: &Browser, demo: &Demo, day: Date) {
    browser.open(&demo.admin(&format!("calendar?year={}", day.year())));
}

/// Where a listed day of the city stands.
fn row(day: Date) -> String {
    format!("[id='city-{day}']")
}
