//! What lies ahead, counted in the indexes of terms and locks alone: no account is read for a number.

use super::db::{args, statements};
use super::{Db, StorageError};
use crate::domain::account::StateName;
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;

statements! {
    LOCKS = "SELECT lock_at, agency_id, COUNT(*) AS number FROM account WHERE lock_at <= $1 \
             AND (CAST($2 AS TEXT) IS NULL OR agency_id IN \
             (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $2)) \
             GROUP BY lock_at, agency_id ORDER BY lock_at";
    TERMS = "SELECT due_at, agency_id, state, state_since >= $3 AS is_of_today, COUNT(*) AS number FROM account \
             WHERE due_at > $1 AND due_at <= $2 AND (CAST($4 AS TEXT) IS NULL OR agency_id IN \
             (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $4)) \
             GROUP BY due_at, agency_id, state, state_since >= $3";
    DUE_BY_END = "SELECT due_at, COUNT(*) AS number FROM account WHERE due_at > $1 AND due_at <= $2 \
                  AND (CAST($3 AS TEXT) IS NULL OR agency_id IN \
                  (SELECT b.agency_id FROM agency_branch b WHERE b.root_id = $3)) GROUP BY due_at ORDER BY due_at";
}

/// How many accounts of an agency are to be locked at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locks {
    /// When.
    pub at: Timestamp,
    /// The agency.
    pub agency: Option<AgencyId>,
    /// How many.
    pub number: u64,
}

/// How many accounts of an agency are in a term that ends at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// When the term ends.
    pub ends_at: Timestamp,
    /// The agency.
    pub agency: Option<AgencyId>,
    /// The state, which tells the rule.
    pub state: StateName,
    /// Whether the state began today.
    pub is_of_today: bool,
    /// How many.
    pub number: u64,
}

#[derive(sqlx::FromRow)]
struct LocksRow {
    lock_at: i64,
    agency_id: Option<String>,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct TermsRow {
    due_at: i64,
    agency_id: Option<String>,
    state: String,
    is_of_today: bool,
    number: i64,
}

#[derive(sqlx::FromRow)]
struct EndRow {
    due_at: i64,
    number: i64,
}

/// How many are to be locked at each moment until then, the overdue ones too, of each agency within a reach; the earliest
/// first.
pub async fn locks(db: &Db, until: Timestamp, reach: Option<AgencyId>) -> Result<Vec<Locks>, StorageError> {
    let rows: Vec<LocksRow> = db.all(LOCKS, &args![until, reach]).await?;
    let read = |row: LocksRow| {
        Ok(Locks {
            at: Timestamp::from_micros(row.lock_at),
            agency: agency(row.agency_id)?,
            number: row.number.unsigned_abs(),
        })
    };
    rows.into_iter().map(read).collect()
}

/// How many terms end at each moment of a span, of each agency within a reach, by what decides on the letters about them.
pub async fn terms(
    db: &Db,
    (after, until): (Timestamp, Timestamp),
    today: Timestamp,
    reach: Option<AgencyId>,
) -> Result<Vec<Terms>, StorageError> {
    let rows: Vec<TermsRow> = db.all(TERMS, &args![after, until, today, reach]).await?;
    let read = |row: TermsRow| {
        let state = StateName::from_code(&row.state);
        Ok(Terms {
            ends_at: Timestamp::from_micros(row.due_at),
            agency: agency(row.agency_id)?,
            state: state.ok_or_else(|| StorageError::corrupt("account", "state", &row.state))?,
            is_of_today: row.is_of_today,
            number: row.number.unsigned_abs(),
        })
    };
    rows.into_iter().map(read).collect()
}

/// How many terms end at each moment of a span at which some do, within a reach.
pub async fn due_by_end(
    db: &Db,
    after: Timestamp,
    until: Timestamp,
    reach: Option<AgencyId>,
) -> Result<Vec<(Timestamp, i64)>, StorageError> {
    let rows: Vec<EndRow> = db.all(DUE_BY_END, &args![after, until, reach]).await?;
    Ok(rows.into_iter().map(|row| (Timestamp::from_micros(row.due_at), row.number)).collect())
}

fn agency(id: Option<String>) -> Result<Option<AgencyId>, StorageError> {
    let bad = |id: &String| StorageError::corrupt("account", "agency_id", id.clone());
    id.map(|id| id.parse().map_err(|_| bad(&id))).transpose()
}
