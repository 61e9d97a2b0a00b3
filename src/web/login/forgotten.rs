//! A forgotten password, for whoever can prove enough without it: a passkey, or two codes at once. Everybody else reads whom
//! to call.

use super::request_of;
use crate::app::App;
use crate::domain::factor::Demand;
use crate::domain::session::Door;
use crate::http::form::Fields;
use crate::http::{Failure, Form, Frame, Visitor};
use crate::i18n::Lang;
use crate::services::factors::codes::CodeRefused;
use crate::services::factors::passkeys::{self, Purpose};
use crate::services::self_help::{self, Asker, Shown};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::second::passkey::{PasskeyForm, answer_of, place};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "sign_in/forgotten.html")]
struct ForgottenPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    is_open: bool,
    identifier: &'a str,
    mail_domain: &'a str,
    passkey: Option<PasskeyForm>,
    request: Option<&'a str>,
}

/// Shows the ways.
pub(in crate::web) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    page(&app, &visitor, &query_of(query)?, (StatusCode::OK, None)).await
}

/// Takes what proves the person.
pub(in crate::web) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let Form { fields, visitor } = form;
    let (t, answer) = (visitor.lang, answer_of(&fields));
    let asker = Asker {
        place: place(&visitor, fields.text("csrf")),
        source: &visitor.source,
        user_agent: &visitor.user_agent,
    };
    let shown = answer.as_ref().map_or_else(
        || Shown::Codes {
            identifier: fields.text("identifier"),
            code: fields.text("code"),
            recovery: fields.text("recovery"),
        },
        Shown::Passkey,
    );
    match self_help::prove(&app, &asker, shown).await {
        Ok(id) => {
            let request = request_of(&fields);
            visitor.begin_second_step(&app, id.expose(), (false, request)).await?;
            Ok(Redirect::to(&urls::with_request(urls::RECOVER, request)).into_response())
        }
        Err(CodeRefused::Internal(internal)) => Err(internal.into()),
        Err(CodeRefused::Wrong | CodeRefused::Certificate) => {
            let notice = Notice::danger(t.forgotten_wrong()).titled(t.forgotten_wrong_title());
            page(&app, &visitor, &fields, (StatusCode::UNPROCESSABLE_ENTITY, Some(notice))).await
        }
        Err(CodeRefused::Wait(until)) => {
            let time = t.clock(until.local());
            let notice = Notice::danger(t.forgotten_wait(&time)).titled(t.throttled_title());
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = page(&app, &visitor, &fields, (status, Some(notice))).await?;
            let seconds = until.since(app.now()).whole_seconds().max(1);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            Ok(response)
        }
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    if visitor.door != Door::Staff {
        return Err(Failure::NotFound);
    }
    let (frame, request) = (visitor.frame(app).await?, request_of(fields));
    let is_open = app.config.second_factor.staff != Demand::Off;
    let asking = if is_open {
        passkeys::ask(app, place(visitor, &frame.csrf), Purpose::Recover, None).await?
    } else {
        None
    };
    let passkey = asking.map(|asking| PasskeyForm {
        verification: "required",
        ..PasskeyForm::new(asking, Purpose::Recover, urls::FORGOTTEN, request)
    });
    let page = ForgottenPage {
        t: visitor.lang,
        page: frame,
        notice,
        is_open,
        identifier: fields.text("identifier"),
        mail_domain: &app.config.city.mail_domain,
        passkey,
        request,
    };
    html_with(status, &page)
}
