//! The city's administrators register an application by answering a few questions, and change what is registered.

use super::application_desk::{ApplicationRefused, Seen, as_seen, purposes_of, reason};
use super::approvals::{self, Stopped};
use super::audience::Names;
use super::clients::{self, Registered, Registration};
use super::{Internal, applications, client_api, client_draft, keys, logos, rights, sectors};
use crate::app::App;
use crate::domain::admin::{Administrator, ApiScope, Right};
use crate::domain::audit::{Act, Entry};
use crate::domain::oauth::client::{Client, ClientId};
use crate::domain::oauth::lint::Finding;
use crate::domain::oauth::metadata::Metadata;
use crate::domain::oauth::purpose::{Purpose, asks_for};
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::oauth::template::Template;
use crate::domain::proof::Class;
use crate::domain::secret::Secret;
use crate::services::clients::ClientRefused;
use crate::storage::{StorageError, applications as rows, audit};
use thiserror::Error;
use time::Duration;

/// For whom an application is, by codes; nobody named: everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct For {
    /// The people of these agencies.
    pub agencies: Vec<String>,
    /// And those of these groups.
    pub groups: Vec<String>,
}

/// What somebody answers who registers an application.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Its name for people.
    pub name: String,
    /// What it is made with.
    pub template: Template,
    /// Its own address.
    pub url: Option<String>,
    /// Where answers go, where that is not what the template has below the address.
    pub redirect_uris: Vec<String>,
    /// Where people come after signing out; the same.
    pub goodbye: Option<String>,
    /// Where it is told of logouts; the same.
    pub told_at: Option<String>,
    /// What it gets of people.
    pub scopes: Scopes,
    /// What for.
    pub purposes: Vec<(Scope, String)>,
    /// The agency that answers for that.
    pub agency: String,
    /// For whom it is.
    pub audience: For,
    /// Who answers for it.
    pub contacts: Vec<String>,
    /// Its heading in the portal.
    pub category: Option<String>,
    /// What it may ask for in its own name. What the house itself opens is given afterwards, with its reach
    /// (`services::client_api`): registering gives nothing of it.
    pub api_scopes: Vec<String>,
}

impl Answers {
    /// The scopes of the administrators' interface and of SCIM among those that it is to ask for.
    pub fn of_the_house(&self) -> Vec<ApiScope> {
        self.api_scopes.iter().filter_map(|code| ApiScope::from_code(code)).collect()
    }

    /// The scopes of other resource servers.
    fn of_others(&self) -> Vec<String> {
        self.api_scopes.iter().filter(|code| ApiScope::from_code(code).is_none()).cloned().collect()
    }
}

/// What would be registered.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The application, which is kept nowhere yet.
    pub client: Client,
    /// For whom it is, by name.
    pub audience: Vec<String>,
    /// What could be better.
    pub findings: Vec<Finding>,
    /// Why it gets what it gets.
    pub purposes: Vec<Purpose>,
}

/// What may be changed of a registered application on its page; the rest stays.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its name for people.
    pub name: String,
    /// Where answers go.
    pub redirect_uris: Vec<String>,
    /// Where people come after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Its start page.
    pub home: Option<String>,
    /// Where it is told of logouts.
    pub told_at: Option<String>,
    /// Its heading in the portal.
    pub category: Option<String>,
    /// Its logo.
    pub logo: Option<String>,
    /// Who answers for it.
    pub contacts: Vec<String>,
    /// What it gets of people.
    pub scopes: Scopes,
    /// For whom it is.
    pub audience: For,
    /// Whether each person is asked.
    pub consent: bool,
    /// The least that lets anybody in.
    pub minimum_acr: Option<Class>,
    /// Whether it comes without PKCE.
    pub legacy: bool,
    /// Whether the person's data is in the ID token.
    pub id_token_claims: bool,
}

/// What registering would do; nothing is kept.
pub async fn preview(
    app: &App,
    by: &Administrator,
    answers: &Answers,
) -> Result<Preview, ApplicationRefused> {
    rights::ask(app, by, Right::ManageApplications).await?;
    let client = client_draft::new(app, &registration(answers))?.client;
    let names = Names::read(app).await?;
    check_audience(&names, &answers.audience)?;
    let purposes = purposes_of(&client, by.address(), &answers.agency, &answers.purposes, app.now())?;
    Ok(Preview {
        audience: names.of(&client),
        findings: applications::findings(app, &client),
        purposes,
        client,
    })
}

/// Registers an application with the purposes of what it gets, under the `client_id` of its preview: a form that is
/// sent twice registers once. The secret is told this once.
pub async fn register(
    app: &App,
    by: &Administrator,
    client_id: &str,
    answers: &Answers,
) -> Result<Registered, ApplicationRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let client_id = ClientId::imported(client_id).ok_or(ClientRefused::BadId)?;
    let registered = client_draft::new_as(app, client_id, &registration(answers))?;
    let client = &registered.client;
    check_audience(&Names::read(app).await?, &answers.audience)?;
    let now = app.now();
    let purposes = purposes_of(client, by.address(), &answers.agency, &answers.purposes, now)?;
    sectors::check(app, client).await.map_err(ClientRefused::from)?;
    keys::prepare(app, client).await?;
    let mut tx = app.db.begin().await?;
    match clients::store(&mut tx, actor.clone(), client).await {
        Err(StorageError::Conflict { .. }) => return Err(ClientRefused::BadId.into()),
        other => other?,
    }
    rows::set_purposes(&mut tx, client.id, &purposes).await?;
    if !purposes.is_empty() {
        let told: Vec<_> =
            purposes.iter().map(|one| format!("{}: {}", one.scope.code(), one.purpose)).collect();
        let entry = Entry::new(now, actor, Act::ClientReviewed, client.client_id.as_str());
        let entry = entry.with(told.join("; ")).because(&purposes[0].agency);
        audit::append(&mut tx, &[entry]).await?;
    }
    tx.commit().await?;
    logos::renew(app, client).await;
    Ok(registered)
}

/// Changes what is registered. Its kind and its way to prove itself stay, and so does its secret.
pub async fn change(
    app: &App,
    by: &Administrator,
    seen: Seen,
    wanted: &Change,
) -> Result<(), ApplicationRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let client = as_seen(app, by, seen).await?;
    let names = Names::read(app).await?;
    let (added_agencies, added_groups) = (&wanted.audience.agencies, &wanted.audience.groups);
    // A code that is gone may stay; none that nobody knows is added.
    let kept = |code: &&String, before: &[String]| before.contains(code);
    let added = For {
        agencies: added_agencies
            .iter()
            .filter(|code| !kept(code, &client.metadata.allowed_agencies))
            .cloned()
            .collect(),
        groups: added_groups
            .iter()
            .filter(|code| !kept(code, &client.metadata.allowed_groups))
            .cloned()
            .collect(),
    };
    check_audience(&names, &added)?;
    let before = Registration::of(&client);
    let asked = Registration {
        name: wanted.name.clone(),
        redirect_uris: wanted.redirect_uris.clone(),
        post_logout_redirect_uris: wanted.post_logout_redirect_uris.clone(),
        home: wanted.home.clone(),
        scopes: wanted.scopes,
        legacy: wanted.legacy,
        id_token_claims: wanted.id_token_claims,
        backchannel_logout_uri: wanted.told_at.clone(),
        metadata: Metadata {
            contacts: wanted.contacts.clone(),
            category: wanted.category.clone(),
            logo_uri: wanted.logo.clone(),
            allowed_agencies: wanted.audience.agencies.clone(),
            allowed_groups: wanted.audience.groups.clone(),
            consent_required: wanted.consent,
            minimum_acr: wanted.minimum_acr,
            ..before.metadata.clone()
        },
        ..before
    };
    clients::update(app, actor, &client, &asked).await?;
    Ok(())
}

/// Why an application got no new secret.
#[derive(Debug, Error)]
pub enum SecretRefused {
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// As everything that is done with an application in the console.
    #[error(transparent)]
    Application(#[from] ApplicationRefused),
}

impl From<Internal> for SecretRefused {
    fn from(internal: Internal) -> Self {
        Self::Application(internal.into())
    }
}

impl From<StorageError> for SecretRefused {
    fn from(error: StorageError) -> Self {
        Self::Application(error.into())
    }
}

/// Gives an application a new secret, told this once; the old one stays good for some `days`. Whoever has the secret of one
/// that may do much in its own name has as much as with a role: a second person approves it, with a reason.
pub async fn rotate_secret(
    app: &App,
    by: &Administrator,
    seen: Seen,
    days: i64,
    why: &str,
) -> Result<Registered, SecretRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await.map_err(ApplicationRefused::from)?;
    let client = as_seen(app, by, seen).await?;
    let (pass, why) = if client.secret_digest.is_some() && client_api::is_powerful(app, &client).await? {
        let why = reason(why)?;
        let deed = client_api::deed_of_a_secret(app, &client, days).await?;
        (Some(approvals::pass(app, by, deed, None).await?), why)
    } else {
        (None, String::new())
    };
    let mut tx = app.db.begin().await?;
    if let Some(pass) = pass {
        pass.spend(app, &mut tx).await?;
    }
    let rotated = clients::rotate(app, &mut tx, (actor, &why), &client, Duration::days(days)).await;
    let secret = rotated.map_err(ApplicationRefused::from)?;
    tx.commit().await?;
    Ok(Registered { client, secret: Some(secret) })
}

/// Ends the secret before the present one.
pub async fn end_old_secret(app: &App, by: &Administrator, seen: Seen) -> Result<(), ApplicationRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let client = as_seen(app, by, seen).await?;
    clients::end_old_secret(app, actor, &client).await?;
    Ok(())
}

/// The secret's text for a page that shows it once.
pub fn shown_once(secret: Option<&Secret<String>>) -> Option<String> {
    secret.map(|secret| secret.expose().clone())
}

fn check_audience(names: &Names, audience: &For) -> Result<(), ApplicationRefused> {
    let unknown_agency =
        audience.agencies.iter().find(|code| names.agencies.iter().all(|agency| agency.code != **code));
    let unknown_group =
        audience.groups.iter().find(|code| names.groups.iter().all(|group| group.code != **code));
    match unknown_agency.or(unknown_group) {
        Some(code) => Err(ApplicationRefused::NobodyCalled(code.clone())),
        None => Ok(()),
    }
}

/// What the answers register: what was typed, else what the template has.
fn registration(answers: &Answers) -> Registration {
    let template = answers.template;
    let below = answers.url.as_deref().map(|url| template.addresses(url)).unwrap_or_default();
    let or = |given: &[String], usual: Option<String>| {
        if given.is_empty() { usual.into_iter().collect() } else { given.to_vec() }
    };
    Registration {
        name: answers.name.clone(),
        kind: template.kind(),
        redirect_uris: or(&answers.redirect_uris, below.redirect_uri),
        post_logout_redirect_uris: or(answers.goodbye.as_slice(), below.goodbye),
        home: below.home,
        scopes: answers.scopes,
        legacy: template.is_legacy(),
        id_token_claims: template.reads_id_token_only(),
        backchannel_logout_uri: answers.told_at.clone().or(below.logout),
        metadata: Metadata {
            contacts: answers.contacts.clone(),
            category: answers.category.clone(),
            allowed_agencies: answers.audience.agencies.clone(),
            allowed_groups: answers.audience.groups.clone(),
            api_scopes: answers.of_others(),
            ..template.metadata()
        },
    }
}

/// Whether somebody has come in for the first time: who, when, and what the application was given.
pub async fn first_sign_in(app: &App, client: &Client) -> Result<Option<(rows::User, Vec<Scope>)>, Internal> {
    let first = rows::first_user(&app.db, client.id).await?;
    Ok(first.map(|(user, given)| {
        let given = given.map(|scopes| scopes.iter().collect());
        (user, given.unwrap_or_else(|| asks_for(client)))
    }))
}
