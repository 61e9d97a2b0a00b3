//! How many accounts agencies have.

use super::accounts::by_agency;
use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::AgencyId;

statements! {
    EVERY = "SELECT agency_id, COUNT(*) AS number FROM account WHERE state <> 'retired' GROUP BY agency_id";
    OF_BRANCH = "SELECT agency_id, COUNT(*) AS number FROM account WHERE agency_id IN \
                 (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1) GROUP BY agency_id";
}

/// How many accounts of each agency are not retired.
pub async fn every(db: &Db) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    by_agency(db.all(EVERY, &[]).await?)
}

/// The same within a transaction.
pub async fn every_in(tx: &mut Tx) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    by_agency(tx.all(EVERY, &[]).await?)
}

/// How many accounts an agency and every agency below it have, of each.
pub async fn of_branch(db: &Db, root: AgencyId) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    by_agency(db.all(OF_BRANCH, &args![root]).await?)
}
