//! The first day of a person with a mailbox in both systems: from the application to the forced change of the password
//! and back, out, and in again with the new password, which both directories then know.

use crate::demo::{Demo, PASSWORD, sign_in};
use crate::directories::Which::{Ad, Obm};
use crate::driver::Browser;
use crate::screenshots::pictures;

const WHO: &str = "an.nguyen";
const NEW: &str = "Song-Han.7-cay-cau";

/// The whole walk.
pub fn a_first_sign_in_sets_an_own_password_in_both_directories(demo: &Demo) {
    let browser = Browser::start();
    browser.open(&demo.sample);
    assert_eq!(browser.text("#login"), "Đăng nhập bằng tài khoản công vụ");
    browser.click("#login");
    sign_in(&browser, WHO, PASSWORD);
    change_password(&browser);
    browser.wait_for("#offer");
    browser.shows("Thêm bước xác thực thứ hai");
    pictures(&browser, "first-day");
    browser.click("#later");
    is_signed_in(&browser, demo);
    for directory in [Ad, Obm] {
        assert!(demo.directories.accepts(directory, WHO, NEW), "{directory:?} accepts the new password");
        assert!(!demo.directories.accepts(directory, WHO, PASSWORD), "{directory:?} refuses the old one");
    }
    sign_out(&browser, demo);

    browser.open(&demo.sample);
    browser.click("#login");
    sign_in(&browser, WHO, PASSWORD);
    browser.wait_for(".notice.is-danger");
    browser.shows("Địa chỉ thư hoặc mật khẩu chưa đúng.");
    sign_in(&browser, WHO, NEW);
    is_signed_in(&browser, demo);
    browser.looks_back();
}

/// The rules are ticked while the person types; then the form is sent.
fn change_password(browser: &Browser) {
    browser.wait_for("#password-form");
    browser.shows("Đây là lần đăng nhập đầu tiên.");
    let state = |rule: &str| browser.attribute(&format!("[data-rule={rule}]"), "data-state");
    assert_eq!(state("min"), "open");
    browser.write("#current", PASSWORD);
    browser.write("#new", "Nguyen1");
    assert_eq!((state("min"), state("classes"), state("name")), words(["broken", "broken", "broken"]));
    browser.clear("#new");
    browser.write("#new", PASSWORD);
    assert_eq!(state("old"), "broken");
    browser.clear("#new");
    browser.write("#new", NEW);
    assert_eq!((state("min"), state("classes"), state("name")), words(["met", "met", "met"]));
    assert_eq!((state("max"), state("allowed"), state("old")), words(["met", "met", "met"]));
    browser.write("#repeat", NEW);
    browser.shows("Hai lần nhập giống nhau.");
    browser.click("#submit");
}

fn words(states: [&str; 3]) -> (String, String, String) {
    let [first, second, third] = states.map(str::to_owned);
    (first, second, third)
}

/// Back in the application, which knows the person from the ID token.
fn is_signed_in(browser: &Browser, demo: &Demo) {
    browser.wait_for("#name");
    assert_eq!(browser.address(), demo.sample);
    assert_eq!(browser.text("#name"), "Nguyễn Văn An");
    assert_eq!(browser.text("#email"), "an.nguyen@danang.example");
    assert_eq!(browser.text("#agency"), "Sở Khoa học và Công nghệ");
    assert_eq!(browser.text("#agency-code"), "so-khcn");
}

/// Out at the application, and so out of the house.
fn sign_out(browser: &Browser, demo: &Demo) {
    browser.click("#logout");
    browser.wait_for("#login");
    assert_eq!(browser.address(), demo.sample);
    browser.open(&demo.house);
    browser.wait_for("#sign-in-form");
    assert_eq!(browser.address(), demo.at("sign-in"));
    browser.looks_back();
}
