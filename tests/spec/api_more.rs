//! What else the console shows, at the administrators' interface: the timeline of an account.

use crate::api::{Api, lines, problem};
use crate::house::House;
use crate::rp::json;
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::metadata::ApiReach;
use danang_sso::domain::sync::SeenAgency;
use serde_json::{Value, json as value};

/// A house with a person of `so-khcn` and one of `so-nv`.
async fn scene() -> House {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add_with("binh", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    house
}

/// The application is limited to the agency of `an`.
fn branch() -> ApiReach {
    ApiReach::Agency("so-khcn".to_owned())
}

/// Without its scope, a route is closed, and the refusal leaves a line.
async fn is_closed(house: &House, (path, scope): (&str, ApiScope)) {
    let others: Vec<_> = ApiScope::ALL.iter().copied().filter(|one| *one != scope).collect();
    let mut api = Api::new(house, &others, ApiReach::City).await;
    let answer = api.get(path).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (403, "insufficient-scope"), "{path}");
    assert_eq!(lines(house, &api.rp, Act::RightRefused).await, 1, "{path}");
}

/// The places of lines in the chain of the audit.
fn places_of(told: &Value) -> Vec<i64> {
    let items = told["items"].as_array().expect("lines");
    items.iter().map(|line| line["seq"].as_i64().expect("a place")).collect()
}

#[tokio::test]
async fn a_timeline_tells_everything_of_an_account_the_newest_first() {
    let house = scene().await;
    let account = house.account("an").await;
    let mut desk = Api::new(&house, &[ApiScope::AccountsLock], ApiReach::City).await;
    let (tag, why) = (format!("\"{}\"", account.version()), value!({ "reason": "Phiếu 12" }));
    let locked = desk.write(&format!("/api/v1/accounts/{}/lock", account.id()), (&tag, "k"), &why).await;
    assert_eq!(locked.status, 200, "{}", locked.body);

    // The right to read the audit is enough.
    let mut api = Api::new(&house, &[ApiScope::AuditRead], branch()).await;
    let path = format!("/api/v1/accounts/{}/timeline", account.id());
    let answer = api.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = json(&answer);
    let items = told["items"].as_array().expect("lines");
    let lock = items.iter().find(|line| line["act"] == Act::Locked.code()).expect("the lock");
    assert_eq!((&lock["reason"], &lock["actor_kind"]), (&value!("Phiếu 12"), &value!("client")));
    assert_eq!(lock["actor"], desk.rp.client_id.as_str());
    assert!(items.iter().any(|line| line["act"] == Act::AccountCreated.code()), "{told}");
    let places = places_of(&told);
    assert!(places.is_sorted_by(|one, next| one > next), "{places:?}");
    assert_eq!(lines(&house, &api.rp, Act::AuditRead).await, 1, "that it was read is recorded");

    // A cursor goes on below its place.
    let rest = json(&api.get(&format!("{path}?cursor={}", places[0])).await);
    assert_eq!(places_of(&rest), places[1..]);
    for (query, kind) in [("cursor=x", "invalid-cursor"), ("order=newest", "invalid-request")] {
        assert_eq!(problem(&api.get(&format!("{path}?{query}")).await), kind, "{query}");
    }
}

#[tokio::test]
async fn a_timeline_is_closed_without_its_scope_and_beyond_reach() {
    let house = scene().await;
    let timeline = |id| format!("/api/v1/accounts/{id}/timeline");
    let an = timeline(house.account("an").await.id().to_string());
    is_closed(&house, (&an, ApiScope::AuditRead)).await;
    let mut api = Api::new(&house, &[ApiScope::AuditRead], branch()).await;
    let answer = api.get(&timeline(house.account("binh").await.id().to_string())).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (404, "not-found"));
    assert_eq!(lines(&house, &api.rp, Act::OutOfReach).await, 1);
    assert_eq!(lines(&house, &api.rp, Act::AuditRead).await, 0, "nothing was read");
    assert_eq!(problem(&api.get("/api/v1/accounts/nobody/timeline").await), "not-found");
}
