//! Applications that are registered for agencies by their codes, when these are renamed or merged: whom SCIM (RFC 7644)
//! shows, what the administrators' interface reaches, and which applications an agency sees.

use crate::api::{Api, problem, service};
use crate::house::{Answer, House};
use crate::rp::{Rp, json, registration};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::ApiScope::{self, AccountsRead, ApplicationsRead, ScimRead};
use danang_sso::domain::agency::Agency;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::id::ReorganisationId;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{ApiReach, Metadata};
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::reorganisation::{Before, Kind, Stage};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::clients::Registration;
use danang_sso::services::reorganisation::{self, Reorganisation};
use danang_sso::services::{accounts, admins, client_api};
use danang_sso::storage::reorganisations;
use time::Duration;

const OLD: &str = "so-khcn";
const OTHER: &str = "so-nv";
const DAYS: i64 = 180;

/// One person of each of two agencies.
async fn city() -> House {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add_with("binh", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some(OTHER.to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    house.sync().await;
    house
}

async fn agency(house: &House, code: &str) -> Agency {
    let all = accounts::agencies(&house.app).await.expect("reads");
    all.into_iter().find(|agency| agency.code == code).expect("it is there")
}

/// Renames OLD, or makes it a part of OTHER.
async fn reorganise(house: &House, kind: Kind, carries_roles: bool) {
    let (old, other) = (agency(house, OLD).await, agency(house, OTHER).await);
    let (target, code, name) = match kind {
        Kind::Rename => (&old, "so-moi", "Sở Mới"),
        _ => (&other, OTHER, other.name.as_str()),
    };
    let now = house.app.now();
    // Somebody stands by it until it is done.
    let by = MailAddress::parse("an@danang.example").expect("an address");
    admins::grant(&house.app, &by, None).await.expect("granted");
    let one = Reorganisation {
        id: ReorganisationId::new(now, house.app.system.entropy()),
        kind,
        asked_by: house.account("an").await.id(),
        asked_as: "an@danang.example".to_owned(),
        target: target.id,
        code: code.to_owned(),
        name: name.to_owned(),
        carries_roles,
        under: None,
        day: now.local_date(),
        former_days: DAYS,
        stage: Stage::Draft,
        why: None,
        created_at: now,
        started_at: None,
        finished_at: None,
    };
    let before: Vec<_> = [&old, &other]
        .into_iter()
        .filter(|agency| agency.id == old.id || kind == Kind::Merge)
        .map(|one| Before { agency: one.id, code: one.code.clone(), name: one.name.clone(), parent: None })
        .collect();
    let mut tx = house.app.db.begin().await.expect("begins");
    reorganisations::insert(&mut tx, &one, &before, &[]).await.expect("kept");
    assert!(reorganisations::confirm(&mut tx, one.id, "QĐ 5").await.expect("confirmed"));
    tx.commit().await.expect("committed");
    reorganisation::carry_on(&house.app).await.expect("done");
    admins::revoke(&house.app, &by).await.expect("revoked");
}

/// An application for people of OLD, and over it.
async fn client(house: &House, reach: ApiReach, scopes: &[ApiScope]) -> Api {
    let mut asked = service();
    asked.scopes = Scopes::parse("openid profile email agency");
    asked.metadata.allowed_agencies = vec![OLD.to_owned()];
    let rp = Rp::new(house, &asked).await;
    client_api::set(&house.app, Actor::CommandLine, &rp.client_id, scopes, Some(reach)).await.expect("set");
    Api::with(house, rp).await
}

async fn scim(house: &House, api: &Api, path: &str) -> Answer {
    let bearer = format!("Bearer {}", api.token);
    let request = Request::get(format!("/scim/v2{path}")).header(AUTHORIZATION, bearer);
    house.browser().send(request, Body::empty()).await
}

/// What a list of SCIM has of an attribute.
async fn listed(house: &House, api: &Api, path: &str, attribute: &str) -> Vec<String> {
    let answer = scim(house, api, path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = json(&answer);
    let all = told["Resources"].as_array().expect("resources").iter();
    all.map(|one| one[attribute].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn people_of_an_agency_are_found_after_its_rename_while_applications_are_told_the_old_code() {
    let house = city().await;
    let api = client(&house, ApiReach::City, &[ScimRead]).await;
    assert_eq!(listed(&house, &api, "/Users", "userName").await, ["an@danang.example"]);
    reorganise(&house, Kind::Rename, false).await;
    assert_eq!(listed(&house, &api, "/Users", "userName").await, ["an@danang.example"]);
    assert_eq!(listed(&house, &api, "/Groups", "id").await, ["agency:so-moi"]);
    house.pass(Duration::days(DAYS + 1));
    let api = Api::with(&house, api.rp).await;
    assert_eq!(
        listed(&house, &api, "/Users", "userName").await.len(),
        0,
        "the old code says nothing any more"
    );
}

#[tokio::test]
async fn people_who_came_with_a_merge_are_found_and_those_who_were_there_are_not() {
    let house = city().await;
    let api = client(&house, ApiReach::City, &[ScimRead]).await;
    reorganise(&house, Kind::Merge, false).await;
    let nv = agency(&house, OTHER).await;
    assert_eq!(house.account("an").await.profile().agency_id, Some(nv.id), "the merge is done");
    assert_eq!(listed(&house, &api, "/Users", "userName").await, ["an@danang.example"]);
    assert_eq!(listed(&house, &api, "/Groups", "id").await, ["agency:so-nv"]);
    let group = json(&scim(&house, &api, "/Groups/agency:so-nv?attributes=members").await);
    assert_eq!(group["members"].as_array().expect("members").len(), 1, "{group}");
}

#[tokio::test]
async fn reach_follows_a_rename_and_a_merge_that_carries_roles_and_no_other_merge() {
    for (kind, carries_roles, seen) in
        [(Kind::Rename, false, Some(1)), (Kind::Merge, true, Some(2)), (Kind::Merge, false, None)]
    {
        let house = city().await;
        let reach = ApiReach::Agency(OLD.to_owned());
        let mut api = client(&house, reach, &[AccountsRead]).await;
        reorganise(&house, kind, carries_roles).await;
        let answer = api.get("/api/v1/accounts").await;
        let place = format!("{kind:?}, {carries_roles}: {}", answer.body);
        let Some(seen) = seen else {
            assert_eq!(
                (answer.status.as_u16(), problem(&answer).as_str()),
                (403, "insufficient-scope"),
                "{place}"
            );
            continue;
        };
        assert_eq!(answer.status, 200, "{place}");
        assert_eq!(json(&answer)["items"].as_array().expect("rows").len(), seen, "{place}");
    }
}

#[tokio::test]
async fn an_agency_sees_the_applications_of_its_people_after_a_rename_and_a_merge() {
    for (kind, now) in [(Kind::Rename, "so-moi"), (Kind::Merge, OTHER)] {
        let house = city().await;
        let metadata = Metadata { allowed_agencies: vec![OLD.to_owned()], ..Metadata::default() };
        let of_old = Rp::new(&house, &Registration { metadata, ..registration(ClientKind::Web) }).await;
        reorganise(&house, kind, false).await;
        let mut api = Api::new(&house, &[ApplicationsRead], ApiReach::Agency(now.to_owned())).await;
        let answer = api.get(&format!("/api/v1/applications/{}", of_old.client_id)).await;
        assert_eq!(answer.status, 200, "{kind:?}: {}", answer.body);
        house.pass(Duration::days(DAYS + 1));
        let mut api = Api::with(&house, api.rp).await;
        let answer = api.get(&format!("/api/v1/applications/{}", of_old.client_id)).await;
        assert_eq!(answer.status, 404, "{kind:?}: {}", answer.body);
    }
}
