//! The registered applications within reach, without anything of a secret.

use super::call::Call;
use super::paging;
use super::problem::Problem;
use crate::app::App;
use crate::domain::audit_record::rfc3339;
use crate::domain::oauth::client::Client;
use crate::services::applications;
use axum::extract::{Path, State};
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
    kind: &'static str,
    /// Its start page.
    home: Option<String>,
    /// Where answers may go.
    redirect_uris: Vec<String>,
    /// What it may ask for of people.
    scope: String,
    /// What it may ask for in its own name.
    api_scopes: Vec<String>,
    /// The codes of the agencies whose people may use it; with no group either, everybody may.
    allowed_agencies: Vec<String>,
    /// The codes of the groups whose people may use it.
    allowed_groups: Vec<String>,
    /// Whether it registered itself, and nobody of the city has looked at it.
    self_registered: bool,
    /// When it was registered.
    created_at: String,
    /// When its secret was made, if it has one.
    secret_made_at: Option<String>,
}

/// A list that is never long.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationList {
    /// The applications, the oldest first.
    items: Vec<ApplicationTold>,
}

/// All of them.
pub(super) async fn list(State(app): State<App>, call: Call) -> Result<Response, Problem> {
    let all = applications::every(&app, &call.by).await?;
    Ok(paging::ok(&ApplicationList { items: all.iter().map(told).collect() }))
}

/// One of them.
pub(super) async fn one(
    State(app): State<App>,
    call: Call,
    Path(client_id): Path<String>,
) -> Result<Response, Problem> {
    let all = applications::every(&app, &call.by).await?;
    match all.iter().find(|client| client.client_id.as_str() == client_id) {
        Some(client) => Ok(paging::ok(&told(client))),
        None => Err(call.nothing(&app, "application", &client_id).await),
    }
}

fn told(client: &Client) -> ApplicationTold {
    ApplicationTold {
        client_id: client.client_id.to_string(),
        name: client.name.clone(),
        kind: client.kind.code(),
        home: client.home.clone(),
        redirect_uris: client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
        scope: client.scopes.to_string(),
        api_scopes: client.metadata.api_scopes.clone(),
        allowed_agencies: client.metadata.allowed_agencies.clone(),
        allowed_groups: client.metadata.allowed_groups.clone(),
        self_registered: client.metadata.self_registered,
        created_at: rfc3339(client.created_at),
        secret_made_at: client.secret_digest.as_ref().map(|_| rfc3339(client.secret_made_at())),
    }
}
