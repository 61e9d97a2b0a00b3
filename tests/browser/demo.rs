//! The running demo: `danang-sso demo` as cargo built it, with its two real directories, on ports of its own.

use crate::directories::Directories;
use crate::driver::Browser;
use crate::ports::free_ports;
use danang_sso::system::Stopwatch;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use tempfile::TempDir;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_danang-sso");
/// Everybody's password in the invented city.
pub const PASSWORD: &str = danang_sso::demo::city::PASSWORD;

/// How long the directories may take to start; the first time on a machine Samba's domain is made.
const START: Duration = Duration::from_mins(5);
/// How long everything may take to stop.
const STOP: Duration = Duration::from_mins(2);

/// A demo that has said that it is ready.
pub struct Demo {
    process: Child,
    dir: TempDir,
    /// Sign-in and portal.
    pub house: String,
    /// Administration.
    pub console: String,
    /// The sample application.
    pub sample: String,
    /// The two directories, as anybody else sees them.
    pub directories: Directories,
}

impl Demo {
    /// Starts it and waits until it is ready.
    pub fn start() -> Self {
        // Directly below /tmp: Samba's sockets allow only a short path, and its domain is kept beside the folder.
        let dir = tempfile::Builder::new().prefix("sso-").tempdir_in("/tmp").expect("a folder below /tmp");
        let [house, console, sample] = free_ports();
        let mut command = Command::new(PROGRAM);
        command.arg("demo").arg("--dir").arg(dir.path()).args(["--rig", "tests/rig"]);
        for (flag, port) in [("--port", house), ("--admin-port", console), ("--app-port", sample)] {
            command.arg(flag).arg(port.to_string());
        }
        let said = File::create(complaints()).expect("a file for the complaints");
        command.current_dir(root()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(said);
        let process = command.spawn().expect("the program that cargo built can be started");
        let at = |port: u16| format!("http://localhost:{port}/");
        let mut demo = Self {
            process,
            dir,
            house: at(house),
            console: at(console),
            sample: at(sample),
            directories: Directories::default(),
        };
        demo.wait_until_ready();
        demo.directories = Directories::of(demo.dir.path());
        demo
    }

    /// The configuration that the demo made for itself.
    pub fn config(&self) -> PathBuf {
        self.dir.path().join("danang-sso.toml")
    }

    /// An address of the portal or of the sign-in.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.house)
    }

    /// An address of the administration.
    pub fn admin(&self, path: &str) -> String {
        format!("{}{path}", self.console)
    }

    /// Stops it as a person does at the terminal, and asserts that nothing of it is left.
    pub fn stop(mut self) {
        let dir = self.dir.path().to_owned();
        let of_rigs = processes_of(&dir);
        let runs = |name: &str| of_rigs.iter().any(|line| line.contains(name));
        assert!(runs("slapd") && runs("samba"), "both directories run: {of_rigs:?}");
        let status = self.interrupt().expect("the demo stops in time");
        assert!(status.success(), "the demo ended with {status}:\n{}", complained());
        let left: Vec<_> = fs::read_dir(&dir).expect("the folder").flatten().map(|e| e.file_name()).collect();
        assert!(left.is_empty(), "the demo left files: {left:?}");
        assert_eq!(processes_of(&dir), Vec::<String>::new(), "the demo left processes");
        let gone = of_rigs.iter().filter_map(|line| line.split_once(' ')).all(|(pid, _)| !is_alive(pid));
        assert!(gone, "some of these still run: {of_rigs:?}");
    }

    fn wait_until_ready(&mut self) {
        let output = self.process.stdout.take().expect("its output is piped");
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            // Read to the end, so that the pipe never fills.
            lines.for_each(|line| drop(send.send(line)));
        });
        loop {
            match receive.recv_timeout(START) {
                Ok(line) if line.starts_with("Ready after") => return println!("{line}"),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => panic!("the demo is not ready after {START:?}"),
                Err(RecvTimeoutError::Disconnected) => panic!(
                    "the demo did not start; tests/rig/install.sh obm ad installs what it needs:\n{}",
                    complained()
                ),
            }
        }
    }

    fn interrupt(&mut self) -> Option<ExitStatus> {
        let _ = Command::new("kill").arg("-INT").arg(self.process.id().to_string()).status();
        let watch = Stopwatch::start();
        while watch.elapsed() < STOP {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) && self.interrupt().is_none() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
        // Where the demo could not, because it was killed or crashed.
        for name in ["obm", "ad", "smtp"] {
            let rig = self.dir.path().join(name);
            if rig.exists() {
                let script = root().join(format!("tests/rig/{name}.sh"));
                let _ = Command::new(script).arg("destroy").arg(rig).stdout(Stdio::null()).status();
            }
        }
    }
}

/// Signs in at the form that the browser shows.
pub fn sign_in(browser: &Browser, who: &str, password: &str) {
    browser.wait_for("#sign-in-form");
    browser.clear("#identifier");
    browser.write("#identifier", who);
    browser.write("#password", password);
    browser.click("#submit");
}

/// Signs in and comes to a page with this element, past the reminder of a password that is about to end: whether
/// somebody is reminded depends on the day on which the tests run.
pub fn sign_in_as_far_as(browser: &Browser, who: &str, css: &str) {
    sign_in(browser, who, PASSWORD);
    browser.wait_until(css, |browser| browser.has(css) || browser.has("#later"));
    if browser.has("#later") {
        browser.click("#later");
    }
    browser.wait_for(css);
}

/// Runs a command of the program on the demo's database, beside the running server; returns what it prints.
pub fn command(demo: &Demo, words: &[&str], arguments: &[&str]) -> String {
    let mut command = Command::new(PROGRAM);
    let output = command.args(words).arg("--config").arg(demo.config()).args(arguments).output();
    let output = output.expect("the command runs");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where the demo writes what it complains about.
fn complaints() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-demo.log")
}

fn complained() -> String {
    fs::read_to_string(complaints()).unwrap_or_default()
}

/// The processes, besides the demo itself, that have a file of the folder open: "pid name". Samba's processes rename
/// themselves, so their command lines tell nothing.
fn processes_of(dir: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let uses = processes.filter_map(|entry| {
        let pid = entry.file_name().into_string().ok().filter(|name| name.parse::<u32>().is_ok())?;
        let name = fs::read_to_string(entry.path().join("comm")).ok()?;
        let mut files = fs::read_dir(entry.path().join("fd")).ok()?.flatten();
        let uses = files.any(|file| fs::read_link(file.path()).is_ok_and(|file| file.starts_with(dir)));
        (uses && !name.starts_with("danang-sso")).then(|| format!("{pid} {}", name.trim_end()))
    });
    uses.collect()
}

fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
