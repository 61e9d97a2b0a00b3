//! Running deadlines over all accounts: what another calendar would move, and moving them once it is in force.
//!
//! A deadline once shown to a person moves later, never earlier.

use super::Internal;
use crate::app::App;
use crate::domain::account::{Account, State};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::policy::calendar::Calendars;
use crate::domain::policy::deadline::{self, Deadline};
use crate::domain::timestamp::Timestamp;
use crate::storage::accounts;
use std::collections::BTreeMap;
use time::{Date, Duration};

/// How many accounts are read at a time.
const PAGE: i64 = 1_000;
/// How many moved deadlines are shown.
const SHOWN: usize = 20;
/// How far ahead a lock counts as near.
pub const NEAR: Duration = Duration::days(14);

/// A deadline that another calendar moves later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Whose.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub address: String,
    /// Their agency.
    pub agency: Option<AgencyId>,
    /// The last day as it is.
    pub from: Date,
    /// The last day as it would be.
    pub to: Date,
}

/// What another calendar does to the running deadlines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// How many stay as they are.
    pub unchanged: u64,
    /// How many move later.
    pub moved_later: u64,
    /// How many would come earlier, but keep the day that was promised.
    pub kept: u64,
    /// Of those that move later, how many accounts would else be locked within [`NEAR`].
    pub locked_later: u64,
    /// The first of those that move later.
    pub later: Vec<Moved>,
    /// How many move later in each agency, where any does.
    pub per_agency: Vec<(Option<AgencyId>, u64)>,
}

/// What it would mean for the running deadlines if these calendars were in force in place of the present ones.
pub async fn effect(app: &App, after: &Calendars) -> Result<Effect, Internal> {
    let (before, near) = (app.calendars(), app.now().plus(NEAR));
    let mut effect = Effect::default();
    let mut per_agency = BTreeMap::new();
    let mut last = None;
    loop {
        let page = accounts::page_by_id(&app.db, last, PAGE).await?;
        let Some((account, _)) = page.last() else { break };
        last = Some(account.id());
        for (account, _) in &page {
            let Some(old) = term(app, account, account.state(), &before) else { continue };
            let bare = without_promise(account.state());
            let counted = term(app, account, &bare, &before).map(|term| term.ends_at);
            let Some(new) = term(app, account, &bare, after) else { continue };
            if new.ends_at > old.ends_at {
                effect.moved_later += 1;
                effect.locked_later += u64::from(old.ends_at <= near);
                *per_agency.entry(account.profile().agency_id).or_default() += 1;
                if effect.later.len() < SHOWN {
                    effect.later.push(moved(account, old.last_day, new.last_day));
                }
            } else if new.ends_at < old.ends_at && Some(new.ends_at) < counted {
                effect.kept += 1;
            } else {
                effect.unchanged += 1;
            }
        }
    }
    effect.per_agency = per_agency.into_iter().collect();
    Ok(effect)
}

/// Writes down again when the running terms end, where the calendar now in force ends them later; tells how many.
pub async fn recompute(app: &App) -> Result<u64, Internal> {
    let calendars = app.calendars();
    let (mut moved, mut last) = (0, None);
    loop {
        let page = accounts::page_by_id(&app.db, last, PAGE).await?;
        let Some((account, _)) = page.last() else { break };
        last = Some(account.id());
        let later: Vec<(&Account, Timestamp)> = page
            .iter()
            .filter_map(|(account, due_at)| {
                let ends_at = term(app, account, account.state(), &calendars)?.ends_at;
                due_at.is_some_and(|due_at| ends_at > due_at).then_some((account, ends_at))
            })
            .collect();
        if later.is_empty() {
            continue;
        }
        let mut tx = app.db.begin().await?;
        for (account, ends_at) in later {
            moved += u64::from(accounts::move_due(&mut tx, account, ends_at).await?);
        }
        tx.commit().await?;
    }
    Ok(moved)
}

/// The term that runs for an account in a state by these calendars.
fn term(app: &App, account: &Account, state: &State, calendars: &Calendars) -> Option<Deadline> {
    deadline::running(state, &app.config.policy, calendars.of(account.profile().agency_id))
}

/// The state as if no day had been promised yet: its term is then the one that the calendar counts.
const fn without_promise(state: &State) -> State {
    match *state {
        State::MustChangePassword { since, why, .. } => {
            State::MustChangePassword { since, deadline: since, why }
        }
        other => other,
    }
}

fn moved(account: &Account, from: Date, to: Date) -> Moved {
    let profile = account.profile();
    Moved {
        account: account.id(),
        name: profile.display_name.clone(),
        address: profile.address.to_string(),
        agency: profile.agency_id,
        from,
        to,
    }
}
