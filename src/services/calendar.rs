//! The calendar of working days: filled at the first start, kept filled for the years to come, read again when some
//! node has changed it, and shown. Changing it is `calendar_changes`.

use super::Internal;
use super::calendar_changes::By;
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar::{Calendar, Calendars, ListedDay};
use crate::domain::policy::calendar_csv::{self, Row};
use crate::domain::policy::calendar_rules::{Notice, Proposal, is_settled};
use crate::storage::agencies;
use crate::storage::calendar::{self, Entered};
use std::collections::{BTreeSet, HashMap};
use time::{Date, Month};

pub use crate::storage::calendar::{COMMAND_LINE, Listing};

/// How many years after the present one are always listed.
const YEARS_AHEAD: i32 = 3;

/// A year as the console shows it.
#[derive(Debug, Clone)]
pub struct Year {
    /// Which.
    pub year: i32,
    /// The days that are in force: the city's, with the exceptions of the agency laid over them.
    pub calendar: Calendar,
    /// The listed days of the year, by date; on the same date the city's first.
    pub days: Vec<Listing>,
    /// The exceptions of the agency that count only once they are confirmed.
    pub waiting: BTreeSet<Date>,
}

/// Lists the built-in days of every year that has none yet, up to [`YEARS_AHEAD`], and reads the calendar. Safe at every
/// start and from several nodes at once.
pub async fn ensure(app: &App) -> Result<(), Internal> {
    let now = app.now();
    let listed: BTreeSet<i32> = calendar::every(&app.db)
        .await?
        .iter()
        .filter(|day| day.agency_id.is_none())
        .map(|day| day.date.year())
        .collect();
    let last = now.local_date().year() + YEARS_AHEAD;
    let missing: Vec<_> = expected_until(last).filter(|(date, _)| !listed.contains(&date.year())).collect();
    if !missing.is_empty() {
        let mut tx = app.db.begin().await?;
        calendar::count_up(&mut tx).await?;
        for (date, day) in missing {
            let listing = Listing {
                date,
                agency_id: None,
                day,
                notice_number: None,
                notice_date: None,
                entered: Entered::by_the_house(now),
                confirmed_by: None,
                strike: None,
            };
            calendar::add(&mut tx, &listing).await?;
        }
        tx.commit().await?;
    }
    reload(app).await
}

/// What every node does each minute: sees whether the calendar was changed, or whether a new year needs its days.
pub async fn keep(app: &App) -> Result<(), Internal> {
    let needed = app.now().local_date().year() + YEARS_AHEAD;
    let is_filled = app.calendars().city().listed().last().is_some_and(|(date, _)| date.year() >= needed);
    if is_filled && app.calendar_version() > 0 { reload(app).await } else { ensure(app).await }
}

/// Reads the calendar again if it was changed since this node read it.
pub async fn reload(app: &App) -> Result<(), Internal> {
    // The version first: a change in between is then read twice rather than missed.
    let version = calendar::version(&app.db).await?;
    if version != app.calendar_version() {
        let listings = calendar::every(&app.db).await?;
        app.set_calendars(version, calendars(listings));
    }
    Ok(())
}

/// The calendars that these listings make.
pub fn calendars(listings: impl IntoIterator<Item = Listing>) -> Calendars {
    let mut city = Vec::new();
    let mut exceptions: HashMap<AgencyId, Vec<_>> = HashMap::new();
    for listing in listings {
        let days = match listing.agency_id {
            None => &mut city,
            Some(agency) => exceptions.entry(agency).or_default(),
        };
        days.push((listing.date, listing.day));
    }
    Calendars::new(city.into_iter().collect(), exceptions)
}

/// A year of the city, or of an agency within reach; `None` out of reach.
pub async fn year(
    app: &App,
    by: By<'_>,
    year: i32,
    agency: Option<AgencyId>,
) -> Result<Option<Year>, Internal> {
    if let Some(id) = agency
        && (!by.reach().covers(agency) || agencies::by_id(&app.db, id).await?.is_none())
    {
        return Ok(None);
    }
    reload(app).await?;
    let (Ok(first), Ok(last)) = (
        Date::from_calendar_date(year, Month::January, 1),
        Date::from_calendar_date(year, Month::December, 31),
    ) else {
        return Ok(None);
    };
    let mut days = calendar::between(&app.db, None, first, last).await?;
    if agency.is_some() {
        days.extend(calendar::between(&app.db, agency, first, last).await?);
        days.sort_by_key(|day| (day.date, day.agency_id.is_some()));
    }
    let calendars = app.calendars();
    let exceptions = days.iter().filter(|day| day.agency_id.is_some()).map(|day| day.date);
    let waiting = exceptions.filter(|date| calendars.counts_once_confirmed(agency, *date)).collect();
    Ok(Some(Year { year, calendar: calendars.of(agency).clone(), days, waiting }))
}

/// The table of the days within reach, of one year or of all: the city's, then the exceptions.
pub async fn export(app: &App, by: By<'_>, year: Option<i32>) -> Result<String, Internal> {
    let agencies = agencies::every(&app.db).await?;
    let listings = calendar::every(&app.db).await?.into_iter().filter(|listing| {
        let is_visible = listing.agency_id.is_none() || by.reach().covers(listing.agency_id);
        is_visible && year.is_none_or(|year| listing.date.year() == year)
    });
    let rows: Vec<Row> = listings
        .map(|listing| Row {
            line: 0,
            day: Proposal {
                date: listing.date,
                kind: listing.day.kind,
                vi: listing.day.vi,
                en: listing.day.en,
            },
            notice: listing
                .notice_number
                .zip(listing.notice_date)
                .map(|(number, date)| Notice { number, date }),
            confirmed: listing.day.confirmed,
            agency: agencies.iter().find(|a| Some(a.id) == listing.agency_id).map(|a| a.code.clone()),
            basis: None,
        })
        .collect();
    Ok(calendar_csv::write(&rows))
}

/// The agency with a code, for the command line.
pub async fn agency_with_code(app: &App, code: &str) -> Result<Option<AgencyId>, Internal> {
    let agencies = agencies::every(&app.db).await?;
    Ok(agencies.into_iter().find(|agency| agency.code == code).map(|agency| agency.id))
}

/// From 1 October: the next year, while its days are not all confirmed or Tết or National Day is missing.
pub fn unconfirmed_next_year(app: &App) -> Option<i32> {
    let today = app.now().local_date();
    let next = today.year() + 1;
    let is_time = today.month() >= Month::October;
    (is_time && !is_settled(app.calendars().city(), next)).then_some(next)
}

/// The days that the house knows by itself, up to a year.
fn expected_until(last: i32) -> impl Iterator<Item = (Date, ListedDay)> {
    let built_in = Calendar::built_in();
    let known = built_in.listed().last().map_or(last, |(date, _)| date.year());
    let later = (known.saturating_add(1)..=last).flat_map(|year| {
        Calendar::prefilled(year).listed().map(|(date, day)| (date, day.clone())).collect::<Vec<_>>()
    });
    let built_in = built_in.listed().filter(move |(date, _)| date.year() <= last);
    built_in.map(|(date, day)| (date, day.clone())).chain(later)
}
