//! What each mail system answered to a new password, and the way to finish where one lags behind.

use super::change::next;
use crate::app::App;
use crate::domain::mailbox::MailSystem;
use crate::domain::secret;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, SignedIn};
use crate::i18n::Lang;
use crate::services::password::{self as passwords, ChangeForm, ChangeRefused, Changed, Outcome};
use crate::urls;
use crate::web::login::sign_in::throttled;
use crate::web::login::{pending, request_of};
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// One mail system's answer.
struct SystemResult {
    system: &'static str,
    words: String,
    badge: &'static str,
    short: &'static str,
}

/// The page, the same in both frames.
struct Finish<'a> {
    notice: Notice,
    results: Vec<SystemResult>,
    lagging: String,
    action: String,
    request: Option<&'a str>,
    address: &'a str,
    error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "sign_in/password_done.html")]
struct ForcedPage<'a> {
    t: Lang,
    page: Frame,
    finish: Finish<'a>,
}

#[derive(Template)]
#[template(path = "portal/password_done.html")]
struct WishedPage<'a> {
    t: Lang,
    page: Frame,
    finish: Finish<'a>,
}

/// What went wrong with the last attempt to finish.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    notice: Option<Notice>,
    error: Option<&'static str>,
}

/// Shows the way to finish, if there is something to finish.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let request = request_of(&query);
    let form = passwords::form(&app, &signed.current).await?;
    if form.lagging.is_empty() {
        return Ok(Redirect::to(&urls::with_request(urls::PASSWORD, request)).into_response());
    }
    page(&app, &signed, &form, request, None).await
}

/// Takes the new password once more and gives it to the mail system that lags behind.
pub(in crate::web) async fn send(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = signed.visitor.lang;
    let request = request_of(&fields);
    let form = passwords::form(&app, &signed.current).await?;
    let result = match fields.get("new").and_then(secret::password) {
        Some(new) => passwords::finish(&app, &signed.current, &new).await,
        None => Err(ChangeRefused::WrongOld),
    };
    if result.is_ok() {
        signed.visitor.renew().await?;
    }
    let shown = match result {
        Ok(changed) if changed.is_complete() => {
            return Ok(Redirect::to(&next(&app, &signed, &form, request).await?).into_response());
        }
        Ok(changed) => return page(&app, &signed, &form, request, Some(&changed)).await,
        Err(ChangeRefused::WrongState) => {
            return Ok(Redirect::to(&urls::with_request(urls::PASSWORD, request)).into_response());
        }
        Err(ChangeRefused::Internal(internal)) => return Err(internal.into()),
        Err(ChangeRefused::Wait(until)) => Shown {
            status: StatusCode::TOO_MANY_REQUESTS,
            notice: Some(throttled(t, until, app.now())),
            error: None,
        },
        Err(ChangeRefused::Unreachable(system)) => Shown {
            status: StatusCode::SERVICE_UNAVAILABLE,
            notice: Some(
                Notice::warn(t.directory_unreachable())
                    .titled(t.directory_unreachable_title(t.mail_system_name(system))),
            ),
            error: None,
        },
        Err(ChangeRefused::WrongOld | ChangeRefused::Broken(_) | ChangeRefused::Policy(..)) => Shown {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            notice: None,
            error: Some(t.current_wrong_finish()),
        },
    };
    render(&app, &signed, &form, request, (results(t, &form, None), shown)).await
}

/// The page after a change that did not reach every mail system; `changed` is `None` when it happened earlier.
pub(super) async fn page(
    app: &App,
    signed: &SignedIn,
    form: &ChangeForm,
    request: Option<&str>,
    changed: Option<&Changed>,
) -> Result<Response, Failure> {
    let results = results(signed.visitor.lang, form, changed);
    render(app, signed, form, request, (results, Shown::default())).await
}

async fn render(
    app: &App,
    signed: &SignedIn,
    form: &ChangeForm,
    request: Option<&str>,
    (results, shown): (Vec<SystemResult>, Shown),
) -> Result<Response, Failure> {
    let t = signed.visitor.lang;
    let lagging: Vec<_> = results.iter().filter(|r| r.badge != "is-ok").map(|r| r.system).collect();
    let finish = Finish {
        notice: shown.notice.unwrap_or_else(|| Notice::warn(t.partly())),
        lagging: lagging.join(", "),
        action: urls::with_request(urls::PASSWORD_FINISH, request),
        results,
        request,
        address: signed.current.account.profile().address.as_str(),
        error: shown.error,
    };
    let page = signed.frame(app).await?;
    let mut response = if form.forced {
        html_with(shown.status, &ForcedPage { t, page, finish })?
    } else {
        html_with(shown.status, &WishedPage { t, page, finish })?
    };
    if let Some(pending) = pending(app, &signed.visitor, request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}

/// The answers, in the order of the mail systems; without a change just made, who has it and who lags.
fn results(t: Lang, form: &ChangeForm, changed: Option<&Changed>) -> Vec<SystemResult> {
    let outcome = |system: &MailSystem| match changed {
        Some(changed) => {
            changed.outcomes.iter().find(|(one, _)| one == system).map(|(_, outcome)| outcome.clone())
        }
        None if form.lagging.contains(system) => None,
        None => Some(Outcome::Taken),
    };
    let line = |system: &MailSystem| {
        let (words, badge, short) = match outcome(system) {
            Some(Outcome::Taken) => (t.result_done().to_owned(), "is-ok", t.result_done_short()),
            Some(Outcome::Refused(says)) => {
                let words = format!("{}. {}", t.result_refused(), t.system_says(&says));
                (words, "is-danger", t.result_open_short())
            }
            Some(Outcome::Failed) => (t.result_unreachable().to_owned(), "is-warn", t.result_open_short()),
            None => (t.result_waiting().to_owned(), "is-warn", t.result_open_short()),
        };
        SystemResult { system: t.mail_system_name(*system), words, badge, short }
    };
    form.systems.iter().map(line).collect()
}
