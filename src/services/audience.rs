//! Who may use an application: everybody, or the people of some agencies and groups.

use super::clients::{self as registry, ClientRefused, Registration};
use super::{Internal, reorganisation};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::agency::Agency;
use crate::domain::agency_codes::Codes;
use crate::domain::audit::Actor;
use crate::domain::group::Group;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::metadata::Metadata;
use crate::storage::{StorageError, agencies, groups};
use thiserror::Error;

/// Why an audience was not set.
#[derive(Debug, Error)]
pub enum AudienceRefused {
    /// No such agency.
    #[error("there is no agency with the code {0}")]
    NoAgency(String),
    /// No such group.
    #[error("there is no group {0}")]
    NoGroup(String),
    /// The registration could not be changed.
    #[error(transparent)]
    Client(#[from] ClientRefused),
}

impl From<StorageError> for AudienceRefused {
    fn from(error: StorageError) -> Self {
        Self::Client(error.into())
    }
}

/// Whether the holder of an account may use an application.
pub(super) async fn admits(app: &App, client: &Client, account: &Account) -> Result<bool, Internal> {
    let metadata = &client.metadata;
    if metadata.is_for_everybody() {
        return Ok(true);
    }
    let agency = match account.profile().agency_id {
        Some(id) if !metadata.allowed_agencies.is_empty() => agencies::by_id(&app.db, id).await?,
        _ => None,
    };
    let groups = if metadata.allowed_groups.is_empty() {
        Vec::new()
    } else {
        groups::of_account(&app.db, account.id()).await?
    };
    if metadata.admits(agency.as_ref().map(|agency| agency.code.as_str()), &groups) {
        return Ok(true);
    }
    if metadata.allowed_agencies.is_empty() {
        return Ok(false);
    }
    // An application that knows the agency by the code of before keeps its people for a while.
    let former = reorganisation::former_codes(app, account).await?;
    Ok(former.iter().any(|code| metadata.admits(Some(code), &groups)))
}

/// The names of the agencies and groups whose people may use an application; a code that nobody has stays as it is.
pub(super) async fn names(app: &App, client: &Client) -> Result<Vec<String>, Internal> {
    Ok(Names::read(app).await?.of(client))
}

/// The agencies and groups that applications may be for.
#[derive(Debug, Clone)]
pub struct Names {
    /// The agencies.
    pub agencies: Vec<Agency>,
    /// The groups of the house.
    pub groups: Vec<Group>,
    /// What the codes of agencies mean, also those of before.
    pub codes: Codes,
}

impl Names {
    /// Reads them.
    pub async fn read(app: &App) -> Result<Self, Internal> {
        Ok(Self {
            agencies: agencies::every(&app.db).await?,
            groups: groups::every(&app.db).await?,
            codes: reorganisation::codes(app).await?,
        })
    }

    /// The names of those whose people may use an application; a code that nobody has or had stays as it is.
    pub fn of(&self, client: &Client) -> Vec<String> {
        let agency = |code: &String| {
            let known = self.agencies.iter().find(|agency| agency.code == *code);
            let agency =
                known.or_else(|| self.agencies.iter().find(|agency| self.codes.means(code, agency.id)));
            agency.map_or_else(|| code.clone(), |agency| agency.name.clone())
        };
        let group = |code: &String| {
            let group = self.groups.iter().find(|group| group.code == *code);
            group.map_or_else(|| code.clone(), |group| group.name.clone())
        };
        let metadata = &client.metadata;
        metadata
            .allowed_agencies
            .iter()
            .map(agency)
            .chain(metadata.allowed_groups.iter().map(group))
            .collect()
    }
}

/// Sets for whom an application is: the people of these agencies and groups; of none, everybody.
pub async fn set(
    app: &App,
    actor: Actor,
    client_id: &str,
    (agency_codes, group_codes): (&[String], &[String]),
) -> Result<(), AudienceRefused> {
    let client = registry::find(app, client_id).await?;
    let known = agencies::every(&app.db).await?;
    if let Some(code) = agency_codes.iter().find(|code| !known.iter().any(|agency| agency.code == **code)) {
        return Err(AudienceRefused::NoAgency(code.clone()));
    }
    let known = groups::every(&app.db).await?;
    if let Some(code) = group_codes.iter().find(|code| !known.iter().any(|group| group.code == **code)) {
        return Err(AudienceRefused::NoGroup(code.clone()));
    }
    let asked = Registration::of(&client);
    let metadata = Metadata {
        allowed_agencies: agency_codes.to_vec(),
        allowed_groups: group_codes.to_vec(),
        ..asked.metadata
    };
    registry::update(app, actor, &client, &Registration { metadata, ..asked }).await?;
    Ok(())
}
