//! What is watched of the mailboxes: when forwarding out of the city appeared, and the lists of the console.

use super::Internal;
use crate::app::App;
use crate::domain::admin::Administrator;
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::SeenMailbox;
use crate::domain::watch::{Forward, WatchList};
use crate::storage::watch::{self as rows, Ask};
use crate::storage::{accounts, agencies, audit, mailboxes};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

pub use crate::storage::watch::{Found, Says, Seen};

/// Rows of a page.
const PAGE: i64 = 50;

/// Rows read at a time for an export.
const BATCH: i64 = 1_000;

/// The longest export.
const LONGEST: usize = 100_000;

/// Forwarding written down in one transaction.
const AT_ONCE: usize = 200;

/// What a list is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Which list.
    pub list: WatchList,
    /// Only of this agency, within reach.
    pub agency: Option<AgencyId>,
    /// After this address and what tells the rows of one account apart.
    pub after: (String, String),
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<Found>,
    /// After which place the next page begins, if there is one.
    pub next: Option<(String, String)>,
    /// How long the list is, by agency; the longest first.
    pub counts: Vec<(Option<Agency>, i64)>,
}

/// A page of a list, within reach.
pub async fn page(app: &App, by: &Administrator, query: &Query) -> Result<Page, Internal> {
    let ask = ask(app, by, query);
    let after = (query.after.0.as_str(), query.after.1.as_str());
    let mut found = rows::page(&app.db, &ask, after, PAGE + 1).await?;
    let page = usize::try_from(PAGE).unwrap_or_default();
    let more = found.len() > page;
    found.truncate(page);
    let next = found.last().filter(|_| more).map(|row| (row.address.clone(), row.tie.clone()));
    let all = agencies::every(&app.db).await?;
    let named = |id: Option<AgencyId>| all.iter().find(|agency| Some(agency.id) == id).cloned();
    let all_counts = rows::counts(&app.db, &ask).await?;
    let mut counts: Vec<_> = all_counts.into_iter().map(|(id, number)| (named(id), number)).collect();
    counts.sort_by_cached_key(|(agency, number)| (Reverse(*number), agency.as_ref().map(|a| a.name.clone())));
    Ok(Page { rows: found, next, counts })
}

/// A whole list, within reach, with the names of the agencies.
pub async fn whole(
    app: &App,
    by: &Administrator,
    query: &Query,
) -> Result<Vec<(Found, Option<String>)>, Internal> {
    let ask = ask(app, by, query);
    let all = agencies::every(&app.db).await?;
    let names: HashMap<AgencyId, String> = all.into_iter().map(|agency| (agency.id, agency.name)).collect();
    let mut list: Vec<(Found, Option<String>)> = Vec::new();
    loop {
        let place = list.last().map(|(row, _)| (row.address.clone(), row.tie.clone())).unwrap_or_default();
        let more = rows::page(&app.db, &ask, (&place.0, &place.1), BATCH).await?;
        if more.is_empty() || list.len() >= LONGEST {
            return Ok(list);
        }
        list.extend(more.into_iter().map(|row| {
            let name = row.agency_id.and_then(|id| names.get(&id).cloned());
            (row, name)
        }));
    }
}

/// How long the lists of what breaks the rules are for an agency and those below it; empty ones are left out.
pub(super) async fn numbers(app: &App, agency: AgencyId) -> Result<Vec<(WatchList, u64)>, Internal> {
    let mut all = Vec::new();
    for list in [WatchList::Forwards, WatchList::Quota, WatchList::Message] {
        let ask = Ask { list, agency: Some(agency), own_domains: own_domains(app), now: app.now() };
        let number: i64 = rows::counts(&app.db, &ask).await?.into_iter().map(|(_, number)| number).sum();
        all.extend(u64::try_from(number).ok().filter(|number| *number > 0).map(|number| (list, number)));
    }
    Ok(all)
}

/// Where the mail of an account is forwarded to, and whether that is out of the city.
pub async fn forwards(app: &App, id: AccountId) -> Result<Vec<(Seen, bool)>, Internal> {
    let own = own_domains(app);
    let seen = rows::of_account(&app.db, id).await?;
    Ok(seen
        .into_iter()
        .map(|seen| {
            let out = seen.forward.is_external(&own);
            (seen, out)
        })
        .collect())
}

/// Writes down which forwarding is new, changed or gone, among mailboxes that are not as they were. What leads out of
/// the city and was not there before is a line of the audit. Before the entries themselves are written down, so that
/// a crash in between makes the next run see the same once more.
pub(super) async fn note(
    app: &App,
    system: MailSystem,
    changed: &[&SeenMailbox],
    gone: impl Fn(&str) -> bool,
) -> Result<(), Internal> {
    let now = app.now();
    let changed: HashMap<&str, &SeenMailbox> =
        changed.iter().map(|seen| (seen.key.native_id.as_str(), *seen)).collect();
    let open = rows::open_forwards(&app.db, system).await?;
    let (mut kept, mut ended) = (HashMap::new(), Vec::new());
    for old in &open {
        let at = (old.native_id.as_str(), old.forward.to.as_str());
        let is_there = match changed.get(old.native_id.as_str()) {
            Some(seen) => seen.watched.forwards.iter().any(|forward| forward.to == old.forward.to),
            None => !gone(&old.native_id),
        };
        if is_there {
            kept.insert(at, &old.forward);
        } else {
            ended.push(old);
        }
    }
    let mut news: Vec<(&str, &Forward, bool)> = Vec::new();
    for (id, seen) in &changed {
        let mut once = HashSet::new();
        for forward in &seen.watched.forwards {
            let old = kept.get(&(*id, forward.to.as_str()));
            if once.insert(&forward.to) && old.is_none_or(|old| *old != forward) {
                news.push((id, forward, old.is_none()));
            }
        }
    }
    for some in ended.chunks(AT_ONCE) {
        let mut tx = app.db.begin().await?;
        for old in some {
            rows::end(&mut tx, old, now).await?;
        }
        tx.commit().await?;
    }
    for some in news.chunks(AT_ONCE) {
        let lines = lines(app, system, some).await?;
        let mut tx = app.db.begin().await?;
        for (id, forward, _) in some {
            rows::see(&mut tx, (system, id), forward, now).await?;
        }
        audit::append(&mut tx, &lines).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The lines of the audit on forwarding that was not there before and leads out of the city.
async fn lines(
    app: &App,
    system: MailSystem,
    news: &[(&str, &Forward, bool)],
) -> Result<Vec<Entry>, Internal> {
    let own = own_domains(app);
    let mut lines = Vec::new();
    for (id, forward, _) in news.iter().filter(|(_, forward, is_new)| *is_new && forward.is_external(&own)) {
        let Some(holder) = mailboxes::holder(&app.db, system, id).await? else { continue };
        let Some(account) = accounts::by_id(&app.db, holder).await? else { continue };
        let entry = Entry::about(app.now(), Actor::Job("sync"), Act::ForwardAppeared, &account);
        lines.push(entry.with(format!("{}: {}", system.product(), forward.to)));
    }
    Ok(lines)
}

fn ask(app: &App, by: &Administrator, query: &Query) -> Ask {
    let agency = query.agency.filter(|id| by.reach().covers(Some(*id))).or(by.reach().agency());
    Ask { list: query.list, agency, own_domains: own_domains(app), now: app.now() }
}

/// The domains into which mail may be forwarded.
pub(super) fn own_domains(app: &App) -> Vec<String> {
    let mut own = app.config.watch.own_domains.clone();
    own.push(app.config.city.mail_domain.clone());
    own
}
