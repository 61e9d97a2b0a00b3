//! Reading the staff of OBM: everything, or what changed since a position, by content synchronisation (RFC 4533).
//!
//! A position is the cookie of `syncprov`. Where that overlay is not loaded there is none, and everything is read.

use super::entry;
use crate::directory::connection::{Entry, Link, Query, References, complaint};
use crate::directory::{DirectoryError, Each};
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{Reading, Rest};
use ldap3::controls::parse_syncinfo;
use ldap3::controls::{
    Control, ControlType, EntryState, MakeCritical, SyncDone, SyncInfo, SyncRequest, SyncState,
};
use ldap3::{LdapError, LdapResult, ResultEntry, Scope};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use uuid::Uuid;

pub(super) const DOING: &str = "reading the OBM snapshot";

/// Changes with whatever an entry is turned into, so that a new version of the house reads everything once.
const VERSION: u32 = 2;

/// Up to where the directory was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    version: u32,
    base: String,
    cookie: String,
}

/// Reads what changed since a position, or everything where there is none that serves.
pub(super) async fn read(
    link: &mut Link,
    users: &str,
    since: Option<&str>,
    each: Each<'_>,
) -> Result<Reading, DirectoryError> {
    let kept = |cookie: String| {
        serde_json::to_string(&Position { version: VERSION, base: users.to_owned(), cookie }).ok()
    };
    let since = since.and_then(|since| serde_json::from_str::<Position>(since).ok());
    let since = since.filter(|since| since.version == VERSION && since.base == users);
    if let Some(Position { cookie, .. }) = since {
        match changes(link, users, &cookie, each).await? {
            Changes::Are { rest, cookie: new } => {
                return Ok(Reading { rest, position: kept(new.unwrap_or(cookie)) });
            }
            Changes::NotTold(why) => {
                tracing::info!(why, "OBM does not tell what changed: everything is read");
            }
        }
    }
    // before the read, so that what changes meanwhile comes once more
    let cookie = cookie_of_now(link, users).await?;
    let mut one = |entry: Entry| each(entry::seen(&entry));
    link.each_of(&people(users), vec![], References::AreMissing, &mut one).await?;
    Ok(Reading { rest: Rest::Gone, position: cookie.and_then(kept) })
}

fn people(users: &str) -> Query<'_> {
    Query {
        doing: DOING,
        base: users,
        scope: Scope::Subtree,
        filter: entry::PEOPLE,
        attributes: entry::ATTRIBUTES,
    }
}

/// The cookie that stands for the content as it is: what the database says of itself. A search without a cookie would
/// give it too, but not in pages, and so not above a size limit.
async fn cookie_of_now(link: &mut Link, users: &str) -> Result<Option<String>, DirectoryError> {
    let Some(context) = super::context_of(link, users).await? else { return Ok(None) };
    let suffix = Query {
        doing: DOING,
        base: &context,
        scope: Scope::Base,
        filter: "(objectClass=*)",
        attributes: &["contextCSN"],
    };
    let found = link.search(&suffix).await?;
    let numbers: Vec<_> = found.iter().flat_map(|entry| entry.texts("contextcsn")).collect();
    Ok((!numbers.is_empty()).then(|| format!("rid=000,csn={}", numbers.join(";"))))
}

enum Changes {
    Are { rest: Rest, cookie: Option<String> },
    NotTold(String),
}

/// What came of the messages of one synchronisation.
#[derive(Default)]
struct Told {
    /// Entries that are as they were.
    present: HashSet<String>,
    /// Entries that are gone.
    gone: HashSet<String>,
    /// Whether whatever was neither sent nor named is gone.
    is_present_phase: bool,
    cookie: Option<Vec<u8>>,
}

async fn changes(
    link: &mut Link,
    users: &str,
    cookie: &str,
    each: Each<'_>,
) -> Result<Changes, DirectoryError> {
    let mut told = Told::default();
    let request = SyncRequest { cookie: Some(cookie.into()), reload_hint: true, ..SyncRequest::default() };
    let mut one = |raw: ResultEntry| {
        // the library panics on what is no answer of this control
        catch_unwind(AssertUnwindSafe(|| told.take(raw, each))).unwrap_or_else(|_| Err(unreadable()))
    };
    let answer = link.each_message(&people(users), request.critical().into(), &mut one).await?;
    if answer.rc != 0 {
        let why = complaint(MailSystem::Obm, DOING, answer);
        return match why {
            DirectoryError::Misconfigured { what, .. } => Ok(Changes::NotTold(what)),
            error => Err(error),
        };
    }
    Ok(told.end(&answer))
}

impl Told {
    fn take(
        &mut self,
        raw: ResultEntry,
        each: &mut (dyn FnMut(crate::domain::sync::SeenEntry) + Send),
    ) -> Result<(), DirectoryError> {
        if raw.is_ref() {
            let what = format!("a part is kept on another server, so {DOING} would be incomplete");
            return Err(DirectoryError::Misconfigured { system: MailSystem::Obm, what });
        }
        if raw.is_intermediate() {
            self.note(parse_syncinfo(raw));
            return Ok(());
        }
        let state = raw.1.iter().find_map(|Control(kind, raw)| match kind {
            Some(ControlType::SyncState) => Some(raw.parse::<SyncState>()),
            _ => None,
        });
        let state = state.ok_or_else(unreadable)?;
        match state.state {
            EntryState::Add | EntryState::Modify => {
                each(entry::seen(&Entry::read(raw).ok_or_else(unreadable)?));
            }
            EntryState::Present => self.present.extend(uuid(&state.entry_uuid)),
            EntryState::Delete => self.gone.extend(uuid(&state.entry_uuid)),
        }
        Ok(())
    }

    fn note(&mut self, info: SyncInfo) {
        match info {
            SyncInfo::NewCookie(cookie) => self.cookie = Some(cookie),
            SyncInfo::RefreshDelete { cookie, .. } => self.keep(cookie),
            SyncInfo::RefreshPresent { cookie, .. } => {
                self.is_present_phase = true;
                self.keep(cookie);
            }
            SyncInfo::SyncIdSet { cookie, refresh_deletes, sync_uuids } => {
                self.keep(cookie);
                let named = sync_uuids.iter().filter_map(|id| uuid(id));
                if refresh_deletes { self.gone.extend(named) } else { self.present.extend(named) }
            }
        }
    }

    fn keep(&mut self, cookie: Option<Vec<u8>>) {
        self.cookie = cookie.or(self.cookie.take());
    }

    /// Only an answer that ends with its control is one of content synchronisation.
    fn end(mut self, answer: &LdapResult) -> Changes {
        let done = answer.ctrls.iter().find_map(|Control(kind, raw)| match kind {
            Some(ControlType::SyncDone) => catch_unwind(AssertUnwindSafe(|| raw.parse::<SyncDone>())).ok(),
            _ => None,
        });
        let Some(done) = done else { return Changes::NotTold("the answer has no end of its own".to_owned()) };
        self.keep(done.cookie);
        let rest = if self.is_present_phase || !done.refresh_deletes {
            Rest::GoneBut(&self.present - &self.gone)
        } else {
            Rest::StaysBut(self.gone)
        };
        Changes::Are { rest, cookie: self.cookie.and_then(|cookie| String::from_utf8(cookie).ok()) }
    }
}

fn uuid(bytes: &[u8]) -> Option<String> {
    Some(Uuid::from_slice(bytes).ok()?.hyphenated().to_string())
}

fn unreadable() -> DirectoryError {
    DirectoryError::Unreachable {
        system: MailSystem::Obm,
        doing: DOING,
        source: Box::new(LdapError::DecodingUTF8),
    }
}
