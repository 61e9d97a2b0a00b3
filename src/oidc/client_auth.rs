//! Client authentication: RFC 6749 §2.3.1 (client_secret_basic, client_secret_post) and OIDC Core 1.0 §9 (none).

use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::secret::Secret;
use crate::http::form::Fields;
use crate::services::token::Credentials;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const NOBODY: Refusal = Refusal::new(Code::InvalidClient, "The client does not say who it is");
const HEADER: Refusal =
    Refusal::new(Code::InvalidClient, "The Authorization header is not Basic with an id and a secret");
const TWICE: Refusal = Refusal::new(Code::InvalidRequest, "The client authenticates in more than one way");
const DIFFER: Refusal =
    Refusal::new(Code::InvalidRequest, "client_id differs from the one in the Authorization header");

/// Reads who asks, from the header or from the form, never from both.
pub(super) fn read(headers: &HeaderMap, fields: &Fields) -> Result<Credentials, Refusal> {
    let (id, secret) = (fields.get("client_id"), fields.get("client_secret"));
    if !headers.contains_key(AUTHORIZATION) {
        let client_id = id.ok_or(NOBODY)?.to_owned();
        return Ok(Credentials { client_id, secret: secret.map(|secret| Secret::new(secret.to_owned())) });
    }
    // RFC 6749 §2.3: not more than one method per request.
    if secret.is_some() || headers.get_all(AUTHORIZATION).iter().count() > 1 {
        return Err(TWICE);
    }
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credentials = header.and_then(basic).ok_or(HEADER)?;
    if id.is_some_and(|id| id != credentials.client_id) { Err(DIFFER) } else { Ok(credentials) }
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
    let secret = Some(secret).filter(|secret| !secret.is_empty()).map(Secret::new);
    Some(Credentials { client_id, secret }).filter(|credentials| !credentials.client_id.is_empty())
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
        assert_eq!(read.secret.expect("one").expose(), "s: c:d");
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let header = format!("Basic {}", STANDARD.encode("a:b"));
        let fields = Fields::read(b"client_id=a&client_secret=b").expect("a form");
        assert_eq!(read(&headers(&header), &fields).err(), Some(TWICE));
        let fields = Fields::read(b"client_id=z").expect("a form");
        assert_eq!(read(&headers(&header), &fields).err(), Some(DIFFER));
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(value in "[ -~]{0,120}", inner in ".{0,80}") {
            let _ = read(&headers(&value), &Fields::default());
            let _ = read(&headers(&format!("Basic {}", STANDARD.encode(inner))), &Fields::default());
        }
    }
}
