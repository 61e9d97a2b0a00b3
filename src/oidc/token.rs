//! Token endpoint: RFC 6749 §3.2, §4.1.3, §4.4, §5, §6; OIDC Core 1.0 §3.1.3, §12; RFC 8628 §3.4; RFC 8707 §2.2;
//! RFC 8705 §3; RFC 9449 §5. Revocation endpoint: RFC 7009 §2.

use super::{client_auth, reply};
use crate::app::App;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::device::DEVICE_CODE;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::http::form::{Fields, MAX_BODY};
use crate::http::proof::Place;
use crate::services::client_credentials::{self, Given};
use crate::services::device;
use crate::services::token::{self, Issued, PresentedCode, PresentedRefresh, TokenRefused};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::Serialize;

/// RFC 6749 §5.1, OIDC Core §3.1.3.3.
#[derive(Serialize)]
struct TokenResponse<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    scope: String,
}

/// The grant types of the endpoint.
const KNOWN: [&str; 4] = ["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE];

/// What is given, on behalf of a person or to the application itself.
enum Answer {
    Person(Issued),
    Own(Given),
}

/// Issues tokens.
pub(super) async fn token(State(app): State<App>, place: Place, headers: HeaderMap, body: Bytes) -> Response {
    match issue(&app, &place, &headers, &body).await {
        Ok(Answer::Own(given)) => reply::ok(&TokenResponse {
            access_token: given.access_token.expose(),
            token_type: given.token_type,
            expires_in: given.expires_in,
            // RFC 6749 §4.4.3: no refresh token.
            refresh_token: None,
            id_token: None,
            scope: given.scope,
        }),
        Ok(Answer::Person(issued)) => reply::ok(&TokenResponse {
            access_token: issued.access_token.expose(),
            token_type: issued.token_type,
            expires_in: issued.expires_in,
            refresh_token: issued.refresh_token.as_ref().map(|token| token.expose().as_str()),
            id_token: Some(issued.id_token.expose()),
            scope: issued.scopes.to_string(),
        }),
        Err(refused) => reply::refused(refused),
    }
}

/// Takes a token back.
pub(super) async fn revoke(
    State(app): State<App>,
    place: Place,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    const MISSING: Refusal = Refusal::new(Code::InvalidRequest, "token is missing");
    let revoked = async {
        let (fields, client) = known(&app, &place, &headers, &body).await?;
        token::revoke(&app, &client, &secret(&fields, "token").ok_or(MISSING)?).await
    };
    match revoked.await {
        Ok(()) => reply::ok(&serde_json::json!({})),
        Err(refused) => reply::refused(refused),
    }
}

async fn issue(app: &App, place: &Place, headers: &HeaderMap, body: &[u8]) -> Result<Answer, TokenRefused> {
    const NO_TYPE: Refusal = Refusal::new(Code::InvalidRequest, "grant_type is missing");
    const NO_CODE: Refusal = Refusal::new(Code::InvalidRequest, "code is missing");
    const NO_REFRESH: Refusal = Refusal::new(Code::InvalidRequest, "refresh_token is missing");
    const NO_DEVICE: Refusal = Refusal::new(Code::InvalidRequest, "device_code is missing");
    const TYPE: Refusal = Refusal::new(Code::UnsupportedGrantType, "The grant_type is not supported");
    const NOT_FOR_IT: Refusal =
        Refusal::new(Code::UnauthorizedClient, "The client is not registered for this grant_type");
    let (fields, client) = asker(app, place, headers, body).await?;
    // RFC 6749 §5.2: registered for this grant type; an unknown one is told as such below.
    if fields
        .get("grant_type")
        .is_some_and(|kind| KNOWN.contains(&kind) && !client.metadata.allows_grant(kind))
    {
        return Err(NOT_FOR_IT.into());
    }
    match fields.get("grant_type") {
        Some("authorization_code") => {
            let code = PresentedCode {
                code: secret(&fields, "code").ok_or(NO_CODE)?,
                redirect_uri: fields.get("redirect_uri").map(str::to_owned),
                verifier: secret(&fields, "code_verifier"),
                resource: fields.get("resource").map(str::to_owned),
                shown: place.shown(app, headers, &client)?,
            };
            token::redeem(app, &client, &code).await.map(Answer::Person)
        }
        Some("refresh_token") => {
            let refresh = PresentedRefresh {
                token: secret(&fields, "refresh_token").ok_or(NO_REFRESH)?,
                scope: fields.get("scope").map(str::to_owned),
                resource: fields.get("resource").map(str::to_owned),
                shown: place.shown(app, headers, &client)?,
            };
            token::refresh(app, &client, &refresh).await.map(Answer::Person)
        }
        Some("client_credentials") => {
            let asked = client_credentials::Asked {
                scope: fields.get("scope"),
                resource: fields.get("resource"),
                shown: place.shown(app, headers, &client)?,
            };
            client_credentials::give(app, &client, asked).await.map(Answer::Own)
        }
        Some(DEVICE_CODE) => {
            let code = secret(&fields, "device_code").ok_or(NO_DEVICE)?;
            device::redeem(app, &client, &code, place.shown(app, headers, &client)?).await.map(Answer::Person)
        }
        Some(_) => Err(TYPE.into()),
        None => Err(NO_TYPE.into()),
    }
}

/// The phases that all endpoints for clients share: form, then client.
pub(super) async fn known(
    app: &App,
    place: &Place,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Fields, Client), TokenRefused> {
    let fields = form(headers, body)?;
    let client = client_auth::authenticate(app, place, headers, &fields).await?;
    Ok((fields, client))
}

/// The same at the token endpoint, where a device learns that its application was stopped meanwhile.
async fn asker(
    app: &App,
    place: &Place,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Fields, Client), TokenRefused> {
    let fields = form(headers, body)?;
    let client = if fields.get("grant_type") == Some(DEVICE_CODE) {
        client_auth::authenticate_stopped_too(app, place, headers, &fields).await?
    } else {
        client_auth::authenticate(app, place, headers, &fields).await?
    };
    Ok((fields, client))
}

/// RFC 6749 §3.2: a form in the body, no parameter twice.
pub(super) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Fields, Refusal> {
    const KIND: Refusal =
        Refusal::new(Code::InvalidRequest, "The body must be application/x-www-form-urlencoded");
    const FORM: Refusal =
        Refusal::new(Code::InvalidRequest, "A parameter is given twice, too long, or not UTF-8");
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(KIND);
    }
    if body.len() > MAX_BODY {
        return Err(FORM);
    }
    Fields::read(body).map_err(|_| FORM)
}

fn secret(fields: &Fields, name: &str) -> Option<Secret<String>> {
    fields.get(name).map(|value| Secret::new(value.to_owned()))
}
