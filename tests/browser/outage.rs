//! A mail system that is down: what staff and administrators read, and that it ends by itself.

use crate::console::enter;
use crate::demo::{Demo, PASSWORD, root, sign_in, sign_in_as_far_as};
use crate::driver::Browser;
use crate::screenshots::pictures;
use danang_sso::system::Stopwatch;
use std::process::Command;
use std::time::Duration;

/// The longest pause of the breaker, the rhythm of the small question, and time to start.
const PATIENCE: Duration = Duration::from_mins(4);

/// OBM is stopped: its people read that it is not their password, everybody reads one line, administrators see which
/// server. It comes back, and the line is gone.
pub fn a_mail_system_that_is_down_is_told_until_it_is_back(demo: &Demo) {
    let admin = enter(demo, "lan.dang");
    assert!(admin.text("#health").contains("Bình thường"), "{}", admin.text("#health"));
    obm(demo, "stop");
    let browser = Browser::start();
    for _ in 0..3 {
        browser.open(&demo.at("sign-in"));
        sign_in(&browser, "giang.phan", PASSWORD);
        browser.wait_for(".notice.is-warn");
        browser.shows("Đây không phải là lỗi mật khẩu.");
    }
    browser.open(&demo.at("sign-in"));
    assert!(browser.text("#mail-trouble").starts_with("Chưa kết nối được với hệ thống thư OBM từ"));
    pictures(&browser, "sign-in-outage");
    sign_in_as_far_as(&browser, "hieuhn", "#status-title");
    assert!(browser.text("#mail-trouble").contains("OBM"));
    pictures(&browser, "portal-outage");
    for (page, name) in [("", "console-health"), ("sync", "console-sync-health")] {
        admin.open(&demo.admin(page));
        let health = admin.text("#health");
        assert!(health.contains("Không kết nối được từ") && health.contains("ldap"), "{health}");
        pictures(&admin, name);
    }
    obm(demo, "start");
    let watch = Stopwatch::start();
    loop {
        browser.open(&demo.house);
        if !browser.has("#mail-trouble") {
            break;
        }
        assert!(watch.elapsed() < PATIENCE, "it is back: {}", browser.text("#mail-trouble"));
        std::thread::sleep(Duration::from_secs(1));
    }
    browser.looks_back();
}

fn obm(demo: &Demo, verb: &str) {
    let folder = demo.config().with_file_name("obm");
    let mut command = Command::new(root().join("tests/rig/obm.sh"));
    let output = command.arg(verb).arg(folder).output().expect("the script runs");
    assert!(output.status.success(), "obm.sh {verb}: {}", String::from_utf8_lossy(&output.stderr));
}
