//! Access reviews: what there was, what was said of it and by whom, what came of it. Rows never go.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::access_review::{Outcome, Subject, Verdict};
use crate::domain::id::{AccountId, AgencyId, ReviewId};
use crate::domain::timestamp::Timestamp;
use time::Date;

/// The columns of an item, from the rows that the rest of the statement chooses; within a reach.
macro_rules! item {
    ($rest:literal) => {
        concat!(
            "SELECT i.kind, i.ref, i.account_id, i.agency_id, i.address, i.name, i.what, i.verdict, i.why, i.decided_by, ",
            "i.decided_at, i.outcome, i.passed_at, i.passed_by, i.passed_why, a.state, a.agency_id AS agency_now FROM review_item i JOIN account a ON a.id = i.account_id ",
            "WHERE i.review_id = $1 AND (CAST($2 AS TEXT) IS NULL OR i.agency_id IN ",
            "(SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) ",
            $rest
        )
    };
}

statements! {
    BY_ID = "SELECT id, half, opened_at, opened_by, due_on, closed_at, closed_by FROM review WHERE id = $1";
    LATEST = "SELECT id, half, opened_at, opened_by, due_on, closed_at, closed_by FROM review \
              ORDER BY opened_at DESC LIMIT $1";
    INSERT = "INSERT INTO review (id, half, opened_at, opened_by, due_on) VALUES ($1, $2, $3, $4, $5) \
              ON CONFLICT (half) DO NOTHING";
    ADD_ACCOUNTS = "INSERT INTO review_item (review_id, kind, ref, account_id, agency_id, address, name, what) \
                    SELECT CAST($1 AS TEXT), 'account', id, id, COALESCE(agency_id, ''), address, display_name, kind \
                    FROM account WHERE state <> 'retired'";
    ADD_ROLES = "INSERT INTO review_item (review_id, kind, ref, account_id, agency_id, address, name, what) \
                 SELECT CAST($1 AS TEXT), 'role', g.id, g.account_id, COALESCE(g.agency_id, ''), a.address, \
                 a.display_name, g.role || ' ' || COALESCE(o.code, 'city') FROM role_grant g \
                 JOIN account a ON a.id = g.account_id LEFT JOIN agency o ON o.id = g.agency_id \
                 WHERE g.ended_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > $2)";
    ADD_DELEGATIONS = "INSERT INTO review_item (review_id, kind, ref, account_id, agency_id, address, name, what) \
                       SELECT CAST($1 AS TEXT), 'delegation', d.id, d.person_id, COALESCE(m.agency_id, ''), p.address, \
                       p.display_name, m.address FROM delegation d JOIN account m ON m.id = d.mailbox_id \
                       JOIN account p ON p.id = d.person_id \
                       WHERE d.ended_at IS NULL AND (d.ends_at IS NULL OR d.ends_at > $2)";
    ADD_POSTS = "INSERT INTO review_item (review_id, kind, ref, account_id, agency_id, address, name, what) \
                 SELECT CAST($1 AS TEXT), 'post', p.id, p.account_id, p.agency_id, a.address, a.display_name, \
                 p.title || ', ' || o.name FROM post p JOIN account a ON a.id = p.account_id \
                 JOIN agency o ON o.id = p.agency_id WHERE p.ended_at IS NULL AND a.state <> 'retired'";
    CLOSE = "UPDATE review SET closed_at = $2, closed_by = $3 WHERE id = $1 AND closed_at IS NULL";
    PAGE = item!("AND (CAST($3 AS TEXT) IS NULL OR (i.verdict IS NULL AND $3 = 'open') OR i.verdict = $3 \
                  OR (i.passed_at IS NOT NULL AND $3 = 'transfer')) \
                  AND (i.address, i.kind, i.ref) > ($4, $5, $6) ORDER BY i.address, i.kind, i.ref LIMIT $7");
    ITEM = item!("AND i.kind = $3 AND i.ref = $4");
    TO_APPLY = item!("AND i.verdict = 'withdraw' AND i.outcome IS NULL ORDER BY i.kind DESC, i.address, i.ref LIMIT $3");
    DECIDE = "UPDATE review_item SET verdict = $4, why = $5, decided_by = $6, decided_at = $7 WHERE review_id = $1 \
              AND kind = $2 AND ref = $3 AND outcome IS NULL AND EXISTS (SELECT 1 FROM review r \
              WHERE r.id = review_item.review_id AND r.closed_at IS NULL)";
    PASS_ON = "UPDATE review_item SET agency_id = $4, passed_why = $5, passed_by = $6, passed_at = $7, verdict = NULL, \
               why = NULL, decided_by = NULL, decided_at = NULL WHERE review_id = $1 AND kind = $2 AND ref = $3 \
               AND outcome IS NULL AND EXISTS (SELECT 1 FROM review r WHERE r.id = review_item.review_id \
               AND r.closed_at IS NULL)";
    // Nobody says of their own account and roles that they are needed.
    KEEP_REST = "UPDATE review_item SET verdict = 'keep', why = $3, decided_by = $4, decided_at = $5 \
                 WHERE review_id = $1 AND verdict IS NULL AND account_id <> $6 AND (CAST($2 AS TEXT) IS NULL \
                 OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) \
                 AND EXISTS (SELECT 1 FROM review r WHERE r.id = review_item.review_id AND r.closed_at IS NULL)";
    REST = "SELECT COUNT(*) AS number FROM review_item WHERE review_id = $1 AND verdict IS NULL AND account_id <> $3 \
            AND (CAST($2 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2))";
    SETTLE = "UPDATE review_item SET outcome = $4 WHERE review_id = $1 AND kind = $2 AND ref = $3 AND outcome IS NULL";
    OF_ACCOUNT = "SELECT r.half, i.kind, i.what, i.verdict, i.why, i.decided_by, i.decided_at, i.outcome, i.passed_at, \
                  i.passed_by, i.passed_why FROM review_item i JOIN review r ON r.id = i.review_id \
                  WHERE i.account_id = $1 ORDER BY r.half, i.kind, i.ref LIMIT $2";
    BY_AGENCY = "SELECT agency_id, COUNT(*) AS number, SUM(CASE WHEN verdict IS NULL THEN 1 ELSE 0 END) AS waiting, \
                 SUM(CASE WHEN verdict = 'withdraw' THEN 1 ELSE 0 END) AS withdrawn, \
                 SUM(CASE WHEN verdict = 'transfer' OR passed_at IS NOT NULL THEN 1 ELSE 0 END) AS transferred, \
                 SUM(CASE WHEN verdict = 'withdraw' AND outcome IS NULL THEN 1 ELSE 0 END) AS unapplied \
                 FROM review_item WHERE review_id = $1 AND (CAST($2 AS TEXT) IS NULL OR agency_id IN \
                 (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) GROUP BY agency_id";
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// Its half-year: `2026-H2`.
    pub half: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// The address of who opened it, or empty: the house by itself.
    pub opened_by: String,
    /// Its last local day.
    pub due_on: Date,
    /// When it was closed, and by whom.
    pub closed: Option<(Timestamp, String)>,
}

/// Something that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What kind.
    pub kind: Subject,
    /// Its id.
    pub reference: String,
    /// Whose.
    pub account_id: AccountId,
    /// The agency whose administrators say it; `None`: those of the city.
    pub agency: Option<AgencyId>,
    /// The holder's address when it was opened.
    pub address: String,
    /// The holder's name then.
    pub name: String,
    /// The kind of account; the role and over what; the mailbox.
    pub what: String,
    /// What was said.
    pub verdict: Option<Verdict>,
    /// Why.
    pub why: String,
    /// The address of who said it.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What came of what was withdrawn.
    pub outcome: Option<Outcome>,
    /// When it was passed on from another agency, the address of who did, and why.
    pub passed: Option<(Timestamp, String, String)>,
    /// The state of the account now.
    pub state: String,
    /// The agency of the account now.
    pub agency_now: Option<AgencyId>,
}

/// How far an agency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The agency; `None`: what the city's administrators say.
    pub agency: Option<AgencyId>,
    /// How many there are.
    pub number: i64,
    /// How many nobody has spoken on.
    pub waiting: i64,
    /// How many are withdrawn.
    pub withdrawn: i64,
    /// How many were passed on to it.
    pub transferred: i64,
    /// How many are withdrawn and still there.
    pub unapplied: i64,
}

/// After which item a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The address.
    pub address: String,
    /// The kind.
    pub kind: String,
    /// The id.
    pub reference: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    half: String,
    opened_at: i64,
    opened_by: String,
    due_on: String,
    closed_at: Option<i64>,
    closed_by: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    kind: String,
    #[sqlx(rename = "ref")]
    reference: String,
    account_id: String,
    agency_id: String,
    address: String,
    name: String,
    what: String,
    verdict: Option<String>,
    why: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    outcome: Option<String>,
    passed_at: Option<i64>,
    passed_by: Option<String>,
    passed_why: Option<String>,
    state: String,
    agency_now: Option<String>,
}

/// What was said of somebody in a review, as it was written down.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SaidRow {
    /// The half-year of the review.
    pub half: String,
    /// Of what kind.
    pub kind: String,
    /// The kind of account; the role and over what; the mailbox.
    pub what: String,
    /// What was said; `None`: nothing yet.
    pub verdict: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// The address of who said it.
    pub decided_by: Option<String>,
    /// When, in microseconds.
    pub decided_at: Option<i64>,
    /// What came of it.
    pub outcome: Option<String>,
    /// When it was passed on, in microseconds.
    pub passed_at: Option<i64>,
    /// The address of who did.
    pub passed_by: Option<String>,
    /// Why.
    pub passed_why: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ProgressRow {
    agency_id: String,
    number: i64,
    waiting: i64,
    withdrawn: i64,
    transferred: i64,
    unapplied: i64,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

/// The review with this id.
pub async fn by_id(db: &Db, id: ReviewId) -> Result<Option<Review>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(review).transpose()
}

/// The latest reviews.
pub async fn latest(db: &Db, limit: i64) -> Result<Vec<Review>, StorageError> {
    db.all::<Row>(LATEST, &args![limit]).await?.into_iter().map(review).collect()
}

/// Opens a review with everything that there is; tells how much, or `None` if its half-year has one.
pub async fn open(tx: &mut Tx, one: &Review) -> Result<Option<u64>, StorageError> {
    let row = args![one.id, &one.half, one.opened_at, &one.opened_by, one.due_on.to_string()];
    if tx.write(INSERT, &row).await? == 0 {
        return Ok(None);
    }
    let accounts = tx.write(ADD_ACCOUNTS, &args![one.id]).await?;
    let roles = tx.write(ADD_ROLES, &args![one.id, one.opened_at]).await?;
    let delegations = tx.write(ADD_DELEGATIONS, &args![one.id, one.opened_at]).await?;
    let posts = tx.write(ADD_POSTS, &args![one.id]).await?;
    Ok(Some(accounts + roles + delegations + posts))
}

/// Closes a review; tells whether it was open.
pub async fn close(tx: &mut Tx, id: ReviewId, by: &str, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(CLOSE, &args![id, now, by]).await? == 1)
}

/// A page of it within a reach, by address: all, those that wait (`open`), or those with one verdict.
pub async fn page(
    db: &Db,
    id: ReviewId,
    reach: Option<AgencyId>,
    (only, after): (Option<&str>, &Place),
    limit: i64,
) -> Result<Vec<Item>, StorageError> {
    let Place { address, kind, reference } = after;
    let args = args![id, reach, only, address, kind, reference, limit];
    db.all::<ItemRow>(PAGE, &args).await?.into_iter().map(item).collect()
}

/// One item within a reach.
pub async fn find(
    db: &Db,
    id: ReviewId,
    reach: Option<AgencyId>,
    (kind, reference): (Subject, &str),
) -> Result<Option<Item>, StorageError> {
    db.find::<ItemRow>(ITEM, &args![id, reach, kind.code(), reference]).await?.map(item).transpose()
}

/// What is withdrawn and still there: roles, posts and delegations before accounts.
pub async fn to_apply(
    db: &Db,
    id: ReviewId,
    reach: Option<AgencyId>,
    limit: i64,
) -> Result<Vec<Item>, StorageError> {
    db.all::<ItemRow>(TO_APPLY, &args![id, reach, limit]).await?.into_iter().map(item).collect()
}

/// Writes down what is said of one; tells whether that could still be said.
pub async fn decide(
    tx: &mut Tx,
    id: ReviewId,
    (kind, reference): (Subject, &str),
    (verdict, why): (Verdict, &str),
    (by, now): (&str, Timestamp),
) -> Result<bool, StorageError> {
    let args = args![id, kind.code(), reference, verdict.code(), why, by, now];
    Ok(tx.write(DECIDE, &args).await? == 1)
}

/// Passes one on to another agency, or to the city's administrators, who say it from now on; tells whether that could still
/// be done.
pub async fn pass_on(
    tx: &mut Tx,
    id: ReviewId,
    (kind, reference): (Subject, &str),
    (to, why): (Option<AgencyId>, &str),
    (by, now): (&str, Timestamp),
) -> Result<bool, StorageError> {
    let to = to.map(|agency| agency.to_string()).unwrap_or_default();
    let args = args![id, kind.code(), reference, to, why, by, now];
    Ok(tx.write(PASS_ON, &args).await? == 1)
}

/// Keeps everything on which nobody has spoken, but what is somebody's own; tells how many.
pub async fn keep_rest(
    tx: &mut Tx,
    (id, reach): (ReviewId, Option<AgencyId>),
    oneself: AccountId,
    why: &str,
    (by, now): (&str, Timestamp),
) -> Result<u64, StorageError> {
    tx.write(KEEP_REST, &args![id, reach, why, by, now, oneself]).await
}

/// On how many nobody has spoken, but for what is somebody's own.
pub async fn rest(
    db: &Db,
    id: ReviewId,
    reach: Option<AgencyId>,
    oneself: AccountId,
) -> Result<i64, StorageError> {
    Ok(db.one::<Number>(REST, &args![id, reach, oneself]).await?.number)
}

/// Writes down what came of one; tells whether nobody else did.
pub async fn settle(
    db: &Db,
    id: ReviewId,
    (kind, reference): (Subject, &str),
    outcome: Outcome,
) -> Result<bool, StorageError> {
    Ok(db.write(SETTLE, &args![id, kind.code(), reference, outcome.code()]).await? == 1)
}

/// What was said of somebody, of their roles, posts and delegations, in every review; the oldest first.
pub async fn of_account(db: &Db, id: AccountId, limit: i64) -> Result<Vec<SaidRow>, StorageError> {
    db.all(OF_ACCOUNT, &args![id, limit]).await
}

/// How far each agency within a reach is.
pub async fn progress(db: &Db, id: ReviewId, reach: Option<AgencyId>) -> Result<Vec<Progress>, StorageError> {
    let one = |row: ProgressRow| {
        Ok(Progress {
            agency: agency(&row.agency_id)?,
            number: row.number,
            waiting: row.waiting,
            withdrawn: row.withdrawn,
            transferred: row.transferred,
            unapplied: row.unapplied,
        })
    };
    db.all::<ProgressRow>(BY_AGENCY, &args![id, reach]).await?.into_iter().map(one).collect()
}

fn agency(text: &str) -> Result<Option<AgencyId>, StorageError> {
    let id = Some(text).filter(|text| !text.is_empty()).map(str::parse).transpose();
    id.map_err(|_| StorageError::corrupt("review_item", "agency_id", text))
}

fn review(row: Row) -> Result<Review, StorageError> {
    let bad = |column| StorageError::corrupt("review", column, &row.id);
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let closed_at = row.closed_at.map(Timestamp::from_micros);
    Ok(Review {
        id: row.id.parse().map_err(|_| bad("id"))?,
        due_on: Date::parse(&row.due_on, &format).map_err(|_| bad("due_on"))?,
        half: row.half,
        opened_at: Timestamp::from_micros(row.opened_at),
        opened_by: row.opened_by,
        closed: closed_at.map(|at| (at, row.closed_by.unwrap_or_default())),
    })
}

fn item(row: ItemRow) -> Result<Item, StorageError> {
    let bad = |column| StorageError::corrupt("review_item", column, &row.reference);
    Ok(Item {
        kind: Subject::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        agency: agency(&row.agency_id)?,
        verdict: row.verdict.as_deref().and_then(Verdict::from_code),
        outcome: row.outcome.as_deref().and_then(Outcome::from_code),
        decided_at: row.decided_at.map(Timestamp::from_micros),
        reference: row.reference,
        address: row.address,
        name: row.name,
        what: row.what,
        why: row.why.unwrap_or_default(),
        decided_by: row.decided_by.unwrap_or_default(),
        passed: row.passed_at.map(|at| {
            let (by, why) = (row.passed_by.unwrap_or_default(), row.passed_why.unwrap_or_default());
            (Timestamp::from_micros(at), by, why)
        }),
        state: row.state,
        agency_now: agency(&row.agency_now.unwrap_or_default())?,
    })
}
