//! What agencies were called before they were renamed: the directories may say so for years, applications are told for a
//! while.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::ReorganisationId;
use crate::domain::reorganisation::Former;
use crate::domain::timestamp::Timestamp;

statements! {
    PUT_FORMER = "INSERT INTO agency_former (reorganisation_id, agency_id, code, name, since, until) \
                  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (reorganisation_id, agency_id) DO UPDATE SET \
                  code = excluded.code, name = excluded.name, since = excluded.since, until = excluded.until";
    FORMERS = "SELECT agency_id, code, name FROM agency_former ORDER BY since";
}

#[derive(sqlx::FromRow)]
struct Row {
    agency_id: String,
    code: String,
    name: String,
}

/// Writes down what an agency was called before a reorganisation.
pub async fn put(
    tx: &mut Tx,
    id: ReorganisationId,
    former: &Former,
    (since, until): (Timestamp, Timestamp),
) -> Result<(), StorageError> {
    let row = args![id, former.agency, &former.code, &former.name, since, until];
    tx.write(PUT_FORMER, &row).await.map(|_| ())
}

/// What agencies were called before, the oldest first.
pub async fn every(db: &Db) -> Result<Vec<Former>, StorageError> {
    let former = |row: Row| {
        let bad = || StorageError::corrupt("agency_former", "agency_id", &row.agency_id);
        Ok(Former { agency: row.agency_id.parse().map_err(|_| bad())?, code: row.code, name: row.name })
    };
    db.all::<Row>(FORMERS, &[]).await?.into_iter().map(former).collect()
}
