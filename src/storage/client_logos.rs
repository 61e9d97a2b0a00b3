//! The logos of applications, as the house has fetched them.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::ClientRowId;
use crate::domain::oauth::logo::Picture;
use crate::domain::timestamp::Timestamp;

statements! {
    STATES = "SELECT client_row, uri, due_at, failures, error FROM client_logo ORDER BY client_row";
    STATE = "SELECT client_row, uri, due_at, failures, error FROM client_logo WHERE client_row = $1";
    KEPT = "SELECT client_row, uri, media, bytes, version FROM client_logo WHERE client_row = $1 AND media <> ''";
    SMALL = "SELECT client_row, uri, media, bytes, version FROM client_logo \
             WHERE media <> '' AND length(bytes) <= $1 ORDER BY client_row";
    PUT = "INSERT INTO client_logo (client_row, uri, media, bytes, version, fetched_at, due_at, failures) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, 0) \
           ON CONFLICT (client_row) DO UPDATE SET uri = excluded.uri, media = excluded.media, \
           bytes = excluded.bytes, version = excluded.version, fetched_at = excluded.fetched_at, \
           due_at = excluded.due_at, failures = 0, error = NULL";
    // What was read at the same address stays.
    FAILED = "INSERT INTO client_logo (client_row, uri, media, bytes, version, due_at, failures, error) \
              VALUES ($1, $2, '', $3, '', $4, $5, $6) \
              ON CONFLICT (client_row) DO UPDATE SET uri = excluded.uri, \
              media = CASE WHEN client_logo.uri = excluded.uri THEN client_logo.media ELSE excluded.media END, \
              bytes = CASE WHEN client_logo.uri = excluded.uri THEN client_logo.bytes ELSE excluded.bytes END, \
              version = CASE WHEN client_logo.uri = excluded.uri THEN client_logo.version ELSE excluded.version END, \
              due_at = excluded.due_at, failures = excluded.failures, error = excluded.error";
    REMOVE = "DELETE FROM client_logo WHERE client_row = $1";
}

/// A logo that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whose.
    pub client: ClientRowId,
    /// From where.
    pub uri: String,
    /// What it is.
    pub picture: Picture,
    /// The picture.
    pub bytes: Vec<u8>,
    /// Changes with the bytes.
    pub version: String,
}

/// When an address of a logo is asked next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Whose.
    pub client: ClientRowId,
    /// The address.
    pub uri: String,
    /// When it is asked next.
    pub due_at: Timestamp,
    /// How often in a row it gave nothing.
    pub failures: i64,
    /// Why it gave nothing the last time.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct KeptRow {
    client_row: String,
    uri: String,
    media: String,
    bytes: Vec<u8>,
    version: String,
}

#[derive(sqlx::FromRow)]
struct StateRow {
    client_row: String,
    uri: String,
    due_at: i64,
    failures: i64,
    error: Option<String>,
}

/// When each address is asked next.
pub async fn states(db: &Db) -> Result<Vec<State>, StorageError> {
    db.all::<StateRow>(STATES, &[]).await?.into_iter().map(state).collect()
}

/// When the address of one application's logo is asked next.
pub async fn state_of(db: &Db, client: ClientRowId) -> Result<Option<State>, StorageError> {
    db.find::<StateRow>(STATE, &args![client]).await?.map(state).transpose()
}

/// The logo of an application, if one is kept.
pub async fn of(db: &Db, client: ClientRowId) -> Result<Option<Kept>, StorageError> {
    db.find::<KeptRow>(KEPT, &args![client]).await?.map(kept).transpose()
}

/// The logos of at most so many bytes.
pub async fn small(db: &Db, most: i64) -> Result<Vec<Kept>, StorageError> {
    db.all::<KeptRow>(SMALL, &args![most]).await?.into_iter().map(kept).collect()
}

/// Keeps what was read; asks for it again at `due_at`.
pub async fn put(db: &Db, logo: &Kept, now: Timestamp, due_at: Timestamp) -> Result<(), StorageError> {
    let args = args![
        logo.client,
        &logo.uri,
        logo.picture.media(),
        logo.bytes.as_slice(),
        &logo.version,
        now,
        due_at
    ];
    db.write(PUT, &args).await.map(|_| ())
}

/// Notes that an address gave nothing.
pub async fn failed(db: &Db, state: &State) -> Result<(), StorageError> {
    let args = args![state.client, &state.uri, Vec::<u8>::new(), state.due_at, state.failures, &state.error];
    db.write(FAILED, &args).await.map(|_| ())
}

/// Forgets the logo of an application.
pub async fn remove(tx: &mut Tx, client: ClientRowId) -> Result<(), StorageError> {
    tx.write(REMOVE, &args![client]).await.map(|_| ())
}

fn kept(row: KeptRow) -> Result<Kept, StorageError> {
    let bad = |column| StorageError::corrupt("client_logo", column, &row.client_row);
    Ok(Kept {
        client: row.client_row.parse().map_err(|_| bad("client_row"))?,
        picture: Picture::from_media(&row.media).ok_or_else(|| bad("media"))?,
        uri: row.uri,
        bytes: row.bytes,
        version: row.version,
    })
}

fn state(row: StateRow) -> Result<State, StorageError> {
    let bad = |column| StorageError::corrupt("client_logo", column, &row.client_row);
    Ok(State {
        client: row.client_row.parse().map_err(|_| bad("client_row"))?,
        uri: row.uri,
        due_at: Timestamp::from_micros(row.due_at),
        failures: row.failures,
        error: row.error,
    })
}
