//! What the help desk does on an account's page beside locks and resets: ends sessions and the access of applications,
//! and writes down notes.

use super::bulk_unlock::Seen;
use super::lock::{self, LockRefused};
use super::{Internal, logout_notices as notices, rights, session, session_desk};
use crate::app::App;
use crate::domain::account::Kind;
use crate::domain::admin::{Administrator, Right};
use crate::domain::audit::{Act, Entry};
use crate::domain::id::{AccountId, NoteId, SessionId};
use crate::domain::oauth::grant::GrantEnd;
use crate::domain::session::SessionEnd;
use crate::domain::timestamp::Timestamp;
use crate::storage::{account_notes, audit, clients, grants, logout_notices, sessions};

pub use crate::storage::account_notes::Note;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 2_000;

/// Notes that the page of an account shows.
const SHOWN: i64 = 50;

/// An application that an account has entered.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its name in the protocol.
    pub client_id: String,
    /// Its name for people.
    pub name: String,
    /// When it was last entered.
    pub last_used_at: Timestamp,
}

/// Ends one session of an account, or all of them with everything that applications were given. Tells whether anything
/// was open. One of a door that is not shown to them is like one that is not there, and leaves a line.
pub async fn end_sessions(
    app: &App,
    by: &Administrator,
    seen: Seen,
    only: Option<SessionId>,
    why: &str,
) -> Result<bool, LockRefused> {
    let actor = rights::acting(app, by, Right::EndSessions).await?;
    let account = lock::as_seen(app, by, seen).await?;
    if !by.may_end_sessions(&account) {
        return Err(LockRefused::OfAnAdministrator);
    }
    let why = lock::reason(why)?;
    let (id, now) = (account.id(), app.now());
    let open = sessions::of_account(&app.db, id, now).await?;
    // Nobody signs in as an agency's mailbox, but delegates may have opened applications as it.
    let is_acted_for = account.profile().kind == Kind::Agency;
    let is_hidden =
        |only: SessionId| open.iter().any(|one| one.id == only && !session_desk::sees(by, one.door));
    if let Some(only) = only.filter(|only| is_hidden(*only)) {
        rights::out_of_reach(app, by, &format!("session {only}")).await;
        return Ok(false);
    }
    let is_gone = match only {
        Some(only) => open.iter().all(|session| session.id != only),
        None => open.is_empty() && !is_acted_for && !grants::any_open(&app.db, id, now).await?,
    };
    if is_gone {
        return Ok(false);
    }
    let mut tx = app.db.begin().await?;
    let end = SessionEnd::EndedByAdministrator;
    let detail = if let Some(only) = only {
        logout_notices::order(&mut tx, id, Some(only), None, now).await?;
        sessions::end(&mut tx, only, end, now).await?;
        grants::end_of_session(&mut tx, only, now).await?;
        only.to_string()
    } else {
        session::end_everything(&mut tx, id, None, end, now).await?;
        open.len().to_string()
    };
    let entry = Entry::about(now, actor, Act::SessionEnded, &account).with(detail).because(why);
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    notices::try_at_once(app, id).await;
    Ok(true)
}

/// The applications that an account within reach has entered, the last used first.
pub async fn applications(app: &App, id: AccountId) -> Result<Vec<Application>, Internal> {
    let uses = grants::uses(&app.db, id).await?;
    let application = |one: grants::Use| Application {
        client_id: one.client_id,
        name: one.name,
        last_used_at: Timestamp::from_micros(one.last_used_at),
    };
    Ok(uses.into_iter().map(application).collect())
}

/// Whether applications still hold something for an account within reach, whatever became of its sessions.
pub async fn has_given(app: &App, id: AccountId) -> Result<bool, Internal> {
    Ok(grants::any_open(&app.db, id, app.now()).await?)
}

/// Ends what an application was given for an account; it is told. Tells whether it was given anything.
pub async fn end_application(
    app: &App,
    by: &Administrator,
    seen: Seen,
    client_id: &str,
    why: &str,
) -> Result<bool, LockRefused> {
    let actor = rights::acting(app, by, Right::EndSessions).await?;
    let account = lock::as_seen(app, by, seen).await?;
    let why = lock::reason(why)?;
    let Some(client) = clients::any_by_client_id(&app.db, client_id).await? else { return Ok(false) };
    let now = app.now();
    let mut tx = app.db.begin().await?;
    logout_notices::order_of_access(&mut tx, account.id(), client.id, None, now).await?;
    if !grants::end_access(&mut tx, account.id(), client.id, GrantEnd::EndedByAdministrator, now).await? {
        return Ok(false);
    }
    let entry = Entry::about(now, actor, Act::ApplicationEnded, &account);
    audit::append(&mut tx, &[entry.with(client.client_id.as_str()).because(why)]).await?;
    tx.commit().await?;
    notices::try_at_once(app, account.id()).await;
    Ok(true)
}

/// Writes down a note about an account.
pub async fn add_note(app: &App, by: &Administrator, id: AccountId, text: &str) -> Result<(), LockRefused> {
    let actor = rights::acting(app, by, Right::WriteNotes).await?;
    let account = lock::within_reach(app, by, id).await?;
    let text: String =
        text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_NOTE).collect();
    if text.is_empty() {
        return Err(LockRefused::NoReason);
    }
    let now = app.now();
    let note = Note {
        written_at: now,
        author: by.display_name().to_owned(),
        address: by.address().to_string(),
        text,
    };
    let mut tx = app.db.begin().await?;
    account_notes::add(&mut tx, NoteId::new(now, app.system.entropy()), id, &note).await?;
    audit::append(&mut tx, &[Entry::about(now, actor, Act::NoteAdded, &account)]).await?;
    tx.commit().await?;
    Ok(())
}

/// The notes about an account within reach, newest first.
pub async fn notes(app: &App, id: AccountId) -> Result<Vec<Note>, Internal> {
    Ok(account_notes::of_account(&app.db, id, SHOWN).await?)
}
