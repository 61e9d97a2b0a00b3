//! Every route of the administrators' interface, tried by an application that is limited to a branch with what belongs to
//! another agency: it gets nothing, and the audit has a line. A route without a case fails.

use crate::api::{Api, EVERY, lines, problem};
use crate::api_more::report;
use crate::house::{Answer, House};
use crate::rp::{Rp, json, registration};
use danang_sso::api::routes::{ApiRoute, routes};
use danang_sso::domain::audit::Act;
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{ApiReach, Metadata};
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::clients::Registration;
use serde_json::json as value;
use std::collections::BTreeSet;

/// The person of the other agency, and the agency: none of it may ever be seen.
const FOREIGN: [&str; 4] = ["Đỗ Đình Bình", "binh@danang.example", "so-nv", "Sở Nội vụ"];

/// An id that nobody has.
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// How a route is tried.
enum Case {
    /// Its path names an account or an agency: one beyond reach and one that is not there are the same.
    Named,
    /// It narrows by `agency`, and by what else there is: nothing of others comes.
    List(&'static [&'static str]),
    /// It changes an account.
    Write,
    /// It shows nothing that belongs to one agency.
    Common,
}

fn case(route: &ApiRoute) -> Option<Case> {
    Some(match (route.method, route.path) {
        (
            "GET",
            "/api/v1/accounts/{id}"
            | "/api/v1/accounts/{id}/timeline"
            | "/api/v1/accounts/{id}/sessions"
            | "/api/v1/agencies/{id}"
            | "/api/v1/applications/{id}",
        ) => Case::Named,
        ("GET", "/api/v1/accounts") => Case::List(&[
            "q=binh",
            "q=so%20noi%20vu",
            "state=active",
            "kind=person",
            "system=ad",
            "sort=due",
            "sort=since&order=desc",
            "limit=1",
        ]),
        ("GET", "/api/v1/calendar/{year}") => Case::List(&["agency="]),
        ("GET", "/api/v1/audit") => {
            Case::List(&["about=binh", "about={ID}", "act=account_created", "about=binh%40danang.example"])
        }
        (
            "GET",
            "/api/v1/agencies"
            | "/api/v1/applications"
            | "/api/v1/incidents"
            | "/api/v1/policy"
            | "/api/v1/sync/runs",
        ) => Case::Common,
        (
            "POST",
            "/api/v1/accounts/{id}/lock"
            | "/api/v1/accounts/{id}/unlock"
            | "/api/v1/accounts/{id}/reset"
            | "/api/v1/accounts/{id}/demand-change"
            | "/api/v1/accounts/{id}/sessions/end",
        ) => Case::Write,
        _ => return None,
    })
}

struct Scene {
    house: House,
    api: Api,
    id: String,
    agency: String,
    /// An application that is for the other agency only.
    application: String,
    version: i64,
}

async fn scene() -> Scene {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add_with("binh", &[Ad], |seen| {
        FOREIGN[0].clone_into(&mut seen.display_name);
        seen.agency = Some(SeenAgency { code: Some(FOREIGN[2].to_owned()), name: FOREIGN[3].to_owned() });
    });
    house.sync().await;
    report(&house, "binh", "Thư giả mạo").await;
    let binh = house.account("binh").await;
    let api = Api::new(&house, EVERY, ApiReach::Agency("so-khcn".to_owned())).await;
    let metadata = Metadata { allowed_agencies: vec![FOREIGN[2].to_owned()], ..Metadata::default() };
    let application = Rp::new(&house, &Registration { metadata, ..registration(ClientKind::Web) }).await;
    Scene {
        application: application.client_id,
        id: binh.id().to_string(),
        agency: binh.profile().agency_id.expect("an agency").to_string(),
        version: binh.version(),
        house,
        api,
    }
}

fn shows_nothing(answer: &Answer, place: &str) {
    let shown = FOREIGN.iter().find(|secret| answer.body.contains(**secret));
    assert_eq!(shown, None, "{place} shows it: {}", answer.body);
}

impl Scene {
    async fn refusals(&self) -> i64 {
        let mut all = 0;
        for act in [Act::OutOfReach, Act::RightRefused] {
            all += lines(&self.house, &self.api.rp, act).await;
        }
        all
    }

    /// A write about whom the path names, and about nobody, is refused alike.
    async fn attempt_write(&mut self, route: &ApiRoute, named: &str) {
        let place = format!("{} {}", route.method, route.path);
        let tag = format!("\"{}\"", self.version);
        let body = if route.path.ends_with("reset") {
            value!({ "reason": "thử", "identity_checked": true })
        } else {
            value!({ "reason": "thử" })
        };
        let known = self.api.write(&route.path.replace("{id}", named), (&tag, &place), &body).await;
        let other = self
            .api
            .write(&route.path.replace("{id}", NOBODY), (&tag, &format!("{place} nobody")), &body)
            .await;
        assert_eq!((known.status.as_u16(), problem(&known).as_str()), (404, "not-found"), "{place}");
        assert_eq!(known.body, other.body, "{place}: unknown and beyond reach are told apart");
    }

    /// Tries one route; tells whether it has to leave a line.
    async fn attempt(&mut self, route: &ApiRoute, case: Case) -> bool {
        let place = format!("{} {}", route.method, route.path);
        let named = match route.path {
            path if path.contains("/agencies") => &self.agency,
            path if path.contains("/applications") => &self.application,
            _ => &self.id,
        }
        .clone();
        match case {
            Case::Named => {
                let known = self.api.get(&route.path.replace("{id}", &named)).await;
                let unknown = self.api.get(&route.path.replace("{id}", NOBODY)).await;
                assert_eq!((known.status.as_u16(), problem(&known).as_str()), (404, "not-found"), "{place}");
                assert_eq!(known.body, unknown.body, "{place}: unknown and beyond reach are told apart");
                true
            }
            Case::List(queries) => {
                let list = route.path.replace("{year}", "2026");
                for query in queries {
                    let path = format!("{list}?{}", query.replace("{ID}", &self.id));
                    let answer = self.api.get(&path).await;
                    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
                    shows_nothing(&answer, &path);
                }
                let narrowed = self.api.get(&format!("{list}?agency={}", self.agency)).await;
                assert_eq!(
                    (narrowed.status.as_u16(), problem(&narrowed).as_str()),
                    (404, "not-found"),
                    "{place}"
                );
                if route.path == "/api/v1/accounts" {
                    let cursor = self.api.get(&format!("{}?cursor={}", route.path, self.id)).await;
                    assert_eq!(problem(&cursor), "invalid-cursor", "{place}");
                    shows_nothing(&cursor, &place);
                }
                true
            }
            Case::Write => {
                self.attempt_write(route, &named).await;
                true
            }
            Case::Common => {
                let answer = self.api.get(route.path).await;
                assert_eq!(answer.status, 200, "{place}: {}", answer.body);
                shows_nothing(&answer, &place);
                false
            }
        }
    }
}

#[tokio::test]
async fn what_belongs_to_another_agency_is_not_there_and_leaves_a_line() {
    let mut scene = scene().await;
    let mut tried = BTreeSet::new();
    for route in routes() {
        assert!(tried.insert((route.method, route.path)), "{} is there twice", route.path);
        let case = case(&route).unwrap_or_else(|| panic!("{} {} has no case here", route.method, route.path));
        let before = scene.refusals().await;
        let leaves_a_line = scene.attempt(&route, case).await;
        let after = scene.refusals().await;
        assert!(!leaves_a_line || after > before, "{} {} leaves a line", route.method, route.path);
    }
    assert!(tried.len() >= 18, "the table is the interface's");
    let binh = scene.house.account("binh").await;
    assert_eq!(binh.version(), scene.version, "the account beyond reach was changed");
}

#[tokio::test]
async fn an_application_of_a_branch_is_told_no_number_of_the_whole_city() {
    let mut scene = scene().await;
    let runs = json(&scene.api.get("/api/v1/sync/runs").await);
    let run = &runs["items"][0];
    assert_eq!(run["outcome"], "done");
    for number in ["created", "updated", "vanished"] {
        assert!(run[number].is_null(), "{run}");
    }
    let ad = &run["directories"][0];
    for number in ["read", "changed", "passed_over"] {
        assert!(ad[number].is_null(), "{run}");
    }
    assert_eq!(ad["failed"], false);
    let mut city = Api::new(&scene.house, EVERY, ApiReach::City).await;
    let runs = json(&city.get("/api/v1/sync/runs").await);
    assert_eq!(runs["items"][0]["created"], 2, "{runs}");
    assert_eq!(runs["items"][0]["directories"][0]["read"], 2, "{runs}");
}

#[tokio::test]
async fn the_branch_is_seen_as_a_city_would_be() {
    let mut scene = scene().await;
    let list = json(&scene.api.get("/api/v1/accounts").await);
    let addresses: Vec<_> =
        list["items"].as_array().expect("rows").iter().map(|row| &row["address"]).collect();
    assert_eq!(addresses, ["an@danang.example"]);
    let an = scene.house.account("an").await;
    let path = format!("/api/v1/accounts/{}/lock", an.id());
    let tag = format!("\"{}\"", an.version());
    let locked = scene.api.write(&path, (&tag, "key"), &value!({ "reason": "thử" })).await;
    assert_eq!(locked.status, 200, "{}", locked.body);
    let agencies = json(&scene.api.get("/api/v1/agencies").await);
    assert_eq!(agencies["items"].as_array().expect("rows").len(), 1);
    assert_eq!(agencies["items"][0]["code"], "so-khcn");
}
