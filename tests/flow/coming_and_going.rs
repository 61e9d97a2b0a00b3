//! People who get another address, leave, return, and whose address somebody else gets.

use crate::house::{House, PASSWORD};
use danang_sso::domain::account::StateName;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::jobs::{self, Synchronise};
use danang_sso::services::sync::{self, Order, Run, StartedBy};
use time::Duration;

/// Reads everything and compares, as every day.
async fn whole(house: &House) -> Run {
    let everything = Order { everything: true, ..Order::default() };
    sync::run_as(&house.app, &StartedBy::CommandLine, &everything).await.expect("it runs")
}

#[tokio::test]
async fn who_gets_another_address_keeps_the_subject_and_finds_in_by_the_old_one() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    let before = house.account("an").await;
    let address = |local: &str| MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
    house.ad.edit("an", |seen| seen.address = address("an.nguyen"));
    house.sync().await;
    let after = house.account("an.nguyen").await;
    assert_eq!((after.id(), after.subject()), (before.id(), before.subject()));
    assert_eq!(after.profile().address, address("an.nguyen"));
    let mut browser = house.browser();
    browser.sign_in("an", PASSWORD).await.leads_to("/");
    browser.get("/account").await.shows("Địa chỉ trước đây").shows("an@danang.example");
    assert_eq!(house.sync().await.updated, 0, "applying twice changes nothing");

    // the address is somebody else's now: theirs alone
    let newcomer = |seen: &mut danang_sso::domain::sync::SeenMailbox| {
        seen.key.login = "an2".to_owned();
        seen.key.native_id = "ad-an2".to_owned();
    };
    house.add_with("an", &[Ad], newcomer);
    house.sync().await;
    let other = house.account("an").await;
    assert_ne!(other.id(), before.id());
    assert_eq!(house.account("an.nguyen").await.id(), before.id());
    // and back: what is the main address is no former one
    house.ad.remove("an2");
    house.sync().await;
    house.ad.edit("an", |seen| seen.address = address("an.nguyen3"));
    house.sync().await;
    house.ad.edit("an", |seen| seen.address = address("an.nguyen"));
    house.sync().await;
    let mut browser = house.browser();
    browser.sign_in("an.nguyen3", PASSWORD).await.leads_to("/");
    browser.get("/account").await.shows("an.nguyen3@danang.example").shows("an.nguyen@danang.example");
}

#[tokio::test]
async fn who_leaves_is_locked_then_withdrawn_and_comes_back_as_the_same() {
    let house = House::build().await;
    for local in ["an", "binh"] {
        house.add(local, &[Ad]);
    }
    house.sync().await;
    let before = house.account("an").await;
    house.ad.remove("an");
    house.sync().await;
    assert_eq!(house.account("an").await.state().name(), StateName::Locked);
    house.pass(Duration::days(89));
    whole(&house).await;
    assert_eq!(house.account("an").await.state().name(), StateName::Locked, "there is still hope");
    house.pass(Duration::days(2));
    let run = whole(&house).await;
    assert_eq!((run.outcome.as_str(), run.updated), ("done", 1));
    assert_eq!(house.account("an").await.state().name(), StateName::Retired);
    assert_eq!(whole(&house).await.updated, 0, "applying twice changes nothing");
    house.browser().sign_in("an", PASSWORD).await.shows("Địa chỉ thư hoặc mật khẩu chưa đúng");

    house.add("an", &[Ad]);
    house.sync().await;
    let after = house.account("an").await;
    assert_eq!((after.id(), after.subject()), (before.id(), before.subject()));
    assert_eq!(after.state().name(), StateName::Active);
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn an_address_that_was_given_to_another_person_does_not_give_the_old_account() {
    let house = House::build().await;
    house.add("binh", &[Ad]);
    house.add_with("an", &[Ad], |seen| seen.staff_number = Some("NV-1".to_owned()));
    house.sync().await;
    house.ad.remove("an");
    house.sync().await;
    let another = |number: &str| {
        let number = number.to_owned();
        move |seen: &mut danang_sso::domain::sync::SeenMailbox| {
            seen.key.native_id = format!("ad-{number}");
            seen.staff_number = Some(number.clone());
        }
    };
    house.add_with("an", &[Ad], another("NV-2"));
    let run = house.sync().await;
    assert_eq!(house.account("an").await.state().name(), StateName::Locked, "the other one stays gone");
    let set_aside: Vec<_> = sync::report(&run).into_iter().flat_map(|report| report.passed_over).collect();
    assert!(set_aside.iter().any(|(_, why)| why.contains("is held by another account")), "{set_aside:?}");
    house.ad.remove("an");
    house.add_with("an", &[Ad], another("NV-1"));
    house.sync().await;
    assert_eq!(
        house.account("an").await.state().name(),
        StateName::Active,
        "the same person, with a new entry"
    );
}

#[tokio::test]
async fn a_directory_that_is_connected_later_is_read_by_the_next_look() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("binh", &[Obm]);
    let only = Order { only: Some(Obm), ..Order::default() };
    sync::run_as(&house.app, &StartedBy::CommandLine, &only).await.expect("it runs");
    house.pass(Duration::minutes(1));
    jobs::run_once(&house.app, &Synchronise).await;
    for local in ["an", "binh"] {
        house.browser().sign_in(local, PASSWORD).await.leads_to("/");
    }
}
