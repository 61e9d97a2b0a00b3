//! What an application may do in its own name at the administrators' interface and by SCIM, and how far it reaches.

use super::clients::{self as registry, ClientRefused, Registration};
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::domain::audit::Actor;
use crate::domain::oauth::metadata::{ApiReach, Metadata};
use crate::storage::{StorageError, agencies};
use thiserror::Error;

/// The grant type of applications in their own name.
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// Why nothing was set.
#[derive(Debug, Error)]
pub enum ApiRefused {
    /// It registered itself: its holder may change how it proves itself.
    #[error("an application that registered itself does not get it; register it anew")]
    SelfRegistered,
    /// No such agency.
    #[error("there is no agency with the code {0}")]
    NoAgency(String),
    /// RFC 6749 §4.4.
    #[error("a public application has nothing in its own name")]
    Public,
    /// The registration could not be changed.
    #[error(transparent)]
    Client(#[from] ClientRefused),
}

impl From<StorageError> for ApiRefused {
    fn from(error: StorageError) -> Self {
        Self::Client(error.into())
    }
}

/// Sets the scopes of the interface that an application may ask for, and its reach; without a reach both are taken from
/// it. Scopes of other resource servers stay as they are.
pub async fn set(
    app: &App,
    actor: Actor,
    client_id: &str,
    scopes: &[ApiScope],
    reach: Option<ApiReach>,
) -> Result<(), ApiRefused> {
    let client = registry::find(app, client_id).await?;
    if !client.kind.is_confidential() {
        return Err(ApiRefused::Public);
    }
    if client.metadata.self_registered {
        return Err(ApiRefused::SelfRegistered);
    }
    if let Some(ApiReach::Agency(code)) = &reach {
        let known = agencies::every(&app.db).await?;
        if !known.iter().any(|agency| agency.code == *code) {
            return Err(ApiRefused::NoAgency(code.clone()));
        }
    }
    let asked = Registration::of(&client);
    let others = asked.metadata.api_scopes.iter().filter(|code| ApiScope::from_code(code).is_none()).cloned();
    let own = scopes.iter().filter(|_| reach.is_some()).map(|scope| scope.code().to_owned());
    let api_scopes: Vec<_> = others.chain(own).collect();
    let mut grant_types: Vec<_> = asked.metadata.grant_types().iter().map(|&one| one.to_owned()).collect();
    if reach.is_some() && !asked.metadata.allows_grant(CLIENT_CREDENTIALS) {
        grant_types.push(CLIENT_CREDENTIALS.to_owned());
    }
    let metadata = Metadata { api_scopes, api_reach: reach, grant_types, ..asked.metadata };
    registry::update(app, actor, &client, &Registration { metadata, ..asked }).await?;
    Ok(())
}
