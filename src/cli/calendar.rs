//! `danang-sso calendar …`: a year of working days, its table out and in, its confirmation.

use super::WithConfig;
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar_rules::{Notice, YEARS, is_settled};
use crate::i18n::Lang;
use crate::services::calendar::{self, Listing, Year};
use crate::services::calendar_changes::{
    By, Change, ChangeRefused, Days, Order, calendars_after, carry_out, prepare,
};
use crate::services::deadlines;
use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

/// The working calendar.
#[derive(Debug, Subcommand)]
pub enum CalendarCommand {
    /// Show the listed days of a year, with where each comes from.
    Show {
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Write the days as a CSV table to the standard output: the city's and every agency's exceptions.
    Export {
        /// Only this year.
        #[arg(long, value_parser = year)]
        year: Option<i32>,
        #[command(flatten)]
        with: WithConfig,
    },
    /// List the days of a CSV table, to be confirmed by an administrator. With any error, nothing is listed.
    Import {
        /// The table.
        file: PathBuf,
        /// Only tell what it would change, and how many deadlines that moves.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Confirm every open day of a year that the house filled in or an administrator entered.
    Confirm {
        #[command(flatten)]
        which: Which,
        /// The number of the official notice.
        #[arg(long, value_name = "NUMBER")]
        notice: String,
        /// Its date, 2025-10-16 or 16/10/2025.
        #[arg(long, value_name = "DATE")]
        notice_date: String,
        #[command(flatten)]
        with: WithConfig,
    },
}

/// Which year of whose calendar.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// The year.
    #[arg(long, value_parser = year)]
    year: i32,
    /// The code of an agency: its exceptions too.
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
}

/// A listed day as JSON.
#[derive(Debug, Serialize)]
struct AnsweredDay<'a> {
    date: String,
    kind: &'static str,
    vi: &'a str,
    en: &'a str,
    confirmed: bool,
    notice_number: Option<&'a str>,
    notice_date: Option<String>,
    entered_by: &'a str,
    confirmed_by: Option<&'a str>,
    is_exception: bool,
    strike_asked_by: Option<&'a str>,
}

pub(super) async fn run(command: CalendarCommand) -> anyhow::Result<()> {
    match command {
        CalendarCommand::Show { which, json, with } => show(&with.open().await?, &which, json).await,
        CalendarCommand::Export { year, with } => {
            print!("{}", calendar::export(&with.open().await?, By::CommandLine, year).await?);
            Ok(())
        }
        CalendarCommand::Import { file, dry_run, with } => {
            let table = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            import(&with.open().await?, Order::Import(table), dry_run).await
        }
        CalendarCommand::Confirm { which, notice, notice_date, with } => {
            let notice = Notice::read(&notice, &notice_date)
                .map_err(|fault| anyhow!(Lang::En.calendar_fault(&fault)))?
                .context("number and date of the notice are needed")?;
            let app = with.open().await?;
            let agency = agency(&app, which.agency.as_deref()).await?;
            let order = Order::Confirm { agency, days: Days::Year(which.year), notice };
            let change = carry_out(&app, By::CommandLine, &order, None).await.map_err(told)?;
            println!("{} day(s) are confirmed.", change.steps.len());
            if change.left > 0 {
                println!(
                    "{} stay open: the command line entered them, an administrator confirms them.",
                    change.left
                );
            }
            Ok(())
        }
    }
}

/// The line of `danang-sso check` about next year. A year that is not confirmed yet is work to do, not a fault.
pub(super) fn next_year(app: &App) -> String {
    let next = app.now().local_date().year() + 1;
    match calendar::unconfirmed_next_year(app) {
        Some(year) => format!(
            "note  calendar: the days of {year} are not all confirmed; enter the official notice in the console and \
             confirm them"
        ),
        None if is_settled(app.calendars().city(), next) => {
            format!("ok    calendar: the days of {next} are confirmed")
        }
        None => format!("ok    calendar: the days of {next} are to be confirmed from October on"),
    }
}

async fn show(app: &App, which: &Which, json: bool) -> anyhow::Result<()> {
    let agency = agency(app, which.agency.as_deref()).await?;
    let year = calendar::year(app, By::CommandLine, which.year, agency).await?;
    let Some(Year { days, .. }) = year else { bail!("there is no such calendar") };
    if json {
        let days: Vec<_> = days.iter().map(answered).collect();
        println!("{}", serde_json::to_string(&days).context("writing JSON")?);
        return Ok(());
    }
    for day in &days {
        println!("{}", words(day));
    }
    Ok(())
}

async fn import(app: &App, order: Order, dry_run: bool) -> anyhow::Result<()> {
    let change = prepare(app, By::CommandLine, &order).await.map_err(told)?;
    print_steps(&change);
    let after = calendars_after(&change);
    let listed = change.steps.iter().filter_map(|step| step.after.as_ref());
    let waiting = listed.filter(|day| after.counts_once_confirmed(day.agency_id, day.date)).count();
    if waiting > 0 {
        println!("{waiting} of them count only once an administrator confirms them.");
    }
    let effect = deadlines::effect(app, &after).await?;
    println!(
        "{} deadline(s) move later, {} would come earlier but keep the promised day, {} stay.",
        effect.later, effect.kept, effect.unchanged
    );
    if dry_run {
        println!("Nothing was written (--dry-run).");
        return Ok(());
    }
    let change = carry_out(app, By::CommandLine, &order, Some(change.version)).await.map_err(told)?;
    println!("{} day(s) are listed; an administrator confirms them.", change.steps.len());
    Ok(())
}

fn print_steps(change: &Change) {
    for listing in change.steps.iter().filter_map(|step| step.after.as_ref()) {
        println!("{}", words(listing));
    }
    println!("{} day(s) change.", change.steps.len());
}

/// A refusal with every line that is wrong.
fn told(refused: ChangeRefused) -> anyhow::Error {
    match refused {
        ChangeRefused::Faults(faults) => {
            let lines: Vec<_> = faults.iter().map(|fault| Lang::En.line_fault(fault)).collect();
            anyhow!("nothing was changed:\n{}", lines.join("\n"))
        }
        other => other.into(),
    }
}

fn words(listing: &Listing) -> String {
    let t = Lang::Vi;
    let state = if listing.day.confirmed { "confirmed" } else { "undecided" };
    let notice = listing.notice_number.as_deref().unwrap_or("-");
    let (kind, day) = (listing.day.kind.code(), t.day(listing.date));
    let whose = if listing.agency_id.is_some() { "\texception" } else { "" };
    format!("{}\t{day}\t{kind}\t{state}\t{notice}\t{}{whose}", listing.date, listing.day.vi)
}

fn answered(listing: &Listing) -> AnsweredDay<'_> {
    AnsweredDay {
        date: listing.date.to_string(),
        kind: listing.day.kind.code(),
        vi: &listing.day.vi,
        en: &listing.day.en,
        confirmed: listing.day.confirmed,
        notice_number: listing.notice_number.as_deref(),
        notice_date: listing.notice_date.map(|date| date.to_string()),
        entered_by: &listing.entered.by,
        confirmed_by: listing.confirmed_by.as_ref().map(|(by, _)| by.as_str()),
        is_exception: listing.agency_id.is_some(),
        strike_asked_by: listing.strike.as_ref().map(|strike| strike.by.as_str()),
    }
}

async fn agency(app: &App, code: Option<&str>) -> anyhow::Result<Option<AgencyId>> {
    let Some(code) = code else { return Ok(None) };
    let found = calendar::agency_with_code(app, code).await?;
    found.map(Some).with_context(|| format!("there is no agency with the code {code}"))
}

fn year(text: &str) -> anyhow::Result<i32> {
    let year = text.parse::<i32>().ok().filter(|year| YEARS.contains(year));
    year.with_context(|| format!("the years are {} to {}", YEARS.start(), YEARS.end()))
}
