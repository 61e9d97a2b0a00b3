//! What a signed-in person is reminded of: a password whose term is about to end.

use super::session::Current;
use crate::app::App;
use crate::domain::policy::deadline::Deadline;
use crate::domain::policy::reminder;

/// For how many working days before the end pages remind.
const DAYS: u16 = 10;

/// For how many of them the sign-in itself stops to remind.
pub const PRESSING: u16 = 5;

/// A reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// The deadline.
    pub deadline: Deadline,
    /// Working days after today, up to the last day; 0 on the last day itself.
    pub working_days: u16,
}

/// Whether to remind now. Somebody who must change the password anyway is not reminded.
pub fn due(app: &App, current: &Current) -> Option<Reminder> {
    if current.must_change_password() {
        return None;
    }
    let regulation = app.regulation();
    let deadline = regulation.running(&current.account)?;
    let today = app.now().local_date();
    // Ten working days never take longer than this, holidays included.
    if (deadline.last_day - today).whole_days() > 45 {
        return None;
    }
    let calendar = regulation.calendar_of(current.account.profile().agency_id);
    let working_days = reminder::working_days(today, deadline.last_day, calendar);
    (working_days <= DAYS).then_some(Reminder { deadline, working_days })
}
