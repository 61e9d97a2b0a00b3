//! A new password for whoever has proven enough without the old one.

use super::request_of;
use crate::app::App;
use crate::domain::account::{Account, State as AccountState};
use crate::domain::mailbox::MailSystem;
use crate::domain::policy::password::BrokenRule;
use crate::domain::secret;
use crate::http::form::Fields;
use crate::http::{Failure, Form, Frame, Visitor};
use crate::i18n::Lang;
use crate::services::self_help::{self, RecoverRefused};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::password::rules::{self, Holder, RuleView};
use crate::web::{html, html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "sign_in/recover.html")]
struct RecoverPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    is_locked: bool,
    address: &'a str,
    request: Option<&'a str>,
    form: NewPassword,
}

/// The fields of the new password, as on the page of the usual change.
struct NewPassword {
    new_error: Option<&'static str>,
    repeat_error: Option<&'static str>,
    rules: Vec<RuleView>,
}

#[derive(Template)]
#[template(path = "sign_in/recovered.html")]
struct RecoveredPage {
    t: Lang,
    page: Frame,
    lags: Option<String>,
    sign_in: String,
}

/// What came of the form, if it was sent.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    notice: Option<Notice>,
    new_error: Option<&'static str>,
    repeat_error: Option<&'static str>,
    broken: Option<Vec<BrokenRule>>,
}

/// Shows the form.
pub(in crate::web) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    page(&app, &visitor, &query_of(query)?, Shown::default()).await
}

/// Sets the new password.
pub(in crate::web) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let Form { fields, visitor } = form;
    let t = visitor.lang;
    let Some(id) = visitor.half().await? else { return Ok(begin_anew(&fields)) };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let new_error = fields.get("new").is_none().then(|| t.fill_in_new());
    let repeat_error = (fields.text("new") != fields.text("repeat")).then(|| t.repeat_differs());
    if new_error.is_some() || repeat_error.is_some() {
        let shown = Shown { status, new_error, repeat_error, ..Shown::default() };
        return page(&app, &visitor, &fields, shown).await;
    }
    let result = match secret::password(fields.text("new")) {
        Some(new) => self_help::set_password(&app, &id, &new).await,
        None => Err(RecoverRefused::Broken(vec![BrokenRule::TooLong])),
    };
    let shown = match result {
        Ok(lagging) => return done(&app, &visitor, &fields, &lagging).await,
        Err(RecoverRefused::Gone) => return Ok(begin_anew(&fields)),
        Err(RecoverRefused::Internal(internal)) => return Err(internal.into()),
        Err(RecoverRefused::Broken(broken)) => {
            let notice = Notice::danger(t.nothing_changed()).titled(t.rules_broken_title());
            Shown { status, notice: Some(notice), broken: Some(broken), ..Shown::default() }
        }
        Err(RecoverRefused::Policy(system, says)) => {
            let title = format!("{}: {}", t.mail_system_name(system), t.result_refused());
            let notice = Notice::danger(t.system_says(&says)).titled(title);
            Shown { status, notice: Some(notice), ..Shown::default() }
        }
        Err(RecoverRefused::Unreachable(system)) => {
            let title = t.directory_unreachable_title(t.mail_system_name(system));
            let notice = Some(Notice::warn(t.recover_unreachable()).titled(title));
            Shown { status: StatusCode::SERVICE_UNAVAILABLE, notice, ..Shown::default() }
        }
    };
    page(&app, &visitor, &fields, shown).await
}

async fn done(
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    lagging: &[MailSystem],
) -> Result<Response, Failure> {
    let t = visitor.lang;
    let systems: Vec<_> = lagging.iter().map(|system| t.mail_system_name(*system)).collect();
    html(&RecoveredPage {
        t,
        // Nothing shows again what came of it.
        page: visitor.frame(app).await?.once(),
        lags: (!systems.is_empty()).then(|| t.recover_lags(&systems.join(", "))),
        sign_in: urls::with_request(urls::SIGN_IN, request_of(fields)),
    })
}

fn begin_anew(fields: &Fields) -> Response {
    Redirect::to(&urls::with_request(urls::SIGN_IN, request_of(fields))).into_response()
}

async fn page(app: &App, visitor: &Visitor, fields: &Fields, shown: Shown) -> Result<Response, Failure> {
    let Some(id) = visitor.half().await? else { return Ok(begin_anew(fields)) };
    let Some((account, systems)) = self_help::waiting(app, &id).await? else { return Ok(begin_anew(fields)) };
    let (t, profile) = (visitor.lang, account.profile());
    let holder = Holder { profile, systems: &systems };
    let page = RecoverPage {
        t,
        page: visitor.frame(app).await?,
        notice: shown.notice,
        is_locked: is_locked(&account),
        address: profile.address.as_str(),
        request: request_of(fields),
        form: NewPassword {
            new_error: shown.new_error,
            repeat_error: shown.repeat_error,
            rules: rules::rules(t, &app.config.policy.password, &holder, shown.broken.as_deref()),
        },
    };
    html_with(shown.status, &page)
}

const fn is_locked(account: &Account) -> bool {
    matches!(account.state(), AccountState::Locked { .. })
}
