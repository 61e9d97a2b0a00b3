//! What this SCIM can (RFC 7643 §5), its kinds of resources (§6) and their attributes (§7). Everybody may read it.

use super::super::call::Named;
use super::resource::address;
use super::{MOST, Refused, USUAL, answer, list};
use crate::app::App;
use crate::domain::scim::{ENTERPRISE, GROUP, USER};
use crate::urls;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

/// What the two kinds of resources are.
const PERSON: &str = "A person of the city's offices.";
const TEAM: &str = "An agency, or a group of the house.";

/// A question without a filter: nobody is to take these lists for narrowed (RFC 7644 §4).
pub(super) struct Whole;

impl<S: Send + Sync> FromRequestParts<S> for Whole {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let query = parts.uri.query().unwrap_or_default();
        if form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "filter") {
            return Err(Refused::new(StatusCode::FORBIDDEN, None, "this is not narrowed by a filter"));
        }
        Ok(Self)
    }
}

/// What it can.
pub(super) async fn config(State(app): State<App>, _: Whole) -> Response {
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
pub(super) async fn types(State(app): State<App>, _: Whole) -> Response {
    list(2, 1, &all_types(&app))
}

/// One of them.
pub(super) async fn one_type(State(app): State<App>, Named(id): Named) -> Result<Response, Refused> {
    one(&all_types(&app), &id)
}

/// The schemas.
pub(super) async fn schemas(State(app): State<App>, _: Whole) -> Response {
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
    let kind = |(name, says): (&str, &str), endpoint: &str, schema: &str, extensions: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name,
            "name": name,
            "description": says,
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
    [kind(("User", PERSON), "/Users", USER, enterprise), kind(("Group", TEAM), "/Groups", GROUP, json!([]))]
}

/// An attribute of a kind, its parts, and what it says; read only, like everything here.
struct Told(&'static str, &'static str, &'static [Self], &'static str);

/// A text whose case matters or not, a word, several of something.
const TEXT: &str = "string";
const FOLDED: &str = "folded";
const BOOLEAN: &str = "boolean";
const REFERENCE: &str = "reference";
const ONE: &str = "complex";
const SEVERAL: &str = "several";
const ON_REQUEST: &str = "members";

const USERS: &[Told] = &[
    Told("userName", FOLDED, &[], "The main address; to applications that get no address the id."),
    Told(
        "name",
        ONE,
        &[
            Told("formatted", TEXT, &[], "The whole name, the family name first."),
            Told("familyName", TEXT, &[], "The family name."),
            Told("middleName", TEXT, &[], "What stands between family name and given name."),
            Told("givenName", TEXT, &[], "The given name."),
        ],
        "The name in its parts.",
    ),
    Told("displayName", TEXT, &[], "The whole name, the family name first."),
    Told("title", TEXT, &[], "The post."),
    Told("userType", FOLDED, &[], "Always person: mailboxes of agencies and services are not told."),
    Told("preferredLanguage", TEXT, &[], "The language of the city's offices (BCP 47)."),
    Told("locale", TEXT, &[], "How dates and numbers are written (BCP 47)."),
    Told("timezone", TEXT, &[], "The zone of the city's clocks."),
    Told("active", BOOLEAN, &[], "Whether the person may sign in; locked and withdrawn ones may not."),
    Told(
        "emails",
        SEVERAL,
        &[
            Told("value", FOLDED, &[], "The address."),
            Told("type", TEXT, &[], "Always work."),
            Told("primary", BOOLEAN, &[], "Always true: it is the only one that is told."),
        ],
        "The main address.",
    ),
    Told("groups", SEVERAL, BELONGING, "The agency and the groups to which the person belongs."),
];

const BELONGING: &[Told] = &[
    Told("value", TEXT, &[], "The id of the other."),
    Told("display", TEXT, &[], "Its name."),
    Told("type", TEXT, &[], "How it belongs: direct; of a member: User."),
    Told("$ref", REFERENCE, &[], "The address of the other."),
];

const GROUPS: &[Told] = &[
    Told("displayName", TEXT, &[], "The name of the agency or the group."),
    Told("members", ON_REQUEST, BELONGING, "Who belongs to it; told only where it is asked for."),
];

const POSTS: &[Told] = &[
    Told("organization", TEXT, &[], "The name of the agency."),
    Told("department", TEXT, &[], "The code of the agency, the same in tokens."),
];

fn attribute(Told(name, kind, parts, says): &Told) -> Value {
    let several = matches!(*kind, SEVERAL | ON_REQUEST);
    let mut told = json!({
        "name": name,
        "description": says,
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
    let schema = |id: &str, (name, says): (&str, &str), attributes: &[Told]| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "description": says,
            "attributes": attributes.iter().map(attribute).collect::<Vec<_>>(),
            "meta": {
                "resourceType": "Schema",
                "location": address(app, &urls::SCIM_SCHEMA.replace("{id}", id)),
            },
        })
    };
    [
        schema(USER, ("User", PERSON), USERS),
        schema(GROUP, ("Group", TEAM), GROUPS),
        schema(ENTERPRISE, ("EnterpriseUser", "What belongs to the post of a person."), POSTS),
    ]
}
