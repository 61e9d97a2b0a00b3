//! Who will be warned and locked on which day, if nobody changed a password from now on. Counted by moment and agency in
//! the terms as they are written down; of the accounts only those are read that are named.

use super::Internal;
use crate::app::App;
use crate::domain::account::{Account, StateName};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::policy::brake::{self, Load};
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::regulation::Regulation;
use crate::domain::policy::reminder::{self, Term, Written};
use crate::domain::policy::stage::{Mode, Stage};
use crate::domain::timestamp::Timestamp;
use crate::storage::accounts::Place;
use crate::storage::forecast::{self as rows, Locks, Terms};
use crate::storage::{StorageError, accounts};
use std::collections::{BTreeMap, HashMap};
use time::{Date, Duration};

/// Accounts read at a time, for their names.
const PAGE: i64 = 50;

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

/// Looks so many days ahead, today included; at one agency with those below it, or at all. Writes nothing.
pub async fn forecast(app: &App, agency: Option<AgencyId>, days: u16) -> Result<Forecast, Internal> {
    let days = days.clamp(1, LONGEST);
    let today = app.now().local_date();
    let last = today.checked_add(Duration::days(i64::from(days) - 1)).unwrap_or(Date::MAX);
    let mut forecast = Forecast::new();
    let (locks, warnings, open) = tokio::try_join!(
        rows::locks(&app.db, Timestamp::end_of(last), agency),
        terms(app, agency, (today, last)),
        accounts::open_by_agency(&app.db),
    )?;
    count_locks(app, &locks, last, &mut forecast);
    name(app, agency, &locks, &mut forecast).await?;
    count_warnings(&app.regulation(), &warnings, (today, last), &mut forecast);
    let mut sizes = BTreeMap::new();
    for (agency, number) in open {
        sizes.extend(agency.map(|id| (id, number.unsigned_abs())));
    }
    let settings = app.book().settings.clone();
    for day in forecast.values_mut() {
        day.is_over_the_brake = brake::stopped(&day.load, &sizes, &settings).is_some();
    }
    Ok(forecast)
}

fn count_locks(app: &App, locks: &[Locks], last: Date, forecast: &mut Forecast) {
    let (regulation, now) = (app.regulation(), app.now());
    for lock in locks {
        let date = lock_day(&regulation, lock.at, lock.agency, now);
        if date <= last {
            let day = forecast.entry(date).or_default();
            day.locked += lock.number;
            day.load.total += lock.number;
            *day.load.of.entry(lock.agency).or_default() += lock.number;
        }
    }
}

/// Names the first of each day. The moments whose locks are carried out on a day lie side by side; those of another day
/// between them are of agencies that are closed on one of both.
async fn name(
    app: &App,
    agency: Option<AgencyId>,
    locks: &[Locks],
    forecast: &mut Forecast,
) -> Result<(), Internal> {
    let (regulation, now) = (app.regulation(), app.now());
    let mut spans: BTreeMap<Date, (Timestamp, Timestamp)> = BTreeMap::new();
    for lock in locks {
        let span =
            spans.entry(lock_day(&regulation, lock.at, lock.agency, now)).or_insert((lock.at, lock.at));
        *span = (span.0.min(lock.at), span.1.max(lock.at));
    }
    for (date, day) in forecast {
        let Some((first, last)) = spans.get(date).copied() else { continue };
        let wanted = NAMES.min(usize::try_from(day.locked).unwrap_or(NAMES));
        let mut after = Place::after(first.minus(Duration::microseconds(1)));
        while day.who.len() < wanted {
            let page = accounts::to_lock_of(&app.db, (last, agency), &after, PAGE).await?;
            let Some(end) = page.last() else { break };
            after = end.place.clone();
            let of_day = page.into_iter().filter(|found| {
                let agency = found.account.profile().agency_id;
                lock_day(&regulation, found.place.moment(), agency, now) == *date
            });
            let named = of_day.filter_map(|found| locked(&regulation, &found.account));
            day.who.extend(named.take(wanted - day.who.len()));
        }
    }
    Ok(())
}

/// Somebody who is named; `None` if a change of the rules has just taken the lock away, and is not written down yet.
fn locked(regulation: &Regulation, account: &Account) -> Option<Locked> {
    let both = [regulation.running(account), regulation.idle(account)];
    let next = both.into_iter().flatten().filter(|d| d.lock_at.is_some()).min_by_key(|d| d.lock_at)?;
    let profile = account.profile();
    Some(Locked {
        id: account.id(),
        address: profile.address.to_string(),
        name: profile.display_name.clone(),
        agency: profile.agency_id,
        rule: next.rule,
    })
}

/// The day on which a lock is carried out: its own, or the next on which the office is open.
fn lock_day(regulation: &Regulation, at: Timestamp, agency: Option<AgencyId>, now: Timestamp) -> Date {
    let planned = at.max(now).local_date();
    let calendar = regulation.calendar_of(agency);
    let is_over = planned == now.local_date()
        && at <= now
        && !regulation.is_open(agency, now)
        && now.local().time() >= regulation.book.settings.opening();
    let from = if is_over { planned.next_day().unwrap_or(planned) } else { planned };
    calendar.roll_forward(from)
}

async fn terms(
    app: &App,
    agency: Option<AgencyId>,
    (today, last): (Date, Date),
) -> Result<Vec<Terms>, StorageError> {
    let today = Timestamp::start_of(today);
    rows::terms(&app.db, (today, Timestamp::end_of(last).plus(WARNING)), today, agency).await
}

/// What decides on which days letters are written about a term: its rule, since when, until when; the stage of the rule;
/// and the agency, if it has days off of its own.
type Kind = (Rule, bool, Timestamp, Stage, Option<AgencyId>);

fn count_warnings(
    regulation: &Regulation,
    terms: &[Terms],
    (today, last): (Date, Date),
    forecast: &mut Forecast,
) {
    let mut known: HashMap<Kind, Vec<Date>> = HashMap::new();
    for term in terms {
        let rule = match term.state {
            StateName::Active => Rule::PasswordAge,
            StateName::MustChange => Rule::DefaultPassword,
            StateName::Locked | StateName::Retired => continue,
        };
        let stage = regulation.book.stages.of(rule, term.agency);
        if !stage.is_planned() {
            continue;
        }
        let own = term.agency.filter(|id| regulation.calendars.has_own(*id));
        let kind = (rule, term.is_of_today, term.ends_at, stage, own);
        // All that counts of the start is whether it lies before today.
        let start = if term.is_of_today { today } else { today.previous_day().unwrap_or(today) };
        let last_day = term.ends_at.minus(Duration::microseconds(1)).local_date();
        let days = known.entry(kind).or_insert_with(|| {
            warned(regulation, Term { rule, start, last_day }, (stage, own), (today, last))
        });
        for day in days {
            forecast.entry(*day).or_default().warned += term.number;
        }
    }
}

/// The days on which letters are written about a term.
fn warned(
    regulation: &Regulation,
    term: Term,
    (stage, agency): (Stage, Option<AgencyId>),
    (today, last): (Date, Date),
) -> Vec<Date> {
    let calendar = regulation.calendar_of(agency);
    let mut written: Vec<Written> = Vec::new();
    let mut date = today.max(term.last_day.checked_sub(WARNING).unwrap_or(Date::MIN));
    while date <= last.min(term.last_day) {
        let occasion = reminder::called_for(term, date, calendar, &written)
            .filter(|_| stage.mode_on(date) != Mode::Observe);
        written.extend(occasion.map(|occasion| Written { occasion, on: date }));
        let Some(next) = date.next_day() else { break };
        date = next;
    }
    written.into_iter().map(|written| written.on).collect()
}
