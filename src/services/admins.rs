//! Who administers: granted and taken back from the command line.

use super::Internal;
use crate::app::App;
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Reach};
use crate::domain::audit::{Act, Actor, Entry};
use crate::storage::{StorageError, accounts, administrators, agencies, audit, cached_verifiers};
use thiserror::Error;

/// Why a role was not granted or taken back.
#[derive(Debug, Error)]
pub enum GrantRefused {
    /// No such account.
    #[error("there is no account {0}; has the synchronisation run?")]
    NoAccount(MailAddress),
    /// No such agency.
    #[error("there is no agency with the code {0}")]
    NoAgency(String),
    /// There was no role to take back.
    #[error("{0} has no role")]
    NoRole(MailAddress),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for GrantRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// The proof of role of an account, for the command line.
pub async fn holder(app: &App, address: &MailAddress) -> Result<Administrator, GrantRefused> {
    let account = accounts::by_address(&app.db, address).await?;
    let account = account.ok_or_else(|| GrantRefused::NoAccount(address.clone()))?;
    let reach = administrators::reach_of(&app.db, account.id()).await?;
    let reach = reach.ok_or_else(|| GrantRefused::NoRole(address.clone()))?;
    Ok(Administrator::holding(&account, reach))
}

/// Grants a role: over the whole city, or over the agency with this code.
pub async fn grant(app: &App, address: &MailAddress, agency: Option<&str>) -> Result<(), GrantRefused> {
    let account = accounts::by_address(&app.db, address).await?;
    let account = account.ok_or_else(|| GrantRefused::NoAccount(address.clone()))?;
    let reach = match agency {
        None => Reach::City,
        Some(code) => {
            let found = agencies::every(&app.db).await?.into_iter().find(|agency| agency.code == code);
            Reach::Agency(found.ok_or_else(|| GrantRefused::NoAgency(code.to_owned()))?.id)
        }
    };
    let now = app.now();
    let mut tx = app.db.begin().await?;
    administrators::grant(&mut tx, account.id(), reach, now).await?;
    // a directory must be asked for whoever administers
    cached_verifiers::forget(&mut tx, account.id()).await?;
    // Administrators change their passwords more often; nobody is overdue the moment they get a role.
    if let Some(holder) = accounts::by_id_in(&mut tx, account.id()).await? {
        let regulation = app.regulation();
        let fresh = regulation.fresh_term(&holder, now);
        if regulation.running(&holder).is_some_and(|deadline| deadline.ends_at < fresh) {
            accounts::promise(&mut tx, &holder, fresh).await?;
        }
        if let Some(holder) = accounts::by_id_in(&mut tx, account.id()).await? {
            accounts::set_terms(&mut tx, &holder, regulation.terms(&holder)).await?;
        }
    }
    let entry = Entry::about(now, Actor::CommandLine, Act::RoleGranted, &account);
    audit::append(&mut tx, &[entry.with(agency.unwrap_or("city"))]).await?;
    Ok(tx.commit().await?)
}

/// Takes the role back.
pub async fn revoke(app: &App, address: &MailAddress) -> Result<(), GrantRefused> {
    let account = accounts::by_address(&app.db, address).await?;
    let account = account.ok_or_else(|| GrantRefused::NoAccount(address.clone()))?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !administrators::revoke(&mut tx, account.id()).await? {
        return Err(GrantRefused::NoRole(address.clone()));
    }
    audit::append(&mut tx, &[Entry::about(now, Actor::CommandLine, Act::RoleRevoked, &account)]).await?;
    Ok(tx.commit().await?)
}

/// All administrators: address, and the code of the agency where the reach is one agency.
pub async fn every(app: &App) -> Result<Vec<(String, Option<String>)>, Internal> {
    Ok(administrators::every(&app.db).await?)
}
