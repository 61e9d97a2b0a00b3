//! Agencies that are renamed, merged, split or moved: what was looked at, whom it concerns, what was changed, for the way
//! back.

use super::accounts;
use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::account::Account;
use crate::domain::bulk::Outcome;
use crate::domain::id::{AccountId, AgencyId, ReorganisationId};
use crate::domain::reorganisation::{After, Before, Kind, Stage};
use crate::domain::timestamp::Timestamp;
use time::Date;

/// The columns of one.
macro_rules! one {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, asked_by, asked_as, target_id, code, name, under_id, carries_roles, day, former_days, stage, ",
            "why, created_at, started_at, finished_at FROM reorganisation ",
            $rest
        )
    };
}

statements! {
    BY_ID = one!("WHERE id = $1");
    DUE = one!("WHERE stage = 'planned' AND day <= $1 ORDER BY day, id");
    UNDER_WAY = one!("WHERE stage IN ('running', 'undoing') ORDER BY id");
    LATEST = one!("WHERE stage <> 'draft' ORDER BY created_at DESC LIMIT $1");
    INSERT = "INSERT INTO reorganisation (id, kind, asked_by, asked_as, target_id, code, name, carries_roles, day, \
              former_days, stage, created_at, under_id) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'draft', $11, $12)";
    ADD_AGENCY = "INSERT INTO reorganisation_agency (reorganisation_id, agency_id, code, name, parent_id) \
                  VALUES ($1, $2, $3, $4, $5)";
    AGENCIES = "SELECT agency_id, code, name, parent_id FROM reorganisation_agency WHERE reorganisation_id = $1 \
                ORDER BY code";
    ADD_ITEM = "INSERT INTO reorganisation_item (reorganisation_id, account_id, from_id) VALUES ($1, $2, $3)";
    // Everybody of the agencies that are merged, as they are on the day.
    ADD_EVERYBODY = "INSERT INTO reorganisation_item (reorganisation_id, account_id, from_id) \
                     SELECT r.reorganisation_id, account.id, account.agency_id FROM account \
                     JOIN reorganisation_agency r ON r.agency_id = account.agency_id \
                     WHERE r.reorganisation_id = $1 AND r.agency_id <> $2";
    ORPHANED = one!("WHERE stage = 'orphaned' ORDER BY day, id");
    CONFIRM = "UPDATE reorganisation SET stage = 'planned', why = $2 WHERE id = $1 AND stage = 'draft'";
    // Each begins later than those before it, whatever the clock says: the order of what stands on what.
    BEGIN = "UPDATE reorganisation SET stage = 'running', former_until = $3, started_at = CASE WHEN $2 > \
             (SELECT COALESCE(MAX(o.started_at), 0) FROM reorganisation o) THEN $2 ELSE (SELECT \
             MAX(o.started_at) + 1 FROM reorganisation o) END WHERE id = $1 AND stage = 'planned'";
    // Others with an agency of it: on which somebody is at work, and with $2 those that were begun later and hold.
    SHARING = "SELECT o.code FROM reorganisation o JOIN reorganisation r ON r.id = $1 WHERE o.id <> r.id \
               AND (o.stage IN ('running', 'undoing') OR ($2 AND o.stage = 'done' AND o.started_at > r.started_at)) \
               AND (o.target_id = r.target_id OR o.target_id IN (SELECT a.agency_id FROM reorganisation_agency a \
               WHERE a.reorganisation_id = r.id) OR EXISTS (SELECT 1 FROM reorganisation_agency b \
               WHERE b.reorganisation_id = o.id AND (b.agency_id = r.target_id OR b.agency_id IN \
               (SELECT c.agency_id FROM reorganisation_agency c WHERE c.reorganisation_id = r.id))))";
    UNDO = "UPDATE reorganisation SET stage = 'undoing', why = $2 WHERE id = $1 AND stage = 'done'";
    TAKE_OVER = "UPDATE reorganisation SET stage = 'planned', why = $2, asked_by = $3, asked_as = $4, finished_at = NULL \
                 WHERE id = $1 AND stage = 'orphaned'";
    LEAVE = "UPDATE reorganisation SET stage = $2, finished_at = $3 WHERE id = $1 AND stage = $4";
    FINISH = "UPDATE reorganisation SET stage = CASE stage WHEN 'running' THEN 'done' ELSE 'undone' END, \
              finished_at = $2 WHERE id = $1 AND stage = $3 AND stage IN ('running', 'undoing')";
    OPEN = "SELECT account_id, from_id FROM reorganisation_item WHERE reorganisation_id = $1 AND outcome IS NULL \
            ORDER BY account_id LIMIT $2";
    DONE = "SELECT account_id, from_id FROM reorganisation_item WHERE reorganisation_id = $1 AND outcome = 'done' \
            ORDER BY account_id LIMIT $2";
    // Whoever settles an item first has it: the others find it settled.
    SETTLE = "UPDATE reorganisation_item SET outcome = $3 WHERE reorganisation_id = $1 AND account_id = $2 \
              AND outcome IS NOT DISTINCT FROM $4";
    BY_OUTCOME = "SELECT outcome, COUNT(*) AS number FROM reorganisation_item WHERE reorganisation_id = $1 \
                  GROUP BY outcome";
    BY_FROM = "SELECT from_id AS agency_id, COUNT(*) AS number FROM reorganisation_item WHERE reorganisation_id = $1 \
               GROUP BY from_id";
    NOW_OF = "SELECT account.agency_id, COUNT(*) AS number FROM account JOIN reorganisation_agency r \
              ON r.agency_id = account.agency_id WHERE r.reorganisation_id = $1 AND r.agency_id <> $2 \
              GROUP BY account.agency_id";
    ACCOUNTS = accounts::select_account!("", "WHERE id IN (SELECT account_id FROM reorganisation_item \
                WHERE reorganisation_id = $1 AND (CAST($2 AS TEXT) IS NULL OR outcome = $2)) \
                ORDER BY name_key, id LIMIT $3");
    ACCOUNTS_NOW = accounts::select_account!("", "WHERE agency_id IN (SELECT r.agency_id FROM reorganisation_agency r \
                    WHERE r.reorganisation_id = $1 AND r.agency_id <> $2) ORDER BY name_key, id LIMIT $3");
    OF_AGENCY = accounts::select_account!("", "WHERE agency_id = $1 AND state <> 'retired' ORDER BY id LIMIT $2");
    ADD_PART = "INSERT INTO reorganisation_part (reorganisation_id, kind, ref, before_id, after_id) \
                VALUES ($1, $2, $3, $4, $5)";
    PARTS = "SELECT kind, ref, before_id, after_id FROM reorganisation_part WHERE reorganisation_id = $1 ORDER BY kind, ref";
    MOVES = "SELECT i.account_id AS account, i.from_id AS source, r.target_id AS target FROM reorganisation r \
             JOIN reorganisation_item i ON i.reorganisation_id = r.id \
             WHERE r.kind = 'split' AND r.stage IN ('running', 'done') AND i.outcome = 'done' ORDER BY r.started_at, r.id";
    // What the agency itself was called, and those through which the account came to it, one after the other.
    FORMER_CODES = "WITH RECURSIVE moved AS (SELECT r.id, r.target_id, r.started_at, r.former_until, i.from_id \
                    FROM reorganisation_item i JOIN reorganisation r ON r.id = i.reorganisation_id \
                    WHERE i.account_id = $1 AND i.outcome = 'done'), came (agency_id) AS (SELECT CAST($2 AS TEXT) \
                    UNION SELECT m.from_id FROM came JOIN moved m ON m.target_id = came.agency_id) \
                    SELECT code FROM (SELECT a.code, m.started_at AS at, 1 AS own FROM came JOIN moved m \
                    ON m.target_id = came.agency_id AND m.former_until > $3 JOIN reorganisation_agency a \
                    ON a.reorganisation_id = m.id AND a.agency_id = m.from_id UNION ALL \
                    SELECT f.code, f.since AS at, 0 AS own FROM agency_former f JOIN came \
                    ON came.agency_id = f.agency_id WHERE f.until > $3) AS was WHERE code <> (SELECT now.code \
                    FROM agency now WHERE now.id = $2) GROUP BY code ORDER BY MAX(at) DESC, MAX(own) DESC";
    FORGET_ITEMS = "DELETE FROM reorganisation_item WHERE reorganisation_id IN \
                    (SELECT id FROM reorganisation WHERE stage = 'draft' AND created_at < $1)";
    FORGET_AGENCIES = "DELETE FROM reorganisation_agency WHERE reorganisation_id IN \
                       (SELECT id FROM reorganisation WHERE stage = 'draft' AND created_at < $1)";
    FORGET = "DELETE FROM reorganisation WHERE stage = 'draft' AND created_at < $1";
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reorganisation {
    /// Its id.
    pub id: ReorganisationId,
    /// What is done.
    pub kind: Kind,
    /// Who asked.
    pub asked_by: AccountId,
    /// Under which address.
    pub asked_as: String,
    /// The agency that is renamed, merged into, made, or moved.
    pub target: AgencyId,
    /// Its code afterwards.
    pub code: String,
    /// Its name afterwards.
    pub name: String,
    /// The agency below which a move puts it; `None`: the top of the tree.
    pub under: Option<AgencyId>,
    /// Whether roles over an agency that is merged are held over the other one from then on; else they end.
    pub carries_roles: bool,
    /// The local day on which it takes effect.
    pub day: Date,
    /// For how many days from then on applications are told the old code.
    pub former_days: i64,
    /// How far it is.
    pub stage: Stage,
    /// Why.
    pub why: Option<String>,
    /// When it was drawn up.
    pub created_at: Timestamp,
    /// When it was begun.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

impl Reorganisation {
    /// The target as it is to be afterwards.
    pub fn after(&self) -> After<'_> {
        After { agency: self.target, code: &self.code, name: &self.name, under: self.under }
    }
}

/// An account that it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Which account.
    pub account: AccountId,
    /// Of which agency it was.
    pub from: AgencyId,
}

/// Something else that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `grant`, `below` or `post`.
    pub kind: String,
    /// The id of the role, the agency or the post.
    pub reference: String,
    /// The agency before.
    pub before: AgencyId,
    /// The one since; `None`: the role or the post ended.
    pub after: Option<AgencyId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    asked_by: String,
    asked_as: String,
    target_id: String,
    code: String,
    name: String,
    under_id: Option<String>,
    carries_roles: bool,
    day: String,
    former_days: i64,
    stage: String,
    why: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct AgencyRow {
    agency_id: String,
    code: String,
    name: String,
    parent_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    account_id: String,
    from_id: String,
}

#[derive(sqlx::FromRow)]
struct MoveRow {
    account: String,
    source: String,
    target: String,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    kind: String,
    #[sqlx(rename = "ref")]
    reference: String,
    before_id: String,
    after_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    code: String,
}

#[derive(sqlx::FromRow)]
struct OutcomeRow {
    outcome: Option<String>,
    number: i64,
}

/// The one with this id.
pub async fn by_id(db: &Db, id: ReorganisationId) -> Result<Option<Reorganisation>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(read).transpose()
}

/// Those whose day has come.
pub async fn due(db: &Db, today: Date) -> Result<Vec<Reorganisation>, StorageError> {
    db.all::<Row>(DUE, &args![today.to_string()]).await?.into_iter().map(read).collect()
}

/// Those on which somebody is at work.
pub async fn under_way(db: &Db) -> Result<Vec<Reorganisation>, StorageError> {
    db.all::<Row>(UNDER_WAY, &[]).await?.into_iter().map(read).collect()
}

/// The latest that were confirmed.
pub async fn latest(db: &Db, limit: i64) -> Result<Vec<Reorganisation>, StorageError> {
    db.all::<Row>(LATEST, &args![limit]).await?.into_iter().map(read).collect()
}

/// Writes down a draft, with the agencies that give something up and the accounts that were chosen.
pub async fn insert(
    tx: &mut Tx,
    one: &Reorganisation,
    before: &[Before],
    items: &[Item],
) -> Result<(), StorageError> {
    let Reorganisation { id, kind, asked_by, asked_as, target, code, name, .. } = one;
    let day = one.day.to_string();
    let rest = args![one.carries_roles, day, one.former_days, one.created_at, one.under];
    let mut row = args![*id, kind.code(), *asked_by, asked_as, *target, code, name].to_vec();
    row.extend(rest);
    tx.write(INSERT, &row).await?;
    for agency in before {
        let row = args![*id, agency.agency, &agency.code, &agency.name, agency.parent];
        tx.write(ADD_AGENCY, &row).await?;
    }
    let row = |item: &Item| args![*id, item.account, item.from].to_vec();
    if items.is_empty() { Ok(()) } else { tx.write_rows(ADD_ITEM, items.iter().map(row).collect()).await }
}

/// The agencies that give something up, as they were looked at; by code.
pub async fn agencies(db: &Db, id: ReorganisationId) -> Result<Vec<Before>, StorageError> {
    db.all::<AgencyRow>(AGENCIES, &args![id]).await?.into_iter().map(before).collect()
}

/// Takes in everybody of the agencies that are merged.
pub async fn add_everybody(tx: &mut Tx, one: &Reorganisation) -> Result<u64, StorageError> {
    tx.write(ADD_EVERYBODY, &args![one.id, one.target]).await
}

/// Confirms a draft; tells whether it was one.
pub async fn confirm(tx: &mut Tx, id: ReorganisationId, why: &str) -> Result<bool, StorageError> {
    Ok(tx.write(CONFIRM, &args![id, why]).await? == 1)
}

/// Those that nobody stands by any more, by their day.
pub async fn orphaned(db: &Db) -> Result<Vec<Reorganisation>, StorageError> {
    db.all::<Row>(ORPHANED, &[]).await?.into_iter().map(read).collect()
}

/// Confirms one anew that nobody stood by any more; tells whether that was so.
pub async fn take_over(
    tx: &mut Tx,
    id: ReorganisationId,
    (by, address): (AccountId, &str),
    why: &str,
) -> Result<bool, StorageError> {
    Ok(tx.write(TAKE_OVER, &args![id, why, by, address]).await? == 1)
}

/// Begins one that was confirmed; tells whether nobody else did.
pub async fn begin(
    tx: &mut Tx,
    id: ReorganisationId,
    now: Timestamp,
    former_until: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(BEGIN, &args![id, now, former_until]).await? == 1)
}

/// Whether another one with an agency of it is under way, or with `later` was begun after it and holds.
pub async fn is_in_the_way(tx: &mut Tx, id: ReorganisationId, later: bool) -> Result<bool, StorageError> {
    Ok(tx.find::<CodeRow>(SHARING, &args![id, later]).await?.is_some())
}

/// The same outside of a transaction, with those begun later.
pub async fn is_built_on(db: &Db, id: ReorganisationId) -> Result<bool, StorageError> {
    Ok(db.find::<CodeRow>(SHARING, &args![id, true]).await?.is_some())
}

/// Begins to take back what was done; tells whether it was.
pub async fn undo(tx: &mut Tx, id: ReorganisationId, why: &str) -> Result<bool, StorageError> {
    Ok(tx.write(UNDO, &args![id, why]).await? == 1)
}

/// Ends one in a stage without doing it; tells whether it was in that stage.
pub async fn leave(
    tx: &mut Tx,
    id: ReorganisationId,
    (from, to): (Stage, Stage),
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(LEAVE, &args![id, to.code(), now, from.code()]).await? == 1)
}

/// Writes down that nobody is left to be moved.
pub async fn finish(
    tx: &mut Tx,
    (id, stage): (ReorganisationId, Stage),
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(tx.write(FINISH, &args![id, now, stage.code()]).await? == 1)
}

/// The next accounts that wait: to be moved, or with `back` to be moved back.
pub async fn waiting(
    tx: &mut Tx,
    id: ReorganisationId,
    back: bool,
    limit: i64,
) -> Result<Vec<Item>, StorageError> {
    let rows: Vec<ItemRow> = tx.all(if back { DONE } else { OPEN }, &args![id, limit]).await?;
    let item = |row: ItemRow| {
        let bad = |column| StorageError::corrupt("reorganisation_item", column, id.to_string());
        let account = row.account_id.parse().map_err(|_| bad("account_id"))?;
        Ok(Item { account, from: row.from_id.parse().map_err(|_| bad("from_id"))? })
    };
    rows.into_iter().map(item).collect()
}

/// Writes down what came of an account; tells whether nobody else did.
pub async fn settle(
    tx: &mut Tx,
    id: ReorganisationId,
    account: AccountId,
    (from, to): (Option<Outcome>, Outcome),
) -> Result<bool, StorageError> {
    let row = args![id, account, to.code(), from.map(Outcome::code)];
    Ok(tx.write(SETTLE, &row).await? == 1)
}

/// How many accounts it has dealt with, by what came of them; `None`: not yet.
pub async fn by_outcome(db: &Db, id: ReorganisationId) -> Result<Vec<(Option<Outcome>, i64)>, StorageError> {
    let rows: Vec<OutcomeRow> = db.all(BY_OUTCOME, &args![id]).await?;
    let read = |row: OutcomeRow| (row.outcome.as_deref().and_then(Outcome::from_code), row.number);
    Ok(rows.into_iter().map(read).collect())
}

/// How many accounts of each agency it concerns, as they were written down.
pub async fn by_from(db: &Db, id: ReorganisationId) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    accounts::by_agency(db.all(BY_FROM, &args![id]).await?)
}

/// How many accounts the agencies that are to be merged have now.
pub async fn now_of(db: &Db, one: &Reorganisation) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    accounts::by_agency(db.all(NOW_OF, &args![one.id, one.target]).await?)
}

/// The first accounts of it by name, of all or with one outcome.
pub async fn accounts(
    db: &Db,
    id: ReorganisationId,
    outcome: Option<Outcome>,
    limit: i64,
) -> Result<Vec<Account>, StorageError> {
    let args = args![id, outcome.map(Outcome::code), limit];
    db.all(ACCOUNTS, &args).await?.into_iter().map(accounts::account).collect()
}

/// The first accounts by name that the agencies that are to be merged have now.
pub async fn accounts_now(db: &Db, one: &Reorganisation, limit: i64) -> Result<Vec<Account>, StorageError> {
    let args = args![one.id, one.target, limit];
    db.all(ACCOUNTS_NOW, &args).await?.into_iter().map(accounts::account).collect()
}

/// The accounts of an agency that were not withdrawn, by id.
pub async fn of_agency(db: &Db, agency: AgencyId, limit: i64) -> Result<Vec<Account>, StorageError> {
    db.all(OF_AGENCY, &args![agency, limit]).await?.into_iter().map(accounts::account).collect()
}

/// Writes down what else was changed.
pub async fn add_part(
    tx: &mut Tx,
    id: ReorganisationId,
    (kind, reference): (&str, String),
    (before, after): (AgencyId, Option<AgencyId>),
) -> Result<(), StorageError> {
    tx.write(ADD_PART, &args![id, kind, reference, before, after]).await.map(|_| ())
}

/// What else was changed.
pub async fn parts(db: &Db, id: ReorganisationId) -> Result<Vec<Part>, StorageError> {
    let part = |row: PartRow| {
        let bad = || StorageError::corrupt("reorganisation_part", "before_id", id.to_string());
        let before = row.before_id.parse().map_err(|_| bad())?;
        let after = row.after_id.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
        Ok(Part { kind: row.kind, reference: row.reference, before, after })
    };
    db.all::<PartRow>(PARTS, &args![id]).await?.into_iter().map(part).collect()
}

/// Whom a split has moved: the account, the agency before and the one after.
pub async fn moves(db: &Db) -> Result<Vec<(AccountId, AgencyId, AgencyId)>, StorageError> {
    let one = |row: MoveRow| {
        let bad = || StorageError::corrupt("reorganisation_item", "from_id", &row.account);
        let account = row.account.parse().map_err(|_| bad())?;
        let from = row.source.parse().map_err(|_| bad())?;
        Ok((account, from, row.target.parse().map_err(|_| bad())?))
    };
    db.all::<MoveRow>(MOVES, &[]).await?.into_iter().map(one).collect()
}

/// The codes under which an account's agency was known before, as long as applications are told; the latest first.
pub async fn former_codes(
    db: &Db,
    account: AccountId,
    agency: AgencyId,
    now: Timestamp,
) -> Result<Vec<String>, StorageError> {
    let rows: Vec<CodeRow> = db.all(FORMER_CODES, &args![account, agency, now]).await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// Forgets drafts older than a moment; tells how many.
pub async fn forget(db: &Db, drafts: Timestamp) -> Result<u64, StorageError> {
    let mut tx = db.begin().await?;
    tx.write(FORGET_ITEMS, &args![drafts]).await?;
    tx.write(FORGET_AGENCIES, &args![drafts]).await?;
    let forgotten = tx.write(FORGET, &args![drafts]).await?;
    tx.commit().await?;
    Ok(forgotten)
}

fn before(row: AgencyRow) -> Result<Before, StorageError> {
    let bad = |column| StorageError::corrupt("reorganisation_agency", column, &row.agency_id);
    Ok(Before {
        agency: row.agency_id.parse().map_err(|_| bad("agency_id"))?,
        parent: row.parent_id.as_deref().map(str::parse).transpose().map_err(|_| bad("parent_id"))?,
        code: row.code,
        name: row.name,
    })
}

fn read(row: Row) -> Result<Reorganisation, StorageError> {
    let bad = |column| StorageError::corrupt("reorganisation", column, &row.id);
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Ok(Reorganisation {
        id: row.id.parse().map_err(|_| bad("id"))?,
        kind: Kind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        asked_by: row.asked_by.parse().map_err(|_| bad("asked_by"))?,
        target: row.target_id.parse().map_err(|_| bad("target_id"))?,
        under: row.under_id.as_deref().map(str::parse).transpose().map_err(|_| bad("under_id"))?,
        day: Date::parse(&row.day, &format).map_err(|_| bad("day"))?,
        stage: Stage::from_code(&row.stage).ok_or_else(|| bad("stage"))?,
        asked_as: row.asked_as,
        code: row.code,
        name: row.name,
        carries_roles: row.carries_roles,
        former_days: row.former_days,
        why: row.why,
        created_at: Timestamp::from_micros(row.created_at),
        started_at: row.started_at.map(Timestamp::from_micros),
        finished_at: row.finished_at.map(Timestamp::from_micros),
    })
}
