//! The list of accounts: one search without diacritics, chips, sorted columns, pages forth and back.

use super::Choice;
use super::bulk::BOX;
use super::narrowing::{Narrowing, Until};
use crate::app::App;
use crate::domain::account::{Kind, LockReason, State as AccountState, StateName};
use crate::domain::admin::Right;
use crate::domain::agency::Agency;
use crate::domain::bulk::BulkAct;
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::account_list::{self, Edge, List, ListRow, Order, Place, Sort, Systems};
use crate::services::accounts;
use crate::urls;
use crate::web::parts::{Notice, count, state_badge};
use crate::web::{html, html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use time::{Date, Duration};

/// The nearest ends of a term that have a chip, in days from today.
const SOON: [i64; 2] = [7, 30];

/// A link that narrows the list.
pub(super) struct Chip {
    pub(super) address: String,
    pub(super) word: String,
    pub(super) chosen: bool,
}

/// Chips of one sort, under one word.
struct Group {
    code: &'static str,
    word: &'static str,
    chips: Vec<Chip>,
}

/// The head of a column; one that sorts is a link.
struct Head {
    word: &'static str,
    sort: Option<(String, &'static str)>,
}

/// One account of the list.
struct Row {
    field: String,
    href: String,
    name: String,
    address: String,
    kind: Option<&'static str>,
    agency: String,
    managers: String,
    systems: String,
    badge: &'static str,
    state: &'static str,
    reason: Option<&'static str>,
    since: String,
    deadline: String,
    known: String,
    used: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct AccountsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    counted: String,
    total: String,
    all: Vec<(&'static str, String)>,
    /// What may be done to many; without any there is nothing to tick.
    acts: Vec<(&'static str, &'static str)>,
    q: String,
    agencies: Vec<Choice>,
    kept: Vec<(&'static str, String)>,
    chips: Vec<Chip>,
    groups: Vec<Group>,
    is_narrowed: bool,
    heads: Vec<Head>,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
    unlock: Option<String>,
    csv: String,
    xlsx: String,
}

/// Shows a page of it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let narrowing = Narrowing::read(&query);
    let place = place(&query, narrowing.order.sort);
    html(&page(&app, &by, narrowing, place).await?)
}

/// The first page of the list, with why an act over it was not drawn up.
pub(super) async fn refused(
    app: &App,
    by: &AsAdministrator,
    narrowing: &Narrowing,
    words: String,
) -> Result<Response, Failure> {
    let list = page(app, by, narrowing.clone(), Place::Beginning).await?;
    let page = super::at(list.page, list.t, &narrowing.address());
    let list = AccountsPage { page, notice: Some(Notice::warn(words)), ..list };
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &list)
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    narrowing: Narrowing,
    place: Place,
) -> Result<AccountsPage, Failure> {
    let t = by.visitor.lang;
    let narrowed = narrowing.narrowed();
    let list = account_list::page(app, &by.administrator, &narrowed, narrowing.order, place).await?;
    let agencies = accounts::agencies_within_reach(app, &by.administrator).await?;
    let edge = |row: Option<&ListRow>, way, there| {
        let edge = row.filter(|_| there)?.edge.told();
        Some(narrowing.address_at(urls::ACCOUNTS, Some((way, &edge))))
    };
    let groups = groups(t, &narrowing, app.now().local_date());
    Ok(AccountsPage {
        t,
        page: super::frame(app, by).await?,
        notice: None,
        total: t.number(count(list.total)),
        all: narrowing.fields(),
        acts: acts(by),
        counted: t.accounts_counted(count(list.total)),
        agencies: choices(agencies, narrowing.agency),
        kept: narrowing.fields().into_iter().filter(|(name, _)| !["q", "agency"].contains(name)).collect(),
        chips: chips(t, &narrowing),
        is_narrowed: groups.iter().any(|group| group.chips.iter().any(|chip| chip.chosen)),
        groups,
        heads: heads(t, &narrowing),
        previous: edge(list.rows.first(), "before", list.has_previous),
        next: edge(list.rows.last(), "after", list.has_next),
        rows: rows(t, &list),
        unlock: unlock(&narrowing).filter(|_| by.administrator.may(Right::Unlock)),
        csv: narrowing.address_at(urls::ACCOUNTS_CSV, None),
        xlsx: narrowing.address_at(urls::ACCOUNTS_XLSX, None),
        q: narrowing.search,
    })
}

/// Where a page begins; what is no place in this order is the beginning.
fn place(query: &Fields, sort: Sort) -> Place {
    let edge = |name| query.get(name).and_then(|text| Edge::read(text, sort));
    edge("before").map(Place::Before).or_else(|| edge("after").map(Place::After)).unwrap_or_default()
}

/// Where many locks are lifted at once, beside a list of locked accounts.
fn acts(by: &AsAdministrator) -> Vec<(&'static str, &'static str)> {
    let may = |act: &BulkAct| by.administrator.may(Right::ActOnMany) && by.administrator.may(act.right());
    let word = |act: BulkAct| (act.code(), by.visitor.lang.bulk_act(act));
    BulkAct::ALL.into_iter().filter(may).map(word).collect()
}

fn unlock(narrowing: &Narrowing) -> Option<String> {
    let liftable = narrowing.lock.filter(|lock| !lock.is_lifted_by_the_directory());
    let is_open = narrowing.lock.is_none() && narrowing.state == Some(StateName::Locked);
    (liftable.is_some() || is_open).then(|| super::bulk_unlock::address(liftable))
}

fn choices(agencies: Vec<Agency>, chosen: Option<AgencyId>) -> Vec<Choice> {
    agencies.into_iter().map(|agency| Choice::of_agency(agency, chosen)).collect()
}

/// All, and every state.
fn chips(t: Lang, narrowing: &Narrowing) -> Vec<Chip> {
    let open = Narrowing { state: None, lock: None, ..narrowing.clone() };
    let plain = narrowing.state.is_none() && narrowing.lock.is_none();
    let mut chips = vec![Chip { address: open.address(), word: t.all_accounts().to_owned(), chosen: plain }];
    chips.extend(StateName::ALL.into_iter().map(|state| Chip {
        address: Narrowing { state: Some(state), ..open.clone() }.address(),
        word: t.state_of(state).to_owned(),
        chosen: narrowing.state == Some(state),
    }));
    chips
}

/// What else the list can be narrowed to. A chip that is chosen leads back.
fn groups(t: Lang, narrowing: &Narrowing, today: Date) -> Vec<Group> {
    let chip = |word: &str, with: Narrowing, without: Narrowing, chosen: bool| Chip {
        address: if chosen { without.address() } else { with.address() },
        word: word.to_owned(),
        chosen,
    };
    let of = || narrowing.clone();
    let locks = LockReason::ALL.map(|lock| {
        let with = Narrowing { state: None, lock: Some(lock), ..of() };
        chip(t.lock_reason(lock), with, Narrowing { lock: None, ..of() }, narrowing.lock == Some(lock))
    });
    let kinds = Kind::ALL.map(|kind| {
        let with = Narrowing { kind: Some(kind), ..of() };
        chip(t.kind_of(kind), with, Narrowing { kind: None, ..of() }, narrowing.kind == Some(kind))
    });
    let systems = Systems::ALL.map(|systems| {
        let with = Narrowing { systems: Some(systems), ..of() };
        let without = Narrowing { systems: None, ..of() };
        chip(systems_word(t, systems), with, without, narrowing.systems == Some(systems))
    });
    let mut ends = vec![(Until::Over, t.due_over().to_owned())];
    ends.extend(SOON.map(|days| (Until::Day(today + Duration::days(days)), t.due_within(&days.to_string()))));
    // A day that a link of the dashboard or the forecast has chosen.
    if let Some(Until::Day(day)) = narrowing.due
        && !ends.iter().any(|(until, _)| Some(*until) == narrowing.due)
    {
        ends.push((Until::Day(day), t.due_by(&t.day(day))));
    }
    let due = ends.into_iter().map(|(until, word)| {
        let with = Narrowing { due: Some(until), ..of() };
        chip(&word, with, Narrowing { due: None, ..of() }, narrowing.due == Some(until))
    });
    vec![
        Group { code: "due", word: t.deadline(), chips: due.collect() },
        Group { code: "lock", word: t.reason_label(), chips: locks.into() },
        Group { code: "kind", word: t.account_kind(), chips: kinds.into() },
        Group { code: "system", word: t.systems(), chips: systems.into() },
    ]
}

pub(super) fn systems_word(t: Lang, systems: Systems) -> &'static str {
    match systems {
        Systems::Neither => t.in_no_system(),
        Systems::Exchange => t.in_exchange_only(),
        Systems::Obm => t.in_obm_only(),
        Systems::Both => t.in_both_systems(),
    }
}

fn heads(t: Lang, narrowing: &Narrowing) -> Vec<Head> {
    let sorted = |word, sort| {
        let is_current = narrowing.order.sort == sort;
        let downwards = is_current && !narrowing.order.downwards;
        let order = Order { sort, downwards };
        let direction = match (is_current, narrowing.order.downwards) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        Head { word, sort: Some((Narrowing { order, ..narrowing.clone() }.address(), direction)) }
    };
    let plain = |word| Head { word, sort: None };
    vec![
        sorted(t.full_name(), Sort::Name),
        plain(t.agency_and_manager()),
        plain(t.systems()),
        sorted(t.state(), Sort::Since),
        sorted(t.deadline(), Sort::Term),
        plain(t.known_and_used()),
    ]
}

fn rows(t: Lang, list: &List) -> Vec<Row> {
    let row = |row: &ListRow| {
        let profile = row.account.profile();
        let state = row.account.state();
        let systems: Vec<_> = row.systems.each().iter().map(|system| system.product()).collect();
        let (reason, since) = state_since(t, state);
        let day = |at: Timestamp| t.date(at.local_date());
        Row {
            field: format!("{BOX}{}", row.account.id()),
            href: urls::account(row.account.id()),
            name: profile.display_name.clone(),
            address: profile.address.to_string(),
            kind: (profile.kind != Kind::Person).then(|| t.kind_of(profile.kind)),
            agency: row.agency.as_ref().map_or_else(|| t.no_agency().to_owned(), |a| a.name.clone()),
            managers: managers(t, row),
            systems: systems.join(", "),
            badge: state_badge(state.name()),
            state: t.state_of(state.name()),
            reason,
            since: t.since_day(&day(since)),
            deadline: row.ends_at.map_or_else(|| t.no_deadline_short().to_owned(), |at| last_day(t, at)),
            known: t.known_since(&day(row.created_at)),
            used: row.account.traces().last_used_at.map(|at| t.used_on(&day(at))),
        }
    };
    list.rows.iter().map(row).collect()
}

/// Why an account is in its state, and since when.
pub(super) fn state_since(t: Lang, state: &AccountState) -> (Option<&'static str>, Timestamp) {
    match *state {
        AccountState::Active { password_set_at } => (None, password_set_at),
        AccountState::MustChangePassword { why, since, .. } => (Some(t.must_change(why)), since),
        AccountState::Locked { reason, at } => (Some(t.lock_reason(reason)), at),
        AccountState::Retired { at } => (None, at),
    }
}

/// Who administers the agency of an account.
pub(super) fn managers(t: Lang, row: &ListRow) -> String {
    if row.managers.is_empty() { t.managed_by_city().to_owned() } else { row.managers.join(", ") }
}

/// The last day of a term that ends at its midnight.
fn last_day(t: Lang, ends_at: Timestamp) -> String {
    t.date(last_date(ends_at))
}

/// The day whose midnight a term ends at.
pub(super) fn last_date(ends_at: Timestamp) -> Date {
    ends_at.minus(Duration::microseconds(1)).local_date()
}
