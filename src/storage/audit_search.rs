//! The audit, searched. Each kind of search begins in the index of its rarest condition, and reads from the newest line
//! backwards until a page is full. What has no other condition than a branch is read agency by agency, and merged.

use super::audit::{Line, LineRow, line};
use super::db::{Statement, args, statements};
use super::{Db, StorageError, agencies};
use crate::domain::audit::Act;
use crate::domain::audit_record::{Record, hex};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::timestamp::Timestamp;
use std::cmp::Reverse;

/// By how much, in microseconds, lines may be out of order: they are numbered as they are written, but carry the time of
/// the beginning of their act, by the clock of their node.
const SKEW: i64 = 10 * 60 * 1_000_000;

/// The lines below `$1` that match, the newest first; `$lead` is the condition whose index is walked.
macro_rules! page {
    ($lead:literal) => {
        concat!(
            "SELECT seq, at, actor_kind, actor, act, account_id, subject, agency_id, before, after, why, source, hash ",
            "FROM audit WHERE ",
            $lead,
            "seq < $1 AND seq >= $2 AND at >= $3 AND at <= $4 ",
            "AND (CAST($5 AS TEXT) IS NULL OR agency_id IN ",
            "(SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $5)) ",
            "AND (CAST($6 AS TEXT) IS NULL OR account_id = $6) AND (CAST($7 AS TEXT) IS NULL OR subject = $7) ",
            "AND (CAST($8 AS TEXT) IS NULL OR actor = $8) AND (CAST($9 AS TEXT) IS NULL OR source = $9) ",
            "AND (CAST($10 AS TEXT) IS NULL OR act = $10) AND (CAST($11 AS TEXT) IS NULL OR agency_id = $11) ",
            "ORDER BY seq DESC LIMIT $12"
        )
    };
}

statements! {
    ANY = page!("");
    BY_ACCOUNT = page!("account_id = $6 AND ");
    BY_SUBJECT = page!("subject = $7 AND ");
    BY_ACTOR = page!("actor = $8 AND ");
    BY_SOURCE = page!("source = $9 AND ");
    BY_ACT = page!("act = $10 AND ");
    BY_AGENCY = page!("agency_id = $11 AND ");
    BY_AGENCY_AND_ACT = page!("agency_id = $11 AND act = $10 AND ");
    NEWEST = "SELECT seq FROM audit ORDER BY seq DESC LIMIT 1";
    FIRST_SINCE = "SELECT MIN(seq) AS seq FROM audit WHERE at >= $1 \
                   AND at <= (SELECT MIN(m.at) FROM audit m WHERE m.at >= $1) + $2 HAVING COUNT(*) > 0";
    LAST_UNTIL = "SELECT MAX(seq) AS seq FROM audit WHERE at <= $1 \
                  AND at >= (SELECT MAX(m.at) FROM audit m WHERE m.at <= $1) - $2 HAVING COUNT(*) > 0";
    SAME_SINCE = "SELECT seq FROM audit WHERE actor = $1 AND seq >= $2 AND at >= $3 AND act = $4 \
                  AND after = $5 LIMIT 1";
}

/// What is searched for. Everything that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The reach of whoever asks: lines about this agency and those below it.
    pub reach: Option<AgencyId>,
    /// About this account, under whatever address it had.
    pub account: Option<AccountId>,
    /// About exactly this.
    pub subject: Option<String>,
    /// By exactly this actor.
    pub actor: Option<String>,
    /// From this network address.
    pub source: Option<String>,
    /// This act.
    pub act: Option<Act>,
    /// About this agency.
    pub agency: Option<AgencyId>,
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Not after this.
    pub until: Option<Timestamp>,
}

impl Search {
    /// The rarest condition leads.
    const fn statement(&self) -> Statement {
        if self.account.is_some() {
            BY_ACCOUNT
        } else if self.subject.is_some() {
            BY_SUBJECT
        } else if self.source.is_some() {
            BY_SOURCE
        } else if self.actor.is_some() {
            BY_ACTOR
        } else if self.agency.is_some() && self.act.is_some() {
            // An act that is rare in an agency that has many lines: neither alone finds it soon.
            BY_AGENCY_AND_ACT
        } else if self.agency.is_some() {
            BY_AGENCY
        } else if self.act.is_some() {
            BY_ACT
        } else {
            ANY
        }
    }

    /// The branch whose agencies are read one by one: where nothing rarer leads.
    const fn branch(&self) -> Option<AgencyId> {
        let has_lead = self.account.is_some()
            || self.subject.is_some()
            || self.source.is_some()
            || self.actor.is_some()
            || self.agency.is_some();
        if has_lead { None } else { self.reach }
    }
}

/// A line that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// In the form of the histories.
    pub line: Line,
    /// With everything that the chain covers.
    pub record: Record,
}

#[derive(sqlx::FromRow)]
pub(super) struct RecordRow {
    seq: i64,
    at: i64,
    actor_kind: String,
    actor: String,
    act: String,
    account_id: Option<String>,
    subject: String,
    agency_id: Option<String>,
    before: Option<String>,
    after: Option<String>,
    why: Option<String>,
    source: Option<String>,
    hash: Vec<u8>,
}

impl From<RecordRow> for Record {
    fn from(row: RecordRow) -> Self {
        Self {
            seq: row.seq,
            at_micros: row.at,
            actor_kind: row.actor_kind,
            actor: row.actor,
            act: row.act,
            account_id: row.account_id,
            subject: row.subject,
            agency_id: row.agency_id,
            before: row.before,
            after: row.after,
            why: row.why,
            source: row.source,
            hash: hex(&row.hash),
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct SeqRow {
    pub(super) seq: i64,
}

/// The newest lines that match, the newest first; only those below a number, if one is given.
pub async fn page(
    db: &Db,
    search: &Search,
    below: Option<i64>,
    limit: i64,
) -> Result<Vec<Found>, StorageError> {
    let Some((least, most)) = bounds(db, search).await? else { return Ok(Vec::new()) };
    let within = (least, below.unwrap_or(i64::MAX).min(most));
    let rows = match search.branch() {
        Some(root) => of_branch(db, search, root, within, limit).await?,
        None => rows(db, search, within, limit).await?,
    };
    rows.into_iter().map(|row| found(row.into())).collect()
}

/// Whether an actor has a line of this act with this detail since then. Of that actor's lines it reads those since then.
pub async fn has_since(
    db: &Db,
    actor: &str,
    (act, detail): (Act, &str),
    since: Timestamp,
) -> Result<bool, StorageError> {
    let first: Option<SeqRow> = db.find(FIRST_SINCE, &args![since, SKEW]).await?;
    let Some(first) = first else { return Ok(false) };
    let same: Option<SeqRow> =
        db.find(SAME_SINCE, &args![actor, first.seq, since, act.code(), detail]).await?;
    Ok(same.is_some())
}

/// The newest lines of a branch. One walk backwards through everything would read every line of the house for the few of
/// a small agency; each of its agencies has its lines side by side in an index, and few of them are needed of each.
async fn of_branch(
    db: &Db,
    search: &Search,
    root: AgencyId,
    (mut least, most): (i64, i64),
    limit: i64,
) -> Result<Vec<RecordRow>, StorageError> {
    // A line that is written from here on belongs to no page yet: of an agency that was read by then it would be missing.
    let newest: Option<SeqRow> = db.find(NEWEST, &[]).await?;
    let most = most.min(newest.map_or(0, |newest| newest.seq.saturating_add(1)));
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut merged: Vec<RecordRow> = Vec::new();
    let branch = agencies::branch(db, root).await?;
    for agency in branch.agencies() {
        let one = Search { reach: None, agency: Some(agency), ..search.clone() };
        merged.extend(rows(db, &one, (least, most), limit).await?);
        merged.sort_unstable_by_key(|row| Reverse(row.seq));
        merged.truncate(wanted);
        // Of the next agency only what is newer than the last of a full page.
        if let Some(last) = merged.last().filter(|_| merged.len() == wanted) {
            least = last.seq;
        }
    }
    Ok(merged)
}

/// Lines with numbers from the first on and below the second.
async fn rows(
    db: &Db,
    search: &Search,
    (least, most): (i64, i64),
    limit: i64,
) -> Result<Vec<RecordRow>, StorageError> {
    db.all(
        search.statement(),
        &args![
            most,
            least,
            search.since.map_or(i64::MIN, Timestamp::micros),
            search.until.map_or(i64::MAX, Timestamp::micros),
            search.reach,
            search.account,
            &search.subject,
            &search.actor,
            &search.source,
            search.act.map(Act::code),
            search.agency,
            limit,
        ],
    )
    .await
}

/// Between which numbers a time lies: not below the first, below the second. `None` when nothing does.
pub(super) async fn bounds(db: &Db, search: &Search) -> Result<Option<(i64, i64)>, StorageError> {
    let (mut least, mut below) = (0, i64::MAX);
    if let Some(since) = search.since {
        let first: Option<SeqRow> = db.find(FIRST_SINCE, &args![since, SKEW]).await?;
        let Some(first) = first else { return Ok(None) };
        least = first.seq;
    }
    if let Some(until) = search.until {
        let newest: Option<SeqRow> = db.find(LAST_UNTIL, &args![until, SKEW]).await?;
        let Some(newest) = newest else { return Ok(None) };
        below = newest.seq.saturating_add(1);
    }
    Ok(Some((least, below)))
}

fn found(record: Record) -> Result<Found, StorageError> {
    let row = LineRow {
        seq: record.seq,
        at: record.at_micros,
        actor_kind: record.actor_kind.clone(),
        actor: record.actor.clone(),
        act: record.act.clone(),
        subject: record.subject.clone(),
        before: record.before.clone(),
        after: record.after.clone(),
        why: record.why.clone(),
        source: record.source.clone(),
    };
    Ok(Found { line: line(row)?, record })
}
