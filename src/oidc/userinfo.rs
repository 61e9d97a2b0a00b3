//! UserInfo endpoint: OIDC Core 1.0 §5.3; RFC 6750 §2.1, §2.2, §3. A token in the query is not looked at
//! (RFC 9700 §4.3.2).

use super::{reply, token};
use crate::app::App;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::services::token::TokenRefused;
use crate::services::userinfo::{self, UserInfo};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::Response;

/// With the token in the header.
pub(super) async fn get(State(app): State<App>, headers: HeaderMap) -> Response {
    answer(&app, read(&headers, &[])).await
}

/// With the token in the header or in a form.
pub(super) async fn post(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    answer(&app, read(&headers, &body)).await
}

async fn answer(app: &App, token: Result<Option<Secret<String>>, Refusal>) -> Response {
    let token = match token {
        Ok(Some(token)) => token,
        Ok(None) => return reply::refused_bearer(None),
        Err(refusal) => return reply::refused_bearer(Some(TokenRefused::Refused(refusal))),
    };
    match userinfo::userinfo(app, &token).await {
        Ok(UserInfo::Claims(claims)) => reply::ok(&claims),
        Ok(UserInfo::Signed(jwt)) => reply::jwt(jwt),
        Err(refused) => reply::refused_bearer(Some(refused)),
    }
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Option<Secret<String>>, Refusal> {
    const TWICE: Refusal =
        Refusal::new(Code::InvalidRequest, "The access token is given in more than one way");
    const BAD: Refusal =
        Refusal::new(Code::InvalidToken, "The Authorization header is not Bearer with a token");
    let in_header = match headers.get(AUTHORIZATION) {
        None => None,
        Some(value) => {
            let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(BAD)?;
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(BAD);
            }
            Some(token.trim())
        }
    };
    let fields = match (body.is_empty(), headers.contains_key(CONTENT_TYPE)) {
        (false, true) => token::form(headers, body)?,
        _ => crate::http::form::Fields::default(),
    };
    // RFC 6750 §2: one method per request.
    match (in_header, fields.get("access_token")) {
        (Some(_), Some(_)) => Err(TWICE),
        (header, form) => Ok(header.or(form).map(|token| Secret::new(token.to_owned()))),
    }
}
