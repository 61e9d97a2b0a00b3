//! Access reviews: in each half-year whoever administers an agency says of each account, role, post and delegation of the
//! own branch whether it is still needed; the city's administrators see how far everybody is and carry out what was
//! withdrawn (`apply`); all of it leaves the house as evidence (`evidence`).

mod apply;
mod evidence;
mod told;

pub use apply::{AT_ONCE, apply, carry_on, carry_out};
pub use evidence::{Evidence, evidence};
pub use told::keep;

use super::Internal;
use super::approvals::Stopped;
use super::rights::{self, Denied};
use crate::app::App;
use crate::domain::access_review::{MOST_DAYS, Subject, Verdict, half_of};
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AgencyId, ReviewId};
use crate::domain::name;
use crate::storage::access_reviews as rows;
use crate::storage::{StorageError, agencies, audit};
use thiserror::Error;
use time::Duration;

pub use crate::storage::access_reviews::{Item, Place, Progress, Review};

/// Items on a page.
pub const PAGE: i64 = 50;

/// Narrows the items to those that wait for somebody else.
const LEFT: &str = "left";

/// Reviews that the list shows.
const LATEST: i64 = 20;

/// A review as an administrator looks at it.
#[derive(Debug, Clone)]
pub struct View {
    /// The review.
    pub review: Review,
    /// How far each agency within reach is; without one: what the city's administrators say.
    pub progress: Vec<(Option<Agency>, Progress)>,
    /// A page of the items within reach.
    pub items: Vec<Item>,
    /// After which item the next page begins, if there is one.
    pub next: Option<Place>,
    /// What was to be carried out and waits for somebody else; for those who may.
    pub left: Vec<Item>,
    /// On how many nobody has spoken, but for one's own.
    pub rest: i64,
    /// Whether the administrator may say what is needed.
    pub may_decide: bool,
    /// Whether they may close it and carry out what was withdrawn.
    pub may_apply: bool,
}

impl View {
    /// The sum of something over the agencies.
    pub fn sum(&self, part: fn(&Progress) -> i64) -> i64 {
        self.progress.iter().map(|(_, progress)| part(progress)).sum()
    }
}

/// Something that was chosen, as a page showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// What kind.
    pub kind: Subject,
    /// Its id.
    pub reference: String,
    /// Its version then.
    pub version: i64,
}

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum ReviewRefused {
    /// There is none such within reach.
    #[error("there is no such review, or no such item within reach")]
    NotFound,
    /// The half-year has one.
    #[error("this half-year has a review")]
    HasOne,
    /// It cannot be open for so many days.
    #[error("a review is open for at most {MOST_DAYS} days")]
    BadDays,
    /// It is closed, or what was spoken on is carried out already.
    #[error("it is closed")]
    Closed,
    /// Somebody else has spoken on some of what was chosen since it was looked at: these, as they are now.
    #[error("somebody else has spoken on {} of them", .0.len())]
    Changed(Vec<Item>),
    /// Nothing was chosen.
    #[error("nothing was chosen")]
    Nothing,
    /// Nobody says of what is their own that it is needed.
    #[error("somebody else says it of one's own account and roles")]
    Oneself,
    /// A reason must be given.
    #[error("a reason must be given")]
    NoReason,
    /// It is passed on to no other agency.
    #[error("another agency must be chosen")]
    NoTarget,
    /// The typed number is another one.
    #[error("the typed number is another one")]
    WrongNumber,
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A second person must approve it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

use ReviewRefused as Refused;

impl From<StorageError> for ReviewRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Denied> for ReviewRefused {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Forbidden(forbidden) => Self::Forbidden(forbidden),
            Denied::Internal(internal) => Self::Internal(internal),
        }
    }
}

/// The latest reviews.
pub async fn list(app: &App, by: &Administrator) -> Result<Vec<Review>, Denied> {
    rights::ask(app, by, Right::SeeRoles).await?;
    Ok(rows::latest(&app.db, LATEST).await?)
}

/// Opens the review of this half-year, for so many days.
pub async fn open(app: &App, by: &Administrator, days: i64) -> Result<ReviewId, Refused> {
    let actor = rights::acting(app, by, Right::GrantRoles).await?;
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Refused::BadDays);
    }
    begin(app, (actor, by.address()), days).await?.ok_or(Refused::HasOne)
}

/// Opens it; `None` if the half-year has one.
async fn begin(app: &App, (actor, by): (Actor, &str), days: i64) -> Result<Option<ReviewId>, StorageError> {
    let now = app.now();
    let today = now.local_date();
    let one = Review {
        id: ReviewId::new(now, app.system.entropy()),
        half: half_of(today),
        opened_at: now,
        opened_by: by.to_owned(),
        due_on: today.checked_add(Duration::days(days)).unwrap_or(today),
        closed: None,
    };
    let mut tx = app.db.begin().await?;
    let Some(number) = rows::open(&mut tx, &one).await? else { return Ok(None) };
    let entry = Entry::new(now, actor, Act::ReviewOpened, one.half.clone());
    audit::append(&mut tx, &[entry.with(format!("{number} {}", one.due_on))]).await?;
    tx.commit().await?;
    Ok(Some(one.id))
}

/// A review within reach: all items, those that wait (`open`), or those with one verdict; behind a place.
pub async fn look(
    app: &App,
    by: &Administrator,
    id: ReviewId,
    (only, after): (Option<&str>, &Place),
) -> Result<Option<View>, Denied> {
    rights::ask(app, by, Right::SeeRoles).await?;
    let Some(review) = rows::by_id(&app.db, id).await? else {
        rights::out_of_reach(app, by, &format!("review {id}")).await;
        return Ok(None);
    };
    let reach = by.reach().agency();
    let all = agencies::with_merged(&app.db).await?;
    let mut progress: Vec<_> = rows::progress(&app.db, id, reach)
        .await?
        .into_iter()
        .map(|one| (all.iter().find(|agency| Some(agency.id) == one.agency).cloned(), one))
        .collect();
    // The furthest behind first.
    progress.sort_by_key(|(_, one)| std::cmp::Reverse(one.waiting));
    let mut items = rows::page(&app.db, id, reach, (only, after), PAGE + 1).await?;
    let length = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let is_more = items.len() > length;
    items.truncate(length);
    hide_states(by, &mut items);
    let place = |item: &Item| Place {
        address: item.address.clone(),
        kind: item.kind.code().to_owned(),
        reference: item.reference.clone(),
    };
    let is_open = review.closed.is_none();
    let may_apply = by.reach().is_city() && by.may(Right::GrantRoles);
    let left = if may_apply {
        rows::page(&app.db, id, None, (Some(LEFT), &Place::default()), PAGE).await?
    } else {
        Vec::new()
    };
    Ok(Some(View {
        next: items.last().filter(|_| is_more).map(place),
        rest: rows::rest(&app.db, id, reach, by.account_id()).await?,
        may_decide: is_open && by.may(Right::ReviewAccess),
        may_apply,
        left,
        review,
        progress,
        items,
    }))
}

/// Of an account that has come to an agency beyond reach since the review was opened, the state is not this administrator's to
/// know any more: it is left empty.
fn hide_states(by: &Administrator, items: &mut [Item]) {
    for item in items.iter_mut().filter(|item| !by.reach().covers(item.agency_now)) {
        item.state.clear();
    }
}

/// A review that is open.
async fn open_one(app: &App, by: &Administrator, id: ReviewId) -> Result<Review, Refused> {
    let Some(review) = rows::by_id(&app.db, id).await? else {
        rights::out_of_reach(app, by, &format!("review {id}")).await;
        return Err(Refused::NotFound);
    };
    if review.closed.is_some() { Err(Refused::Closed) } else { Ok(review) }
}

/// Says of some items whether they are needed, if nobody else has spoken on any of them since they were looked at; what
/// belongs elsewhere is passed on, without an agency to the city's administrators. Only *keep* needs no reason.
pub async fn decide(
    app: &App,
    by: &Administrator,
    id: ReviewId,
    chosen: &[Chosen],
    (verdict, why): (Verdict, &str),
    to: Option<AgencyId>,
) -> Result<(), Refused> {
    let actor = rights::acting(app, by, Right::ReviewAccess).await?;
    let review = open_one(app, by, id).await?;
    if chosen.is_empty() {
        return Err(Refused::Nothing);
    }
    let why = reason(why);
    if verdict != Verdict::Keep && why.is_empty() {
        return Err(Refused::NoReason);
    }
    let found = chosen_of(app, by, id, chosen).await?;
    let place = if verdict == Verdict::Transfer { target(app, to, &found).await? } else { String::new() };
    let now = app.now();
    let mut entries = Vec::new();
    let mut tx = app.db.begin().await?;
    for item in &found {
        let who = (by.address(), now);
        let is_said = if verdict == Verdict::Transfer {
            rows::pass_on(&mut tx, id, item, (to, &why), who).await?
        } else {
            rows::decide(&mut tx, id, item, (verdict, &why), who).await?
        };
        if !is_said {
            drop(tx);
            return Err(faster(app, by, id, chosen).await);
        }
        let entry = Entry::new(now, actor.clone(), Act::AccessReviewed, item.address.clone());
        let entry = Entry { account_id: Some(item.account_id), agency_id: item.agency, ..entry };
        let words = format!("{} {} {}: {}{place}", review.half, item.kind.code(), item.what, verdict.code());
        entries.push(entry.with(words).because(&why));
    }
    audit::append(&mut tx, &entries).await?;
    Ok(tx.commit().await?)
}

/// The items that were chosen: all within reach, none of one's own, and as they were looked at.
async fn chosen_of(
    app: &App,
    by: &Administrator,
    id: ReviewId,
    chosen: &[Chosen],
) -> Result<Vec<Item>, Refused> {
    let (mut found, mut changed) = (Vec::new(), Vec::new());
    for Chosen { kind, reference, version } in chosen {
        let item = rows::find(&app.db, id, by.reach().agency(), (*kind, reference)).await?;
        let Some(item) = item else {
            rights::out_of_reach(app, by, &format!("review {} {reference}", kind.code())).await;
            return Err(Refused::NotFound);
        };
        if item.account_id == by.account_id() {
            return Err(Refused::Oneself);
        }
        if item.version == *version {
            found.push(item);
        } else {
            changed.push(item);
        }
    }
    if changed.is_empty() { Ok(found) } else { Err(Refused::Changed(changed)) }
}

/// Why something could not be said any more: somebody else was faster by a hair, or the review is closed.
async fn faster(app: &App, by: &Administrator, id: ReviewId, chosen: &[Chosen]) -> Refused {
    match chosen_of(app, by, id, chosen).await {
        Ok(_) => Refused::Closed,
        Err(refused) => refused,
    }
}

/// To whom items are passed on, as the audit says it: an open agency, or the city's administrators; not where they are.
async fn target(app: &App, to: Option<AgencyId>, found: &[Item]) -> Result<String, Refused> {
    if found.iter().any(|item| item.agency == to) {
        return Err(Refused::NoTarget);
    }
    let Some(id) = to else { return Ok(" → city".to_owned()) };
    let all = agencies::every(&app.db).await?;
    let agency = all.iter().find(|agency| agency.id == id).ok_or(Refused::NoTarget)?;
    Ok(format!(" → {}", agency.code))
}

/// Keeps everything on which nobody has spoken, by a typed number; but not what is one's own.
pub async fn keep_rest(
    app: &App,
    by: &Administrator,
    id: ReviewId,
    (number, why): (&str, &str),
) -> Result<(), Refused> {
    let actor = rights::acting(app, by, Right::ReviewAccess).await?;
    let review = open_one(app, by, id).await?;
    let reach = by.reach().agency();
    let rest = rows::rest(&app.db, id, reach, by.account_id()).await?;
    if typed(number) != Some(rest) || rest == 0 {
        return Err(Refused::WrongNumber);
    }
    let (why, now) = (reason(why), app.now());
    let mut tx = app.db.begin().await?;
    let who = (by.address(), now);
    let kept = rows::keep_rest(&mut tx, (id, reach), by.account_id(), &why, who).await?;
    let entry = Entry::new(now, actor, Act::AccessReviewed, review.half.clone());
    let entry = Entry { agency_id: reach, ..entry }.with(format!("{}: {kept}", Verdict::Keep.code()));
    audit::append(&mut tx, &[entry.because(why)]).await?;
    Ok(tx.commit().await?)
}

/// Closes it: nothing more is said. What was withdrawn can still be carried out.
pub async fn close(app: &App, by: &Administrator, id: ReviewId, why: &str) -> Result<(), Refused> {
    let actor = rights::acting(app, by, Right::GrantRoles).await?;
    let review = open_one(app, by, id).await?;
    let why = reason(why);
    if why.is_empty() {
        return Err(Refused::NoReason);
    }
    let now = app.now();
    let entry = Entry::new(now, actor, Act::ReviewClosed, review.half.clone()).because(why);
    let mut tx = app.db.begin().await?;
    if !rows::close(&mut tx, id, by.address(), now).await? {
        return Err(Refused::Closed);
    }
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

fn typed(number: &str) -> Option<i64> {
    number.trim().replace(['.', ',', ' ', '\u{a0}'], "").parse().ok()
}

fn reason(why: &str) -> String {
    name::tidy(why).chars().take(500).collect()
}
