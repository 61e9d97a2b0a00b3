//! `danang-sso group …`: groups of people across agencies, for whom applications can be.

use super::WithConfig;
use crate::domain::address::MailAddress;
use crate::domain::audit::Actor;
use crate::services::groups;
use anyhow::Context;
use clap::{Args, Subcommand};

/// Groups.
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Make a group.
    Add {
        /// Its code: small letters, digits, hyphens.
        code: String,
        /// Its name for people.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Dissolve a group, unless an application is for it.
    Remove {
        /// Its code.
        code: String,
        #[command(flatten)]
        with: WithConfig,
    },
    /// List all groups, or who is in one.
    List {
        /// The code of one.
        code: Option<String>,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Take people into a group.
    Join(People),
    /// Take people out of a group.
    Leave(People),
}

/// People of a group.
#[derive(Debug, Args)]
pub struct People {
    /// The code of the group.
    code: String,
    /// The mail addresses of their accounts.
    #[arg(required = true)]
    addresses: Vec<String>,
    #[command(flatten)]
    with: WithConfig,
}

pub(super) async fn run(command: GroupCommand) -> anyhow::Result<()> {
    match command {
        GroupCommand::Add { code, name, with } => {
            groups::make(&with.open().await?, Actor::CommandLine, &code, &name).await?;
            println!("The group {code} is there; `group join {code} ADDRESS` fills it.");
        }
        GroupCommand::Remove { code, with } => {
            groups::dissolve(&with.open().await?, Actor::CommandLine, &code).await?;
            println!("The group {code} is dissolved.");
        }
        GroupCommand::List { code: None, with } => {
            for group in groups::every(&with.open().await?).await? {
                println!("{}\t{}", group.code, group.name);
            }
        }
        GroupCommand::List { code: Some(code), with } => {
            for address in groups::find(&with.open().await?, &code).await?.1 {
                println!("{address}");
            }
        }
        GroupCommand::Join(people) => change(&people, true).await?,
        GroupCommand::Leave(people) => change(&people, false).await?,
    }
    Ok(())
}

async fn change(people: &People, joins: bool) -> anyhow::Result<()> {
    let app = people.with.open().await?;
    for address in &people.addresses {
        let who = MailAddress::parse(address).with_context(|| format!("reading the address {address}"))?;
        let (changed, done, already) = if joins {
            let joined = groups::join(&app, Actor::CommandLine, &people.code, &who).await?;
            (joined, "joined", "was in it already")
        } else {
            let left = groups::leave(&app, Actor::CommandLine, &people.code, &who).await?;
            (left, "left", "was not in it")
        };
        println!("{who}\t{}", if changed { done } else { already });
    }
    Ok(())
}
