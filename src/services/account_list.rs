//! The list of accounts in the console: a page of it, and all of it for an export. Everything is within the
//! administrator's reach.

use super::Internal;
use super::rights::{self, Denied};
use crate::app::App;
use crate::domain::account::{Account, Kind, LockReason, StateName};
use crate::domain::admin::{Administrator, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Entry};
use crate::domain::id::AgencyId;
use crate::domain::timestamp::Timestamp;
use crate::storage::account_list::{self, Filter, Listed};
use crate::storage::{administrators, agencies, audit};
use std::collections::HashMap;

pub use crate::storage::account_list::{Edge, Sort, Systems};

/// Rows of a page of the list.
pub const PAGE: usize = 50;

/// Rows that an export reads at a time.
const EXPORTED: usize = 500;

/// Whom a list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// Only in this state.
    pub state: Option<StateName>,
    /// Only locked for this reason.
    pub lock: Option<LockReason>,
    /// Only of this agency.
    pub agency: Option<AgencyId>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only held by exactly these mail systems.
    pub systems: Option<Systems>,
    /// Only whose term is over, or ends by then.
    pub due: Option<Due>,
    /// Only those in which each word is found.
    pub search: String,
}

/// When a term ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It is over.
    Over,
    /// It is running, and ends by then.
    By(Timestamp),
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// By what.
    pub sort: Sort,
    /// The last one first.
    pub downwards: bool,
}

/// Where a page begins: at what a row was sorted by when it was shown, wherever its account is by now.
#[derive(Debug, Clone, Default)]
pub enum Place {
    /// At the beginning.
    #[default]
    Beginning,
    /// After the row with this edge.
    After(Edge),
    /// Before the row with this edge.
    Before(Edge),
}

/// A row of the list.
#[derive(Debug, Clone)]
pub struct ListRow {
    /// The account.
    pub account: Account,
    /// Its agency.
    pub agency: Option<Agency>,
    /// Who administers that agency: names, or nobody but the city's administrators.
    pub managers: Vec<String>,
    /// Which mail systems hold it.
    pub systems: Systems,
    /// When the running term ends.
    pub ends_at: Option<Timestamp>,
    /// Since when it is known here.
    pub created_at: Timestamp,
    /// Where the list goes on after it, in the order in which it was read.
    pub edge: Edge,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct List {
    /// Its rows.
    pub rows: Vec<ListRow>,
    /// How many accounts match in all.
    pub total: i64,
    /// Whether there are rows before these.
    pub has_previous: bool,
    /// Whether there are rows after these.
    pub has_next: bool,
}

/// A page of the list of accounts, within reach.
pub async fn page(
    app: &App,
    by: &Administrator,
    narrowed: &Narrowed,
    order: Order,
    place: Place,
) -> Result<List, Internal> {
    let filter = filter(app, by, narrowed);
    let is_backwards = matches!(place, Place::Before(_));
    let downwards = order.downwards != is_backwards;
    let (edge, is_first) = match place {
        Place::Beginning => (Edge::beginning(order.sort, downwards), true),
        Place::After(edge) | Place::Before(edge) => (edge, false),
    };
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let (total, mut found) = tokio::try_join!(
        account_list::matching(&app.db, &filter),
        account_list::page(&app.db, &filter, (order.sort, downwards), &edge, limit),
    )?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    if is_backwards {
        found.reverse();
    }
    let (has_previous, has_next) = if is_backwards { (has_more, !is_first) } else { (!is_first, has_more) };
    Ok(List { rows: Around::read(app).await?.rows(app, found), total, has_previous, has_next })
}

/// Begins an export: what is exported is recorded before the first row leaves the house. Tells how many rows there are.
pub async fn begin_export(
    app: &App,
    by: &Administrator,
    narrowed: &Narrowed,
    (format, described): (&str, &str),
) -> Result<i64, Denied> {
    let actor = rights::acting(app, by, Right::Export).await?;
    let total = account_list::matching(&app.db, &filter(app, by, narrowed)).await?;
    let entry = Entry::new(app.now(), actor, Act::AccountsExported, format)
        .with(format!("{total} {described}").trim_end());
    let mut tx = app.db.begin().await?;
    audit::append(&mut tx, &[Entry { agency_id: by.reach().agency(), ..entry }]).await?;
    tx.commit().await?;
    Ok(total)
}

/// The rows of an export after the edge of a row, or from the beginning; empty at the end. The edge is of the same order: an
/// account that is locked, moved or gone meanwhile neither ends the walk nor begins it again.
pub async fn export_rows(
    app: &App,
    by: &Administrator,
    narrowed: &Narrowed,
    order: Order,
    after: Option<&Edge>,
) -> Result<Vec<ListRow>, Internal> {
    rows_after(app, by, narrowed, order, (after, EXPORTED)).await
}

/// So many rows after the edge of a row, or from the beginning.
pub async fn rows_after(
    app: &App,
    by: &Administrator,
    narrowed: &Narrowed,
    order: Order,
    (after, limit): (Option<&Edge>, usize),
) -> Result<Vec<ListRow>, Internal> {
    let (way, limit) = ((order.sort, order.downwards), i64::try_from(limit).unwrap_or(i64::MAX));
    let beginning = Edge::beginning(order.sort, order.downwards);
    let (filter, edge) = (filter(app, by, narrowed), after.unwrap_or(&beginning));
    let found = account_list::page(&app.db, &filter, way, edge, limit).await?;
    Ok(Around::read(app).await?.rows(app, found))
}

/// What the database is asked for.
pub(super) fn filter(app: &App, by: &Administrator, narrowed: &Narrowed) -> Filter {
    let (due_after, due_by) = match narrowed.due {
        None => (None, None),
        Some(Due::Over) => (None, Some(app.now())),
        Some(Due::By(until)) => (Some(app.now()), Some(until)),
    };
    Filter {
        reach: by.reach().agency(),
        agency: narrowed.agency,
        state: narrowed.state,
        lock: narrowed.lock,
        kind: narrowed.kind,
        systems: narrowed.systems,
        due_after,
        due_by,
        search: narrowed.search.clone(),
    }
}

/// What stands beside the accounts of a list.
struct Around {
    agencies: HashMap<AgencyId, Agency>,
    managers: HashMap<AgencyId, Vec<String>>,
}

impl Around {
    async fn read(app: &App) -> Result<Self, Internal> {
        let all = agencies::every(&app.db).await?;
        let mut managers: HashMap<AgencyId, Vec<String>> = HashMap::new();
        for (agency, name, _) in administrators::of_agencies(&app.db, app.now()).await? {
            managers.entry(agency).or_default().push(name);
        }
        Ok(Self { agencies: all.into_iter().map(|agency| (agency.id, agency)).collect(), managers })
    }

    fn rows(&self, app: &App, found: Vec<Listed>) -> Vec<ListRow> {
        let regulation = app.regulation();
        let row = |Listed { account, systems, created_at, edge }| {
            let agency = account.profile().agency_id;
            ListRow {
                agency: agency.and_then(|id| self.agencies.get(&id)).cloned(),
                managers: agency.and_then(|id| self.managers.get(&id)).cloned().unwrap_or_default(),
                ends_at: regulation.running(&account).map(|deadline| deadline.ends_at),
                systems,
                created_at,
                edge,
                account,
            }
        };
        found.into_iter().map(row).collect()
    }
}
