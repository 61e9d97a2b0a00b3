//! Applications: registered, removed and given new secrets by the city; and what each staff member sees of them.

use super::client_draft::{self, BadMetadata};
use super::{Internal, keys, logos, logout_notices as notices, sectors};
use crate::app::App;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::AccountId;
use crate::domain::oauth::client::{Client, ClientId, ClientKind};
use crate::domain::oauth::grant::GrantEnd;
use crate::domain::oauth::metadata::Metadata;
use crate::domain::oauth::redirect::{BadRedirectUri, RedirectUri};
use crate::domain::oauth::scope::Scopes;
use crate::domain::secret::Secret;
use crate::domain::timestamp::Timestamp;
use crate::services::sectors::BadSector;
use crate::services::session::Current;
use crate::storage::{
    StorageError, Tx, accounts, audit, client_logos, client_tokens, clients, consents, grants,
};
use crate::storage::{logout_notices, registrations};
use thiserror::Error;
use time::Duration;

/// An application to be registered.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its name for people.
    pub name: String,
    /// Where it runs.
    pub kind: ClientKind,
    /// Where answers may go; at least one.
    pub redirect_uris: Vec<String>,
    /// Where a person may go after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Its start page, for the portal.
    pub home: Option<String>,
    /// What it may ask for; `openid` is always in it.
    pub scopes: Scopes,
    /// Whether it may come without PKCE.
    pub legacy: bool,
    /// Whether the claims of the granted scopes are in the ID token too.
    pub id_token_claims: bool,
    /// Where it is told that a session has ended.
    pub backchannel_logout_uri: Option<String>,
    /// What it registers beyond that.
    pub metadata: Metadata,
}

/// A registered application with its secret, which is shown this once.
#[derive(Debug)]
pub struct Registered {
    /// The application.
    pub client: Client,
    /// Its secret; public clients have none.
    pub secret: Option<Secret<String>>,
}

/// Why an application was not registered or changed.
#[derive(Debug, Error)]
pub enum ClientRefused {
    /// It has no name.
    #[error("the application needs a name")]
    NoName,
    /// It has no address for answers.
    #[error("the application needs at least one redirect URI")]
    NoRedirectUri,
    /// An address cannot be registered.
    #[error("the address {0} cannot be registered: {1}")]
    Address(String, #[source] BadRedirectUri),
    /// What it registers beyond its addresses cannot be.
    #[error("{0}")]
    Metadata(#[from] BadMetadata),
    /// Its sector cannot be told.
    #[error("{0}")]
    Sector(#[from] BadSector),
    /// Only an application with a secret may come without PKCE.
    #[error("only a web application, which has a secret, may come without PKCE")]
    LegacyIsForWeb,
    /// Somebody else was faster.
    #[error("the application was changed or removed meanwhile; try again")]
    Meanwhile,
    /// The `client_id` cannot be.
    #[error("the client_id must be of letters, digits and -._~, 100 at most, and never used before")]
    BadId,
    /// There is no such kind.
    #[error("the kind {0} is none of web, spa, native")]
    BadKind(String),
    /// It has no secret to change.
    #[error("the application is public: it has no secret")]
    HasNoSecret,
    /// How it proves itself is changed by nobody alone: it may do much in its own name.
    #[error(
        "how an application proves itself that uses the administrators' interface is changed on the server: \
         danang-sso client import"
    )]
    OfInterface,
    /// There is none with this `client_id`.
    #[error("there is no application {0}")]
    NotFound(String),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ClientRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl Registration {
    /// What is registered of an application, to be changed.
    pub fn of(client: &Client) -> Self {
        let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect();
        Self {
            name: client.name.clone(),
            kind: client.kind,
            redirect_uris: texts(&client.redirect_uris),
            post_logout_redirect_uris: texts(&client.post_logout_redirect_uris),
            home: client.home.clone(),
            scopes: client.scopes,
            legacy: client.legacy,
            id_token_claims: client.id_token_claims,
            backchannel_logout_uri: client.backchannel_logout_uri.clone(),
            metadata: client.metadata.clone(),
        }
    }
}

/// An application that the holder of an account has entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyApplication {
    /// Its name in the protocol.
    pub client_id: String,
    /// Its name for people.
    pub name: String,
    /// Its start page.
    pub home: Option<String>,
    /// What it learns.
    pub scopes: Scopes,
    /// When they agreed to that; `None` where the city has agreed for everybody.
    pub agreed_at: Option<Timestamp>,
    /// When they last used it.
    pub last_used_at: Option<Timestamp>,
    /// The mailbox, by account and address, if it was entered for one and not for its holder.
    pub on_behalf: Option<(AccountId, String)>,
}

/// Registers an application.
pub async fn register(app: &App, actor: Actor, asked: &Registration) -> Result<Registered, ClientRefused> {
    let registered = client_draft::new(app, asked)?;
    keep(app, actor, registered).await
}

/// Registers an application under a `client_id` that it had elsewhere.
pub async fn register_as(
    app: &App,
    actor: Actor,
    client_id: ClientId,
    asked: &Registration,
) -> Result<Registered, ClientRefused> {
    let registered = client_draft::new_as(app, client_id, asked)?;
    keep(app, actor, registered).await
}

async fn keep(app: &App, actor: Actor, registered: Registered) -> Result<Registered, ClientRefused> {
    sectors::check(app, &registered.client).await?;
    keys::prepare(app, &registered.client).await?;
    let mut tx = app.db.begin().await?;
    match store(&mut tx, actor, &registered.client).await {
        // A removed application keeps its client_id for ever.
        Err(StorageError::Conflict { .. }) => return Err(ClientRefused::BadId),
        other => other?,
    }
    tx.commit().await?;
    logos::renew(app, &registered.client).await;
    Ok(registered)
}

/// Adds a drafted application with its audit, in the caller's transaction.
pub(super) async fn store(tx: &mut Tx, actor: Actor, client: &Client) -> Result<(), StorageError> {
    clients::insert(tx, client).await?;
    let entry = Entry::new(client.created_at, actor, Act::ClientRegistered, client.client_id.as_str());
    audit::append(tx, &[entry.with(&client.name)]).await
}

/// Puts another registration in place of an application's. Its secret stays, unless its method of authentication asks
/// for another one.
pub async fn update(
    app: &App,
    actor: Actor,
    client: &Client,
    asked: &Registration,
) -> Result<Registered, ClientRefused> {
    let registered = client_draft::changed(app, client, asked)?;
    sectors::check(app, &registered.client).await?;
    keys::prepare(app, &registered.client).await?;
    let mut tx = app.db.begin().await?;
    if !clients::update(&mut tx, client, &registered.client).await? {
        return Err(ClientRefused::Meanwhile);
    }
    let entry = changed_entry(app.now(), actor, client, &registered.client);
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    logos::renew(app, &registered.client).await;
    Ok(registered)
}

/// The line that says what has changed of what an application may do in its own name, or that something else has.
pub(super) fn changed_entry(now: Timestamp, actor: Actor, before: &Client, after: &Client) -> Entry {
    let entry = Entry::new(now, actor, Act::ClientChanged, before.client_id.as_str());
    let (had, has) = (before.metadata.own_rights(), after.metadata.own_rights());
    if had == has { entry.with(&after.name) } else { entry.changing(had, has) }
}

/// One application.
pub async fn find(app: &App, client_id: &str) -> Result<Client, ClientRefused> {
    known(app, client_id).await
}

/// All applications, the oldest first.
pub async fn list(app: &App) -> Result<Vec<Client>, Internal> {
    Ok(clients::every(&app.db).await?)
}

/// Removes an application and ends everything it was given; it is told.
pub async fn remove(app: &App, actor: Actor, client_id: &str) -> Result<Client, ClientRefused> {
    let client = known(app, client_id).await?;
    remove_seen(app, actor, &client, None).await?;
    Ok(client)
}

/// The same for an application in the version that was looked at.
pub(super) async fn remove_seen(
    app: &App,
    actor: Actor,
    client: &Client,
    why: Option<String>,
) -> Result<(), ClientRefused> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !clients::remove(&mut tx, client.id, client.version, now).await? {
        return Err(ClientRefused::Meanwhile);
    }
    end_everything(&mut tx, client, GrantEnd::ClientRemoved, now).await?;
    registrations::remove(&mut tx, client.id).await?;
    client_logos::remove(&mut tx, client.id).await?;
    let entry = Entry::new(now, actor, Act::ClientRemoved, client.client_id.as_str()).with(&client.name);
    let entry = match why {
        Some(why) => entry.because(why),
        None => entry,
    };
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// Ends what people and the application itself were given; orders that it is told. Tells how many grants were open.
pub(super) async fn end_everything(
    tx: &mut Tx,
    client: &Client,
    why: GrantEnd,
    now: Timestamp,
) -> Result<u64, StorageError> {
    logout_notices::order_of_client(tx, client.id, now).await?;
    client_tokens::end_of_client(tx, client.id, now).await?;
    grants::end_of_client(tx, client.id, why, now).await
}

/// Gives an application a new secret; the old one stays good for `overlap`.
pub async fn rotate_secret(
    app: &App,
    actor: Actor,
    client_id: &str,
    overlap: Duration,
) -> Result<Secret<String>, ClientRefused> {
    let client = known(app, client_id).await?;
    let mut tx = app.db.begin().await?;
    let secret = rotate(app, &mut tx, (actor, ""), &client, overlap).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The same for an application in the version that was looked at, within a transaction.
pub(super) async fn rotate(
    app: &App,
    tx: &mut Tx,
    (actor, why): (Actor, &str),
    client: &Client,
    overlap: Duration,
) -> Result<Secret<String>, ClientRefused> {
    if client.secret_digest.is_none() {
        return Err(ClientRefused::HasNoSecret);
    }
    let (after, secret) = client_draft::with_new_secret(app, client.clone(), overlap);
    let told = if why.is_empty() { "new secret".to_owned() } else { format!("new secret: {why}") };
    put_in(app, tx, actor, (client, &after), &told).await?;
    Ok(secret)
}

/// Ends the secret before the present one, if there is one.
pub(super) async fn end_old_secret(app: &App, actor: Actor, client: &Client) -> Result<(), ClientRefused> {
    let mut after = client.clone();
    after.metadata.previous_secret = None;
    put(app, actor, (client, &after), "the old secret has ended").await
}

async fn put(
    app: &App,
    actor: Actor,
    (before, after): (&Client, &Client),
    why: &str,
) -> Result<(), ClientRefused> {
    let mut tx = app.db.begin().await?;
    put_in(app, &mut tx, actor, (before, after), why).await?;
    Ok(tx.commit().await?)
}

async fn put_in(
    app: &App,
    tx: &mut Tx,
    actor: Actor,
    (before, after): (&Client, &Client),
    why: &str,
) -> Result<(), ClientRefused> {
    if !clients::update(tx, before, after).await? {
        return Err(ClientRefused::Meanwhile);
    }
    let entry = Entry::new(app.now(), actor, Act::ClientChanged, after.client_id.as_str());
    Ok(audit::append(tx, &[entry.with(&after.name).because(why)]).await?)
}

/// The applications that the holder of a session has entered, the last used first; then those that they have agreed to
/// and never used, and those that hold something of a mailbox for which they act.
pub async fn of_account(app: &App, current: &Current) -> Result<Vec<MyApplication>, Internal> {
    let uses = grants::uses(&app.db, current.account.id()).await?;
    let mut given = consents::of_account(&app.db, current.account.id()).await?;
    let mut all: Vec<_> = uses
        .into_iter()
        .map(|one| {
            let place = given.iter().position(|given| given.client_id == one.client_id);
            let agreed = place.map(|place| given.remove(place));
            MyApplication {
                scopes: agreed.as_ref().map_or_else(|| Scopes::parse(&one.scopes), |g| g.agreed.scopes),
                agreed_at: agreed.map(|given| given.given_at),
                name: one.name,
                client_id: one.client_id,
                home: one.home,
                last_used_at: Some(Timestamp::from_micros(one.last_used_at)),
                on_behalf: None,
            }
        })
        .collect();
    all.extend(given.into_iter().map(|given| MyApplication {
        client_id: given.client_id,
        name: given.name,
        home: None,
        scopes: given.agreed.scopes,
        agreed_at: Some(given.given_at),
        last_used_at: None,
        on_behalf: None,
    }));
    let acting = grants::acting(&app.db, current.account.id(), app.now()).await?;
    all.extend(acting.into_iter().map(|one| MyApplication {
        client_id: one.client_id,
        name: one.name,
        home: one.home,
        scopes: one.scopes,
        agreed_at: None,
        last_used_at: Some(one.last_at),
        on_behalf: Some((one.mailbox_id, one.mailbox)),
    }));
    Ok(all)
}

/// Ends what an application was given for the holder of a session; it is told. Returns its name; `None` if it was given
/// nothing.
pub async fn end_access(app: &App, current: &Current, client_id: &str) -> Result<Option<String>, Internal> {
    let Some(client) = clients::any_by_client_id(&app.db, client_id).await? else { return Ok(None) };
    let (now, account) = (app.now(), &current.account);
    let mut tx = app.db.begin().await?;
    logout_notices::order_of_access(&mut tx, account.id(), client.id, None, now).await?;
    if !grants::end_access(&mut tx, account.id(), client.id, GrantEnd::EndedByOwner, now).await? {
        return Ok(None);
    }
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::ApplicationEnded, account).with(client.client_id.as_str());
    audit::append(&mut tx, &[entry.from(&current.session.source)]).await?;
    tx.commit().await?;
    notices::try_at_once(app, account.id()).await;
    Ok(Some(client.name))
}

/// The same for what it was given of a mailbox for which the holder acts, out of their own sessions. What others were
/// given as the same mailbox stays.
pub async fn end_acting_access(
    app: &App,
    current: &Current,
    client_id: &str,
    mailbox: AccountId,
) -> Result<Option<String>, Internal> {
    let Some(client) = clients::any_by_client_id(&app.db, client_id).await? else { return Ok(None) };
    let mailbox = accounts::by_id(&app.db, mailbox).await?;
    // As oneself is nobody's mailbox: that is `end_access`.
    let Some(mailbox) = mailbox.filter(|one| one.id() != current.account.id()) else { return Ok(None) };
    let (now, person, why) = (app.now(), &current.account, GrantEnd::EndedByOwner);
    let (whose, by_person) = ((mailbox.id(), person.id()), Some(person.id()));
    let mut tx = app.db.begin().await?;
    logout_notices::order_of_access(&mut tx, mailbox.id(), client.id, by_person, now).await?;
    if !grants::end_acting_access(&mut tx, whose, client.id, why, now).await? {
        return Ok(None);
    }
    let actor = Actor::Holder(person.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::ApplicationEnded, &mailbox).with(client.client_id.as_str());
    audit::append(&mut tx, &[entry.from(&current.session.source)]).await?;
    tx.commit().await?;
    notices::try_at_once(app, person.id()).await;
    Ok(Some(client.name))
}

async fn known(app: &App, client_id: &str) -> Result<Client, ClientRefused> {
    let client = clients::any_by_client_id(&app.db, client_id).await?;
    client.ok_or_else(|| ClientRefused::NotFound(client_id.to_owned()))
}
