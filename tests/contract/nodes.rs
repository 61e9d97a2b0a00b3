//! Two nodes on one PostgreSQL: a whole day of the house, races included.

use crate::house::{House, NEW_PASSWORD, PASSWORD};
use crate::rig::Rig;
use crate::sink::Sink;
use danang_sso::app::App;
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::policy::settings::Setting;
use danang_sso::services::policy::{self, By};
use danang_sso::services::sync::{self, StartedBy, SyncRefused};
use danang_sso::services::{admins, brake, letters, lock};
use danang_sso::storage::{Db, audit};
use time::macros::datetime;

/// A house on PostgreSQL; its second node shares everything but the connections and the name.
async fn house(rig: &Rig, sink: &Sink) -> (House, App) {
    let dir = tempfile::tempdir().expect("a directory");
    let db = Db::open(&rig.value("PG_URL")).await.expect("opens");
    let house = House::on(db, dir, datetime!(2026-03-02 09:00 +7), &sink.config()).await;
    let db = Db::open(&rig.value("PG_URL")).await.expect("opens again");
    let (config, directories) = (house.app.config.clone(), house.app.directories.clone());
    let second = App::new(config, db, directories, house.app.system.clone(), house.app.keyring.clone());
    danang_sso::services::keys::ensure(&second).await.expect("the key that the first node made");
    danang_sso::services::calendar::ensure(&second).await.expect("the calendar of the first node");
    policy::ensure(&second).await.expect("the policy of the first node");
    (house, second)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_on_postgresql_share_a_day_of_the_house() {
    let rig = Rig::start("postgres", &[]);
    let sink = Sink::start().await;
    let (house, second) = house(&rig, &sink).await;
    for n in 0..12 {
        house.add(&format!("nguoi{n}"), &[Ad]);
    }
    house.add_with_default("an", &[Ad, Obm], house.app.now());
    house.add("quantri", &[Ad]);
    one_node_synchronises(&house, &second).await;
    a_person_changes_the_first_password(&house).await;
    many_sign_in_at_once_and_the_chain_stays_whole(&house).await;
    one_of_two_administrators_locks(&house, &second).await;
    both_nodes_write_and_send_letters(&house, &second, &sink).await;
    both_nodes_run_the_lock_job(&house, &second).await;
    assert!(audit::verify(&house.app.db).await.expect("reads").is_ok(), "the audit is one chain");
    second.db.close().await;
    house.app.db.close().await;
}

async fn one_node_synchronises(house: &House, second: &App) {
    let first = sync::begin(&house.app, &StartedBy::CommandLine).await.expect("begins");
    let other = sync::begin(second, &StartedBy::CommandLine).await;
    assert!(matches!(other, Err(SyncRefused::UnderWay)));
    let run = sync::carry_out(&house.app, first, &sync::Order::default()).await.expect("ends");
    assert_eq!((run.outcome.as_str(), run.created), ("done", 14));
    let again = sync::run(second, &StartedBy::CommandLine).await.expect("runs on the other node");
    assert_eq!((again.created, again.updated), (0, 0));
}

async fn a_person_changes_the_first_password(house: &House) {
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser.get("/").await.leads_to("/password");
    let fields = [("current", PASSWORD), ("new", NEW_PASSWORD), ("repeat", NEW_PASSWORD)];
    browser.post_from("/password", "/password", &fields).await;
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
    browser.get("/").await.shows("an@danang.example");
    browser.post_from("/", "/sign-out", &[]).await.leads_to("/signed-out");
}

async fn many_sign_in_at_once_and_the_chain_stays_whole(house: &House) {
    let mut all = tokio::task::JoinSet::new();
    for n in 0..12 {
        let mut browser = house.browser();
        all.spawn(async move { browser.sign_in(&format!("nguoi{n}"), PASSWORD).await.location });
    }
    let landed = all.join_all().await;
    assert!(landed.iter().all(|place| place.as_deref() == Some("/")), "{landed:?}");
    assert!(audit::verify(&house.app.db).await.expect("reads").is_ok());
}

async fn one_of_two_administrators_locks(house: &House, second: &App) {
    let address = MailAddress::parse("quantri@danang.example").expect("an address");
    admins::grant(&house.app, &address, None).await.expect("granted");
    let mut console = house.admin_browser();
    console.sign_in("quantri", PASSWORD).await.leads_to("/");
    console.get("/accounts?q=nguoi").await.shows("nguoi3@danang.example");
    console.get("/accounts?state=locked&q=x").await.hides("nguoi3@danang.example");
    let account = house.account("nguoi3").await;
    let both = tokio::join!(
        lock::enforce(
            &house.app,
            &account,
            LockReason::Inactive,
            danang_sso::domain::audit::Actor::CommandLine
        ),
        lock::enforce(
            second,
            &account,
            LockReason::ByAdministrator,
            danang_sso::domain::audit::Actor::CommandLine
        ),
    );
    assert!(both.0.is_ok() && both.1.is_ok(), "whoever is later leaves it as it is");
    let lines = audit::of_account(&house.app.db, account.id(), 20).await.expect("reads");
    assert_eq!(lines.iter().filter(|line| line.act.code() == "locked").count(), 1, "locked once");
}

async fn both_nodes_write_and_send_letters(house: &House, second: &App, sink: &Sink) {
    // What tells of the changed password goes first.
    assert_eq!(letters::send_due(&house.app).await.expect("sends"), 1);
    house.set_time(datetime!(2026-07-17 08:00 +7));
    let before = sink.recipients().len();
    let (one, other) = tokio::join!(letters::write_due(&house.app), letters::write_due(second));
    // Eleven people: the twelfth is locked, the administrator's two months are over, who changed in March is not due.
    assert_eq!(one.expect("writes") + other.expect("writes"), 11);
    let (one, other) = tokio::join!(letters::send_due(&house.app), letters::send_due(second));
    assert_eq!(one.expect("sends") + other.expect("sends"), 11, "each once");
    let recipients = sink.recipients().split_off(before);
    let distinct: std::collections::BTreeSet<_> = recipients.iter().collect();
    assert_eq!((recipients.len(), distinct.len()), (11, 11), "{recipients:?}");
}

async fn both_nodes_run_the_lock_job(house: &House, second: &App) {
    house.set_time(datetime!(2026-08-20 09:00 +7));
    let (one, two) = tokio::join!(lock::enforce_deadlines(&house.app), lock::enforce_deadlines(second));
    assert_eq!(one.expect("runs") + two.expect("runs"), 0, "so many of one agency wait for two people");
    let by = Administrator::holding(&house.account("an").await, Role::Auditor, Reach::City);
    let runs = brake::history(&house.app, &by, 9).await.expect("reads");
    assert_eq!(runs.len(), 1, "one run was stopped, not two");
    let book = house.app.book();
    let settings = book.settings.with(Setting::BrakePercent, 100).expect("a value");
    policy::change(&house.app, &By::CommandLine, book.version, (settings, book.stages.clone()), "thử")
        .await
        .expect("changed");
    policy::reload(second).await.expect("the other node reads it");
    let (one, two) = tokio::join!(lock::enforce_deadlines(&house.app), lock::enforce_deadlines(second));
    assert!(one.expect("runs") + two.expect("runs") > 10, "each is locked once, by one of the two");
    let state = *house.account("nguoi5").await.state();
    assert!(matches!(state, State::Locked { reason: LockReason::PasswordTooOld, .. }), "{state:?}");
    assert_eq!(house.account("an").await.state().name(), StateName::Active, "changed in March");
}
