//! Whom a person asks: the administrators of their agency.

use super::Internal;
use crate::app::App;
use crate::domain::account::State;
use crate::domain::address::MailAddress;
use crate::domain::admin::Role;
use crate::domain::id::AgencyId;
use crate::storage::{accounts, administrators};

/// So many are named.
const MOST: usize = 3;

/// Somebody to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Their name.
    pub name: String,
    /// Their address.
    pub address: MailAddress,
}

/// The administrators of an agency who may sign in.
pub async fn of_agency(app: &App, agency: Option<AgencyId>) -> Result<Vec<Contact>, Internal> {
    let Some(agency) = agency else { return Ok(Vec::new()) };
    let mut contacts = Vec::new();
    for grant in administrators::holders(&app.db, app.now()).await? {
        if contacts.len() < MOST
            && grant.role == Role::Agency
            && grant.agency_id == Some(agency)
            && let Some(account) = accounts::by_id(&app.db, grant.account_id).await?
            && matches!(account.state(), State::Active { .. } | State::MustChangePassword { .. })
        {
            let profile = account.profile();
            contacts.push(Contact { name: profile.display_name.clone(), address: profile.address.clone() });
        }
    }
    Ok(contacts)
}
