//! The directories: slapd with many invented people, Samba with the invented city; started by `tests/rig`.

use anyhow::{Context, bail};
use danang_sso::demo::city::{self, Disabled, Kind, PasswordState, Person, Systems};
use danang_sso::demo::issued_at;
use danang_sso::system::System;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// One directory under its script; destroyed when the value is dropped.
pub struct Rig {
    script: PathBuf,
    home: PathBuf,
    values: BTreeMap<String, String>,
}

impl Rig {
    /// Starts `tests/rig/{name}.sh` with these seeds.
    pub async fn start(name: &str, dir: &Path, seeds: &[(&str, String)]) -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let script = root.join("tests/rig").join(format!("{name}.sh"));
        let mut command = Command::new(&script);
        for (setting, ldif) in seeds {
            let file = dir.join(format!("{setting}.ldif"));
            fs::write(&file, ldif).context("writing a seed")?;
            command.env(setting, file);
        }
        // Made before the start, so that a start that breaks off is cleared away too.
        let mut rig = Self { script, home: dir.join(name), values: BTreeMap::new() };
        command.arg("start").arg(&rig.home).env("AD_CACHE", root.join("target/rig-cache"));
        let output = command.stdin(Stdio::null()).process_group(0).kill_on_drop(true).output().await?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!(
                "{} failed; tests/rig/install.sh build obm ad postgres installs what it needs:\n{said}",
                rig.script.display()
            );
        }
        let printed = String::from_utf8_lossy(&output.stdout);
        let values = printed.lines().filter_map(|line| line.split_once('='));
        rig.values = values.map(|(name, value)| (name.to_owned(), value.replace('\\', ""))).collect();
        Ok(rig)
    }

    /// A value that the script told.
    pub fn value(&self, name: &str) -> anyhow::Result<&str> {
        self.values.get(name).map(String::as_str).with_context(|| format!("the script did not tell {name}"))
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let mut command = std::process::Command::new(&self.script);
        let done = command.arg("destroy").arg(&self.home).stdout(Stdio::null()).status();
        if !done.is_ok_and(|status| status.success()) {
            eprintln!("{} destroy {} failed", self.script.display(), self.home.display());
        }
    }
}

/// Both directories and who is in them.
pub struct City {
    /// slapd.
    pub obm: Rig,
    /// Samba.
    pub ad: Rig,
    /// Addresses of people who sign in against OBM.
    pub in_obm: Vec<String>,
    /// Addresses of people who sign in against Active Directory.
    pub in_ad: Vec<String>,
}

impl City {
    /// Starts both, OBM with so many people.
    pub async fn start(dir: &Path, people: usize) -> anyhow::Result<Self> {
        let now = System::of_the_machine().now().local();
        let issued = issued_at(now);
        // Three in five of the invented people are in OBM.
        let many: Vec<_> =
            city::invented(people * 2).into_iter().filter(Person::in_obm).take(people).collect();
        let few = city::people();
        let obm = [("OBM_SEED", city::obm_ldif(&many, now, &issued))];
        let ad = [("AD_SEED", city::ad_ldif(&few)), ("AD_BACKDATE", city::ad_backdate_ldif(&few, &issued))];
        let (obm, ad) = tokio::try_join!(Rig::start("obm", dir, &obm), Rig::start("ad", dir, &ad))?;
        // A name that the other directory has too is another person there, with another password.
        let elsewhere: Vec<_> = few.iter().filter(|p| p.in_ad()).map(Person::address).collect();
        let in_obm_too: HashSet<_> = many.iter().map(Person::address).collect();
        let ad_only = |p: &Person| p.in_ad() && !in_obm_too.contains(&p.address());
        let obm_only = |p: &Person| p.systems == Systems::Obm && !elsewhere.contains(&p.address());
        Ok(Self { obm, ad, in_obm: able(&many, obm_only), in_ad: able(&few, ad_only) })
    }
}

/// Some whose password is theirs and young enough. Whoever has a second address is left out: the directories may call
/// another one the first, and the sign-in would then be somebody else's.
fn able(people: &[Person], is_there: impl Fn(&Person) -> bool) -> Vec<String> {
    let able = |person: &&Person| {
        let young = matches!(person.password, PasswordState::Set { months: 0..5, .. });
        young
            && person.kind == Kind::Person
            && person.disabled == Disabled::No
            && person.alias.is_none()
            && is_there(person)
    };
    people.iter().filter(able).take(20).map(Person::address).collect()
}
