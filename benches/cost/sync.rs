//! A full synchronisation beside the raw search that any reader of everything must make.

use crate::PEOPLE;
use crate::city::City;
use crate::house::House;
use crate::process::{binary, to_the_end};
use crate::rounds::{ROUNDS, Rounds};
use crate::table;
use anyhow::{Context, ensure};
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::server;
use danang_sso::services::reconcile::{self, Asked};
use danang_sso::storage::accounts;
use danang_sso::system::System;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What the house finds people by and reads of them (`src/directory/obm/entry.rs`).
const FILTER: &str = "(&(objectClass=obmUser)(objectClass=posixAccount))";
const ATTRIBUTES: &[&str] = &[
    "uid",
    "cn",
    "displayName",
    "sn",
    "givenName",
    "mail",
    "mailAlias",
    "title",
    "direction",
    "employeeNumber",
    "entryUUID",
    "createTimestamp",
    "pwdChangedTime",
    "pwdReset",
    "pwdAccountLockedTime",
];

/// People who get a new title in every round.
const CHANGED: usize = 100;

/// The word that measures the synchronisation alone.
pub const ALONE: &str = "sync";

/// Measures them.
pub async fn measure(city: &City, house: &House) -> anyhow::Result<()> {
    let output = search(city, house)?.stdout(Stdio::piped()).output().await.context("ldapsearch")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let found: Vec<_> = text.lines().filter_map(|l| l.strip_prefix("dn: ")).map(str::to_owned).collect();
    let number = text.lines().filter(|l| l.starts_with("dn:")).count();
    ensure!(number == PEOPLE, "ldapsearch finds {number}: {}", String::from_utf8_lossy(&output.stderr));
    let (mut raw, mut reading) = (Rounds::default(), Rounds::default());
    let mut runs: [(&str, &[&str], Rounds, u64); 4] = [
        ("danang-sso sync into an empty database", &["sync"], Rounds::default(), 0),
        ("… everything once more, nothing changed", WHOLE, Rounds::default(), 0),
        ("… only what changed, nothing did", &["sync"], Rounds::default(), 0),
        ("… only what changed: 100 people", &["sync"], Rounds::default(), 0),
    ];
    let directories = server::directories(&House::config(&house.with_obm)?);
    let obm = directories.iter().next().context("it is configured")?;
    for round in 0..ROUNDS {
        raw.note(to_the_end(&mut search(city, house)?).await?.0);
        let read = async || obm.read(None, &mut |_| ()).await.map(|_| ()).context("reading");
        reading.add(std::process::id(), 1, read).await?;
        house.forget()?;
        // Makes tables and keys, which are no part of a synchronisation.
        to_the_end(&mut binary(&["client", "list"], &house.with_obm)).await?;
        for (at, (_, arguments, rounds, peak)) in runs.iter_mut().enumerate() {
            if at == 3 {
                change(city, &found, round).await?;
            }
            let (cost, memory) = to_the_end(&mut binary(arguments, &house.with_obm)).await?;
            rounds.note(cost);
            *peak = memory.max(*peak);
        }
    }
    let raw = raw.median();
    let beside = || [table::wall("ldapsearch", raw.wall)];
    table::cost("ldapsearch -E pr=500/noprompt, same attributes", raw, &[]);
    table::cost("of ours: reading alone", reading.median(), &beside());
    for (what, _, rounds, peak) in &runs {
        table::cost(what, rounds.median(), &beside());
        table::memory("   the most memory it had", *peak);
    }
    compared(house).await
}

/// The console's page that holds the directories against each other: the first look of a node, which makes the outline that it
/// keeps, and the ones after it.
async fn compared(house: &House) -> anyhow::Result<()> {
    let app = server::open(House::config(&house.with_obm)?, System::of_the_machine()).await?;
    let everybody = accounts::every(&app.db).await?;
    let city = Administrator::holding(everybody.first().context("somebody")?, Role::City, Reach::City);
    drop(everybody);
    let (mut first, mut looks) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        if let Ok(mut kept) = app.comparison.lock() {
            *kept = None;
        }
        for which in [&mut first, &mut looks] {
            let look = async || {
                let found = reconcile::look(&app, &city, Asked::default()).await?;
                ensure!(!found.counts.is_empty(), "something is found");
                Ok(())
            };
            which.add(std::process::id(), 1, look).await?;
        }
    }
    table::cost("both directories compared, the first look at the page", first.median(), &[]);
    table::cost("both directories compared, a later look", looks.median(), &[]);
    app.db.close().await;
    Ok(())
}

const WHOLE: &[&str] = &["sync", "apply", "--everything"];

/// Gives some people another title, behind the house's back.
async fn change(city: &City, found: &[String], round: usize) -> anyhow::Result<()> {
    let one = |dn: &String| format!("dn: {dn}\nchangetype: modify\nreplace: title\ntitle: Title {round}\n\n");
    let changes: String = found.iter().take(CHANGED).map(one).collect();
    let mut command = Command::new("ldapmodify");
    command
        .env("LDAPTLS_CACERT", city.obm.value("OBM_CA")?)
        .args(["-x", "-ZZ", "-H", city.obm.value("OBM_URL")?])
        .args(["-D", city.obm.value("OBM_ROOT_DN")?, "-w", city.obm.value("OBM_ROOT_PW")?]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true).spawn()?;
    child.stdin.take().context("piped")?.write_all(changes.as_bytes()).await?;
    ensure!(child.wait().await?.success(), "ldapmodify failed");
    Ok(())
}

fn search(city: &City, house: &House) -> anyhow::Result<Command> {
    let dir = house.with_obm.parent().context("it lies in a folder")?;
    let mut command = Command::new("ldapsearch");
    command
        .env("LDAPTLS_CACERT", city.obm.value("OBM_CA")?)
        .args(["-x", "-ZZ", "-LLL", "-E", "pr=500/noprompt", "-H", city.obm.value("OBM_URL")?])
        .args(["-D", city.obm.value("OBM_SYNC_DN")?, "-y"])
        .arg(dir.join("obm-sync.pw"))
        .args([
            "-o",
            "ldif-wrap=no",
            "-b",
            &format!("ou=users,{}", city.obm.value("OBM_DOMAIN_BASE")?),
            FILTER,
        ])
        .args(ATTRIBUTES);
    Ok(command)
}
