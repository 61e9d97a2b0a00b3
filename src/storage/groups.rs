//! Groups that the house makes, and who is in them.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::group::Group;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::timestamp::Timestamp;

statements! {
    EVERY = "SELECT code, name FROM staff_group ORDER BY code";
    BY_CODE = "SELECT code, name FROM staff_group WHERE code = $1";
    INSERT = "INSERT INTO staff_group (code, name, made_at) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING";
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
    Group { code: row.code, name: row.name }
}
