//! `danang-sso client …`: registering applications.

use super::{WithConfig, initial_token};
use crate::domain::audit::Actor;
use crate::domain::oauth::client::ClientKind;
use crate::domain::oauth::client_auth::{AuthMethod, Profile};
use crate::domain::oauth::metadata::Metadata;
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::services::clients::{self, Registration};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Applications.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Register an application; its client_id and secret are printed once.
    Add(Box<Add>),
    /// List the registered applications.
    List {
        #[command(flatten)]
        with: WithConfig,
    },
    /// Remove an application; everything it was given ends.
    Remove {
        /// Its client_id.
        client_id: String,
        #[command(flatten)]
        with: WithConfig,
    },
    /// Make an initial access token, with which applications register themselves; list them, take one back.
    InitialToken(initial_token::InitialToken),
    /// Give an application a new secret; the old one ends at once.
    RotateSecret {
        /// Its client_id.
        client_id: String,
        #[command(flatten)]
        with: WithConfig,
    },
}

/// What is registered.
#[derive(Debug, Args)]
pub struct Add {
    /// The name that people see.
    #[arg(long)]
    name: String,
    /// web (has a secret), spa (single page, public) or native (on a device, public).
    #[arg(long, default_value = "web")]
    kind: String,
    /// Where answers may go, exactly; may be given several times.
    #[arg(long = "redirect-uri", value_name = "URI", required = true)]
    redirect_uris: Vec<String>,
    /// Where a person may go after signing out, exactly; may be given several times.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// The start page, for the list of applications in the portal.
    #[arg(long, value_name = "URI")]
    home: Option<String>,
    /// A scope it may ask for, besides openid; without it: profile, email, agency, offline_access.
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// An old application that knows no PKCE.
    #[arg(long)]
    legacy: bool,
    /// Put the claims of the granted scopes into the ID token, for applications that do not ask UserInfo.
    #[arg(long)]
    id_token_claims: bool,
    /// Where it is told that a session has ended: sign-out, lock, new password (OIDC Back-Channel Logout).
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// How it proves itself: client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt or none. Without
    /// it: by its secret in the header or the form, as it likes.
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<String>,
    /// File with its public keys (a JWK set), for private_key_jwt.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks_file: Option<PathBuf>,
    /// Where it publishes its public keys, for private_key_jwt.
    #[arg(long, value_name = "URI")]
    jwks_uri: Option<String>,
    /// standard, or fapi2 (FAPI 2.0 Security Profile).
    #[arg(long, default_value = "standard")]
    profile: String,
    #[command(flatten)]
    with: WithConfig,
}

pub(super) async fn run(command: ClientCommand) -> anyhow::Result<()> {
    match command {
        ClientCommand::Add(add) => register(*add).await,
        ClientCommand::List { with } => {
            for client in clients::list(&with.open().await?).await? {
                println!("{}\t{}\t{}", client.client_id, client.kind.code(), client.name);
            }
            Ok(())
        }
        ClientCommand::Remove { client_id, with } => {
            let removed = clients::remove(&with.open().await?, Actor::CommandLine, &client_id).await?;
            println!("{} ({}) is removed.", removed.client_id, removed.name);
            Ok(())
        }
        ClientCommand::InitialToken(asked) => initial_token::run(asked).await,
        ClientCommand::RotateSecret { client_id, with } => {
            let secret = clients::rotate_secret(&with.open().await?, Actor::CommandLine, &client_id).await?;
            println!(
                "client_secret  {}\n\nIt is shown this once. The old secret has ended.",
                secret.expose()
            );
            Ok(())
        }
    }
}

async fn register(add: Add) -> anyhow::Result<()> {
    let kinds = ClientKind::ALL.map(ClientKind::code).join(", ");
    let kind = ClientKind::from_code(&add.kind).with_context(|| format!("--kind is one of {kinds}"))?;
    let mut scopes = Scopes::default();
    for code in &add.scopes {
        let known = Scope::ALL.map(Scope::code).join(", ");
        let Some(scope) = Scope::from_code(code) else { bail!("--scope {code}: the scopes are {known}") };
        scopes = scopes.with(scope);
    }
    let metadata = metadata(&add)?;
    let registration = Registration {
        name: add.name,
        kind,
        redirect_uris: add.redirect_uris,
        post_logout_redirect_uris: add.post_logout_redirect_uris,
        home: add.home,
        scopes: if add.scopes.is_empty() { Scopes::all() } else { scopes },
        legacy: add.legacy,
        id_token_claims: add.id_token_claims,
        backchannel_logout_uri: add.backchannel_logout_uri,
        metadata,
    };
    let app = add.with.open().await?;
    let registered = clients::register(&app, Actor::CommandLine, &registration).await?;
    println!("client_id      {}", registered.client.client_id);
    match registered.secret {
        Some(secret) => println!("client_secret  {}\n\nThe secret is shown this once.", secret.expose()),
        None if registered.client.metadata.token_endpoint_auth_method == Some(AuthMethod::PrivateKeyJwt) => {
            println!("\nIt proves itself with its own key: it has no secret.");
        }
        None => println!("\nIt is public: it has no secret and must use PKCE."),
    }
    println!("Issuer         {}", app.config.server.issuer());
    Ok(())
}

/// What is registered beyond the addresses.
fn metadata(add: &Add) -> anyhow::Result<Metadata> {
    let method = match add.auth_method.as_deref() {
        None => None,
        Some(code) => Some(AuthMethod::from_code(code).with_context(|| {
            format!("--auth-method is one of {}", AuthMethod::ALL.map(AuthMethod::code).join(", "))
        })?),
    };
    let jwks = match &add.jwks_file {
        None => None,
        Some(file) => {
            let text =
                std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
            Some(serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?)
        }
    };
    Ok(Metadata {
        token_endpoint_auth_method: method,
        jwks,
        jwks_uri: add.jwks_uri.clone(),
        profile: Profile::from_code(&add.profile).context("--profile is standard or fapi2")?,
        ..Metadata::default()
    })
}
