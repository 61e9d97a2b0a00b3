//! One open session: looked at, and ended with a reason, alone or with every other one of its holder.

use super::account::seen;
use super::sessions::{Facts, Narrowing};
use crate::app::App;
use crate::domain::id::SessionId;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::account_desk;
use crate::services::lock::LockRefused;
use crate::services::session_desk;
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// The word in a form for every session.
const ALL: &str = "all";

#[derive(Template)]
#[template(path = "admin/session.html")]
struct SessionPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    here: String,
    back: String,
    /// What the list was narrowed to.
    kept: Vec<(&'static str, String)>,
    account: String,
    name: String,
    address: String,
    version: i64,
    /// Nothing if it is over.
    facts: Option<Facts>,
    reason_error: Option<&'static str>,
    reason: String,
}

/// What came of a form that did nothing.
#[derive(Default)]
struct Refused {
    status: StatusCode,
    notice: Option<Notice>,
    reason_error: Option<&'static str>,
    reason: String,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let narrowing = Narrowing::read(&query_of(query)?);
    page(&app, &by, parse(&id)?, (&narrowing, Refused::default())).await
}

/// Ends it, or all of its holder.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (t, id, narrowing) = (by.visitor.lang, parse(&id)?, Narrowing::read(&fields));
    let look = session_desk::look(&app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let only = (fields.text("which") != ALL).then_some(id);
    let (seen, why) = (seen(look.account.id(), &fields)?, fields.text("reason"));
    let said = |words: &str| Refused {
        status: StatusCode::CONFLICT,
        notice: Some(Notice::warn(words)),
        ..Refused::default()
    };
    let refused = match account_desk::end_sessions(&app, &by.administrator, seen, only, why).await {
        Ok(true) => {
            let list = narrowing.address_at(urls::SESSIONS, Some(("note", "ended")));
            return Ok(Redirect::to(&list).into_response());
        }
        Ok(false) => said(t.nothing_to_end()),
        Err(LockRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(LockRefused::NotFound) => return Err(Failure::NotFound),
        Err(LockRefused::Internal(internal)) => return Err(internal.into()),
        Err(LockRefused::NoReason) => Refused {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            reason_error: Some(t.reason_needed()),
            ..Refused::default()
        },
        Err(_) => said(t.changed_meanwhile()),
    };
    page(&app, &by, id, (&narrowing, Refused { reason: why.to_owned(), ..refused })).await
}

fn parse(id: &str) -> Result<SessionId, Failure> {
    id.parse().map_err(|_| Failure::NotFound)
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: SessionId,
    (narrowing, refused): (&Narrowing, Refused),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let look = session_desk::look(app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let here = urls::OPEN_SESSION.replace("{id}", &id.to_string());
    let frame = super::frame(app, by).await?;
    let profile = look.account.profile();
    let page = SessionPage {
        t,
        page: super::at(frame, t, &narrowing.address_at(&here, None)),
        notice: refused.notice,
        here,
        back: narrowing.address_at(urls::SESSIONS, None),
        kept: narrowing.fields(),
        account: urls::account(look.account.id()),
        name: profile.display_name.clone(),
        address: profile.address.to_string(),
        version: look.account.version(),
        facts: look.session.as_ref().map(|session| Facts::new(app, t, session)),
        reason_error: refused.reason_error,
        reason: refused.reason,
    };
    html_with(refused.status, &page)
}
