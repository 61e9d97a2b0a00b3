//! The authorization code flow up to the code (OIDC Core 1.0 §3.1.2): a request comes in, waits for the person if it
//! must, and is answered once.

use super::{Internal, keys, subjects};
use crate::app::App;
use crate::crypto::token;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::FamilyId;
use crate::domain::oauth::answer::{Answer, SafeReturn};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::grant::{Grant, PENDING, PendingRequest};
use crate::domain::oauth::next_step::{Asked, Held, NextStep, next_step};
use crate::domain::oauth::redirect::origin;
use crate::domain::oauth::request::{RawRequest, Request, Unproven};
use crate::services::session::Current;
use crate::storage::{accounts, audit, clients, grants};
use serde::Deserialize;

/// What the pages of the sign-in know of the request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The application that waits, by its name for people.
    pub client_name: String,
    /// What it shows of itself.
    pub showcase: Showcase,
    /// Its origin, for `form-action` (`http::layers::FormTarget`): `https://host:port`, or `scheme:`.
    pub return_origin: String,
    /// Whom the application believes is there: prefills the address.
    pub login_hint: Option<String>,
    /// The address of the only person whom the application accepts, if it named one.
    pub expected: Option<String>,
    /// The languages that the application prefers.
    pub ui_locales: Option<String>,
    /// Whether somebody who is signed in may have to sign in again: for a new proof, or as the expected person.
    pub anew: bool,
}

/// What an application shows of itself on the sign-in page (OIDC Registration §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Showcase {
    /// Its logo, for the person's browser.
    pub logo: Option<String>,
    /// What it does with data.
    pub policy: Option<String>,
    /// Its terms.
    pub terms: Option<String>,
    /// Whether it registered itself, and nobody of the city has looked at it.
    pub self_registered: bool,
}

impl Showcase {
    /// The origin of the logo, for `img-src`.
    pub fn logo_origin(&self) -> Option<String> {
        self.logo.as_deref().map(origin)
    }
}

/// What comes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer goes to the application.
    Answer(Answer),
    /// The person signs in; the request waits under this id.
    SignIn(String),
    /// The person sets a new password; the request waits under this id.
    ChangePassword(String),
    /// Nobody is proven to whom an answer could go: our own page tells.
    Page(Unproven),
    /// The request has expired or was answered already.
    Gone,
}

/// A checked request with the way back.
struct Checked {
    client: Client,
    back: SafeReturn,
    request: Request,
    subject: Option<String>,
}

/// A request comes in (OIDC Core §3.1.2.1). With a session that suffices it is answered at once, in one transaction.
pub async fn authorize(app: &App, raw: &RawRequest, current: Option<&Current>) -> Result<Outcome, Internal> {
    let client = match raw.client_id() {
        Ok(client_id) => clients::by_client_id(&app.db, client_id).await?,
        Err(unproven) => return Ok(Outcome::Page(unproven)),
    };
    let Some(client) = client else { return Ok(Outcome::Page(Unproven::Client)) };
    let back = match client.prove(raw) {
        Ok(back) => back,
        Err(unproven) => return Ok(Outcome::Page(unproven)),
    };
    let request = match Request::check(raw, &client) {
        Ok(request) => request,
        Err(refusal) => return Ok(refused(app, &back, refusal)),
    };
    let subject = match hinted(app, &request).await? {
        Ok(subject) => subject,
        Err(refusal) => return Ok(refused(app, &back, refusal)),
    };
    let checked = Checked { client, back, request, subject };
    match step(app, &checked, current, false) {
        (NextStep::Issue, Some(current)) => issue(app, &checked, current, None).await,
        (NextStep::Refuse(refusal), _) => Ok(refused(app, &checked.back, refusal)),
        (NextStep::ChangePassword, _) => Ok(Outcome::ChangePassword(keep(app, &checked, current).await?)),
        (NextStep::SignIn | NextStep::Issue, _) => Ok(Outcome::SignIn(keep(app, &checked, current).await?)),
    }
}

/// A page of the sign-in has done its part: the next step of the request that waits. The caller has made sure that
/// this browser made the request.
pub async fn proceed(app: &App, request_id: &str, current: Option<&Current>) -> Result<Outcome, Internal> {
    let digest = token::digest(request_id);
    let Some(pending) = grants::pending(&app.db, &digest, app.now()).await? else { return Ok(Outcome::Gone) };
    let Some(client) = clients::by_id(&app.db, pending.client).await? else {
        return Ok(Outcome::Page(Unproven::Client));
    };
    let back = match client.prove_again(&pending.redirect_uri, pending.state.clone(), pending.mode) {
        Ok(back) => back,
        Err(unproven) => return Ok(Outcome::Page(unproven)),
    };
    let is_new = current.is_some_and(|current| pending.seen_session != Some(current.session.id));
    let checked = Checked { client, back, request: pending.request, subject: pending.subject };
    match step(app, &checked, current, is_new) {
        (NextStep::Issue, Some(current)) => issue(app, &checked, current, Some(&digest)).await,
        (NextStep::Refuse(refusal), _) => {
            let mut tx = app.db.begin().await?;
            let waited = grants::answered(&mut tx, &digest).await?;
            tx.commit().await?;
            Ok(if waited { refused(app, &checked.back, refusal) } else { Outcome::Gone })
        }
        (NextStep::ChangePassword, _) => Ok(Outcome::ChangePassword(request_id.to_owned())),
        (NextStep::SignIn | NextStep::Issue, _) => Ok(Outcome::SignIn(request_id.to_owned())),
    }
}

/// The request that waits under this id, unless it has expired or was answered.
pub async fn pending(app: &App, request_id: &str) -> Result<Option<Pending>, Internal> {
    let digest = token::digest(request_id);
    let Some(pending) = grants::pending(&app.db, &digest, app.now()).await? else { return Ok(None) };
    let Some(client) = clients::by_id(&app.db, pending.client).await? else { return Ok(None) };
    let expected = match &pending.subject {
        Some(subject) => accounts::by_subject(&app.db, subject).await?,
        None => None,
    };
    let request = pending.request;
    Ok(Some(Pending {
        client_name: client.name,
        showcase: Showcase {
            logo: client.metadata.logo_uri,
            policy: client.metadata.policy_uri,
            terms: client.metadata.tos_uri,
            self_registered: client.metadata.self_registered,
        },
        return_origin: origin(&pending.redirect_uri),
        login_hint: request.login_hint.map(|hint| hint.chars().take(200).collect()),
        expected: expected.map(|account| account.profile().address.to_string()),
        ui_locales: request.ui_locales,
        anew: request.prompt.login || request.max_age.is_some() || pending.subject.is_some(),
    }))
}

#[derive(Deserialize)]
struct Hint {
    sub: String,
    aud: String,
}

/// OIDC Core §3.1.2.1, `id_token_hint`: one of ours, however old.
async fn hinted(app: &App, request: &Request) -> Result<Result<Option<String>, Refusal>, Internal> {
    const BAD: Refusal =
        Refusal::new(Code::InvalidRequest, "id_token_hint is not an ID token of this provider");
    let Some(hint) = &request.id_token_hint else { return Ok(Ok(None)) };
    let keys = keys::knowing(app, hint).await.map_err(|e| Internal::new("verifying an ID token hint", e))?;
    let Some(hint) = keys.verify::<Hint>(hint, app.config.server.issuer()) else { return Ok(Err(BAD)) };
    // What its `sub` means is told by whom it was issued to.
    match clients::by_client_id(&app.db, &hint.aud).await? {
        Some(audience) => Ok(Ok(Some(subjects::public_of(app, &audience, &hint.sub).await?))),
        None => Ok(Ok(Some(hint.sub))),
    }
}

/// Asks the dispatcher.
fn step<'a>(
    app: &App,
    checked: &Checked,
    current: Option<&'a Current>,
    is_new: bool,
) -> (NextStep, Option<&'a Current>) {
    let request = &checked.request;
    let asked = Asked {
        silent: request.prompt.none,
        anew: request.prompt.login,
        max_age: request.max_age,
        subject: checked.subject.as_deref(),
    };
    let held = current.map(|current| Held {
        auth_time: current.session.auth_time,
        is_new,
        subject: current.account.subject(),
        state: current.account.state(),
        is_overdue: current.is_overdue,
    });
    (next_step(&asked, held.as_ref(), app.now()), current)
}

fn refused(app: &App, back: &SafeReturn, refusal: Refusal) -> Outcome {
    tracing::debug!(code = refusal.code.as_str(), "an authorization request was refused");
    Outcome::Answer(back.with_error(refusal, app.config.server.issuer()))
}

/// Keeps a request until the person has signed in; it survives a restart. Returns the id for the browser.
async fn keep(app: &App, checked: &Checked, current: Option<&Current>) -> Result<String, Internal> {
    let (id, now) = (token::new(app.system.entropy()), app.now());
    let pending = PendingRequest {
        client: checked.client.id,
        redirect_uri: checked.back.address().to_owned(),
        mode: checked.back.mode(),
        state: checked.back.state().map(str::to_owned),
        request: checked.request.clone(),
        subject: checked.subject.clone(),
        seen_session: current.map(|current| current.session.id),
        created_at: now,
        expires_at: now.plus(PENDING),
    };
    grants::keep(&app.db, &token::digest(id.expose()), &pending).await?;
    Ok(id.expose().clone())
}

/// Issues a code: grant, end of waiting and audit in one transaction. Only the digest of the code is stored.
async fn issue(
    app: &App,
    checked: &Checked,
    current: &Current,
    waiting: Option<&str>,
) -> Result<Outcome, Internal> {
    let (code, now) = (token::new(app.system.entropy()), app.now());
    let (client, request, account) = (&checked.client, &checked.request, &current.account);
    let code_expires_at = now.plus(app.config.tokens.code);
    let grant = Grant {
        id: FamilyId::new(now, app.system.entropy()),
        client: client.id,
        account: account.id(),
        session: current.session.id,
        scopes: request.scopes,
        nonce: request.nonce.clone(),
        auth_time: current.session.auth_time,
        proof: current.session.proof,
        redirect_uri: checked.back.address().to_owned(),
        code_challenge: request.code_challenge.clone(),
        created_at: now,
        code_expires_at,
        code_used_at: None,
        expires_at: code_expires_at,
        ended_at: None,
    };
    let mut tx = app.db.begin().await?;
    if let Some(digest) = waiting
        && !grants::answered(&mut tx, digest).await?
    {
        // Answered meanwhile, in another tab.
        return Ok(Outcome::Gone);
    }
    grants::insert(&mut tx, &grant, &token::digest(code.expose())).await?;
    let actor = Actor::Holder(account.profile().address.to_string());
    let entry = Entry::about(now, actor, Act::ApplicationEntered, account).with(client.client_id.as_str());
    audit::append(&mut tx, &[entry.from(&current.session.source)]).await?;
    tx.commit().await?;
    Ok(Outcome::Answer(checked.back.with_code(code.expose(), app.config.server.issuer())))
}
