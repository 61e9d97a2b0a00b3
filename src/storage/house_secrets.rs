//! Secrets of the house that are made once and sealed.

use super::db::{args, statements};
use super::{Db, StorageError};

statements! {
    ADD = "INSERT INTO house_secret (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    FIND = "SELECT sealed FROM house_secret WHERE name = $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    sealed: Vec<u8>,
}

/// The sealed secret of a name.
pub async fn find(db: &Db, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
    Ok(db.find::<Row>(FIND, &args![name]).await?.map(|row| row.sealed))
}

/// Adds a sealed secret, unless somebody was faster.
pub async fn add(db: &Db, name: &str, sealed: &[u8]) -> Result<(), StorageError> {
    db.write(ADD, &args![name, sealed]).await.map(|_| ())
}
