//! Access reviews: what there was, what was said of it and by whom, what came of it. Rows never go.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::access_review::{Obstacle, Outcome, Subject, Verdict};
use crate::domain::id::{AccountId, AgencyId, ReviewId};
use crate::domain::timestamp::Timestamp;
use time::Date;

/// The columns of an item, from the rows that the rest of the statement chooses; within a reach.
macro_rules! item {
    ($rest:literal) => {
        concat!(
            "SELECT i.kind, i.ref, i.account_id, i.agency_id, i.address, i.name, i.what, i.verdict, i.why, i.decided_by, ",
            "i.decided_at, i.outcome, i.passed_at, i.passed_by, i.passed_why, i.version, i.ordered_by, i.obstacle, a.state, a.agency_id AS agency_now FROM review_item i JOIN account a ON a.id = i.account_id ",
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
    OPEN = "SELECT id, half, opened_at, opened_by, due_on, closed_at, closed_by FROM review \
            WHERE closed_at IS NULL ORDER BY opened_at";
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
                  OR (i.passed_at IS NOT NULL AND $3 = 'transfer') OR (i.obstacle IS NOT NULL AND $3 = 'left')) \
                  AND (i.address, i.kind, i.ref) > ($4, $5, $6) ORDER BY i.address, i.kind, i.ref LIMIT $7");
    ITEM = item!("AND i.kind = $3 AND i.ref = $4");
    // What somebody has tried comes last, so that it does not stand in the way of the rest.
    TO_APPLY = item!("AND i.verdict = 'withdraw' AND i.outcome IS NULL AND i.ordered_by IS NULL ORDER BY \
                      CASE WHEN i.obstacle IS NULL THEN 0 ELSE 1 END, i.kind DESC, i.address, i.ref LIMIT $3");
    ORDERED = item!("AND i.ordered_by IS NOT NULL ORDER BY i.kind DESC, i.address, i.ref LIMIT $3");
    WITH_ORDERS = "SELECT r.id, r.half, r.opened_at, r.opened_by, r.due_on, r.closed_at, r.closed_by FROM review r \
                   WHERE r.id IN (SELECT i.review_id FROM review_item i WHERE i.ordered_by IS NOT NULL) ORDER BY r.opened_at";
    // What somebody has said since, or has begun to carry out, is not overwritten: the version tells.
    DECIDE = "UPDATE review_item SET verdict = $4, why = $5, decided_by = $6, decided_at = $7, obstacle = NULL, \
              version = version + 1 WHERE review_id = $1 AND kind = $2 AND ref = $3 AND version = $8 \
              AND outcome IS NULL AND ordered_by IS NULL AND EXISTS (SELECT 1 FROM review r \
              WHERE r.id = review_item.review_id AND r.closed_at IS NULL)";
    PASS_ON = "UPDATE review_item SET agency_id = $4, passed_why = $5, passed_by = $6, passed_at = $7, verdict = NULL, \
               why = NULL, decided_by = NULL, decided_at = NULL, obstacle = NULL, version = version + 1 \
               WHERE review_id = $1 AND kind = $2 AND ref = $3 AND version = $8 \
               AND outcome IS NULL AND ordered_by IS NULL AND EXISTS (SELECT 1 FROM review r \
               WHERE r.id = review_item.review_id AND r.closed_at IS NULL)";
    // Nobody says of their own account and roles that they are needed.
    KEEP_REST = "UPDATE review_item SET verdict = 'keep', why = $3, decided_by = $4, decided_at = $5, \
                 version = version + 1 WHERE review_id = $1 AND verdict IS NULL AND account_id <> $6 AND (CAST($2 AS TEXT) IS NULL \
                 OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) \
                 AND EXISTS (SELECT 1 FROM review r WHERE r.id = review_item.review_id AND r.closed_at IS NULL)";
    REST = "SELECT COUNT(*) AS number FROM review_item WHERE review_id = $1 AND verdict IS NULL AND account_id <> $3 \
            AND (CAST($2 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2))";
    ORDER = "UPDATE review_item SET ordered_by = $5, ordered_at = $6, obstacle = NULL, version = version + 1 \
             WHERE review_id = $1 AND kind = $2 AND ref = $3 AND version = $4 AND verdict = 'withdraw' \
             AND outcome IS NULL AND ordered_by IS NULL";
    // Whoever settles an item first has it: the others find it settled. Each only on the order that it has read.
    SETTLE = "UPDATE review_item SET outcome = $4, ordered_by = NULL, ordered_at = NULL, version = version + 1 \
              WHERE review_id = $1 AND kind = $2 AND ref = $3 AND outcome IS NULL AND ordered_by = $5";
    LEAVE = "UPDATE review_item SET obstacle = $4, ordered_by = NULL, ordered_at = NULL, version = version + 1 \
             WHERE review_id = $1 AND kind = $2 AND ref = $3 AND outcome IS NULL AND ordered_by = $5";
    OF_ACCOUNT = "SELECT r.half, i.kind, i.what, i.verdict, i.why, i.decided_by, i.decided_at, i.outcome, i.passed_at, \
                  i.passed_by, i.passed_why FROM review_item i JOIN review r ON r.id = i.review_id \
                  WHERE i.account_id = $1 ORDER BY r.half, i.kind, i.ref LIMIT $2";
    BY_AGENCY = "SELECT agency_id, COUNT(*) AS number, SUM(CASE WHEN verdict IS NULL THEN 1 ELSE 0 END) AS waiting, \
                 SUM(CASE WHEN verdict = 'withdraw' THEN 1 ELSE 0 END) AS withdrawn, \
                 SUM(CASE WHEN verdict = 'transfer' OR passed_at IS NOT NULL THEN 1 ELSE 0 END) AS transferred, \
                 SUM(CASE WHEN verdict = 'withdraw' AND outcome IS NULL AND ordered_by IS NULL THEN 1 ELSE 0 END) AS unapplied, \
                 SUM(CASE WHEN ordered_by IS NOT NULL THEN 1 ELSE 0 END) AS under_way, \
                 SUM(CASE WHEN outcome = 'done' THEN 1 ELSE 0 END) AS done, \
                 SUM(CASE WHEN outcome = 'gone' THEN 1 ELSE 0 END) AS gone, \
                 SUM(CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END) AS refused \
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
    /// How often something was said of it or done with it: what a page has shown.
    pub version: i64,
    /// Whoever has confirmed that it is carried out, while that is under way.
    pub ordered_by: Option<AccountId>,
    /// Why it still waits after somebody tried to carry it out.
    pub obstacle: Option<Obstacle>,
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
    /// How many are withdrawn, and nobody carries them out yet.
    pub unapplied: i64,
    /// How many are being carried out.
    pub under_way: i64,
    /// How many were carried out.
    pub done: i64,
    /// How many were not there any more.
    pub gone: i64,
    /// How many the house has refused.
    pub refused: i64,
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
    version: i64,
    ordered_by: Option<String>,
    obstacle: Option<String>,
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
    under_way: i64,
    done: i64,
    gone: i64,
    refused: i64,
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

/// Every review that is open, the oldest first.
pub async fn open_ones(db: &Db) -> Result<Vec<Review>, StorageError> {
    db.all::<Row>(OPEN, &[]).await?.into_iter().map(review).collect()
}

/// Every review of which something is being carried out.
pub async fn with_orders(db: &Db) -> Result<Vec<Review>, StorageError> {
    db.all::<Row>(WITH_ORDERS, &[]).await?.into_iter().map(review).collect()
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

/// What is withdrawn and nobody carries out yet: roles, posts and delegations before accounts.
pub async fn to_apply(db: &Db, id: ReviewId, limit: i64) -> Result<Vec<Item>, StorageError> {
    let everywhere = None::<AgencyId>;
    db.all::<ItemRow>(TO_APPLY, &args![id, everywhere, limit]).await?.into_iter().map(item).collect()
}

/// What is being carried out, in the same order.
pub async fn ordered(db: &Db, id: ReviewId, limit: i64) -> Result<Vec<Item>, StorageError> {
    let everywhere = None::<AgencyId>;
    db.all::<ItemRow>(ORDERED, &args![id, everywhere, limit]).await?.into_iter().map(item).collect()
}

/// Writes down what is said of one as it was seen; tells whether that could still be said.
pub async fn decide(
    tx: &mut Tx,
    id: ReviewId,
    seen: &Item,
    (verdict, why): (Verdict, &str),
    (by, now): (&str, Timestamp),
) -> Result<bool, StorageError> {
    let (kind, reference) = (seen.kind.code(), &seen.reference);
    let args = args![id, kind, reference, verdict.code(), why, by, now, seen.version];
    Ok(tx.write(DECIDE, &args).await? == 1)
}

/// Passes one on as it was seen, to another agency or to the city's administrators, who say it from now on; tells whether
/// that could still be done.
pub async fn pass_on(
    tx: &mut Tx,
    id: ReviewId,
    seen: &Item,
    (to, why): (Option<AgencyId>, &str),
    (by, now): (&str, Timestamp),
) -> Result<bool, StorageError> {
    let to = to.map(|agency| agency.to_string()).unwrap_or_default();
    let (kind, reference) = (seen.kind.code(), &seen.reference);
    let args = args![id, kind, reference, to, why, by, now, seen.version];
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

/// Writes down that somebody has confirmed that one is carried out, as it was seen; tells whether it could still be.
pub async fn order(
    tx: &mut Tx,
    id: ReviewId,
    seen: &Item,
    (by, now): (AccountId, Timestamp),
) -> Result<bool, StorageError> {
    let args = args![id, seen.kind.code(), &seen.reference, seen.version, by, now];
    Ok(tx.write(ORDER, &args).await? == 1)
}

/// Writes down what came of one that is being carried out; tells whether nobody else did.
pub async fn settle(tx: &mut Tx, id: ReviewId, item: &Item, outcome: Outcome) -> Result<bool, StorageError> {
    Ok(tx
        .write(SETTLE, &args![id, item.kind.code(), &item.reference, outcome.code(), item.ordered_by])
        .await?
        == 1)
}

/// Leaves one that was to be carried out to somebody else, and writes down why.
pub async fn leave(tx: &mut Tx, id: ReviewId, item: &Item, why: Obstacle) -> Result<(), StorageError> {
    tx.write(LEAVE, &args![id, item.kind.code(), &item.reference, why.code(), item.ordered_by])
        .await
        .map(|_| ())
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
            under_way: row.under_way,
            done: row.done,
            gone: row.gone,
            refused: row.refused,
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
        ordered_by: row.ordered_by.map(|id| id.parse().map_err(|_| bad("ordered_by"))).transpose()?,
        obstacle: row.obstacle.as_deref().and_then(Obstacle::from_code),
        version: row.version,
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
