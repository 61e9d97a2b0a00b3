//! `danang-sso client show|lint|export|import`: what is registered, what could be better, and moving it.

use super::super::WithConfig;
use crate::app::App;
use crate::domain::audit::Actor;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::lint::{Finding, Weight};
use crate::services::client_transfer::{self, Change};
use crate::services::{applications, clients};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;

/// One application.
#[derive(Debug, Args)]
pub struct One {
    /// Its client_id.
    client_id: String,
    #[command(flatten)]
    with: WithConfig,
}

/// All applications, or one.
#[derive(Debug, Args)]
pub struct All {
    /// Its client_id; without it, all.
    client_id: Option<String>,
    #[command(flatten)]
    with: WithConfig,
}

/// A file to be imported.
#[derive(Debug, Args)]
pub struct Import {
    /// A file that `client export` wrote.
    file: PathBuf,
    /// Only tell what would happen.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    with: WithConfig,
}

/// Shows everything that is registered of one application, and what could be better.
pub(super) async fn show(one: One) -> anyhow::Result<()> {
    let app = one.with.open().await?;
    let client = clients::find(&app, &one.client_id).await?;
    print!("{}", client_transfer::export(&app, Some(&one.client_id)).await?);
    println!("\n# registered   {}", client.created_at.local());
    if let Some(since) = client.disabled_at {
        println!("# stopped      {}", since.local());
    }
    if client.secret_digest.is_some() {
        println!("# secret made  {}", client.secret_made_at().local());
    }
    for certificate in applications::own_certificates(&client) {
        let subject = certificate.subject.map(|name| name.to_string()).unwrap_or_default();
        println!("# certificate  {subject}, until {}", certificate.not_after.local());
    }
    for finding in applications::findings(&app, &client) {
        println!("# {}", told(&finding));
    }
    Ok(())
}

/// Tells what could be better, in all applications or in one.
pub(super) async fn look(asked: All) -> anyhow::Result<()> {
    let app = asked.with.open().await?;
    let mut found = 0;
    for client in chosen(&app, asked.client_id.as_deref()).await? {
        for finding in applications::findings(&app, &client) {
            println!("{}\t{}", client.client_id, told(&finding));
            found += 1;
        }
    }
    if found == 0 {
        println!("Nothing to say.");
    }
    Ok(())
}

async fn chosen(app: &App, only: Option<&str>) -> anyhow::Result<Vec<Client>> {
    match only {
        Some(client_id) => Ok(vec![clients::find(app, client_id).await?]),
        None => Ok(clients::list(app).await?),
    }
}

fn told(finding: &Finding) -> String {
    let weight = match finding.weight() {
        Weight::Warning => "warning",
        Weight::Note => "note",
    };
    format!("{weight}\t{}\t{finding}", finding.code())
}

/// Writes the registrations as TOML.
pub(super) async fn export(asked: All) -> anyhow::Result<()> {
    print!("{}", client_transfer::export(&asked.with.open().await?, asked.client_id.as_deref()).await?);
    Ok(())
}

/// Registers and changes what a file says.
pub(super) async fn import(asked: Import) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&asked.file);
    let text = text.with_context(|| format!("reading {}", asked.file.display()))?;
    let app = asked.with.open().await?;
    let steps = client_transfer::plan(&app, &text).await?;
    for step in &steps {
        match &step.change {
            Change::Nothing => println!("{}\tunchanged", step.client_id),
            Change::New => println!("{}\tnew", step.client_id),
            Change::Members(members) => println!("{}\tchanged: {}", step.client_id, members.join(", ")),
        }
    }
    if asked.dry_run {
        println!("\nNothing was written.");
        return Ok(());
    }
    for registered in client_transfer::apply(&app, &Actor::CommandLine, &steps).await? {
        if let Some(secret) = registered.secret {
            println!("\nclient_id      {}\nclient_secret  {}", registered.client.client_id, secret.expose());
        }
    }
    Ok(())
}
