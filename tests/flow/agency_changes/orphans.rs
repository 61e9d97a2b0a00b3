//! Whoever confirmed a reorganisation has left before its day: nothing is done until somebody else stands by it.

use super::{NV, TC, address, administrator, confirm, house, merge, of, work};
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::Actor;
use danang_sso::services::{lock, roles};
use time::macros::datetime;

#[tokio::test]
async fn nothing_is_done_on_the_word_of_somebody_who_has_left_until_another_one_takes_it_over() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let at = merge(&house, &mut admin, &[("day", "2026-03-10")]).await;
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    roles::revoke_all(&house.app, &address("quantri")).await.expect("revoked");
    house.set_time(datetime!(2026-03-10 09:00 +7));
    for _ in 0..2 {
        work(&house).await;
    }
    assert_eq!(of(&house, "an").await, NV.0);
    let mut other = administrator(&house, "phoquantri").await;
    other.get("/").await.shows("id=\"agencies-orphaned\"").shows(&at);
    let page = other.get(&at).await;
    page.shows("quantri@danang.example đã xác nhận phương án này").shows("Tiếp nhận và xác nhận");
    confirm(&mut other, &at, "5").await.shows("id=\"number-error\"");
    confirm(&mut other, &at, "4").await.leads_to(&at);
    work(&house).await;
    assert_eq!(of(&house, "an").await, TC.0);
    other.get("/").await.hides("agencies-orphaned");
}

#[tokio::test]
async fn what_nobody_stands_by_can_be_withdrawn() {
    let house = house("").await;
    let mut admin = administrator(&house, "quantri").await;
    let at = merge(&house, &mut admin, &[("day", "2026-03-10")]).await;
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    let account = house.account("quantri").await;
    let actor = Actor::Job("test");
    lock::enforce(&house.app, &account, LockReason::ByAdministrator, actor).await.expect("locked");
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    let mut other = administrator(&house, "phoquantri").await;
    let reason = [("reason", "Không còn cần")];
    other.post_from(&at, &format!("{at}/withdraw"), &reason).await.leads_to(&at);
    other.get("/").await.hides("agencies-orphaned");
    work(&house).await;
    assert_eq!(of(&house, "an").await, NV.0);
}

#[tokio::test]
async fn taking_it_over_needs_a_second_person_once_more() {
    let house = house("[admin]\ntwo_persons = true\n").await;
    danang_sso::services::admins::grant(&house.app, &address("dung"), None).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let at = merge(&house, &mut admin, &[("day", "2026-03-10")]).await;
    confirm(&mut admin, &at, "4").await.leads_to("/approvals?note=asked");
    let request = second.get("/approvals").await.hidden("approval").expect("a request");
    let fields = [("approval", request.as_str()), ("what", "approve"), ("reason", "Đúng quyết định")];
    second.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=approved");
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    roles::revoke_all(&house.app, &address("quantri")).await.expect("revoked");
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    let mut other = administrator(&house, "dung").await;
    confirm(&mut other, &at, "4").await.leads_to("/approvals?note=asked");
    work(&house).await;
    assert_eq!(of(&house, "an").await, NV.0);
}
