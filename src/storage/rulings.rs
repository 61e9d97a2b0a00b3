//! What administrators decided about the directories: which one has the word on what.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::sync::Authority;
use crate::domain::timestamp::Timestamp;

statements! {
    BASIS = "SELECT version, applied FROM plan_basis WHERE id = 1";
    CHANGED = "UPDATE plan_basis SET version = version + 1 WHERE id = 1";
    // Whoever changes it meanwhile waits for the end of the transaction, or is seen here.
    HOLD = "UPDATE plan_basis SET version = version WHERE id = 1 AND version = $1";
    OBEYED = "UPDATE plan_basis SET applied = $1 WHERE id = 1 AND applied < $1";
    AUTHORITIES = "SELECT version, rules, changed_at, changed_by, why FROM authority_version \
                   ORDER BY version DESC LIMIT $1";
    ADD_AUTHORITY = "INSERT INTO authority_version (version, rules, changed_at, changed_by, why) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (version) DO NOTHING";
}

/// How often what the plan goes by was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Basis {
    /// So often.
    pub version: i64,
    /// Up to this change, everybody was planned by it.
    pub applied: i64,
}

impl Basis {
    /// Whether something was changed by which not everybody was planned yet.
    pub const fn is_new(&self) -> bool {
        self.applied < self.version
    }
}

#[derive(sqlx::FromRow)]
struct AuthorityRow {
    version: i64,
    rules: String,
    changed_at: i64,
    changed_by: String,
    why: String,
}

/// A version of the table of who has the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityVersion {
    /// Its number, from 1.
    pub version: i64,
    /// The table.
    pub table: Authority,
    /// Since when.
    pub changed_at: Timestamp,
    /// The address of who changed it.
    pub changed_by: String,
    /// Why.
    pub why: String,
}

/// How often what the plan goes by was changed.
pub async fn basis(db: &Db) -> Result<Basis, StorageError> {
    db.one(BASIS, &[]).await
}

/// Makes the next run plan everybody; in the transaction of the change.
pub async fn changed(tx: &mut Tx) -> Result<(), StorageError> {
    tx.write(CHANGED, &[]).await.map(|_| ())
}

/// Whether nothing was changed since; nothing is until the transaction ends.
pub async fn hold(tx: &mut Tx, version: i64) -> Result<bool, StorageError> {
    Ok(tx.write(HOLD, &args![version]).await? == 1)
}

/// Everybody was planned by what was decided up to this change.
pub async fn obeyed(db: &Db, version: i64) -> Result<(), StorageError> {
    db.write(OBEYED, &args![version]).await.map(|_| ())
}

/// The latest versions of the table of who has the word, newest first.
pub async fn authorities(db: &Db, limit: i64) -> Result<Vec<AuthorityVersion>, StorageError> {
    let rows: Vec<AuthorityRow> = db.all(AUTHORITIES, &args![limit]).await?;
    let version = |row: AuthorityRow| {
        let bad = || StorageError::corrupt("authority_version", "rules", row.version.to_string());
        Ok(AuthorityVersion {
            version: row.version,
            table: Authority::read(&row.rules).ok_or_else(bad)?,
            changed_at: Timestamp::from_micros(row.changed_at),
            changed_by: row.changed_by,
            why: row.why,
        })
    };
    rows.into_iter().map(version).collect()
}

/// Adds a version; tells whether its number was free, so that of two changes at once only one is made.
pub async fn add_authority(tx: &mut Tx, version: &AuthorityVersion) -> Result<bool, StorageError> {
    let AuthorityVersion { version, table, changed_at, changed_by, why } = version;
    let row = args![*version, table.to_string(), *changed_at, changed_by, why];
    Ok(tx.write(ADD_AUTHORITY, &row).await? == 1)
}
