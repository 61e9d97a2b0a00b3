//! Second factors before a real browser: the app with its picture and its codes, a passkey of Chromium's virtual
//! authenticator after the password and in its place.

use crate::demo::{Demo, PASSWORD, sign_in, sign_in_as_far_as};
use crate::driver::Browser;
use crate::screenshots::pictures;
use danang_sso::crypto::totp;
use danang_sso::domain::factor::STEP;
use danang_sso::domain::secret::Secret;
use danang_sso::system::System;

/// Who sets the app up; nobody else walks with her.
const WITH_APP: &str = "hang.nguyen";
/// Who makes a passkey.
const WITH_KEY: &str = "huyen.nguyen";
/// Who gets codes by mail, and where.
const BY_MAIL: &str = "thao.nguyen";
const OTHER: &str = "thao.rieng@thu.example";

/// The app is set up, asked for, replaced by a recovery code, and removed.
pub fn an_app_is_set_up_asked_for_and_removed(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, WITH_APP, "#status-title");
    browser.open(&demo.at("security"));
    browser.shows("Chưa bật bước xác thực thứ hai");
    pictures(&browser, "portal-security-off");
    browser.click("#set-up-authenticator");
    browser.wait_for("#enrol-form");
    pictures(&browser, "authenticator");
    browser.click("#by-hand summary");
    let secret = key(&browser.text("#secret"));
    browser.write("#code", &code(&secret, 0));
    browser.click("#submit");
    browser.wait_for("#codes");
    assert_eq!(browser.count("#codes li"), 10);
    let recovery = browser.text("#codes li:first-child code");
    pictures(&browser, "recovery-codes");
    assert_eq!(browser.printed_sheets(), 1);
    browser.click("#onward");
    browser.wait_for("#remove-authenticator");
    browser.shows("Còn 10 mã chưa dùng.");
    pictures(&browser, "portal-security");

    // The next code is good already: clocks may differ by a step.
    let there = Browser::start();
    there.open(&demo.sample);
    there.click("#login");
    sign_in(&there, WITH_APP, PASSWORD);
    there.wait_for("#step-form");
    there.compute("document.activeElement.blur()");
    pictures(&there, "second-step");
    there.write("#code", "000000");
    there.click("#submit");
    there.wait_for("#code-error");
    there.write("#code", &code(&secret, 1));
    there.click("#submit");
    there.wait_for("#name");
    assert_eq!(there.text("#name"), "Nguyễn Thị Hằng");
    there.looks_back();

    let lost = Browser::without_scripts();
    lost.open(&demo.house);
    sign_in(&lost, WITH_APP, PASSWORD);
    lost.wait_for("#step-form");
    lost.write("#code", &recovery);
    lost.click("#submit");
    lost.wait_for("#status-title");
    lost.open(&demo.at("security"));
    lost.shows("Còn 9 mã chưa dùng.");

    browser.open(&demo.at("confirm?back=/security"));
    browser.wait_for("#confirm-form");
    pictures(&browser, "confirm");
    browser.open(&demo.at("security"));
    browser.click("#remove-authenticator");
    browser.wait_for("#set-up-authenticator");
    browser.shows("Đã gỡ ứng dụng xác thực.");
    browser.looks_back();
}

/// Codes go to another address than the city's.
pub fn an_address_for_codes_by_mail_is_given(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, BY_MAIL, "#status-title");
    browser.open(&demo.at("security"));
    browser.click("#set-up-mail");
    browser.wait_for("#mail-form");
    pictures(&browser, "portal-mail");
    browser.write("#address", "thao.nguyen@danang.example");
    browser.click("#submit");
    browser.wait_for("#address-error");
    browser.shows("Đây là địa chỉ của thành phố");
    browser.clear("#address");
    browser.write("#address", OTHER);
    browser.click("#submit");
    browser.wait_for("#code");
    pictures(&browser, "portal-mail-code");
    browser.write("#code", &letter_code(demo, OTHER, ""));
    browser.click("#submit");
    browser.wait_for("#codes");
    browser.click("#onward");
    browser.wait_for("#mail-to");
    pictures(&browser, "portal-security-mail");
    browser.looks_back();
}

/// The address from the walk above is asked. One code a minute: other walks are between the two.
pub fn a_code_by_mail_is_the_second_step(demo: &Demo) {
    let first = letter_code(demo, OTHER, "");
    let there = Browser::start();
    there.open(&demo.house);
    sign_in(&there, BY_MAIL, PASSWORD);
    there.wait_for("#send-mail");
    pictures(&there, "second-step-mail");
    for _ in 0..40 {
        there.click("#send-mail");
        there.wait_for(".notice");
        if there.has(".notice.is-ok") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_secs(2));
        // The notice was perhaps that of the page before.
        if there.has(".notice.is-ok") {
            break;
        }
    }
    there.write("#code", &letter_code(demo, OTHER, &first));
    there.click("#submit");
    there.wait_for("#status-title");
    there.looks_back();
}

/// The latest code in a letter to an address that is another one than `but`.
fn letter_code(demo: &Demo, to: &str, but: &str) -> String {
    let folder = demo.config().with_file_name("smtp").join("letters");
    let code = |text: &str| {
        let text = text.replace("=\r\n", "").replace("=\n", "");
        let code: String = text.split("Your code: ").nth(1)?.chars().take(6).collect();
        (text.contains(to) && code.len() == 6 && code != but).then_some(code)
    };
    for _ in 0..600 {
        let mut letters: Vec<_> =
            std::fs::read_dir(&folder).expect("the letters").flatten().map(|one| one.path()).collect();
        letters.sort();
        let read = |file: &std::path::PathBuf| code(&std::fs::read_to_string(file).unwrap_or_default());
        if let Some(found) = letters.iter().rev().find_map(read) {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("no letter to {to} in {}", folder.display());
}

/// A passkey is made, used in place of the password, and removed.
pub fn a_passkey_opens_the_door_without_a_password(demo: &Demo) {
    let browser = Browser::start();
    browser.add_authenticator();
    browser.open(&demo.house);
    sign_in_as_far_as(&browser, WITH_KEY, "#status-title");
    browser.open(&demo.at("security/passkeys/new"));
    browser.wait_for("#passkey-form:not([hidden])");
    pictures(&browser, "passkey-new");
    browser.write("#name", "Máy tính ở quầy tiếp nhận");
    browser.click("#submit");
    browser.wait_for("#codes");
    browser.click("#onward");
    browser.wait_for("#passkeys");
    browser.shows("Máy tính ở quầy tiếp nhận");
    pictures(&browser, "portal-security-passkey");

    browser.click("#sign-out");
    browser.wait_for("#signed-out");
    browser.open(&demo.sample);
    browser.click("#login");
    // The address field offers the passkey, and the invented authenticator takes the offer at once.
    browser.wait_for("#name");
    assert_eq!(browser.text("#name"), "Nguyễn Khánh Huyền");

    browser.open(&demo.at("security"));
    browser.click("#passkeys button");
    // The passkey that opened the door is proof enough, as long as that was lately.
    browser.wait_for(".notice.is-ok");
    browser.shows("Đã gỡ khóa truy cập.");
    assert!(!browser.has("#passkeys"), "the only one is gone");
    assert!(browser.text("#security-state").starts_with("Chưa bật bước xác thực thứ hai."));
    browser.looks_back();

    // In a browser that has nothing to offer: the password alone is enough again.
    let there = Browser::start();
    there.open(&demo.house);
    sign_in_as_far_as(&there, WITH_KEY, "#status-title");
    there.looks_back();
}

/// The page of a forgotten password.
pub fn a_forgotten_password_has_its_ways(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.at("sign-in"));
    browser.click("#cannot-sign-in summary");
    browser.click("#forgotten-link");
    browser.wait_for("#forgotten-form");
    pictures(&browser, "forgotten");
    browser.looks_back();
}

/// An app that was set up: its key, and the recovery codes that came with it.
pub struct WithCodes {
    /// The key.
    pub key: Secret<Vec<u8>>,
    /// The recovery codes.
    pub recovery: Vec<String>,
}

/// Sets the app up in the portal, for whoever is signed in.
pub fn set_up_app(browser: &Browser, demo: &Demo) -> WithCodes {
    browser.open(&demo.at("security"));
    browser.click("#set-up-authenticator");
    let app = enrol(browser);
    browser.wait_for("#remove-authenticator");
    app
}

/// From the page with the picture as far as the button below the recovery codes.
pub fn enrol(browser: &Browser) -> WithCodes {
    browser.wait_for("#enrol-form");
    browser.click("#by-hand summary");
    let key = key(&browser.text("#secret"));
    browser.write("#code", &code(&key, 0));
    browser.click("#submit");
    browser.wait_for("#codes");
    let one = |at: usize| browser.text(&format!("#codes li:nth-child({at}) code"));
    let recovery = (1..=browser.count("#codes li")).map(one).collect();
    browser.click("#onward");
    WithCodes { key, recovery }
}

/// The code of the app, so many steps of half a minute from now: each is taken once, and clocks may differ by a step.
pub fn code(secret: &Secret<Vec<u8>>, steps: i64) -> String {
    let now = System::of_the_machine().now().seconds() / STEP;
    totp::code(secret, now + steps).expose().clone()
}

/// Reads base32 as the page shows it.
fn key(text: &str) -> Secret<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b' ') {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).expect("a byte"));
        }
    }
    Secret::new(bytes)
}
