//! Who administers, and how far.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::admin::Reach;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::timestamp::Timestamp;

statements! {
    REACH_OF = "SELECT agency_id FROM administrator WHERE account_id = $1";
    GRANT = "INSERT INTO administrator (account_id, agency_id, granted_at) VALUES ($1, $2, $3) \
             ON CONFLICT (account_id) DO UPDATE SET agency_id = excluded.agency_id, granted_at = excluded.granted_at";
    REVOKE = "DELETE FROM administrator WHERE account_id = $1";
    HOLDERS = "SELECT account_id, agency_id FROM administrator ORDER BY account_id";
    OF_AGENCIES = "SELECT administrator.agency_id, account.display_name, account.address FROM administrator \
                   JOIN account ON account.id = administrator.account_id \
                   WHERE administrator.agency_id IS NOT NULL ORDER BY account.address";
    EVERY = "SELECT account.address, agency.code FROM administrator \
             JOIN account ON account.id = administrator.account_id \
             LEFT JOIN agency ON agency.id = administrator.agency_id ORDER BY account.address";
}

#[derive(sqlx::FromRow)]
struct Row {
    agency_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ListRow {
    address: String,
    code: Option<String>,
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    account_id: String,
    agency_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct OfAgencyRow {
    agency_id: String,
    display_name: String,
    address: String,
}

/// Who administers an agency: the agency, the name and the address, by address.
pub async fn of_agencies(db: &Db) -> Result<Vec<(AgencyId, String, String)>, StorageError> {
    let rows: Vec<OfAgencyRow> = db.all(OF_AGENCIES, &[]).await?;
    let read = |row: OfAgencyRow| {
        let bad = || StorageError::corrupt("administrator", "agency_id", row.address.clone());
        Ok((row.agency_id.parse().map_err(|_| bad())?, row.display_name, row.address))
    };
    rows.into_iter().map(read).collect()
}

/// The accounts that administer something, and what.
pub async fn holders(db: &Db) -> Result<Vec<(AccountId, Reach)>, StorageError> {
    let rows: Vec<HolderRow> = db.all(HOLDERS, &[]).await?;
    let holders = rows.into_iter().map(|row| {
        let bad = |column| StorageError::corrupt("administrator", column, &row.account_id);
        let reach = match row.agency_id.as_deref() {
            None => Reach::City,
            Some(id) => Reach::Agency(id.parse().map_err(|_| bad("agency_id"))?),
        };
        Ok((row.account_id.parse().map_err(|_| bad("account_id"))?, reach))
    });
    holders.collect()
}

/// What an account administers, if anything.
pub async fn reach_of(db: &Db, account_id: AccountId) -> Result<Option<Reach>, StorageError> {
    let Some(row) = db.find::<Row>(REACH_OF, &args![account_id]).await? else { return Ok(None) };
    let Some(agency) = row.agency_id else { return Ok(Some(Reach::City)) };
    let id: AgencyId = agency
        .parse()
        .map_err(|_| StorageError::corrupt("administrator", "agency_id", account_id.to_string()))?;
    Ok(Some(Reach::Agency(id)))
}

/// Grants a role, in place of one held before.
pub async fn grant(
    tx: &mut Tx,
    account_id: AccountId,
    reach: Reach,
    now: Timestamp,
) -> Result<(), StorageError> {
    tx.write(GRANT, &args![account_id, reach.agency(), now]).await.map(|_| ())
}

/// Takes the role back; tells whether there was one.
pub async fn revoke(tx: &mut Tx, account_id: AccountId) -> Result<bool, StorageError> {
    Ok(tx.write(REVOKE, &args![account_id]).await? == 1)
}

/// All administrators: address, and the code of the agency where the reach is one agency.
pub async fn every(db: &Db) -> Result<Vec<(String, Option<String>)>, StorageError> {
    let rows: Vec<ListRow> = db.all(EVERY, &[]).await?;
    Ok(rows.into_iter().map(|row| (row.address, row.code)).collect())
}
