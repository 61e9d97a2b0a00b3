//! Four eyes: a dangerous act asks [`pass`] first. Without the approval of a second person it is refused with what is to
//! be approved; the page then puts the request ([`ask`]), another administrator with the same right decides
//! ([`decide`]), and whoever asked sends the same form again: this time `pass` finds the approval, and the act spends it.

mod hands;
mod passing;

pub use hands::needs_second_for;
pub(super) use hands::pass_hands;
pub use passing::{Pass, Stopped, pass};
pub(super) use passing::{in_words, needs_second, pass_many};

use super::rights::{self, Denied};
use super::{Internal, chain};
use crate::app::App;
use crate::domain::account::State;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::approval::{Approval, Deed, GOOD_FOR, MOST_OPEN, Matter, Stage};
use crate::domain::audit::{Act, Entry};
use crate::domain::id::{AccountId, ApprovalId};
use crate::domain::name;
use crate::storage::approvals::Concern;
use crate::storage::{StorageError, accounts, administrators, approvals, audit};
use std::collections::{BTreeSet, HashMap};
use thiserror::Error;

pub use crate::storage::approvals::Edge;

/// How many settled requests a page shows.
const PAGE: usize = 50;

/// The largest form that is kept, in bytes.
const LARGEST: usize = 48 * 1024;

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
    /// It is about the very person who would decide.
    #[error("whoever it is about does not decide")]
    Concerned,
    /// One of the two has had the other's way to sign in in their hands lately, or a third one both.
    #[error("both accounts were lately in one hand")]
    OneHand,
    /// It does not wait any more.
    #[error("the request does not wait any more")]
    Gone,
    /// They have [`MOST_OPEN`] open requests already.
    #[error("{MOST_OPEN} requests of one person are open already")]
    TooMany,
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

/// The requests that concern one administrator.
#[derive(Debug, Clone)]
pub struct List {
    /// Every open one, their own first.
    pub open: Vec<Shown>,
    /// A page of those that are settled or too old, the latest first.
    pub closed: Vec<Shown>,
    /// Below which one the next page begins, if there is one.
    pub next: Option<Edge>,
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
    let mut tx = app.db.begin().await?;
    if let Some(one) = approvals::waiting(&mut tx, by.account_id(), &deed, now).await? {
        return Ok(one.id);
    }
    if approvals::number_open(&mut tx, by.account_id(), now).await? >= MOST_OPEN {
        return Err(ApprovalRefused::TooMany);
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
    if one.deed.concerns() == Some(by.account_id()) {
        return Err(ApprovalRefused::Concerned);
    }
    if !one.may_be_decided_by(by.account_id(), now) {
        return Err(ApprovalRefused::Oneself);
    }
    if hands::are_one(app, by.account_id(), one.asked_by).await? {
        return Err(ApprovalRefused::OneHand);
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
pub async fn list(app: &App, by: &Administrator, below: Option<Edge>) -> Result<List, Denied> {
    rights::ask(app, by, Right::SeeApprovals).await?;
    let (now, concern) = (app.now(), concern(by, |right| by.may(right) || by.may(Right::SeeAudit)));
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let open = approvals::open(&app.db, &concern, now).await?;
    let mut closed = approvals::closed(&app.db, &concern, now, below, limit).await?;
    let has_more = closed.len() > PAGE;
    closed.truncate(PAGE);
    let edge = |one: &Approval| Edge { asked_at: one.asked_at, id: one.id };
    let next = closed.last().filter(|_| has_more).map(edge);
    let mut names = HashMap::new();
    let open = shown(app, by, open, &mut names).await?;
    Ok(List { open, closed: shown(app, by, closed, &mut names).await?, next })
}

/// Requests as one administrator sees them.
async fn shown(
    app: &App,
    by: &Administrator,
    all: Vec<Approval>,
    names: &mut HashMap<AccountId, String>,
) -> Result<Vec<Shown>, Internal> {
    let (now, mut shown) = (app.now(), Vec::with_capacity(all.len()));
    for approval in all {
        let asked_by = name_of(app, names, approval.asked_by).await?;
        let decided_by = match &approval.decided {
            Some((by, ..)) => Some(name_of(app, names, *by).await?),
            None => None,
        };
        let is_own = approval.asked_by == by.account_id();
        let is_open = approval.is_open(now);
        let may_decide = may_decide(by, &approval)
            && approval.waits(now)
            && !hands::are_one(app, by.account_id(), approval.asked_by).await?;
        shown.push(Shown {
            asked_by,
            decided_by,
            may_decide,
            may_do: is_own && approval.stage == Stage::Approved && is_open,
            may_withdraw: is_own && is_open,
            approval,
        });
    }
    Ok(shown)
}

/// How many requests wait for this administrator: to decide on, or to carry out.
pub async fn waiting_for(app: &App, by: &Administrator) -> Result<usize, Internal> {
    let concern = concern(by, |right| by.may(right));
    let number = approvals::number_for(&app.db, &concern, app.now()).await?;
    Ok(usize::try_from(number).unwrap_or_default())
}

/// Whether anybody else could decide on a deed of this administrator now.
pub async fn has_second(app: &App, by: &Administrator, deed: &Deed) -> Result<bool, Internal> {
    let mut others = BTreeSet::new();
    for grant in administrators::holders(&app.db, app.now()).await? {
        let may = grant.role.has(deed.matter.right()) && grant.agency_id.is_none();
        if may && grant.account_id != by.account_id() && Some(grant.account_id) != deed.concerns() {
            others.insert(grant.account_id.to_string());
        }
    }
    for other in others {
        let Ok(id) = other.parse::<AccountId>() else { continue };
        let account = accounts::by_id(&app.db, id).await?;
        let is_there =
            account.is_some_and(|a| !matches!(a.state(), State::Locked { .. } | State::Retired { .. }));
        if is_there && !hands::are_one(app, id, by.account_id()).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Their own requests, and over the city those of others in the matters with such a right.
fn concern(by: &Administrator, is_such: impl Fn(Right) -> bool) -> Concern {
    let matters = Matter::ALL.into_iter().filter(|matter| by.reach().is_city() && is_such(matter.right()));
    Concern { who: by.account_id(), matters: matters.collect() }
}

fn may_decide(by: &Administrator, one: &Approval) -> bool {
    let (who, may) = (by.account_id(), by.reach().is_city() && by.may(one.deed.matter.right()));
    may && one.asked_by != who && one.deed.concerns() != Some(who)
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
