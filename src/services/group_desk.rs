//! Groups in the console: which there are, which applications are for them, who is in one; and what an administrator of
//! the city changes of a group as they looked at it. Who is in a group decides at once who enters its applications.

use super::groups::{self, GroupRefused, named};
use super::rights::{self, Denied};
use crate::app::App;
use crate::domain::account::{Account, State};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Right};
use crate::domain::audit::{Act, Entry};
use crate::domain::group::{Effect, Fault, Group, entries, is_code};
use crate::domain::id::{AccountId, ClientRowId};
use crate::domain::oauth::client::Client;
use crate::storage::{StorageError, accounts, audit, clients, groups as rows};
use std::collections::HashSet;

pub use crate::storage::groups::Member;

/// Members of a page.
pub const PAGE: usize = 50;

/// No list of people to be taken in is longer.
pub const MOST: usize = 500;

/// An application that is for a group.
pub type User = (ClientRowId, String);

/// A group in the list.
#[derive(Debug, Clone)]
pub struct Line {
    /// The group.
    pub group: Group,
    /// How many are in it.
    pub size: i64,
    /// The applications that are for it.
    pub users: Vec<User>,
}

/// One group.
#[derive(Debug, Clone)]
pub struct Page {
    /// The group, its size and its applications.
    pub line: Line,
    /// A page of who is in it, by address.
    pub members: Vec<Member>,
    /// After which address the next page begins, if there is one.
    pub next: Option<String>,
}

/// A group as it was looked at: what somebody else has changed since is not written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// Which.
    pub code: &'a str,
    /// Its version then.
    pub version: i64,
}

/// An entry of a list as it is looked at.
#[derive(Debug, Clone)]
pub struct Entered {
    /// What was typed.
    pub typed: String,
    /// Whose address it is.
    pub account: Option<Account>,
    /// What it would do.
    pub effect: Effect,
}

/// A list as it is looked at.
#[derive(Debug, Clone)]
pub struct Look {
    /// Its entries, in their order.
    pub entries: Vec<Entered>,
}

impl Look {
    /// How many cannot be entered.
    pub fn wrong(&self) -> usize {
        self.entries.iter().filter(|one| matches!(one.effect, Effect::Wrong(_))).count()
    }

    /// Who would come into the group.
    pub fn joining(&self) -> impl Iterator<Item = &Account> {
        let joins = self.entries.iter().filter(|one| one.effect == Effect::Joins);
        joins.filter_map(|one| one.account.as_ref())
    }
}

/// Every group, by code.
pub async fn list(app: &App, by: &Administrator) -> Result<Vec<Line>, Denied> {
    rights::ask(app, by, Right::SeeDecisions).await?;
    let (all, sizes) = (rows::every(&app.db).await?, rows::sizes(&app.db).await?);
    let clients = clients::every(&app.db).await?;
    let line = |group: Group| Line {
        size: sizes.get(&group.code).copied().unwrap_or(0),
        users: users(clients.iter().filter(|client| client.metadata.allowed_groups.contains(&group.code))),
        group,
    };
    Ok(all.into_iter().map(line).collect())
}

/// One of them, with those of a page whose name or address has each word of a search; `None` if there is none.
pub async fn page(
    app: &App,
    by: &Administrator,
    code: &str,
    (after, search): (&str, &str),
) -> Result<Option<Page>, Denied> {
    rights::ask(app, by, Right::SeeDecisions).await?;
    if !is_code(code) {
        return Ok(None);
    }
    let Some(group) = rows::by_code(&app.db, code).await? else { return Ok(None) };
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut members = rows::page(&app.db, code, (after, search), limit).await?;
    let has_more = members.len() > PAGE;
    members.truncate(PAGE);
    let next = members.last().filter(|_| has_more).map(|member| member.address.clone());
    let size = rows::sizes(&app.db).await?.get(code).copied().unwrap_or(0);
    let line = Line { users: users(groups::users(app, code).await?.iter()), size, group };
    Ok(Some(Page { line, members, next }))
}

fn users<'a>(clients: impl Iterator<Item = &'a Client>) -> Vec<User> {
    let mut users: Vec<_> = clients.map(|client| (client.id, client.name.clone())).collect();
    users.sort_by(|(_, one), (_, other)| one.cmp(other));
    users
}

/// Makes a group of nobody.
pub async fn make(app: &App, by: &Administrator, code: &str, called: &str) -> Result<(), GroupRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    groups::make(app, actor, code.trim(), called).await
}

/// Gives it another name. Its code stays: applications know it by that.
pub async fn rename(app: &App, by: &Administrator, seen: Seen<'_>, called: &str) -> Result<(), GroupRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let (called, group) = (named(called)?, found(app, seen.code).await?);
    if group.version != seen.version {
        return Err(GroupRefused::Conflict);
    }
    if group.name == called {
        return Ok(());
    }
    let entry = Entry::new(app.now(), actor, Act::GroupRenamed, seen.code).changing(group.name, &called);
    let mut tx = app.db.begin().await?;
    if !rows::step_seen(&mut tx, seen.code, seen.version).await? {
        return Err(GroupRefused::Conflict);
    }
    rows::rename(&mut tx, seen.code, &called).await?;
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// Looks at a list of people to be taken in; nothing is written.
pub async fn preview(app: &App, by: &Administrator, code: &str, text: &str) -> Result<Look, GroupRefused> {
    rights::ask(app, by, Right::ManageApplications).await?;
    let group = found(app, code).await?;
    look(app, &group, text).await
}

/// Takes everybody of a list in, or nobody: if each entry can be entered, and nobody has changed the group meanwhile. Tells
/// how many came in.
pub async fn join(app: &App, by: &Administrator, seen: Seen<'_>, text: &str) -> Result<usize, GroupRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    let group = found(app, seen.code).await?;
    let look = look(app, &group, text).await?;
    if look.wrong() > 0 || look.joining().next().is_none() {
        return Err(GroupRefused::Entries(Box::new(look)));
    }
    let (now, mut lines) = (app.now(), Vec::new());
    let mut tx = app.db.begin().await?;
    if !rows::step_seen(&mut tx, seen.code, seen.version).await? {
        return Err(GroupRefused::Conflict);
    }
    for account in look.joining() {
        if rows::join(&mut tx, seen.code, account.id(), now).await? {
            lines.push(Entry::about(now, actor.clone(), Act::GroupJoined, account).with(seen.code));
        }
    }
    audit::append(&mut tx, &lines).await?;
    tx.commit().await?;
    Ok(lines.len())
}

/// Takes somebody out. Their tokens of its applications open nothing more.
pub async fn leave(
    app: &App,
    by: &Administrator,
    seen: Seen<'_>,
    who: AccountId,
) -> Result<(), GroupRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    found(app, seen.code).await?;
    let account = rights::account(app, by, who).await?.ok_or(GroupRefused::Conflict)?;
    let mut tx = app.db.begin().await?;
    let is_same = rows::step_seen(&mut tx, seen.code, seen.version).await?;
    if !is_same || !rows::leave(&mut tx, seen.code, who).await? {
        return Err(GroupRefused::Conflict);
    }
    let entry = Entry::about(app.now(), actor, Act::GroupLeft, &account).with(seen.code);
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// Dissolves it, unless an application is for it.
pub async fn dissolve(app: &App, by: &Administrator, seen: Seen<'_>) -> Result<(), GroupRefused> {
    let actor = rights::acting(app, by, Right::ManageApplications).await?;
    found(app, seen.code).await?;
    groups::dissolve_seen(app, actor, seen.code, Some(seen.version)).await
}

async fn found(app: &App, code: &str) -> Result<Group, GroupRefused> {
    let group = if is_code(code) { rows::by_code(&app.db, code).await? } else { None };
    group.ok_or_else(|| GroupRefused::NoGroup(code.to_owned()))
}

async fn look(app: &App, group: &Group, text: &str) -> Result<Look, GroupRefused> {
    let typed = entries(text);
    if typed.is_empty() || typed.len() > MOST {
        return Err(GroupRefused::WrongAmount);
    }
    let (mut all, mut met) = (Vec::with_capacity(typed.len()), HashSet::new());
    for typed in typed {
        let (account, effect) = match MailAddress::parse_typed(typed, &app.config.city.mail_domain) {
            Ok(address) => meant(app, group, &address, &mut met).await?,
            Err(_) => (None, Effect::Wrong(Fault::NoAddress)),
        };
        all.push(Entered { typed: typed.to_owned(), account, effect });
    }
    Ok(Look { entries: all })
}

/// Whose address it is, and what taking them in would do.
async fn meant(
    app: &App,
    group: &Group,
    address: &MailAddress,
    met: &mut HashSet<AccountId>,
) -> Result<(Option<Account>, Effect), StorageError> {
    let Some(account) = accounts::by_address(&app.db, address).await? else {
        return Ok((None, Effect::Wrong(Fault::NoAccount)));
    };
    let effect = if !met.insert(account.id()) {
        Effect::Wrong(Fault::Twice)
    } else if matches!(account.state(), State::Retired { .. }) {
        Effect::Wrong(Fault::Withdrawn)
    } else if rows::of_account(&app.db, account.id()).await?.contains(&group.code) {
        Effect::Same
    } else {
        Effect::Joins
    };
    Ok((Some(account), effect))
}
