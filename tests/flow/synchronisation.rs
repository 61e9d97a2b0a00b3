//! The synchronisation with the directories in memory: complete or nothing, with a brake, repeatable.

use crate::house::Browser;
use crate::house::{House, PASSWORD};
use axum::http::StatusCode;
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::Administrator;
use danang_sso::domain::id::RunId;
use danang_sso::domain::mail::LetterKind;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::sync::{LineKind, SeenAgency};
use danang_sso::jobs::{self, Synchronise};
use danang_sso::services::sync::{self, Order, PlanRefused, PlanState, StartedBy, SyncRefused, Then};
use danang_sso::services::{admins, upkeep};
use danang_sso::storage::{Db, accounts, letters, sync_plans};
use time::Duration;

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let house = House::build().await;
    house.add("an", &[Ad, Obm]);
    let first = house.sync().await;
    assert_eq!((first.outcome.as_str(), first.created, first.updated), ("done", 1, 0));
    let second = house.sync().await;
    assert_eq!((second.outcome.as_str(), second.created, second.updated), ("done", 0, 0));
}

#[tokio::test]
async fn a_directory_that_breaks_off_locks_nobody() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("binh", &[Obm]);
    house.sync().await;
    house.ad.set_partial(true);
    let run = house.sync().await;
    assert_eq!(run.outcome, "partial");
    assert!(sync::report(&run).iter().any(|r| r.system == "ad" && r.read.is_none() && r.error.is_some()));
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn when_both_are_down_the_run_fails_and_says_so() {
    let house = House::build().await;
    house.ad.set_unreachable(true);
    house.obm.set_unreachable(true);
    assert_eq!(house.sync().await.outcome, "failed");
}

#[tokio::test]
async fn the_brake_holds_a_run_in_which_many_vanish() {
    let house = House::build().await;
    for n in 0..20 {
        house.add(&format!("nguoi{n}"), &[Ad]);
    }
    house.sync().await;
    for n in 0..10 {
        house.ad.remove(&format!("nguoi{n}"));
    }
    let run = house.sync().await;
    assert_eq!(run.outcome, "held");
    assert_eq!(house.account("nguoi0").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn who_leaves_is_locked_and_who_returns_is_let_in_again() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("binh", &[Ad]);
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await;
    let subject = house.account("an").await.subject().to_owned();
    house.ad.remove("an");
    house.sync().await;
    let state = *house.account("an").await.state();
    assert!(matches!(state, State::Locked { reason: LockReason::GoneFromDirectory, .. }));
    browser.get("/").await.leads_to("/sign-in");
    house.browser().sign_in("an", PASSWORD).await.shows("chưa đúng");
    house.add("an", &[Ad]);
    house.sync().await;
    assert_eq!(house.account("an").await.subject(), subject);
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn two_runs_at_once_are_refused() {
    let house = House::build().await;
    let first = sync::begin(&house.app, &StartedBy::CommandLine).await.expect("begins");
    let second = sync::begin(&house.app, &StartedBy::CommandLine).await;
    assert!(matches!(second, Err(SyncRefused::UnderWay)));
    sync::carry_out(&house.app, first, &Order::default()).await.expect("ends");
    sync::begin(&house.app, &StartedBy::CommandLine).await.expect("begins again");
}

#[tokio::test]
async fn a_run_that_a_crash_left_behind_is_marked_and_the_next_one_goes_on() {
    let house = House::build().await;
    let left_behind = sync::begin(&house.app, &StartedBy::CommandLine).await.expect("begins");
    house.pass(time::Duration::minutes(31));
    house.sync().await;
    let runs = sync::every_run(&house.app, 5).await.expect("reads");
    let left = runs.iter().find(|run| run.id == left_behind).expect("it is kept");
    assert_eq!(left.outcome, "abandoned");
}

fn so_nv() -> SeenAgency {
    SeenAgency { code: Some("so-nv".into()), name: "Sở Nội vụ".into() }
}

/// Twenty people of so-khcn in AD, one of so-nv in OBM, and the administrators of the city and of so-nv.
async fn city() -> (House, Administrator) {
    let house = House::build().await;
    for n in 0..20 {
        house.add(&format!("nguoi{n}"), &[Ad]);
    }
    house.add("quantri", &[Ad]);
    for local in ["nv", "quantrinv"] {
        house.add_with(local, &[Obm], |seen| {
            seen.agency = Some(SeenAgency { code: None, name: "Sở Nội vụ".into() });
        });
    }
    house.add_with("truong", &[Ad], |seen| seen.agency = Some(so_nv()));
    assert_eq!(house.sync().await.outcome, "done");
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    admins::grant(&house.app, &address("quantri"), None).await.expect("granted");
    admins::grant(&house.app, &address("quantrinv"), Some("so-nv")).await.expect("granted");
    let city = admins::holder(&house.app, &address("quantri")).await.expect("a role");
    (house, city)
}

/// Ten of them vanish from AD: the run is held.
async fn ten_vanish(house: &House) -> RunId {
    for n in 0..10 {
        house.ad.remove(&format!("nguoi{n}"));
    }
    let run = house.sync().await;
    assert_eq!(run.outcome, "held");
    run.id
}

async fn sync_again(house: &House) -> sync::Run {
    house.pass(Duration::minutes(15));
    house.sync().await
}

async fn locked(house: &House) -> usize {
    let all = accounts::every(&house.app.db).await.expect("reads");
    all.iter().filter(|account| account.state().name() == StateName::Locked).count()
}

async fn state_of(house: &House, id: RunId) -> PlanState {
    sync_plans::of_run(&house.app.db, id).await.expect("reads").expect("kept").state
}

async fn letters_to(house: &House, who: &Administrator) -> usize {
    let all = letters::of_account(&house.app.db, who.account_id(), None, 50).await.expect("reads");
    all.iter().filter(|kept| kept.letter.kind() == LetterKind::SyncHeld).count()
}

async fn browser(house: &House, who: &str) -> Browser {
    let mut browser = house.admin_browser();
    browser.sign_in(who, PASSWORD).await.leads_to("/");
    browser
}

#[tokio::test]
async fn a_plan_is_kept_line_by_line_before_it_is_applied() {
    let (house, city) = city().await;
    house.add("moi", &[Ad]);
    house.ad.remove("nguoi3");
    let run = house.sync().await;
    assert_eq!(state_of(&house, run.id).await, PlanState::Applied);
    let looked = sync::look(&house.app, &city, run.id, None, 0).await.expect("reads").expect("a run");
    let lines: Vec<_> = looked.lines.iter().map(|line| (line.kind, line.subject.as_str())).collect();
    assert_eq!(
        lines,
        [
            (LineKind::Gone, "nguoi3@danang.example"),
            (LineKind::Detach, "nguoi3@danang.example"),
            (LineKind::Create, "moi@danang.example"),
        ]
    );
    let none =
        sync::look(&house.app, &city, RunId::new(house.app.now(), house.app.system.entropy()), None, 0);
    assert!(none.await.expect("reads").is_none(), "there is no such run");
}

#[tokio::test]
async fn a_run_that_would_lock_many_disabled_ones_is_held() {
    let (house, _) = city().await;
    for n in 0..10 {
        house.add_with(&format!("nguoi{n}"), &[Ad], |seen| seen.enabled = false);
    }
    let run = house.sync().await;
    assert_eq!(run.outcome, "held");
    let plan = sync_plans::of_run(&house.app.db, run.id).await.expect("reads").expect("kept");
    assert_eq!((plan.excess.as_str(), plan.state), ("lock 10/24", PlanState::Held));
    assert_eq!(locked(&house).await, 0);
}

#[tokio::test]
async fn a_run_that_moves_many_to_another_agency_is_held_and_a_few_move_at_once() {
    let (house, _) = city().await;
    let moves = async |range: std::ops::Range<i32>| {
        for n in range {
            house.add_with(&format!("nguoi{n}"), &[Ad], |seen| seen.agency = Some(so_nv()));
        }
        house.sync().await
    };
    assert_eq!(moves(0..5).await.outcome, "done", "five are everyday");
    let run = moves(5..11).await;
    assert_eq!(run.outcome, "held", "six of 24 are not");
    let plan = sync_plans::of_run(&house.app.db, run.id).await.expect("reads").expect("kept");
    assert_eq!(plan.excess, "move 6/24");
}

#[tokio::test]
async fn a_held_run_is_told_once_however_often_the_next_ones_plan_the_same() {
    let (house, city) = city().await;
    let held = ten_vanish(&house).await;
    let again = sync_again(&house).await;
    assert_eq!((again.outcome.as_str(), state_of(&house, again.id).await), ("held", PlanState::Repeats));
    assert_eq!(state_of(&house, held).await, PlanState::Held);
    assert_eq!(letters_to(&house, &city).await, 1);
}

#[tokio::test]
async fn an_approved_plan_is_applied_by_the_next_run_and_only_once() {
    let (house, city) = city().await;
    let held = ten_vanish(&house).await;
    let no_reason = sync::approve(&house.app, &city, held, "  ").await;
    assert!(matches!(no_reason, Err(PlanRefused::NoReason)));
    sync::approve(&house.app, &city, held, "Giải thể phòng, đã đối chiếu").await.expect("approved");
    assert!(matches!(sync::approve(&house.app, &city, held, "x").await, Err(PlanRefused::Gone)), "not twice");
    house.add("moi", &[Ad]);
    let run = sync_again(&house).await;
    assert_eq!((run.outcome.as_str(), run.created), ("done", 1), "who is new meanwhile needs no approval");
    assert_eq!(locked(&house).await, 10);
    assert_eq!(state_of(&house, held).await, PlanState::Used);
    for n in 10..16 {
        house.ad.remove(&format!("nguoi{n}"));
    }
    assert_eq!(sync_again(&house).await.outcome, "held", "the approval is used up");
    assert_eq!((locked(&house).await, letters_to(&house, &city).await), (10, 2));
}

#[tokio::test]
async fn a_plan_that_grew_after_the_approval_is_held_again() {
    let (house, city) = city().await;
    let held = ten_vanish(&house).await;
    sync::approve(&house.app, &city, held, "đã xem").await.expect("approved");
    house.ad.remove("nguoi10");
    let grown = sync_again(&house).await;
    assert_eq!((grown.outcome.as_str(), locked(&house).await), ("held", 0));
    assert_eq!(state_of(&house, held).await, PlanState::Replaced);
    assert_eq!(state_of(&house, grown.id).await, PlanState::Held);
    assert_eq!(letters_to(&house, &city).await, 2, "it is told anew");
}

#[tokio::test]
async fn an_approval_is_for_these_people_and_for_a_day() {
    let (house, city) = city().await;
    let held = ten_vanish(&house).await;
    sync::approve(&house.app, &city, held, "đã xem").await.expect("approved");
    house.add("nguoi0", &[Ad]);
    house.ad.remove("nguoi10");
    let other = sync_again(&house).await;
    assert_eq!((other.outcome.as_str(), locked(&house).await), ("held", 0), "as many, but not the same");
    sync::approve(&house.app, &city, other.id, "đã xem").await.expect("approved");
    house.pass(Duration::hours(25));
    assert_eq!(house.sync().await.outcome, "held", "it was approved too long ago");
    assert_eq!(locked(&house).await, 0);
}

#[tokio::test]
async fn a_refused_plan_stays_held_until_the_directory_is_mended_or_somebody_approves_after_all() {
    let (house, city) = city().await;
    let held = ten_vanish(&house).await;
    sync::refuse(&house.app, &city, held, "OU bị xóa nhầm").await.expect("refused");
    assert_eq!(sync_again(&house).await.outcome, "held");
    assert_eq!(letters_to(&house, &city).await, 1, "in silence");
    for n in 0..10 {
        house.add(&format!("nguoi{n}"), &[Ad]);
    }
    assert_eq!(sync_again(&house).await.outcome, "done");
    assert_eq!((locked(&house).await, state_of(&house, held).await), (0, PlanState::Released));
    assert!(sync::decision_waits(&house.app).await.expect("reads").is_none());
    let held = ten_vanish(&house).await;
    sync::refuse(&house.app, &city, held, "chưa rõ").await.expect("refused");
    sync::approve(&house.app, &city, held, "đã rõ").await.expect("approved after all");
    sync_again(&house).await;
    assert_eq!(locked(&house).await, 10);
}

#[tokio::test]
async fn a_plan_that_is_only_looked_at_applies_nothing_and_tells_nobody() {
    let (house, city) = city().await;
    let only_plan = Order { then: Then::Keep, ..Order::default() };
    house.add("moi", &[Ad]);
    for n in 0..10 {
        house.ad.remove(&format!("nguoi{n}"));
    }
    let run = sync::run_as(&house.app, &StartedBy::CommandLine, &only_plan).await.expect("runs");
    assert_eq!((run.outcome.as_str(), run.created, run.updated), ("planned", 0, 0));
    assert_eq!(state_of(&house, run.id).await, PlanState::Planned);
    assert_eq!((locked(&house).await, letters_to(&house, &city).await), (0, 0));
    let planned = sync::approve(&house.app, &city, run.id, "x").await;
    assert!(matches!(planned, Err(PlanRefused::Gone)), "there is nothing to approve");
}

#[tokio::test]
async fn one_directory_alone_is_read_and_the_other_ones_mailboxes_stay() {
    let (house, _) = city().await;
    house.ad.remove("nguoi0");
    house.obm.remove("nv");
    let only_obm = Order { only: Some(Obm), ..Order::default() };
    let run = sync::run_as(&house.app, &StartedBy::CommandLine, &only_obm).await.expect("runs");
    assert_eq!((run.outcome.as_str(), sync::report(&run).len()), ("done", 1));
    assert_eq!(house.account("nv").await.state().name(), StateName::Locked);
    assert_eq!(house.account("nguoi0").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn a_run_of_the_other_directory_does_not_end_the_waiting() {
    let (house, city) = city().await;
    let held = ten_vanish(&house).await;
    sync::approve(&house.app, &city, held, "đã xem").await.expect("approved");
    let only_obm = Order { only: Some(Obm), ..Order::default() };
    let run = sync::run_as(&house.app, &StartedBy::CommandLine, &only_obm).await.expect("runs");
    assert_eq!((run.outcome.as_str(), state_of(&house, held).await), ("done", PlanState::Approved));
    sync_again(&house).await;
    assert_eq!(locked(&house).await, 10);
}

#[tokio::test]
async fn only_the_operator_goes_past_the_limits_and_says_why() {
    let (house, city) = city().await;
    let held = ten_vanish(&house).await;
    let anyway = Order { then: Then::ApplyWhateverItsSize("diễn tập".to_owned()), ..Order::default() };
    let by_console = sync::run_as(&house.app, &StartedBy::Administrator(&city), &anyway).await;
    assert!(matches!(by_console, Err(SyncRefused::CommandLineOnly)));
    let run = sync::run_as(&house.app, &StartedBy::CommandLine, &anyway).await.expect("runs");
    assert_eq!((run.outcome.as_str(), locked(&house).await), ("done", 10));
    assert_eq!(state_of(&house, held).await, PlanState::Replaced);
}

#[tokio::test]
async fn a_held_run_is_looked_at_and_approved_on_its_page() {
    let (house, _) = city().await;
    let held = ten_vanish(&house).await;
    let path = format!("/sync/runs/{held}");
    let mut browser = browser(&house, "quantri").await;
    browser.get("/").await.shows(&path);
    browser.get("/sync").await.shows("chờ duyệt").shows(&path);
    let page = browser.get(&path).await;
    page.shows("10 trên 24 tài khoản đang mở sẽ bị khóa")
        .shows("nguoi9@danang.example")
        .shows("approve-form")
        .shows("id=\"outcome\">Dừng để kiểm tra");
    browser.get(&format!("{path}?kind=create")).await.shows("Không có dòng nào phù hợp");
    browser.get(&format!("{path}?kind=drunk&after=x")).await.shows("nguoi9@danang.example");
    let empty = browser.post_from(&path, &format!("{path}/approve"), &[("reason", "")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let forged = browser.post(&format!("{path}/approve"), &[("reason", "x")]).await;
    assert!(!forged.status.is_redirection(), "without its token");
    let sent = browser.post_from(&path, &format!("{path}/approve"), &[("reason", "<b>đã xem")]).await;
    sent.leads_to(&format!("{path}?note=approved"));
    browser.get(&path).await.shows("&#60;b&#62;đã xem").hides("approve-form").hides("Dừng để kiểm tra");
    assert_eq!(browser.get("/sync/runs/none").await.status, StatusCode::NOT_FOUND);
    sync_again(&house).await;
    assert_eq!(locked(&house).await, 10);
}

#[tokio::test]
async fn a_run_is_refused_on_its_page() {
    let (house, _) = city().await;
    let path = format!("/sync/runs/{}", ten_vanish(&house).await);
    let mut browser = browser(&house, "quantri").await;
    let sent = browser.post_from(&path, &format!("{path}/refuse"), &[("reason", "nhầm")]).await;
    sent.leads_to(&format!("{path}?note=refused"));
    browser
        .get(&path)
        .await
        .shows("Bị từ chối")
        .shows("approve-form")
        .hides("refuse-form")
        .hides("id=\"outcome\"");
}

#[tokio::test]
async fn an_agency_sees_its_own_lines_and_decides_nothing() {
    let (house, _) = city().await;
    house.ad.remove("truong");
    house.add_with("nguoi10", &[Ad], |seen| seen.agency = Some(so_nv()));
    let held = ten_vanish(&house).await;
    let path = format!("/sync/runs/{held}");
    let mut browser = browser(&house, "quantrinv").await;
    let page = browser.get(&path).await;
    page.shows("truong@danang.example").shows("nguoi10@danang.example").hides("nguoi9@danang.example");
    page.hides("approve-form").hides("trên 24 tài khoản").shows("(3)");
    let newcomer = house.account("nguoi10").await.id();
    page.hides(&format!("/accounts/{newcomer}"));
    let refused = browser.post_from("/accounts", &format!("{path}/approve"), &[("reason", "x")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(state_of(&house, held).await, PlanState::Held);
    browser.get("/").await.hides("sync-held");
}

#[tokio::test]
async fn a_long_plan_is_paged_and_its_lines_are_forgotten_after_three_months() {
    let (house, city) = city().await;
    for n in 100..220 {
        house.add(&format!("nguoi{n}"), &[Ad]);
    }
    let run = house.sync().await;
    let look = async |after| {
        sync::look(&house.app, &city, run.id, Some(LineKind::Create), after)
            .await
            .expect("reads")
            .expect("a run")
    };
    let first = look(0).await;
    assert_eq!((first.lines.len(), first.counts[&LineKind::Create]), (100, 120));
    let second = look(first.next.expect("there is more")).await;
    assert_eq!((second.lines.len(), second.next), (20, None));
    house.pass(Duration::days(91));
    upkeep::forget(&house.app).await.expect("forgets");
    let old = look(0).await;
    assert_eq!((old.lines.len(), old.counts[&LineKind::Create]), (0, 120), "the numbers stay");
}

#[tokio::test]
async fn holding_and_every_decision_are_in_the_audit_with_the_reason() {
    let (house, city) = city().await;
    let held = ten_vanish(&house).await;
    sync::refuse(&house.app, &city, held, "chưa rõ").await.expect("refused");
    sync::approve(&house.app, &city, held, "đã rõ").await.expect("approved");
    house.ad.remove("nguoi10");
    let grown = sync_again(&house).await.id;
    let anyway = Order { then: Then::ApplyWhateverItsSize("diễn tập".to_owned()), ..Order::default() };
    let forced = sync::run_as(&house.app, &StartedBy::CommandLine, &anyway).await.expect("runs").id;
    let Db::Sqlite { readers, .. } = &house.app.db else { panic!("the house is on SQLite") };
    let acts = "SELECT act, actor_kind, subject, why FROM audit \
                WHERE act IN ('sync_held', 'sync_approved', 'sync_refused') ORDER BY seq";
    let lines: Vec<(String, String, String, Option<String>)> =
        sqlx::query_as(acts).fetch_all(readers).await.expect("reads");
    let line = |act: &str, who: &str, run: RunId, why: Option<&str>| {
        (act.to_owned(), who.to_owned(), run.to_string(), why.map(str::to_owned))
    };
    assert_eq!(
        lines,
        [
            line("sync_held", "job", held, None),
            line("sync_refused", "administrator", held, Some("chưa rõ")),
            line("sync_approved", "administrator", held, Some("đã rõ")),
            line("sync_held", "job", grown, None),
            line("sync_approved", "command_line", forced, Some("diễn tập")),
        ]
    );
}

#[tokio::test]
async fn each_directory_has_a_schedule_of_its_own() {
    let house =
        House::at(time::macros::datetime!(2026-03-02 09:00 +7), "[sync]\nobm_every_minutes = 60\n").await;
    house.add("an", &[Ad, Obm]);
    let read = async |house: &House| {
        jobs::run_once(&house.app, &Synchronise).await;
        let runs = sync::every_run(&house.app, 1).await.expect("reads");
        let mut read: Vec<_> = sync::report(&runs[0]).into_iter().map(|report| report.system).collect();
        read.sort();
        (runs[0].id, read.join(" "))
    };
    let (first, both) = read(&house).await;
    assert_eq!(both, "ad obm");
    house.pass(Duration::minutes(1));
    assert_eq!(read(&house).await.0, first, "nothing is due");
    for _ in 0..3 {
        house.pass(Duration::minutes(15));
        assert_eq!(read(&house).await.1, "ad");
    }
    house.pass(Duration::minutes(15));
    assert_eq!(read(&house).await.1, "ad obm");
    // one that cannot be read is tried again at the next look
    house.pass(Duration::minutes(60));
    house.obm.set_unreachable(true);
    read(&house).await;
    house.obm.set_unreachable(false);
    house.pass(Duration::minutes(15));
    assert_eq!(read(&house).await.1, "ad obm");
}
