//! My sessions: where the account is signed in, and how to end what is strange.

use super::Settled;
use crate::app::App;
use crate::http::{Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::session;
use crate::urls;
use crate::web::parts::{Notice, SessionView};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "portal/sessions.html")]
struct SessionsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    sessions: Vec<SessionView>,
}

/// Shows them, this one first.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = signed.visitor.lang;
    let this = signed.current.session.id;
    let mut sessions = session::list(&app, &signed.current).await?;
    sessions.sort_by_key(|session| session.id != this);
    html(&SessionsPage {
        t,
        page: signed.frame(&app).await?,
        notice: notice(t, query.text("note")),
        sessions: sessions.iter().map(|s| SessionView::new(t, s, s.id == this, app.now())).collect(),
    })
}

/// Ends one.
pub(in crate::web) async fn end(
    State(app): State<App>,
    Settled(signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = fields.text("session").parse().map_err(|_| Failure::NotFound)?;
    let ended = session::end(&app, &signed.current, id).await?;
    Ok(back(if ended { "ended" } else { "gone" }))
}

/// Ends all but this one.
pub(in crate::web) async fn end_others(
    State(app): State<App>,
    Settled(signed): Settled,
    _form: Form,
) -> Result<Response, Failure> {
    session::end_others(&app, &signed.current).await?;
    Ok(back("others"))
}

fn back(note: &str) -> Response {
    Redirect::to(&format!("{}?note={note}", urls::SESSIONS)).into_response()
}

fn notice(t: Lang, note: &str) -> Option<Notice> {
    match note {
        "ended" => Some(Notice::ok(t.session_ended())),
        "gone" => Some(Notice::warn(t.session_not_found())),
        "others" => Some(Notice::ok(t.other_sessions_ended())),
        _ => None,
    }
}
