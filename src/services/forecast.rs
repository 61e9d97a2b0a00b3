//! Who will be warned and locked on which day, if nobody changed a password from now on.

use super::Internal;
use crate::app::App;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::policy::brake::{self, Load};
use crate::domain::policy::deadline::{Deadline, Rule};
use crate::domain::policy::regulation::Regulation;
use crate::domain::policy::reminder::{self, Written};
use crate::domain::policy::stage::Mode;
use crate::domain::timestamp::Timestamp;
use crate::storage::accounts;
use crate::storage::accounts::Place;
use std::collections::BTreeMap;
use time::{Date, Duration};

/// Accounts read at a time.
const PAGE: i64 = 1_000;

/// How many names a day shows.
const NAMES: usize = 50;

/// The longest time that a forecast looks ahead, in days.
pub const LONGEST: u16 = 366;

/// For how many days before its end a term can call for a letter: ten working days over the longest holidays.
const WARNING: Duration = Duration::days(40);

/// Somebody who will be locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The account.
    pub id: AccountId,
    /// Its address.
    pub address: String,
    /// Its holder.
    pub name: String,
    /// Its agency.
    pub agency: Option<AgencyId>,
    /// By which rule.
    pub rule: Rule,
}

/// A day of the forecast.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Day {
    /// How many letters of warning are due.
    pub warned: u64,
    /// How many accounts are locked.
    pub locked: u64,
    /// The first of them.
    pub who: Vec<Locked>,
    /// Whether the brake would stop the run.
    pub is_over_the_brake: bool,
    load: Load,
}

/// The days on which something happens, in order.
pub type Forecast = BTreeMap<Date, Day>;

/// Looks so many days ahead, today included; of one agency or of all. Reads by index, in pages; writes nothing.
pub async fn forecast(app: &App, agency: Option<AgencyId>, days: u16) -> Result<Forecast, Internal> {
    let days = days.clamp(1, LONGEST);
    let today = app.now().local_date();
    let last = today.checked_add(Duration::days(i64::from(days) - 1)).unwrap_or(Date::MAX);
    let mut forecast = Forecast::new();
    locks(app, agency, last, &mut forecast).await?;
    warnings(app, agency, (today, last), &mut forecast).await?;
    let mut sizes = BTreeMap::new();
    for (agency, number) in accounts::open_by_agency(&app.db).await? {
        sizes.extend(agency.map(|id| (id, number.unsigned_abs())));
    }
    let settings = app.book().settings.clone();
    for day in forecast.values_mut() {
        day.is_over_the_brake = brake::stopped(&day.load, &sizes, &settings).is_some();
    }
    Ok(forecast)
}

async fn locks(
    app: &App,
    agency: Option<AgencyId>,
    last: Date,
    forecast: &mut Forecast,
) -> Result<(), Internal> {
    let (regulation, now, mut after) = (app.regulation(), app.now(), Place::start());
    loop {
        let page = accounts::to_lock(&app.db, Timestamp::end_of(last), &after, PAGE).await?;
        let Some(end) = page.last() else { return Ok(()) };
        after = end.place.clone();
        for found in page {
            let account = found.account;
            let profile = account.profile();
            if agency.is_some() && profile.agency_id != agency {
                continue;
            }
            let both = [regulation.running(&account), regulation.idle(&account)];
            let next = both.into_iter().flatten().filter(|d| d.lock_at.is_some()).min_by_key(|d| d.lock_at);
            let Some(deadline) = next else { continue };
            let date = lock_day(&regulation, &deadline, profile.agency_id, now);
            if date > last {
                continue;
            }
            let day = forecast.entry(date).or_default();
            day.locked += 1;
            day.load.add(profile.agency_id);
            if day.who.len() < NAMES {
                day.who.push(Locked {
                    id: account.id(),
                    address: profile.address.to_string(),
                    name: profile.display_name.clone(),
                    agency: profile.agency_id,
                    rule: deadline.rule,
                });
            }
        }
    }
}

/// The day on which a lock is carried out: its own, or the next on which the office is open.
fn lock_day(regulation: &Regulation, deadline: &Deadline, agency: Option<AgencyId>, now: Timestamp) -> Date {
    let planned = deadline.lock_at.map_or_else(|| now.local_date(), |at| at.max(now).local_date());
    let calendar = regulation.calendar_of(agency);
    let is_over = planned == now.local_date()
        && deadline.lock_at <= Some(now)
        && !regulation.is_open(agency, now)
        && now.local().time() >= regulation.book.settings.opening();
    let from = if is_over { planned.next_day().unwrap_or(planned) } else { planned };
    calendar.roll_forward(from)
}

async fn warnings(
    app: &App,
    agency: Option<AgencyId>,
    (today, last): (Date, Date),
    forecast: &mut Forecast,
) -> Result<(), Internal> {
    let regulation = app.regulation();
    let until = Timestamp::end_of(last).plus(WARNING);
    let span = (Timestamp::start_of(today), until);
    let mut after = Place::start();
    loop {
        let page = accounts::ending(&app.db, span, agency, &after, PAGE).await?;
        let Some(end) = page.last() else { return Ok(()) };
        after = end.place.clone();
        for found in page {
            let account = found.account;
            let Some(deadline) = regulation.running(&account) else { continue };
            let stage = regulation.stage(deadline.rule, &account);
            let calendar = regulation.calendar_of(account.profile().agency_id);
            let mut written: Vec<Written> = Vec::new();
            let mut date = today.max(deadline.last_day.checked_sub(WARNING).unwrap_or(Date::MIN));
            while date <= last.min(deadline.last_day) {
                let occasion = reminder::due(&deadline, date, calendar, &written)
                    .filter(|_| stage.mode_on(date) != Mode::Observe);
                if let Some(occasion) = occasion {
                    written.push(Written { occasion, on: date });
                    forecast.entry(date).or_default().warned += 1;
                }
                let Some(next) = date.next_day() else { break };
                date = next;
            }
        }
    }
}
