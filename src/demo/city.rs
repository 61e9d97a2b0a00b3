//! The invented small city: ten agencies and some seventy mailboxes that the demo, the tests and the
//! benchmarks put into both directories. Nobody in it exists. The words are in `city/people.csv` and
//! `city/agencies.csv`; `city/ldif.rs` writes them the way OBM and Active Directory keep them.

mod ldif;

use std::collections::BTreeMap;

use time::{
    Date, Duration, OffsetDateTime, UtcOffset,
    macros::{offset, time},
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

pub use ldif::{ad_backdate_ldif, ad_ldif, obm_ldif};

/// The mail domain of the city.
pub const DOMAIN: &str = "danang.example";
/// Where OBM keeps the city's domain.
pub const OBM_DOMAIN_BASE: &str = "dc=danang.example,dc=local";
/// Where Active Directory keeps the staff, one unit per agency below it.
pub const AD_STAFF: &str = "OU=Staff,DC=ad,DC=danang,DC=example";
/// The issued password of everyone in the invented city; it satisfies both directories.
pub const PASSWORD: &str = "DaNang@2026";

/// An agency of the city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// The short code, also the name of its unit in Active Directory: `so-khcn`.
    pub code: String,
    /// The full name: "Sở Khoa học và Công nghệ".
    pub name: String,
    /// The name in at most 64 characters, which is all Active Directory's `department` holds.
    pub short: String,
    /// The name in English.
    pub english: String,
}

/// The directories that know a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Systems {
    /// Active Directory and Exchange only.
    Ad,
    /// OBM only.
    Obm,
    /// One mailbox in each, with the same address.
    Both,
}

/// What kind of mailbox it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A member of the staff.
    Person,
    /// An agency's own mailbox, which signs in like a person.
    Agency,
    /// A shared mailbox nobody signs in to; it must never become an account.
    Shared,
}

/// Where the mailbox has been disabled by its mail administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disabled {
    /// Nowhere.
    No,
    /// In Active Directory: the disable bit.
    Ad,
    /// In OBM: no mail right, and locked for good by the password policy.
    Obm,
}

/// What a person may administer in the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    None,
    /// The whole city.
    CityAdmin,
    /// The person's own agency.
    AgencyAdmin,
}

/// How old the password is, told relative to the day the city is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordState {
    /// The default password, issued today.
    DefaultToday,
    /// The default password; today or the next working day is the second of its three working days.
    DefaultTwoLeft,
    /// The default password, issued at least ten days ago; its third working day has passed, and since then the office was
    /// open: at whatever hour the demonstration starts, the account is locked.
    DefaultOverdue,
    /// The person's own password, set so many calendar months and days ago.
    Set {
        /// Whole calendar months.
        months: u8,
        /// Days before that.
        days: u16,
    },
}

/// One mailbox of the city: usually a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The part of the address before the `@`, and the login name: `an.nguyen`.
    pub local: String,
    /// Family name: "Nguyễn"; empty for the mailbox of an agency.
    pub family: String,
    /// Middle names: "Văn"; may be empty.
    pub middle: String,
    /// Given name: "An"; for the mailbox of an agency its office: "Văn thư".
    pub given: String,
    /// Chức vụ.
    pub title: String,
    /// The code of the agency.
    pub agency: String,
    /// Which directories know the mailbox.
    pub systems: Systems,
    /// Person, agency mailbox, or shared mailbox.
    pub kind: Kind,
    /// The number of the employee; empty for mailboxes that are not a person.
    pub employee: String,
    /// The local part of a second address.
    pub alias: Option<String>,
    /// How old the password is.
    pub password: PasswordState,
    /// Where the mailbox is disabled.
    pub disabled: Disabled,
    /// What the person administers.
    pub role: Role,
    /// What this person shows in the demo, in Vietnamese; empty for the others.
    pub show_vi: String,
    /// The same in English.
    pub show_en: String,
}

impl Person {
    /// The mail address.
    pub fn address(&self) -> String {
        format!("{}@{DOMAIN}", self.local)
    }

    /// Family, middle and given name in the Vietnamese order; an office and its agency for the others.
    pub fn display_name(&self, agencies: &[Agency]) -> String {
        if self.kind == Kind::Person {
            let names = [&self.family, &self.middle, &self.given];
            return names
                .map(String::as_str)
                .into_iter()
                .filter(|n| !n.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
        }
        let agency = agencies.iter().find(|a| a.code == self.agency);
        format!("{} – {}", self.given, agency.map_or(self.agency.as_str(), |a| &a.short))
    }

    /// Does Active Directory know the mailbox?
    pub fn in_ad(&self) -> bool {
        self.systems != Systems::Obm
    }

    /// Does OBM know the mailbox?
    pub fn in_obm(&self) -> bool {
        self.systems != Systems::Ad
    }
}

impl PasswordState {
    /// Is it still the password the person was issued?
    pub fn is_default(&self) -> bool {
        !matches!(self, Self::Set { .. })
    }

    /// When the password was issued or set, seen from `now`: at half past seven in Da Nang (UTC+7),
    /// but never later than `now`; in whole seconds.
    pub fn instant(&self, now: OffsetDateTime, is_working_day: &dyn Fn(Date) -> bool) -> OffsetDateTime {
        let now = now - Duration::nanoseconds(i64::from(now.nanosecond()));
        let today = now.to_offset(offset!(+7)).date();
        let day = match *self {
            Self::DefaultToday => today,
            Self::DefaultTwoLeft => days_before(today, 1, 1, is_working_day),
            Self::DefaultOverdue => days_before(today, 10, 5, is_working_day),
            Self::Set { months, days } => months_before(today, months) - Duration::days(i64::from(days)),
        };
        day.with_time(time!(7:30)).assume_offset(offset!(+7)).to_offset(UtcOffset::UTC).min(now)
    }
}

/// The latest day at least `at_least` days before `today` with at least `working` working days
/// strictly between the two.
fn days_before(today: Date, at_least: i64, working: u32, is_working_day: &dyn Fn(Date) -> bool) -> Date {
    let (mut day, mut seen, mut back) = (today - Duration::DAY, 0, 1);
    while seen < working || back < at_least {
        seen += u32::from(is_working_day(day));
        day -= Duration::DAY;
        back += 1;
    }
    day
}

/// The same day of the month `months` earlier, or the last day of that month.
fn months_before(day: Date, months: u8) -> Date {
    let (mut year, mut month) = (day.year(), day.month());
    for _ in 0..months {
        year -= i32::from(month == time::Month::January);
        month = month.previous();
    }
    let last = month.length(year);
    Date::from_calendar_date(year, month, day.day().min(last)).expect("the day exists in that month")
}

/// The agencies of the invented city.
pub fn agencies() -> Vec<Agency> {
    rows::<4>(include_str!("city/agencies.csv"))
        .map(|[code, name, short, english]| Agency { code, name, short, english })
        .collect()
}

/// Everyone in the invented city; the first ten are the persons of the demo.
pub fn people() -> Vec<Person> {
    rows::<15>(include_str!("city/people.csv")).map(person).collect()
}

/// The persons who show something in the demo.
pub fn demo_persons() -> Vec<Person> {
    people().into_iter().filter(|p| !p.show_vi.is_empty()).collect()
}

fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [String; N]> {
    csv::Reader::from_reader(text.as_bytes()).into_records().map(|record| {
        let cells: Vec<String> =
            record.expect("the table is part of the program").iter().map(str::to_owned).collect();
        cells.try_into().expect("every row has as many cells as the heading")
    })
}

fn person(row: [String; 15]) -> Person {
    let [local, family, middle, given, title, agency, systems, kind, rest @ ..] = row;
    let [employee, alias, password, disabled, role, show_vi, show_en] = rest;
    Person {
        systems: word(&systems, &[("ad", Systems::Ad), ("obm", Systems::Obm), ("both", Systems::Both)]),
        kind: word(&kind, &[("person", Kind::Person), ("agency", Kind::Agency), ("shared", Kind::Shared)]),
        alias: Some(alias).filter(|a| !a.is_empty()),
        password: password_state(&password),
        disabled: word(&disabled, &[("none", Disabled::No), ("ad", Disabled::Ad), ("obm", Disabled::Obm)]),
        role: word(
            &role,
            &[("none", Role::None), ("city-admin", Role::CityAdmin), ("agency-admin", Role::AgencyAdmin)],
        ),
        local,
        family,
        middle,
        given,
        title,
        agency,
        employee,
        show_vi,
        show_en,
    }
}

fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> T {
    let (_, value) = words.iter().find(|(w, _)| *w == text).expect("people.csv uses only known words");
    *value
}

/// Reads `default:…` or `set:` with months (`m`), weeks (`w`) and days (`d`): `set:5m3w`.
fn password_state(text: &str) -> PasswordState {
    let Some(age) = text.strip_prefix("set:") else {
        return match text {
            "default:today" => PasswordState::DefaultToday,
            "default:two-left" => PasswordState::DefaultTwoLeft,
            "default:overdue" => PasswordState::DefaultOverdue,
            other => panic!("people.csv has an unknown password state: {other}"),
        };
    };
    let (mut months, mut days) = (0, 0);
    for part in age.split_inclusive(char::is_alphabetic) {
        let (number, unit) = part.split_at(part.len() - 1);
        let number: u8 = number.parse().expect("a small number stands before the unit");
        match unit {
            "m" => months += number,
            "w" => days += 7 * u16::from(number),
            _ => days += u16::from(number),
        }
    }
    PasswordState::Set { months, days }
}

const FAMILIES: [&str; 16] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
    "Dương", "Lý", "Đinh",
];
const MIDDLES: [&str; 11] =
    ["Văn", "Thị", "Minh", "Ngọc", "Thanh", "Quốc", "Thị Thu", "Đức", "Hoàng", "Xuân", "Thị Mỹ"];
const GIVENS: [&str; 23] = [
    "An", "Bình", "Châu", "Dũng", "Đạt", "Giang", "Hạnh", "Hùng", "Khoa", "Lộc", "Mai", "Nam", "Nga", "Phúc",
    "Quỳnh", "Sương", "Tâm", "Thủy", "Trí", "Uyên", "Vinh", "Vỹ", "Yên",
];

/// `n` more people spread over the agencies, always the same ones, for benchmarks: two in five only
/// in Active Directory, two in five only in OBM, one in five in both. A few have overdue passwords.
pub fn invented(n: usize) -> Vec<Person> {
    let agencies = agencies();
    (0..n)
        .map(|i| {
            let (family, given) = (FAMILIES[i % FAMILIES.len()], GIVENS[i % GIVENS.len()]);
            Person {
                local: format!("{}.{}{}", plain(given), plain(family), i + 1),
                family: family.to_owned(),
                middle: MIDDLES[i % MIDDLES.len()].to_owned(),
                given: given.to_owned(),
                title: "Chuyên viên".to_owned(),
                agency: agencies[(i / 5) % agencies.len()].code.clone(),
                systems: [Systems::Ad, Systems::Obm, Systems::Both, Systems::Ad, Systems::Obm][i % 5],
                kind: Kind::Person,
                employee: format!("NV{:07}", i + 1),
                alias: None,
                password: invented_password(i),
                disabled: Disabled::No,
                role: Role::None,
                show_vi: String::new(),
                show_en: String::new(),
            }
        })
        .collect()
}

fn invented_password(i: usize) -> PasswordState {
    match i % 100 {
        // 6 and 31 are people in OBM, the only directory that can be given a past day of issue
        6 => PasswordState::DefaultTwoLeft,
        31 => PasswordState::DefaultOverdue,
        57 => PasswordState::DefaultToday,
        22 => PasswordState::Set { months: 7, days: 0 },
        r => PasswordState::Set {
            months: u8::try_from(r % 6).expect("below six"),
            days: u16::try_from(r % 25).expect("below twenty-five"),
        },
    }
}

/// The name without accents, lower-case, without spaces: as it stands in an address.
fn plain(name: &str) -> String {
    let letters = name.nfd().filter(|c| !is_combining_mark(*c) && *c != ' ');
    letters.map(|c| if matches!(c, 'đ' | 'Đ') { 'd' } else { c.to_ascii_lowercase() }).collect()
}

/// The name of each agency by its code.
fn agency_names(agencies: &[Agency]) -> BTreeMap<&str, &Agency> {
    agencies.iter().map(|a| (a.code.as_str(), a)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use time::{Weekday, macros::datetime};
    use unicode_normalization::is_nfc;

    fn week_days(day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    #[test]
    fn the_city_has_ten_agencies_and_about_sixty_people() {
        let people = people();
        let persons = people.iter().filter(|p| p.kind == Kind::Person).count();
        let in_both = people.iter().filter(|p| p.systems == Systems::Both).count();
        assert_eq!(agencies().len(), 10);
        assert!((55..=65).contains(&persons), "{persons}");
        assert!((11..=14).contains(&in_both), "{in_both}");
        for agency in agencies() {
            assert!(people.iter().any(|p| p.agency == agency.code), "{}", agency.code);
        }
    }

    #[test]
    fn every_address_belongs_to_one_mailbox() {
        let mut seen = BTreeSet::new();
        for person in people().into_iter().chain(invented(3000)) {
            for local in std::iter::once(person.local).chain(person.alias) {
                assert!(
                    local.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
                );
                assert!(seen.insert(local.clone()), "{local}");
            }
        }
    }

    #[test]
    fn names_are_composed_and_fit_into_both_directories() {
        let agencies = agencies();
        let known = agency_names(&agencies);
        assert!(agencies.iter().all(|a| is_nfc(&a.name) && a.short.chars().count() <= 64));
        for person in people().into_iter().chain(invented(100)) {
            let name = person.display_name(&agencies);
            assert!(
                is_nfc(&name) && (3..=64).contains(&format!("{name} ({})", person.local).chars().count())
            );
            assert!(person.title.chars().count() <= 128 && person.employee.len() <= 16);
            assert!(known.contains_key(person.agency.as_str()), "{}", person.agency);
        }
    }

    #[test]
    fn the_first_ten_show_the_ten_cases_of_the_demo() {
        let locals: Vec<_> = demo_persons().into_iter().map(|p| p.local).collect();
        let first: Vec<_> = people().into_iter().take(10).map(|p| p.local).collect();
        assert_eq!(locals, first);
        assert!(demo_persons().iter().all(|p| !p.show_en.is_empty()));
    }

    #[test]
    fn only_obm_or_the_first_day_has_default_passwords() {
        for person in people().into_iter().chain(invented(1000)) {
            if matches!(person.password, PasswordState::DefaultTwoLeft | PasswordState::DefaultOverdue) {
                assert_eq!(person.systems, Systems::Obm, "{}", person.local);
            }
        }
    }

    #[test]
    fn two_days_left_means_that_today_or_the_next_working_day_is_the_second() {
        let state = PasswordState::DefaultTwoLeft;
        let monday = datetime!(2026-11-23 09:00 +7);
        // Friday was the first day, Monday is the second
        assert_eq!(state.instant(monday, &week_days), datetime!(2026-11-19 07:30 +7));
        let sunday = datetime!(2026-11-22 09:00 +7);
        assert_eq!(state.instant(sunday, &week_days), datetime!(2026-11-19 07:30 +7));
    }

    #[test]
    fn overdue_goes_back_over_long_holidays() {
        let now = datetime!(2026-11-23 09:00 +7);
        assert_eq!(PasswordState::DefaultOverdue.instant(now, &week_days), datetime!(2026-11-13 07:30 +7));
        let holiday = |day: Date| week_days(day) && day < now.date() - Duration::days(12);
        assert_eq!(PasswordState::DefaultOverdue.instant(now, &holiday), datetime!(2026-11-03 07:30 +7));
    }

    #[test]
    fn months_are_calendar_months_and_nothing_is_later_than_now() {
        let now = datetime!(2026-03-31 05:00 +7);
        let months = |months, days| PasswordState::Set { months, days }.instant(now, &week_days);
        assert_eq!(months(1, 0), datetime!(2026-02-28 07:30 +7));
        assert_eq!(months(5, 21), datetime!(2025-10-10 07:30 +7));
        assert_eq!(PasswordState::DefaultToday.instant(now, &week_days), now);
    }
}
