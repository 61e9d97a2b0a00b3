//! Who asks at the token endpoint and its neighbours (RFC 6749 §2.3, §3.2.1; RFC 7523 §3; RFC 8705 §2; OIDC Core 1.0 §9).

use super::token::TokenRefused;
use super::{client_certificate, client_keys};
use crate::app::App;
use crate::crypto::jws::{ForeignKeys, Verified};
use crate::crypto::token;
use crate::domain::certificate::Certificate;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client_auth::{AuthMethod, ClientAlg, Expected, check_assertion};
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::metadata::PreviousSecret;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::services::Internal;
use crate::storage::{assertions, clients};
use crate::urls;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// The purpose under which secrets are sealed.
const PURPOSE: &str = "client secret";

/// What an application presents to be known.
pub struct Credentials {
    /// Its name in the protocol.
    pub client_id: String,
    /// What shall prove it.
    pub presented: Presented,
    /// The certificate of its connection.
    pub certificate: Option<Certificate>,
}

/// What shall prove an application.
pub enum Presented {
    /// Nothing: a public application, or one whose certificate is enough.
    Nothing,
    /// A secret, and how it came.
    Secret(Secret<String>, AuthMethod),
    /// A signed assertion.
    Assertion(Secret<String>),
}

const CLIENT: Refusal =
    Refusal::new(Code::InvalidClient, "The client is unknown or its authentication is wrong");
const REPLAYED: Refusal = Refusal::new(Code::InvalidClient, "client_assertion: this jti was used before");

/// Who asks. A public client is only named; its codes are bound by PKCE, its refresh tokens by rotation. No
/// transaction may be open.
pub async fn authenticate(app: &App, credentials: &Credentials) -> Result<Client, TokenRefused> {
    let client = clients::by_client_id(&app.db, &credentials.client_id).await?.ok_or(CLIENT)?;
    proven(app, client, credentials).await
}

/// The same, also one that is stopped: for what a device is told that asks on.
pub async fn authenticate_stopped_too(app: &App, credentials: &Credentials) -> Result<Client, TokenRefused> {
    let client = clients::any_by_client_id(&app.db, &credentials.client_id).await?.ok_or(CLIENT)?;
    proven(app, client, credentials).await
}

async fn proven(app: &App, client: Client, credentials: &Credentials) -> Result<Client, TokenRefused> {
    let registered = client.metadata.token_endpoint_auth_method;
    match &credentials.presented {
        Presented::Nothing if is_public(&client) => Ok(client),
        Presented::Nothing if registered.is_some_and(AuthMethod::is_by_certificate) => {
            let shown = credentials.certificate.as_ref().ok_or(CLIENT)?;
            match client_certificate::refuse(app, &client, shown).await {
                None => Ok(client),
                Some(why) => {
                    tracing::info!(client_id = %client.client_id, "a client certificate was refused: {why}");
                    Err(CLIENT.into())
                }
            }
        }
        // What the city registers may send its secret either way, unless it says which.
        Presented::Secret(secret, how) if registered.is_none_or(|method| method == *how) => {
            if fit(app, &client, secret).is_some() { Ok(client) } else { Err(CLIENT.into()) }
        }
        Presented::Assertion(assertion) => {
            let claims = signed(app, &client, assertion.expose()).await?.ok_or(CLIENT)?;
            once(app, &client, &claims).await?;
            Ok(client)
        }
        Presented::Nothing | Presented::Secret(..) => Err(CLIENT.into()),
    }
}

/// Which of an application's secrets somebody shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// The present one.
    Present,
    /// The one before, which is good until then.
    Before(Timestamp),
}

/// Which of an application's secrets this is, if it is one.
pub(super) fn fit(app: &App, client: &Client, secret: &Secret<String>) -> Option<Fit> {
    let digest = token::digest(secret.expose());
    let old = still_good(app, client);
    let present = client.secret_digest.iter().map(|known| (known, Fit::Present));
    let before = old.map(|old| (&old.digest, Fit::Before(Timestamp::from_micros(old.ends_at))));
    // Every one is compared, so that the time does not tell which.
    let compared = |(known, fit): (&String, Fit)| token::same(known, &digest).then_some(fit);
    present.chain(before).map(compared).fold(None, Option::or)
}

/// The secret before the present one, while it is good.
fn still_good<'a>(app: &App, client: &'a Client) -> Option<&'a PreviousSecret> {
    client.metadata.previous_secret.as_ref().filter(|old| old.is_good(app.now()))
}

/// Whether an application may come without any proof.
fn is_public(client: &Client) -> bool {
    match client.metadata.token_endpoint_auth_method {
        Some(method) => method == AuthMethod::None,
        None => client.secret_digest.is_none() && !client.kind.is_confidential(),
    }
}

/// The claims of an assertion, if its signature is the application's, by the method that it registered.
async fn signed(app: &App, client: &Client, assertion: &str) -> Result<Option<Map<String, Value>>, Internal> {
    let metadata = &client.metadata;
    let only = metadata.token_endpoint_auth_signing_alg;
    match metadata.token_endpoint_auth_method {
        Some(AuthMethod::PrivateKeyJwt) => {
            let mut algs = metadata.profile.algorithms().to_vec();
            algs.retain(|alg| only.is_none_or(|only| only == *alg));
            Ok(client_keys::verify(app, client, assertion, &algs).await)
        }
        Some(AuthMethod::ClientSecretJwt) => {
            let old = still_good(app, client).and_then(|old| old.sealed.as_ref());
            for sealed in metadata.sealed_secret.iter().chain(old) {
                let secret = open(app, client, sealed)?;
                let verified = ForeignKeys::of_secret(secret.expose()).verify(assertion, &[ClientAlg::Hs256]);
                if let Verified::Claims(claims) = verified {
                    return Ok(Some(claims));
                }
            }
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// What a signed assertion says, and that it says so for the first time. It is used up last, when all else is right.
async fn once(app: &App, client: &Client, claims: &Map<String, Value>) -> Result<(), TokenRefused> {
    let issuer = app.config.server.issuer();
    let legacy = app.config.oidc.legacy_paths.then_some(urls::LEGACY_TOKEN);
    let mut token_endpoints: Vec<_> =
        std::iter::once(urls::TOKEN).chain(legacy).map(|path| format!("{issuer}{path}")).collect();
    // RFC 8705 §5.
    let alias = app.config.server.client_certificates.mtls_base();
    token_endpoints.extend(alias.map(|base| format!("{base}{}", urls::TOKEN)));
    let expected = Expected {
        client_id: client.client_id.as_str(),
        issuer,
        token_endpoints: &token_endpoints,
        profile: client.metadata.profile,
        now: app.now(),
    };
    let good = check_assertion(claims, &expected)?;
    let id = token::digest(&format!("{}\n{}", client.client_id, good.id));
    if assertions::take(&app.db, &id, good.until).await? { Ok(()) } else { Err(REPLAYED.into()) }
}

/// Seals the secret of an application that signs with it.
pub(super) fn seal(app: &App, client_id: &str, secret: &Secret<String>) -> String {
    let sealed = app.keyring.seal(PURPOSE, client_id, secret.expose().as_bytes(), app.system.entropy());
    STANDARD.encode(sealed)
}

fn open(app: &App, client: &Client, sealed: &str) -> Result<Secret<String>, Internal> {
    const DOING: &str = "opening a sealed client secret";
    let sealed = STANDARD.decode(sealed).map_err(|error| Internal::new(DOING, error))?;
    let opened = app.keyring.open(PURPOSE, client.client_id.as_str(), &sealed);
    let opened = opened.map_err(|error| Internal::new(DOING, error))?;
    let text = String::from_utf8(opened.expose().clone()).map_err(|error| Internal::new(DOING, error))?;
    Ok(Secret::new(text))
}
