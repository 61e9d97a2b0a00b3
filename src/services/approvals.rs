//! Four eyes: a dangerous act asks [`pass`] first. Without the approval of a second person it is refused with what is to
//! be approved; the page then puts the request ([`ask`]), another administrator with the same right decides
//! ([`decide`]), and whoever asked sends the same form again: this time `pass` uses the approval up.

use super::bulk_unlock::Seen;
use super::rights::{self, Denied};
use super::{Internal, chain};
use crate::app::App;
use crate::domain::account::State;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::approval::{Approval, Deed, GOOD_FOR, Matter, Stage};
use crate::domain::audit::{Act, Entry};
use crate::domain::id::{AccountId, ApprovalId};
use crate::domain::name;
use crate::i18n::Lang;
use crate::storage::{StorageError, accounts, administrators, approvals, audit};
use std::collections::{BTreeSet, HashMap};
use thiserror::Error;

/// How many requests the page shows that are decided.
const LATEST: i64 = 50;

/// The largest form that is kept, in bytes.
const LARGEST: usize = 48 * 1024;

/// Why a dangerous act did not go on.
#[derive(Debug, Error)]
pub enum Stopped {
    /// A second person must approve this.
    #[error("a second person must approve it")]
    NeedsSecond(Box<Deed>),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for Stopped {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Why a request was not put or not decided.
#[derive(Debug, Error)]
pub enum ApprovalRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// Whoever asked does not decide.
    #[error("whoever asked does not decide")]
    Oneself,
    /// It does not wait any more.
    #[error("the request does not wait any more")]
    Gone,
    /// What was typed is too much to keep.
    #[error("the form is too large")]
    TooLarge,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ApprovalRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// A request as the page shows it to one administrator.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The request.
    pub approval: Approval,
    /// Who asked, by name and address.
    pub asked_by: String,
    /// Who decided.
    pub decided_by: Option<String>,
    /// Whether they may decide on it.
    pub may_decide: bool,
    /// Whether they may carry it out now.
    pub may_do: bool,
    /// Whether they may take it back.
    pub may_withdraw: bool,
}

/// Lets an act of an administrator go on, if nobody else need approve it or somebody has: then the approval is used up.
/// Many at a time need a second person above `admin.two_persons_above`.
pub async fn pass(app: &App, by: &Administrator, deed: Deed, many: Option<usize>) -> Result<(), Stopped> {
    let admin = &app.config.admin;
    if !admin.two_persons || many.is_some_and(|many| many <= admin.two_persons_above) {
        return Ok(());
    }
    let now = app.now();
    let open = approvals::open(&app.db, now).await?;
    for one in open.iter().filter(|one| one.allows(by.account_id(), &deed, now)) {
        let mut tx = app.db.begin().await?;
        if approvals::use_up(&mut tx, one.id, now).await? {
            tx.commit().await?;
            return Ok(());
        }
    }
    Err(Stopped::NeedsSecond(Box::new(deed)))
}

/// The same for many accounts, as they were looked at; few need nobody else.
pub(super) async fn pass_many(
    app: &App,
    by: &Administrator,
    matter: Matter,
    seen: &[Seen],
) -> Result<(), Stopped> {
    let mut content: Vec<_> = seen.iter().map(|seen| format!("{}:{}", seen.id, seen.version)).collect();
    content.sort();
    let mut preview = vec![Lang::Vi.deed_accounts(&seen.len().to_string())];
    for seen in seen {
        if let Some(account) = accounts::by_id(&app.db, seen.id).await?.filter(|account| by.reaches(account))
        {
            let profile = account.profile();
            preview.push(format!("{} ({})", profile.display_name, profile.address));
        }
    }
    pass(app, by, Deed { matter, content: content.join(" "), preview }, Some(seen.len())).await
}

/// Puts a request: the form as it was sent, to be sent again once somebody approved it. The same request is put once.
pub async fn ask(
    app: &App,
    by: &Administrator,
    deed: Deed,
    (path, form): (&str, Vec<(String, String)>),
    why: &str,
) -> Result<ApprovalId, ApprovalRefused> {
    let actor = rights::acting(app, by, deed.matter.right()).await?;
    let why = reason(why)?;
    if form.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > LARGEST {
        return Err(ApprovalRefused::TooLarge);
    }
    let now = app.now();
    let is_same = |one: &&Approval| one.waits(now) && one.asked_by == by.account_id() && one.deed == deed;
    if let Some(one) = approvals::open(&app.db, now).await?.iter().find(is_same) {
        return Ok(one.id);
    }
    let one = Approval {
        id: ApprovalId::new(now, app.system.entropy()),
        path: path.to_owned(),
        form,
        asked_by: by.account_id(),
        asked_at: now,
        why: why.clone(),
        expires_at: now.plus(GOOD_FOR),
        stage: Stage::Waiting,
        decided: None,
        deed,
    };
    let entry = Entry::new(now, actor, Act::ApprovalAsked, one.id.to_string());
    let entry =
        entry.with(format!("{}: {}", one.deed.matter.code(), shortened(&one.deed.content))).because(why);
    let mut tx = app.db.begin().await?;
    approvals::add(&mut tx, &one).await?;
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    Ok(one.id)
}

/// Approves or refuses a request of somebody else.
pub async fn decide(
    app: &App,
    by: &Administrator,
    id: ApprovalId,
    yes: bool,
    why: &str,
) -> Result<(), ApprovalRefused> {
    let now = app.now();
    let one = approvals::by_id(&app.db, id).await?.filter(|one| one.waits(now));
    let one = one.ok_or(ApprovalRefused::Gone)?;
    let actor = rights::acting(app, by, one.deed.matter.right()).await?;
    if !by.reach().is_city() {
        rights::out_of_reach(app, by, &format!("approval {id}")).await;
        return Err(ApprovalRefused::Gone);
    }
    if !one.may_be_decided_by(by.account_id(), now) {
        return Err(ApprovalRefused::Oneself);
    }
    let why = reason(why)?;
    let (to, act) =
        if yes { (Stage::Approved, Act::ApprovalGiven) } else { (Stage::Refused, Act::ApprovalRefused) };
    let entry = Entry::new(now, actor, act, id.to_string()).with(one.deed.matter.code()).because(&why);
    let mut tx = app.db.begin().await?;
    if !approvals::decide(&mut tx, id, to, (by.account_id(), now, &why), now.plus(GOOD_FOR)).await? {
        return Err(ApprovalRefused::Gone);
    }
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

/// Takes an own request back.
pub async fn withdraw(app: &App, by: &Administrator, id: ApprovalId) -> Result<(), ApprovalRefused> {
    let actor = rights::acting(app, by, Right::SeeApprovals).await?;
    let mut tx = app.db.begin().await?;
    if !approvals::withdraw(&mut tx, id, by.account_id()).await? {
        return Err(ApprovalRefused::Gone);
    }
    audit::append(&mut tx, &[Entry::new(app.now(), actor, Act::ApprovalWithdrawn, id.to_string())]).await?;
    Ok(tx.commit().await?)
}

/// The requests that concern an administrator: their own, and of others those whose right they have over the city.
pub async fn list(app: &App, by: &Administrator) -> Result<Vec<Shown>, Denied> {
    rights::ask(app, by, Right::SeeApprovals).await?;
    let now = app.now();
    let all = approvals::latest(&app.db, LATEST).await?;
    let mut names = HashMap::new();
    let mut shown = Vec::new();
    for approval in all.into_iter().filter(|one| concerns(by, one)) {
        let asked_by = name_of(app, &mut names, approval.asked_by).await?;
        let decided_by = match &approval.decided {
            Some((by, ..)) => Some(name_of(app, &mut names, *by).await?),
            None => None,
        };
        let is_own = approval.asked_by == by.account_id();
        let is_open = matches!(approval.stage, Stage::Waiting | Stage::Approved) && now < approval.expires_at;
        shown.push(Shown {
            asked_by,
            decided_by,
            may_decide: may_decide(by, &approval) && approval.waits(now),
            may_do: is_own && approval.stage == Stage::Approved && is_open,
            may_withdraw: is_own && is_open,
            approval,
        });
    }
    Ok(shown)
}

/// How many requests wait for this administrator: to decide on, or to carry out.
pub async fn waiting_for(app: &App, by: &Administrator) -> Result<usize, Internal> {
    let now = app.now();
    let open = approvals::open(&app.db, now).await?;
    let waits = |one: &&Approval| {
        (one.waits(now) && may_decide(by, one))
            || (one.stage == Stage::Approved && one.asked_by == by.account_id())
    };
    Ok(open.iter().filter(waits).count())
}

/// Whether anybody else could decide on a deed of this administrator now.
pub async fn has_second(app: &App, by: &Administrator, right: Right) -> Result<bool, Internal> {
    let mut others = BTreeSet::new();
    for grant in administrators::holders(&app.db, app.now()).await? {
        let may = grant.role.has(right) && grant.agency_id.is_none();
        if may && grant.account_id != by.account_id() {
            others.insert(grant.account_id.to_string());
        }
    }
    for other in others {
        let Ok(id) = other.parse::<AccountId>() else { continue };
        let account = accounts::by_id(&app.db, id).await?;
        if account.is_some_and(|a| !matches!(a.state(), State::Locked { .. } | State::Retired { .. })) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn concerns(by: &Administrator, one: &Approval) -> bool {
    one.asked_by == by.account_id()
        || (by.reach().is_city() && (by.may(one.deed.matter.right()) || by.may(Right::SeeAudit)))
}

fn may_decide(by: &Administrator, one: &Approval) -> bool {
    by.reach().is_city() && by.may(one.deed.matter.right()) && one.asked_by != by.account_id()
}

async fn name_of(
    app: &App,
    names: &mut HashMap<AccountId, String>,
    id: AccountId,
) -> Result<String, Internal> {
    if let Some(name) = names.get(&id) {
        return Ok(name.clone());
    }
    let name = accounts::by_id(&app.db, id).await?.map_or_else(String::new, |account| {
        format!("{} ({})", account.profile().display_name, account.profile().address)
    });
    names.insert(id, name.clone());
    Ok(name)
}

fn reason(why: &str) -> Result<String, ApprovalRefused> {
    let why: String = name::tidy(why).chars().take(500).collect();
    if why.is_empty() { Err(ApprovalRefused::NoReason) } else { Ok(why) }
}

fn shortened(text: &str) -> String {
    text.chars().take(300).collect()
}

/// Logs what went wrong where a page goes on without it.
pub fn or_none(waiting: Result<usize, Internal>) -> usize {
    waiting.unwrap_or_else(|error| {
        tracing::error!("counting what waits for a second person: {}", chain(&error));
        0
    })
}
