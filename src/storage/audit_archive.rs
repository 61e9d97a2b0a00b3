//! Lines that leave the database for the archive, the place in the chain at which they were cut off, and up to where
//! the syslog server has them.

use super::audit_search::{RecordRow, SeqRow};
use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::audit::Act;
use crate::domain::audit_record::Record;
use crate::domain::timestamp::Timestamp;

statements! {
    ANCHOR = "SELECT seq, hash FROM audit_anchor WHERE id = 1";
    MOVE_ANCHOR = "INSERT INTO audit_anchor (id, seq, hash, archived_at) VALUES (1, $1, $2, $3) \
                   ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, \
                   archived_at = excluded.archived_at WHERE audit_anchor.seq < excluded.seq";
    DELETE_UP_TO = "DELETE FROM audit WHERE seq <= $1";
    FIRST_SINCE = "SELECT seq FROM audit WHERE at >= $1 ORDER BY seq LIMIT 1";
    AFTER = "SELECT seq, at, actor_kind, actor, act, account_id, subject, agency_id, before, after, why, source, hash \
             FROM audit WHERE seq > $1 AND seq < $2 ORDER BY seq LIMIT $3";
    CUTS = "SELECT subject, after FROM audit WHERE act = $1 ORDER BY seq";
    SENT = "SELECT seq FROM audit_stream WHERE id = 1";
    SET_SENT = "INSERT INTO audit_stream (id, seq) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq \
                WHERE audit_stream.seq < excluded.seq";
    HEAD = "SELECT seq, hash FROM audit_head WHERE id = 1";
}

/// A place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Anchor {
    /// The number of its line; 0 before the first.
    pub seq: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl Anchor {
    /// Before the first line that ever was.
    pub fn beginning() -> Self {
        Self { seq: 0, hash: vec![0; 32] }
    }
}

/// Where the chain in the database begins.
pub async fn anchor(db: &Db) -> Result<Anchor, StorageError> {
    Ok(db.find(ANCHOR, &[]).await?.unwrap_or_else(Anchor::beginning))
}

/// The first line, in the order of the chain, that is not older than a moment; `None` if all are.
pub async fn first_since(db: &Db, at: Timestamp) -> Result<Option<i64>, StorageError> {
    Ok(db.find::<SeqRow>(FIRST_SINCE, &args![at]).await?.map(|row| row.seq))
}

/// Lines after a number and below another, in the order of the chain.
pub async fn after(db: &Db, seq: i64, below: i64, limit: i64) -> Result<Vec<Record>, StorageError> {
    let rows: Vec<RecordRow> = db.all(AFTER, &args![seq, below, limit]).await?;
    Ok(rows.into_iter().map(Record::from).collect())
}

/// Removes the lines up to a place; the chain goes on from there. Tells how many: none if somebody else has done it.
pub async fn cut(tx: &mut Tx, anchor: &Anchor, now: Timestamp) -> Result<u64, StorageError> {
    if tx.write(MOVE_ANCHOR, &args![anchor.seq, anchor.hash.as_slice(), now]).await? == 0 {
        return Ok(0);
    }
    tx.write(DELETE_UP_TO, &args![anchor.seq]).await
}

/// What a line says that was written with a cut.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Cut {
    /// The name of the file into which the lines went.
    pub subject: String,
    /// How many they were, and the sum of the file.
    pub after: Option<String>,
}

/// Where the chain in the database begins, with the lines there that tell of cuts: of one moment.
pub async fn cuts(db: &Db) -> Result<(Anchor, Vec<Cut>), StorageError> {
    loop {
        let before = anchor(db).await?;
        let cuts = db.all(CUTS, &args![Act::AuditArchived.code()]).await?;
        // A cut in between may have taken some of them along.
        if anchor(db).await? == before {
            return Ok((before, cuts));
        }
    }
}

/// Up to which line the syslog server has the audit; `None` if it never had any.
pub async fn sent(db: &Db) -> Result<Option<i64>, StorageError> {
    Ok(db.find::<SeqRow>(SENT, &[]).await?.map(|row| row.seq))
}

/// Remembers up to which line it has it.
pub async fn set_sent(db: &Db, seq: i64) -> Result<(), StorageError> {
    db.write(SET_SENT, &args![seq]).await.map(|_| ())
}

/// The end of the chain, as its writers keep it.
pub async fn head(db: &Db) -> Result<Anchor, StorageError> {
    Ok(db.find(HEAD, &[]).await?.unwrap_or_else(Anchor::beginning))
}

/// The number of the newest line.
pub async fn newest(db: &Db) -> Result<i64, StorageError> {
    Ok(head(db).await?.seq)
}
