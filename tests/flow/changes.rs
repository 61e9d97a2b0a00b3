//! The synchronisation reads what changed, and comes to the same as if it had read everything.

use crate::house::{House, PASSWORD};
use danang_sso::domain::account::{LockReason, State};
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::services::admins;
use danang_sso::services::sync::{self, DirectoryReport, Order, Run, StartedBy, Then};
use danang_sso::storage::directory_entries as entries;
use danang_sso::storage::{accounts, aliases};
use time::Duration;

fn address(local: &str) -> MailAddress {
    MailAddress::parse(&format!("{local}@danang.example")).expect("an address")
}

fn of(run: &Run, system: &str) -> DirectoryReport {
    sync::report(run).into_iter().find(|report| report.system == system).expect("it is told")
}

async fn run(house: &House, order: &Order) -> Run {
    sync::run_as(&house.app, &StartedBy::CommandLine, order).await.expect("runs")
}

#[tokio::test]
async fn a_run_reads_what_changed_and_once_a_day_everything() {
    let house = House::build().await;
    for local in ["an", "binh", "chi"] {
        house.add(local, &[Ad]);
    }
    let told = |run: &Run| {
        let report = of(run, "ad");
        (report.whole, report.changed, report.read)
    };
    assert_eq!(told(&house.sync().await), (true, 3, Some(3)));
    assert_eq!(told(&house.sync().await), (false, 0, Some(3)));
    house.ad.edit("binh", |seen| seen.title = Some("Trưởng phòng".to_owned()));
    house.ad.remove("chi");
    let changed = house.sync().await;
    assert_eq!((told(&changed), changed.updated, changed.vanished), ((false, 1, Some(2)), 2, 1));
    assert_eq!(house.account("binh").await.profile().title.as_deref(), Some("Trưởng phòng"));
    assert!(matches!(house.account("chi").await.state(), State::Locked { .. }));
    house.pass(Duration::hours(23));
    assert_eq!(told(&house.sync().await), (false, 0, Some(2)));
    house.pass(Duration::hours(1));
    assert_eq!(told(&house.sync().await), (true, 2, Some(2)));
    assert_eq!(told(&house.sync().await), (false, 0, Some(2)));
    let everything = Order { everything: true, ..Order::default() };
    assert_eq!(told(&run(&house, &everything).await), (true, 2, Some(2)));
}

#[tokio::test]
async fn a_change_in_one_directory_leaves_what_the_other_one_says() {
    let house = House::build().await;
    house.add("an", &[Ad, Obm]);
    house.ad.edit("an", |seen| seen.aliases = vec![address("an.ad")]);
    house.obm.edit("an", |seen| seen.aliases = vec![address("an.obm")]);
    house.sync().await;
    let all = async || {
        let account = house.account("an").await;
        let aliases = aliases::of(&house.app.db, account.id()).await.expect("reads");
        (account.profile().display_name.clone(), aliases)
    };
    let before = all().await;
    assert_eq!(before.1, [address("an.ad"), address("an.obm")]);
    house.obm.edit("an", |seen| {
        "Another Name".clone_into(&mut seen.display_name);
        seen.aliases.push(address("an.obm2"));
    });
    assert_eq!(of(&house.sync().await, "ad").changed, 0);
    let (name, aliases) = all().await;
    assert_eq!(name, before.0, "Active Directory has the word");
    assert_eq!(aliases, [address("an.ad"), address("an.obm2"), address("an.obm")]);
}

#[tokio::test]
async fn who_asked_for_an_address_in_vain_gets_it_once_it_is_free() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.ad.edit("an", |seen| seen.aliases = vec![address("binh")]);
    house.sync().await;
    house.add("binh", &[Obm]);
    let first = house.sync().await;
    assert_eq!((first.created, of(&first, "obm").passed_over_count), (0, 1));
    // it does not change any more, and is not forgotten
    let second = house.sync().await;
    assert_eq!((of(&second, "obm").changed, of(&second, "obm").passed_over_count), (0, 1));
    house.ad.edit("an", |seen| seen.aliases.clear());
    house.sync().await;
    let third = house.sync().await;
    assert_eq!(of(&third, "obm").passed_over_count, 0);
    let holder = accounts::by_address(&house.app.db, &address("binh")).await.expect("reads");
    assert_eq!(holder.map(|account| account.profile().address.clone()), Some(address("binh")));
}

#[tokio::test]
async fn what_was_only_looked_at_is_told_again() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house.ad.edit("an", |seen| seen.enabled = false);
    let look = Order { then: Then::Keep, ..Order::default() };
    for _ in 0..2 {
        assert_eq!(run(&house, &look).await.outcome, "planned");
    }
    assert!(matches!(house.account("an").await.state(), State::Active { .. }));
    house.sync().await;
    let state = *house.account("an").await.state();
    assert!(matches!(state, State::Locked { reason: LockReason::DisabledInDirectory, .. }));
}

#[tokio::test]
async fn a_directory_that_breaks_off_goes_on_from_where_it_was() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    house.ad.edit("an", |seen| seen.title = Some("Mới".to_owned()));
    house.ad.set_partial(true);
    house.sync().await;
    house.ad.set_partial(false);
    let after = house.sync().await;
    assert_eq!((of(&after, "ad").whole, of(&after, "ad").changed, after.updated), (false, 1, 1));
}

#[tokio::test]
async fn everything_is_compared_once_more_and_repairs_what_the_house_lost() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("binh", &[Ad]);
    house.sync().await;
    // as a restored backup that is older than what was read
    let id = house.account("an").await.id();
    let kept = entries::every(&house.app.db, Ad).await.expect("reads");
    let mailboxes = danang_sso::storage::mailboxes::of_account(&house.app.db, id).await.expect("reads");
    let mut tx = house.app.db.begin().await.expect("begins");
    danang_sso::storage::mailboxes::delete(&mut tx, mailboxes[0].id).await.expect("deleted");
    tx.commit().await.expect("commits");
    assert_eq!((kept.len(), house.sync().await.updated), (2, 0));
    let everything = Order { everything: true, ..Order::default() };
    assert_eq!(run(&house, &everything).await.updated, 1);
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn an_administrator_of_the_city_has_everything_read() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    let granted = admins::grant(&house.app, &address("an"), None).await;
    granted.expect("granted");
    let mut admin = house.admin_browser();
    admin.sign_in("an", PASSWORD).await;
    admin.get("/sync").await.shows("Đọc lại toàn bộ").shows("mỗi 24 giờ");
    // The latest run is found by its moment.
    house.pass(Duration::seconds(1));
    admin.post_from("/sync", "/sync/runs", &[("everything", "yes")]).await;
    for _ in 0..1_000 {
        let runs = sync::every_run(&house.app, 1).await.expect("reads");
        if runs[0].outcome == "done" && runs[0].started_by.starts_with("an@") {
            assert!(of(&runs[0], "ad").whole);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it did not end");
}
