//! The page for a new password: in the frame of the sign-in when it is demanded, else in the portal.

use super::finish;
use super::rules::{self, Holder, RuleView};
use crate::app::App;
use crate::domain::account::{MustChange, State as AccountState};
use crate::domain::factor::Demand;
use crate::domain::policy::password::BrokenRule;
use crate::domain::secret;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, SignedIn};
use crate::i18n::Lang;
use crate::services::password::{self as passwords, ChangeForm, ChangeRefused};
use crate::urls;
use crate::web::login::sign_in::throttled;
use crate::web::login::{pending, request_of, speak};
use crate::web::parts::{DeadlineView, Notice};
use crate::web::second::offer;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// The form itself, the same in both frames.
struct PasswordForm<'a> {
    notice: Option<Notice>,
    /// Where the passwords that the house does not write are changed.
    elsewhere: Vec<String>,
    /// Whether there is one that it writes.
    is_open: bool,
    action: String,
    request: Option<&'a str>,
    address: &'a str,
    current_label: &'static str,
    current_error: Option<&'static str>,
    new_error: Option<&'static str>,
    repeat_error: Option<&'static str>,
    rules: Vec<RuleView>,
}

#[derive(Template)]
#[template(path = "sign_in/first_password.html")]
struct ForcedPage<'a> {
    t: Lang,
    page: Frame,
    lead: &'static str,
    /// Whether it is the first day.
    is_first: bool,
    deadline: Option<DeadlineView>,
    form: PasswordForm<'a>,
}

#[derive(Template)]
#[template(path = "portal/password.html")]
struct WishedPage<'a> {
    t: Lang,
    page: Frame,
    deadline: Option<DeadlineView>,
    form: PasswordForm<'a>,
}

/// What came of the form, if it was sent.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    notice: Option<Notice>,
    current_error: Option<&'static str>,
    new_error: Option<&'static str>,
    repeat_error: Option<&'static str>,
    broken: Option<Vec<BrokenRule>>,
}

/// Shows the form; or the way to finish, if a mail system has not taken the last change yet.
pub(in crate::web) async fn show(
    State(app): State<App>,
    mut signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    speak(&app, &mut signed.visitor, request_of(&query)).await?;
    let form = passwords::form(&app, &signed.current).await?;
    if !form.lagging.is_empty() {
        return finish::page(&app, &signed, &form, request_of(&query), None).await;
    }
    page(&app, &signed, &form, request_of(&query), Shown::default()).await
}

/// Takes the form.
pub(in crate::web) async fn send(
    State(app): State<App>,
    mut signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let request = request_of(&fields);
    speak(&app, &mut signed.visitor, request).await?;
    let form = passwords::form(&app, &signed.current).await?;
    if let Some(shown) = incomplete(signed.visitor.lang, &fields) {
        return page(&app, &signed, &form, request, shown).await;
    }
    let (old, new) = (secret::password(fields.text("current")), secret::password(fields.text("new")));
    let result = match (old, new) {
        (Some(old), Some(new)) => passwords::change(&app, &signed.current, &old, &new).await,
        (_, None) => Err(ChangeRefused::Broken(vec![BrokenRule::TooLong])),
        (None, _) => Err(ChangeRefused::WrongOld),
    };
    if result.is_ok() {
        // Also where one mail system lags: whoever has copied the cookie knows the old password at most.
        signed.visitor.renew().await?;
    }
    match result {
        Ok(changed) if changed.is_complete() => {
            // It counts as a proof: a cookie that was copied before opens no more than it did.
            signed.visitor.renew().await?;
            Ok(Redirect::to(&next(&app, &signed, &form, request).await?).into_response())
        }
        Ok(changed) => finish::page(&app, &signed, &form, request, Some(&changed)).await,
        Err(ChangeRefused::Internal(internal)) => Err(internal.into()),
        Err(ChangeRefused::WrongState) => {
            Ok(Redirect::to(&urls::with_request(urls::PASSWORD, request)).into_response())
        }
        Err(refused) => page(&app, &signed, &form, request, words(&app, signed.visitor.lang, refused)).await,
    }
}

/// Where a complete change leads: back to the application that waits, or to the portal with a notice.
fn done(request: Option<&str>) -> String {
    match request {
        Some(_) => urls::onward(request),
        None => format!("{}?note=password", urls::HOME),
    }
}

/// Where a complete change leads; on the first day to the step that offers a second factor, also if one mail system took the
/// password late: by then the state of the account tells nothing of it; after "it was not me" to what somebody else may have
/// set up.
pub(super) async fn next(
    app: &App,
    signed: &SignedIn,
    form: &ChangeForm,
    request: Option<&str>,
) -> Result<String, Failure> {
    let why = initial_why(signed);
    if why == Some(MustChange::NotMe) && app.config.second_factor.staff != Demand::Off {
        return Ok(format!("{}?note=not-me", urls::SECURITY));
    }
    let is_first = form.first_lags || why == Some(MustChange::DefaultPassword);
    Ok(if is_first && offer::is_due(app, &signed.current).await? {
        urls::with_request(urls::FIRST_DAY, request)
    } else {
        done(request)
    })
}

/// A form that need not be sent to any directory.
fn incomplete(t: Lang, fields: &Fields) -> Option<Shown> {
    let current_error = fields.get("current").is_none().then(|| t.fill_in_current());
    let new_error = fields.get("new").is_none().then(|| t.fill_in_new());
    let differ = fields.text("new") != fields.text("repeat");
    let repeat_error = (new_error.is_none() && differ).then(|| t.repeat_differs());
    let complete = current_error.is_none() && new_error.is_none() && repeat_error.is_none();
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    (!complete).then_some(Shown { status, current_error, new_error, repeat_error, ..Shown::default() })
}

fn words(app: &App, t: Lang, refused: ChangeRefused) -> Shown {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    match refused {
        ChangeRefused::Broken(broken) => {
            let notice = Notice::danger(t.nothing_changed()).titled(t.rules_broken_title());
            Shown { status, notice: Some(notice), broken: Some(broken), ..Shown::default() }
        }
        ChangeRefused::Wait(until) => {
            let notice = Some(throttled(t, until, app.now()));
            Shown { status: StatusCode::TOO_MANY_REQUESTS, notice, ..Shown::default() }
        }
        ChangeRefused::Policy(system, says) => {
            let title = format!("{}: {}", t.mail_system_name(system), t.result_refused());
            let notice = Notice::danger(t.nothing_changed()).titled(title).and(t.system_says(&says));
            Shown { status, notice: Some(notice), ..Shown::default() }
        }
        ChangeRefused::Unreachable(system) => {
            let title = t.directory_unreachable_title(t.mail_system_name(system));
            let notice = Notice::warn(t.nothing_changed()).titled(title);
            Shown { status: StatusCode::SERVICE_UNAVAILABLE, notice: Some(notice), ..Shown::default() }
        }
        ChangeRefused::WrongOld | ChangeRefused::WrongState | ChangeRefused::Internal(_) => {
            Shown { status, current_error: Some(t.current_wrong()), ..Shown::default() }
        }
    }
}

async fn page(
    app: &App,
    signed: &SignedIn,
    form: &ChangeForm,
    request: Option<&str>,
    shown: Shown,
) -> Result<Response, Failure> {
    let t = signed.visitor.lang;
    let profile = signed.current.account.profile();
    let policy = &app.config.policy;
    let holder = Holder { profile, systems: &form.systems };
    let deadline = form.deadline.as_ref().map(|d| DeadlineView::new(t, d, app.now()));
    let initial = initial_why(signed) == Some(MustChange::DefaultPassword);
    let fields = PasswordForm {
        notice: shown.notice,
        elsewhere: form
            .elsewhere
            .iter()
            .map(|(system, place)| t.password_elsewhere(t.mail_system_name(*system), place))
            .collect(),
        is_open: !form.systems.is_empty(),
        action: urls::with_request(urls::PASSWORD, request),
        request,
        address: profile.address.as_str(),
        current_label: match initial_why(signed) {
            Some(MustChange::DefaultPassword) => t.initial_password(),
            Some(MustChange::Reset) => t.reset_or_current_password(),
            _ => t.current_password(),
        },
        current_error: shown.current_error,
        new_error: shown.new_error,
        repeat_error: shown.repeat_error,
        rules: rules::rules(t, &policy.password, &holder, shown.broken.as_deref()),
    };
    let page = signed.frame(app).await?;
    let mut response = if form.forced {
        html_with(
            shown.status,
            &ForcedPage { t, page, lead: lead(t, signed), is_first: initial, deadline, form: fields },
        )?
    } else {
        html_with(shown.status, &WishedPage { t, page, deadline, form: fields })?
    };
    if let Some(pending) = pending(app, &signed.visitor, request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}

fn initial_why(signed: &SignedIn) -> Option<MustChange> {
    match *signed.current.account.state() {
        AccountState::MustChangePassword { why, .. } => Some(why),
        _ => None,
    }
}

/// Why the person stands here.
fn lead(t: Lang, signed: &SignedIn) -> &'static str {
    match initial_why(signed) {
        _ if signed.current.is_overdue => t.overdue_password(),
        Some(MustChange::Reset) => t.reset_password(),
        Some(MustChange::LockLifted) => t.unlocked_password(),
        Some(MustChange::NotMe) => t.not_me_password(),
        Some(MustChange::Demanded) => t.demanded_password(),
        Some(MustChange::DefaultPassword) | None => t.first_password(),
    }
}
