//! What was withdrawn is carried out, by the use cases that do it one by one: a role, a post and a delegation end, an account
//! is locked. What is not there any more, and what the house refuses, is said so.

use super::{Refused, typed};
use crate::app::App;
use crate::domain::access_review::{Outcome, Subject};
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Right};
use crate::domain::approval::{Deed, Matter};
use crate::domain::id::{DelegationId, GrantId, PostId, ReviewId};
use crate::i18n::Lang;
use crate::services::acting::{self, DelegationRefused};
use crate::services::confirm::RecentProof;
use crate::services::lock::{self, LockRefused};
use crate::services::rights::Denied;
use crate::services::roles::{self, By, GrantRefused};
use crate::services::{Internal, approvals, posts, rights};
use crate::storage::access_reviews::{self as rows, Item, Review};
use crate::storage::accounts;

/// How many are carried out at once; the rest with the next confirmation.
pub const AT_ONCE: i64 = 100;

/// What came of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// Locked, or ended.
    pub done: u64,
    /// Not there any more.
    pub gone: u64,
    /// Refused by the house.
    pub refused: u64,
}

/// Carries out what was withdrawn, by a typed number of all that waits; many need a second person.
pub async fn apply(
    app: &App,
    by: &Administrator,
    id: ReviewId,
    number: &str,
    _recent: &RecentProof,
) -> Result<Applied, Refused> {
    rights::ask(app, by, Right::GrantRoles).await?;
    let Some(review) = rows::by_id(&app.db, id).await? else {
        rights::out_of_reach(app, by, &format!("review {id}")).await;
        return Err(Refused::NotFound);
    };
    let waiting: i64 = rows::progress(&app.db, id, None).await?.iter().map(|one| one.unapplied).sum();
    if typed(number) != Some(waiting) || waiting == 0 {
        return Err(Refused::WrongNumber);
    }
    let items = rows::to_apply(&app.db, id, None, AT_ONCE).await?;
    let pass = approvals::pass(app, by, deed(&review, &items), Some(items.len())).await?;
    pass.spend_now(app).await?;
    let mut applied = Applied::default();
    for item in &items {
        let Some(outcome) = carry_out(app, by, &review, item).await? else { continue };
        if rows::settle(&app.db, id, (item.kind, &item.reference), outcome).await? {
            match outcome {
                Outcome::Done => applied.done += 1,
                Outcome::Gone => applied.gone += 1,
                Outcome::Refused => applied.refused += 1,
            }
        }
    }
    if applied == Applied::default() {
        pass.give_back(app).await;
    }
    Ok(applied)
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

/// Carries one out; `None`: somebody is at it, the next time tells.
async fn carry_out(
    app: &App,
    by: &Administrator,
    review: &Review,
    item: &Item,
) -> Result<Option<Outcome>, Internal> {
    // What is kept is told to people in the words of the office.
    let (t, half) = (Lang::Vi, Lang::Vi.half_year(&review.half));
    let why = format!("{} {half}: {}", t.review_title(), item.why);
    match item.kind {
        Subject::Account => match lock::lock(app, by, item.account_id, &why).await {
            Ok(_) => Ok(Some(Outcome::Done)),
            Err(LockRefused::NotFound | LockRefused::State(_)) => Ok(Some(Outcome::Gone)),
            Err(LockRefused::Conflict) => Ok(None),
            Err(LockRefused::Internal(internal)) => Err(internal),
            Err(_) => Ok(Some(Outcome::Refused)),
        },
        Subject::Role => {
            let Ok(grant) = item.reference.parse::<GrantId>() else { return Ok(Some(Outcome::Gone)) };
            match roles::revoke(app, By::Administrator(by), grant, &why).await {
                Ok(()) => Ok(Some(Outcome::Done)),
                Err(GrantRefused::NoRole(_)) => Ok(Some(Outcome::Gone)),
                Err(GrantRefused::Internal(internal)) => Err(internal),
                Err(_) => Ok(Some(Outcome::Refused)),
            }
        }
        Subject::Post => post(app, by, item, &why).await,
        Subject::Delegation => delegation(app, by, item, &why).await,
    }
}

async fn post(app: &App, by: &Administrator, item: &Item, why: &str) -> Result<Option<Outcome>, Internal> {
    let Ok(id) = item.reference.parse::<PostId>() else { return Ok(Some(Outcome::Gone)) };
    match posts::end(app, by, id, why).await {
        Ok(is_ended) => Ok(Some(if is_ended { Outcome::Done } else { Outcome::Gone })),
        Err(Denied::Internal(internal)) => Err(internal),
        Err(Denied::Forbidden(_)) => Ok(Some(Outcome::Refused)),
    }
}

async fn delegation(
    app: &App,
    by: &Administrator,
    item: &Item,
    why: &str,
) -> Result<Option<Outcome>, Internal> {
    let (Ok(id), Ok(mailbox)) = (item.reference.parse::<DelegationId>(), MailAddress::parse(&item.what))
    else {
        return Ok(Some(Outcome::Gone));
    };
    let Some(mailbox) = accounts::by_address(&app.db, &mailbox).await? else {
        return Ok(Some(Outcome::Gone));
    };
    match acting::end(app, by, mailbox.id(), id, why).await {
        Ok(()) => Ok(Some(Outcome::Done)),
        Err(DelegationRefused::NotFound) => Ok(Some(Outcome::Gone)),
        Err(DelegationRefused::Internal(internal)) => Err(internal),
        Err(_) => Ok(Some(Outcome::Refused)),
    }
}
