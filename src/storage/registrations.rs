//! Dynamic registration: initial access tokens, and which applications registered themselves.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{ClientRowId, TokenId};
use crate::domain::timestamp::Timestamp;

statements! {
    ADD_TOKEN = "INSERT INTO initial_access_token (id, digest, note, uses_left, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)";
    USE_TOKEN = "UPDATE initial_access_token SET uses_left = uses_left - 1 \
                 WHERE digest = $1 AND uses_left > 0 AND expires_at > $2";
    TOKENS = "SELECT id, note, uses_left, expires_at FROM initial_access_token \
              WHERE uses_left > 0 AND expires_at > $1 ORDER BY id";
    IS_GOOD = "SELECT id, note, uses_left, expires_at FROM initial_access_token \
               WHERE digest = $1 AND uses_left > 0 AND expires_at > $2";
    REVOKE_TOKEN = "DELETE FROM initial_access_token WHERE id = $1";
    FORGET_TOKENS = "DELETE FROM initial_access_token WHERE expires_at < $1 OR uses_left = 0";

    ADD = "INSERT INTO self_registration (client_id, token_digest, registered_at) VALUES ($1, $2, $3)";
    TOKEN_OF = "SELECT token_digest FROM self_registration WHERE client_id = $1";
    COUNT = "SELECT COUNT(*) AS number FROM self_registration";
    REMOVE = "DELETE FROM self_registration WHERE client_id = $1";
    UNUSED = "SELECT c.client_id FROM self_registration s JOIN client c ON c.id = s.client_id \
              WHERE s.registered_at < $1 AND c.removed_at IS NULL \
              AND NOT EXISTS (SELECT 1 FROM application_use u WHERE u.client_id = s.client_id AND u.last_used_at >= $1) \
              AND NOT EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = s.client_id AND g.created_at >= $1) \
              ORDER BY s.registered_at LIMIT $2";
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: String,
    note: String,
    uses_left: i64,
    expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct DigestRow {
    token_digest: String,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct ClientRow {
    client_id: String,
}

/// An initial access token, without itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialToken {
    /// Its id.
    pub id: TokenId,
    /// For whom it was made.
    pub note: String,
    /// How many applications it still registers.
    pub uses_left: i64,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Adds an initial access token.
pub async fn add_token(
    tx: &mut Tx,
    token: &InitialToken,
    digest: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    let args = args![token.id, digest, &token.note, token.uses_left, now, token.expires_at];
    tx.write(ADD_TOKEN, &args).await.map(|_| ())
}

/// Whether an initial access token is good, without using it.
pub async fn is_good(db: &Db, digest: &str, now: Timestamp) -> Result<bool, StorageError> {
    Ok(db.find::<TokenRow>(IS_GOOD, &args![digest, now]).await?.is_some())
}

/// Uses an initial access token once; tells whether it was good.
pub async fn use_token(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(USE_TOKEN, &args![digest, now]).await? == 1)
}

/// The initial access tokens that are good, the oldest first.
pub async fn tokens(db: &Db, now: Timestamp) -> Result<Vec<InitialToken>, StorageError> {
    let rows = db.all::<TokenRow>(TOKENS, &args![now]).await?;
    let token = |row: TokenRow| {
        Ok(InitialToken {
            id: row.id.parse().map_err(|_| StorageError::corrupt("initial_access_token", "id", &row.id))?,
            note: row.note,
            uses_left: row.uses_left,
            expires_at: Timestamp::from_micros(row.expires_at),
        })
    };
    rows.into_iter().map(token).collect()
}

/// Takes an initial access token back; tells whether it was there.
pub async fn revoke_token(tx: &mut Tx, id: TokenId) -> Result<bool, StorageError> {
    Ok(tx.write(REVOKE_TOKEN, &args![id]).await? == 1)
}

/// Forgets initial access tokens that register nothing any more; tells how many.
pub async fn forget_tokens(db: &Db, now: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET_TOKENS, &args![now]).await
}

/// Notes that an application registered itself.
pub async fn add(
    tx: &mut Tx,
    client: ClientRowId,
    token_digest: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.write(ADD, &args![client, token_digest, now]).await.map(|_| ())
}

/// The digest of an application's registration access token, if it registered itself.
pub async fn token_of(db: &Db, client: ClientRowId) -> Result<Option<String>, StorageError> {
    Ok(db.find::<DigestRow>(TOKEN_OF, &args![client]).await?.map(|row| row.token_digest))
}

/// How many applications that registered themselves are there.
pub async fn count(tx: &mut Tx) -> Result<i64, StorageError> {
    Ok(tx.one::<CountRow>(COUNT, &[]).await?.number)
}

/// Forgets that an application registered itself, because it is removed.
pub async fn remove(tx: &mut Tx, client: ClientRowId) -> Result<(), StorageError> {
    tx.write(REMOVE, &args![client]).await.map(|_| ())
}

/// The `client_id`s of those that registered themselves before a moment and were not used since, the oldest first.
pub async fn unused(db: &Db, since: Timestamp, limit: i64) -> Result<Vec<String>, StorageError> {
    let rows = db.all::<ClientRow>(UNUSED, &args![since, limit]).await?;
    Ok(rows.into_iter().map(|row| row.client_id).collect())
}
