//! The three rules over time: who is locked, when, and nobody else; by the job and at the sign-in.

use crate::house::{House, NEW_PASSWORD, PASSWORD};
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::jobs::{self, EnforceDeadlines};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const MONDAY: OffsetDateTime = datetime!(2026-03-02 09:00 +7);

fn days_before(days: i64) -> Timestamp {
    Timestamp::from_datetime(MONDAY - Duration::days(days))
}

async fn reason(house: &House, local: &str) -> Option<LockReason> {
    match *house.account(local).await.state() {
        State::Locked { reason, .. } => Some(reason),
        _ => None,
    }
}

/// Four people: issued today, issued long ago, changed lately, changed long ago.
async fn house() -> House {
    let house = House::at(MONDAY, "").await;
    house.add_with_default("moi", &[Obm], house.app.now());
    house.add_with_default("qua3ngay", &[Obm], days_before(10));
    house.add_with("doi", &[Ad], |seen| seen.password_set_at = Some(days_before(20)));
    house.add_with("qua6thang", &[Ad], |seen| seen.password_set_at = Some(days_before(190)));
    house.sync().await;
    house
}

#[tokio::test]
async fn the_job_locks_whom_it_should_and_nobody_else() {
    let house = house().await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "qua3ngay").await, Some(LockReason::DefaultPasswordKept));
    assert_eq!(reason(&house, "qua6thang").await, Some(LockReason::PasswordTooOld));
    assert_eq!(reason(&house, "moi").await, None);
    assert_eq!(reason(&house, "doi").await, None);
}

#[tokio::test]
async fn the_sign_in_locks_even_if_the_job_is_late() {
    let house = house().await;
    let answer = house.browser().sign_in("qua3ngay", PASSWORD).await;
    answer.shows("Tài khoản đang bị khóa").shows("Mật khẩu cấp ban đầu chưa được đổi trong 3 ngày làm việc");
    let answer = house.browser().sign_in("qua6thang", PASSWORD).await;
    answer.shows("Mật khẩu đã dùng quá 6 tháng");
    assert_eq!(reason(&house, "qua6thang").await, Some(LockReason::PasswordTooOld));
}

#[tokio::test]
async fn a_locked_account_is_not_told_to_whoever_does_not_know_the_password() {
    let house = house().await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    house
        .browser()
        .sign_in("qua3ngay", "Sai-mat-khau-1")
        .await
        .shows("chưa đúng")
        .hides("bị khóa theo quy chế");
}

#[tokio::test]
async fn a_default_password_of_monday_may_be_changed_until_thursday_midnight() {
    let house = house().await;
    house.set_time(datetime!(2026-03-05 23:59:59 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "moi").await, None, "the term ends at 24:00");
    house.set_time(datetime!(2026-03-06 01:30 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "moi").await, None, "nobody is locked at night");
    house.set_time(datetime!(2026-03-06 07:30 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "moi").await, Some(LockReason::DefaultPasswordKept));
}

#[tokio::test]
async fn between_the_end_of_the_term_and_the_opening_hour_only_a_new_password_is_possible() {
    let house = house().await;
    let (mut open, mut new) = (house.browser(), house.browser());
    open.sign_in("moi", PASSWORD).await;
    house.set_time(datetime!(2026-03-06 01:30 +7));
    new.sign_in("moi", PASSWORD).await.leads_to("/");
    new.get("/").await.leads_to("/password");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    new.post_from("/password", "/password", &fields).await;
    house.set_time(datetime!(2026-03-06 07:30 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(house.account("moi").await.state().name(), StateName::Active, "changed in time");
}

#[tokio::test]
async fn a_password_that_is_too_old_opens_nothing_but_its_change_until_the_lock() {
    let house = house().await;
    // Set on 10 February: six months end on Monday 10 August at 24:00.
    house.set_time(datetime!(2026-08-11 06:00 +7));
    let mut browser = house.browser();
    browser.sign_in("doi", PASSWORD).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
    house.set_time(datetime!(2026-08-11 06:55 +7));
    browser.get("/password").await;
    house.set_time(datetime!(2026-08-11 07:31 +7));
    browser.get("/").await.leads_to("/sign-in");
    assert_eq!(reason(&house, "doi").await, Some(LockReason::PasswordTooOld), "the job is late");
}

#[tokio::test]
async fn the_job_locks_nobody_on_a_holiday_or_at_night() {
    let house = House::at(datetime!(2026-02-10 15:00 +7), "").await;
    house.add_with_default("an", &[Obm], house.app.now());
    house.sync().await;
    // The term ends with Friday 13 February; Tết follows, the office opens again on Monday the 23rd.
    for moment in
        [datetime!(2026-02-14 10:00 +7), datetime!(2026-02-17 09:00 +7), datetime!(2026-02-23 07:29 +7)]
    {
        house.set_time(moment);
        jobs::run_once(&house.app, &EnforceDeadlines).await;
        assert_eq!(reason(&house, "an").await, None, "{moment}");
    }
    // A job that was off comes back in the night: it waits for the morning.
    house.set_time(datetime!(2026-02-23 20:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "an").await, None);
    house.set_time(datetime!(2026-02-24 07:35 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "an").await, Some(LockReason::DefaultPasswordKept));
}

#[tokio::test]
async fn tet_does_not_count_as_working_days() {
    let house = House::at(datetime!(2026-02-12 15:00 +7), "").await;
    house.add_with_default("an", &[Obm], house.app.now());
    house.sync().await;
    house.set_time(datetime!(2026-02-24 20:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "an").await, None, "13, 23 and 24 February are the three days");
    house.set_time(datetime!(2026-02-25 07:30 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "an").await, Some(LockReason::DefaultPasswordKept));
}

#[tokio::test]
async fn six_months_after_the_change_the_account_is_locked_and_not_a_moment_earlier() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("moi", PASSWORD).await;
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/password", "/password", &fields).await;
    // Set on 2 March: the same day number is Wednesday 2 September, National Day; 3 September is a working day.
    house.set_time(datetime!(2026-09-03 23:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(house.account("moi").await.state().name(), StateName::Active);
    house.set_time(datetime!(2026-09-04 07:30 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "moi").await, Some(LockReason::PasswordTooOld));
}

#[tokio::test]
async fn a_deadline_that_passes_ends_the_open_session() {
    let house = House::at(datetime!(2026-03-05 23:50 +7), "[sessions]\nstaff_idle_minutes = 600\n").await;
    house.add_with_default("an", &[Obm], Timestamp::from_datetime(MONDAY));
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    assert_eq!(browser.get("/password").await.status, 200);
    house.set_time(datetime!(2026-03-06 00:01 +7));
    assert_eq!(browser.get("/password").await.status, 200, "the lock waits for the opening hour");
    house.pass(Duration::minutes(10));
    browser.get("/password").await;
    house.set_time(datetime!(2026-03-06 07:30 +7));
    browser.get("/password").await.leads_to("/sign-in?back=%2Fpassword");
    assert_eq!(reason(&house, "an").await, Some(LockReason::DefaultPasswordKept));
}

#[tokio::test]
async fn the_job_ends_sessions_and_writes_the_audit() {
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("doi", PASSWORD).await;
    house.set_time(datetime!(2026-08-20 09:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "doi").await, Some(LockReason::PasswordTooOld));
    browser.get("/").await.leads_to("/sign-in");
    let id = house.account("doi").await.id();
    let lines = danang_sso::storage::audit::of_account(&house.app.db, id, 10).await.expect("reads");
    assert!(lines.iter().any(|l| l.act.code() == "locked" && l.after.as_deref() == Some("password_too_old")));
    let whole = danang_sso::storage::audit::verify(&house.app.db).await.expect("reads");
    assert!(whole.is_ok(), "{whole:?}");
}

#[tokio::test]
async fn running_the_job_twice_changes_nothing() {
    let house = house().await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let before = house.account("qua3ngay").await;
    house.pass(Duration::hours(1));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(house.account("qua3ngay").await, before);
}

#[tokio::test]
async fn a_synchronisation_does_not_lift_a_deadline_lock() {
    let house = house().await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    house.pass(Duration::minutes(15));
    house.sync().await;
    assert_eq!(reason(&house, "qua3ngay").await, Some(LockReason::DefaultPasswordKept));
}
