//! The calendar of working days: filled at the first start, kept filled for the years to come, and read again when
//! some node has changed it.

use super::Internal;
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar::{Calendar, Calendars, ListedDay};
use crate::storage::calendar::{self, Listing};
use std::collections::{BTreeSet, HashMap};
use time::Date;

/// How many years after the present one are always listed.
const YEARS_AHEAD: i32 = 3;

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
                entered_by: String::new(),
                entered_at: now,
                confirmed_by: None,
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
