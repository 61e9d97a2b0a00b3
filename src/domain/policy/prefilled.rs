//! Years for which no notice exists yet, filled in from the law and the moon so that the calendar never has a gap.
//!
//! Everything here is undecided until somebody confirms it. Where the law leaves a choice to the Prime Minister, the
//! usual one is taken: of the five days of Tết the last of the old year and the first four of the new one; of the two
//! days of National Day the neighbour of 2 September that joins the weekend.

use super::calendar::{Calendar, DayKind, ListedDay};
use super::lunar;
use std::collections::BTreeMap;
use time::{Date, Duration, Month, Weekday};

/// Vietnam Culture Day is a day off from 2026 (Resolution 28/2026/QH16).
const CULTURE_DAY_FROM: i32 = 2026;

/// A statutory day off and its names.
struct Statutory {
    date: Date,
    vi: &'static str,
    en: &'static str,
    /// Labour Code art. 111(3) speaks of the holidays of art. 112(1) only; Culture Day is not among them.
    is_made_up: bool,
}

impl Calendar {
    /// The days of a year as the law alone lets expect them, all undecided: Labour Code art. 112(1), the days in lieu of
    /// art. 111(3), and Vietnam Culture Day.
    pub fn prefilled(year: i32) -> Self {
        let mut statutory = fixed_days(year);
        statutory.extend(tet(year));
        statutory.extend(national_day(year));
        let hung_kings = lunar::hung_kings(year);
        statutory.extend(hung_kings.map(|date| {
            day(
                date,
                "Giỗ Tổ Hùng Vương (10/3 âm lịch)",
                "Hung Kings' Commemoration Day (10th of 3rd lunar month)",
            )
        }));
        statutory.sort_by_key(|day| day.date);
        let mut days = BTreeMap::new();
        for day in &statutory {
            days.insert(day.date, listed(DayKind::Holiday, day.vi.to_owned(), day.en.to_owned()));
        }
        for day in statutory.iter().filter(|day| day.is_made_up && is_weekend(day.date)) {
            let mut next = day.date;
            while is_weekend(next) || days.contains_key(&next) {
                let Some(after) = next.next_day() else { break };
                next = after;
            }
            let (vi, en) = (format!("Nghỉ bù {}", day.vi), format!("Day off in lieu: {}", day.en));
            days.entry(next).or_insert_with(|| listed(DayKind::InLieu, vi, en));
        }
        days.into_iter().collect()
    }
}

fn fixed_days(year: i32) -> Vec<Statutory> {
    let on = |month, number| Date::from_calendar_date(year, month, number).ok();
    let mut days = Vec::new();
    days.extend(on(Month::January, 1).map(|date| day(date, "Tết Dương lịch", "New Year's Day")));
    days.extend(
        on(Month::April, 30).map(|date| day(date, "Ngày Chiến thắng", "Victory Day (Reunification)")),
    );
    days.extend(on(Month::May, 1).map(|date| day(date, "Ngày Quốc tế Lao động", "International Labour Day")));
    let culture = on(Month::November, 24).filter(|_| year >= CULTURE_DAY_FROM);
    days.extend(culture.map(|date| Statutory {
        is_made_up: false,
        ..day(date, "Ngày Văn hóa Việt Nam", "Vietnam Culture Day")
    }));
    days
}

/// The last day of the old year (the 29th or 30th, as the moon has it) and the first four of the new one.
fn tet(year: i32) -> Vec<Statutory> {
    let names = [
        ("Tết Âm lịch (ngày cuối năm)", "Lunar New Year (Tet) - last day of the old year"),
        ("Tết Âm lịch (mùng 1 tháng Giêng)", "Lunar New Year (Tet) - day 1 of 1st lunar month"),
        ("Tết Âm lịch (mùng 2 tháng Giêng)", "Lunar New Year (Tet) - day 2 of 1st lunar month"),
        ("Tết Âm lịch (mùng 3 tháng Giêng)", "Lunar New Year (Tet) - day 3 of 1st lunar month"),
        ("Tết Âm lịch (mùng 4 tháng Giêng)", "Lunar New Year (Tet) - day 4 of 1st lunar month"),
    ];
    let Some(eve) = lunar::new_year(year).and_then(Date::previous_day) else { return Vec::new() };
    let dates = (0..).map_while(|after| eve.checked_add(Duration::days(after)));
    dates.zip(names).map(|(date, (vi, en))| day(date, vi, en)).collect()
}

fn national_day(year: i32) -> Vec<Statutory> {
    let Ok(second) = Date::from_calendar_date(year, Month::September, 2) else { return Vec::new() };
    let neighbour = match second.weekday() {
        Weekday::Thursday | Weekday::Sunday | Weekday::Monday => second.next_day(),
        _ => second.previous_day(),
    };
    let mut days = vec![day(second, "Quốc khánh", "National Day")];
    days.extend(neighbour.map(|date| day(date, "Quốc khánh (ngày liền kề)", "National Day (adjacent day)")));
    days
}

const fn day(date: Date, vi: &'static str, en: &'static str) -> Statutory {
    Statutory { date, vi, en, is_made_up: true }
}

const fn listed(kind: DayKind, vi: String, en: String) -> ListedDay {
    ListedDay { kind, vi, en, confirmed: false }
}

const fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn off(year: i32) -> Vec<Date> {
        Calendar::prefilled(year).listed().map(|(date, _)| date).collect()
    }

    #[test]
    fn a_year_that_was_decided_like_this_comes_out_as_it_was_decided() {
        // 2026: the eve and the first four days, Hùng Kings on a Sunday made up on Monday; without the swaps.
        let decided = Calendar::built_in().listed().filter(|(date, day)| {
            date.year() == 2026 && !matches!(day.kind, DayKind::SwappedOff | DayKind::MakeUp)
        });
        assert_eq!(off(2026), decided.map(|(date, _)| date).collect::<Vec<_>>());
    }

    #[test]
    fn days_in_lieu_follow_the_whole_of_a_holiday() {
        // Tết 2030 begins on Saturday 2 February: the eve is a Friday, Saturday and Sunday are made up after day 4.
        let calendar = Calendar::prefilled(2030);
        for (date, kind) in [
            (date!(2030 - 02 - 01), DayKind::Holiday),
            (date!(2030 - 02 - 05), DayKind::Holiday),
            (date!(2030 - 02 - 06), DayKind::InLieu),
            (date!(2030 - 02 - 07), DayKind::InLieu),
        ] {
            let found = calendar.listed().find(|(listed, _)| *listed == date).map(|(_, day)| day.kind);
            assert_eq!(found, Some(kind), "{date}");
        }
        assert!(calendar.is_working(date!(2030 - 02 - 08)));
    }

    #[test]
    fn culture_day_on_a_saturday_is_not_made_up() {
        assert!(Calendar::prefilled(2029).is_working(date!(2029 - 11 - 26)));
        assert!(!off(2025).contains(&date!(2025 - 11 - 24)), "it begins in 2026");
    }

    #[test]
    fn nothing_is_confirmed_and_no_year_to_come_has_a_gap() {
        for year in 2028..=2050 {
            assert!(Calendar::prefilled(year).listed().all(|(_, day)| !day.confirmed));
            let listed = Calendar::built_in().listed().filter(|(date, _)| date.year() == year).count();
            assert!(listed >= 12, "{year} has {listed} days");
        }
    }
}
