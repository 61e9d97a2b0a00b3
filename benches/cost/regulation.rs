//! The regulation over 100,000 accounts: all terms anew, dry run, forecast, and 1,000 locks in one run; on SQLite and on
//! PostgreSQL. The rounds run in a process of their own, so that its memory is theirs alone.

use crate::city::Rig;
use crate::estate::{self, Estate};
use crate::process;
use crate::rounds::Rounds;
use crate::table;
use anyhow::{Context, ensure};
use danang_sso::domain::account::Account;
use danang_sso::domain::policy::regulation::{Book, Regulation};
use danang_sso::services::{deadlines, forecast, lock};
use danang_sso::storage::accounts;
use std::hint::black_box;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use time::Duration;
use tokio::process::Command;

/// The word on the command line that asks for this part alone.
pub const ALONE: &str = "regulation";

/// The word that makes this program the process with the rounds; the database's address follows.
pub const ROUND: &str = "--regulation-rounds";

/// One to warm up, and those that count; each locks the people of one day.
pub const ROUNDS: u8 = 4;

/// The months of a password and the days of a default one, as they are and as they might be: every term differs.
const THIS: [u32; 2] = [6, 10];
const OTHER: [u32; 2] = [5, 9];

/// As the services read them.
const PAGE: i64 = 1_000;

/// Measures both databases.
pub async fn measure(dir: &Path) -> anyhow::Result<()> {
    let file = format!("sqlite:{}", dir.join("regulation.db").display());
    one(dir, &file, "SQLite").await?;
    match Rig::start("postgres", dir, &[]).await {
        Ok(rig) => one(dir, rig.value("PG_URL")?, "PostgreSQL, which flushes nothing here").await,
        Err(error) => {
            eprintln!("PostgreSQL is left out: {error:#}");
            Ok(())
        }
    }
}

async fn one(dir: &Path, url: &str, name: &str) -> anyhow::Result<()> {
    eprintln!("Filling {name} with {} accounts …", estate::ACCOUNTS);
    Estate::fill(dir, url).await?;
    table::part(&format!(
        "The regulation: {} accounts in {} agencies, {name}",
        estate::ACCOUNTS,
        estate::AGENCIES
    ));
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(ROUND).arg(url).arg(dir).stdin(Stdio::null()).kill_on_drop(true);
    let status = command.status().await.context("starting the process with the rounds")?;
    ensure!(status.success(), "the process with the rounds ended with {status}");
    Ok(())
}

/// The process with the rounds: measures and prints.
pub async fn rounds() -> anyhow::Result<()> {
    let mut words = std::env::args().skip_while(|word| word != ROUND).skip(1);
    let (url, dir) = words.next().zip(words.next()).context("the database and the folder are named")?;
    let estate = Estate::open(Path::new(&dir), &url).await?;
    in_memory(&estate).await?;
    reading(&estate).await?;
    locks(&estate).await?;
    let peak = process::memory(std::process::id(), "VmHWM")?;
    table::memory("the most memory it had in all of this", peak);
    estate.app.db.close().await;
    Ok(())
}

/// What needs no database: the sign-in's question, and the terms that are written down.
async fn in_memory(estate: &Estate) -> anyhow::Result<()> {
    let (page, regulation) = (accounts::open(&estate.app.db, None, PAGE).await?, estate.app.regulation());
    let now = estate.app.now();
    let verdict = |account: &Account| {
        black_box(regulation.verdict(account, now));
    };
    let terms = |account: &Account| {
        black_box(regulation.terms(account));
    };
    asked("verdict alone, in memory", &page, verdict).await?;
    asked("terms alone, in memory", &page, terms).await
}

async fn asked(name: &str, accounts: &[Account], ask: impl Fn(&Account)) -> anyhow::Result<()> {
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let all = async || {
            accounts.iter().for_each(&ask);
            Ok(())
        };
        rounds.add(std::process::id(), 200, all).await?;
    }
    table::each_thousand(name, rounds.median(), accounts.len());
    Ok(())
}

/// What reads everything: alone, with the terms written anew, for a dry run, for the forecast.
async fn reading(estate: &Estate) -> anyhow::Result<()> {
    let app = &estate.app;
    let (mut raw, mut anew, mut effect, mut ahead) = <(Rounds, Rounds, Rounds, Rounds)>::default();
    let own = std::process::id();
    // Every policy but the last moves every term.
    for round in 0..=ROUNDS {
        estate.change(if round % 2 == 0 { OTHER } else { THIS }).await?;
        let keep = async || {
            let moved = deadlines::keep(app).await?;
            ensure!(moved == estate::ACCOUNTS as u64, "{moved} terms moved");
            Ok(())
        };
        anew.add(own, 1, keep).await?;
    }
    estate.change(THIS).await?;
    deadlines::keep(app).await?;
    let present = app.regulation();
    let settings = estate.settings(OTHER)?;
    let book = Book { version: 0, settings, stages: present.book.stages.clone() };
    let other = Regulation { book: Arc::new(book), ..present };
    let dry_run = async || {
        black_box(deadlines::effect_of(app, &other).await?);
        Ok(())
    };
    let look_ahead = async || {
        black_box(forecast::forecast(app, None, 30).await?);
        Ok(())
    };
    for _ in 0..ROUNDS {
        raw.add(own, 1, async || estate.read_all().await).await?;
        effect.add(own, 1, dry_run).await?;
        ahead.add(own, 1, look_ahead).await?;
    }
    let raw = raw.median();
    table::each_thousand("reading all accounts, nothing else", raw, estate::ACCOUNTS);
    table::each_thousand("all terms anew, every one moves", anew.median(), estate::ACCOUNTS);
    table::each_thousand("dry run of another regulation", effect.median(), estate::ACCOUNTS);
    table::cost("forecast of 30 days", ahead.median(), &[table::wall("reading all", raw.wall)]);
    Ok(())
}

/// Day by day: all terms are looked at again, then whoever is due is locked.
async fn locks(estate: &Estate) -> anyhow::Result<()> {
    let app = &estate.app;
    let (mut same, mut locks, mut idle) = <(Rounds, Rounds, Rounds)>::default();
    for _ in 0..ROUNDS {
        estate.pass(Duration::days(1));
        let keep = async || {
            let moved = deadlines::keep(app).await?;
            ensure!(moved == 0, "{moved} terms moved");
            Ok(())
        };
        same.add(std::process::id(), 1, keep).await?;
        let run = async || {
            let locked = lock::enforce_deadlines(app).await?;
            ensure!(locked == estate::DUE_A_DAY, "{locked} were locked on {}", app.now().local_date());
            Ok(())
        };
        locks.add(std::process::id(), 1, run).await?;
        let again = async || {
            let locked = lock::enforce_deadlines(app).await?;
            ensure!(locked == 0, "{locked} were locked again");
            Ok(())
        };
        idle.add(std::process::id(), 1, again).await?;
    }
    table::each_thousand("all terms on a new day, none moves", same.median(), estate::ACCOUNTS);
    table::each_thousand("a run of the lock job that locks 1,000", locks.median(), estate::DUE_A_DAY);
    table::cost("the same that finds nobody, as every minute", idle.median(), &[]);
    Ok(())
}
