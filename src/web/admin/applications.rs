//! The applications: which there are, for whom, how often they are entered, what is to be looked at.

use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::oauth::client::ClientKind;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::applications::{self, Line, Standing, Wish};
use crate::urls;
use crate::web::parts::{Notice, count, number_of};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

/// A link that narrows.
struct Chip {
    address: String,
    word: &'static str,
    chosen: bool,
}

/// A kind to choose.
struct Kind {
    code: &'static str,
    word: &'static str,
    chosen: bool,
}

/// A line of the table.
struct Row {
    href: String,
    name: String,
    client_id: String,
    kind: &'static str,
    audience: String,
    entries: String,
    last: String,
    called: Option<String>,
    badges: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "admin/applications.html")]
struct ApplicationsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    to_review: Option<String>,
    q: String,
    state: &'static str,
    kinds: Vec<Kind>,
    chips: Vec<Chip>,
    counted: String,
    rows: Vec<Row>,
    may_change: bool,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let wish = Wish {
        search: query.text("q").to_owned(),
        state: Standing::ALL.into_iter().find(|state| state.code() == query.text("state")),
        kind: ClientKind::from_code(query.text("kind")),
    };
    let lines = applications::list(&app, &by.administrator).await?;
    let due = lines.iter().filter(|line| line.review.is_due()).count();
    let may_change = by.administrator.may(Right::ManageApplications);
    let shown: Vec<_> = lines.iter().filter(|line| line.fits(&wish)).map(|line| row(t, line)).collect();
    html(&ApplicationsPage {
        t,
        page: super::frame(&app, &by).await?,
        notice: (query.text("note") == "removed").then(|| Notice::ok(t.application_removed())),
        to_review: (due > 0 && may_change).then(|| t.applications_review_due(&t.number(number_of(due)))),
        q: wish.search.clone(),
        state: wish.state.map_or("", Standing::code),
        kinds: ClientKind::ALL
            .map(|kind| Kind {
                code: kind.code(),
                word: t.client_kind(kind),
                chosen: wish.kind == Some(kind),
            })
            .into(),
        chips: chips(t, &wish),
        counted: t.applications_counted(&t.number(number_of(shown.len())), &t.number(number_of(lines.len()))),
        rows: shown,
        may_change,
    })
}

fn chips(t: Lang, wish: &Wish) -> Vec<Chip> {
    let states = [None].into_iter().chain(Standing::ALL.into_iter().map(Some));
    let chip = |state: Option<Standing>| {
        let fields = [
            ("q", wish.search.as_str()),
            ("kind", wish.kind.map_or("", ClientKind::code)),
            ("state", state.map_or("", Standing::code)),
        ];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        let word = match state {
            None => t.all_accounts(),
            Some(Standing::Runs) => t.application_runs(),
            Some(Standing::Stopped) => t.application_stopped(),
            Some(Standing::ToReview) => t.application_to_review(),
            Some(Standing::Warned) => t.application_warned(),
        };
        let joint = if query.is_empty() { "" } else { "?" };
        Chip { address: format!("{}{joint}{query}", urls::APPLICATIONS), word, chosen: state == wish.state }
    };
    states.map(chip).collect()
}

fn row(t: Lang, line: &Line) -> Row {
    let client = &line.client;
    Row {
        href: urls::application(client.id),
        name: client.name.clone(),
        client_id: client.client_id.to_string(),
        kind: t.client_kind(client.kind),
        audience: audience(t, &line.audience),
        entries: t.number(count(line.entries)),
        last: line.last.map_or_else(|| "–".to_owned(), |day| t.date(day)),
        called: called(t, line),
        badges: badges(t, line),
    }
}

/// What is not as it should be: that it stands still, and in one badge everything to look at. Nothing where it runs.
fn badges(t: Lang, line: &Line) -> Vec<(&'static str, String)> {
    let client = &line.client;
    let warned = [
        client.metadata.self_registered.then(|| t.application_self_registered().to_owned()),
        line.review.is_due().then(|| t.application_confirms().to_owned()),
        (line.warnings > 0).then(|| t.application_warnings(&t.number(number_of(line.warnings)))),
    ];
    let warned: Vec<_> = warned.into_iter().flatten().collect();
    let stopped = client.disabled_at.map(|_| ("is-danger", t.application_stopped().to_owned()));
    let warned = (!warned.is_empty()).then(|| ("is-warn", warned.join(" · ")));
    stopped.into_iter().chain(warned).collect()
}

/// On which day it called in its own name: a service that nobody enters is used all the same.
fn called(t: Lang, line: &Line) -> Option<String> {
    match line.called {
        Some(day) => Some(t.own_day(&t.date(day))),
        None => line.own.opens().then(|| t.own_no_day().to_owned()),
    }
}

/// For whom it is, in words.
pub(super) fn audience(t: Lang, names: &[String]) -> String {
    if names.is_empty() { t.application_for_all().to_owned() } else { names.join(", ") }
}
