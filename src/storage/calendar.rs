//! The listed days of the working calendar, with where each comes from, and the version that every change counts up.

use super::db::{args, statements};
use super::{Db, StorageError, Tx};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::policy::calendar::{DayKind, ListedDay};
use crate::domain::timestamp::Timestamp;
use time::Date;

statements! {
    EVERY = "SELECT date, kind, vi, en, notice_number, notice_date, state, entered_by, entered_at, entered_why, replaces, \
             confirmed_by, confirmed_at, struck_by, struck_at, strike_why, agency_id, \
             entered_id, struck_id FROM calendar_day ORDER BY agency_id, date";
    BETWEEN = "SELECT date, kind, vi, en, notice_number, notice_date, state, entered_by, entered_at, entered_why, \
               replaces, confirmed_by, confirmed_at, struck_by, struck_at, strike_why, agency_id, \
               entered_id, struck_id FROM calendar_day WHERE agency_id = $3 AND date >= $1 AND date <= $2 ORDER BY date";
    ADD = "INSERT INTO calendar_day (date, kind, vi, en, notice_number, notice_date, state, entered_by, entered_at, \
           entered_why, replaces, confirmed_by, confirmed_at, struck_by, struck_at, strike_why, agency_id, \
           entered_id, struck_id) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
           ON CONFLICT (agency_id, date) DO NOTHING";
    PUT = "INSERT INTO calendar_day (date, kind, vi, en, notice_number, notice_date, state, entered_by, entered_at, \
           entered_why, replaces, confirmed_by, confirmed_at, struck_by, struck_at, strike_why, agency_id, \
           entered_id, struck_id) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
           ON CONFLICT (agency_id, date) DO UPDATE SET kind = excluded.kind, vi = excluded.vi, en = excluded.en, \
           notice_number = excluded.notice_number, notice_date = excluded.notice_date, state = excluded.state, \
           entered_by = excluded.entered_by, entered_at = excluded.entered_at, entered_why = excluded.entered_why, \
           replaces = excluded.replaces, confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at, \
           struck_by = excluded.struck_by, struck_at = excluded.struck_at, strike_why = excluded.strike_why, \
           entered_id = excluded.entered_id, struck_id = excluded.struck_id";
    REMOVE = "DELETE FROM calendar_day WHERE agency_id = $2 AND date = $1";
    VERSION = "SELECT version FROM calendar_version WHERE id = 1";
    COUNT_UP = "INSERT INTO calendar_version (id, version) VALUES (1, 1) \
                ON CONFLICT (id) DO UPDATE SET version = calendar_version.version + 1 RETURNING version";
}

#[derive(sqlx::FromRow)]
struct Row {
    date: String,
    kind: String,
    vi: String,
    en: String,
    notice_number: Option<String>,
    notice_date: Option<String>,
    state: String,
    entered_by: String,
    entered_at: i64,
    entered_why: Option<String>,
    replaces: bool,
    confirmed_by: Option<String>,
    confirmed_at: Option<i64>,
    struck_by: Option<String>,
    struck_at: Option<i64>,
    strike_why: Option<String>,
    agency_id: String,
    entered_id: Option<String>,
    struck_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    version: i64,
}

/// Who entered a day that came from the command line.
pub const COMMAND_LINE: &str = "command_line";

/// A listed day with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The date.
    pub date: Date,
    /// The agency whose exception it is; `None`: the city's day.
    pub agency_id: Option<AgencyId>,
    /// What the day is.
    pub day: ListedDay,
    /// The number of the official notice, if known.
    pub notice_number: Option<String>,
    /// Its date, if known.
    pub notice_date: Option<Date>,
    /// Who entered it, when and why.
    pub entered: Entered,
    /// Who confirmed it, and when.
    pub confirmed_by: Option<(String, Timestamp)>,
    /// Who asks to take it off the list.
    pub strike: Option<Strike>,
}

/// How a day came to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// The address of who entered it; empty: the house itself; [`COMMAND_LINE`]: the server's operator.
    pub by: String,
    /// Their account, if it has been written down: their address may have come to be another one.
    pub account: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// Why, in their words.
    pub why: Option<String>,
    /// Whether it stands where somebody else had listed a day.
    pub replaces: bool,
}

impl Entered {
    /// By the house itself.
    pub const fn by_the_house(at: Timestamp) -> Self {
        Self { by: String::new(), account: None, at, why: None, replaces: false }
    }
}

/// The wish to take a day off the list; a second person carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    /// Whose wish it is.
    pub by: String,
    /// Their account, as of who entered a day.
    pub account: Option<AccountId>,
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// All listed days: the city's first, then the exceptions of each agency; by date.
pub async fn every(db: &Db) -> Result<Vec<Listing>, StorageError> {
    db.all::<Row>(EVERY, &[]).await?.into_iter().map(listing).collect()
}

/// The listed days of the city, or the exceptions of an agency, from one date to another, both included.
pub async fn between(
    db: &Db,
    agency: Option<AgencyId>,
    from: Date,
    to: Date,
) -> Result<Vec<Listing>, StorageError> {
    let args = args![from.to_string(), to.to_string(), owner(agency)];
    let days = db.all::<Row>(BETWEEN, &args).await?;
    days.into_iter().map(listing).collect()
}

/// Lists a day that is not listed yet; tells whether it was not.
pub async fn add(tx: &mut Tx, listing: &Listing) -> Result<bool, StorageError> {
    Ok(tx.write(ADD, &columns(listing)).await? == 1)
}

/// Lists a day, in place of what was listed for its date.
pub async fn put(tx: &mut Tx, listing: &Listing) -> Result<(), StorageError> {
    tx.write(PUT, &columns(listing)).await.map(|_| ())
}

/// Takes a day off the list; tells whether it was there.
pub async fn remove(tx: &mut Tx, agency: Option<AgencyId>, date: Date) -> Result<bool, StorageError> {
    Ok(tx.write(REMOVE, &args![date.to_string(), owner(agency)]).await? == 1)
}

/// The version of the calendar; 0 before it was first filled.
pub async fn version(db: &Db) -> Result<i64, StorageError> {
    Ok(db.find::<VersionRow>(VERSION, &[]).await?.map_or(0, |row| row.version))
}

/// Counts the version up, in the transaction of a change; tells the new one. It also puts the writers in line.
pub async fn count_up(tx: &mut Tx) -> Result<i64, StorageError> {
    Ok(tx.one::<VersionRow>(COUNT_UP, &[]).await?.version)
}

/// Whose days, as the table has it: '' is the whole city.
fn owner(agency: Option<AgencyId>) -> String {
    agency.map(|id| id.to_string()).unwrap_or_default()
}

fn columns(listing: &Listing) -> [super::db::Arg; 19] {
    let (entered, confirmed, strike) =
        (&listing.entered, listing.confirmed_by.as_ref(), listing.strike.as_ref());
    args![
        listing.date.to_string(),
        listing.day.kind.code(),
        &listing.day.vi,
        &listing.day.en,
        &listing.notice_number,
        listing.notice_date.map(|date| date.to_string()),
        if listing.day.confirmed { "confirmed" } else { "undecided" },
        &entered.by,
        entered.at,
        &entered.why,
        entered.replaces,
        confirmed.map(|(by, _)| by.as_str()),
        confirmed.map(|(_, at)| *at),
        strike.map(|strike| strike.by.as_str()),
        strike.map(|strike| strike.at),
        strike.map(|strike| strike.why.as_str()),
        owner(listing.agency_id),
        entered.account,
        strike.and_then(|strike| strike.account),
    ]
}

fn listing(row: Row) -> Result<Listing, StorageError> {
    let bad = |column| StorageError::corrupt("calendar_day", column, row.date.clone());
    let confirmed = match row.state.as_str() {
        "confirmed" => true,
        "undecided" => false,
        _ => return Err(bad("state")),
    };
    let kind = DayKind::from_code(&row.kind).ok_or_else(|| bad("kind"))?;
    let notice_date = row.notice_date.as_deref().map(|text| date(text).ok_or_else(|| bad("notice_date")));
    let account = |id: Option<&str>, column| -> Result<Option<AccountId>, StorageError> {
        id.map(|id| id.parse().map_err(|_| bad(column))).transpose()
    };
    let entered_id = account(row.entered_id.as_deref(), "entered_id")?;
    let struck_id = account(row.struck_id.as_deref(), "struck_id")?;
    let agency_id = Some(row.agency_id.as_str()).filter(|id| !id.is_empty()).map(str::parse);
    Ok(Listing {
        agency_id: agency_id.transpose().map_err(|_| bad("agency_id"))?,
        date: date(&row.date).ok_or_else(|| bad("date"))?,
        notice_date: notice_date.transpose()?,
        day: ListedDay { kind, vi: row.vi, en: row.en, confirmed },
        notice_number: row.notice_number,
        entered: Entered {
            by: row.entered_by,
            account: entered_id,
            at: Timestamp::from_micros(row.entered_at),
            why: row.entered_why,
            replaces: row.replaces,
        },
        strike: row.struck_by.zip(row.struck_at).map(|(by, at)| Strike {
            by,
            account: struck_id,
            at: Timestamp::from_micros(at),
            why: row.strike_why.unwrap_or_default(),
        }),
        confirmed_by: row.confirmed_by.zip(row.confirmed_at.map(Timestamp::from_micros)),
    })
}

fn date(text: &str) -> Option<Date> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, &format).ok()
}
