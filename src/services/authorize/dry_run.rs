//! A request looked at without being taken up: the very checks of the authorization endpoint, up to where somebody's session
//! would be looked at. Nothing is kept, used up or answered. What the application publishes itself, its keys or a request
//! object, is fetched as always.

use super::Internal;
use super::check::{self, Stopped};
use crate::app::App;
use crate::domain::oauth::answer::ResponseMode;
use crate::domain::oauth::error::Refusal;
use crate::domain::oauth::request::{RawRequest, Request, Unproven};

/// What would come of it.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It is taken: the sign-in begins.
    Taken(Box<Taken>),
    /// Our own page tells whoever sent it.
    Page(Unproven),
    /// The application is told, at the address that it named.
    Refused(Refusal),
}

/// A request that is taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// What it asks for.
    pub request: Request,
    /// Where its answer goes.
    pub address: String,
    /// How its answer travels.
    pub mode: ResponseMode,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// The parameters as they are heard: with those that are signed or were pushed.
    pub heard: Option<RawRequest>,
    /// What would come of it.
    pub verdict: Verdict,
}

/// Looks at a request. `source` is the network address of whoever has it looked at.
pub async fn dry_run(app: &App, raw: &RawRequest, source: &str) -> Result<DryRun, Internal> {
    let client = match check::known(app, raw).await? {
        Ok(client) => client,
        Err(unproven) => return Ok(DryRun { heard: None, verdict: Verdict::Page(unproven) }),
    };
    let taken = match check::taken(app, &client, raw, source).await? {
        Ok(taken) => taken,
        Err(stopped) => return Ok(DryRun { heard: None, verdict: stopped.into() }),
    };
    let verdict = match check::examined(app, client, &taken).await? {
        Ok(checked) => Verdict::Taken(Box::new(Taken {
            address: checked.back.address().to_owned(),
            mode: checked.back.mode(),
            request: checked.request,
        })),
        Err(stopped) => stopped.into(),
    };
    Ok(DryRun { heard: Some(taken.raw), verdict })
}

impl From<Stopped> for Verdict {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Page(unproven) => Self::Page(unproven),
            // Here nobody has signed in.
            Stopped::Refused(refused) if refused.needs_a_session() => {
                Self::Page(Unproven::Stranger(refused.refusal))
            }
            Stopped::Refused(refused) => Self::Refused(refused.refusal),
        }
    }
}
