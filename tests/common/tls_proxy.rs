//! A web server that ends TLS and asks for client certificates without insisting: Apache as docs/clients.md configures it.
//! Shared by the contract and the browser tests.

use crate::authority::Holder;
use danang_sso::system::Stopwatch;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Apache before a house; it ends with the value.
pub struct TlsProxy {
    process: Child,
    home: TempDir,
    /// Where it listens.
    pub port: u16,
}

impl Drop for TlsProxy {
    fn drop(&mut self) {
        // Its children end with it only when it is asked.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

impl TlsProxy {
    /// Starts it with a certificate of its own, before a house that listens on a port.
    pub fn start(server: &Holder, port: u16, house: u16) -> Self {
        let home = tempfile::Builder::new().prefix("sso-apache-").tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(home.path().join(name), text).expect("written");
        write("server.pem", &server.pem);
        write("server.key", &server.key);
        write("apache.conf", &configuration(home.path(), port, house));
        let mut command = Command::new("/usr/sbin/apache2");
        command.arg("-f").arg(home.path().join("apache.conf")).arg("-DFOREGROUND").stdin(Stdio::null());
        let process = command.stdout(Stdio::null()).spawn().unwrap_or_else(|error| {
            panic!("Apache cannot be started ({error}): tests/rig/install.sh apache installs it")
        });
        let mut proxy = Self { process, home, port };
        let watch = Stopwatch::start();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let exited = proxy.process.try_wait().ok().flatten();
            let log = fs::read_to_string(proxy.home.path().join("error.log")).unwrap_or_default();
            assert!(exited.is_none() && watch.elapsed() < Duration::from_mins(1), "{exited:?} {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        proxy
    }
}

fn configuration(home: &Path, port: u16, house: u16) -> String {
    let modules = "mpm_event authn_core authz_core ssl headers proxy proxy_http";
    let load = modules
        .split(' ')
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let load: String = load.collect();
    let home = home.display();
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
SSLEngine on
SSLCertificateFile "{home}/server.pem"
SSLCertificateKeyFile "{home}/server.key"
SSLVerifyClient optional_no_ca
SSLVerifyDepth 5
RequestHeader set X-Client-Cert "%{{SSL_CLIENT_CERT}}s"
ProxyPass "/" "http://127.0.0.1:{house}/"
ProxyPreserveHost On
"#
    )
}
