//! Signing out of either door.

use crate::app::App;
use crate::http::{Failure, Form, Frame, Visitor};
use crate::i18n::Lang;
use crate::services::session;
use crate::urls;
use crate::web::html;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
struct SignedOutPage {
    t: Lang,
    page: Frame,
}

/// Ends the session and empties the browser's row.
pub(in crate::web) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    if let Some(current) = form.visitor.current(&app).await? {
        session::sign_out(&app, &current).await?;
    }
    form.visitor.sign_out().await?;
    Ok(Redirect::to(urls::SIGNED_OUT).into_response())
}

/// Says that it is done.
pub(in crate::web) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    html(&SignedOutPage { t: visitor.lang, page: visitor.frame(&app).await? })
}
