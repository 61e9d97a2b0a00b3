//! Pictures of the pages in `target/screenshots`; that none of them is wider than a telephone, and that axe-core finds no
//! serious obstacle on any.

use crate::console;
use crate::demo::{Demo, PASSWORD, command, root, sign_in, sign_in_as_far_as};
use crate::driver::Browser;
use crate::{regulation, reset};
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
    sign_in_as_far_as(&browser, "dung.pham", "#name");
    pictures(&browser, "sample-signed-in");
    tiles(demo);
    for (path, name) in [
        ("", "portal"),
        ("?q=khong-co", "portal-found-nothing"),
        ("account", "portal-account"),
        ("report", "portal-report"),
        ("report?kind=suspicious_mail", "portal-report-mail"),
        ("rules", "portal-rules"),
        ("my-data", "portal-data"),
        ("password", "portal-password"),
        ("sessions", "portal-sessions"),
        ("applications", "portal-applications"),
        ("letters", "portal-letters"),
    ] {
        browser.open(&demo.at(path));
        pictures(&browser, name);
    }
    on_paper(&browser, demo);
    browser.click("#sign-out");
    browser.wait_for("#signed-out");
    pictures(&browser, "signed-out");
    browser.looks_back();
}

/// On paper nobody searches and nobody presses.
fn on_paper(browser: &Browser, demo: &Demo) {
    browser.open(&demo.house);
    browser.lay_out_as_on_paper(true);
    for control in ["#search-form", "#change-password"] {
        let shown = format!("getComputedStyle(document.querySelector('{control}')).display");
        assert_eq!(browser.compute(&shown), "none", "{control}");
    }
    browser.lay_out_as_on_paper(false);
}

/// Applications as the city has them, with names of a real length.
fn tiles(demo: &Demo) {
    for (name, category) in [
        ("Quản lý văn bản và điều hành", "Văn bản và điều hành"),
        ("Hệ thống thông tin báo cáo của Ủy ban nhân dân thành phố", "Văn bản và điều hành"),
        ("Một cửa điện tử và dịch vụ công trực tuyến", "Phục vụ người dân"),
        ("Góp ý và tổng đài 1022", "Phục vụ người dân"),
        ("Cơ sở dữ liệu cán bộ, công chức, viên chức", "Nhân sự"),
    ] {
        let arguments = ["--name", name, "--category", category, "--redirect-uri", "http://localhost:9/cb"];
        let home = ["--home", "http://localhost:9/"];
        command(demo, &["client", "add"], &[&arguments[..], &home[..]].concat());
    }
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
    browser.click("#timeline-link");
    browser.wait_for(".timeline");
    pictures(&browser, "console-timeline");
    for (path, name) in [
        ("sync", "console-sync"),
        ("letters", "console-letters"),
        ("unlock?lock=default_password_kept", "console-unlock"),
        ("approvals", "console-approvals"),
        ("administrators", "console-administrators"),
        ("keys", "console-keys"),
        ("role", "console-role"),
        ("bulk", "console-bulk-list"),
    ] {
        browser.open(&demo.admin(path));
        pictures(&browser, name);
    }
    table(&browser, demo);
    browser.looks_back();
}

/// A table of agencies, looked at and not entered; the code that opens the console when nothing else does.
fn table(browser: &Browser, demo: &Demo) {
    browser.open(&demo.admin("import?table=agencies"));
    browser.wait_for("#import-form");
    browser.write("#text", "code;name;parent\ntt-luutru;Trung tâm Lưu trữ lịch sử thành phố;so-nv-khong-co");
    browser.click("#look");
    browser.wait_for("#lines");
    browser.shows("Không có cơ quan với mã này");
    pictures(browser, "console-import");
    let outside = Browser::start();
    outside.open(&demo.admin("break-glass"));
    pictures(&outside, "console-break-glass");
    outside.looks_back();
}

/// The rules, their waves, the forecast, the brake and the calendar; the previews, too, change nothing.
pub fn the_pages_of_the_regulation_fit_a_telephone(demo: &Demo) {
    let browser = console::enter(demo, "lan.dang");
    let addresses = [
        ("policy", "console-policy"),
        ("policy/waves", "console-waves"),
        ("policy/brake", "console-brake"),
        ("forecast?days=30", "console-forecast"),
        ("calendar?year=2026", "console-calendar"),
    ];
    for (path, name) in addresses {
        browser.open(&demo.admin(path));
        pictures(&browser, name);
    }
    regulation::try_a_value(&browser, demo, "password_months.person", "5");
    pictures(&browser, "console-policy-preview");
    regulation::plan_a_wave(&browser, demo, &["Hải Châu", "Sở Nông nghiệp", "Trung tâm Thông tin"]);
    pictures(&browser, "console-waves-plan");
    regulation::try_a_swap(&browser, demo, regulation::next_swap());
    pictures(&browser, "console-calendar-preview");
    browser.looks_back();
}

/// Resets with their slips, on the screen and on paper. They change passwords, so they come last.
pub fn the_pages_of_a_reset_fit_a_telephone(demo: &Demo) {
    let browser = console::enter(demo, "lan.dang");
    console::find(&browser, demo, "chau.ho");
    pictures(&browser, "console-reset");
    reset::choose(&browser, demo);
    pictures(&browser, "console-resets");
    reset::look_over(&browser, demo);
    pictures(&browser, "console-resets-confirm");
    reset::reset_the_agency(&browser, demo);
    pictures(&browser, "console-slips");
    let sheet = root().join("target/screenshots/slips.pdf");
    fs::write(&sheet, browser.print()).expect("the sheet is kept");
    browser.looks_back();
}

/// The reminder after the sign-in, and the banner in the portal.
pub fn the_reminder_and_the_banner_fit_a_telephone(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.at("sign-in"));
    sign_in(&browser, "sang.le", PASSWORD);
    browser.wait_for("#reminder");
    pictures(&browser, "reminder");
    browser.click("#later");
    browser.wait_for("#status-title");
    browser.open(&demo.at("sessions"));
    pictures(&browser, "portal-banner");
    browser.looks_back();
}

/// The tool that looks for obstacles does find one: a field without its label, and words too pale to read.
pub fn an_obstacle_put_on_a_page_is_found(demo: &Demo) {
    let browser = console::enter(demo, "lan.dang");
    browser.open(&demo.admin("accounts"));
    assert_eq!(browser.issues(), Vec::<String>::new());
    browser.compute("document.querySelector('label[for=q]').remove()");
    browser.compute("document.querySelector('h1').style.color = '#999'");
    let found = browser.issues().join("\n");
    assert!(found.contains("label") && found.contains("color-contrast"), "{found}");
}

/// Light and dark, narrow and wide. On a telephone nothing may stick out; axe-core finds nothing serious.
pub fn pictures(browser: &Browser, name: &str) {
    let folder = root().join("target/screenshots");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    for width in WIDTHS {
        browser.resize(width);
        for (dark, scheme) in [(true, "dark"), (false, "light")] {
            browser.darken(dark);
            let file: PathBuf = folder.join(format!("{name}-{width}-{scheme}.png"));
            // The one that the docs show is the one to be read to its end.
            browser.photograph(&file, if width == WIDTHS[1] && !dark { 4_000.0 } else { 1_800.0 });
            assert!(fs::metadata(&file).is_ok_and(|file| file.len() > 1_000), "{}", file.display());
            // The schemes have colours of their own; a narrow page has other elements, in the colours of the wide one.
            let is_looked_at = width == WIDTHS[1] || !dark;
            let issues = if is_looked_at { browser.issues() } else { Vec::new() };
            assert!(issues.is_empty(), "{name}, {width}, {scheme}:\n{}", issues.join("\n"));
        }
        let wide = browser.compute("document.documentElement.scrollWidth <= window.innerWidth");
        assert_eq!(wide, true, "{name} is wider than {width} pixels");
    }
}
