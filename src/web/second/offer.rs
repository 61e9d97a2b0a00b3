//! The last step of the first day: a second factor is offered, and can wait.

use crate::app::App;
use crate::domain::factor::Demand;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Frame, SignedIn};
use crate::i18n::Lang;
use crate::services::factors;
use crate::services::session::Current;
use crate::urls;
use crate::web::login::{pending, request_of};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "second/offer.html")]
struct OfferPage {
    t: Lang,
    page: Frame,
    app: String,
    passkey: Option<String>,
    onward: String,
}

/// Whether the step is shown to somebody who has just set the first password of their own.
pub(in crate::web) async fn is_due(app: &App, current: &Current) -> Result<bool, Failure> {
    let own = factors::of(app, current.account.id()).await.map_err(crate::services::Internal::from)?;
    Ok(app.config.second_factor.staff != Demand::Off && !own.any())
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let request = request_of(&query);
    if signed.current.must_change_password() || !is_due(&app, &signed.current).await? {
        return Ok(Redirect::to(&urls::onward(request)).into_response());
    }
    let passkey = app.config.passkey_domain(signed.visitor.door);
    let mut response = html(&OfferPage {
        t: signed.visitor.lang,
        page: signed.frame(&app).await?,
        app: urls::with_request(urls::AUTHENTICATOR, request),
        passkey: passkey.map(|_| urls::with_request(urls::PASSKEY_NEW, request)),
        onward: match request {
            Some(_) => urls::onward(request),
            None => format!("{}?note=password", urls::HOME),
        },
    })?;
    if let Some(pending) = pending(&app, &signed.visitor, request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}
