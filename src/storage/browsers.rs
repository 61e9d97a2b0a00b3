//! What the cookie points to: the data of a browser, signed in or not. Read and written by the cookie layer only.

use super::db::{args, statements};
use super::{Db, StorageError};
use crate::domain::timestamp::Timestamp;

statements! {
    LOAD = "SELECT data FROM browser WHERE id = $1 AND expires_at > $2";
    CREATE = "INSERT INTO browser (id, data, expires_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    SAVE = "INSERT INTO browser (id, data, expires_at) VALUES ($1, $2, $3) \
            ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at";
    DELETE = "DELETE FROM browser WHERE id = $1";
    FORGET = "DELETE FROM browser WHERE expires_at < $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    data: String,
}

/// The data of a browser, if it has not expired.
pub async fn load(db: &Db, id: &str, now: Timestamp) -> Result<Option<String>, StorageError> {
    Ok(db.find::<Row>(LOAD, &args![id, now]).await?.map(|row| row.data))
}

/// Adds a browser; tells whether its id was free.
pub async fn create(db: &Db, id: &str, data: &str, expires_at: Timestamp) -> Result<bool, StorageError> {
    Ok(db.write(CREATE, &args![id, data, expires_at]).await? == 1)
}

/// Saves a browser's data.
pub async fn save(db: &Db, id: &str, data: &str, expires_at: Timestamp) -> Result<(), StorageError> {
    db.write(SAVE, &args![id, data, expires_at]).await.map(|_| ())
}

/// Forgets a browser.
pub async fn delete(db: &Db, id: &str) -> Result<(), StorageError> {
    db.write(DELETE, &args![id]).await.map(|_| ())
}

/// Forgets expired browsers; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
