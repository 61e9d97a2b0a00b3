//! The timeline of an account: everything recorded of it, day by day, on paper too.

use super::account::parse;
use super::history::HistoryLine;
use crate::app::App;
use crate::domain::account::State as AccountState;
use crate::domain::id::AccountId;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts::Line;
use crate::services::timeline::{self, Order, Timeline};
use crate::urls;
use crate::web::parts::state_badge;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

/// The code of [`Order::NewestFirst`] in an address.
const NEWEST: &str = "newest";

/// A day and what was recorded on it.
struct Day {
    title: String,
    lines: Vec<HistoryLine>,
}

/// A link that chooses an order.
struct Chip {
    address: String,
    word: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "admin/timeline.html")]
struct TimelinePage<'a> {
    t: Lang,
    page: Frame,
    name: &'a str,
    address: String,
    account: String,
    badge: &'static str,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    orders: [Chip; 2],
    days: Vec<Day>,
    printed: String,
    first: Option<String>,
    next: Option<String>,
}

/// Shows a page of it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (id, query, t) = (parse(&id)?, query_of(query)?, by.visitor.lang);
    let order = if query.text("order") == NEWEST { Order::NewestFirst } else { Order::OldestFirst };
    let after = query.get("after").and_then(|after| after.parse().ok());
    let found = timeline::page(&app, &by.administrator, id, order, after).await?.ok_or(Failure::NotFound)?;
    let account = &found.dossier.overview.account;
    let chip = |of: Order, word| Chip { address: address(id, of, None), word, chosen: of == order };
    html(&TimelinePage {
        t,
        page: super::frame(&app, &by).await?,
        name: &account.profile().display_name,
        address: account.profile().address.to_string(),
        account: urls::account(id),
        badge: state_badge(account.state().name()),
        state: t.state_of(account.state().name()),
        facts: facts(t, &found),
        orders: [
            chip(Order::OldestFirst, t.timeline_oldest()),
            chip(Order::NewestFirst, t.timeline_newest()),
        ],
        days: days(t, &found),
        printed: t.timeline_printed(&t.moment(app.now().local()), by.administrator.display_name()),
        first: after.map(|_| address(id, order, None)),
        next: found.next.map(|next| address(id, order, Some(next))),
    })
}

fn address(id: AccountId, order: Order, after: Option<i64>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if order == Order::NewestFirst {
        query.append_pair("order", NEWEST);
    }
    if let Some(after) = after {
        query.append_pair("after", &after.to_string());
    }
    let (path, query) = (urls::ACCOUNT_TIMELINE.replace("{id}", &id.to_string()), query.finish());
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

fn facts(t: Lang, found: &Timeline) -> Vec<(&'static str, String)> {
    let overview = &found.dossier.overview;
    let agency = overview.agency.as_ref().map_or_else(|| t.no_agency().to_owned(), |a| a.name.clone());
    let mut facts = vec![(t.agency(), agency)];
    match *overview.account.state() {
        AccountState::Active { password_set_at } => {
            facts.push((t.password_age(), t.date(password_set_at.local_date())));
        }
        AccountState::MustChangePassword { why, .. } => {
            facts.push((t.must_change_why(), t.must_change(why).to_owned()));
        }
        AccountState::Locked { at, reason } => {
            facts.push((t.reason_label(), t.lock_reason(reason).to_owned()));
            facts.push((t.locked_here_label(), t.moment(at.local())));
        }
        AccountState::Retired { .. } => {}
    }
    facts.push((t.account_number(), overview.account.id().to_string()));
    facts
}

/// The lines by day, in their order.
fn days(t: Lang, found: &Timeline) -> Vec<Day> {
    let by_day = found.lines.chunk_by(|one, next| one.at.local_date() == next.at.local_date());
    let day = |lines: &[Line]| {
        let title = t.day(lines.first()?.at.local_date());
        let line = |line: &Line| HistoryLine { when: t.clock(line.at.local()), ..HistoryLine::new(t, line) };
        Some(Day { title, lines: lines.iter().map(line).collect() })
    };
    by_day.filter_map(day).collect()
}
