//! The open sessions within an administrator's reach: listed, and ended as they were looked at. Sessions of the console
//! are shown to whoever may see who holds which role.

use super::approvals::{self, Stopped};
use super::{Internal, applications, chain, lock, rights};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::approval::{Deed, Matter};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, AgencyId, ClientRowId, SessionId};
use crate::domain::session::{Door, Session, SessionEnd};
use crate::i18n::Lang;
use crate::services::confirm::RecentProof;
use crate::services::session::is_in_use;
use crate::storage::session_list::{self, Filter};
use crate::storage::{StorageError, agencies, audit, grants, logout_notices, sessions};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use thiserror::Error;
use time::Duration;

pub use crate::storage::session_list::{Edge, Listed};

/// Sessions of a page of the list.
pub const PAGE: usize = 50;

/// Most sessions that are ended at a time.
pub const MOST: usize = 500;

/// Sessions that are ended in one transaction.
const BATCH: usize = 50;

/// How often a batch is tried anew when somebody else is at the same rows.
const CONFLICTS: u8 = 3;

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// Only of people in whom each word is found.
    pub search: String,
    /// Only of people of this agency.
    pub agency: Option<AgencyId>,
    /// Only with this application.
    pub client: Option<ClientRowId>,
    /// Only begun so long ago.
    pub older: Option<Duration>,
    /// Only from a network address that begins so.
    pub source: String,
    /// Only of this door.
    pub door: Option<Door>,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct List {
    /// The sessions, each with its holder's agency.
    pub rows: Vec<(Listed, Option<Agency>)>,
    /// How many match in all.
    pub total: i64,
    /// Below which one the next page begins, if there is one.
    pub next: Option<Edge>,
}

/// What would be ended.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The sessions, the last used first; at most [`MOST`].
    pub rows: Vec<(Listed, Option<Agency>)>,
    /// How many match in all.
    pub total: i64,
    /// Whether a second person must approve so many.
    pub needs_second: bool,
}

/// One session as it is looked at before it is ended.
#[derive(Debug, Clone)]
pub struct Look {
    /// Its holder.
    pub account: Account,
    /// The session, if it is still open.
    pub session: Option<Session>,
}

/// What came of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was over already.
    OverAlready,
    /// It is not within reach, or never was.
    OutOfReach,
    /// It failed; the log tells why.
    Failed,
}

/// What came of all of them.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many were ended.
    pub ended: usize,
    /// Those that were not, with their holder where that is within reach.
    pub left: Vec<(Option<Account>, Outcome)>,
}

/// Why nothing was ended.
#[derive(Debug, Error)]
pub enum EndRefused {
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// The typed number is not the number of sessions.
    #[error("the typed number is another one")]
    WrongNumber,
    /// More than [`MOST`], or none.
    #[error("too many sessions, or none")]
    WrongAmount,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// Whether an administrator sees the sessions of a door.
pub fn sees(by: &Administrator, door: Door) -> bool {
    door == Door::Staff || by.may(Right::SeeRoles)
}

/// A page of the open sessions within reach; `None` if it is narrowed to an application beyond it.
pub async fn page(
    app: &App,
    by: &Administrator,
    narrowed: &Narrowed,
    below: Option<Edge>,
) -> Result<Option<List>, Internal> {
    if !is_within(app, by, narrowed).await? {
        return Ok(None);
    }
    let filter = filter(app, by, narrowed);
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let total = session_list::matching(&app.db, &filter).await?;
    let mut found = session_list::page(&app.db, &filter, total, (below, limit)).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let edge = |one: &Listed| Edge { last_seen_at: one.session.last_seen_at, id: one.session.id };
    let next = found.last().filter(|_| has_more).map(edge);
    Ok(Some(List { rows: with_agencies(app, found).await?, total, next }))
}

/// What would be ended of the list as it is narrowed, never a session of one's own; `None` as with [`page`].
pub async fn preview(
    app: &App,
    by: &Administrator,
    narrowed: &Narrowed,
) -> Result<Option<Preview>, Internal> {
    if !is_within(app, by, narrowed).await? {
        return Ok(None);
    }
    let filter = Filter { but: Some(by.account_id()), ..filter(app, by, narrowed) };
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let total = session_list::matching(&app.db, &filter).await?;
    let found = session_list::page(&app.db, &filter, total, (None, most)).await?;
    let needs_second = approvals::needs_second(app, by, Matter::EndSessionsMany, found.len()).await?;
    Ok(Some(Preview { rows: with_agencies(app, found).await?, total, needs_second }))
}

/// The open sessions of an account within reach, the last used first, of those doors that the administrator sees; `None`
/// beyond it, which leaves a line.
pub async fn of_account(
    app: &App,
    by: &Administrator,
    id: AccountId,
) -> Result<Option<Vec<Session>>, Internal> {
    if rights::account(app, by, id).await?.is_none() {
        return Ok(None);
    }
    let mut open = sessions::of_account(&app.db, id, app.now()).await?;
    open.retain(|session| sees(by, session.door) && is_in_use(app, session));
    Ok(Some(open))
}

/// A session within reach with its holder, also if it is over by now. One beyond reach, one of a door that is not shown
/// and one that never was are all `None`, and leave a line.
pub async fn look(app: &App, by: &Administrator, id: SessionId) -> Result<Option<Look>, Internal> {
    let Some(account) = holder(app, by, id).await? else { return Ok(None) };
    let session = sessions::open(&app.db, id, app.now()).await?;
    Ok(Some(Look { account, session: session.filter(|session| is_in_use(app, session)) }))
}

/// Ends the sessions that were looked at, if `typed` is their number; many need a second person. What is over by then, or
/// not within reach, is left and told.
pub async fn end_all(
    app: &App,
    by: &Administrator,
    seen: &[SessionId],
    (typed, why): (&str, &str),
    _recent: &RecentProof,
) -> Result<Report, EndRefused> {
    let actor = rights::acting(app, by, Right::EndSessions).await?;
    let seen: BTreeSet<SessionId> = seen.iter().copied().collect();
    if seen.is_empty() || seen.len() > MOST {
        return Err(EndRefused::WrongAmount);
    }
    // As the page shows it: 1.234
    let digits: String = typed.chars().filter(|c| !matches!(c, '.' | ',' | ' ' | '\u{a0}')).collect();
    if digits.parse() != Ok(seen.len()) {
        return Err(EndRefused::WrongNumber);
    }
    let why = lock::reason(why).map_err(|_| EndRefused::NoReason)?;
    let mut report = Report::default();
    let mut within = Vec::with_capacity(seen.len());
    for id in &seen {
        match holder(app, by, *id).await? {
            Some(account) => within.push((*id, account)),
            None => report.left.push((None, Outcome::OutOfReach)),
        }
    }
    let pass = approvals::pass(app, by, deed(&seen, &within), Some(seen.len())).await?;
    pass.spend_now(app).await?;
    for batch in within.chunks(BATCH) {
        let ended = end_batch(app, &actor, &why, batch).await;
        for (at, (_, account)) in batch.iter().enumerate() {
            match ended.as_ref().map(|ended| ended.get(at).copied().unwrap_or(false)) {
                Ok(true) => report.ended += 1,
                Ok(false) => report.left.push((Some(account.clone()), Outcome::OverAlready)),
                Err(_) => report.left.push((Some(account.clone()), Outcome::Failed)),
            }
        }
        if let Err(internal) = &ended {
            tracing::error!("ending many sessions: {}", chain(internal));
        }
    }
    if report.ended == 0 {
        pass.give_back(app).await;
    }
    Ok(report)
}

/// Whether the application to which it is narrowed is one within reach; leaves a line if not.
async fn is_within(app: &App, by: &Administrator, narrowed: &Narrowed) -> Result<bool, Internal> {
    match narrowed.client {
        None => Ok(true),
        Some(client) => Ok(applications::find(app, by, client).await?.is_some()),
    }
}

/// What the database is asked for.
fn filter(app: &App, by: &Administrator, narrowed: &Narrowed) -> Filter {
    let (now, sessions) = (app.now(), &app.config.sessions);
    Filter {
        now,
        staff_since: now.minus(sessions.staff_idle),
        admin_since: now.minus(sessions.admin_idle),
        reach: by.reach().agency(),
        door: if sees(by, Door::Admin) { narrowed.door } else { Some(Door::Staff) },
        agency: narrowed.agency,
        begun_by: narrowed.older.map(|older| now.minus(older)),
        source: Some(narrowed.source.clone()).filter(|source| !source.is_empty()),
        client: narrowed.client,
        but: None,
        search: narrowed.search.clone(),
    }
}

async fn with_agencies(app: &App, found: Vec<Listed>) -> Result<Vec<(Listed, Option<Agency>)>, StorageError> {
    let all = agencies::every(&app.db).await?;
    let all: HashMap<AgencyId, Agency> = all.into_iter().map(|agency| (agency.id, agency)).collect();
    let of = |one: Listed| {
        let agency = one.agency_id.and_then(|id| all.get(&id)).cloned();
        (one, agency)
    };
    Ok(found.into_iter().map(of).collect())
}

/// Whose session it is or was, if that may be seen.
async fn holder(app: &App, by: &Administrator, id: SessionId) -> Result<Option<Account>, Internal> {
    let held = session_list::holder(&app.db, id).await?.filter(|(_, door)| sees(by, *door));
    let Some((account, _)) = held else {
        rights::out_of_reach(app, by, &format!("session {id}")).await;
        return Ok(None);
    };
    rights::account(app, by, account).await
}

/// What a second person is asked to approve: exactly these sessions.
fn deed(seen: &BTreeSet<SessionId>, within: &[(SessionId, Account)]) -> Deed {
    let counted = |t: Lang, number: usize| t.sessions_counted(u64::try_from(number).unwrap_or(u64::MAX));
    let mut people: BTreeMap<AccountId, (&Account, usize)> = BTreeMap::new();
    for (_, account) in within {
        people.entry(account.id()).or_insert((account, 0)).1 += 1;
    }
    let line = |t: Lang, (account, sessions): &(&Account, usize)| {
        let profile = account.profile();
        format!("{} ({}): {}", profile.display_name, profile.address, counted(t, *sessions))
    };
    let preview = approvals::in_words(|t| {
        std::iter::once(counted(t, seen.len())).chain(people.values().map(|one| line(t, one))).collect()
    });
    let content: Vec<_> = seen.iter().map(ToString::to_string).collect();
    Deed { matter: Matter::EndSessionsMany, content: content.join(" "), preview }
}

/// Ends some sessions in one transaction, as one by one; tells of each whether it was open.
async fn end_batch(
    app: &App,
    actor: &Actor,
    why: &str,
    batch: &[(SessionId, Account)],
) -> Result<Vec<bool>, Internal> {
    let mut conflicts = 0;
    loop {
        match try_batch(app, actor, why, batch).await {
            Err(internal) if internal.is_conflict() && conflicts < CONFLICTS => conflicts += 1,
            ended => return ended,
        }
    }
}

async fn try_batch(
    app: &App,
    actor: &Actor,
    why: &str,
    batch: &[(SessionId, Account)],
) -> Result<Vec<bool>, Internal> {
    let now = app.now();
    let (mut ended, mut entries) = (Vec::with_capacity(batch.len()), Vec::new());
    let mut tx = app.db.begin().await?;
    for (id, account) in batch {
        logout_notices::order(&mut tx, account.id(), Some(*id), None, now).await?;
        let was_open = sessions::end(&mut tx, *id, SessionEnd::EndedByAdministrator, now).await?;
        grants::end_of_session(&mut tx, *id, now).await?;
        if was_open {
            let entry = Entry::about(now, actor.clone(), Act::SessionEnded, account);
            entries.push(entry.with(id.to_string()).because(why));
        }
        ended.push(was_open);
    }
    audit::append(&mut tx, &entries).await?;
    tx.commit().await?;
    Ok(ended)
}
