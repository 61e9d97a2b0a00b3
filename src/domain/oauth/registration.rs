//! A registration as an application sends it (RFC 7591 §2, OIDC Registration 1.0 §2): what may be in it, what fits
//! together, and how it is told back. Nothing here asks the network; the sector list is for the services to fetch.

use super::client::{Client, ClientKind};
use super::client_auth::AuthMethod;
use super::error::Code;
use super::metadata::Metadata;
use super::redirect::{RedirectUri, origin};
use super::response_type::ResponseType;
use super::scope::Scopes;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use url::Url;

/// Members of [`Metadata`] that an application may set itself; every other one is the city's to set.
const OWN: &[&str] = &[
    "contacts",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "initiate_login_uri",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "jwks",
    "jwks_uri",
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
    "tls_client_certificate_bound_access_tokens",
    "grant_types",
    "response_types",
    "subject_type",
    "sector_identifier_uri",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "request_object_signing_alg",
    "request_uris",
    "require_signed_request_object",
    "authorization_signed_response_alg",
    "require_pushed_authorization_requests",
    "dpop_bound_access_tokens",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "default_max_age",
    "require_auth_time",
    "default_acr_values",
];

/// Members with an address, and whether it must be https (the others may be http on this machine).
const ADDRESSES: &[(&str, bool)] = &[
    ("client_uri", false),
    ("logo_uri", false),
    ("policy_uri", false),
    ("tos_uri", false),
    ("jwks_uri", false),
    ("sector_identifier_uri", false),
    ("backchannel_logout_uri", false),
    ("frontchannel_logout_uri", false),
    // OIDC Core §4: https only.
    ("initiate_login_uri", true),
];

/// Tokens that are asked to be encrypted are not given in clear instead.
const ENCRYPTED: &[&str] = &[
    "id_token_encrypted_response_alg",
    "userinfo_encrypted_response_alg",
    "request_object_encryption_alg",
    "authorization_encrypted_response_alg",
];

/// The grant types that may be registered.
const GRANT_TYPES: &[&str] = &[
    "authorization_code",
    "implicit",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
];

/// The algorithms under which the house signs for an application.
pub const SIGNED_RESPONSES: &[&str] = &["RS256", "PS256", "ES256", "EdDSA"];

/// So many values of a list are read.
const MOST: usize = 50;

/// Why a registration is refused (RFC 7591 §3.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRegistration {
    /// `invalid_redirect_uri` or `invalid_client_metadata`.
    pub code: Code,
    /// The sentence for the developer.
    pub description: String,
}

impl BadRegistration {
    /// The metadata cannot be registered. What an application wrote may be in the sentence: characters that no
    /// description has (RFC 6749 §5.2) are left out of it.
    pub fn metadata(description: impl AsRef<str>) -> Self {
        Self { code: Code::InvalidClientMetadata, description: plain(description.as_ref()) }
    }

    /// An address for answers cannot be registered.
    pub fn redirect_uri(description: impl AsRef<str>) -> Self {
        Self { code: Code::InvalidRedirectUri, description: plain(description.as_ref()) }
    }
}

fn plain(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\u{20}'..='\u{21}' | '\u{23}'..='\u{5B}' | '\u{5D}'..='\u{7E}');
    text.replace('"', "'").chars().filter(allowed).take(300).collect()
}

/// What an application asks to be registered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name for people.
    pub name: String,
    /// Where it runs.
    pub kind: ClientKind,
    /// Where answers may go.
    pub redirect_uris: Vec<String>,
    /// Where people may go after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Its start page.
    pub home: Option<String>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Where it is told that a session has ended.
    pub backchannel_logout_uri: Option<String>,
    /// Everything else.
    pub metadata: Metadata,
}

/// Reads a registration. Members that nobody knows are ignored (RFC 7591 §2).
pub fn read(document: &Map<String, Value>) -> Result<Wanted, BadRegistration> {
    if let Some(name) = ENCRYPTED.iter().find(|name| document.get(**name).is_some_and(|v| !v.is_null())) {
        return Err(BadRegistration::metadata(format!("{name}: encryption is not supported")));
    }
    for (name, https) in ADDRESSES {
        check_address(name, text(document, name)?, *https)?;
    }
    check_request_uris(&texts(document, "request_uris")?)?;
    let is_native = match text(document, "application_type")? {
        None | Some("web") => false,
        Some("native") => true,
        Some(_) => return Err(BadRegistration::metadata("application_type is web or native")),
    };
    let mut metadata = metadata(document)?;
    // RFC 7591 §2: without a method it is client_secret_basic.
    let method = *metadata.token_endpoint_auth_method.get_or_insert(AuthMethod::ClientSecretBasic);
    let kind = match (is_native, method) {
        (true, _) => ClientKind::Native,
        (false, AuthMethod::None) => ClientKind::Spa,
        (false, _) => ClientKind::Web,
    };
    check_flows(&mut metadata)?;
    let redirect_uris = redirect_uris(document, kind, &metadata)?;
    check_subject(&metadata, &redirect_uris)?;
    let named = text(document, "client_name")?.or(text(document, "client_name#vi")?).map(str::to_owned);
    Ok(Wanted {
        name: named.unwrap_or_else(|| host_of(&redirect_uris)),
        kind,
        redirect_uris,
        post_logout_redirect_uris: texts(document, "post_logout_redirect_uris")?,
        home: text(document, "client_uri")?.map(str::to_owned),
        scopes: text(document, "scope")?.map_or_else(Scopes::all, Scopes::parse),
        backchannel_logout_uri: text(document, "backchannel_logout_uri")?.map(str::to_owned),
        metadata,
    })
}

/// What an application asks for, with what the city set left as it was.
pub fn within(before: &Metadata, wanted: &Metadata) -> Metadata {
    let members = |metadata: &Metadata, own: bool| {
        let all = serde_json::to_value(metadata).unwrap_or_default();
        let mut members = all.as_object().cloned().unwrap_or_default();
        members.retain(|name, _| OWN.contains(&name.as_str()) == own);
        members
    };
    let all = members(before, false).into_iter().chain(members(wanted, true)).collect();
    serde_json::from_value(Value::Object(all)).unwrap_or_else(|_| before.clone())
}

/// What is registered, under the names of the specifications (RFC 7591 §3.2.1). Members of our own are left out.
pub fn show(client: &Client) -> Map<String, Value> {
    let all = serde_json::to_value(&client.metadata).unwrap_or_default();
    let mut shown = all.as_object().cloned().unwrap_or_default();
    shown.retain(|name, _| OWN.contains(&name.as_str()));
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    set("client_id", client.client_id.as_str().into());
    set("client_id_issued_at", client.created_at.seconds().into());
    set("client_name", client.name.as_str().into());
    set("application_type", if client.kind == ClientKind::Native { "native" } else { "web" }.into());
    set("redirect_uris", uris(&client.redirect_uris));
    set("scope", client.scopes.to_string().into());
    set("grant_types", json!(client.metadata.grant_types()));
    set("response_types", json!(client.metadata.response_types()));
    set("subject_type", client.metadata.subject_type.code().into());
    set("id_token_signed_response_alg", client.metadata.id_token_alg().code().into());
    if !client.post_logout_redirect_uris.is_empty() {
        set("post_logout_redirect_uris", uris(&client.post_logout_redirect_uris));
    }
    if let Some(home) = &client.home {
        set("client_uri", home.as_str().into());
    }
    if let Some(uri) = &client.backchannel_logout_uri {
        set("backchannel_logout_uri", uri.as_str().into());
        // Every logout token has a sid.
        set("backchannel_logout_session_required", true.into());
    }
    shown
}

fn uris(all: &[RedirectUri]) -> Value {
    all.iter().map(RedirectUri::as_str).collect::<Vec<_>>().into()
}

/// The members that an application may set, as far as they are there.
fn metadata(document: &Map<String, Value>) -> Result<Metadata, BadRegistration> {
    let own: Map<_, _> = document
        .iter()
        .filter(|(name, value)| OWN.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for list in ["contacts", "grant_types", "response_types", "default_acr_values"] {
        texts(document, list)?;
    }
    let metadata: Metadata = serde_json::from_value(Value::Object(own))
        .map_err(|error| BadRegistration::metadata(error.to_string()))?;
    for (name, alg) in [
        ("id_token_signed_response_alg", &metadata.id_token_signed_response_alg),
        ("userinfo_signed_response_alg", &metadata.userinfo_signed_response_alg),
        ("authorization_signed_response_alg", &metadata.authorization_signed_response_alg),
    ] {
        if alg.as_ref().is_some_and(|alg| !SIGNED_RESPONSES.contains(&alg.as_str())) {
            return Err(BadRegistration::metadata(format!(
                "{name} is one of {}",
                SIGNED_RESPONSES.join(", ")
            )));
        }
    }
    Ok(metadata)
}

/// OIDC Registration §2, RFC 7591 §2.1: response types and grant types go together.
fn check_flows(metadata: &mut Metadata) -> Result<(), BadRegistration> {
    if metadata.response_types.is_empty() {
        metadata.response_types = vec!["code".to_owned()];
    }
    for wanted in &mut metadata.response_types {
        let known = ResponseType::parse(wanted);
        let known = known.ok_or_else(|| BadRegistration::metadata(format!("response_types: {wanted}")))?;
        *wanted = known.to_string();
    }
    let (mut needs_code, mut needs_implicit) = (false, false);
    for word in metadata.response_types.iter().flat_map(|one| one.split(' ')) {
        needs_code |= word == "code";
        needs_implicit |= word != "code";
    }
    if metadata.grant_types.is_empty() {
        let needed = [("authorization_code", needs_code), ("implicit", needs_implicit)];
        metadata.grant_types =
            needed.iter().filter(|(_, needed)| *needed).map(|(name, _)| (*name).to_owned()).collect();
    }
    if let Some(unknown) = metadata.grant_types.iter().find(|one| !GRANT_TYPES.contains(&one.as_str())) {
        return Err(BadRegistration::metadata(format!("grant_types: {unknown} is not supported")));
    }
    let has = |name| metadata.allows_grant(name);
    let only_service = !has("authorization_code") && !has("implicit");
    if !only_service && ((needs_code && !has("authorization_code")) || (needs_implicit && !has("implicit"))) {
        return Err(BadRegistration::metadata("grant_types and response_types do not go together"));
    }
    Ok(())
}

fn redirect_uris(
    document: &Map<String, Value>,
    kind: ClientKind,
    metadata: &Metadata,
) -> Result<Vec<String>, BadRegistration> {
    let all = texts(document, "redirect_uris")?;
    if all.is_empty() && metadata.needs_redirect_uri() {
        return Err(BadRegistration::redirect_uri("redirect_uris is missing"));
    }
    for uri in &all {
        if let Err(why) = RedirectUri::register(uri, kind) {
            return Err(BadRegistration::redirect_uri(format!("redirect_uris: {why}")));
        }
        // OIDC Registration §2: tokens in the front channel of a web application travel by https.
        let front = metadata.allows_grant("implicit") && kind != ClientKind::Native;
        if front && !uri.starts_with("https://") {
            return Err(BadRegistration::redirect_uri("redirect_uris: with implicit every one is https"));
        }
    }
    Ok(all)
}

/// OIDC Core §8.1: which sector a pairwise subject is for must be plain.
fn check_subject(metadata: &Metadata, redirect_uris: &[String]) -> Result<(), BadRegistration> {
    let hosts: BTreeSet<_> = redirect_uris.iter().map(|uri| host(uri)).collect();
    let is_plain = metadata.sector_identifier_uri.is_some() || hosts.len() == 1;
    if metadata.subject_type.is_pairwise() && !is_plain {
        return Err(BadRegistration::metadata(
            "subject_type pairwise with several hosts needs a sector_identifier_uri",
        ));
    }
    Ok(())
}

fn check_address(name: &str, address: Option<&str>, https: bool) -> Result<(), BadRegistration> {
    let Some(address) = address else { return Ok(()) };
    if let Err(why) = RedirectUri::register(address, ClientKind::Web) {
        return Err(BadRegistration::metadata(format!("{name}: {why}")));
    }
    if https && !address.starts_with("https://") {
        return Err(BadRegistration::metadata(format!("{name} must be https")));
    }
    Ok(())
}

/// OIDC Core §6.2: they may have a fragment, which is not sent.
fn check_request_uris(all: &[String]) -> Result<(), BadRegistration> {
    for uri in all {
        let without = uri.split('#').next().unwrap_or_default();
        check_address("request_uris", Some(without), false)?;
        if uri.len() > 512 || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadRegistration::metadata("request_uris: too long or not ASCII"));
        }
    }
    Ok(())
}

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, BadRegistration> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.len() <= 2000 && !text.contains('\0') => Ok(Some(text)),
        Some(_) => Err(BadRegistration::metadata(format!("{name} must be a string of 2000 bytes at most"))),
    }
}

fn texts(document: &Map<String, Value>, name: &str) -> Result<Vec<String>, BadRegistration> {
    let bad = || BadRegistration::metadata(format!("{name} must be an array of {MOST} strings at most"));
    match document.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(all)) if all.len() <= MOST => all
            .iter()
            .map(|one| one.as_str().filter(|text| text.len() <= 2000).map(str::to_owned).ok_or_else(bad))
            .collect(),
        Some(_) => Err(bad()),
    }
}

fn host_of(redirect_uris: &[String]) -> String {
    redirect_uris.first().map_or_else(|| "app".to_owned(), |uri| host(uri))
}

/// The host of an address; the scheme of a native one.
fn host(uri: &str) -> String {
    let host = Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| origin(uri))
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
