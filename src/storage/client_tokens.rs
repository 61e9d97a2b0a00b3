//! Access tokens that applications were given in their own name, by their digests.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::ClientRowId;
use crate::domain::oauth::binding::Binding;
use crate::domain::oauth::grant::ClientToken;
use crate::domain::timestamp::Timestamp;

statements! {
    INSERT = "INSERT INTO client_token (digest, client_id, scope, resource, jkt, issued_at, expires_at, x5t) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    BY_DIGEST = "SELECT client_id, scope, resource, jkt, x5t, issued_at, expires_at FROM client_token \
                 WHERE digest = $1 AND revoked_at IS NULL";
    REVOKE = "UPDATE client_token SET revoked_at = $2 WHERE digest = $1 AND revoked_at IS NULL";
    END_OF_CLIENT = "UPDATE client_token SET revoked_at = $2 WHERE client_id = $1 AND revoked_at IS NULL";
    FORGET = "DELETE FROM client_token WHERE expires_at < $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    client_id: String,
    scope: String,
    resource: Option<String>,
    jkt: Option<String>,
    x5t: Option<String>,
    issued_at: i64,
    expires_at: i64,
}

/// Adds one.
pub async fn insert(db: &Db, token: &ClientToken, digest: &str) -> Result<(), StorageError> {
    let args = args![
        digest,
        token.client,
        &token.scope,
        &token.resource,
        &token.binding.jkt,
        token.issued_at,
        token.expires_at,
        &token.binding.x5t,
    ];
    db.write(INSERT, &args).await.map(|_| ())
}

/// The one with this digest, unless it was given back.
pub async fn by_digest(db: &Db, digest: &str) -> Result<Option<ClientToken>, StorageError> {
    let Some(row) = db.find::<Row>(BY_DIGEST, &args![digest]).await? else { return Ok(None) };
    let client = row.client_id.parse();
    Ok(Some(ClientToken {
        client: client.map_err(|_| StorageError::corrupt("client_token", "client_id", digest))?,
        scope: row.scope,
        resource: row.resource,
        binding: Binding { jkt: row.jkt, x5t: row.x5t },
        issued_at: Timestamp::from_micros(row.issued_at),
        expires_at: Timestamp::from_micros(row.expires_at),
    }))
}

/// Takes one back.
pub async fn revoke(db: &Db, digest: &str, now: Timestamp) -> Result<(), StorageError> {
    db.write(REVOKE, &args![digest, now]).await.map(|_| ())
}

/// Takes back all of an application.
pub async fn end_of_client(tx: &mut Tx, client: ClientRowId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(END_OF_CLIENT, &args![client, now]).await.map(|_| ())
}

/// Forgets those that expired long ago; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
