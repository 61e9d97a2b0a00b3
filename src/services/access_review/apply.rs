//! What was withdrawn is carried out: a role, a post and a delegation end, an account is locked.
//!
//! An administrator of the city confirms it ([`apply`]), which orders it; the work ([`carry_out`]) goes on in the background,
//! and [`carry_on`] goes on with what was broken off. What came of an item is written down in the transaction that does it,
//! so a crash in between tells nothing that is not so; directories and applications are told afterwards. What this person may
//! not do waits for another one, with the reason.

use super::{Refused, reason, typed};
use crate::app::App;
use crate::domain::access_review::{Obstacle, Outcome, Subject};
use crate::domain::account::{LockReason, State, TransitionRefused};
use crate::domain::admin::{Administrator, Right};
use crate::domain::approval::{Deed, Matter};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, DelegationId, GrantId, PostId, ReviewId};
use crate::i18n::Lang;
use crate::services::acting;
use crate::services::confirm::RecentProof;
use crate::services::lock::{self, LockRefused};
use crate::services::roles::{self, By, GrantRefused};
use crate::services::{Internal, approvals, chain, directory_locks, logout_notices, posts, rights};
use crate::storage::access_reviews::{self as rows, Item, Review};
use crate::storage::{Tx, accounts, administrators, audit};

/// How many are ordered at once; the rest with the next confirmation.
pub const AT_ONCE: i64 = 100;

/// How many a round carries out.
const ROUND: i64 = 1_000;

/// How often one is tried anew at once when somebody else changes the account at the same time.
const CONFLICTS: u8 = 5;

/// The longest reason, in characters.
const LONGEST: usize = 500;

/// On whose word one is carried out, and why.
struct Word<'a> {
    by: &'a Administrator,
    actor: Actor,
    why: &'a str,
}

/// What came of one.
enum Came {
    /// It was done, and that is written down in the same transaction; or somebody else has done so.
    Done,
    /// Nothing was done, and this is to be written down.
    Not(Outcome),
    /// It is left to somebody else.
    Left(Obstacle),
    /// Somebody changes the account at the same time.
    Conflict,
}

/// Orders that what was withdrawn is carried out, by a typed number of all that waits; many need a second person. The work
/// is done by [`carry_out`], which the caller spawns.
pub async fn apply(
    app: &App,
    by: &Administrator,
    id: ReviewId,
    (number, why): (&str, &str),
    _recent: &RecentProof,
) -> Result<(), Refused> {
    let actor = rights::acting(app, by, Right::GrantRoles).await?;
    let Some(review) = rows::by_id(&app.db, id).await? else {
        rights::out_of_reach(app, by, &format!("review {id}")).await;
        return Err(Refused::NotFound);
    };
    let waiting: i64 = rows::progress(&app.db, id, None).await?.iter().map(|one| one.unapplied).sum();
    if typed(number) != Some(waiting) || waiting == 0 {
        return Err(Refused::WrongNumber);
    }
    let items = rows::to_apply(&app.db, id, AT_ONCE).await?;
    if items.iter().all(|item| item.account_id == by.account_id()) {
        return Err(Refused::Oneself);
    }
    let pass = approvals::pass(app, by, deed(&review, &items), Some(items.len())).await?;
    let (why, now) = (reason(why), app.now());
    let mut tx = app.db.begin().await?;
    pass.spend(app, &mut tx).await?;
    for item in &items {
        if !rows::order(&mut tx, id, item, (by.account_id(), now)).await? {
            return Err(Refused::Closed);
        }
    }
    // What comes of each is told in the name of the same person; here, that it was one word, and why.
    let entry = Entry::new(now, actor, Act::AccessReviewed, review.half.clone());
    let entry = entry.with(format!("ordered: {}", items.len()));
    let entry = if why.is_empty() { entry } else { entry.because(why) };
    audit::append(&mut tx, &[entry]).await?;
    Ok(tx.commit().await?)
}

fn deed(review: &Review, items: &[Item]) -> Deed {
    let preview = approvals::in_words(|t| {
        let title = format!("{} – {}", t.review_apply(), t.review_half(&t.half_year(&review.half)));
        let lines = items.iter().map(|item| format!("{} ({}): {}", item.name, item.address, item.what));
        std::iter::once(title).chain(lines).collect()
    });
    let content: Vec<_> = items.iter().map(|item| item.reference.as_str()).collect();
    Deed { matter: Matter::LockMany, content: format!("review {} {}", review.id, content.join(" ")), preview }
}

/// Goes on with what was broken off; for the job of the house.
pub async fn carry_on(app: &App) -> Result<(), Internal> {
    for review in rows::with_orders(&app.db).await? {
        if let Err(internal) = carry_out(app, review.id).await {
            tracing::error!("carrying out an access review broke off: {}", chain(&internal));
        }
    }
    Ok(())
}

/// Carries out what was ordered, one by one, and tells directories and applications afterwards. Safe to run twice at the
/// same time.
pub async fn carry_out(app: &App, id: ReviewId) -> Result<(), Internal> {
    let Some(review) = rows::by_id(&app.db, id).await? else { return Ok(()) };
    for item in rows::ordered(&app.db, id, ROUND).await? {
        let Some(asked_by) = item.ordered_by else { continue };
        if let Err(internal) = one(app, &review, &item, asked_by).await {
            tracing::error!("carrying out an item of an access review: {}", chain(&internal));
        }
    }
    logout_notices::send_due(app).await?;
    directory_locks::try_due_at_once(app).await;
    Ok(())
}

/// Carries one out on the word of whoever has confirmed it, as long as they administer the city.
async fn one(app: &App, review: &Review, item: &Item, asked_by: AccountId) -> Result<(), Internal> {
    for _ in 0..CONFLICTS {
        let held = roles::still_held(app, asked_by).await?;
        let came = match held.iter().find(|by| by.may(Right::GrantRoles)) {
            None => Came::Left(Obstacle::NoRight),
            Some(by) => match attempt(app, by, review, item).await {
                Err(internal) if internal.is_conflict() => Came::Conflict,
                came => came?,
            },
        };
        match came {
            Came::Done => return Ok(()),
            Came::Conflict => {}
            Came::Not(outcome) => {
                let mut tx = app.db.begin().await?;
                rows::settle(&mut tx, review.id, item, outcome).await?;
                return Ok(tx.commit().await?);
            }
            Came::Left(why) => {
                let mut tx = app.db.begin().await?;
                rows::leave(&mut tx, review.id, item, why).await?;
                return Ok(tx.commit().await?);
            }
        }
    }
    // The job of the house tries again.
    Ok(())
}

/// Does it and writes it down in one transaction, of which nothing is left if it cannot be done.
async fn attempt(app: &App, by: &Administrator, review: &Review, item: &Item) -> Result<Came, Internal> {
    let right = match item.kind {
        Subject::Account => Right::Lock,
        Subject::Role | Subject::Post => Right::GrantRoles,
        Subject::Delegation => Right::Delegate,
    };
    let Ok(actor) = rights::acting(app, by, right).await else { return Ok(Came::Left(Obstacle::NoRight)) };
    // What is kept is told to people in the words of the office.
    let (t, half) = (Lang::Vi, Lang::Vi.half_year(&review.half));
    let why = format!("{} {half}: {}", t.review_title(), item.why);
    let why: String = why.chars().take(LONGEST).collect();
    let mut tx = app.db.begin().await?;
    // Whoever is first here has it: the other one waits, and finds it settled.
    if !rows::settle(&mut tx, review.id, item, Outcome::Done).await? {
        return Ok(Came::Done);
    }
    let word = Word { by, actor: actor.clone(), why: &why };
    let came = match item.kind {
        Subject::Account => account(app, &mut tx, word, item).await?,
        Subject::Role => role(app, &mut tx, &word, item).await?,
        Subject::Post => {
            let Ok(id) = item.reference.parse::<PostId>() else { return Ok(Came::Not(Outcome::Gone)) };
            ended(posts::end(app, &mut tx, (by.address(), word.actor), id, &why).await?)
        }
        Subject::Delegation => {
            let Ok(id) = item.reference.parse::<DelegationId>() else { return Ok(Came::Not(Outcome::Gone)) };
            let of = (item.account_id, id);
            ended(acting::end_in(app, &mut tx, (by.address(), word.actor), of, &why).await?)
        }
    };
    if matches!(came, Came::Done) {
        tx.commit().await?;
    } else {
        drop(tx);
        if let (Came::Not(Outcome::Gone), Subject::Role, Ok(id)) = (&came, item.kind, item.reference.parse())
        {
            roles::stay_ended(app, id, &actor, &why).await?;
            // Its agency may have become one of its own again in between, and the role with it.
            let held = administrators::of_account(&app.db, item.account_id, app.now()).await?;
            if held.iter().any(|grant| grant.id == id) {
                return Ok(Came::Conflict);
            }
        }
    }
    Ok(came)
}

const fn ended(is_news: bool) -> Came {
    if is_news { Came::Done } else { Came::Not(Outcome::Gone) }
}

/// Locks an account, whatever else has locked it: only an administrator's lock lasts. One that has such a lock is as it
/// should be.
async fn account(app: &App, tx: &mut Tx, word: Word<'_>, item: &Item) -> Result<Came, Internal> {
    let Some(account) = accounts::by_id_in(tx, item.account_id).await? else {
        return Ok(Came::Not(Outcome::Gone));
    };
    if account.is_locked_by_an_administrator() {
        return Ok(Came::Done);
    }
    // Its retirement runs on, which another lock would stop.
    if matches!(account.state(), State::Locked { reason: LockReason::GoneFromDirectory, .. }) {
        return Ok(Came::Not(Outcome::Gone));
    }
    match lock::lock_in(app, tx, (word.by, word.actor), &account, word.why).await {
        Ok(_) => Ok(Came::Done),
        Err(LockRefused::State(TransitionRefused::Retired)) => Ok(Came::Not(Outcome::Gone)),
        Err(LockRefused::Oneself) => Ok(Came::Left(Obstacle::Oneself)),
        Err(LockRefused::OfAnAdministrator) => Ok(Came::Left(Obstacle::OfAnAdministrator)),
        Err(LockRefused::Forbidden(_)) => Ok(Came::Left(Obstacle::NoRight)),
        Err(LockRefused::Conflict) => Ok(Came::Conflict),
        Err(LockRefused::Internal(internal)) => Err(internal),
        Err(_) => Ok(Came::Not(Outcome::Refused)),
    }
}

/// Ends a role.
async fn role(app: &App, tx: &mut Tx, word: &Word<'_>, item: &Item) -> Result<Came, Internal> {
    let Ok(id) = item.reference.parse::<GrantId>() else { return Ok(Came::Not(Outcome::Gone)) };
    match roles::revoke_in(app, tx, (By::Administrator(word.by), &word.actor), id, word.why).await {
        Ok(is_news) => Ok(ended(is_news)),
        Err(GrantRefused::NoRole(_)) => Ok(Came::Not(Outcome::Gone)),
        Err(GrantRefused::Oneself) => Ok(Came::Left(Obstacle::Oneself)),
        Err(GrantRefused::Last) => Ok(Came::Left(Obstacle::Last)),
        Err(GrantRefused::Forbidden(_)) => Ok(Came::Left(Obstacle::NoRight)),
        Err(GrantRefused::Internal(internal)) => Err(internal),
        Err(_) => Ok(Came::Not(Outcome::Refused)),
    }
}
