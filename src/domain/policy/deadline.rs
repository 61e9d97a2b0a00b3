//! Deadlines that explain themselves, and the verdict over an account: nothing, remind, lock.
//!
//! Counting follows the Civil Code 91/2015/QH13: the day of the event is not counted (art. 147), a term in months
//! ends on the same day number (art. 148(3)), an end on a day off moves to the next working day (art. 148(5)), the
//! last day ends at 24:00 (art. 148(6)).

use super::Policy;
use super::calendar::{Calendar, Day, DayKind, add_months};
use crate::domain::account::{Account, LockReason, State};
use crate::domain::timestamp::Timestamp;
use time::Date;

/// Which rule a deadline follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The default password, working days.
    DefaultPassword,
    /// The age of a password, months.
    PasswordAge,
}

impl Rule {
    /// The word on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DefaultPassword => "default-password",
            Self::PasswordAge => "password-age",
        }
    }

    /// Reads [`Rule::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::DefaultPassword, Self::PasswordAge].into_iter().find(|rule| rule.code() == code)
    }
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
    /// The same day number, months later: where the term would end.
    SameDayNumber,
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
    /// The local date of the event from which the term runs.
    pub start: Date,
    /// The last day of the term.
    pub last_day: Date,
    /// The end of the last day, 24:00 local time.
    pub ends_at: Timestamp,
    /// The days one by one, from the event on. For a term in months: the event, the same day number, and the days
    /// over which the end rolled.
    pub days: Vec<CountedDay>,
}

/// What the policy says of an account at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No deadline runs.
    Nothing,
    /// A deadline runs.
    Remind(Deadline),
    /// The deadline has passed.
    Lock(LockReason, Deadline),
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
    Deadline { rule: Rule::DefaultPassword, start, last_day, ends_at: Timestamp::end_of(last_day), days }
}

/// The deadline for a password's age: so many months, rolled to the next working day.
pub fn password_age(set_at: Timestamp, months: u8, calendar: &Calendar) -> Deadline {
    let start = set_at.local_date();
    let raw = add_months(start, months);
    let last_day = calendar.roll_forward(raw);
    let mut days = vec![
        CountedDay { date: start, counted: false, why: Why::Event },
        CountedDay { date: raw, counted: raw == last_day, why: Why::SameDayNumber },
    ];
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
    Deadline { rule: Rule::PasswordAge, start, last_day, ends_at: Timestamp::end_of(last_day), days }
}

/// The deadline that runs for a state, if one does.
///
/// A deadline once given to a person in [`State::MustChangePassword`] is kept: a later change of the calendar may
/// move it later, never earlier.
pub fn running(state: &State, policy: &Policy, calendar: &Calendar) -> Option<Deadline> {
    match *state {
        State::Active { password_set_at } => {
            Some(password_age(password_set_at, policy.password_months, calendar))
        }
        State::MustChangePassword { since, deadline, .. } => {
            let mut counted = default_password(since, policy.default_password_working_days, calendar);
            if deadline > counted.ends_at {
                counted.ends_at = deadline;
                counted.last_day = deadline.minus(time::Duration::microseconds(1)).local_date();
            }
            Some(counted)
        }
        State::Locked { .. } | State::Retired { .. } => None,
    }
}

/// What the policy says of an account now. The lock job and the sign-in both ask it, so a late job lets nobody in.
pub fn verdict(account: &Account, policy: &Policy, calendar: &Calendar, now: Timestamp) -> Verdict {
    let Some(deadline) = running(account.state(), policy, calendar) else { return Verdict::Nothing };
    if now < deadline.ends_at {
        return Verdict::Remind(deadline);
    }
    let reason = match deadline.rule {
        Rule::DefaultPassword => LockReason::DefaultPasswordKept,
        Rule::PasswordAge => LockReason::PasswordTooOld,
    };
    Verdict::Lock(reason, deadline)
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
    fn a_deadline_explains_each_day() {
        let deadline = default_password(at_noon(date!(2026 - 02 - 12)), 3, Calendar::built_in());
        let counted: Vec<_> = deadline.days.iter().filter(|d| d.counted).map(|d| d.date).collect();
        assert_eq!(counted, [date!(2026 - 02 - 13), date!(2026 - 02 - 23), date!(2026 - 02 - 24)]);
        assert_eq!(deadline.days[0].why, Why::Event);
        assert!(matches!(&deadline.days[5].why, Why::DayOff(_, vi, _) if vi.starts_with("Tết Âm lịch")));
    }

    #[test]
    fn the_term_ends_at_midnight_and_not_a_moment_earlier() {
        let since = at_noon(date!(2026 - 01 - 30));
        let deadline = default_password(since, 3, Calendar::built_in());
        let state = State::MustChangePassword {
            since,
            deadline: deadline.ends_at,
            why: crate::domain::account::MustChange::DefaultPassword,
        };
        let running = running(&state, &Policy::default(), Calendar::built_in()).expect("a term runs");
        assert_eq!(running.ends_at, Timestamp::end_of(date!(2026 - 02 - 04)));
    }

    proptest! {
        #[test]
        fn a_deadline_never_falls_on_a_day_off(day in 0i64..4_000, hour in 0i64..24) {
            let set = Timestamp::start_of(date!(2017-01-01)).plus(time::Duration::hours(day * 24 + hour));
            let calendar = Calendar::built_in();
            prop_assert!(calendar.is_working(default_password(set, 3, calendar).last_day));
            let age = password_age(set, 6, calendar);
            prop_assert!(calendar.is_working(age.last_day));
            prop_assert!((age.last_day - age.start).whole_days() >= 180, "half a year is at least 180 days (31/8 to 28/2 and 1/9 to 1/3 are 181)");
        }

        #[test]
        fn any_moment_gives_a_deadline_without_a_panic(micros in any::<i64>(), months in any::<u8>()) {
            let at = Timestamp::from_micros(micros);
            let _ = default_password(at, 3, Calendar::built_in());
            let _ = password_age(at, months, Calendar::built_in());
        }
    }
}
