//! UserInfo endpoint: OIDC Core 1.0 §5.3; RFC 6750 §2.1, §2.2, §3; RFC 8705 §3; RFC 9449 §7. A token in the query is not
//! looked at (RFC 9700 §4.3.2).

use super::{reply, token};
use crate::app::App;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::http::proof::{self, Place, Scheme};
use crate::services::token::TokenRefused;
use crate::services::userinfo::{self, UserInfo};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;

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
    let shown = place.with_token(app, headers, (scheme, token))?;
    userinfo::userinfo(app, token, &shown).await
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Option<(Scheme, Secret<String>)>, Refusal> {
    const TWICE: Refusal =
        Refusal::new(Code::InvalidRequest, "The access token is given in more than one way");
    let in_header = proof::in_header(headers)?;
    let fields = match (body.is_empty(), headers.contains_key(CONTENT_TYPE)) {
        (false, true) => token::form(headers, body)?,
        _ => crate::http::form::Fields::default(),
    };
    // RFC 6750 §2: one method per request.
    match (in_header, fields.get("access_token")) {
        (Some(_), Some(_)) => Err(TWICE),
        (header, form) => Ok(header.or(form.map(|token| (Scheme::Bearer, Secret::new(token.to_owned()))))),
    }
}
