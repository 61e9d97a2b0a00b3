//! Deadlines that explain themselves: the last day of a term, and every day on the way to it with the reason why it
//! counts or not.
//!
//! Counting follows the Civil Code 91/2015/QH13: the day of the event is not counted (art. 147), a term in months
//! ends on the same day number (art. 148(3)), an end on a day off moves to the next working day (art. 148(5)), the
//! last day ends at 24:00 (art. 148(6)).

use super::calendar::{Calendar, Day, DayKind, add_months};
use crate::domain::timestamp::Timestamp;
use time::{Date, Duration, Time};

/// Which rule a deadline follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The default password, working days.
    DefaultPassword,
    /// The age of a password, months.
    PasswordAge,
    /// An account that nobody uses, days.
    Inactivity,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::DefaultPassword, Self::PasswordAge, Self::Inactivity];

    /// The word on the command line and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DefaultPassword => "default-password",
            Self::PasswordAge => "password-age",
            Self::Inactivity => "inactivity",
        }
    }

    /// Reads [`Rule::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }
}

/// The event from which a term runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A default password was issued.
    Issued,
    /// The holder signed in for the first time.
    FirstAccess,
    /// The password was reset.
    Reset,
    /// A lock was lifted.
    LockLifted,
    /// An administrator demanded a new password.
    Demanded,
    /// The password was set by its holder.
    PasswordSet,
    /// The account was used.
    LastUse,
}

impl Event {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::FirstAccess => "first_access",
            Self::Reset => "reset",
            Self::LockLifted => "lock_lifted",
            Self::Demanded => "demanded",
            Self::PasswordSet => "password_set",
            Self::LastUse => "last_use",
        }
    }
}

/// How long a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// So many working days.
    WorkingDays(u8),
    /// So many months.
    Months(u8),
    /// So many days.
    Days(u16),
}

/// Why a day counts or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The day of the event: never counted.
    Event,
    /// A working day.
    Working,
    /// A make-up Saturday, with its name in Vietnamese and English.
    MakeUp(String, String),
    /// Saturday or Sunday.
    Weekend,
    /// A holiday, a day in lieu or a swapped day, with its name in Vietnamese and English.
    DayOff(DayKind, String, String),
    /// The same, but the official decision is not known: it counts in the user's favour.
    Undecided(String, String),
    /// The same day number, months later, or the last of so many days: where the term would end.
    SameDayNumber,
    /// The day from which the rule is enforced for this agency: no term ends before it does.
    RuleStarts,
}

impl Why {
    /// The reason in English words that do not change, for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Event => "start day",
            Self::Working => "working day",
            Self::MakeUp(..) => "make-up working day",
            Self::Weekend => "weekend",
            Self::DayOff(DayKind::InLieu, ..) => "day in lieu",
            Self::DayOff(DayKind::SwappedOff, ..) => "swapped day off",
            Self::DayOff(..) => "holiday",
            Self::Undecided(..) => "undecided day off",
            Self::SameDayNumber => "same day number",
            Self::RuleStarts => "rule starts",
        }
    }
}

/// One day of a deadline's explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedDay {
    /// The local date.
    pub date: Date,
    /// Whether it counts towards the term.
    pub counted: bool,
    /// Why.
    pub why: Why,
}

/// A deadline with its explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The rule.
    pub rule: Rule,
    /// How long the term is.
    pub term: Term,
    /// What began it.
    pub event: Event,
    /// The local date of the event from which the term runs.
    pub start: Date,
    /// The last day of the term.
    pub last_day: Date,
    /// The end of the last day, 24:00 local time.
    pub ends_at: Timestamp,
    /// When the account is locked if nothing happens: the opening hour of the first working day after the term.
    /// `None`: the rule is not enforced.
    pub lock_at: Option<Timestamp>,
    /// The days one by one, from the event on. For a term in months or days: the event, the day on which it would
    /// end, and the days over which the end rolled.
    pub days: Vec<CountedDay>,
}

/// The deadline for a default password: so many working days, the day of the event not counted.
pub fn default_password(since: Timestamp, working_days: u8, calendar: &Calendar) -> Deadline {
    let start = since.local_date();
    let mut days = vec![CountedDay { date: start, counted: false, why: Why::Event }];
    let mut last_day = start;
    let mut counted = 0;
    while counted < working_days {
        let Some(next) = last_day.next_day() else { break };
        last_day = next;
        let day = counted_day(calendar, next);
        counted += u8::from(day.counted);
        days.push(day);
    }
    Deadline {
        rule: Rule::DefaultPassword,
        term: Term::WorkingDays(working_days),
        event: Event::Issued,
        start,
        last_day,
        ends_at: Timestamp::end_of(last_day),
        lock_at: None,
        days,
    }
}

/// The deadline for a password's age: so many months, rolled to the next working day.
pub fn password_age(set_at: Timestamp, months: u8, calendar: &Calendar) -> Deadline {
    let start = set_at.local_date();
    let raw = add_months(start, months);
    rolled((Rule::PasswordAge, Term::Months(months), Event::PasswordSet), start, raw, calendar)
}

/// The deadline for an account that nobody uses: so many days, rolled to the next working day.
pub fn inactivity(used_at: Timestamp, days: u16, calendar: &Calendar) -> Deadline {
    let start = used_at.local_date();
    let raw = start.checked_add(Duration::days(i64::from(days))).unwrap_or(Date::MAX);
    rolled((Rule::Inactivity, Term::Days(days), Event::LastUse), start, raw, calendar)
}

/// A term that would end on the day `raw`.
fn rolled((rule, term, event): (Rule, Term, Event), start: Date, raw: Date, calendar: &Calendar) -> Deadline {
    let mut days = vec![CountedDay { date: start, counted: false, why: Why::Event }];
    let last_day = push_rolled(&mut days, raw, Why::SameDayNumber, calendar);
    let ends_at = Timestamp::end_of(last_day);
    Deadline { rule, term, event, start, last_day, ends_at, lock_at: None, days }
}

/// Adds the day on which a term would end, and the days over which that end rolls; tells the last one.
fn push_rolled(days: &mut Vec<CountedDay>, raw: Date, why: Why, calendar: &Calendar) -> Date {
    let last_day = calendar.roll_forward(raw);
    days.push(CountedDay { date: raw, counted: raw == last_day, why });
    let mut date = raw;
    while date < last_day {
        let day = counted_day(calendar, date);
        if !day.counted {
            days.push(day);
        }
        let Some(next) = date.next_day() else { break };
        date = next;
    }
    if raw != last_day {
        days.push(counted_day(calendar, last_day));
    }
    last_day
}

impl Deadline {
    /// The same deadline, but not ending before the day from which the rule is enforced does.
    #[must_use]
    pub fn not_before_the_rule(mut self, starts: Date, calendar: &Calendar) -> Self {
        if starts > self.last_day {
            self.last_day = push_rolled(&mut self.days, starts, Why::RuleStarts, calendar);
            self.ends_at = Timestamp::end_of(self.last_day);
        }
        self
    }

    /// The same deadline, but not ending before the moment that its holder was told.
    #[must_use]
    pub fn not_before_the_promise(mut self, promised: Option<Timestamp>) -> Self {
        if let Some(promised) = promised.filter(|promised| *promised > self.ends_at) {
            self.ends_at = promised;
            self.last_day = promised.minus(Duration::microseconds(1)).local_date();
        }
        self
    }

    /// The same deadline with the moment of the lock: the opening hour of the first working day after its end.
    #[must_use]
    pub fn locking(mut self, opening: Time, calendar: &Calendar) -> Self {
        let day = calendar.roll_forward(self.ends_at.local_date());
        self.lock_at = Some(Timestamp::start_of(day).plus(opening - Time::MIDNIGHT));
        self
    }

    /// Whether the term is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends_at
    }
}

fn counted_day(calendar: &Calendar, date: Date) -> CountedDay {
    let (counted, why) = match calendar.day(date) {
        Day::Working => (true, Why::Working),
        Day::MakeUp(day) => (true, Why::MakeUp(day.vi.clone(), day.en.clone())),
        Day::Weekend => (false, Why::Weekend),
        Day::Off(day) if day.confirmed => (false, Why::DayOff(day.kind, day.vi.clone(), day.en.clone())),
        Day::Off(day) => (false, Why::Undecided(day.vi.clone(), day.en.clone())),
    };
    CountedDay { date, counted, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    fn at_noon(date: Date) -> Timestamp {
        Timestamp::start_of(date).plus(time::Duration::hours(12))
    }

    #[test]
    fn three_working_days_end_where_the_law_says() {
        let vectors = [
            (date!(2026 - 01 - 30), date!(2026 - 02 - 04)), // a plain weekend
            (date!(2026 - 02 - 12), date!(2026 - 02 - 24)), // Tết 2026
            (date!(2026 - 08 - 20), date!(2026 - 08 - 24)), // a make-up Saturday
            (date!(2025 - 12 - 30), date!(2026 - 01 - 06)), // a swap decided late
            (date!(2024 - 05 - 02), date!(2024 - 05 - 06)), // a make-up Saturday
            (date!(2022 - 04 - 28), date!(2022 - 05 - 05)),
            (date!(2026 - 11 - 19), date!(2026 - 11 - 26)), // Culture Day; 23/11 undecided, in the user's favour
        ];
        for (start, last) in vectors {
            let deadline = default_password(at_noon(start), 3, Calendar::built_in());
            assert_eq!(deadline.last_day, last, "from {start}");
            assert_eq!(deadline.ends_at, Timestamp::end_of(last));
        }
    }

    #[test]
    fn six_months_end_where_the_law_says() {
        let vectors = [
            (date!(2025 - 09 - 30), date!(2026 - 03 - 30)),
            (date!(2025 - 08 - 31), date!(2026 - 03 - 02)), // clipped, then a weekend
            (date!(2026 - 02 - 28), date!(2026 - 08 - 28)),
            (date!(2025 - 02 - 22), date!(2025 - 08 - 22)),
            (date!(2026 - 05 - 24), date!(2026 - 11 - 25)), // Culture Day
            (date!(2026 - 10 - 30), date!(2027 - 05 - 04)), // 3/5 undecided, in the user's favour
        ];
        for (set, last) in vectors {
            assert_eq!(password_age(at_noon(set), 6, Calendar::built_in()).last_day, last, "from {set}");
        }
    }

    #[test]
    fn a_leap_day_is_a_day_like_others_and_only_a_shorter_month_clips_it() {
        let vectors = [
            (date!(2028 - 02 - 29), 6, date!(2028 - 08 - 29)),
            (date!(2027 - 08 - 31), 6, date!(2028 - 02 - 29)), // clipped to the leap day
            (date!(2027 - 08 - 29), 6, date!(2028 - 02 - 29)), // the same number, no clipping
            (date!(2026 - 08 - 31), 6, date!(2027 - 03 - 01)), // no leap year: 28/2 is a Sunday
            (date!(2027 - 12 - 31), 2, date!(2028 - 02 - 29)),
            (date!(2028 - 02 - 29), 12, date!(2029 - 02 - 28)),
            (date!(2028 - 02 - 29), 48, date!(2032 - 03 - 01)), // 29/2/2032 is a Sunday
        ];
        for (set, months, last) in vectors {
            let deadline = password_age(at_noon(set), months, Calendar::built_in());
            assert_eq!(deadline.last_day, last, "{months} months from {set}");
        }
        let issued = default_password(at_noon(date!(2028 - 02 - 25)), 3, Calendar::built_in());
        assert_eq!(issued.last_day, date!(2028 - 03 - 01), "28/2, 29/2 and 1/3 are counted");
        let counted: Vec<_> = issued.days.iter().filter(|day| day.counted).map(|day| day.date).collect();
        assert!(counted.contains(&date!(2028 - 02 - 29)));
        let unused = inactivity(at_noon(date!(2028 - 01 - 17)), 45, Calendar::built_in());
        assert_eq!(unused.last_day, date!(2028 - 03 - 02), "the leap day is one of the 45");
    }

    #[test]
    fn a_deadline_explains_each_day() {
        let deadline = default_password(at_noon(date!(2026 - 02 - 12)), 3, Calendar::built_in());
        let counted: Vec<_> = deadline.days.iter().filter(|d| d.counted).map(|d| d.date).collect();
        assert_eq!(counted, [date!(2026 - 02 - 13), date!(2026 - 02 - 23), date!(2026 - 02 - 24)]);
        assert_eq!(deadline.days[0].why, Why::Event);
        assert!(matches!(&deadline.days[5].why, Why::DayOff(_, vi, _) if vi.starts_with("Tết Âm lịch")));
    }

    #[test]
    fn a_lock_waits_for_the_opening_hour_of_a_working_day() {
        // The term ends on Friday 13 February 2026 at 24:00; the next working day is Monday 23 February, after Tết.
        let deadline = default_password(at_noon(date!(2026 - 02 - 10)), 3, Calendar::built_in());
        assert_eq!(deadline.last_day, date!(2026 - 02 - 13));
        let locking = deadline.locking(time::macros::time!(7:30), Calendar::built_in());
        let expected = Timestamp::from_datetime(time::macros::datetime!(2026-02-23 07:30 +7));
        assert_eq!(locking.lock_at, Some(expected));
    }

    #[test]
    fn no_term_ends_before_the_rule_is_enforced() {
        let calendar = Calendar::built_in();
        let overdue = password_age(at_noon(date!(2025 - 03 - 03)), 6, calendar);
        let waved = overdue.clone().not_before_the_rule(date!(2026 - 03 - 07), calendar);
        assert_eq!(waved.last_day, date!(2026 - 03 - 09), "a Saturday rolls to Monday");
        assert!(waved.days.iter().any(|day| day.why == Why::RuleStarts && !day.counted));
        assert_eq!(overdue.clone().not_before_the_rule(date!(2025 - 01 - 01), calendar), overdue);
    }

    #[test]
    fn a_promise_moves_a_deadline_later_and_never_earlier() {
        let deadline = default_password(at_noon(date!(2026 - 01 - 30)), 3, Calendar::built_in());
        let later = Timestamp::end_of(date!(2026 - 02 - 06));
        assert_eq!(deadline.clone().not_before_the_promise(Some(later)).last_day, date!(2026 - 02 - 06));
        let earlier = Timestamp::end_of(date!(2026 - 02 - 02));
        assert_eq!(deadline.clone().not_before_the_promise(Some(earlier)), deadline);
    }

    #[test]
    fn an_unused_account_ends_after_so_many_days_on_a_working_day() {
        let deadline = inactivity(at_noon(date!(2026 - 01 - 02)), 45, Calendar::built_in());
        assert_eq!(deadline.last_day, date!(2026 - 02 - 23), "16 February is Tết");
        assert!(deadline.days.iter().any(|day| matches!(day.why, Why::DayOff(..))));
    }

    proptest! {
        #[test]
        fn a_deadline_never_falls_on_a_day_off(day in 0i64..4_000, hour in 0i64..24) {
            let set = Timestamp::start_of(date!(2017-01-01)).plus(time::Duration::hours(day * 24 + hour));
            let calendar = Calendar::built_in();
            prop_assert!(calendar.is_working(default_password(set, 3, calendar).last_day));
            let age = password_age(set, 6, calendar);
            prop_assert!(calendar.is_working(age.last_day));
            // 28/8 to 28/2 is 184 days, 31/8 clipped to 28/2 is 181: never less, before rolling and so after it.
            prop_assert!((add_months(age.start, 6) - age.start).whole_days() >= 181);
            prop_assert!(age.last_day >= add_months(age.start, 6));
        }

        #[test]
        fn any_moment_gives_a_deadline_without_a_panic(micros in any::<i64>(), months in any::<u8>()) {
            let at = Timestamp::from_micros(micros);
            let _ = default_password(at, 3, Calendar::built_in());
            let _ = password_age(at, months, Calendar::built_in()).locking(time::Time::MIDNIGHT, Calendar::built_in());
            let _ = inactivity(at, u16::from(months) * 40, Calendar::built_in());
        }
    }
}
