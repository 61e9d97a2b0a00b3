//! Client authentication: RFC 6749 §2.3.1 (client_secret_basic, client_secret_post), RFC 7523 §2.2 (client_secret_jwt,
//! private_key_jwt), RFC 8705 §2 (tls_client_auth, self_signed_tls_client_auth) and OIDC Core 1.0 §9 (none).

use crate::app::App;
use crate::crypto::jws;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client_auth::AuthMethod;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::http::form::Fields;
use crate::http::proof::Place;
use crate::services::client_auth::{self, Credentials, Presented};
use crate::services::token::TokenRefused;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// RFC 7523 §2.2.
const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const NOBODY: Refusal = Refusal::new(Code::InvalidClient, "The client does not say who it is");
const HEADER: Refusal =
    Refusal::new(Code::InvalidClient, "The Authorization header is not Basic with an id and a secret");
const TWICE: Refusal = Refusal::new(Code::InvalidRequest, "The client authenticates in more than one way");
const DIFFER: Refusal =
    Refusal::new(Code::InvalidRequest, "client_id differs from the one in the Authorization header");
const ASSERTION: Refusal = Refusal::new(
    Code::InvalidClient,
    "client_assertion must be a signed JWT about the client_id, with the client_assertion_type of RFC 7523",
);

/// Who asks: for every endpoint at which applications authenticate.
pub(super) async fn authenticate(
    app: &App,
    place: &Place,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Client, TokenRefused> {
    let certificate = place.certificate().cloned();
    client_auth::authenticate(app, &Credentials { certificate, ..read(headers, fields)? }).await
}

/// The same, also one that is stopped: for what a device is told that asks on.
pub(super) async fn authenticate_stopped_too(
    app: &App,
    place: &Place,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Client, TokenRefused> {
    let certificate = place.certificate().cloned();
    let credentials = Credentials { certificate, ..read(headers, fields)? };
    client_auth::authenticate_stopped_too(app, &credentials).await
}

/// Reads who asks, from the header or from the form, never from both.
fn read(headers: &HeaderMap, fields: &Fields) -> Result<Credentials, Refusal> {
    let (id, secret) = (fields.get("client_id"), fields.get("client_secret"));
    let (kind, assertion) = (fields.get("client_assertion_type"), fields.get("client_assertion"));
    let has_header = headers.contains_key(AUTHORIZATION);
    let ways = [has_header, secret.is_some(), assertion.is_some() || kind.is_some()];
    // RFC 6749 §2.3: not more than one method per request.
    if ways.into_iter().filter(|used| *used).count() > 1 || headers.get_all(AUTHORIZATION).iter().count() > 1
    {
        return Err(TWICE);
    }
    if assertion.is_some() || kind.is_some() {
        return asserted(id, kind, assertion);
    }
    if !has_header {
        let client_id = id.ok_or(NOBODY)?.to_owned();
        let presented = secret.map_or(Presented::Nothing, |secret| {
            Presented::Secret(Secret::new(secret.to_owned()), AuthMethod::ClientSecretPost)
        });
        return Ok(Credentials { client_id, presented, certificate: None });
    }
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credentials = header.and_then(basic).ok_or(HEADER)?;
    if id.is_some_and(|id| id != credentials.client_id) { Err(DIFFER) } else { Ok(credentials) }
}

/// RFC 7521 §4.2: the application is the assertion's subject; a `client_id` beside it must be the same.
fn asserted(id: Option<&str>, kind: Option<&str>, assertion: Option<&str>) -> Result<Credentials, Refusal> {
    let assertion = assertion.filter(|_| kind == Some(BEARER)).ok_or(ASSERTION)?;
    let client_id = jws::unproven_subject(assertion).ok_or(ASSERTION)?;
    if id.is_some_and(|id| id != client_id) {
        return Err(ASSERTION);
    }
    let presented = Presented::Assertion(Secret::new(assertion.to_owned()));
    Ok(Credentials { client_id, presented, certificate: None })
}

/// RFC 7617 §2, with id and secret form-url-encoded before (RFC 6749 §2.3.1). Our own ids and secrets read the same
/// with and without that encoding.
fn basic(header: &str) -> Option<Credentials> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Secret::new(String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?);
    let (id, secret) = decoded.expose().split_once(':')?;
    let (client_id, secret) = (url_decoded(id)?, url_decoded(secret)?);
    let presented = if secret.is_empty() {
        Presented::Nothing
    } else {
        Presented::Secret(Secret::new(secret), AuthMethod::ClientSecretBasic)
    };
    (!client_id.is_empty()).then_some(Credentials { client_id, presented, certificate: None })
}

fn url_decoded(text: &str) -> Option<String> {
    let sole = !text.contains(['&', '=']);
    let decoded = form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned());
    let decoded = decoded.unwrap_or_default();
    (sole && !decoded.contains('\u{FFFD}')).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    #[test]
    fn id_and_secret_are_decoded_after_the_base64() {
        let header = format!("bAsIc {}", STANDARD.encode("a%2Bb:s%3A+c:d"));
        let Ok(read) = read(&headers(&header), &Fields::default()) else { panic!("good") };
        assert_eq!(read.client_id, "a+b");
        let Presented::Secret(secret, AuthMethod::ClientSecretBasic) = read.presented else { panic!("one") };
        assert_eq!(secret.expose(), "s: c:d");
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let header = format!("Basic {}", STANDARD.encode("a:b"));
        let fields = Fields::read(b"client_id=a&client_secret=b").expect("a form");
        assert_eq!(read(&headers(&header), &fields).err(), Some(TWICE));
        let fields = Fields::read(b"client_id=z").expect("a form");
        assert_eq!(read(&headers(&header), &fields).err(), Some(DIFFER));
        let fields = format!("client_secret=b&client_assertion=a.b.c&client_assertion_type={BEARER}");
        let fields = Fields::read(fields.as_bytes()).expect("a form");
        assert_eq!(read(&HeaderMap::new(), &fields).err(), Some(TWICE));
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(value in "[ -~]{0,120}", inner in ".{0,80}") {
            let _ = read(&headers(&value), &Fields::default());
            let _ = read(&headers(&format!("Basic {}", STANDARD.encode(&inner))), &Fields::default());
            let assertion = form_urlencoded::Serializer::new(String::new())
                .append_pair("client_assertion_type", BEARER)
                .append_pair("client_assertion", &inner)
                .finish();
            let fields = Fields::read(assertion.as_bytes()).unwrap_or_default();
            prop_assert!(read(&HeaderMap::new(), &fields).is_err());
        }
    }
}
