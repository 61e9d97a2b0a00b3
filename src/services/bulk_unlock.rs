//! Many locks lifted at once: first a look at whom it concerns, then each account by the same use case as a single one.

use super::approvals::{self, Stopped};
use super::lock::{self, LockRefused};
use super::{Internal, chain, directory_locks, rights};
use crate::app::App;
use crate::domain::account::{Account, LockReason, State, StateName};
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::approval::Matter;
use crate::domain::id::{AccountId, AgencyId};
use crate::storage::account_list::{self, Edge, Filter, Sort};
use crate::storage::{StorageError, agencies};
use thiserror::Error;

/// Most accounts at a time.
pub const MOST: usize = 500;

/// Whose locks are to be lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Locked for this reason.
    pub lock: LockReason,
    /// Of this agency, or of every one within reach.
    pub agency: Option<AgencyId>,
}

/// Whom it concerns.
#[derive(Debug, Clone)]
pub struct Preview {
    /// How many are locked for this reason in all, but for those of the list whom only others may unlock.
    pub total: i64,
    /// The accounts, by name; at most [`MOST`].
    pub accounts: Vec<(Account, Option<Agency>)>,
}

/// An account as it was looked at: whatever has changed since is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub id: AccountId,
    /// Its version then.
    pub version: i64,
}

/// What came of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its lock is lifted.
    Unlocked,
    /// It was changed since it was looked at, and was left alone.
    ChangedMeanwhile,
    /// It is not within reach, or an administrator's, and was left alone.
    OutOfReach,
    /// It failed; the log tells why.
    Failed,
}

/// What came of all of them.
#[derive(Debug, Clone)]
pub struct Report {
    /// How many locks were lifted.
    pub unlocked: usize,
    /// The accounts that were left as they were, with what stood in the way; by name, where it is within reach.
    pub left: Vec<(Option<Account>, Outcome)>,
}

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum BulkRefused {
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// The typed number is not the number of accounts.
    #[error("the typed number is another one")]
    WrongNumber,
    /// More than [`MOST`], or none.
    #[error("too many accounts, or none")]
    WrongAmount,
    /// Only the directory lifts locks of this kind.
    #[error("only the directory lifts locks of this kind")]
    LiftedByTheDirectory,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for BulkRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Whom it would concern, within reach.
pub async fn preview(app: &App, by: &Administrator, choice: Choice) -> Result<Preview, BulkRefused> {
    rights::ask(app, by, Right::Unlock).await?;
    refuse_what_the_directory_lifts(choice.lock)?;
    let filter = Filter {
        reach: by.reach().agency(),
        state: Some(StateName::Locked),
        lock: Some(choice.lock),
        agency: choice.agency,
        ..Filter::default()
    };
    let total = account_list::matching(&app.db, &filter).await?;
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let found =
        account_list::page(&app.db, &filter, (Sort::Name, false), &Edge::beginning(Sort::Name, false), most)
            .await?;
    // Who still has a role behind the lock is none of theirs, if they are not as mighty.
    let many = found.len();
    let found: Vec<_> =
        found.into_iter().map(|listed| listed.account).filter(|account| by.may_unlock(account)).collect();
    let total = total - i64::try_from(many - found.len()).unwrap_or_default();
    let all = agencies::every(&app.db).await?;
    let with_agency = |account: Account| {
        let agency = all.iter().find(|agency| Some(agency.id) == account.profile().agency_id).cloned();
        (account, agency)
    };
    Ok(Preview { total, accounts: found.into_iter().map(with_agency).collect() })
}

/// Lifts the locks of the accounts that were looked at, each in a transaction of its own, if `typed` is their number.
pub async fn unlock(
    app: &App,
    by: &Administrator,
    reason: LockReason,
    seen: &[Seen],
    typed: &str,
    why: &str,
) -> Result<Report, BulkRefused> {
    rights::ask(app, by, Right::Unlock).await?;
    refuse_what_the_directory_lifts(reason)?;
    if seen.is_empty() || seen.len() > MOST {
        return Err(BulkRefused::WrongAmount);
    }
    if typed.trim().parse() != Ok(seen.len()) {
        return Err(BulkRefused::WrongNumber);
    }
    let why = lock::reason(why).map_err(|_| BulkRefused::NoReason)?;
    let pass = approvals::pass_many(app, by, Matter::UnlockMany, seen).await?;
    pass.spend_now(app).await?;
    let mut report = Report { unlocked: 0, left: Vec::new() };
    for seen in seen {
        match unlock_one(app, by, reason, *seen, &why).await {
            (_, Outcome::Unlocked) => report.unlocked += 1,
            left => report.left.push(left),
        }
    }
    if report.unlocked > 0 {
        directory_locks::try_due_at_once(app).await;
    } else {
        pass.give_back(app).await;
    }
    Ok(report)
}

async fn unlock_one(
    app: &App,
    by: &Administrator,
    reason: LockReason,
    seen: Seen,
    why: &str,
) -> (Option<Account>, Outcome) {
    let account = match lock::within_reach(app, by, seen.id).await {
        Ok(account) => account,
        Err(LockRefused::NotFound) => return (None, Outcome::OutOfReach),
        Err(error) => {
            tracing::error!("reading an account to unlock it: {}", chain(&error));
            return (None, Outcome::Failed);
        }
    };
    let is_as_seen = account.version() == seen.version
        && matches!(account.state(), State::Locked { reason: now, .. } if *now == reason);
    if !is_as_seen {
        return (Some(account), Outcome::ChangedMeanwhile);
    }
    let outcome = match lock::unlock_as_seen(app, by, &account, why).await {
        Ok(_) => Outcome::Unlocked,
        Err(LockRefused::Conflict | LockRefused::State(_)) => Outcome::ChangedMeanwhile,
        Err(LockRefused::OfAnAdministrator) => Outcome::OutOfReach,
        Err(error) => {
            tracing::error!("unlocking one of many accounts: {}", chain(&error));
            Outcome::Failed
        }
    };
    (Some(account), outcome)
}

fn refuse_what_the_directory_lifts(reason: LockReason) -> Result<(), BulkRefused> {
    if reason.is_lifted_by_the_directory() { Err(BulkRefused::LiftedByTheDirectory) } else { Ok(()) }
}
