//! `danang-sso sync …`: plan without applying, apply, and how the last runs went; `sync` alone applies.

use super::WithConfig;
use crate::app::App;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{Counts, FieldChange, Line};
use crate::services::sync::{self, DirectoryReport, KeptPlan, Order, Run, StartedBy, Then};
use crate::storage::sync_plans::{self, LineFilter};
use crate::storage::sync_runs;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::time::Duration;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// In the time of Viet Nam.
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// How many runs `status` tells.
const RUNS: i64 = 20;

/// The synchronisation.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SyncArgs {
    #[command(subcommand)]
    command: Option<SyncCommand>,
    #[command(flatten)]
    with: WithConfig,
}

#[derive(Debug, Subcommand)]
enum SyncCommand {
    /// Read, plan, keep the plan and print it. Nothing is applied.
    Plan {
        #[command(flatten)]
        how: How,
    },
    /// Read, plan and apply what changed; a plan above the limits is held for approval in the console.
    Apply {
        #[command(flatten)]
        how: How,
        /// Apply the plan even if it is above the limits; the reason is recorded in the audit.
        #[arg(long, value_name = "REASON")]
        even_if_held: Option<String>,
    },
    /// Tell how the last runs went, directory by directory, and whether a plan waits for approval.
    Status {
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Args)]
struct How {
    /// Only this directory: ad or obm. The mailboxes of the other one stay as they are.
    #[arg(long, value_name = "DIRECTORY", value_parser = directory)]
    directory: Option<MailSystem>,
    /// Read everything, not only what changed since the last run.
    #[arg(long)]
    everything: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    with: WithConfig,
}

fn directory(code: &str) -> Result<MailSystem, String> {
    MailSystem::from_code(code).ok_or_else(|| "ad or obm".to_owned())
}

pub(super) async fn run(args: SyncArgs) -> anyhow::Result<()> {
    match args.command {
        None => {
            apply(&How { directory: None, everything: false, json: false, with: args.with }, Then::Apply)
                .await
        }
        Some(SyncCommand::Plan { how }) => plan(&how).await,
        Some(SyncCommand::Apply { how, even_if_held: None }) => apply(&how, Then::Apply).await,
        Some(SyncCommand::Apply { how, even_if_held: Some(why) }) => {
            if why.trim().is_empty() {
                bail!("--even-if-held needs a reason");
            }
            apply(&how, Then::ApplyWhateverItsSize(why)).await
        }
        Some(SyncCommand::Status { how }) => status(&how).await,
    }
}

/// Opens the house and runs once.
async fn carry_out(how: &How, then: Then) -> anyhow::Result<(App, Run)> {
    let app = how.with.open().await?;
    if let Some(only) = how.directory
        && !app.directories.iter().any(|directory| directory.system() == only)
    {
        bail!("the directory {} is not configured", only.code());
    }
    let order = Order { only: how.directory, everything: how.everything, then };
    let running = sync::run_as(&app, &StartedBy::CommandLine, &order);
    let run = tokio::select! {
        run = running => run?,
        never = tell(&app) => match never {},
    };
    let kept = sync_runs::by_id(&app.db, run.id).await.context("reading the run")?;
    Ok((app, kept.unwrap_or(run)))
}

/// Tells whoever waits at a terminal how far the run is.
async fn tell(app: &App) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let run = sync::every_run(app, 1).await.ok().and_then(|mut runs| runs.pop());
        let Some(run) = run.filter(|run| run.outcome == "running") else { continue };
        if std::io::stderr().is_terminal() {
            eprintln!("{}: {} of about {} …", run.phase, run.progress, run.expected);
        }
    }
}

async fn plan(how: &How) -> anyhow::Result<()> {
    let (app, run) = carry_out(how, Then::Keep).await?;
    let kept = sync_plans::of_run(&app.db, run.id).await.context("reading the plan")?;
    let counts = sync_plans::counts(&app.db, run.id, None).await.context("counting the lines")?;
    let limit = i64::try_from(sync_plans::KEPT).unwrap_or(i64::MAX);
    let lines = sync_plans::lines(&app.db, run.id, &LineFilter::default(), limit).await;
    let lines = lines.context("reading the lines")?;
    if how.json {
        let lines: Vec<_> = lines.iter().map(|(_, line)| line_as_json(line)).collect();
        let mut all = run_as_json(&run, kept.as_ref(), &counts);
        all["lines"] = Value::Array(lines);
        println!("{all}");
    } else {
        print_directories(&run);
        for (_, line) in &lines {
            println!("{}\t{}\t{}\t{}", line.kind.code(), line.subject, line.name, words(&line.changes));
        }
        for (kind, number) in &counts {
            println!("{}: {number}", kind.code());
        }
        if let Some(plan) = kept.filter(|plan| !plan.excess.is_empty()) {
            println!("above the limits, would be held: {}", plan.excess);
        }
    }
    if run.outcome != "planned" {
        bail!("the directories were not read");
    }
    Ok(())
}

async fn apply(how: &How, then: Then) -> anyhow::Result<()> {
    let (app, run) = carry_out(how, then).await?;
    if how.json {
        let kept = sync_plans::of_run(&app.db, run.id).await.context("reading the plan")?;
        let counts = sync_plans::counts(&app.db, run.id, None).await.context("counting the lines")?;
        println!("{}", run_as_json(&run, kept.as_ref(), &counts));
    } else {
        print_directories(&run);
        println!("{}: {} new, {} changed, {} vanished", run.outcome, run.created, run.updated, run.vanished);
    }
    if run.outcome != "done" {
        bail!("the synchronisation was not complete");
    }
    Ok(())
}

fn print_directories(run: &Run) {
    for report in sync::report(run) {
        match (report.read, report.error) {
            (Some(read), _) => {
                let how = if report.whole {
                    "everything read".to_owned()
                } else {
                    format!("{} changes read", report.changed)
                };
                let (system, left_out) = (&report.system, report.passed_over_count);
                println!("{system}: {how}, {read} mailboxes, {left_out} left out");
            }
            (None, error) => println!("{}: {}", report.system, error.unwrap_or_default()),
        }
        for (entry, why) in report.passed_over {
            println!("  left out: {entry}: {why}");
        }
    }
}

async fn status(how: &How) -> anyhow::Result<()> {
    let app = how.with.open().await?;
    let runs = sync::every_run(&app, RUNS).await?;
    let waits = sync::decision_waits(&app).await?;
    let systems = app.directories.iter().map(|directory| directory.system());
    let systems: Vec<_> = systems.filter(|system| how.directory.is_none_or(|only| only == *system)).collect();
    let latest: Vec<_> = systems.into_iter().map(|system| (system, latest(&runs, system))).collect();
    if how.json {
        let directories = latest.iter().map(|(system, told)| match told {
            None => json!({ "directory": system.code() }),
            Some((run, report)) => json!({
                "directory": system.code(),
                "outcome": run.outcome,
                "age_seconds": age(&app, run),
                "read": report.read,
                "error": report.error,
                "note": report.note,
            }),
        });
        let none = Counts::new();
        println!(
            "{}",
            json!({
                "directories": directories.collect::<Vec<_>>(),
                "waits": waits.as_ref().map(plan_as_json),
                "runs": runs.iter().map(|run| run_as_json(run, None, &none)).collect::<Vec<_>>(),
            })
        );
        return Ok(());
    }
    for (system, told) in latest {
        let said = told.map(|(run, report)| {
            let read = report.error.unwrap_or_else(|| format!("{} mailboxes", report.read.unwrap_or(0)));
            let note = report.note.map(|note| format!("; {note}")).unwrap_or_default();
            format!("{}, {} minutes ago: {read}{note}", run.outcome, age(&app, run) / 60)
        });
        println!("{}: {}", system.code(), said.unwrap_or_else(|| "never read".to_owned()));
    }
    if let Some(plan) = waits {
        println!("{}: run {}: {}", plan.state.code(), plan.run_id, plan.excess);
    }
    for run in &runs {
        let started = run.started_at.local().format(MOMENT).context("a moment")?;
        println!(
            "{started}\t{}\t{}\t{} new, {} changed",
            run.started_by, run.outcome, run.created, run.updated
        );
    }
    Ok(())
}

/// The latest finished run that says something of a directory, and what it says.
fn latest(runs: &[Run], system: MailSystem) -> Option<(&Run, DirectoryReport)> {
    runs.iter().filter(|run| run.finished_at.is_some()).find_map(|run| {
        let report = sync::report(run).into_iter().find(|report| report.system == system.code())?;
        Some((run, report))
    })
}

fn age(app: &App, run: &Run) -> i64 {
    app.now().since(run.finished_at.unwrap_or(run.started_at)).whole_seconds()
}

fn words(changes: &[FieldChange]) -> String {
    let side = |side: &Option<String>| side.clone().unwrap_or_default();
    let one = |c: &FieldChange| format!("{}: {} -> {}", c.field.code(), side(&c.before), side(&c.after));
    changes.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn run_as_json(run: &Run, plan: Option<&KeptPlan>, counts: &Counts) -> Value {
    let counts: serde_json::Map<_, _> =
        counts.iter().map(|(kind, number)| (kind.code().to_owned(), json!(number))).collect();
    json!({
        "run": run.id.to_string(),
        "started_at": run.started_at.micros() / 1_000_000,
        "started_by": run.started_by,
        "outcome": run.outcome,
        "created": run.created,
        "updated": run.updated,
        "vanished": run.vanished,
        "directories": sync::report(run),
        "plan": plan.map(plan_as_json),
        "counts": counts,
    })
}

fn plan_as_json(plan: &KeptPlan) -> Value {
    json!({
        "run": plan.run_id.to_string(),
        "state": plan.state.code(),
        "excess": plan.excess,
        "lines": plan.total,
        "kept": plan.kept,
    })
}

fn line_as_json(line: &Line) -> Value {
    let change = |c: &FieldChange| json!({ "field": c.field.code(), "before": c.before, "after": c.after });
    json!({
        "kind": line.kind.code(),
        "account": line.account_id.map(|id| id.to_string()),
        "agency": line.agency,
        "agency_to": line.agency_to,
        "directory": line.system.map(MailSystem::code),
        "subject": line.subject,
        "name": line.name,
        "changes": line.changes.iter().map(change).collect::<Vec<_>>(),
    })
}
