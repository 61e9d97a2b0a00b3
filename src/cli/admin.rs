//! `danang-sso admin …`: the first administrator comes from here.

use super::WithConfig;
use crate::app::App;
use crate::domain::address::MailAddress;
use crate::domain::admin::Role;
use crate::domain::id::{AgencyId, GlassId};
use crate::domain::timestamp::Timestamp;
use crate::services::break_glass;
use crate::services::calendar::agency_with_code;
use crate::services::roles::{self, By, Wish};
use anyhow::{Context, bail};
use clap::Subcommand;
use time::Date;
use time::macros::format_description;

/// Roles in the administration.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Grant a role: over the whole city, or over an agency with those below it.
    Grant {
        /// The mail address of the account.
        address: String,
        /// city, security, agency, help-desk or auditor; without it: city, or agency with --agency.
        #[arg(long, value_parser = role)]
        role: Option<Role>,
        /// The code of the agency; without it, the whole city.
        #[arg(long, value_name = "CODE")]
        agency: Option<String>,
        /// The last day (YYYY-MM-DD); without it, for as long as the holder is in office.
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Option<Date>,
        /// Why, for the audit.
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Take roles back: all of an account, or the one over an agency or the whole city.
    Revoke {
        /// The mail address of the account.
        address: String,
        /// Only the role over this agency; `city`: only the one over the whole city.
        #[arg(long, value_name = "CODE")]
        over: Option<String>,
        #[command(flatten)]
        with: WithConfig,
    },
    /// List all administrators.
    List {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Codes for a sealed envelope that open the administration when nothing else does.
    BreakGlass {
        #[command(subcommand)]
        what: GlassCommand,
    },
    /// List the agencies as a tree, or put one below another.
    Agencies {
        /// The code of the agency to move.
        #[arg(long = "move", value_name = "CODE")]
        moved: Option<String>,
        /// The code of the agency below which it comes; without it, it comes to the top.
        #[arg(long, value_name = "CODE", requires = "moved")]
        under: Option<String>,
        #[command(flatten)]
        with: WithConfig,
    },
}

/// Break-glass codes.
#[derive(Debug, Subcommand)]
pub enum GlassCommand {
    /// Make one for an administrator of the city; it is shown once.
    Make {
        /// The mail address of the administrator whose session it opens.
        address: String,
        #[command(flatten)]
        with: WithConfig,
    },
    /// List them; the codes themselves are not kept.
    List {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Make one worthless.
    Revoke {
        /// Its id, as `list` shows it.
        id: GlassId,
        #[command(flatten)]
        with: WithConfig,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let all = Role::ALL.map(Role::code).join(", ");
    Role::from_code(text).ok_or_else(|| format!("one of {all}"))
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).map_err(|error| error.to_string())
}

pub(super) async fn run(command: AdminCommand) -> anyhow::Result<()> {
    match command {
        AdminCommand::Grant { address, role, agency, until, reason, with } => {
            let app = with.open().await?;
            let address = MailAddress::parse(&address).context("reading the address")?;
            let agency = agency_of(&app, agency.as_deref()).await?;
            let role = role.unwrap_or(if agency.is_none() { Role::City } else { Role::Agency });
            let wish = Wish { address, role, agency, until, why: reason };
            roles::grant(&app, By::CommandLine, &wish).await?;
            list(&app).await?;
        }
        AdminCommand::Revoke { address, over, with } => {
            let app = with.open().await?;
            let address = MailAddress::parse(&address).context("reading the address")?;
            match over {
                None => roles::revoke_all(&app, &address).await?,
                Some(over) => revoke_one(&app, &address, &over).await?,
            }
            list(&app).await?;
        }
        AdminCommand::List { with } => list(&with.open().await?).await?,
        AdminCommand::BreakGlass { what } => glass(what).await?,
        AdminCommand::Agencies { moved, under, with } => {
            let app = with.open().await?;
            if let Some(code) = moved {
                roles::move_agency(&app, By::CommandLine, &code, under.as_deref()).await?;
            }
            tree(&app).await?;
        }
    }
    Ok(())
}

async fn glass(command: GlassCommand) -> anyhow::Result<()> {
    match command {
        GlassCommand::Make { address, with } => {
            let address = MailAddress::parse(&address).context("reading the address")?;
            let (id, code) = break_glass::make(&with.open().await?, &address).await?;
            println!("{}", code.expose());
            eprintln!(
                "id {id}, for {address}. Print it, seal it, keep it in a safe; it works once and is not shown again."
            );
        }
        GlassCommand::List { with } => {
            for (glass, address) in break_glass::list(&with.open().await?).await? {
                let day = |at: Timestamp| at.local_date();
                let state = match (glass.used_at, glass.revoked_at) {
                    (Some(at), _) => format!("used {}", day(at)),
                    (None, Some(at)) => format!("revoked {}", day(at)),
                    (None, None) => "good".to_owned(),
                };
                println!("{}\t{address}\tmade {}\t{state}", glass.id, day(glass.made_at));
            }
        }
        GlassCommand::Revoke { id, with } => {
            break_glass::revoke(&with.open().await?, id).await?;
            println!("{id} opens nothing any more.");
        }
    }
    Ok(())
}

async fn agency_of(app: &App, code: Option<&str>) -> anyhow::Result<Option<AgencyId>> {
    let Some(code) = code else { return Ok(None) };
    let found = agency_with_code(app, code).await?;
    Ok(Some(found.with_context(|| format!("there is no agency with the code {code}"))?))
}

async fn revoke_one(app: &App, address: &MailAddress, over: &str) -> anyhow::Result<()> {
    let agency = if over == "city" { None } else { agency_of(app, Some(over)).await? };
    let all = roles::every(app).await?;
    let Some(held) = all.iter().find(|l| l.address == address.as_str() && l.grant.agency_id == agency) else {
        bail!("{address} has no role over {over}");
    };
    Ok(roles::revoke(app, By::CommandLine, held.grant.id, "").await?)
}

async fn list(app: &App) -> anyhow::Result<()> {
    for listed in roles::every(app).await? {
        let over = listed.agency.map_or_else(|| "the whole city".to_owned(), |(code, _)| code);
        let until = roles::last_day(&listed.grant).map(|day| format!("\tuntil {day}")).unwrap_or_default();
        println!("{}\t{}\t{over}{until}", listed.address, listed.grant.role.code());
    }
    Ok(())
}

async fn tree(app: &App) -> anyhow::Result<()> {
    let all = crate::services::accounts::agencies(app).await?;
    let mut open: Vec<_> =
        all.iter().filter(|agency| agency.parent_id.is_none()).rev().map(|a| (0, a)).collect();
    while let Some((depth, agency)) = open.pop() {
        println!("{}{}\t{}", "  ".repeat(depth), agency.code, agency.name);
        open.extend(all.iter().filter(|a| a.parent_id == Some(agency.id)).rev().map(|a| (depth + 1, a)));
    }
    Ok(())
}
