//! The process is killed in the middle of a synchronisation, again and again: the next run repairs what it left.

use crate::changes::change;
use crate::rig::Rig;
use danang_sso::demo::city::{self, Kind, Person};
use danang_sso::domain::mailbox::MailSystem::Obm;
use danang_sso::storage::{Db, accounts, aliases, audit, directory_entries, leases, mailboxes};
use danang_sso::system::System;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How often.
const KILLS: u64 = 50;

/// People in the directory.
const PEOPLE: usize = 400;

struct House {
    dir: TempDir,
    config: PathBuf,
    db: Db,
}

impl House {
    async fn build(rig: &Rig) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let here = dir.path();
        for (name, value) in [("sync.pw", "OBM_SYNC_PW"), ("writer.pw", "OBM_WRITER_PW")] {
            std::fs::write(here.join(name), rig.value(value)).expect("written");
        }
        let text = format!(
            "[server]\npublic_url = \"http://localhost:4\"\nlisten = \"127.0.0.1:0\"\n\
             admin_url = \"http://localhost:5\"\nadmin_listen = \"127.0.0.1:0\"\n\
             [database]\nurl = \"sqlite:{here}/house.db\"\n[secrets]\nmaster_key_file = \"{here}/master.key\"\n\
             [city]\nmail_domain = \"{domain}\"\n[sync]\nhold_above = 100000\n[log]\nfilter = \"error\"\n\
             [obm]\nurls = [\"{url}\"]\nstarttls = true\nca_file = \"{ca}\"\nbase = \"{base}\"\n\
             domain = \"{domain}\"\nsync_dn = \"{sync}\"\nsync_password_file = \"{here}/sync.pw\"\n\
             writer_dn = \"{writer}\"\nwriter_password_file = \"{here}/writer.pw\"\n",
            here = here.display(),
            domain = city::DOMAIN,
            url = rig.value("OBM_URL"),
            ca = rig.value("OBM_CA"),
            base = rig.value("OBM_DOMAIN_BASE"),
            sync = rig.value("OBM_SYNC_DN"),
            writer = rig.value("OBM_WRITER_DN"),
        );
        let config = here.join("house.toml");
        std::fs::write(&config, text).expect("written");
        let db = Db::open(&format!("sqlite:{}/house.db", here.display())).await.expect("opens");
        let house = Self { dir, config, db };
        // makes the tables and the keys
        house.finish(&["client", "list"]);
        house
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_danang-sso"));
        command.args(arguments).arg("--config").arg(&self.config).current_dir(self.dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn finish(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{complaint}");
        said
    }

    /// Kills a run after a while; tells whether it was still at work.
    async fn kill(&self, after: Duration) -> bool {
        let mut child =
            self.command(&["sync"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        tokio::time::sleep(after).await;
        let was_at_work = child.try_wait().expect("asked").is_none();
        let _ = child.kill();
        child.wait().expect("it is gone");
        was_at_work
    }

    /// The lease of a killed run ends by itself a minute later; here at once, whoever held it.
    async fn let_the_lease_end(&self) {
        let now = System::of_the_machine().now();
        let later = now.plus(time::Duration::hours(1));
        assert!(leases::take(&self.db, "sync", "the test", now, later).await.expect("asked"));
        leases::give_back(&self.db, "sync", "the test").await.expect("given back");
    }

    /// That the house holds exactly what the directory holds.
    async fn is_whole(&self, there: &BTreeMap<String, String>) {
        let planned = self.finish(&["sync", "plan", "--everything", "--json"]);
        let planned: Value = serde_json::from_str(&planned).expect("JSON");
        assert_eq!(planned["lines"], Value::Array(Vec::new()), "a further run has nothing to do");
        let kept = mailboxes::every(&self.db).await.expect("reads");
        let held: BTreeMap<_, _> =
            kept.iter().map(|m| (m.key.login.clone(), m.address.to_string())).collect();
        assert_eq!((kept.len(), &held), (there.len(), there));
        let entries = directory_entries::every(&self.db, Obm).await.expect("reads");
        assert_eq!(entries.len(), there.len());
        assert!(audit::verify(&self.db).await.expect("reads").is_ok(), "the audit is one chain");
        let accounts = accounts::every(&self.db).await.expect("reads");
        let addresses: BTreeSet<_> = accounts.iter().map(|a| a.profile().address.to_string()).collect();
        assert_eq!(addresses.len(), accounts.len());
        assert!(aliases::every(&self.db).await.expect("reads").values().all(|all| !all.is_empty()));
    }
}

/// The entries as they are now, and what happens to them from round to round.
struct Directory<'a> {
    rig: &'a Rig,
    there: BTreeMap<String, String>,
}

impl Directory<'_> {
    /// New titles and further addresses for some, another address for one, one who goes and one who comes.
    fn live_on(&mut self, round: u64) {
        let users = format!("ou=users,{}", self.rig.value("OBM_DOMAIN_BASE"));
        let logins: Vec<_> = self.there.keys().cloned().collect();
        let pick = |n: u64| {
            let at = usize::try_from((round * 37 + n * 11) % 1_000_003).expect("small") % logins.len();
            logins[at].clone()
        };
        let mut ldif = Vec::new();
        for n in 0..12 {
            ldif.push(format!(
                "dn: uid={},{users}\nchangetype: modify\nreplace: title\ntitle: Title {round}\n-\n\
                 replace: mailAlias\nmailAlias: other-{round}-{n}@{}\n\n",
                pick(n),
                city::DOMAIN
            ));
        }
        let (moves, goes) = (pick(20), pick(30));
        let address = format!("moved-{round}@{}", city::DOMAIN);
        ldif.push(format!("dn: uid={moves},{users}\nchangetype: modify\nreplace: mail\nmail: {address}\n\n"));
        self.there.insert(moves.clone(), address);
        if goes != moves {
            ldif.push(format!("dn: uid={goes},{users}\nchangetype: delete\n\n"));
            self.there.remove(&goes);
        }
        let comes = format!("new{round}");
        let address = format!("{comes}@{}", city::DOMAIN);
        ldif.push(format!(
            "dn: uid={comes},{users}\nchangetype: add\nobjectClass: posixAccount\nobjectClass: inetOrgPerson\n\
             objectClass: obmUser\nuid: {comes}\nuidNumber: 9{round}\ngidNumber: 9\ncn: {comes}\nsn: {comes}\n\
             homeDirectory: /x\nmail: {address}\n\n"
        ));
        self.there.insert(comes, address);
        let root = (self.rig.value("OBM_ROOT_DN"), self.rig.value("OBM_ROOT_PW"));
        let url = self.rig.value("OBM_URL");
        change(&url, &["-ZZ"], &self.rig.value("OBM_CA"), (&root.0, &root.1), &ldif.concat());
    }
}

fn seed() -> (String, BTreeMap<String, String>) {
    let now = System::of_the_machine().now().local();
    let is_there = |person: &Person| person.in_obm() && person.kind != Kind::Shared;
    let people: Vec<_> = city::invented(PEOPLE * 2).into_iter().filter(is_there).take(PEOPLE).collect();
    let there = people.iter().map(|p| (p.local.clone(), p.address())).collect();
    (city::obm_ldif(&people, now, &|state| state.instant(now, &|_| true)), there)
}

/// Counts a kill. A machine that had much else to do during the first run is quicker later: after a kill that came too late
/// the others come sooner.
fn count(at_work: &mut u64, long: &mut Duration, was_at_work: bool) {
    if was_at_work {
        *at_work += 1;
    } else {
        *long = *long * 3 / 4;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_at_any_of_fifty_points_is_repaired_by_the_next() {
    let (seed, there) = seed();
    let rig = Rig::start("obm", &[("OBM_SEED", &seed)]);
    let mut directory = Directory { rig: &rig, there };
    // how long a first run takes here, so that the points lie all over it
    let first = House::build(&rig).await;
    let watch = danang_sso::system::Stopwatch::start();
    first.finish(&["sync"]);
    let mut long = watch.elapsed();
    first.is_whole(&directory.there).await;

    let mut at_work = 0;
    // into an empty house
    for point in 0..KILLS / 5 {
        let house = House::build(&rig).await;
        let was_at_work = house.kill(long * u32::try_from(point).expect("small") / 10).await;
        count(&mut at_work, &mut long, was_at_work);
        house.let_the_lease_end().await;
        house.finish(&["sync"]);
        house.is_whole(&directory.there).await;
    }
    // into one that lives on
    for point in 0..KILLS - KILLS / 5 {
        directory.live_on(point);
        let was_at_work = first.kill(long * u32::try_from(point).expect("small") / 60).await;
        count(&mut at_work, &mut long, was_at_work);
        first.let_the_lease_end().await;
        first.finish(&["sync"]);
        first.is_whole(&directory.there).await;
    }
    println!("{at_work} of {KILLS} were still at work");
    assert!(at_work >= KILLS / 2, "only {at_work} of {KILLS} were killed at work");
}
