//! The table: one thing a line, and on the lines below it how many times what stands beside it that is.

use crate::rounds::Cost;
use std::time::Duration;

/// What stands beside a thing.
pub struct Beside {
    what: &'static str,
    measured: Measured,
}

enum Measured {
    Cpu(Duration),
    Wall(Duration),
}

/// Compares the processor's time.
pub fn cpu(what: &'static str, time: Duration) -> Beside {
    Beside { what, measured: Measured::Cpu(time) }
}

/// Compares the time on the clock.
pub fn wall(what: &'static str, time: Duration) -> Beside {
    Beside { what, measured: Measured::Wall(time) }
}

/// Prints the heading.
pub fn begin(machine: &str) {
    println!("{machine}\n");
    println!("{:<52}{:>11}{:>11}   times what stands beside it", "one", "clock", "CPU");
}

/// Begins a part.
pub fn part(name: &str) {
    println!("\n{name}");
}

/// A thing and its cost.
pub fn cost(what: &str, cost: Cost, beside: &[Beside]) {
    print!("  {what:<50}{:>11}{:>11}", shown(cost.wall), shown(cost.cpu));
    for (at, Beside { what, measured }) in beside.iter().enumerate() {
        let (ratio, kind) = match measured {
            Measured::Cpu(time) => (cost.cpu.as_secs_f64() / time.as_secs_f64(), "CPU"),
            Measured::Wall(time) => (cost.wall.as_secs_f64() / time.as_secs_f64(), "clock"),
        };
        let indent = if at == 0 { 0 } else { 74 };
        print!("{:indent$}{ratio:>7.2} × {what} ({kind})", "");
        if at + 1 < beside.len() {
            println!();
        }
    }
    println!();
}

/// A thing that was done to many accounts, and what a thousand of them cost.
pub fn each_thousand(what: &str, cost: Cost, accounts: usize) {
    let part = 1e3 / f64::from(u32::try_from(accounts).unwrap_or(u32::MAX));
    let [wall, cpu] = [cost.wall, cost.cpu].map(|time| shown(time.mul_f64(part)));
    println!(
        "  {what:<50}{:>11}{:>11}   for 1,000 accounts {wall}, CPU {cpu}",
        shown(cost.wall),
        shown(cost.cpu)
    );
}

/// The heading of a part in which each thing is done many times.
pub fn percentiles_head() {
    println!("  {:<50}{:>11}{:>11}{:>11}", "one", "median", "p95", "slowest");
}

/// How long a thing took that was done many times.
pub fn percentiles(what: &str, took: &mut [Duration]) {
    took.sort();
    let at = |percent: usize| took.get((took.len() * percent / 100).min(took.len().saturating_sub(1)));
    let shown = |time: Option<&Duration>| time.map(|time| shown(*time)).unwrap_or_default();
    println!("  {what:<50}{:>11}{:>11}{:>11}", shown(at(50)), shown(at(95)), shown(took.last()));
}

/// An amount of memory, in KiB.
pub fn memory(what: &str, kib: u64) {
    println!("  {what:<50}{:>7} MiB", kib.div_ceil(1024));
}

/// Three or four digits that matter.
fn shown(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        1000.0.. => format!("{:.2} s", ms / 1e3),
        100.0.. => format!("{ms:.0} ms"),
        10.0.. => format!("{ms:.1} ms"),
        1.0.. => format!("{ms:.2} ms"),
        _ => format!("{ms:.3} ms"),
    }
}
