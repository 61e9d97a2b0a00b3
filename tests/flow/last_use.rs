//! Accounts that nobody uses: what counts as a use is a sign-in here, and what Active Directory tells of one elsewhere.

use crate::house::{House, PASSWORD};
use danang_sso::domain::account::{LockReason, State, StateName};
use danang_sso::domain::admin::{Administrator, Reach, Role};
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::policy::deadline::Rule;
use danang_sso::domain::policy::stage::Stage;
use danang_sso::domain::timestamp::Timestamp;
use danang_sso::jobs::{self, EnforceDeadlines};
use danang_sso::services::policy::{self, By};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const MONDAY: OffsetDateTime = datetime!(2026-03-02 09:00 +7);

/// 45 days after that Monday, on 16 April, an account that nobody used meanwhile is to be locked.
const LATE: OffsetDateTime = datetime!(2026-04-20 09:00 +7);

/// A house in which the rule is enforced, with two people in Active Directory and one in OBM.
async fn house() -> House {
    let house = House::at(MONDAY, "").await;
    house.add("an", &[Ad]);
    house.add("vang", &[Ad]);
    house.add("chi", &[Obm]);
    house.sync().await;
    let book = house.app.book();
    let mut stages = book.stages.clone();
    stages.set(Rule::Inactivity, None, Stage::ALWAYS);
    policy::change(&house.app, &By::CommandLine, 1, (book.settings.clone(), stages), "45 ngày")
        .await
        .expect("changed");
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    house
}

async fn reason(house: &House, local: &str) -> Option<LockReason> {
    match *house.account(local).await.state() {
        State::Locked { reason, .. } => Some(reason),
        _ => None,
    }
}

fn used_in_the_mailbox(house: &House, local: &str, at: OffsetDateTime) {
    house.ad.edit(local, |seen| seen.last_used_at = Some(Timestamp::from_datetime(at)));
}

#[tokio::test]
async fn an_account_that_is_used_is_not_inactive() {
    let house = house().await;
    house.set_time(datetime!(2026-04-10 09:00 +7));
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    house.set_time(LATE);
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "vang").await, Some(LockReason::Inactive));
    assert_eq!(house.account("an").await.state().name(), StateName::Active);
}

#[tokio::test]
async fn an_account_that_is_used_only_in_its_mailbox_is_not_locked_for_inactivity() {
    let house = house().await;
    house.set_time(datetime!(2026-04-02 09:00 +7));
    used_in_the_mailbox(&house, "an", datetime!(2026-03-30 08:00 +7));
    house.sync().await;
    let account = house.account("an").await;
    let told = Some(Timestamp::from_datetime(datetime!(2026-03-30 08:00 +7)));
    assert_eq!(account.traces().last_used_at, told);
    assert_eq!(account.traces().first_access_at, None, "nobody came here");
    assert_eq!(account.traces().written, house.app.regulation().terms(&account), "its terms follow at once");
    house.set_time(LATE);
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    assert_eq!(reason(&house, "an").await, None);
    assert_eq!(reason(&house, "vang").await, Some(LockReason::Inactive));
    assert_eq!(reason(&house, "chi").await, Some(LockReason::Inactive), "OBM tells of no use");
}

#[tokio::test]
async fn a_use_that_is_known_already_or_older_changes_nothing() {
    let house = house().await;
    house.set_time(datetime!(2026-04-02 09:00 +7));
    used_in_the_mailbox(&house, "an", datetime!(2026-03-30 08:00 +7));
    assert_eq!(house.sync().await.updated, 1);
    assert_eq!(house.sync().await.updated, 0);
    house.browser().sign_in("an", PASSWORD).await.leads_to("/");
    // Two weeks behind, as the replicated date may be.
    used_in_the_mailbox(&house, "an", datetime!(2026-04-01 08:00 +7));
    assert_eq!(house.sync().await.updated, 0);
    let signed_in = Some(Timestamp::from_datetime(datetime!(2026-04-02 09:00 +7)));
    assert_eq!(house.account("an").await.traces().last_used_at, signed_in);
}

#[tokio::test]
async fn a_use_comes_with_a_new_name_in_one_step() {
    let house = house().await;
    house.set_time(datetime!(2026-04-02 09:00 +7));
    used_in_the_mailbox(&house, "an", datetime!(2026-03-30 08:00 +7));
    house.ad.edit("an", |seen| "Nguyễn Thị Hồng Ân".clone_into(&mut seen.display_name));
    assert_eq!(house.sync().await.updated, 1);
    let account = house.account("an").await;
    assert_eq!(account.profile().display_name, "Nguyễn Thị Hồng Ân");
    assert_eq!(account.traces().written, house.app.regulation().terms(&account));
    assert_eq!(house.sync().await.updated, 0);
}

#[tokio::test]
async fn whose_lock_for_inactivity_was_lifted_is_not_locked_again_at_once() {
    let house = house().await;
    house.set_time(LATE);
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    house.add("quantri", &[Ad]);
    house.sync().await;
    let admin = Administrator::holding(&house.account("quantri").await, Role::City, Reach::City);
    let id = house.account("vang").await.id();
    danang_sso::services::lock::unlock(&house.app, &admin, id, "đi công tác dài ngày")
        .await
        .expect("unlocked");
    house.pass(Duration::minutes(5));
    jobs::run_once(&house.app, &EnforceDeadlines).await;
    house.browser().sign_in("vang", PASSWORD).await.leads_to("/");
    assert_eq!(house.account("vang").await.state().name(), StateName::MustChange);
}
