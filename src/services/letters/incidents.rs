//! Letters about incidents: to those who look after an agency or the city, and to whom one is handed on.

use super::{Key, letters, new_id, sender, term_start};
use crate::app::App;
use crate::config::IncidentContact;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Role};
use crate::domain::incident::Incident;
use crate::i18n::incidents::{self as words, Told};
use crate::services::incidents::Case;
use crate::services::{Internal, roles};
use crate::storage::{StorageError, Tx, accounts, administrators};

/// Those who administer the agency of an account or the city, or keep its security, and may sign in; each once, and not
/// the holder of the account.
pub(in crate::services) async fn who_looks_after(
    app: &App,
    account: &Account,
) -> Result<Vec<Account>, Internal> {
    let mut all: Vec<Account> = Vec::new();
    for grant in administrators::holders(&app.db, app.now()).await? {
        let id = grant.account_id;
        if matches!(grant.role, Role::City | Role::Security | Role::Agency)
            && id != account.id()
            && all.iter().all(|one| one.id() != id)
            && roles::reach_of(app, &grant).await?.covers(account.profile().agency_id)
            && let Some(one) = accounts::by_id(&app.db, id).await?
            && term_start(one.state()).is_some()
        {
            all.push(one);
        }
    }
    Ok(all)
}

/// Tells them of an incident, in the transaction that keeps it.
pub(in crate::services) async fn incident_reported(
    app: &App,
    tx: &mut Tx,
    to: &[Account],
    incident: &Incident,
    reporter: &Account,
) -> Result<(), StorageError> {
    let clocks = incident.clocks(&app.config.incidents.hours, &[]);
    let told = Told { incident, reporter, agency: None, steps: &[], clocks: &clocks };
    for one in to {
        let letter = words::reported(one.profile(), &told, &sender(app));
        let key = Key { text: format!("incident:{}:{}", incident.id, one.id()), term: None };
        letters::write(tx, new_id(app), one.id(), &key, &letter, app.now()).await?;
    }
    Ok(())
}

/// Hands an incident on, in the transaction that records it.
pub(in crate::services) async fn incident_handed_on(
    app: &App,
    tx: &mut Tx,
    by: &Administrator,
    contact: &IncidentContact,
    case: &Case,
) -> Result<(), StorageError> {
    let told = Told {
        incident: &case.incident,
        reporter: &case.reporter,
        agency: case.agency.as_ref().map(|agency| agency.name.as_str()),
        steps: &case.steps,
        clocks: &case.clocks,
    };
    let letter = words::handed_on((&contact.name, &contact.address), &told, &sender(app));
    let id = new_id(app);
    let key = Key { text: format!("handed-on:{id}"), term: None };
    letters::write(tx, id, by.account_id(), &key, &letter, app.now()).await.map(|_| ())
}
