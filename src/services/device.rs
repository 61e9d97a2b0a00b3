//! Devices without a keyboard (RFC 8628): the device begins and asks again and again, a person types its code on
//! another device, signs in and answers. What comes of it is a grant like any other, out of that person's session.

use super::acting::{self, Chosen};
use super::authorize::{NotAdmitted, Pending, Showcase};
use super::possession::Shown;
use super::roster::{self, Roster};
use super::{Internal, audience, factors};
use crate::app::App;
use crate::crypto::token as secrets;
use crate::domain::account::Account;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, FamilyId};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::consent::Asking;
use crate::domain::oauth::device::{DEVICE_LIFE, Device, DeviceState, PAUSE, UserCode};
use crate::domain::oauth::error::{Code, Refusal};
use crate::domain::oauth::grant::{Grant, GrantDetails};
use crate::domain::oauth::next_step::{Admission, Asked, Held, NextStep, next_step};
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::proof::Class;
use crate::domain::secret::Secret;
use crate::domain::throttle::{Limit, network_of};
use crate::domain::timestamp::Timestamp;
use crate::services::session::Current;
use crate::services::token::{self, Issued, PresentedCode, TokenRefused};
use crate::storage::{StorageError, applications, audit, clients, device_codes, grants, throttles};
use thiserror::Error;
use time::Duration;

/// What the ids of waiting devices begin with, before their code; an id of an authorization request is longer.
const PREFIX: &str = "device-";

/// How many wrong codes one browser may type. A network address may type as many as it may type wrong passwords.
const GUESSES: Limit = Limit { failures: 6, window: Duration::minutes(10), pause: Duration::minutes(10) };

/// A device whose person answers in the last moment still comes to ask.
const LAST_CALL: Duration = Duration::seconds(30);

/// How often a code for the person may be taken before it is our fault.
const TRIES: usize = 5;

/// What a device is told (RFC 8628 §3.2).
#[derive(Debug)]
pub struct Started {
    /// The device's own code.
    pub device_code: Secret<String>,
    /// The code that the person types.
    pub user_code: UserCode,
}

/// Why a code that was typed leads nowhere.
#[derive(Debug, Error)]
pub enum EnterRefused {
    /// No device waits for it.
    #[error("no device waits for this code")]
    Unknown,
    /// Too many were wrong; the next may be typed then.
    #[error("too many wrong codes")]
    Wait(Timestamp),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for EnterRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// What the person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The application on the device.
    pub application: String,
    /// What it shows of itself.
    pub showcase: Showcase,
    /// What it will learn.
    pub scopes: Scopes,
    /// The code that the device shows.
    pub user_code: String,
    /// When the device began.
    pub began_at: Timestamp,
    /// As whom the person goes on: as themselves, or as a mailbox for which they act.
    pub account: AccountId,
    /// Its address.
    pub address: String,
}

/// What comes next for a person who has typed a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// They sign in.
    SignIn,
    /// They set a new password.
    ChangePassword,
    /// They prove a second factor that gives this class.
    SecondFactor(Class),
    /// They set one up that gives this class.
    Enrol(Class),
    /// The application is not for them.
    NotAdmitted(NotAdmitted),
    /// They choose as whom they go on.
    Choose,
    /// They are asked.
    Ask(Question),
    /// No device waits any more.
    Gone,
}

/// RFC 8628 §3.1: a device begins.
pub async fn start(app: &App, client: &Client, scope: Option<&str>) -> Result<Started, TokenRefused> {
    const OPENID: Refusal = Refusal::new(Code::InvalidScope, "The scope must contain openid");
    let scopes = Scopes::parse(scope.unwrap_or(Scope::OpenId.code())).within(client.scopes);
    if !scopes.has(Scope::OpenId) {
        return Err(OPENID.into());
    }
    let (now, device_code) = (app.now(), secrets::new(app.system.entropy()));
    let device = Device {
        id: secrets::digest(device_code.expose()),
        client: client.id,
        scopes,
        state: DeviceState::Waiting,
        pause: PAUSE,
        asked_at: None,
        created_at: now,
        expires_at: now.plus(DEVICE_LIFE),
    };
    for _ in 0..TRIES {
        let user_code = UserCode::new(app.system.entropy());
        if device_codes::insert(&app.db, &device, &digest(app, &user_code)).await? {
            return Ok(Started { device_code, user_code });
        }
    }
    Err(Internal::new("finding a free code", StorageError::Conflict { statement: "device_codes" }).into())
}

/// RFC 8628 §3.4, §3.5: a device asks for its tokens.
pub async fn redeem(
    app: &App,
    client: &Client,
    device_code: &Secret<String>,
    shown: Shown,
) -> Result<Issued, TokenRefused> {
    const UNKNOWN: Refusal =
        Refusal::new(Code::InvalidGrant, "The device_code is unknown or not for this client");
    const EXPIRED: Refusal = Refusal::new(Code::ExpiredToken, "Nobody has answered in time; begin again");
    const PENDING: Refusal = Refusal::new(Code::AuthorizationPending, "The person has not answered yet");
    const HURRIES: Refusal =
        Refusal::new(Code::SlowDown, "Wait five seconds longer from now on between two questions");
    const DENIED: Refusal = Refusal::new(Code::AccessDenied, "The person has refused");
    const STOPPED: Refusal = Refusal::new(Code::AccessDenied, "The city has stopped the application");
    // RFC 8628 §3.5: denied for good; an expired_token would make the device begin again.
    if client.disabled_at.is_some() {
        return Err(STOPPED.into());
    }
    let device = device_codes::by_id(&app.db, &secrets::digest(device_code.expose())).await?;
    let device = device.filter(|device| device.client == client.id).ok_or(UNKNOWN)?;
    let (now, is_approved) = (app.now(), device.state == DeviceState::Approved);
    let until = if is_approved { device.expires_at.plus(LAST_CALL) } else { device.expires_at };
    if now >= until {
        return Err(EXPIRED.into());
    }
    // RFC 8628 §3.5: the pause grows for this and all questions after it. Of two at once one is too early.
    let hurries = device.hurries(now);
    let pause = if hurries { device.pause.saturating_add(PAUSE) } else { device.pause };
    if !device_codes::asked(&app.db, &device, pause, now).await? || hurries {
        return Err(HURRIES.into());
    }
    match device.state {
        DeviceState::Waiting => Err(PENDING.into()),
        DeviceState::Refused => Err(DENIED.into()),
        DeviceState::Approved => {
            let code = PresentedCode {
                code: Secret::new(device.id),
                redirect_uri: Some(String::new()),
                verifier: None,
                resource: None,
                shown,
            };
            token::redeem(app, client, &code).await
        }
    }
}

/// A person has typed a code: the id under which the device waits, for their browser. `browser` is what tells this
/// browser from others.
pub async fn enter(app: &App, typed: &str, browser: &str, source: &str) -> Result<String, EnterRefused> {
    // What cannot be a code guesses nothing.
    let code = UserCode::parse(typed).ok_or(EnterRefused::Unknown)?;
    let key = |kind: &str, value: &str| {
        format!("device-{kind}:{}", app.keyring.keyed_digest("throttle device", value))
    };
    let keys = [(key("browser", browser), GUESSES), (key("source", &network_of(source)), app.source_limit())];
    // Guesses from one address take turns, so that many at once are not more than are allowed.
    let _turn = app.turns.take(&keys[1].0).await;
    let now = app.now();
    for (key, _) in &keys {
        if let Some(until) = throttles::count(&app.db, key).await?.wait(now) {
            return Err(EnterRefused::Wait(until));
        }
    }
    if device_codes::by_user_code(&app.db, &digest(app, &code), now).await?.is_some() {
        return Ok(format!("{PREFIX}{}", code.letters()));
    }
    let mut tx = app.db.begin().await?;
    for (key, limit) in &keys {
        let (count, _) = throttles::failed(&mut tx, key, None, *limit, now).await?;
        if count.wait(now).is_some() {
            tracing::warn!(source, "too many wrong codes of devices; a pause begins");
        }
    }
    tx.commit().await?;
    Err(EnterRefused::Unknown)
}

/// Whether an id is one of a waiting device.
pub fn is_device(request_id: &str) -> bool {
    code_of(request_id).is_some()
}

/// What the pages of the sign-in show of a waiting device.
pub(super) async fn pending(app: &App, request_id: &str) -> Result<Option<Pending>, Internal> {
    let Some((_, client)) = waiting(app, request_id).await? else { return Ok(None) };
    let anew = client.metadata.default_max_age.is_some() || client.metadata.minimum_acr.is_some();
    Ok(Some(Pending {
        showcase: Showcase::of(app, &client).await?,
        client_name: client.name,
        // The browser stays in the house.
        return_origin: app.config.server.issuer().to_owned(),
        login_hint: None,
        expected: None,
        chosen: None,
        ui_locales: None,
        anew,
    }))
}

/// What the application of a device that waits is called, if the city has stopped it meanwhile. The caller has made sure
/// that this browser has typed the code.
pub async fn stopped(app: &App, request_id: &str) -> Result<Option<String>, Internal> {
    let Some(code) = code_of(request_id) else { return Ok(None) };
    let device = device_codes::by_user_code(&app.db, &digest(app, &code), app.now()).await?;
    let Some(device) = device else { return Ok(None) };
    let client = clients::any_by_id(&app.db, device.client).await?;
    Ok(client.filter(|client| client.disabled_at.is_some()).map(|client| client.name))
}

/// What comes next. The caller has made sure that this browser has typed the code.
pub async fn next(app: &App, request_id: &str, current: Option<&Current>) -> Result<Next, Internal> {
    let Some((device, client)) = waiting(app, request_id).await? else { return Ok(Next::Gone) };
    let Some(current) = current else { return Ok(Next::SignIn) };
    let chosen = acting::chosen(app, &client, current, None).await?;
    match step(app, &device, &client, &chosen).await? {
        NextStep::SignIn | NextStep::SelectAccount | NextStep::Refuse(_) => Ok(Next::SignIn),
        NextStep::ChangePassword => Ok(Next::ChangePassword),
        NextStep::SecondFactor(class) => Ok(Next::SecondFactor(class)),
        NextStep::Enrol(class) => Ok(Next::Enrol(class)),
        NextStep::NotAdmitted => {
            let agencies = audience::names(app, &client).await?;
            Ok(Next::NotAdmitted(NotAdmitted {
                application: client.name,
                agencies,
                back: None,
                ui_locales: None,
            }))
        }
        NextStep::Choose => Ok(Next::Choose),
        NextStep::Consent | NextStep::Issue => Ok(Next::Ask(Question {
            showcase: Showcase::of(app, &client).await?,
            application: client.name,
            scopes: device.scopes,
            user_code: code_of(request_id).map(|code| code.to_string()).unwrap_or_default(),
            began_at: device.created_at,
            account: chosen.current.account.id(),
            address: chosen.current.account.profile().address.to_string(),
        })),
    }
}

/// The application of the device that waits under an id, if it is one's.
pub(super) async fn application(app: &App, request_id: &str) -> Result<Option<Client>, Internal> {
    Ok(waiting(app, request_id).await?.map(|(_, client)| client))
}

/// Of several accounts in a browser the one with which the application was last entered, as at the authorization endpoint;
/// `None`: the person chooses.
pub async fn last_used<'a>(
    app: &App,
    request_id: &str,
    roster: &'a Roster,
) -> Result<Option<&'a Current>, Internal> {
    match waiting(app, request_id).await? {
        Some((_, client)) => roster::last_at(app, roster, client.id).await,
        None => Ok(None),
    }
}

/// The person says yes, as the account that the page has `shown`: from now on the device gets its tokens. Tells whether it
/// still waited, and whether the person may say so. The caller has made sure that this browser has typed the code.
pub async fn approve(
    app: &App,
    request_id: &str,
    current: &Current,
    shown: Option<AccountId>,
) -> Result<bool, Internal> {
    let Some((device, client)) = waiting(app, request_id).await? else { return Ok(false) };
    let chosen = acting::chosen(app, &client, current, None).await?;
    let account = &chosen.current.account;
    // Chosen anew meanwhile, in another tab: the page asks once more.
    if shown.is_some_and(|shown| shown != account.id()) {
        return Ok(false);
    }
    if step(app, &device, &client, &chosen).await? != NextStep::Consent {
        return Ok(false);
    }
    let now = app.now();
    let grant = grant(app, &device, &client, &chosen.current);
    let mut tx = app.db.begin().await?;
    if !device_codes::answer(&mut tx, &device.id, DeviceState::Approved, now).await? {
        return Ok(false);
    }
    grants::insert(&mut tx, &grant, &secrets::digest(&device.id)).await?;
    if !clients::take_running(&mut tx, client.id).await? {
        return Ok(false);
    }
    audit::append(&mut tx, &[entry(Act::DeviceApproved, &client, (current, account), now)]).await?;
    applications::entered(&mut tx, &grant).await?;
    tx.commit().await?;
    Ok(true)
}

/// What the device is given: out of the person's session, as themselves or as the mailbox for which they act.
fn grant(app: &App, device: &Device, client: &Client, current: &Current) -> Grant {
    let (now, session) = (app.now(), &current.session);
    let (account, ends_at) = (current.account.id(), device.expires_at.plus(LAST_CALL));
    let actor = (session.account_id != account).then(|| session.account_id.to_string());
    Grant {
        id: FamilyId::new(now, app.system.entropy()),
        client: client.id,
        account,
        session: session.id,
        scopes: device.scopes,
        nonce: None,
        auth_time: session.auth_time,
        proof: session.proof,
        // Nothing that comes with a code at the token endpoint is equal to it.
        redirect_uri: String::new(),
        code_challenge: None,
        details: GrantDetails { actor, ..GrantDetails::default() },
        created_at: now,
        code_expires_at: ends_at,
        code_used_at: None,
        expires_at: ends_at,
        ended_at: None,
    }
}

/// The person says no. Tells whether the device still waited. The caller has made sure that this browser has typed the
/// code.
pub async fn refuse(app: &App, request_id: &str, current: Option<&Current>) -> Result<bool, Internal> {
    let Some((device, client)) = waiting(app, request_id).await? else { return Ok(false) };
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !device_codes::answer(&mut tx, &device.id, DeviceState::Refused, now).await? {
        return Ok(false);
    }
    if let Some(current) = current {
        let entry = entry(Act::DeviceRefused, &client, (current, &current.account), now);
        audit::append(&mut tx, &[entry]).await?;
    }
    tx.commit().await?;
    tracing::info!(client_id = %client.client_id, "a device was refused");
    Ok(true)
}

/// The dispatcher's word on somebody who is signed in. Everybody is asked, each time.
async fn step(app: &App, device: &Device, client: &Client, chosen: &Chosen) -> Result<NextStep, Internal> {
    let Chosen { current, must_choose } = chosen;
    let asked = Asked {
        silent: false,
        anew: false,
        select: false,
        max_age: client.metadata.default_max_age.map(i64::from),
        subject: None,
        acr: None,
        least: client.metadata.minimum_acr,
        consent: Asking::Always,
    };
    let is_admitted = audience::admits(app, client, &current.account).await?;
    // Behind a mailbox stands the person whose session it is: it is they who prove themselves.
    let (factors, demand) =
        (factors::good_of(app, current.session.account_id).await?, app.config.second_factor.staff);
    let held = Held {
        auth_time: current.session.auth_time,
        is_new: current.session.auth_time >= device.created_at,
        is_chosen: false,
        subject: current.account.subject(),
        state: current.account.state(),
        is_overdue: current.is_overdue,
        proof: current.session.proof,
        ladder: demand.ladder(factors),
        must_enrol: demand.must_enrol(factors),
        admission: match (is_admitted, *must_choose) {
            // Which of them the application admits is known once they have chosen.
            (_, true) => Admission::Undecided,
            (true, false) => Admission::Admitted,
            (false, false) => Admission::ShutOut,
        },
        has_agreed: false,
    };
    Ok(next_step(&asked, Some(&held), app.now()))
}

/// The device that waits under an id, and its application.
async fn waiting(app: &App, request_id: &str) -> Result<Option<(Device, Client)>, Internal> {
    let Some(code) = code_of(request_id) else { return Ok(None) };
    let device = device_codes::by_user_code(&app.db, &digest(app, &code), app.now()).await?;
    let Some(device) = device else { return Ok(None) };
    Ok(clients::by_id(&app.db, device.client).await?.map(|client| (device, client)))
}

fn code_of(request_id: &str) -> Option<UserCode> {
    let letters = request_id.strip_prefix(PREFIX)?;
    UserCode::parse(letters).filter(|code| code.letters() == letters)
}

/// Under which a code is kept.
fn digest(app: &App, code: &UserCode) -> String {
    app.keyring.keyed_digest("user code", code.letters())
}

/// A line about an account, by the person whose session it is.
fn entry(act: Act, client: &Client, (current, account): (&Current, &Account), now: Timestamp) -> Entry {
    let actor = Actor::Holder(current.account.profile().address.to_string());
    let entry = Entry::about(now, actor, act, account).with(client.client_id.as_str());
    entry.from(&current.session.source)
}
