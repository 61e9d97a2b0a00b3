//! Accounts and their further addresses. Saved by compare and swap on `version`.

use super::db::{Arg, args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::account::Terms;
use crate::domain::account::{Account, Kind, LockReason, MustChange, Profile, State, StateName, Traces};
use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::name;
use crate::domain::timestamp::Timestamp;

/// The columns of an account, from the rows that the rest of the statement chooses.
macro_rules! account {
    ($rest:literal) => {
        concat!(
            "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, ",
            "state_reason, due_at, lock_at, version, first_access_at, last_used_at, promised_until, ",
            "EXISTS (SELECT 1 FROM role_grant r WHERE r.account_id = account.id AND r.ended_at IS NULL) AS administers ",
            "FROM account ",
            $rest
        )
    };
}

statements! {
    BY_ID = account!("WHERE id = $1");
    BY_SUBJECT = account!("WHERE subject = $1");
    BY_ADDRESS = account!("WHERE id = COALESCE((SELECT a.id FROM account a WHERE a.address = $1), \
                  (SELECT account_id FROM alias WHERE alias.address = $1), \
                  (SELECT account_id FROM former_address f WHERE f.address = $1))");
    EVERY = account!("ORDER BY id");
    TO_LOCK = account!("WHERE lock_at <= $1 AND (lock_at, id) > ($2, $3) ORDER BY lock_at, id LIMIT $4");
    TO_LOCK_OF = account!("WHERE lock_at <= $1 AND (CAST($2 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) \
                           ORDER BY lock_at, id LIMIT $3");
    ENDING = account!("WHERE due_at <= $1 AND (due_at, id) > ($2, $3) \
                       AND (CAST($4 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $4)) ORDER BY due_at, id LIMIT $5");
    // Not by state: an index by state would read everybody for each page and sort them by id.
    OPEN = account!("WHERE id > $1 AND state NOT IN ('locked', 'retired') ORDER BY id LIMIT $2");
    SET_TERMS = "UPDATE account SET due_at = $3, lock_at = $4 WHERE id = $1 AND version = $2";
    PROMISE = "UPDATE account SET promised_until = $3 WHERE id = $1 AND version = $2 \
               AND (promised_until IS NULL OR promised_until < $3)";
    USED = "UPDATE account SET last_used_at = CASE WHEN last_used_at > $2 THEN last_used_at ELSE $2 END, \
            first_access_at = COALESCE(first_access_at, $2) WHERE id = $1";
    RAISE_LAST_USE = "UPDATE account SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    // Not by the index of agencies, which would read everybody.
    TO_LOCK_BY_AGENCY = "SELECT NULLIF(agency, '') AS agency_id, COUNT(*) AS number FROM \
                         (SELECT COALESCE(agency_id, '') AS agency FROM account WHERE lock_at <= $1) AS due \
                         GROUP BY agency";
    OPEN_BY_AGENCY = "SELECT agency_id, COUNT(*) AS number FROM account \
                      WHERE state IN ('active', 'must_change') GROUP BY agency_id";
    INSERT = "INSERT INTO account (id, subject, address, kind, display_name, title, staff_number, agency_id, \
              search_key, state, state_since, state_reason, due_at, lock_at, promised_until, version, created_at, \
              last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, $16)";
    SAVE = "UPDATE account SET address = $3, kind = $4, display_name = $5, title = $6, staff_number = $7, \
            agency_id = $8, search_key = $9, state = $10, state_since = $11, state_reason = $12, due_at = $13, \
            lock_at = $14, promised_until = $15, version = version + 1 WHERE id = $1 AND version = $2";
    COUNTS = "SELECT state, state_reason, COUNT(*) AS number FROM account \
              WHERE (CAST($1 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1)) GROUP BY state, state_reason";
    DUE_BETWEEN = "SELECT COUNT(*) AS number FROM account WHERE due_at > $1 AND due_at <= $2 \
                   AND (CAST($3 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $3))";
    LIST = account!("WHERE (CAST($1 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1)) AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND (CAST($3 AS TEXT) IS NULL OR state_reason = $3) \
            AND (CAST($4 AS TEXT) IS NULL OR search_key LIKE $4 ESCAPE '!') AND (CAST($5 AS TEXT) IS NULL OR agency_id = $5) AND address > $6 \
            AND (CAST($7 AS BIGINT) IS NULL OR (due_at IS NOT NULL AND due_at <= $7)) \
            ORDER BY address LIMIT $8");
    LIST_BACK = account!("WHERE (CAST($1 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1)) AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND (CAST($3 AS TEXT) IS NULL OR state_reason = $3) \
            AND (CAST($4 AS TEXT) IS NULL OR search_key LIKE $4 ESCAPE '!') AND (CAST($5 AS TEXT) IS NULL OR agency_id = $5) AND address < $6 \
            AND (CAST($7 AS BIGINT) IS NULL OR (due_at IS NOT NULL AND due_at <= $7)) \
            ORDER BY address DESC LIMIT $8");
    MATCHING = "SELECT COUNT(*) AS number FROM account \
            WHERE (CAST($1 AS TEXT) IS NULL OR agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1)) AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND (CAST($3 AS TEXT) IS NULL OR state_reason = $3) \
            AND (CAST($4 AS TEXT) IS NULL OR search_key LIKE $4 ESCAPE '!') AND (CAST($5 AS TEXT) IS NULL OR agency_id = $5) \
            AND (CAST($6 AS BIGINT) IS NULL OR (due_at IS NOT NULL AND due_at <= $6))";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    subject: String,
    address: String,
    kind: String,
    display_name: String,
    title: Option<String>,
    staff_number: Option<String>,
    agency_id: Option<String>,
    state: String,
    state_since: i64,
    state_reason: Option<String>,
    due_at: Option<i64>,
    lock_at: Option<i64>,
    version: i64,
    first_access_at: Option<i64>,
    last_used_at: Option<i64>,
    promised_until: Option<i64>,
    administers: bool,
}

#[derive(sqlx::FromRow)]
struct AgencyRow {
    agency_id: Option<String>,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    state: String,
    state_reason: Option<String>,
    number: i64,
}

/// How many accounts are in one state for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The state.
    pub state: StateName,
    /// Why locked, for locked ones.
    pub lock: Option<LockReason>,
    /// How many.
    pub number: i64,
}

/// What a list of accounts is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The reach of whoever asks.
    pub reach: Option<AgencyId>,
    /// Only in this state.
    pub state: Option<StateName>,
    /// Only locked for this reason.
    pub lock: Option<LockReason>,
    /// Only of this agency.
    pub agency: Option<AgencyId>,
    /// Only whose name, address, staff number or title contains this; diacritics do not matter.
    pub search: Option<String>,
    /// Only whose term ends by then.
    pub due_by: Option<Timestamp>,
}

/// Where a page of a list begins.
#[derive(Debug, Clone)]
pub enum Page {
    /// After this address, forwards; empty: the first page.
    After(String),
    /// Before this address, backwards.
    Before(String),
}

/// The account with this id.
pub async fn by_id(db: &Db, id: AccountId) -> Result<Option<Account>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(account).transpose()
}

/// The account with this id, within a transaction.
pub async fn by_id_in(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StorageError> {
    tx.find::<Row>(BY_ID, &args![id]).await?.map(account).transpose()
}

/// The account with this `sub`.
pub async fn by_subject(db: &Db, subject: &str) -> Result<Option<Account>, StorageError> {
    db.find::<Row>(BY_SUBJECT, &args![subject]).await?.map(account).transpose()
}

/// The account with this main address or alias.
pub async fn by_address(db: &Db, address: &MailAddress) -> Result<Option<Account>, StorageError> {
    db.find::<Row>(BY_ADDRESS, &args![address.as_str()]).await?.map(account).transpose()
}

/// All accounts, for the synchronisation.
pub async fn every(db: &Db) -> Result<Vec<Account>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(account).collect()
}

/// A place in a walk through accounts by a moment: after this moment and account.
#[derive(Debug, Clone, Default)]
pub struct Place {
    at: i64,
    id: String,
}

impl Place {
    /// Before everything.
    pub fn start() -> Self {
        Self { at: i64::MIN, id: String::new() }
    }

    /// The moment of this place.
    pub const fn moment(&self) -> Timestamp {
        Timestamp::from_micros(self.at)
    }
}

/// An account and the moment by which the walk found it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The account.
    pub account: Account,
    /// Where the walk goes on.
    pub place: Place,
}

/// A page of the accounts that are to be locked by `now`, the longest overdue first.
pub async fn to_lock(db: &Db, now: Timestamp, after: &Place, limit: i64) -> Result<Vec<Found>, StorageError> {
    let rows: Vec<Row> = db.all(TO_LOCK, &args![now, after.at, &after.id, limit]).await?;
    rows.into_iter().map(|row| found(row.lock_at, row)).collect()
}

/// The first accounts that are to be locked by `now`, within a reach.
pub async fn first_to_lock(
    db: &Db,
    now: Timestamp,
    reach: Option<AgencyId>,
    limit: i64,
) -> Result<Vec<Account>, StorageError> {
    db.all::<Row>(TO_LOCK_OF, &args![now, reach, limit]).await?.into_iter().map(account).collect()
}

/// A page of the accounts whose term ends within a span, within a reach; the earliest first.
pub async fn ending(
    db: &Db,
    (from, until): (Timestamp, Timestamp),
    reach: Option<AgencyId>,
    after: &Place,
    limit: i64,
) -> Result<Vec<Found>, StorageError> {
    // The walk begins right after the span's first moment: "g" comes after every id of that moment.
    let (at, id) = (from.micros(), "g").max((after.at, after.id.as_str()));
    let args = args![until, at, id, reach, limit];
    let rows: Vec<Row> = db.all(ENDING, &args).await?;
    rows.into_iter().map(|row| found(row.due_at, row)).collect()
}

/// A page of the accounts that are neither locked nor retired, by id; after the account `after`.
pub async fn open(db: &Db, after: Option<AccountId>, limit: i64) -> Result<Vec<Account>, StorageError> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    db.all::<Row>(OPEN, &args![after, limit]).await?.into_iter().map(account).collect()
}

/// How many are to be locked by `now`, of each agency.
pub async fn to_lock_by_agency(
    db: &Db,
    now: Timestamp,
) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    by_agency(db.all(TO_LOCK_BY_AGENCY, &args![now]).await?)
}

/// How many accounts of each agency are neither locked nor retired.
pub async fn open_by_agency(db: &Db) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    by_agency(db.all(OPEN_BY_AGENCY, &[]).await?)
}

/// Writes down the terms of an account as it was read; tells whether nobody changed it since.
pub async fn set_terms(tx: &mut Tx, account: &Account, terms: Terms) -> Result<bool, StorageError> {
    let args = args![account.id(), account.version(), terms.ends_at, terms.lock_at];
    Ok(tx.write(SET_TERMS, &args).await? == 1)
}

/// Writes down what its holder is told of the end of the term; tells whether that is news.
pub async fn promise(tx: &mut Tx, account: &Account, until: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(PROMISE, &args![account.id(), account.version(), until]).await? == 1)
}

/// Writes down that an account was used, for the first time perhaps. The last use never moves back, as a clock may.
pub async fn used(tx: &mut Tx, id: AccountId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(USED, &args![id, now]).await.map(|_| ())
}

/// Writes down that an account was used somewhere else; tells whether that was later than is known.
pub async fn raise_last_use(tx: &mut Tx, id: AccountId, at: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(RAISE_LAST_USE, &args![id, at]).await? == 1)
}

/// Adds a new account with its terms.
pub async fn insert(
    tx: &mut Tx,
    account: &Account,
    terms: Terms,
    created_at: Timestamp,
) -> Result<(), StorageError> {
    tx.write(INSERT, &new_row(account, terms, created_at)).await.map(|_| ())
}

/// Adds many new accounts with their terms.
pub async fn insert_many(
    tx: &mut Tx,
    accounts: &[(Account, Terms)],
    created_at: Timestamp,
) -> Result<(), StorageError> {
    let rows: Vec<_> = accounts.iter().map(|(account, terms)| new_row(account, *terms, created_at)).collect();
    tx.write_rows(INSERT, rows).await
}

fn new_row(account: &Account, terms: Terms, created_at: Timestamp) -> Vec<Arg> {
    let mut args = vec![Arg::from(account.id()), Arg::from(account.subject())];
    args.extend(columns(account, terms));
    args.push(Arg::from(created_at));
    args
}

/// Saves an account if nobody changed it since it was read.
pub async fn save(tx: &mut Tx, account: &Account, terms: Terms) -> Result<(), StorageError> {
    let mut args = vec![Arg::from(account.id()), Arg::from(account.version())];
    args.extend(columns(account, terms));
    match tx.write(SAVE, &args).await? {
        1 => Ok(()),
        _ => Err(StorageError::Lost { table: "account", id: account.id().to_string() }),
    }
}

/// How many accounts are in each state, within a reach.
pub async fn counts(db: &Db, reach: Option<AgencyId>) -> Result<Vec<Count>, StorageError> {
    let rows: Vec<CountRow> = db.all(COUNTS, &args![reach]).await?;
    rows.into_iter()
        .map(|row| {
            let state = StateName::from_code(&row.state)
                .ok_or_else(|| StorageError::corrupt("account", "state", &row.state))?;
            let locked = state == StateName::Locked;
            let lock = row.state_reason.as_deref().filter(|_| locked).and_then(LockReason::from_code);
            Ok(Count { state, lock, number: row.number })
        })
        .collect()
}

/// How many terms end within a span, within a reach.
pub async fn due_between(
    db: &Db,
    after: Timestamp,
    until: Timestamp,
    reach: Option<AgencyId>,
) -> Result<i64, StorageError> {
    Ok(db.one::<Number>(DUE_BETWEEN, &args![after, until, reach]).await?.number)
}

/// A page of the list, in the order of addresses.
pub async fn list(db: &Db, filter: &Filter, page: &Page, limit: i64) -> Result<Vec<Account>, StorageError> {
    let mut args = narrowing(filter);
    let (statement, edge, backwards) = match page {
        Page::After(address) => (LIST, address, false),
        Page::Before(address) => (LIST_BACK, address, true),
    };
    args.insert(5, Arg::from(edge));
    args.push(Arg::from(limit));
    let mut accounts =
        db.all::<Row>(statement, &args).await?.into_iter().map(account).collect::<Result<Vec<_>, _>>()?;
    if backwards {
        accounts.reverse();
    }
    Ok(accounts)
}

/// How many accounts a filter leaves.
pub async fn matching(db: &Db, filter: &Filter) -> Result<i64, StorageError> {
    Ok(db.one::<Number>(MATCHING, &narrowing(filter)).await?.number)
}

/// What a search finds an account by.
pub fn search_key(profile: &Profile) -> String {
    let parts = [
        profile.display_name.as_str(),
        profile.address.as_str(),
        profile.title.as_deref().unwrap_or_default(),
        profile.staff_number.as_deref().unwrap_or_default(),
    ];
    name::search_key(&parts.join(" "))
}

fn narrowing(filter: &Filter) -> Vec<Arg> {
    let search = filter.search.as_deref().map(name::search_key).filter(|key| !key.is_empty()).map(|key| {
        let escaped = key.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        format!("%{escaped}%")
    });
    args![
        filter.reach,
        filter.state.map(StateName::code),
        filter.lock.map(LockReason::code),
        search,
        filter.agency,
        filter.due_by,
    ]
    .to_vec()
}

fn columns(account: &Account, terms: Terms) -> Vec<Arg> {
    let profile = account.profile();
    let (since, reason) = match *account.state() {
        State::Active { password_set_at } => (password_set_at, None),
        State::MustChangePassword { since, why, .. } => (since, Some(why.code())),
        State::Locked { at, reason } => (at, Some(reason.code())),
        State::Retired { at } => (at, None),
    };
    args![
        profile.address.as_str(),
        profile.kind.code(),
        &profile.display_name,
        &profile.title,
        &profile.staff_number,
        profile.agency_id,
        search_key(profile),
        account.state().name().code(),
        since,
        reason,
        terms.ends_at,
        terms.lock_at,
        account.traces().promised_until,
    ]
    .to_vec()
}

fn account(row: Row) -> Result<Account, StorageError> {
    let bad = |column| StorageError::corrupt("account", column, row.id.clone());
    let since = Timestamp::from_micros(row.state_since);
    let reason = row.state_reason.as_deref();
    let state = match StateName::from_code(&row.state).ok_or_else(|| bad("state"))? {
        StateName::Active => State::Active { password_set_at: since },
        StateName::MustChange => State::MustChangePassword {
            since,
            // Without a term that runs there is nothing to wait for.
            deadline: row.due_at.map_or(since, Timestamp::from_micros),
            why: reason.and_then(MustChange::from_code).ok_or_else(|| bad("state_reason"))?,
        },
        StateName::Locked => State::Locked {
            at: since,
            reason: reason.and_then(LockReason::from_code).ok_or_else(|| bad("state_reason"))?,
        },
        StateName::Retired => State::Retired { at: since },
    };
    let profile = Profile {
        address: stored_address(&row.address, "account")?,
        kind: Kind::from_code(&row.kind).ok_or_else(|| bad("kind"))?,
        display_name: row.display_name,
        title: row.title,
        staff_number: row.staff_number,
        agency_id: row.agency_id.as_deref().map(str::parse).transpose().map_err(|_| bad("agency_id"))?,
    };
    let id = row.id.parse().map_err(|_| bad("id"))?;
    let traces = Traces {
        first_access_at: row.first_access_at.map(Timestamp::from_micros),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
        promised_until: row.promised_until.map(Timestamp::from_micros),
        written: Terms {
            ends_at: row.due_at.map(Timestamp::from_micros),
            lock_at: row.lock_at.map(Timestamp::from_micros),
        },
        administers: row.administers,
    };
    Ok(Account::new(id, row.subject, profile, state, row.version).with_traces(traces))
}

fn found(at: Option<i64>, row: Row) -> Result<Found, StorageError> {
    let place = Place { at: at.unwrap_or(i64::MIN), id: row.id.clone() };
    Ok(Found { account: account(row)?, place })
}

fn by_agency(rows: Vec<AgencyRow>) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
    let read = |row: AgencyRow| {
        let id = row.agency_id.as_deref().map(str::parse).transpose();
        let id = id.map_err(|_| StorageError::corrupt("account", "agency_id", String::new()))?;
        Ok((id, row.number))
    };
    rows.into_iter().map(read).collect()
}

fn stored_address(text: &str, table: &'static str) -> Result<MailAddress, StorageError> {
    MailAddress::parse(text).map_err(|_| StorageError::corrupt(table, "address", text))
}
