//! The regulation's clock as a whole: values and stages in versions, waves, promises, and the brake on mass locks.

use crate::house::{House, PASSWORD};
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::mail::LetterKind;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::policy::deadline::Rule;
use danang_sso::domain::policy::settings::Setting;
use danang_sso::domain::policy::stage::Stage;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::jobs::{self, EnforceDeadlines, ReadRegulation};
use danang_sso::services::brake::{self, BrakeRefused};
use danang_sso::services::policy::{self, By, ChangeRefused};
use danang_sso::services::{admins, deadlines};
use danang_sso::storage::{accounts, letters, lock_runs, told_deadlines};
use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};

const MONDAY: OffsetDateTime = datetime!(2026-03-02 09:00 +7);

async fn grant(house: &House, local: &str) -> Administrator {
    let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    Administrator::holding(&house.account(local).await, Role::City, Reach::City)
}

/// Whoever looks at the whole city.
async fn onlooker(house: &House, local: &str) -> Administrator {
    Administrator::holding(&house.account(local).await, Role::Auditor, Reach::City)
}

/// Two administrators, and an agency of people whose passwords are all too old.
async fn estate(overdue: usize) -> House {
    let house = House::at(MONDAY, "").await;
    house.add("lan", &[Ad]);
    house.add("tuan", &[Ad]);
    for number in 0..overdue {
        house.add_with(&format!("cu{number}"), &[Ad], |seen| {
            seen.agency =
                Some(SeenAgency { code: Some("ubnd".to_owned()), name: "UBND phường".to_owned() });
            seen.password_set_at = Some(Timestamp::from_datetime(MONDAY - Duration::days(300)));
        });
    }
    house.sync().await;
    house
}

async fn locked(house: &House) -> usize {
    let all = accounts::every(&house.app.db).await.expect("reads");
    all.iter().filter(|account| account.state().name() == StateName::Locked).count()
}

#[tokio::test]
async fn a_run_that_would_lock_many_waits_for_two_people() {
    let house = estate(8).await;
    let (lan, tuan) = (grant(&house, "lan").await, grant(&house, "tuan").await);
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 0, "eight of an agency of eight");
    let waiting = brake::waiting(&house.app, &lan).await.expect("reads").expect("it waits");
    assert_eq!((waiting.load.total, waiting.accounts.len()), (8, 8));
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let told = letters::of_account(&house.app.db, lan.account_id(), None, 9).await.expect("reads");
    assert_eq!(told.len(), 1, "one letter to each administrator, however often the job runs");
    assert_eq!(told[0].letter.kind(), LetterKind::RunHeld);
    // Nobody is locked one by one at the sign-in either: only a new password is possible.
    let mut browser = house.browser();
    browser.sign_in("cu0", PASSWORD).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
    assert_eq!(locked(&house).await, 0);

    let run = waiting.run.id;
    assert!(!brake::approve(&house.app, &lan, run, "đã xem").await.expect("the first"));
    let twice = brake::approve(&house.app, &lan, run, "đã xem").await;
    assert!(matches!(twice, Err(BrakeRefused::Twice)), "{twice:?}");
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 0, "one is not enough");
    assert!(brake::approve(&house.app, &tuan, run, "đồng ý").await.expect("the second"));
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 8);
    let runs = brake::history(&house.app, &lan, 5).await.expect("reads");
    assert_eq!((runs[0].state, runs[0].locked), (lock_runs::RunState::Done, 8));
}

#[tokio::test]
async fn a_stopped_run_is_not_for_an_administrator_of_one_agency() {
    let house = estate(8).await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let account = house.account("lan").await;
    let agency = account.profile().agency_id.expect("an agency");
    let by = Administrator::holding(&account, Role::Agency, Reach::of_agency(agency));
    let waiting = brake::waiting(&house.app, &by).await.expect("reads").expect("it is shown");
    assert_eq!((waiting.load.total, waiting.accounts.len()), (0, 0), "other people's accounts are not");
    let told = (waiting.run.accounts, waiting.run.reason.as_str());
    assert_eq!(told, (0, ""), "nor is how many of whom they are");
    let lan = grant(&house, "lan").await;
    assert!(!brake::approve(&house.app, &lan, waiting.run.id, "đã xem UBND phường").await.expect("approved"));
    let waiting = brake::waiting(&house.app, &by).await.expect("reads").expect("it is shown");
    let approvals: Vec<_> = waiting.approvals.iter().map(|one| (one.by.as_str(), one.why.as_str())).collect();
    assert_eq!(approvals, [("", "")], "that somebody did, and when");
    let past = brake::history(&house.app, &by, 5).await.expect("reads");
    assert_eq!((past[0].accounts, past[0].reason.as_str(), past[0].locked), (0, "", 0));
    let whole = brake::history(&house.app, &lan, 5).await.expect("reads");
    assert_eq!(whole[0].accounts, 8, "the city is told");
    let refused = brake::approve(&house.app, &by, waiting.run.id, "thử").await;
    assert!(matches!(refused, Err(BrakeRefused::Forbidden(_))), "{refused:?}");
}

#[tokio::test]
async fn the_word_of_who_lost_the_role_since_does_not_release_a_run() {
    let house = estate(8).await;
    let (lan, tuan, third) =
        (grant(&house, "lan").await, grant(&house, "tuan").await, grant(&house, "cu7").await);
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let run = brake::waiting(&house.app, &lan).await.expect("reads").expect("it waits").run.id;
    assert!(!brake::approve(&house.app, &lan, run, "đã xem").await.expect("the first"));
    let address = MailAddress::parse("lan@danang.example").expect("an address");
    admins::revoke(&house.app, &address).await.expect("revoked");
    let waiting = brake::waiting(&house.app, &tuan).await.expect("reads").expect("it waits");
    assert!(waiting.approvals.is_empty(), "who is no administrator has approved nothing");
    assert!(!brake::approve(&house.app, &tuan, run, "đồng ý").await.expect("the first that counts"));
    let state = brake::waiting(&house.app, &tuan).await.expect("reads").expect("it waits").run.state;
    assert_eq!(state, lock_runs::RunState::Held);
    assert!(brake::approve(&house.app, &third, run, "đồng ý").await.expect("the second"));
}

#[tokio::test]
async fn five_people_of_an_agency_are_no_mass_lock() {
    let house = estate(5).await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 5);
}

#[tokio::test]
async fn a_stopped_run_is_released_when_enough_people_have_changed_their_passwords() {
    let house = estate(7).await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 0);
    for number in 0..3 {
        house.ad.edit(&format!("cu{number}"), |seen| {
            seen.password_set_at = Some(Timestamp::from_datetime(MONDAY));
        });
    }
    house.sync().await;
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 4);
    let runs = brake::history(&house.app, &onlooker(&house, "lan").await, 5).await.expect("reads");
    assert_eq!(runs[0].state, lock_runs::RunState::Released);
}

#[tokio::test]
async fn a_stopped_run_can_be_postponed_and_everybody_keeps_the_new_day() {
    let house = estate(8).await;
    let lan = grant(&house, "lan").await;
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let run = brake::waiting(&house.app, &lan).await.expect("reads").expect("it waits").run.id;
    let sunday = brake::postpone(&house.app, &lan, run, date!(2026 - 03 - 15), "hoãn").await;
    assert!(matches!(sunday, Err(BrakeRefused::NoDay)), "{sunday:?}");
    let given = brake::postpone(&house.app, &lan, run, date!(2026 - 03 - 16), "chờ tập huấn").await;
    assert_eq!(given.expect("postponed"), 8);
    house.set_time(datetime!(2026-03-16 16:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 0);
    assert!(brake::waiting(&house.app, &lan).await.expect("reads").is_none());
    house.set_time(datetime!(2026-03-17 08:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert!(brake::waiting(&house.app, &lan).await.expect("reads").is_some(), "it is a mass lock again");
}

#[tokio::test]
async fn a_job_that_was_off_for_two_weeks_locks_nobody_outside_the_brake() {
    let house = House::at(MONDAY, "").await;
    for number in 0..8 {
        house.add_with_default(&format!("moi{number}"), &[Obm], house.app.now());
    }
    house.sync().await;
    house.set_time(datetime!(2026-03-20 08:00 +7));
    // Somebody comes before the job does.
    let mut browser = house.browser();
    browser.sign_in("moi0", PASSWORD).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 0);
    assert_eq!(brake::history(&house.app, &onlooker(&house, "moi0").await, 5).await.expect("reads").len(), 1);
}

#[tokio::test]
async fn two_nodes_that_run_the_job_at_once_stop_one_run_and_lock_each_account_once() {
    let house = estate(4).await;
    let (one, two) = tokio::join!(
        danang_sso::services::lock::enforce_deadlines(&house.app),
        danang_sso::services::lock::enforce_deadlines(&house.app)
    );
    assert_eq!(one.expect("runs") + two.expect("runs"), 4);
    let id = house.account("cu0").await.id();
    let lines = danang_sso::storage::audit::of_account(&house.app.db, id, 20).await.expect("reads");
    assert_eq!(lines.iter().filter(|line| line.act.code() == "locked").count(), 1);
    let house = estate(8).await;
    let (one, two) = tokio::join!(
        danang_sso::services::lock::enforce_deadlines(&house.app),
        danang_sso::services::lock::enforce_deadlines(&house.app)
    );
    assert_eq!(one.expect("runs") + two.expect("runs"), 0);
    assert_eq!(brake::history(&house.app, &onlooker(&house, "lan").await, 5).await.expect("reads").len(), 1);
}

#[tokio::test]
async fn an_old_estate_is_switched_on_in_waves() {
    let house = estate(4).await;
    let lan = grant(&house, "lan").await;
    let book = house.app.book();
    let agency = house.account("cu0").await.profile().agency_id;
    let mut stages = book.stages.clone();
    stages.set(Rule::PasswordAge, None, Stage::OBSERVED);
    let wave = Stage { warn_from: Some(date!(2026 - 03 - 09)), enforce_from: Some(date!(2026 - 03 - 23)) };
    stages.set(Rule::PasswordAge, agency, wave);
    let effect = policy::effect(&house.app, &book.settings, &stages).await.expect("simulated");
    assert_eq!((effect.later, effect.due_at_once, effect.end), (4, 0, 2), "{effect:?}");
    let by = By::Administrator(&lan);
    let version = policy::change(&house.app, &by, book.version, (book.settings.clone(), stages), "đợt 1");
    assert_eq!(version.await.expect("changed"), 2);
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 0);
    house.set_time(datetime!(2026-03-23 17:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 0, "the first day of the wave is everybody's last");
    house.set_time(datetime!(2026-03-24 07:30 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(locked(&house).await, 4);
    // An undo is a new version that says what the first one said.
    let back = policy::revert(&house.app, &by, 1, "quay lại").await.expect("reverted");
    assert_eq!((back, house.app.book().stages.clone()), (3, book.stages.clone()));
}

#[tokio::test]
async fn a_change_needs_a_reason_the_right_version_and_the_whole_city() {
    let house = estate(1).await;
    let lan = grant(&house, "lan").await;
    let by = By::Administrator(&lan);
    let book = house.app.book();
    let shorter = || (book.settings.with(Setting::MonthsPerson, 5).expect("a value"), book.stages.clone());
    let refused = policy::change(&house.app, &by, 1, shorter(), "  ").await;
    assert!(matches!(refused, Err(ChangeRefused::NoReason)), "{refused:?}");
    let refused = policy::change(&house.app, &by, 7, shorter(), "thử").await;
    assert!(matches!(refused, Err(ChangeRefused::Conflict)), "{refused:?}");
    let same = (book.settings.clone(), book.stages.clone());
    let refused = policy::change(&house.app, &by, 1, same, "thử").await;
    assert!(matches!(refused, Err(ChangeRefused::Nothing)), "{refused:?}");
    let mut stages = book.stages.clone();
    let late = Stage { warn_from: Some(date!(2026 - 05 - 05)), enforce_from: Some(date!(2026 - 05 - 04)) };
    stages.set(Rule::Inactivity, None, late);
    let refused = policy::change(&house.app, &by, 1, (book.settings.clone(), stages), "thử").await;
    assert!(matches!(refused, Err(ChangeRefused::OutOfOrder)), "{refused:?}");
    let account = house.account("lan").await;
    let agency = Reach::of_agency(account.profile().agency_id.expect("an agency"));
    let limited = Administrator::holding(&account, Role::Agency, agency);
    let refused = policy::change(&house.app, &By::Administrator(&limited), 1, shorter(), "thử").await;
    assert!(matches!(refused, Err(ChangeRefused::Forbidden(_))), "{refused:?}");
    assert_eq!(house.app.book().version, 1);
    assert_eq!(policy::history(&house.app, 10).await.expect("reads").len(), 1);
}

#[tokio::test]
async fn what_a_person_has_seen_moves_later_never_earlier() {
    let house = House::at(MONDAY, "").await;
    house.add("thay", &[Ad]);
    house.add("chua", &[Ad]);
    house.sync().await;
    // Set on 31 January: six months end on Friday 31 July.
    let mut browser = house.browser();
    browser.sign_in("thay", PASSWORD).await;
    browser.get("/").await.shows("31/07/2026");
    let book = house.app.book();
    let settings = book.settings.with(Setting::MonthsPerson, 5).expect("a value");
    let effect = policy::effect(&house.app, &settings, &book.stages).await.expect("simulated");
    assert_eq!((effect.earlier, effect.kept), (1, 1), "{effect:?}");
    policy::change(&house.app, &By::CommandLine, 1, (settings, book.stages.clone()), "5 tháng")
        .await
        .expect("changed");
    deadlines::keep(&house.app).await.expect("computed anew");
    let last_day = async |local: &str| {
        let account = house.account(local).await;
        house.app.regulation().running(&account).expect("a term runs").last_day
    };
    assert_eq!(last_day("thay").await, date!(2026 - 07 - 31));
    assert_eq!(last_day("chua").await, date!(2026 - 06 - 30));
    browser.get("/").await.shows("31/07/2026").shows("hạn đã báo trước được giữ nguyên");
    let told = told_deadlines::of_account(&house.app.db, house.account("thay").await.id(), 9).await;
    let told = told.expect("reads");
    assert_eq!(told.len(), 1, "once for each deadline");
    assert!(told[0].days.contains("2026-07-31\t+\tsame day number"), "{}", told[0].days);
}

#[tokio::test]
async fn the_policy_of_another_node_is_read_within_a_minute() {
    let house = estate(0).await;
    let book = house.app.book();
    let settings = book.settings.with(Setting::OpeningMinute, 480).expect("a value");
    policy::change(&house.app, &By::CommandLine, 1, (settings, book.stages.clone()), "8 giờ")
        .await
        .expect("changed");
    house.app.set_book((*book).clone());
    jobs::run_once(&house.app, &ReadRegulation).await;
    assert_eq!(house.app.book().settings.get(Setting::OpeningMinute), 480);
}

#[tokio::test]
async fn a_role_shortens_the_term_and_is_told_in_the_audit_with_rule_and_versions() {
    let house = House::at(MONDAY, "").await;
    house.add("an", &[Ad]);
    house.sync().await;
    grant(&house, "an").await;
    let account = house.account("an").await;
    let deadline = house.app.regulation().running(&account).expect("a term runs");
    assert_eq!(deadline.last_day, date!(2026 - 03 - 31), "31 January and two months");
    house.set_time(datetime!(2026-04-01 08:00 +7));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    let state = *house.account("an").await.state();
    assert!(matches!(state, State::Locked { reason: LockReason::PasswordTooOld, .. }), "{state:?}");
    let lines = danang_sso::storage::audit::of_account(&house.app.db, account.id(), 9).await.expect("reads");
    let why = lines.iter().find_map(|line| line.why.clone()).expect("a reason");
    assert_eq!(why, "password-age 2026-01-31..2026-03-31 policy 1 calendar 1");
}

#[tokio::test]
async fn nobody_is_overdue_the_moment_they_get_a_role() {
    let house = House::at(MONDAY, "").await;
    house.add_with("an", &[Ad], |seen| {
        seen.password_set_at = Some(Timestamp::from_datetime(MONDAY - Duration::days(120)));
    });
    house.sync().await;
    grant(&house, "an").await;
    let account = house.account("an").await;
    let deadline = house.app.regulation().running(&account).expect("a term runs");
    assert_eq!(deadline.last_day, date!(2026 - 03 - 05), "three working days to change it");
    assert_eq!(account.traces().written, house.app.regulation().terms(&account));
}
