//! Two people are two only if neither has the other's way to sign in in their hands: whoever resets the password of another
//! one who decides, or removes their second factors, signs in as them and says yes to themselves.

use super::{Pass, Stopped, in_words, pass};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Role};
use crate::domain::approval::{Deed, HANDS_OFF, Matter};
use crate::domain::id::AccountId;
use crate::services::Internal;
use crate::storage::{StorageError, administrators, handed_over};
use std::collections::BTreeSet;

/// Whether resetting the password of an account, or removing its second factors, needs a second person: it has a role over
/// the whole city in which requests are decided on, also one that rests under a lock.
pub async fn needs_second_for(app: &App, account: &Account) -> Result<bool, Internal> {
    if !app.config.admin.two_persons {
        return Ok(false);
    }
    let held = administrators::of_account(&app.db, account.id(), app.now()).await?;
    let decides = |role: Role| Matter::ALL.into_iter().any(|matter| role.has(matter.right()));
    Ok(held.iter().any(|grant| grant.agency_id.is_none() && decides(grant.role)))
}

/// Lets somebody have such an account's way to sign in in their hands: `None` where nobody else need be asked.
pub(in crate::services) async fn pass_hands(
    app: &App,
    by: &Administrator,
    (matter, what): (Matter, &str),
    account: &Account,
) -> Result<Option<Pass>, Stopped> {
    if !needs_second_for(app, account).await? {
        return Ok(None);
    }
    let profile = account.profile();
    let who = format!("{} ({})", profile.display_name, profile.address);
    let preview = in_words(|t| {
        // A mailbox that joins an account is no reset, and is told by its address.
        let more = if what.is_empty() { t.deed_hands() } else { what };
        vec![who.clone(), more.to_owned()]
    });
    pass(app, by, Deed::on_account(matter, account.id(), what, preview), None).await.map(Some)
}

/// Whether two accounts were lately in one hand: one in the other's, or both in that of a third.
pub(super) async fn are_one(app: &App, one: AccountId, other: AccountId) -> Result<bool, StorageError> {
    Ok(!hands(app, one).await?.is_disjoint(&hands(app, other).await?))
}

/// Whoever can have acted as an account lately: its holder, whoever had it in their hands – as long as a password that was
/// handed over opens it, and for some days more – and so on.
async fn hands(app: &App, id: AccountId) -> Result<BTreeSet<AccountId>, StorageError> {
    let since = app.now().minus(HANDS_OFF);
    let (mut all, mut next) = (BTreeSet::from([id]), vec![id]);
    while let Some(one) = next.pop() {
        for by in handed_over::since(&app.db, one, since).await? {
            if all.insert(by) {
                next.push(by);
            }
        }
    }
    Ok(all)
}
