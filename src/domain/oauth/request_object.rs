//! What a signed request must say (RFC 9101 §4, §10.8; OIDC Core 1.0 §6; FAPI 2.0 Message Signing §5.3).

use super::error::{Code, Refusal};
use super::request::RawRequest;
use crate::domain::timestamp::Timestamp;
use serde_json::{Map, Value};

/// How far the clocks of an application and of the house may be apart, in seconds.
const SKEW: i64 = 60;

/// Under FAPI, for how long a request object may be good, and how old it may be.
const HOUR: i64 = 3600;

/// Claims that are about the object and not parameters of the request.
const ABOUT: [&str; 8] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub", "client_id"];

/// What a request object is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The application that signed it.
    pub client_id: &'a str,
    /// The issuer of the house.
    pub issuer: &'a str,
    /// Whether the rules of FAPI hold: it names its audience and its time.
    pub strict: bool,
    /// The present moment.
    pub now: Timestamp,
}

/// The parameters of a request object whose signature is right.
pub fn read(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<RawRequest, Refusal> {
    const WHO: Refusal = Refusal::new(
        Code::InvalidRequestObject,
        "The request object is not from this client_id, or is an assertion of it",
    );
    const NESTED: Refusal =
        Refusal::new(Code::InvalidRequestObject, "A request object must not hold request or request_uri");
    const VALUE: Refusal =
        Refusal::new(Code::InvalidRequestObject, "A parameter in the request object has no usable value");
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let is_own = |name: &str| claims.get(name).is_none_or(|_| text(name) == Some(expected.client_id));
    // RFC 9101 §10.8: an assertion of the application, which has itself as subject, is no request.
    if !is_own("iss") || !is_own("client_id") || text("sub") == Some(expected.client_id) {
        return Err(WHO);
    }
    check_audience(claims.get("aud"), expected)?;
    check_time(claims, expected)?;
    if claims.contains_key("request") || claims.contains_key("request_uri") {
        return Err(NESTED);
    }
    let mut pairs = vec![("client_id".to_owned(), expected.client_id.to_owned())];
    for (name, value) in claims.iter().filter(|(name, _)| !ABOUT.contains(&name.as_str())) {
        let text = match value {
            Value::String(text) => text.clone(),
            // RFC 9101 §4: numbers and objects are as they are in JSON.
            Value::Number(_) | Value::Object(_) | Value::Bool(_) => value.to_string(),
            Value::Null | Value::Array(_) => return Err(VALUE),
        };
        pairs.push((name.clone(), text));
    }
    Ok(RawRequest::read(pairs))
}

fn check_audience(aud: Option<&Value>, expected: &Expected<'_>) -> Result<(), Refusal> {
    const AUDIENCE: Refusal =
        Refusal::new(Code::InvalidRequestObject, "The aud of the request object must be the issuer");
    let is_ours = match aud {
        None => !expected.strict,
        Some(Value::String(aud)) => aud == expected.issuer,
        Some(Value::Array(all)) => all.iter().any(|aud| aud.as_str() == Some(expected.issuer)),
        Some(_) => false,
    };
    if is_ours { Ok(()) } else { Err(AUDIENCE) }
}

fn check_time(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Refusal> {
    const TIME: Refusal =
        Refusal::new(Code::InvalidRequestObject, "The request object has expired or is not good yet");
    const NEEDED: Refusal = Refusal::new(
        Code::InvalidRequestObject,
        "The request object needs nbf, at most an hour ago, and exp, at most an hour after it",
    );
    let now = expected.now.seconds();
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => seconds(value).map(Some).ok_or(TIME),
    };
    let (begins, ends) = (time("nbf")?, time("exp")?);
    if ends.is_some_and(|ends| ends.saturating_add(SKEW) <= now)
        || begins.is_some_and(|begins| begins > now.saturating_add(SKEW))
    {
        return Err(TIME);
    }
    match (expected.strict, begins, ends) {
        (false, ..) => Ok(()),
        (true, Some(begins), Some(ends)) if begins >= now - HOUR && ends <= begins.saturating_add(HOUR) => {
            Ok(())
        }
        (true, ..) => Err(NEEDED),
    }
}

/// RFC 7519 §2: a NumericDate, which may have a fraction.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a moment beyond the range saturates and is refused")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: i64 = 1_000_000;

    fn read_with(changes: &Value, strict: bool) -> Result<RawRequest, Refusal> {
        let mut claims = json!({
            "iss": "app", "aud": "https://op.example", "nbf": NOW, "exp": NOW + 300,
            "client_id": "app", "state": "x", "max_age": 60, "claims": { "userinfo": { "name": null } },
        });
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        let mut claims = claims.as_object().expect("an object").clone();
        claims.retain(|_, value| !value.is_null());
        let now = Timestamp::from_seconds(NOW);
        read(&claims, &Expected { client_id: "app", issuer: "https://op.example", strict, now })
    }

    #[test]
    fn the_parameters_are_read_as_they_would_come_in_a_query() {
        let raw = read_with(&json!({}), true).expect("good");
        assert_eq!(raw.once("state"), Some("x"));
        assert_eq!(raw.once("max_age"), Some("60"));
        assert_eq!(raw.once("claims"), Some(r#"{"userinfo":{"name":null}}"#));
        assert_eq!(raw.once("client_id"), Some("app"));
    }

    #[test]
    fn it_is_from_the_application_for_the_house_and_holds_no_other_request() {
        for (changes, loose, strict) in [
            (json!({ "iss": "other" }), false, false),
            (json!({ "client_id": "other" }), false, false),
            (json!({ "sub": "app" }), false, false),
            (json!({ "request_uri": "urn:x" }), false, false),
            (json!({ "request": "x" }), false, false),
            (json!({ "scope": ["openid"] }), false, false),
            (json!({ "aud": "https://elsewhere.example" }), false, false),
            (json!({ "aud": ["https://elsewhere.example", "https://op.example"] }), true, true),
            (json!({ "aud": null }), true, false),
            (json!({ "iss": null }), true, true),
        ] {
            assert_eq!(read_with(&changes, false).is_ok(), loose, "{changes}");
            assert_eq!(read_with(&changes, true).is_ok(), strict, "{changes}");
        }
    }

    #[test]
    fn under_fapi_it_names_its_time_and_lives_an_hour_at_most() {
        for (changes, loose, strict) in [
            (json!({ "exp": NOW - 60 }), false, false),
            (json!({ "nbf": NOW + 61 }), false, false),
            (json!({ "nbf": NOW + 8 }), true, true),
            (json!({ "exp": null }), true, false),
            (json!({ "nbf": null }), true, false),
            (json!({ "exp": NOW + 3601 }), true, false),
            (json!({ "exp": NOW + 3600 }), true, true),
            (json!({ "nbf": NOW - 3601 }), true, false),
            (json!({ "exp": "soon" }), false, false),
        ] {
            assert_eq!(read_with(&changes, false).is_ok(), loose, "{changes}");
            assert_eq!(read_with(&changes, true).is_ok(), strict, "{changes}");
        }
    }

    proptest! {
        #[test]
        fn any_claims_are_read_or_refused(name in "[a-z_]{0,12}", number in any::<f64>(), text in ".{0,40}") {
            for value in [json!(number), json!(text), json!([text]), json!({ "x": number })] {
                for strict in [true, false] {
                    let _ = read_with(&json!({ &name: value.clone(), "exp": number }), strict);
                }
            }
        }
    }
}
