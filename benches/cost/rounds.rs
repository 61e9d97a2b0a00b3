//! Measures the same thing in several rounds and takes the median, so that one disturbed round does not count.

use crate::process;
use danang_sso::system::Stopwatch;
use std::time::Duration;

/// How many rounds.
pub const ROUNDS: usize = 5;

/// What one of many alike costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// On the clock.
    pub wall: Duration,
    /// On the processors, of the measured process.
    pub cpu: Duration,
}

/// The rounds so far.
#[derive(Default)]
pub struct Rounds(Vec<Cost>);

impl Rounds {
    /// Does the work so many times and notes what process `pid` used for one.
    pub async fn add(
        &mut self,
        pid: u32,
        times: u32,
        mut work: impl AsyncFnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let (before, watch) = (process::cpu(pid)?, Stopwatch::start());
        for _ in 0..times {
            work().await?;
        }
        let wall = watch.elapsed() / times;
        self.note(Cost { wall, cpu: process::cpu(pid)?.saturating_sub(before) / times });
        Ok(())
    }

    /// Notes a round that was measured elsewhere.
    pub fn note(&mut self, cost: Cost) {
        self.0.push(cost);
    }

    /// The median, of clock and processor each.
    pub fn median(&self) -> Cost {
        let middle = |of: fn(&Cost) -> Duration| {
            let mut all: Vec<_> = self.0.iter().map(of).collect();
            all.sort();
            all.get(all.len() / 2).copied().unwrap_or_default()
        };
        Cost { wall: middle(|cost| cost.wall), cpu: middle(|cost| cost.cpu) }
    }
}

/// All rounds of a thing that needs no preparation, after a tenth of one to warm up.
pub async fn of(
    pid: u32,
    times: u32,
    mut work: impl AsyncFnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Cost> {
    for _ in 0..times.div_ceil(10) {
        work().await?;
    }
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        rounds.add(pid, times, &mut work).await?;
    }
    Ok(rounds.median())
}
