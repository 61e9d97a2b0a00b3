//! The two directories beside each other: what was found, a decision with its effect, and taking it back.

use crate::console::enter;
use crate::demo::Demo;
use crate::screenshots::pictures;

/// A mailbox that is in one directory alone is said to be known, and that is taken back.
pub fn the_directories_are_compared_and_a_finding_is_settled_and_taken_back(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("sync"));
    browser.click("#to-reconcile");
    browser.wait_for("#progress");
    pictures(&browser, "console-reconcile");
    browser.open(&demo.admin("sync/reconcile?kind=only_in_obm"));
    browser.wait_for("#settle-form");
    pictures(&browser, "console-reconcile-alone");
    browser.click("#found tbody tr input");
    browser.click("#verdict-known");
    browser.click("#settle");
    browser.wait_for("#apply-form");
    browser.write("#reason", "Đã hỏi cơ quan: chỉ dùng OBM");
    pictures(&browser, "console-reconcile-settle");
    browser.click("#apply");
    browser.wait_for("#decisions li");
    pictures(&browser, "console-decisions");
    browser.click("#decisions li button");
    browser.wait_for("#apply-form");
    browser.write("#reason", "Xem lại");
    browser.click("#apply");
    browser.wait_for("#decisions .badge");
    browser.looks_back();
}

/// Another directory has the word on the name: seen first, then set back unchanged.
pub fn the_table_of_who_has_the_word_is_looked_at_before_it_changes(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("sync"));
    browser.click("#to-authority");
    browser.wait_for("#authority-form");
    pictures(&browser, "console-authority");
    browser.compute("document.querySelector('#title').value = 'obm'");
    browser.click("#preview");
    browser.wait_for("#apply-form");
    assert!(browser.text("#differences").contains("OBM"), "{}", browser.text("#differences"));
    pictures(&browser, "console-authority-preview");
    browser.open(&demo.admin("sync/agencies"));
    browser.wait_for("#sources");
    pictures(&browser, "console-agency-sources");
    browser.looks_back();
}
