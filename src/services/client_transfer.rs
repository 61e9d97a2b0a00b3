//! Registrations as a TOML file: out of one installation, into another, without secrets. Importing the same file twice
//! changes nothing the second time.

use super::clients::{ClientRefused, Registered, Registration};
use super::{Internal, client_api, client_draft, clients};
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::domain::audit::Actor;
use crate::domain::oauth::client::{Client, ClientId, ClientKind};
use crate::domain::oauth::metadata::Metadata;
use crate::domain::oauth::redirect::RedirectUri;
use crate::domain::oauth::scope::Scopes;
use crate::storage::{StorageError, clients as rows};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use thiserror::Error;

/// So many applications are in one file.
const MOST: usize = 10_000;

/// Why a file is not imported.
#[derive(Debug, Error)]
pub enum TransferRefused {
    /// It is no such file.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// An application in it cannot be.
    #[error("{client_id}: {why}")]
    Application {
        /// Which.
        client_id: String,
        /// Why.
        #[source]
        why: ClientRefused,
    },
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for TransferRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// A file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct File {
    #[serde(default, rename = "client")]
    clients: Vec<Line>,
}

/// An application in a file, under the names of the specifications where they have one.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    client_id: String,
    client_name: String,
    kind: String,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_uri: Option<String>,
    scope: String,
    #[serde(default)]
    legacy: bool,
    #[serde(default)]
    id_token_claims: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backchannel_logout_uri: Option<String>,
    #[serde(flatten)]
    metadata: Metadata,
}

/// What importing does to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it is as the file says.
    Nothing,
    /// It is registered, with a new secret if it needs one.
    New,
    /// These members change.
    Members(Vec<String>),
}

/// A step of an import.
#[derive(Debug)]
pub struct Step {
    /// Which application.
    pub client_id: String,
    /// What happens to it.
    pub change: Change,
    known: Option<Client>,
    asked: Registration,
}

/// All applications, or one, as a file. Those that registered themselves are left out unless they are named: what they
/// manage their registration with cannot be moved.
pub async fn export(app: &App, only: Option<&str>) -> Result<String, TransferRefused> {
    let mut all = rows::every(&app.db).await?;
    // The same in every installation.
    all.sort_by(|one, other| one.client_id.as_str().cmp(other.client_id.as_str()));
    let wanted = all.iter().filter(|client| match only {
        Some(client_id) => client.client_id.as_str() == client_id,
        None => !client.metadata.self_registered,
    });
    let file = File { clients: wanted.map(line).collect() };
    if let (Some(client_id), true) = (only, file.clients.is_empty()) {
        let why = ClientRefused::NotFound(client_id.to_owned());
        return Err(TransferRefused::Application { client_id: client_id.to_owned(), why });
    }
    let text = toml::to_string(&file).map_err(|error| Internal::new("writing the registrations", error))?;
    Ok(text)
}

/// What importing a file would do. Nothing is written; every application is looked at as if it were registered.
pub async fn plan(app: &App, text: &str) -> Result<Vec<Step>, TransferRefused> {
    plan_by(app, text, true).await
}

/// The same in the console, where no file gives an application the administrators' interface, or takes it away: that has a
/// form of its own, with a reason and a second person for what is much (`client_api`).
pub async fn plan_in_console(app: &App, text: &str) -> Result<Vec<Step>, TransferRefused> {
    plan_by(app, text, false).await
}

async fn plan_by(app: &App, text: &str, gives_interface: bool) -> Result<Vec<Step>, TransferRefused> {
    let unreadable = |why: String| TransferRefused::Unreadable(why);
    let file: File = toml::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    let ids: BTreeSet<_> = file.clients.iter().map(|line| &line.client_id).collect();
    if ids.len() != file.clients.len() || ids.len() > MOST {
        return Err(unreadable("a client_id occurs twice, or there are too many".to_owned()));
    }
    let mut steps = Vec::new();
    for one in file.clients {
        let client_id = one.client_id.clone();
        let step = step(app, one, gives_interface).await;
        steps.push(step.map_err(|why| TransferRefused::Application { client_id, why })?);
    }
    Ok(steps)
}

/// Carries a plan out, one application after the other; tells which were registered or got a new secret.
pub async fn apply(app: &App, actor: &Actor, steps: &[Step]) -> Result<Vec<Registered>, TransferRefused> {
    let mut done = Vec::new();
    for step in steps {
        let registered = match (&step.change, &step.known) {
            (Change::Nothing, _) => continue,
            (_, Some(known)) => clients::update(app, actor.clone(), known, &step.asked).await,
            (_, None) => {
                let client_id = ClientId::stored(step.client_id.clone());
                clients::register_as(app, actor.clone(), client_id, &step.asked).await
            }
        };
        let client_id = step.client_id.clone();
        done.push(registered.map_err(|why| TransferRefused::Application { client_id, why })?);
    }
    Ok(done)
}

async fn step(app: &App, one: Line, gives_interface: bool) -> Result<Step, ClientRefused> {
    let client_id = ClientId::imported(&one.client_id).ok_or(ClientRefused::BadId)?;
    let known = rows::any_by_client_id(&app.db, client_id.as_str()).await?;
    let mut asked = registration(one)?;
    if !gives_interface {
        asked.metadata = keep_interface(asked.metadata, known.as_ref());
    }
    let change = match &known {
        None => {
            client_draft::new_as(app, client_id.clone(), &asked)?;
            Change::New
        }
        Some(known) => {
            let after = client_draft::changed(app, known, &asked)?.client;
            let members = differing(&line(known), &line(&after));
            // As dangerous as a new secret, which needs a second person (`application_register::rotate_secret`).
            let is_proof = members.iter().any(|member| proves(member));
            if !gives_interface && is_proof && client_api::is_powerful(app, known).await? {
                return Err(ClientRefused::OfInterface);
            }
            if members.is_empty() { Change::Nothing } else { Change::Members(members) }
        }
    };
    Ok(Step { client_id: client_id.to_string(), change, known, asked })
}

/// What an application may do at the administrators' interface stays as it is, and so does the grant that came with it.
fn keep_interface(mut asked: Metadata, known: Option<&Client>) -> Metadata {
    let is_own = |code: &String| ApiScope::from_code(code).is_some();
    asked.api_scopes.retain(|code| !is_own(code));
    if let Some(known) = known {
        asked.api_scopes.extend(known.metadata.api_scopes.iter().filter(|code| is_own(code)).cloned());
    }
    asked.api_reach = known.and_then(|known| known.metadata.api_reach.clone());
    asked.with_grant_of_rights()
}

fn line(client: &Client) -> Line {
    let uris = |all: &[RedirectUri]| all.iter().map(|uri| uri.as_str().to_owned()).collect();
    Line {
        client_id: client.client_id.to_string(),
        client_name: client.name.clone(),
        kind: client.kind.code().to_owned(),
        redirect_uris: uris(&client.redirect_uris),
        post_logout_redirect_uris: uris(&client.post_logout_redirect_uris),
        client_uri: client.home.clone(),
        scope: client.scopes.to_string(),
        legacy: client.legacy,
        id_token_claims: client.id_token_claims,
        backchannel_logout_uri: client.backchannel_logout_uri.clone(),
        // Without anything of a secret.
        metadata: client
            .metadata
            .clone()
            .kept_from(&Metadata { self_registered: client.metadata.self_registered, ..Metadata::default() }),
    }
}

fn registration(line: Line) -> Result<Registration, ClientRefused> {
    let kind = ClientKind::from_code(&line.kind).ok_or(ClientRefused::BadKind(line.kind))?;
    Ok(Registration {
        name: line.client_name,
        kind,
        redirect_uris: line.redirect_uris,
        post_logout_redirect_uris: line.post_logout_redirect_uris,
        home: line.client_uri,
        scopes: Scopes::parse(&line.scope),
        legacy: line.legacy,
        id_token_claims: line.id_token_claims,
        backchannel_logout_uri: line.backchannel_logout_uri,
        metadata: line.metadata,
    })
}

/// Whether a member says how an application proves that it is itself.
fn proves(member: &str) -> bool {
    matches!(member, "kind" | "jwks" | "jwks_uri" | "token_endpoint_auth_method")
        || member.starts_with("tls_client_auth_")
}

/// The members in which two registrations differ.
fn differing(before: &Line, after: &Line) -> Vec<String> {
    let members = |line: &Line| match serde_json::to_value(line) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (members(before), members(after));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}
