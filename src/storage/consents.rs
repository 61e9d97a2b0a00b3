//! What people have agreed that applications learn of them.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, ClientRowId};
use crate::domain::oauth::consent::Agreed;
use crate::domain::oauth::scope::Scopes;
use crate::domain::timestamp::Timestamp;

statements! {
    OF = "SELECT scopes, claims FROM consent WHERE account_id = $1 AND client_id = $2";
    PUT = "INSERT INTO consent (account_id, client_id, scopes, claims, given_at) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (account_id, client_id) DO UPDATE SET scopes = excluded.scopes, claims = excluded.claims, \
           given_at = excluded.given_at";
    FORGET = "DELETE FROM consent WHERE account_id = $1 AND client_id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    scopes: String,
    claims: String,
}

/// What an account's holder has agreed to for an application.
pub async fn of(db: &Db, account: AccountId, client: ClientRowId) -> Result<Option<Agreed>, StorageError> {
    Ok(db.find::<Row>(OF, &args![account, client]).await?.as_ref().map(agreed))
}

/// Keeps it in place of what was agreed before.
pub async fn put(
    tx: &mut Tx,
    account: AccountId,
    client: ClientRowId,
    agreed: &Agreed,
    now: Timestamp,
) -> Result<(), StorageError> {
    let claims = agreed.claims.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    tx.write(PUT, &args![account, client, agreed.scopes.to_string(), claims, now]).await.map(|_| ())
}

/// Forgets it; tells whether there was something.
pub async fn forget(tx: &mut Tx, account: AccountId, client: ClientRowId) -> Result<bool, StorageError> {
    Ok(tx.write(FORGET, &args![account, client]).await? == 1)
}

fn agreed(row: &Row) -> Agreed {
    Agreed {
        scopes: Scopes::parse(&row.scopes),
        claims: row.claims.split_ascii_whitespace().map(str::to_owned).collect(),
    }
}
