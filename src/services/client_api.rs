//! What an application may do in its own name at the administrators' interface and by SCIM, and how far it reaches: by the
//! command line, and in the console, where a second person looks at what is much.

use super::application_desk::{ApplicationRefused, Seen, as_seen, reason};
use super::approvals::{self, Pass, Stopped};
use super::audience::Names;
use super::clients::{self as registry, ClientRefused, Registration};
use super::wide::Wide;
use super::{Internal, client_draft, rights};
use crate::app::App;
use crate::domain::admin::{Administrator, ApiScope, Right};
use crate::domain::agency::Agency;
use crate::domain::approval::{Deed, Matter, Preview};
use crate::domain::audit::Actor;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::metadata::{ApiReach, Metadata};
use crate::domain::oauth::own_rights::OwnRights;
use crate::i18n::Lang;
use crate::storage::{StorageError, agencies, audit, clients};
use thiserror::Error;

/// Why nothing was set.
#[derive(Debug, Error)]
pub enum ApiRefused {
    /// It registered itself: its holder may change how it proves itself.
    #[error("an application that registered itself does not get it; register it anew")]
    SelfRegistered,
    /// No such agency.
    #[error("there is no agency with the code {0}")]
    NoAgency(String),
    /// RFC 6749 §4.4.
    #[error("a public application has nothing in its own name")]
    Public,
    /// Scopes without a reach, or a reach without scopes.
    #[error("either scopes or the reach are missing")]
    Incomplete,
    /// It is so already.
    #[error("nothing would change")]
    Unchanged,
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// As everything that is done with an application in the console.
    #[error(transparent)]
    Application(#[from] ApplicationRefused),
    /// The registration could not be changed.
    #[error(transparent)]
    Client(#[from] ClientRefused),
}

impl From<StorageError> for ApiRefused {
    fn from(error: StorageError) -> Self {
        Self::Client(error.into())
    }
}

impl From<Internal> for ApiRefused {
    fn from(internal: Internal) -> Self {
        Self::Client(internal.into())
    }
}

/// What would change, as it was looked at.
#[derive(Debug, Clone)]
pub struct Change {
    /// The application.
    pub client: Client,
    /// What it may do now.
    pub before: OwnRights,
    /// What it may do then.
    pub after: OwnRights,
    /// The same in words.
    pub preview: Preview,
    /// Whether a second person must approve it.
    pub needs_second: bool,
}

/// Sets the scopes of the interface that an application may ask for, and its reach; without a reach both are taken from
/// it. Scopes of other resource servers stay as they are. For the command line.
pub async fn set(
    app: &App,
    actor: Actor,
    client_id: &str,
    scopes: &[ApiScope],
    reach: Option<ApiReach>,
) -> Result<(), ApiRefused> {
    let client = registry::find(app, client_id).await?;
    let scopes = scopes.iter().copied().filter(|_| reach.is_some()).collect();
    let wanted = OwnRights { scopes, reach };
    may_have(&client, &wanted)?;
    is_known(app, &client, &wanted).await?;
    keep(app, (actor, None), (&client, None), &wanted, None).await
}

/// What an administrator would change in the console; nothing is kept.
pub async fn preview(
    app: &App,
    by: &Administrator,
    seen: Seen,
    wanted: OwnRights,
    why: &str,
) -> Result<Change, ApiRefused> {
    rights::ask(app, by, Right::ManageApplications).await.map_err(ApplicationRefused::from)?;
    let change = look(app, by, seen, wanted).await?;
    reason(why)?;
    Ok(change)
}

/// The same, carried out: what gives much once a second person has approved it, what takes away at once.
pub async fn give(
    app: &App,
    by: &Administrator,
    seen: Seen,
    wanted: OwnRights,
    why: &str,
) -> Result<(), ApiRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await.map_err(ApplicationRefused::from)?;
    let change = look(app, by, seen, wanted).await?;
    let why = reason(why)?;
    let pass =
        if change.needs_second { Some(approvals::pass(app, by, deed(&change), None).await?) } else { None };
    keep(app, (actor, Some(why)), (&change.client, Some(&change)), &change.after, pass).await
}

/// Whether a second person looks at whatever gives somebody the rights of an application, its secret above all: where they
/// would be asked if it were given these rights now.
pub async fn is_powerful(app: &App, client: &Client) -> Result<bool, Internal> {
    let own = OwnRights::of(&client.metadata);
    if !app.config.admin.two_persons || !own.opens() {
        return Ok(false);
    }
    let wide = Wide::read(app).await?;
    Ok(own.needs_second(&OwnRights::default(), is_wide(wide.as_ref(), own.reach.as_ref())))
}

/// A new secret of such an application as a second person approves it: for what it may do now.
pub(super) async fn deed_of_a_secret(app: &App, client: &Client, days: i64) -> Result<Deed, Internal> {
    let (own, names) = (OwnRights::of(&client.metadata), Names::read(app).await?);
    let preview = approvals::in_words(|t| {
        let overlap = match u64::try_from(days) {
            Ok(days) if days > 0 => t.days(days),
            _ => t.application_overlap_none().to_owned(),
        };
        let mut told = lines(t, &names, client, (&own, &own));
        told.push(format!("{}: {overlap}", t.application_overlap()));
        told
    });
    let content = format!("{} {}; {days}", client.id, own.told());
    Ok(Deed { matter: Matter::RotateSecret, content, preview })
}

/// Whether an application may have anything in its own name. What it has is taken from any.
pub fn may_have(client: &Client, wanted: &OwnRights) -> Result<(), ApiRefused> {
    if wanted.reach.is_none() {
        return Ok(());
    }
    if !client.kind.is_confidential() {
        return Err(ApiRefused::Public);
    }
    if client.metadata.self_registered {
        return Err(ApiRefused::SelfRegistered);
    }
    Ok(())
}

/// A reach in words.
pub fn over(t: Lang, names: &Names, reach: Option<&ApiReach>) -> String {
    let code = match reach {
        None => return t.own_reach_none().to_owned(),
        Some(ApiReach::City) => return t.reach_all().to_owned(),
        Some(ApiReach::Agency(code)) => code,
    };
    match reached(names, code) {
        Some(agency) => format!("{} ({code}) {}", agency.name, t.role_and_below()),
        None => t.own_reach_gone(code),
    }
}

/// The agency that a code reaches, be it one of before.
fn reached<'a>(names: &'a Names, code: &str) -> Option<&'a Agency> {
    let known = names.agencies.iter().find(|agency| agency.code == code);
    let now = names.codes.reached(code);
    known.or_else(|| names.agencies.iter().find(|agency| Some(agency.id) == now))
}

async fn look(app: &App, by: &Administrator, seen: Seen, wanted: OwnRights) -> Result<Change, ApiRefused> {
    let client = as_seen(app, by, seen).await?;
    let before = OwnRights::of(&client.metadata);
    if wanted.scopes.is_empty() != wanted.reach.is_none() {
        return Err(ApiRefused::Incomplete);
    }
    if wanted == before {
        return Err(ApiRefused::Unchanged);
    }
    may_have(&client, &wanted)?;
    is_known(app, &client, &wanted).await?;
    may_give(app, by, &before, &wanted).await?;
    let names = Names::read(app).await?;
    let preview = approvals::in_words(|t| lines(t, &names, &client, (&before, &wanted)));
    let needs_second = app.config.admin.two_persons
        && wanted.needs_second(&before, is_wide(Wide::read(app).await?.as_ref(), wanted.reach.as_ref()));
    Ok(Change { client, before, after: wanted, preview, needs_second })
}

/// A reach that stays may be over an agency that is called otherwise by now: it is reached under that code too.
async fn is_known(app: &App, client: &Client, wanted: &OwnRights) -> Result<(), ApiRefused> {
    let Some(ApiReach::Agency(code)) = &wanted.reach else { return Ok(()) };
    let is_kept = wanted.reach == client.metadata.api_reach;
    if is_kept || agencies::every(&app.db).await?.iter().any(|agency| agency.code == *code) {
        Ok(())
    } else {
        Err(ApiRefused::NoAgency(code.clone()))
    }
}

/// Nobody gives what they may not do themselves, or farther than they reach themselves.
async fn may_give(
    app: &App,
    by: &Administrator,
    before: &OwnRights,
    wanted: &OwnRights,
) -> Result<(), ApiRefused> {
    for scope in wanted.scopes.difference(&before.open()) {
        rights::ask(app, by, scope.right()).await.map_err(ApplicationRefused::from)?;
    }
    if by.reach().is_city() {
        return Ok(());
    }
    let all = agencies::every(&app.db).await?;
    let is_within = |reach: &ApiReach| match reach {
        ApiReach::City => false,
        ApiReach::Agency(code) => all.iter().any(|one| one.code == *code && by.reach().covers(Some(one.id))),
    };
    match &wanted.reach {
        Some(reach) if !is_within(reach) => {
            rights::out_of_reach(app, by, &format!("interface over {reach:?}")).await;
            Err(ApplicationRefused::NotFound.into())
        }
        _ => Ok(()),
    }
}

/// Whether a reach is the city, or nearly: the same number as for roles.
fn is_wide(wide: Option<&Wide>, reach: Option<&ApiReach>) -> bool {
    match reach {
        None => false,
        Some(ApiReach::City) => true,
        Some(ApiReach::Agency(code)) => wide.is_some_and(|wide| wide.is_over(code)),
    }
}

/// A change line by line: what it is about, how far it reaches, what it gets, keeps and loses.
fn lines(t: Lang, names: &Names, client: &Client, (before, after): (&OwnRights, &OwnRights)) -> Vec<String> {
    let (had, has) = (over(t, names, before.reach.as_ref()), over(t, names, after.reach.as_ref()));
    let reach = if had == has { t.own_reach_stays(&has) } else { t.own_reach_changes(&had, &has) };
    let mut told = vec![format!("{} ({})", client.name, client.client_id), reach];
    let (open, opened) = (before.open(), after.open());
    for scope in ApiScope::ALL {
        let words = (scope.code(), t.api_scope_opens(*scope));
        // What has no reach opens nothing, and is still taken off the registration.
        let had = open.contains(scope) || (before.scopes.contains(scope) && !after.scopes.contains(scope));
        match (had, opened.contains(scope)) {
            (false, true) => told.push(t.own_scope_given(words.0, words.1)),
            (true, true) => told.push(t.own_scope_stays(words.0, words.1)),
            (true, false) => told.push(t.own_scope_taken(words.0, words.1)),
            (false, false) => {}
        }
    }
    told
}

/// A change as a second person approves it: of this application, from what it may do now.
fn deed(change: &Change) -> Deed {
    let content = format!("{} {} -> {}", change.client.id, change.before.told(), change.after.told());
    Deed { matter: Matter::OpenInterface, content, preview: change.preview.clone() }
}

/// Writes it down; what an administrator gives alone is looked at once more.
async fn keep(
    app: &App,
    (actor, why): (Actor, Option<String>),
    (client, narrow): (&Client, Option<&Change>),
    wanted: &OwnRights,
    pass: Option<Pass>,
) -> Result<(), ApiRefused> {
    let narrow = narrow.filter(|_| pass.is_none());
    let asked = Registration::of(client);
    let others = asked.metadata.api_scopes.iter().filter(|code| ApiScope::from_code(code).is_none()).cloned();
    let own = wanted.scopes.iter().map(|scope| scope.code().to_owned());
    let api_scopes: Vec<_> = others.chain(own).collect();
    let metadata = Metadata { api_scopes, api_reach: wanted.reach.clone(), ..asked.metadata };
    let metadata = metadata.with_grant_of_rights();
    let after = client_draft::changed(app, client, &Registration { metadata, ..asked })?.client;
    let mut tx = app.db.begin().await?;
    if let Some(pass) = pass {
        pass.spend(app, &mut tx).await?;
    }
    if !clients::update(&mut tx, client, &after).await? {
        return Err(ClientRefused::Meanwhile.into());
    }
    let entry = registry::changed_entry(app.now(), actor, client, &after);
    let entry = match why {
        Some(why) => entry.because(why),
        None => entry,
    };
    audit::append(&mut tx, &[entry]).await?;
    // Writers of the audit stand in line, so here is seen what somebody else has put below the agency meanwhile.
    if let Some(change) = narrow
        && let Some(wide) = Wide::read_in(app, &mut tx).await?
        && wanted.needs_second(&change.before, is_wide(Some(&wide), wanted.reach.as_ref()))
    {
        return Err(Stopped::NeedsSecond(Box::new(deed(change))).into());
    }
    Ok(tx.commit().await?)
}
