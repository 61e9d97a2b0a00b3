//! What the house does by itself: it opens the review of a half-year where the city wants that, and tells those who have
//! not finished, by letter: when it is opened, some days before its end, and when it is over.

use super::{begin, rows};
use crate::app::App;
use crate::domain::access_review::TOLD_BEFORE;
use crate::domain::admin::Role;
use crate::domain::audit::Actor;
use crate::services::{Internal, chain, letters, roles};
use crate::storage::access_reviews::Review;
use crate::storage::administrators;

/// The job.
pub async fn keep(app: &App) -> Result<(), Internal> {
    if app.config.admin.review_half_yearly {
        begin(app, (Actor::Job("reviews"), ""), app.config.admin.review_days).await?;
    }
    // One that is late is told of beside the one of the new half-year.
    for review in rows::open_ones(&app.db).await? {
        tell(app, &review).await?;
    }
    Ok(())
}

/// At which point a letter is written; each once for each recipient.
fn occasion(app: &App, review: &Review) -> &'static str {
    let today = app.now().local_date();
    if today > review.due_on {
        "over"
    } else if review.due_on - today <= TOLD_BEFORE {
        "soon"
    } else {
        "opened"
    }
}

async fn tell(app: &App, review: &Review) -> Result<(), Internal> {
    let (now, occasion) = (app.now(), occasion(app, review));
    let progress = rows::progress(&app.db, review.id, None).await?;
    for grant in administrators::holders(&app.db, now).await? {
        // Whoever administers the city is told of the whole once it draws to its end.
        let is_told = grant.role == Role::Agency || (grant.role == Role::City && occasion != "opened");
        if !is_told {
            continue;
        }
        let reach = roles::reach_of(app, &grant).await?;
        let within = progress.iter().filter(|one| reach.covers(one.agency));
        if within.map(|one| one.waiting).sum::<i64>() == 0 {
            continue;
        }
        // Somebody else speaks on their own account and roles: who has nothing else left has finished.
        let rest = rows::rest(&app.db, review.id, reach.agency(), grant.account_id).await?;
        if rest == 0 {
            continue;
        }
        let told = (review.half.as_str(), review.due_on, u64::try_from(rest).unwrap_or(0));
        let key = format!("review:{}:{}:{occasion}", review.id, grant.account_id);
        if let Err(error) = letters::review_waits(app, grant.account_id, key, told).await {
            tracing::error!("telling of an access review failed: {}", chain(&error));
        }
    }
    Ok(())
}
