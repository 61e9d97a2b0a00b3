//! The end of a delegation: by a person, on its last day, or in the transaction of somebody else.

use super::super::{Internal, logout_notices, rights, session};
use super::{DelegationRefused, Named, entry, is_alone, is_as_seen, of_mailbox, reason};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Right};
use crate::domain::audit::{Act, Actor};
use crate::domain::delegation::Delegation;
use crate::domain::id::{AccountId, DelegationId};
use crate::domain::timestamp::Timestamp;
use crate::services::bulk_unlock::Seen;
use crate::storage::{Tx, accounts, audit, delegations};

/// Ends a delegation, if nobody has changed since who may act for the mailbox.
pub async fn end_seen(
    app: &App,
    by: &Administrator,
    seen: Seen,
    id: DelegationId,
    why: &str,
) -> Result<(), DelegationRefused> {
    end_if(app, by, (seen.id, Some(seen)), id, why).await
}

/// Ends a delegation, and everything that applications were given because of it.
pub async fn end(
    app: &App,
    by: &Administrator,
    mailbox: AccountId,
    id: DelegationId,
    why: &str,
) -> Result<(), DelegationRefused> {
    end_if(app, by, (mailbox, None), id, why).await
}

async fn end_if(
    app: &App,
    by: &Administrator,
    (mailbox, seen): (AccountId, Option<Seen>),
    id: DelegationId,
    why: &str,
) -> Result<(), DelegationRefused> {
    let actor = rights::acting(app, by, Right::Delegate).await?;
    let (mailbox, named) = of_mailbox(app, by, mailbox).await?.ok_or(DelegationRefused::NotFound)?;
    if let Some(seen) = seen {
        is_as_seen(app, seen).await?;
    }
    let named = named.into_iter().find(|named| named.delegation.id == id);
    let Named { account: person, .. } = named.ok_or(DelegationRefused::NotFound)?;
    let (why, now) = (reason(why)?, app.now());
    let mut tx = app.db.begin().await?;
    if !delegations::end(&mut tx, id, by.address(), now).await? {
        return Err(seen.map_or(DelegationRefused::NotFound, |_| DelegationRefused::Changed));
    }
    session::end_acting(&mut tx, mailbox.id(), person.id(), now).await?;
    let entry = entry(actor, Act::DelegationEnded, &mailbox, &person, now);
    audit::append(&mut tx, &[entry.because(why)]).await?;
    is_alone(&mut tx, seen).await?;
    tx.commit().await?;
    logout_notices::try_at_once(app, mailbox.id()).await;
    Ok(())
}

/// Ends the delegations whose last day is over, with everything that applications were given because of them; tells how
/// many. What waits is told by the job that tells applications.
pub async fn end_lapsed(app: &App) -> Result<usize, Internal> {
    let (now, mut ended) = (app.now(), 0);
    for old in delegations::lapsed(&app.db, now).await? {
        let mailbox = accounts::by_id(&app.db, old.mailbox).await?;
        let person = accounts::by_id(&app.db, old.person).await?;
        let (Some(mailbox), Some(person)) = (mailbox, person) else { continue };
        let mut tx = app.db.begin().await?;
        lapse(&mut tx, &old, (&mailbox, &person), now).await?;
        tx.commit().await?;
        ended += 1;
    }
    Ok(ended)
}

/// Ends one whose last day is over. Another node may have done so already: then nothing is left to do.
pub(super) async fn lapse(
    tx: &mut Tx,
    old: &Delegation,
    (mailbox, person): (&Account, &Account),
    now: Timestamp,
) -> Result<(), Internal> {
    if !delegations::end(tx, old.id, "", now).await? {
        return Ok(());
    }
    session::end_acting(tx, old.mailbox, old.person, now).await?;
    let entry = entry(Actor::Job("delegations"), Act::DelegationEnded, mailbox, person, now);
    Ok(audit::append(tx, &[entry]).await?)
}

/// Ends a person's delegation in the transaction of somebody whose right was checked, with everything that applications were
/// given because of it; tells whether it was there. Applications are told by the job.
pub(in crate::services) async fn end_in(
    app: &App,
    tx: &mut Tx,
    (by, actor): (&str, Actor),
    (person, id): (AccountId, DelegationId),
    why: &str,
) -> Result<bool, Internal> {
    let now = app.now();
    let all = delegations::of_person(&app.db, person).await?;
    let Some(one) = all.into_iter().find(|one| one.id == id) else { return Ok(false) };
    let mailbox = accounts::by_id(&app.db, one.mailbox).await?;
    let person = accounts::by_id(&app.db, one.person).await?;
    let (Some(mailbox), Some(person)) = (mailbox, person) else { return Ok(false) };
    if !delegations::end(tx, id, by, now).await? {
        return Ok(false);
    }
    session::end_acting(tx, mailbox.id(), person.id(), now).await?;
    let entry = entry(actor, Act::DelegationEnded, &mailbox, &person, now);
    audit::append(tx, &[entry.because(why)]).await?;
    Ok(true)
}
