//! What things cost on this machine (`make bench`); `docs/cost.md` tells how to read it.
//!
//! One run starts everything it needs: slapd with 50,000 invented people, Samba with the invented city, the real binary.
//! What a thing is compared with is measured in the same run. Nothing here is an assertion. Everything is thrown away
//! at the end, and at Ctrl-C. `cargo bench --bench cost -- regulation` measures the regulation alone,
//! `… -- sync` the synchronisation, `… -- doors` sign-in and protocol,
//! `… -- console` the console's lists and pages of numbers, `… -- audit` the search of ten million lines
//! (which needs 7 GB and some minutes; it is not part of the whole).

mod audit;
mod bare;
mod browser;
mod city;
mod console;
mod door;
mod estate;
mod house;
mod pages;
mod process;
mod regulation;
mod rounds;
mod sessions;
mod start;
mod sync;
mod table;

use anyhow::bail;
use city::City;
use house::House;
use std::process::ExitCode;

/// People whom OBM holds.
const PEOPLE: usize = 50_000;

fn main() -> ExitCode {
    let asked = |word: &str| std::env::args().any(|argument| argument == word);
    if !asked("--bench") && !asked(bare::ANSWER) && !asked(regulation::ROUND) {
        // `cargo test --all-targets` comes by too.
        println!("make bench measures");
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) if asked(bare::ANSWER) => runtime.block_on(bare::answer()),
        Ok(runtime) if asked(regulation::ROUND) => runtime.block_on(regulation::rounds()),
        Ok(runtime) => runtime.block_on(until_stopped(Alone::asked(asked))),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cost: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Dropping what is under way stops what it started.
async fn until_stopped(alone: Alone) -> anyhow::Result<()> {
    let mut stop = danang_sso::server::signals()?;
    tokio::select! {
        measured = measure(alone) => measured,
        _ = stop.wait_for(|stop| *stop) => bail!("stopped"),
    }
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    Audit,
    Regulation,
    Console,
    Doors,
    Sync,
    /// Everything.
    Nothing,
}

impl Alone {
    fn asked(asked: impl Fn(&str) -> bool) -> Self {
        let parts = [
            (audit::ALONE, Self::Audit),
            (regulation::ALONE, Self::Regulation),
            (console::ALONE, Self::Console),
            (sync::ALONE, Self::Sync),
            (door::ALONE, Self::Doors),
        ];
        parts.into_iter().find(|(word, _)| asked(word)).map_or(Self::Nothing, |(_, alone)| alone)
    }
}

async fn measure(alone: Alone) -> anyhow::Result<()> {
    let dir = tempfile::Builder::new().prefix("sso-cost-").tempdir()?;
    if alone == Alone::Regulation {
        table::begin(&process::machine()?);
        return regulation::measure(dir.path()).await;
    }
    if alone == Alone::Audit {
        table::begin(&process::machine()?);
        return audit::measure(dir.path()).await;
    }
    if alone == Alone::Console {
        table::begin(&process::machine()?);
        return console::measure(dir.path()).await;
    }
    eprintln!("Starting slapd with {PEOPLE} people and Samba …");
    let city = City::start(dir.path(), PEOPLE).await?;
    let house = House::build(dir.path(), &city)?;
    table::begin(&process::machine()?);

    if alone != Alone::Doors {
        table::part(&format!("Synchronisation: {PEOPLE} people in slapd"));
        sync::measure(&city, &house).await?;
    }
    if alone == Alone::Sync {
        return Ok(());
    }
    table::part(&format!("Start, with the database of {PEOPLE} people"));
    let server = start::measure(&house).await?;
    Box::pin(door::measure(dir.path(), &city, &house, &server)).await?;
    table::memory("memory after all of this", process::memory(server.pid(), "VmRSS")?);
    server.stop().await?;
    if alone == Alone::Doors {
        return Ok(());
    }
    regulation::measure(dir.path()).await?;
    console::measure(dir.path()).await
}
