//! May this administrator do that? The only place that turns a proof of role into the actor of a line of the audit; a
//! refusal leaves a line too. Whatever lies beyond their reach is answered like what does not exist.

use super::{Internal, chain};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, ApiScope, Forbidden, Right};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, AgencyId};
use crate::storage::{StorageError, accounts, agencies, audit};
use thiserror::Error;

/// Why something was not done or not shown, where nothing else can stand in the way.
#[derive(Debug, Error)]
pub enum Denied {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for Denied {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// The actor of what an administrator is about to change, if their role has the right.
pub async fn acting(app: &App, by: &Administrator, right: Right) -> Result<Actor, Forbidden> {
    let asked = by.acting(right);
    if let Err(forbidden) = &asked {
        let entry = Entry::new(app.now(), by.refused(), Act::RightRefused, right.code());
        note(app, entry.with(forbidden.role)).await;
    }
    asked
}

/// Refuses without the right; for what only reads.
pub async fn ask(app: &App, by: &Administrator, right: Right) -> Result<(), Forbidden> {
    acting(app, by, right).await.map(|_| ())
}

/// An account within reach. One beyond and one that does not exist are both `None`, and both leave a line.
pub async fn account(app: &App, by: &Administrator, id: AccountId) -> Result<Option<Account>, Internal> {
    let account = accounts::by_id(&app.db, id).await?.filter(|account| by.reaches(account));
    if account.is_none() {
        out_of_reach(app, by, &format!("account {id}")).await;
    }
    Ok(account)
}

/// Whether an agency exists within reach; leaves a line if not.
pub async fn agency(app: &App, by: &Administrator, id: AgencyId) -> Result<bool, Internal> {
    let is_there = by.reach().covers(Some(id)) && agencies::by_id(&app.db, id).await?.is_some();
    if !is_there {
        out_of_reach(app, by, &format!("agency {id}")).await;
    }
    Ok(is_there)
}

/// Records that an administrator asked for something that is not there, or is not theirs.
pub async fn out_of_reach(app: &App, by: &Administrator, what: &str) {
    // Whoever asks chose the text: no control characters in the audit.
    let what: String = what.chars().filter(|c| !c.is_control()).take(100).collect();
    let entry = Entry::new(app.now(), by.refused(), Act::OutOfReach, what);
    note(app, entry.with(by.role_code())).await;
}

/// Records that an application came with a token that lacks a scope.
pub async fn lacks_scope(app: &App, by: &Administrator, scope: ApiScope) {
    let entry = Entry::new(app.now(), by.refused(), Act::RightRefused, scope.code());
    note(app, entry.with(by.role_code())).await;
}

/// Records that an application has carried out as many writes within a day as one may, and comes with more.
pub async fn wrote_too_much(app: &App, by: &Administrator, most: i64) {
    let entry = Entry::new(app.now(), by.refused(), Act::WritesStopped, by.address());
    note(app, entry.with(most.to_string())).await;
}

/// A line beside the work: if it cannot be written, the refusal stands all the same.
async fn note(app: &App, entry: Entry) {
    let written = async {
        let mut tx = app.db.begin().await?;
        audit::append(&mut tx, &[entry]).await?;
        tx.commit().await
    };
    if let Err(error) = written.await {
        tracing::error!("recording a refusal failed: {}", chain(&error));
    }
}
