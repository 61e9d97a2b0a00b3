//! SCIM 2.0, to be read (RFC 7643, RFC 7644), on the staff's listener: applications that provision stand there. Nothing is
//! written by SCIM; whoever asks for it is told so.

mod resource;
mod schemas;

use super::call;
use super::problem::{Kind, Problem};
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::domain::scim::filter::Filter;
use crate::http::form::Fields;
use crate::http::proof::{self, Place};
use crate::services::api::Caller;
use crate::services::scim::{self, MOST, ScimRefused};
use crate::urls;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, middleware};
use resource::Shown;
use serde_json::{Value, json};

/// The media type (RFC 7644 §3.1).
const MEDIA: &str = "application/scim+json";

/// Why a filter is not answered (RFC 7644 §3.12).
const INVALID_FILTER: &str = "invalidFilter";

/// Every resource that people or groups are read from, and its parameters; the tests try each.
pub const ROUTES: [&str; 4] = [urls::SCIM_USERS, urls::SCIM_USER, urls::SCIM_GROUPS, urls::SCIM_GROUP];

/// The routes of SCIM.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route(urls::SCIM_USERS, get(users))
        .route(urls::SCIM_USER, get(user))
        .route(urls::SCIM_GROUPS, get(groups))
        .route(urls::SCIM_GROUP, get(group))
        .route(urls::SCIM_CONFIG, get(schemas::config))
        .route(urls::SCIM_TYPES, get(schemas::types))
        .route(urls::SCIM_TYPE, get(schemas::one_type))
        .route(urls::SCIM_SCHEMAS, get(schemas::schemas))
        .route(urls::SCIM_SCHEMA, get(schemas::schema))
        .route(
            urls::SCIM_REST,
            any(|| async { Refused::new(StatusCode::NOT_FOUND, None, "there is nothing here") }),
        )
        .method_not_allowed_fallback(|| async {
            Refused::new(StatusCode::NOT_IMPLEMENTED, None, "nothing is written by SCIM")
        })
        .layer(middleware::from_fn_with_state(app.clone(), proof::hand_out))
}

/// A refusal (RFC 7644 §3.12).
#[derive(Debug)]
pub(super) enum Refused {
    /// With its kind, if the specification has a word for it.
    Said(StatusCode, Option<&'static str>, String),
    /// At the entrance.
    Problem(Problem),
}

impl Refused {
    fn new(status: StatusCode, kind: Option<&'static str>, detail: impl Into<String>) -> Self {
        Self::Said(status, kind, detail.into())
    }

    fn filter(detail: &dyn ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some(INVALID_FILTER), detail.to_string())
    }

    fn nobody() -> Self {
        Self::new(StatusCode::NOT_FOUND, None, "there is no such resource for this application")
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ScimRefused> for Refused {
    fn from(refused: ScimRefused) -> Self {
        match refused {
            ScimRefused::NotGiven => Self::filter(&ScimRefused::NotGiven),
            ScimRefused::TooMany => {
                Self::new(StatusCode::BAD_REQUEST, Some("tooMany"), ScimRefused::TooMany.to_string())
            }
            ScimRefused::Internal(internal) => Self::Problem(internal.into()),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, kind, detail, problem) = match self {
            Self::Said(status, kind, detail) => (status, kind, detail, None),
            Self::Problem(problem) => (problem.status(), None, problem.words(), Some(problem)),
        };
        let mut told = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.as_u16().to_string(),
            "detail": detail,
        });
        if let Some(kind) = kind {
            told["scimType"] = kind.into();
        }
        let mut response = answer(status, &told);
        if let Some(problem) = problem {
            // The challenge, the pause, the nonce.
            let (parts, _) = problem.into_response().into_parts();
            for (name, value) in parts.headers.iter().filter(|(name, _)| *name != CONTENT_TYPE) {
                response.headers_mut().insert(name, value.clone());
            }
            response.extensions_mut().extend(parts.extensions);
        }
        response
    }
}

/// An answer that nobody keeps.
fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, MEDIA), (CACHE_CONTROL, "no-store")], body.to_string()).into_response()
}

/// A page of resources (RFC 7644 §3.4.2).
fn list(total: i64, start: i64, resources: &[Value]) -> Response {
    let told = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    answer(StatusCode::OK, &told)
}

/// An application that may read by SCIM, with what it asks.
pub(super) struct Reader {
    caller: Caller,
    filter: Option<Filter>,
    shown: Shown,
    start: i64,
    count: i64,
}

impl FromRequestParts<App> for Reader {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let Ok(place) = Place::from_request_parts(parts, app).await;
        let caller = call::enter(app, &place, &parts.headers, ApiScope::ScimRead).await?;
        let raw = parts.uri.query().unwrap_or_default();
        let unreadable = |bad: String| Problem::because(Kind::InvalidRequest, bad);
        let fields = Fields::read(raw.as_bytes()).map_err(|bad| unreadable(bad.to_string()))?;
        let filter =
            fields.get("filter").map(Filter::parse).transpose().map_err(|bad| Refused::filter(&bad))?;
        let shown = Shown::read(fields.get("attributes"), fields.get("excludedAttributes"))
            .ok_or_else(|| unreadable("attributes and excludedAttributes do not go together".to_owned()))?;
        let number = |name: &str, usual: i64| match fields.get(name) {
            None => Ok(usual),
            Some(text) => text.parse::<i64>().map_err(|_| unreadable(format!("{name} is no number"))),
        };
        // RFC 7644 §3.4.2.4: less than 1 is 1, less than 0 is 0.
        let (start, count) = (number("startIndex", 1)?.max(1), number("count", 100)?.clamp(0, MOST));
        Ok(Self { caller, filter, shown, start, count })
    }
}

/// People.
async fn users(State(app): State<App>, reader: Reader) -> Result<Response, Refused> {
    let page = (reader.start - 1, reader.count);
    let (total, people) = scim::people(&app, &reader.caller, reader.filter.as_ref(), page).await?;
    let scopes = scim::scopes(&reader.caller);
    let told: Vec<_> =
        people.iter().map(|person| reader.shown.of(resource::user(&app, scopes, person))).collect();
    Ok(list(total, reader.start, &told))
}

/// One person.
async fn user(State(app): State<App>, reader: Reader, Path(id): Path<String>) -> Result<Response, Refused> {
    let person = scim::person(&app, &reader.caller, &id).await.map_err(Problem::from)?;
    let person = person.ok_or_else(Refused::nobody)?;
    let told = resource::user(&app, scim::scopes(&reader.caller), &person);
    Ok(answer(StatusCode::OK, &reader.shown.of(told)))
}

/// Agencies and groups. There are never many: they are counted out here. Of their members there may be.
async fn groups(State(app): State<App>, reader: Reader) -> Result<Response, Refused> {
    let all = scim::teams(&app, &reader.caller, reader.filter.as_ref()).await?;
    let skipped = usize::try_from(reader.start - 1).unwrap_or(usize::MAX);
    let count = usize::try_from(reader.count).unwrap_or(0);
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let page: Vec<_> = all.into_iter().skip(skipped).take(count).collect();
    if reader.shown.asks_for("members") {
        scim::bound_members(&app, &reader.caller, &page).await?;
    }
    let mut told = Vec::new();
    for team in &page {
        told.push(whole_group(&app, &reader, team).await?);
    }
    Ok(list(total, reader.start, &told))
}

/// One of them.
async fn group(State(app): State<App>, reader: Reader, Path(id): Path<String>) -> Result<Response, Refused> {
    let team = scim::team(&app, &reader.caller, &id).await.map_err(Problem::from)?;
    let team = team.ok_or_else(Refused::nobody)?;
    Ok(answer(StatusCode::OK, &whole_group(&app, &reader, &team).await?))
}

/// With its members only where they are asked for (RFC 7643 §7, `returned: request`).
async fn whole_group(app: &App, reader: &Reader, team: &scim::Team) -> Result<Value, Refused> {
    let members = if reader.shown.asks_for("members") {
        Some(scim::members(app, &reader.caller, team).await?)
    } else {
        None
    };
    Ok(reader.shown.of(resource::group(app, team, members)))
}
