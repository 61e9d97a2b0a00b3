//! OpenID Connect Discovery 1.0 §3, §4; RFC 8414; RFC 7517: what the house says of itself; and who may read it.

use crate::rp::{CALLBACK, ISSUER, Rp, house, json};
use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json as value};

/// The names that Discovery, RFC 8414, RFC 9207 and RP-Initiated Logout define, as far as the house uses them.
const KNOWN: &[&str] = &[
    "acr_values_supported",
    // OIDC Back-Channel Logout §2.1.
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
    "authorization_endpoint",
    "authorization_response_iss_parameter_supported",
    "claim_types_supported",
    "claims_parameter_supported",
    "claims_supported",
    "code_challenge_methods_supported",
    "end_session_endpoint",
    "grant_types_supported",
    "id_token_signing_alg_values_supported",
    "issuer",
    "jwks_uri",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "response_modes_supported",
    "response_types_supported",
    "revocation_endpoint",
    "revocation_endpoint_auth_methods_supported",
    "introspection_endpoint",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "introspection_signing_alg_values_supported",
    "scopes_supported",
    "subject_types_supported",
    "token_endpoint",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "ui_locales_supported",
    "userinfo_endpoint",
    "userinfo_signing_alg_values_supported",
    "registration_endpoint",
    "introspection_endpoint",
    "claims_locales_supported",
    "require_request_uri_registration",
    "request_object_signing_alg_values_supported",
    "authorization_signing_alg_values_supported",
    "pushed_authorization_request_endpoint",
    "require_pushed_authorization_requests",
    "dpop_signing_alg_values_supported",
    "check_session_iframe",
    "frontchannel_logout_supported",
    "frontchannel_logout_session_supported",
    "display_values_supported",
    "device_authorization_endpoint",
    // RFC 8705 §3.3, §5.
    "tls_client_certificate_bound_access_tokens",
    "mtls_endpoint_aliases",
];

#[tokio::test]
async fn the_document_says_what_the_house_can_discovery_3() {
    let house = house().await;
    let answer = house.browser().get("/.well-known/openid-configuration").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    let document = json(&answer);
    assert_eq!(document["issuer"], ISSUER);
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/jwks"),
        ("end_session_endpoint", "/logout"),
        ("revocation_endpoint", "/revoke"),
    ] {
        assert_eq!(document[name], format!("{ISSUER}{path}"));
    }
    let types = document["response_types_supported"].as_array().expect("a list");
    assert!(types.contains(&value!("code")) && types.contains(&value!("code id_token token")));
    assert!(!types.contains(&value!("token")), "never alone");
    assert_eq!(document["claims_parameter_supported"], true);
    assert_eq!(document["code_challenge_methods_supported"], value!(["S256"]));
    assert_eq!(
        document["id_token_signing_alg_values_supported"],
        value!(["RS256", "PS256", "ES256", "EdDSA"])
    );
    assert_eq!(document["request_uri_parameter_supported"], true);
    assert_eq!(document["pushed_authorization_request_endpoint"], format!("{ISSUER}/par"));
    let algs = document["request_object_signing_alg_values_supported"].as_array().expect("a list");
    assert!(algs.contains(&value!("RS256")) && !algs.contains(&value!("none")));
}

#[tokio::test]
async fn the_document_has_no_name_that_no_specification_knows() {
    let house = house().await;
    let document = json(&house.browser().get("/.well-known/openid-configuration").await);
    for name in document.as_object().expect("an object").keys() {
        assert!(KNOWN.contains(&name.as_str()), "{name}");
    }
}

#[tokio::test]
async fn the_same_document_is_there_for_oauth_clients_rfc8414_3() {
    let house = house().await;
    let mut browser = house.browser();
    let one = browser.get("/.well-known/openid-configuration").await;
    let other = browser.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(one.body, other.body);
}

#[tokio::test]
async fn every_key_is_public_complete_and_named_by_its_thumbprint_rfc7517_rfc7638() {
    let house = house().await;
    let answer = house.browser().get("/jwks").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let set = json(&answer);
    let keys = set["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 1);
    let key = &keys[0];
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&value!("RSA"), &value!("RS256"), &value!("sig")));
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(key[private], Value::Null);
    }
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.clone()).expect("a JWK");
    let thumbprint = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).expect("a thumbprint");
    assert_eq!(key["kid"], thumbprint);
}

#[tokio::test]
async fn any_origin_may_read_what_needs_no_cookie_and_nothing_else_rfc9700_2_6() {
    let house = house().await;
    let rp = Rp::web(&house).await;
    let mut browser = house.browser();
    for path in ["/.well-known/openid-configuration", "/jwks", "/userinfo", "/token", "/revoke"] {
        let preflight = Request::builder().method(Method::OPTIONS).uri(path).header("origin", CALLBACK);
        let answer = browser.send(preflight, Body::empty()).await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
    for path in [rp.address(&[]).as_str(), "/logout", "/sign-in"] {
        let answer = browser.send(Request::get(path).header("origin", CALLBACK), Body::empty()).await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
    }
}

#[tokio::test]
async fn the_protocol_is_not_served_at_the_door_of_the_administration() {
    let house = house().await;
    let mut browser = house.admin_browser();
    for path in ["/.well-known/openid-configuration", "/jwks", "/authorize", "/logout", "/userinfo"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}
