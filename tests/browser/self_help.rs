//! Help for oneself and by others: a forgotten password, a lock because the password was too old, the slip of an
//! administrator, a trusted device, a passkey after the password, a second factor on the first day.

use crate::beside::House;
use crate::console::{enter, find};
use crate::demo::{Demo, PASSWORD, command, sign_in, sign_in_as_far_as};
use crate::directories::Which::{self, Ad, Obm};
use crate::driver::{Browser, ENTER};
use crate::pages::until_focus;
use crate::requests::Application;
use crate::screenshots::pictures;
use crate::second_factors::{code, enrol, set_up_app};
use danang_sso::config::Config;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::audit::Actor;
use danang_sso::server;
use danang_sso::services::lock;
use danang_sso::storage::accounts;
use danang_sso::system::System;

/// Nobody else walks with these.
const FORGETS: &str = "duc.huynh";
const TOO_OLD: &str = "tuan.ong";
const WITH_SLIP: &str = "nga.le";
const TRUSTS: &str = "hoang.tran";
const WITH_KEY: &str = "nhat.vu";
const FIRST_DAY: &str = "huy.luong";
const MUST: &str = "son.trinh";
/// Who helps at the desk for one walk.
const DESK: &str = "tu.nguyen";

/// A code of the app and a recovery code prove enough: both directories take the new password, which opens the door.
pub fn a_forgotten_password_ends_with_a_new_one_in_both_directories(demo: &Demo) {
    const NEW: &str = "Bien-Son.6-thuyen-ca";
    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, FORGETS, "#status-title");
    let app = set_up_app(&browser, demo);
    sign_out(&browser);
    browser.open(&demo.at("sign-in"));
    browser.click("#cannot-sign-in summary");
    browser.click("#forgotten-link");
    browser.wait_for("#forgotten-form");
    browser.write("#identifier", FORGETS);
    browser.write("#code", &code(&app.key, 1));
    browser.write("#recovery", &app.recovery[0]);
    browser.click("#submit");
    set_anew(&browser, NEW, "recover");
    has_only(demo, &[Ad, Obm], FORGETS, (NEW, PASSWORD));
    browser.click("#to-sign-in");
    sign_in(&browser, FORGETS, NEW);
    browser.wait_for("#step-form");
    browser.write("#code", &app.recovery[1]);
    browser.click("#submit");
    browser.wait_for("#status-title");
    browser.looks_back();
}

/// Whoever has a second factor lifts the lock of a password that was too old by setting a new one.
pub fn a_lock_for_the_age_of_the_password_is_lifted_by_oneself(demo: &Demo) {
    const NEW: &str = "Nui-Chua.4-mua-xuan";
    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, TOO_OLD, "#status-title");
    let app = set_up_app(&browser, demo);
    lock_for_age(demo, TOO_OLD);
    browser.open(&demo.house);
    browser.wait_for("#sign-in-form");
    sign_in(&browser, TOO_OLD, PASSWORD);
    browser.wait_for("#locked");
    assert_eq!(browser.text(".notice-title"), "Mật khẩu quá hạn");
    pictures(&browser, "locked-way-out");
    browser.click("#unlock");
    browser.wait_for("#step-form");
    browser.write("#code", &code(&app.key, 1));
    browser.click("#submit");
    set_anew(&browser, NEW, "recover-locked");
    has_only(demo, &[Obm], TOO_OLD, (NEW, PASSWORD));
    browser.click("#to-sign-in");
    sign_in(&browser, TOO_OLD, NEW);
    browser.wait_for("#step-form");
    browser.write("#code", &app.recovery[0]);
    browser.click("#submit");
    browser.wait_for("#status-title");
    browser.looks_back();
}

/// The slip opens once, up to the form for an own password; that one opens the application and both directories.
pub fn the_slip_of_an_administrator_leads_to_an_own_password(demo: &Demo) {
    const NEW: &str = "Cau-Rong.5-phun-lua";
    let desk = enter(demo, "lan.dang");
    find(&desk, demo, WITH_SLIP);
    desk.click("#reset-fold summary");
    desk.write("#reset-reason", "Quên mật khẩu, đã xem thẻ cán bộ");
    desk.click("#reset-sure");
    desk.click("#reset");
    desk.wait_for("#slips");
    let slip = desk.text("#slips .slip-password");
    desk.looks_back();

    let browser = Browser::start();
    browser.open(&demo.sample);
    browser.click("#login");
    sign_in(&browser, WITH_SLIP, &slip);
    browser.wait_for("#password-form");
    pictures(&browser, "slip-password");
    browser.write("#current", &slip);
    browser.write("#new", NEW);
    browser.write("#repeat", NEW);
    browser.click("#submit");
    browser.wait_for("#name");
    assert_eq!(browser.text("#name"), "Lê Thị Bích Nga");
    has_only(demo, &[Ad, Obm], WITH_SLIP, (NEW, &slip));
    browser.looks_back();
}

/// With keys alone: the code, the tick, Enter. Then the password is enough on this device, but not for an application that
/// asks for a second step; and the device is forgotten.
pub fn a_device_is_trusted_but_not_by_an_application_that_asks_for_more(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, TRUSTS, "#status-title");
    let app = set_up_app(&browser, demo);
    sign_out(&browser);
    browser.open(&demo.at("sign-in"));
    has_focus(&browser, "identifier");
    browser.press(TRUSTS);
    until_focus(&browser, "password");
    browser.press(PASSWORD);
    browser.press(ENTER);
    browser.wait_for("#step-form");
    has_focus(&browser, "code");
    browser.press(&code(&app.key, 1));
    until_focus(&browser, "remember");
    browser.press(" ");
    assert_eq!(browser.compute("document.getElementById('remember').checked"), true);
    until_focus(&browser, "submit");
    browser.press(ENTER);
    browser.wait_for("#status-title");
    browser.open(&demo.at("security"));
    assert_eq!(browser.count("#devices li"), 1, "the device is listed");
    pictures(&browser, "portal-security-device");
    sign_out(&browser);

    browser.open(&demo.at("sign-in"));
    sign_in(&browser, TRUSTS, PASSWORD);
    browser.wait_until("the portal, or the second step", |browser| {
        browser.has("#status-title") || browser.has("#step-form")
    });
    assert!(!browser.has("#step-form"), "nothing but the password is asked for");
    let application = Application::start();
    let id = application.register(demo, "Kho hồ sơ mật (thử)", &["--acr", "second-factor"]);
    browser.open(&application.request(demo, &id, "openid"));
    browser.wait_for("#step-form");
    browser.write("#code", &app.recovery[0]);
    browser.click("#submit");
    browser.wait_for("#arrived");
    assert!(browser.address().contains("code="), "{}", browser.address());

    browser.open(&demo.at("security"));
    browser.click("#devices button");
    browser.wait_for(".notice.is-ok");
    assert!(!browser.has("#devices"), "it is forgotten");
    browser.looks_back();
}

/// A passkey is the second step after the password. Its holder loses it: the desk removes it, the password alone opens, and
/// a letter tells of it.
pub fn a_passkey_is_the_second_step_until_the_desk_removes_it(demo: &Demo) {
    let browser = Browser::start();
    browser.add_authenticator();
    // A browser that does not offer passkeys in the field of the address: else it would open the door by itself.
    browser.before_each_page(
        "if (window.PublicKeyCredential) { PublicKeyCredential.isConditionalMediationAvailable = async () => false; }",
    );
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, WITH_KEY, "#status-title");
    browser.open(&demo.at("security/passkeys/new"));
    browser.wait_for("#passkey-form:not([hidden])");
    browser.write("#name", "Máy tính của Thanh tra");
    browser.click("#submit");
    browser.wait_for("#codes");
    browser.click("#onward");
    browser.wait_for("#passkeys");
    sign_out(&browser);
    browser.open(&demo.at("sign-in"));
    sign_in(&browser, WITH_KEY, PASSWORD);
    browser.wait_for("#second-step");
    browser.wait_for("#passkey-form:not([hidden])");
    pictures(&browser, "second-step-passkey");
    // Whoever turns back in the browser's own window may press again.
    browser.compute(
        "navigator.credentials.get = () => Promise.reject(new DOMException('turned back', 'NotAllowedError'))",
    );
    browser.click("#use-passkey");
    browser.wait_until("a word about it", |browser| !browser.text("#passkey-form [role=status]").is_empty());
    assert!(!browser.has("#use-passkey[aria-busy]"), "the button looks busy for good");
    browser.compute("delete navigator.credentials.get");
    // The page's one box goes along with the passkey.
    browser.click("#remember");
    browser.click("#use-passkey");
    browser.wait_for("#status-title");
    browser.open(&demo.at("security"));
    browser.wait_for("#devices");

    remove_at_the_desk(demo);
    browser.open(&demo.house);
    browser.wait_for("#sign-in-form");
    sign_in_as_far_as(&browser, WITH_KEY, "#status-title");
    browser.open(&demo.at("letters"));
    browser.wait_for("#letters li");
    let letters = browser.compute("document.getElementById('letters').textContent");
    let removed = "Quản trị viên vừa gỡ mọi cách xác thực thứ hai của tài khoản nhat.vu@danang.example.";
    assert!(letters.as_str().is_some_and(|letters| letters.contains(removed)), "{letters}");
    browser.looks_back();
}

/// Whoever sits at the desk for this walk removes the second factors.
fn remove_at_the_desk(demo: &Demo) {
    let address = format!("{DESK}@danang.example");
    command(demo, &["admin", "grant"], &[&address, "--role", "help-desk", "--reason", "Ca chiều"]);
    let desk = enter(demo, DESK);
    find(&desk, demo, WITH_KEY);
    assert!(desk.text("#factors").contains("khóa truy cập"), "{}", desk.text("#factors"));
    desk.click("#factors-open summary");
    desk.write("#factors-reason", "Mất máy, đã gọi lại số cơ quan");
    desk.click("#factors-sure");
    desk.click("#factors-reset");
    desk.wait_until("the removal", |desk| desk.has("#state") && !desk.has("#factors-open"));
    desk.shows("Đã gỡ bước xác thực thứ hai.");
    command(demo, &["admin", "revoke"], &[&address]);
    desk.looks_back();
}

/// The last step of the first day sets the app up, and leads into the application for which the person came.
pub fn a_second_factor_is_set_up_on_the_first_day(demo: &Demo) {
    const NEW: &str = "Hoa-Giay.3-mua-nang";
    let browser = Browser::start();
    browser.open(&demo.sample);
    browser.click("#login");
    sign_in(&browser, FIRST_DAY, PASSWORD);
    browser.wait_for("#password-form");
    browser.write("#current", PASSWORD);
    browser.write("#new", NEW);
    browser.write("#repeat", NEW);
    browser.click("#submit");
    browser.wait_for("#offer");
    browser.click("#offer-app");
    let app = enrol(&browser);
    browser.wait_for("#name");
    assert_eq!(browser.text("#name"), "Lương Chấn Huy");
    assert_eq!(browser.address(), demo.sample);
    has_only(demo, &[Ad], FIRST_DAY, (NEW, PASSWORD));
    browser.looks_back();

    let there = Browser::without_scripts();
    there.open(&demo.house);
    sign_in(&there, FIRST_DAY, NEW);
    there.wait_for("#step-form");
    there.write("#code", &code(&app.key, 1));
    there.click("#submit");
    there.wait_for("#status-title");
    there.looks_back();
}

/// Where administrators must have a second factor (a house beside the demo, on the same directories and the same database)
/// the right password leads to setting one up, and only then into the administration.
pub fn an_administrator_must_set_up_a_second_factor(demo: &Demo) {
    let house = House::start(demo, |line| {
        (line == "administrators").then(|| "administrators = \"required\"".to_owned())
    });
    let browser = Browser::start();
    browser.open(&house.console);
    sign_in(&browser, MUST, PASSWORD);
    browser.wait_for("#enrol-form");
    pictures(&browser, "console-enrol");
    browser.open(&house.admin("accounts"));
    assert!(!browser.has("#accounts"), "no way around it: {}", browser.address());
    browser.open(&house.console);
    enrol(&browser);
    browser.wait_for("#states");
    browser.open(&house.admin("accounts"));
    browser.wait_for("#accounts");
    browser.looks_back();
}

/// Sets a new password where nothing but that is asked for.
fn set_anew(browser: &Browser, new: &str, picture: &str) {
    browser.wait_for("#recover-form");
    pictures(browser, picture);
    browser.write("#new", new);
    browser.write("#repeat", new);
    browser.click("#submit");
    browser.wait_for("#recovered");
}

/// The new password opens the directories, the former one does not.
fn has_only(demo: &Demo, all: &[Which], who: &str, (new, former): (&str, &str)) {
    for which in all {
        assert!(demo.directories.accepts(*which, who, new), "{which:?} accepts the new password");
        assert!(!demo.directories.accepts(*which, who, former), "{which:?} refuses the former one");
    }
}

fn sign_out(browser: &Browser) {
    browser.click("#sign-out");
    browser.wait_for("#signed-out");
}

/// The field that a page begins with has the focus as soon as the page is there.
fn has_focus(browser: &Browser, id: &str) {
    browser.wait_until("the focus", |browser| browser.focus() == id);
}

/// Locks an account as the job does when six months are over: nobody in the city has a second factor and an old password.
fn lock_for_age(demo: &Demo, who: &str) {
    let lock = async {
        let config = Config::load(&demo.config(), std::env::vars()).expect("the configuration is read");
        let app = server::open(config, System::of_the_machine()).await.expect("the house is opened");
        let address = MailAddress::parse(&format!("{who}@danang.example")).expect("an address");
        let account = accounts::by_address(&app.db, &address).await.expect("the table is read");
        let account = account.expect("there is such an account");
        let actor = Actor::Job("deadlines");
        lock::enforce(&app, &account, LockReason::PasswordTooOld, actor).await.expect("it is locked");
        app.db.close().await;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(lock);
}
