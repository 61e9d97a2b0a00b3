use super::*;
use crate::domain::account::{Kind, Profile, Traces};
use crate::domain::address::MailAddress;
use crate::domain::chance::Entropy;
use crate::domain::id::AccountId;
use crate::domain::policy::calendar::{DayKind, ListedDay};
use crate::domain::policy::settings::Setting;
use std::collections::HashMap;
use time::macros::{date, datetime};

struct Zero;
impl Entropy for Zero {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn at(moment: time::OffsetDateTime) -> Timestamp {
    Timestamp::from_datetime(moment)
}

fn account(state: State, traces: Traces) -> Account {
    let profile = Profile {
        address: MailAddress::parse("an@danang.example").expect("an address"),
        kind: Kind::Person,
        display_name: "Nguyễn Văn An".to_owned(),
        title: None,
        staff_number: None,
        agency_id: Some(agency()),
    };
    let id = AccountId::new(Timestamp::default(), &Zero);
    Account::new(id, "sub".to_owned(), profile, state, 0).with_traces(traces)
}

fn agency() -> AgencyId {
    AgencyId::new(Timestamp::default(), &Zero)
}

fn regulation(change: impl FnOnce(&mut Book)) -> Regulation {
    let mut book = Book::default();
    change(&mut book);
    let calendars = Calendars::new(Calendar::built_in().clone(), HashMap::new());
    Regulation { book: Arc::new(book), calendars: Arc::new(calendars), calendar_version: 1 }
}

fn issued(since: time::OffsetDateTime) -> State {
    State::MustChangePassword { since: at(since), deadline: at(since), why: MustChange::DefaultPassword }
}

/// Issued on Monday 2 March 2026: the term ends with Thursday the 5th, the lock comes on Friday at half past seven.
const ISSUED: time::OffsetDateTime = datetime!(2026-03-02 09:00 +7);

#[test]
fn between_the_end_of_the_term_and_the_opening_hour_nobody_is_locked_and_nobody_gets_on() {
    let (regulation, account) = (regulation(|_| {}), account(issued(ISSUED), Traces::default()));
    let verdict = |moment| regulation.verdict(&account, at(moment));
    assert!(matches!(verdict(datetime!(2026-03-05 23:59:59 +7)), Verdict::Remind(_)));
    assert!(matches!(verdict(datetime!(2026-03-06 00:00 +7)), Verdict::Overdue(_)));
    assert!(matches!(verdict(datetime!(2026-03-06 07:29:59 +7)), Verdict::Overdue(_)));
    let locked = verdict(datetime!(2026-03-06 07:30 +7));
    assert!(matches!(locked, Verdict::Lock(LockReason::DefaultPasswordKept, _)), "{locked:?}");
    assert_eq!(regulation.terms(&account).lock_at, Some(at(datetime!(2026-03-06 07:30 +7))));
}

#[test]
fn a_rule_that_is_only_warned_of_locks_nobody_and_one_that_is_observed_shows_nothing() {
    let account = account(issued(ISSUED), Traces::default());
    let late = at(datetime!(2026-05-04 09:00 +7));
    let staged = |stage| regulation(|book| book.stages.set(Rule::DefaultPassword, Some(agency()), stage));
    let warned = staged(Stage { warn_from: Some(date!(2026 - 01 - 01)), enforce_from: None });
    assert!(matches!(warned.verdict(&account, late), Verdict::Remind(_)));
    assert_eq!(warned.terms(&account).lock_at, None);
    let observed = staged(Stage::OBSERVED);
    assert_eq!(observed.verdict(&account, late), Verdict::Nothing);
    assert_eq!(observed.terms(&account), Terms::default());
}

#[test]
fn a_wave_gives_everybody_overdue_until_the_end_of_its_first_day() {
    let account = account(State::Active { password_set_at: at(ISSUED) }, Traces::default());
    let wave = Stage { warn_from: Some(date!(2027 - 01 - 04)), enforce_from: Some(date!(2027 - 01 - 18)) };
    let regulation = regulation(|book| book.stages.set(Rule::PasswordAge, None, wave));
    assert_eq!(regulation.running(&account).map(|d| d.last_day), Some(date!(2027 - 01 - 18)));
    let locks = regulation.verdict(&account, at(datetime!(2027-01-19 07:30 +7)));
    assert!(matches!(locks, Verdict::Lock(LockReason::PasswordTooOld, _)), "{locks:?}");
}

#[test]
fn administrators_change_every_two_months_and_staff_every_six() {
    let state = State::Active { password_set_at: at(datetime!(2026-02-02 09:00 +7)) };
    let regulation = regulation(|_| {});
    let last_day = |administers| {
        let traces = Traces { administers, ..Traces::default() };
        regulation.running(&account(state, traces)).map(|deadline| deadline.last_day)
    };
    assert_eq!(last_day(true), Some(date!(2026 - 04 - 02)));
    assert_eq!(last_day(false), Some(date!(2026 - 08 - 03)), "2 August is a Sunday");
}

#[test]
fn counted_from_the_first_access_no_term_runs_before_it() {
    let regulation = regulation(|book| {
        book.settings = book.settings.with(Setting::CountedFrom, 1).expect("a value");
    });
    assert_eq!(regulation.running(&account(issued(ISSUED), Traces::default())), None);
    let first = at(datetime!(2026-03-09 10:00 +7));
    let traces = Traces { first_access_at: Some(first), ..Traces::default() };
    let deadline = regulation.running(&account(issued(ISSUED), traces)).expect("it runs now");
    assert_eq!((deadline.event, deadline.last_day), (Event::FirstAccess, date!(2026 - 03 - 12)));
    let reset = State::MustChangePassword { since: at(ISSUED), deadline: at(ISSUED), why: MustChange::Reset };
    assert!(regulation.running(&account(reset, Traces::default())).is_some(), "a reset counts at once");
}

#[test]
fn an_unused_account_is_locked_where_the_rule_is_switched_on() {
    let state = State::Active { password_set_at: at(datetime!(2026-01-05 09:00 +7)) };
    let traces = Traces { last_used_at: Some(at(datetime!(2026-01-05 09:00 +7))), ..Traces::default() };
    let account = account(state, traces);
    let late = at(datetime!(2026-03-06 09:00 +7));
    assert!(matches!(regulation(|_| {}).verdict(&account, late), Verdict::Remind(_)), "only observed");
    let on = regulation(|book| book.stages.set(Rule::Inactivity, None, Stage::ALWAYS));
    assert!(matches!(on.verdict(&account, late), Verdict::Lock(LockReason::Inactive, _)));
}

#[test]
fn a_new_password_and_a_lifted_lock_are_a_use() {
    let on = regulation(|book| book.stages.set(Rule::Inactivity, None, Stage::ALWAYS));
    let long_ago = at(datetime!(2025-06-02 09:00 +7));
    let traces = Traces { last_used_at: Some(long_ago), ..Traces::default() };
    let since = at(datetime!(2026-01-05 09:00 +7));
    let lifted = State::MustChangePassword { since, deadline: since, why: MustChange::LockLifted };
    for state in [State::Active { password_set_at: since }, lifted] {
        let idle = on.idle(&account(state, traces)).expect("it runs");
        assert_eq!(
            (idle.start, idle.last_day),
            (date!(2026 - 01 - 05), date!(2026 - 02 - 23)),
            "Tết rolls it"
        );
    }
    let old = State::Active { password_set_at: at(datetime!(2025-01-06 09:00 +7)) };
    assert_eq!(on.idle(&account(old, traces)).expect("it runs").start, date!(2025 - 06 - 02));
}

#[test]
fn what_a_person_was_told_is_kept_when_the_rule_becomes_shorter() {
    let told = at(datetime!(2026-03-07 00:00 +7));
    let traces = Traces { promised_until: Some(told), ..Traces::default() };
    let one_day = regulation(|book| {
        book.settings = book.settings.with(Setting::DefaultDaysPerson, 1).expect("a value");
    });
    let deadline = one_day.running(&account(issued(ISSUED), traces)).expect("it runs");
    assert_eq!(deadline.ends_at, told);
    let fresh = one_day.running(&account(issued(ISSUED), Traces::default())).expect("it runs");
    assert_eq!(fresh.last_day, date!(2026 - 03 - 03));
}

#[test]
fn the_office_is_closed_on_days_off_of_the_agency() {
    let day =
        ListedDay { kind: DayKind::Holiday, vi: "Nghỉ".to_owned(), en: "Off".to_owned(), confirmed: true };
    let exceptions = HashMap::from([(agency(), vec![(date!(2026 - 03 - 06), day)])]);
    let calendars = Calendars::new(Calendar::built_in().clone(), exceptions);
    let regulation = Regulation { calendars: Arc::new(calendars), ..regulation(|_| {}) };
    let friday = at(datetime!(2026-03-06 10:00 +7));
    assert!(regulation.is_open(None, friday));
    assert!(!regulation.is_open(Some(agency()), friday));
    assert!(!regulation.is_open(None, at(datetime!(2026-03-07 10:00 +7))), "a Saturday");
    assert!(!regulation.is_open(None, at(datetime!(2026-03-06 22:00 +7))), "at night");
    let account = account(issued(ISSUED), Traces::default());
    let terms = regulation.terms(&account);
    assert_eq!(terms.ends_at, Some(at(datetime!(2026-03-06 00:00 +7))));
    assert_eq!(terms.lock_at, Some(at(datetime!(2026-03-09 07:30 +7))), "Monday, not the agency's day off");
}
