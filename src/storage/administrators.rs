//! Who administers, in which role, how far, and until when. Rows never go: a grant that ended says when and how.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::admin::{Grant, Role};
use crate::domain::id::{AccountId, AgencyId, GrantId, ReorganisationId};
use crate::domain::timestamp::Timestamp;

/// The columns of a grant, from the rows that the rest of the statement chooses.
macro_rules! grant {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, role, agency_id, granted_at, granted_by, why, ends_at FROM role_grant ",
            "WHERE ended_at IS NULL AND ",
            $rest
        )
    };
}

statements! {
    OF_ACCOUNT = grant!("account_id = $1 AND (ends_at IS NULL OR ends_at > $2) ORDER BY id");
    OPEN_OF = grant!("account_id = $1 ORDER BY id");
    BY_ID = grant!("id = $1");
    HOLDERS = grant!("(ends_at IS NULL OR ends_at > $1) ORDER BY account_id, id");
    // What ends by itself: its day is over, or its holder has left.
    OVER = grant!("(ends_at <= $1 OR account_id IN (SELECT a.id FROM account a WHERE a.state = 'retired' \
                   OR (a.state = 'locked' AND a.state_reason IN \
                   ('by_administrator', 'gone_from_directory', 'disabled_in_directory')))) ORDER BY id");
    // Of whoever has left, none holds any more.
    OVER_CITY = "SELECT g.role FROM role_grant g JOIN account a ON a.id = g.account_id WHERE a.address = $1 \
                 AND g.agency_id IS NULL AND g.ended_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > $2) \
                 AND a.state <> 'retired' AND (a.state <> 'locked' OR a.state_reason NOT IN \
                 ('by_administrator', 'gone_from_directory', 'disabled_in_directory'))";
    ENDING = grant!("ends_at > $1 AND ends_at <= $2 ORDER BY ends_at, id");
    OVER_AGENCY = grant!("agency_id = $1 ORDER BY id");
    CARRY = "UPDATE role_grant SET agency_id = $3 WHERE id = $1 AND agency_id = $2 AND ended_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM role_grant o WHERE o.account_id = role_grant.account_id \
             AND o.agency_id = $3 AND o.ended_at IS NULL)";
    // Whoever has left meanwhile does not come back to a role.
    CARRY_BACK = "UPDATE role_grant SET agency_id = $3, ended_at = NULL, end_reason = NULL WHERE id = $1 \
                  AND ((agency_id = $2 AND ended_at IS NULL) OR (end_reason = 'reorganised' AND NOT EXISTS \
                  (SELECT 1 FROM account a WHERE a.id = role_grant.account_id AND (a.state = 'retired' \
                  OR (a.state = 'locked' AND a.state_reason IN \
                  ('by_administrator', 'gone_from_directory', 'disabled_in_directory'))))))";
    // The same, before it is done: over which agency each would be again. Nobody gets back what is over by its day.
    COMING_BACK = "SELECT role_grant.id, role_grant.account_id, role_grant.role, p.before_id AS agency_id, \
                   role_grant.granted_at, role_grant.granted_by, role_grant.why, role_grant.ends_at, account.address, \
                   account.display_name, agency.code, agency.name FROM reorganisation_part p \
                   JOIN reorganisation r ON r.id = p.reorganisation_id JOIN role_grant ON role_grant.id = p.ref \
                   JOIN account ON account.id = role_grant.account_id LEFT JOIN agency ON agency.id = p.before_id \
                   WHERE p.reorganisation_id = $1 AND p.kind = 'grant' AND ((role_grant.agency_id = r.target_id \
                   AND role_grant.ended_at IS NULL) OR (role_grant.end_reason = 'reorganised' \
                   AND account.state <> 'retired' AND (account.state <> 'locked' OR account.state_reason NOT IN \
                   ('by_administrator', 'gone_from_directory', 'disabled_in_directory')))) \
                   AND (role_grant.ends_at IS NULL OR role_grant.ends_at > $2) ORDER BY account.address, role_grant.id";
    // What ended with an agency would come back with it; not any more.
    STAY_ENDED = "UPDATE role_grant SET end_reason = 'revoked' WHERE id = $1 AND end_reason = 'reorganised' \
                  RETURNING id, account_id, role, agency_id, granted_at, granted_by, why, ends_at";
    STAY_ENDED_OF = "UPDATE role_grant SET end_reason = 'left' WHERE account_id = $1 AND end_reason = 'reorganised'";
    STAY_ENDED_OF_WHO_LEFT = "UPDATE role_grant SET end_reason = 'left' WHERE end_reason = 'reorganised' \
                              AND account_id IN (SELECT a.id FROM account a WHERE a.state = 'retired' \
                              OR (a.state = 'locked' AND a.state_reason IN \
                              ('by_administrator', 'gone_from_directory', 'disabled_in_directory')))";
    ADD = "INSERT INTO role_grant (id, account_id, role, agency_id, granted_at, granted_by, why, ends_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    END = "UPDATE role_grant SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL";
    REPLACE = "UPDATE role_grant SET ended_at = $3, end_reason = 'replaced' WHERE account_id = $1 \
               AND agency_id IS NOT DISTINCT FROM $2 AND ended_at IS NULL \
               RETURNING id, account_id, role, agency_id, granted_at, granted_by, why, ends_at";
    OF_THE_CITY = "SELECT r.account_id, a.state FROM role_grant r JOIN account a ON a.id = r.account_id \
                   WHERE r.role = 'city' AND r.ended_at IS NULL AND (r.ends_at IS NULL OR r.ends_at > $1) \
                   AND a.state <> 'retired' AND NOT (a.state = 'locked' AND a.state_reason IN \
                   ('by_administrator', 'gone_from_directory', 'disabled_in_directory'))";
    LIST = "SELECT role_grant.id, role_grant.account_id, role_grant.role, role_grant.agency_id, granted_at, granted_by, \
            why, ends_at, account.address, account.display_name, agency.code, agency.name FROM role_grant \
            JOIN account ON account.id = role_grant.account_id LEFT JOIN agency ON agency.id = role_grant.agency_id \
            WHERE ended_at IS NULL AND (ends_at IS NULL OR ends_at > $1) AND (CAST($2 AS TEXT) IS NULL \
            OR role_grant.agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) \
            ORDER BY account.address, role_grant.id";
    OF_AGENCIES = "SELECT role_grant.agency_id, account.display_name, account.address FROM role_grant \
                   JOIN account ON account.id = role_grant.account_id \
                   WHERE role_grant.agency_id IS NOT NULL AND role_grant.role = 'agency' AND ended_at IS NULL \
                   AND (ends_at IS NULL OR ends_at > $1) ORDER BY account.address";
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    account_id: String,
    role: String,
    agency_id: Option<String>,
    granted_at: i64,
    granted_by: String,
    why: String,
    ends_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ListRow {
    #[sqlx(flatten)]
    grant: Row,
    address: String,
    display_name: String,
    code: Option<String>,
    name: Option<String>,
}

#[derive(sqlx::FromRow)]
struct RoleRow {
    role: String,
}

/// A grant as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The grant.
    pub grant: Grant,
    /// The holder's address.
    pub address: String,
    /// The holder's name.
    pub display_name: String,
    /// The code and the name of the agency at the root of its branch.
    pub agency: Option<(String, String)>,
}

/// How a grant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Somebody took it back.
    Revoked,
    /// Its day was over.
    Expired,
    /// Its holder was locked or left.
    Left,
    /// Its agency is no more.
    Reorganised,
    /// A reorganisation would have made it too wide, and nobody had looked at that.
    TooWide,
}

impl Ended {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Left => "left",
            Self::Reorganised => "reorganised",
            Self::TooWide => "too_wide",
        }
    }
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    account_id: String,
    state: String,
}

/// What an account holds now.
pub async fn of_account(db: &Db, id: AccountId, now: Timestamp) -> Result<Vec<Grant>, StorageError> {
    db.all::<Row>(OF_ACCOUNT, &args![id, now]).await?.into_iter().map(grant_of).collect()
}

/// Whether an account holds a role.
pub async fn holds_any(db: &Db, id: AccountId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(!of_account(db, id, now).await?.is_empty())
}

/// The grant with this id, if it was not ended.
pub async fn by_id(db: &Db, id: GrantId) -> Result<Option<Grant>, StorageError> {
    db.find::<Row>(BY_ID, &args![id]).await?.map(grant_of).transpose()
}

/// Every grant that holds now, by account.
pub async fn holders(db: &Db, now: Timestamp) -> Result<Vec<Grant>, StorageError> {
    db.all::<Row>(HOLDERS, &args![now]).await?.into_iter().map(grant_of).collect()
}

/// The same within a transaction.
pub async fn holders_in(tx: &mut Tx, now: Timestamp) -> Result<Vec<Grant>, StorageError> {
    tx.all::<Row>(HOLDERS, &args![now]).await?.into_iter().map(grant_of).collect()
}

/// Who administers the whole city, and whether they may sign in: one whose role rests under a lock may not. Within a
/// transaction, for whoever has just ended such a role in it.
pub async fn of_the_city(tx: &mut Tx, now: Timestamp) -> Result<Vec<(AccountId, bool)>, StorageError> {
    let rows: Vec<HolderRow> = tx.all(OF_THE_CITY, &args![now]).await?;
    let read = |row: HolderRow| {
        let bad = || StorageError::corrupt("role_grant", "account_id", row.account_id.clone());
        Ok((row.account_id.parse().map_err(|_| bad())?, row.state != "locked"))
    };
    rows.into_iter().map(read).collect()
}

/// The grants that end by themselves now: by their day, or because their holder was locked or left.
pub async fn over(db: &Db, now: Timestamp) -> Result<Vec<Grant>, StorageError> {
    db.all::<Row>(OVER, &args![now]).await?.into_iter().map(grant_of).collect()
}

/// The roles that the holder of an address has over the whole city now.
pub async fn over_city(db: &Db, address: &str, now: Timestamp) -> Result<Vec<Role>, StorageError> {
    Ok(roles(db.all(OVER_CITY, &args![address, now]).await?))
}

/// The same, within a transaction.
pub async fn over_city_in(tx: &mut Tx, address: &str, now: Timestamp) -> Result<Vec<Role>, StorageError> {
    Ok(roles(tx.all(OVER_CITY, &args![address, now]).await?))
}

/// The grants whose day comes within a span.
pub async fn ending(db: &Db, now: Timestamp, until: Timestamp) -> Result<Vec<Grant>, StorageError> {
    db.all::<Row>(ENDING, &args![now, until]).await?.into_iter().map(grant_of).collect()
}

/// Grants a role, in place of the one held over the same reach: tells which.
pub async fn grant(tx: &mut Tx, grant: &Grant) -> Result<Option<Grant>, StorageError> {
    let args = args![grant.account_id, grant.agency_id, grant.granted_at];
    let replaced = tx.find::<Row>(REPLACE, &args).await?.map(grant_of).transpose()?;
    let args = args![
        grant.id,
        grant.account_id,
        grant.role.code(),
        grant.agency_id,
        grant.granted_at,
        &grant.granted_by,
        &grant.why,
        grant.ends_at,
    ];
    tx.write(ADD, &args).await?;
    Ok(replaced)
}

/// The grants of an account, ended by nobody yet.
pub async fn open_of(tx: &mut Tx, id: AccountId) -> Result<Vec<Grant>, StorageError> {
    tx.all::<Row>(OPEN_OF, &args![id]).await?.into_iter().map(grant_of).collect()
}

/// Ends a grant; tells whether it held.
pub async fn end(tx: &mut Tx, id: GrantId, how: Ended, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(END, &args![id, now, how.code()]).await? == 1)
}

/// The grants over the very agency, ended by nobody yet.
pub async fn over_agency(tx: &mut Tx, id: AgencyId) -> Result<Vec<Grant>, StorageError> {
    tx.all::<Row>(OVER_AGENCY, &args![id]).await?.into_iter().map(grant_of).collect()
}

/// Lets a grant be over another agency from now on; tells whether its holder had none there.
pub async fn carry(tx: &mut Tx, id: GrantId, from: AgencyId, to: AgencyId) -> Result<bool, StorageError> {
    Ok(tx.write(CARRY, &args![id, from, to]).await? == 1)
}

/// Puts a grant back over the agency from which it was carried, or with which it ended.
pub async fn carry_back(
    tx: &mut Tx,
    id: GrantId,
    from: AgencyId,
    to: AgencyId,
) -> Result<bool, StorageError> {
    Ok(tx.write(CARRY_BACK, &args![id, from, to]).await? == 1)
}

/// Every grant that holds, by address; of a branch only those over it or a part of it.
pub async fn list(db: &Db, reach: Option<AgencyId>, now: Timestamp) -> Result<Vec<Listed>, StorageError> {
    db.all::<ListRow>(LIST, &args![now, reach]).await?.into_iter().map(listed).collect()
}

/// The roles that a merge of agencies has ended or carried and that come back with its agencies, each as it would be over
/// the agency of before; by address.
pub async fn coming_back(
    db: &Db,
    merge: ReorganisationId,
    now: Timestamp,
) -> Result<Vec<Listed>, StorageError> {
    db.all::<ListRow>(COMING_BACK, &args![merge, now]).await?.into_iter().map(listed).collect()
}

/// Lets a grant that has ended with its agency not come back with it: somebody has taken it back since. Tells which, if it
/// would have.
pub async fn stay_ended(tx: &mut Tx, id: GrantId) -> Result<Option<Grant>, StorageError> {
    tx.find::<Row>(STAY_ENDED, &args![id]).await?.map(grant_of).transpose()
}

/// The same for every grant of an account that is locked on an administrator's word.
pub async fn stay_ended_of(tx: &mut Tx, id: AccountId) -> Result<(), StorageError> {
    tx.write(STAY_ENDED_OF, &args![id]).await.map(|_| ())
}

/// The same for everybody who has left, or was locked for another reason than a deadline.
pub async fn stay_ended_of_who_left(db: &Db) -> Result<(), StorageError> {
    db.write(STAY_ENDED_OF_WHO_LEFT, &[]).await.map(|_| ())
}

#[derive(sqlx::FromRow)]
struct OfAgencyRow {
    agency_id: String,
    display_name: String,
    address: String,
}

/// Who administers an agency itself: the agency, the name and the address, by address.
pub async fn of_agencies(db: &Db, now: Timestamp) -> Result<Vec<(AgencyId, String, String)>, StorageError> {
    let rows: Vec<OfAgencyRow> = db.all(OF_AGENCIES, &args![now]).await?;
    let read = |row: OfAgencyRow| {
        let bad = || StorageError::corrupt("role_grant", "agency_id", row.address.clone());
        Ok((row.agency_id.parse().map_err(|_| bad())?, row.display_name, row.address))
    };
    rows.into_iter().map(read).collect()
}

fn roles(rows: Vec<RoleRow>) -> Vec<Role> {
    rows.into_iter().filter_map(|row| Role::from_code(&row.role)).collect()
}

fn listed(row: ListRow) -> Result<Listed, StorageError> {
    Ok(Listed {
        grant: grant_of(row.grant)?,
        address: row.address,
        display_name: row.display_name,
        agency: row.code.zip(row.name),
    })
}

fn grant_of(row: Row) -> Result<Grant, StorageError> {
    let bad = |column| StorageError::corrupt("role_grant", column, row.id.clone());
    Ok(Grant {
        id: row.id.parse().map_err(|_| bad("id"))?,
        account_id: row.account_id.parse().map_err(|_| bad("account_id"))?,
        role: Role::from_code(&row.role).ok_or_else(|| bad("role"))?,
        agency_id: row.agency_id.as_deref().map(str::parse).transpose().map_err(|_| bad("agency_id"))?,
        granted_at: Timestamp::from_micros(row.granted_at),
        granted_by: row.granted_by,
        why: row.why,
        ends_at: row.ends_at.map(Timestamp::from_micros),
    })
}
