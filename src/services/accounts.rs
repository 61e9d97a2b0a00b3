//! What the portal and the console show of accounts. Everything for the console is scoped by the administrator's
//! reach.

use super::rights::{self, Denied};
use super::{Internal, audit_search, deadlines, session_desk};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::admin::Administrator;
use crate::domain::agency::Agency;
use crate::domain::id::AccountId;
use crate::domain::mailbox::Mailbox;
use crate::domain::outbox::DirectoryLock;
use crate::domain::policy::deadline::Deadline;
use crate::domain::session::Session;
use crate::services::session::Current;
use crate::storage::told_deadlines::ToldBy;
use crate::storage::{accounts, agencies, aliases, audit, directory_locks, mailboxes, sessions};

pub use crate::storage::audit::Line;

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
    /// The open sessions, but those of a door that is not shown to whoever asks.
    pub sessions: Vec<Session>,
    /// The newest hundred lines of the audit, newest first.
    pub history: Vec<Line>,
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
    let mut sessions = sessions::of_account(&app.db, id, app.now()).await?;
    sessions.retain(|session| session_desk::sees(by, session.door));
    let history = audit::of_account(&app.db, id, 100).await?;
    Ok(Some(Dossier { overview: overview(app, account).await?, sessions, history }))
}

/// The same for a page that shows the lines of the audit: that they were read is recorded, once a day.
pub async fn dossier_read(app: &App, by: &Administrator, id: AccountId) -> Result<Option<Dossier>, Denied> {
    let Some(dossier) = dossier(app, by, id).await? else { return Ok(None) };
    let address = &dossier.overview.account.profile().address;
    audit_search::read_today(app, by, &format!("account={address} newest")).await?;
    Ok(Some(dossier))
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

/// Sorts the names of accounts that are older than the order of names. Safe to run at every start.
pub async fn ensure_sorted(app: &App) -> Result<(), Internal> {
    loop {
        let page = accounts::unsorted(&app.db, 1_000).await?;
        if page.is_empty() {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        accounts::set_sorting(&mut tx, &page).await?;
        tx.commit().await?;
    }
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
