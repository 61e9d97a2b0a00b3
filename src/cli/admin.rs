//! `danang-sso admin …`: the first administrator comes from here.

use super::WithConfig;
use crate::domain::address::MailAddress;
use crate::services::admins;
use anyhow::Context;
use clap::Subcommand;

/// Roles in the administration.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Grant the administration of the whole city, or of one agency.
    Grant {
        /// The mail address of the account.
        address: String,
        /// The code of the agency; without it, the whole city.
        #[arg(long, value_name = "CODE")]
        agency: Option<String>,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Take a role back.
    Revoke {
        /// The mail address of the account.
        address: String,
        #[command(flatten)]
        with: WithConfig,
    },
    /// List all administrators.
    List {
        #[command(flatten)]
        with: WithConfig,
    },
}

pub(super) async fn run(command: AdminCommand) -> anyhow::Result<()> {
    match command {
        AdminCommand::Grant { address, agency, with } => {
            let address = MailAddress::parse(&address).context("reading the address")?;
            admins::grant(&with.open().await?, &address, agency.as_deref()).await?;
            println!("{address} administers {}.", agency.as_deref().unwrap_or("the whole city"));
        }
        AdminCommand::Revoke { address, with } => {
            let address = MailAddress::parse(&address).context("reading the address")?;
            admins::revoke(&with.open().await?, &address).await?;
            println!("{address} has no role any more.");
        }
        AdminCommand::List { with } => {
            for (address, agency) in admins::every(&with.open().await?).await? {
                println!("{address}\t{}", agency.as_deref().unwrap_or("the whole city"));
            }
        }
    }
    Ok(())
}
