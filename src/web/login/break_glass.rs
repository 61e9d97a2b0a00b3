//! The page on which a break-glass code is typed; at the administrators' door only.

use crate::app::App;
use crate::domain::session::Door;
use crate::http::{Failure, Form, Frame, Visitor};
use crate::i18n::Lang;
use crate::services::break_glass::{self, GlassRefused};
use crate::urls;
use crate::web::html_with;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "sign_in/break_glass.html")]
struct GlassPage {
    t: Lang,
    page: Frame,
    error: Option<&'static str>,
    hint: String,
}

/// Shows it.
pub(in crate::web) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    page(&app, &visitor, StatusCode::OK, None).await
}

/// Opens a session.
pub(in crate::web) async fn send(
    State(app): State<App>,
    Form { fields, visitor }: Form,
) -> Result<Response, Failure> {
    if visitor.door != Door::Admin {
        return Err(Failure::NotFound);
    }
    match break_glass::open(&app, fields.text("code"), &visitor.source, &visitor.user_agent).await {
        Ok(session) => {
            visitor.sign_in(&app, &session, false).await?;
            Ok(Redirect::to(urls::HOME).into_response())
        }
        Err(GlassRefused::Internal(internal)) => Err(internal.into()),
        Err(_) => page(&app, &visitor, StatusCode::FORBIDDEN, Some(visitor.lang.glass_wrong())).await,
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    error: Option<&'static str>,
) -> Result<Response, Failure> {
    if visitor.door != Door::Admin {
        return Err(Failure::NotFound);
    }
    let t = visitor.lang;
    let hint = t.glass_hint(&app.config.admin.break_glass_life.whole_hours().to_string());
    html_with(status, &GlassPage { t, page: visitor.frame(app).await?, error, hint })
}
