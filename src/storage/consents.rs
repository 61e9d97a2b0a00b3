//! What people have agreed that applications learn of them.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, ClientRowId};
use crate::domain::oauth::consent::Agreed;
use crate::domain::oauth::scope::Scopes;
use crate::domain::timestamp::Timestamp;

statements! {
    OF = "SELECT scopes, claims FROM consent WHERE account_id = $1 AND client_id = $2";
    OF_ACCOUNT = "SELECT client.client_id, client.name, consent.scopes, consent.claims, consent.given_at FROM consent \
                  JOIN client ON client.id = consent.client_id WHERE consent.account_id = $1 \
                  AND client.removed_at IS NULL ORDER BY consent.given_at DESC, client.client_id";
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

#[derive(sqlx::FromRow)]
struct GivenRow {
    client_id: String,
    name: String,
    scopes: String,
    claims: String,
    given_at: i64,
}

/// What was agreed for one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The application, in the protocol.
    pub client_id: String,
    /// Its name for people.
    pub name: String,
    /// What was agreed.
    pub agreed: Agreed,
    /// When.
    pub given_at: Timestamp,
}

/// Everything that an account's holder has agreed to, the newest first.
pub async fn of_account(db: &Db, account: AccountId) -> Result<Vec<Given>, StorageError> {
    let rows: Vec<GivenRow> = db.all(OF_ACCOUNT, &args![account]).await?;
    let given = rows.into_iter().map(|row| Given {
        agreed: agreed(&Row { scopes: row.scopes, claims: row.claims }),
        client_id: row.client_id,
        name: row.name,
        given_at: Timestamp::from_micros(row.given_at),
    });
    Ok(given.collect())
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
