//! Which letter a running term calls for today. Pure: the letters already written are told, the rest follows.
//!
//! A default password: at issue, and on the morning of each working day that the term counts. A password's age: 10,
//! 5, 3 and 1 working days before the last day, and on the last day; inactivity just so. At most one letter a day; after an outage only
//! the newest occasion is written, the missed ones are passed over.

use super::calendar::Calendar;
use super::deadline::{Deadline, Rule};
use crate::domain::timestamp::Timestamp;
use std::fmt;
use time::{Date, Duration, Time, Weekday};

/// Working days before the last day on which the age of a password is written about; 0 is the last day.
pub const THRESHOLDS: [u16; 5] = [10, 5, 3, 1, 0];

/// How many working days a digest looks ahead, today included.
pub const DIGEST_DAYS: u16 = 5;

/// What calls for a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// The day on which the term began.
    Issued,
    /// The morning of a working day of the term.
    Morning(Date),
    /// So many working days before the last day.
    Left(u16),
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issued => f.write_str("issued"),
            Self::Morning(date) => write!(f, "morning:{date}"),
            Self::Left(days) => write!(f, "left:{days}"),
        }
    }
}

impl Occasion {
    /// Reads what [`Occasion`] prints.
    pub fn parse(text: &str) -> Option<Self> {
        let format = time::macros::format_description!("[year]-[month]-[day]");
        match text.split_once(':') {
            None => (text == "issued").then_some(Self::Issued),
            Some(("morning", date)) => Date::parse(date, &format).ok().map(Self::Morning),
            Some(("left", days)) => days.parse().ok().map(Self::Left),
            Some(_) => None,
        }
    }
}

/// A letter of the same term that was written before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// What called for it.
    pub occasion: Occasion,
    /// On which local date.
    pub on: Date,
}

/// What of a deadline the letters follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The rule.
    pub rule: Rule,
    /// The local date of the event from which the term runs.
    pub start: Date,
    /// The last day of the term.
    pub last_day: Date,
}

impl From<&Deadline> for Term {
    fn from(deadline: &Deadline) -> Self {
        let Deadline { rule, start, last_day, .. } = *deadline;
        Self { rule, start, last_day }
    }
}

/// What a running term calls for today, if anything.
pub fn due(deadline: &Deadline, today: Date, calendar: &Calendar, written: &[Written]) -> Option<Occasion> {
    called_for(Term::from(deadline), today, calendar, written)
}

/// The same of a term that is known without its explanation.
pub fn called_for(deadline: Term, today: Date, calendar: &Calendar, written: &[Written]) -> Option<Occasion> {
    if today > deadline.last_day || !calendar.is_working(today) || written.iter().any(|w| w.on == today) {
        return None;
    }
    match deadline.rule {
        Rule::DefaultPassword if today == deadline.start => fresh(Occasion::Issued, written),
        Rule::DefaultPassword if today > deadline.start => fresh(Occasion::Morning(today), written),
        Rule::PasswordAge | Rule::Inactivity if today > deadline.start => {
            let left = working_days_after(today, deadline.last_day, calendar)?;
            let threshold = THRESHOLDS.into_iter().filter(|t| *t >= left).min()?;
            let later = |w: &Written| matches!(w.occasion, Occasion::Left(t) if t <= threshold);
            (!written.iter().any(later)).then_some(Occasion::Left(threshold))
        }
        Rule::DefaultPassword | Rule::PasswordAge | Rule::Inactivity => None,
    }
}

/// What is written the moment a term is found to have begun, on whatever day: the letter at issue, as long as the
/// term runs.
pub fn at_issue(deadline: &Deadline, now: Timestamp) -> Option<Occasion> {
    (deadline.rule == Rule::DefaultPassword && now < deadline.ends_at).then_some(Occasion::Issued)
}

/// How many working days lie after `today` up to and with `last`; `None` if more than the first threshold.
fn working_days_after(today: Date, last: Date, calendar: &Calendar) -> Option<u16> {
    // The longest run of days off is far below this.
    if (last - today).whole_days() > 60 {
        return None;
    }
    let days = working_days(today, last, calendar);
    (days <= THRESHOLDS[0]).then_some(days)
}

/// How many working days lie after `from` up to and with `last`.
pub fn working_days(from: Date, last: Date, calendar: &Calendar) -> u16 {
    let (mut day, mut count) = (from, 0);
    while day < last {
        let Some(next) = day.next_day() else { break };
        day = next;
        count += u16::from(calendar.is_working(day));
    }
    count
}

/// The day that is so many working days after `from`.
pub fn after_working_days(from: Date, days: u16, calendar: &Calendar) -> Date {
    let (mut day, mut left) = (from, days);
    while left > 0 {
        let Some(next) = day.next_day() else { break };
        day = next;
        left -= u16::from(calendar.is_working(day));
    }
    day
}

/// Whether letters are written now: on a working day, from the hour at which the offices open (UTC+7).
pub fn is_open(now: Timestamp, calendar: &Calendar, opening: Time) -> bool {
    calendar.is_working(now.local_date()) && now.local().time() >= opening
}

/// The Monday of the week whose digest is due today. It is written on the first working day of the week, or on a
/// later one if the house did not run before.
pub fn digest_week(today: Date) -> Date {
    let since = i64::from(today.weekday().number_days_from_monday());
    let monday = today.checked_sub(Duration::days(since)).unwrap_or(today);
    debug_assert!(monday.weekday() == Weekday::Monday || monday == today);
    monday
}

fn fresh(occasion: Occasion, written: &[Written]) -> Option<Occasion> {
    (!written.iter().any(|w| w.occasion == occasion)).then_some(occasion)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::deadline::{default_password, password_age};
    use proptest::prelude::*;
    use time::macros::{date, datetime, time};

    fn noon(date: Date) -> Timestamp {
        Timestamp::start_of(date).plus(Duration::hours(12))
    }

    /// Walks day by day from the start of a term until two weeks after its end, being there on the days that
    /// `is_up` names.
    fn walk(deadline: &Deadline, is_up: impl Fn(Date) -> bool) -> Vec<Written> {
        let (mut written, mut day) = (Vec::new(), deadline.start);
        while day <= deadline.last_day + Duration::days(14) {
            // Twice a day: the second time nothing is due.
            for _ in 0..2 {
                if is_up(day) {
                    let due = due(deadline, day, Calendar::built_in(), &written);
                    written.extend(due.map(|occasion| Written { occasion, on: day }));
                }
            }
            day = day.next_day().expect("an ordinary day");
        }
        written
    }

    #[test]
    fn a_default_password_is_written_about_at_issue_and_on_three_mornings() {
        let term = default_password(noon(date!(2026 - 02 - 12)), 3, Calendar::built_in());
        let days: Vec<_> = walk(&term, |_| true).iter().map(|w| w.on).collect();
        // Tết lies in between: nobody is written to on a day off.
        assert_eq!(
            days,
            [date!(2026 - 02 - 12), date!(2026 - 02 - 13), date!(2026 - 02 - 23), date!(2026 - 02 - 24)]
        );
    }

    #[test]
    fn a_password_is_written_about_ten_five_three_one_days_before_and_on_the_last_day() {
        let term = password_age(noon(date!(2025 - 10 - 05)), 6, Calendar::built_in());
        assert_eq!(term.last_day, date!(2026 - 04 - 06), "the 5th is a Sunday");
        let written: Vec<_> = walk(&term, |_| true).iter().map(|w| (w.on, w.occasion)).collect();
        assert_eq!(
            written,
            [
                (date!(2026 - 03 - 23), Occasion::Left(10)),
                (date!(2026 - 03 - 30), Occasion::Left(5)),
                (date!(2026 - 04 - 01), Occasion::Left(3)),
                (date!(2026 - 04 - 03), Occasion::Left(1)),
                (date!(2026 - 04 - 06), Occasion::Left(0)),
            ]
        );
    }

    #[test]
    fn after_an_outage_one_letter_is_due_and_the_missed_ones_are_passed_over() {
        let term = password_age(noon(date!(2025 - 10 - 05)), 6, Calendar::built_in());
        let written = walk(&term, |day| day >= date!(2026 - 03 - 31));
        let occasions: Vec<_> = written.iter().map(|w| (w.on, w.occasion)).collect();
        assert_eq!(occasions[0], (date!(2026 - 03 - 31), Occasion::Left(5)), "four days are left");
        assert_eq!(occasions[1], (date!(2026 - 04 - 01), Occasion::Left(3)));
        assert_eq!(occasions.len(), 4);
    }

    #[test]
    fn letters_are_written_from_half_past_seven_on_a_working_day() {
        let open = |at| is_open(Timestamp::from_datetime(at), Calendar::built_in(), time!(7:30));
        assert!(!open(datetime!(2026-03-02 07:29:59 +7)));
        assert!(open(datetime!(2026-03-02 07:30 +7)));
        assert!(!open(datetime!(2026-03-01 10:00 +7)), "a Sunday");
        assert!(open(datetime!(2026-08-22 10:00 +7)), "a make-up Saturday");
    }

    #[test]
    fn working_days_are_counted_both_ways() {
        let calendar = Calendar::built_in();
        assert_eq!(working_days(date!(2026 - 02 - 12), date!(2026 - 02 - 24), calendar), 3);
        assert_eq!(after_working_days(date!(2026 - 02 - 12), 3, calendar), date!(2026 - 02 - 24));
        assert_eq!(digest_week(date!(2026 - 03 - 08)), date!(2026 - 03 - 02));
    }

    proptest! {
        #[test]
        fn any_term_is_written_about_once_for_each_occasion_once_a_day_and_never_after_its_end(
            start in 0i64..3_000, days in 1u8..12, months in 1u8..13, outage in any::<u32>(), age in any::<bool>()
        ) {
            let start = date!(2017 - 01 - 02) + Duration::days(start);
            let calendar = Calendar::built_in();
            let term = if age {
                password_age(noon(start), months, calendar)
            } else {
                default_password(noon(start), days, calendar)
            };
            let is_up = |day: Date| outage & (1 << (day.to_julian_day().unsigned_abs() % 32)) != 0;
            for written in [walk(&term, |_| true), walk(&term, is_up)] {
                for (n, one) in written.iter().enumerate() {
                    prop_assert!(one.on <= term.last_day && one.on >= term.start && calendar.is_working(one.on));
                    prop_assert!(written[..n].iter().all(|w| w.on < one.on && w.occasion != one.occasion));
                    prop_assert_eq!(Occasion::parse(&one.occasion.to_string()), Some(one.occasion));
                }
            }
            let expected = if age { THRESHOLDS.len() } else { usize::from(days) + usize::from(calendar.is_working(start)) };
            prop_assert_eq!(walk(&term, |_| true).len(), expected);
        }
    }
}
