//! `danang-sso keys …`: the keys that sign.

use super::WithConfig;
use crate::domain::audit::Actor;
use crate::domain::oauth::key::{KeyState, PUBLISHED_FOR, SigningAlg};
use crate::services::keys::{self, KeyLine};
use anyhow::Context;
use clap::Subcommand;
use time::macros::format_description;

/// The keys that sign.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// The published keys: algorithm, state, since when, kid.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Begin a rotation: announce the successor of every key that signs. It signs an hour later, by itself.
    Rotate {
        /// Of this algorithm only: RS256, PS256, ES256 or EdDSA.
        #[arg(long, value_name = "ALG")]
        alg: Option<String>,
        #[command(flatten)]
        with: WithConfig,
    },
}

pub(super) async fn run(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::List { json, with } => {
            let all = keys::list(&with.open().await?).await?;
            if json {
                println!("{}", serde_json::Value::Array(all.iter().map(as_json).collect()));
                return Ok(());
            }
            all.iter().try_for_each(print)
        }
        KeysCommand::Rotate { alg, with } => {
            let known = || SigningAlg::ALL.map(SigningAlg::code).join(", ");
            let only = match alg {
                None => None,
                Some(code) => Some(
                    SigningAlg::from_code(&code).with_context(|| format!("--alg is one of {}", known()))?,
                ),
            };
            let app = with.open().await?;
            let all = keys::rotate(&app, &Actor::CommandLine, only).await?;
            all.iter().try_for_each(print)?;
            if all.iter().any(|key| key.state == KeyState::Announced) {
                let minutes = PUBLISHED_FOR.whole_minutes();
                println!(
                    "\nA key is announced for {minutes} minutes before it signs, so that every application has seen it. \
                     The running server goes on by itself; this command once more does, too."
                );
            }
            Ok(())
        }
    }
}

fn print(key: &KeyLine) -> anyhow::Result<()> {
    // In the time of Viet Nam.
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let since = key.since.local().format(format).context("a moment")?;
    println!("{}\t{}\tsince {since}\t{}", key.alg.code(), key.state.code(), key.kid);
    Ok(())
}

fn as_json(key: &KeyLine) -> serde_json::Value {
    serde_json::json!({
        "alg": key.alg.code(),
        "state": key.state.code(),
        "since": key.since.seconds(),
        "kid": key.kid,
    })
}
