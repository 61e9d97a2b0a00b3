//! `danang-sso client initial-token …`: what an application needs to be let in to register itself.

use super::super::WithConfig;
use crate::domain::audit::Actor;
use crate::services::registration;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use time::Duration;

/// Makes one; or lists them, or takes one back.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct InitialToken {
    #[command(subcommand)]
    other: Option<Other>,
    /// For how many days it is good.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
    /// How many applications it registers.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    uses: i64,
    /// For whom it is.
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    with: WithConfig,
}

#[derive(Debug, Subcommand)]
enum Other {
    /// List those that are good.
    List {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Take one back.
    Revoke {
        /// Its id, as `list` shows it.
        id: String,
        #[command(flatten)]
        with: WithConfig,
    },
}

pub(super) async fn run(asked: InitialToken) -> anyhow::Result<()> {
    match asked.other {
        None => make(&asked).await,
        Some(Other::List { with }) => {
            for one in registration::tokens(&with.open().await?).await? {
                println!(
                    "{}\t{} left\tuntil {}\t{}",
                    one.id,
                    one.uses_left,
                    one.expires_at.local(),
                    one.note
                );
            }
            Ok(())
        }
        Some(Other::Revoke { id, with }) => {
            let id = id.parse().context("the id is the one that `client initial-token list` shows")?;
            if !registration::revoke_token(&with.open().await?, Actor::CommandLine, id).await? {
                bail!("there is no such initial access token");
            }
            println!("It registers nothing any more.");
            Ok(())
        }
    }
}

async fn make(asked: &InitialToken) -> anyhow::Result<()> {
    let app = asked.with.open().await?;
    let life = Duration::days(asked.days);
    let (made, secret) =
        registration::make_token(&app, Actor::CommandLine, &asked.note, asked.uses, life).await?;
    println!("initial_access_token  {}", secret.expose());
    println!(
        "\nIt is shown this once. It registers {} application(s) until {}.",
        made.uses_left,
        made.expires_at.local()
    );
    println!("Registration endpoint  {}{}", app.config.server.issuer(), crate::urls::REGISTER);
    Ok(())
}
