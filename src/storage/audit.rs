//! The audit: append only, each line's hash covers the line before.

use super::audit_archive::{self, Anchor};
use super::db::{args, statements};
use super::{Db, StorageError, Tx, hour_counts};
use crate::domain::audit::{Act, Entry};
use crate::domain::audit_record::{Record, hex};
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;
use aws_lc_rs::digest::{Context, SHA256};

statements! {
    TAKE_HEAD = "UPDATE audit_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, hash";
    FIRST_HEAD = "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING";
    SET_HEAD = "UPDATE audit_head SET hash = $1 WHERE id = 1";
    APPEND = "INSERT INTO audit (seq, at, actor_kind, actor, act, account_id, subject, agency_id, before, after, why, \
              source, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    OF_ACCOUNT = "SELECT seq, at, actor_kind, actor, act, subject, before, after, why, source FROM audit \
                  WHERE account_id = $1 ORDER BY seq DESC LIMIT $2";
    FORWARDS = "SELECT seq, at, actor_kind, actor, act, subject, before, after, why, source FROM audit \
                WHERE account_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    BACKWARDS = "SELECT seq, at, actor_kind, actor, act, subject, before, after, why, source FROM audit \
                 WHERE account_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    SOURCES = "SELECT DISTINCT source FROM audit WHERE account_id = $1 AND act = $2 AND at >= $3 \
               AND source IS NOT NULL ORDER BY source LIMIT 20";
    LAST = "SELECT MAX(at) AS at FROM audit";
}

#[derive(sqlx::FromRow)]
struct Head {
    seq: i64,
    hash: Vec<u8>,
}

/// A line as the history of an account shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its place in the chain.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// The kind of actor.
    pub actor_kind: String,
    /// The actor's name, if it has one.
    pub actor: String,
    /// What.
    pub act: Act,
    /// Whom or what.
    pub subject: String,
    /// Before.
    pub before: Option<String>,
    /// After, or the detail.
    pub after: Option<String>,
    /// The reason given.
    pub why: Option<String>,
    /// From where.
    pub source: Option<String>,
}

/// Appends lines within the transaction of the change they record. Call it last: the head of the chain stays taken
/// until the transaction ends.
pub async fn append(tx: &mut Tx, entries: &[Entry]) -> Result<(), StorageError> {
    if entries.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let head = if let Some(head) = tx.find::<Head>(TAKE_HEAD, &args![count]).await? {
        head
    } else {
        tx.write(FIRST_HEAD, &args![vec![0_u8; 32]]).await?;
        tx.one(TAKE_HEAD, &args![count]).await?
    };
    let mut hash = head.hash;
    let mut rows = Vec::with_capacity(entries.len());
    for (seq, entry) in (head.seq - count + 1..).zip(entries) {
        hash = chained(&hash, &entry.canonical(seq));
        let row = args![
            seq,
            entry.at,
            entry.actor.kind(),
            entry.actor.name(),
            entry.act.code(),
            entry.account_id,
            &entry.subject,
            entry.agency_id,
            &entry.before,
            &entry.after,
            &entry.why,
            &entry.source,
            hash.as_slice(),
        ];
        rows.push(row.to_vec());
    }
    hour_counts::count(tx, entries).await?;
    tx.write_rows(APPEND, rows).await?;
    tx.write(SET_HEAD, &args![hash]).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct LineRow {
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) actor_kind: String,
    pub(super) actor: String,
    pub(super) act: String,
    pub(super) subject: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) why: Option<String>,
    pub(super) source: Option<String>,
}

/// The newest lines about an account, newest first.
pub async fn of_account(db: &Db, account_id: AccountId, limit: i64) -> Result<Vec<Line>, StorageError> {
    let rows: Vec<LineRow> = db.all(OF_ACCOUNT, &args![account_id, limit]).await?;
    rows.into_iter().map(line).collect()
}

/// Lines about an account in the order of the chain, after a place in it.
pub async fn of_account_after(
    db: &Db,
    account_id: AccountId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Line>, StorageError> {
    let rows: Vec<LineRow> = db.all(FORWARDS, &args![account_id, seq, limit]).await?;
    rows.into_iter().map(line).collect()
}

/// Lines about an account against the order of the chain, before a place in it.
pub async fn of_account_before(
    db: &Db,
    account_id: AccountId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Line>, StorageError> {
    let rows: Vec<LineRow> = db.all(BACKWARDS, &args![account_id, seq, limit]).await?;
    rows.into_iter().map(line).collect()
}

pub(super) fn line(row: LineRow) -> Result<Line, StorageError> {
    let act =
        Act::from_code(&row.act).ok_or_else(|| StorageError::corrupt("audit", "act", row.seq.to_string()))?;
    Ok(Line {
        seq: row.seq,
        at: Timestamp::from_micros(row.at),
        actor_kind: row.actor_kind,
        actor: row.actor,
        act,
        subject: row.subject,
        before: row.before,
        after: row.after,
        why: row.why,
        source: row.source,
    })
}

#[derive(sqlx::FromRow)]
struct SourceRow {
    source: String,
}

/// From where an account saw an act since a moment; at most twenty.
pub async fn sources(
    db: &Db,
    account_id: AccountId,
    act: Act,
    since: Timestamp,
) -> Result<Vec<String>, StorageError> {
    let rows: Vec<SourceRow> = db.all(SOURCES, &args![account_id, act.code(), since]).await?;
    Ok(rows.into_iter().map(|row| row.source).collect())
}

#[derive(sqlx::FromRow)]
struct LastRow {
    at: Option<i64>,
}

/// When the newest line was written.
pub async fn last_at(db: &Db) -> Result<Option<Timestamp>, StorageError> {
    Ok(db.one::<LastRow>(LAST, &[]).await?.at.map(Timestamp::from_micros))
}

/// Walks the chain from where it begins in the database to its end, as the writers keep it. Returns the number of the
/// newest line, or the number of the first line that does not follow from the one before, or is missing at the end.
pub async fn verify(db: &Db) -> Result<Result<i64, i64>, StorageError> {
    let end = audit_archive::head(db).await?;
    let mut at = audit_archive::anchor(db).await?;
    loop {
        let records = audit_archive::after(db, at.seq, i64::MAX, 1_000).await?;
        if records.is_empty() {
            return Ok(if at.seq < end.seq { Err(at.seq + 1) } else { Ok(at.seq) });
        }
        for record in records {
            let Some(hash) = follows(&at.hash, at.seq, &record) else {
                // Lines may have moved into the archive meanwhile.
                let anchor = audit_archive::anchor(db).await?;
                if anchor.seq > at.seq {
                    at = anchor;
                    break;
                }
                return Ok(Err(at.seq + 1));
            };
            at = Anchor { seq: record.seq, hash };
            if at.seq == end.seq && at.hash != end.hash {
                return Ok(Err(at.seq));
            }
        }
    }
}

/// The hash of a line, if it follows from the one before.
pub fn follows(hash: &[u8], seq: i64, record: &Record) -> Option<Vec<u8>> {
    let expected = chained(hash, &record.canonical());
    (record.seq == seq + 1 && record.hash == hex(&expected)).then_some(expected)
}

fn chained(previous: &[u8], line: &[u8]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(previous);
    context.update(line);
    context.finish().as_ref().to_vec()
}
