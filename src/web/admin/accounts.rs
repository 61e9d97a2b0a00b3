//! The list of accounts: search without diacritics, chips for the state, one agency or all, pages forth and back.

use crate::app::App;
use crate::domain::account::{LockReason, State as AccountState, StateName};
use crate::domain::admin::Right;
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::accounts::{self, List, ListRow, Query};
use crate::urls;
use crate::web::parts::{count, state_badge};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A day in an address of the console.
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The longest search text that is used.
const LONGEST_SEARCH: usize = 100;

/// What the list is narrowed to, as the address of the page says it.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrowing {
    pub(super) search: String,
    pub(super) state: Option<StateName>,
    pub(super) lock: Option<LockReason>,
    pub(super) agency: Option<AgencyId>,
    pub(super) due: Option<Date>,
}

impl Narrowing {
    /// Reads it; what is not understood narrows nothing.
    fn read(fields: &Fields) -> Self {
        Self {
            search: fields.text("q").trim().chars().take(LONGEST_SEARCH).collect(),
            state: fields.get("state").and_then(StateName::from_code),
            lock: fields.get("lock").and_then(LockReason::from_code),
            agency: fields.get("agency").and_then(|id| id.parse().ok()),
            due: fields.get("due").and_then(|day| Date::parse(day, DAY).ok()),
        }
    }

    /// The fields that say it.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let due = self.due.and_then(|day| day.format(DAY).ok());
        let all = [
            ("q", Some(self.search.clone()).filter(|text| !text.is_empty())),
            ("state", self.state.map(|state| state.code().to_owned())),
            ("lock", self.lock.map(|lock| lock.code().to_owned())),
            ("agency", self.agency.map(|id| id.to_string())),
            ("due", due),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The address of the first page of the list.
    pub(super) fn address(&self) -> String {
        self.address_from(None)
    }

    fn address_from(&self, edge: Option<(&'static str, &str)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields());
        query.extend_pairs(edge);
        let query = query.finish();
        if query.is_empty() { urls::ACCOUNTS.to_owned() } else { format!("{}?{query}", urls::ACCOUNTS) }
    }
}

/// An agency to choose.
struct Choice {
    id: String,
    name: String,
    chosen: bool,
}

/// A link that narrows the list to a state.
struct Chip {
    address: String,
    word: String,
    chosen: bool,
}

/// One account of the list.
struct Row {
    href: String,
    name: String,
    address: String,
    agency: String,
    systems: String,
    badge: &'static str,
    state: &'static str,
    reason: Option<&'static str>,
    deadline: String,
}

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct AccountsPage {
    t: Lang,
    page: Frame,
    counted: String,
    q: String,
    agencies: Vec<Choice>,
    kept: Vec<(&'static str, String)>,
    chips: Vec<Chip>,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
    unlock: Option<String>,
}

/// Shows a page of it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let query = query_of(query)?;
    let narrowing = Narrowing::read(&query);
    let list = accounts::list(&app, &by.administrator, &as_query(&narrowing, &query)).await?;
    let agencies = accounts::agencies_within_reach(&app, &by.administrator).await?;
    let edge = |row: Option<&ListRow>, way, there| {
        let address = row.filter(|_| there)?.account.profile().address.as_str();
        Some(narrowing.address_from(Some((way, address))))
    };
    html(&AccountsPage {
        t,
        page: super::frame(&app, &by).await?,
        counted: t.accounts_counted(count(list.total)),
        agencies: choices(agencies, narrowing.agency),
        kept: narrowing.fields().into_iter().filter(|(name, _)| !["q", "agency"].contains(name)).collect(),
        chips: chips(t, &narrowing),
        previous: edge(list.rows.first(), "before", list.has_previous),
        next: edge(list.rows.last(), "after", list.has_next),
        rows: rows(t, &list),
        unlock: unlock(&narrowing).filter(|_| by.administrator.may(Right::Unlock)),
        q: narrowing.search.clone(),
    })
}

fn as_query(narrowing: &Narrowing, fields: &Fields) -> Query {
    Query {
        state: narrowing.state,
        lock: narrowing.lock,
        agency: narrowing.agency,
        due_by: narrowing.due.map(Timestamp::end_of),
        search: narrowing.search.clone(),
        after: fields.get("after").map(str::to_owned),
        before: fields.get("before").map(str::to_owned),
    }
}

/// Where many locks are lifted at once, beside a list of locked accounts.
fn unlock(narrowing: &Narrowing) -> Option<String> {
    let liftable = narrowing.lock.filter(|lock| !lock.is_lifted_by_the_directory());
    let is_open = narrowing.lock.is_none() && narrowing.state == Some(StateName::Locked);
    (liftable.is_some() || is_open).then(|| super::bulk_unlock::address(liftable))
}

fn choices(agencies: Vec<Agency>, chosen: Option<AgencyId>) -> Vec<Choice> {
    let choice = |agency: Agency| Choice {
        chosen: Some(agency.id) == chosen,
        id: agency.id.to_string(),
        name: agency.name,
    };
    agencies.into_iter().map(choice).collect()
}

/// All, every state, and what else the list is narrowed to at present.
fn chips(t: Lang, narrowing: &Narrowing) -> Vec<Chip> {
    let open = Narrowing { state: None, lock: None, due: None, ..narrowing.clone() };
    let plain = narrowing.state.is_none() && narrowing.lock.is_none() && narrowing.due.is_none();
    let mut chips = vec![Chip { address: open.address(), word: t.all_accounts().to_owned(), chosen: plain }];
    chips.extend(StateName::ALL.into_iter().map(|state| Chip {
        address: Narrowing { state: Some(state), ..open.clone() }.address(),
        word: t.state_of(state).to_owned(),
        chosen: narrowing.state == Some(state),
    }));
    let word = narrowing.lock.map(|lock| t.lock_reason(lock).to_owned());
    let word = word.or_else(|| narrowing.due.map(|day| t.due_by(&t.day(day))));
    chips.extend(word.map(|word| Chip { address: narrowing.address(), word, chosen: true }));
    chips
}

fn rows(t: Lang, list: &List) -> Vec<Row> {
    let row = |row: &ListRow| {
        let profile = row.account.profile();
        let state = row.account.state();
        let systems: Vec<_> = row.mailboxes.iter().map(|m| m.key.system.product()).collect();
        Row {
            href: urls::account(row.account.id()),
            name: profile.display_name.clone(),
            address: profile.address.to_string(),
            agency: row.agency.as_ref().map_or_else(|| t.no_agency().to_owned(), |a| a.name.clone()),
            systems: systems.join(", "),
            badge: state_badge(state.name()),
            state: t.state_of(state.name()),
            reason: match *state {
                AccountState::Locked { reason, .. } => Some(t.lock_reason(reason)),
                AccountState::MustChangePassword { why, .. } => Some(t.must_change(why)),
                _ => None,
            },
            deadline: row.ends_at.map_or_else(|| t.no_deadline_short().to_owned(), |at| last_day(t, at)),
        }
    };
    list.rows.iter().map(row).collect()
}

/// The last day of a term that ends at its midnight.
fn last_day(t: Lang, ends_at: Timestamp) -> String {
    t.date(ends_at.minus(time::Duration::microseconds(1)).local_date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn what_the_list_is_narrowed_to_survives_its_own_address() {
        let narrowing = Narrowing {
            search: "nguyễn & an".to_owned(),
            state: Some(StateName::Locked),
            lock: Some(LockReason::PasswordTooOld),
            agency: None,
            due: Some(date!(2026 - 11 - 30)),
        };
        let address = narrowing.address();
        let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let again = Narrowing::read(&Fields::read(query.as_bytes()).expect("our own address"));
        assert_eq!(again.address(), address);
        assert_eq!(again.search, "nguyễn & an");
    }

    #[test]
    fn what_is_not_understood_narrows_nothing() {
        let fields = Fields::read(b"state=drunk&lock=x&agency=y&due=z").expect("a query");
        assert_eq!(Narrowing::read(&fields).address(), urls::ACCOUNTS);
    }
}
