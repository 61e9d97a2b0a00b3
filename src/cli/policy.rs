//! `danang-sso policy …`: the rules, how far they are switched on, and what they will do.

use super::WithConfig;
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::settings::{Setting, Settings};
use crate::domain::policy::stage::{Stage, Stages};
use crate::services::forecast::{self, Forecast};
use crate::services::policy::{self, By};
use crate::services::{accounts, deadlines};
use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use time::Date;

/// The rules.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Print every value and how far each rule is switched on.
    Show {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Who will be warned and locked on which day, if nobody changed a password from now on.
    Forecast(ForecastArgs),
    /// Set values, e.g. `password_months.person=5`; `policy show` lists the keys.
    Set(SetArgs),
    /// Say from when a rule is warned of and enforced, for the city or for one agency.
    Stage(StageArgs),
    /// Print who changed the rules, when and why.
    History {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Make a new version that says what an older one said.
    Revert {
        /// The number of the older version.
        version: i64,
        /// Why.
        #[arg(long)]
        why: String,
        #[command(flatten)]
        with: WithConfig,
    },
}

/// What is forecast.
#[derive(Debug, Args)]
pub struct ForecastArgs {
    /// How many days to look ahead, today included (1 to 366).
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// Only of the agency with this code.
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    with: WithConfig,
}

/// Which values are set.
#[derive(Debug, Args)]
pub struct SetArgs {
    /// KEY=VALUE, once or several times.
    #[arg(required = true, value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Why: it is kept with the version and in the audit.
    #[arg(long)]
    why: String,
    /// Only tell what it would move.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    with: WithConfig,
}

/// Which stage is set.
#[derive(Debug, Args)]
pub struct StageArgs {
    /// The rule: default-password, password-age or inactivity.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    rule: Rule,
    /// The agency with this code; without it, the whole city.
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// The first day of warnings, YYYY-MM-DD; `never` for none.
    #[arg(long, value_name = "DATE", default_value = "never")]
    warn_from: String,
    /// The first day of enforcement, YYYY-MM-DD: nobody's term ends before it does; `never` for none.
    #[arg(long, value_name = "DATE", default_value = "never")]
    enforce_from: String,
    /// Let the agency follow the city again.
    #[arg(long, requires = "agency")]
    follow_city: bool,
    /// Why.
    #[arg(long)]
    why: String,
    /// Only tell what it would move.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    with: WithConfig,
}

pub(super) async fn run(command: PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Show { with } => show(&with.open().await?).await,
        PolicyCommand::Forecast(args) => forecast(args).await,
        PolicyCommand::Set(args) => set(args).await,
        PolicyCommand::Stage(args) => stage(args).await,
        PolicyCommand::History { with } => {
            for version in policy::history(&with.open().await?, 1_000).await? {
                let at = version.changed_at.local().date();
                let by = if version.changed_by.is_empty() { "first start" } else { &version.changed_by };
                println!("{}\t{at}\t{by}\t{}", version.version, version.why);
            }
            Ok(())
        }
        PolicyCommand::Revert { version, why, with } => {
            let app = with.open().await?;
            let made = policy::revert(&app, &By::CommandLine, version, &why).await?;
            done(&app, made).await
        }
    }
}

async fn show(app: &App) -> anyhow::Result<()> {
    let book = app.book();
    println!("version {}\n", book.version);
    for (setting, value) in book.settings.entries() {
        let (min, max) = setting.limits();
        println!("{:<45} {value:>6}   ({min} to {max})", setting.code());
    }
    let today = app.now().local_date();
    let agencies = accounts::agencies(app).await?;
    println!();
    for rule in Rule::ALL {
        let stage = book.stages.of(rule, None);
        println!("{:<18} {:<30} {}", rule.code(), "the whole city", in_words(stage, today));
        for agency in &agencies {
            if let Some(own) = book.stages.own(rule, agency.id) {
                println!("{:<18} {:<30} {}", rule.code(), agency.code, in_words(own, today));
            }
        }
    }
    Ok(())
}

fn in_words(stage: Stage, today: Date) -> String {
    let day = |day: Option<Date>| match day {
        None => "never".to_owned(),
        Some(Date::MIN) => "always".to_owned(),
        Some(day) => day.to_string(),
    };
    let (warn, enforce) = (day(stage.warn_from), day(stage.enforce_from));
    format!("{} now; warned from: {warn}; enforced from: {enforce}", stage.mode_on(today).code())
}

async fn forecast(args: ForecastArgs) -> anyhow::Result<()> {
    let app = args.with.open().await?;
    let agency = match &args.agency {
        Some(code) => Some(agency_by_code(&app, code).await?),
        None => None,
    };
    deadlines::keep(&app).await?;
    let forecast = forecast::forecast(&app, agency, args.days).await?;
    if args.json {
        println!("{}", as_json(&forecast));
        return Ok(());
    }
    println!("{:<12}{:>10}{:>10}", "day", "warned", "locked");
    for (date, day) in &forecast {
        let mark = if day.is_over_the_brake { "  meets the brake: two people must approve" } else { "" };
        println!("{date}{:>12}{:>10}{mark}", day.warned, day.locked);
        for locked in &day.who {
            println!("              {} ({}), {}", locked.name, locked.address, locked.rule.code());
        }
    }
    let total = |count: fn(&forecast::Day) -> u64| forecast.values().map(count).sum::<u64>();
    println!("{:<12}{:>10}{:>10}", "total", total(|day| day.warned), total(|day| day.locked));
    Ok(())
}

fn as_json(forecast: &Forecast) -> serde_json::Value {
    let days = forecast.iter().map(|(date, day)| {
        let who =
            day.who.iter().map(|locked| json!({ "address": locked.address, "rule": locked.rule.code() }));
        json!({
            "date": date.to_string(),
            "warned": day.warned,
            "locked": day.locked,
            "meets_the_brake": day.is_over_the_brake,
            "first": who.collect::<Vec<_>>(),
        })
    });
    json!({ "days": days.collect::<Vec<_>>() })
}

async fn set(args: SetArgs) -> anyhow::Result<()> {
    let app = args.with.open().await?;
    let book = app.book();
    let mut settings = book.settings.clone();
    for pair in &args.values {
        let (key, value) = pair.split_once('=').with_context(|| format!("{pair}: KEY=VALUE is wanted"))?;
        let setting =
            Setting::from_code(key).with_context(|| format!("{key}: `policy show` lists the keys"))?;
        let value = value.parse().with_context(|| format!("{pair}: a whole number is wanted"))?;
        settings = settings.with(setting, value)?;
    }
    change(&app, (settings, book.stages.clone()), &args.why, args.dry_run).await
}

async fn stage(args: StageArgs) -> anyhow::Result<()> {
    let app = args.with.open().await?;
    let agency = match &args.agency {
        Some(code) => Some(agency_by_code(&app, code).await?),
        None => None,
    };
    let book = app.book();
    let mut stages = book.stages.clone();
    match agency {
        Some(id) if args.follow_city => stages.follow_the_city(args.rule, id),
        _ => {
            let stage = Stage { warn_from: day(&args.warn_from)?, enforce_from: day(&args.enforce_from)? };
            stages.set(args.rule, agency, stage);
        }
    }
    change(&app, (book.settings.clone(), stages), &args.why, args.dry_run).await
}

async fn change(
    app: &App,
    (settings, stages): (Settings, Stages),
    why: &str,
    dry_run: bool,
) -> anyhow::Result<()> {
    if dry_run {
        let effect = policy::effect(app, &settings, &stages).await?;
        println!(
            "{} accounts: {} deadlines would move later, {} earlier, {} begin, {} end; {} stay because people were told; \
             {} would be locked at the next opening hour. Nothing was changed.",
            effect.accounts,
            effect.later,
            effect.earlier,
            effect.begin,
            effect.end,
            effect.kept,
            effect.due_at_once
        );
        return Ok(());
    }
    let version = app.book().version;
    let made = policy::change(app, &By::CommandLine, version, (settings, stages), why).await?;
    done(app, made).await
}

async fn done(app: &App, version: i64) -> anyhow::Result<()> {
    let moved = deadlines::keep(app).await?;
    println!("Version {version} is in force; {moved} deadlines moved. Other nodes read it within a minute.");
    Ok(())
}

async fn agency_by_code(app: &App, code: &str) -> anyhow::Result<AgencyId> {
    let all = accounts::agencies(app).await?;
    let found = all.iter().find(|agency| agency.code == code).map(|agency| agency.id);
    found.with_context(|| format!("there is no agency with the code {code}"))
}

fn rule(code: &str) -> anyhow::Result<Rule> {
    Rule::from_code(code)
        .ok_or_else(|| anyhow!("the rules are default-password, password-age and inactivity"))
}

fn day(text: &str) -> anyhow::Result<Option<Date>> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    match text {
        "never" => Ok(None),
        "always" => Ok(Some(Date::MIN)),
        text => match Date::parse(text, &format) {
            Ok(day) => Ok(Some(day)),
            Err(_) => bail!("{text}: a day is written 2026-03-02, or `never`"),
        },
    }
}
