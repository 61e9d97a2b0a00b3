//! Who has acknowledged the rules in short.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::timestamp::Timestamp;

statements! {
    OF_ACCOUNT = "SELECT version, at FROM rules_acknowledgement WHERE account_id = $1 ORDER BY at DESC LIMIT $2";
    ADD = "INSERT INTO rules_acknowledgement (account_id, version, at) VALUES ($1, $2, $3) \
           ON CONFLICT (account_id, at) DO NOTHING";
    BY_AGENCY = "SELECT account.agency_id, COUNT(*) AS people, COUNT(done.account_id) AS acknowledged FROM account \
                 LEFT JOIN (SELECT DISTINCT account_id FROM rules_acknowledgement WHERE version = $1 AND at > $2) AS done \
                 ON done.account_id = account.id WHERE account.kind = 'person' \
                 AND account.state IN ('active', 'must_change') \
                 AND (CAST($3 AS TEXT) IS NULL OR account.agency_id IN (SELECT b.agency_id FROM agency_branch b \
                 WHERE b.root_id = $3)) GROUP BY account.agency_id";
}

#[derive(sqlx::FromRow)]
struct Row {
    version: String,
    at: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    agency_id: Option<String>,
    people: i64,
    acknowledged: i64,
}

/// An acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Which version.
    pub version: String,
    /// When.
    pub at: Timestamp,
}

/// How many people of an agency have acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The agency.
    pub agency_id: Option<AgencyId>,
    /// How many people it has who may sign in.
    pub people: i64,
    /// How many of them have acknowledged.
    pub acknowledged: i64,
}

/// The acknowledgements of an account, the newest first.
pub async fn of_account(db: &Db, account: AccountId, limit: i64) -> Result<Vec<Acknowledged>, StorageError> {
    let rows: Vec<Row> = db.all(OF_ACCOUNT, &args![account, limit]).await?;
    let one = |row: Row| Acknowledged { version: row.version, at: Timestamp::from_micros(row.at) };
    Ok(rows.into_iter().map(one).collect())
}

/// Adds one.
pub async fn add(tx: &mut Tx, account: AccountId, one: &Acknowledged) -> Result<(), StorageError> {
    tx.write(ADD, &args![account, &one.version, one.at]).await.map(|_| ())
}

/// How many people have acknowledged a version since a moment, by agency, within reach.
pub async fn by_agency(
    db: &Db,
    version: &str,
    since: Timestamp,
    reach: Option<AgencyId>,
) -> Result<Vec<Count>, StorageError> {
    let rows: Vec<CountRow> = db.all(BY_AGENCY, &args![version, since, reach]).await?;
    let counts = rows.into_iter().map(|row| {
        let agency_id = match row.agency_id.as_deref() {
            Some(id) => Some(id.parse().map_err(|_| StorageError::corrupt("account", "agency_id", id))?),
            None => None,
        };
        Ok(Count { agency_id, people: row.people, acknowledged: row.acknowledged })
    });
    counts.collect()
}
