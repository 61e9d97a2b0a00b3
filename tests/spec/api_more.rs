//! What else the console shows, at the administrators' interface: the timeline of an account, incidents, the calendar.

use crate::api::{Api, lines, problem};
use crate::house::House;
use crate::rp::{Rp, json, registration, signed_in_as};
use danang_sso::api::routes::routes;
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::ApiReach;
use danang_sso::domain::oauth::purpose::Purpose;
use danang_sso::domain::oauth::scope::{Scope, Scopes};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::clients;
use danang_sso::storage::{applications, clients as rows};
use serde_json::{Value, json as value};
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

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

/// Somebody reports an incident; its number.
pub async fn report(house: &House, who: &str, title: &str) -> String {
    let fields = [
        ("title", title),
        ("story", "Mọi tệp đổi đuôi."),
        ("occurred", "2026-03-02T07:30"),
        ("detected", "2026-03-02T08:45"),
    ];
    let sent = signed_in_as(house, who).await.post_from("/report", "/report", &fields).await;
    let place = sent.headers["location"].to_str().expect("ASCII");
    place.strip_prefix("/report?sent=").expect("a number").to_owned()
}

fn moment(told: &Value) -> OffsetDateTime {
    OffsetDateTime::parse(told.as_str().expect("a moment"), &Rfc3339).expect("RFC 3339")
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
    let cursor = api.cursor(&house, &[&path], &places[0].to_string()).await;
    let rest = json(&api.get(&format!("{path}?cursor={cursor}")).await);
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

#[tokio::test]
async fn incidents_are_listed_the_newest_first_without_what_was_written() {
    let house = scene().await;
    let an = report(&house, "an", "Máy chủ tệp bị mã hóa").await;
    let path = "/api/v1/incidents";
    let mut api = Api::new(&house, &[ApiScope::IncidentsRead], ApiReach::City).await;
    house.pass(Duration::minutes(1));
    let binh = report(&house, "binh", "Thư giả mạo").await;
    let answer = api.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for secret in ["Máy chủ tệp", "Thư giả mạo", "Mọi tệp đổi đuôi", "an@danang.example"] {
        assert!(!answer.body.contains(secret), "{secret}: {}", answer.body);
    }
    let told = json(&answer);
    let numbers: Vec<_> = told["items"].as_array().expect("rows").iter().map(|row| &row["number"]).collect();
    assert_eq!(numbers, [binh.as_str(), an.as_str()]);
    let row = &told["items"][1];
    assert_eq!((&row["kind"], &row["stage"]), (&value!("incident"), &value!("open")));
    assert_eq!((&row["agency"]["code"], &row["closed_at"]), (&value!("so-khcn"), &Value::Null));
    assert_eq!((&row["is_incident"], &row["is_serious"]), (&value!(true), &value!(false)));
    let moments = ["occurred_at", "detected_at", "reported_at"].map(|name| moment(&row[name]));
    let expected = [datetime!(2026-03-02 07:30 +7), datetime!(2026-03-02 08:45 +7)];
    assert_eq!(moments[..2], expected);
    assert!(moments[2] >= datetime!(2026-03-02 09:00 +7), "{moments:?}");

    let id = told["items"][0]["id"].as_str().expect("an id");
    let cursor = api.cursor(&house, &[path, "stage=open"], id).await;
    let rest = json(&api.get(&format!("{path}?stage=open&cursor={cursor}")).await);
    assert_eq!((&rest["items"][0]["number"], &rest["items"][1]), (&value!(an), &Value::Null));
    assert_eq!(json(&api.get(&format!("{path}?stage=closed")).await)["items"], value!([]));
    let closed = format!("stage=closed&cursor={cursor}");
    for (query, kind) in [
        ("stage=new", "invalid-request"),
        ("cursor=x", "invalid-cursor"),
        (closed.as_str(), "invalid-cursor"),
    ] {
        assert_eq!(problem(&api.get(&format!("{path}?{query}")).await), kind, "{query}");
    }
}

#[tokio::test]
async fn incidents_are_closed_without_their_scope_and_those_of_others_are_not_listed() {
    let house = scene().await;
    report(&house, "binh", "Thư giả mạo").await;
    is_closed(&house, ("/api/v1/incidents", ApiScope::IncidentsRead)).await;
    let mut api = Api::new(&house, &[ApiScope::IncidentsRead], branch()).await;
    for stage in ["open", "closed"] {
        let answer = api.get(&format!("/api/v1/incidents?stage={stage}")).await;
        assert_eq!((answer.status.as_u16(), &json(&answer)["items"]), (200, &value!([])), "{stage}");
    }
    let an = report(&house, "an", "Máy chủ tệp bị mã hóa").await;
    let told = json(&api.get("/api/v1/incidents").await);
    assert_eq!((&told["items"][0]["number"], &told["items"][1]), (&value!(an), &Value::Null));
}

#[tokio::test]
async fn a_year_of_the_calendar_has_its_listed_days() {
    let house = scene().await;
    let mut api = Api::new(&house, &[ApiScope::PolicyRead], branch()).await;
    let answer = api.get("/api/v1/calendar/2026").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = json(&answer);
    assert_eq!(told["year"], 2026);
    let days = told["items"].as_array().expect("days");
    let day = days.iter().find(|day| day["date"] == "2026-09-02").expect("National Day");
    assert_eq!((&day["kind"], &day["agency_id"]), (&value!("holiday"), &Value::Null));
    assert!(day["name"].as_str().is_some_and(|name| name.contains("Quốc khánh")), "{day}");
    let dates: Vec<_> = days.iter().map(|day| day["date"].as_str().expect("a date")).collect();
    assert!(dates.is_sorted() && dates.iter().all(|date| date.starts_with("2026-")), "{dates:?}");
    let agency = house.account("an").await.profile().agency_id.expect("an agency");
    let own = json(&api.get(&format!("/api/v1/calendar/2026?agency={agency}")).await);
    assert_eq!(own, told, "the agency has no exceptions");
    for year in ["2016", "2101", "x", "-1"] {
        let answer = api.get(&format!("/api/v1/calendar/{year}")).await;
        assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (404, "not-found"), "{year}");
    }
}

#[tokio::test]
async fn the_calendar_is_closed_without_its_scope_and_of_agencies_beyond_reach() {
    let house = scene().await;
    is_closed(&house, ("/api/v1/calendar/2026", ApiScope::PolicyRead)).await;
    let mut api = Api::new(&house, &[ApiScope::PolicyRead], branch()).await;
    let agency = house.account("binh").await.profile().agency_id.expect("an agency");
    let answer = api.get(&format!("/api/v1/calendar/2026?agency={agency}")).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (404, "not-found"));
    assert_eq!(lines(&house, &api.rp, Act::OutOfReach).await, 1);
}

#[test]
fn scopes_that_write_are_those_of_the_routes_that_write() {
    for route in routes() {
        assert_eq!(route.scope.writes(), route.method == "POST", "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn an_application_tells_whether_it_runs_what_it_reaches_and_why_it_gets_what_it_gets() {
    let house = scene().await;
    let mut asked = registration(ClientKind::Web);
    asked.scopes = Scopes::parse("openid profile");
    let rp = Rp::new(&house, &asked).await;
    let mut api = Api::new(&house, &[ApiScope::ApplicationsRead], branch()).await;
    let path = format!("/api/v1/applications/{}", rp.client_id);
    let told = json(&api.get(&path).await);
    assert_eq!((&told["state"], &told["stopped_at"]), (&value!("runs"), &Value::Null));
    assert_eq!((&told["purposes"], &told["purposes_state"]), (&value!([]), &value!("missing")));
    assert_eq!((&told["purposes_due_at"], &told["api_reach"]), (&Value::Null, &Value::Null));

    let client = clients::find(&house.app, &rp.client_id).await.expect("found");
    let now = house.app.now();
    let purpose = Purpose {
        scope: Scope::Profile,
        purpose: "Hiển thị tên".to_owned(),
        agency: "Sở Nội vụ".to_owned(),
        reviewed_at: now,
        reviewed_by: "lan@danang.example".to_owned(),
    };
    let mut tx = house.app.db.begin().await.expect("begins");
    applications::set_purposes(&mut tx, client.id, &[purpose]).await.expect("kept");
    rows::set_disabled(&mut tx, client.id, client.version, Some(now)).await.expect("stopped");
    tx.commit().await.expect("commits");
    let answer = api.get(&path).await;
    assert!(!answer.body.contains("lan@danang.example"), "who confirmed is nobody's business here");
    let told = json(&answer);
    assert_eq!((&told["state"], &told["purposes_state"]), (&value!("stopped"), &value!("good")));
    let purpose = &told["purposes"][0];
    assert_eq!((&purpose["scope"], &purpose["purpose"]), (&value!("profile"), &value!("Hiển thị tên")));
    assert_eq!((&purpose["agency"], &purpose["reviewed_at"]), (&value!("Sở Nội vụ"), &told["stopped_at"]));
    let due = moment(&told["purposes_due_at"]) - moment(&told["stopped_at"]);
    assert_eq!(due, Duration::days(365));

    house.pass(Duration::days(366));
    let mut api = Api::with(&house, api.rp).await;
    let told = json(&api.get(&path).await);
    assert_eq!(told["purposes_state"], "due");
    let own = json(&api.get(&format!("/api/v1/applications/{}", api.rp.client_id)).await);
    assert_eq!((&own["api_reach"], &own["purposes_state"]), (&value!("agency:so-khcn"), &value!("nothing")));
}

#[tokio::test]
async fn how_far_others_reach_is_told_to_whoever_reaches_the_city() {
    let house = scene().await;
    let mut branch = Api::new(&house, &[ApiScope::ApplicationsRead], branch()).await;
    let mut city = Api::new(&house, &[ApiScope::ApplicationsRead], ApiReach::City).await;
    let path = |api: &Api| format!("/api/v1/applications/{}", api.rp.client_id);
    let (of_branch, of_city) = (path(&branch), path(&city));
    assert_eq!(json(&city.get(&of_branch).await)["api_reach"], "agency:so-khcn");
    assert_eq!(json(&branch.get(&of_city).await)["api_reach"], Value::Null);
    let list = json(&branch.get("/api/v1/applications").await);
    let reaches: Vec<_> =
        list["items"].as_array().expect("rows").iter().map(|one| &one["api_reach"]).collect();
    assert!(!reaches.contains(&&value!("city")), "{list}");
}
