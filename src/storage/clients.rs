//! Registered applications.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::ClientRowId;
use crate::domain::oauth::client::{Client, ClientId, ClientKind};
use crate::domain::oauth::metadata::Metadata;
use crate::domain::oauth::redirect::RedirectUri;
use crate::domain::oauth::scope::Scopes;
use crate::domain::timestamp::Timestamp;

/// The columns of an application, from the rows that the rest of the statement chooses.
macro_rules! client {
    ($rest:literal) => {
        concat!(
            "SELECT id, client_id, name, kind, secret_digest, redirect_uris, post_logout_redirect_uris, home, ",
            "scopes, legacy, id_token_claims, backchannel_logout_uri, metadata, created_at, disabled_at, version ",
            "FROM client ",
            $rest
        )
    };
}

statements! {
    BY_CLIENT_ID = client!("WHERE client_id = $1 AND removed_at IS NULL AND disabled_at IS NULL");
    BY_ID = client!("WHERE id = $1 AND removed_at IS NULL AND disabled_at IS NULL");
    ANY_BY_CLIENT_ID = client!("WHERE client_id = $1 AND removed_at IS NULL");
    ANY_BY_ID = client!("WHERE id = $1 AND removed_at IS NULL");
    KNOWN_BY_ID = client!("WHERE id = $1");
    EVERY = client!("WHERE removed_at IS NULL ORDER BY id");
    // What people can be led to: with a page of its own, looked at by the city, and not stopped.
    SHOWN = client!("WHERE removed_at IS NULL AND disabled_at IS NULL AND (home IS NOT NULL OR metadata LIKE '%initiate_login_uri%') \
                     AND metadata NOT LIKE '%self_registered%' ORDER BY name, id");
    // The address itself is in the JSON.
    WITH_LOGO = client!("WHERE removed_at IS NULL AND disabled_at IS NULL AND metadata LIKE '%logo_uri%' ORDER BY id");
    INSERT = "INSERT INTO client (id, client_id, name, kind, secret_digest, redirect_uris, post_logout_redirect_uris, \
              home, scopes, legacy, id_token_claims, backchannel_logout_uri, metadata, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    UPDATE = "UPDATE client SET name = $2, kind = $3, secret_digest = $4, redirect_uris = $5, \
              post_logout_redirect_uris = $6, home = $7, scopes = $8, legacy = $9, id_token_claims = $10, \
              backchannel_logout_uri = $11, metadata = $12, version = version + 1 \
              WHERE id = $1 AND removed_at IS NULL AND version = $13";
    SET_DISABLED = "UPDATE client SET disabled_at = $3, version = version + 1 \
                    WHERE id = $1 AND removed_at IS NULL AND version = $2";
    // Waits for whoever stops it or removes it in this moment, and lets them wait.
    TAKE_RUNNING = "UPDATE client SET version = version \
                    WHERE id = $1 AND removed_at IS NULL AND disabled_at IS NULL";
    REMOVE = "UPDATE client SET removed_at = $3, secret_digest = NULL, version = version + 1 \
              WHERE id = $1 AND removed_at IS NULL AND version = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    client_id: String,
    name: String,
    kind: String,
    secret_digest: Option<String>,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    home: Option<String>,
    scopes: String,
    legacy: bool,
    id_token_claims: bool,
    backchannel_logout_uri: Option<String>,
    metadata: String,
    created_at: i64,
    disabled_at: Option<i64>,
    version: i64,
}

/// The application with this name in the protocol, unless it is stopped.
pub async fn by_client_id(db: &Db, client_id: &str) -> Result<Option<Client>, StorageError> {
    db.find::<Row>(BY_CLIENT_ID, &args![client_id]).await?.map(client).transpose()
}

/// The application with this name in the protocol, stopped or not.
pub async fn any_by_client_id(db: &Db, client_id: &str) -> Result<Option<Client>, StorageError> {
    db.find::<Row>(ANY_BY_CLIENT_ID, &args![client_id]).await?.map(client).transpose()
}

/// The application of this row, stopped or not.
pub async fn any_by_id(db: &Db, id: ClientRowId) -> Result<Option<Client>, StorageError> {
    db.find::<Row>(ANY_BY_ID, &args![id]).await?.map(client).transpose()
}

/// The application of this row, stopped or not, also one that is removed: for what it is told afterwards.
pub async fn known_by_id(db: &Db, id: ClientRowId) -> Result<Option<Client>, StorageError> {
    db.find::<Row>(KNOWN_BY_ID, &args![id]).await?.map(client).transpose()
}

/// The application of this row, unless it is stopped.
pub async fn by_id(db: &Db, id: ClientRowId) -> Result<Option<Client>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(client).transpose()
}

/// All applications, the oldest first.
pub async fn every(db: &Db) -> Result<Vec<Client>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(client).collect()
}

/// The same within a transaction.
pub async fn every_in(tx: &mut Tx) -> Result<Vec<Client>, StorageError> {
    tx.all::<Row>(EVERY, &[]).await?.into_iter().map(client).collect()
}

/// The applications that have a page to be led to and did not register themselves, by name.
pub async fn shown(db: &Db) -> Result<Vec<Client>, StorageError> {
    db.all::<Row>(SHOWN, &[]).await?.into_iter().map(client).collect()
}

/// The running applications that name a logo, the oldest first; among them may be some that do not.
pub async fn with_logo(db: &Db) -> Result<Vec<Client>, StorageError> {
    db.all::<Row>(WITH_LOGO, &[]).await?.into_iter().map(client).collect()
}

/// Adds an application.
pub async fn insert(tx: &mut Tx, client: &Client) -> Result<(), StorageError> {
    tx.write(
        INSERT,
        &args![
            client.id,
            client.client_id.as_str(),
            &client.name,
            client.kind.code(),
            &client.secret_digest,
            lines(&client.redirect_uris),
            lines(&client.post_logout_redirect_uris),
            &client.home,
            client.scopes.to_string(),
            client.legacy,
            client.id_token_claims,
            &client.backchannel_logout_uri,
            client.metadata.to_json(),
            client.created_at,
        ],
    )
    .await
    .map(|_| ())
}

/// Writes everything of an application that can change; tells whether it is there as it was `before`, so that nobody
/// brings an old secret back, or writes over what somebody else has changed.
pub async fn update(tx: &mut Tx, before: &Client, client: &Client) -> Result<bool, StorageError> {
    let args = args![
        client.id,
        &client.name,
        client.kind.code(),
        &client.secret_digest,
        lines(&client.redirect_uris),
        lines(&client.post_logout_redirect_uris),
        &client.home,
        client.scopes.to_string(),
        client.legacy,
        client.id_token_claims,
        &client.backchannel_logout_uri,
        client.metadata.to_json(),
        before.version,
    ];
    Ok(tx.write(UPDATE, &args).await? == 1)
}

/// Stops an application, or lets it run again; tells whether it is there in this version.
pub async fn set_disabled(
    tx: &mut Tx,
    id: ClientRowId,
    version: i64,
    disabled_at: Option<Timestamp>,
) -> Result<bool, StorageError> {
    Ok(tx.write(SET_DISABLED, &args![id, version, disabled_at]).await? == 1)
}

/// Takes an application's row until the transaction ends, so that it cannot be stopped or removed meanwhile; tells
/// whether it runs. Call it after the grant is added and just before the line of the audit, so that two who enter it wait
/// no longer for each other than at the head of the chain.
pub async fn take_running(tx: &mut Tx, id: ClientRowId) -> Result<bool, StorageError> {
    Ok(tx.write(TAKE_RUNNING, &args![id]).await? == 1)
}

/// Removes an application; tells whether it was there in this version.
pub async fn remove(
    tx: &mut Tx,
    id: ClientRowId,
    version: i64,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(REMOVE, &args![id, version, now]).await? == 1)
}

fn lines(uris: &[RedirectUri]) -> String {
    uris.iter().map(RedirectUri::as_str).collect::<Vec<_>>().join("\n")
}

fn uris(lines: &str) -> Vec<RedirectUri> {
    lines.lines().map(|line| RedirectUri::stored(line.to_owned())).collect()
}

fn client(row: Row) -> Result<Client, StorageError> {
    let bad = |column| StorageError::corrupt("client", column, &row.id);
    Ok(Client {
        id: row.id.parse().map_err(|_| bad("id"))?,
        kind: ClientKind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        client_id: ClientId::stored(row.client_id),
        name: row.name,
        secret_digest: row.secret_digest,
        redirect_uris: uris(&row.redirect_uris),
        post_logout_redirect_uris: uris(&row.post_logout_redirect_uris),
        home: row.home,
        scopes: Scopes::parse(&row.scopes),
        legacy: row.legacy,
        id_token_claims: row.id_token_claims,
        backchannel_logout_uri: row.backchannel_logout_uri,
        metadata: Metadata::from_json(&row.metadata).ok_or_else(|| bad("metadata"))?,
        created_at: Timestamp::from_micros(row.created_at),
        disabled_at: row.disabled_at.map(Timestamp::from_micros),
        version: row.version,
    })
}
