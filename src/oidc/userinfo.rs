//! UserInfo endpoint: OIDC Core 1.0 §5.3; RFC 6750 §2.1, §2.2, §3; RFC 8705 §3; RFC 9449 §7. A token in the query is not
//! looked at (RFC 9700 §4.3.2).

use super::dpop::Place;
use super::{reply, token};
use crate::app::App;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::services::possession::Shown;
use crate::services::token::TokenRefused;
use crate::services::userinfo::{self, UserInfo};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::Response;

/// How a token is presented (RFC 6750 §2, RFC 9449 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// With the token in the header.
pub(super) async fn get(State(app): State<App>, place: Place, headers: HeaderMap) -> Response {
    answer(&app, &place, &headers, &[]).await
}

/// With the token in the header or in a form.
pub(super) async fn post(State(app): State<App>, place: Place, headers: HeaderMap, body: Bytes) -> Response {
    answer(&app, &place, &headers, &body).await
}

async fn answer(app: &App, place: &Place, headers: &HeaderMap, body: &[u8]) -> Response {
    let (scheme, token) = match read(headers, body) {
        Ok(Some(presented)) => presented,
        Ok(None) => return reply::refused_bearer(None),
        Err(refusal) => return reply::refused_bearer(Some(TokenRefused::Refused(refusal))),
    };
    match open(app, place, headers, scheme, &token).await {
        Ok(UserInfo::Claims(claims)) => reply::ok(&claims),
        Ok(UserInfo::Signed(jwt)) => reply::jwt(jwt),
        Err(refused) if scheme == Scheme::Dpop => reply::refused_dpop(refused),
        Err(refused) => reply::refused_bearer(Some(refused)),
    }
}

async fn open(
    app: &App,
    place: &Place,
    headers: &HeaderMap,
    scheme: Scheme,
    token: &Secret<String>,
) -> Result<UserInfo, TokenRefused> {
    const MISSING: Refusal = Refusal::new(Code::InvalidDpopProof, "The DPoP proof is missing");
    let held = match scheme {
        Scheme::Bearer => None,
        Scheme::Dpop => Some(place.held(app, headers, Some(token.expose()), None)?.ok_or(MISSING)?),
    };
    let shown = Shown { held, certificate: place.certificate().cloned() };
    userinfo::userinfo(app, token, &shown).await
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Option<(Scheme, Secret<String>)>, Refusal> {
    const TWICE: Refusal =
        Refusal::new(Code::InvalidRequest, "The access token is given in more than one way");
    const BAD: Refusal =
        Refusal::new(Code::InvalidToken, "The Authorization header is not Bearer or DPoP with a token");
    let in_header = match headers.get(AUTHORIZATION) {
        None => None,
        Some(value) => {
            let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(BAD)?;
            let known = [("bearer", Scheme::Bearer), ("dpop", Scheme::Dpop)];
            let known = known.into_iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name));
            Some((known.ok_or(BAD)?.1, token.trim()))
        }
    };
    let fields = match (body.is_empty(), headers.contains_key(CONTENT_TYPE)) {
        (false, true) => token::form(headers, body)?,
        _ => crate::http::form::Fields::default(),
    };
    // RFC 6750 §2: one method per request.
    let presented = match (in_header, fields.get("access_token")) {
        (Some(_), Some(_)) => return Err(TWICE),
        (header, form) => header.or(form.map(|token| (Scheme::Bearer, token))),
    };
    Ok(presented.map(|(scheme, token)| (scheme, Secret::new(token.to_owned()))))
}
