//! What the portal and the console show of accounts. Everything for the console is scoped by the administrator's
//! reach.

use super::{Internal, deadlines, rights};
use crate::app::App;
use crate::domain::account::{Account, LockReason, StateName};
use crate::domain::address::MailAddress;
use crate::domain::admin::Administrator;
use crate::domain::agency::Agency;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::Mailbox;
use crate::domain::outbox::DirectoryLock;
use crate::domain::policy::deadline::Deadline;
use crate::domain::session::Session;
use crate::domain::timestamp::Timestamp;
use crate::services::session::Current;
use crate::storage::accounts::{Filter, Page};
use crate::storage::told_deadlines::ToldBy;
use crate::storage::{accounts, agencies, aliases, audit, directory_locks, mailboxes, sessions};

pub use crate::storage::accounts::Count;
pub use crate::storage::audit::Line;

/// Rows of a page of the list.
pub const PAGE: i64 = 50;

/// An account with everything its own page shows.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The account.
    pub account: Account,
    /// Its agency.
    pub agency: Option<Agency>,
    /// Its further addresses.
    pub aliases: Vec<MailAddress>,
    /// The main addresses that it had before, the last one first.
    pub former: Vec<MailAddress>,
    /// Its mailboxes, AD first.
    pub mailboxes: Vec<Mailbox>,
    /// What was ordered of the directories for these mailboxes.
    pub locks: Vec<DirectoryLock>,
    /// The term that runs, with its explanation.
    pub deadline: Option<Deadline>,
}

/// An account as its administrator sees it.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// What its holder sees.
    pub overview: Overview,
    /// The open sessions.
    pub sessions: Vec<Session>,
    /// The newest hundred lines of the audit, newest first.
    pub history: Vec<Line>,
}

/// The numbers of the dashboard.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// How many in each state, for each reason.
    pub counts: Vec<Count>,
    /// Terms that end within seven days.
    pub due_in_seven_days: i64,
    /// Until when [`Dashboard::due_in_seven_days`] counts.
    pub due_until: Timestamp,
}

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only in this state.
    pub state: Option<StateName>,
    /// Only locked for this reason.
    pub lock: Option<LockReason>,
    /// Only of this agency.
    pub agency: Option<AgencyId>,
    /// Only whose term ends by then.
    pub due_by: Option<Timestamp>,
    /// Only whose name, address, title or staff number contains this.
    pub search: String,
    /// After this address, forwards.
    pub after: Option<String>,
    /// Before this address, backwards; wins over `after`.
    pub before: Option<String>,
}

/// A row of the list.
#[derive(Debug, Clone)]
pub struct ListRow {
    /// The account.
    pub account: Account,
    /// Its agency.
    pub agency: Option<Agency>,
    /// Its mailboxes, AD first.
    pub mailboxes: Vec<Mailbox>,
    /// When the running term ends.
    pub ends_at: Option<Timestamp>,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct List {
    /// Its rows.
    pub rows: Vec<ListRow>,
    /// How many accounts match in all.
    pub total: i64,
    /// Whether there are rows before these.
    pub has_previous: bool,
    /// Whether there are rows after these.
    pub has_next: bool,
}

/// What the holder of a session sees of the own account.
pub async fn own(app: &App, current: &Current) -> Result<Overview, Internal> {
    let overview = overview(app, current.account.clone()).await?;
    if let Some(deadline) = &overview.deadline {
        deadlines::tell(app, &overview.account, deadline, ToldBy::Page).await?;
    }
    Ok(overview)
}

/// What an administrator sees of an account; `None` out of reach.
pub async fn dossier(app: &App, by: &Administrator, id: AccountId) -> Result<Option<Dossier>, Internal> {
    let Some(account) = rights::account(app, by, id).await? else { return Ok(None) };
    let sessions = sessions::of_account(&app.db, id, app.now()).await?;
    let history = audit::of_account(&app.db, id, 100).await?;
    Ok(Some(Dossier { overview: overview(app, account).await?, sessions, history }))
}

/// The numbers of the dashboard, within reach.
pub async fn dashboard(app: &App, by: &Administrator) -> Result<Dashboard, Internal> {
    let reach = by.reach().agency();
    let now = app.now();
    let due_until = Timestamp::end_of(now.plus(time::Duration::days(7)).local_date());
    Ok(Dashboard {
        counts: accounts::counts(&app.db, reach).await?,
        due_in_seven_days: accounts::due_between(&app.db, now, due_until, reach).await?,
        due_until,
    })
}

/// All agencies, for the command line.
pub async fn agencies(app: &App) -> Result<Vec<Agency>, Internal> {
    Ok(agencies::every(&app.db).await?)
}

/// The agencies within reach.
pub async fn agencies_within_reach(app: &App, by: &Administrator) -> Result<Vec<Agency>, Internal> {
    let mut all = agencies::every(&app.db).await?;
    all.retain(|agency| by.reach().covers(Some(agency.id)));
    Ok(all)
}

/// The agency an administrator is limited to, if they are.
pub async fn agency_of_reach(app: &App, by: &Administrator) -> Result<Option<Agency>, Internal> {
    match by.reach().agency() {
        None => Ok(None),
        Some(id) => Ok(agencies::by_id(&app.db, id).await?),
    }
}

/// A page of the list of accounts, within reach.
pub async fn list(app: &App, by: &Administrator, query: &Query) -> Result<List, Internal> {
    let filter = Filter {
        reach: by.reach().agency(),
        state: query.state,
        lock: query.lock,
        agency: query.agency,
        search: Some(query.search.clone()).filter(|text| !text.trim().is_empty()),
        due_by: query.due_by,
    };
    let page = match (&query.before, &query.after) {
        (Some(before), _) => Page::Before(before.clone()),
        (None, after) => Page::After(after.clone().unwrap_or_default()),
    };
    let total = accounts::matching(&app.db, &filter).await?;
    let mut found = accounts::list(&app.db, &filter, &page, PAGE + 1).await?;
    let more = found.len() > usize::try_from(PAGE).unwrap_or_default();
    let (has_previous, has_next) = match page {
        Page::Before(_) => (more, true),
        Page::After(ref after) => (!after.is_empty(), more),
    };
    if more {
        match page {
            Page::Before(_) => drop(found.remove(0)),
            Page::After(_) => drop(found.pop()),
        }
    }
    let all = agencies::every(&app.db).await?;
    let regulation = app.regulation();
    let mut rows = Vec::with_capacity(found.len());
    for account in found {
        rows.push(ListRow {
            agency: all.iter().find(|a| Some(a.id) == account.profile().agency_id).cloned(),
            mailboxes: mailboxes::of_account(&app.db, account.id()).await?,
            ends_at: regulation.running(&account).map(|d| d.ends_at),
            account,
        });
    }
    Ok(List { rows, total, has_previous, has_next })
}

async fn overview(app: &App, account: Account) -> Result<Overview, Internal> {
    let agency = match account.profile().agency_id {
        Some(id) => agencies::by_id(&app.db, id).await?,
        None => None,
    };
    Ok(Overview {
        agency,
        aliases: aliases::of(&app.db, account.id()).await?,
        former: aliases::former_of(&app.db, account.id()).await?,
        mailboxes: mailboxes::of_account(&app.db, account.id()).await?,
        locks: directory_locks::of_account(&app.db, account.id()).await?,
        deadline: app.regulation().running(&account),
        account,
    })
}
