//! Days, moments and numbers as the office writes them: dd/mm/yyyy, 24 hours, the weekday beside a deadline.

use time::{Date, OffsetDateTime, Time, Weekday};

use super::Lang;
use crate::domain::timestamp::LOCAL;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Lang {
    /// The name of a weekday as it stands inside a sentence: `thứ Sáu`, `Friday`.
    #[must_use]
    pub const fn weekday(self, weekday: Weekday) -> &'static str {
        match (self, weekday) {
            (Self::Vi, Weekday::Monday) => "thứ Hai",
            (Self::Vi, Weekday::Tuesday) => "thứ Ba",
            (Self::Vi, Weekday::Wednesday) => "thứ Tư",
            (Self::Vi, Weekday::Thursday) => "thứ Năm",
            (Self::Vi, Weekday::Friday) => "thứ Sáu",
            (Self::Vi, Weekday::Saturday) => "thứ Bảy",
            (Self::Vi, Weekday::Sunday) => "Chủ nhật",
            (Self::En, Weekday::Monday) => "Monday",
            (Self::En, Weekday::Tuesday) => "Tuesday",
            (Self::En, Weekday::Wednesday) => "Wednesday",
            (Self::En, Weekday::Thursday) => "Thursday",
            (Self::En, Weekday::Friday) => "Friday",
            (Self::En, Weekday::Saturday) => "Saturday",
            (Self::En, Weekday::Sunday) => "Sunday",
        }
    }

    /// A day with its weekday, for deadlines: `thứ Sáu, 30/04/2026`.
    #[must_use]
    pub fn day(self, date: Date) -> String {
        format!("{}, {}", self.weekday(date.weekday()), self.date(date))
    }

    /// A day without its weekday, the same in both languages: `30/04/2026`.
    #[must_use]
    pub fn date(self, date: Date) -> String {
        format!("{:02}/{:02}/{:04}", date.day(), u8::from(date.month()), date.year())
    }

    /// A moment in the city's time: `08:12 ngày 30/04/2026`, `08:12 on 30/04/2026`.
    #[must_use]
    pub fn moment(self, at: OffsetDateTime) -> String {
        let date = self.date(at.to_offset(LOCAL).date());
        let clock = self.clock(at);
        match self {
            Self::Vi => format!("{clock} ngày {date}"),
            Self::En => format!("{clock} on {date}"),
        }
    }

    /// The hour and minute in the city's time: `08:12`.
    #[must_use]
    pub fn clock(self, at: OffsetDateTime) -> String {
        self.hour(at.to_offset(LOCAL).time())
    }

    /// A time of the day: `07:30`.
    #[must_use]
    pub fn hour(self, time: Time) -> String {
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    /// The day on which a moment falls in the city.
    #[must_use]
    pub fn city_date(at: OffsetDateTime) -> Date {
        at.to_offset(LOCAL).date()
    }

    /// How long ago something was, in the largest unit that says it honestly: `12 phút trước`, `12 minutes ago`.
    #[must_use]
    pub fn ago(self, seconds: u64) -> String {
        let (count, vi, en) = match seconds {
            0..MINUTE => return self.just_now().to_owned(),
            MINUTE..HOUR => (seconds / MINUTE, "phút", "minute"),
            HOUR..DAY => (seconds / HOUR, "giờ", "hour"),
            _ => (seconds / DAY, "ngày", "day"),
        };
        match self {
            Self::Vi => format!("{count} {vi} trước"),
            Self::En => format!("{} ago", counted(count, en)),
        }
    }

    /// A whole number with the thousands set apart: `12.345` in Vietnamese, `12,345` in English.
    #[must_use]
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mark = match self {
            Self::Vi => '.',
            Self::En => ',',
        };
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// `3 tài khoản`, `3 accounts`.
    #[must_use]
    pub fn accounts_counted(self, count: u64) -> String {
        match self {
            Self::Vi => format!("{} tài khoản", self.number(count)),
            Self::En if count == 1 => "1 account".to_owned(),
            Self::En => format!("{} accounts", self.number(count)),
        }
    }

    /// `3 ngày làm việc`, `3 working days`.
    #[must_use]
    pub fn working_days(self, count: u64) -> String {
        match self {
            Self::Vi => format!("{count} ngày làm việc"),
            Self::En => counted(count, "working day"),
        }
    }

    /// `6 tháng`, `6 months`.
    #[must_use]
    pub fn months(self, count: u64) -> String {
        match self {
            Self::Vi => format!("{count} tháng"),
            Self::En => counted(count, "month"),
        }
    }

    /// `5 ngày`, `5 days`: calendar days.
    #[must_use]
    pub fn days(self, count: u64) -> String {
        match self {
            Self::Vi => format!("{count} ngày"),
            Self::En => counted(count, "day"),
        }
    }
}

/// An English count with its plural: `1 day`, `2 days`.
fn counted(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::Lang;
    use time::macros::{date, datetime};

    #[test]
    fn a_deadline_carries_its_weekday_in_both_languages() {
        assert_eq!(Lang::Vi.day(date!(2026 - 04 - 30)), "thứ Năm, 30/04/2026");
        assert_eq!(Lang::En.day(date!(2026 - 11 - 29)), "Sunday, 29/11/2026");
    }

    #[test]
    fn a_moment_is_told_in_the_citys_time() {
        let late = datetime!(2026-04-29 18:05 UTC);
        assert_eq!(Lang::Vi.moment(late), "01:05 ngày 30/04/2026");
        assert_eq!(Lang::En.moment(late), "01:05 on 30/04/2026");
        assert_eq!(Lang::city_date(late), date!(2026 - 04 - 30));
    }

    #[test]
    fn an_age_uses_the_largest_honest_unit() {
        assert_eq!(Lang::Vi.ago(59), "vừa xong");
        assert_eq!(Lang::Vi.ago(60), "1 phút trước");
        assert_eq!(Lang::En.ago(3_600), "1 hour ago");
        assert_eq!(Lang::En.ago(200_000), "2 days ago");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(Lang::Vi.number(999), "999");
        assert_eq!(Lang::Vi.number(1_234_567), "1.234.567");
        assert_eq!(Lang::En.number(12_345), "12,345");
    }
}
