//! Accounts: the list, narrowed and searched as in the console, and one with its mailboxes and its term.

use super::call::{Call, Named, Parameter, only};
use super::paging::{self, CURSOR, LIMIT, List};
use super::problem::{Kind, Problem};
use super::words::{AccountKind, AccountLock, AccountState, ChangeReason, SystemName, TermRule};
use crate::app::App;
use crate::domain::account::{Account, Kind as Holder, LockReason, State, StateName};
use crate::domain::admin::ApiScope;
use crate::domain::agency::Agency;
use crate::domain::audit_record::rfc3339;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::{MailSystem, Mailbox};
use crate::domain::policy::deadline::Deadline;
use crate::domain::timestamp::Timestamp;
use crate::services::account_list::{self, Edge, ListRow, Narrowed, Order, Sort, Systems};
use crate::services::accounts::{self, Dossier};
use crate::services::{Internal, chain, rights};
use crate::urls;
use axum::extract::State as Of;
use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of the list.
pub(super) const QUERY: &[Parameter] = &[
    (
        "q",
        "Words that each begin somewhere in name, address, staff number, title or agency; marks do not matter",
    ),
    ("state", "`active`, `must_change`, `locked` or `retired`"),
    ("lock", "Only locked for this reason, such as `default_password_kept`"),
    ("agency", "Only of the agency with this id"),
    ("kind", "`person`, `agency` or `service`"),
    ("system", "Held by exactly these mail systems: `ad`, `obm`, `both` or `none`"),
    ("sort", "`name`, `due` or `since`"),
    ("order", "`asc` or `desc`"),
    LIMIT,
    CURSOR,
];

const LIST: List<'static> = (urls::API_ACCOUNTS, QUERY);

/// The agency of something.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgencyName {
    /// Its id in this interface.
    id: String,
    /// Its code, the same in tokens.
    code: String,
    /// Its name.
    name: String,
}

impl From<&Agency> for AgencyName {
    fn from(agency: &Agency) -> Self {
        Self { id: agency.id.to_string(), code: agency.code.clone(), name: agency.name.clone() }
    }
}

/// An account as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountRow {
    /// Its id in this interface.
    id: String,
    /// Its main address.
    address: String,
    /// The name of its holder.
    display_name: String,
    /// `person`, `agency` or `service`.
    #[schema(value_type = AccountKind)]
    kind: &'static str,
    /// The post of its holder.
    title: Option<String>,
    /// The number that the directory has for its holder.
    staff_number: Option<String>,
    /// Its agency.
    agency: Option<AgencyName>,
    /// `active`, `must_change`, `locked` or `retired`.
    #[schema(value_type = AccountState)]
    state: &'static str,
    /// Since when; of an active one, when its password was set.
    #[schema(format = DateTime)]
    state_since: String,
    /// Why it is locked.
    #[schema(value_type = Option<AccountLock>)]
    lock_reason: Option<&'static str>,
    /// Why a new password is demanded.
    #[schema(value_type = Option<ChangeReason>)]
    change_reason: Option<&'static str>,
    /// The mail systems that hold it: `ad`, `obm`.
    #[schema(value_type = Vec<SystemName>)]
    systems: Vec<&'static str>,
    /// When the running term ends.
    #[schema(format = DateTime)]
    term_ends_at: Option<String>,
    /// When it was first used.
    #[schema(format = DateTime)]
    first_access_at: Option<String>,
    /// When it was last used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// Which version this is; writes name it in `If-Match`.
    version: i64,
}

/// A page of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountPage {
    /// The rows.
    items: Vec<AccountRow>,
    /// The cursor of the next page; none on the last one.
    next: Option<String>,
}

/// One mailbox of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MailboxTold {
    /// `ad` or `obm`.
    #[schema(value_type = SystemName)]
    system: &'static str,
    /// Its address there.
    address: String,
    /// Whether the directory lets its holder in.
    enabled: bool,
    /// When its password was set, as far as the directory tells.
    #[schema(format = DateTime)]
    password_set_at: Option<String>,
    /// Whether it has another password than the account.
    password_lags: bool,
}

/// A term that runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TermTold {
    /// The rule.
    #[schema(value_type = TermRule)]
    rule: &'static str,
    /// The day after which it counts.
    #[schema(format = Date)]
    start: String,
    /// The last day.
    #[schema(format = Date)]
    last_day: String,
    /// When it ends.
    #[schema(format = DateTime)]
    ends_at: String,
    /// When the account is locked then, if the rule is enforced.
    #[schema(format = DateTime)]
    lock_at: Option<String>,
}

/// An account with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountWhole {
    /// As lists show it.
    #[serde(flatten)]
    row: AccountRow,
    /// Its further addresses.
    aliases: Vec<String>,
    /// Its mailboxes.
    mailboxes: Vec<MailboxTold>,
    /// The term that runs.
    term: Option<TermTold>,
    /// How many sessions are open.
    open_sessions: usize,
}

/// An account after a write: how it stands, and whatever else there is where the token may read accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountNow {
    /// Its id in this interface.
    id: String,
    /// `active`, `must_change`, `locked` or `retired`.
    #[schema(value_type = AccountState)]
    state: &'static str,
    /// Why it is locked.
    #[schema(value_type = Option<AccountLock>)]
    lock_reason: Option<&'static str>,
    /// Why a new password is demanded.
    #[schema(value_type = Option<ChangeReason>)]
    change_reason: Option<&'static str>,
    /// Which version it is; missing where it could not be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// Everything of it, where the token has `accounts.read` too.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountWhole>,
}

/// The list.
pub(super) async fn list(Of(app): Of<App>, call: Call) -> Result<Response, Problem> {
    let narrowed = Narrowed {
        state: call.word("state", StateName::from_code)?,
        lock: call.word("lock", LockReason::from_code)?,
        agency: call.parsed::<AgencyId>("agency")?,
        kind: call.word("kind", Holder::from_code)?,
        systems: call.word("system", Systems::from_code)?,
        due: None,
        search: call.given("q").unwrap_or_default().chars().take(200).collect(),
    };
    let order = Order {
        sort: call.word("sort", Sort::from_code)?.unwrap_or_default(),
        downwards: call.word("order", |word| ["asc", "desc"].iter().position(|one| *one == word))? == Some(1),
    };
    let limit = paging::limit(&call)?;
    // What the last row was sorted by when it was told: the next page goes on from there, wherever its account is by then.
    let after = paging::place(&app, &call, LIST, |text| Edge::read(text, order.sort))?;
    let from = (after.as_ref(), limit + 1);
    let mut rows = account_list::rows_after(&app, &call.by, &narrowed, order, from).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more);
    let next = last.map(|row| paging::cursor(&app, &call, LIST, &row.edge.told()));
    let page = AccountPage { items: rows.iter().map(listed).collect(), next };
    Ok(paging::page(&call, LIST, &page, page.next.as_deref()))
}

/// One account.
pub(super) async fn one(
    Of(app): Of<App>,
    call: Call,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = call.account(&app, &id).await?;
    let dossier = accounts::dossier(&app, &call.by, id).await?;
    let whole = told(&dossier.ok_or_else(|| Problem::new(Kind::NotFound))?);
    let tag = paging::tag(whole.row.version);
    let known = only(&headers, &IF_NONE_MATCH)?;
    if known.is_some_and(|known| paging::has_tag(known, &tag)) {
        return Ok(paging::tagged(StatusCode::NOT_MODIFIED.into_response(), &tag));
    }
    Ok(paging::tagged(paging::ok(&whole), &tag))
}

/// An account that was just written. The write has taken effect, so what cannot be read of it any more is missing.
pub(super) async fn written(app: &App, call: &Call, account: &Account) -> AccountNow {
    match read_again(app, call, account.id()).await {
        Ok(Some((account, whole))) => standing(&account, Some(account.version()), whole),
        Ok(None) => standing(account, None, None),
        Err(internal) => {
            tracing::error!("reading an account after a write: {}", chain(&internal));
            standing(account, None, None)
        }
    }
}

async fn read_again(
    app: &App,
    call: &Call,
    id: AccountId,
) -> Result<Option<(Account, Option<AccountWhole>)>, Internal> {
    if !call.has(ApiScope::AccountsRead) {
        return Ok(rights::account(app, &call.by, id).await?.map(|account| (account, None)));
    }
    let dossier = accounts::dossier(app, &call.by, id).await?;
    Ok(dossier.map(|dossier| (dossier.overview.account.clone(), Some(told(&dossier)))))
}

fn standing(account: &Account, version: Option<i64>, whole: Option<AccountWhole>) -> AccountNow {
    let (_, lock_reason, change_reason) = since(account);
    AccountNow {
        id: account.id().to_string(),
        state: account.state().name().code(),
        lock_reason,
        change_reason,
        version,
        account: whole,
    }
}

impl AccountNow {
    /// The entity tag of its version.
    pub(super) fn tag(&self) -> Option<String> {
        self.version.map(paging::tag)
    }
}

fn told(Dossier { overview, sessions, .. }: &Dossier) -> AccountWhole {
    let systems: Vec<MailSystem> = overview.mailboxes.iter().map(|mailbox| mailbox.key.system).collect();
    let ends_at = overview.deadline.as_ref().map(|deadline| deadline.ends_at);
    AccountWhole {
        row: row(&overview.account, overview.agency.as_ref(), &systems, ends_at),
        aliases: overview.aliases.iter().map(ToString::to_string).collect(),
        mailboxes: overview.mailboxes.iter().map(mailbox).collect(),
        term: overview.deadline.as_ref().map(term),
        open_sessions: sessions.len(),
    }
}

fn listed(one: &ListRow) -> AccountRow {
    row(&one.account, one.agency.as_ref(), one.systems.each(), one.ends_at)
}

fn row(
    account: &Account,
    agency: Option<&Agency>,
    systems: &[MailSystem],
    ends_at: Option<Timestamp>,
) -> AccountRow {
    let (profile, traces) = (account.profile(), account.traces());
    let (since, lock_reason, change_reason) = since(account);
    AccountRow {
        id: account.id().to_string(),
        address: profile.address.to_string(),
        display_name: profile.display_name.clone(),
        kind: profile.kind.code(),
        title: profile.title.clone(),
        staff_number: profile.staff_number.clone(),
        agency: agency.map(AgencyName::from),
        state: account.state().name().code(),
        state_since: rfc3339(since),
        lock_reason,
        change_reason,
        systems: systems.iter().map(|system| system.code()).collect(),
        term_ends_at: ends_at.map(rfc3339),
        first_access_at: traces.first_access_at.map(rfc3339),
        last_used_at: traces.last_used_at.map(rfc3339),
        version: account.version(),
    }
}

/// Since when an account is in its state, why it is locked, and why a new password is demanded.
fn since(account: &Account) -> (Timestamp, Option<&'static str>, Option<&'static str>) {
    match *account.state() {
        State::Active { password_set_at } => (password_set_at, None, None),
        State::MustChangePassword { since, why, .. } => (since, None, Some(why.code())),
        State::Locked { at, reason } => (at, Some(reason.code()), None),
        State::Retired { at } => (at, None, None),
    }
}

fn mailbox(one: &Mailbox) -> MailboxTold {
    MailboxTold {
        system: one.key.system.code(),
        address: one.address.to_string(),
        enabled: one.enabled,
        password_set_at: one.password_set_at.map(rfc3339),
        password_lags: one.password_lags,
    }
}

fn term(deadline: &Deadline) -> TermTold {
    TermTold {
        rule: deadline.rule.code(),
        start: deadline.start.to_string(),
        last_day: deadline.last_day.to_string(),
        ends_at: rfc3339(deadline.ends_at),
        lock_at: deadline.lock_at.map(rfc3339),
    }
}
