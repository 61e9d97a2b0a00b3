//! What waits in the outboxes, by their own small indexes.

use super::db::statements;
use super::{Db, StorageError};

statements! {
    WAITING = "SELECT (SELECT COUNT(*) FROM directory_lock WHERE done_at IS NULL) AS locks, \
               (SELECT COUNT(*) FROM letter WHERE state = 'waiting') AS letters, \
               (SELECT COUNT(*) FROM letter WHERE state = 'failed') AS failed, \
               (SELECT COUNT(*) FROM logout_notice WHERE done_at IS NULL) AS notices";
}

/// How much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// Orders to the directories.
    pub locks: i64,
    /// Letters that are on their way.
    pub letters: i64,
    /// Letters that could not be sent.
    pub failed: i64,
    /// Applications that are to be told of a logout.
    pub notices: i64,
}

/// How much waits in each.
pub async fn waiting(db: &Db) -> Result<Waiting, StorageError> {
    db.one(WAITING, &[]).await
}
