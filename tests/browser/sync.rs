//! A synchronisation that would take much away waits for a person, who looks at its plan.

use crate::console::enter;
use crate::demo::Demo;
use crate::driver::Browser;
use crate::screenshots::pictures;

/// People with a mailbox in OBM alone, as whom no other walk signs in.
const TEN: [&str; 10] = [
    "bao.le",
    "duyen.duong",
    "giang.phan",
    "hai.ly",
    "kiet.dinh",
    "kieu.ta",
    "loc.cao",
    "mai.ha",
    "men.alang",
    "hong.vo",
];

/// Ten mailboxes are locked in OBM: the run is held, its plan names them, and after the approval the next applies it.
pub fn a_run_that_locks_many_is_held_looked_at_and_approved(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    demo.directories.lock_in_obm(&TEN);
    run(&browser, demo);
    browser.wait_for("#waiting");
    pictures(&browser, "console-sync-held");
    browser.click("#waiting .way");
    browser.wait_for("#excess");
    let lines = browser.text("#lines");
    for login in TEN {
        assert!(lines.contains(&format!("{login}@danang.example")), "{login} is in {lines}");
    }
    pictures(&browser, "console-plan");
    browser.write("#approve-reason", "Đã đối chiếu với thông báo giải thể Phòng Quản lý hồ sơ");
    browser.click("#approve");
    browser.wait_for("#decision");
    pictures(&browser, "console-plan-approved");

    run(&browser, demo);
    assert!(!browser.has("#waiting"), "nothing waits: {}", browser.text("#main"));
    browser.open(&demo.admin("accounts?q=giang.phan"));
    assert!(browser.text("#accounts").contains("khóa"), "{}", browser.text("#accounts"));
    browser.looks_back();
}

/// "Synchronise now" shows that it runs and, without a further click, that it is done. Waits for the end; one that the
/// schedule has begun goes before.
pub fn run(browser: &Browser, demo: &Demo) {
    let has_ended = |browser: &Browser| !browser.has("#running") && browser.has("#sync-now");
    for _ in 0..5 {
        browser.open(&demo.admin("sync"));
        browser.wait_until("an earlier run to end", has_ended);
        browser.click("#sync-now");
        browser.wait_until("the answer", |browser| {
            browser.address().contains("note=") || browser.has("#running")
        });
        let is_own = !browser.address().contains("note=under-way");
        // In a city of seventy mailboxes it may be over before the page comes.
        browser.wait_until("the run to end", has_ended);
        browser.open(&demo.admin("sync"));
        browser.wait_until("the run to end", has_ended);
        if is_own {
            return;
        }
    }
    panic!("somebody else is always before: {}", browser.text("#main"));
}
