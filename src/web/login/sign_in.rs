//! The sign-in page of both doors.

use super::locked::{self, Locked};
use super::{pending, request_of, speak};
use crate::app::App;
use crate::domain::factor::Demand;
use crate::domain::secret;
use crate::domain::session::{Door, Session};
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::keep::Holder;
use crate::http::layers::FormTarget;
use crate::http::{Aged, Failure, Form, Frame, Late, Visitor};
use crate::i18n::Lang;
use crate::services::authorize::{self, Showcase};
use crate::services::factors::passkeys::{self, Purpose};
use crate::services::login::{self, Attempt, LoginRefused, Passed};
use crate::services::{reminders, session};
use crate::urls;
use crate::web::health;
use crate::web::parts::Notice;
use crate::web::second::passkey::{PasskeyForm, place};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignInPage<'a> {
    t: Lang,
    page: Frame,
    application: Option<String>,
    showcase: Option<Showcase>,
    notice: Option<Notice>,
    trouble: Vec<String>,
    request: Option<&'a str>,
    action: String,
    another: bool,
    back: Option<&'a str>,
    identifier: &'a str,
    mail_domain: &'a str,
    passkey: Option<PasskeyForm>,
}

/// What the page shows besides the form.
#[derive(Default)]
struct Shown<'a> {
    request: Option<&'a str>,
    /// Whether the accounts that are signed in stay beside this one.
    another: bool,
    /// The page that they wanted before they were asked to sign in.
    back: Option<&'a str>,
    identifier: &'a str,
    notice: Option<Notice>,
    status: StatusCode,
}

impl<'a> Shown<'a> {
    /// What a form of the page brings along.
    fn of(fields: &'a Fields) -> Self {
        Self {
            request: request_of(fields),
            another: fields.get("another").is_some(),
            back: urls::way_back(fields.text("back")),
            identifier: fields.text("identifier"),
            ..Self::default()
        }
    }
}

/// Shows the form.
pub(in crate::web) async fn show(
    State(app): State<App>,
    mut visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let another = query.get("another").is_some() && visitor.door == Door::Staff;
    let back = urls::way_back(query.text("back"));
    if query.get("locked").is_some()
        && let Some(shown) = locked::again(&app, &visitor, request_of(&query)).await?
    {
        return Ok(shown);
    }
    let Some(request) = request_of(&query) else {
        if let Some(elsewhere) = elsewhere(&app, &visitor, back).await?.filter(|_| !another) {
            return Ok(Redirect::to(elsewhere).into_response());
        }
        let notice = expired(&app, &visitor, &query).await?;
        let ended = query.get("ended").map(|_| Notice::warn(visitor.lang.account_session_ended()));
        let notice = notice.or(ended);
        return page(&app, &visitor, Shown { another, back, notice, ..Shown::default() }).await;
    };
    let Some(pending) = pending(&app, &visitor, Some(request)).await? else {
        let notice = Some(lost(&app, &visitor, request).await?);
        return page(&app, &visitor, Shown { notice, ..Shown::default() }).await;
    };
    visitor.speak(pending.ui_locales.as_deref());
    // The flow may ask for a new proof of somebody who is signed in, or for somebody else.
    let current = visitor.current(&app).await?;
    let chosen = current.as_ref().filter(|current| pending.chosen == Some(current.session.id) && !another);
    let identifier = chosen.map(|current| current.account.profile().address.to_string()).unwrap_or_default();
    let notice = match (&current, &pending.expected) {
        (Some(_), _) if !pending.anew && !another => {
            return Ok(Redirect::to(&urls::onward(Some(request))).into_response());
        }
        (_, Some(address)) => Some(Notice::info(visitor.lang.sign_in_as(address))),
        _ if query.get("ended").is_some() => Some(Notice::warn(visitor.lang.account_session_ended())),
        (Some(_), None) if another => None,
        (Some(_), None) => Some(Notice::info(visitor.lang.sign_in_again())),
        (None, None) => None,
    };
    let identifier = identifier.as_str();
    page(&app, &visitor, Shown { request: Some(request), another, identifier, notice, ..Shown::default() })
        .await
}

/// What is said to somebody whose session was not used for too long; and of a form that they have sent then.
async fn expired(app: &App, visitor: &Visitor, query: &Fields) -> Result<Option<Notice>, Failure> {
    let t = visitor.lang;
    let Some(expired) = query.get("expired") else { return Ok(None) };
    let notice = Notice::warn(t.session_expired()).titled(t.session_expired_title());
    if visitor.keeps_for_a_return(app).await? {
        return Ok(Some(notice.and(t.session_kept())));
    }
    Ok(Some(if expired == "sent" { notice.and(t.session_unsent()) } else { notice }))
}

/// Why a request does not wait for a sign-in: its application was stopped meanwhile, or it has expired. One of another
/// browser tells nothing.
async fn lost(app: &App, visitor: &Visitor, request: &str) -> Result<Notice, Failure> {
    let is_known = visitor.knows_request(request).await?;
    let stopped = if is_known { authorize::stopped(app, request).await? } else { None };
    Ok(match stopped {
        Some(name) => Notice::warn(visitor.lang.request_stopped(&name)),
        None => Notice::warn(visitor.lang.request_expired()),
    })
}

/// Where somebody goes who need not sign in: to the page they want, to the portal, or to choose among the accounts that are
/// left.
async fn elsewhere<'a>(
    app: &App,
    visitor: &Visitor,
    back: Option<&'a str>,
) -> Result<Option<&'a str>, Failure> {
    if visitor.current(app).await?.is_some() {
        return Ok(back.or(Some(urls::HOME)));
    }
    Ok(visitor.roster(app).await?.first().map(|_| urls::CHOOSE_ACCOUNT))
}

/// Takes the form.
pub(in crate::web) async fn send(State(app): State<App>, form: Aged) -> Result<Response, Failure> {
    let Form { fields, mut visitor } = match form {
        Aged::Good(form) => form,
        Aged::Late(late) => return open_too_long(&app, late).await,
    };
    let shown = Shown::of(&fields);
    let (request, another) = (shown.request, shown.another);
    speak(&app, &mut visitor, request).await?;
    if let Some(words) = missing(visitor.lang, &fields) {
        let (notice, status) = (Some(Notice::danger(words)), StatusCode::UNPROCESSABLE_ENTITY);
        return page(&app, &visitor, Shown { notice, status, ..shown }).await;
    }
    match attempt(&app, &visitor, &fields).await {
        Ok(Passed::Open(session)) => {
            visitor.sign_in(&app, &session, another).await?;
            visitor.remember_back(&app, shown.back.unwrap_or_default()).await?;
            Ok(Redirect::to(&reminded(&app, &visitor, &session, request).await?).into_response())
        }
        Ok(Passed::Half(id)) => {
            visitor.begin_second_step(&app, id.expose(), (another, request)).await?;
            visitor.remember_back(&app, shown.back.unwrap_or_default()).await?;
            Ok(Redirect::to(&urls::with_request(urls::SECOND_STEP, request)).into_response())
        }
        Err(LoginRefused::Locked { account, reason, since, unlock }) => {
            locked::page(&app, &visitor, &Locked { account: &account, reason, since, unlock, request }).await
        }
        Err(LoginRefused::Disowned(account)) => locked::disowned(&app, &visitor, &account, request).await,
        Err(LoginRefused::Internal(internal)) => Err(internal.into()),
        Err(refused) => refuse(&app, &visitor, shown, (&refused, fields.text("password"))).await,
    }
}

/// The page again for whoever had it open for too long, with what they have typed but for the password. Nothing was done.
/// Whoever has signed in meanwhile, in another tab, goes on as from the page that they would open now.
pub(super) async fn open_too_long(app: &App, late: Late) -> Result<Response, Failure> {
    let Late { fields, mut visitor } = late;
    let mut shown = Shown { status: StatusCode::FORBIDDEN, ..Shown::of(&fields) };
    speak(app, &mut visitor, shown.request).await?;
    if let Some(to) = signed_in_meanwhile(app, &visitor, &shown).await? {
        return Ok(Redirect::to(&to).into_response());
    }
    let t = visitor.lang;
    let mut notice = Notice::info(t.sign_in_open_too_long());
    // The request of the application may have been forgotten with the browser.
    if let Some(request) = shown.request
        && pending(app, &visitor, shown.request).await?.is_none()
    {
        notice = lost(app, &visitor, request).await?;
        shown.request = None;
    }
    shown.notice = Some(notice.titled(t.form_expired_title()));
    page(app, &visitor, shown).await
}

/// Where somebody goes on who is signed in, and of whom nothing asks for a new proof. Of what was typed nothing is looked at:
/// without the token of its page it signs nobody in.
async fn signed_in_meanwhile(
    app: &App,
    visitor: &Visitor,
    shown: &Shown<'_>,
) -> Result<Option<String>, Failure> {
    if shown.another || visitor.current(app).await?.is_none() {
        return Ok(None);
    }
    let Some(request) = shown.request else {
        return Ok(Some(shown.back.unwrap_or(urls::HOME).to_owned()));
    };
    let waiting = pending(app, visitor, Some(request)).await?;
    Ok(waiting.filter(|waiting| !waiting.anew).map(|_| urls::onward(Some(request))))
}

/// Where a sign-in leads that has opened a session: to a form that was sent after the last one had ended, too.
pub(in crate::web) async fn reminded(
    app: &App,
    visitor: &Visitor,
    session: &Session,
    request: Option<&str>,
) -> Result<String, Failure> {
    let holder = Holder::within(session.account_id, session.id);
    if request.is_none() && visitor.kept(app, holder).await?.is_some() {
        visitor.take_back(app).await?;
        return Ok(urls::KEPT.to_owned());
    }
    let reminds = reminds(app, session).await?;
    Ok(if reminds { urls::with_request(urls::REMINDER, request) } else { urls::onward(request) })
}

/// Whether the sign-in stops to remind of a term that is about to end.
async fn reminds(app: &App, session: &Session) -> Result<bool, Failure> {
    if session.door != Door::Staff {
        return Ok(false);
    }
    let current = session::current(app, session.id, session.door).await?;
    let reminder = current.and_then(|current| reminders::due(app, &current));
    Ok(reminder.is_some_and(|reminder| reminder.working_days <= reminders::PRESSING))
}

fn missing(t: Lang, fields: &Fields) -> Option<&'static str> {
    match (fields.get("identifier"), fields.get("password")) {
        (None, _) => Some(t.fill_in_identifier()),
        (_, None) => Some(t.fill_in_password()),
        (Some(_), Some(_)) => None,
    }
}

async fn attempt(app: &App, visitor: &Visitor, fields: &Fields) -> Result<Passed, LoginRefused> {
    let password = secret::password(fields.text("password")).ok_or(LoginRefused::Wrong)?;
    let attempt = Attempt {
        identifier: fields.text("identifier"),
        password: &password,
        door: visitor.door,
        source: &visitor.source,
        user_agent: &visitor.user_agent,
        remembered: &visitor.remembered,
    };
    login::sign_in(app, &attempt).await
}

/// The form after a passkey that did not open.
pub(super) async fn refuse_passkey(
    app: &App,
    visitor: &Visitor,
    (fields, is_late): (&Fields, bool),
    refused: &LoginRefused,
) -> Result<Response, Failure> {
    let (status, notice) = match refused {
        LoginRefused::Wrong if is_late => {
            (StatusCode::UNPROCESSABLE_ENTITY, Notice::info(visitor.lang.passkey_open_too_long()))
        }
        LoginRefused::Wrong => {
            (StatusCode::UNPROCESSABLE_ENTITY, Notice::danger(visitor.lang.passkey_refused()))
        }
        LoginRefused::NotAnAdministrator => {
            (StatusCode::FORBIDDEN, Notice::danger(visitor.lang.console_not_administrator_title()))
        }
        refused => words(app, visitor.lang, refused),
    };
    page(app, visitor, Shown { notice: Some(notice), status, ..Shown::of(fields) }).await
}

/// The form again, with what went wrong.
async fn refuse(
    app: &App,
    visitor: &Visitor,
    shown: Shown<'_>,
    (refused, typed): (&LoginRefused, &str),
) -> Result<Response, Failure> {
    let (status, notice) = words(app, visitor.lang, refused);
    // Said of what was typed, whoever it is about: the script of the page says it too, where there is one.
    let is_accented = matches!(refused, LoginRefused::Wrong) && !typed.is_ascii();
    let notice = if is_accented { notice.and(visitor.lang.input_method_on()) } else { notice };
    let mut response = page(app, visitor, Shown { notice: Some(notice), status, ..shown }).await?;
    if let LoginRefused::Wait(until) = refused {
        let seconds = until.since(app.now()).whole_seconds().max(1);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

fn words(app: &App, t: Lang, refused: &LoginRefused) -> (StatusCode, Notice) {
    match refused {
        LoginRefused::Wait(until) => (StatusCode::TOO_MANY_REQUESTS, throttled(t, *until, app.now())),
        LoginRefused::NotNow => (StatusCode::FORBIDDEN, Notice::warn(t.not_now()).titled(t.not_now_title())),
        LoginRefused::BeingOpened(system) => {
            let title = t.being_opened_title(t.mail_system_name(*system));
            (StatusCode::SERVICE_UNAVAILABLE, Notice::warn(t.being_opened()).titled(title))
        }
        LoginRefused::Unreachable(system) => {
            let title = t.directory_unreachable_title(t.mail_system_name(*system));
            let is_cached = app.config.outage.cached_sign_in;
            let words = if is_cached { t.cached_refused() } else { t.directory_unreachable() };
            (StatusCode::SERVICE_UNAVAILABLE, Notice::warn(words).titled(title))
        }
        LoginRefused::NotAnAdministrator => {
            let notice = Notice::danger(t.console_not_administrator());
            (StatusCode::FORBIDDEN, notice.titled(t.console_not_administrator_title()))
        }
        LoginRefused::ChangeFirst => {
            let notice = Notice::warn(t.console_change_first(app.config.server.issuer()));
            (StatusCode::FORBIDDEN, notice.titled(t.console_change_first_title()))
        }
        LoginRefused::Wrong
        | LoginRefused::Locked { .. }
        | LoginRefused::Disowned(_)
        | LoginRefused::Internal(_) => {
            let tries = app.account_limit().failures.unsigned_abs();
            let notice = Notice::danger(t.wrong_password_then(tries)).titled(t.wrong_password());
            (StatusCode::UNPROCESSABLE_ENTITY, notice)
        }
    }
}

/// Until when to wait: the hour is enough for today, another day is named.
pub(in crate::web) fn throttled(t: Lang, until: Timestamp, now: Timestamp) -> Notice {
    let time =
        if until.local_date() == now.local_date() { t.clock(until.local()) } else { t.moment(until.local()) };
    Notice::danger(t.throttled_until(&time)).titled(t.throttled_title())
}

async fn page(app: &App, visitor: &Visitor, shown: Shown<'_>) -> Result<Response, Failure> {
    let pending = pending(app, visitor, shown.request).await?;
    let hint = pending.as_ref().and_then(|p| p.login_hint.clone()).unwrap_or_default();
    let identifier = if shown.identifier.is_empty() { hint.as_str() } else { shown.identifier };
    // where the page already says that the directory did not answer, it is not said twice
    let is_calm = visitor.door == Door::Staff && shown.status != StatusCode::SERVICE_UNAVAILABLE;
    let frame = visitor.frame(app).await?;
    let passkey = if app.config.second_factor.at(visitor.door) == Demand::Off {
        None
    } else {
        passkeys::ask(app, place(visitor, &frame.csrf), Purpose::SignIn, None).await?
    };
    let page = SignInPage {
        t: visitor.lang,
        passkey: passkey.map(|asking| PasskeyForm {
            action: urls::with_back(&urls::with_request(urls::SIGN_IN_PASSKEY, shown.request), shown.back),
            back: shown.back.map(str::to_owned),
            another: shown.another,
            ..PasskeyForm::new(asking, Purpose::SignIn, urls::SIGN_IN_PASSKEY, shown.request)
        }),
        page: frame,
        application: pending.as_ref().map(|p| p.client_name.clone()),
        showcase: pending.as_ref().map(|p| p.showcase.clone()),
        notice: shown.notice,
        trouble: if is_calm { health::trouble(app, visitor.lang) } else { Vec::new() },
        request: shown.request,
        action: urls::with_back(&urls::with_request(urls::SIGN_IN, shown.request), shown.back),
        another: shown.another,
        back: shown.back,
        identifier,
        mail_domain: &app.config.city.mail_domain,
    };
    let mut response = html_with(shown.status, &page)?;
    if let (Door::Staff, Some(pending)) = (visitor.door, pending) {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}
