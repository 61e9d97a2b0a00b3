//! `danang-sso client audience`: for whom an application is.

use super::super::WithConfig;
use crate::domain::audit::Actor;
use crate::services::{audience, clients};
use clap::Args;

/// For whom an application is. Without any of the options it is only told.
#[derive(Debug, Args)]
pub struct Audience {
    /// Its client_id.
    client_id: String,
    /// Its people are those of this agency; several times.
    #[arg(long = "agency", value_name = "CODE")]
    agencies: Vec<String>,
    /// And those of this group; several times. Whoever is in one of the agencies or one of the groups may use it.
    #[arg(long = "group", value_name = "CODE")]
    groups: Vec<String>,
    /// It is for everybody.
    #[arg(long, conflicts_with_all = ["agencies", "groups"])]
    everybody: bool,
    #[command(flatten)]
    with: WithConfig,
}

pub(super) async fn run(asked: Audience) -> anyhow::Result<()> {
    let app = asked.with.open().await?;
    if asked.everybody || !asked.agencies.is_empty() || !asked.groups.is_empty() {
        let people = (asked.agencies.as_slice(), asked.groups.as_slice());
        audience::set(&app, Actor::CommandLine, &asked.client_id, people).await?;
    }
    let metadata = clients::find(&app, &asked.client_id).await?.metadata;
    if metadata.is_for_everybody() {
        println!("{} is for everybody.", asked.client_id);
    }
    for (kind, codes) in [("agency", metadata.allowed_agencies), ("group", metadata.allowed_groups)] {
        for code in codes {
            println!("{kind}\t{code}");
        }
    }
    Ok(())
}
