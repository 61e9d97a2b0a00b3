//! How roles end: taken back, by their day, with their holder's leaving or lock, or with their agency. With the role over the
//! city end the codes that open the administration in its name (`break_glass`).

use super::{described, fresh_terms, last_day};
use crate::app::App;
use crate::domain::account::{Account, LockReason, State};
use crate::domain::admin::{Administrator, Grant, Role};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AgencyId, GrantId};
use crate::domain::timestamp::Timestamp;
use crate::services::{Internal, break_glass, chain, letters};
use crate::storage::administrators::Ended;
use crate::storage::{StorageError, Tx, accounts, administrators, agencies, audit};
use std::collections::BTreeSet;

/// How long before its end the holder of a role is told.
const TOLD_BEFORE: time::Duration = time::Duration::days(7);

/// The job: tells the holders of grants that end soon, and ends the grants whose day is over, or whose holder was locked for
/// another reason than a deadline, or has left, where that did not end them. A lock by a deadline lets a role rest: nobody
/// signs in with it. Tells how many.
pub async fn keep(app: &App) -> Result<usize, Internal> {
    let (now, mut ended) = (app.now(), 0);
    for grant in administrators::ending(&app.db, now, now.plus(TOLD_BEFORE)).await? {
        if let Some(last_day) = last_day(&grant) {
            letters::role_ending(app, &grant, last_day).await?;
        }
    }
    administrators::stay_ended_of_who_left(&app.db).await?;
    for grant in administrators::over(&app.db, now).await? {
        let Some(account) = accounts::by_id(&app.db, grant.account_id).await? else { continue };
        match end_by_itself(app, &grant, &account).await {
            Ok(is_news) => ended += usize::from(is_news),
            Err(error) => tracing::error!("ending a role failed: {}", chain(&error)),
        }
    }
    Ok(ended)
}

async fn end_by_itself(app: &App, grant: &Grant, account: &Account) -> Result<bool, Internal> {
    let how = if grant.ends_at.is_some_and(|at| at <= app.now()) { Ended::Expired } else { Ended::Left };
    let of_job = (&Actor::Job("roles"), Act::RoleEnded, how);
    let mut tx = app.db.begin().await?;
    if how == Ended::Left && is_last(&mut tx, grant, account, app.now()).await? {
        return Ok(false);
    }
    let entries = end_in(app, &mut tx, (grant, account), of_job, how.code()).await?;
    audit::append(&mut tx, &entries).await?;
    tx.commit().await?;
    Ok(!entries.is_empty())
}

/// Ends a grant with what hangs on it, and tells the lines of the audit: none if it had ended already.
pub(super) async fn end_in(
    app: &App,
    tx: &mut Tx,
    (grant, account): (&Grant, &Account),
    (actor, act, how): (&Actor, Act, Ended),
    why: &str,
) -> Result<Vec<Entry>, StorageError> {
    let now = app.now();
    if !administrators::end(tx, grant.id, how, now).await? {
        return Ok(Vec::new());
    }
    let entry = Entry::about(now, actor.clone(), act, account).with(described(app, grant).await?);
    let mut entries = vec![if why.is_empty() { entry } else { entry.because(why) }];
    if grant.role == Role::City {
        entries.extend(break_glass::end_with_role(tx, account, (actor, why), now).await?);
    }
    other_terms(app, tx, account).await?;
    Ok(entries)
}

/// Ends every role of an account that is locked on an administrator's word or a directory's, in the transaction of the
/// lock: whoever lifts the lock gives no role back. Tells the lines of the audit.
pub(in crate::services) async fn end_all(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (actor, why): (&Actor, &str),
    reason: LockReason,
) -> Result<Vec<Entry>, StorageError> {
    let mut entries = Vec::new();
    // What the job would say, which ends what was missed here.
    let why = if why.is_empty() && reason.is_lifted_by_the_directory() { Ended::Left.code() } else { why };
    for grant in administrators::open_of(tx, account.id()).await? {
        if is_last(tx, &grant, account, app.now()).await? {
            continue;
        }
        let how = (actor, Act::RoleEnded, Ended::Left);
        entries.extend(end_in(app, tx, (&grant, account), how, why).await?);
    }
    // Nor does an agency that becomes one of its own again.
    administrators::stay_ended_of(tx, account.id()).await?;
    Ok(entries)
}

/// Whether a directory has locked the last of those who administer the city: that role rests, so that a code
/// (`break_glass`) still opens the administration. A directory that takes everybody for gone would else end them all.
async fn is_last(
    tx: &mut Tx,
    grant: &Grant,
    account: &Account,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let is_directory_s = match account.state() {
        State::Locked { reason, .. } => reason.is_lifted_by_the_directory(),
        _ => false,
    };
    if grant.role != Role::City || !is_directory_s {
        return Ok(false);
    }
    Ok(!administrators::of_the_city(tx, now).await?.iter().any(|(_, is_open)| *is_open))
}

/// Takes back a role that has ended with its agency: it does not come back when that becomes one of its own again.
pub(super) async fn stay_ended(
    app: &App,
    id: GrantId,
    (actor, why): (&Actor, &str),
) -> Result<(), StorageError> {
    let mut tx = app.db.begin().await?;
    let Some(grant) = administrators::stay_ended(&mut tx, id).await? else { return Ok(()) };
    let Some(account) = accounts::by_id_in(&mut tx, grant.account_id).await? else { return Ok(()) };
    let entry = Entry::about(app.now(), actor.clone(), Act::RoleRevoked, &account);
    let entry = entry.with(format!("{} {}", grant.role.code(), place(&mut tx, &grant).await?));
    let entry = if why.is_empty() { entry } else { entry.because(why) };
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await
}

/// Whether somebody in office still administers the city now that a role has ended: another one, or whoever ended it, if
/// nobody has taken theirs meanwhile. It is asked after the line of the audit: its writers stand in line, so here is seen
/// what the one before has done.
pub(super) async fn is_governed(
    tx: &mut Tx,
    by: &Administrator,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let left = administrators::of_the_city(tx, now).await?;
    // A code lets somebody act whose role rests under a lock.
    Ok(left.iter().any(|(holder, is_open)| *is_open || *holder == by.account_id()))
}

/// The same for administrators of the city who have ended roles by a lock, as these lines tell: a race that is lost if
/// nobody is left, for they were locked themselves meanwhile. The city's security locks whomever it must.
pub(in crate::services) async fn keep_governed(
    tx: &mut Tx,
    by: &Administrator,
    entries: &[Entry],
    now: Timestamp,
) -> Result<(), StorageError> {
    let ends_roles = entries.iter().any(|entry| entry.act == Act::RoleEnded);
    if by.role() != Some(Role::City) || !ends_roles || is_governed(tx, by, now).await? {
        return Ok(());
    }
    Err(StorageError::Lost { table: "role_grant", id: by.account_id().to_string() })
}

/// An agency is given up: the roles over it that are carried are held over another one from now on, the others end. Tells
/// of each where it is held now, with the line of the audit.
pub(in crate::services) async fn leave_agency(
    app: &App,
    tx: &mut Tx,
    agency: AgencyId,
    (to, code): (AgencyId, &str),
    carried: &BTreeSet<GrantId>,
) -> Result<Vec<(GrantId, Option<AgencyId>, Entry)>, Internal> {
    let (now, mut left) = (app.now(), Vec::new());
    for grant in administrators::over_agency(tx, agency).await? {
        let Some(account) = accounts::by_id_in(tx, grant.account_id).await? else { continue };
        let is_carried =
            carried.contains(&grant.id) && administrators::carry(tx, grant.id, agency, to).await?;
        let act = if is_carried { Act::RoleGranted } else { Act::RoleEnded };
        if !is_carried {
            administrators::end(tx, grant.id, Ended::Reorganised, now).await?;
            other_terms(app, tx, &account).await?;
        }
        let after = if is_carried { code } else { Ended::Reorganised.code() };
        let entry = Entry::about(now, Actor::Job("agencies"), act, &account);
        let entry = entry.with(format!("{} {after}", grant.role.code()));
        left.push((grant.id, is_carried.then_some(to), entry));
    }
    Ok(left)
}

/// Ends a role that a reorganisation would make so wide that a second person must look at it, where nobody has: it was
/// granted since. Tells the lines of the audit.
pub(in crate::services) async fn end_too_wide(
    app: &App,
    tx: &mut Tx,
    (grant, account): (&Grant, &Account),
    actor: &Actor,
) -> Result<Vec<Entry>, StorageError> {
    let now = app.now();
    if !administrators::end(tx, grant.id, Ended::TooWide, now).await? {
        return Ok(Vec::new());
    }
    other_terms(app, tx, account).await?;
    let entry = Entry::about(now, actor.clone(), Act::RoleEnded, account);
    let entry = entry.with(format!("{} {}", grant.role.code(), place(tx, grant).await?));
    Ok(vec![entry.because(Ended::TooWide.code())])
}

/// A role is held over the agency again that was given up, unless somebody has ended it since or its holder has left.
pub(in crate::services) async fn return_to_agency(
    app: &App,
    tx: &mut Tx,
    grant: &str,
    (agency, from): (AgencyId, AgencyId),
) -> Result<Option<Entry>, Internal> {
    let Ok(id) = grant.parse::<GrantId>() else { return Ok(None) };
    if !administrators::carry_back(tx, id, from, agency).await? {
        return Ok(None);
    }
    let grants = administrators::over_agency(tx, agency).await?;
    let Some(grant) = grants.into_iter().find(|grant| grant.id == id) else { return Ok(None) };
    let Some(account) = accounts::by_id_in(tx, grant.account_id).await? else { return Ok(None) };
    fresh_terms(app, tx, account.id()).await?;
    let code = agencies::by_id_in(tx, agency).await?.map_or_else(String::new, |agency| agency.code);
    let entry = Entry::about(app.now(), Actor::Job("agencies"), Act::RoleGranted, &account);
    Ok(Some(entry.with(format!("{} {code}", grant.role.code()))))
}

/// Over which agency a grant is, by its code.
async fn place(tx: &mut Tx, grant: &Grant) -> Result<String, StorageError> {
    let Some(id) = grant.agency_id else { return Ok("city".to_owned()) };
    Ok(agencies::by_id_in(tx, id).await?.map_or_else(|| id.to_string(), |agency| agency.code))
}

/// Without a role other terms hold.
async fn other_terms(app: &App, tx: &mut Tx, account: &Account) -> Result<(), StorageError> {
    if let Some(holder) = accounts::by_id_in(tx, account.id()).await? {
        accounts::set_terms(tx, &holder, app.regulation().terms(&holder)).await?;
    }
    Ok(())
}
