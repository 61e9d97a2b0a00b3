//! The house's folder: its database and two configurations, with OBM alone and with both directories.

use crate::city::City;
use anyhow::Context;
use danang_sso::config::Config;
use danang_sso::demo::city;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where everything is.
pub struct House {
    /// Reads OBM alone.
    pub with_obm: PathBuf,
    /// Reads both directories.
    pub with_both: PathBuf,
    /// Where the staff's door listens.
    pub port: u16,
    database: PathBuf,
}

impl House {
    /// Writes the configurations; no database yet.
    pub fn build(dir: &Path, city: &City) -> anyhow::Result<Self> {
        for (file, rig, name) in [
            ("ad.pw", &city.ad, "AD_SVC_PW"),
            ("obm-sync.pw", &city.obm, "OBM_SYNC_PW"),
            ("obm-writer.pw", &city.obm, "OBM_WRITER_PW"),
        ] {
            let file = dir.join(file);
            fs::write(&file, rig.value(name)?).context("writing a password file")?;
            fs::set_permissions(&file, Permissions::from_mode(0o600)).context("closing a password file")?;
        }
        let ports = [free_port()?, free_port()?];
        let house = Self {
            with_obm: dir.join("obm.toml"),
            with_both: dir.join("both.toml"),
            port: ports[0],
            database: dir.join("danang-sso.db"),
        };
        let obm = format!("{}{}", common(dir, ports), obm(dir, city)?);
        fs::write(&house.with_both, format!("{obm}{}", ad(dir, city)?)).context("writing a configuration")?;
        fs::write(&house.with_obm, obm).context("writing a configuration")?;
        Ok(house)
    }

    /// Removes the database.
    pub fn forget(&self) -> anyhow::Result<()> {
        for end in ["", "-wal", "-shm"] {
            let file = format!("{}{end}", self.database.display());
            if Path::new(&file).exists() {
                fs::remove_file(&file).with_context(|| format!("removing {file}"))?;
            }
        }
        Ok(())
    }

    /// A configuration, read.
    pub fn config(file: &Path) -> anyhow::Result<Config> {
        Ok(Config::load(file, Vec::new())?)
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .context("a free port")?
        .port())
}

fn common(dir: &Path, [staff, admin]: [u16; 2]) -> String {
    let (here, domain) = (dir.display(), city::DOMAIN);
    format!(
        "[server]\npublic_url = \"http://localhost:{staff}\"\nlisten = \"127.0.0.1:{staff}\"\n\
         admin_url = \"http://localhost:{admin}\"\nadmin_listen = \"127.0.0.1:{admin}\"\n\
         [database]\nurl = \"sqlite:{here}/danang-sso.db\"\n[secrets]\nmaster_key_file = \"{here}/master.key\"\n\
         [city]\nmail_domain = \"{domain}\"\n[sync]\nevery_minutes = 1440\n[log]\nfilter = \"warn\"\n"
    )
}

fn obm(dir: &Path, city: &City) -> anyhow::Result<String> {
    let (here, domain, get) = (dir.display(), city::DOMAIN, |name| city.obm.value(name));
    Ok(format!(
        "[obm]\nurls = [\"{}\"]\nstarttls = true\nca_file = \"{}\"\nbase = \"{}\"\ndomain = \"{domain}\"\n\
         sync_dn = \"{}\"\nsync_password_file = \"{here}/obm-sync.pw\"\n\
         writer_dn = \"{}\"\nwriter_password_file = \"{here}/obm-writer.pw\"\n",
        get("OBM_URL")?,
        get("OBM_CA")?,
        get("OBM_DOMAIN_BASE")?,
        get("OBM_SYNC_DN")?,
        get("OBM_WRITER_DN")?,
    ))
}

fn ad(dir: &Path, city: &City) -> anyhow::Result<String> {
    let get = |name| city.ad.value(name);
    Ok(format!(
        "[ad]\nurls = [\"{}\"]\nca_file = \"{}\"\nstaff_base = \"{}\"\nbind_dn = \"{}\"\n\
         bind_password_file = \"{}/ad.pw\"\n",
        get("AD_URL")?,
        get("AD_CA")?,
        get("AD_STAFF")?,
        get("AD_SVC_DN")?,
        dir.display(),
    ))
}
