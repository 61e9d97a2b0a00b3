//! Groups that the house makes, and who is in them.

use super::account_list::words;
use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::account::StateName;
use crate::domain::group::Group;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::timestamp::Timestamp;
use std::collections::HashMap;

statements! {
    EVERY = "SELECT code, name, version FROM staff_group ORDER BY code";
    BY_CODE = "SELECT code, name, version FROM staff_group WHERE code = $1";
    // What is made anew under an old code is in no version that a form of the old one still has.
    INSERT = "INSERT INTO staff_group (code, name, made_at, version) VALUES ($1, $2, $3, $3) ON CONFLICT (code) DO NOTHING";
    STEP = "UPDATE staff_group SET version = version + 1 WHERE code = $1";
    STEP_SEEN = "UPDATE staff_group SET version = version + 1 WHERE code = $1 AND version = $2";
    RENAME = "UPDATE staff_group SET name = $2 WHERE code = $1";
    SIZES = "SELECT group_code AS code, COUNT(*) AS number FROM staff_group_member GROUP BY group_code";
    // After the address $2, with each word of $3 to $6, at most $7.
    PAGE = "SELECT a.id, a.address, a.display_name, a.state, g.name AS agency FROM staff_group_member m \
            JOIN account a ON a.id = m.account_id LEFT JOIN agency g ON g.id = a.agency_id \
            WHERE m.group_code = $1 AND a.address > $2 \
            AND (CAST($3 AS TEXT) IS NULL OR a.search_key LIKE $3 ESCAPE '!') \
            AND (CAST($4 AS TEXT) IS NULL OR a.search_key LIKE $4 ESCAPE '!') \
            AND (CAST($5 AS TEXT) IS NULL OR a.search_key LIKE $5 ESCAPE '!') \
            AND (CAST($6 AS TEXT) IS NULL OR a.search_key LIKE $6 ESCAPE '!') ORDER BY a.address LIMIT $7";
    DELETE = "DELETE FROM staff_group WHERE code = $1";
    EMPTY = "DELETE FROM staff_group_member WHERE group_code = $1";
    JOIN = "INSERT INTO staff_group_member (group_code, account_id, joined_at) VALUES ($1, $2, $3) \
            ON CONFLICT (group_code, account_id) DO NOTHING";
    LEAVE = "DELETE FROM staff_group_member WHERE group_code = $1 AND account_id = $2";
    OF_ACCOUNT = "SELECT group_code AS code FROM staff_group_member WHERE account_id = $1 ORDER BY group_code";
    OF_BRANCH = "SELECT DISTINCT m.group_code AS code FROM staff_group_member m JOIN account a ON a.id = m.account_id \
                 WHERE a.agency_id IN (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $1) \
                 ORDER BY m.group_code";
    MEMBERS = "SELECT account.address FROM staff_group_member \
               JOIN account ON account.id = staff_group_member.account_id \
               WHERE staff_group_member.group_code = $1 ORDER BY account.address";
}

#[derive(sqlx::FromRow)]
struct Row {
    code: String,
    name: String,
    version: i64,
}

#[derive(sqlx::FromRow)]
struct SizeRow {
    code: String,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    id: String,
    address: String,
    display_name: String,
    state: String,
    agency: Option<String>,
}

/// Somebody who is in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: AccountId,
    /// Its address.
    pub address: String,
    /// The name of its holder.
    pub name: String,
    /// The name of their agency.
    pub agency: Option<String>,
    /// Its state.
    pub state: StateName,
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    code: String,
}

#[derive(sqlx::FromRow)]
struct AddressRow {
    address: String,
}

/// All groups, by code.
pub async fn every(db: &Db) -> Result<Vec<Group>, StorageError> {
    let rows: Vec<Row> = db.all(EVERY, &[]).await?;
    Ok(rows.into_iter().map(group).collect())
}

/// The group with this code.
pub async fn by_code(db: &Db, code: &str) -> Result<Option<Group>, StorageError> {
    Ok(db.find::<Row>(BY_CODE, &args![code]).await?.map(group))
}

/// Adds a group; tells whether its code was free.
pub async fn insert(tx: &mut Tx, group: &Group, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(INSERT, &args![&group.code, &group.name, now]).await? == 1)
}

/// How many are in each group that has somebody.
pub async fn sizes(db: &Db) -> Result<HashMap<String, i64>, StorageError> {
    let rows: Vec<SizeRow> = db.all(SIZES, &[]).await?;
    Ok(rows.into_iter().map(|row| (row.code, row.number)).collect())
}

/// A page of who is in a group, by address, after one, with each word of a search.
pub async fn page(
    db: &Db,
    code: &str,
    (after, search): (&str, &str),
    limit: i64,
) -> Result<Vec<Member>, StorageError> {
    let mut args = args![code, after].to_vec();
    args.extend(words(search));
    args.extend(args![limit]);
    let rows: Vec<MemberRow> = db.all(PAGE, &args).await?;
    rows.into_iter().map(member).collect()
}

/// Grows the version of a group; tells whether it was there.
pub async fn step(tx: &mut Tx, code: &str) -> Result<bool, StorageError> {
    Ok(tx.write(STEP, &args![code]).await? == 1)
}

/// The same if nobody has changed it since this version; of two hands at once the second one waits here, and is told.
pub async fn step_seen(tx: &mut Tx, code: &str, version: i64) -> Result<bool, StorageError> {
    Ok(tx.write(STEP_SEEN, &args![code, version]).await? == 1)
}

/// Gives a group another name.
pub async fn rename(tx: &mut Tx, code: &str, name: &str) -> Result<(), StorageError> {
    tx.write(RENAME, &args![code, name]).await.map(|_| ())
}

/// Removes a group with its memberships; tells whether it was there.
pub async fn delete(tx: &mut Tx, code: &str) -> Result<bool, StorageError> {
    tx.write(EMPTY, &args![code]).await?;
    Ok(tx.write(DELETE, &args![code]).await? == 1)
}

/// Adds somebody to a group; tells whether they were not in it.
pub async fn join(tx: &mut Tx, code: &str, account: AccountId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(tx.write(JOIN, &args![code, account, now]).await? == 1)
}

/// Takes somebody out of a group; tells whether they were in it.
pub async fn leave(tx: &mut Tx, code: &str, account: AccountId) -> Result<bool, StorageError> {
    Ok(tx.write(LEAVE, &args![code, account]).await? == 1)
}

/// The codes of the groups of an account.
pub async fn of_account(db: &Db, account: AccountId) -> Result<Vec<String>, StorageError> {
    let rows: Vec<CodeRow> = db.all(OF_ACCOUNT, &args![account]).await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// The codes of the groups in which somebody of an agency or one below it is.
pub async fn of_branch(db: &Db, root: AgencyId) -> Result<Vec<String>, StorageError> {
    let rows: Vec<CodeRow> = db.all(OF_BRANCH, &args![root]).await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// The addresses of those who are in a group.
pub async fn members(db: &Db, code: &str) -> Result<Vec<String>, StorageError> {
    let rows: Vec<AddressRow> = db.all(MEMBERS, &args![code]).await?;
    Ok(rows.into_iter().map(|row| row.address).collect())
}

fn group(row: Row) -> Group {
    Group { code: row.code, name: row.name, version: row.version }
}

fn member(row: MemberRow) -> Result<Member, StorageError> {
    let bad = |column| StorageError::corrupt("account", column, row.id.clone());
    Ok(Member {
        account: row.id.parse().map_err(|_| bad("id"))?,
        state: StateName::from_code(&row.state).ok_or_else(|| bad("state"))?,
        address: row.address,
        name: row.display_name,
        agency: row.agency,
    })
}
