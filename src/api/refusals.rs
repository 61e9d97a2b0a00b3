//! What a route refuses, and with which headers: for its documentation.

use super::paging::CURSOR;
use super::problem::{Kind, Problem};
use super::routes::ApiRoute;
use crate::urls;
use serde_json::Value;
use std::collections::BTreeMap;

/// The refusals of a route by their status.
pub(super) fn of(route: &ApiRoute) -> BTreeMap<u16, Vec<Kind>> {
    let mut all = BTreeMap::<u16, Vec<Kind>>::new();
    for kind in Kind::ALL.iter().copied().filter(|kind| meets(route, *kind)) {
        all.entry(kind.status().as_u16()).or_default().push(kind);
    }
    all
}

/// What each of them says, in lines.
pub(super) fn told(kinds: &[Kind]) -> String {
    let line = |kind: &Kind| format!("- `{}`: {}.", kind.code(), kind.title());
    kinds.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The first of them as it looks.
pub(super) fn example(kinds: &[Kind]) -> Option<Value> {
    serde_json::from_str(&Problem::new(*kinds.first()?).text()).ok()
}

/// The header that goes with a status, and what it says.
pub(super) const fn header(status: u16) -> Option<(&'static str, &'static str)> {
    match status {
        401 => Some(("WWW-Authenticate", "How to come in (RFC 6750 §3, RFC 9449 §7.1)")),
        409 | 429 => {
            Some(("Retry-After", "After how many seconds it is worth another try, where that would help"))
        }
        _ => None,
    }
}

fn meets(route: &ApiRoute, kind: Kind) -> bool {
    let asks = |name: &str| route.query.iter().any(|(known, _)| *known == name);
    match kind {
        Kind::Unauthorized
        | Kind::InsufficientScope
        | Kind::Forbidden
        | Kind::InvalidRequest
        | Kind::TooMany
        | Kind::Internal
        | Kind::TooSlow => true,
        Kind::NotFound => route.path.contains('{') || asks("agency"),
        Kind::InvalidCursor => asks(CURSOR.0),
        // Another method is another operation.
        Kind::MethodNotAllowed => false,
        Kind::PasswordElsewhere | Kind::PasswordNotTaken | Kind::DirectoryUnreachable => {
            route.path == urls::API_ACCOUNT_RESET
        }
        Kind::AdministratorAccount
        | Kind::TooLarge
        | Kind::UnsupportedMedia
        | Kind::WrongState
        | Kind::Underway
        | Kind::VersionMismatch
        | Kind::KeyReused
        | Kind::Incomplete
        | Kind::PreconditionRequired
        | Kind::TooManyWrites => route.body.is_some(),
    }
}
