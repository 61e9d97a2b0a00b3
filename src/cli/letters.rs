//! `danang-sso letters …`: who is written to today, how the letters go, and a sample to oneself.

use super::WithConfig;
use crate::domain::address::MailAddress;
use crate::domain::mail::{LetterKind, Stage};
use crate::i18n::Lang;
use crate::services::letters::{self, Tried};
use crate::services::{admins, chain};
use crate::storage::letters as outbox;
use anyhow::{Context, anyhow, bail};
use clap::Subcommand;

/// Letters.
#[derive(Debug, Subcommand)]
pub enum LettersCommand {
    /// Tell who would get which letter today that is not written yet. Nothing is written or sent.
    Preview {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Send a sample to an administrator's own address, now.
    Try {
        /// The mail address of an account with a role; the sample goes there and to nobody else.
        #[arg(long, value_name = "ADDRESS")]
        to_me: String,
        /// Which letter: default_password_issued, default_password_morning, password_age or agency_digest.
        #[arg(long, value_name = "KIND", default_value = "password_age", value_parser = sample)]
        kind: LetterKind,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Tell how many letters wait, were sent or failed, the latest failures, and whether the relay answers.
    Status {
        #[command(flatten)]
        with: WithConfig,
    },
}

fn sample(code: &str) -> Result<LetterKind, String> {
    let kind = LetterKind::from_code(code).filter(|kind| LetterKind::SAMPLES.contains(kind));
    kind.ok_or_else(|| {
        let all: Vec<_> = LetterKind::SAMPLES.into_iter().map(LetterKind::code).collect();
        format!("one of {}", all.join(", "))
    })
}

pub(super) async fn run(command: LettersCommand) -> anyhow::Result<()> {
    match command {
        LettersCommand::Preview { with } => preview(&with).await,
        LettersCommand::Try { to_me, kind, with } => trial(&with, &to_me, kind).await,
        LettersCommand::Status { with } => status(&with).await,
    }
}

async fn preview(with: &WithConfig) -> anyhow::Result<()> {
    let app = with.open().await?;
    let preview = letters::preview_of_the_city(&app).await?;
    if preview.is_day_off {
        println!("Today is a day off: no reminders are written.");
    } else if preview.kinds.is_empty() {
        println!("No letter is to be written today.");
    }
    for kind in preview.kinds {
        println!("{} ({}): {}", kind.kind.code(), Lang::En.letter_kind(kind.kind), kind.count);
        for one in &kind.first {
            println!("  {}\t{}", one.address, one.name);
        }
        let others = kind.count.saturating_sub(u64::try_from(kind.first.len()).unwrap_or(u64::MAX));
        if others > 0 {
            println!("  and {others} others");
        }
    }
    Ok(())
}

async fn trial(with: &WithConfig, to_me: &str, kind: LetterKind) -> anyhow::Result<()> {
    let address = MailAddress::parse(to_me).context("reading the address")?;
    let app = with.open().await?;
    let by = admins::holder(&app, &address).await?;
    match letters::trial(&app, &by, kind).await? {
        Tried::Sent => println!("The relay took the sample for {}.", by.address()),
        Tried::Waiting(why) => bail!("not sent yet, serve tries again: {why}"),
        Tried::Failed(why) => bail!("the relay refused it: {why}"),
        Tried::NoRelay => bail!("no mail relay is configured (mail.relay_host)"),
    }
    Ok(())
}

async fn status(with: &WithConfig) -> anyhow::Result<()> {
    let app = with.open().await?;
    let counts = outbox::counts(&app.db, None).await.context("counting letters")?;
    for stage in Stage::ALL {
        let number = counts.iter().find(|(s, _)| *s == stage).map_or(0, |(_, number)| *number);
        println!("{}: {number}", stage.code());
    }
    for failure in outbox::failures(&app.db, None, None, 20).await.map_err(|e| anyhow!(chain(&e)))? {
        println!("  failed: {} ({}): {}", failure.address, failure.kind.code(), failure.why);
    }
    match app.relay.check().await {
        Ok(said) => println!("relay: {said}"),
        Err(what_to_do) => bail!("relay: {what_to_do}"),
    }
    Ok(())
}
