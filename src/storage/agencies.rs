//! Agencies.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::name;

statements! {
    EVERY = "SELECT id, code, name FROM agency ORDER BY search_key";
    BY_ID = "SELECT id, code, name FROM agency WHERE id = $1";
    PUT = "INSERT INTO agency (id, code, name, search_key) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (code) DO UPDATE SET name = excluded.name, search_key = excluded.search_key";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    code: String,
    name: String,
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

fn agency(row: Row) -> Result<Agency, StorageError> {
    let id = row.id.parse().map_err(|_| StorageError::corrupt("agency", "id", &row.id))?;
    Ok(Agency { id, code: row.code, name: row.name })
}
