//! How an application proves that it is itself (RFC 6749 §2.3, OIDC Core 1.0 §9), and what an assertion of it must say
//! (RFC 7523 §3).

use super::error::{Code, Refusal};
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::Duration;

/// How far the clocks of an application and of the house may be apart.
const SKEW: i64 = 60;

/// For how long an assertion may be good.
const LONGEST_LIFE: i64 = 600;

/// A `jti` is not longer.
const LONGEST_ID: usize = 256;

/// How an application proves itself at the token endpoint (OIDC Registration §2, `token_endpoint_auth_method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A secret in the header.
    ClientSecretBasic,
    /// A secret in the form.
    ClientSecretPost,
    /// A JWT under the secret.
    ClientSecretJwt,
    /// A JWT under a key of its own.
    PrivateKeyJwt,
    /// A certificate for which an authority vouches (RFC 8705 §2.1).
    TlsClientAuth,
    /// A certificate that it registered (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
    /// Nothing: a public application.
    None,
}

impl AuthMethod {
    /// Every method.
    pub const ALL: [Self; 7] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::None,
    ];

    /// Its name in the specifications.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }

    /// Reads [`AuthMethod::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }

    /// Whether the application has a secret that the house made.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }

    /// Whether the application proves itself by the certificate of its connection.
    pub const fn is_by_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }
}

/// Which rules hold for an application beyond those for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// OpenID Connect.
    #[default]
    Standard,
    /// FAPI 2.0 Security Profile.
    Fapi2,
}

impl Profile {
    /// The word in the registration and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Fapi2 => "fapi2",
        }
    }

    /// Reads [`Profile::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Standard, Self::Fapi2].into_iter().find(|profile| profile.code() == code)
    }

    /// The algorithms under which an application of this profile may sign (FAPI 2.0 §5.4.1).
    pub const fn algorithms(self) -> &'static [ClientAlg] {
        match self {
            Self::Standard => &ClientAlg::ASYMMETRIC,
            Self::Fapi2 => &[ClientAlg::Ps256, ClientAlg::Es256, ClientAlg::EdDsa],
        }
    }
}

/// An algorithm under which an application signs; `none` is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClientAlg {
    /// RSASSA-PKCS1-v1_5.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA with P-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// HMAC with the client secret.
    #[serde(rename = "HS256")]
    Hs256,
}

impl ClientAlg {
    /// Those with a private and a public key.
    pub const ASYMMETRIC: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// Its name in the specifications (RFC 7518 §3.1).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    /// Reads [`ClientAlg::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa, Self::Hs256];
        all.into_iter().find(|alg| alg.code() == code)
    }
}

/// What an assertion is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The application that it must be from and about.
    pub client_id: &'a str,
    /// The issuer of the house.
    pub issuer: &'a str,
    /// The addresses of the token endpoint.
    pub token_endpoints: &'a [String],
    /// Which rule of the audience holds.
    pub profile: Profile,
    /// The present moment.
    pub now: Timestamp,
}

/// A good assertion; it is good once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodOnce {
    /// Its `jti`.
    pub id: String,
    /// When it can be forgotten.
    pub until: Timestamp,
}

/// Looks at the claims of an assertion whose signature is right (RFC 7523 §3, OIDC Core §9).
pub fn check_assertion(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<GoodOnce, Refusal> {
    const FROM: Refusal =
        Refusal::new(Code::InvalidClient, "client_assertion: iss and sub must both be the client_id");
    const EXP: Refusal =
        Refusal::new(Code::InvalidClient, "client_assertion: exp is missing, past, or over 10 minutes away");
    const EARLY: Refusal =
        Refusal::new(Code::InvalidClient, "client_assertion: nbf or iat is no time or lies in the future");
    const ID: Refusal =
        Refusal::new(Code::InvalidClient, "client_assertion: jti is missing or over 256 bytes long");
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.client_id) || text("sub") != Some(expected.client_id) {
        return Err(FROM);
    }
    check_audience(claims.get("aud"), expected)?;
    let now = expected.now.seconds();
    let ends = claims.get("exp").and_then(seconds).ok_or(EXP)?;
    if ends.saturating_add(SKEW) <= now || ends > now.saturating_add(LONGEST_LIFE + SKEW) {
        return Err(EXP);
    }
    for name in ["nbf", "iat"] {
        if let Some(value) = claims.get(name)
            && seconds(value).is_none_or(|begins| begins > now.saturating_add(SKEW))
        {
            return Err(EARLY);
        }
    }
    let id = text("jti").filter(|id| !id.is_empty() && id.len() <= LONGEST_ID).ok_or(ID)?;
    Ok(GoodOnce { id: id.to_owned(), until: expected.now.plus(Duration::seconds(LONGEST_LIFE + 2 * SKEW)) })
}

/// RFC 7523 §3 (3): the house must be meant. FAPI 2.0 §5.3.2.1 (9): by its issuer as one text and by nothing else.
fn check_audience(aud: Option<&Value>, expected: &Expected<'_>) -> Result<(), Refusal> {
    const AUDIENCE: Refusal = Refusal::new(
        Code::InvalidClient,
        "client_assertion: aud must be the issuer or the address of the token endpoint",
    );
    const FAPI: Refusal =
        Refusal::new(Code::InvalidClient, "client_assertion: aud must be the issuer, as one string");
    let is_ours = |text: &str| {
        text == expected.issuer || expected.token_endpoints.iter().any(|endpoint| endpoint == text)
    };
    match (expected.profile, aud) {
        (Profile::Fapi2, Some(Value::String(aud))) if aud == expected.issuer => Ok(()),
        (Profile::Fapi2, _) => Err(FAPI),
        (Profile::Standard, Some(Value::String(aud))) if is_ours(aud) => Ok(()),
        (Profile::Standard, Some(Value::Array(all))) if all.iter().filter_map(Value::as_str).any(is_ours) => {
            Ok(())
        }
        (Profile::Standard, _) => Err(AUDIENCE),
    }
}

/// RFC 7519 §2: a NumericDate, which may have a fraction.
fn seconds(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a moment beyond the range saturates and is refused")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(changes: &Value, profile: Profile) -> Result<GoodOnce, Refusal> {
        let mut claims = json!({
            "iss": "app", "sub": "app", "aud": "https://op.example", "exp": 1_000_060, "iat": 1_000_000, "jti": "x",
        });
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        let claims = claims.as_object().expect("an object").clone();
        let endpoints = ["https://op.example/token".to_owned()];
        let expected = Expected {
            client_id: "app",
            issuer: "https://op.example",
            token_endpoints: &endpoints,
            profile,
            now: Timestamp::from_seconds(1_000_000),
        };
        check_assertion(&claims, &expected)
    }

    #[test]
    fn the_audience_is_the_issuer_or_the_token_endpoint_and_under_fapi_the_issuer_alone() {
        use Profile::{Fapi2, Standard};
        for (aud, standard, fapi) in [
            (json!("https://op.example"), true, true),
            (json!("https://op.example/token"), true, false),
            (json!(["https://op.example"]), true, false),
            (json!(["https://elsewhere.example", "https://op.example/token"]), true, false),
            (json!("https://op.example/"), false, false),
            (json!("https://elsewhere.example"), false, false),
            (json!([]), false, false),
            (Value::Null, false, false),
        ] {
            assert_eq!(check(&json!({ "aud": aud }), Standard).is_ok(), standard, "{aud}");
            assert_eq!(check(&json!({ "aud": aud }), Fapi2).is_ok(), fapi, "{aud}");
        }
    }

    #[test]
    fn an_assertion_lives_ten_minutes_at_most_and_clocks_may_differ_by_one() {
        for (name, value, good) in [
            ("exp", json!(999_941), true),
            ("exp", json!(999_940), false),
            ("exp", json!(1_000_660), true),
            ("exp", json!(1_000_661), false),
            ("exp", json!("1000060"), false),
            ("exp", Value::Null, false),
            ("exp", json!(1e300), false),
            ("nbf", json!(1_000_060), true),
            ("nbf", json!(1_000_061), false),
            ("nbf", json!("soon"), false),
            ("iat", json!(1_000_061.5), false),
            ("iat", json!(999_000.25), true),
        ] {
            assert_eq!(check(&json!({ name: value }), Profile::Standard).is_ok(), good, "{name} {value}");
        }
    }

    #[test]
    fn it_is_from_and_about_the_application_and_has_an_id() {
        for bad in [
            json!({ "iss": "other" }),
            json!({ "sub": "other" }),
            json!({ "sub": null }),
            json!({ "jti": "" }),
            json!({ "jti": 5 }),
            json!({ "jti": "x".repeat(257) }),
        ] {
            assert!(check(&bad, Profile::Standard).is_err(), "{bad}");
        }
    }
}
