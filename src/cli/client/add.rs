//! `danang-sso client add|templates|config`: registering an application, and what to write into its configuration.

use super::super::WithConfig;
use super::certificate::ByCertificate;
use crate::domain::audit::Actor;
use crate::domain::oauth::client::ClientKind;
use crate::domain::oauth::client_auth::{AuthMethod, Profile};
use crate::domain::oauth::device::DEVICE_CODE;
use crate::domain::oauth::metadata::{CLIENT_CREDENTIALS, Metadata, SubjectType};
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::oauth::template::Template;
use crate::domain::proof::Class;
use crate::services::clients::{self, Registration};
use anyhow::{Context, bail};
use clap::Args;
use std::path::PathBuf;

/// What is registered.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line")]
pub struct Add {
    /// The name that people see.
    #[arg(long)]
    name: String,
    /// What it is made with, see `client templates`: sets everything that its middleware expects.
    #[arg(long)]
    template: Option<String>,
    /// Its own address; with a template its redirect URI and the others lie below it.
    #[arg(long, value_name = "URI", requires = "template")]
    url: Option<String>,
    /// web (has a secret), spa (single page, public) or native (on a device, public).
    #[arg(long)]
    kind: Option<String>,
    /// Where answers may go, exactly; may be given several times.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where a person may go after signing out, exactly; may be given several times.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// The start page, for the list of applications in the portal.
    #[arg(long, value_name = "URI")]
    home: Option<String>,
    /// Under which heading the portal shows it, e.g. "Văn bản và điều hành".
    #[arg(long, value_name = "WORDS")]
    category: Option<String>,
    /// Where a sign-in that starts in the portal begins (OIDC Core, section 4); without it the portal opens the start page.
    #[arg(long, value_name = "URI")]
    initiate_login_uri: Option<String>,
    /// Its logo, fetched by the house and shown on the sign-in page and in the portal; 20 kB at most.
    #[arg(long, value_name = "URI")]
    logo_uri: Option<String>,
    /// A scope it may ask for, besides openid; without it: profile, email, agency, offline_access.
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// Who may use it: the code of an agency; may be given several times. Without it: everybody.
    #[arg(long = "agency", value_name = "CODE")]
    agencies: Vec<String>,
    /// And for the people of this group; several times.
    #[arg(long = "group", value_name = "CODE")]
    groups: Vec<String>,
    /// Who answers for it; may be given several times.
    #[arg(long = "contact", value_name = "ADDRESS")]
    contacts: Vec<String>,
    /// An old application that knows no PKCE.
    #[arg(long)]
    legacy: bool,
    /// Put the claims of the granted scopes into the ID token, for applications that do not ask UserInfo.
    #[arg(long)]
    id_token_claims: bool,
    /// Ask each person before it learns something of them.
    #[arg(long)]
    consent: bool,
    /// The least that lets anybody in: password, second-factor or passkey.
    #[arg(long, value_name = "LEVEL")]
    acr: Option<String>,
    /// Where it is told that a session has ended: sign-out, lock, new password (OIDC Back-Channel Logout).
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// Where the browser tells it that a session has ended (OIDC Front-Channel Logout).
    #[arg(long, value_name = "URI")]
    frontchannel_logout_uri: Option<String>,
    /// What it may ask for, e.g. "code id_token"; may be given several times. Without it: code.
    #[arg(long = "response-type", value_name = "TYPE")]
    response_types: Vec<String>,
    /// It runs on devices without a keyboard (RFC 8628); without a redirect URI on nothing else.
    #[arg(long)]
    device: bool,
    /// Where its signed requests may be fetched, exactly; may be given several times.
    #[arg(long = "request-uri", value_name = "URI")]
    request_uris: Vec<String>,
    /// Take pushed requests of it only (RFC 9126).
    #[arg(long)]
    require_par: bool,
    /// A scope that it may ask for in its own name (client credentials), such as scim.read; several times.
    #[arg(long = "api-scope", value_name = "SCOPE")]
    api_scopes: Vec<String>,
    /// What its tokens may be for (RFC 8707); several times.
    #[arg(long = "resource", value_name = "URI")]
    resources: Vec<String>,
    /// Give it signed JWTs as access tokens (RFC 9068), for resource servers that ask nobody.
    #[arg(long)]
    jwt_access_tokens: bool,
    /// Tell it what tokens of other applications are good for (introspection, RFC 7662).
    #[arg(long)]
    may_introspect: bool,
    /// Bind its tokens to a key always (DPoP, RFC 9449).
    #[arg(long)]
    require_dpop: bool,
    /// Put the hash of its state into its ID tokens (s_hash of FAPI 1.0).
    #[arg(long)]
    s_hash: bool,
    /// Take its proofs only with a nonce of ours (RFC 9449 section 8), whatever oidc.dpop_nonce says.
    #[arg(long)]
    require_dpop_nonce: bool,
    /// How it proves itself: client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt,
    /// tls_client_auth, self_signed_tls_client_auth or none. Without it: by its secret in the header or the form, as it
    /// likes.
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<String>,
    /// File with its public keys (a JWK set), for private_key_jwt.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks_file: Option<PathBuf>,
    /// Where it publishes its public keys, for private_key_jwt.
    #[arg(long, value_name = "URI")]
    jwks_uri: Option<String>,
    #[command(flatten)]
    certificate: ByCertificate,
    /// standard, or fapi2 (FAPI 2.0 Security Profile).
    #[arg(long, default_value = "standard")]
    profile: String,
    /// What `sub` is: public (the same everywhere), pairwise (its sector's own) or address (for old applications).
    #[arg(long, default_value = "public")]
    subject: String,
    /// Where its sector lists all redirect URIs, for pairwise subjects of several hosts.
    #[arg(long, value_name = "URI")]
    sector_identifier_uri: Option<String>,
    #[command(flatten)]
    with: WithConfig,
}

/// Whose configuration is printed.
#[derive(Debug, Args)]
pub struct ConfigOf {
    /// Its client_id.
    client_id: String,
    /// What it is made with, see `client templates`.
    #[arg(long)]
    template: String,
    #[command(flatten)]
    with: WithConfig,
}

/// Registers an application.
pub(super) async fn add(add: Add) -> anyhow::Result<()> {
    let template = add.template.as_deref().map(template).transpose()?;
    let registration = registration(&add, template)?;
    let app = add.with.open().await?;
    let registered = clients::register(&app, Actor::CommandLine, &registration).await?;
    let secret = registered.secret.as_ref().map(|secret| secret.expose().as_str());
    println!("client_id      {}", registered.client.client_id);
    match (secret, registered.client.metadata.token_endpoint_auth_method) {
        (Some(secret), _) => println!("client_secret  {secret}\n\nThe secret is shown this once."),
        (None, Some(AuthMethod::PrivateKeyJwt)) => {
            println!("\nIt proves itself with its own key: it has no secret.");
        }
        (None, Some(method)) if method.is_by_certificate() => {
            println!("\nIt proves itself by its certificate: it has no secret.");
        }
        (None, _) => println!("\nIt is public: it has no secret and must use PKCE."),
    }
    println!("Issuer         {}", app.config.server.issuer());
    if let Some(template) = template {
        let issuer = app.config.server.issuer();
        println!("\n{}", template.configuration(issuer, &registered.client, secret));
    }
    Ok(())
}

/// Lists what there is to choose from.
pub(super) fn templates() {
    for template in Template::ALL {
        println!("{:12} {}", template.code(), template.about());
    }
}

/// Prints the configuration text of a registered application; its secret is not known any more.
pub(super) async fn config(of: ConfigOf) -> anyhow::Result<()> {
    let template = template(&of.template)?;
    let app = of.with.open().await?;
    let client = clients::find(&app, &of.client_id).await?;
    println!("{}", template.configuration(app.config.server.issuer(), &client, None));
    Ok(())
}

fn template(code: &str) -> anyhow::Result<Template> {
    let all = Template::ALL.map(Template::code).join(", ");
    Template::from_code(code).with_context(|| format!("--template is one of {all}"))
}

fn registration(add: &Add, template: Option<Template>) -> anyhow::Result<Registration> {
    let kinds = ClientKind::ALL.map(ClientKind::code).join(", ");
    let kind = match &add.kind {
        Some(code) => ClientKind::from_code(code).with_context(|| format!("--kind is one of {kinds}"))?,
        None => template.map_or(ClientKind::Web, Template::kind),
    };
    // A given address counts; else the one that the template has below the application's own.
    let below = template.zip(add.url.as_deref()).map(|(template, url)| template.addresses(url));
    let below = below.unwrap_or_default();
    let listed = |given: &[String], usual: Option<String>| {
        if given.is_empty() { usual.into_iter().collect() } else { given.to_vec() }
    };
    Ok(Registration {
        name: add.name.clone(),
        kind,
        redirect_uris: listed(&add.redirect_uris, below.redirect_uri),
        post_logout_redirect_uris: listed(&add.post_logout_redirect_uris, below.goodbye),
        home: add.home.clone().or(below.home),
        scopes: scopes(add)?,
        legacy: add.legacy || template.is_some_and(Template::is_legacy),
        id_token_claims: add.id_token_claims || template.is_some_and(Template::reads_id_token_only),
        backchannel_logout_uri: add.backchannel_logout_uri.clone().or(below.logout),
        metadata: metadata(add, template)?,
    })
}

fn scopes(add: &Add) -> anyhow::Result<Scopes> {
    let mut scopes = Scopes::default();
    for code in &add.scopes {
        let known = Scope::ALL.map(Scope::code).join(", ");
        let Some(scope) = Scope::from_code(code) else { bail!("--scope {code}: the scopes are {known}") };
        scopes = scopes.with(scope);
    }
    Ok(if add.scopes.is_empty() { Scopes::all() } else { scopes })
}

/// How it gets tokens. One on devices without any address to come back to does nothing else.
fn grant_types(add: &Add, usual: &Metadata) -> Vec<String> {
    // What it may ask for in its own name is nothing without the grant.
    let own = !add.api_scopes.is_empty() && !usual.allows_grant(CLIENT_CREDENTIALS);
    if !add.device && !own {
        return usual.grant_types.clone();
    }
    let has_address = !add.redirect_uris.is_empty() || add.url.is_some();
    let before = if has_address || !add.device { usual.grant_types() } else { vec!["refresh_token"] };
    let more = [(add.device, DEVICE_CODE), (own, CLIENT_CREDENTIALS)];
    let more = more.into_iter().filter_map(|(is_wanted, grant)| is_wanted.then_some(grant));
    before.into_iter().chain(more).map(str::to_owned).collect()
}

/// What is registered beyond the addresses.
fn metadata(add: &Add, template: Option<Template>) -> anyhow::Result<Metadata> {
    let method = match add.auth_method.as_deref() {
        None => None,
        Some(code) => Some(AuthMethod::from_code(code).with_context(|| {
            format!("--auth-method is one of {}", AuthMethod::ALL.map(AuthMethod::code).join(", "))
        })?),
    };
    let jwks = match &add.jwks_file {
        None => add.certificate.key_set()?,
        Some(file) => {
            let text =
                std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
            Some(serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?)
        }
    };
    let (subject_type, sub_is_address) = match add.subject.as_str() {
        "public" => (SubjectType::Public, false),
        "pairwise" => (SubjectType::Pairwise, false),
        "address" => (SubjectType::Public, true),
        other => bail!("--subject {other}: it is public, pairwise or address"),
    };
    let usual = template.map(Template::metadata).unwrap_or_default();
    let response_types =
        if add.response_types.is_empty() { usual.response_types.clone() } else { add.response_types.clone() };
    Ok(add.certificate.register(Metadata {
        grant_types: grant_types(add, &usual),
        frontchannel_logout_uri: add.frontchannel_logout_uri.clone(),
        frontchannel_logout_session_required: add.frontchannel_logout_uri.is_some(),
        response_types,
        request_uris: add.request_uris.clone(),
        require_pushed_authorization_requests: add.require_par,
        dpop_bound_access_tokens: add.require_dpop,
        dpop_nonce_required: add.require_dpop_nonce,
        s_hash: add.s_hash,
        token_endpoint_auth_method: method,
        jwks,
        jwks_uri: add.jwks_uri.clone(),
        profile: Profile::from_code(&add.profile).context("--profile is standard or fapi2")?,
        subject_type,
        sub_is_address,
        sector_identifier_uri: add.sector_identifier_uri.clone(),
        allowed_agencies: add.agencies.clone(),
        allowed_groups: add.groups.clone(),
        api_scopes: add.api_scopes.clone(),
        resources: add.resources.clone(),
        jwt_access_tokens: add.jwt_access_tokens,
        may_introspect: add.may_introspect,
        contacts: add.contacts.clone(),
        consent_required: add.consent,
        minimum_acr: minimum_acr(add)?,
        category: add.category.clone(),
        initiate_login_uri: add.initiate_login_uri.clone().or(usual.initiate_login_uri),
        logo_uri: add.logo_uri.clone().or(usual.logo_uri),
        ..usual
    }))
}

fn minimum_acr(add: &Add) -> anyhow::Result<Option<Class>> {
    let read = |word: &String| {
        Class::from_word(word).with_context(|| format!("--acr {word}: is password, second-factor or passkey"))
    };
    add.acr.as_ref().map(read).transpose()
}
