//! Who is signed in with a browser: nobody, one account, or several beside each other (OIDC Core 1.0 §3.1.2.1,
//! `select_account`). Each has its own session; none of them knows of the others.

use super::{Internal, session};
use crate::app::App;
use crate::domain::id::{AccountId, ClientRowId, SessionId};
use crate::domain::session::Door;
use crate::services::session::{Carrier, Current};
use crate::storage::{agencies, grants};

/// Beside the account in use a browser keeps so many.
pub const MOST_OTHERS: usize = 5;

/// The accounts that are signed in with a browser and still open; the one in use comes first.
#[derive(Debug, Clone, Default)]
pub struct Roster(Vec<Current>);

/// An account as the page that asks shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// Its session.
    pub session: SessionId,
    /// The person's name.
    pub name: String,
    /// The address.
    pub address: String,
    /// The agency.
    pub agency: Option<String>,
}

/// The accounts behind these sessions, without those that have ended or may not be used. One account comes once.
pub async fn read(app: &App, ids: &[SessionId], door: Door) -> Result<Roster, Internal> {
    let mut roster = Roster::default();
    for id in ids {
        if let Some(current) = session::peek(app, *id, door).await? {
            roster.take(current);
        }
    }
    Ok(roster)
}

/// The same for a browser that comes with their cookie.
pub async fn read_in(
    app: &App,
    ids: &[SessionId],
    door: Door,
    carrier: Carrier<'_>,
) -> Result<Roster, Internal> {
    let mut roster = Roster::default();
    for id in ids {
        if let Some(current) = session::peek_in(app, *id, door, carrier).await? {
            roster.take(current);
        }
    }
    Ok(roster)
}

impl Roster {
    fn take(&mut self, current: Current) {
        if self.of(current.account.id()).is_none() {
            self.0.push(current);
        }
    }

    /// The account in use.
    pub fn first(&self) -> Option<&Current> {
        self.0.first()
    }

    /// The account behind a session.
    pub fn find(&self, session: SessionId) -> Option<&Current> {
        self.0.iter().find(|current| current.session.id == session)
    }

    /// An account, if it is signed in.
    pub fn of(&self, account: AccountId) -> Option<&Current> {
        self.0.iter().find(|current| current.account.id() == account)
    }

    /// The account with a `sub`, as the house knows people.
    pub fn with_subject(&self, subject: &str) -> Option<&Current> {
        self.0.iter().find(|current| current.account.subject() == subject)
    }

    /// The account with an address, whatever its letters' size.
    pub fn with_address(&self, address: &str) -> Option<&Current> {
        self.0.iter().find(|current| current.account.profile().address.as_str().eq_ignore_ascii_case(address))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Current> {
        self.0.iter()
    }

    /// Their sessions.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.0.iter().map(|current| current.session.id).collect()
    }

    /// Whether there is more than one.
    pub const fn has_several(&self) -> bool {
        self.0.len() > 1
    }
}

/// The account with which an application was last entered, among several.
pub(super) async fn last_at<'a>(
    app: &App,
    roster: &'a Roster,
    client: ClientRowId,
) -> Result<Option<&'a Current>, Internal> {
    let mut last = None;
    for current in roster.iter() {
        let at = grants::last_of_session(&app.db, current.session.id, client).await?;
        last = last.max(at.map(|at| (at, current.session.id)));
    }
    Ok(last.and_then(|(_, session)| roster.find(session)))
}

/// How the page that asks shows them.
pub async fn faces(app: &App, roster: &Roster) -> Result<Vec<Face>, Internal> {
    let mut faces = Vec::new();
    for current in roster.iter() {
        let profile = current.account.profile();
        let agency = match profile.agency_id {
            Some(id) => agencies::by_id(&app.db, id).await?,
            None => None,
        };
        faces.push(Face {
            session: current.session.id,
            name: profile.display_name.clone(),
            address: profile.address.to_string(),
            agency: agency.map(|agency| agency.name),
        });
    }
    Ok(faces)
}
