//! Working days of Vietnamese civil servants: weekends, holidays, days in lieu, swapped days, make-up Saturdays.
//!
//! Sources per row in `holidays.csv`: Labour Code 45/2019/QH14 art. 111–112, the yearly notices, Resolution
//! 28/2026/QH16. A day that is not confirmed counts in the user's favour.

use crate::domain::id::AgencyId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;
use thiserror::Error;
use time::{Date, Month, Weekday};

/// The days that ship with the house, 2017–2027.
const BUILT_IN: &str = include_str!("holidays.csv");

/// The years after the table, for which the law and the moon must do until a notice comes.
const PREFILLED: std::ops::RangeInclusive<i32> = 2028..=2050;

/// How many working days an agency takes off by exceptions that nobody has confirmed, within [`ALONE_MONTHS`]: one person
/// enters them, and they count at once. Further ones count only once they are confirmed.
pub const MOST_ALONE: usize = 5;

/// Any so many months.
pub const ALONE_MONTHS: u8 = 3;

static BUILT_IN_CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
    let mut calendar = Calendar::parse(BUILT_IN).expect("the built-in table is read in a unit test");
    calendar.days.extend(PREFILLED.flat_map(|year| Calendar::prefilled(year).days));
    calendar
});

/// What a listed day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// A statutory holiday (Labour Code art. 112).
    Holiday,
    /// A day off in lieu of a holiday on a weekend (art. 111(3)).
    InLieu,
    /// A working day swapped for a Saturday.
    SwappedOff,
    /// The Saturday worked for a swapped day.
    MakeUp,
    /// An ordinary working day: only an agency's exception says it, of a day on which the rest of the city is off.
    Worked,
}

impl DayKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Holiday, Self::InLieu, Self::SwappedOff, Self::MakeUp, Self::Worked];

    /// The word in tables and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Holiday => "holiday",
            Self::InLieu => "in_lieu",
            Self::SwappedOff => "swapped_off",
            Self::MakeUp => "make_up",
            Self::Worked => "worked",
        }
    }

    /// Reads [`DayKind::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A day that differs from its weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDay {
    /// What it is.
    pub kind: DayKind,
    /// Its name in Vietnamese.
    pub vi: String,
    /// Its name in English.
    pub en: String,
    /// Whether the official decision is known.
    pub confirmed: bool,
}

/// Whether a day is worked, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Day<'a> {
    /// An ordinary working day.
    Working,
    /// A Saturday that is worked.
    MakeUp(&'a ListedDay),
    /// Saturday or Sunday.
    Weekend,
    /// A holiday, a day in lieu or a swapped day.
    Off(&'a ListedDay),
}

impl Day<'_> {
    /// Whether it counts as a working day.
    pub const fn is_working(&self) -> bool {
        matches!(self, Self::Working | Self::MakeUp(_))
    }
}

/// Why a table of days cannot be read.
#[derive(Debug, Error)]
#[error("line {line}: {what}")]
pub struct CalendarError {
    line: u64,
    what: String,
}

/// A calendar of working days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<Date, ListedDay>,
}

impl Calendar {
    /// The calendar that ships with the house: the table, and prefilled years after it.
    pub fn built_in() -> &'static Self {
        &BUILT_IN_CALENDAR
    }

    /// Reads a table with the columns `date,kind,vi,en,basis,confirmed`.
    pub fn parse(table: &str) -> Result<Self, CalendarError> {
        let mut days = BTreeMap::new();
        for row in csv::Reader::from_reader(table.as_bytes()).into_records() {
            let row = row.map_err(|e| CalendarError { line: 0, what: e.to_string() })?;
            let line = row.position().map_or(0, csv::Position::line);
            let (date, day) = read_row(&row).map_err(|what| CalendarError { line, what })?;
            if days.insert(date, day).is_some() {
                return Err(CalendarError { line, what: format!("{date} is listed twice") });
            }
        }
        Ok(Self { days })
    }

    /// This calendar with the exceptions of one agency laid over it, but for those that count
    /// [only once they are confirmed](Self::only_once_confirmed).
    #[must_use]
    pub fn overlaid(&self, exceptions: impl IntoIterator<Item = (Date, ListedDay)>) -> Self {
        let exceptions: Vec<_> = exceptions.into_iter().collect();
        let waiting = self.only_once_confirmed(&exceptions);
        let mut days = self.days.clone();
        days.extend(exceptions.into_iter().filter(|(date, _)| !waiting.contains(date)));
        Self { days }
    }

    /// Which of an agency's exceptions to this calendar count only once they are confirmed: those that take a day off away,
    /// because until then the day counts in the user's favour, and days off beyond [`MOST_ALONE`] in any [`ALONE_MONTHS`],
    /// the first ones by date counting, because else a single person takes every deadline away.
    pub fn only_once_confirmed(&self, exceptions: &[(Date, ListedDay)]) -> BTreeSet<Date> {
        let mut undecided: Vec<_> = exceptions.iter().filter(|(_, day)| !day.confirmed).collect();
        undecided.sort_by_key(|(date, _)| *date);
        let (mut alone, mut waiting) = (Vec::<Date>::new(), BTreeSet::new());
        for (date, day) in undecided {
            if day.kind != DayKind::Worked {
                let is_worked_then = Self { days: BTreeMap::from([(*date, day.clone())]) }.is_working(*date);
                if is_worked_then || !self.is_working(*date) {
                    continue;
                }
                let near = alone.iter().filter(|other| add_months(**other, ALONE_MONTHS) > *date).count();
                if near < MOST_ALONE {
                    alone.push(*date);
                    continue;
                }
            }
            waiting.insert(*date);
        }
        waiting
    }

    /// The listed days, by date.
    pub fn listed(&self) -> impl Iterator<Item = (Date, &ListedDay)> {
        self.days.iter().map(|(date, day)| (*date, day))
    }

    /// What a day is.
    pub fn day(&self, date: Date) -> Day<'_> {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        match self.days.get(&date) {
            Some(day) if day.kind == DayKind::MakeUp => {
                // An undecided make-up Saturday counts in the user's favour: it is not worked.
                if day.confirmed { Day::MakeUp(day) } else { Day::Weekend }
            }
            Some(day) if day.kind == DayKind::Worked && day.confirmed => {
                if weekend {
                    Day::MakeUp(day)
                } else {
                    Day::Working
                }
            }
            Some(day) => Day::Off(day),
            None if weekend => Day::Weekend,
            None => Day::Working,
        }
    }

    /// Whether a day is worked.
    pub fn is_working(&self, date: Date) -> bool {
        self.day(date).is_working()
    }

    /// The day itself if it is worked, else the next one that is (Civil Code art. 148(5)).
    pub fn roll_forward(&self, date: Date) -> Date {
        let mut date = date;
        while !self.is_working(date) {
            let Some(next) = date.next_day() else { return date };
            date = next;
        }
        date
    }
}

/// The city's calendar, and those of the agencies that work on other days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendars {
    city: Calendar,
    agencies: HashMap<AgencyId, Calendar>,
    waiting: HashMap<AgencyId, BTreeSet<Date>>,
}

impl Calendars {
    /// One calendar for everybody, and exceptions for some agencies.
    pub fn new(city: Calendar, exceptions: HashMap<AgencyId, Vec<(Date, ListedDay)>>) -> Self {
        let waiting = exceptions.iter().map(|(id, days)| (*id, city.only_once_confirmed(days))).collect();
        let agencies = exceptions.into_iter().map(|(id, days)| (id, city.overlaid(days))).collect();
        Self { city, agencies, waiting }
    }

    /// Whether a listed day counts only once it is confirmed; of the city's none is one of these.
    pub fn counts_once_confirmed(&self, agency: Option<AgencyId>, date: Date) -> bool {
        agency.and_then(|id| self.waiting.get(&id)).is_some_and(|waiting| waiting.contains(&date))
    }

    /// The city's.
    pub const fn city(&self) -> &Calendar {
        &self.city
    }

    /// Whether an agency has days of its own.
    pub fn has_own(&self, agency: AgencyId) -> bool {
        self.agencies.contains_key(&agency)
    }

    /// An agency's, which is the city's where it has no exceptions.
    pub fn of(&self, agency: Option<AgencyId>) -> &Calendar {
        agency.and_then(|id| self.agencies.get(&id)).unwrap_or(&self.city)
    }
}

impl FromIterator<(Date, ListedDay)> for Calendar {
    fn from_iter<T: IntoIterator<Item = (Date, ListedDay)>>(days: T) -> Self {
        Self { days: days.into_iter().collect() }
    }
}

/// The same day number some months on, or the last day of that month if it is shorter (Civil Code art. 148(3)).
pub fn add_months(date: Date, months: u8) -> Date {
    let zero_based = i32::from(u8::from(date.month())) - 1 + i32::from(months);
    let year = date.year() + zero_based.div_euclid(12);
    let number = u8::try_from(zero_based.rem_euclid(12) + 1).unwrap_or(1);
    let month = Month::try_from(number).unwrap_or(Month::January);
    let day = date.day().min(month.length(year));
    Date::from_calendar_date(year, month, day).unwrap_or(Date::MAX)
}

fn read_row(row: &csv::StringRecord) -> Result<(Date, ListedDay), String> {
    let field = |n: usize, name: &str| row.get(n).ok_or_else(|| format!("no column {name}"));
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let date = Date::parse(field(0, "date")?, &format).map_err(|e| format!("the date: {e}"))?;
    let kind = field(1, "kind")?;
    let kind = DayKind::from_code(kind).ok_or_else(|| format!("unknown kind {kind:?}"))?;
    let confirmed = match field(5, "confirmed")? {
        "yes" => true,
        "no" => false,
        other => return Err(format!("confirmed is yes or no, not {other:?}")),
    };
    let (vi, en) = (field(2, "vi")?.to_owned(), field(3, "en")?.to_owned());
    Ok((date, ListedDay { kind, vi, en, confirmed }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_built_in_table_has_every_row_of_2017_to_2027() {
        let calendar = Calendar::parse(BUILT_IN).expect("it ships with the house");
        assert_eq!(calendar.days.len(), 162);
    }

    #[test]
    fn vietnam_culture_day_is_off_and_an_undecided_swap_counts_for_the_user() {
        let calendar = Calendar::built_in();
        assert!(!calendar.is_working(date!(2026 - 11 - 24)), "Resolution 28/2026/QH16");
        assert!(!calendar.is_working(date!(2026 - 11 - 23)), "only proposed: counts as off");
        assert!(!calendar.is_working(date!(2026 - 11 - 28)), "only proposed: not worked");
    }

    #[test]
    fn a_confirmed_make_up_saturday_is_worked() {
        assert!(Calendar::built_in().is_working(date!(2026 - 08 - 22)));
        assert!(!Calendar::built_in().is_working(date!(2026 - 08 - 31)));
    }

    #[test]
    fn months_are_clipped_to_the_month_end_and_never_stretched() {
        assert_eq!(add_months(date!(2025 - 08 - 31), 6), date!(2026 - 02 - 28));
        assert_eq!(add_months(date!(2026 - 02 - 28), 6), date!(2026 - 08 - 28));
        assert_eq!(add_months(date!(2025 - 12 - 31), 2), date!(2026 - 02 - 28));
        assert_eq!(add_months(date!(2023 - 08 - 31), 6), date!(2024 - 02 - 29));
    }

    fn off(date: Date, confirmed: bool) -> (Date, ListedDay) {
        let (vi, en) = ("Nghỉ".to_owned(), "Off".to_owned());
        (date, ListedDay { kind: DayKind::Holiday, vi, en, confirmed })
    }

    #[test]
    fn an_agency_takes_five_working_days_off_in_three_months_until_somebody_confirms_them() {
        let city = Calendar::built_in();
        let all = |first: Date, days: i64, confirmed| {
            (0..days).map(move |n| off(first + time::Duration::days(n), confirmed)).collect::<Vec<_>>()
        };
        // From Monday 2 March 2026 on: five weekdays, a weekend, and more.
        let march = all(date!(2026 - 03 - 02), 31, false);
        let calendar = city.overlaid(march.clone());
        let is_off = |date| !calendar.is_working(date) && city.is_working(date);
        assert!(march[..5].iter().all(|(date, _)| is_off(*date)), "these count at once");
        assert!(march[5..].iter().all(|(date, _)| !is_off(*date)), "these once they are confirmed");
        let waiting = city.only_once_confirmed(&march);
        assert!(!waiting.contains(&date!(2026 - 03 - 07)), "a Saturday is off anyway");
        assert!(waiting.contains(&date!(2026 - 03 - 09)));
        let june = [march.clone(), all(date!(2026 - 06 - 01), 3, false)].concat();
        let calendar = city.overlaid(june);
        assert!(calendar.is_working(date!(2026 - 06 - 01)), "still within three months of five");
        assert!(!calendar.is_working(date!(2026 - 06 - 02)), "three months after the first of them");
        let decided = city.overlaid(all(date!(2026 - 03 - 02), 31, true));
        assert!((0..31).all(|n| !decided.is_working(date!(2026 - 03 - 02) + time::Duration::days(n))));
    }

    #[test]
    fn a_bad_row_names_its_line() {
        let table =
            "date,kind,vi,en,basis,confirmed\n2026-01-01,holiday,a,b,c,yes\n2026-13-01,holiday,a,b,c,yes\n";
        let error = Calendar::parse(table).expect_err("month 13");
        assert!(error.to_string().starts_with("line 3:"), "{error}");
    }
}
