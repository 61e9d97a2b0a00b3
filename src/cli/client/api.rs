//! `danang-sso client api`: what an application may do at the administrators' interface and by SCIM.

use super::super::WithConfig;
use crate::domain::admin::ApiScope;
use crate::domain::audit::Actor;
use crate::domain::oauth::metadata::ApiReach;
use crate::services::{client_api, clients};
use anyhow::bail;
use clap::Args;

/// What an application may do in its own name, and how far it reaches. Without any of the options it is only told.
#[derive(Debug, Args)]
pub struct Api {
    /// Its client_id.
    client_id: String,
    /// It may ask for this scope, such as accounts.read; several times.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// It reaches the accounts of this agency and of every agency below it.
    #[arg(long, value_name = "CODE", conflicts_with = "city", requires = "scopes")]
    agency: Option<String>,
    /// It reaches every account.
    #[arg(long, requires = "scopes")]
    city: bool,
    /// It may do nothing any more.
    #[arg(long, conflicts_with_all = ["scopes", "agency", "city"])]
    nothing: bool,
    #[command(flatten)]
    with: WithConfig,
}

pub(super) async fn run(asked: Api) -> anyhow::Result<()> {
    let app = asked.with.open().await?;
    let mut scopes = Vec::new();
    for code in &asked.scopes {
        let Some(scope) = ApiScope::from_code(code) else {
            let all: Vec<_> = ApiScope::ALL.iter().map(|scope| scope.code()).collect();
            bail!("{code:?} is no scope of the interface; there are: {}", all.join(", "));
        };
        scopes.push(scope);
    }
    let reach = match (asked.agency, asked.city) {
        (Some(code), _) => Some(ApiReach::Agency(code)),
        (None, true) => Some(ApiReach::City),
        (None, false) => None,
    };
    if !scopes.is_empty() && reach.is_none() {
        bail!("say how far it reaches: --agency CODE or --city");
    }
    if reach.is_some() || asked.nothing {
        client_api::set(&app, Actor::CommandLine, &asked.client_id, &scopes, reach).await?;
    }
    let metadata = clients::find(&app, &asked.client_id).await?.metadata;
    match &metadata.api_reach {
        None => println!("{} may not use the interface.", asked.client_id),
        Some(ApiReach::City) => println!("reach\tthe city"),
        Some(ApiReach::Agency(code)) => println!("reach\t{code} and below"),
    }
    for scope in metadata.api_scopes.iter().filter_map(|code| ApiScope::from_code(code)) {
        println!("scope\t{}", scope.code());
    }
    Ok(())
}
