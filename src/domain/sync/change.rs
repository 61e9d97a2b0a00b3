//! What a change that the directories ask for makes of an account. Pure.

use super::StateChange;
use crate::domain::account::{Account, MustChange, State};
use crate::domain::audit::Act;
use crate::domain::timestamp::Timestamp;

/// The account after a change that the directories ask for, if its state allows it.
pub fn changed(account: &Account, change: StateChange, now: Timestamp) -> Option<(Account, Act)> {
    match change {
        StateChange::Lock(reason) => account.lock(reason, now).ok().map(|a| (a, Act::Locked)),
        StateChange::Retire => account.retire(now).ok().map(|a| (a, Act::Retired)),
        StateChange::Lift(state) => account.lifted_by_the_directory(state).ok().map(|a| (a, Act::Unlocked)),
        StateChange::Demand(State::MustChangePassword { since, deadline, .. }) => {
            account.demand_change(since, deadline, MustChange::Reset).ok().map(|a| (a, Act::ChangeDemanded))
        }
        StateChange::Demand(_) => None,
        StateChange::ChangedElsewhere(at) => {
            account.password_changed(at).ok().map(|a| (a, Act::PasswordChangedElsewhere))
        }
    }
}

/// A state in the words of the audit.
pub const fn word(state: &State) -> &'static str {
    match state {
        State::Locked { reason, .. } => reason.code(),
        other => other.name().code(),
    }
}
