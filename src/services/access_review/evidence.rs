//! The evidence of a review, for the dossier of a system of level 3: everything within reach, with what was said of it.

use super::{Item, Place, Review, hide_states};
use crate::app::App;
use crate::domain::admin::{Administrator, Reach, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Entry};
use crate::domain::id::ReviewId;
use crate::services::rights::{self, Denied};
use crate::storage::access_reviews as rows;
use crate::storage::{agencies, audit};

/// Items that are read at a time.
const PAGE: i64 = 1_000;

/// Everything within reach.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The review.
    pub review: Review,
    /// What there was, with what was said of it; by address.
    pub items: Vec<Item>,
    /// All agencies, for their names; those that were merged, too.
    pub agencies: Vec<Agency>,
    /// How far it goes.
    pub reach: Reach,
}

/// Gathers it, with a line of the audit; `None` if there is no such review.
pub async fn evidence(app: &App, by: &Administrator, id: ReviewId) -> Result<Option<Evidence>, Denied> {
    let actor = rights::acting(app, by, Right::Export).await?;
    let Some(review) = rows::by_id(&app.db, id).await? else {
        rights::out_of_reach(app, by, &format!("review {id}")).await;
        return Ok(None);
    };
    let (reach, mut items, mut after) = (by.reach().agency(), Vec::new(), Place::default());
    loop {
        let page = rows::page(&app.db, id, reach, (None, &after), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Place {
            address: last.address.clone(),
            kind: last.kind.code().to_owned(),
            reference: last.reference.clone(),
        };
        items.extend(page);
    }
    hide_states(by, &mut items);
    let entry = Entry::new(app.now(), actor, Act::AccountsExported, review.half.clone());
    let entry = Entry { agency_id: reach, ..entry }.with(format!("evidence {}", items.len()));
    let mut tx = app.db.begin().await?;
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    let agencies = agencies::with_merged(&app.db).await?;
    Ok(Some(Evidence { review, items, agencies, reach: by.reach().clone() }))
}
