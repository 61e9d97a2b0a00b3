//! As whom a person goes on to an application: as themselves, or for an agency's mailbox that they may act for.

use super::{authorize, pages};
use crate::app::App;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::acting::{self, Choices};
use crate::urls;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "sign_in/acting.html")]
struct ActingPage<'a> {
    t: Lang,
    page: &'a Frame,
    choices: &'a Choices,
    name: &'a str,
    address: &'a str,
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
    let onward = urls::with_request(urls::CONTINUE, Some(id));
    let Some(current) = visitor.current(&app).await? else { return pages::see_other(&onward) };
    // What does not wait any more, or is stopped meanwhile, is told of there.
    let Some(choices) = acting::choices(&app, id, &current).await? else {
        return pages::see_other(&onward);
    };
    if choices.mailboxes.is_empty() {
        return pages::see_other(&onward);
    }
    visitor.speak(choices.ui_locales.as_deref());
    let profile = current.account.profile();
    let page = ActingPage {
        t: visitor.lang,
        page: &visitor.frame(&app).await?,
        choices: &choices,
        name: &profile.display_name,
        address: profile.address.as_str(),
        request: id,
    };
    let mut response = pages::html(&page)?.into_response();
    response.extensions_mut().insert(FormTarget(choices.return_origin.clone()));
    Ok(response)
}

/// The person has chosen.
pub(super) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let id = form.fields.text("request");
    if !form.visitor.knows_request(id).await? {
        return pages::expired(&app, form.visitor.surroundings());
    }
    let onward = urls::with_request(urls::CONTINUE, Some(id));
    let Some(current) = form.visitor.current(&app).await? else { return pages::see_other(&onward) };
    let mailbox = match form.fields.text("as") {
        "oneself" => None,
        other => Some(other.parse().map_err(|_| Failure::NotFound)?),
    };
    // What is not theirs to choose is asked again.
    acting::choose(&app, id, &current, mailbox).await?;
    pages::see_other(&onward)
}
