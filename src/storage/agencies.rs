//! Agencies.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::admin::Branch;
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::name;

statements! {
    EVERY = "SELECT id, code, name, parent_id, merged_into FROM agency WHERE merged_into IS NULL ORDER BY search_key";
    ALL_OF_THEM = "SELECT id, code, name, parent_id, merged_into FROM agency ORDER BY search_key";
    BY_ID = "SELECT id, code, name, parent_id, merged_into FROM agency WHERE id = $1";
    BRANCH = "SELECT agency_id FROM agency_branch WHERE root_id = $1";
    SET_PARENT = "UPDATE agency SET parent_id = $2 WHERE id = $1";
    PUT = "INSERT INTO agency (id, code, name, search_key) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (code) DO UPDATE SET name = excluded.name, search_key = excluded.search_key";
    RENAME = "UPDATE agency SET code = $2, name = $3, search_key = $4 WHERE id = $1";
    // One that is closed hangs below the one of which it is a part: whoever administers that one reads its past.
    CLOSE = "UPDATE agency SET merged_into = $2, parent_id = $2 WHERE id = $1 AND merged_into IS NULL";
    REOPEN = "UPDATE agency SET merged_into = NULL, parent_id = $2 WHERE id = $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    code: String,
    name: String,
    parent_id: Option<String>,
    merged_into: Option<String>,
}

#[derive(sqlx::FromRow)]
struct BranchRow {
    agency_id: String,
}

/// All agencies that are open, by name.
pub async fn every(db: &Db) -> Result<Vec<Agency>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(agency).collect()
}

/// All agencies with those that were merged into others, by name.
pub async fn with_merged(db: &Db) -> Result<Vec<Agency>, StorageError> {
    db.all::<Row>(ALL_OF_THEM, &[]).await?.into_iter().map(agency).collect()
}

/// The same within a transaction.
pub async fn every_in(tx: &mut Tx) -> Result<Vec<Agency>, StorageError> {
    tx.all::<Row>(ALL_OF_THEM, &[]).await?.into_iter().map(agency).collect()
}

/// The agency with this id.
pub async fn by_id(db: &Db, id: AgencyId) -> Result<Option<Agency>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(agency).transpose()
}

/// The same within a transaction.
pub async fn by_id_in(tx: &mut Tx, id: AgencyId) -> Result<Option<Agency>, StorageError> {
    tx.find::<Row>(BY_ID, &args![id]).await?.map(agency).transpose()
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

/// Gives an agency another code and name.
pub async fn rename(tx: &mut Tx, id: AgencyId, code: &str, agency_name: &str) -> Result<(), StorageError> {
    tx.write(RENAME, &args![id, code, agency_name, name::search_key(agency_name)]).await.map(|_| ())
}

/// Makes an agency a part of another one; tells whether it was open.
pub async fn close(tx: &mut Tx, id: AgencyId, into: AgencyId) -> Result<bool, StorageError> {
    Ok(tx.write(CLOSE, &args![id, into]).await? == 1)
}

/// Makes it an agency of its own again, below another one or at the top.
pub async fn reopen(tx: &mut Tx, id: AgencyId, parent: Option<AgencyId>) -> Result<(), StorageError> {
    tx.write(REOPEN, &args![id, parent]).await.map(|_| ())
}

fn agency(row: Row) -> Result<Agency, StorageError> {
    let parent_id = row.parent_id.as_deref().map(id).transpose()?;
    let merged_into = row.merged_into.as_deref().map(id).transpose()?;
    Ok(Agency { id: id(&row.id)?, code: row.code, name: row.name, parent_id, merged_into })
}

fn id(text: &str) -> Result<AgencyId, StorageError> {
    text.parse().map_err(|_| StorageError::corrupt("agency", "id", text))
}
