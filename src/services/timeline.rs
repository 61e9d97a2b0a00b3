//! Everything that was recorded of one account, a page at a time, for its administrator.

use super::rights::Denied;
use super::{accounts, audit_search};
use crate::app::App;
use crate::domain::admin::Administrator;
use crate::domain::id::AccountId;
use crate::services::accounts::{Dossier, Line};
use crate::storage::audit;

/// Lines of a page.
pub const PAGE: i64 = 200;

/// Which line comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The oldest.
    #[default]
    OldestFirst,
    /// The newest.
    NewestFirst,
}

/// A page of it.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The account as it is now.
    pub dossier: Dossier,
    /// The lines.
    pub lines: Vec<Line>,
    /// After which place the next page begins, if there is one.
    pub next: Option<i64>,
}

/// A page of an account's timeline, after a place in the chain; `None` out of reach. That it was read is recorded.
pub async fn page(
    app: &App,
    by: &Administrator,
    id: AccountId,
    order: Order,
    after: Option<i64>,
) -> Result<Option<Timeline>, Denied> {
    let Some(dossier) = accounts::dossier(app, by, id).await? else { return Ok(None) };
    let mut lines = match order {
        Order::OldestFirst => audit::of_account_after(&app.db, id, after.unwrap_or(0), PAGE + 1).await?,
        Order::NewestFirst => {
            audit::of_account_before(&app.db, id, after.unwrap_or(i64::MAX), PAGE + 1).await?
        }
    };
    let address = &dossier.overview.account.profile().address;
    audit_search::read_elsewhere(app, by, &format!("account={address}")).await?;
    let page = usize::try_from(PAGE).unwrap_or_default();
    let more = lines.len() > page;
    lines.truncate(page);
    let next = lines.last().map(|line| line.seq).filter(|_| more);
    Ok(Some(Timeline { dossier, lines, next }))
}
