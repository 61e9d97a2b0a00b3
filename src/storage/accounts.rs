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
macro_rules! select_account {
    ($rest:expr) => {
        select_account!("", $rest)
    };
    ($further:literal, $rest:expr) => {
        concat!(
            "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, ",
            "state_reason, due_at, lock_at, version, first_access_at, last_used_at, promised_until, ",
            "idle_promised_until, disowned_at, ",
            $further,
            "EXISTS (SELECT 1 FROM role_grant r WHERE r.account_id = account.id AND r.ended_at IS NULL) AS administers ",
            "FROM account ",
            $rest
        )
    };
}
pub(super) use select_account;

statements! {
    BY_ID = select_account!("WHERE id = $1");
    BY_SUBJECT = select_account!("WHERE subject = $1");
    BY_ADDRESS = select_account!("WHERE id = COALESCE((SELECT a.id FROM account a WHERE a.address = $1), \
                  (SELECT account_id FROM alias WHERE alias.address = $1), \
                  (SELECT account_id FROM former_address f WHERE f.address = $1))");
    EVERY = select_account!("ORDER BY id");
    TO_LOCK = select_account!("WHERE lock_at <= $1 AND (lock_at, id) > ($2, $3) \
                        AND (CAST($4 AS TEXT) IS NULL OR agency_id IN \
                        (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $4)) ORDER BY lock_at, id LIMIT $5");
    ENDING = select_account!("WHERE due_at <= $1 AND (due_at, id) > ($2, $3) \
                       AND (CAST($4 AS TEXT) IS NULL OR agency_id IN \
                       (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $4)) ORDER BY due_at, id LIMIT $5");
    // Not by state: an index by state would read everybody for each page and sort them by id.
    OPEN = select_account!("WHERE id > $1 AND state NOT IN ('locked', 'retired') ORDER BY id LIMIT $2");
    SET_TERMS = "UPDATE account SET due_at = $3, lock_at = $4 WHERE id = $1 AND version = $2";
    PROMISE = "UPDATE account SET promised_until = $3 WHERE id = $1 AND version = $2 \
               AND (promised_until IS NULL OR promised_until < $3)";
    PROMISE_IDLE = "UPDATE account SET idle_promised_until = $3 WHERE id = $1 AND version = $2 \
                    AND (idle_promised_until IS NULL OR idle_promised_until < $3)";
    USED = "UPDATE account SET last_used_at = CASE WHEN last_used_at > $2 THEN last_used_at ELSE $2 END, \
            first_access_at = COALESCE(first_access_at, $2) WHERE id = $1 RETURNING disowned_at";
    DISOWN = "UPDATE account SET disowned_at = $2 WHERE id = $1";
    OWN_AGAIN = "UPDATE account SET disowned_at = NULL WHERE id = $1";
    RAISE_LAST_USE = "UPDATE account SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    // Not by the index of agencies, which would read everybody.
    TO_LOCK_BY_AGENCY = "SELECT NULLIF(agency, '') AS agency_id, COUNT(*) AS number FROM \
                         (SELECT COALESCE(agency_id, '') AS agency FROM account WHERE lock_at <= $1) AS due \
                         GROUP BY agency";
    // By the index of agencies alone; a list of states would lead to the index of states, and from it to every row.
    OPEN_BY_AGENCY = "SELECT agency_id, COUNT(*) AS number FROM account \
                      WHERE state NOT IN ('locked', 'retired') GROUP BY agency_id";
    INSERT = "INSERT INTO account (id, subject, address, kind, display_name, title, staff_number, agency_id, \
              search_key, name_key, state, state_since, state_reason, due_at, lock_at, promised_until, version, created_at, \
              last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, \
              $17)";
    SAVE = "UPDATE account SET address = $3, kind = $4, display_name = $5, title = $6, staff_number = $7, \
            agency_id = $8, search_key = $9, name_key = $10, state = $11, state_since = $12, state_reason = $13, \
            due_at = $14, lock_at = $15, promised_until = $16, version = version + 1 WHERE id = $1 AND version = $2";
    UNSORTED = select_account!("WHERE LENGTH(name_key) = 0 ORDER BY id LIMIT $1");
    SET_SORTING = "UPDATE account SET name_key = $2, search_key = $3 WHERE id = $1";
    // In the order of the index of agencies, so that it alone is read.
    COUNTS = "SELECT state, state_reason, CAST(SUM(number) AS BIGINT) AS number FROM (SELECT agency_id, state, \
              state_reason, COUNT(*) AS number FROM account GROUP BY agency_id, state, state_reason) AS of_agency \
              GROUP BY state, state_reason";
    COUNTS_OF_BRANCH = "SELECT state, state_reason, COUNT(*) AS number FROM account WHERE agency_id IN \
                        (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1) GROUP BY state, state_reason";
    DUE_BETWEEN = "SELECT COUNT(*) AS number FROM account WHERE due_at > $1 AND due_at <= $2 \
                   AND (CAST($3 AS TEXT) IS NULL OR agency_id IN \
                   (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $3))";
}

/// How much of an account is searched, in characters: it stands in an index.
const LONGEST_SEARCHED: usize = 500;

/// The columns of `select_account!`.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
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
    idle_promised_until: Option<i64>,
    disowned_at: Option<i64>,
    administers: bool,
}

#[derive(sqlx::FromRow)]
struct DisownedRow {
    disowned_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(super) struct AgencyRow {
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

    /// Right after a moment: "g" comes after every id.
    pub fn after(moment: Timestamp) -> Self {
        Self { at: moment.micros(), id: "g".to_owned() }
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
    to_lock_of(db, (now, None), after, limit).await
}

/// The same within a reach.
pub async fn to_lock_of(
    db: &Db,
    (by, reach): (Timestamp, Option<AgencyId>),
    after: &Place,
    limit: i64,
) -> Result<Vec<Found>, StorageError> {
    let rows: Vec<Row> = db.all(TO_LOCK, &args![by, after.at, &after.id, reach, limit]).await?;
    rows.into_iter().map(|row| found(row.lock_at, row)).collect()
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

/// Writes down until when an account is not locked because nobody uses it; tells whether that is news.
pub async fn promise_idle(tx: &mut Tx, account: &Account, until: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(PROMISE_IDLE, &args![account.id(), account.version(), until]).await? == 1)
}

/// Writes down that an account was used, for the first time perhaps. The last use never moves back, as a clock may. Tells
/// whether its password is disowned: nobody disowns it from here to the end of the transaction.
pub async fn used(tx: &mut Tx, id: AccountId, now: Timestamp) -> Result<bool, StorageError> {
    let row: Option<DisownedRow> = tx.find(USED, &args![id, now]).await?;
    Ok(row.is_some_and(|row| row.disowned_at.is_some()))
}

/// Writes down that the password of an account is somebody else's too.
pub async fn disown(tx: &mut Tx, id: AccountId, now: Timestamp) -> Result<(), StorageError> {
    tx.write(DISOWN, &args![id, now]).await.map(|_| ())
}

/// Writes down that the password of an account is its holder's alone, because it is another one now.
pub async fn own_again(tx: &mut Tx, id: AccountId) -> Result<(), StorageError> {
    tx.write(OWN_AGAIN, &args![id]).await.map(|_| ())
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
    let rows: Vec<CountRow> = match reach {
        Some(root) => db.all(COUNTS_OF_BRANCH, &args![root]).await?,
        None => db.all(COUNTS, &[]).await?,
    };
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

/// Accounts whose name was never sorted, because they are older than the order of names.
pub async fn unsorted(db: &Db, limit: i64) -> Result<Vec<Account>, StorageError> {
    db.all::<Row>(UNSORTED, &args![limit]).await?.into_iter().map(account).collect()
}

/// Writes down how accounts are sorted and found.
pub async fn set_sorting(tx: &mut Tx, accounts: &[Account]) -> Result<(), StorageError> {
    for account in accounts {
        let profile = account.profile();
        tx.write(SET_SORTING, &args![account.id(), sorting_key(profile), search_key(profile)]).await?;
    }
    Ok(())
}

/// What a search finds an account by.
pub fn search_key(profile: &Profile) -> String {
    // Every address ends alike: "an" would be found in each danang.gov.vn.
    let address = format!("{}@", profile.address.local_part());
    let parts = [
        profile.display_name.as_str(),
        &address,
        profile.title.as_deref().unwrap_or_default(),
        profile.staff_number.as_deref().unwrap_or_default(),
    ];
    // Words are looked for by their beginning: each has a space before it.
    format!(" {}", name::search_key(&parts.join(" "))).chars().take(LONGEST_SEARCHED).collect()
}

fn sorting_key(profile: &Profile) -> Vec<u8> {
    name::sorting_key(&profile.display_name, profile.kind == Kind::Person)
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
        sorting_key(profile),
        account.state().name().code(),
        since,
        reason,
        terms.ends_at,
        terms.lock_at,
        account.traces().promised_until,
    ]
    .to_vec()
}

pub(super) fn account(row: Row) -> Result<Account, StorageError> {
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
        idle_promised_until: row.idle_promised_until.map(Timestamp::from_micros),
        disowned_at: row.disowned_at.map(Timestamp::from_micros),
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

pub(super) fn by_agency(rows: Vec<AgencyRow>) -> Result<Vec<(Option<AgencyId>, i64)>, StorageError> {
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
