//! Requests for a second person.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::approval::{Approval, Deed, Matter, Stage};
use crate::domain::id::{AccountId, ApprovalId};
use crate::domain::timestamp::Timestamp;

/// The columns of a request, from the rows that the rest of the statement chooses.
macro_rules! approval {
    ($rest:literal) => {
        concat!(
            "SELECT id, matter, content, preview, path, form, asked_by, asked_at, why, expires_at, state, decided_by, ",
            "decided_at, decided_why FROM approval ",
            $rest
        )
    };
}

statements! {
    ADD = "INSERT INTO approval (id, matter, content, preview, path, form, asked_by, asked_at, why, expires_at, state) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting')";
    OPEN = approval!("WHERE state IN ('waiting', 'approved') AND expires_at > $1 ORDER BY asked_at, id LIMIT 200");
    LATEST = approval!("ORDER BY asked_at DESC, id DESC LIMIT $1");
    BY_ID = approval!("WHERE id = $1");
    DECIDE = "UPDATE approval SET state = $2, decided_by = $3, decided_at = $4, decided_why = $5, expires_at = $6 \
              WHERE id = $1 AND state = 'waiting' AND expires_at > $4 AND asked_by <> $3";
    WITHDRAW = "UPDATE approval SET state = 'withdrawn' WHERE id = $1 AND asked_by = $2 AND state IN ('waiting', 'approved')";
    USE_UP = "UPDATE approval SET state = 'done' WHERE id = $1 AND state = 'approved' AND expires_at > $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    matter: String,
    content: String,
    preview: String,
    path: String,
    form: String,
    asked_by: String,
    asked_at: i64,
    why: String,
    expires_at: i64,
    state: String,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    decided_why: Option<String>,
}

/// Adds a request that waits.
pub async fn add(tx: &mut Tx, one: &Approval) -> Result<(), StorageError> {
    let form = serde_json::to_string(&one.form).unwrap_or_default();
    let args = args![
        one.id,
        one.deed.matter.code(),
        &one.deed.content,
        one.deed.preview.join("\n"),
        &one.path,
        form,
        one.asked_by,
        one.asked_at,
        &one.why,
        one.expires_at,
    ];
    tx.write(ADD, &args).await.map(|_| ())
}

/// The requests that wait or were approved and not carried out, the oldest first.
pub async fn open(db: &Db, now: Timestamp) -> Result<Vec<Approval>, StorageError> {
    db.all::<Row>(OPEN, &args![now]).await?.iter().map(approval).collect()
}

/// The latest requests, newest first.
pub async fn latest(db: &Db, limit: i64) -> Result<Vec<Approval>, StorageError> {
    db.all::<Row>(LATEST, &args![limit]).await?.iter().map(approval).collect()
}

/// The request with this id.
pub async fn by_id(db: &Db, id: ApprovalId) -> Result<Option<Approval>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.as_ref().map(approval).transpose()
}

/// Decides on a request that waits; whoever asked cannot. Tells whether it waited.
pub async fn decide(
    tx: &mut Tx,
    id: ApprovalId,
    to: Stage,
    (by, at, why): (AccountId, Timestamp, &str),
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(DECIDE, &args![id, to.code(), by, at, why, expires_at]).await? == 1)
}

/// Takes an own request back; tells whether it was open.
pub async fn withdraw(tx: &mut Tx, id: ApprovalId, by: AccountId) -> Result<bool, StorageError> {
    Ok(tx.write(WITHDRAW, &args![id, by]).await? == 1)
}

/// Uses an approval up; tells whether it was good. Of many hands at once, one gets `true`.
pub async fn use_up(tx: &mut Tx, id: ApprovalId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(USE_UP, &args![id, now]).await? == 1)
}

fn approval(row: &Row) -> Result<Approval, StorageError> {
    let bad = |column| StorageError::corrupt("approval", column, row.id.clone());
    let account = |text: &str, column| text.parse::<AccountId>().map_err(|_| bad(column));
    let decided = match (row.decided_by.as_deref(), row.decided_at) {
        (Some(by), Some(at)) => Some((
            account(by, "decided_by")?,
            Timestamp::from_micros(at),
            row.decided_why.clone().unwrap_or_default(),
        )),
        _ => None,
    };
    Ok(Approval {
        id: row.id.parse().map_err(|_| bad("id"))?,
        deed: Deed {
            matter: Matter::from_code(&row.matter).ok_or_else(|| bad("matter"))?,
            content: row.content.clone(),
            preview: row.preview.lines().map(str::to_owned).collect(),
        },
        path: row.path.clone(),
        form: serde_json::from_str(&row.form).map_err(|_| bad("form"))?,
        asked_by: account(&row.asked_by, "asked_by")?,
        asked_at: Timestamp::from_micros(row.asked_at),
        why: row.why.clone(),
        expires_at: Timestamp::from_micros(row.expires_at),
        stage: Stage::from_code(&row.state).ok_or_else(|| bad("state"))?,
        decided,
    })
}
