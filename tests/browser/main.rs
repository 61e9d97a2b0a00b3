//! What a person meets: Debian's Chromium in front of the running demo with its real directories.
//!
//! Samba takes seconds to start, so there is one demo for all walks, and they go in the order of the table; that is why
//! this is not the standard harness. `cargo test --test browser WORD` takes only the walks with that word in their name.
//! Packages: `tests/rig/install.sh`.

mod demo;
mod directories;
mod driver;
mod first_day;
mod page_log;

use danang_sso::system::Stopwatch;
use demo::Demo;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// One walk through the demo.
type Walk = fn(&Demo);

/// Makes a line of the table: the name and the walk.
macro_rules! walks {
    ($($room:ident :: $walk:ident),+ $(,)?) => {
        &[$((concat!(stringify!($room), "::", stringify!($walk)), $room::$walk)),+]
    };
}

const WALKS: &[(&str, Walk)] = walks![first_day::a_first_sign_in_sets_an_own_password_in_both_directories,];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let walks: Vec<_> = WALKS.iter().filter(|(name, _)| chosen(name)).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        walks.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    if walks.is_empty() {
        return ExitCode::SUCCESS;
    }
    let demo = Demo::start();
    let mut failed: Vec<&str> = Vec::new();
    for (name, walk) in walks {
        let watch = Stopwatch::start();
        let passed = catch_unwind(AssertUnwindSafe(|| walk(&demo))).is_ok();
        let word = if passed { "ok" } else { "FAILED" };
        println!("test {name} ... {word} ({:.1} s)", watch.elapsed().as_secs_f64());
        if !passed {
            failed.push(name);
        }
    }
    let name = "demo::nothing_is_left_when_the_demo_stops";
    let stopped = catch_unwind(AssertUnwindSafe(|| demo.stop())).is_ok();
    println!("test {name} ... {}", if stopped { "ok" } else { "FAILED" });
    if !stopped {
        failed.push(name);
    }
    for name in &failed {
        println!("failed: {name}");
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
