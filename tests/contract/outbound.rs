//! What the house asks of applications, against a real TLS server under a CA of its own.

use crate::ports::free_ports;
use danang_sso::config::{Allowed, OutboundConfig};
use danang_sso::outbound::{Outbound, OutboundError};
use danang_sso::system::Stopwatch;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use url::Url;

/// A web server with a certificate that only its own CA vouches for.
struct Server {
    process: Child,
    home: TempDir,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

impl Server {
    fn start(document: &str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(home.path().join(name), text).expect("written");
        write("document.json", document);
        write("names", "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
        let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let ca =
            ["req", "-x509", "-days", "3", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem"];
        openssl(home.path(), &[ca.as_slice(), &new].concat());
        let asked = ["req", "-new", "-subj", "/CN=localhost", "-keyout", "own.key", "-out", "own.csr"];
        openssl(home.path(), &[asked.as_slice(), &new].concat());
        let signed = ["x509", "-req", "-days", "2", "-in", "own.csr", "-CA", "ca.pem", "-CAkey", "ca.key"];
        openssl(home.path(), &[signed.as_slice(), &["-extfile", "names", "-out", "own.pem"]].concat());
        let [port] = free_ports();
        let mut process = Command::new("openssl")
            .args(["s_server", "-accept", &port.to_string(), "-cert", "own.pem", "-key", "own.key", "-WWW"])
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl serves");
        let watch = Stopwatch::start();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let exited = process.try_wait().ok().flatten();
            assert!(
                exited.is_none() && watch.elapsed() < Duration::from_mins(1),
                "it does not serve: {exited:?}"
            );
            std::thread::sleep(Duration::from_millis(25));
        }
        Self { process, home, port }
    }

    fn ca(&self) -> PathBuf {
        self.home.path().join("ca.pem")
    }

    fn at(&self, host: &str) -> Url {
        Url::parse(&format!("https://{host}:{}/document.json", self.port)).expect("an address")
    }
}

fn outbound(allow: &[&str], extra_ca: Option<PathBuf>) -> Outbound {
    let allow = allow.iter().map(|word| Allowed::parse(word).expect("a word")).collect();
    Outbound::new(&OutboundConfig { allow, extra_ca })
}

#[tokio::test]
async fn a_server_under_the_citys_own_ca_is_asked_once_the_ca_is_named() {
    let server = Server::start(r#"["https://app.danang.example/cb"]"#);
    let json = async |outbound: &Outbound, host: &str| {
        outbound.get_json(&server.at(host), 1024, "application/json").await
    };
    let trusting = outbound(&["loopback"], Some(server.ca()));
    let found = json(&trusting, "localhost").await.expect("fetched");
    assert_eq!(found, serde_json::json!(["https://app.danang.example/cb"]));
    assert!(json(&trusting, "127.0.0.1").await.is_ok(), "by its address too");
    let stranger = outbound(&["loopback"], None);
    assert!(matches!(json(&stranger, "localhost").await, Err(OutboundError::NoAnswer(_))));
    let closed = outbound(&["private"], Some(server.ca()));
    assert!(matches!(json(&closed, "127.0.0.1").await, Err(OutboundError::Address)));
    assert!(matches!(json(&closed, "localhost").await, Err(OutboundError::NoAnswer(_))), "by where it leads");
    let named = outbound(&["localhost"], Some(server.ca()));
    assert!(json(&named, "localhost").await.is_ok());
}

#[tokio::test]
async fn a_document_that_is_too_large_or_no_json_is_not_read() {
    let server = Server::start(&"x".repeat(2000));
    let outbound = outbound(&["loopback"], Some(server.ca()));
    let text = async |max| outbound.get_text(&server.at("localhost"), max, "text/plain").await;
    assert_eq!(text(2000).await.expect("as large as it may be").len(), 2000);
    assert!(matches!(text(1999).await, Err(OutboundError::TooLarge)));
    let json = outbound.get_json(&server.at("localhost"), 4000, "application/json").await;
    assert!(matches!(json, Err(OutboundError::Unreadable)));
}

#[tokio::test]
async fn a_ca_that_cannot_be_read_stops_every_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbound = outbound(&["loopback"], Some(folder.path().join("none.pem")));
    let address = Url::parse("https://localhost/").expect("an address");
    assert!(matches!(outbound.get_text(&address, 10, "*/*").await, Err(OutboundError::NoClient)));
}
