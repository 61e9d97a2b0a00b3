//! The lists of mailboxes to look at.

use crate::console::enter;
use crate::demo::Demo;
use crate::driver::Browser;
use crate::screenshots::pictures;

/// Forwarding out of the city is listed with its address; each list leads to the next, to its export and to an account.
pub fn mailboxes_to_look_at_are_listed_and_exported(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("watch"));
    let lines = browser.count("#watched tbody tr");
    assert!(lines > 2, "the city forwards: {}", browser.text("#main"));
    assert!(browser.text("#watched").contains("@hopthu.example"));
    assert_eq!(browser.text("#total"), lines.to_string());
    pictures(&browser, "console-watch");
    let csv = browser.download(&demo.admin("watch.csv?list=forwards"));
    assert_eq!(csv.lines().count(), lines + 1, "{csv}");
    for list in ["quota", "message", "unused-90", "unused-180", "never", "only-ad", "only-obm"] {
        browser.click(&format!("#lists a[href*='list={list}']"));
        browser.wait_until(list, |browser| browser.address().contains(list));
        assert!(browser.has("#watched") || browser.has("#none"), "{list}");
    }
    pictures(&browser, "console-watch-only");
    browser.open(&demo.admin("watch"));
    browser.click("#watched .table-name a");
    browser.wait_for("#mailboxes-title");
    assert!(browser.text("#main").contains("@hopthu.example"));
    browser.looks_back();

    let browser = Browser::without_scripts();
    browser.open(&demo.console);
    crate::demo::sign_in(&browser, "lan.dang", crate::demo::PASSWORD);
    browser.wait_for("#states");
    browser.open(&demo.admin("watch?list=quota"));
    browser.click("#agency option:nth-child(2)");
    browser.click("#show");
    browser.wait_until("one agency", |browser| browser.address().contains("agency="));
    browser.wait_for("#list-title");
}
