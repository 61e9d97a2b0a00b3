//! What ends on the day because it would become too wide and nobody has looked at it: roles, and what applications may do
//! in their own name. The administrators of the city are written to.

use super::Reorganisation;
use super::reach::{Reach, Who};
use super::work::JOB;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::Role;
use crate::domain::agency::Agency;
use crate::domain::audit::Entry;
use crate::domain::id::AgencyId;
use crate::domain::mail::plain;
use crate::domain::reorganisation::{Before, Kind};
use crate::services::clients::changed_entry;
use crate::services::wide::named;
use crate::services::{Internal, letters, roles};
use crate::storage::administrators::Ended;
use crate::storage::{StorageError, Tx, accounts, clients};

/// Ends it; tells the lines of the audit.
pub(super) async fn end(
    app: &App,
    tx: &mut Tx,
    one: &Reorganisation,
    (before, all, reaches): (&[Before], &[Agency], &[Reach]),
    city: &[Account],
) -> Result<Vec<Entry>, Internal> {
    let name = |id: Option<AgencyId>| {
        all.iter().find(|agency| Some(agency.id) == id).map(|agency| agency.name.clone()).unwrap_or_default()
    };
    // Those over an agency that is merged end with it.
    let ends_anyway = |id: Option<AgencyId>| {
        one.kind == Kind::Merge && before.iter().any(|was| was.agency != one.target && Some(was.agency) == id)
    };
    let (mut entries, mut held) = (Vec::new(), Vec::new());
    for reach in reaches.iter().filter(|reach| reach.is_held_back) {
        let (who, role): (String, Option<Role>) = match &reach.who {
            Who::Role(grant) => {
                let Some(account) = accounts::by_id_in(tx, grant.account_id).await? else { continue };
                if !ends_anyway(reach.before) {
                    entries.extend(roles::end_too_wide(app, tx, (grant, &account), &JOB).await?);
                }
                let profile = account.profile();
                (format!("{} ({})", plain(&profile.display_name), profile.address), Some(grant.role))
            }
            Who::Application(client) => {
                let mut after = (**client).clone();
                after.metadata.api_reach = None;
                after.metadata = after.metadata.with_grant_of_rights();
                if !clients::update(tx, client, &after).await? {
                    return Err(StorageError::Lost { table: "client", id: client.id.to_string() }.into());
                }
                let entry = changed_entry(app.now(), JOB, client, &after);
                entries.push(entry.because(Ended::TooWide.code()));
                (plain(&named(client)), None)
            }
        };
        held.push((who, role, name(reach.before)));
    }
    if !held.is_empty() {
        letters::write_all(app, tx, letters::reach_held(app, city, (one.id, &one.name), &held)).await?;
    }
    Ok(entries)
}
