//! What administrators decided about whose mailbox is whose.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, DecisionId};
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{Decision, Verdict};
use crate::domain::timestamp::Timestamp;

statements! {
    EVERY = "SELECT id, verdict, finding, subject, system, native_id, account_id, former_id, undoes, decided_at, \
             decided_by, why FROM match_decision ORDER BY id";
    OF_ACCOUNT = "SELECT id, verdict, finding, subject, system, native_id, account_id, former_id, undoes, decided_at, \
                  decided_by, why FROM match_decision WHERE account_id = $1 OR former_id = $1 ORDER BY id";
    ADD = "INSERT INTO match_decision (id, verdict, finding, subject, system, native_id, account_id, former_id, \
           undoes, decided_at, decided_by, why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    verdict: String,
    finding: String,
    subject: String,
    system: Option<String>,
    native_id: Option<String>,
    account_id: Option<String>,
    former_id: Option<String>,
    undoes: Option<String>,
    decided_at: i64,
    decided_by: String,
    why: String,
}

/// Every decision, the oldest first, also those that were taken back.
pub async fn every(db: &Db) -> Result<Vec<Decision>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(decision).collect()
}

/// The decisions on mailboxes that were said to be of an account, not to be, or to be no more; the oldest first.
pub async fn of_account(db: &Db, id: AccountId) -> Result<Vec<Decision>, StorageError> {
    db.all::<Row>(OF_ACCOUNT, &args![id]).await?.into_iter().map(decision).collect()
}

/// Adds a decision; a conflict if what it takes back was taken back already.
pub async fn add(tx: &mut Tx, one: &Decision) -> Result<(), StorageError> {
    let system = one.mailbox.as_ref().map(|(system, _)| system.code());
    let native_id = one.mailbox.as_ref().map(|(_, native_id)| native_id.as_str());
    let undoes: Option<DecisionId> = one.undoes;
    let row = args![
        one.id,
        one.verdict.code(),
        &one.finding,
        &one.subject,
        system,
        native_id,
        one.account,
        one.former,
        undoes,
        one.at,
        &one.by,
        &one.why,
    ];
    tx.write(ADD, &row).await.map(|_| ())
}

fn decision(row: Row) -> Result<Decision, StorageError> {
    let bad = |column| StorageError::corrupt("match_decision", column, row.id.clone());
    let mailbox = match (&row.system, &row.native_id) {
        (Some(system), Some(native)) => {
            Some((MailSystem::from_code(system).ok_or_else(|| bad("system"))?, native.clone()))
        }
        _ => None,
    };
    Ok(Decision {
        id: row.id.parse().map_err(|_| bad("id"))?,
        verdict: Verdict::from_code(&row.verdict).ok_or_else(|| bad("verdict"))?,
        mailbox,
        account: row.account_id.as_deref().map(str::parse).transpose().map_err(|_| bad("account_id"))?,
        former: row.former_id.as_deref().map(str::parse).transpose().map_err(|_| bad("former_id"))?,
        undoes: row.undoes.as_deref().map(str::parse).transpose().map_err(|_| bad("undoes"))?,
        at: Timestamp::from_micros(row.decided_at),
        finding: row.finding,
        subject: row.subject,
        by: row.decided_by,
        why: row.why,
    })
}
