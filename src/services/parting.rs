//! Signing out, and whoever is let go because somebody else takes the browser over: what a browser holds ends, whether it was
//! used lately or not, with everything that applications were given out of it. And the sign-in of an account that the
//! browser holds already: the session before goes on for the applications, and ends with the later one.

use super::{Internal, logout_notices as notices, session};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, SessionId};
use crate::domain::session::{Door, Session, SessionEnd};
use crate::services::farewell::Ended;
use crate::services::session::Carrier;
use crate::storage::{accounts, audit, grants, logout_notices, sessions};

/// A session that a browser holds and that nobody has ended. It opens nothing by being here: it may not have been used for
/// too long, or its account may not be let in any more.
#[derive(Debug, Clone)]
pub struct Holding {
    /// The session.
    pub session: Session,
    /// Whose.
    pub account: Account,
}

/// All that a browser holds, the one in use first.
#[derive(Debug, Clone, Default)]
pub struct Unended(Vec<Holding>);

impl Unended {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Holding> {
        self.0.iter()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is more than one.
    pub const fn has_several(&self) -> bool {
        self.0.len() > 1
    }

    /// A session.
    pub fn find(&self, session: SessionId) -> Option<&Holding> {
        self.0.iter().find(|one| one.session.id == session)
    }

    /// That of an account.
    pub fn of(&self, account: AccountId) -> Option<&Holding> {
        self.0.iter().find(|one| one.account.id() == account)
    }

    /// That of the account with a `sub`, as the house knows people.
    pub fn with_subject(&self, subject: &str) -> Option<&Holding> {
        self.0.iter().find(|one| one.account.subject() == subject)
    }

    /// Their ids.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.0.iter().map(|one| one.session.id).collect()
    }
}

/// What a browser holds that comes with the cookie of these sessions. One that another kind of browser has opened ends, as
/// ever.
pub async fn unended(
    app: &App,
    ids: &[SessionId],
    door: Door,
    carrier: Carrier<'_>,
) -> Result<Unended, Internal> {
    let mut held = Vec::new();
    for id in ids {
        let session = sessions::open(&app.db, *id, app.now()).await?;
        let Some(session) = session.filter(|session| session.door == door) else { continue };
        let Some(account) = accounts::by_id(&app.db, session.account_id).await? else { continue };
        if !session::carried_off(app, (&session, &account), carrier).await? {
            held.push(Holding { session, account });
        }
    }
    Ok(Unended(held))
}

/// What a browser holds of a session that one of its pages names: that one, or the one that has succeeded it since.
pub async fn held_now<'a>(
    app: &App,
    held: &'a Unended,
    named: SessionId,
) -> Result<Option<&'a Holding>, Internal> {
    if let Some(one) = held.find(named) {
        return Ok(Some(one));
    }
    let later = sessions::successor(&app.db, named).await?;
    Ok(later.and_then(|later| held.find(later)))
}

/// Signs out of sessions; returns all that have ended, those too that they have succeeded.
pub async fn sign_out(app: &App, leaving: &[&Holding]) -> Result<Vec<Ended>, Internal> {
    let mut ended = Vec::new();
    for one in leaving {
        let actor = Actor::Holder(one.account.profile().address.to_string());
        let entry = Entry::about(app.now(), actor, Act::SignedOut, &one.account).from(&one.session.source);
        ended.extend(end(app, one, SessionEnd::SignedOut, entry).await?);
    }
    Ok(ended)
}

/// Somebody has signed in with the browser. The account's own sessions there go on behind the new one; of the others so many
/// stay beside it as `room` says, those that are in use first, and whoever is left over is let go. Returns those that stay.
pub async fn settle(
    app: &App,
    held: Unended,
    opened: (&Session, &str),
    room: usize,
) -> Result<Vec<SessionId>, Internal> {
    let (session, source) = opened;
    let (own, mut others): (Vec<_>, Vec<_>) =
        held.0.into_iter().partition(|one| one.session.account_id == session.account_id);
    if !own.is_empty() {
        let mut tx = app.db.begin().await?;
        for former in &own {
            sessions::succeed(&mut tx, former.session.id, session).await?;
        }
        tx.commit().await?;
    }
    // Where others stay nobody has taken the browser over: there is no more room for the one that is left over.
    let why = if room > 0 { SessionEnd::SignedOut } else { SessionEnd::TakenOver };
    others.sort_by_key(|one| !session::is_in_use(app, &one.session));
    for one in others.split_off(room.min(others.len())) {
        let entry = Entry::about(app.now(), Actor::Job("sign-in"), Act::SessionEnded, &one.account);
        let entry = entry.with(one.session.id.to_string()).from(source);
        end(app, &one, why, entry).await?;
    }
    Ok(others.iter().map(|one| one.session.id).collect())
}

/// Ends a session with those that it has succeeded, and tells the applications.
async fn end(app: &App, one: &Holding, why: SessionEnd, entry: Entry) -> Result<Vec<Ended>, Internal> {
    let (now, id, account) = (app.now(), one.session.id, one.account.id());
    let mut tx = app.db.begin().await?;
    logout_notices::order(&mut tx, account, Some(id), None, now).await?;
    let mut ended = sessions::end_and_name(&mut tx, id, why, now).await?;
    if !ended.is_empty() {
        grants::end_of_session(&mut tx, id, now).await?;
        audit::append(&mut tx, &[entry]).await?;
    }
    tx.commit().await?;
    notices::try_at_once(app, account).await;
    // The page that follows speaks of it also where another node was faster.
    if !ended.contains(&id) {
        ended.push(id);
    }
    Ok(ended.into_iter().map(|session| Ended { account, session }).collect())
}
