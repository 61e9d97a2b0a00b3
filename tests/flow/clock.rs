//! What the deadlines stand of clocks: leap days, a clock that is wrong for a while, a machine in another zone.

use crate::house::{House, PASSWORD};
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::jobs::{self, EnforceDeadlines};
use danang_sso::services::brake::{self, RunState};
use std::process::Command;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const MONDAY: OffsetDateTime = datetime!(2026-03-02 09:00 +7);

async fn run(house: &House, now: OffsetDateTime) {
    house.set_time(now);
    jobs::run_once(&house.app, &EnforceDeadlines).await;
}

async fn reason(house: &House, local: &str) -> Option<LockReason> {
    match *house.account(local).await.state() {
        State::Locked { reason, .. } => Some(reason),
        _ => None,
    }
}

/// Twelve people of one agency with passwords of a month, and one with a default one of today.
async fn house() -> House {
    let house = House::at(MONDAY, "").await;
    for number in 0..12 {
        house.add(&format!("nguoi{number}"), &[Ad]);
    }
    house.add_with_default("moi", &[Obm], house.app.now());
    house.sync().await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    house
}

#[tokio::test]
async fn a_password_set_on_a_leap_day_is_good_until_the_29th_of_august() {
    let house = House::at(datetime!(2028-02-29 10:00 +7), "").await;
    house.add_with("an", &[Ad], |seen| seen.password_set_at = Some(house.app.now()));
    house.sync().await;
    run(&house, datetime!(2028-08-29 16:59 +7)).await;
    assert_eq!(reason(&house, "an").await, None, "it is the last day");
    run(&house, datetime!(2028-08-30 07:30 +7)).await;
    assert_eq!(reason(&house, "an").await, Some(LockReason::PasswordTooOld));
}

#[tokio::test]
async fn a_password_set_on_the_31st_of_august_is_good_until_the_leap_day() {
    let house = House::at(datetime!(2027-08-31 10:00 +7), "").await;
    house.add_with("an", &[Ad], |seen| seen.password_set_at = Some(house.app.now()));
    house.sync().await;
    run(&house, datetime!(2028-02-29 16:59 +7)).await;
    assert_eq!(reason(&house, "an").await, None, "29 February is the last day");
    run(&house, datetime!(2028-03-01 07:30 +7)).await;
    assert_eq!(reason(&house, "an").await, Some(LockReason::PasswordTooOld));
}

#[tokio::test]
async fn a_clock_that_is_a_year_ahead_locks_nobody_and_leaves_nothing_behind() {
    let house = house().await;
    let before = house.account("nguoi3").await;
    // A Tuesday of the next year: all passwords seem to be too old.
    run(&house, datetime!(2027-03-02 09:00 +7)).await;
    for local in ["nguoi0", "nguoi11", "moi"] {
        assert_eq!(reason(&house, local).await, None, "{local}: so many at once wait for two people");
    }
    // At the sign-in neither.
    house.browser().sign_in("nguoi3", PASSWORD).await.leads_to("/");
    assert_eq!(reason(&house, "nguoi3").await, None);
    // The clock is right again: nobody waits any more, and the terms are as they were.
    run(&house, MONDAY + Duration::minutes(10)).await;
    let by = Administrator::holding(&house.account("nguoi0").await, Role::Auditor, Reach::City);
    let runs = brake::history(&house.app, &by, 9).await.expect("reads");
    assert_eq!(runs.iter().map(|run| run.state).collect::<Vec<_>>(), [RunState::Released]);
    let after = house.account("nguoi3").await;
    assert_eq!((after.state(), after.traces().written), (before.state(), before.traces().written));
    // And whoever is due by the right clock is locked by it.
    run(&house, datetime!(2026-03-06 07:30 +7)).await;
    assert_eq!(reason(&house, "moi").await, Some(LockReason::DefaultPasswordKept));
    assert_eq!(reason(&house, "nguoi3").await, None);
}

#[tokio::test]
async fn a_clock_that_goes_back_locks_nobody_and_unlocks_nobody() {
    let house = house().await;
    run(&house, datetime!(2026-03-06 07:30 +7)).await;
    assert_eq!(reason(&house, "moi").await, Some(LockReason::DefaultPasswordKept));
    house.browser().sign_in("nguoi1", PASSWORD).await.leads_to("/");
    let used = house.account("nguoi1").await.traces().last_used_at;
    // A year earlier, on a working morning.
    house.set_time(datetime!(2025-03-06 09:00 +7));
    house.sync().await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "moi").await, Some(LockReason::DefaultPasswordKept));
    house.browser().sign_in("moi", PASSWORD).await.shows("Tài khoản đang bị khóa");
    house.browser().sign_in("nguoi1", PASSWORD).await.leads_to("/");
    for number in 0..12 {
        assert_eq!(house.account(&format!("nguoi{number}")).await.state().name(), StateName::Active);
    }
    let after = house.account("nguoi1").await.traces().last_used_at;
    assert_eq!(after, used, "the last use does not move back");
    run(&house, datetime!(2026-03-06 08:00 +7)).await;
    let locked = State::Locked {
        at: Timestamp::from_datetime(datetime!(2026-03-06 07:30 +7)),
        reason: LockReason::DefaultPasswordKept,
    };
    assert_eq!(*house.account("moi").await.state(), locked, "and keeps its moment");
}

#[test]
fn dates_are_those_of_da_nang_whatever_the_machines_zone_is() {
    let answer = |zone: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_danang-sso"));
        command.args(["deadline", "--rule", "default-password", "--start", "2026-02-12", "--json"]);
        let output = command.env("TZ", zone).env_remove("DANANG_SSO_CONFIG").output().expect("it runs");
        assert!(output.status.success(), "{zone}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("JSON")
    };
    let here = answer("Asia/Ho_Chi_Minh");
    assert!(here.contains(r#""last_day":"2026-02-24","ends_at":"2026-02-25T00:00:00+07:00""#), "{here}");
    // With daylight saving, 14 hours before UTC, 11 behind it, and by rule instead of name.
    for zone in ["America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "XYZ12ABC,M3.2.0,M11.1.0", ""]
    {
        assert_eq!(answer(zone), here, "{zone}");
    }
}
