//! What is watched: forwarding with its dates, and the lists over all accounts. Retired accounts are in none.

use super::account_list::Systems;
use super::db::{Arg, Statement, args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;
use crate::domain::watch::{Cap, Forward, ForwardSource, MESSAGE, QUOTA, WatchList};
use time::Duration;

/// When an account was last used here; its own date begins with its making.
macro_rules! here {
    () => {
        "CASE WHEN a.first_access_at IS NOT NULL THEN a.last_used_at END"
    };
}

/// Where the rows of each list come from. `$1` is the agency, the further values are the list's own.
macro_rules! of {
    (forwards) => {
        "forward_seen f JOIN mailbox m ON m.system = f.system AND m.native_id = f.native_id \
         JOIN account a ON a.id = m.account_id \
         WHERE f.ended_at IS NULL AND $2 NOT LIKE '%,' || f.domain || ',%'"
    };
    (quota) => {
        "directory_entry e JOIN mailbox m ON m.system = e.system AND m.native_id = e.native_id \
         JOIN account a ON a.id = m.account_id WHERE (e.quota_kib < $2 OR e.quota_kib > $3)"
    };
    (message) => {
        "directory_entry e JOIN mailbox m ON m.system = e.system AND m.native_id = e.native_id \
         JOIN account a ON a.id = m.account_id WHERE (e.message_kib < $2 OR e.message_kib > $3)"
    };
    (unused) => {
        concat!(
            "account a WHERE COALESCE(a.used_there, ",
            here!(),
            ") IS NOT NULL AND COALESCE(a.used_there, 0) < $2 AND COALESCE(",
            here!(),
            ", 0) < $2"
        )
    };
    (never) => {
        concat!("account a WHERE a.used_there IS NULL AND ", here!(), " IS NULL")
    };
    (only) => {
        "account a WHERE a.systems = $2"
    };
}

/// The columns of a list's own, behind those of the account.
macro_rules! columns {
    (forwards) => {
        "f.system, f.address AS what, f.source AS detail, \
         CAST(CASE WHEN f.keeps_copy THEN 1 ELSE 0 END AS BIGINT) AS number, f.since AS moment"
    };
    (quota) => {
        "e.system, CAST(NULL AS TEXT) AS what, CAST(NULL AS TEXT) AS detail, e.quota_kib AS number, \
         CAST(NULL AS BIGINT) AS moment"
    };
    (message) => {
        "e.system, CAST(NULL AS TEXT) AS what, CAST(NULL AS TEXT) AS detail, e.message_kib AS number, \
         CAST(NULL AS BIGINT) AS moment"
    };
    (unused) => {
        concat!(
            "CAST(NULL AS TEXT) AS system, CAST(NULL AS TEXT) AS what, CAST(NULL AS TEXT) AS detail, ",
            "CAST(NULL AS BIGINT) AS number, CASE WHEN COALESCE(",
            here!(),
            ", 0) > COALESCE(a.used_there, 0) THEN ",
            here!(),
            " ELSE a.used_there END AS moment"
        )
    };
    ($other:ident) => {
        "CAST(NULL AS TEXT) AS system, CAST(NULL AS TEXT) AS what, CAST(NULL AS TEXT) AS detail, \
         CAST(NULL AS BIGINT) AS number, CAST(NULL AS BIGINT) AS moment"
    };
}

/// What tells rows of one account from each other.
macro_rules! tie {
    (forwards) => {
        "f.system || ' ' || f.address"
    };
    (quota) => {
        "e.system"
    };
    (message) => {
        "e.system"
    };
    ($other:ident) => {
        "CAST('' AS TEXT)"
    };
}

/// The values of the place, behind the list's own.
macro_rules! place {
    (quota) => {
        "($4, $5)"
    };
    (message) => {
        "($4, $5)"
    };
    (never) => {
        "($2, $3)"
    };
    ($other:ident) => {
        "($3, $4)"
    };
}

/// The value of the limit, behind those.
macro_rules! limit {
    (quota) => {
        "$6"
    };
    (message) => {
        "$6"
    };
    (never) => {
        "$4"
    };
    ($other:ident) => {
        "$5"
    };
}

/// Of whom: of everybody within a reach that may be the whole city, or of a branch, whose index is walked.
macro_rules! within {
    (city) => {
        " AND a.state <> 'retired' AND (CAST($1 AS TEXT) IS NULL OR a.agency_id IN \
         (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1)) "
    };
    (branch) => {
        " AND a.state <> 'retired' AND a.agency_id IN \
         (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1) "
    };
}

macro_rules! page {
    ($list:ident, $whom:ident) => {
        concat!(
            "SELECT a.id AS account_id, a.address AS account, a.display_name, a.agency_id, ",
            columns!($list),
            ", ",
            tie!($list),
            " AS tie FROM ",
            of!($list),
            within!($whom),
            "AND (a.address, ",
            tie!($list),
            ") > ",
            place!($list),
            " ORDER BY a.address, ",
            tie!($list),
            " LIMIT ",
            limit!($list)
        )
    };
}

/// Of the city not in the order of the index of agencies, from which it would be a look into every row.
macro_rules! counts {
    ($list:ident, city) => {
        concat!(
            "SELECT NULLIF(l.agency, '') AS agency_id, COUNT(*) AS number FROM \
             (SELECT COALESCE(a.agency_id, '') AS agency FROM ",
            of!($list),
            within!(city),
            ") AS l GROUP BY l.agency"
        )
    };
    ($list:ident, branch) => {
        concat!(
            "SELECT a.agency_id, COUNT(*) AS number FROM ",
            of!($list),
            within!(branch),
            "GROUP BY a.agency_id"
        )
    };
}

statements! {
    FORWARDS = page!(forwards, city);
    QUOTAS = page!(quota, city);
    MESSAGES = page!(message, city);
    UNUSED = page!(unused, city);
    NEVER = page!(never, city);
    ONLY = page!(only, city);
    BRANCH_FORWARDS = page!(forwards, branch);
    BRANCH_QUOTAS = page!(quota, branch);
    BRANCH_MESSAGES = page!(message, branch);
    BRANCH_UNUSED = page!(unused, branch);
    BRANCH_NEVER = page!(never, branch);
    BRANCH_ONLY = page!(only, branch);
    COUNT_FORWARDS = counts!(forwards, city);
    COUNT_QUOTAS = counts!(quota, city);
    COUNT_MESSAGES = counts!(message, city);
    COUNT_UNUSED = counts!(unused, city);
    COUNT_NEVER = counts!(never, city);
    COUNT_ONLY = counts!(only, city);
    COUNT_BRANCH_FORWARDS = counts!(forwards, branch);
    COUNT_BRANCH_QUOTAS = counts!(quota, branch);
    COUNT_BRANCH_MESSAGES = counts!(message, branch);
    COUNT_BRANCH_UNUSED = counts!(unused, branch);
    COUNT_BRANCH_NEVER = counts!(never, branch);
    COUNT_BRANCH_ONLY = counts!(only, branch);
    OPEN_FORWARDS = "SELECT system, native_id, address, keeps_copy, source, since FROM forward_seen \
                     WHERE system = $1 AND ended_at IS NULL";
    OF_ACCOUNT = "SELECT f.system, f.native_id, f.address, f.keeps_copy, f.source, f.since FROM mailbox m \
                  JOIN forward_seen f ON f.system = m.system AND f.native_id = m.native_id \
                  WHERE m.account_id = $1 AND f.ended_at IS NULL ORDER BY f.system, f.address";
    EVER_OF_ACCOUNT = "SELECT f.system, f.address, f.keeps_copy, f.source, f.since, f.ended_at FROM mailbox m \
                       JOIN forward_seen f ON f.system = m.system AND f.native_id = m.native_id \
                       WHERE m.account_id = $1 ORDER BY f.system, f.since, f.address LIMIT $2";
    LIMITS_OF_ACCOUNT = "SELECT e.system, e.quota_kib, e.message_kib, e.used_at FROM mailbox m \
                         JOIN directory_entry e ON e.system = m.system AND e.native_id = m.native_id \
                         WHERE m.account_id = $1 ORDER BY e.system";
    // One that ended and comes back begins anew.
    SEE = "INSERT INTO forward_seen (system, native_id, address, domain, keeps_copy, source, since) \
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (system, native_id, address) DO UPDATE SET \
           since = CASE WHEN forward_seen.ended_at IS NULL THEN forward_seen.since ELSE excluded.since END, \
           ended_at = NULL, domain = excluded.domain, keeps_copy = excluded.keeps_copy, source = excluded.source";
    END = "UPDATE forward_seen SET ended_at = $4 WHERE system = $1 AND native_id = $2 AND address = $3 \
           AND ended_at IS NULL";
}

#[derive(sqlx::FromRow)]
struct Row {
    account_id: String,
    account: String,
    display_name: String,
    agency_id: Option<String>,
    system: Option<String>,
    what: Option<String>,
    detail: Option<String>,
    number: Option<i64>,
    moment: Option<i64>,
    tie: String,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    agency_id: Option<String>,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct ForwardRow {
    system: String,
    native_id: String,
    address: String,
    keeps_copy: bool,
    source: String,
    since: i64,
}

/// A forwarding as it was written down, one that ended too.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EverRow {
    /// In which mail system.
    pub system: String,
    /// Where to.
    pub address: String,
    /// Whether a copy stays.
    pub keeps_copy: bool,
    /// How it came to be: [`ForwardSource::code`].
    pub source: String,
    /// When it was first seen, in microseconds.
    pub since: i64,
    /// When it was first seen no more, in microseconds.
    pub ended_at: Option<i64>,
}

/// The limits of a mailbox and its last use, as its directory last told them; `None`: it does not tell.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LimitsRow {
    /// The mail system.
    pub system: String,
    /// How much it holds, in KiB: [`Cap::code`].
    pub quota_kib: Option<i64>,
    /// The largest message, in KiB: [`Cap::code`].
    pub message_kib: Option<i64>,
    /// When it was last used there, in microseconds.
    pub used_at: Option<i64>,
}

/// What a list is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which list.
    pub list: WatchList,
    /// Only of this agency.
    pub agency: Option<AgencyId>,
    /// The domains into which mail may be forwarded.
    pub own_domains: Vec<String>,
    /// The present.
    pub now: Timestamp,
}

/// What a row of a list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// Mail is forwarded, first seen then.
    Forwards(Forward, Timestamp),
    /// A limit.
    Cap(Cap),
    /// The last use.
    UsedAt(Timestamp),
    /// Nothing more than being in the list.
    Nothing,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The account.
    pub account_id: AccountId,
    /// Its address.
    pub address: String,
    /// Its holder.
    pub name: String,
    /// Its agency.
    pub agency_id: Option<AgencyId>,
    /// The mail system, where the row is about one.
    pub system: Option<MailSystem>,
    /// What it says.
    pub says: Says,
    /// What tells rows of one account from each other.
    pub tie: String,
}

/// A forwarding that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where.
    pub system: MailSystem,
    /// Of which mailbox.
    pub native_id: String,
    /// Where to.
    pub forward: Forward,
    /// When it was first seen.
    pub since: Timestamp,
}

/// A page of a list in the order of addresses, after an account's address and what tells its rows apart.
pub async fn page(db: &Db, ask: &Ask, after: (&str, &str), limit: i64) -> Result<Vec<Found>, StorageError> {
    let (statement, _) = statements_of(ask);
    let mut values = values(ask);
    values.extend(args![after.0, after.1, limit]);
    db.all::<Row>(statement, &values).await?.into_iter().map(|row| found(ask.list, row)).collect()
}

/// How long a list is, by agency.
pub async fn counts(db: &Db, ask: &Ask) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    let rows: Vec<CountRow> = db.all(statements_of(ask).1, &values(ask)).await?;
    rows.into_iter().map(|row| Ok((agency(row.agency_id)?, row.number))).collect()
}

/// The forwarding that a mail system was last seen to do.
pub async fn open_forwards(db: &Db, system: MailSystem) -> Result<Vec<Seen>, StorageError> {
    db.all::<ForwardRow>(OPEN_FORWARDS, &args![system.code()]).await?.into_iter().map(seen).collect()
}

/// The forwarding of an account's mailboxes.
pub async fn of_account(db: &Db, id: AccountId) -> Result<Vec<Seen>, StorageError> {
    db.all::<ForwardRow>(OF_ACCOUNT, &args![id]).await?.into_iter().map(seen).collect()
}

/// The forwarding of an account's mailboxes, what has ended too; the oldest first.
pub async fn ever_of_account(db: &Db, id: AccountId, limit: i64) -> Result<Vec<EverRow>, StorageError> {
    db.all(EVER_OF_ACCOUNT, &args![id, limit]).await
}

/// The limits of an account's mailboxes.
pub async fn limits_of_account(db: &Db, id: AccountId) -> Result<Vec<LimitsRow>, StorageError> {
    db.all(LIMITS_OF_ACCOUNT, &args![id]).await
}

/// Writes down a forwarding that is new, or not as it was.
pub async fn see(
    tx: &mut Tx,
    (system, native_id): (MailSystem, &str),
    forward: &Forward,
    now: Timestamp,
) -> Result<(), StorageError> {
    let domain = forward.domain().unwrap_or_default();
    let source = forward.source.code();
    let args = args![system.code(), native_id, &forward.to, domain, forward.keeps_copy, source, now];
    tx.write(SEE, &args).await.map(|_| ())
}

/// Writes down that a forwarding is there no more.
pub async fn end(tx: &mut Tx, gone: &Seen, now: Timestamp) -> Result<(), StorageError> {
    let args = args![gone.system.code(), &gone.native_id, &gone.forward.to, now];
    tx.write(END, &args).await.map(|_| ())
}

/// The statements for a page and for the numbers.
fn statements_of(ask: &Ask) -> (Statement, Statement) {
    match (ask.list, ask.agency.is_some()) {
        (WatchList::Forwards, false) => (FORWARDS, COUNT_FORWARDS),
        (WatchList::Quota, false) => (QUOTAS, COUNT_QUOTAS),
        (WatchList::Message, false) => (MESSAGES, COUNT_MESSAGES),
        (WatchList::Unused(_), false) => (UNUSED, COUNT_UNUSED),
        (WatchList::Never, false) => (NEVER, COUNT_NEVER),
        (WatchList::Only(_), false) => (ONLY, COUNT_ONLY),
        (WatchList::Forwards, true) => (BRANCH_FORWARDS, COUNT_BRANCH_FORWARDS),
        (WatchList::Quota, true) => (BRANCH_QUOTAS, COUNT_BRANCH_QUOTAS),
        (WatchList::Message, true) => (BRANCH_MESSAGES, COUNT_BRANCH_MESSAGES),
        (WatchList::Unused(_), true) => (BRANCH_UNUSED, COUNT_BRANCH_UNUSED),
        (WatchList::Never, true) => (BRANCH_NEVER, COUNT_BRANCH_NEVER),
        (WatchList::Only(_), true) => (BRANCH_ONLY, COUNT_BRANCH_ONLY),
    }
}

/// The agency, and what the list itself binds. A limit that does not exist is as large as can be.
fn values(ask: &Ask) -> Vec<Arg> {
    let mut values = args![ask.agency].to_vec();
    match ask.list {
        WatchList::Forwards => values.extend(args![format!(",{},", ask.own_domains.join(","))]),
        WatchList::Quota => values.extend(args![*QUOTA.start(), *QUOTA.end()]),
        WatchList::Message => values.extend(args![*MESSAGE.start(), *MESSAGE.end()]),
        WatchList::Unused(days) => values.extend(args![ask.now.minus(Duration::days(days))]),
        WatchList::Never => {}
        WatchList::Only(system) => values.extend(args![Systems::only(system).number()]),
    }
    values
}

fn found(list: WatchList, row: Row) -> Result<Found, StorageError> {
    let bad = |column| StorageError::corrupt("account", column, row.account_id.clone());
    let says = match (list, row.number, row.moment) {
        (WatchList::Forwards, keeps, Some(since)) => {
            let source = row.detail.as_deref().and_then(ForwardSource::from_code);
            let to = row.what.clone().unwrap_or_default();
            let source = source.ok_or_else(|| StorageError::corrupt("forward_seen", "source", to.clone()))?;
            let forward = Forward { to, keeps_copy: keeps == Some(1), source };
            Says::Forwards(forward, Timestamp::from_micros(since))
        }
        (WatchList::Quota | WatchList::Message, Some(number), _) => Says::Cap(Cap::from_code(number)),
        (WatchList::Unused(_), _, Some(at)) => Says::UsedAt(Timestamp::from_micros(at)),
        _ => Says::Nothing,
    };
    Ok(Found {
        account_id: row.account_id.parse().map_err(|_| bad("id"))?,
        agency_id: agency(row.agency_id)?,
        address: row.account,
        name: row.display_name,
        system: row.system.as_deref().and_then(MailSystem::from_code),
        says,
        tie: row.tie,
    })
}

fn seen(row: ForwardRow) -> Result<Seen, StorageError> {
    let bad = |column| StorageError::corrupt("forward_seen", column, row.native_id.clone());
    let source = ForwardSource::from_code(&row.source).ok_or_else(|| bad("source"))?;
    Ok(Seen {
        system: MailSystem::from_code(&row.system).ok_or_else(|| bad("system"))?,
        forward: Forward { to: row.address, keeps_copy: row.keeps_copy, source },
        since: Timestamp::from_micros(row.since),
        native_id: row.native_id,
    })
}

fn agency(id: Option<String>) -> Result<Option<AgencyId>, StorageError> {
    let bad = |id: &String| StorageError::corrupt("account", "agency_id", id.clone());
    id.map(|id| id.parse().map_err(|_| bad(&id))).transpose()
}
