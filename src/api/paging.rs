//! Answers: JSON that is never kept on the way, entity tags, and the address of the next page (RFC 8288).

use super::call::{Call, Parameter, bad};
use super::problem::{Kind, Problem};
use crate::app::App;
use crate::services::cursors::{self, NoCursor};
use axum::Json;
use axum::http::header::{CACHE_CONTROL, ETAG, LINK};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Rows of a page, unless another number is asked for.
pub(super) const USUAL: usize = 50;

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

/// A list: its address, and the parameters that it knows.
pub(super) type List<'a> = (&'a str, &'a [Parameter]);

/// The cursor that goes on from a place.
pub(super) fn cursor(app: &App, call: &Call, list: List<'_>, place: &str) -> String {
    let question = question(call, list);
    let question: Vec<_> = question.iter().map(String::as_str).collect();
    cursors::made(app, &question, place)
}

/// The place from which a cursor goes on; none without a cursor.
pub(super) fn place<T>(
    app: &App,
    call: &Call,
    list: List<'_>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(text) = call.given(CURSOR.0) else { return Ok(None) };
    let question = question(call, list);
    let question: Vec<_> = question.iter().map(String::as_str).collect();
    let place = cursors::read(app, &question, text)?;
    Ok(Some(read(&place).ok_or(NoCursor::Unreadable)?))
}

/// Whose walk through which list, narrowed and ordered how. A page may have another number of rows than the one before.
fn question(call: &Call, (path, known): List<'_>) -> Vec<String> {
    let asked = call.others(known, CURSOR.0).into_iter().filter(|(name, _)| *name != LIMIT.0);
    let asked = asked.map(|(name, value)| format!("{name}={value}"));
    [call.client.id.to_string(), path.to_owned()].into_iter().chain(asked).collect()
}

impl From<NoCursor> for Problem {
    fn from(why: NoCursor) -> Self {
        Self::because(Kind::InvalidCursor, why.to_string())
    }
}

/// A page, with the address of the next one beside it.
pub(super) fn page(
    call: &Call,
    (path, known): List<'_>,
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

/// Whether a list of entity tags has this one. They are compared weakly: what lies between may have made it weak (RFC 9110
/// §13.1.2).
pub(super) fn has_tag(list: &str, tag: &str) -> bool {
    list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// With an entity tag.
pub(super) fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
