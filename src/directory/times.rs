//! The two ways in which directories write time. Anything else is no time; nothing here panics.

use crate::domain::timestamp::Timestamp;
use time::{Date, Duration, Month, PrimitiveDateTime, Time};

/// 1601-01-01 in microseconds before 1970-01-01.
const FILETIME_EPOCH: i64 = 11_644_473_600_000_000;

/// Active Directory's count of 100-nanosecond steps since 1601. 0 and the largest number mean "never".
pub fn filetime(steps: i64) -> Option<Timestamp> {
    if steps <= 0 || steps == i64::MAX {
        return None;
    }
    Some(Timestamp::from_micros(steps / 10 - FILETIME_EPOCH))
}

/// GeneralizedTime (RFC 4517 §3.3.13): `20261122204249Z`, with a fraction, without seconds or minutes, with an offset.
pub fn generalized(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let end = text.find(['Z', '+', '-'])?;
    let (local, zone) = text.split_at(end);
    let (whole, fraction) = local.split_once(['.', ',']).unwrap_or((local, ""));
    if !whole.bytes().all(|b| b.is_ascii_digit()) || !matches!(whole.len(), 10 | 12 | 14) {
        return None;
    }
    let part = |from: usize| whole.get(from..from + 2).map_or(Some(0), |digits| digits.parse::<u8>().ok());
    let year = whole.get(..4)?.parse().ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(part(4)?).ok()?, part(6)?).ok()?;
    // 23:59:60 exists; the house counts it as the last second
    let time = Time::from_hms(part(8)?, part(10)?, part(12)?.min(59)).ok()?;
    let at = PrimitiveDateTime::new(date, time).assume_utc();
    let unit = [3_600_000_000, 60_000_000, 1_000_000][(whole.len() - 10) / 2];
    let at = Timestamp::from_datetime(at).plus(Duration::microseconds(part_of(unit, fraction)?));
    Some(at.minus(offset(zone)?))
}

/// The fraction of a unit, in microseconds.
fn part_of(unit: i64, fraction: &str) -> Option<i64> {
    let digits: String = fraction.chars().take(9).collect();
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scale = 10_i64.pow(u32::try_from(digits.len()).ok()?);
    let value: i64 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    i64::try_from(i128::from(unit) * i128::from(value) / i128::from(scale)).ok()
}

fn offset(zone: &str) -> Option<Duration> {
    if zone == "Z" {
        return Some(Duration::ZERO);
    }
    let (sign, digits) = zone.split_at_checked(1)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..).filter(|m| !m.is_empty()).map_or(Some(0), |m| m.parse().ok())?;
    let span = Duration::minutes(hours * 60 + minutes);
    Some(if sign == "-" { -span } else { span })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    #[test]
    fn generalized_time_is_read_with_and_without_a_fraction() {
        let second = Timestamp::from_datetime(datetime!(2026-11-22 20:42:49 UTC));
        assert_eq!(generalized("20261122204249Z"), Some(second));
        assert_eq!(generalized("20261122204249.0Z"), Some(second));
        assert_eq!(generalized("20261122204249.807971Z"), Some(second.plus(Duration::microseconds(807_971))));
        assert_eq!(generalized("20261123034249+0700"), Some(second));
        assert_eq!(
            generalized("2026112220.5Z"),
            Some(Timestamp::from_datetime(datetime!(2026-11-22 20:30 UTC)))
        );
        assert_eq!(
            generalized("202611222042Z"),
            Some(Timestamp::from_datetime(datetime!(2026-11-22 20:42 UTC)))
        );
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "Z", "000000000000Z", "20261322204249Z", "2026-11-22", "20261122204249", "20261122204249.xZ"]
        {
            assert_eq!(generalized(text), None, "{text}");
        }
    }

    #[test]
    fn a_filetime_counts_from_1601() {
        let at = Timestamp::from_datetime(datetime!(2026-11-22 17:00 UTC));
        assert_eq!(filetime(134_398_404_000_000_000), Some(at));
        assert_eq!((filetime(0), filetime(-1), filetime(i64::MAX)), (None, None, None));
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_none(text in ".{0,40}", digits in "[0-9]{10,14}[.,]?[0-9]{0,30}[Z+-][0-9]{0,4}") {
            let _ = (generalized(&text), generalized(&digits));
        }

        #[test]
        fn any_number_is_a_time_or_none(steps in any::<i64>()) {
            let _ = filetime(steps);
        }
    }
}
