//! The administrators' console: numbers, search, lock and unlock, synchronisation, and the reach of an agency's
//! administrator.

use crate::demo::{Demo, PASSWORD, sign_in};
use crate::driver::Browser;
use crate::sync;
use danang_sso::demo::city::{self, Disabled, Kind, PasswordState, Person};

/// A browser in which this administrator is signed in.
pub fn enter(demo: &Demo, who: &str) -> Browser {
    enter_at(&demo.console, who)
}

/// The same at an administration beside the demo's.
pub fn enter_at(console: &str, who: &str) -> Browser {
    let browser = Browser::start();
    browser.open(console);
    sign_in(&browser, who, PASSWORD);
    browser.wait_for("#states");
    browser
}

/// Opens the page of an account through the search.
pub fn find(browser: &Browser, demo: &Demo, words: &str) {
    browser.open(&demo.admin("accounts"));
    browser.write("#q", words);
    browser.click("#search");
    // The list before the search has names, too.
    browser.wait_until("the search", |browser| browser.address().contains("q="));
    browser.click("#accounts .table-name a");
    browser.wait_for("#state");
}

/// The dashboard counts what the invented city holds.
pub fn the_dashboard_counts_the_city(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    let everybody = city::people().into_iter().filter(|person| person.kind != Kind::Shared);
    let (locked, others): (Vec<_>, Vec<_>) = everybody.partition(must_be_locked);
    let number = |tile: &str| browser.text(&format!("#state-{tile} .tile-number"));
    assert_eq!(number("all"), (locked.len() + others.len()).to_string());
    assert_eq!(number("locked"), locked.len().to_string());
    assert_ne!(number("due"), "0");
    let reasons = browser.text("#locks");
    for reason in ["Chưa đổi mật khẩu cấp ban đầu", "Mật khẩu quá hạn", "Bị vô hiệu hóa trong hệ thống thư"]
    {
        assert!(reasons.contains(reason), "{reason} is among {reasons}");
    }
    browser.click("#state-locked");
    browser.wait_for("#accounts");
    browser.shows("chi.le@danang.example");
    browser.hides("an.nguyen@danang.example");
    browser.looks_back();
}

fn must_be_locked(person: &Person) -> bool {
    let overdue = match person.password {
        PasswordState::DefaultOverdue => true,
        PasswordState::Set { months, .. } => months >= 6,
        _ => false,
    };
    overdue || person.disabled != Disabled::No
}

/// "dang hai" finds Đỗ Hải Đăng, and the list shows nobody else.
pub fn the_search_needs_no_diacritics(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("accounts"));
    browser.write("#q", "do hai");
    browser.click("#search");
    browser.wait_until("one account", |browser| {
        browser.text("#accounts").matches("@danang.example").count() == 1
    });
    assert_eq!(browser.text("#accounts .table-name"), "Đỗ Hải Đăng");
    assert_eq!(browser.attribute("#q", "value"), "do hai");
    browser.looks_back();
}

/// A lock with a reason closes the door at once; the unlocked person sets a new password first.
pub fn a_lock_with_a_reason_closes_the_door_until_it_is_lifted(demo: &Demo) {
    let (browser, person) = (enter(demo, "lan.dang"), Browser::start());
    person.open(&demo.at("sign-in"));
    sign_in(&person, "bao.le", PASSWORD);
    person.wait_for("#status-title");

    find(&browser, demo, "le hoang bao");
    browser.shows("bao.le@danang.example");
    browser.write("#reason", "Công văn 17/SNV-TTr, kiểm thử");
    browser.click("#lock");
    browser.wait_for("#unlock");
    browser.shows("Đã khóa tài khoản.");
    assert_eq!(browser.text("#state"), "Bị khóa");
    assert!(browser.text("#history").contains("Công văn 17/SNV-TTr, kiểm thử"));
    person.open(&demo.house);
    person.wait_for("#sign-in-form");
    sign_in(&person, "bao.le", PASSWORD);
    person.wait_for("#locked");
    assert_eq!(person.text(".notice-title"), "Theo quyết định của quản trị viên");

    browser.write("#reason", "Đã xác nhận qua thẻ cán bộ");
    browser.click("#unlock");
    browser.wait_for("#lock");
    assert_eq!(browser.text("#state"), "Phải đổi mật khẩu");
    person.open(&demo.at("sign-in"));
    sign_in(&person, "bao.le", PASSWORD);
    person.wait_for("#password-form");
    person.shows("Tài khoản vừa được mở khóa.");
    browser.looks_back();
    person.looks_back();
}

/// "Synchronise now" shows that it runs and, without a further click, that it is done.
pub fn a_synchronisation_shows_its_progress_and_its_end(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    sync::run(&browser, demo);
    // One by the schedule may have followed.
    let runs = 1..=browser.count("#runs tbody tr");
    let runs: Vec<_> =
        runs.map(|number| browser.text(&format!("#runs tbody tr:nth-child({number})"))).collect();
    let own = runs.iter().find(|run| run.contains("lan.dang@danang.example"));
    let own = own.unwrap_or_else(|| panic!("whoever started it stands there: {runs:?}"));
    for words in ["Xong", "Active Directory: đã đọc", "OBM: đã đọc"] {
        assert!(own.contains(words), "{words} is in {own}");
    }
    browser.looks_back();
}

/// The administrator of an agency sees its people, and nobody and nothing else.
pub fn an_agency_administrator_sees_only_the_own_agency(demo: &Demo) {
    let browser = enter(demo, "minh.phan");
    browser.shows("Sở Khoa học và Công nghệ");
    let own = city::people().into_iter().filter(|p| p.agency == "so-khcn" && p.kind != Kind::Shared).count();
    assert_eq!(browser.text("#state-all .tile-number"), own.to_string());
    browser.open(&demo.admin("accounts"));
    let list = browser.text("#accounts");
    assert_eq!(list.matches("@danang.example").count(), own);
    assert!(list.contains("an.nguyen@danang.example") && !list.contains("chi.le@danang.example"));
    assert!(!browser.has("#agency"), "there is no other agency to choose");
    browser.open(&demo.admin("accounts?q=chi.le"));
    browser.shows("Không có tài khoản nào khớp.");
    browser.open(&demo.admin("sync"));
    assert!(!browser.has("#sync-now"), "only the city's administrators start a run");
    browser.looks_back();
}

/// The right password is not enough at this door.
pub fn somebody_without_a_role_does_not_come_in(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.console);
    sign_in(&browser, "hieu.huynh", PASSWORD);
    browser.wait_for(".notice.is-danger");
    browser.shows("Tài khoản này không có quyền quản trị");
    browser.looks_back();
}
