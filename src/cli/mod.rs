//! The command line: one verb, one file or function; the work is done by `services`.

mod account;
mod admin;
mod calendar;
mod check;
mod client;
mod deadline;
mod group;
mod keys;
mod letters;
mod policy;
mod sync;

pub use client::tester as client_tester;

use crate::app::App;
use crate::config::{self, Config};
use crate::server::{self, Listeners};
use crate::services;
use crate::services::audit_archive::Whole;
use crate::storage::audit;
use crate::system::System;
use crate::{demo, telemetry};
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Single sign-on for a city: OpenID Connect in front of Active Directory and OBM, with the mail regulation enforced.
#[derive(Debug, Parser)]
#[command(name = "danang-sso", version, about, max_term_width = 100)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
struct WithConfig {
    /// The configuration file (TOML). Keys can be overridden from the environment, see `config example`.
    #[arg(long, value_name = "FILE", env = "DANANG_SSO_CONFIG", default_value = "danang-sso.toml")]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve sign-in, portal, protocol and administration until Ctrl-C or SIGTERM.
    Serve(WithConfig),
    /// The doctor: configuration, database, both directories, trust, clock, keys; each line says ok or what to do.
    Check(WithConfig),
    /// Bring the tables of the database up to date (serve does it too).
    Migrate(WithConfig),
    /// Read both directories now and apply what changed; or only plan, or tell how the last runs went.
    Sync(sync::SyncArgs),
    /// Print an example configuration or the table of all keys.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Register, list and remove applications.
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Groups of people across agencies, for whom applications can be.
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// The keys that sign: list them, begin a rotation.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// A single account: reset its password.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Grant, list and revoke roles in the administration.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Count a term day by day: which days count, which do not, and why.
    Deadline(deadline::DeadlineArgs),
    /// The rules: their values, how far they are switched on, what they will do.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// The working calendar: show a year, export, import, confirm.
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// The audit.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Letters: who is written to today, how they go, a sample to oneself.
    #[command(subcommand)]
    Letters(letters::LettersCommand),
    /// The demonstration city: throwaway directories, the house, a sample application (make demo).
    Demo(demo::DemoArgs),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// A commented configuration with every key.
    Example,
    /// The table of docs/configuration.md.
    Reference,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Walk the hash chain from its beginning and tell whether it is whole.
    Verify(VerifyArgs),
    /// Move lines that are older than `audit.online_months` into the archive now; the house does it every six hours.
    Archive(WithConfig),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    #[command(flatten)]
    with: WithConfig,
    /// Walk through the files in this folder first; without it, `audit.archive` of the configuration.
    #[arg(long, value_name = "FOLDER")]
    archive: Option<PathBuf>,
    /// Look at the database only, on purpose; without it, lines that left the database are missed if there is no archive.
    #[arg(long, conflicts_with = "archive")]
    without_archive: bool,
}

/// Runs the command line.
pub async fn run(line: CommandLine) -> anyhow::Result<()> {
    match line.command {
        Command::Serve(with) => serve(&with).await,
        Command::Check(with) => check::run(&with.config).await,
        Command::Migrate(with) => migrate(&with).await,
        Command::Sync(args) => sync::run(args).await,
        Command::Config(ConfigCommand::Example) => {
            print!("{}", config::example());
            Ok(())
        }
        Command::Config(ConfigCommand::Reference) => {
            print!("{}", config::reference());
            Ok(())
        }
        Command::Client(command) => client::run(command).await,
        Command::Group(command) => group::run(command).await,
        Command::Keys(command) => keys::run(command).await,
        Command::Account(command) => account::run(command).await,
        Command::Admin(command) => admin::run(command).await,
        Command::Deadline(args) => deadline::run(args).await,
        Command::Policy(command) => policy::run(command).await,
        Command::Calendar(command) => calendar::run(command).await,
        Command::Audit(AuditCommand::Verify(args)) => verify_audit(&args).await,
        Command::Audit(AuditCommand::Archive(with)) => archive_audit(&with).await,
        Command::Letters(command) => letters::run(command).await,
        Command::Demo(args) => demo::run(args).await,
    }
}

impl WithConfig {
    fn load(&self) -> anyhow::Result<Config> {
        let config = Config::load(&self.config, std::env::vars())?;
        telemetry::start(&config);
        Ok(config)
    }

    async fn open(&self) -> anyhow::Result<App> {
        server::open(self.load()?, System::of_the_machine()).await
    }
}

async fn archive_audit(with: &WithConfig) -> anyhow::Result<()> {
    let app = with.open().await?;
    if app.config.audit.archive.is_none() {
        bail!("audit.archive is not set: everything stays in the database");
    }
    let moved = services::audit_archive::archive_due(&app).await?;
    println!("{moved} lines moved into the archive.");
    app.db.close().await;
    Ok(())
}

async fn serve(with: &WithConfig) -> anyhow::Result<()> {
    let config = with.load()?;
    let listeners = Listeners::bind(config.server.listen, config.server.admin_listen).await?;
    let app = server::open(config, System::of_the_machine()).await?;
    server::serve(app, listeners, server::signals()?).await
}

async fn migrate(with: &WithConfig) -> anyhow::Result<()> {
    let db = server::open_database(&with.load()?).await?;
    println!("The tables of the {} database are up to date.", db.kind());
    db.close().await;
    Ok(())
}

async fn verify_audit(args: &VerifyArgs) -> anyhow::Result<()> {
    let config = args.with.load()?;
    let db = server::open_database(&config).await?;
    let folder = args.archive.as_deref().or(config.audit.archive.as_deref());
    let anchor = match services::audit_archive::whole(&db, folder, args.without_archive).await?? {
        Whole::Nothing => 0,
        Whole::Lines(lines) => {
            let folder = folder.map(|folder| folder.display().to_string()).unwrap_or_default();
            println!("The archive in {folder} is whole: {lines} lines.");
            lines
        }
        Whole::Unseen(lines) => {
            println!("Lines 1 to {lines} are in an archive, which is not looked at.");
            lines
        }
    };
    match audit::verify(&db).await.context("reading the audit")? {
        Ok(last) => println!("The chain is whole: {} lines, up to line {last}.", last - anchor),
        Err(line) => {
            bail!("the chain is broken at line {line}: it, or a line before it, was changed or removed")
        }
    }
    Ok(())
}
