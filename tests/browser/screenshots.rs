//! Pictures of the pages in `target/screenshots`, and that none of them is wider than a telephone.

use crate::console;
use crate::demo::{Demo, PASSWORD, root, sign_in};
use crate::driver::Browser;
use std::fs;
use std::path::PathBuf;

/// The widths at which every page is looked at: a telephone and a desk.
const WIDTHS: [u32; 2] = [390, 1280];

/// The pages before and without a session.
pub fn the_pages_of_the_sign_in_fit_a_telephone(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.sample);
    pictures(&browser, "sample-application");
    browser.click("#login");
    browser.wait_for("#sign-in-form");
    browser.compute("document.activeElement.blur()");
    pictures(&browser, "sign-in");
    sign_in(&browser, "binh.tran", PASSWORD);
    browser.wait_for("#password-form");
    browser.write("#new", "Bien-Xanh");
    browser.compute("document.activeElement.blur()");
    pictures(&browser, "first-password");

    browser.open(&demo.at("sign-in"));
    let browser = Browser::start();
    browser.open(&demo.at("sign-in"));
    sign_in(&browser, "chi.le", "Sai-mat-khau-1");
    browser.wait_for(".notice.is-danger");
    pictures(&browser, "wrong-password");
    sign_in(&browser, "chi.le", PASSWORD);
    browser.wait_for("#locked");
    pictures(&browser, "locked");
    browser.open(&demo.at("khong-co-trang-nay"));
    pictures(&browser, "not-found");
    browser.open(&demo.at("authorize?client_id=la&response_type=code"));
    browser.wait_for("#request-error");
    pictures(&browser, "request-error");
    browser.looks_back();
}

/// The portal.
pub fn the_portal_fits_a_telephone(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.sample);
    browser.click("#login");
    sign_in(&browser, "dung.pham", PASSWORD);
    browser.wait_for("#name");
    pictures(&browser, "sample-signed-in");
    for (path, name) in [
        ("", "portal"),
        ("password", "portal-password"),
        ("sessions", "portal-sessions"),
        ("applications", "portal-applications"),
    ] {
        browser.open(&demo.at(path));
        pictures(&browser, name);
    }
    browser.click("#sign-out");
    browser.wait_for("#signed-out");
    pictures(&browser, "signed-out");
    browser.looks_back();
}

/// The console.
pub fn the_console_fits_a_telephone(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.console);
    browser.wait_for("#sign-in-form");
    pictures(&browser, "console-sign-in");
    sign_in(&browser, "lan.dang", PASSWORD);
    browser.wait_for("#states");
    pictures(&browser, "console-dashboard");
    browser.open(&demo.admin("accounts"));
    pictures(&browser, "console-accounts");
    console::find(&browser, demo, "le kim chi");
    pictures(&browser, "console-account");
    browser.open(&demo.admin("sync"));
    pictures(&browser, "console-sync");
    browser.looks_back();
}

/// Light and dark, narrow and wide. On a telephone nothing may stick out.
fn pictures(browser: &Browser, name: &str) {
    let folder = root().join("target/screenshots");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    for width in WIDTHS {
        browser.resize(width);
        for (dark, scheme) in [(true, "dark"), (false, "light")] {
            browser.darken(dark);
            let file: PathBuf = folder.join(format!("{name}-{width}-{scheme}.png"));
            browser.photograph(&file);
            assert!(fs::metadata(&file).is_ok_and(|file| file.len() > 1_000), "{}", file.display());
        }
        let wide = browser.compute("document.documentElement.scrollWidth <= window.innerWidth");
        assert_eq!(wide, true, "{name} is wider than {width} pixels");
    }
}
