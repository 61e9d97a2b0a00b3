//! A new password demanded of the holder of one account, by the rule by which it is demanded of many (`bulk`): whatever
//! is open ends, and the next sign-in asks for another one.

use super::bulk_unlock::Seen;
use super::lock::{self, LockRefused};
use super::{directory_locks, logout_notices, rights};
use crate::app::App;
use crate::domain::account::{Account, State, TransitionRefused};
use crate::domain::admin::Administrator;
use crate::domain::audit::{Act, Entry};
use crate::domain::bulk::BulkAct;
use crate::domain::session::SessionEnd;

/// Demands a new password on an administrator's word, if nobody has changed the account since it was looked at.
pub async fn demand_seen(
    app: &App,
    by: &Administrator,
    seen: Seen,
    why: &str,
) -> Result<Account, LockRefused> {
    let act = BulkAct::DemandChange;
    let actor = rights::acting(app, by, act.right()).await?;
    let account = lock::as_seen(app, by, seen).await?;
    let why = lock::reason(why)?;
    if account.id() == by.account_id() {
        return Err(LockRefused::Oneself);
    }
    if !by.may_reset(&account) {
        return Err(LockRefused::OfAnAdministrator);
    }
    // Each demand begins a fresh term: whoever repeats it would keep an account from its lock for ever.
    if matches!(account.state(), State::MustChangePassword { .. }) {
        return Err(TransitionRefused::DemandedAlready.into());
    }
    let now = app.now();
    let asked = act.done_to(&account, now, app.regulation().fresh_term(&account, now))?;
    let entry = Entry::about(now, actor, Act::ChangeDemanded, &account)
        .changing(account.state().name().code(), asked.state().name().code())
        .because(why);
    lock::save(app, &asked, Some(SessionEnd::EndedByAdministrator), entry, None).await?;
    logout_notices::try_at_once(app, account.id()).await;
    directory_locks::try_at_once(app, account.id()).await;
    Ok(asked)
}
