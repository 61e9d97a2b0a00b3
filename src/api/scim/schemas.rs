//! What this SCIM can (RFC 7643 §5), its kinds of resources (§6) and their attributes (§7). Everybody may read it.

use super::super::call::Named;
use super::resource::address;
use super::{MOST, Refused, USUAL, answer, list};
use crate::app::App;
use crate::domain::scim::{ENTERPRISE, GROUP, USER};
use crate::urls;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

/// What it can.
pub(super) async fn config(State(app): State<App>) -> Response {
    let no = json!({ "supported": false });
    let told = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": no,
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MOST },
        "changePassword": no,
        "sort": no,
        "etag": no,
        // RFC 9865 §4; a cursor does not end.
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": USUAL,
            "maxPageSize": MOST,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth 2.0",
            "description": "A token by client credentials with the scope scim.read; bound to a key or a certificate if it was given so.",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": address(&app, urls::SCIM_CONFIG) },
    });
    answer(StatusCode::OK, &told)
}

/// The kinds of resources.
pub(super) async fn types(State(app): State<App>) -> Response {
    list(2, 1, &all_types(&app))
}

/// One of them.
pub(super) async fn one_type(State(app): State<App>, Named(id): Named) -> Result<Response, Refused> {
    one(&all_types(&app), &id)
}

/// The schemas.
pub(super) async fn schemas(State(app): State<App>) -> Response {
    list(3, 1, &all_schemas(&app))
}

/// One of them.
pub(super) async fn schema(State(app): State<App>, Named(id): Named) -> Result<Response, Refused> {
    one(&all_schemas(&app), &id)
}

fn one(all: &[Value], id: &str) -> Result<Response, Refused> {
    let found = all.iter().find(|one| one["id"] == id).ok_or_else(Refused::nobody)?;
    Ok(answer(StatusCode::OK, found))
}

fn all_types(app: &App) -> [Value; 2] {
    let kind = |name: &str, endpoint: &str, schema: &str, extensions: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": endpoint,
            "schema": schema,
            "schemaExtensions": extensions,
            "meta": {
                "resourceType": "ResourceType",
                "location": address(app, &urls::SCIM_TYPE.replace("{id}", name)),
            },
        })
    };
    let enterprise = json!([{ "schema": ENTERPRISE, "required": false }]);
    [kind("User", "/Users", USER, enterprise), kind("Group", "/Groups", GROUP, json!([]))]
}

/// An attribute of a kind; read only, like everything here.
struct Told(&'static str, &'static str, &'static [Self]);

/// A text whose case matters or not, a word, several of something.
const TEXT: &str = "string";
const FOLDED: &str = "folded";
const BOOLEAN: &str = "boolean";
const REFERENCE: &str = "reference";
const ONE: &str = "complex";
const SEVERAL: &str = "several";
const ON_REQUEST: &str = "members";

const USERS: &[Told] = &[
    Told("userName", FOLDED, &[]),
    Told(
        "name",
        ONE,
        &[
            Told("formatted", TEXT, &[]),
            Told("familyName", TEXT, &[]),
            Told("middleName", TEXT, &[]),
            Told("givenName", TEXT, &[]),
        ],
    ),
    Told("displayName", TEXT, &[]),
    Told("title", TEXT, &[]),
    Told("userType", FOLDED, &[]),
    Told("preferredLanguage", TEXT, &[]),
    Told("locale", TEXT, &[]),
    Told("timezone", TEXT, &[]),
    Told("active", BOOLEAN, &[]),
    Told(
        "emails",
        SEVERAL,
        &[Told("value", FOLDED, &[]), Told("type", TEXT, &[]), Told("primary", BOOLEAN, &[])],
    ),
    Told("groups", SEVERAL, BELONGING),
];

const BELONGING: &[Told] = &[
    Told("value", TEXT, &[]),
    Told("display", TEXT, &[]),
    Told("type", TEXT, &[]),
    Told("$ref", REFERENCE, &[]),
];

const GROUPS: &[Told] = &[Told("displayName", TEXT, &[]), Told("members", ON_REQUEST, BELONGING)];

const POSTS: &[Told] = &[Told("organization", TEXT, &[]), Told("department", TEXT, &[])];

fn attribute(Told(name, kind, parts): &Told) -> Value {
    let several = matches!(*kind, SEVERAL | ON_REQUEST);
    let mut told = json!({
        "name": name,
        "type": match *kind {
            FOLDED => TEXT,
            SEVERAL | ON_REQUEST => ONE,
            kind => kind,
        },
        "multiValued": several,
        "required": *name == "userName",
        "caseExact": *kind == TEXT || *kind == REFERENCE,
        "mutability": "readOnly",
        "returned": if *kind == ON_REQUEST { "request" } else { "default" },
        "uniqueness": if *name == "userName" { "server" } else { "none" },
    });
    if !parts.is_empty() {
        told["subAttributes"] = parts.iter().map(attribute).collect::<Vec<_>>().into();
    }
    if *kind == REFERENCE {
        told["referenceTypes"] = json!(["User", "Group"]);
    }
    told
}

fn all_schemas(app: &App) -> [Value; 3] {
    let schema = |id: &str, name: &str, attributes: &[Told]| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "attributes": attributes.iter().map(attribute).collect::<Vec<_>>(),
            "meta": {
                "resourceType": "Schema",
                "location": address(app, &urls::SCIM_SCHEMA.replace("{id}", id)),
            },
        })
    };
    [schema(USER, "User", USERS), schema(GROUP, "Group", GROUPS), schema(ENTERPRISE, "EnterpriseUser", POSTS)]
}
