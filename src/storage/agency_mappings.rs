//! What administrators decided about which agency a text of a directory means.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::Mapping;
use crate::domain::timestamp::Timestamp;

statements! {
    EVERY = "SELECT id, system, source, agency_id, mapped_at, mapped_by, why FROM agency_mapping ORDER BY id";
    ADD = "INSERT INTO agency_mapping (id, system, source, agency_id, mapped_at, mapped_by, why) \
           VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    system: String,
    source: String,
    agency_id: Option<String>,
    mapped_at: i64,
    mapped_by: String,
    why: String,
}

/// Every decision, the oldest first; the latest on a text counts.
pub async fn every(db: &Db) -> Result<Vec<Mapping>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(mapping).collect()
}

/// Adds a decision.
pub async fn add(tx: &mut Tx, one: &Mapping) -> Result<(), StorageError> {
    let (system, source) = &one.key;
    let row = args![one.id, system.code(), source, one.agency, one.at, &one.by, &one.why];
    tx.write(ADD, &row).await.map(|_| ())
}

fn mapping(row: Row) -> Result<Mapping, StorageError> {
    let bad = |column| StorageError::corrupt("agency_mapping", column, row.id.clone());
    let system = MailSystem::from_code(&row.system).ok_or_else(|| bad("system"))?;
    Ok(Mapping {
        id: row.id.parse().map_err(|_| bad("id"))?,
        agency: row.agency_id.as_deref().map(str::parse).transpose().map_err(|_| bad("agency_id"))?,
        key: (system, row.source),
        at: Timestamp::from_micros(row.mapped_at),
        by: row.mapped_by,
        why: row.why,
    })
}
