//! The page that asks a person for their consent (OIDC Core 1.0 §3.1.2.4), and the way back from the sign-in.

use super::{authorize, device, pages};
use crate::app::App;
use crate::domain::oauth::claims_request::scope_of;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::authorize::cancel as turn_back;
use crate::services::authorize::consent::{self, Question};
use crate::services::device::is_device;
use crate::urls;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "sign_in/consent.html")]
struct ConsentPage<'a> {
    t: Lang,
    page: &'a Frame,
    question: &'a Question,
    address: &'a str,
    /// What is shared, and why.
    shared: Vec<(&'static str, &'static str)>,
    request: &'a str,
}

/// Asks.
pub(super) async fn show(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let (visible, mut visitor, query) = authorize::open(&app, request).await?;
    let fields = Fields::read(query.as_bytes()).unwrap_or_default();
    let id = fields.text("request");
    if !visitor.knows_request(id).await? {
        return pages::expired(&app, &visible);
    }
    // What does not wait any more, or is stopped meanwhile, is told of there.
    let onward = urls::with_request(urls::CONTINUE, Some(id));
    let Some(current) = visitor.current(&app).await? else { return pages::see_other(&onward) };
    let Some(question) = consent::question(&app, id, &current).await? else {
        return pages::see_other(&onward);
    };
    visitor.speak(question.ui_locales.as_deref());
    let page = ConsentPage {
        t: visitor.lang,
        page: &visitor.frame(&app).await?,
        question: &question,
        address: &question.address,
        shared: shared(visitor.lang, &question),
        request: id,
    };
    let mut response = pages::html(&page)?.into_response();
    response.extensions_mut().insert(FormTarget(question.return_origin.clone()));
    Ok(response)
}

/// The person has answered.
pub(super) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let id = form.fields.text("request");
    if form.fields.text("answer") != "agree" {
        return refuse(&app, &form).await;
    }
    if !form.visitor.knows_request(id).await? {
        return pages::expired(&app, form.visitor.surroundings());
    }
    let onward = urls::with_request(urls::CONTINUE, Some(id));
    if let Some(current) = form.visitor.current(&app).await? {
        consent::agree(&app, id, &current).await?;
    }
    pages::see_other(&onward)
}

/// The person turns back from the sign-in.
pub(super) async fn cancel(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    refuse(&app, &form).await
}

async fn refuse(app: &App, form: &Form) -> Result<Response, Failure> {
    let (id, visible) = (form.fields.text("request"), form.visitor.surroundings());
    if !form.visitor.knows_request(id).await? {
        return pages::expired(app, visible);
    }
    if is_device(id) {
        return device::refuse(app, form, id).await;
    }
    authorize::onward(app, visible, &turn_back(app, id).await?)
}

/// One line for each scope; a single claim counts as its scope.
fn shared(t: Lang, question: &Question) -> Vec<(&'static str, &'static str)> {
    let claims = question.wanted.claims.iter().filter_map(|claim| scope_of(claim));
    let scopes = claims.fold(question.wanted.scopes, crate::domain::oauth::scope::Scopes::with);
    scopes.iter().map(|scope| t.scope_in_words(scope)).collect()
}
