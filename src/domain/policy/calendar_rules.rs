//! What may stand in the calendar: the checks of a day before it is entered, and when a year is settled.

use super::calendar::{Calendar, DayKind};
use super::lunar;
use crate::domain::name;
use time::{Date, Duration, Month, Weekday};

/// The years that may be listed.
pub const YEARS: std::ops::RangeInclusive<i32> = 2017..=2100;
/// The longest name of a day, in characters.
pub const LONGEST_NAME: usize = 200;
/// The longest number of a notice, in characters.
pub const LONGEST_NUMBER: usize = 100;
/// How many days one change may bring.
pub const MOST_DAYS: usize = 400;
/// The days that the law gives for Tết.
const TET_DAYS: usize = 5;

/// An official notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number, e.g. `9441/TB-BNV`.
    pub number: String,
    /// Its date.
    pub date: Date,
}

/// A day that somebody wants to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The date.
    pub date: Date,
    /// What it is to be.
    pub kind: DayKind,
    /// Its name in Vietnamese.
    pub vi: String,
    /// Its name in English; empty: as in Vietnamese.
    pub en: String,
}

/// What is wrong with a day, a table of days, or a step that somebody wants to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The table is larger than any calendar.
    TooLarge,
    /// A column is missing.
    NoColumn(&'static str),
    /// A column is not known.
    UnknownColumn(String),
    /// More days than [`MOST_DAYS`].
    TooManyRows,
    /// No day at all.
    NoRows,
    /// Not a date.
    Date(String),
    /// A year outside [`YEARS`].
    Year(i32),
    /// An unknown kind of day.
    Kind(String),
    /// A state that is neither confirmed nor undecided.
    State(String),
    /// The day has no name.
    NoName,
    /// The name is longer than [`LONGEST_NAME`].
    LongName,
    /// The date of the notice is no date.
    NoticeDate(String),
    /// The notice has a number without a date, or a date without a number.
    HalfNotice,
    /// Number and date of the notice are needed.
    NoNotice,
    /// The number of the notice is longer than [`LONGEST_NUMBER`].
    LongNumber,
    /// A reason is needed.
    NoReason,
    /// A make-up day that is not a Saturday or Sunday.
    MakeUpOnWeekday(Date),
    /// A day in lieu or a swapped day on a Saturday or Sunday.
    OffOnWeekend(Date),
    /// The city itself has no such kind: only an agency works while the city is off.
    WorkedForCity,
    /// An agency's working day on a day on which the city works anyway.
    WorkedAnyway(Date),
    /// The date is listed twice.
    Twice(Date),
    /// No such agency within reach.
    Agency(String),
    /// A day of the city, which this administrator does not keep.
    CityDay,
    /// The day is listed and confirmed: it must be struck first.
    Confirmed(Date),
    /// The day is listed just so already.
    ListedSo(Date),
    /// The day is not listed.
    NotListed(Date),
    /// Whoever entered the day does not confirm it.
    OwnEntry(Date),
    /// Somebody has asked already to strike the day.
    StrikeWaits(Date),
    /// Nobody has asked to strike the day.
    NoStrike(Date),
    /// Whoever asked to strike the day does not carry it out.
    OwnStrike(Date),
    /// Only whoever entered an undecided day takes it back, and only where it replaced nobody else's.
    NotYours(Date),
    /// There is nothing undecided to confirm.
    NothingUndecided,
}

/// A fault with the line of the table it is in, if it is in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// The line, from 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub fault: Fault,
}

impl From<Fault> for LineFault {
    fn from(fault: Fault) -> Self {
        Self { line: None, fault }
    }
}

impl Proposal {
    /// A day with tidy names; the English one is the Vietnamese where there is none.
    pub fn new(date: Date, kind: DayKind, vi: &str, en: &str) -> Self {
        let vi = name::tidy(vi);
        let en = Some(name::tidy(en)).filter(|en| !en.is_empty()).unwrap_or_else(|| vi.clone());
        Self { date, kind, vi, en }
    }

    /// What is wrong with the day by itself; empty: nothing.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let weekend = is_weekend(self.date);
        if !YEARS.contains(&self.date.year()) {
            faults.push(Fault::Year(self.date.year()));
        }
        if self.vi.is_empty() {
            faults.push(Fault::NoName);
        }
        if self.vi.chars().count() > LONGEST_NAME || self.en.chars().count() > LONGEST_NAME {
            faults.push(Fault::LongName);
        }
        match self.kind {
            DayKind::MakeUp if !weekend => faults.push(Fault::MakeUpOnWeekday(self.date)),
            DayKind::InLieu | DayKind::SwappedOff if weekend => faults.push(Fault::OffOnWeekend(self.date)),
            _ => {}
        }
        faults
    }

    /// What is wrong with it beside the city's days: `worked` is for an agency, on a day on which the city is off.
    pub fn fault_beside(&self, is_of_agency: bool, city: &Calendar) -> Option<Fault> {
        match self.kind {
            DayKind::Worked if !is_of_agency => Some(Fault::WorkedForCity),
            DayKind::Worked if city.is_working(self.date) => Some(Fault::WorkedAnyway(self.date)),
            _ => None,
        }
    }
}

impl Notice {
    /// Reads number and date as they were typed; both empty: no notice.
    pub fn read(number: &str, date: &str) -> Result<Option<Self>, Fault> {
        let (number, date) = (name::tidy(number), date.trim());
        if number.chars().count() > LONGEST_NUMBER {
            return Err(Fault::LongNumber);
        }
        match (number.is_empty(), date.is_empty()) {
            (true, true) => Ok(None),
            (false, false) => {
                let date = read_date(date).ok_or_else(|| Fault::NoticeDate(shortened(date)))?;
                Ok(Some(Self { number, date }))
            }
            _ => Err(Fault::HalfNotice),
        }
    }
}

/// Reads `2026-08-31`, or `31/08/2026` and `1/9/2026` as the office writes it.
pub fn read_date(text: &str) -> Option<Date> {
    let machine = time::macros::format_description!("[year]-[month]-[day]");
    let office = time::macros::format_description!("[day padding:none]/[month padding:none]/[year]");
    Date::parse(text, &machine).or_else(|_| Date::parse(text, &office)).ok()
}

/// What was typed, short enough to be shown in a message.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Whether everything of a year is decided: no listed day is open, and neither Tết nor the two days of National Day are
/// missing, which the Prime Minister fixes each year (Labour Code art. 112(3)).
pub fn is_settled(calendar: &Calendar, year: i32) -> bool {
    let days: Vec<_> = calendar.listed().filter(|(date, _)| date.year() == year).collect();
    let is_holiday = |date: Option<Date>| {
        days.iter().any(|(listed, day)| Some(*listed) == date && day.kind == DayKind::Holiday)
    };
    let second = Date::from_calendar_date(year, Month::September, 2).ok();
    let neighbours = [second.and_then(Date::previous_day), second.and_then(Date::next_day)];
    let has_national_day = is_holiday(second) && neighbours.into_iter().any(is_holiday);
    let has_tet = lunar::new_year(year).is_some_and(|first| {
        let around = |date: Date| (date - first).abs() <= Duration::days(7);
        let holidays = days.iter().filter(|(date, day)| day.kind == DayKind::Holiday && around(*date));
        is_holiday(Some(first)) && holidays.count() >= TET_DAYS
    });
    has_national_day && has_tet && days.iter().all(|(_, day)| day.confirmed)
}

const fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::calendar::ListedDay;
    use crate::domain::policy::deadline::{default_password, password_age};
    use crate::domain::timestamp::Timestamp;
    use proptest::prelude::*;
    use time::macros::date;

    fn faults(date: Date, kind: DayKind) -> Vec<Fault> {
        Proposal::new(date, kind, "Tên", "").faults()
    }

    #[test]
    fn every_built_in_day_could_be_entered() {
        for (date, day) in Calendar::built_in().listed() {
            let proposal = Proposal::new(date, day.kind, &day.vi, &day.en);
            assert_eq!(
                (proposal.faults(), proposal.fault_beside(false, Calendar::built_in())),
                (vec![], None)
            );
        }
    }

    #[test]
    fn a_make_up_day_is_a_weekend_and_a_day_in_lieu_is_not() {
        let (wednesday, saturday) = (date!(2026 - 08 - 26), date!(2026 - 08 - 22));
        assert_eq!(faults(wednesday, DayKind::MakeUp), [Fault::MakeUpOnWeekday(wednesday)]);
        assert_eq!(faults(saturday, DayKind::MakeUp), []);
        assert_eq!(faults(saturday, DayKind::InLieu), [Fault::OffOnWeekend(saturday)]);
        assert_eq!(faults(saturday, DayKind::SwappedOff), [Fault::OffOnWeekend(saturday)]);
        assert_eq!(faults(wednesday, DayKind::SwappedOff), []);
        assert_eq!(faults(saturday, DayKind::Holiday), [], "a holiday may fall on a Saturday");
    }

    #[test]
    fn years_and_names_have_limits() {
        assert_eq!(faults(date!(2016 - 12 - 30), DayKind::Holiday), [Fault::Year(2016)]);
        assert_eq!(faults(date!(2100 - 12 - 31), DayKind::Holiday), []);
        let named = |name: &str| Proposal::new(date!(2026 - 03 - 04), DayKind::Holiday, name, "").faults();
        assert_eq!(named(" \u{0} "), [Fault::NoName]);
        assert_eq!(named(&"ế".repeat(200)), []);
        assert_eq!(named(&"ế".repeat(201)), [Fault::LongName]);
    }

    #[test]
    fn only_an_agency_works_and_only_while_the_city_is_off() {
        let city = Calendar::built_in();
        let worked = |date| Proposal::new(date, DayKind::Worked, "Trực", "");
        let (holiday, working) = (date!(2026 - 04 - 30), date!(2026 - 03 - 04));
        assert_eq!(worked(holiday).fault_beside(false, city), Some(Fault::WorkedForCity));
        assert_eq!(worked(holiday).fault_beside(true, city), None);
        assert_eq!(worked(working).fault_beside(true, city), Some(Fault::WorkedAnyway(working)));
    }

    #[test]
    fn a_notice_has_a_number_and_a_date_or_neither() {
        let notice = Notice { number: "9441/TB-BNV".to_owned(), date: date!(2025 - 10 - 16) };
        assert_eq!(Notice::read(" 9441/TB-BNV ", "16/10/2025"), Ok(Some(notice)));
        assert_eq!(Notice::read("", " "), Ok(None));
        assert_eq!(Notice::read("9441", ""), Err(Fault::HalfNotice));
        assert_eq!(Notice::read("9441", "2025-02-30"), Err(Fault::NoticeDate("2025-02-30".to_owned())));
    }

    #[test]
    fn a_year_is_settled_when_nothing_is_open_or_missing() {
        assert!(is_settled(Calendar::built_in(), 2025));
        assert!(!is_settled(Calendar::built_in(), 2026), "23 November is only proposed");
        assert!(!is_settled(Calendar::built_in(), 2027), "Tết is not confirmed, National Day has one day");
        assert!(!is_settled(&Calendar::default(), 2025), "nothing is listed");
        let without = |missing: Date| {
            let days = Calendar::built_in().listed().filter(|(date, _)| *date != missing);
            days.map(|(date, day)| (date, day.clone())).collect::<Calendar>()
        };
        assert!(!is_settled(&without(date!(2025 - 09 - 01)), 2025), "National Day has two days");
        assert!(!is_settled(&without(date!(2025 - 01 - 29)), 2025), "Tết is missing");
        assert!(is_settled(&without(date!(2024 - 09 - 03)), 2025), "another year does not matter");
    }

    proptest! {
        #[test]
        fn adding_a_day_off_never_makes_a_deadline_earlier(
            start in 0i64..4_000, off in 0i64..4_200, kind in 0usize..3, confirmed in any::<bool>(), months in 1u8..13
        ) {
            let day = |n| date!(2017-01-01) + Duration::days(n);
            let kind = [DayKind::Holiday, DayKind::InLieu, DayKind::SwappedOff][kind];
            let added = ListedDay { kind, vi: "Nghỉ".to_owned(), en: "Off".to_owned(), confirmed };
            let before = Calendar::built_in();
            let after = before.overlaid([(day(off), added)]);
            let since = Timestamp::start_of(day(start));
            prop_assert!(default_password(since, 3, &after).ends_at >= default_password(since, 3, before).ends_at);
            prop_assert!(password_age(since, months, &after).ends_at >= password_age(since, months, before).ends_at);
        }

        #[test]
        fn an_undecided_exception_never_makes_a_deadline_earlier_than_an_undecided_city(
            start in 0i64..4_000, day in 0i64..4_200, kind in 0usize..5
        ) {
            let at = |n| date!(2017-01-01) + Duration::days(n);
            let entered = ListedDay { kind: DayKind::ALL[kind], vi: String::new(), en: String::new(), confirmed: false };
            let before = Calendar::built_in();
            let after = before.overlaid([(at(day), entered)]);
            // A make-up day never stands on a weekday, nor may it hide a holiday there.
            prop_assume!(DayKind::ALL[kind] != DayKind::MakeUp || is_weekend(at(day)));
            let since = Timestamp::start_of(at(start));
            prop_assert!(default_password(since, 3, &after).ends_at >= default_password(since, 3, before).ends_at);
        }
    }
}
