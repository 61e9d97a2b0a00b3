//! What a process uses, as the kernel tells it, and the real binary as a process.

use crate::rounds::Cost;
use anyhow::{Context, bail};
use danang_sso::system::Stopwatch;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::sleep;

const BINARY: &str = env!("CARGO_BIN_EXE_danang-sso");

/// What `/proc/PID/stat` counts in (proc_pid_stat(5)): on every architecture that we build for a second has 100.
const TICK: Duration = Duration::from_millis(10);

/// The state and the processor time, user and system, of all threads, also of ended ones.
fn stat(pid: u32) -> anyhow::Result<(char, Duration)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).context("reading what a process used")?;
    // The name in brackets may hold anything; what follows are fields 3 and up.
    let fields: Vec<_> =
        text.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let ticks = |at: usize| fields.get(at).and_then(|field: &&str| field.parse::<u32>().ok());
    let (Some(user), Some(system)) = (ticks(11), ticks(12)) else { bail!("an unknown form: {text}") };
    Ok((fields[0].chars().next().unwrap_or_default(), TICK * (user + system)))
}

/// The processor time that a process has used.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    Ok(stat(pid)?.1)
}

/// `VmRSS`, now in memory, or `VmHWM`, the most that ever was; in KiB.
pub fn memory(pid: u32, line: &str) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).context("reading a process's memory")?;
    let found =
        text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':')?.trim().strip_suffix(" kB"));
    found.and_then(|number| number.trim().parse().ok()).with_context(|| format!("{line} of {pid}"))
}

/// What it is measured on, and how busy that is with other things.
pub fn machine() -> anyhow::Result<String> {
    let info = fs::read_to_string("/proc/cpuinfo").context("reading what the machine is")?;
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let load = fs::read_to_string("/proc/loadavg").context("reading how busy the machine is")?;
    Ok(format!(
        "{} × {}, load in the last minute {}",
        std::thread::available_parallelism()?,
        model.map_or("processors", |(_, name)| name),
        load.split(' ').next().unwrap_or_default(),
    ))
}

/// Waits until a process has done nothing for half a second.
pub async fn settled(pid: u32) -> anyhow::Result<()> {
    let mut before = cpu(pid)?;
    loop {
        sleep(Duration::from_millis(500)).await;
        let now = cpu(pid)?;
        if now == before {
            return Ok(());
        }
        before = now;
    }
}

/// The binary with these words and this configuration.
pub fn binary(words: &[&str], config: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.args(words).arg("--config").arg(config).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a process to its end; returns its cost and the most memory it had, in KiB.
pub async fn to_the_end(command: &mut Command) -> anyhow::Result<(Cost, u64)> {
    let watch = Stopwatch::start();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn()?;
    let pid = child.id().context("it has just been started")?;
    let mut peak = 0;
    let (wall, cpu) = loop {
        // Nobody has waited for it yet, so it stays as a zombie and can still be asked.
        let (state, cpu) = stat(pid)?;
        if state == 'Z' {
            break (watch.elapsed(), cpu);
        }
        peak = memory(pid, "VmHWM").unwrap_or(peak);
        sleep(Duration::from_millis(2)).await;
    };
    let status = child.wait().await?;
    if !status.success() {
        bail!("{:?} ended with {status}", command.as_std());
    }
    Ok((Cost { wall, cpu }, peak))
}

/// `danang-sso serve`; killed when the value is dropped.
pub struct Server {
    child: Child,
    pid: u32,
}

impl Server {
    /// Starts it; returns how long it took until it answered.
    pub async fn start(config: &Path, port: u16) -> anyhow::Result<(Self, Cost)> {
        let watch = Stopwatch::start();
        let mut child = binary(&["serve"], config).spawn().context("starting danang-sso serve")?;
        let pid = child.id().context("it has just been started")?;
        while !is_healthy(port).await {
            if let Some(status) = child.try_wait()? {
                bail!("danang-sso serve ended with {status}");
            }
            sleep(Duration::from_millis(1)).await;
        }
        let cost = Cost { wall: watch.elapsed(), cpu: cpu(pid)? };
        Ok((Self { child, pid }, cost))
    }

    /// Its process.
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Stops it as an administrator would.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill").args(["-TERM", &self.pid.to_string()]).status().await?;
        self.child.wait().await?;
        Ok(())
    }
}

async fn is_healthy(port: u16) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with("HTTP/1.1 200"))
    };
    asked.await.unwrap_or(false)
}
