//! Who comes to reach more by a reorganisation: named to the second person; what was given since is not made wide by it.

use super::moves::fate;
use super::{
    LT, NV, TC, address, administrator, agencies, confirm, draw, house, id, merge, of, place, undo, work,
};
use crate::application_api::registered;
use crate::house::{Browser, House};
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::mail::LetterKind;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{ApiReach, Metadata};
use danang_sso::services::roles::{By, GrantRefused};
use danang_sso::services::{admins, client_api, clients, lock, roles};
use danang_sso::storage::letters;
use time::Duration;
use time::macros::datetime;

const TWO: &str = "[admin]\ntwo_persons = true\nwide_role_above = 4\n";

/// An application that resets passwords over an agency in its own name; tells its name in the protocol.
async fn application(house: &House, name: &str, over: &str) -> String {
    let one = registered(house, (ClientKind::Web, name), Metadata::default()).await;
    let client_id = one.client.client_id.as_str().to_owned();
    let reach = Some(ApiReach::Agency(over.to_owned()));
    client_api::set(&house.app, Actor::CommandLine, &client_id, &[ApiScope::AccountsReset], reach)
        .await
        .expect("given");
    client_id
}

async fn reach_of(house: &House, client_id: &str) -> Option<ApiReach> {
    clients::find(&house.app, client_id).await.expect("found").metadata.api_reach
}

async fn approve(second: &mut Browser) {
    let request = second.get("/approvals").await.hidden("approval").expect("a request");
    let fields = [("approval", request.as_str()), ("what", "approve"), ("reason", "Đúng quyết định")];
    second.post_from("/approvals", "/approvals", &fields).await.leads_to("/approvals?note=approved");
}

/// The code of the agency over which somebody has a role.
async fn over(house: &House, local: &str) -> Option<String> {
    let held = roles::every(&house.app).await.expect("reads");
    let listed = held.into_iter().find(|listed| listed.address == address(local).as_str())?;
    listed.agency.map(|(code, _)| code)
}

async fn is_told(house: &House, local: &str) -> usize {
    let id = house.account(local).await.id();
    let all = letters::of_account(&house.app.db, id, None, 50).await.expect("reads");
    all.iter().filter(|kept| kept.letter.kind() == LetterKind::ReachHeld).count()
}

#[tokio::test]
async fn what_was_given_since_a_second_person_looked_and_would_be_too_wide_ends_on_the_day() {
    let house = house(TWO).await;
    admins::grant(&house.app, &address("chau"), Some(TC.0)).await.expect("granted");
    let seen = application(&house, "Kho nhân sự", TC.0).await;
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let (nv, tc) = (id(&house, NV.0).await, id(&house, TC.0).await);
    let fields = [("agency", nv.as_str()), ("under", tc.as_str()), ("day", "2026-03-10")];
    let at = place(&draw(&mut admin, "move", &fields).await);
    admin.get(&at).await.shows("Kho nhân sự").shows("accounts.reset");
    confirm(&mut admin, &at, "5").await.leads_to("/approvals?note=asked");
    let page = second.get("/approvals").await;
    page.shows("chau@danang.example").shows("Kho nhân sự").shows("Thêm quyền trên 5 tài khoản");
    approve(&mut second).await;
    confirm(&mut admin, &at, "5").await.leads_to(&at);

    house.pass(Duration::minutes(1));
    admins::grant(&house.app, &address("dung"), Some(TC.0)).await.expect("granted");
    let fresh = application(&house, "Sổ tay", TC.0).await;
    let look = admin.get(&at).await;
    assert_eq!(fate(&look, "chau"), "Thêm quyền trên 5 tài khoản");
    assert_eq!(fate(&look, "dung"), "Kết thúc");
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    let all = agencies(&house).await;
    let parent = all.iter().find(|one| one.code == NV.0).and_then(|one| one.parent_id);
    assert_eq!(parent.map(|id| id.to_string()), Some(tc), "it is moved all the same");
    assert_eq!(over(&house, "chau").await.as_deref(), Some(TC.0), "as it was approved");
    assert_eq!(over(&house, "dung").await, None, "nobody has looked at one so wide");
    assert_eq!(reach_of(&house, &seen).await, Some(ApiReach::Agency(TC.0.to_owned())));
    assert_eq!(reach_of(&house, &fresh).await, None);
    for local in ["quantri", "phoquantri"] {
        assert_eq!(is_told(&house, local).await, 1, "{local}");
    }
}

#[tokio::test]
async fn what_stays_narrow_goes_on_though_it_was_given_since() {
    let house = house("[admin]\ntwo_persons = true\nwide_role_above = 6\n").await;
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let (nv, tc) = (id(&house, NV.0).await, id(&house, TC.0).await);
    let fields = [("agency", nv.as_str()), ("under", tc.as_str()), ("day", "2026-03-10")];
    let at = place(&draw(&mut admin, "move", &fields).await);
    confirm(&mut admin, &at, "5").await.leads_to("/approvals?note=asked");
    approve(&mut second).await;
    confirm(&mut admin, &at, "5").await.leads_to(&at);
    house.pass(Duration::minutes(1));
    admins::grant(&house.app, &address("dung"), Some(TC.0)).await.expect("granted");
    let fresh = application(&house, "Sổ tay", TC.0).await;
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    assert_eq!(over(&house, "dung").await.as_deref(), Some(TC.0));
    assert!(reach_of(&house, &fresh).await.is_some());
    assert_eq!(is_told(&house, "quantri").await, 0);
}

#[tokio::test]
async fn whoever_has_a_role_over_the_agency_that_stays_is_named_and_one_granted_since_ends() {
    let house = house(TWO).await;
    admins::grant(&house.app, &address("chau"), Some(TC.0)).await.expect("granted");
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let at = merge(&house, &mut admin, &[("day", "2026-03-10")]).await;
    confirm(&mut admin, &at, "4").await.leads_to("/approvals?note=asked");
    // Four of so-nv, and one of the agency below it.
    second.get("/approvals").await.shows("chau@danang.example").shows("Thêm quyền trên 5 tài khoản");
    approve(&mut second).await;
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    house.pass(Duration::minutes(1));
    admins::grant(&house.app, &address("dung"), Some(TC.0)).await.expect("granted");
    let fresh = application(&house, "Sổ tay", TC.0).await;
    house.set_time(datetime!(2026-03-10 09:00 +7));
    work(&house).await;
    assert_eq!(of(&house, "an").await, TC.0);
    assert_eq!(over(&house, "chau").await.as_deref(), Some(TC.0));
    assert_eq!(over(&house, "dung").await, None);
    assert_eq!(reach_of(&house, &fresh).await, None);
}

#[tokio::test]
async fn roles_that_come_back_with_an_agency_are_approved_by_name_and_those_taken_back_since_stay_ended() {
    let house = house("[admin]\ntwo_persons = true\n").await;
    for local in ["binh", "chau"] {
        admins::grant(&house.app, &address(local), Some(NV.0)).await.expect("granted");
    }
    let held = roles::every(&house.app).await.expect("reads");
    let of_chau =
        held.iter().find(|listed| listed.address == address("chau").as_str()).expect("held").grant.id;
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let at = merge(&house, &mut admin, &[]).await;
    confirm(&mut admin, &at, "4").await.leads_to("/approvals?note=asked");
    approve(&mut second).await;
    confirm(&mut admin, &at, "4").await.leads_to(&at);
    work(&house).await;
    for local in ["quantrinv", "binh", "chau"] {
        assert_eq!(over(&house, local).await, None, "{local}");
    }

    let by = admins::holder(&house.app, &address("quantri")).await.expect("a role");
    let locked = house.account("quantrinv").await.id();
    lock::lock(&house.app, &by, locked, "CV 13").await.expect("locked");
    lock::unlock(&house.app, &by, locked, "CV 14").await.expect("unlocked");
    let gone = roles::revoke(&house.app, By::CommandLine, of_chau, "Rà soát quyền").await;
    assert!(matches!(gone, Err(GrantRefused::NoRole(_))), "it has ended already");

    let look = admin.get(&at).await;
    look.hides("quantrinv@danang.example").hides("chau@danang.example");
    assert_eq!(fate(&look, "binh"), "Có hiệu lực trở lại như trước");
    undo(&mut admin, &at).await.leads_to("/approvals?note=asked");
    second.get("/approvals").await.shows("binh@danang.example").shows("Có hiệu lực trở lại như trước");
    approve(&mut second).await;
    undo(&mut admin, &at).await.leads_to(&at);
    work(&house).await;
    assert_eq!(of(&house, "an").await, NV.0);
    assert_eq!(over(&house, "binh").await.as_deref(), Some(NV.0));
    for local in ["quantrinv", "chau"] {
        assert_eq!(over(&house, local).await, None, "{local}");
    }
}

#[tokio::test]
async fn whoever_reaches_an_agency_again_when_a_move_is_taken_back_is_named() {
    let house = house("[admin]\ntwo_persons = true\n").await;
    let mut admin = administrator(&house, "quantri").await;
    let mut second = administrator(&house, "phoquantri").await;
    let (lt, tc) = (id(&house, LT.0).await, id(&house, TC.0).await);
    let at = place(&draw(&mut admin, "move", &[("agency", &lt), ("under", &tc)]).await);
    confirm(&mut admin, &at, "1").await.leads_to("/approvals?note=asked");
    second.get("/approvals").await.shows("Mất quyền trên 1 tài khoản");
    approve(&mut second).await;
    confirm(&mut admin, &at, "1").await.leads_to(&at);
    work(&house).await;
    undo(&mut admin, &at).await.leads_to("/approvals?note=asked");
    second.get("/approvals").await.shows("Thêm quyền trên 1 tài khoản").shows("quantrinv@danang.example");
}
