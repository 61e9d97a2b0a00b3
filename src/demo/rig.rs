//! Starts and stops the throwaway directories and the mail relay through their scripts.

use anyhow::{Context, bail};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// What the directories are filled with, as LDIF.
pub(super) struct Seed {
    pub(super) obm: String,
    pub(super) ad: String,
    /// What has to be put back in time in AD.
    pub(super) ad_backdate: String,
}

/// The scripts and the folder that they work in.
pub(super) struct Rig {
    scripts: PathBuf,
    dir: PathBuf,
}

impl Rig {
    pub(super) fn new(scripts: &Path, dir: &Path) -> anyhow::Result<Self> {
        if !scripts.join("obm.sh").is_file() {
            bail!(
                "{} has no obm.sh: run the demonstration in the project's folder (make demo), or name the folder with --rig",
                scripts.display()
            );
        }
        std::fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        let scripts = scripts.canonicalize().context("finding the scripts")?;
        Ok(Self { scripts, dir: dir.canonicalize().context("finding the folder of the demonstration")? })
    }

    /// The folder that it works in.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stops and removes what an earlier run left, or this one started.
    pub(super) async fn clear(&self) -> anyhow::Result<()> {
        for name in ["obm", "ad", "smtp"] {
            let folder = self.dir.join(name);
            if folder.exists() {
                self.call(name, "destroy", &folder, &[]).await?;
            }
        }
        for file in
            ["danang-sso.db", "danang-sso.db-wal", "danang-sso.db-shm", "master.key", "danang-sso.toml"]
        {
            remove(&self.dir.join(file))?;
        }
        for file in ["ad.pw", "obm-sync.pw", "obm-writer.pw", "obm.ldif", "ad.ldif", "ad-backdate.ldif"] {
            remove(&self.dir.join(file))?;
        }
        Ok(())
    }

    /// Starts both directories and, where it can, the mail relay; returns what their scripts tell of them.
    pub(super) async fn start(&self, seed: &Seed) -> anyhow::Result<HashMap<String, String>> {
        let write = |name: &str, text: &str| {
            let file = self.dir.join(name);
            std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
            Ok::<_, anyhow::Error>(file.display().to_string())
        };
        let obm_seed = write("obm.ldif", &seed.obm)?;
        let mut ad_env = vec![("AD_CACHE", self.dir.join("../danang-sso-rig-cache").display().to_string())];
        if !seed.ad.is_empty() {
            ad_env.push(("AD_SEED", write("ad.ldif", &seed.ad)?));
            ad_env.push(("AD_BACKDATE", write("ad-backdate.ldif", &seed.ad_backdate)?));
        }
        let (obm_dir, ad_dir) = (self.dir.join("obm"), self.dir.join("ad"));
        let obm_env = [("OBM_SEED", obm_seed)];
        let (obm, ad) = tokio::try_join!(
            self.call("obm", "start", &obm_dir, &obm_env),
            self.call("ad", "start", &ad_dir, &ad_env),
        )?;
        let smtp = match self.call("smtp", "start", &self.dir.join("smtp"), &[]).await {
            Ok(told) => told,
            Err(error) => {
                println!("Letters are shown in the portal and not sent: {error:#}");
                String::new()
            }
        };
        let lines = obm.lines().chain(ad.lines()).chain(smtp.lines());
        let lines = lines.filter_map(|line| line.split_once('='));
        Ok(lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Runs `SCRIPT.sh VERB DIR`; its own process group, so that Ctrl-C at the terminal does not reach it.
    async fn call(
        &self,
        script: &str,
        verb: &str,
        dir: &Path,
        env: &[(&str, String)],
    ) -> anyhow::Result<String> {
        let file = self.scripts.join(format!("{script}.sh"));
        let output = Command::new("bash")
            .arg(&file)
            .arg(verb)
            .arg(dir)
            .envs(env.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .process_group(0)
            .output()
            .await
            .with_context(|| format!("running {}", file.display()))?;
        if !output.status.success() {
            bail!("{script}.sh {verb} failed:\n{}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn remove(file: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", file.display()))
        }
        _ => Ok(()),
    }
}
