//! Access and refresh tokens, by their digests. Refresh tokens are used by compare and swap.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{FamilyId, TokenId};
use crate::domain::oauth::binding::Binding;
use crate::domain::oauth::grant::{Token, TokenKind};
use crate::domain::oauth::scope::Scopes;
use crate::domain::timestamp::Timestamp;

statements! {
    INSERT = "INSERT INTO token (id, grant_id, kind, digest, scopes, issued_at, expires_at, jkt, x5t) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    BY_DIGEST = "SELECT id, grant_id, kind, scopes, expires_at, used_at, jkt, x5t FROM token WHERE digest = $1 AND revoked_at IS NULL";
    USE = "UPDATE token SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL RETURNING id";
    PROLONG = "UPDATE token SET expires_at = $2 WHERE id = $1 AND expires_at < $2";
    REVOKE = "UPDATE token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    FORGET = "DELETE FROM token WHERE expires_at < $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    grant_id: String,
    kind: String,
    scopes: String,
    expires_at: i64,
    used_at: Option<i64>,
    jkt: Option<String>,
    x5t: Option<String>,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    #[expect(dead_code, reason = "its presence is the answer")]
    id: String,
}

/// Adds a token of a grant.
pub async fn insert(
    tx: &mut Tx,
    token: &Token,
    grant: FamilyId,
    digest: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    let (scopes, bound) = (token.scopes.to_string(), &token.binding);
    let args = args![
        token.id,
        grant,
        token.kind.code(),
        digest,
        scopes,
        now,
        token.expires_at,
        &bound.jkt,
        &bound.x5t
    ];
    tx.write(INSERT, &args).await.map(|_| ())
}

/// The token with this digest and its grant, unless it was given back; also a used one, so that a replay is seen.
pub async fn by_digest(db: &Db, digest: &str) -> Result<Option<(Token, FamilyId)>, StorageError> {
    let Some(row) = db.find::<Row>(BY_DIGEST, &args![digest]).await? else { return Ok(None) };
    let bad = |column| StorageError::corrupt("token", column, &row.id);
    let token = Token {
        id: row.id.parse().map_err(|_| bad("id"))?,
        kind: TokenKind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        scopes: Scopes::parse(&row.scopes),
        expires_at: Timestamp::from_micros(row.expires_at),
        used_at: row.used_at.map(Timestamp::from_micros),
        binding: Binding { jkt: row.jkt, x5t: row.x5t },
    };
    let grant = row.grant_id.parse().map_err(|_| bad("grant_id"))?;
    Ok(Some((token, grant)))
}

/// Uses a refresh token; tells whether it was unused.
pub async fn take(tx: &mut Tx, id: TokenId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.find::<IdRow>(USE, &args![id, now]).await?.is_some())
}

/// Lets a refresh token that stays live on after a use.
pub async fn prolong(tx: &mut Tx, id: TokenId, until: Timestamp) -> Result<(), StorageError> {
    tx.write(PROLONG, &args![id, until]).await.map(|_| ())
}

/// Revokes one token; tells whether it was good.
pub async fn revoke(tx: &mut Tx, id: TokenId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(REVOKE, &args![id, now]).await? == 1)
}

/// Forgets tokens that expired long ago; tells how many.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, StorageError> {
    db.write(FORGET, &args![before]).await
}
