//! SCIM 2.0, to be read: RFC 7643 (schemas), RFC 7644 (protocol).

use crate::api::{Api, service};
use crate::house::{Answer, Browser, House};
use crate::rp::{Rp, claims, form, json, signed_in};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use danang_sso::api::scim::ROUTES;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::address::MailAddress;
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::audit::{Act, Actor};
use danang_sso::domain::mailbox::MailSystem::Ad;
use danang_sso::domain::oauth::metadata::{ApiReach, Metadata, SubjectType};
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::domain::sync::SeenAgency;
use danang_sso::services::{client_api, groups, lock};
use serde_json::{Value, json as value};

const GROUP: &str = "to-cds";

/// Four people of two agencies, one of them locked; a group of one of each.
pub async fn city() -> House {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("binh", &[Ad]);
    for local in ["chi", "dung"] {
        house.add_with(local, &[Ad], |seen| {
            seen.display_name = format!("Đỗ Đình {local}");
            seen.agency =
                Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
        });
    }
    house.sync().await;
    let binh = house.account("binh").await;
    lock::enforce(&house.app, &binh, LockReason::PasswordTooOld, Actor::Job("test")).await.expect("locked");
    groups::make(&house.app, Actor::CommandLine, GROUP, "Tổ chuyển đổi số").await.expect("made");
    for local in ["an", "chi"] {
        let address = MailAddress::parse(&format!("{local}@danang.example")).expect("an address");
        assert!(groups::join(&house.app, Actor::CommandLine, GROUP, &address).await.expect("joined"));
    }
    house
}

/// An application that reads by SCIM.
pub struct Client {
    /// The application, and its token.
    pub api: Api,
    /// At the staff's door.
    pub browser: Browser,
}

impl Client {
    async fn new(house: &House, scopes: &str, reach: ApiReach, metadata: Metadata) -> Self {
        let mut asked = service();
        asked.scopes = Scopes::parse(scopes);
        asked.metadata = Metadata {
            grant_types: vec!["client_credentials".to_owned(), "authorization_code".to_owned()],
            ..metadata
        };
        let rp = Rp::new(house, &asked).await;
        let may = [ApiScope::ScimRead];
        client_api::set(&house.app, Actor::CommandLine, &rp.client_id, &may, Some(reach)).await.expect("set");
        Self { api: Api::with(house, rp).await, browser: house.browser() }
    }

    /// One that reaches everybody and gets everything.
    pub async fn city(house: &House) -> Self {
        let scopes = "openid profile email agency";
        Self::new(house, scopes, ApiReach::City, Metadata::default()).await
    }

    /// Reads.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(format!("/scim/v2{path}"));
        let request = request.header(AUTHORIZATION, format!("Bearer {}", self.api.token));
        self.browser.send(request, Body::empty()).await
    }

    /// Reads what is there.
    pub async fn ok(&mut self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/scim+json");
        assert_eq!(answer.headers["cache-control"], "no-store");
        json(&answer)
    }

    async fn find(&mut self, filter: &str) -> Value {
        self.ok(&format!("/Users?{}", form([("filter", filter)]))).await
    }

    /// The local parts of those whom a filter finds.
    async fn found(&mut self, filter: &str) -> Vec<String> {
        names(&self.find(filter).await)
    }
}

/// The local parts of the people of a list, sorted.
pub fn names(list: &Value) -> Vec<String> {
    let name = |user: &Value| {
        let name = user["userName"].as_str().and_then(|name| name.split('@').next());
        name.expect("a name").to_owned()
    };
    // Accounts that were made at one moment have no order that a test could know.
    let mut all: Vec<_> = list["Resources"].as_array().expect("resources").iter().map(name).collect();
    all.sort();
    all
}

/// The kind of a refusal (RFC 7644 §3.12).
pub fn refusal(answer: &Answer) -> (u16, String) {
    let told = json(answer);
    assert_eq!(told["schemas"], value!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{told}");
    assert_eq!(told["status"], answer.status.as_u16().to_string(), "a text");
    assert!(told["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    (answer.status.as_u16(), told["scimType"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_person_is_a_user_with_an_id_that_tokens_have_too_rfc7643_4_1() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let list = client.find(r#"userName eq "AN@danang.example""#).await;
    assert_eq!(
        (&list["totalResults"], &list["startIndex"], &list["itemsPerPage"]),
        (&value!(1), &value!(1), &value!(1))
    );
    let user = &list["Resources"][0];
    assert_eq!(user["name"]["formatted"], "Nguyễn Thị Hồng AN");
    assert_eq!((&user["name"]["familyName"], &user["name"]["givenName"]), (&value!("Nguyễn"), &value!("AN")));
    assert_eq!(user["emails"], value!([{ "value": "an@danang.example", "type": "work", "primary": true }]));
    assert_eq!((&user["active"], &user["title"]), (&value!(true), &value!("Chuyên viên")));
    let enterprise = &user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
    assert_eq!(enterprise["department"], "so-khcn");
    let teams: Vec<_> =
        user["groups"].as_array().expect("groups").iter().map(|group| &group["value"]).collect();
    assert_eq!(teams, ["agency:so-khcn", "group:to-cds"]);
    let id = user["id"].as_str().expect("an id");
    assert_eq!(user["meta"]["location"], format!("http://localhost:8080/scim/v2/Users/{id}"));
    assert_eq!(user["meta"].get("lastModified"), None);
    assert_eq!(&client.ok(&format!("/Users/{id}")).await, user);
    // The same name as in its ID tokens, and another one where the application has names of its own.
    let tokens = client.api.rp.tokens(&mut signed_in(&house).await, &[]).await;
    assert_eq!(claims(&tokens["id_token"])["sub"], id);
    let own = Metadata { subject_type: SubjectType::Pairwise, ..Metadata::default() };
    let mut pairwise = Client::new(&house, "openid email", ApiReach::City, own).await;
    let theirs = pairwise.find(r#"userName eq "an@danang.example""#).await["Resources"][0]["id"].clone();
    let tokens = pairwise.api.rp.tokens(&mut signed_in(&house).await, &[]).await;
    assert_eq!(claims(&tokens["id_token"])["sub"], theirs);
    assert_ne!(theirs, id);
    assert_eq!(pairwise.ok(&format!("/Users/{}", theirs.as_str().expect("an id"))).await["id"], theirs);
    assert_eq!(
        refusal(&pairwise.get(&format!("/Users/{id}")).await).0,
        404,
        "the public name says nothing to it"
    );
    assert_eq!(pairwise.found(&format!("id eq \"{id}\"")).await.len(), 0);
    assert_eq!(pairwise.found(&format!("id eq {theirs}")).await, ["an"]);
}

#[tokio::test]
async fn filters_find_whom_they_say_rfc7644_3_4_2_2() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    for (filter, expected) in [
        ("active eq true", vec!["an", "chi", "dung"]),
        ("active eq false", vec!["binh"]),
        ("not (active eq true)", vec!["binh"]),
        (r#"userName sw "B""#, vec!["binh"]),
        (r#"userName co "N@D""#, vec!["an"]),
        (r#"userName ew "NG@danang.example""#, vec!["dung"]),
        (r#"displayName sw "Đỗ""#, vec!["chi", "dung"]),
        (r#"displayName sw "đỗ""#, vec![]),
        (r#"displayName co "Hồng" and userName ne "an@danang.example""#, vec!["binh"]),
        (r#"displayName co "%""#, vec![]),
        (r#"title pr and emails.value sw "c""#, vec!["chi"]),
        (r#"groups.value eq "agency:so-nv""#, vec!["chi", "dung"]),
        (r#"groups eq "group:to-cds""#, vec!["an", "chi"]),
        (r#"groups eq "group:khong-co" or userName eq "an@danang.example""#, vec!["an"]),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "so-nv" and active eq true"#,
            vec!["chi", "dung"],
        ),
        (r#"organization ew "Nội vụ""#, vec!["chi", "dung"]),
        (
            r#"userType eq "PERSON" and (userName eq "an@danang.example" or userName eq "chi@danang.example")"#,
            vec!["an", "chi"],
        ),
        (r#"userName eq "' OR 1=1 --""#, vec![]),
        (r#"userName eq "?""#, vec![]),
    ] {
        assert_eq!(client.found(filter).await, expected, "{filter}");
    }
    for bad in [
        "active",
        r#"password eq "x""#,
        r#"userName gt "a""#,
        r#"emails[value eq "x"]"#,
        "active eq \"true\"",
        // There is no such moment that would be true (docs/api.md).
        r#"meta.lastModified gt "2026-03-01T00:00:00Z""#,
    ] {
        let answer = client.get(&format!("/Users?{}", form([("filter", bad)]))).await;
        assert_eq!(refusal(&answer), (400, "invalidFilter".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn pages_are_counted_from_one_rfc7644_3_4_2_4() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let all = names(&client.ok("/Users").await);
    assert_eq!(all.len(), 4);
    let mut walked = Vec::new();
    for start in ["1", "3", "5"] {
        let page = client.ok(&format!("/Users?startIndex={start}&count=2")).await;
        assert_eq!(
            (&page["totalResults"], &page["startIndex"]),
            (&value!(4), &value!(start.parse::<i64>().expect("one")))
        );
        walked.extend(names(&page));
    }
    walked.sort();
    assert_eq!(walked, all);
    let none = client.ok("/Users?startIndex=-3&count=-1").await;
    assert_eq!(
        (&none["startIndex"], &none["itemsPerPage"], &none["totalResults"]),
        (&value!(1), &value!(0), &value!(4))
    );
    assert_eq!(client.ok("/Users?count=100000").await["itemsPerPage"], 4);
    assert_eq!(refusal(&client.get("/Users?count=x").await).0, 400);
    assert_eq!(refusal(&client.get("/Users?count=1&count=2").await).0, 400);
}

#[tokio::test]
async fn attributes_are_those_that_are_asked_for_rfc7644_3_9() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let members = |user: &Value| -> Vec<String> { user.as_object().expect("one").keys().cloned().collect() };
    let some = client
        .ok("/Users?filter=userName%20sw%20%22an%22&attributes=userName,name.familyName,urn:ietf:params:scim:schemas:core:2.0:User:active")
        .await;
    let user = &some["Resources"][0];
    assert_eq!(members(user), ["active", "id", "name", "schemas", "userName"]);
    assert_eq!(user["name"], value!({ "familyName": "Nguyễn" }));
    let fewer = client.ok("/Users?excludedAttributes=id,name.middleName,emails,groups").await;
    let user = &fewer["Resources"][0];
    assert!(user.get("id").is_some() && user.get("emails").is_none() && user.get("groups").is_none());
    assert!(user["name"].get("middleName").is_none() && user["name"].get("givenName").is_some());
    assert_eq!(refusal(&client.get("/Users?attributes=id&excludedAttributes=name").await).0, 400);
}

#[tokio::test]
async fn agencies_and_groups_are_groups_with_members_on_request_rfc7643_4_2_7() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let list = client.ok("/Groups").await;
    let ids: Vec<_> =
        list["Resources"].as_array().expect("groups").iter().map(|group| &group["id"]).collect();
    assert_eq!(ids, ["agency:so-khcn", "agency:so-nv", "group:to-cds"]);
    assert!(list["Resources"][0].get("members").is_none());
    let group = client.ok("/Groups/group:to-cds?attributes=displayName,members").await;
    assert_eq!(group["displayName"], "Tổ chuyển đổi số");
    let mut members: Vec<_> = group["members"]
        .as_array()
        .expect("members")
        .iter()
        .map(|one| one["display"].as_str().expect("a name"))
        .collect();
    members.sort_unstable();
    assert_eq!(members, ["Nguyễn Thị Hồng AN", "Đỗ Đình chi"]);
    let named = client.ok(&format!("/Groups?{}", form([("filter", r#"displayName sw "Tổ""#)]))).await;
    assert_eq!((&named["totalResults"], &named["Resources"][0]["id"]), (&value!(1), &value!("group:to-cds")));
    let answer = client.get(&format!("/Groups?{}", form([("filter", "active eq true")]))).await;
    assert_eq!(refusal(&answer), (400, "invalidFilter".to_owned()));
    assert_eq!(refusal(&client.get("/Groups/group:khong-co").await).0, 404);
}

#[tokio::test]
async fn an_application_gets_and_finds_by_what_its_scopes_give() {
    let house = city().await;
    let mut client = Client::new(&house, "openid", ApiReach::City, Metadata::default()).await;
    let list = client.ok("/Users").await;
    assert_eq!(list["totalResults"], 4);
    let user = &list["Resources"][0];
    let members: Vec<_> = user.as_object().expect("one").keys().collect();
    assert_eq!(members, ["active", "id", "meta", "schemas", "userName"]);
    assert_eq!(user["userName"], user["id"], "no address, no name");
    for hidden in ["@danang.example", "Nguyễn", "so-khcn"] {
        assert!(!list.to_string().contains(hidden), "{hidden}");
    }
    for filter in [r#"userName sw "a""#, "title pr", r#"displayName co "x""#, r#"groups eq "agency:so-nv""#] {
        let answer = client.get(&format!("/Users?{}", form([("filter", filter)]))).await;
        assert_eq!(refusal(&answer), (400, "invalidFilter".to_owned()), "{filter}");
    }
    assert_eq!(client.ok("/Groups").await["totalResults"], 0);
}

#[tokio::test]
async fn only_people_for_whom_the_application_is_are_there() {
    let house = city().await;
    let scopes = "openid profile email agency";
    let audience = Metadata { allowed_groups: vec![GROUP.to_owned()], ..Metadata::default() };
    let mut client = Client::new(&house, scopes, ApiReach::City, audience).await;
    assert_eq!(names(&client.ok("/Users").await), ["an", "chi"]);
    assert_eq!(client.found(r#"userName sw "d" or userName sw "c""#).await, ["chi"]);
    assert_eq!(client.found(r#"not (userName sw "c")"#).await, ["an"]);
    let groups = client.ok("/Groups?attributes=members").await;
    assert_eq!(groups["totalResults"], 1);
    let dung = house.account("dung").await;
    assert_eq!(refusal(&client.get(&format!("/Users/{}", dung.subject())).await).0, 404);
    let audience = Metadata { allowed_agencies: vec!["so-nv".to_owned()], ..Metadata::default() };
    let mut client = Client::new(&house, scopes, ApiReach::City, audience).await;
    assert_eq!(names(&client.ok("/Users").await), ["chi", "dung"]);
}

#[tokio::test]
async fn an_application_of_a_branch_finds_nothing_of_another_agency_and_leaves_lines() {
    let house = city().await;
    let reach = ApiReach::Agency("so-khcn".to_owned());
    let mut client = Client::new(&house, "openid profile email agency", reach, Metadata::default()).await;
    let chi = house.account("chi").await;
    let queries = [
        String::new(),
        form([("filter", r#"userName eq "chi@danang.example""#)]),
        form([("filter", r#"displayName co "Đình""#)]),
        form([("filter", "active eq true or active eq false")]),
        form([("filter", r#"not (userName eq "an@danang.example")"#)]),
        form([("filter", r#"groups.value eq "agency:so-nv""#)]),
        form([("filter", r#"groups.value eq "agency:so-nv" or userName pr"#)]),
        form([("filter", r#"organization eq "Sở Nội vụ""#)]),
        form([("filter", r#"groups eq "group:to-cds""#)]),
        form([("filter", format!("id eq \"{}\"", chi.subject()).as_str())]),
        form([("startIndex", "1"), ("count", "200")]),
    ];
    for route in ROUTES {
        let before = crate::api::lines(&house, &client.api.rp, Act::OutOfReach).await;
        let path = route.trim_start_matches("/scim/v2");
        let tried: Vec<_> = match path {
            "/Users" => queries.iter().map(|query| format!("/Users?{query}")).collect(),
            "/Groups" => [
                String::new(),
                form([("attributes", "members")]),
                form([("filter", r#"id eq "agency:so-nv""#)]),
                form([("filter", r#"displayName sw "Sở N""#)]),
            ]
            .iter()
            .map(|query| format!("/Groups?{query}"))
            .collect(),
            "/Users/{id}" => vec![format!("/Users/{}", chi.subject()), format!("/Users/{}", chi.id())],
            "/Groups/{id}" => vec!["/Groups/agency:so-nv?attributes=members".to_owned()],
            other => panic!("{other} has no case here"),
        };
        for path in &tried {
            let answer = client.get(path).await;
            assert_eq!(
                answer.status.as_u16(),
                if route.contains("{id}") { 404 } else { 200 },
                "{path}: {}",
                answer.body
            );
            for foreign in ["chi@danang.example", "Đỗ Đình", "Sở Nội vụ", "so-nv\"", chi.subject()]
            {
                assert!(!answer.body.contains(foreign), "{path} shows {foreign}: {}", answer.body);
            }
        }
        let after = crate::api::lines(&house, &client.api.rp, Act::OutOfReach).await;
        assert!(after > before, "{route} leaves a line");
    }
    let members = client.ok("/Groups/group:to-cds?attributes=members").await;
    assert_eq!(members["members"].as_array().expect("members").len(), 1, "of the branch only");
}

#[tokio::test]
async fn nobody_reads_without_the_scope_and_nobody_writes_rfc7644_2() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let mut stranger = house.browser();
    for route in ROUTES {
        let answer = stranger.get(&route.replace("{id}", "x")).await;
        assert_eq!(refusal(&answer).0, 401, "{route}");
        assert!(answer.headers["www-authenticate"].to_str().expect("ASCII").starts_with("Bearer"));
    }
    let mut other = Api::new(&house, &[ApiScope::AccountsRead], ApiReach::City).await;
    other.browser = house.browser();
    assert_eq!(refusal(&other.get("/scim/v2/Users").await).0, 403);
    let request =
        Request::post("/scim/v2/Users").header(AUTHORIZATION, format!("Bearer {}", client.api.token));
    assert_eq!(refusal(&client.browser.send(request, Body::from("{}")).await).0, 501);
    assert_eq!(refusal(&client.get("/Khong").await).0, 404);
}

#[tokio::test]
async fn it_says_what_it_can_and_which_attributes_there_are_rfc7643_5_6_7() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let config = client.ok("/ServiceProviderConfig").await;
    assert_eq!(config["filter"], value!({ "supported": true, "maxResults": 200 }));
    for not in ["patch", "bulk", "sort", "changePassword", "etag"] {
        assert_eq!(config[not]["supported"], false, "{not}");
    }
    let types = client.ok("/ResourceTypes").await;
    assert_eq!(types["totalResults"], 2);
    assert_eq!(client.ok("/ResourceTypes/User").await, types["Resources"][0]);
    let schemas = client.ok("/Schemas").await;
    for schema in schemas["Resources"].as_array().expect("schemas") {
        let id = schema["id"].as_str().expect("an id");
        assert_eq!(&client.ok(&format!("/Schemas/{id}")).await, schema);
    }
    // Whatever is told of a person is in a schema.
    let known = |schema: &Value, name: &str| {
        schema["attributes"].as_array().expect("attributes").iter().any(|one| one["name"] == name)
    };
    let user = client.find(r#"userName eq "an@danang.example""#).await["Resources"][0].clone();
    for (name, told) in user.as_object().expect("one") {
        if let Some(extension) =
            schemas["Resources"].as_array().expect("schemas").iter().find(|one| one["id"] == *name)
        {
            assert!(told.as_object().expect("one").keys().all(|part| known(extension, part)), "{name}");
        } else if !["schemas", "id", "meta"].contains(&name.as_str()) {
            assert!(known(&schemas["Resources"][0], name), "{name} is in no schema");
        }
    }
    assert_eq!(refusal(&client.get("/Schemas/urn:x").await).0, 404);
}

#[tokio::test]
async fn a_token_for_scim_opens_nothing_of_the_interface_nor_the_other_way_round_rfc8707_2() {
    let house = city().await;
    let [interface, scim, whole] =
        ["http://localhost:8090/api/v1", "http://localhost:8080/scim/v2", "http://localhost:8080"];
    let mut asked = service();
    asked.metadata.resources = [interface, scim, whole].map(str::to_owned).to_vec();
    let rp = Rp::new(&house, &asked).await;
    let may = [ApiScope::ScimRead, ApiScope::PolicyRead];
    let reach = Some(ApiReach::City);
    client_api::set(&house.app, Actor::CommandLine, &rp.client_id, &may, reach).await.expect("set");
    for (resource, scope, expected) in [
        (interface, "scim.read policy.read", (200, 401)),
        (scim, "scim.read policy.read", (401, 200)),
        (whole, "scim.read policy.read", (200, 200)),
        (whole, "scim.read", (403, 200)),
        (whole, "policy.read", (200, 403)),
    ] {
        let fields = [("grant_type", "client_credentials"), ("resource", resource), ("scope", scope)];
        let given = json(&rp.token(&mut house.browser(), &fields).await);
        let bearer = format!("Bearer {}", given["access_token"].as_str().expect("a token"));
        let open = async |mut browser: Browser, path: &str| {
            let request = Request::get(path).header(AUTHORIZATION, &bearer);
            browser.send(request, Body::empty()).await.status.as_u16()
        };
        let policy = open(house.admin_browser(), "/api/v1/policy").await;
        let users = open(house.browser(), "/scim/v2/Users").await;
        assert_eq!((policy, users), expected, "{resource} {scope}");
    }
}

#[tokio::test]
async fn a_list_of_groups_with_too_many_members_is_refused_and_each_is_told_alone_rfc7644_3_12() {
    let house = House::build().await;
    house.add_with("chi", &[Ad], |seen| {
        seen.agency = Some(SeenAgency { code: Some("so-nv".to_owned()), name: "Sở Nội vụ".to_owned() });
    });
    for number in 0..1_000 {
        house.add(&format!("nv{number}"), &[Ad]);
    }
    house.sync().await;
    let mut client = Client::city(&house).await;
    let answer = client.get("/Groups?attributes=members").await;
    assert_eq!(refusal(&answer), (400, "tooMany".to_owned()));
    let first = client.ok("/Groups?attributes=id,members&count=1").await;
    assert_eq!(
        (&first["totalResults"], &first["Resources"][0]["id"]),
        (&value!(2), &value!("agency:so-khcn"))
    );
    assert_eq!(first["Resources"][0]["members"].as_array().expect("members").len(), 1_000);
    let alone = client.ok("/Groups/agency:so-khcn?attributes=members").await;
    assert_eq!(alone["members"].as_array().expect("members").len(), 1_000);
    assert_eq!(client.ok("/Groups").await["totalResults"], 2, "without members it is a short list");
}
