//! A registration becomes an application, or is refused: which addresses, keys and ways to prove itself fit together.
//! Nothing is written here.

use super::client_auth;
use super::clients::{ClientRefused, Registered, Registration};
use crate::app::App;
use crate::config::ClientCertificates;
use crate::crypto::jws::{BadKeys, ForeignKeys};
use crate::crypto::token;
use crate::domain::id::ClientRowId;
use crate::domain::name;
use crate::domain::oauth::client::{Client, ClientId, ClientKind};
use crate::domain::oauth::client_auth::{AuthMethod, ClientAlg, Profile};
use crate::domain::oauth::client_certificate::{BadSubject, Subject};
use crate::domain::oauth::metadata::{Metadata, PreviousSecret};
use crate::domain::oauth::redirect::{BadRedirectUri, RedirectUri, origin};
use crate::domain::oauth::resource;
use crate::domain::oauth::response_type::ResponseType;
use crate::domain::oauth::scope::Scope;
use crate::domain::secret::Secret;
use thiserror::Error;
use time::Duration;

/// No name is longer.
const LONGEST_NAME: usize = 200;

/// No heading of the portal is longer.
const LONGEST_CATEGORY: usize = 60;

/// So many addresses of a kind, and so many contacts.
const MOST: usize = 50;

/// Why metadata cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadMetadata {
    /// An application of this kind does not prove itself so.
    #[error("an application of the kind {0} cannot have the authentication method {1}")]
    Method(&'static str, &'static str),
    /// `private_key_jwt` needs keys.
    #[error("private_key_jwt needs the application's public keys: jwks or jwks_uri")]
    NoKeys,
    /// RFC 8705 §2.2: it needs a certificate.
    #[error(
        "self_signed_tls_client_auth needs the application's certificate: x5c of a key in jwks, or jwks_uri"
    )]
    NoCertificate,
    /// There are no client certificates in this house.
    #[error(
        "{0} is not offered: the configuration has no server.client_certificate_header, or nobody in \
         server.client_certificate_ca"
    )]
    NotOffered(&'static str),
    /// Whose certificate proves it is not plain.
    #[error(transparent)]
    Subject(#[from] BadSubject),
    /// RFC 7591 §2: not both.
    #[error("jwks and jwks_uri must not both be there")]
    TwoKeySets,
    /// The keys are none that an application may have.
    #[error("jwks: {0}")]
    Keys(#[from] BadKeys),
    /// The algorithm does not go with the method or the profile.
    #[error("{0} does not go with the authentication method or the profile of the application")]
    Algorithm(&'static str),
    /// FAPI 2.0 §5.3.2.1.
    #[error(
        "under FAPI 2.0 an application proves itself by private_key_jwt, tls_client_auth or self_signed_tls_client_auth"
    )]
    FapiMethod,
    /// FAPI 2.0 §5.3.2.1, §5.3.2.2, §5.4.1.
    #[error(
        "under FAPI 2.0 an application runs on a server, asks for code only, and has nothing signed by RS256"
    )]
    Fapi,
    /// There is too much of something.
    #[error("{0}: too many or too long")]
    TooMuch(&'static str),
    /// An address of the metadata cannot be registered.
    #[error("{0}: {1}")]
    Address(&'static str, BadRedirectUri),
    /// A scope of its own that cannot be one, or is one of the house's.
    #[error("{0:?} cannot be a scope that an application asks for in its own name")]
    Scope(String),
    /// A resource that cannot be one.
    #[error("{0:?} cannot be a resource: an https address without a fragment (RFC 8707)")]
    Resource(String),
    /// There is no such response type.
    #[error("response_types: {0} is not one that can be registered")]
    ResponseType(String),
    /// OIDC Front-Channel Logout §2: scheme, host and port are those of a redirect URI.
    #[error("frontchannel_logout_uri must have scheme, host and port of a redirect URI")]
    OtherOrigin,
}

/// A new application with its secret.
pub(super) fn new(app: &App, asked: &Registration) -> Result<Registered, ClientRefused> {
    let client_id = ClientId::new(&checked_name(asked)?, app.system.entropy());
    new_as(app, client_id, asked)
}

/// A new application under a `client_id` that it had elsewhere.
pub(super) fn new_as(
    app: &App,
    client_id: ClientId,
    asked: &Registration,
) -> Result<Registered, ClientRefused> {
    let now = app.now();
    let client = Client {
        id: ClientRowId::new(now, app.system.entropy()),
        client_id,
        name: checked_name(asked)?,
        kind: asked.kind,
        secret_digest: None,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: asked.scopes,
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata::default(),
        created_at: now,
        disabled_at: None,
        version: 0,
    };
    changed(app, &client, asked)
}

/// A known application with another registration; with a secret if it needs a new one.
pub(super) fn changed(app: &App, client: &Client, asked: &Registration) -> Result<Registered, ClientRefused> {
    if asked.redirect_uris.is_empty() && asked.metadata.needs_redirect_uri() {
        return Err(ClientRefused::NoRedirectUri);
    }
    if asked.legacy && !asked.kind.is_confidential() {
        return Err(ClientRefused::LegacyIsForWeb);
    }
    check(asked.kind, &asked.metadata)?;
    check_certificates(&app.config.server.client_certificates, &asked.metadata)?;
    check_frontchannel(asked)?;
    check_requests(&asked.metadata)?;
    let mut client = Client {
        name: checked_name(asked)?,
        kind: asked.kind,
        redirect_uris: addresses(&asked.redirect_uris, asked.kind)?,
        post_logout_redirect_uris: addresses(&asked.post_logout_redirect_uris, asked.kind)?,
        home: asked.home.as_deref().map(home).transpose()?,
        scopes: asked.scopes.with(Scope::OpenId),
        legacy: asked.legacy,
        id_token_claims: asked.id_token_claims,
        // OIDC Back-Channel Logout §2.2: an absolute address without a fragment; https, or http on this machine.
        backchannel_logout_uri: asked.backchannel_logout_uri.as_deref().map(home).transpose()?,
        metadata: asked.metadata.clone().kept_from(&client.metadata),
        ..client.clone()
    };
    let method = client.metadata.token_endpoint_auth_method;
    if !method.map_or(client.kind.is_confidential(), AuthMethod::has_secret) {
        client.secret_digest = None;
        client.metadata.sealed_secret = None;
        client.metadata.secret_made_at = None;
        client.metadata.previous_secret = None;
        return Ok(Registered { client, secret: None });
    }
    let signs = method == Some(AuthMethod::ClientSecretJwt);
    if client.secret_digest.is_some() && signs == client.metadata.sealed_secret.is_some() {
        return Ok(Registered { client, secret: None });
    }
    let (client, secret) = with_new_secret(app, client, Duration::ZERO);
    Ok(Registered { client, secret: Some(secret) })
}

/// The application with a new secret; the one before stays good for `overlap`. It is sealed only where the application signs with it.
pub(super) fn with_new_secret(app: &App, mut client: Client, overlap: Duration) -> (Client, Secret<String>) {
    let (secret, now) = (token::new(app.system.entropy()), app.now());
    let ends_at = now.plus(overlap).micros();
    client.metadata.previous_secret = client
        .secret_digest
        .take()
        .filter(|_| overlap.is_positive())
        .map(|digest| PreviousSecret { digest, sealed: client.metadata.sealed_secret.take(), ends_at });
    client.metadata.secret_made_at = Some(now.micros());
    client.secret_digest = Some(token::digest(secret.expose()));
    let signs = client.metadata.token_endpoint_auth_method == Some(AuthMethod::ClientSecretJwt);
    client.metadata.sealed_secret = signs.then(|| client_auth::seal(app, client.client_id.as_str(), &secret));
    (client, secret)
}

/// What fits together.
fn check(kind: ClientKind, metadata: &Metadata) -> Result<(), BadMetadata> {
    let method = metadata.token_endpoint_auth_method;
    // A single page has no place for a secret; what runs on a server does not come without a proof.
    let fits = match (kind, method) {
        (_, None) | (ClientKind::Native, _) => true,
        (ClientKind::Web, Some(method)) => method != AuthMethod::None,
        (ClientKind::Spa, Some(method)) => method == AuthMethod::None,
    };
    if let (false, Some(method)) = (fits, method) {
        return Err(BadMetadata::Method(kind.code(), method.code()));
    }
    check_keys(metadata)?;
    check_addresses(metadata)?;
    if let Some(alg) = metadata.token_endpoint_auth_signing_alg {
        let goes = match method {
            Some(AuthMethod::PrivateKeyJwt) => metadata.profile.algorithms().contains(&alg),
            Some(AuthMethod::ClientSecretJwt) => alg == ClientAlg::Hs256,
            // It says nothing for other methods, and is allowed to (OIDC Registration §2).
            _ => true,
        };
        if !goes {
            return Err(BadMetadata::Algorithm(alg.code()));
        }
    }
    let is_strong = |method: AuthMethod| method == AuthMethod::PrivateKeyJwt || method.is_by_certificate();
    if metadata.profile == Profile::Fapi2 && !method.is_some_and(is_strong) {
        return Err(BadMetadata::FapiMethod);
    }
    let algs = [&metadata.id_token_signed_response_alg, &metadata.userinfo_signed_response_alg];
    let is_closed = kind == ClientKind::Web
        && metadata.response_types().iter().all(|one| *one == "code")
        && !algs.into_iter().any(|alg| alg.as_deref() == Some("RS256"));
    if metadata.profile == Profile::Fapi2 && !is_closed {
        return Err(BadMetadata::Fapi);
    }
    Ok(())
}

/// RFC 8705 §2, §3.4: what is registered works in this house, and says whose certificate it is.
fn check_certificates(here: &ClientCertificates, metadata: &Metadata) -> Result<(), BadMetadata> {
    let method = metadata.token_endpoint_auth_method;
    if let Some(method) = method.filter(|method| !here.offer(*method)) {
        return Err(BadMetadata::NotOffered(method.code()));
    }
    if metadata.tls_client_certificate_bound_access_tokens && here.header.is_none() {
        return Err(BadMetadata::NotOffered("tls_client_certificate_bound_access_tokens"));
    }
    match (method, Subject::registered(metadata)) {
        // Members of a method that it does not use say nothing, but they are names nevertheless.
        (Some(AuthMethod::TlsClientAuth), Err(why)) | (_, Err(why @ BadSubject::Unreadable(_))) => {
            Err(why.into())
        }
        _ => Ok(()),
    }
}

/// What its requests may ask for, and where signed ones may be fetched (OIDC Core §6.2: with a fragment, if it likes).
fn check_requests(metadata: &Metadata) -> Result<(), BadMetadata> {
    if let Some(bad) = metadata.response_types.iter().find(|one| ResponseType::parse(one).is_none()) {
        return Err(BadMetadata::ResponseType(bad.chars().take(LONGEST_NAME).collect()));
    }
    let uris = &metadata.request_uris;
    if uris.len() > MOST || uris.iter().any(|uri| uri.len() > 512) {
        return Err(BadMetadata::TooMuch("request_uris"));
    }
    uris.iter().try_for_each(|uri| web_address("request_uris", uri.split('#').next()))
}

fn check_frontchannel(asked: &Registration) -> Result<(), BadMetadata> {
    let Some(address) = asked.metadata.frontchannel_logout_uri.as_deref() else { return Ok(()) };
    web_address("frontchannel_logout_uri", Some(address))?;
    let known = asked.redirect_uris.iter().any(|uri| origin(uri) == origin(address));
    if known { Ok(()) } else { Err(BadMetadata::OtherOrigin) }
}

/// What is shown to people, or asked by the house.
fn check_addresses(metadata: &Metadata) -> Result<(), BadMetadata> {
    for (name, address) in [
        ("logo_uri", &metadata.logo_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
        ("sector_identifier_uri", &metadata.sector_identifier_uri),
        ("initiate_login_uri", &metadata.initiate_login_uri),
    ] {
        web_address(name, address.as_deref())?;
    }
    for (name, list) in [
        ("contacts", &metadata.contacts),
        ("allowed_agencies", &metadata.allowed_agencies),
        ("allowed_groups", &metadata.allowed_groups),
        ("grant_types", &metadata.grant_types),
        ("response_types", &metadata.response_types),
        ("api_scopes", &metadata.api_scopes),
        ("resources", &metadata.resources),
    ] {
        if list.len() > MOST || list.iter().any(|one| one.chars().count() > LONGEST_NAME) {
            return Err(BadMetadata::TooMuch(name));
        }
    }
    if metadata.category.as_ref().is_some_and(|category| category.chars().count() > LONGEST_CATEGORY) {
        return Err(BadMetadata::TooMuch("category"));
    }
    let bad = |scope: &&String| !resource::can_be_scope(scope) || Scope::from_code(scope).is_some();
    if let Some(scope) = metadata.api_scopes.iter().find(bad) {
        return Err(BadMetadata::Scope(scope.clone()));
    }
    let bad = |address: &&String| !resource::can_be_resource(address);
    match metadata.resources.iter().find(bad) {
        Some(address) => Err(BadMetadata::Resource(address.clone())),
        None => Ok(()),
    }
}

fn check_keys(metadata: &Metadata) -> Result<(), BadMetadata> {
    if metadata.jwks.is_some() && metadata.jwks_uri.is_some() {
        return Err(BadMetadata::TwoKeySets);
    }
    if metadata.jwks.as_ref().is_some_and(|set| set.to_string().len() > crate::outbound::MAX_DOCUMENT) {
        return Err(BadMetadata::TooMuch("jwks"));
    }
    let keys = metadata.jwks.as_ref().map(ForeignKeys::read).transpose()?;
    web_address("jwks_uri", metadata.jwks_uri.as_deref())?;
    // What is published elsewhere is looked at when it is needed.
    let has = |what: fn(&ForeignKeys) -> bool| metadata.jwks_uri.is_some() || keys.as_ref().is_some_and(what);
    match metadata.token_endpoint_auth_method {
        Some(AuthMethod::PrivateKeyJwt) if !has(ForeignKeys::can_verify) => Err(BadMetadata::NoKeys),
        Some(AuthMethod::SelfSignedTlsClientAuth) if !has(ForeignKeys::have_certificates) => {
            Err(BadMetadata::NoCertificate)
        }
        _ => Ok(()),
    }
}

/// An address that the house or a browser may follow.
fn web_address(name: &'static str, address: Option<&str>) -> Result<(), BadMetadata> {
    let Some(address) = address else { return Ok(()) };
    RedirectUri::register(address, ClientKind::Web).map(|_| ()).map_err(|why| BadMetadata::Address(name, why))
}

fn checked_name(asked: &Registration) -> Result<String, ClientRefused> {
    let name = name::tidy(&asked.name);
    if name.is_empty() {
        return Err(ClientRefused::NoName);
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(BadMetadata::TooMuch("client_name").into());
    }
    Ok(name)
}

fn addresses(texts: &[String], kind: ClientKind) -> Result<Vec<RedirectUri>, ClientRefused> {
    if texts.len() > MOST {
        return Err(BadMetadata::TooMuch("redirect_uris").into());
    }
    let address = |text: &String| {
        RedirectUri::register(text, kind).map_err(|why| ClientRefused::Address(text.clone(), why))
    };
    texts.iter().map(address).collect()
}

/// A start page is shown as a link, so it must be one that a browser may follow.
fn home(text: &str) -> Result<String, ClientRefused> {
    let address = RedirectUri::register(text, ClientKind::Web);
    address.map(|uri| uri.as_str().to_owned()).map_err(|why| ClientRefused::Address(text.to_owned(), why))
}
