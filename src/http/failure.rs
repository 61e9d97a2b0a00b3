//! Failures that are not part of any page: each has its own sentence, in the visitor's language, and for what is
//! our fault an incident number that the log has too.

use super::keep::Unfinished;
use super::visitor::Surroundings;
use crate::app::App;
use crate::crypto::token;
use crate::domain::admin::Forbidden;
use crate::services::rights::Denied;
use crate::services::{Internal, chain};
use crate::urls;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::Frame;
use crate::i18n::Lang;

/// A failure on its way to becoming a page.
#[derive(Debug, Clone)]
pub enum Failure {
    /// There is no such page, or it is not for this visitor: never told apart.
    NotFound,
    /// The role does not have the right that the page asks for; the audit has a line.
    Forbidden,
    /// The method does not fit the page.
    WrongMethod,
    /// The page was open for too long, or the form came from elsewhere.
    FormExpired,
    /// The form cannot be read.
    BadForm(String),
    /// The body is larger than any form of the house.
    TooLarge,
    /// Somebody else changed the same thing at the same time.
    Conflict,
    /// Not signed in; leads to the sign-in.
    SignInFirst(String),
    /// The same, or to prove themselves first, where a form that was sent meanwhile is kept.
    Unfinished {
        /// Where it leads.
        to: String,
        /// Whose form it is.
        form: Unfinished,
    },
    /// Our fault.
    Internal(String),
}

impl From<Internal> for Failure {
    fn from(internal: Internal) -> Self {
        Self::Internal(chain(&internal))
    }
}

impl From<Forbidden> for Failure {
    fn from(_: Forbidden) -> Self {
        Self::Forbidden
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Forbidden(forbidden) => forbidden.into(),
            Denied::Internal(internal) => internal.into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::SignInFirst(to) = &self {
            return axum::response::Redirect::to(to).into_response();
        }
        if let Self::Unfinished { to, form } = self {
            let mut response = axum::response::Redirect::to(&to).into_response();
            response.extensions_mut().insert(form);
            return response;
        }
        let status = match &self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::FormExpired | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::BadForm(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Conflict => StatusCode::CONFLICT,
            Self::SignInFirst(_) | Self::Unfinished { .. } | Self::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// How programs are told what goes wrong below every handler: they read no pages.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    /// Whether a path is one of theirs.
    pub hears: fn(&str) -> bool,
    /// What is answered: with this status, and for what is our fault with the incident number that the log has.
    pub tells: fn(StatusCode, Option<&str>) -> Response,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    t: Lang,
    page: &'a Frame,
    title: &'a str,
    text: &'a str,
    incident: Option<&'a str>,
    way_out: &'a str,
    way_out_word: &'a str,
}

/// Turns failures into pages, or into what programs read; the outermost layer that knows the language.
pub async fn dress(
    State((app, voices)): State<(App, &'static [Voice])>,
    request: Request,
    next: Next,
) -> Response {
    let surroundings = Surroundings::of(&request, &app);
    // Never the query: it may carry a token (`id_token_hint`).
    let path = surroundings.path.split('?').next().unwrap_or_default();
    let voice = voices.iter().find(|voice| (voice.hears)(path));
    let mut response = next.run(request).await;
    let failure = response.extensions_mut().remove::<Failure>();
    let Some(failure) = failure.or_else(|| untold(&response, voice.is_some())) else {
        return response;
    };
    let status = response.status();
    let incident = if let Failure::Internal(cause) = &failure {
        let number = token::new(app.system.entropy()).expose()[..8].to_uppercase();
        tracing::error!(incident = %number, path, "{cause}");
        Some(number)
    } else {
        tracing::debug!(path, ?failure, "refused");
        None
    };
    if let Some(voice) = voice {
        return (voice.tells)(status, incident.as_deref());
    }
    let t = surroundings.lang;
    let (title, text) = words(t, &failure);
    let page = ErrorPage {
        t,
        page: &surroundings.frame(&app),
        title,
        text,
        incident: incident.as_deref(),
        way_out: urls::HOME,
        way_out_word: t.back_to_start(),
    };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the error page itself failed");
            status.into_response()
        }
    }
}

/// What a bare status of the layers below means. One with a text of its own is an answer to an application; but to one
/// that is told of failures in another form, the plain text of a layer is none.
fn untold(response: &Response, has_voice: bool) -> Option<Failure> {
    if let Some(kind) = response.headers().get(CONTENT_TYPE) {
        let is_of_a_layer = has_voice && kind.as_bytes().starts_with(b"text/plain");
        let is_too_large = response.status() == StatusCode::PAYLOAD_TOO_LARGE;
        return (is_of_a_layer && is_too_large).then_some(Failure::TooLarge);
    }
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Some(Failure::WrongMethod),
        StatusCode::GATEWAY_TIMEOUT => {
            Some(Failure::Internal("a request took more than a minute".to_owned()))
        }
        _ => None,
    }
}

fn words(t: Lang, failure: &Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::NotFound | Failure::SignInFirst(_) | Failure::Unfinished { .. } => {
            (t.not_found_title(), t.not_found_text())
        }
        Failure::Forbidden => (t.forbidden_title(), t.forbidden_text()),
        Failure::WrongMethod => (t.not_found_title(), t.wrong_method_text()),
        Failure::FormExpired => (t.form_expired_title(), t.form_expired_text()),
        Failure::BadForm(_) => (t.bad_form_title(), t.bad_form_text()),
        Failure::TooLarge => (t.bad_form_title(), t.too_large_text()),
        Failure::Conflict => (t.conflict_title(), t.conflict_text()),
        Failure::Internal(_) => (t.internal_title(), t.internal_text()),
    }
}
