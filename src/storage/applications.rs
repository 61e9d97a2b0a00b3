//! What the console shows of applications beside their registration: how often they are entered, by whom, and why they
//! get what they get.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, AgencyId, ClientRowId};
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::purpose::Purpose;
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::timestamp::Timestamp;
use time::Date;

statements! {
    ENTERED = "INSERT INTO client_day (day, client_id, agency_id, number) \
               SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), COALESCE(account.agency_id, ''), 1 FROM account \
               WHERE account.id = $3 \
               ON CONFLICT (day, client_id, agency_id) DO UPDATE SET number = client_day.number + 1";
    TOTALS = "SELECT client_id, CAST(SUM(number) AS BIGINT) AS number, MAX(day) AS day FROM client_day WHERE day >= $1 \
              AND (CAST($2 AS TEXT) IS NULL OR agency_id IN \
              (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) GROUP BY client_id";
    BY_DAY = "SELECT day, CAST(SUM(number) AS BIGINT) AS number FROM client_day WHERE day >= $1 AND client_id = $3 \
              AND (CAST($2 AS TEXT) IS NULL OR agency_id IN \
              (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) GROUP BY day ORDER BY day";
    FORGET_DAYS = "DELETE FROM client_day WHERE day < $1";
    CALLED = "INSERT INTO client_call (client_id, day) VALUES ($1, $2) ON CONFLICT (client_id, day) DO NOTHING";
    CALLS = "SELECT client_id, COUNT(*) FILTER (WHERE day >= $2) AS number, MAX(day) AS day FROM client_call \
             WHERE CAST($1 AS TEXT) IS NULL OR client_id = $1 GROUP BY client_id";
    FORGET_CALLS = "DELETE FROM client_call WHERE day < $1";
    PEOPLE = "SELECT COUNT(*) AS number FROM application_use WHERE client_id = $1";
    PEOPLE_OF = "SELECT COUNT(*) AS number FROM application_use u JOIN account a ON a.id = u.account_id \
                 WHERE u.client_id = $1 \
                 AND a.agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)";
    USERS = "SELECT a.id, a.address, a.display_name, u.first_used_at, u.last_used_at FROM application_use u \
             JOIN account a ON a.id = u.account_id WHERE u.client_id = $1 \
             AND (CAST($2 AS TEXT) IS NULL OR a.agency_id IN \
             (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) \
             ORDER BY u.last_used_at DESC, a.id LIMIT $3";
    FIRST = "SELECT a.id, a.address, a.display_name, u.first_used_at, u.last_used_at FROM application_use u \
             JOIN account a ON a.id = u.account_id WHERE u.client_id = $1 ORDER BY u.first_used_at, a.id LIMIT 1";
    GIVEN = "SELECT scopes FROM access_grant WHERE account_id = $1 AND client_id = $2 ORDER BY created_at LIMIT 1";
    PURPOSES = "SELECT client_id, scope, purpose, agency, reviewed_at, reviewed_by FROM client_purpose \
                WHERE CAST($1 AS TEXT) IS NULL OR client_id = $1 ORDER BY client_id, scope";
    FORGET_PURPOSES = "DELETE FROM client_purpose WHERE client_id = $1";
    ADD_PURPOSE = "INSERT INTO client_purpose (client_id, scope, purpose, agency, reviewed_at, reviewed_by) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
}

#[derive(sqlx::FromRow)]
struct TotalRow {
    client_id: String,
    number: i64,
    day: i64,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    day: i64,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    number: i64,
}

#[derive(sqlx::FromRow)]
struct UserRow {
    id: String,
    address: String,
    display_name: String,
    first_used_at: i64,
    last_used_at: i64,
}

#[derive(sqlx::FromRow)]
struct ScopesRow {
    scopes: String,
}

#[derive(sqlx::FromRow)]
struct PurposeRow {
    client_id: String,
    scope: String,
    purpose: String,
    agency: String,
    reviewed_at: i64,
    reviewed_by: String,
}

/// How often an application was entered since a day, or on how many days it called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// Which.
    pub client: ClientRowId,
    /// How often.
    pub number: i64,
    /// The last day.
    pub last: Date,
}

/// Somebody who uses an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their account.
    pub account: AccountId,
    /// Their address.
    pub address: String,
    /// Their name.
    pub name: String,
    /// When they were given something for the first time.
    pub first_used_at: Timestamp,
    /// When they were given something last.
    pub last_used_at: Timestamp,
}

/// Counts that an application was let in. Call it after the line of the audit, whose head of the chain keeps two that
/// count the same day from waiting for each other.
pub async fn entered(tx: &mut Tx, grant: &Grant) -> Result<(), StorageError> {
    let day = number_of(grant.created_at.local_date());
    tx.write(ENTERED, &args![day, grant.client, grant.account]).await.map(|_| ())
}

/// How often each application was entered since a day, within a reach; those that were not are left out.
pub async fn totals(db: &Db, since: Date, reach: Option<AgencyId>) -> Result<Vec<Total>, StorageError> {
    let rows: Vec<TotalRow> = db.all(TOTALS, &args![number_of(since), reach]).await?;
    rows.into_iter().map(|row| total("client_day", &row)).collect()
}

fn total(table: &'static str, row: &TotalRow) -> Result<Total, StorageError> {
    let bad = |column| StorageError::corrupt(table, column, &row.client_id);
    Ok(Total {
        client: row.client_id.parse().map_err(|_| bad("client_id"))?,
        number: row.number,
        last: day(row.day).ok_or_else(|| bad("day"))?,
    })
}

/// Keeps that an application called in its own name on a day.
pub async fn called(db: &Db, client: ClientRowId, on: Date) -> Result<(), StorageError> {
    db.write(CALLED, &args![client, number_of(on)]).await.map(|_| ())
}

/// On how many days since one applications called in their own name, of one or of all, and on which last, be it before;
/// those that never did are left out.
pub async fn calls(db: &Db, client: Option<ClientRowId>, since: Date) -> Result<Vec<Total>, StorageError> {
    let rows: Vec<TotalRow> = db.all(CALLS, &args![client, number_of(since)]).await?;
    rows.into_iter().map(|row| total("client_call", &row)).collect()
}

/// Forgets on which days before one applications called; tells how many rows.
pub async fn forget_calls(db: &Db, before: Date) -> Result<u64, StorageError> {
    db.write(FORGET_CALLS, &args![number_of(before)]).await
}

/// How often one was entered on each day since one, within a reach; days on which it was not are left out.
pub async fn by_day(
    db: &Db,
    client: ClientRowId,
    since: Date,
    reach: Option<AgencyId>,
) -> Result<Vec<(Date, i64)>, StorageError> {
    let rows: Vec<DayRow> = db.all(BY_DAY, &args![number_of(since), reach, client]).await?;
    let one = |row: DayRow| {
        let bad = || StorageError::corrupt("client_day", "day", client.to_string());
        Ok((day(row.day).ok_or_else(bad)?, row.number))
    };
    rows.into_iter().map(one).collect()
}

/// Forgets what was counted before a day; tells how many rows.
pub async fn forget_days(db: &Db, before: Date) -> Result<u64, StorageError> {
    db.write(FORGET_DAYS, &args![number_of(before)]).await
}

/// How many people of a reach have used an application.
pub async fn people(db: &Db, client: ClientRowId, reach: Option<AgencyId>) -> Result<i64, StorageError> {
    let row: Option<CountRow> = match reach {
        None => db.find(PEOPLE, &args![client]).await?,
        Some(reach) => db.find(PEOPLE_OF, &args![client, reach]).await?,
    };
    Ok(row.map_or(0, |row| row.number))
}

/// Who uses an application, within a reach, the last ones first.
pub async fn users(
    db: &Db,
    client: ClientRowId,
    reach: Option<AgencyId>,
    limit: i64,
) -> Result<Vec<User>, StorageError> {
    let rows: Vec<UserRow> = db.all(USERS, &args![client, reach, limit]).await?;
    rows.into_iter().map(user).collect()
}

/// Who used an application first, and what it was given for them as far as that is still known.
pub async fn first_user(
    db: &Db,
    client: ClientRowId,
) -> Result<Option<(User, Option<Scopes>)>, StorageError> {
    let Some(row) = db.find::<UserRow>(FIRST, &args![client]).await? else { return Ok(None) };
    let first = user(row)?;
    let given: Option<ScopesRow> = db.find(GIVEN, &args![first.account, client]).await?;
    Ok(Some((first, given.map(|row| Scopes::parse(&row.scopes)))))
}

fn user(row: UserRow) -> Result<User, StorageError> {
    Ok(User {
        account: row.id.parse().map_err(|_| StorageError::corrupt("account", "id", &row.id))?,
        address: row.address,
        name: row.display_name,
        first_used_at: Timestamp::from_micros(row.first_used_at),
        last_used_at: Timestamp::from_micros(row.last_used_at),
    })
}

/// Why applications get what they get: of one, or of all.
pub async fn purposes(
    db: &Db,
    client: Option<ClientRowId>,
) -> Result<Vec<(ClientRowId, Purpose)>, StorageError> {
    let rows: Vec<PurposeRow> = db.all(PURPOSES, &args![client]).await?;
    let purpose = |row: PurposeRow| {
        let bad = |column| StorageError::corrupt("client_purpose", column, &row.client_id);
        let client = row.client_id.parse().map_err(|_| bad("client_id"))?;
        let purpose = Purpose {
            scope: Scope::from_code(&row.scope).ok_or_else(|| bad("scope"))?,
            purpose: row.purpose,
            agency: row.agency,
            reviewed_at: Timestamp::from_micros(row.reviewed_at),
            reviewed_by: row.reviewed_by,
        };
        Ok((client, purpose))
    };
    rows.into_iter().map(purpose).collect()
}

/// Puts these purposes in place of those that an application had.
pub async fn set_purposes(
    tx: &mut Tx,
    client: ClientRowId,
    purposes: &[Purpose],
) -> Result<(), StorageError> {
    tx.write(FORGET_PURPOSES, &args![client]).await?;
    for one in purposes {
        let args =
            args![client, one.scope.code(), &one.purpose, &one.agency, one.reviewed_at, &one.reviewed_by];
        tx.write(ADD_PURPOSE, &args).await?;
    }
    Ok(())
}

fn number_of(day: Date) -> i64 {
    i64::from(day.to_julian_day())
}

fn day(number: i64) -> Option<Date> {
    i32::try_from(number).ok().and_then(|number| Date::from_julian_day(number).ok())
}
