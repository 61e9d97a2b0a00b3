//! Signing out of either door, and the page after it: it lets the browser tell the applications that listen in a frame
//! (OIDC Front-Channel Logout 1.0 §3), and says how far the others are told.

use crate::app::App;
use crate::domain::oauth::redirect::origin;
use crate::domain::session::Door;
use crate::http::layers::FrameSources;
use crate::http::{Failure, Form, Frame, Visitor, state_cookie};
use crate::i18n::Lang;
use crate::services::farewell::{self, Ended, Farewell, Progress};
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
    frames: Vec<String>,
    /// Applications by name, and how far they are told.
    told: Vec<(String, &'static str)>,
    /// Where the application that asked wants the browser.
    onward: Option<String>,
}

/// Ends the session and empties the browser's row.
pub(in crate::web) async fn send(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let current = form.visitor.current(&app).await?;
    if let Some(current) = &current {
        session::sign_out(&app, current).await?;
    }
    form.visitor.sign_out().await?;
    if let (Some(current), Door::Staff) = (&current, form.visitor.door) {
        form.visitor.remember_farewell(Ended::of(current), None).await?;
    }
    let mut response = Redirect::to(urls::SIGNED_OUT).into_response();
    state_cookie::set(&app, &mut response, None);
    Ok(response)
}

/// Says that it is done, and to whom it was told.
pub(in crate::web) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    let (t, kept) = (visitor.lang, visitor.farewell().await?);
    let (left, onward) = match kept {
        Some((ended, onward)) => (farewell::farewell(&app, ended).await?, onward),
        None => (Farewell::default(), None),
    };
    let mut origins: Vec<_> = left.frames.iter().map(|address| origin(address)).collect();
    origins.sort_unstable();
    origins.dedup();
    let told = left.told.into_iter().map(|one| (one.name, in_words(t, one.progress))).collect();
    let page = visitor.frame(&app).await?;
    let mut response = html(&SignedOutPage { t, page, frames: left.frames, told, onward })?;
    if !origins.is_empty() {
        response.extensions_mut().insert(FrameSources(origins));
    }
    Ok(response)
}

const fn in_words(t: Lang, progress: Progress) -> &'static str {
    match progress {
        Progress::Agreed => t.told_agreed(),
        Progress::Waiting => t.told_waiting(),
        Progress::GivenUp => t.told_given_up(),
        Progress::ByBrowser => t.told_by_browser(),
    }
}
