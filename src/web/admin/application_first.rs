//! Waiting for the first sign-in to a new application: on request the page looks again by itself, without a script, for some
//! minutes (WCAG 2.2 §2.2.1: nobody's page reloads unasked); and the text for the application's configuration, without its secret.

use super::application::parse;
use super::application_new::Choice;
use crate::app::App;
use crate::domain::oauth::template::Template as Stack;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::{application_register as register, applications};
use crate::urls;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use time::Duration;

/// So often the page looks again by itself at the most: for ten minutes.
const LOOKS: u32 = 120;

/// Seconds between two looks.
const EVERY: i64 = 5;

/// It stops so long before the session would end, which it does not keep open: whoever comes back finds the page.
const BEFORE_THE_END: Duration = Duration::minutes(2);

#[derive(Template)]
#[template(path = "admin/application_first.html")]
struct FirstPage {
    t: Lang,
    page: Frame,
    here: String,
    name: String,
    arrived: Option<(String, String, String)>,
    /// Whether the page looks again by itself, because somebody asked for it.
    by_itself: bool,
    over: bool,
    next: String,
    still: String,
    stacks: Vec<(Choice, &'static str)>,
    configuration: Option<String>,
}

/// Shows whether it has arrived.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query, id) = (by.visitor.lang, query_of(query)?, parse(&id)?);
    let client = applications::find(&app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let looks: u32 = query.text("look").parse().unwrap_or(0);
    let most = most_looks(app.config.sessions.admin_idle);
    let chosen = Stack::from_code(query.text("template"));
    let here = urls::application(id);
    let arrived = register::first_sign_in(&app, &client).await?.map(|(user, scopes)| {
        let what: Vec<_> = scopes.into_iter().map(|scope| t.scope_in_words(scope).0).collect();
        let who = format!("{} ({})", user.name, user.address);
        (who, t.moment(user.first_used_at.local()), what.join("; "))
    });
    let stack = |stack: Stack| {
        let (field, word) = (stack.code().to_owned(), t.template_about(stack).to_owned());
        (Choice { field, word, chosen: chosen == Some(stack) }, stack.code())
    };
    let kept = chosen.map_or_else(String::new, |stack| format!("&template={}", stack.code()));
    html(&FirstPage {
        t,
        page: super::at(super::frame(&app, &by).await?, t, &format!("{here}/first")),
        name: client.name.clone(),
        arrived,
        by_itself: query.get("look").is_some() && looks < most,
        over: looks >= most,
        still: format!("{here}/first{}", kept.replacen('&', "?", 1)),
        next: format!("{here}/first?look={}{kept}", looks.saturating_add(1)),
        stacks: Stack::ALL.map(stack).into(),
        configuration: chosen.map(|stack| stack.configuration(app.config.server.issuer(), &client, None)),
        here,
    })
}

/// How often it looks in a session that ends after so long without use.
fn most_looks(idle: Duration) -> u32 {
    let looks = (idle - BEFORE_THE_END).whole_seconds() / EVERY;
    u32::try_from(looks).unwrap_or(0).clamp(1, LOOKS)
}
