//! Applications that others wrote, in their ordinary configuration: Apache with mod_auth_openidc in front of a page,
//! and a script with Authlib.

use crate::demo::{Demo, PASSWORD, command, root, sign_in};
use crate::driver::Browser;
use crate::ports::free_ports;
use danang_sso::system::Stopwatch;
use serde_json::Value;
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// What `danang-sso client add` prints of a client.
struct Registered {
    client_id: String,
    client_secret: String,
}

/// A page behind mod_auth_openidc knows who came; its sign-out is the house's, too.
pub fn apache_with_mod_auth_openidc_protects_a_page(demo: &Demo) {
    let [port] = free_ports();
    let site = format!("http://localhost:{port}/");
    let (callback, goodbye) = (format!("{site}staff/callback"), format!("{site}goodbye.html"));
    let client = register(
        demo,
        &["--name", "Trang nội bộ", "--redirect-uri", &callback, "--post-logout-redirect-uri", &goodbye],
    );
    let apache = Apache::start(demo, port, &client);
    let browser = Browser::start();
    browser.open(&format!("{site}staff/"));
    browser.shows("Trang nội bộ");
    sign_in(&browser, "hieu.huynh", PASSWORD);
    browser.wait_for("#email");
    assert_eq!(browser.address(), format!("{site}staff/"));
    assert_eq!(browser.text("#email"), "hieu.huynh@danang.example", "{}", apache.complaints());
    assert_eq!(browser.text("#name"), "Huỳnh Ngọc Hiếu");
    assert_eq!(browser.text("#agency"), "tt-cds");
    assert_eq!(browser.text("#issuer"), demo.house.trim_end_matches('/'));

    browser.open(&format!("{callback}?logout={}", goodbye.replace(':', "%3A").replace('/', "%2F")));
    browser.wait_for("#goodbye");
    assert_eq!(browser.address(), goodbye);
    browser.open(&format!("{site}staff/"));
    browser.wait_for("#sign-in-form");
    browser.looks_back();
}

/// Authlib's own client, over plain HTTP requests, accepts our ID token and our UserInfo.
pub fn a_script_with_authlib_runs_the_code_flow_with_pkce(demo: &Demo) {
    let callback = "http://localhost:9/callback";
    let client = register(demo, &["--name", "Script", "--redirect-uri", callback]);
    let seen = authlib(demo, &client.client_id, &client.client_secret, callback);
    assert_eq!(seen["id_token"]["sub"], seen["userinfo"]["sub"]);
    assert_eq!(seen["userinfo"]["email"], "hieu.huynh@danang.example");
    assert_eq!(seen["userinfo"]["agency_code"], "tt-cds");
    assert_eq!(seen["refreshed"]["sub"], seen["userinfo"]["sub"]);
}

/// Signs `hieu.huynh` in to an application that is made with Authlib; tells what it has learned.
pub fn authlib(demo: &Demo, client_id: &str, client_secret: &str, callback: &str) -> Value {
    let python = root().join("target/venv/bin/python");
    assert!(python.exists(), "there is no target/venv: tests/rig/install.sh python makes it");
    let output = Command::new(python)
        .arg(root().join("tests/browser/authlib_client.py"))
        .args([demo.house.trim_end_matches('/'), client_id, callback, "hieu.huynh@danang.example"])
        .envs([("CLIENT_SECRET", client_secret), ("PASSWORD", PASSWORD)])
        // Wherever the machine has a proxy for the Internet, the house is not behind it.
        .envs([("NO_PROXY", "localhost"), ("no_proxy", "localhost")])
        .output()
        .expect("the script runs");
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "authlib_client.py: {wrong}\n{said}");
    serde_json::from_str(&said).expect("it prints JSON")
}

/// Registers a client as an operator does, beside the running server.
fn register(demo: &Demo, arguments: &[&str]) -> Registered {
    let said = command(demo, &["client", "add"], arguments);
    let value = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {said}")).trim().to_owned()
    };
    Registered { client_id: value("client_id"), client_secret: value("client_secret") }
}

/// A throwaway web server.
struct Apache {
    process: Child,
    home: TempDir,
}

impl Apache {
    fn start(demo: &Demo, port: u16, client: &Registered) -> Self {
        let home = tempfile::Builder::new().prefix("sso-apache-").tempdir().expect("a folder");
        // Started by root, Apache reads its pages as www-data.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("readable");
        fs::create_dir_all(home.path().join("pages/staff")).expect("a folder for pages");
        let write = |name: &str, text: &str| fs::write(home.path().join(name), text).expect("a file");
        write("pages/staff/index.shtml", PROTECTED);
        write("pages/goodbye.html", GOODBYE);
        let config = configuration(home.path(), port, demo.house.trim_end_matches('/'), client);
        write("apache.conf", &config);
        let mut command = Command::new("/usr/sbin/apache2");
        command.arg("-f").arg(home.path().join("apache.conf")).arg("-DFOREGROUND").stdin(Stdio::null());
        let process = command.stdout(Stdio::null()).spawn().unwrap_or_else(|error| {
            panic!("Apache cannot be started ({error}): tests/rig/install.sh apache installs it")
        });
        let mut apache = Self { process, home };
        let watch = Stopwatch::start();
        // It binds its port, reads the rest of its configuration, and only then notes its process id.
        while !apache.home.path().join("apache.pid").exists()
            || TcpStream::connect(("127.0.0.1", port)).is_err()
        {
            let exited = apache.process.try_wait().ok().flatten();
            assert!(
                exited.is_none() && watch.elapsed() < Duration::from_mins(1),
                "Apache does not answer ({exited:?}); tests/rig/install.sh apache installs it with \
                 mod_auth_openidc:\n{}",
                apache.complaints()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        apache
    }

    fn complaints(&self) -> String {
        fs::read_to_string(self.home.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // Its children end with it only when it is asked.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

const PROTECTED: &str = r#"<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Trang nội bộ</title>
<link rel="icon" href="data:,"></head><body>
<p id="name"><!--#echo encoding="none" var="OIDC_CLAIM_name" --></p>
<p id="email"><!--#echo encoding="none" var="REMOTE_USER" --></p>
<p id="agency"><!--#echo encoding="none" var="OIDC_CLAIM_agency_code" --></p>
<p id="issuer"><!--#echo encoding="none" var="OIDC_CLAIM_iss" --></p>
</body></html>"#;

const GOODBYE: &str = r#"<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Tạm biệt</title>
<link rel="icon" href="data:,"></head><body><p id="goodbye">Tạm biệt</p></body></html>"#;

fn configuration(home: &Path, port: u16, issuer: &str, client: &Registered) -> String {
    let modules = "mpm_event authn_core authz_core authz_user auth_openidc include mime dir";
    let load = modules
        .split(' ')
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let load: String = load.collect();
    let (home, id, secret) = (home.display(), &client.client_id, &client.client_secret);
    format!(
        r#"{load}
ServerRoot "{home}"
ServerName localhost
PidFile "{home}/apache.pid"
DefaultRuntimeDir "{home}"
ErrorLog "{home}/error.log"
User www-data
Group www-data
StartServers 1
Listen 127.0.0.1:{port}
DocumentRoot "{home}/pages"
DirectoryIndex index.shtml
TypesConfig /dev/null
AddType "text/html; charset=utf-8" .html .shtml
AddOutputFilter INCLUDES .shtml
<Directory "{home}/pages">
  Options +Includes
  Require all granted
</Directory>

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {id}
OIDCClientSecret {secret}
OIDCRedirectURI http://localhost:{port}/staff/callback
OIDCScope "openid profile email agency"
OIDCPKCEMethod S256
OIDCRemoteUserClaim email
OIDCCryptoPassphrase only-for-this-test
<Location "/staff/">
  AuthType openid-connect
  Require valid-user
</Location>
"#
    )
}
