//! A form that was sent and not taken, because its sender had to prove themselves first or to sign in again: it is kept,
//! sealed, in the row of the browser until they have, so that nobody types twice. Nothing is done by that: the page of
//! `web::second::kept` shows it, and a person sends it once more, as any form. What carries a secret is never kept.

use super::Failure;
use super::form::Fields;
use super::visitor::{Visitor, broken};
use crate::app::App;
use crate::crypto::token;
use crate::domain::id::{AccountId, SessionId};
use crate::services::session::Current;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use time::Duration;

/// The data key under which a browser has its kept form.
pub(super) const KEPT: &str = "kept";
/// What the key is for that seals it.
const PURPOSE: &str = "kept form";
/// No larger form is kept, in bytes as it was sent: it lies in a row that every request reads.
const LARGEST: usize = 16 * 1024;
/// For how long.
const LIFE: Duration = Duration::minutes(10);

/// Fields that carry a password, a code, a secret or the answer of a passkey: a form that has one is not kept at all,
/// for without it there is nothing to go on with.
pub const SECRETS: [&str; 11] = [
    "password",
    "current",
    "new",
    "repeat",
    "code",
    "user_code",
    "secret",
    "challenge",
    "client_data",
    "attestation",
    "signature",
];

/// Whose a kept form is: an account in one session, or in the one that it opens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    account: AccountId,
    session: Option<SessionId>,
}

impl Holder {
    /// The holder of an open session.
    pub fn of(current: &Current) -> Self {
        Self::within(current.account.id(), current.session.id)
    }

    /// An account in this session.
    pub const fn within(account: AccountId, session: SessionId) -> Self {
        Self { account, session: Some(session) }
    }

    /// An account whose session was not used for too long: whichever session of it this browser opens next.
    pub(super) const fn returning(account: AccountId) -> Self {
        Self { account, session: None }
    }

    /// What is bound to the sealed form: for anybody else it does not open.
    fn name(self) -> String {
        let session = self.session.map(|id| id.to_string()).unwrap_or_default();
        format!("{} {session}", self.account)
    }
}

/// Put into the extensions of an answer: a form was not taken, whose it is, and from which page it came (empty where that
/// is not known).
#[derive(Debug, Clone)]
pub struct Unfinished {
    /// Whose it is.
    pub holder: Holder,
    /// The page to which they would go back.
    pub back: String,
}

/// Put into the extensions of a request: its form is small enough to be kept, if it must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keeps;

/// A form as it was sent.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// The route that did not take it, with placeholders.
    pub route: String,
    /// Path and query to which it goes.
    pub to: String,
    /// The page it came from; empty where that is not known.
    pub back: String,
    /// Its fields, but for the token of the page.
    pub fields: Vec<(String, String)>,
    /// Until when it is kept, in microseconds.
    until: i64,
}

/// What lies in the row of the browser.
#[derive(Serialize, Deserialize)]
struct Slip {
    until: i64,
    to: String,
    /// Whether its holder is to sign in first.
    waits: bool,
    sealed: String,
}

impl Slip {
    /// What is in it, for its holder.
    fn open(&self, app: &App, holder: Holder) -> Option<Kept> {
        let sealed = STANDARD.decode(&self.sealed).ok()?;
        let clear = app.keyring.open(PURPOSE, &holder.name(), &sealed).ok()?;
        serde_json::from_slice(clear.expose()).ok()
    }
}

impl Visitor {
    /// The form that is kept for this holder, if its time is not over.
    pub async fn kept(&self, app: &App, holder: Holder) -> Result<Option<Kept>, Failure> {
        Ok(self.slip(app).await?.and_then(|slip| slip.open(app, holder)))
    }

    /// Whether a form is kept for somebody who is to sign in again.
    pub async fn keeps_for_a_return(&self, app: &App) -> Result<bool, Failure> {
        Ok(self.slip(app).await?.is_some_and(|slip| slip.waits))
    }

    /// Keeps a form in place of the one before.
    pub(super) async fn keep(&self, app: &App, holder: Holder, kept: &Kept) -> Result<(), Failure> {
        let clear =
            serde_json::to_vec(kept).map_err(|e| Failure::Internal(format!("keeping a form: {e}")))?;
        let sealed = app.keyring.seal(PURPOSE, &holder.name(), &clear, app.system.entropy());
        let slip = Slip {
            until: kept.until,
            to: kept.to.clone(),
            waits: holder.session.is_none(),
            sealed: STANDARD.encode(sealed),
        };
        self.browser.insert(KEPT, slip).await.map_err(broken)
    }

    /// Drops what is kept for too long; every page with a form does.
    pub(super) async fn drop_stale(&self, app: &App) -> Result<(), Failure> {
        self.slip(app).await.map(|_| ())
    }

    async fn slip(&self, app: &App) -> Result<Option<Slip>, Failure> {
        let slip: Option<Slip> = self.browser.get(KEPT).await.map_err(broken)?;
        match slip {
            Some(slip) if slip.until < app.now().micros() => {
                self.drop_kept().await?;
                Ok(None)
            }
            slip => Ok(slip),
        }
    }

    async fn drop_kept(&self) -> Result<(), Failure> {
        self.browser.remove_value(KEPT).await.map(|_| ()).map_err(broken)
    }

    /// Whether a form carries the token of a page of this browser; of one that is to be kept for somebody, of their pages
    /// from before they signed in again.
    async fn has_made(&self, app: &App, fields: &Fields, holder: Option<Holder>) -> Result<bool, Failure> {
        let (token, sent) = (self.existing_csrf().await?, fields.text("csrf"));
        if token.is_some_and(|token| token::same(&token, sent)) {
            return Ok(true);
        }
        let Some(holder) = holder else { return Ok(false) };
        Ok(self.whose_former(app, sent).await? == Some(holder.account))
    }
}

/// Wraps the pages of a door: what was sent and not taken is kept, what was taken is not kept any longer.
pub async fn forms(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let visitor = match Visitor::from_request_parts(&mut parts, &app).await {
        Ok(visitor) => visitor,
        Err(failure) => return failure.into_response(),
    };
    let (body, copy) = match copied(&parts, body).await {
        Ok(bodies) => bodies,
        Err(failure) => return failure.into_response(),
    };
    if copy.is_some() {
        parts.extensions.insert(Keeps);
    }
    let route = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(Request::from_parts(parts, body)).await;
    let unfinished = response.extensions().get::<Unfinished>().cloned();
    let sent = Sent { route: route.unwrap_or_default(), copy };
    // The answer is what was asked for; a form that is not kept is typed again.
    if let Err(failure) = settle(&app, &visitor, sent, unfinished).await {
        tracing::error!(?failure, "keeping a form");
    }
    response
}

/// What was sent, and to which route.
struct Sent {
    route: String,
    copy: Option<Bytes>,
}

/// The body, and a copy of it if it is a form that is small enough.
async fn copied(parts: &Parts, body: Body) -> Result<(Body, Option<Bytes>), Failure> {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let size = body.size_hint().upper().and_then(|size| usize::try_from(size).ok());
    let is_small = size.is_some_and(|size| size <= LARGEST);
    if !is_small || !kind.starts_with("application/x-www-form-urlencoded") {
        return Ok((body, None));
    }
    let copy = axum::body::to_bytes(body, LARGEST).await.map_err(|e| Failure::BadForm(e.to_string()))?;
    Ok((Body::from(copy.clone()), Some(copy)))
}

async fn settle(
    app: &App,
    visitor: &Visitor,
    sent: Sent,
    unfinished: Option<Unfinished>,
) -> Result<(), Failure> {
    let fields = sent.copy.and_then(|copy| Fields::read(&copy).ok());
    // What another site has sent is not kept, and takes nothing away.
    let holder = unfinished.as_ref().map(|form| form.holder);
    if let Some(fields) = &fields
        && !visitor.has_made(app, fields, holder).await?
    {
        return Ok(());
    }
    let Some(Unfinished { holder, back }) = unfinished else {
        return match visitor.slip(app).await? {
            Some(slip) if slip.to == visitor.path() => visitor.drop_kept().await,
            _ => Ok(()),
        };
    };
    match fields.filter(|fields| !has_secret(fields)) {
        Some(fields) => {
            let kept = Kept {
                route: sent.route,
                to: visitor.path().to_owned(),
                back,
                fields: typed(&fields),
                until: app.now().plus(LIFE).micros(),
            };
            visitor.keep(app, holder, &kept).await
        }
        // One that was kept before must not be taken for this one.
        None => visitor.drop_kept().await,
    }
}

/// Whether a form carries what is never kept.
pub(super) fn has_secret(fields: &Fields) -> bool {
    fields.iter().any(|(name, _)| SECRETS.contains(&name))
}

fn typed(fields: &Fields) -> Vec<(String, String)> {
    let typed = fields.iter().filter(|(name, _)| *name != "csrf");
    typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
