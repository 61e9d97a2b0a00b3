//! The registered applications within reach, without anything of a secret.

use super::call::{Call, Named};
use super::paging;
use super::problem::Problem;
use super::words::{ApplicationKind, ApplicationState, PeopleScope, PurposesState};
use crate::app::App;
use crate::domain::audit_record::rfc3339;
use crate::domain::oauth::metadata::ApiReach;
use crate::domain::oauth::purpose::{Purpose, Review};
use crate::services::applications::{self, Reviewed};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// A registered application.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationTold {
    /// Its name in the protocol.
    client_id: String,
    /// Its name for people.
    name: String,
    /// `web`, `spa` or `native`.
    #[schema(value_type = ApplicationKind)]
    kind: &'static str,
    /// Its start page.
    home: Option<String>,
    /// Where answers may go.
    redirect_uris: Vec<String>,
    /// What it may ask for of people.
    scope: String,
    /// What it may ask for in its own name.
    api_scopes: Vec<String>,
    /// Over which accounts: `city`, or `agency:` and the code of an agency, which is reached with those below it. Without
    /// it no scope of this interface or of SCIM opens anything. Of other applications it is told to whoever reaches the
    /// city.
    api_reach: Option<String>,
    /// `runs` or `stopped`. Nobody enters a stopped one, and its tokens have ended.
    #[schema(value_type = ApplicationState)]
    state: &'static str,
    /// Since when it is stopped.
    #[schema(format = DateTime)]
    stopped_at: Option<String>,
    /// Why it gets what it gets of people, scope by scope.
    purposes: Vec<PurposeTold>,
    /// Whether its purposes are written down and confirmed within a year: `nothing` (it gets nothing that needs one),
    /// `missing`, `due` or `good`.
    #[schema(value_type = PurposesState)]
    purposes_state: &'static str,
    /// When its purposes are to be confirmed again at the latest; past where that is due.
    #[schema(format = DateTime)]
    purposes_due_at: Option<String>,
    /// The codes of the agencies whose people may use it; with no group either, everybody may.
    allowed_agencies: Vec<String>,
    /// The codes of the groups whose people may use it.
    allowed_groups: Vec<String>,
    /// Whether it registered itself, and nobody of the city has looked at it.
    self_registered: bool,
    /// When it was registered.
    #[schema(format = DateTime)]
    created_at: String,
    /// When its secret was made, if it has one.
    #[schema(format = DateTime)]
    secret_made_at: Option<String>,
}

/// Why an application gets what one scope gives.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PurposeTold {
    /// The scope.
    #[schema(value_type = PeopleScope)]
    scope: &'static str,
    /// What for.
    purpose: String,
    /// The agency that answers for it.
    agency: String,
    /// When the city confirmed it last.
    #[schema(format = DateTime)]
    reviewed_at: String,
}

/// A list that is never long.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationList {
    /// The applications, the oldest first.
    items: Vec<ApplicationTold>,
}

/// All of them.
pub(super) async fn list(State(app): State<App>, call: Call) -> Result<Response, Problem> {
    let all = applications::every_reviewed(&app, &call.by).await?;
    Ok(paging::ok(&ApplicationList { items: all.iter().map(|one| told(&call, one)).collect() }))
}

/// One of them.
pub(super) async fn one(
    State(app): State<App>,
    call: Call,
    Named(client_id): Named,
) -> Result<Response, Problem> {
    let all = applications::every_reviewed(&app, &call.by).await?;
    match all.iter().find(|one| one.client.client_id.as_str() == client_id) {
        Some(one) => Ok(paging::ok(&told(&call, one))),
        None => Err(call.nothing(&app, "application", &client_id).await),
    }
}

fn told(call: &Call, one: &Reviewed) -> ApplicationTold {
    let client = &one.client;
    let metadata = &client.metadata;
    // How far others reach is no matter of a branch.
    let tells_reach = call.by.reach().is_city() || client.id == call.client.id;
    let (purposes_state, due_at) = match &one.review {
        Review::Nothing => ("nothing", None),
        Review::Missing(_) => ("missing", None),
        Review::Due(since) => ("due", Some(*since)),
        Review::Good(until) => ("good", Some(*until)),
    };
    ApplicationTold {
        client_id: client.client_id.to_string(),
        name: client.name.clone(),
        kind: client.kind.code(),
        home: client.home.clone(),
        redirect_uris: client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        scope: client.scopes.to_string(),
        api_scopes: metadata.api_scopes.clone(),
        api_reach: metadata.api_reach.as_ref().filter(|_| tells_reach).map(reach),
        state: if client.disabled_at.is_some() { "stopped" } else { "runs" },
        stopped_at: client.disabled_at.map(rfc3339),
        purposes: one.purposes.iter().map(purpose).collect(),
        purposes_state,
        purposes_due_at: due_at.map(rfc3339),
        allowed_agencies: metadata.allowed_agencies.clone(),
        allowed_groups: metadata.allowed_groups.clone(),
        self_registered: metadata.self_registered,
        created_at: rfc3339(client.created_at),
        secret_made_at: client.secret_digest.as_ref().map(|_| rfc3339(client.secret_made_at())),
    }
}

fn reach(reach: &ApiReach) -> String {
    match reach {
        ApiReach::City => "city".to_owned(),
        ApiReach::Agency(code) => format!("agency:{code}"),
    }
}

fn purpose(one: &Purpose) -> PurposeTold {
    PurposeTold {
        scope: one.scope.code(),
        purpose: one.purpose.clone(),
        agency: one.agency.clone(),
        reviewed_at: rfc3339(one.reviewed_at),
    }
}
