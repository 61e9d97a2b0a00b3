//! The synchronisation with the directories in memory: complete or nothing, with a brake, repeatable.

use crate::house::{House, PASSWORD};
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::services::sync::{self, StartedBy, SyncRefused};

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
    sync::carry_out(&house.app, first).await.expect("ends");
    sync::begin(&house.app, &StartedBy::CommandLine).await.expect("begins again");
}

#[tokio::test]
async fn a_run_that_a_crash_left_behind_is_marked_and_the_next_one_goes_on() {
    let house = House::build().await;
    let left_behind = sync::begin(&house.app, &StartedBy::CommandLine).await.expect("begins");
    house.pass(time::Duration::minutes(31));
    house.sync().await;
    let runs = sync::runs(&house.app, 5).await.expect("reads");
    let left = runs.iter().find(|run| run.id == left_behind).expect("it is kept");
    assert_eq!(left.outcome, "abandoned");
}
