//! The authorization endpoint's use cases (OIDC Core 1.0 §3.1.2, §3.2.2, §3.3.2): a request comes in, waits for the
//! person if it must, and is answered once.

mod check;
pub mod consent;
pub mod dry_run;
pub(super) mod fetched;
mod issue;
pub mod push;
mod respond;
pub mod select;
mod take_in;

use super::acting::Chosen;
use super::{Internal, audience, device, factors, logos};
use crate::app::App;
use crate::crypto::token;
use crate::domain::id::{AccountId, SessionId};
use crate::domain::name;
use crate::domain::oauth::answer::{Answer, SafeReturn};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::consent::{Agreed, Asking};
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::grant::{PENDING, PendingRequest};
use crate::domain::oauth::next_step::{Admission, Asked, Held, NextStep, next_step};
use crate::domain::oauth::redirect::origin;
use crate::domain::oauth::request::{RawRequest, Request, Unproven};
use crate::domain::proof::Class;
use crate::services::roster::Roster;
use crate::services::session::Current;
use crate::storage::{Tx, accounts, clients, consents, pending_requests, pushed_requests};

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
    /// The session that the person has chosen for it.
    pub chosen: Option<SessionId>,
    /// The languages that the application prefers.
    pub ui_locales: Option<String>,
    /// Whether somebody who is signed in may have to sign in again: for a new proof, or as the expected person.
    pub anew: bool,
}

/// What an application shows of itself on the sign-in page (OIDC Registration §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Showcase {
    /// Where the house shows its logo, if it keeps one.
    pub logo: Option<String>,
    /// What it does with data.
    pub policy: Option<String>,
    /// Its terms.
    pub terms: Option<String>,
    /// Whether it registered itself, and nobody of the city has looked at it.
    pub self_registered: bool,
}

impl Showcase {
    pub(super) async fn of(app: &App, client: &Client) -> Result<Self, Internal> {
        let metadata = &client.metadata;
        Ok(Self {
            logo: logos::address(app, client).await?,
            policy: metadata.policy_uri.clone(),
            terms: metadata.tos_uri.clone(),
            self_registered: metadata.self_registered,
        })
    }
}

/// What comes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer goes to the application.
    Answer(Answer),
    /// The person signs in; the request waits under this id.
    SignIn(String),
    /// The person chooses with which account they go on; the request waits under this id.
    SelectAccount(String),
    /// The person sets a new password; the request waits under this id.
    ChangePassword(String),
    /// The person proves a second factor that gives this class; the request waits under this id.
    SecondFactor(String, Class),
    /// The person sets one up that gives this class; the request waits under this id.
    Enrol(String, Class),
    /// The person is asked for their consent; the request waits under this id.
    Consent(String),
    /// The person is asked as whom they go on; the request waits under this id.
    Choose(String),
    /// The application is not for this person: our own page tells.
    NotAdmitted(NotAdmitted),
    /// Nobody is proven to whom an answer could go: our own page tells.
    Page(Unproven),
    /// The request has expired or was answered already.
    Gone,
}

/// What comes of a request, and with which of the browser's accounts: a page that follows is that account's.
#[derive(Debug)]
pub struct Looked {
    /// What comes of it.
    pub outcome: Outcome,
    /// The session of the account.
    pub session: Option<SessionId>,
}

impl From<Outcome> for Looked {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, session: None }
    }
}

/// An application that is not for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAdmitted {
    /// Its name.
    pub application: String,
    /// The agencies for whose people it is.
    pub agencies: Vec<String>,
    /// The address at which it takes the refusal, where a link can lead there.
    pub back: Option<String>,
    /// The languages that it prefers.
    pub ui_locales: Option<String>,
}

/// A checked request with the way back.
struct Checked {
    client: Client,
    back: SafeReturn,
    request: Request,
    subject: Option<String>,
    pushed: Option<String>,
}

/// A request comes in (OIDC Core §3.1.2.1). With a session that suffices it is answered at once, in one transaction.
///
/// `source` is the network address of the browser.
pub async fn authorize(
    app: &App,
    raw: &RawRequest,
    roster: &Roster,
    source: &str,
) -> Result<Looked, Internal> {
    let mut checked = match check::check(app, raw, source).await? {
        Ok(checked) => checked,
        Err(stopped) => return Ok(check::told(app, stopped, roster.first()).await?.into()),
    };
    let current = select::pick(app, &mut checked, roster).await?;
    let outcome = decide(app, checked, current, roster).await?;
    Ok(Looked { outcome, session: current.map(|current| current.session.id) })
}

/// The first step of a checked request.
async fn decide(
    app: &App,
    checked: Checked,
    current: Option<&Current>,
    roster: &Roster,
) -> Result<Outcome, Internal> {
    let chosen = select::as_whom(app, &checked, current).await?;
    let current = chosen.as_ref().map(|chosen| &chosen.current);
    match (step(app, &checked, chosen.as_ref(), &Before::default()).await?, current) {
        (NextStep::Issue, Some(current)) => issue::issue(app, &checked, (current, roster), None).await,
        (NextStep::Refuse(refusal), _) => refuse_now(app, &checked, refusal).await,
        (NextStep::SelectAccount, _) => Ok(Outcome::SelectAccount(keep(app, &checked, roster).await?)),
        (NextStep::ChangePassword, _) => Ok(Outcome::ChangePassword(keep(app, &checked, roster).await?)),
        (NextStep::SecondFactor(class), _) => {
            Ok(Outcome::SecondFactor(keep(app, &checked, roster).await?, class))
        }
        (NextStep::Enrol(class), _) => Ok(Outcome::Enrol(keep(app, &checked, roster).await?, class)),
        (NextStep::NotAdmitted, _) => respond::not_admitted(app, &checked).await,
        (NextStep::Consent, Some(_)) => Ok(Outcome::Consent(keep(app, &checked, roster).await?)),
        (NextStep::Choose, Some(_)) => Ok(Outcome::Choose(keep(app, &checked, roster).await?)),
        (NextStep::SignIn | NextStep::Issue | NextStep::Consent | NextStep::Choose, _) => {
            Ok(Outcome::SignIn(keep(app, &checked, roster).await?))
        }
    }
}

/// A page of the sign-in has done its part: the next step of the request that waits. The caller has made sure that
/// this browser made the request.
pub async fn proceed(app: &App, request_id: &str, roster: &Roster) -> Result<Looked, Internal> {
    let current = roster.first();
    let outcome = go_on(app, request_id, current, roster).await?;
    Ok(Looked { outcome, session: current.map(|current| current.session.id) })
}

async fn go_on(
    app: &App,
    request_id: &str,
    current: Option<&Current>,
    roster: &Roster,
) -> Result<Outcome, Internal> {
    let digest = token::digest(request_id);
    let found = match waiting(app, &digest).await? {
        Ok(found) => found,
        Err(outcome) => return Ok(outcome),
    };
    let (checked, before) = match taken_up(found, current) {
        Ok(taken_up) => taken_up,
        Err(unproven) => return Ok(Outcome::Page(unproven)),
    };
    let chosen = select::as_whom(app, &checked, current).await?;
    let current = chosen.as_ref().map(|chosen| &chosen.current);
    match (step(app, &checked, chosen.as_ref(), &before).await?, current) {
        (NextStep::Issue, Some(current)) => {
            issue::issue(app, &checked, (current, roster), Some(&digest)).await
        }
        (NextStep::Refuse(refusal), _) => end(app, &digest, &checked, refusal).await,
        (NextStep::SelectAccount, _) => Ok(Outcome::SelectAccount(request_id.to_owned())),
        (NextStep::ChangePassword, _) => Ok(Outcome::ChangePassword(request_id.to_owned())),
        (NextStep::SecondFactor(class), _) => Ok(Outcome::SecondFactor(request_id.to_owned(), class)),
        (NextStep::Enrol(class), _) => Ok(Outcome::Enrol(request_id.to_owned(), class)),
        (NextStep::NotAdmitted, _) => respond::not_admitted(app, &checked).await,
        (NextStep::Consent, Some(_)) => Ok(Outcome::Consent(request_id.to_owned())),
        (NextStep::Choose, Some(_)) => Ok(Outcome::Choose(request_id.to_owned())),
        (NextStep::SignIn | NextStep::Issue | NextStep::Consent | NextStep::Choose, _) => {
            Ok(Outcome::SignIn(request_id.to_owned()))
        }
    }
}

/// The class of the second factor that the person must set up before a waiting request goes on, if they must; nothing
/// comes of asking. The caller has made sure that this browser made the request.
pub async fn must_enrol(app: &App, request_id: &str, current: &Current) -> Result<Option<Class>, Internal> {
    if device::is_device(request_id) {
        return Ok(match device::next(app, request_id, Some(current)).await? {
            device::Next::Enrol(class) => Some(class),
            _ => None,
        });
    }
    let Ok(found) = waiting(app, &token::digest(request_id)).await? else { return Ok(None) };
    let Ok((checked, before)) = taken_up(found, Some(current)) else { return Ok(None) };
    let chosen = select::as_whom(app, &checked, Some(current)).await?;
    Ok(match step(app, &checked, chosen.as_ref(), &before).await? {
        NextStep::Enrol(class) => Some(class),
        _ => None,
    })
}

/// A waiting request as it was checked, and what has happened since.
fn taken_up(
    (pending, client): (PendingRequest, Client),
    current: Option<&Current>,
) -> Result<(Checked, Before), Unproven> {
    let back = client.prove_again(&pending.redirect_uri, pending.state, pending.mode)?;
    let before = Before {
        is_new: current.is_some_and(|current| !pending.seen.contains(&current.session.id)),
        chosen: pending.chosen,
        agreed: pending.agreed,
    };
    let (request, subject, pushed) = (pending.request, pending.subject, pending.pushed);
    Ok((Checked { client, back, request, subject, pushed }, before))
}

/// The person does not want to go on (RFC 6749 §4.1.2.1: `access_denied`). The caller has made sure that this browser
/// made the request.
pub async fn cancel(app: &App, request_id: &str) -> Result<Outcome, Internal> {
    const DENIED: Refusal = Refusal::new(Code::AccessDenied, "The person has refused");
    let digest = token::digest(request_id);
    let (pending, client) = match waiting(app, &digest).await? {
        Ok(found) => found,
        Err(outcome) => return Ok(outcome),
    };
    let back = match client.prove_again(&pending.redirect_uri, pending.state, pending.mode) {
        Ok(back) => back,
        Err(unproven) => return Ok(Outcome::Page(unproven)),
    };
    let (request, subject, pushed) = (pending.request, pending.subject, pending.pushed);
    end(app, &digest, &Checked { client, back, request, subject, pushed }, DENIED).await
}

/// The request that waits under this digest, and its application; else what comes of it.
async fn waiting(app: &App, digest: &str) -> Result<Result<(PendingRequest, Client), Outcome>, Internal> {
    let Some(pending) = pending_requests::pending(&app.db, digest, app.now()).await? else {
        return Ok(Err(Outcome::Gone));
    };
    let client = clients::any_by_id(&app.db, pending.client).await?.ok_or(Unproven::Client);
    Ok(client.and_then(Client::running).map(|client| (pending, client)).map_err(Outcome::Page))
}

/// Answers a waiting request with an error, once.
async fn end(app: &App, digest: &str, checked: &Checked, refusal: Refusal) -> Result<Outcome, Internal> {
    let mut tx = app.db.begin().await?;
    let waited = pending_requests::answered(&mut tx, digest).await? && use_up(&mut tx, checked).await?;
    tx.commit().await?;
    if waited {
        respond::refused(app, &checked.client, &checked.back, refusal).await
    } else {
        Ok(Outcome::Gone)
    }
}

/// Answers a request with an error at once.
async fn refuse_now(app: &App, checked: &Checked, refusal: Refusal) -> Result<Outcome, Internal> {
    if checked.pushed.is_some() {
        let mut tx = app.db.begin().await?;
        let was_there = use_up(&mut tx, checked).await?;
        tx.commit().await?;
        if !was_there {
            return Ok(Outcome::Gone);
        }
    }
    respond::refused(app, &checked.client, &checked.back, refusal).await
}

/// Uses up what was pushed; `false` if it was answered meanwhile (RFC 9126 §4: once).
async fn use_up(tx: &mut Tx, checked: &Checked) -> Result<bool, Internal> {
    match &checked.pushed {
        Some(digest) => Ok(pushed_requests::take(tx, digest).await?),
        None => Ok(true),
    }
}

/// The request that waits under this id, unless it has expired or was answered.
pub async fn pending(app: &App, request_id: &str) -> Result<Option<Pending>, Internal> {
    if device::is_device(request_id) {
        return device::pending(app, request_id).await;
    }
    let Ok((pending, client)) = waiting(app, &token::digest(request_id)).await? else { return Ok(None) };
    let expected = match &pending.subject {
        Some(subject) => accounts::by_subject(&app.db, subject).await?,
        None => None,
    };
    let request = pending.request;
    let client_asks = client.metadata.minimum_acr.is_some();
    Ok(Some(Pending {
        showcase: Showcase::of(app, &client).await?,
        client_name: client.name,
        return_origin: origin(&pending.redirect_uri),
        login_hint: request.login_hint.map(|hint| name::bounded(&hint)),
        expected: expected.map(|account| account.profile().address.to_string()),
        ui_locales: request.ui_locales,
        chosen: pending.chosen,
        anew: request.prompt.login
            || request.prompt.select_account
            || request.max_age.is_some()
            || request.acr.is_some()
            || client_asks
            || pending.subject.is_some(),
    }))
}

/// What the application of a request that waits is called, if the city has stopped it meanwhile. The caller has made sure
/// that this browser made the request.
pub async fn stopped(app: &App, request_id: &str) -> Result<Option<String>, Internal> {
    if device::is_device(request_id) {
        return device::stopped(app, request_id).await;
    }
    let pending = pending_requests::pending(&app.db, &token::digest(request_id), app.now()).await?;
    let Some(pending) = pending else { return Ok(None) };
    let client = clients::any_by_id(&app.db, pending.client).await?;
    Ok(client.filter(|client| client.disabled_at.is_some()).map(|client| client.name))
}

/// What has happened since the request came in.
#[derive(Default)]
struct Before {
    /// Whether the person has proven themselves.
    is_new: bool,
    /// Which session they have chosen.
    chosen: Option<SessionId>,
    /// Who has agreed to it.
    agreed: Option<AccountId>,
}

/// Asks the dispatcher.
async fn step(
    app: &App,
    checked: &Checked,
    chosen: Option<&Chosen>,
    before: &Before,
) -> Result<NextStep, Internal> {
    let request = &checked.request;
    let consent = checked.asking();
    let asked = Asked {
        silent: request.prompt.none,
        anew: request.prompt.login,
        select: request.prompt.select_account,
        max_age: request.max_age,
        subject: checked.subject.as_deref(),
        acr: request.acr.as_ref(),
        least: checked.client.metadata.minimum_acr,
        consent,
    };
    let Some(Chosen { current, must_choose }) = chosen else {
        return Ok(next_step(&asked, None, app.now()));
    };
    let account = current.account.id();
    let has_agreed = before.agreed == Some(account)
        || (consent == Asking::Once
            // What one person agrees to as a mailbox binds nobody else who acts for it: it is asked each time.
            && account == current.session.account_id
            && consents::of(&app.db, account, checked.client.id)
                .await?
                .is_some_and(|had| had.covers(&Agreed::to(request))));
    let is_admitted = audience::admits(app, &checked.client, &current.account).await?;
    // Behind a mailbox stands the person whose session it is: it is they who prove themselves.
    let (factors, demand) =
        (factors::good_of(app, current.session.account_id).await?, app.config.second_factor.staff);
    let held = Held {
        auth_time: current.session.auth_time,
        is_new: before.is_new,
        is_chosen: before.chosen == Some(current.session.id),
        subject: current.account.subject(),
        state: current.account.state(),
        is_overdue: current.is_overdue,
        proof: current.session.proof,
        ladder: demand.ladder(factors),
        must_enrol: demand.must_enrol(factors),
        admission: match (is_admitted, *must_choose && !asked.silent) {
            // Which of them the application admits is known once they have chosen.
            (_, true) => Admission::Undecided,
            // Without a page everybody goes on as themselves.
            (true, false) => Admission::Admitted,
            (false, false) => Admission::ShutOut,
        },
        has_agreed,
    };
    Ok(next_step(&asked, Some(&held), app.now()))
}

impl Checked {
    /// When the person is asked for their consent.
    const fn asking(&self) -> Asking {
        // Nobody of the city has looked at one that registered itself (RFC 9700 §4.11.2).
        let metadata = &self.client.metadata;
        match (self.request.prompt.consent, metadata.consent_required || metadata.self_registered) {
            (true, _) => Asking::Always,
            (false, true) => Asking::Once,
            (false, false) => Asking::Never,
        }
    }
}

/// Keeps a request until the person has signed in; it survives a restart. Returns the id for the browser.
async fn keep(app: &App, checked: &Checked, roster: &Roster) -> Result<String, Internal> {
    let (id, now) = (token::new(app.system.entropy()), app.now());
    let pending = PendingRequest {
        client: checked.client.id,
        redirect_uri: checked.back.address().to_owned(),
        mode: checked.back.mode(),
        state: checked.back.state().map(str::to_owned),
        request: checked.request.clone(),
        subject: checked.subject.clone(),
        seen: roster.sessions(),
        chosen: None,
        agreed: None,
        pushed: checked.pushed.clone(),
        created_at: now,
        expires_at: now.plus(PENDING),
    };
    pending_requests::keep(&app.db, &token::digest(id.expose()), &pending).await?;
    Ok(id.expose().clone())
}
