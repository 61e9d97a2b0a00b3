//! What is left to do and to say when a session has ended in a browser: applications that the browser tells (OIDC
//! Front-Channel Logout 1.0 §2, §3), and how far the house has told the others (Back-Channel Logout 1.0).

use super::Internal;
use crate::app::App;
use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, SessionId};
use crate::domain::oauth::answer::with_query;
use crate::storage::{accounts, clients, grants, logout_notices};

/// A session that has ended in this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub session: SessionId,
}

impl Ended {
    /// As the browser's row keeps it.
    pub fn to_text(self) -> String {
        format!("{} {}", self.account, self.session)
    }

    /// Reads [`Ended::to_text`].
    pub fn from_text(text: &str) -> Option<Self> {
        let (account, session) = text.split_once(' ')?;
        Some(Self { account: account.parse().ok()?, session: session.parse().ok()? })
    }
}

/// How far an application is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It agreed.
    Agreed,
    /// It has not answered yet and is told again.
    Waiting,
    /// It is told no more.
    GivenUp,
    /// The browser tells it.
    ByBrowser,
}

/// An application that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its name for people.
    pub name: String,
    /// How far.
    pub progress: Progress,
}

/// What is left to do and to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Farewell {
    /// Whose session it was.
    pub address: Option<MailAddress>,
    /// The addresses that the browser loads, each in a frame.
    pub frames: Vec<String>,
    /// All applications that are told.
    pub told: Vec<Told>,
}

/// What is left when a session has ended.
pub async fn farewell(app: &App, ended: Ended) -> Result<Farewell, Internal> {
    let told = logout_notices::of_session(&app.db, ended.account, ended.session).await?;
    let mut told: Vec<_> = told
        .into_iter()
        .map(|one| Told {
            name: one.name,
            progress: match (one.answered, one.done_at) {
                (true, _) => Progress::Agreed,
                (false, None) => Progress::Waiting,
                (false, Some(_)) => Progress::GivenUp,
            },
        })
        .collect();
    let mut frames = Vec::new();
    for id in grants::of_session(&app.db, ended.session).await? {
        let Some(client) = clients::any_by_id(&app.db, id).await? else { continue };
        let Some(address) = client.metadata.frontchannel_logout_uri else { continue };
        // Front-Channel Logout §3: issuer and session, so that the application knows what has ended.
        let members = [("iss", app.config.server.issuer().to_owned()), ("sid", ended.session.to_string())];
        frames.push(with_query(&address, &members));
        if !told.iter().any(|one| one.name == client.name) {
            told.push(Told { name: client.name, progress: Progress::ByBrowser });
        }
    }
    let account = accounts::by_id(&app.db, ended.account).await?;
    let address = account.map(|account| account.profile().address.clone());
    Ok(Farewell { address, frames, told })
}
