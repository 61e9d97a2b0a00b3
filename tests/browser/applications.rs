//! What people see of an application that asks them to sign in; and the tools of whoever registers it.

use crate::clients::authlib;
use crate::console::enter;
use crate::demo::{Demo, PASSWORD, command, sign_in};
use crate::driver::Browser;
use crate::screenshots::pictures;
use std::fs;
use tempfile::TempDir;

/// RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The sign-in page shows logo, policy and terms; whoever the application is not for reads why.
pub fn an_application_shows_itself_and_says_whom_it_is_for(demo: &Demo) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = registration(demo, &folder);
    let dry = command(demo, &["client", "import"], &[&file, "--dry-run"]);
    assert!(dry.contains("mot-cua-thu\tnew") && dry.contains("Nothing was written"), "{dry}");
    assert!(command(demo, &["client", "import"], &[&file]).contains("client_secret"));
    assert!(command(demo, &["client", "import"], &[&file]).contains("mot-cua-thu\tunchanged"));
    let lint = command(demo, &["client", "lint"], &["mot-cua-thu"]);
    assert!(lint.contains("plain_http") && lint.contains("not_told"), "{lint}");
    let browser = Browser::start();
    browser.open(&demo.at(&format!(
        "authorize?client_id=mot-cua-thu&redirect_uri=http://localhost:9/callback&response_type=code&scope=openid\
         &state=x&code_challenge={CHALLENGE}&code_challenge_method=S256"
    )));
    browser.wait_for("#application-logo");
    let is_shown = "document.querySelector('#application-logo').naturalWidth > 0";
    browser.wait_until("the logo", |browser| browser.compute(is_shown) == true);
    browser.compute("document.activeElement.blur()");
    pictures(&browser, "sign-in-application");
    sign_in(&browser, "hieu.huynh", PASSWORD);
    browser.wait_for("#not-admitted");
    browser.shows("Sở Tài chính (thử)");
    pictures(&browser, "not-admitted");
    browser.looks_back();
}

/// An administrator answers the questions, hands secret and configuration over, and waits until somebody has come in
/// with a client of another hand.
pub fn an_application_is_registered_and_its_first_sign_in_arrives(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("applications"));
    browser.click("#new");
    browser.wait_for("#new-form");
    browser.write("#name", "Lịch công tác thành phố");
    browser.compute("document.querySelector('#template').value = 'node'");
    browser.write("#contacts", "lan.dang@danang.example");
    browser.write("#url", "http://localhost:9");
    for (scope, purpose) in [
        ("profile", "Hiển thị người lập lịch"),
        ("email", "Gửi giấy mời họp"),
        ("agency", "Chọn lịch của đúng cơ quan"),
        ("offline_access", "Nhắc lịch buổi sáng"),
    ] {
        browser.compute(&format!("document.querySelector('#scope-{scope}').checked = true"));
        browser.write(&format!("#purpose-{scope}"), purpose);
    }
    browser.write("#agency", "Văn phòng Ủy ban nhân dân thành phố");
    pictures(&browser, "console-application-new");
    browser.click("#preview");
    browser.wait_for("#register-form");
    browser.shows("Gửi giấy mời họp");
    browser.shows("dùng http: chỉ hợp với máy của người phát triển");
    pictures(&browser, "console-application-preview");
    browser.click("#register");
    browser.wait_for("#client-secret");
    let (client_id, secret) = (browser.text("#client-id"), browser.text("#client-secret"));
    let has_both = format!("document.querySelector('#configuration').value.includes('{client_id}')");
    assert_eq!(browser.compute(&has_both), true);
    pictures(&browser, "console-application-made");
    browser.click("#wait");
    browser.wait_for("#waiting");
    pictures(&browser, "console-application-waiting");
    browser.click("#again");
    browser.wait_for("#still");
    let seen = authlib(demo, &client_id, &secret, "http://localhost:9/callback");
    assert_eq!(seen["userinfo"]["email"], "hieu.huynh@danang.example");
    // Nobody touches the page: it looks again by itself.
    browser.wait_for("#arrived");
    browser.shows("hieu.huynh@danang.example");
    pictures(&browser, "console-application-arrived");
    browser.click(".way");
    browser.wait_for("#users");
    pictures(&browser, "console-application");
    browser.click("#edit");
    browser.wait_for("#edit-form");
    pictures(&browser, "console-application-edit");
    the_interface_is_looked_at(&browser);
    browser.open(&demo.admin("applications"));
    browser.wait_for("#applications");
    pictures(&browser, "console-applications");
    a_file_is_looked_at(&browser, demo, &client_id);
    browser.looks_back();
}

/// What the application may do in its own name is chosen, and seen line by line; nothing is given.
fn the_interface_is_looked_at(browser: &Browser) {
    browser.click("#api-change");
    browser.wait_for("#api-form");
    for scope in ["accounts.read", "accounts.lock"] {
        browser.compute(&format!("document.querySelector('[name=\"api.{scope}\"]').checked = true"));
    }
    browser.compute("document.querySelector('#reach').value = 'city'");
    browser.write("#reason", "Quyết định 15/QĐ-UBND");
    pictures(browser, "console-application-api");
    browser.click("#preview");
    browser.wait_for("#differences");
    browser.shows("Không có phạm vi → Toàn thành phố");
    browser.shows("Thêm accounts.lock");
    browser.click("#back");
    browser.wait_for("#api-form");
    assert_eq!(browser.compute("document.querySelector('#reach').value"), "city");
}

/// A file with an application under another name and with a new one: what would happen to each, and nothing does.
fn a_file_is_looked_at(browser: &Browser, demo: &Demo, client_id: &str) {
    browser.open(&demo.admin("applications/import"));
    browser.wait_for("#import-form");
    pictures(browser, "console-applications-import");
    let known = browser.download(&demo.admin(&format!("applications.toml?client_id={client_id}")));
    let renamed = known.replace("Lịch công tác thành phố", "Lịch công tác và phòng họp");
    assert_ne!(renamed, known, "the file has its name");
    let new = "[[client]]\nclient_id = \"bao-cao-thu\"\nclient_name = \"Báo cáo số liệu\"\nkind = \"web\"\n\
               redirect_uris = [\"http://localhost:9/callback\"]\nscope = \"openid profile\"\n";
    browser.write("#file", &format!("{renamed}\n{new}"));
    browser.click("#import-preview");
    browser.wait_for("#steps");
    assert_eq!(browser.count("#steps li"), 2, "{}", browser.text("#main"));
    let steps = browser.text("#steps");
    assert!(steps.contains(client_id) && steps.contains("bao-cao-thu"), "{steps}");
    pictures(browser, "console-applications-import-preview");
    browser.open(&demo.admin("applications"));
    browser.wait_for("#applications");
    browser.hides("Báo cáo số liệu");
}

/// A group is made, and people are taken in from a list of which one line is wrong at first.
pub fn a_group_is_made_and_filled_from_a_list(demo: &Demo) {
    let browser = enter(demo, "lan.dang");
    browser.open(&demo.admin("groups"));
    browser.wait_for("#make-form");
    browser.write("#name", "Tổ chuyển đổi số");
    browser.write("#code", "to-chuyen-doi-so");
    browser.click("#make");
    browser.wait_for("#list-form");
    browser.write("#text", "hieu.huynh\nchi.le\nkhong.co.ai");
    browser.click("#look");
    browser.wait_for("#entries");
    browser.shows("Không có tài khoản với địa chỉ này");
    assert_eq!(browser.count("#join"), 0, "nobody is taken in while a line is wrong");
    browser.clear("#text");
    browser.write("#text", "hieu.huynh\nchi.le");
    browser.click("#look");
    browser.wait_for("#join");
    pictures(&browser, "console-group-list");
    browser.click("#join");
    browser.wait_for("#members");
    assert_eq!(browser.count("#members > li"), 2, "{}", browser.text("#main"));
    pictures(&browser, "console-group");
    browser.open(&demo.admin("groups"));
    browser.wait_for("#groups");
    browser.shows("to-chuyen-doi-so");
    pictures(&browser, "console-groups");
    browser.looks_back();
}

/// The tester plays an application against the directories and explains what it sees.
pub fn the_tester_plays_an_application_from_the_sign_in_to_the_sign_out(demo: &Demo) {
    let folder = tempfile::tempdir().expect("a folder");
    let added = ["--name", "Ứng dụng thử", "--template", "node", "--url", "http://localhost:9"];
    let said = command(demo, &["client", "add"], &added);
    let value = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {said}")).trim().to_owned()
    };
    let (client_id, secret) = (value("client_id"), value("client_secret"));
    assert!(said.contains("http://localhost:9/callback") && said.contains("openid-client"), "{said}");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).expect("written");
        file.display().to_string()
    };
    let (password, secret) = (write("password", PASSWORD), write("secret", &secret));
    let arguments =
        [client_id.as_str(), "--user", "hieu.huynh", "--password-file", &password, "--secret-file", &secret];
    let said = command(demo, &["client", "test"], &arguments);
    for step in ["registration", "sign-in", "tokens", "ID token", "UserInfo", "refresh", "sign-out"] {
        assert!(said.lines().any(|line| line.starts_with("ok") && line.contains(step)), "{step}:\n{said}");
    }
}

/// A file with an application for an agency to which nobody of the demo belongs.
fn registration(demo: &Demo, folder: &TempDir) -> String {
    let house = demo.house.trim_end_matches('/');
    let text = format!(
        "[[client]]\nclient_id = \"mot-cua-thu\"\nclient_name = \"Một cửa điện tử\"\nkind = \"web\"\n\
         redirect_uris = [\"http://localhost:9/callback\"]\nscope = \"openid profile\"\n\
         allowed_agencies = [\"Sở Tài chính (thử)\"]\n\
         logo_uri = \"{house}/static/icon.svg\"\npolicy_uri = \"https://motcua.danang.example/chinh-sach\"\n\
         tos_uri = \"https://motcua.danang.example/dieu-khoan\"\n"
    );
    let file = folder.path().join("clients.toml");
    fs::write(&file, text).expect("written");
    file.display().to_string()
}
