//! Many passwords reset at once: choose within one agency, look, confirm; then each account by the same use case as a
//! single one.

use super::approvals::{self, Pass, Stopped};
use super::bulk_unlock::Seen;
use super::reset::{self, ResetRefused, Slip, Word};
use super::{Internal, lock, rights};
use crate::app::App;
use crate::domain::account::{Account, StateName};
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::approval::Matter;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::storage::account_list::{self, Edge, Filter, Sort};
use crate::system::Stopwatch;
use std::collections::HashSet;
use std::time::Duration;
use thiserror::Error;

/// Most accounts at a time.
pub const MOST: usize = 50;

/// The field of the form, as it is kept for its approval, in which the accounts stand: `ID:VERSION`, one after the other.
pub const LIST: &str = "accounts";

/// The field of the form in which their number is typed.
pub const NUMBER: &str = "number";

/// How long a round may take. What takes longer than a request may is dropped with its answer, and with that every slip
/// of passwords that were changed already: so a round ends well before.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// After this nobody further is begun.
    pub begins_until: Duration,
    /// By then whoever is under way is broken off.
    pub ends_by: Duration,
}

impl Round {
    /// A round of the console: what is left of a request (`http::layers::LONGEST`) is for the page with the slips.
    pub const USUAL: Self = Self { begins_until: Duration::from_secs(25), ends_by: Duration::from_secs(48) };

    /// How long one more may take, if one may begin.
    fn left(self, elapsed: Duration) -> Option<Duration> {
        (elapsed <= self.begins_until).then(|| self.ends_by.saturating_sub(elapsed))
    }
}

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
    /// It took too long itself and was broken off: its password may be another one, which nobody knows.
    BrokenOff,
}

impl Left {
    /// Whether the account is certainly as it was.
    const fn has_changed_nothing(&self) -> bool {
        !matches!(
            self,
            Self::BrokenOff | Self::Refused(ResetRefused::NotTaken(_) | ResetRefused::Internal(_))
        )
    }

    /// Whether the same may be done to it later as it was looked at.
    const fn can_follow(&self) -> bool {
        matches!(self, Self::NotBegun | Self::Refused(ResetRefused::Unreachable))
    }
}

/// What came of all of them.
#[derive(Debug)]
pub struct Report {
    /// What is handed over, in the order of the list.
    pub slips: Vec<Slip>,
    /// The others, by name where they are within reach.
    pub left: Vec<(Option<Account>, Left)>,
    /// Whether the approval of a second person still holds for those that can follow.
    pub stays_approved: bool,
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
    reset_within(app, by, seen, (typed, word), Round::USUAL).await
}

/// The same in a round of another length.
pub async fn reset_within(
    app: &App,
    by: &Administrator,
    seen: &[Seen],
    (typed, word): (&str, Word<'_>),
    round: Round,
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
    let (mut slips, mut left) = (Vec::new(), Vec::new());
    for seen in seen {
        match one_of(app, by, *seen, word, (round.left(watch.elapsed()), &mut silent)).await {
            Ok(slip) => slips.push(slip),
            Err(why) => left.push((*seen, why)),
        }
    }
    let rest: Vec<_> = left.iter().filter(|(_, why)| why.can_follow()).map(|(seen, _)| *seen).collect();
    let stays_approved = if slips.is_empty() && left.iter().all(|(_, why)| why.has_changed_nothing()) {
        pass.give_back(app).await;
        pass.has_second()
    } else {
        leave_rest(app, by, &pass, &rest).await
    };
    let mut report = Report { slips, left: Vec::with_capacity(left.len()), stays_approved };
    for (seen, why) in left {
        report.left.push((lock::within_reach(app, by, seen.id).await.ok(), why));
    }
    Ok(report)
}

/// One of a round, if there is time left for it.
async fn one_of(
    app: &App,
    by: &Administrator,
    seen: Seen,
    word: Word<'_>,
    (time, silent): (Option<Duration>, &mut HashSet<MailSystem>),
) -> Result<Slip, Left> {
    let time = time.ok_or(Left::NotBegun)?;
    match tokio::time::timeout(time, reset::reset_one(app, by, seen, word, silent)).await {
        Ok(Ok(slip)) => Ok(slip),
        Ok(Err(refused)) => {
            if let ResetRefused::Internal(internal) = &refused {
                tracing::error!("resetting one of many passwords: {}", super::chain(internal));
            }
            Err(Left::Refused(refused))
        }
        Err(_) => {
            tracing::warn!(account = %seen.id, "resetting one of many passwords took too long and was broken off");
            Err(Left::BrokenOff)
        }
    }
}

/// Lets what was spent hold for those that can follow, and for nobody else. The slips are shown whatever becomes of that.
async fn leave_rest(app: &App, by: &Administrator, pass: &Pass, rest: &[Seen]) -> bool {
    let list: Vec<_> = rest.iter().map(|seen| format!("{}:{}", seen.id, seen.version)).collect();
    let fields = [(LIST, list.join(" ")), (NUMBER, rest.len().to_string())];
    match pass.leave(app, by, rest, &fields).await {
        Ok(holds) => holds,
        Err(internal) => {
            tracing::error!("leaving an approval for the rest: {}", super::chain(&internal));
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_begun_late_and_whoever_is_begun_ends_before_the_round() {
        let (round, second) = (Round::USUAL, Duration::from_secs(1));
        assert_eq!(round.left(Duration::ZERO), Some(round.ends_by));
        assert_eq!(round.left(round.begins_until), Some(round.ends_by - round.begins_until));
        assert_eq!(round.left(round.begins_until + second), None);
        assert_eq!(round.left(round.ends_by + second), None);
    }
}
