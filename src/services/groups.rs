//! Groups of people across agencies: made, filled and dissolved. The directories' own groups are not read. What the
//! console does with them, as they were looked at, is in `group_desk`.

use super::Internal;
use super::group_desk::Look;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::admin::Forbidden;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::group::{Group, is_code};
use crate::domain::name;
use crate::domain::oauth::client::Client;
use crate::storage::{StorageError, accounts, audit, clients, groups};
use thiserror::Error;

/// No name is longer.
const LONGEST_NAME: usize = 200;

/// Why a group was not changed.
#[derive(Debug, Error)]
pub enum GroupRefused {
    /// The code cannot be one.
    #[error("a group's code is of small letters, digits and hyphens between them, 60 at most")]
    BadCode,
    /// The name is empty or too long.
    #[error("a group's name has 1 to {LONGEST_NAME} characters")]
    BadName,
    /// There is one already.
    #[error("there is a group {0} already")]
    Taken(String),
    /// There is none.
    #[error("there is no group {0}")]
    NoGroup(String),
    /// No such account.
    #[error("there is no account {0}; has the synchronisation run?")]
    NoAccount(MailAddress),
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Somebody else has changed the group since it was looked at.
    #[error("the group was changed since it was looked at")]
    Conflict,
    /// The list has no entry, or more than [`super::group_desk::MOST`].
    #[error("a list has 1 to {} addresses", super::group_desk::MOST)]
    WrongAmount,
    /// Some entries of the list cannot be entered, or none does anything.
    #[error("some entries of the list cannot be entered")]
    Entries(Box<Look>),
    /// Applications are for this group: without it they would be for nobody.
    #[error("applications are for this group: {0}; give them another audience first")]
    InUse(String),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for GroupRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// All groups.
pub async fn every(app: &App) -> Result<Vec<Group>, Internal> {
    Ok(groups::every(&app.db).await?)
}

/// A group, and the addresses of those who are in it.
pub async fn find(app: &App, code: &str) -> Result<(Group, Vec<String>), GroupRefused> {
    let group = groups::by_code(&app.db, code).await?;
    let group = group.ok_or_else(|| GroupRefused::NoGroup(code.to_owned()))?;
    Ok((group, groups::members(&app.db, code).await?))
}

/// Makes a group.
pub async fn make(app: &App, actor: Actor, code: &str, called: &str) -> Result<(), GroupRefused> {
    if !is_code(code) {
        return Err(GroupRefused::BadCode);
    }
    let (now, group) = (app.now(), Group { code: code.to_owned(), name: named(called)?, version: 1 });
    let mut tx = app.db.begin().await?;
    if !groups::insert(&mut tx, &group, now).await? {
        return Err(GroupRefused::Taken(group.code));
    }
    audit::append(&mut tx, &[Entry::new(now, actor, Act::GroupMade, code).with(group.name)]).await?;
    Ok(tx.commit().await?)
}

/// A name as it is kept, if it can be one.
pub(super) fn named(called: &str) -> Result<String, GroupRefused> {
    let called = name::tidy(called);
    let fits = !called.is_empty() && called.chars().count() <= LONGEST_NAME;
    if fits { Ok(called) } else { Err(GroupRefused::BadName) }
}

/// The applications that are for a group.
pub(super) async fn users(app: &App, code: &str) -> Result<Vec<Client>, Internal> {
    let mut all = clients::every(&app.db).await?;
    all.retain(|client| client.metadata.allowed_groups.iter().any(|one| one == code));
    Ok(all)
}

/// Dissolves a group, unless an application is for it.
pub async fn dissolve(app: &App, actor: Actor, code: &str) -> Result<(), GroupRefused> {
    dissolve_seen(app, actor, code, None).await
}

/// The same, if nobody has changed it since a version.
pub(super) async fn dissolve_seen(
    app: &App,
    actor: Actor,
    code: &str,
    version: Option<i64>,
) -> Result<(), GroupRefused> {
    let users = users(app, code).await?;
    if !users.is_empty() {
        let names: Vec<_> = users.iter().map(|client| client.client_id.as_str()).collect();
        return Err(GroupRefused::InUse(names.join(", ")));
    }
    let mut tx = app.db.begin().await?;
    if let Some(version) = version
        && !groups::step_seen(&mut tx, code, version).await?
    {
        return Err(GroupRefused::Conflict);
    }
    if !groups::delete(&mut tx, code).await? {
        return Err(GroupRefused::NoGroup(code.to_owned()));
    }
    audit::append(&mut tx, &[Entry::new(app.now(), actor, Act::GroupDissolved, code)]).await?;
    Ok(tx.commit().await?)
}

/// Takes somebody into a group; tells whether they were not in it.
pub async fn join(app: &App, actor: Actor, code: &str, who: &MailAddress) -> Result<bool, GroupRefused> {
    let (now, account) = (app.now(), member(app, code, who).await?);
    let mut tx = app.db.begin().await?;
    let joined = groups::join(&mut tx, code, account.id(), now).await?;
    if joined {
        groups::step(&mut tx, code).await?;
        audit::append(&mut tx, &[Entry::about(now, actor, Act::GroupJoined, &account).with(code)]).await?;
    }
    tx.commit().await?;
    Ok(joined)
}

/// Takes somebody out of a group; tells whether they were in it. Their tokens of its applications open nothing more.
pub async fn leave(app: &App, actor: Actor, code: &str, who: &MailAddress) -> Result<bool, GroupRefused> {
    let account = member(app, code, who).await?;
    let mut tx = app.db.begin().await?;
    let left = groups::leave(&mut tx, code, account.id()).await?;
    if left {
        groups::step(&mut tx, code).await?;
        let entry = Entry::about(app.now(), actor, Act::GroupLeft, &account).with(code);
        audit::append(&mut tx, &[entry]).await?;
    }
    tx.commit().await?;
    Ok(left)
}

async fn member(app: &App, code: &str, who: &MailAddress) -> Result<Account, GroupRefused> {
    if groups::by_code(&app.db, code).await?.is_none() {
        return Err(GroupRefused::NoGroup(code.to_owned()));
    }
    let account = accounts::by_address(&app.db, who).await?;
    account.ok_or_else(|| GroupRefused::NoAccount(who.clone()))
}
