//! `danang-sso client …`: the applications: registering, looking at, moving and removing them.

mod add;
mod api;
mod audience;
mod certificate;
mod initial_token;
mod inspect;
pub mod tester;

use super::WithConfig;
use crate::domain::audit::Actor;
use crate::services::clients;
use anyhow::{Context, bail};
use clap::Subcommand;
use time::Duration;

/// A secret before the present one is not good for longer.
const LONGEST_OVERLAP: Duration = Duration::days(90);

/// Applications.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Register an application; its client_id and secret are printed once.
    Add(Box<add::Add>),
    /// List what `client add --template` knows.
    Templates,
    /// Print what to write into the configuration of a registered application.
    Config(add::ConfigOf),
    /// List the registered applications.
    List {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Tell, or set, for whom an application is: agencies, groups, everybody.
    Audience(audience::Audience),
    /// Tell, or set, what an application may do at the administrators' interface, and how far it reaches.
    Api(api::Api),
    /// Show everything that is registered of an application, and what could be better.
    Show(inspect::One),
    /// Tell what could be better in the registrations.
    Lint(inspect::All),
    /// Write the registrations as TOML, without secrets.
    Export(inspect::All),
    /// Register and change what a TOML file says; a second time it changes nothing.
    Import(inspect::Import),
    /// Remove an application; everything it was given ends.
    Remove {
        /// Its client_id.
        client_id: String,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Play an application from the sign-in to the sign-out, and explain each step and each failure.
    Test(tester::TestArgs),
    /// Make an initial access token, with which applications register themselves; list them, take one back.
    InitialToken(initial_token::InitialToken),
    /// Give an application a new secret; the old one ends at once, or after a while.
    RotateSecret {
        /// Its client_id.
        client_id: String,
        /// For how long the old one stays good: 7d, 12h, 30m.
        #[arg(long, default_value = "0d", value_parser = span)]
        overlap: Duration,
        #[command(flatten)]
        with: WithConfig,
    },
}

pub(super) async fn run(command: ClientCommand) -> anyhow::Result<()> {
    match command {
        ClientCommand::Add(add) => add::add(*add).await,
        ClientCommand::Templates => {
            add::templates();
            Ok(())
        }
        ClientCommand::Config(of) => add::config(of).await,
        ClientCommand::List { with } => {
            for client in clients::list(&with.open().await?).await? {
                let stopped = if client.disabled_at.is_some() { "\tstopped" } else { "" };
                println!("{}\t{}\t{}{stopped}", client.client_id, client.kind.code(), client.name);
            }
            Ok(())
        }
        ClientCommand::Audience(asked) => audience::run(asked).await,
        ClientCommand::Api(asked) => api::run(asked).await,
        ClientCommand::Show(one) => inspect::show(one).await,
        ClientCommand::Lint(asked) => inspect::look(asked).await,
        ClientCommand::Export(asked) => inspect::export(asked).await,
        ClientCommand::Import(asked) => inspect::import(asked).await,
        ClientCommand::Remove { client_id, with } => {
            let removed = clients::remove(&with.open().await?, Actor::CommandLine, &client_id).await?;
            println!("{} ({}) is removed.", removed.client_id, removed.name);
            Ok(())
        }
        ClientCommand::Test(args) => tester::run(args).await,
        ClientCommand::InitialToken(asked) => initial_token::run(asked).await,
        ClientCommand::RotateSecret { client_id, overlap, with } => {
            rotate_secret(&client_id, overlap, &with).await
        }
    }
}

async fn rotate_secret(client_id: &str, overlap: Duration, with: &WithConfig) -> anyhow::Result<()> {
    let app = with.open().await?;
    let secret = clients::rotate_secret(&app, Actor::CommandLine, client_id, overlap).await?;
    println!("client_secret  {}\n\nIt is shown this once.", secret.expose());
    if overlap.is_positive() {
        println!("The old secret is good until {}.", app.now().plus(overlap).local());
    } else {
        println!("The old secret has ended.");
    }
    Ok(())
}

/// A span of time: a number and `d`, `h` or `m`.
fn span(text: &str) -> anyhow::Result<Duration> {
    let form = || format!("{text:?} is not of the form 7d, 12h or 30m");
    let unit = text.chars().last().with_context(form)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().with_context(form)?;
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        _ => bail!(form()),
    };
    let span = number.checked_mul(seconds).map(Duration::seconds).with_context(form)?;
    if span.is_negative() || span > LONGEST_OVERLAP {
        bail!("{text:?}: from 0d to {} days", LONGEST_OVERLAP.whole_days());
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_with_a_unit() {
        assert_eq!(span("7d").ok(), Some(Duration::days(7)));
        assert_eq!(span("12h").ok(), Some(Duration::hours(12)));
        assert_eq!(span("0d").ok(), Some(Duration::ZERO));
        for bad in ["", "d", "7", "7y", "-1d", "91d", "9223372036854775807d", "７d", "7ngày"] {
            assert!(span(bad).is_err(), "{bad:?}");
        }
    }
}
