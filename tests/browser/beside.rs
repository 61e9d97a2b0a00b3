//! A second house beside the demo, on the same directories and the same database, for what the demo has switched off.

use crate::demo::{Demo, PROGRAM};
use crate::ports::free_ports;
use danang_sso::system::Stopwatch;
use std::fs::{self, File};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How long the house may take to start, and to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// A house with other settings.
pub struct House {
    // First the house ends, then its files.
    _server: Server,
    _folder: TempDir,
    /// Administration.
    pub console: String,
}

impl House {
    /// Starts one, for which `other` says what stands in place of a line: of its name, or of the head of a section.
    pub fn start(demo: &Demo, other: impl Fn(&str) -> Option<String>) -> Self {
        let folder = tempfile::Builder::new().prefix("sso-beside-").tempdir().expect("a folder");
        let [staff, admin] = free_ports();
        let text = configuration(demo, [staff, admin], |name| {
            let moved = (name == "public_url").then(|| format!("public_url = \"http://localhost:{staff}\""));
            moved.or_else(|| other(name))
        });
        fs::write(folder.path().join("house.toml"), text).expect("written");
        let server = Server::start(folder.path(), admin);
        Self { _server: server, _folder: folder, console: format!("http://localhost:{admin}/") }
    }

    /// An address of its administration.
    pub fn admin(&self, path: &str) -> String {
        format!("{}{path}", self.console)
    }
}

/// The configuration of the demo with its doors at other ports, and with other lines.
pub fn configuration(
    demo: &Demo,
    [staff, admin]: [u16; 2],
    other: impl Fn(&str) -> Option<String>,
) -> String {
    let text = fs::read_to_string(demo.config()).expect("the demo has a configuration");
    let line = |line: &str| match line.split(" = ").next().unwrap_or_default() {
        "listen" => format!("listen = \"127.0.0.1:{staff}\""),
        "admin_url" => format!("admin_url = \"http://localhost:{admin}\""),
        "admin_listen" => format!("admin_listen = \"127.0.0.1:{admin}\""),
        name => other(name).unwrap_or_else(|| line.to_owned()),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// `danang-sso serve`.
pub struct Server(Child);

impl Server {
    /// Starts it with the `house.toml` of a folder, and waits until it listens.
    pub fn start(folder: &Path, port: u16) -> Self {
        let said = folder.join("house.log");
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--config"]).arg(folder.join("house.toml")).stdin(Stdio::null());
        let log = File::create(&said).expect("a file for the complaints");
        let errors = log.try_clone().expect("the same file");
        let mut server = Self(command.stdout(log).stderr(errors).spawn().expect("the house is started"));
        let watch = Stopwatch::start();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let exited = server.0.try_wait().ok().flatten();
            let said = fs::read_to_string(&said).unwrap_or_default();
            assert!(exited.is_none() && watch.elapsed() < PATIENCE, "{exited:?} {said}");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let watch = Stopwatch::start();
        while matches!(self.0.try_wait(), Ok(None)) {
            if watch.elapsed() > PATIENCE {
                let _ = self.0.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
