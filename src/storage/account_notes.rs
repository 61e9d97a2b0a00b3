//! What administrators write down about an account.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, NoteId};
use crate::domain::timestamp::Timestamp;

statements! {
    ADD = "INSERT INTO account_note (id, account_id, written_at, author, address, text) VALUES ($1, $2, $3, $4, $5, $6)";
    OF_ACCOUNT = "SELECT written_at, author, address, text FROM account_note WHERE account_id = $1 \
                  ORDER BY written_at DESC, id DESC LIMIT $2";
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When it was written.
    pub written_at: Timestamp,
    /// Who wrote it: the name, as it was then.
    pub author: String,
    /// Their address.
    pub address: String,
    /// What it says.
    pub text: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    written_at: i64,
    author: String,
    address: String,
    text: String,
}

/// Adds a note.
pub async fn add(tx: &mut Tx, id: NoteId, account: AccountId, note: &Note) -> Result<(), StorageError> {
    let values = args![id, account, note.written_at, &note.author, &note.address, &note.text];
    tx.write(ADD, &values).await.map(|_| ())
}

/// The newest notes about an account, newest first.
pub async fn of_account(db: &Db, account: AccountId, limit: i64) -> Result<Vec<Note>, StorageError> {
    let rows: Vec<Row> = db.all(OF_ACCOUNT, &args![account, limit]).await?;
    let note = |row: Row| Note {
        written_at: Timestamp::from_micros(row.written_at),
        author: row.author,
        address: row.address,
        text: row.text,
    };
    Ok(rows.into_iter().map(note).collect())
}
