//! What a mail system keeps of its mailboxes outside its directory, as last read.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::{Beside, Cap, Forward, ForwardSource, Watched};
use serde::{Deserialize, Serialize};

statements! {
    EVERY = "SELECT login, body FROM beside_entry WHERE system = $1";
    PUT = "INSERT INTO beside_entry (system, login, body) VALUES ($1, $2, $3) \
           ON CONFLICT (system, login) DO UPDATE SET body = excluded.body";
    DELETE = "DELETE FROM beside_entry WHERE system = $1 AND login = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    login: String,
    body: String,
}

#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    forwards: Vec<(String, bool, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quota: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(default)]
    archived: bool,
}

/// What is known of a login, as it is written down: equal texts are equal facts.
pub fn written(beside: &Beside) -> String {
    let forward = |f: &Forward| (f.to.clone(), f.keeps_copy, f.source.code().to_owned());
    let body = Body {
        forwards: beside.watched.forwards.iter().map(forward).collect(),
        quota: beside.watched.quota.map(Cap::code),
        used_at: beside.last_used_at.map(Timestamp::micros),
        external_id: beside.external_id.clone(),
        archived: beside.is_archived,
    };
    // Strings, numbers and booleans always have a JSON form.
    serde_json::to_string(&body).unwrap_or_default()
}

/// Reads what [`written`] writes.
pub fn read(login: &str, body: &str) -> Result<Beside, StorageError> {
    let bad = |_| StorageError::corrupt("beside_entry", "body", login.to_owned());
    let body: Body = serde_json::from_str(body).map_err(bad)?;
    let forward = |(to, keeps_copy, source): (String, bool, String)| {
        ForwardSource::from_code(&source).map(|source| Forward { to, keeps_copy, source })
    };
    Ok(Beside {
        login: login.to_owned(),
        watched: Watched {
            forwards: body.forwards.into_iter().filter_map(forward).collect(),
            quota: body.quota.map(Cap::from_code),
            message: None,
        },
        last_used_at: body.used_at.map(Timestamp::from_micros),
        external_id: body.external_id,
        is_archived: body.archived,
    })
}

/// Every login of a mail system with what was written down of it.
pub async fn every(db: &Db, system: MailSystem) -> Result<Vec<(String, String)>, StorageError> {
    let rows: Vec<Row> = db.all(EVERY, &args![system.code()]).await?;
    Ok(rows.into_iter().map(|row| (row.login, row.body)).collect())
}

/// Writes down what is known of logins, each at most once.
pub async fn put(tx: &mut Tx, system: MailSystem, all: &[(&str, String)]) -> Result<(), StorageError> {
    let row = |(login, body): &(&str, String)| args![system.code(), *login, body].to_vec();
    tx.write_rows(PUT, all.iter().map(row).collect()).await
}

/// Forgets a login that is there no more.
pub async fn delete(tx: &mut Tx, system: MailSystem, login: &str) -> Result<(), StorageError> {
    tx.write(DELETE, &args![system.code(), login]).await.map(|_| ())
}
