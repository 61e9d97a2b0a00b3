//! Acting for an agency's mailbox: named people open it by their own sign-in, and choose at an application as whom they
//! come. Nobody needs its password; the application and the audit see the person behind it (`act`, as in RFC 8693 §4.1).

mod ending;

pub(super) use ending::end_in;
pub use ending::{end, end_lapsed, end_seen};

use super::{Internal, audience, device, rights, session, subjects};
use crate::app::App;
use crate::crypto::token;
use crate::domain::account::{Account, Kind, State};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::delegation::Delegation;
use crate::domain::id::{AccountId, DelegationId};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::grant::Grant;
use crate::domain::oauth::redirect::origin;
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::policy::regulation::Verdict;
use crate::domain::timestamp::Timestamp;
use crate::services::bulk_unlock::Seen;
use crate::services::session::Current;
use crate::storage::{StorageError, Tx, accounts, audit, clients, delegations, pending_requests};
use serde_json::{Map, Value};
use thiserror::Error;

/// The longest reason.
const REASON: usize = 500;

/// Why a delegation was not granted or ended.
#[derive(Debug, Error)]
pub enum DelegationRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such mailbox or delegation within reach, or not an agency's.
    #[error("no such agency mailbox within reach")]
    NotFound,
    /// No such person within reach.
    #[error("no such person within reach")]
    NoPerson,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// They have it already.
    #[error("the person may act for the mailbox already")]
    Already,
    /// Somebody else has changed who may act for it since it was looked at.
    #[error("who may act for the mailbox was changed by somebody else meanwhile")]
    Changed,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for DelegationRefused {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict { .. } => Self::Already,
            other => Self::Internal(other.into()),
        }
    }
}

/// A person who may act for a mailbox, or a mailbox for which somebody may act.
#[derive(Debug, Clone)]
pub struct Named {
    /// The delegation.
    pub delegation: Delegation,
    /// The person, or the mailbox.
    pub account: Account,
}

/// What the page asks.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The application, by its name for people.
    pub application: String,
    /// Its origin, for `form-action`.
    pub return_origin: String,
    /// The mailboxes as which the person may go on.
    pub mailboxes: Vec<Account>,
    /// Whether the application is for the person themselves.
    pub oneself: bool,
    /// The languages that the application prefers.
    pub ui_locales: Option<String>,
}

/// As whom a session goes on to an application.
pub(super) struct Chosen {
    /// The session, with the account as which it goes on.
    pub current: Current,
    /// Whether the person must choose first.
    pub must_choose: bool,
}

/// As whom a session goes on to an application. `subject` is the only one whom the application accepts, if it named one.
pub(super) async fn chosen(
    app: &App,
    client: &Client,
    current: &Current,
    subject: Option<&str>,
) -> Result<Chosen, Internal> {
    let oneself = |must_choose| Chosen { current: current.clone(), must_choose };
    if current.must_change_password() || current.account.profile().kind != Kind::Person {
        return Ok(oneself(false));
    }
    let mailboxes = usable(app, client, current).await?;
    if mailboxes.is_empty() || subject == Some(current.account.subject()) {
        return Ok(oneself(false));
    }
    let as_mailbox = |account: &Account| Chosen {
        current: Current { account: account.clone(), ..current.clone() },
        must_choose: false,
    };
    if let Some(subject) = subject {
        let named = mailboxes.iter().find(|account| account.subject() == subject);
        return Ok(named.map_or_else(|| oneself(false), as_mailbox));
    }
    Ok(match delegations::choice(&app.db, current.session.id, client.id).await? {
        None => oneself(true),
        Some(None) => oneself(false),
        // What was taken back meanwhile is asked anew.
        Some(Some(id)) => {
            mailboxes.iter().find(|account| account.id() == id).map_or_else(|| oneself(true), as_mailbox)
        }
    })
}

/// The mailboxes as which somebody may go on to an application now.
async fn usable(app: &App, client: &Client, current: &Current) -> Result<Vec<Account>, Internal> {
    let mut all = Vec::new();
    for named in of_person(app, current.account.id()).await? {
        // A mailbox whose term is over opens nothing, whoever acts for it.
        if matches!(named.account.state(), State::Active { .. })
            && audience::admits(app, client, &named.account).await?
            && session::passes(app, &named.account, "deadline").await? == Some(false)
        {
            all.push(named.account);
        }
    }
    Ok(all)
}

/// The question of the request that waits under this id.
pub async fn choices(app: &App, request_id: &str, current: &Current) -> Result<Option<Choices>, Internal> {
    let Some(Waits { client, return_origin, ui_locales }) = waits(app, request_id).await? else {
        return Ok(None);
    };
    Ok(Some(Choices {
        mailboxes: usable(app, &client, current).await?,
        oneself: audience::admits(app, &client, &current.account).await?,
        return_origin,
        application: client.name,
        ui_locales,
    }))
}

/// What waits under an id: a request of an application, or a device.
struct Waits {
    client: Client,
    return_origin: String,
    ui_locales: Option<String>,
}

async fn waits(app: &App, request_id: &str) -> Result<Option<Waits>, Internal> {
    if device::is_device(request_id) {
        let client = device::application(app, request_id).await?;
        // The browser stays in the house.
        let return_origin = app.config.server.issuer().to_owned();
        return Ok(client.map(|client| Waits { client, return_origin, ui_locales: None }));
    }
    let digest = token::digest(request_id);
    let Some(pending) = pending_requests::pending(&app.db, &digest, app.now()).await? else {
        return Ok(None);
    };
    let Some(client) = clients::by_id(&app.db, pending.client).await? else { return Ok(None) };
    let return_origin = origin(&pending.redirect_uri);
    Ok(Some(Waits { client, return_origin, ui_locales: pending.request.ui_locales }))
}

/// The person chooses: a mailbox as which they may go on, or themselves. Tells whether the choice is theirs to make.
pub async fn choose(
    app: &App,
    request_id: &str,
    current: &Current,
    mailbox: Option<AccountId>,
) -> Result<bool, Internal> {
    let Some(Waits { client, .. }) = waits(app, request_id).await? else { return Ok(false) };
    if let Some(id) = mailbox
        && !usable(app, &client, current).await?.iter().any(|account| account.id() == id)
    {
        return Ok(false);
    }
    delegations::choose(&app.db, current.session.id, client.id, mailbox, app.now()).await?;
    Ok(true)
}

/// The holder of a session is asked again at the next application.
pub async fn ask_again(app: &App, current: &Current) -> Result<(), Internal> {
    delegations::forget(&app.db, current.session.id).await?;
    Ok(())
}

/// The person behind a grant that is a mailbox's, if there is one and they may still act for it.
pub(super) async fn behind(app: &App, grant: &Grant) -> Result<Option<Behind>, Internal> {
    let Some(id) = grant.details.actor.as_deref() else { return Ok(Some(Behind::Oneself)) };
    let Ok(id) = id.parse::<AccountId>() else { return Ok(None) };
    let named = of_person(app, id).await?;
    let is_named = named.iter().any(|named| named.account.id() == grant.account);
    let person = accounts::by_id(&app.db, id).await?;
    let person = person.filter(|person| is_named && matches!(person.state(), State::Active { .. }));
    Ok(person.map(|person| Behind::Person(Box::new(person))))
}

/// Who is behind a grant.
pub(super) enum Behind {
    /// The holder of the account.
    Oneself,
    /// A person who acts for the mailbox whose grant it is.
    Person(Box<Account>),
}

/// The claim `act`: who acts for the mailbox, as the application knows them, as far as these scopes go.
pub(super) async fn act(
    app: &App,
    client: &Client,
    grant: &Grant,
    scopes: Scopes,
) -> Result<Option<Value>, Internal> {
    let Some(Behind::Person(person)) = behind(app, grant).await? else { return Ok(None) };
    let profile = person.profile();
    let mut members = Map::new();
    members.insert("sub".to_owned(), subjects::of(app, client, &person).await?.into());
    if scopes.has(Scope::Profile) {
        members.insert("name".to_owned(), profile.display_name.as_str().into());
    }
    if scopes.has(Scope::Email) {
        members.insert("email".to_owned(), profile.address.as_str().into());
    }
    Ok(Some(Value::Object(members)))
}

/// For which mailboxes a person may act now.
pub async fn of_person(app: &App, person: AccountId) -> Result<Vec<Named>, Internal> {
    let all = delegations::of_person(&app.db, person).await?;
    with_accounts(app, all, |one| one.mailbox).await
}

/// The mailboxes for which the holder of a session may act and that would open something now. Nothing is locked by looking:
/// that is done where somebody goes on.
pub(super) async fn open_mailboxes(app: &App, current: &Current) -> Result<Vec<Account>, Internal> {
    if current.must_change_password() || current.account.profile().kind != Kind::Person {
        return Ok(Vec::new());
    }
    let (regulation, now) = (app.regulation(), app.now());
    let is_open = |account: &Account| {
        matches!(account.state(), State::Active { .. })
            && matches!(regulation.verdict(account, now), Verdict::Remind(_) | Verdict::Nothing)
    };
    let all = of_person(app, current.account.id()).await?;
    Ok(all.into_iter().map(|named| named.account).filter(is_open).collect())
}

/// Who may act for a mailbox now, within reach; `None` for what is no agency's mailbox or out of reach.
pub async fn of_mailbox(
    app: &App,
    by: &Administrator,
    id: AccountId,
) -> Result<Option<(Account, Vec<Named>)>, Internal> {
    let Some(mailbox) = mailbox_within_reach(app, by, id).await? else { return Ok(None) };
    let all = delegations::of_mailbox(&app.db, id).await?;
    Ok(Some((mailbox, with_accounts(app, all, |one| one.person).await?)))
}

async fn with_accounts(
    app: &App,
    all: Vec<Delegation>,
    of: impl Fn(&Delegation) -> AccountId,
) -> Result<Vec<Named>, Internal> {
    let now = app.now();
    let mut named = Vec::new();
    for delegation in all {
        if delegation.is_in_force(now)
            && let Some(account) = accounts::by_id(&app.db, of(&delegation)).await?
        {
            named.push(Named { delegation, account });
        }
    }
    Ok(named)
}

async fn mailbox_within_reach(
    app: &App,
    by: &Administrator,
    id: AccountId,
) -> Result<Option<Account>, Internal> {
    let account = rights::account(app, by, id).await?;
    Ok(account.filter(|account| account.profile().kind == Kind::Agency))
}

/// The person with an address as it was typed. One beyond reach leaves a line, and is answered like one who is not there.
async fn person_within_reach(
    app: &App,
    by: &Administrator,
    typed: &str,
) -> Result<Option<Account>, Internal> {
    let Ok(address) = MailAddress::parse_typed(typed, &app.config.city.mail_domain) else { return Ok(None) };
    let found = accounts::by_address(&app.db, &address).await?;
    if found.as_ref().is_some_and(|account| !by.reaches(account)) {
        rights::out_of_reach(app, by, &format!("account {address}")).await;
        return Ok(None);
    }
    Ok(found.filter(|account| account.profile().kind == Kind::Person))
}

/// Which version of who may act for a mailbox is there now.
pub async fn version(app: &App, mailbox: AccountId) -> Result<i64, Internal> {
    Ok(delegations::version(&app.db, mailbox).await?)
}

/// Nobody has changed who may act for a mailbox since it was looked at.
async fn is_as_seen(app: &App, seen: Seen) -> Result<(), DelegationRefused> {
    if version(app, seen.id).await? == seen.version { Ok(()) } else { Err(DelegationRefused::Changed) }
}

/// Nobody else has done so in the same moment: what this transaction has done is the only change. Writers of the audit
/// stand in line, so after its line another one's is seen.
async fn is_alone(tx: &mut Tx, seen: Option<Seen>) -> Result<(), DelegationRefused> {
    let Some(seen) = seen else { return Ok(()) };
    let version = delegations::version_in(tx, seen.id).await?;
    if version == seen.version + 1 { Ok(()) } else { Err(DelegationRefused::Changed) }
}

/// Lets a person act for an agency's mailbox, if nobody has changed since who may.
pub async fn grant_seen(
    app: &App,
    by: &Administrator,
    seen: Seen,
    person: &str,
    term: (&str, Option<Timestamp>),
) -> Result<(), DelegationRefused> {
    grant_if(app, by, (seen.id, Some(seen)), person, term).await
}

/// Lets a person act for an agency's mailbox, until the end of a term if one is given.
pub async fn grant(
    app: &App,
    by: &Administrator,
    mailbox: AccountId,
    person: &str,
    term: (&str, Option<Timestamp>),
) -> Result<(), DelegationRefused> {
    grant_if(app, by, (mailbox, None), person, term).await
}

async fn grant_if(
    app: &App,
    by: &Administrator,
    (mailbox, seen): (AccountId, Option<Seen>),
    person: &str,
    (why, ends_at): (&str, Option<Timestamp>),
) -> Result<(), DelegationRefused> {
    let actor = rights::acting(app, by, Right::Delegate).await?;
    let mailbox = mailbox_within_reach(app, by, mailbox).await?.ok_or(DelegationRefused::NotFound)?;
    if let Some(seen) = seen {
        is_as_seen(app, seen).await?;
    }
    let why = reason(why)?;
    let person = person_within_reach(app, by, person).await?.ok_or(DelegationRefused::NoPerson)?;
    let now = app.now();
    let one = Delegation {
        id: DelegationId::new(now, app.system.entropy()),
        mailbox: mailbox.id(),
        person: person.id(),
        granted_at: now,
        granted_by: by.address().to_string(),
        why: why.clone(),
        ends_at,
    };
    let mut tx = app.db.begin().await?;
    // One whose time is over gives way.
    for old in delegations::of_mailbox(&app.db, mailbox.id()).await? {
        if old.person == person.id() && !old.is_in_force(now) {
            // What was given under it does not wake up under the new one.
            ending::lapse(&mut tx, &old, (&mailbox, &person), now).await?;
        }
    }
    delegations::add(&mut tx, &one).await?;
    let entry = entry(actor, Act::DelegationGranted, &mailbox, &person, now);
    audit::append(&mut tx, &[entry.because(why)]).await?;
    is_alone(&mut tx, seen).await?;
    Ok(tx.commit().await?)
}

fn entry(actor: Actor, act: Act, mailbox: &Account, person: &Account, now: Timestamp) -> Entry {
    Entry::about(now, actor, act, mailbox).with(person.profile().address.as_str())
}

fn reason(why: &str) -> Result<String, DelegationRefused> {
    let why: String = why.trim().chars().take(REASON).collect();
    if why.is_empty() { Err(DelegationRefused::NoReason) } else { Ok(why) }
}
