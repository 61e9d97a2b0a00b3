//! Applications that register themselves (RFC 7591, OIDC Registration 1.0) and manage their registration (RFC 7592).

use super::clients::{ClientRefused, Registration};
use super::{Internal, client_draft, keys, sectors};
use crate::app::App;
use crate::config::RegistrationMode;
use crate::crypto::token;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::TokenId;
use crate::domain::oauth::client::{Client, ClientKind};
use crate::domain::oauth::error::Code;
use crate::domain::oauth::registration::{self, BadRegistration, Wanted};
use crate::domain::secret::Secret;
use crate::domain::throttle::{Limit, network_of};
use crate::services::clients;
use crate::services::sectors::BadSector;
use crate::storage::registrations::InitialToken;
use crate::storage::{StorageError, audit, clients as rows, registrations, throttles};
use crate::urls;
use serde_json::{Map, Value};
use thiserror::Error;
use time::Duration;

/// So many are removed in one round.
const BATCH: i64 = 100;

/// Why a registration was not made, shown, changed or removed.
#[derive(Debug, Error)]
pub enum RegistrationRefused {
    /// Nobody may register.
    #[error("dynamic registration is switched off")]
    Off,
    /// The token is missing, wrong or used up.
    #[error("the token is missing, wrong or used up")]
    Token,
    /// Too many from this address, or in all.
    #[error("too many registrations")]
    TooMany,
    /// What is asked for cannot be registered.
    #[error("{}", .0.description)]
    Bad(BadRegistration),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<BadRegistration> for RegistrationRefused {
    fn from(bad: BadRegistration) -> Self {
        Self::Bad(bad)
    }
}

impl From<StorageError> for RegistrationRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<ClientRefused> for RegistrationRefused {
    fn from(refused: ClientRefused) -> Self {
        match refused {
            ClientRefused::Internal(internal) => Self::Internal(internal),
            ClientRefused::NotFound(_) => Self::Token,
            // Why an address did not answer is for our log: it would tell a stranger what is on our networks.
            ClientRefused::Sector(BadSector::Unread(why)) => {
                tracing::info!("the sector list of a registration was not read: {why}");
                Self::Bad(BadRegistration::metadata(
                    "sector_identifier_uri was not read, or is no array of strings",
                ))
            }
            ClientRefused::NoRedirectUri => Self::Bad(BadRegistration::redirect_uri(refused.to_string())),
            other => Self::Bad(BadRegistration::metadata(other.to_string())),
        }
    }
}

/// A registration as it is told to the application (RFC 7591 §3.2.1, RFC 7592 §3).
pub type Document = Map<String, Value>;

/// An application registers itself. `source` is its network address.
pub async fn register(
    app: &App,
    source: &str,
    initial: Option<&Secret<String>>,
    asked: &Document,
) -> Result<Document, RegistrationRefused> {
    let (config, now) = (app.config.registration, app.now());
    let initial = initial.map(|initial| token::digest(initial.expose()));
    match (config.mode, &initial) {
        (RegistrationMode::Off, _) => return Err(RegistrationRefused::Off),
        (RegistrationMode::Open, None) => take_turn(app, source).await?,
        (_, Some(digest)) if registrations::is_good(&app.db, digest, now).await? => {}
        _ => return Err(RegistrationRefused::Token),
    }
    let mut registered = client_draft::new(app, &registration_of(app, registration::read(asked)?))?;
    registered.client.metadata.self_registered = true;
    sectors::check(app, &registered.client).await.map_err(ClientRefused::from)?;
    keys::prepare(app, &registered.client).await?;
    let access = token::new(app.system.entropy());
    let client = &registered.client;
    let mut tx = app.db.begin().await?;
    // Used up only by a registration that is made.
    if let Some(digest) = &initial
        && !registrations::use_token(&mut tx, digest, now).await?
    {
        return Err(RegistrationRefused::Token);
    }
    if registrations::count(&mut tx).await? >= config.most {
        return Err(RegistrationRefused::TooMany);
    }
    let actor = Actor::Client(client.client_id.to_string());
    clients::store(&mut tx, actor, client).await?;
    registrations::add(&mut tx, client.id, &token::digest(access.expose()), now).await?;
    tx.commit().await?;
    Ok(told(app, client, registered.secret.as_ref(), &access))
}

/// RFC 7592 §2.1: an application reads its registration.
pub async fn read(
    app: &App,
    client_id: &str,
    access: &Secret<String>,
) -> Result<Document, RegistrationRefused> {
    let client = known(app, client_id, access).await?;
    Ok(told(app, &client, None, access))
}

/// RFC 7592 §2.2: an application puts another registration in place of its own.
pub async fn change(
    app: &App,
    client_id: &str,
    access: &Secret<String>,
    asked: &Document,
) -> Result<Document, RegistrationRefused> {
    let client = known(app, client_id, access).await?;
    check_unchanged(&client, asked)?;
    let mut asked = registration_of(app, registration::read(asked)?);
    // What the city has set is not the application's to change.
    asked.metadata = registration::within(&client.metadata, &asked.metadata);
    asked.legacy &= client.legacy;
    asked.id_token_claims = client.id_token_claims;
    let actor = Actor::Client(client_id.to_owned());
    let changed = clients::update(app, actor, &client, &asked).await?;
    Ok(told(app, &changed.client, changed.secret.as_ref(), access))
}

/// RFC 7592 §2.3: an application removes itself.
pub async fn remove(app: &App, client_id: &str, access: &Secret<String>) -> Result<(), RegistrationRefused> {
    let client = known(app, client_id, access).await?;
    clients::remove(app, Actor::Client(client_id.to_owned()), client.client_id.as_str()).await?;
    Ok(())
}

/// Makes an initial access token for so many registrations; it is shown this once.
pub async fn make_token(
    app: &App,
    actor: Actor,
    note: &str,
    uses: i64,
    life: Duration,
) -> Result<(InitialToken, Secret<String>), Internal> {
    let (now, secret) = (app.now(), token::new(app.system.entropy()));
    let made = InitialToken {
        id: TokenId::new(now, app.system.entropy()),
        note: crate::domain::name::tidy(note).chars().take(200).collect(),
        uses_left: uses,
        expires_at: now.plus(life),
    };
    let mut tx = app.db.begin().await?;
    registrations::add_token(&mut tx, &made, &token::digest(secret.expose()), now).await?;
    let entry = Entry::new(now, actor, Act::InitialTokenChanged, made.id.to_string());
    audit::append(&mut tx, &[entry.with(&made.note)]).await?;
    tx.commit().await?;
    Ok((made, secret))
}

/// The initial access tokens that are good.
pub async fn tokens(app: &App) -> Result<Vec<InitialToken>, Internal> {
    Ok(registrations::tokens(&app.db, app.now()).await?)
}

/// Takes an initial access token back; tells whether it was there.
pub async fn revoke_token(app: &App, actor: Actor, id: TokenId) -> Result<bool, Internal> {
    let mut tx = app.db.begin().await?;
    let was_there = registrations::revoke_token(&mut tx, id).await?;
    if was_there {
        let entry = Entry::new(app.now(), actor, Act::InitialTokenChanged, id.to_string());
        audit::append(&mut tx, &[entry.because("revoked")]).await?;
    }
    tx.commit().await?;
    Ok(was_there)
}

/// Removes applications that registered themselves and were not used for long, and tokens that register nothing any
/// more; tells how many.
pub(super) async fn forget(app: &App) -> Result<u64, Internal> {
    let now = app.now();
    let mut removed = registrations::forget_tokens(&app.db, now).await?;
    let since = now.minus(app.config.registration.unused);
    for client_id in registrations::unused(&app.db, since, BATCH).await? {
        match clients::remove(app, Actor::Job("registration"), &client_id).await {
            Ok(_) => removed += 1,
            Err(ClientRefused::Internal(error)) => return Err(error),
            // Removed by somebody else meanwhile.
            Err(_) => {}
        }
    }
    Ok(removed)
}

/// In open mode a network address registers so many in an hour.
async fn take_turn(app: &App, source: &str) -> Result<(), RegistrationRefused> {
    let key = format!("registration:{}", app.keyring.keyed_digest("throttle", &network_of(source)));
    let (now, hour) = (app.now(), Duration::hours(1));
    if throttles::count(&app.db, &key).await?.wait(now).is_some() {
        return Err(RegistrationRefused::TooMany);
    }
    let limit = Limit { failures: app.config.registration.per_hour, window: hour, pause: hour };
    let mut tx = app.db.begin().await?;
    throttles::failed(&mut tx, &key, None, limit, now).await?;
    Ok(tx.commit().await?)
}

async fn known(app: &App, client_id: &str, access: &Secret<String>) -> Result<Client, RegistrationRefused> {
    let client = rows::by_client_id(&app.db, client_id).await?.ok_or(RegistrationRefused::Token)?;
    let digest = registrations::token_of(&app.db, client.id).await?.ok_or(RegistrationRefused::Token)?;
    let is_right = token::same(&digest, &token::digest(access.expose()));
    if is_right { Ok(client) } else { Err(RegistrationRefused::Token) }
}

/// RFC 7592 §2.2: what the house gave is not for the application to change.
fn check_unchanged(client: &Client, asked: &Document) -> Result<(), RegistrationRefused> {
    let bad = |text: &str| {
        let description = text.to_owned();
        RegistrationRefused::Bad(BadRegistration { code: Code::InvalidRequest, description })
    };
    if asked.get("client_id").and_then(Value::as_str) != Some(client.client_id.as_str()) {
        return Err(bad("client_id must be the one that is changed"));
    }
    let given = [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ];
    if given.iter().any(|name| asked.contains_key(*name)) {
        return Err(bad("registration_access_token, registration_client_uri, client_secret_expires_at and \
                        client_id_issued_at are not sent back"));
    }
    let secret = asked.get("client_secret").and_then(Value::as_str).map(token::digest);
    let is_same = secret
        .is_none_or(|digest| client.secret_digest.as_deref().is_some_and(|own| token::same(own, &digest)));
    if is_same { Ok(()) } else { Err(bad("client_secret is not the one that was given")) }
}

fn registration_of(app: &App, wanted: Wanted) -> Registration {
    Registration {
        // An OpenID Connect client that keeps a secret may be too old for PKCE; the city decides.
        legacy: wanted.kind == ClientKind::Web && !app.config.registration.require_pkce,
        name: wanted.name,
        kind: wanted.kind,
        redirect_uris: wanted.redirect_uris,
        post_logout_redirect_uris: wanted.post_logout_redirect_uris,
        home: wanted.home,
        scopes: wanted.scopes,
        id_token_claims: false,
        backchannel_logout_uri: wanted.backchannel_logout_uri,
        metadata: wanted.metadata,
    }
}

/// What the application is told. A secret is told only when it is made.
fn told(app: &App, client: &Client, secret: Option<&Secret<String>>, access: &Secret<String>) -> Document {
    let mut document = registration::show(client);
    let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
    if let Some(secret) = secret {
        set("client_secret", secret.expose().as_str().into());
        // RFC 7591 §3.2.1: it does not expire.
        set("client_secret_expires_at", 0.into());
    }
    set("registration_access_token", access.expose().as_str().into());
    let uri = format!("{}{}", app.config.server.issuer(), urls::registration(&client.client_id));
    set("registration_client_uri", uri.into());
    document
}
