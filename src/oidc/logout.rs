//! Logout endpoint: OpenID Connect RP-Initiated Logout 1.0 §2, §3, §4; Front-Channel Logout 1.0 §3.

use super::{authorize, pages};
use crate::app::App;
use crate::domain::oauth::redirect::origin;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, Visitor, state_cookie};
use crate::i18n::Lang;
use crate::services::farewell::{self, Ended};
use crate::services::logout::{self, LogoutRequest, LogoutReturn};
use crate::services::session;
use crate::urls;
use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "sign_in/sign_out.html")]
struct ConfirmPage<'a> {
    t: Lang,
    page: &'a Frame,
    application: Option<&'a str>,
    action: &'a str,
    hidden: Vec<(&'static str, String)>,
}

/// A request in the query: asks the person, or signs them out at once when an ID token of ours speaks for them.
pub(super) async fn get(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let (visible, visitor, query) = authorize::open(&app, request).await?;
    let fields = Fields::read(query.as_bytes()).map_err(|e| Failure::BadForm(e.to_string()))?;
    let current = visitor.current(&app).await?;
    let plan = logout::plan(&app, &asked(&fields), current.as_ref()).await?;
    if !plan.ask {
        return sign_out(&app, &visitor, plan.return_to.as_ref()).await;
    }
    let page = ConfirmPage {
        t: visible.lang,
        page: &visitor.frame(&app).await?,
        application: plan.application.as_deref(),
        action: urls::END_SESSION_CONFIRM,
        hidden: plan.return_to.as_ref().map(LogoutReturn::fields).unwrap_or_default(),
    };
    let mut response = pages::html(&page)?.into_response();
    if let Some(return_to) = &plan.return_to {
        response.extensions_mut().insert(FormTarget(origin(&return_to.location())));
    }
    Ok(response)
}

/// A request in a form: the cookie does not come with it from another site, see `authorize::post`.
pub(super) async fn post(request: Request) -> Result<Response, Failure> {
    pages::see_other(&authorize::as_query(urls::END_SESSION, request).await?)
}

/// The person has answered.
pub(super) async fn confirmed(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    if form.fields.text("answer") == "stay" {
        return pages::see_other(urls::HOME);
    }
    let return_to = logout::return_of(&app, &asked(&form.fields)).await?;
    sign_out(&app, &form.visitor, return_to.as_ref()).await
}

async fn sign_out(
    app: &App,
    visitor: &Visitor,
    return_to: Option<&LogoutReturn>,
) -> Result<Response, Failure> {
    let mut to = return_to.map_or_else(|| urls::SIGNED_OUT.to_owned(), LogoutReturn::location);
    if let Some(current) = visitor.current(app).await? {
        session::sign_out(app, &current).await?;
        visitor.sign_out().await?;
        let ended = Ended::of(&current);
        let listens = !farewell::farewell(app, ended).await?.frames.is_empty();
        // Front-Channel Logout §3: the browser tells them on our page, and goes on from there.
        if listens || return_to.is_none() {
            let onward = return_to.map(LogoutReturn::location);
            visitor.remember_farewell(ended, onward.as_deref()).await?;
            urls::SIGNED_OUT.clone_into(&mut to);
        }
    }
    let mut response = pages::see_other(&to)?;
    state_cookie::set(app, &mut response, None);
    Ok(response)
}

fn asked(fields: &Fields) -> LogoutRequest {
    let text = |name| fields.get(name).map(str::to_owned);
    LogoutRequest {
        id_token_hint: text("id_token_hint"),
        client_id: text("client_id"),
        post_logout_redirect_uri: text("post_logout_redirect_uri"),
        state: text("state"),
    }
}
