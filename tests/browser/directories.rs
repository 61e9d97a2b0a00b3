//! The two directories as a mail client sees them: binds with OpenLDAP's own tools, outside our code.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The exit code of the LDAP tools for "invalid credentials" (RFC 4511 §4.1.9).
const INVALID_CREDENTIALS: i32 = 49;

/// What the rigs tell of themselves.
#[derive(Debug, Default)]
pub struct Directories {
    values: BTreeMap<String, String>,
}

/// One of the two.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// Active Directory.
    Ad,
    /// OBM.
    Obm,
}

impl Directories {
    /// Those of which this is known.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self { values }
    }

    /// Asks the rigs below this folder.
    pub fn of(dir: &Path) -> Self {
        let mut values = BTreeMap::new();
        for name in ["obm", "ad"] {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/rig/{name}.sh"));
            let output =
                Command::new(script).arg("env").arg(dir.join(name)).output().expect("the rig answers");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let pairs = text.lines().filter_map(|line| line.split_once('='));
            values.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        Self::new(values)
    }

    /// Does the directory let this login in with this password?
    pub fn accepts(&self, which: Which, login: &str, password: &str) -> bool {
        let dn = self.dn(which, login);
        // Samba has no "who am I?", so both are asked for the entry that everybody may read.
        let output = self.search(which, &dn, password, &["-b", "", "-s", "base", "1.1"]);
        match output.status.code() {
            Some(0) => true,
            Some(INVALID_CREDENTIALS) => false,
            _ => panic!("{which:?}: binding as {dn}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// Does the directory know this password and want another one at the first sign-in?
    pub fn demands_another(&self, which: Which, login: &str, password: &str) -> bool {
        let dn = self.dn(which, login);
        // OpenLDAP lets in and says it beside (draft-behera-ldap-password-policy-10 §6.2); Active Directory refuses.
        let (ask, code, words) = match which {
            Which::Ad => (&[][..], INVALID_CREDENTIALS, "data 773"),
            Which::Obm => (&["-e", "ppolicy"][..], 0, "must be changed"),
        };
        let output = self.search(which, &dn, password, &[ask, &["-b", "", "-s", "base", "1.1"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        output.status.code() == Some(code) && said.contains(words)
    }

    /// Locks mailboxes of OBM until further notice, behind the house's back.
    pub fn lock_in_obm(&self, logins: &[&str]) {
        let change =
            "changetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n";
        let changes: Vec<_> =
            logins.iter().map(|login| format!("dn: {}\n{change}", self.dn(Which::Obm, login))).collect();
        let changes = changes.join("\n");
        let mut command = Command::new("ldapmodify");
        command.env("LDAPTLS_CACERT", self.value("OBM_CA")).args(["-ZZ", "-x", "-e", "relax"]);
        command.args(["-H", self.value("OBM_URL"), "-D", self.value("OBM_WRITER_DN")]);
        command.args(["-w", self.value("OBM_WRITER_PW")]).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.stdout(Stdio::null()).spawn().expect("ldapmodify runs");
        child.stdin.take().expect("piped").write_all(changes.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("ldapmodify ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The entry of a login, as the service account sees it.
    fn dn(&self, which: Which, login: &str) -> String {
        let (user, password, base, filter) = match which {
            Which::Ad => ("AD_SVC_DN", "AD_SVC_PW", "AD_STAFF", format!("(sAMAccountName={login})")),
            Which::Obm => ("OBM_SYNC_DN", "OBM_SYNC_PW", "OBM_DOMAIN_BASE", format!("(uid={login})")),
        };
        let asked = ["-b", self.value(base), filter.as_str(), "1.1"];
        let output = self.search(which, self.value(user), self.value(password), &asked);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let plain = text.lines().find_map(|line| line.strip_prefix("dn: ")).map(str::to_owned);
        let encoded = || {
            let value = text.lines().find_map(|line| line.strip_prefix("dn:: "))?;
            String::from_utf8(STANDARD.decode(value).ok()?).ok()
        };
        plain.or_else(encoded).unwrap_or_else(|| {
            panic!("{which:?} has no {login}: {text}{}", String::from_utf8_lossy(&output.stderr))
        })
    }

    fn search(&self, which: Which, dn: &str, password: &str, asked: &[&str]) -> Output {
        let (url, ca, tls) = match which {
            Which::Ad => ("AD_URL", "AD_CA", &[][..]),
            Which::Obm => ("OBM_URL", "OBM_CA", &["-ZZ"][..]),
        };
        let mut command = Command::new("ldapsearch");
        command.env("LDAPTLS_CACERT", self.value(ca)).args(tls).args(["-x", "-LLL", "-o", "ldif-wrap=no"]);
        command.args(["-H", self.value(url), "-D", dn, "-w", password]).args(asked);
        command.output().unwrap_or_else(|error| {
            panic!("ldapsearch cannot be run ({error}): tests/rig/install.sh obm installs it")
        })
    }

    fn value(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_else(|| panic!("the rigs do not tell {name}"))
    }
}
