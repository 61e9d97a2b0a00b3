//! The binary: reads the command line, runs it, says plainly what went wrong.

use clap::Parser;
use danang_sso::cli::{self, CommandLine};
use std::process::ExitCode;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("danang-sso: starting the threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli::run(line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("danang-sso: {error:#}");
            ExitCode::FAILURE
        }
    }
}
