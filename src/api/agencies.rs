//! Agencies within reach, each with how well it keeps the regulation.

use super::call::{Call, Named};
use super::paging;
use super::problem::{Kind, Problem};
use crate::app::App;
use crate::domain::compliance::Figures;
use crate::domain::id::AgencyId;
use crate::services::compliance::{self, Line};
use crate::services::rights;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// The numbers of people's accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FiguresTold {
    /// Accounts in all.
    accounts: i64,
    /// That still have the default password, or were locked for it.
    default_kept: i64,
    /// With a password of their own that is not too old.
    fresh: i64,
    /// With a second factor.
    second_factor: i64,
    /// Not used for long.
    dormant: i64,
    /// Locked.
    locked: i64,
    /// How many seconds a lock lasted on the average in the last 90 days, before it was lifted.
    mean_unlock_seconds: Option<i64>,
}

/// An agency with its numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgencyTold {
    /// Its id in this interface.
    id: String,
    /// Its code, the same in tokens.
    code: String,
    /// Its name.
    name: String,
    /// The agency above it.
    parent_id: Option<String>,
    /// Of itself alone.
    own: FiguresTold,
    /// With every agency below it.
    branch: FiguresTold,
}

/// A list that is never long.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgencyList {
    /// The agencies, in the order of the tree.
    items: Vec<AgencyTold>,
}

/// All within reach.
pub(super) async fn list(State(app): State<App>, call: Call) -> Result<Response, Problem> {
    let lines = compliance::table(&app, &call.by).await?;
    Ok(paging::ok(&AgencyList { items: lines.iter().map(|line| told(&call, line)).collect() }))
}

/// One of them.
pub(super) async fn one(State(app): State<App>, call: Call, Named(id): Named) -> Result<Response, Problem> {
    let Ok(known) = id.parse::<AgencyId>() else { return Err(call.nothing(&app, "agency", &id).await) };
    if rights::agency(&app, &call.by, known).await?
        && let Some(line) =
            compliance::table(&app, &call.by).await?.iter().find(|line| line.agency.id == known)
    {
        return Ok(paging::ok(&told(&call, line)));
    }
    Err(Problem::new(Kind::NotFound))
}

fn told(call: &Call, line: &Line) -> AgencyTold {
    // What lies above a branch is not this application's to know.
    let parent = line.agency.parent_id.filter(|parent| call.by.reach().covers(Some(*parent)));
    AgencyTold {
        id: line.agency.id.to_string(),
        code: line.agency.code.clone(),
        name: line.agency.name.clone(),
        parent_id: parent.map(|id| id.to_string()),
        own: figures(&line.own),
        branch: figures(&line.branch),
    }
}

const fn figures(of: &Figures) -> FiguresTold {
    FiguresTold {
        accounts: of.accounts,
        default_kept: of.default_kept,
        fresh: of.fresh,
        second_factor: of.second_factor,
        dormant: of.dormant,
        locked: of.locked,
        mean_unlock_seconds: of.mean_unlock_seconds(),
    }
}
