//! Measures the same thing in several rounds and takes the median, so that one disturbed round does not count.

use crate::process;
use danang_sso::system::Stopwatch;
use std::time::Duration;

/// How many rounds: one to warm up and seven that count.
pub const ROUNDS: usize = 8;

/// What one of many alike costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// On the clock.
    pub wall: Duration,
    /// On the processors, of the measured process.
    pub cpu: Duration,
}

/// The rounds so far. Things that are compared take turns, because the machine is never the same for long.
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

    /// The median, of clock and processor each. The first round only warms up.
    pub fn median(&self) -> Cost {
        let middle = |of: fn(&Cost) -> Duration| {
            let mut all: Vec<_> = self.0.iter().skip(1).map(of).collect();
            all.sort();
            all.get(all.len() / 2).copied().unwrap_or_default()
        };
        Cost { wall: middle(|cost| cost.wall), cpu: middle(|cost| cost.cpu) }
    }
}
