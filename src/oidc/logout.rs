//! Logout endpoint: OpenID Connect RP-Initiated Logout 1.0 §2, §3, §4; Front-Channel Logout 1.0 §3.

use super::{authorize, pages};
use crate::app::App;
use crate::domain::id::SessionId;
use crate::domain::oauth::redirect::origin;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Frame, Parting, Visitor, state_cookie};
use crate::i18n::Lang;
use crate::services::farewell;
use crate::services::logout::{self, LogoutRequest, LogoutReturn};
use crate::services::parting::{self, Holding, Unended};
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
    /// The accounts of the browser, where there are several: session and address.
    accounts: Vec<(String, String)>,
    action: &'a str,
    hidden: Vec<(&'static str, String)>,
}

/// A request in the query: asks the person, or signs them out at once when an ID token of ours speaks for them.
pub(super) async fn get(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let (visible, visitor, query) = authorize::open(&app, request).await?;
    let fields = Fields::read(query.as_bytes()).map_err(|e| Failure::BadForm(e.to_string()))?;
    let held = visitor.unended(&app).await?;
    let plan = logout::plan(&app, &asked(&fields), &held).await?;
    if !plan.ask {
        let meant = plan.session.and_then(|session| held.find(session));
        return sign_out(&app, &visitor, &Vec::from_iter(meant), plan.return_to.as_ref()).await;
    }
    let page = ConfirmPage {
        t: visible.lang,
        page: &visitor.frame(&app).await?,
        application: plan.application.as_deref(),
        accounts: several(&held),
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
pub(super) async fn confirmed(State(app): State<App>, parting: Parting) -> Result<Response, Failure> {
    let Parting::Of(form) = parting else { return pages::see_other(urls::SIGNED_OUT_BEFORE) };
    let answer = form.fields.text("answer");
    if answer == "stay" {
        return pages::see_other(urls::HOME);
    }
    let return_to = logout::return_of(&app, &asked(&form.fields)).await?;
    let held = form.visitor.unended(&app).await?;
    // One of them by its session, else all.
    let meant = match answer.parse::<SessionId>() {
        Ok(named) => match parting::held_now(&app, &held, named).await? {
            Some(one) => vec![one],
            // It has ended meanwhile: nobody else is signed out in its place.
            None => return pages::see_other(urls::CHOOSE_ACCOUNT),
        },
        Err(_) => held.iter().collect(),
    };
    sign_out(&app, &form.visitor, &meant, return_to.as_ref()).await
}

async fn sign_out(
    app: &App,
    visitor: &Visitor,
    meant: &[&Holding],
    return_to: Option<&LogoutReturn>,
) -> Result<Response, Failure> {
    let mut to = return_to.map_or_else(|| urls::SIGNED_OUT.to_owned(), LogoutReturn::location);
    let (ended, mut listens) = (parting::sign_out(app, meant).await?, false);
    for one in &ended {
        listens |= !farewell::farewell(app, *one).await?.frames.is_empty();
    }
    if !ended.is_empty() {
        visitor.sign_out(app).await?;
        // Front-Channel Logout §3: the browser tells them on our page, and goes on from there.
        if listens || return_to.is_none() {
            let onward = return_to.map(LogoutReturn::location);
            visitor.remember_farewell(&ended, onward.as_deref()).await?;
            urls::SIGNED_OUT.clone_into(&mut to);
        }
    }
    let mut response = pages::see_other(&to)?;
    state_cookie::set(app, &mut response, &visitor.roster(app).await?.sessions());
    Ok(response)
}

/// The accounts among which the page lets choose; with one account there is nothing to choose.
fn several(held: &Unended) -> Vec<(String, String)> {
    let all = held.iter().filter(|_| held.has_several());
    all.map(|one| (one.session.id.to_string(), one.account.profile().address.to_string())).collect()
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
