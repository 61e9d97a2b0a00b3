//! A moment in time as the house stores it, and its date in Da Nang.

use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};

/// `Asia/Ho_Chi_Minh`: UTC+7 all year, no daylight saving (in the tz database since 1975).
pub const LOCAL: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// Microseconds since 1970-01-01T00:00:00Z; the form in which the database keeps time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the Unix epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// From a date and time with any offset. Out-of-range values saturate.
    pub fn from_datetime(at: OffsetDateTime) -> Self {
        let micros = at.unix_timestamp_nanos() / 1_000;
        Self(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The moment as a date and time in Da Nang. Moments outside the years ±9999 show as the epoch.
    pub fn local(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(LOCAL)
    }

    /// The calendar date in Da Nang.
    pub fn local_date(self) -> Date {
        self.local().date()
    }

    /// The moment at which a local `date` ends: 24:00 of that day (Civil Code 2015, art. 148).
    pub fn end_of(date: Date) -> Self {
        let next = date.next_day().unwrap_or(Date::MAX);
        Self::from_datetime(next.with_time(Time::MIDNIGHT).assume_offset(LOCAL))
    }

    /// The moment at which a local `date` begins.
    pub fn start_of(date: Date) -> Self {
        Self::from_datetime(date.with_time(Time::MIDNIGHT).assume_offset(LOCAL))
    }

    /// This moment plus a span; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.whole_microseconds()).unwrap_or(i64::MAX)))
    }

    /// This moment minus a span; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.whole_microseconds()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; negative when it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::microseconds(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn a_day_in_da_nang_ends_at_seventeen_hours_utc() {
        let end = Timestamp::end_of(date!(2026 - 11 - 22));
        assert_eq!(end, Timestamp::from_datetime(datetime!(2026-11-22 17:00 UTC)));
    }

    #[test]
    fn the_local_date_changes_at_local_midnight() {
        let before = Timestamp::from_datetime(datetime!(2026-11-22 16:59:59 UTC));
        assert_eq!(before.local_date(), date!(2026 - 11 - 22));
        assert_eq!(before.plus(Duration::seconds(1)).local_date(), date!(2026 - 11 - 23));
    }

    #[test]
    fn extreme_values_never_panic() {
        for micros in [i64::MIN, -1, 0, i64::MAX] {
            let at = Timestamp::from_micros(micros);
            let _ = (at.local(), at.seconds(), at.plus(Duration::MAX), at.minus(Duration::MAX));
        }
    }
}
