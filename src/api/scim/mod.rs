//! SCIM 2.0, to be read (RFC 7643, RFC 7644), on the staff's listener: applications that provision stand there. Nothing is
//! written by SCIM; whoever asks for it is told so.

mod resource;
mod schemas;

use super::call::{self, Named};
use super::problem::{Kind, Problem};
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::domain::scim::filter::Filter;
use crate::http::failure::Voice;
use crate::http::form::Fields;
use crate::http::proof::{self, Place};
use crate::services::api::Caller;
use crate::services::cursors::{self, NoCursor};
use crate::services::scim::{self, MOST, ScimRefused, Start};
use crate::urls;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, middleware};
use resource::Shown;
use serde_json::{Value, json};

/// The media type (RFC 7644 §3.1).
const MEDIA: &str = "application/scim+json";

/// Why a filter is not answered (RFC 7644 §3.12).
const INVALID_FILTER: &str = "invalidFilter";

/// Why a page is not given (RFC 9865 §2.1).
const INVALID_CURSOR: &str = "invalidCursor";
const INVALID_COUNT: &str = "invalidCount";

/// Resources of a page, unless another number is asked for.
const USUAL: i64 = 100;

/// Every resource that people or groups are read from; the tests try each.
pub const ROUTES: [&str; 4] = [urls::SCIM_USERS, urls::SCIM_USER, urls::SCIM_GROUPS, urls::SCIM_GROUP];

/// How those who read by SCIM are told of a panic, of what took too long, of a body that no listener takes.
pub const VOICE: Voice = Voice {
    hears: |path| path.starts_with(urls::SCIM_BELOW),
    tells: |status, incident| {
        let problem = Problem::of(status, incident);
        Refused::new(problem.status(), None, problem.words()).into_response()
    },
};

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
        .route(urls::SCIM_ME, any(|| async { Refused::not_done("an application is nobody: there is no Me") }))
        .route(urls::SCIM_REST, any(rest))
        .method_not_allowed_fallback(|| async { Refused::not_done(NO_WRITES) })
        .layer(middleware::from_fn_with_state(app.clone(), proof::hand_out))
}

const NO_WRITES: &str = "nothing is written by SCIM, and nothing is searched by POST";

/// Whatever else there might be: bulk operations and searches by POST are not, and not by mistake (RFC 7644 §3.12).
async fn rest(method: Method) -> Refused {
    if matches!(method, Method::GET | Method::HEAD) {
        return Refused::new(StatusCode::NOT_FOUND, None, "there is nothing here");
    }
    Refused::not_done(NO_WRITES)
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

    fn not_done(detail: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, None, detail)
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

impl From<NoCursor> for Refused {
    fn from(why: NoCursor) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some(INVALID_CURSOR), why.to_string())
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

/// A page of resources by their numbers (RFC 7644 §3.4.2).
fn list(total: i64, start: i64, resources: &[Value]) -> Response {
    listed(total, resources, Some(("startIndex", start.into())))
}

/// A page of resources, with what tells its place.
fn listed(total: i64, resources: &[Value], place: Option<(&str, Value)>) -> Response {
    let mut told = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    if let Some((name, value)) = place {
        told[name] = value;
    }
    answer(StatusCode::OK, &told)
}

/// Which page of a list is asked for.
enum Page {
    /// From so many on, counted from one (RFC 7644 §3.4.2.4).
    From(i64),
    /// After the resource at which the page before ended, or the first one (RFC 9865).
    After(Option<String>),
}

/// An application that may read by SCIM, with what it asks.
pub(super) struct Reader {
    caller: Caller,
    filter: Option<Filter>,
    shown: Shown,
    page: Page,
    count: i64,
    /// For what its cursors are good: itself, the list, the filter.
    question: [String; 3],
}

impl FromRequestParts<App> for Reader {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let Ok(place) = Place::from_request_parts(parts, app).await;
        let caller = call::enter(app, &place, &parts.headers, ApiScope::ScimRead).await?;
        let raw = parts.uri.query().unwrap_or_default();
        let fields = Fields::read(raw.as_bytes()).map_err(|bad| unreadable(bad.to_string()))?;
        // One without a text is none that could be read, and nobody is to take everything for what it finds.
        let filter = fields.iter().find(|(name, _)| *name == "filter").map(|(_, text)| Filter::parse(text));
        let filter = filter.transpose().map_err(|bad| Refused::filter(&bad))?;
        let shown = Shown::read(fields.get("attributes"), fields.get("excludedAttributes"))
            .ok_or_else(|| unreadable("attributes and excludedAttributes do not go together".to_owned()))?;
        let question =
            [caller.client.id.to_string(), parts.uri.path().to_owned(), fields.text("filter").to_owned()];
        let (page, count) = page(app, &fields, &question)?;
        Ok(Self { caller, filter, shown, page, count, question })
    }
}

fn unreadable(why: String) -> Problem {
    Problem::because(Kind::InvalidRequest, why)
}

/// Which page is asked for, and how many resources of it at most.
fn page(app: &App, fields: &Fields, question: &[String; 3]) -> Result<(Page, i64), Refused> {
    let number = |name: &str, usual: i64| match fields.get(name) {
        None => Ok(usual),
        Some(text) => text.parse::<i64>().map_err(|_| unreadable(format!("{name} is no number"))),
    };
    let count = number("count", USUAL)?;
    // RFC 9865 §2: a cursor without a value asks for the first page.
    let Some((_, cursor)) = fields.iter().find(|(name, _)| *name == "cursor") else {
        // RFC 7644 §3.4.2.4: less than 1 is 1, less than 0 is 0.
        return Ok((Page::From(number("startIndex", 1)?.max(1)), count.clamp(0, MOST)));
    };
    if count < 1 {
        let why = "with a cursor, count is 1 at least";
        return Err(Refused::new(StatusCode::BAD_REQUEST, Some(INVALID_COUNT), why));
    }
    let place = match cursor {
        "" => None,
        cursor => Some(cursors::read(app, &question.each_ref().map(String::as_str), cursor)?),
    };
    Ok((Page::After(place), count.min(MOST)))
}

impl Reader {
    /// The page that was asked for; `last` is the place of its last resource, if there are more.
    fn list(&self, app: &App, total: i64, resources: &[Value], last: Option<&str>) -> Response {
        match self.page {
            Page::From(start) => list(total, start, resources),
            Page::After(_) => {
                let question = self.question.each_ref().map(String::as_str);
                let next = last.map(|place| cursors::made(app, &question, place));
                listed(total, resources, next.map(|next| ("nextCursor", next.into())))
            }
        }
    }
}

/// People.
async fn users(State(app): State<App>, reader: Reader) -> Result<Response, Refused> {
    let start = match &reader.page {
        Page::From(start) => Start::Skipping(start - 1),
        Page::After(None) => Start::Skipping(0),
        Page::After(Some(place)) => Start::After(place.parse().map_err(|_| NoCursor::Unreadable)?),
    };
    let found = scim::people(&app, &reader.caller, reader.filter.as_ref(), (start, reader.count)).await?;
    let scopes = scim::scopes(&reader.caller);
    let told: Vec<_> =
        found.page.iter().map(|person| reader.shown.of(resource::user(&app, scopes, person))).collect();
    let last = found.page.last().filter(|_| found.has_more).map(|person| person.account.id().to_string());
    Ok(reader.list(&app, found.total, &told, last.as_deref()))
}

/// One person.
async fn user(State(app): State<App>, reader: Reader, Named(id): Named) -> Result<Response, Refused> {
    let person = scim::person(&app, &reader.caller, &id).await.map_err(Problem::from)?;
    let person = person.ok_or_else(Refused::nobody)?;
    let told = resource::user(&app, scim::scopes(&reader.caller), &person);
    Ok(answer(StatusCode::OK, &reader.shown.of(told)))
}

/// Agencies and groups. There are never many: they are counted out here. Of their members there may be.
async fn groups(State(app): State<App>, reader: Reader) -> Result<Response, Refused> {
    let mut all = scim::teams(&app, &reader.caller, reader.filter.as_ref()).await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    match &reader.page {
        Page::From(start) => {
            let skipped = usize::try_from(start - 1).unwrap_or(usize::MAX);
            all = all.into_iter().skip(skipped).collect();
        }
        Page::After(Some(place)) => all.retain(|team| team.id > *place),
        Page::After(None) => {}
    }
    let count = usize::try_from(reader.count).unwrap_or(0);
    let has_more = all.len() > count;
    let page: Vec<_> = all.into_iter().take(count).collect();
    if reader.shown.asks_for("members") {
        scim::bound_members(&app, &reader.caller, &page).await?;
    }
    let mut told = Vec::new();
    for team in &page {
        told.push(whole_group(&app, &reader, team).await?);
    }
    let last = page.last().filter(|_| has_more).map(|team| team.id.as_str());
    Ok(reader.list(&app, total, &told, last))
}

/// One of them.
async fn group(State(app): State<App>, reader: Reader, Named(id): Named) -> Result<Response, Refused> {
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
