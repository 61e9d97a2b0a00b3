//! A certificate of the government's digital signature before a real browser: Chromium holds its key, Apache ends TLS and
//! tells it to a house that takes certificates and runs beside the demo, on the same directories and the same database.

use crate::authority::{Authority, Holder, Says, lasting};
use crate::beside::{self, Server};
use crate::demo::{Demo, PASSWORD, sign_in, sign_in_as_far_as};
use crate::driver::Browser;
use crate::ports::free_ports;
use crate::screenshots::pictures;
use crate::tls_proxy::TlsProxy;
use rcgen::SanType;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use time::macros::datetime;

/// Who binds a certificate; nobody else walks with him.
const WHO: &str = "nam.doan";

/// It is bound in the portal, asked for after the password, missed by a browser that has none, and refused from the moment
/// on at which the list of revoked ones names it. A recovery code opens, and the certificate is removed.
pub fn a_certificate_is_bound_opens_as_the_second_step_and_is_refused_once_it_is_revoked(demo: &Demo) {
    let scene = Scene::start(demo);
    let own = scene.ca.issue(&lasting("Đoàn Hoàng Nam"));
    let (with, without) = (scene.home(Some(&own)), scene.home(None));
    let browser = Browser::at_home(with.path(), &scene.origin);
    browser.open(&scene.at(""));
    sign_in_as_far_as(&browser, WHO, "#status-title");
    let recovery = bind(&scene, &browser);
    sign_out(&browser);

    half(&scene, &browser);
    pictures(&browser, "second-step-certificate");
    browser.click("#use-certificate");
    browser.wait_for("#status-title");
    browser.shows("Đoàn Hoàng Nam");
    sign_out(&browser);

    let stranger = Browser::at_home(without.path(), &scene.origin);
    half(&scene, &stranger);
    stranger.click("#use-certificate");
    stranger.wait_for(".notice.is-warn");
    stranger.shows("Trình duyệt chưa xuất trình chứng thư nào.");
    stranger.looks_back();

    scene.revoke(&own);
    half(&scene, &browser);
    browser.click("#use-certificate");
    browser.wait_for(".notice.is-warn");
    browser.shows(
        "Chứng thư mà trình duyệt xuất trình chưa gắn với tài khoản này, đã hết hạn hoặc đã bị thu hồi.",
    );
    pictures(&browser, "second-step-certificate-revoked");
    browser.write("#code", &recovery);
    browser.click("#submit");
    browser.wait_for("#status-title");
    remove(&scene, &browser);
    browser.looks_back();
}

/// Binds what the browser shows; returns a recovery code.
fn bind(scene: &Scene, browser: &Browser) -> String {
    browser.open(&scene.at("security"));
    browser.shows("Trình duyệt đang dùng chứng thư: Đoàn Hoàng Nam (Thành phố Đà Nẵng)");
    pictures(browser, "portal-certificate-new");
    browser.click("#bind-certificate");
    browser.wait_for("#codes");
    let recovery = browser.text("#codes li:first-child code");
    browser.click("#onward");
    browser.wait_for("#certificates");
    let bound = browser.text("#certificates");
    assert!(bound.contains("cấp bởi Test CA") && bound.contains("có hiệu lực đến 01/01/2099"), "{bound}");
    pictures(browser, "portal-certificate");
    recovery
}

/// Removes the only one. The browser shows it still, but it is not bound again.
fn remove(scene: &Scene, browser: &Browser) {
    browser.open(&scene.at("security"));
    browser.click("#certificates button");
    browser.wait_for(".notice.is-ok");
    browser.shows("Đã gỡ chứng thư.");
    assert!(!browser.has("#certificates"));
    browser.click("#bind-certificate");
    browser.wait_for(".notice.is-danger");
    browser.shows("Chứng thư này không dùng được: hết hạn, đã bị thu hồi");
}

/// Signs in as far as the second step.
fn half(scene: &Scene, browser: &Browser) {
    browser.open(&scene.at(""));
    sign_in(browser, WHO, PASSWORD);
    browser.wait_for("#step-form");
    browser.compute("document.activeElement.blur()");
}

fn sign_out(browser: &Browser) {
    browser.click("#sign-out");
    browser.wait_for("#signed-out");
}

/// A house behind a proxy, with the authority whose certificates it takes.
struct Scene {
    // First the proxy ends, then the house, then their files.
    _proxy: TlsProxy,
    _house: Server,
    ca: Authority,
    origin: String,
    folder: TempDir,
}

impl Scene {
    fn start(demo: &Demo) -> Self {
        let ca = Authority::new();
        let folder = tempfile::Builder::new().prefix("sso-certificates-").tempdir().expect("a folder");
        let [public, staff, admin] = free_ports();
        let here = folder.path();
        let write = |name: &str, text: &str| fs::write(here.join(name), text).expect("written");
        write("ca.pem", &ca.pem());
        write("revoked.pem", &revoked(&ca, &[]));
        write("house.toml", &configuration(demo, here, [public, staff, admin]));
        let house = Server::start(here, staff);
        let names = vec![SanType::DnsName("localhost".try_into().expect("ASCII"))];
        let proxy = TlsProxy::start(&ca.issue(&Says { names, ..lasting("localhost") }), public, staff);
        let origin = format!("https://localhost:{}", proxy.port);
        Self { _proxy: proxy, _house: house, ca, origin, folder }
    }

    fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.origin)
    }

    /// Revokes a certificate as docs/second-factors.md says: the new list is written beside the old one and moved there.
    fn revoke(&self, holder: &Holder) {
        let (new, list) = (self.folder.path().join("list.new"), self.folder.path().join("revoked.pem"));
        fs::write(&new, revoked(&self.ca, &[holder])).expect("written");
        fs::rename(new, list).expect("moved");
    }

    /// A home whose browser trusts the authority and holds this certificate with its key.
    fn home(&self, holder: Option<&Holder>) -> TempDir {
        let home = tempfile::Builder::new().prefix("sso-home-").tempdir().expect("a folder");
        let keys = home.path().join(".pki/nssdb");
        fs::create_dir_all(&keys).expect("a folder for keys");
        let keys = format!("sql:{}", keys.display());
        tool(home.path(), "certutil", &["-N", "--empty-password", "-d", &keys]);
        let ca = self.folder.path().join("ca.pem").display().to_string();
        tool(home.path(), "certutil", &["-A", "-d", &keys, "-n", "ca", "-t", "C,,", "-i", &ca]);
        if let Some(holder) = holder {
            fs::write(home.path().join("own.pem"), format!("{}{}", holder.key, holder.pem)).expect("written");
            let parcel = ["pkcs12", "-export", "-in", "own.pem", "-out", "own.p12", "-passout", "pass:"];
            tool(home.path(), "openssl", &parcel);
            tool(home.path(), "pk12util", &["-i", "own.p12", "-d", &keys, "-W", "", "-K", ""]);
        }
        home
    }
}

fn revoked(ca: &Authority, holders: &[&Holder]) -> String {
    ca.revoked(holders, datetime!(2099-01-01 00:00 +7))
}

/// The configuration of the demo, at other addresses, and with certificates.
fn configuration(demo: &Demo, here: &Path, [public, staff, admin]: [u16; 3]) -> String {
    let here = here.display();
    beside::configuration(demo, [staff, admin], |line| match line {
        "public_url" => Some(format!(
            "public_url = \"https://localhost:{public}\"\nclient_certificate_header = \"X-Client-Cert\""
        )),
        "[second_factor]" => Some(format!(
            "[second_factor]\ncertificate_ca = \"{here}/ca.pem\"\ncertificate_crl = \"{here}/revoked.pem\""
        )),
        _ => None,
    })
}

/// Runs a tool for certificates in a folder.
fn tool(folder: &Path, name: &str, arguments: &[&str]) {
    let output = Command::new(name).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{name} cannot be started ({error}): tests/rig/install.sh browser installs it")
    });
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} {arguments:?}: {said}{wrong}");
}
