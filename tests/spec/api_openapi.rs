//! OpenAPI 3.1 of the administrators' interface: every route is in it, and answers are as it says.

use crate::api::{Api, EVERY, problem};
use crate::api_more::report;
use crate::house::{Answer, House};
use crate::rp::json;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use danang_sso::api::routes::{ApiRoute, routes};
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::oauth::metadata::ApiReach;
use serde_json::{Map, Value, json as value};
use std::collections::BTreeSet;
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime};

async fn document(house: &House) -> Value {
    let answer = house.admin_browser().get("/api/v1/openapi.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    json(&answer)
}

/// The schema behind a reference.
fn meant<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(path) => {
            document.pointer(path.trim_start_matches('#')).unwrap_or_else(|| panic!("{path} leads nowhere"))
        }
        None => schema,
    }
}

/// Every property of a schema, also of those that it is made of, and the names of those that must be there.
fn members<'a>(document: &'a Value, schema: &'a Value) -> (Map<String, Value>, BTreeSet<&'a str>) {
    let schema = meant(document, schema);
    let mut all = schema["properties"].as_object().cloned().unwrap_or_default();
    let mut required: BTreeSet<_> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let (more, needed) = members(document, part);
        all.extend(more);
        required.extend(needed);
    }
    (all, required)
}

/// Whether a value is what a schema says: no member is missing, and none is there that it does not name.
fn fits(document: &Value, schema: &Value, told: &Value, at: &str) {
    let schema = meant(document, schema);
    if let Some(several) = schema["oneOf"].as_array() {
        let one = several.iter().find(|one| (one["type"] == "null") == told.is_null());
        return fits(document, one.unwrap_or_else(|| panic!("{at}: {told} is none of them")), told, at);
    }
    let types = match &schema["type"] {
        Value::Array(all) => all.clone(),
        Value::Null => vec![value!("object")],
        one => vec![one.clone()],
    };
    let kind = match told {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.iter().any(|one| one == kind), "{at}: {told} is none of {types:?}");
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(told), "{at}: {told} is none of {words:?}");
    }
    if let Some(text) = told.as_str() {
        let is_read = match schema["format"].as_str() {
            Some("date-time") => OffsetDateTime::parse(text, &Rfc3339).is_ok(),
            Some("date") => Date::parse(text, &Iso8601::DATE).is_ok(),
            _ => true,
        };
        assert!(is_read, "{at}: {text} has another form");
    }
    for (number, item) in told.as_array().into_iter().flatten().enumerate() {
        fits(document, &schema["items"], item, &format!("{at}[{number}]"));
    }
    let Some(object) = told.as_object() else { return };
    let (known, required) = members(document, schema);
    for name in required {
        assert!(object.contains_key(name), "{at}.{name} is missing");
    }
    for (name, item) in object {
        let property = known.get(name).or_else(|| schema.get("additionalProperties"));
        let property = property.unwrap_or_else(|| panic!("{at}.{name} is not in the document"));
        fits(document, property, item, &format!("{at}.{name}"));
    }
}

#[tokio::test]
async fn every_route_is_in_the_document_with_its_scope_and_its_parameters_and_nothing_else_is() {
    let house = House::build().await;
    let document = document(&house).await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "http://localhost:8090");
    let flow = &document["components"]["securitySchemes"]["clientCredentials"]["flows"]["clientCredentials"];
    assert_eq!(flow["tokenUrl"], "http://localhost:8080/token");
    assert_eq!(flow["scopes"].as_object().expect("scopes").len(), ApiScope::ALL.len());
    let mut names = BTreeSet::new();
    for route in routes() {
        let operation = &document["paths"][route.path][route.method.to_ascii_lowercase()];
        let place = format!("{} {}", route.method, route.path);
        assert_eq!(operation["security"], value!([{ "clientCredentials": [route.scope.code()] }]), "{place}");
        assert!(names.insert(operation["operationId"].as_str().expect("a name").to_owned()), "{place}");
        let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
        for (name, _) in route.query {
            assert!(
                parameters.iter().any(|one| one["name"] == *name && one["in"] == "query"),
                "{place} {name}"
            );
        }
        let has = |name: &str| parameters.iter().any(|one| one["name"] == name && one["required"] == true);
        for named in ["id", "year"] {
            assert_eq!(has(named), route.path.contains(&format!("{{{named}}}")), "{place}");
        }
        assert_eq!(
            (has("If-Match"), has("idempotency-key")),
            (route.method == "POST", route.method == "POST")
        );
        assert_eq!(operation["requestBody"].is_object(), route.method == "POST", "{place}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{place}");
        let answers = operation["responses"].as_object().expect("answers");
        let is_account = (route.method, route.path) == ("GET", "/api/v1/accounts/{id}");
        let header = |name: &str| answers["200"]["headers"].get(name).is_some();
        assert_eq!(header("ETag"), route.method == "POST" || is_account, "{place}");
        assert_eq!(header("Link"), route.query.iter().any(|(name, _)| *name == "cursor"), "{place}");
        assert_eq!(answers.contains_key("304"), is_account, "{place}");
        assert!(answers["401"]["headers"].get("WWW-Authenticate").is_some(), "{place}");
        assert!(answers["429"]["headers"].get("Retry-After").is_some(), "{place}");
        examples_say_their_status(answers, &place);
        for answer in ["200", "default"] {
            let content = operation["responses"][answer]["content"].as_object().expect("content");
            for media in content.values() {
                assert!(meant(&document, &media["schema"]).is_object(), "{place}");
            }
        }
    }
    let all: usize = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .map(|p| p.as_object().map_or(0, Map::len))
        .sum();
    assert_eq!(all, names.len());
    every_field_says_what_it_is(&document);
}

fn every_field_says_what_it_is(document: &Value) {
    for (name, schema) in document["components"]["schemas"].as_object().expect("types") {
        for (field, told) in schema["properties"].as_object().into_iter().flatten() {
            let says = told["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(
                says || told.get("$ref").is_some() || told.get("oneOf").is_some(),
                "{name}.{field} says nothing"
            );
        }
    }
}

fn examples_say_their_status(answers: &serde_json::Map<String, Value>, place: &str) {
    for (status, told) in answers.iter().filter(|(status, _)| status.as_str() >= "400") {
        let example = &told["content"]["application/problem+json"]["example"]["status"];
        assert!(status == "default" || example.as_u64() == status.parse().ok(), "{place}");
    }
}

/// A refusal is in the document: its status is, and names its kind.
fn is_told(document: &Value, route: &ApiRoute, answer: &Answer) {
    let operation = &document["paths"][route.path][route.method.to_ascii_lowercase()];
    let (status, kind) = (answer.status.as_str().to_owned(), problem(answer));
    let told = operation["responses"][&status]["description"].as_str().unwrap_or_default();
    assert!(told.contains(&format!("`{kind}`")), "{} {}: {status} {kind}: {told}", route.method, route.path);
}

#[tokio::test]
async fn every_refusal_that_is_met_is_in_the_document() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.sync().await;
    let (document, mut api) = (document(&house).await, Api::new(&house, EVERY, ApiReach::City).await);
    let (an, nobody) = (house.account("an").await.id().to_string(), "01890000-0000-7000-8000-000000000000");
    for route in routes() {
        let path = |id: &str| route.path.replace("{id}", id).replace("{year}", "2026");
        let stranger = Request::builder().method(route.method).uri(path(&an));
        is_told(&document, &route, &house.admin_browser().send(stranger, Body::empty()).await);
        let others: Vec<_> = EVERY.iter().copied().filter(|scope| *scope != route.scope).collect();
        let mut other = Api::new(&house, &others, ApiReach::City).await;
        if route.method == "GET" {
            is_told(&document, &route, &other.get(&path(&an)).await);
            is_told(&document, &route, &api.get(&format!("{}?x=1", path(&an))).await);
            if route.path.contains("{id}") {
                is_told(&document, &route, &api.get(&path(nobody)).await);
            }
            for (name, _) in route.query.iter().filter(|(name, _)| ["cursor", "agency"].contains(name)) {
                let odd = format!("{}?{name}={nobody}", path(&an));
                is_told(&document, &route, &api.get(&odd).await);
            }
            continue;
        }
        let body = if route.path.ends_with("reset") {
            value!({ "reason": "thử", "identity_checked": true })
        } else {
            value!({ "reason": "thử" })
        };
        let (place, key) = (path(&an), route.path);
        is_told(&document, &route, &other.write(&place, ("\"0\"", key), &body).await);
        let none = format!("{key} of nobody");
        is_told(&document, &route, &api.write(&path(nobody), ("\"0\"", &none), &body).await);
        is_told(&document, &route, &api.write(&place, ("\"77\"", key), &body).await);
        is_told(&document, &route, &api.write(&place, ("\"78\"", key), &body).await);
        is_told(&document, &route, &api.write(&place, ("", "none"), &body).await);
        let large = value!({ "reason": "x".repeat(20_000) });
        is_told(&document, &route, &api.write(&place, ("\"0\"", "large"), &large).await);
        let form = Request::post(&place)
            .header(AUTHORIZATION, format!("Bearer {}", api.token))
            .header(CONTENT_TYPE, "text/plain");
        is_told(&document, &route, &api.browser.send(form, Body::from("x")).await);
    }
}

#[tokio::test]
async fn parameters_and_fields_name_their_words_their_forms_and_their_bounds() {
    let house = House::build().await;
    let document = document(&house).await;
    let parameters = document["paths"]["/api/v1/accounts"]["get"]["parameters"].as_array().expect("some");
    let schema = |name: &str| &parameters.iter().find(|one| one["name"] == name).expect("there")["schema"];
    let limit = schema("limit");
    assert_eq!(limit["type"], "integer");
    assert_eq!(
        (&limit["minimum"], &limit["maximum"], &limit["default"]),
        (&value!(1), &value!(200), &value!(50))
    );
    assert_eq!(schema("state")["enum"], value!(["active", "must_change", "locked", "retired"]));
    assert_eq!(schema("sort")["enum"], value!(["name", "due", "since"]));
    assert_eq!(schema("agency")["format"], "uuid");
    let types = &document["components"]["schemas"];
    let row = &types["AccountRow"]["properties"];
    assert_eq!(row["state"]["$ref"], "#/components/schemas/AccountState");
    assert_eq!(types["AccountState"]["enum"], schema("state")["enum"]);
    assert_eq!(row["state_since"]["format"], "date-time");
    assert_eq!(row["last_used_at"]["format"], "date-time");
    assert_eq!(types["DayTold"]["properties"]["date"]["format"], "date");
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let house = House::build().await;
    house.add("an", &[Ad]);
    house.add("ba", &[Ad]);
    house.add("hai", &[Ad, Obm]);
    house.add_with_default("moi", &[Ad], house.app.now());
    house.sync().await;
    report(&house, "an", "Máy chủ tệp bị mã hóa").await;
    let mut api = Api::new(&house, EVERY, ApiReach::City).await;
    let document = document(&house).await;
    let (an, hai) = (house.account("an").await, house.account("hai").await);
    let agency = an.profile().agency_id.expect("an agency");
    for route in routes() {
        let place = format!("{} {}", route.method, route.path);
        let whose = match route.path {
            path if path.ends_with("/reset") => "hai",
            // Of the one whose lock was lifted a new password is demanded already.
            path if path.ends_with("/demand-change") => "ba",
            _ => "an",
        };
        let account = house.account(whose).await;
        let named = match route.path {
            path if path.contains("agencies") => agency.to_string(),
            path if path.contains("applications") => api.rp.client_id.clone(),
            _ => account.id().to_string(),
        };
        let path = route.path.replace("{id}", &named).replace("{year}", "2026");
        let operation = &document["paths"][route.path][route.method.to_ascii_lowercase()];
        let answer = if route.method == "GET" {
            api.get(&path).await
        } else {
            let body = if path.ends_with("reset") {
                value!({ "reason": "thử", "identity_checked": true })
            } else {
                value!({ "reason": "thử" })
            };
            let takes = &operation["requestBody"]["content"]["application/json"]["schema"];
            fits(&document, takes, &body, &format!("{place} body"));
            let tag = format!("\"{}\"", account.version());
            api.write(&path, (&tag, &place), &body).await
        };
        assert_eq!(answer.status, 200, "{place}: {}", answer.body);
        let told = json(&answer);
        assert!(
            told.get("items").is_none_or(|items| !items.as_array().expect("rows").is_empty()),
            "{place} is empty"
        );
        fits(
            &document,
            &operation["responses"]["200"]["content"]["application/json"]["schema"],
            &told,
            &place,
        );
    }
    assert!(hai.version() < house.account("hai").await.version(), "the writes were carried out");
    let refused = api.get("/api/v1/accounts?limit=x").await;
    assert_eq!(problem(&refused), "invalid-request");
    let schema = value!({ "$ref": "#/components/schemas/Problem" });
    fits(&document, &schema, &json(&refused), "problem");
}

#[tokio::test]
async fn the_page_of_the_documentation_needs_nothing_from_elsewhere() {
    let house = House::build().await;
    let mut browser = house.admin_browser();
    let page = browser.get("/api/v1/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.body.len() < 100_000, "{} bytes", page.body.len());
    assert!(
        page.headers["content-security-policy"].to_str().expect("ASCII").starts_with("default-src 'none'")
    );
    for outside in ["src=\"http", "href=\"http", "style=\"", "onclick"] {
        page.hides(outside);
    }
    for route in routes() {
        page.shows(&format!("<code>{} {}</code>", route.method, route.path)).shows(route.summary.0);
    }
    for scope in ApiScope::ALL {
        page.shows(&format!("<code>{}</code>", scope.code()));
    }
    for led in page.body.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.body.contains(&format!("id=\"{led}\"")), "{led} leads nowhere");
    }
}
