//! Agencies.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::admin::Branch;
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::name;

statements! {
    EVERY = "SELECT id, code, name, parent_id FROM agency ORDER BY search_key";
    BY_ID = "SELECT id, code, name, parent_id FROM agency WHERE id = $1";
    BRANCH = "SELECT agency_id FROM agency_branch WHERE root_id = $1";
    SET_PARENT = "UPDATE agency SET parent_id = $2 WHERE id = $1";
    PUT = "INSERT INTO agency (id, code, name, search_key) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (code) DO UPDATE SET name = excluded.name, search_key = excluded.search_key";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    code: String,
    name: String,
    parent_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct BranchRow {
    agency_id: String,
}

/// All agencies, by name.
pub async fn every(db: &Db) -> Result<Vec<Agency>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(agency).collect()
}

/// All agencies, within a transaction.
pub async fn every_in(tx: &mut Tx) -> Result<Vec<Agency>, StorageError> {
    tx.all::<Row>(EVERY, &[]).await?.into_iter().map(agency).collect()
}

/// The agency with this id.
pub async fn by_id(db: &Db, id: AgencyId) -> Result<Option<Agency>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(agency).transpose()
}

/// Adds an agency, or gives the one with the same code a new name.
pub async fn put(tx: &mut Tx, id: AgencyId, code: &str, agency_name: &str) -> Result<(), StorageError> {
    tx.write(PUT, &args![id, code, agency_name, name::search_key(agency_name)]).await.map(|_| ())
}

/// An agency with every agency below it.
pub async fn branch(db: &Db, root: AgencyId) -> Result<Branch, StorageError> {
    let rows: Vec<BranchRow> = db.all(BRANCH, &args![root]).await?;
    let below: Result<Vec<AgencyId>, _> = rows.iter().map(|row| id(&row.agency_id)).collect();
    Ok(Branch::new(root, below?))
}

/// Puts an agency below another one, or at the top.
pub async fn set_parent(tx: &mut Tx, agency: AgencyId, parent: Option<AgencyId>) -> Result<(), StorageError> {
    tx.write(SET_PARENT, &args![agency, parent]).await.map(|_| ())
}

fn agency(row: Row) -> Result<Agency, StorageError> {
    let parent_id = row.parent_id.as_deref().map(id).transpose()?;
    Ok(Agency { id: id(&row.id)?, code: row.code, name: row.name, parent_id })
}

fn id(text: &str) -> Result<AgencyId, StorageError> {
    text.parse().map_err(|_| StorageError::corrupt("agency", "id", text))
}
