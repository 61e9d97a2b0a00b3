//! OpenAPI 3.1 of the administrators' interface: every route is in it, and answers are as it says.

use crate::api::{Api, EVERY, problem};
use crate::api_more::report;
use crate::house::House;
use crate::rp::json;
use danang_sso::api::routes::routes;
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::mailbox::MailSystem::{Ad, Obm};
use danang_sso::domain::oauth::metadata::ApiReach;
use serde_json::{Map, Value, json as value};
use std::collections::BTreeSet;

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
