//! My applications: which systems have accepted a sign-in of mine, and how to end their access.

use super::Settled;
use crate::app::App;
use crate::http::form::Fields;
use crate::http::{Failure, Form, Frame};
use crate::i18n::Lang;
use crate::urls;
use crate::web::html;
use crate::web::parts::Notice;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

/// One application.
struct ApplicationView {
    id: String,
    name: String,
    address: Option<String>,
    last_used: String,
}

#[derive(Template)]
#[template(path = "portal/applications.html")]
struct ApplicationsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    applications: Vec<ApplicationView>,
}

/// Shows them, the last used first.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query =
        Fields::read(query.unwrap_or_default().as_bytes()).map_err(|e| Failure::BadForm(e.to_string()))?;
    let t = signed.visitor.lang;
    html(&ApplicationsPage {
        t,
        page: signed.frame(&app).await?,
        notice: (query.text("note") == "ended").then(|| Notice::ok(t.access_ended())),
        applications: Vec::new(),
    })
}

/// Ends the access of one.
pub(in crate::web) async fn end(
    State(_app): State<App>,
    Settled(_signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let _ = fields.get("application").ok_or(Failure::NotFound)?;
    Ok(Redirect::to(&format!("{}?note=ended", urls::APPLICATIONS)).into_response())
}
