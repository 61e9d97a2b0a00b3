//! OpenID Connect Discovery 1.0 §3, §4; RFC 8414 §2, §3; RFC 7517 §5; RFC 8705 §3.3, §5.

use super::reply;
use crate::app::App;
use crate::config::{ClientCertificates, RegistrationMode};
use crate::domain::oauth::answer::ResponseMode;
use crate::domain::oauth::claims_request::KNOWN;
use crate::domain::oauth::client_auth::{AuthMethod, ClientAlg};
use crate::domain::oauth::device::DEVICE_CODE;
use crate::domain::oauth::dpop::ALGORITHMS;
use crate::domain::oauth::key::SigningAlg;
use crate::domain::oauth::response_type::ResponseType;
use crate::domain::oauth::scope::Scope;
use crate::domain::proof::Class;
use crate::services::keys;
use crate::urls;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The metadata: bytes made once.
pub(super) async fn metadata(State(app): State<App>) -> Response {
    let document = app.discovery.get_or_init(|| document(&app));
    public(document.clone())
}

/// The public keys: bytes made when they change.
pub(super) async fn jwks(State(app): State<App>) -> Response {
    match keys::published(&app).await {
        Ok(set) => public(set),
        Err(error) => reply::internal(&error),
    }
}

fn public(json: String) -> Response {
    // Far shorter than `domain::oauth::key::PUBLISHED_FOR`.
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=900")];
    (headers, json).into_response()
}

fn document(app: &App) -> String {
    let issuer = app.config.server.issuer();
    let at = |path: &str| format!("{issuer}{path}");
    let of_the_token =
        ["iss", "sub", "aud", "exp", "iat", "auth_time", "amr", "acr", "nonce", "sid", "at_hash", "c_hash"];
    let claims: Vec<_> = of_the_token.into_iter().chain(KNOWN.iter().map(|(name, _)| *name)).collect();
    let modes: Vec<_> = ResponseMode::ALL.map(ResponseMode::code).into_iter().chain(["jwt"]).collect();
    let signing = ClientAlg::ASYMMETRIC.map(ClientAlg::code);
    let signed = SigningAlg::ALL.map(SigningAlg::code);
    let algorithms = ["RS256", "PS256", "ES256", "EdDSA", "HS256"];
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": at(urls::AUTHORIZE),
        "token_endpoint": at(urls::TOKEN),
        "userinfo_endpoint": at(urls::USERINFO),
        "jwks_uri": at(urls::JWKS),
        "end_session_endpoint": at(urls::END_SESSION),
        "revocation_endpoint": at(urls::REVOKE),
        "check_session_iframe": at(urls::CHECK_SESSION),
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "scopes_supported": Scope::ALL.map(Scope::code),
        "response_types_supported": ResponseType::ALL,
        "response_modes_supported": modes,
        "grant_types_supported":
            ["authorization_code", "implicit", "refresh_token", "client_credentials", DEVICE_CODE],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": signed,
        "userinfo_signing_alg_values_supported": signed,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "code_challenge_methods_supported": ["S256"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "acr_values_supported": Class::ALL.map(Class::urn),
        "display_values_supported": ["page", "popup", "touch"],
        "ui_locales_supported": ["vi", "en"],
        "claims_locales_supported": ["vi-VN"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": true,
        // OIDC Core §6.2: no other address is asked.
        "require_request_uri_registration": true,
        "request_object_signing_alg_values_supported": signing,
        "authorization_signing_alg_values_supported": signed,
        "pushed_authorization_request_endpoint": at(urls::PAR),
        "require_pushed_authorization_requests": false,
        "device_authorization_endpoint": at(urls::DEVICE_AUTHORIZATION),
        "dpop_signing_alg_values_supported": ALGORITHMS.map(ClientAlg::code),
        // RFC 9207 §3.
        "authorization_response_iss_parameter_supported": true,
    });
    introspection(&mut document, &at(urls::INTROSPECT));
    proofs(&mut document, &app.config.server.client_certificates);
    if app.config.registration.mode != RegistrationMode::Off {
        document["registration_endpoint"] = at(urls::REGISTER).into();
    }
    document.to_string()
}

/// RFC 8414 §2, RFC 9701 §7, RFC 8705 §3.3, §5: how applications prove themselves, at the introspection never by nothing.
fn proofs(document: &mut Value, certificates: &ClientCertificates) {
    let methods: Vec<_> = AuthMethod::ALL.into_iter().filter(|method| certificates.offer(*method)).collect();
    let codes: Vec<_> = methods.iter().map(|method| method.code()).collect();
    document["token_endpoint_auth_methods_supported"] = json!(codes);
    document["revocation_endpoint_auth_methods_supported"] = json!(codes);
    let methods = methods.into_iter().filter(|method| *method != AuthMethod::None);
    document["introspection_endpoint_auth_methods_supported"] = methods.map(AuthMethod::code).collect();
    if certificates.header.is_none() {
        return;
    }
    document["tls_client_certificate_bound_access_tokens"] = true.into();
    let Some(base) = certificates.mtls_base() else { return };
    let aliases = [
        ("token_endpoint", urls::TOKEN),
        ("revocation_endpoint", urls::REVOKE),
        ("introspection_endpoint", urls::INTROSPECT),
        ("pushed_authorization_request_endpoint", urls::PAR),
        ("device_authorization_endpoint", urls::DEVICE_AUTHORIZATION),
        ("userinfo_endpoint", urls::USERINFO),
    ];
    let aliases = aliases.map(|(name, path)| (name.to_owned(), Value::from(format!("{base}{path}"))));
    document["mtls_endpoint_aliases"] = aliases.into_iter().collect();
}

/// RFC 8414 §2, RFC 9701 §7.
fn introspection(document: &mut Value, endpoint: &str) {
    document["introspection_endpoint"] = endpoint.into();
    document["introspection_endpoint_auth_signing_alg_values_supported"] =
        document["token_endpoint_auth_signing_alg_values_supported"].clone();
    document["introspection_signing_alg_values_supported"] =
        document["id_token_signing_alg_values_supported"].clone();
}
