//! The form that was not taken before its sender had proven themselves: what it would do, one button that sends it, and a
//! way back. Nothing is done before a person presses the button; what is sent then is looked at like any other form.

use crate::app::App;
use crate::domain::name;
use crate::domain::session::Door;
use crate::http::keep::{Holder, Kept};
use crate::http::{Failure, Frame, SignedIn};
use crate::i18n::Lang;
use crate::urls;
use crate::web::{console, html};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

/// In which fields people say what it is about, the one that says most first.
const WORDS: [&str; 4] = ["reason", "why", "words", "title"];

#[derive(Template)]
#[template(path = "second/kept.html")]
struct KeptPage<'a> {
    t: Lang,
    page: Frame,
    what: &'static str,
    typed: Option<String>,
    action: &'a str,
    fields: &'a [(String, String)],
    /// Whether a file answers it.
    is_file: bool,
    back: &'a str,
}

/// Shows it; where nothing is kept any more, the first page.
pub(in crate::web) async fn show(State(app): State<App>, signed: SignedIn) -> Result<Response, Failure> {
    let kept = signed.visitor.kept(&app, Holder::of(&signed.current)).await?;
    let Some(kept) = kept else { return Ok(Redirect::to(urls::HOME).into_response()) };
    let t = signed.visitor.lang;
    let (page, word) = portal_page(t, &kept.to);
    html(&KeptPage {
        t,
        page: signed.frame(&app).await?,
        what: if signed.visitor.door == Door::Admin { act(t, &kept.route) } else { word },
        typed: words(&kept).map(|words| t.kept_typed(&words)),
        action: urls::safe_back(&kept.to),
        fields: &kept.fields,
        is_file: kept.route == urls::MY_DATA_EXPORT,
        back: if kept.back.is_empty() { page } else { urls::safe_back(&kept.back) },
    })
}

/// What a form of the console does: what its right allows, or its page where the right says too little.
fn act(t: Lang, route: &str) -> &'static str {
    match route {
        urls::APPROVALS => t.approvals_title(),
        urls::IMPORT => t.import_title(),
        urls::CALENDAR_CHANGES => t.calendar_menu(),
        urls::AGENCY_CHANGE_START | urls::AGENCY_CHANGE_UNDO => t.changes_title(),
        _ => {
            let known = console::routes().into_iter().find(|one| one.method == "POST" && one.path == route);
            known.map_or_else(|| t.security_title(), |one| t.right(one.right))
        }
    }
}

/// The page of the portal to which a form belongs, and its word.
fn portal_page(t: Lang, path: &str) -> (&'static str, &'static str) {
    let pages = [
        (urls::REPORT, t.nav_report()),
        (urls::RULES, t.rules_title()),
        (urls::MY_DATA, t.my_data_title()),
        (urls::MY_ACCOUNT, t.nav_account()),
        (urls::SESSIONS, t.nav_activity()),
        (urls::APPLICATIONS, t.nav_applications()),
        (urls::SECURITY, t.security_title()),
    ];
    pages.into_iter().find(|(page, _)| path.starts_with(page)).unwrap_or((urls::HOME, t.nav_home()))
}

/// What was typed of the reason, short enough for a line.
fn words(kept: &Kept) -> Option<String> {
    let typed = |name: &str| kept.fields.iter().find(|(field, _)| field == name);
    let mut found = WORDS.into_iter().filter_map(typed).map(|(_, value)| name::bounded(value));
    found.find(|words| !words.is_empty())
}
