//! The documentation of the interface as a page of ours: made from the OpenAPI document, without a script and without
//! anything from elsewhere.

use super::openapi::document;
use super::problem::Kind;
use super::routes::routes;
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::http::{Failure, Frame, Visitor};
use crate::i18n::Lang;
use crate::urls;
use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

#[derive(Template)]
#[template(path = "api/docs.html")]
struct DocsPage {
    t: Lang,
    page: Frame,
    document: &'static str,
    /// Their names, and what each opens.
    scopes: Vec<(&'static str, &'static str)>,
    routes: Vec<RouteTold>,
    types: Vec<TypeTold>,
    problems: &'static [Kind],
}

/// A route.
struct RouteTold {
    name: String,
    method: &'static str,
    path: &'static str,
    scope: &'static str,
    summary: &'static str,
    parameters: Vec<Field>,
    body: Option<String>,
    answer: String,
}

/// A type.
struct TypeTold {
    name: String,
    told: String,
    fields: Vec<Field>,
}

/// A field of a type, or a parameter.
struct Field {
    name: String,
    /// The type of a field, the place of a parameter.
    kind: String,
    /// The type that it names, to be led to.
    leads_to: Option<String>,
    told: String,
    is_optional: bool,
}

/// Shows it.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    let failed =
        |error: &dyn std::error::Error| Failure::Internal(format!("documenting the interface: {error}"));
    let whole = serde_json::to_value(document(&app)).map_err(|error| failed(&error))?;
    let t = visitor.lang;
    let page = DocsPage {
        t,
        page: visitor.frame(&app).await?,
        document: urls::API_OPENAPI,
        scopes: ApiScope::ALL.iter().map(|scope| (scope.code(), t.api_scope_opens(*scope))).collect(),
        routes: told_routes(t, &whole),
        types: told_types(&whole),
        problems: Kind::ALL,
    };
    Ok(Html(page.render().map_err(|error| failed(&error))?).into_response())
}

fn told_routes(t: Lang, whole: &Value) -> Vec<RouteTold> {
    let told = |route: super::routes::ApiRoute| {
        let operation = &whole["paths"][route.path][route.method.to_ascii_lowercase()];
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        RouteTold {
            name: text(&operation["operationId"]),
            method: route.method,
            path: route.path,
            scope: route.scope.code(),
            summary: t.either(route.summary),
            parameters: parameters.map(parameter).collect(),
            body: route.body.map(|shape| shape.name),
            answer: route.answer.name,
        }
    };
    routes().into_iter().map(told).collect()
}

fn parameter(one: &Value) -> Field {
    Field {
        name: text(&one["name"]),
        kind: text(&one["in"]),
        leads_to: None,
        told: text(&one["description"]),
        is_optional: one["required"] != true,
    }
}

fn told_types(whole: &Value) -> Vec<TypeTold> {
    let all = whole["components"]["schemas"].as_object().into_iter().flatten();
    all.map(|(name, schema)| TypeTold { name: name.clone(), told: told(schema), fields: fields(schema) })
        .collect()
}

/// The fields of a type; of one that is made of others, those that it adds and a line for each of the others.
fn fields(schema: &Value) -> Vec<Field> {
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().flat_map(fields).collect();
    }
    if let Some(name) = referred(schema) {
        let told = "Everything of this type.".to_owned();
        return vec![Field {
            name: "…".to_owned(),
            kind: name.clone(),
            leads_to: Some(name),
            told,
            is_optional: false,
        }];
    }
    let required = &schema["required"];
    let is_optional = |name: &str| !required.as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let all = schema["properties"].as_object().into_iter().flatten();
    all.map(|(name, property)| {
        let (kind, leads_to) = kind(property);
        let told = told_of(property);
        Field { name: name.clone(), kind, leads_to, told, is_optional: is_optional(name) }
    })
    .collect()
}

/// What is told of a field; of one that may be nothing, what is told of the other of its two.
fn told_of(property: &Value) -> String {
    let mut others = property["oneOf"].as_array().into_iter().flatten();
    match (told(property), others.find(|one| one["type"] != "null")) {
        (said, Some(other)) if said.is_empty() => told(other),
        (said, _) => said,
    }
}

/// What is told of a type, with the words of a closed list.
fn told(schema: &Value) -> String {
    let told = text(&schema["description"]);
    let words: Vec<_> = schema["enum"].as_array().into_iter().flatten().map(text).collect();
    if words.is_empty() { told } else { format!("{told} One of: {}.", words.join(", ")) }
}

/// The type of a field in words, and the type of ours that it names.
fn kind(property: &Value) -> (String, Option<String>) {
    if let Some(name) = referred(property) {
        return (name.clone(), Some(name));
    }
    if let Some(one) = property["oneOf"].as_array().into_iter().flatten().find(|one| one["type"] != "null") {
        return kind(one);
    }
    let simple = match &property["type"] {
        Value::Array(all) => all.iter().find(|one| *one != "null").map(text).unwrap_or_default(),
        one => text(one),
    };
    if simple == "array" {
        let (of, leads_to) = kind(&property["items"]);
        return (format!("array: {of}"), leads_to);
    }
    (simple, None)
}

fn referred(schema: &Value) -> Option<String> {
    schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).map(str::to_owned)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
