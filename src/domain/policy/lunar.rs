//! The Vietnamese lunar calendar: months from astronomical new moons, numbered by the sun, both at UTC+7.
//!
//! Rules: a month begins on the local day of the new moon; the winter solstice lies in month 11; where thirteen months
//! lie between two such months, the first one without a principal solar term is the leap month. New moons after Meeus,
//! *Astronomical Algorithms*, chapter 49 (good to seconds), the sun's longitude after chapter 25 (to a hundredth of a
//! degree). It proposes days; the yearly notice decides.

use time::{Date, Month};

/// A new moon's series: amplitude in days; multiples of the sun's anomaly, the moon's anomaly and the argument of
/// latitude; the power of the eccentricity (Meeus table 49.A).
const NEW_MOON: [(f64, f64, f64, f64, i32); 24] = [
    (-0.407_20, 0.0, 1.0, 0.0, 0),
    (0.172_41, 1.0, 0.0, 0.0, 1),
    (0.016_08, 0.0, 2.0, 0.0, 0),
    (0.010_39, 0.0, 0.0, 2.0, 0),
    (0.007_39, -1.0, 1.0, 0.0, 1),
    (-0.005_14, 1.0, 1.0, 0.0, 1),
    (0.002_08, 2.0, 0.0, 0.0, 2),
    (-0.001_11, 0.0, 1.0, -2.0, 0),
    (-0.000_57, 0.0, 1.0, 2.0, 0),
    (0.000_56, 1.0, 2.0, 0.0, 1),
    (-0.000_42, 0.0, 3.0, 0.0, 0),
    (0.000_42, 1.0, 0.0, 2.0, 1),
    (0.000_38, 1.0, 0.0, -2.0, 1),
    (-0.000_24, -1.0, 2.0, 0.0, 1),
    (-0.000_07, 2.0, 1.0, 0.0, 0),
    (0.000_04, 0.0, 2.0, -2.0, 0),
    (0.000_04, 3.0, 0.0, 0.0, 0),
    (0.000_03, 1.0, 1.0, -2.0, 0),
    (0.000_03, 0.0, 2.0, 2.0, 0),
    (-0.000_03, 1.0, 1.0, 2.0, 0),
    (0.000_03, -1.0, 1.0, 2.0, 0),
    (-0.000_02, -1.0, 1.0, -2.0, 0),
    (-0.000_02, 1.0, 3.0, 0.0, 0),
    (0.000_02, 0.0, 4.0, 0.0, 0),
];

/// The planets' share: phase and speed in degrees, amplitude in millionths of a day (Meeus, chapter 49).
const PLANETS: [(f64, f64, f64); 14] = [
    (299.77, 0.107_408, 325.0),
    (251.88, 0.016_321, 165.0),
    (251.83, 26.651_886, 164.0),
    (349.42, 36.412_478, 126.0),
    (84.66, 18.206_239, 110.0),
    (141.74, 53.303_771, 62.0),
    (207.14, 2.453_732, 60.0),
    (154.84, 7.306_860, 56.0),
    (34.52, 27.261_239, 47.0),
    (207.19, 0.121_824, 42.0),
    (291.34, 1.844_379, 40.0),
    (161.72, 24.198_154, 37.0),
    (239.56, 25.513_099, 35.0),
    (331.55, 3.592_518, 23.0),
];

/// The epoch J2000.0 as a Julian day.
const J2000: f64 = 2_451_545.0;
/// UTC+7 as a part of a day.
const SEVEN_HOURS: f64 = 7.0 / 24.0;

/// A month of the lunar calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LunarMonth {
    /// Its first day.
    pub starts: Date,
    /// Its number, 1 to 12.
    pub number: u8,
    /// Whether it repeats the number of the month before.
    pub is_leap: bool,
}

/// The first day of the lunar year that begins in a year: Tết.
pub fn new_year(year: i32) -> Option<Date> {
    first_of(year, 1)
}

/// The 10th day of the 3rd month: the Hùng Kings' commemoration.
pub fn hung_kings(year: i32) -> Option<Date> {
    first_of(year, 3)?.checked_add(time::Duration::days(9))
}

/// The months of the lunar year that begins in a year, leap month included.
pub fn months(year: i32) -> Vec<LunarMonth> {
    let mut all = up_to_month_eleven(year);
    all.extend(up_to_month_eleven(year + 1));
    let is_first = |month: &LunarMonth| month.number == 1 && !month.is_leap;
    let mut firsts = all.iter().enumerate().filter(|(_, month)| is_first(month)).map(|(at, _)| at);
    match (firsts.next(), firsts.next()) {
        (Some(from), Some(to)) => all[from..to].to_vec(),
        _ => Vec::new(),
    }
}

fn first_of(year: i32, number: u8) -> Option<Date> {
    let all = up_to_month_eleven(year);
    all.into_iter().find(|month| month.number == number && !month.is_leap).map(|month| month.starts)
}

/// The months from month 11 of the year before (it has its winter solstice) to the one before this year's.
fn up_to_month_eleven(year: i32) -> Vec<LunarMonth> {
    let (Some(from), Some(to)) = (month_eleven(year - 1), month_eleven(year)) else { return Vec::new() };
    let mut needs_leap = to - from == 13;
    let mut number = 11;
    let mut all = Vec::with_capacity(13);
    for lunation in from..to {
        let (starts, ends) = (new_moon_day(lunation), new_moon_day(lunation + 1));
        let has_no_term = solar_term(starts) == solar_term(ends);
        let is_leap = lunation > from && needs_leap && has_no_term;
        if is_leap {
            needs_leap = false;
        } else if lunation > from {
            number = number % 12 + 1;
        }
        all.extend(date_of(starts).map(|starts| LunarMonth { starts, number, is_leap }));
    }
    all
}

/// The lunation (Meeus' k) with which month 11 of a year begins: the last new moon not after the winter solstice.
fn month_eleven(year: i32) -> Option<i32> {
    let around = Date::from_calendar_date(year, Month::December, 19).ok()?.to_julian_day();
    // The solstice is the day in which the sun passes 270°.
    let solstice = (around..around + 6).find(|day| solar_term(day + 1) == 9)?;
    let near = whole((f64::from(solstice) - 2_451_550.1) / 29.530_588_861) + 1;
    (near - 3..=near).rev().find(|lunation| new_moon_day(*lunation) <= solstice)
}

/// The local day of a new moon, as a Julian day number.
fn new_moon_day(lunation: i32) -> i32 {
    let ephemeris = new_moon(f64::from(lunation));
    whole((ephemeris - delta_t(ephemeris) + SEVEN_HOURS + 0.5).floor())
}

/// The moment of a new moon as a Julian ephemeris day (Meeus, chapter 49).
fn new_moon(k: f64) -> f64 {
    let t = k / 1_236.85;
    let eccentricity = 1.0 - 0.002_516 * t - 0.000_007_4 * t * t;
    let sun = 2.553_4 + 29.105_356_70 * k;
    let moon = 201.564_3 + 385.816_935_28 * k + 0.010_758_2 * t * t;
    let latitude = 160.710_8 + 390.670_502_84 * k - 0.001_611_8 * t * t;
    let node = 124.774_6 - 1.563_755_88 * k;
    let mean = 2_451_550.097_66 + 29.530_588_861 * k + 0.000_154_37 * t * t;
    let series: f64 = NEW_MOON
        .iter()
        .map(|(amplitude, s, m, f, power)| {
            amplitude * eccentricity.powi(*power) * sine(s * sun + m * moon + f * latitude)
        })
        .sum();
    let planets: f64 =
        PLANETS.iter().map(|(phase, speed, millionths)| millionths * 1e-6 * sine(phase + speed * k)).sum();
    mean + series - 0.000_17 * sine(node) + planets
}

/// In which twelfth of its way the sun stands when a local day begins: the change from one day to the next is a
/// principal term (Meeus, chapter 25; 9 begins with the winter solstice).
fn solar_term(day: i32) -> i32 {
    let universal = f64::from(day) - 0.5 - SEVEN_HOURS;
    let t = (universal + delta_t(universal) - J2000) / 36_525.0;
    let mean = 280.466_46 + 36_000.769_83 * t + 0.000_303_2 * t * t;
    let anomaly = 357.529_11 + 35_999.050_29 * t - 0.000_153_7 * t * t;
    let centre = (1.914_602 - 0.004_817 * t) * sine(anomaly)
        + (0.019_993 - 0.000_101 * t) * sine(2.0 * anomaly)
        + 0.000_289 * sine(3.0 * anomaly);
    let longitude = mean + centre - 0.005_69 - 0.004_78 * sine(125.04 - 1_934.136 * t);
    whole((longitude.rem_euclid(360.0) / 30.0).floor())
}

/// How far dynamical time is ahead of universal time, in days (Espenak and Meeus, for 2005 to 2050).
fn delta_t(julian_day: f64) -> f64 {
    let years = (julian_day - J2000) / 365.25;
    (62.92 + 0.322_17 * years + 0.005_589 * years * years) / 86_400.0
}

fn sine(degrees: f64) -> f64 {
    degrees.rem_euclid(360.0).to_radians().sin()
}

#[expect(clippy::cast_possible_truncation, reason = "days and lunations of any calendar date fit")]
fn whole(number: f64) -> i32 {
    number.round() as i32
}

fn date_of(day: i32) -> Option<Date> {
    Date::from_julian_day(day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    /// Year, Tết, 10/3, leap month: the published table of twenty years.
    const TABLE: [(i32, Date, Date, Option<u8>); 20] = [
        (2017, date!(2017 - 01 - 28), date!(2017 - 04 - 06), Some(6)),
        (2018, date!(2018 - 02 - 16), date!(2018 - 04 - 25), None),
        (2019, date!(2019 - 02 - 05), date!(2019 - 04 - 14), None),
        (2020, date!(2020 - 01 - 25), date!(2020 - 04 - 02), Some(4)),
        (2021, date!(2021 - 02 - 12), date!(2021 - 04 - 21), None),
        (2022, date!(2022 - 02 - 01), date!(2022 - 04 - 10), None),
        (2023, date!(2023 - 01 - 22), date!(2023 - 04 - 29), Some(2)),
        (2024, date!(2024 - 02 - 10), date!(2024 - 04 - 18), None),
        (2025, date!(2025 - 01 - 29), date!(2025 - 04 - 07), Some(6)),
        (2026, date!(2026 - 02 - 17), date!(2026 - 04 - 26), None),
        (2027, date!(2027 - 02 - 06), date!(2027 - 04 - 16), None), // new moon at 22:56
        (2028, date!(2028 - 01 - 26), date!(2028 - 04 - 04), Some(5)), // new moon at 22:12
        (2029, date!(2029 - 02 - 13), date!(2029 - 04 - 23), None),
        (2030, date!(2030 - 02 - 02), date!(2030 - 04 - 12), None), // new moon at 23:07; in China a day later
        (2031, date!(2031 - 01 - 23), date!(2031 - 04 - 01), Some(3)),
        (2032, date!(2032 - 02 - 11), date!(2032 - 04 - 19), None),
        (2033, date!(2033 - 01 - 31), date!(2033 - 04 - 09), Some(11)),
        (2034, date!(2034 - 02 - 19), date!(2034 - 04 - 28), None),
        (2035, date!(2035 - 02 - 08), date!(2035 - 04 - 17), None),
        (2036, date!(2036 - 01 - 28), date!(2036 - 04 - 06), Some(6)),
    ];

    #[test]
    fn twenty_years_are_as_they_were_published() {
        for (year, tet, kings, leap) in TABLE {
            assert_eq!(new_year(year), Some(tet), "Tết {year}");
            assert_eq!(hung_kings(year), Some(kings), "10/3 of {year}");
            let found = months(year).into_iter().find(|month| month.is_leap).map(|month| month.number);
            assert_eq!(found, leap, "the leap month of {year}");
        }
    }

    #[test]
    fn days_of_the_notices_have_their_lunar_numbers() {
        // 25/01/2025 is the 26th of the last month, 14/02/2026 the 27th.
        for (solar, year, number) in [(date!(2025 - 01 - 25), 2024, 26), (date!(2026 - 02 - 14), 2025, 27)] {
            let last = months(year).pop().expect("a year has months");
            assert_eq!((last.number, (solar - last.starts).whole_days() + 1), (12, number));
        }
    }

    #[test]
    fn the_last_month_has_no_thirtieth_day_in_these_years() {
        for year in [2022].into_iter().chain(2025..=2032) {
            let last = months(year - 1).pop().expect("a year has months").starts;
            assert_eq!((new_year(year).expect("Tết") - last).whole_days(), 29, "before {year}");
        }
    }

    #[test]
    fn any_year_is_answered_without_a_panic() {
        for year in [-9_999, -1, 1, 1_582, 1_968, 2_100, 9_998, 9_999, i32::MAX - 1] {
            let _ = (new_year(year), hung_kings(year), months(year).len());
        }
    }
}
