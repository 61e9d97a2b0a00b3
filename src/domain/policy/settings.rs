//! The values of the rules as the city has set them: a closed list of numbers, each with its limits. The regulation's
//! own values are the defaults. A version of the policy is a complete list; it never changes once it is stored.

use crate::domain::account::{Account, Kind};
use thiserror::Error;
use time::Time;

/// Whose rules: the kinds of accounts that may have values of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// A person.
    Person,
    /// An agency's mailbox: the regulation names agencies too.
    Agency,
    /// A mailbox of a service or a device.
    Service,
    /// A person with a role in the administration (TCVN 14423: a new password every 2 months).
    Administrator,
}

impl Class {
    /// Every class, in the order of the table of settings.
    pub const ALL: [Self; 4] = [Self::Person, Self::Agency, Self::Service, Self::Administrator];

    /// The class of an account.
    pub const fn of(account: &Account) -> Self {
        if account.traces().administers {
            return Self::Administrator;
        }
        match account.profile().kind {
            Kind::Person => Self::Person,
            Kind::Agency => Self::Agency,
            Kind::Service => Self::Service,
        }
    }

    /// The word in keys.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Agency => "agency",
            Self::Service => "service",
            Self::Administrator => "administrator",
        }
    }
}

/// From which event the term of a default password runs. The press article on the regulation names both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedFrom {
    /// The password was issued with the mailbox.
    Issued,
    /// Its holder signed in for the first time; until then no term runs.
    FirstAccess,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $default:literal, $min:literal..=$max:literal;)*) => {
        /// One setting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Setting { $($(#[doc = $doc])* $name,)* }

        impl Setting {
            /// Every setting, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its key in the database, in forms and on the command line.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The regulation's value, or the usual one.
            pub const fn default(self) -> u32 {
                match self { $(Self::$name => $default,)* }
            }

            /// The smallest and the largest value that makes sense.
            pub const fn limits(self) -> (u32, u32) {
                match self { $(Self::$name => ($min, $max),)* }
            }
        }
    };
}

settings! {
    /// Working days for which a person may keep a default password.
    DefaultDaysPerson = "default_password_days.person", 3, 1..=60;
    /// The same for an agency's mailbox.
    DefaultDaysAgency = "default_password_days.agency", 3, 1..=60;
    /// The same for a service.
    DefaultDaysService = "default_password_days.service", 3, 1..=60;
    /// The same for an administrator.
    DefaultDaysAdministrator = "default_password_days.administrator", 3, 1..=60;
    /// 0: the term of a default password counts from its issue; 1: from the first access.
    CountedFrom = "default_password_from_first_access", 0, 0..=1;
    /// Months for which a person may use a password.
    MonthsPerson = "password_months.person", 6, 1..=60;
    /// The same for an agency's mailbox.
    MonthsAgency = "password_months.agency", 6, 1..=60;
    /// The same for a service.
    MonthsService = "password_months.service", 6, 1..=60;
    /// The same for an administrator.
    MonthsAdministrator = "password_months.administrator", 2, 1..=60;
    /// Days after which a person's unused account is locked.
    InactiveDaysPerson = "inactive_days.person", 45, 7..=3650;
    /// The same for an agency's mailbox.
    InactiveDaysAgency = "inactive_days.agency", 45, 7..=3650;
    /// The same for a service.
    InactiveDaysService = "inactive_days.service", 45, 7..=3650;
    /// The same for an administrator.
    InactiveDaysAdministrator = "inactive_days.administrator", 45, 7..=3650;
    /// Different wrong passwords in a row before the sign-in by password pauses.
    FailedAttempts = "failed_attempts", 5, 1..=5;
    /// The same for one network address, over all accounts.
    FailedAttemptsPerSource = "failed_attempts_per_address", 50, 1..=1_000_000;
    /// Minutes for which the sign-in by password then pauses (TCVN 14423: at least 12 hours).
    PauseMinutes = "pause_minutes", 720, 1..=43_200;
    /// Minutes for which a network address then has to wait; short, because a whole office may share one address.
    PauseMinutesPerSource = "pause_minutes_per_address", 15, 1..=43_200;
    /// When the office opens, in minutes after midnight: locks are executed from then on.
    OpeningMinute = "opening_minute", 450, 0..=1_439;
    /// When it closes: after that nobody is locked by a deadline.
    ClosingMinute = "closing_minute", 1_020, 1..=1_440;
    /// The brake: a run that would lock more accounts than this waits for two approvals.
    BrakeAccounts = "brake_accounts", 100, 1..=1_000_000;
    /// The brake: so does one that would lock a larger share of one agency, in percent.
    BrakePercent = "brake_percent", 10, 1..=100;
}

const COUNT: usize = Setting::ALL.len();

/// Why a value is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{} takes {} to {}", setting.code(), setting.limits().0, setting.limits().1)]
pub struct OutOfLimits {
    /// Which setting.
    pub setting: Setting,
}

impl Setting {
    /// Reads [`Setting::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|setting| setting.code() == code)
    }

    fn index(self) -> usize {
        self as usize
    }
}

/// A complete list of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings([u32; COUNT]);

impl Default for Settings {
    fn default() -> Self {
        let mut values = [0; COUNT];
        for setting in Setting::ALL {
            values[setting.index()] = setting.default();
        }
        Self(values)
    }
}

impl Settings {
    /// The value of a setting.
    pub fn get(&self, setting: Setting) -> u32 {
        self.0[setting.index()]
    }

    /// The same list with another value.
    pub fn with(&self, setting: Setting, value: u32) -> Result<Self, OutOfLimits> {
        let (min, max) = setting.limits();
        if !(min..=max).contains(&value) {
            return Err(OutOfLimits { setting });
        }
        let mut values = self.0;
        values[setting.index()] = value;
        Ok(Self(values))
    }

    /// Every setting with its value.
    pub fn entries(&self) -> impl Iterator<Item = (Setting, u32)> + '_ {
        Setting::ALL.iter().map(|setting| (*setting, self.get(*setting)))
    }

    /// What differs from an older list: the setting, the value before, the value now.
    pub fn changes_from(&self, before: &Self) -> Vec<(Setting, u32, u32)> {
        let all = Setting::ALL.iter().map(|setting| (*setting, before.get(*setting), self.get(*setting)));
        all.filter(|(_, before, now)| before != now).collect()
    }

    /// Working days for which a default password may be kept.
    pub fn default_days(&self, class: Class) -> u8 {
        small(self.get(match class {
            Class::Person => Setting::DefaultDaysPerson,
            Class::Agency => Setting::DefaultDaysAgency,
            Class::Service => Setting::DefaultDaysService,
            Class::Administrator => Setting::DefaultDaysAdministrator,
        }))
    }

    /// Months for which a password may be used.
    pub fn months(&self, class: Class) -> u8 {
        small(self.get(match class {
            Class::Person => Setting::MonthsPerson,
            Class::Agency => Setting::MonthsAgency,
            Class::Service => Setting::MonthsService,
            Class::Administrator => Setting::MonthsAdministrator,
        }))
    }

    /// Days after which an unused account is locked.
    pub fn inactive_days(&self, class: Class) -> u16 {
        let days = self.get(match class {
            Class::Person => Setting::InactiveDaysPerson,
            Class::Agency => Setting::InactiveDaysAgency,
            Class::Service => Setting::InactiveDaysService,
            Class::Administrator => Setting::InactiveDaysAdministrator,
        });
        u16::try_from(days).unwrap_or(u16::MAX)
    }

    /// From which event the term of a default password runs.
    pub fn counted_from(&self) -> CountedFrom {
        if self.get(Setting::CountedFrom) == 0 { CountedFrom::Issued } else { CountedFrom::FirstAccess }
    }

    /// When the office opens.
    pub fn opening(&self) -> Time {
        clock(self.get(Setting::OpeningMinute))
    }

    /// Whether the office is open at a time of a working day.
    pub fn is_open_at(&self, time: Time) -> bool {
        let minute = u32::from(time.hour()) * 60 + u32::from(time.minute());
        // An office that closes before it opens closes at midnight.
        let closing = self.get(Setting::ClosingMinute);
        let closing = if closing <= self.get(Setting::OpeningMinute) { 1_440 } else { closing };
        (self.get(Setting::OpeningMinute)..closing).contains(&minute)
    }
}

fn small(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

fn clock(minute: u32) -> Time {
    let part = |value: u32| u8::try_from(value).unwrap_or_default();
    Time::from_hms(part(minute / 60 % 24), part(minute % 60), 0).unwrap_or(Time::MIDNIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::time;

    #[test]
    fn the_defaults_are_the_regulations_and_lie_within_their_limits() {
        let settings = Settings::default();
        for (setting, value) in settings.entries() {
            assert!(settings.with(setting, value).is_ok(), "{}", setting.code());
            assert_eq!(Setting::from_code(setting.code()), Some(setting));
        }
        assert_eq!((settings.default_days(Class::Person), settings.months(Class::Agency)), (3, 6));
        assert_eq!(settings.months(Class::Administrator), 2);
    }

    #[test]
    fn a_value_outside_its_limits_is_refused() {
        let error = Settings::default().with(Setting::FailedAttempts, 6).expect_err("at most five");
        assert_eq!(error.to_string(), "failed_attempts takes 1 to 5");
    }

    #[test]
    fn the_office_is_open_from_its_opening_to_its_closing() {
        let settings = Settings::default();
        let open = |time| settings.is_open_at(time);
        assert!(!open(time!(7:29:59)) && open(time!(7:30)) && open(time!(16:59)) && !open(time!(17:00)));
        let late = settings.with(Setting::ClosingMinute, 60).expect("a value");
        assert!(late.is_open_at(time!(23:59)), "closing before opening means midnight");
    }

    #[test]
    fn what_changed_is_told_with_both_values() {
        let before = Settings::default();
        let now = before.with(Setting::MonthsPerson, 5).expect("a value");
        assert_eq!(now.changes_from(&before), [(Setting::MonthsPerson, 6, 5)]);
    }
}
