//! How many one administrator has dealt with by acts over many that nobody else has looked at, hour by hour.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::approval::{Matter, REMEMBERED};
use crate::domain::id::AccountId;
use crate::domain::timestamp::Timestamp;

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;

statements! {
    // Of two acts at the same time the second one waits here for the first.
    ADD = "INSERT INTO done_alone (account_id, matter, hour, number) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (account_id, matter, hour) DO UPDATE SET number = done_alone.number + excluded.number";
    SINCE = "SELECT CAST(COALESCE(SUM(number), 0) AS BIGINT) AS number FROM done_alone \
             WHERE account_id = $1 AND matter = $2 AND hour >= $3";
    FORGET = "DELETE FROM done_alone WHERE account_id = $1 AND matter = $2 AND hour < $3";
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

/// How many within the time that is remembered.
pub async fn number(db: &Db, by: AccountId, matter: Matter, now: Timestamp) -> Result<i64, StorageError> {
    Ok(db.one::<Number>(SINCE, &args![by, matter.code(), first_hour(now)]).await?.number)
}

/// Counts so many more, and forgets what is over; tells how many there are with them.
pub async fn add(
    tx: &mut Tx,
    (by, matter): (AccountId, Matter),
    now: Timestamp,
    many: i64,
) -> Result<i64, StorageError> {
    tx.write(ADD, &args![by, matter.code(), hour(now), many]).await?;
    let since = args![by, matter.code(), first_hour(now)];
    tx.write(FORGET, &since).await?;
    Ok(tx.one::<Number>(SINCE, &since).await?.number)
}

/// The beginning of the hour.
const fn hour(at: Timestamp) -> i64 {
    at.micros().div_euclid(HOUR) * HOUR
}

fn first_hour(now: Timestamp) -> i64 {
    hour(now.minus(REMEMBERED))
}
