//! A real directory or database for a test: started by `tests/rig/NAME.sh` in a directory of its own, and destroyed
//! when the value is dropped, also when the test panics. Where it cannot be started the test fails and says why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// One running rig.
pub struct Rig {
    name: &'static str,
    home: TempDir,
    settings: Vec<(&'static str, String)>,
    values: BTreeMap<String, String>,
}

impl Rig {
    /// Starts `tests/rig/{name}.sh` with these settings in its environment. `seeds` are files that are written first
    /// and whose paths are given as settings.
    pub fn start(name: &'static str, seeds: &[(&'static str, &str)]) -> Self {
        let home = tempfile::Builder::new().prefix("sso-").tempdir().expect("a temporary directory");
        let mut settings = vec![("AD_CACHE", root().join("target/rig-cache").display().to_string())];
        for (setting, ldif) in seeds {
            let path = home.path().join(setting);
            std::fs::write(&path, ldif).expect("the seed is written");
            settings.push((setting, path.display().to_string()));
        }
        let mut rig = Self { name, home, settings, values: BTreeMap::new() };
        rig.start_again();
        rig
    }

    /// A value that the rig printed, such as `AD_URL`.
    pub fn value(&self, name: &str) -> String {
        let value = self.values.get(name);
        value.unwrap_or_else(|| panic!("tests/rig/{}.sh does not print {name}", self.name)).clone()
    }

    /// Everything that the rig printed.
    pub fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Stops the server and keeps its data.
    pub fn stop(&self) {
        self.succeed("stop");
    }

    /// Starts a stopped server at the same address.
    pub fn start_again(&mut self) {
        let printed = self.succeed("start");
        let values = printed.lines().filter_map(|line| line.split_once('='));
        self.values = values.map(|(name, value)| (name.to_owned(), value.replace('\\', ""))).collect();
    }

    fn succeed(&self, action: &str) -> String {
        let output = self.run(action);
        assert!(
            output.status.success(),
            "tests/rig/{}.sh {action} failed ({}); tests/rig/install.sh installs what it needs:\n{}",
            self.name,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn run(&self, action: &str) -> Output {
        let mut command = Command::new(root().join("tests/rig").join(format!("{}.sh", self.name)));
        command.arg(action).arg(self.home.path().join("rig")).envs(self.settings.iter().cloned());
        command.output().unwrap_or_else(|error| panic!("tests/rig/{}.sh cannot be run: {error}", self.name))
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // no assertion here: a second panic would hide the first
        let output = self.run("destroy");
        if !output.status.success() {
            eprintln!("tests/rig/{}.sh destroy: {}", self.name, String::from_utf8_lossy(&output.stderr));
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
