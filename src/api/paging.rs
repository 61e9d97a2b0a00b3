//! Answers: JSON that is never kept on the way, entity tags, and the address of the next page (RFC 8288).

use super::call::{Call, Parameter, bad};
use super::problem::{Kind, Problem};
use axum::Json;
use axum::http::header::{CACHE_CONTROL, ETAG, LINK};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Rows of a page, unless another number is asked for.
const USUAL: usize = 50;

/// No page has more rows.
pub(super) const MOST: usize = 200;

/// The parameter that says how many rows a page has.
pub(super) const LIMIT: Parameter = ("limit", "Rows of a page: 1 to 200, without it 50");

/// The parameter with which the next page is asked for.
pub(super) const CURSOR: Parameter =
    ("cursor", "Where the page begins: `next` of the page before, with the same other parameters");

/// How many rows are asked for.
pub(super) fn limit(call: &Call) -> Result<usize, Problem> {
    let asked = call.parsed::<usize>(LIMIT.0)?.unwrap_or(USUAL);
    if (1..=MOST).contains(&asked) { Ok(asked) } else { Err(bad(LIMIT.0)) }
}

/// A cursor that begins nowhere.
pub(super) fn no_cursor() -> Problem {
    Problem::new(Kind::InvalidCursor)
}

/// A page, with the address of the next one beside it.
pub(super) fn page(
    call: &Call,
    (path, known): (&str, &[Parameter]),
    page: &impl Serialize,
    next: Option<&str>,
) -> Response {
    let mut response = ok(page);
    if let Some(next) = next {
        let mut query = call.others(known, CURSOR.0);
        query.push((CURSOR.0, next.to_owned()));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        if let Ok(link) = HeaderValue::from_str(&format!("<{path}?{query}>; rel=\"next\"")) {
            response.headers_mut().insert(LINK, link);
        }
    }
    response
}

/// JSON that nobody keeps.
pub(super) fn ok(body: &impl Serialize) -> Response {
    (StatusCode::OK, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// The entity tag of a version (RFC 9110 §8.8.3).
pub(super) fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// With an entity tag.
pub(super) fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
