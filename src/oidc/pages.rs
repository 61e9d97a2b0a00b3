//! The pages of the protocol's door: a request that nobody can be told about, one that has expired, and the form that
//! carries an answer.

use crate::app::App;
use crate::domain::oauth::answer::Answer;
use crate::domain::oauth::redirect::origin;
use crate::domain::oauth::request::Unproven;
use crate::http::layers::FormTarget;
use crate::http::visitor::Surroundings;
use crate::http::{Failure, Frame};
use crate::i18n::Lang;
use crate::services::authorize::NotAdmitted;
use crate::urls;
use askama::Template;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

#[derive(Template)]
#[template(path = "request_error.html")]
struct RequestErrorPage<'a> {
    t: Lang,
    page: &'a Frame,
    code: &'a str,
    description: &'a str,
    fix: &'a str,
    incident: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ExpiredPage<'a> {
    t: Lang,
    page: &'a Frame,
    title: &'a str,
    text: &'a str,
    incident: Option<&'a str>,
    way_out: &'a str,
    way_out_word: &'a str,
}

#[derive(Template)]
#[template(path = "going_back.html")]
struct GoingBackPage<'a> {
    t: Lang,
    page: &'a Frame,
    action: &'a str,
    fields: &'a [(&'static str, String)],
}

#[derive(Template)]
#[template(path = "sign_in/not_admitted.html")]
struct NotAdmittedPage<'a> {
    t: Lang,
    page: &'a Frame,
    application: &'a str,
    agencies: &'a [String],
    back: Option<&'a str>,
}

/// The application is not for this person; a link leads back to it with the refusal.
pub(super) fn not_admitted(
    app: &App,
    visible: &Surroundings,
    refused: &NotAdmitted,
) -> Result<Response, Failure> {
    let mut visible = visible.clone();
    visible.speak(refused.ui_locales.as_deref());
    let page = NotAdmittedPage {
        t: visible.lang,
        page: &visible.frame(app),
        application: &refused.application,
        agencies: &refused.agencies,
        back: refused.back.as_deref(),
    };
    Ok((StatusCode::FORBIDDEN, html(&page)?).into_response())
}

/// OIDC Core §3.1.2.6, RFC 6749 §4.1.2.1: the browser is not sent to an unproven address.
pub(super) fn unproven(app: &App, visible: &Surroundings, unproven: Unproven) -> Result<Response, Failure> {
    let t = visible.lang;
    let code = unproven.code();
    let fix = match unproven {
        Unproven::Client => t.fix_client(),
        Unproven::Stopped => t.fix_stopped(),
        Unproven::NoRedirectUri | Unproven::RedirectUri => t.fix_redirect_uri(),
        Unproven::Stranger(_) => t.fix_stranger(),
        Unproven::RequestUri => t.fix_request_uri(),
    };
    let description = unproven.to_string();
    tracing::info!(code, "an authorization request was not answered: {description}");
    let page = &visible.frame(app);
    let page = RequestErrorPage { t, page, code, description: &description, fix, incident: None };
    Ok((StatusCode::BAD_REQUEST, html(&page)?).into_response())
}

/// The request has expired, was answered already, or was made in another browser.
pub(super) fn expired(app: &App, visible: &Surroundings) -> Result<Response, Failure> {
    let t = visible.lang;
    let page = ExpiredPage {
        t,
        page: &visible.frame(app),
        title: t.form_expired_title(),
        text: t.request_expired(),
        incident: None,
        way_out: urls::HOME,
        way_out_word: t.back_to_start(),
    };
    Ok((StatusCode::BAD_REQUEST, html(&page)?).into_response())
}

/// Sends an answer on its way.
pub(super) fn answer(app: &App, visible: &Surroundings, answer: &Answer) -> Result<Response, Failure> {
    match answer {
        Answer::Redirect(to) => see_other(to),
        Answer::FormPost { action, fields } => {
            let page = GoingBackPage { t: visible.lang, page: &visible.frame(app), action, fields };
            let mut response = html(&page)?.into_response();
            response.extensions_mut().insert(FormTarget(origin(action)));
            Ok(response)
        }
    }
}

/// RFC 9700 §4.12: 303, so that no form is ever sent on.
pub(super) fn see_other(to: &str) -> Result<Response, Failure> {
    let location = HeaderValue::from_str(to).map_err(|_| Failure::BadForm("no address".to_owned()))?;
    let headers = [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Renders a page.
pub(super) fn html(page: &impl Template) -> Result<Html<String>, Failure> {
    page.render().map(Html).map_err(|error| Failure::Internal(format!("rendering a page: {error}")))
}
