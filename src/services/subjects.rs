//! Who a person is for an application: `sub` (OIDC Core 1.0 §8). The same everywhere for most; the sector's own for
//! applications that asked for pairwise subjects; the address for old applications that know people by nothing else.
//! ID tokens, UserInfo, logout tokens and whatever else has a `sub` take it from here.

use super::Internal;
use crate::app::App;
use crate::crypto::pairwise::Pairwise;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::chance;
use crate::domain::id::AccountId;
use crate::domain::oauth::client::Client;
use crate::storage::{accounts, house_secrets};

/// The name of the salt, and the purpose under which it is sealed.
const SALT: &str = "pairwise subjects";

/// The `sub` of an account for an application.
pub async fn of(app: &App, client: &Client, account: &Account) -> Result<String, Internal> {
    if client.metadata.sub_is_address {
        return Ok(account.profile().address.to_string());
    }
    match sector(client) {
        Some(sector) => Ok(pairwise(app).await?.subject(&sector, account.id().to_bytes())),
        None => Ok(account.subject().to_owned()),
    }
}

/// The same without making anything: `None` while the house has no salt yet, which the first sign-in to an application with
/// pairwise subjects makes.
pub(super) async fn already(
    app: &App,
    client: &Client,
    account: &Account,
) -> Result<Option<String>, Internal> {
    let needs_salt = !client.metadata.sub_is_address && sector(client).is_some();
    if needs_salt && !app.pairwise.initialized() && house_secrets::find(&app.db, SALT).await?.is_none() {
        return Ok(None);
    }
    of(app, client, account).await.map(Some)
}

/// The public subject that an application's `sub` means. One that means nobody stays as it is: it fits nobody.
pub async fn public_of(app: &App, client: &Client, sub: &str) -> Result<String, Internal> {
    let account = if client.metadata.sub_is_address {
        match MailAddress::parse(sub) {
            Ok(address) => accounts::by_address(&app.db, &address).await?,
            Err(_) => None,
        }
    } else if let Some(sector) = sector(client) {
        match pairwise(app).await?.id(&sector, sub) {
            Some(id) => accounts::by_id(&app.db, AccountId::from_bytes(id)).await?,
            None => None,
        }
    } else {
        None
    };
    Ok(account.map_or_else(|| sub.to_owned(), |account| account.subject().to_owned()))
}

fn sector(client: &Client) -> Option<String> {
    // Without a plain sector every application is one of its own.
    let own = || client.client_id.to_string();
    client.metadata.subject_type.is_pairwise().then(|| client.sector().unwrap_or_else(own))
}

/// The salt, made at its first use by whichever node is first.
async fn pairwise(app: &App) -> Result<&Pairwise, Internal> {
    app.pairwise.get_or_try_init(|| load(app)).await
}

async fn load(app: &App) -> Result<Pairwise, Internal> {
    let sealed = if let Some(sealed) = house_secrets::find(&app.db, SALT).await? {
        sealed
    } else {
        let salt = chance::bytes::<32>(app.system.entropy());
        let made = app.keyring.seal(SALT, SALT, &salt, app.system.entropy());
        house_secrets::add(&app.db, SALT, &made).await?;
        house_secrets::find(&app.db, SALT).await?.unwrap_or(made)
    };
    let salt = app.keyring.open(SALT, SALT, &sealed);
    salt.map(|salt| Pairwise::new(&salt))
        .map_err(|error| Internal::new("opening the salt of subjects", error))
}
