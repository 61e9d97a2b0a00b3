//! Accounts and their further addresses. Saved by compare and swap on `version`.

use super::db::{Arg, args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::account::{Account, Kind, LockReason, MustChange, Profile, State, StateName};
use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::name;
use crate::domain::timestamp::Timestamp;
use std::collections::HashMap;

statements! {
    BY_ID = "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, \
             state_reason, due_at, version FROM account WHERE id = $1";
    BY_SUBJECT = "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, \
                  state_reason, due_at, version FROM account WHERE subject = $1";
    BY_ADDRESS = "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, \
                  state_reason, due_at, version FROM account WHERE address = $1 \
                  OR id = (SELECT account_id FROM alias WHERE alias.address = $1)";
    EVERY = "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, \
             state_reason, due_at, version FROM account ORDER BY id";
    DUE = "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, \
           state_reason, due_at, version FROM account WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    TERMS = "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, \
             state_reason, due_at, version FROM account WHERE due_at IS NOT NULL AND due_at <= $3 \
             AND (due_at > $1 OR (due_at = $1 AND id > $2)) AND (CAST($4 AS TEXT) IS NULL OR agency_id = $4) \
             ORDER BY due_at, id LIMIT $5";
    INSERT = "INSERT INTO account (id, subject, address, kind, display_name, title, staff_number, agency_id, \
              search_key, state, state_since, state_reason, due_at, version, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14)";
    SAVE = "UPDATE account SET address = $3, kind = $4, display_name = $5, title = $6, staff_number = $7, \
            agency_id = $8, search_key = $9, state = $10, state_since = $11, state_reason = $12, due_at = $13, \
            version = version + 1 WHERE id = $1 AND version = $2";
    ALIASES_OF = "SELECT address FROM alias WHERE account_id = $1 ORDER BY address";
    EVERY_ALIAS = "SELECT address, account_id FROM alias ORDER BY address";
    DROP_ALIASES = "DELETE FROM alias WHERE account_id = $1";
    ADD_ALIAS = "INSERT INTO alias (address, account_id) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING";
    COUNTS = "SELECT state, state_reason, COUNT(*) AS number FROM account \
              WHERE (CAST($1 AS TEXT) IS NULL OR agency_id = $1) GROUP BY state, state_reason";
    DUE_BETWEEN = "SELECT COUNT(*) AS number FROM account WHERE due_at > $1 AND due_at <= $2 \
                   AND (CAST($3 AS TEXT) IS NULL OR agency_id = $3)";
    LIST = "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, \
            state_reason, due_at, version FROM account \
            WHERE (CAST($1 AS TEXT) IS NULL OR agency_id = $1) AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND (CAST($3 AS TEXT) IS NULL OR state_reason = $3) \
            AND (CAST($4 AS TEXT) IS NULL OR search_key LIKE $4 ESCAPE '!') AND (CAST($5 AS TEXT) IS NULL OR agency_id = $5) AND address > $6 \
            AND (CAST($7 AS BIGINT) IS NULL OR (due_at IS NOT NULL AND due_at <= $7)) \
            ORDER BY address LIMIT $8";
    LIST_BACK = "SELECT id, subject, address, kind, display_name, title, staff_number, agency_id, state, state_since, \
            state_reason, due_at, version FROM account \
            WHERE (CAST($1 AS TEXT) IS NULL OR agency_id = $1) AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND (CAST($3 AS TEXT) IS NULL OR state_reason = $3) \
            AND (CAST($4 AS TEXT) IS NULL OR search_key LIKE $4 ESCAPE '!') AND (CAST($5 AS TEXT) IS NULL OR agency_id = $5) AND address < $6 \
            AND (CAST($7 AS BIGINT) IS NULL OR (due_at IS NOT NULL AND due_at <= $7)) \
            ORDER BY address DESC LIMIT $8";
    MATCHING = "SELECT COUNT(*) AS number FROM account \
            WHERE (CAST($1 AS TEXT) IS NULL OR agency_id = $1) AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND (CAST($3 AS TEXT) IS NULL OR state_reason = $3) \
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
    version: i64,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct AliasRow {
    address: String,
    account_id: String,
}

#[derive(sqlx::FromRow)]
struct AddressRow {
    address: String,
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

/// The accounts whose term has ended, the longest overdue first.
pub async fn due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<Account>, StorageError> {
    db.all::<Row>(DUE, &args![now, limit]).await?.into_iter().map(account).collect()
}

/// Where a page of running terms begins and when the last of them ends.
#[derive(Debug, Clone)]
pub struct Terms {
    /// After this end of a term, and this account among those that end then.
    pub after: (Timestamp, Option<AccountId>),
    /// Only terms that end by then.
    pub until: Timestamp,
    /// The reach of whoever asks.
    pub reach: Option<AgencyId>,
}

/// A page of the accounts with a running term, by its end, each with the end that was recorded.
pub async fn terms(db: &Db, page: &Terms, limit: i64) -> Result<Vec<(Account, Timestamp)>, StorageError> {
    let (after, id) = page.after;
    let id = id.map_or_else(String::new, |id| id.to_string());
    let rows: Vec<Row> = db.all(TERMS, &args![after, id, page.until, page.reach, limit]).await?;
    let terms = rows.into_iter().map(|row| {
        let end = Timestamp::from_micros(row.due_at.unwrap_or_default());
        Ok((account(row)?, end))
    });
    terms.collect()
}

/// Adds a new account; `due_at` is when its running term ends.
pub async fn insert(
    tx: &mut Tx,
    account: &Account,
    due_at: Option<Timestamp>,
    created_at: Timestamp,
) -> Result<(), StorageError> {
    let mut args = vec![Arg::from(account.id()), Arg::from(account.subject())];
    args.extend(columns(account, due_at));
    args.push(Arg::from(created_at));
    tx.write(INSERT, &args).await.map(|_| ())
}

/// Saves an account if nobody changed it since it was read.
pub async fn save(tx: &mut Tx, account: &Account, due_at: Option<Timestamp>) -> Result<(), StorageError> {
    let mut args = vec![Arg::from(account.id()), Arg::from(account.version())];
    args.extend(columns(account, due_at));
    match tx.write(SAVE, &args).await? {
        1 => Ok(()),
        _ => Err(StorageError::Lost { table: "account", id: account.id().to_string() }),
    }
}

/// The further addresses of an account.
pub async fn aliases(db: &Db, id: AccountId) -> Result<Vec<MailAddress>, StorageError> {
    let rows: Vec<AddressRow> = db.all(ALIASES_OF, &args![id]).await?;
    rows.into_iter().map(|row| stored_address(&row.address, "alias")).collect()
}

/// The further addresses of all accounts.
pub async fn every_alias(db: &Db) -> Result<HashMap<AccountId, Vec<MailAddress>>, StorageError> {
    let rows: Vec<AliasRow> = db.all(EVERY_ALIAS, &[]).await?;
    let mut all: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let id =
            row.account_id.parse().map_err(|_| StorageError::corrupt("alias", "account_id", &row.address))?;
        all.entry(id).or_default().push(stored_address(&row.address, "alias")?);
    }
    Ok(all)
}

/// Sets the further addresses of an account. One that another account holds stays there.
pub async fn set_aliases(tx: &mut Tx, id: AccountId, aliases: &[MailAddress]) -> Result<(), StorageError> {
    tx.write(DROP_ALIASES, &args![id]).await?;
    for alias in aliases {
        tx.write(ADD_ALIAS, &args![alias.as_str(), id]).await?;
    }
    Ok(())
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

fn columns(account: &Account, due_at: Option<Timestamp>) -> Vec<Arg> {
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
        due_at,
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
            deadline: row.due_at.map(Timestamp::from_micros).ok_or_else(|| bad("due_at"))?,
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
    Ok(Account::new(id, row.subject, profile, state, row.version))
}

fn stored_address(text: &str, table: &'static str) -> Result<MailAddress, StorageError> {
    MailAddress::parse(text).map_err(|_| StorageError::corrupt(table, "address", text))
}
