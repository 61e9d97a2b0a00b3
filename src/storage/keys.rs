//! Signing keys; the private part is sealed before it comes here.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::oauth::key::{KeyState, SigningAlg};
use crate::domain::timestamp::Timestamp;

statements! {
    PUBLISHED = "SELECT kid, algorithm, sealed, state, changed_at FROM signing_key WHERE state <> 'gone' ORDER BY made_at, kid";
    INSERT = "INSERT INTO signing_key (kid, algorithm, sealed, state, made_at, changed_at) \
              VALUES ($1, $2, $3, $4, $5, $5)";
    CHANGE = "UPDATE signing_key SET state = $3, changed_at = $4 WHERE kid = $1 AND state = $2";
    FORGET = "UPDATE signing_key SET state = 'gone', changed_at = $2, sealed = $3 WHERE kid = $1 AND state = 'retiring'";
}

#[derive(sqlx::FromRow)]
struct Row {
    kid: String,
    algorithm: String,
    sealed: Vec<u8>,
    state: String,
    changed_at: i64,
}

/// A signing key at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Its algorithm.
    pub alg: SigningAlg,
    /// The private part, sealed.
    pub sealed: Vec<u8>,
    /// Its state.
    pub state: KeyState,
    /// Since when.
    pub changed_at: Timestamp,
}

/// All keys but those that are gone, the oldest first.
pub async fn published(db: &Db) -> Result<Vec<SealedKey>, StorageError> {
    let rows: Vec<Row> = db.all(PUBLISHED, &[]).await?;
    rows.into_iter()
        .map(|row| {
            let state = KeyState::from_code(&row.state)
                .ok_or_else(|| StorageError::corrupt("signing_key", "state", &row.kid))?;
            let alg = SigningAlg::from_code(&row.algorithm)
                .ok_or_else(|| StorageError::corrupt("signing_key", "algorithm", &row.kid))?;
            let changed_at = Timestamp::from_micros(row.changed_at);
            Ok(SealedKey { kid: row.kid, alg, sealed: row.sealed, state, changed_at })
        })
        .collect()
}

/// Adds a key. Another one of its algorithm that signs, or is announced, makes it [`StorageError::Conflict`].
pub async fn insert(tx: &mut Tx, key: &SealedKey) -> Result<(), StorageError> {
    let args = args![&key.kid, key.alg.code(), key.sealed.as_slice(), key.state.code(), key.changed_at];
    tx.write(INSERT, &args).await.map(|_| ())
}

/// Moves a key from one state to the next; tells whether it was in the first.
pub async fn change(
    tx: &mut Tx,
    kid: &str,
    from: KeyState,
    to: KeyState,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let touched = match to {
        // What signs no more and verifies no more is not kept.
        KeyState::Gone => tx.write(FORGET, &args![kid, now, Vec::<u8>::new()]).await?,
        _ => tx.write(CHANGE, &args![kid, from.code(), to.code(), now]).await?,
    };
    Ok(touched == 1)
}
