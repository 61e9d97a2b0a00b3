//! The accounts that are signed in with this browser (OIDC Core 1.0 §3.1.2.1, `select_account`): one is chosen for the
//! application that waits, or for the portal; one is signed out; another one is added.

use super::{pending, request_of, sign_out};
use crate::app::App;
use crate::domain::id::SessionId;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, Visitor, state_cookie};
use crate::i18n::Lang;
use crate::services::authorize::select;
use crate::services::parting;
use crate::services::roster::{self, Face, Roster};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "sign_in/choose.html")]
struct ChoosePage<'a> {
    t: Lang,
    page: Frame,
    application: Option<String>,
    notice: Option<Notice>,
    accounts: Vec<Face>,
    request: Option<&'a str>,
    another: String,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    mut visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let waiting = pending(&app, &visitor, request_of(&query)).await?;
    let request = request_of(&query).filter(|_| waiting.is_some());
    visitor.speak(waiting.as_ref().and_then(|pending| pending.ui_locales.as_deref()));
    let roster = visitor.roster(&app).await?;
    if roster.first().is_none() {
        return Ok(Redirect::to(&urls::with_request(urls::SIGN_IN, request)).into_response());
    }
    let expected = waiting.as_ref().and_then(|pending| pending.expected.as_deref());
    let page = ChoosePage {
        t: visitor.lang,
        page: visitor.frame(&app).await?,
        application: waiting.as_ref().map(|pending| pending.client_name.clone()),
        notice: expected.map(|address| Notice::info(visitor.lang.sign_in_as(address))),
        accounts: roster::faces(&app, &roster).await?,
        request,
        another: urls::sign_in_beside(request),
    };
    let mut response = html(&page)?;
    if let Some(pending) = waiting {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}

/// Takes one into use, or signs one out.
pub(in crate::web) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let Form { fields, visitor } = form;
    let roster = visitor.roster(&app).await?;
    let waiting = pending(&app, &visitor, request_of(&fields)).await?;
    let request = request_of(&fields).filter(|_| waiting.is_some());
    if let Some(leaving) = fields.get("leave") {
        return leave(&app, &visitor, &roster, (leaving, request)).await;
    }
    // One that has ended meanwhile, by a lock too, is proven anew.
    let Some(chosen) = session_of(&fields).and_then(|id| roster.find(id)) else {
        let to = format!("{}&ended=1", urls::sign_in_beside(request));
        return Ok(Redirect::to(&to).into_response());
    };
    if let Some(id) = request {
        select::choose(&app, id, chosen).await?;
    }
    visitor.choose(&app, chosen.session.id).await?;
    Ok(Redirect::to(&urls::onward(request)).into_response())
}

fn session_of(fields: &Fields) -> Option<SessionId> {
    fields.get("session")?.parse().ok()
}

/// Signs one account out; the page shows the others, or says that it is done.
async fn leave(
    app: &App,
    visitor: &Visitor,
    roster: &Roster,
    (leaving, request): (&str, Option<&str>),
) -> Result<Response, Failure> {
    let held = visitor.unended(app).await?;
    let Some(leaving) = leaving.parse().ok().and_then(|id| held.find(id)) else {
        return Ok(Redirect::to(&urls::with_request(urls::CHOOSE_ACCOUNT, request)).into_response());
    };
    let ended = parting::sign_out(app, &[leaving]).await?;
    visitor.sign_out(app).await?;
    if request.is_none() || !roster.has_several() {
        return sign_out::after(app, visitor, &ended).await;
    }
    let to = urls::with_request(urls::CHOOSE_ACCOUNT, request);
    let mut response = Redirect::to(&to).into_response();
    state_cookie::set(app, &mut response, &visitor.roster(app).await?.sessions());
    Ok(response)
}
