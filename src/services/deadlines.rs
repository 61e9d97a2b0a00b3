//! Deadlines of all accounts: written down so that lists and the lock job find them by index, computed anew when the
//! calendar or the policy changes, told to people and kept; and what a change would move, before it is made.

use super::Internal;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::policy::calendar::Calendars;
use crate::domain::policy::deadline::Deadline;
use crate::domain::policy::regulation::Regulation;
use crate::domain::timestamp::Timestamp;
use crate::storage::policy::Basis;
use crate::storage::told_deadlines::{self, ToldBy};
use crate::storage::{StorageError, Tx, accounts, policy, terms};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::{Date, Duration};

/// Accounts read at a time.
const PAGE: i64 = 1_000;

/// How far ahead a lock counts as near.
pub const NEAR: Duration = Duration::days(14);

/// How many accounts an effect names.
const EXAMPLES: usize = 20;

/// Computes the terms of all accounts anew if the policy or the calendar has changed since, or on a new day; tells how
/// many moved. Repeatable: one that breaks off begins again.
pub async fn keep(app: &App) -> Result<u64, Internal> {
    let regulation = app.regulation();
    let basis = Basis {
        policy: regulation.book.version,
        calendar: regulation.calendar_version,
        day: app.now().local_date().to_string(),
    };
    if policy::basis(&app.db).await?.as_ref() == Some(&basis) {
        return Ok(0);
    }
    let (mut moved, mut after) = (0, None);
    loop {
        let page = accounts::open(&app.db, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id());
        let terms = page.iter().map(|account| (account, regulation.terms(account)));
        let differ: Vec<_> = terms.filter(|(account, terms)| *terms != account.traces().written).collect();
        if differ.is_empty() {
            continue;
        }
        let mut tx = app.db.begin().await?;
        moved += terms::set(&mut tx, &differ).await?;
        tx.commit().await?;
    }
    policy::set_basis(&app.db, &basis).await?;
    if moved > 0 {
        tracing::info!(
            moved,
            policy = basis.policy,
            calendar = basis.calendar,
            "deadlines were computed anew"
        );
    }
    Ok(moved)
}

/// Writes down that the holder of an account is told of a deadline: from now on it moves later, never earlier. Once for
/// each deadline, with everything that explains it.
pub async fn tell(app: &App, account: &Account, deadline: &Deadline, by: ToldBy) -> Result<(), Internal> {
    if account.traces().promised_until >= Some(deadline.ends_at) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    tell_in(app, &mut tx, account, deadline, by).await?;
    Ok(tx.commit().await?)
}

/// The same within the transaction of whatever tells it.
pub(super) async fn tell_in(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    deadline: &Deadline,
    by: ToldBy,
) -> Result<(), StorageError> {
    let regulation = app.regulation();
    let versions = (regulation.book.version, regulation.calendar_version);
    if accounts::promise(tx, account, deadline.ends_at).await? {
        told_deadlines::add(tx, account.id(), deadline, versions, (app.now(), by)).await?;
    }
    Ok(())
}

/// The same of the term of an account that nobody uses, by letter.
pub(super) async fn tell_of_inactivity(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    deadline: &Deadline,
) -> Result<(), StorageError> {
    let regulation = app.regulation();
    let versions = (regulation.book.version, regulation.calendar_version);
    if accounts::promise_idle(tx, account, deadline.ends_at).await? {
        told_deadlines::add(tx, account.id(), deadline, versions, (app.now(), ToldBy::Letter)).await?;
    }
    Ok(())
}

/// An account was moved to another agency, where other rules or days may hold: nobody is overdue the moment they come.
/// What would end earlier than before, or would lock now and did not before, ends no earlier than a fresh term; a lock for
/// inactivity leaves time for its letters. `moved` is the account as it was just saved.
pub(super) async fn ease_in(
    app: &App,
    tx: &mut Tx,
    before: &Account,
    moved: &Account,
) -> Result<(), StorageError> {
    let (regulation, now) = (app.regulation(), app.now());
    let (fresh, grace) = (regulation.fresh_term(moved, now), regulation.idle_grace(moved, now));
    let is_hard = is_harder(regulation.running(before), regulation.running(moved), fresh);
    let is_idle = is_harder(regulation.idle(before), regulation.idle(moved), grace);
    if !is_hard && !is_idle {
        return Ok(());
    }
    let Some(holder) = accounts::by_id_in(tx, moved.id()).await? else { return Ok(()) };
    if is_hard {
        accounts::promise(tx, &holder, fresh).await?;
    }
    if is_idle {
        accounts::promise_idle(tx, &holder, grace).await?;
    }
    if let Some(holder) = accounts::by_id_in(tx, moved.id()).await? {
        accounts::set_terms(tx, &holder, regulation.terms(&holder)).await?;
    }
    Ok(())
}

fn is_harder(before: Option<Deadline>, after: Option<Deadline>, fresh: Timestamp) -> bool {
    let Some(after) = after.filter(|after| after.ends_at < fresh) else { return false };
    before.is_none_or(|before| {
        after.ends_at < before.ends_at || (before.lock_at.is_none() && after.lock_at.is_some())
    })
}

/// An account whose deadline a change would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub id: AccountId,
    /// Its address.
    pub address: MailAddress,
    /// Its holder.
    pub name: String,
    /// Its agency.
    pub agency: Option<AgencyId>,
    /// The last day before the change; `None`: no term ran.
    pub before: Option<Date>,
    /// The last day after it; `None`: no term runs.
    pub after: Option<Date>,
}

/// What a change of the calendar or the policy would do to the deadlines that run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// How many accounts are neither locked nor retired.
    pub accounts: u64,
    /// How many deadlines stay as they are.
    pub unchanged: u64,
    /// How many move later.
    pub later: u64,
    /// How many move earlier; nobody was told of these yet.
    pub earlier: u64,
    /// How many would move earlier, but keep the day that their holders were told.
    pub kept: u64,
    /// How many begin to run.
    pub begin: u64,
    /// How many end to run.
    pub end: u64,
    /// Of those that move later, how many accounts would else be locked within [`NEAR`].
    pub locked_later: u64,
    /// How many accounts would be due for their lock at once.
    pub due_at_once: u64,
    /// Some of those that move.
    pub examples: Vec<Moved>,
    /// How many move in each agency.
    pub by_agency: BTreeMap<Option<AgencyId>, u64>,
}

impl Effect {
    /// How many deadlines move in all.
    pub const fn moved(&self) -> u64 {
        self.later + self.earlier + self.begin + self.end
    }
}

/// What other working days would move.
pub async fn effect(app: &App, calendars: &Calendars) -> Result<Effect, Internal> {
    let regulation = app.regulation();
    effect_of(app, &Regulation { calendars: Arc::new(calendars.clone()), ..regulation }).await
}

/// What another regulation would move. Reads all open accounts in pages and writes nothing.
pub async fn effect_of(app: &App, other: &Regulation) -> Result<Effect, Internal> {
    let present = app.regulation();
    let now = app.now();
    let mut effect = Effect::default();
    let mut after = None;
    loop {
        let page = accounts::open(&app.db, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id());
        for account in &page {
            count(&mut effect, account, (&present, other), now.plus(NEAR).local_date());
            effect.due_at_once += u64::from(other.terms(account).lock_at.is_some_and(|at| at <= now));
        }
    }
    Ok(effect)
}

fn count(effect: &mut Effect, account: &Account, (present, other): (&Regulation, &Regulation), near: Date) {
    let last_day =
        |regulation: &Regulation, account: &Account| regulation.running(account).map(|d| d.last_day);
    let (before, after) = (last_day(present, account), last_day(other, account));
    effect.accounts += 1;
    match (before, after) {
        (Some(before), Some(after)) if after > before => {
            effect.later += 1;
            effect.locked_later += u64::from(before <= near);
        }
        (Some(before), Some(after)) if after < before => effect.earlier += 1,
        (None, Some(_)) => effect.begin += 1,
        (Some(_), None) => effect.end += 1,
        _ => {
            let forgetful = crate::domain::account::Traces { promised_until: None, ..*account.traces() };
            let unpromised = last_day(other, &account.clone().with_traces(forgetful));
            let is_kept = account.traces().promised_until.is_some() && unpromised < after;
            effect.kept += u64::from(is_kept);
            effect.unchanged += u64::from(!is_kept);
            return;
        }
    }
    let profile = account.profile();
    *effect.by_agency.entry(profile.agency_id).or_default() += 1;
    if effect.examples.len() < EXAMPLES {
        effect.examples.push(Moved {
            id: account.id(),
            address: profile.address.clone(),
            name: profile.display_name.clone(),
            agency: profile.agency_id,
            before,
            after,
        });
    }
}
