//! A password that an administrator resets: the form, the slip, the sheet of paper, and what both directories say.

use crate::console::{enter, find};
use crate::demo::{Demo, PASSWORD};
use crate::directories::Which;
use crate::driver::Browser;

/// An agency whose people no other walk needs, one of them with the longest name of the city.
const AGENCY: &str = "Văn phòng";

/// The form asks for a reason and the word; the slip opens both directories; a reload does not show it again.
pub fn a_slip_is_shown_once_and_opens_both_directories(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    find(&browser, demo, "cuong.ngo");
    browser.click("#reset-fold summary");
    fill(&browser, "#reset-reason", "#reset-sure");
    browser.click("#reset");
    browser.wait_for("#slips");
    let issued = browser.text("#slips .slip-password");
    assert_eq!(issued.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4], "{issued}");
    assert!(!browser.address().contains(&issued), "not in the address");
    for which in [Which::Ad, Which::Obm] {
        assert!(demo.directories.demands_another(which, "cuong.ngo", &issued), "{which:?}");
        assert!(!demo.directories.accepts(which, "cuong.ngo", PASSWORD), "{which:?}");
    }
    assert_eq!(browser.printed_sheets(), 1);
    browser.click("#back");
    browser.wait_for("#history");
    assert!(browser.text("#history").contains("đặt lại mật khẩu"));
    browser.hides(&issued);
    browser.looks_back();
}

/// Eight slips fill a sheet of A4, a ninth begins the next.
pub fn eight_slips_fill_a_sheet_of_paper(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    reset_the_agency(&browser, demo);
    let most = browser.count("#slips .slip");
    assert_eq!(most, 7, "everybody of the agency");
    // Nothing is cut off, not even with a long address and the longest name that an agency may have.
    browser.compute(
        "document.querySelector('#slips .slip-who').lastChild.data = 'Trung tâm Giám sát, điều hành đô thị \
         thông minh và chuyển đổi số của Ủy ban nhân dân thành phố Đà Nẵng'",
    );
    browser.lay_out_as_on_paper(true);
    let cut = "[...document.querySelectorAll('.slip')].filter(s => s.scrollHeight > s.clientHeight).length";
    assert_eq!(browser.compute(cut), 0, "slips whose words do not fit");
    browser.lay_out_as_on_paper(false);
    for (slips, sheets) in [(7, 1), (8, 1), (9, 2), (16, 2), (17, 3)] {
        let more = format!(
            "(() => {{ const list = document.getElementById('slips');
               while (list.children.length < {slips}) list.append(list.children[0].cloneNode(true)); }})()"
        );
        browser.compute(&more);
        assert_eq!(browser.printed_sheets(), sheets, "{slips} slips");
    }
    browser.looks_back();
}

/// Resets everybody of an agency, up to the page of the slips.
pub fn reset_the_agency(browser: &Browser, demo: &Demo) {
    look_over(browser, demo);
    let number = browser.count("#accounts tbody tr");
    fill(browser, "#reason", "#sure");
    browser.write("#number", &number.to_string());
    browser.click("#reset-all");
    browser.wait_for("#slips");
}

/// Ticks everybody of the agency and looks them over.
pub fn look_over(browser: &Browser, demo: &Demo) {
    choose(browser, demo);
    browser.compute(
        "document.querySelectorAll('#choose-form input[type=checkbox]').forEach(box => box.click())",
    );
    browser.click("#look");
    browser.wait_for("#resets-form");
}

/// The list of the agency's people.
pub fn choose(browser: &Browser, demo: &Demo) {
    browser.open(&demo.admin("reset"));
    let find = format!(
        "[...document.querySelectorAll('#agency option')].find(o => o.text.includes('{AGENCY}')).value"
    );
    let id = browser.compute(&find);
    browser.open(&demo.admin(&format!("reset?agency={}", id.as_str().expect("an agency"))));
    browser.wait_for("#choose-form");
}

fn fill(browser: &Browser, reason: &str, sure: &str) {
    browser.write(reason, "Danh sách cấp mật khẩu số 12/VP");
    browser.click(sure);
}
