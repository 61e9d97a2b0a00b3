//! `danang-sso account …`: what the server's operator does for a single account.

use super::WithConfig;
use crate::domain::address::MailAddress;
use crate::domain::mailbox::MailSystem;
use crate::services::factors::desk::{self, DeskRefused};
use crate::services::reset::{self, Given, ResetRefused, Slip};
use anyhow::{Context, bail};
use clap::Subcommand;

/// A single account.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Reset a password: prints a one-time password, which the person changes at the first sign-in.
    ///
    /// As in the console: the sessions end, every mail system of the person gets the one-time password, and a lock is
    /// lifted. Make sure who it is before; hand it over in person. It is not shown again.
    Reset {
        /// The mail address of the account.
        address: String,
        /// Why, for the audit.
        #[arg(long, default_value = "by the command line")]
        reason: String,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Remove all second factors, as in the console: the sessions end, the password stays. Make sure who it is before.
    ResetFactors {
        /// The mail address of the account.
        address: String,
        /// Why, for the audit.
        #[arg(long, default_value = "by the command line")]
        reason: String,
        #[command(flatten)]
        with: WithConfig,
    },
}

pub(super) async fn run(command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Reset { address, reason, with } => reset(&address, &reason, &with).await,
        AccountCommand::ResetFactors { address, reason, with } => {
            reset_factors(&address, &reason, &with).await
        }
    }
}

async fn reset(address: &str, reason: &str, with: &WithConfig) -> anyhow::Result<()> {
    let app = with.open().await?;
    let address = MailAddress::parse(address).context("reading the address")?;
    let done = reset::reset_by_operator(&app, &address, reason).await;
    app.db.close().await;
    match done {
        Ok(slip) => print(&slip),
        Err(ResetRefused::NotFound) => bail!("there is no account {address}; has the synchronisation run?"),
        Err(ResetRefused::NotTaken(given)) => {
            systems(&given);
            bail!("no mail system took the one-time password; the account demands a new one");
        }
        Err(refused) => return Err(refused.into()),
    }
    Ok(())
}

async fn reset_factors(address: &str, reason: &str, with: &WithConfig) -> anyhow::Result<()> {
    let app = with.open().await?;
    let address = MailAddress::parse(address).context("reading the address")?;
    let done = desk::reset_by_operator(&app, &address, reason).await;
    app.db.close().await;
    match done {
        Ok(()) => println!("The second factors of {address} are removed."),
        Err(DeskRefused::NotFound) => bail!("there is no account {address}; has the synchronisation run?"),
        Err(refused) => return Err(refused.into()),
    }
    Ok(())
}

/// The password alone on the standard output.
fn print(slip: &Slip) {
    println!("{}", slip.password.expose());
    let profile = slip.account.profile();
    eprintln!("for {} ({}); it works once and is not shown again", profile.display_name, profile.address);
    if let Some(deadline) = &slip.deadline {
        eprintln!("to be changed by the end of {}", deadline.last_day);
    }
    systems(&slip.given);
}

fn systems(given: &[(MailSystem, Given)]) {
    for (system, given) in given {
        let words = match given {
            Given::Taken => "has it".to_owned(),
            Given::StillClosed => "has it, and is still locked there".to_owned(),
            Given::Refused(words) => format!("refused it: {words}"),
            Given::Failed => "could not be written; it gets the next password".to_owned(),
        };
        eprintln!("{} {words}", system.product());
    }
}
