//! Signing out of either door, and the page after it: it lets the browser tell the applications that listen in a frame
//! (OIDC Front-Channel Logout 1.0 §3), and says how far the others are told.

use crate::app::App;
use crate::domain::oauth::redirect::origin;
use crate::domain::session::Door;
use crate::http::layers::FrameSources;
use crate::http::{Failure, Frame, Parting, Visitor, state_cookie};
use crate::i18n::Lang;
use crate::services::farewell::{self, Ended, Farewell, Progress};
use crate::services::parting;
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
    /// The addresses of the accounts that were signed out.
    gone: String,
    /// The addresses of accounts that are still signed in with this browser.
    left: Vec<String>,
}

/// Ends all sessions of the browser, used lately or not, and empties its row: whoever leaves a computer leaves nobody's
/// account behind.
pub(in crate::web) async fn send(
    State(app): State<App>,
    Parting(form): Parting,
) -> Result<Response, Failure> {
    let held = form.visitor.unended(&app).await?;
    let held: Vec<_> = held.iter().collect();
    let ended = parting::sign_out(&app, &held).await?;
    form.visitor.sign_out(&app).await?;
    after(&app, &form.visitor, &ended).await
}

/// To the page that says so.
pub(super) async fn after(app: &App, visitor: &Visitor, ended: &[Ended]) -> Result<Response, Failure> {
    let mut response = Redirect::to(urls::SIGNED_OUT).into_response();
    if visitor.door == Door::Staff {
        if !ended.is_empty() {
            visitor.remember_farewell(ended, None).await?;
        }
        state_cookie::set(app, &mut response, &visitor.roster(app).await?.sessions());
    }
    Ok(response)
}

/// Says that it is done, and to whom it was told.
pub(in crate::web) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    let (t, (ended, onward)) = (visitor.lang, visitor.farewell().await?);
    let (mut to_do, mut gone) = (Farewell::default(), Vec::new());
    for one in ended {
        let farewell = farewell::farewell(&app, one).await?;
        // An account, and an application, of which several sessions have ended is named once.
        let address = farewell.address.map(|address| address.to_string());
        gone.extend(address.filter(|one| !gone.contains(one)));
        to_do.frames.extend(farewell.frames);
        let told: Vec<_> = farewell.told.into_iter().filter(|one| !to_do.told.contains(one)).collect();
        to_do.told.extend(told);
    }
    let roster = visitor.roster(&app).await?;
    let left = roster.iter().map(|one| one.account.profile().address.to_string()).collect();
    let mut origins: Vec<_> = to_do.frames.iter().map(|address| origin(address)).collect();
    origins.sort_unstable();
    origins.dedup();
    let told = to_do.told.into_iter().map(|one| (one.name, in_words(t, one.progress))).collect();
    let page = visitor.frame(&app).await?;
    let shown = SignedOutPage { t, page, frames: to_do.frames, told, onward, gone: gone.join(", "), left };
    let mut response = html(&shown)?;
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
