//! The numbers of the dashboard, within the administrator's reach. No big table is read: states come from an index, the
//! coming ends of terms from another, what happens from a count that is kept with the audit.

use super::{Internal, applications};
use crate::app::App;
use crate::domain::admin::{Administrator, Right};
use crate::domain::audit::Act;
use crate::domain::timestamp::Timestamp;
use crate::storage::{accounts, forecast, hour_counts, outboxes};
use time::{Date, Duration};

pub use crate::storage::accounts::Count;
pub use crate::storage::outboxes::Waiting;

/// Hours that are shown one by one.
pub const HOURS: i64 = 24;

/// Days that are shown one by one, back and ahead.
pub const DAYS: i64 = 14;

/// The numbers of the dashboard.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// How many in each state, for each reason.
    pub counts: Vec<Count>,
    /// Terms that end within seven days.
    pub due_in_seven_days: i64,
    /// Until when [`Dashboard::due_in_seven_days`] counts.
    pub due_until: Timestamp,
    /// How many terms end on each of the coming days.
    pub due: Vec<(Date, i64)>,
    /// What happened in each of the last hours, the last one last.
    pub hours: Vec<(Timestamp, Activity)>,
    /// What happened on each of the last days, today last.
    pub days: Vec<(Date, Activity)>,
    /// Failed sign-ins with addresses that nobody has, for whoever reaches the whole city.
    pub strangers: Option<Strangers>,
    /// What waits to be carried out, for whoever reaches the whole city.
    pub waiting: Option<Waiting>,
    /// Applications within reach whose purposes are to be written down or confirmed again, for whoever sees applications.
    pub to_review: usize,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Sign-ins.
    pub entered: i64,
    /// Wrong passwords at known accounts.
    pub refused: i64,
}

/// How often somebody failed to sign in with an address that nobody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strangers {
    /// Within [`Dashboard::hours`].
    pub of_hours: i64,
    /// Within [`Dashboard::days`].
    pub of_days: i64,
}

/// The numbers of the dashboard, within reach.
pub async fn dashboard(app: &App, by: &Administrator) -> Result<Dashboard, Internal> {
    let (reach, now) = (by.reach().agency(), app.now());
    let today = now.local_date();
    let due_until = Timestamp::end_of(today + Duration::days(7));
    let first = Timestamp::start_of(today - Duration::days(DAYS - 1));
    let since = first.min(now.minus(Duration::hours(HOURS)));
    let counted = hour_counts::since(&app.db, since, reach).await?;
    let ends =
        forecast::due_by_end(&app.db, now, Timestamp::end_of(today + Duration::days(DAYS)), reach).await?;
    let is_city = reach.is_none();
    Ok(Dashboard {
        counts: accounts::counts(&app.db, reach).await?,
        due_in_seven_days: accounts::due_between(&app.db, now, due_until, reach).await?,
        due_until,
        due: (0..=DAYS).map(|n| today + Duration::days(n)).map(|day| (day, on(&ends, day))).collect(),
        hours: hours(now).into_iter().map(|hour| (hour, within(&counted, hour))).collect(),
        days: (0..DAYS)
            .map(|n| today - Duration::days(DAYS - 1 - n))
            .map(|day| (day, on_day(&counted, day)))
            .collect(),
        to_review: if by.may(Right::SeeApplications) { applications::to_review(app, by).await? } else { 0 },
        strangers: if is_city { Some(strangers(app, first).await?) } else { None },
        waiting: if is_city { Some(outboxes::waiting(&app.db).await?) } else { None },
    })
}

async fn strangers(app: &App, first: Timestamp) -> Result<Strangers, Internal> {
    let hours = hours(app.now());
    let since = |of: Option<&Timestamp>| of.copied().unwrap_or(first);
    let earliest = first.min(since(hours.first()));
    let counted = hour_counts::of_strangers(&app.db, earliest).await?;
    let sum =
        |from: Timestamp| counted.iter().filter(|(at, _)| *at >= from).map(|(_, number)| number).sum::<i64>();
    Ok(Strangers { of_hours: sum(since(hours.first())), of_days: sum(first) })
}

/// The beginnings of the last hours, the present one last.
fn hours(now: Timestamp) -> Vec<Timestamp> {
    let hour = Duration::hours(1);
    let micros = i64::try_from(hour.whole_microseconds()).unwrap_or(i64::MAX);
    let present = Timestamp::from_micros(now.micros().div_euclid(micros) * micros);
    (0..HOURS).map(|n| present.minus(hour * i32::try_from(HOURS - 1 - n).unwrap_or(0))).collect()
}

/// A term ends with its last day, at midnight.
fn on(ends: &[(Timestamp, i64)], day: Date) -> i64 {
    let is_on = |at: &Timestamp| at.minus(Duration::microseconds(1)).local_date() == day;
    ends.iter().filter(|(at, _)| is_on(at)).map(|(_, number)| number).sum()
}

fn within(counted: &[hour_counts::HourCount], hour: Timestamp) -> Activity {
    sum(counted.iter().filter(|count| count.hour == hour))
}

fn on_day(counted: &[hour_counts::HourCount], day: Date) -> Activity {
    sum(counted.iter().filter(|count| count.hour.local_date() == day))
}

fn sum<'a>(counted: impl Iterator<Item = &'a hour_counts::HourCount>) -> Activity {
    let mut activity = Activity::default();
    for count in counted {
        match count.act {
            Act::SignedIn | Act::SignedInCached => activity.entered += count.number,
            Act::SignInRefused => activity.refused += count.number,
            _ => {}
        }
    }
    activity
}
