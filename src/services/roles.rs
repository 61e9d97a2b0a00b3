//! Who administers: roles granted and taken back, by the command line and in the console; they end by their day, or with
//! their holder's leaving (`ending`).

mod ending;

pub use ending::keep;
pub(super) use ending::{end_all, end_too_wide, keep_governed, leave_agency, return_to_agency};

use super::approvals::Stopped;
use super::rights::{self, Denied};
use super::{Internal, break_glass, wide};
use crate::app::App;
use crate::domain::account::{Account, State};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Forbidden, Grant, Reach, Right, Role};
use crate::domain::agency::{Agency, is_below_itself};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, AgencyId, GrantId};
use crate::domain::name;
use crate::domain::timestamp::Timestamp;
use crate::storage::administrators::Ended;
use crate::storage::{StorageError, Tx, accounts, administrators, agencies, audit, cached_verifiers};
use thiserror::Error;
use time::Date;

pub use crate::storage::administrators::Listed;

/// The longest time for which a role is granted at once.
const LONGEST: time::Duration = time::Duration::days(5 * 366);

/// What is to be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whose.
    pub address: MailAddress,
    /// The role.
    pub role: Role,
    /// The agency at the root of the branch; `None`: the whole city.
    pub agency: Option<AgencyId>,
    /// Its last day, if it ends by itself.
    pub until: Option<Date>,
    /// Why.
    pub why: String,
}

/// Why a role was not granted or taken back.
#[derive(Debug, Error)]
pub enum GrantRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such account.
    #[error("there is no account {0}; has the synchronisation run?")]
    NoAccount(MailAddress),
    /// No such agency.
    #[error("there is no agency with the code {0}")]
    NoAgency(String),
    /// The account may not sign in, or belongs to no person.
    #[error("{0} is locked, withdrawn, or no person's account")]
    NotInOffice(MailAddress),
    /// There was no role to take back.
    #[error("{0} has no such role")]
    NoRole(String),
    /// The role is not held over such a reach.
    #[error("the role {} is held over {}", .0.code(), if .0.may_be_held(true) { "the whole city" } else { "an agency" })]
    WrongReach(Role),
    /// The last day is past, or too far away.
    #[error("the last day is past, or more than five years away")]
    NoDay,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// Nobody grants themselves a role, or takes their own back.
    #[error("nobody changes their own roles")]
    Oneself,
    /// It is the last role over the whole city.
    #[error("this is the last administrator of the city; grant the role to somebody else first")]
    Last,
    /// An agency would lie below itself.
    #[error("an agency does not lie below itself")]
    Circle,
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for GrantRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Who grants.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// An administrator of the city.
    Administrator(&'a Administrator),
    /// The server's operator.
    CommandLine,
}

impl By<'_> {
    async fn acting(self, app: &App) -> Result<Actor, Forbidden> {
        match self {
            Self::Administrator(admin) => rights::acting(app, admin, Right::GrantRoles).await,
            Self::CommandLine => Ok(Actor::CommandLine),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Administrator(admin) => admin.address().to_string(),
            Self::CommandLine => "command_line".to_owned(),
        }
    }

    fn is(self, account: &Account) -> bool {
        matches!(self, Self::Administrator(admin) if admin.account_id() == account.id())
    }
}

/// The role in which an account acts now: the chosen grant if it holds, else the mightiest.
pub(super) async fn acting_as(
    app: &App,
    account: &Account,
    chosen: Option<GrantId>,
) -> Result<Option<Administrator>, Internal> {
    let held = administrators::of_account(&app.db, account.id(), app.now()).await?;
    let grant = held.iter().find(|grant| Some(grant.id) == chosen);
    let Some(grant) = grant.or_else(|| held.iter().min_by_key(|grant| grant.role)) else { return Ok(None) };
    Ok(Some(Administrator::holding(account, grant.role, reach_of(app, grant).await?)))
}

/// How far a grant reaches, as the tree of agencies is now.
pub(super) async fn reach_of(app: &App, grant: &Grant) -> Result<Reach, Internal> {
    Ok(match grant.agency_id {
        None => Reach::City,
        Some(root) => Reach::Branch(agencies::branch(&app.db, root).await?),
    })
}

/// Every role that an account holds now, the mightiest first.
async fn all_of(app: &App, account: &Account) -> Result<Vec<Administrator>, Internal> {
    let mut held = administrators::of_account(&app.db, account.id(), app.now()).await?;
    held.sort_by_key(|grant| grant.role);
    let mut all = Vec::new();
    for grant in held {
        all.extend(acting_as(app, account, Some(grant.id)).await?);
    }
    Ok(all)
}

/// The roles in which somebody who has said yes to something may still be taken at their word: by a job, or by whoever
/// does what they approved. Whoever is locked or has left has none, unless a code has opened the administration for them.
pub(super) async fn still_held(app: &App, id: AccountId) -> Result<Vec<Administrator>, Internal> {
    let Some(account) = accounts::by_id(&app.db, id).await? else { return Ok(Vec::new()) };
    let mut held = all_of(app, &account).await?;
    if break_glass::is_live_for(app, &account).await? {
        held.push(break_glass::proof(&account));
    } else if matches!(account.state(), State::Locked { .. } | State::Retired { .. }) {
        held.clear();
    }
    Ok(held)
}

/// The grants that an administrator holds, with the agency of each: for the choice of the role to act in.
pub async fn own(app: &App, by: &Administrator) -> Result<Vec<(Grant, Option<Agency>)>, Internal> {
    let all = agencies::every(&app.db).await?;
    let held = administrators::of_account(&app.db, by.account_id(), app.now()).await?;
    let with_agency = |grant: Grant| {
        let agency = all.iter().find(|agency| Some(agency.id) == grant.agency_id).cloned();
        (grant, agency)
    };
    Ok(held.into_iter().map(with_agency).collect())
}

/// Every role that is held, for the command line.
pub async fn every(app: &App) -> Result<Vec<Listed>, Internal> {
    Ok(administrators::list(&app.db, None, app.now()).await?)
}

/// The roles that are held within an administrator's reach.
pub async fn list(app: &App, by: &Administrator) -> Result<Vec<Listed>, Denied> {
    rights::ask(app, by, Right::SeeRoles).await?;
    Ok(administrators::list(&app.db, by.reach().agency(), app.now()).await?)
}

/// The account that would be given a role, and what else is needed; nothing is written.
pub async fn check(app: &App, by: By<'_>, wish: &Wish) -> Result<Account, GrantRefused> {
    let account = accounts::by_address(&app.db, &wish.address).await?;
    let account = account.ok_or_else(|| GrantRefused::NoAccount(wish.address.clone()))?;
    if by.is(&account) {
        return Err(GrantRefused::Oneself);
    }
    let is_in_office = !matches!(account.state(), State::Locked { .. } | State::Retired { .. });
    if !is_in_office && matches!(by, By::Administrator(_)) {
        return Err(GrantRefused::NotInOffice(wish.address.clone()));
    }
    if !wish.role.may_be_held(wish.agency.is_none()) {
        return Err(GrantRefused::WrongReach(wish.role));
    }
    if let Some(id) = wish.agency
        && !agencies::every(&app.db).await?.iter().any(|agency| agency.id == id)
    {
        return Err(GrantRefused::NoAgency(id.to_string()));
    }
    let today = app.now().local_date();
    if wish.until.is_some_and(|day| day < today || day - today > LONGEST) {
        return Err(GrantRefused::NoDay);
    }
    if reason(&wish.why).is_empty() && matches!(by, By::Administrator(_)) {
        return Err(GrantRefused::NoReason);
    }
    Ok(account)
}

/// Grants a role, in place of the one held over the same reach.
pub async fn grant(app: &App, by: By<'_>, wish: &Wish) -> Result<GrantId, GrantRefused> {
    let actor = by.acting(app).await?;
    let account = check(app, by, wish).await?;
    let pass = match by {
        By::Administrator(admin) => wide::pass_grant(app, admin, &account, wish).await?,
        By::CommandLine => None,
    };
    let is_alone = pass.is_none() && matches!(by, By::Administrator(_));
    let mut tx = app.db.begin().await?;
    if let Some(pass) = pass {
        pass.spend(app, &mut tx).await?;
    }
    let id = grant_in(app, &mut tx, &account, (actor, by.name()), wish).await?;
    if is_alone {
        wide::look_again(app, &mut tx, &account, wish).await?;
    }
    // Another role over the city takes the place of its administration.
    if let By::Administrator(admin) = by
        && wish.agency.is_none()
        && wish.role != Role::City
        && !ending::is_governed(&mut tx, admin, app.now()).await?
    {
        return Err(GrantRefused::Last);
    }
    tx.commit().await?;
    Ok(id)
}

/// The same within a transaction, for somebody whose right was checked.
pub(super) async fn grant_in(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    (actor, granted_by): (Actor, String),
    wish: &Wish,
) -> Result<GrantId, StorageError> {
    let now = app.now();
    let grant = Grant {
        id: GrantId::new(now, app.system.entropy()),
        account_id: account.id(),
        role: wish.role,
        agency_id: wish.agency,
        granted_at: now,
        granted_by,
        why: reason(&wish.why),
        ends_at: wish.until.map(Timestamp::end_of),
    };
    let replaced = administrators::grant(tx, &grant).await?;
    // a directory must be asked for whoever administers
    cached_verifiers::forget(tx, account.id()).await?;
    fresh_terms(app, tx, account.id()).await?;
    let entry = Entry::about(now, actor.clone(), Act::RoleGranted, account);
    let after = described(app, &grant).await?;
    let entry = match &replaced {
        None => entry.with(after),
        Some(before) => entry.changing(described(app, before).await?, after),
    };
    let mut entries = vec![if grant.why.is_empty() { entry } else { entry.because(&grant.why) }];
    // Where the same role goes on, so do its codes.
    if replaced.is_some_and(|before| before.role == Role::City) && grant.role != Role::City {
        entries.extend(break_glass::end_with_role(tx, account, (&actor, &grant.why), now).await?);
    }
    audit::append(tx, &entries).await?;
    Ok(grant.id)
}

/// Takes a role back.
pub async fn revoke(app: &App, by: By<'_>, id: GrantId, why: &str) -> Result<(), GrantRefused> {
    let actor = by.acting(app).await?;
    let mut tx = app.db.begin().await?;
    match revoke_in(app, &mut tx, (by, &actor), id, why).await {
        Ok(_) => Ok(tx.commit().await?),
        Err(refused) => {
            drop(tx);
            if matches!(refused, GrantRefused::NoRole(_)) {
                stay_ended(app, id, &actor, why).await?;
            }
            Err(refused)
        }
    }
}

/// Takes back what may have ended with its agency already: it does not come back when that becomes one of its own again.
pub(super) async fn stay_ended(app: &App, id: GrantId, actor: &Actor, why: &str) -> Result<(), StorageError> {
    ending::stay_ended(app, id, (actor, &reason(why))).await
}

/// The same within a transaction, for somebody whose right was checked; tells whether the role was still held.
pub(super) async fn revoke_in(
    app: &App,
    tx: &mut Tx,
    (by, actor): (By<'_>, &Actor),
    id: GrantId,
    why: &str,
) -> Result<bool, GrantRefused> {
    let gone = || GrantRefused::NoRole(id.to_string());
    let why = reason(why);
    if why.is_empty() && matches!(by, By::Administrator(_)) {
        return Err(GrantRefused::NoReason);
    }
    let grant = administrators::by_id(&app.db, id).await?.ok_or_else(gone)?;
    let account = accounts::by_id(&app.db, grant.account_id).await?.ok_or_else(gone)?;
    if by.is(&account) {
        return Err(GrantRefused::Oneself);
    }
    let how = (actor, Act::RoleRevoked, Ended::Revoked);
    let entries = ending::end_in(app, tx, (&grant, &account), how, &why).await?;
    audit::append(tx, &entries).await?;
    if let By::Administrator(admin) = by
        && grant.role == Role::City
        && !ending::is_governed(tx, admin, app.now()).await?
    {
        return Err(GrantRefused::Last);
    }
    Ok(!entries.is_empty())
}

/// Takes every role of an account back, for the command line.
pub async fn revoke_all(app: &App, address: &MailAddress) -> Result<(), GrantRefused> {
    let account = accounts::by_address(&app.db, address).await?;
    let account = account.ok_or_else(|| GrantRefused::NoAccount(address.clone()))?;
    let held = administrators::of_account(&app.db, account.id(), app.now()).await?;
    if held.is_empty() {
        return Err(GrantRefused::NoRole(address.to_string()));
    }
    for grant in held {
        revoke(app, By::CommandLine, grant.id, "").await?;
    }
    Ok(())
}

/// Administrators change their passwords more often; nobody is overdue the moment they get a role.
async fn fresh_terms(app: &App, tx: &mut Tx, id: AccountId) -> Result<(), StorageError> {
    let Some(holder) = accounts::by_id_in(tx, id).await? else { return Ok(()) };
    let regulation = app.regulation();
    let fresh = regulation.fresh_term(&holder, app.now());
    if regulation.running(&holder).is_some_and(|deadline| deadline.ends_at < fresh) {
        accounts::promise(tx, &holder, fresh).await?;
    }
    if let Some(holder) = accounts::by_id_in(tx, id).await? {
        accounts::set_terms(tx, &holder, regulation.terms(&holder)).await?;
    }
    Ok(())
}

/// A grant in a line of the audit.
async fn described(app: &App, grant: &Grant) -> Result<String, StorageError> {
    let place = match grant.agency_id {
        None => "city".to_owned(),
        Some(id) => agencies::by_id(&app.db, id).await?.map_or_else(|| id.to_string(), |agency| agency.code),
    };
    let until = last_day(grant).map(|day| format!(" until {day}")).unwrap_or_default();
    Ok(format!("{} {place}{until}", grant.role.code()))
}

/// The last day of a grant that ends by itself.
pub fn last_day(grant: &Grant) -> Option<Date> {
    grant.ends_at.map(|at| at.minus(time::Duration::microseconds(1)).local_date())
}

/// Puts an agency below another one, or at the top, at once, as the command line does: whoever administers the upper one
/// reaches it from now on. In the console it is a reorganisation, with a day and a second person.
pub async fn move_agency(app: &App, by: By<'_>, code: &str, under: Option<&str>) -> Result<(), GrantRefused> {
    let actor = by.acting(app).await?;
    let all = agencies::every(&app.db).await?;
    let find = |code: &str| {
        let found = all.iter().find(|agency| agency.code == code).cloned();
        found.ok_or_else(|| GrantRefused::NoAgency(code.to_owned()))
    };
    let agency = find(code)?;
    let parent = under.map(find).transpose()?.map(|above| above.id);
    if is_below_itself(&all, agency.id, parent) {
        return Err(GrantRefused::Circle);
    }
    let code_of = |id: Option<AgencyId>| {
        all.iter().find(|one| Some(one.id) == id).map(|one| one.code.clone()).unwrap_or_default()
    };
    let entry = Entry::new(app.now(), actor, Act::AgencyMoved, agency.code.clone());
    let entry =
        Entry { agency_id: Some(agency.id), ..entry }.changing(code_of(agency.parent_id), code_of(parent));
    let mut tx = app.db.begin().await?;
    agencies::set_parent(&mut tx, agency.id, parent).await?;
    audit::append(&mut tx, &[entry]).await?;
    // Writers of the audit stand in line, so here another move is seen.
    if is_below_itself(&agencies::every_in(&mut tx).await?, agency.id, parent) {
        return Err(GrantRefused::Circle);
    }
    Ok(tx.commit().await?)
}

fn reason(why: &str) -> String {
    name::tidy(why).chars().take(500).collect()
}
