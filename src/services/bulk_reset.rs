//! Many passwords reset at once: choose within one agency, look, confirm; then each account by the same use case as a
//! single one.

use super::approvals::{self, Stopped};
use super::bulk_unlock::Seen;
use super::reset::{self, ResetRefused, Slip, Word};
use super::{Internal, lock, rights};
use crate::app::App;
use crate::domain::account::{Account, StateName};
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::approval::Matter;
use crate::domain::id::{AccountId, AgencyId};
use crate::storage::account_list::{self, Edge, Filter, Sort};
use crate::system::Stopwatch;
use std::collections::HashSet;
use std::time::Duration;
use thiserror::Error;

/// Most accounts at a time.
pub const MOST: usize = 50;

/// A round begins no further account after this, so that its slips reach the browser before it gives up.
const PATIENCE: Duration = Duration::from_secs(40);

/// A page of accounts to choose from.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// The accounts, by name; at most [`MOST`].
    pub accounts: Vec<Account>,
    /// After what the next page begins, if there is one: the last row of this one as it was read, wherever it is by then.
    pub next: Option<Edge>,
}

/// What stood in the way of one account.
#[derive(Debug)]
pub enum Left {
    /// The reset was refused.
    Refused(ResetRefused),
    /// The round took too long; it was not begun.
    NotBegun,
}

impl Left {
    /// Whether the account is certainly as it was.
    const fn has_changed_nothing(&self) -> bool {
        !matches!(self, Self::Refused(ResetRefused::NotTaken(_) | ResetRefused::Internal(_)))
    }
}

/// What came of all of them.
#[derive(Debug)]
pub struct Report {
    /// What is handed over, in the order of the list.
    pub slips: Vec<Slip>,
    /// The others, by name where they are within reach.
    pub left: Vec<(Option<Account>, Left)>,
}

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum BulkResetRefused {
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// The administrator has not said that they made sure who it is.
    #[error("nobody has made sure who it is")]
    NotSure,
    /// The typed number is not the number of accounts.
    #[error("the typed number is another one")]
    WrongNumber,
    /// More than [`MOST`], or none.
    #[error("too many accounts, or none")]
    WrongAmount,
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

/// Accounts of an agency within reach, in a state if one is chosen, after a row of the page before.
pub async fn candidates(
    app: &App,
    by: &Administrator,
    agency: AgencyId,
    state: Option<StateName>,
    after: Option<Edge>,
) -> Result<Candidates, Internal> {
    let reach = by.reach().agency();
    let filter = Filter { reach, state, agency: Some(agency), ..Filter::default() };
    let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let edge = after.unwrap_or_else(|| Edge::beginning(Sort::Name, false));
    let mut found = account_list::page(&app.db, &filter, (Sort::Name, false), &edge, limit).await?;
    let has_more = found.len() > MOST;
    found.truncate(MOST);
    let next = found.last().filter(|_| has_more).map(|listed| listed.edge.clone());
    let accounts = found.into_iter().map(|listed| listed.account);
    Ok(Candidates { accounts: accounts.filter(|account| is_possible(by, account)).collect(), next })
}

/// The chosen accounts as they are now, by address; whatever is beyond reach is not there.
pub async fn preview(
    app: &App,
    by: &Administrator,
    chosen: &[AccountId],
) -> Result<Vec<Account>, BulkResetRefused> {
    rights::ask(app, by, Right::ResetPassword).await?;
    if chosen.is_empty() || chosen.len() > MOST {
        return Err(BulkResetRefused::WrongAmount);
    }
    let mut all = Vec::new();
    for id in chosen {
        match lock::within_reach(app, by, *id).await {
            Ok(account) if is_possible(by, &account) => all.push(account),
            Ok(_) | Err(lock::LockRefused::NotFound) => {}
            Err(lock::LockRefused::Internal(internal)) => return Err(internal.into()),
            Err(refused) => return Err(Internal::new("reading an account", refused).into()),
        }
    }
    all.sort_by(|one, other| one.profile().address.as_str().cmp(other.profile().address.as_str()));
    if all.is_empty() { Err(BulkResetRefused::WrongAmount) } else { Ok(all) }
}

/// Whether a reset would not be refused at once.
fn is_possible(by: &Administrator, account: &Account) -> bool {
    by.may_reset(account) && account.can_be_reset().is_ok()
}

/// Resets the accounts that were looked at, each in transactions of its own, if `typed` is their number.
pub async fn reset(
    app: &App,
    by: &Administrator,
    seen: &[Seen],
    typed: &str,
    word: Word<'_>,
) -> Result<Report, BulkResetRefused> {
    rights::ask(app, by, Right::ResetPassword).await?;
    if seen.is_empty() || seen.len() > MOST {
        return Err(BulkResetRefused::WrongAmount);
    }
    if typed.trim().parse() != Ok(seen.len()) {
        return Err(BulkResetRefused::WrongNumber);
    }
    lock::reason(word.why).map_err(|_| BulkResetRefused::NoReason)?;
    if !word.is_sure {
        return Err(BulkResetRefused::NotSure);
    }
    let pass = approvals::pass_many(app, by, Matter::ResetMany, seen).await?;
    pass.spend_now(app).await?;
    let (watch, mut silent) = (Stopwatch::start(), HashSet::new());
    let mut report = Report { slips: Vec::new(), left: Vec::new() };
    for seen in seen {
        let left = if watch.elapsed() > PATIENCE {
            Left::NotBegun
        } else {
            match reset::reset_one(app, by, *seen, word, &mut silent).await {
                Ok(slip) => {
                    report.slips.push(slip);
                    continue;
                }
                Err(refused) => {
                    if let ResetRefused::Internal(internal) = &refused {
                        tracing::error!("resetting one of many passwords: {}", super::chain(internal));
                    }
                    Left::Refused(refused)
                }
            }
        };
        report.left.push((lock::within_reach(app, by, seen.id).await.ok(), left));
    }
    if report.slips.is_empty() && report.left.iter().all(|(_, left)| left.has_changed_nothing()) {
        pass.give_back(app).await;
    }
    Ok(report)
}
