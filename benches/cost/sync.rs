//! A full synchronisation beside the raw search that any reader of everything must make.

use crate::PEOPLE;
use crate::city::City;
use crate::house::House;
use crate::process::{binary, to_the_end};
use crate::rounds::{ROUNDS, Rounds};
use crate::table;
use anyhow::{Context, ensure};
use danang_sso::server;
use std::process::Stdio;
use tokio::process::Command;

/// What the house finds people by and reads of them (`src/directory/obm/entry.rs`).
const FILTER: &str = "(&(objectClass=obmUser)(objectClass=posixAccount))";
const ATTRIBUTES: &[&str] = &[
    "uid",
    "cn",
    "displayName",
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

/// Measures them.
pub async fn measure(city: &City, house: &House) -> anyhow::Result<()> {
    let output = search(city, house)?.stdout(Stdio::piped()).output().await.context("ldapsearch")?;
    let found = String::from_utf8_lossy(&output.stdout).lines().filter(|l| l.starts_with("dn:")).count();
    ensure!(found == PEOPLE, "ldapsearch finds {found} people: {}", String::from_utf8_lossy(&output.stderr));
    let (mut raw, mut reading) = (Rounds::default(), Rounds::default());
    let (mut first, mut second) = ((Rounds::default(), 0), (Rounds::default(), 0));
    let directories = server::directories(&House::config(&house.with_obm)?);
    let obm = directories.iter().next().context("it is configured")?;
    for _ in 0..ROUNDS {
        raw.note(to_the_end(&mut search(city, house)?).await?.0);
        let read = async || obm.snapshot().await.map(|_| ()).context("reading");
        reading.add(std::process::id(), 1, read).await?;
        house.forget()?;
        // Makes tables and keys, which are no part of a synchronisation.
        to_the_end(&mut binary(&["client", "list"], &house.with_obm)).await?;
        for (rounds, peak) in [&mut first, &mut second] {
            let (cost, memory) = to_the_end(&mut binary(&["sync"], &house.with_obm)).await?;
            rounds.note(cost);
            *peak = memory.max(*peak);
        }
    }
    let raw = raw.median();
    let beside = || [table::wall("ldapsearch", raw.wall)];
    table::cost("ldapsearch -E pr=500/noprompt, same attributes", raw, &[]);
    table::cost("of ours: reading alone", reading.median(), &beside());
    table::cost("danang-sso sync into an empty database", first.0.median(), &beside());
    table::cost("danang-sso sync, nothing changed", second.0.median(), &beside());
    table::memory("the most memory it had, into an empty database", first.1);
    table::memory("the most memory it had, nothing changed", second.1);
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
        .args(["-b", &format!("ou=users,{}", city.obm.value("OBM_DOMAIN_BASE")?), FILTER])
        .args(ATTRIBUTES);
    Ok(command)
}
