//! What the city's administrators do with an application that is registered: stop it and let it run again, end what it
//! was given, confirm what it gets and why, remove it.

use super::lock::{self, LockRefused};
use super::{Internal, applications, rights};
use crate::app::App;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::audit::{Act, Entry};
use crate::domain::id::ClientRowId;
use crate::domain::name;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::grant::GrantEnd;
use crate::domain::oauth::purpose::{Purpose, asks_for};
use crate::domain::oauth::scope::Scope;
use crate::domain::timestamp::Timestamp;
use crate::services::clients::{ClientRefused, end_everything, remove_seen};
use crate::storage::{StorageError, applications as rows, audit, clients};
use thiserror::Error;

/// No purpose and no name of an agency is longer, in characters.
pub const LONGEST: usize = 300;

/// An application as a form showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub id: ClientRowId,
    /// In which version.
    pub version: i64,
}

/// Why something was not done with an application.
#[derive(Debug, Error)]
pub enum ApplicationRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is none within reach.
    #[error("there is no such application within reach")]
    NotFound,
    /// Somebody else has changed it since it was shown.
    #[error("somebody else has changed the application meanwhile")]
    Meanwhile,
    /// A reason is asked for.
    #[error("a reason is needed")]
    NoReason,
    /// Its name was not typed as it is.
    #[error("the name was not typed as it is")]
    NotTyped,
    /// For this no purpose was given.
    #[error("no purpose was given for {}", .0.code())]
    NoPurpose(Scope),
    /// No agency answers for it.
    #[error("no agency was named")]
    NoAgency,
    /// No agency and no group has this code.
    #[error("there is no agency and no group with the code {0}")]
    NobodyCalled(String),
    /// A text is too long.
    #[error("a text has more than {LONGEST} characters")]
    TooLong,
    /// The registration cannot be so.
    #[error(transparent)]
    Client(ClientRefused),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ApplicationRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<ClientRefused> for ApplicationRefused {
    fn from(refused: ClientRefused) -> Self {
        match refused {
            ClientRefused::Internal(internal) => Self::Internal(internal),
            ClientRefused::Meanwhile => Self::Meanwhile,
            other => Self::Client(other),
        }
    }
}

/// Stops an application: nobody comes in any more, and everything it was given ends.
pub async fn stop(app: &App, by: &Administrator, seen: Seen, why: &str) -> Result<(), ApplicationRefused> {
    set_disabled(app, by, seen, Some(app.now()), why).await
}

/// Lets a stopped application run again.
pub async fn resume(app: &App, by: &Administrator, seen: Seen, why: &str) -> Result<(), ApplicationRefused> {
    set_disabled(app, by, seen, None, why).await
}

async fn set_disabled(
    app: &App,
    by: &Administrator,
    seen: Seen,
    disabled_at: Option<Timestamp>,
    why: &str,
) -> Result<(), ApplicationRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let client = as_seen(app, by, seen).await?;
    let (why, now) = (reason(why)?, app.now());
    let act = if disabled_at.is_some() { Act::ClientStopped } else { Act::ClientResumed };
    let mut tx = app.db.begin().await?;
    if !clients::set_disabled(&mut tx, client.id, client.version, disabled_at).await? {
        return Err(ApplicationRefused::Meanwhile);
    }
    if disabled_at.is_some() {
        end_everything(&mut tx, &client, GrantEnd::EndedByAdministrator, now).await?;
    }
    let entry = Entry::new(now, actor, act, client.client_id.as_str());
    audit::append(&mut tx, &[entry.with(&client.name).because(why)]).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends everything that an application was given, for everybody; it is told, and people may enter it anew. Tells how
/// many grants were open.
pub async fn end_access(
    app: &App,
    by: &Administrator,
    seen: Seen,
    why: &str,
) -> Result<u64, ApplicationRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let client = as_seen(app, by, seen).await?;
    let (why, now) = (reason(why)?, app.now());
    let mut tx = app.db.begin().await?;
    let ended = end_everything(&mut tx, &client, GrantEnd::EndedByAdministrator, now).await?;
    let entry = Entry::new(now, actor, Act::ClientAccessEnded, client.client_id.as_str());
    audit::append(&mut tx, &[entry.with(ended.to_string()).because(why)]).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Removes an application, whose name is typed, for ever.
pub async fn remove(
    app: &App,
    by: &Administrator,
    seen: Seen,
    typed: &str,
    why: &str,
) -> Result<Client, ApplicationRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let client = as_seen(app, by, seen).await?;
    let why = reason(why)?;
    if name::tidy(typed) != client.name {
        return Err(ApplicationRefused::NotTyped);
    }
    remove_seen(app, actor, &client, Some(why)).await?;
    Ok(client)
}

/// Writes down why an application gets each thing that it gets, and which agency answers for it; confirms both for a
/// year.
pub async fn confirm_purposes(
    app: &App,
    by: &Administrator,
    seen: Seen,
    agency: &str,
    purposes: &[(Scope, String)],
) -> Result<(), ApplicationRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let client = as_seen(app, by, seen).await?;
    let now = app.now();
    let all = purposes_of(&client, by.address(), agency, purposes, now)?;
    let mut tx = app.db.begin().await?;
    // Nothing of the registration changes but its version: nobody confirms what they have not seen.
    if !clients::set_disabled(&mut tx, client.id, client.version, client.disabled_at).await? {
        return Err(ApplicationRefused::Meanwhile);
    }
    rows::set_purposes(&mut tx, client.id, &all).await?;
    let told: Vec<_> = all.iter().map(|one| format!("{}: {}", one.scope.code(), one.purpose)).collect();
    let entry = Entry::new(now, actor, Act::ClientReviewed, client.client_id.as_str());
    audit::append(&mut tx, &[entry.with(told.join("; ")).because(name::tidy(agency))]).await?;
    tx.commit().await?;
    Ok(())
}

/// The purposes of everything that an application gets of people, tidied and complete.
pub(super) fn purposes_of(
    client: &Client,
    by: &str,
    agency: &str,
    given: &[(Scope, String)],
    now: Timestamp,
) -> Result<Vec<Purpose>, ApplicationRefused> {
    let agency = name::tidy(agency);
    let asked = asks_for(client);
    if agency.is_empty() && !asked.is_empty() {
        return Err(ApplicationRefused::NoAgency);
    }
    let mut all = Vec::new();
    for scope in asked {
        let purpose = given.iter().find(|(one, _)| *one == scope).map(|(_, words)| name::tidy(words));
        let purpose =
            purpose.filter(|words| !words.is_empty()).ok_or(ApplicationRefused::NoPurpose(scope))?;
        if purpose.chars().count() > LONGEST || agency.chars().count() > LONGEST {
            return Err(ApplicationRefused::TooLong);
        }
        let (agency, reviewed_by) = (agency.clone(), by.to_owned());
        all.push(Purpose { scope, purpose, agency, reviewed_at: now, reviewed_by });
    }
    Ok(all)
}

/// An application within reach, in the version that was shown.
pub(super) async fn as_seen(app: &App, by: &Administrator, seen: Seen) -> Result<Client, ApplicationRefused> {
    let client = applications::find(app, by, seen.id).await?.ok_or(ApplicationRefused::NotFound)?;
    if client.version == seen.version { Ok(client) } else { Err(ApplicationRefused::Meanwhile) }
}

pub(super) fn reason(why: &str) -> Result<String, ApplicationRefused> {
    lock::reason(why).map_err(|refused| match refused {
        LockRefused::Internal(internal) => ApplicationRefused::Internal(internal),
        _ => ApplicationRefused::NoReason,
    })
}
