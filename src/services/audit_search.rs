//! The audit, searched by those who may read it, within their reach. Reading it is recorded too.

use super::Internal;
use super::rights::{self, Denied};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::admin::{Administrator, Right};
use crate::domain::audit::{Act, Entry};
use crate::domain::id::{AccountId, AgencyId};
use crate::domain::timestamp::Timestamp;
use crate::storage::{accounts, audit, audit_search};
use std::collections::BTreeSet;

pub use crate::storage::audit_search::{Found, Search};

/// Lines of a page.
pub const PAGE: usize = 50;

/// How often a page that leaves readings out reads on to be full. More is the next page's: those who read much would
/// make it walk through everything.
const ROUNDS: usize = 4;

/// Lines that an export reads at a time.
const EXPORTED: i64 = 500;

/// What somebody asks the audit, as they typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// About whom or what: an address, a short name, a `client_id`, …
    pub about: String,
    /// Who did it: an address, a short name, a `client_id`, the name of a job.
    pub actor: String,
    /// From which network address.
    pub source: String,
    /// Which act.
    pub act: Option<Act>,
    /// About which agency.
    pub agency: Option<AgencyId>,
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Not after this.
    pub until: Option<Timestamp>,
    /// Whether a page leaves out that somebody read the audit; a file never does.
    pub without_readings: bool,
}

/// A page of answers.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The lines, the newest first.
    pub lines: Vec<Found>,
    /// Below which number the next page begins, if there is one.
    pub next: Option<i64>,
}

/// What a walk through all answers needs.
#[derive(Debug, Clone)]
pub struct Walk {
    search: Search,
    below: Option<i64>,
}

/// The answers below a number, or the newest. That they were read is recorded, and what was asked.
pub async fn page(
    app: &App,
    by: &Administrator,
    question: &Question,
    below: Option<i64>,
    described: &str,
) -> Result<Answers, Denied> {
    let search = resolve(app, by, question).await?;
    let answers = answers(app, &search, below, question.without_readings).await?;
    record(app, by, (Right::SeeAudit, Act::AuditRead), described).await?;
    Ok(answers)
}

/// A page of what is found. Readings are left out of what was read, not by the database: each walk keeps its index, and
/// ends after so many lines; such a page may be short, and the next one goes on below.
async fn answers(
    app: &App,
    search: &Search,
    mut below: Option<i64>,
    without_readings: bool,
) -> Result<Answers, Internal> {
    let mut lines: Vec<Found> = Vec::new();
    for round in 0..ROUNDS {
        let limit = if round == 0 { i64::try_from(PAGE + 1).unwrap_or(i64::MAX) } else { EXPORTED };
        let read = audit_search::page(&app.db, search, below, limit).await?;
        let is_end = i64::try_from(read.len()).unwrap_or(i64::MAX) < limit;
        for found in read {
            if without_readings && found.line.act == Act::AuditRead {
                below = Some(found.record.seq);
                continue;
            }
            if lines.len() == PAGE {
                let next = lines.last().map(|found| found.record.seq);
                return Ok(Answers { lines, next });
            }
            below = Some(found.record.seq);
            lines.push(found);
        }
        if is_end {
            return Ok(Answers { lines, next: None });
        }
    }
    Ok(Answers { lines, next: below })
}

/// The people of these lines who are within reach, to be named: whose accounts they are about, and who acted under the
/// address that they have now.
pub async fn people(app: &App, by: &Administrator, lines: &[Found]) -> Result<Vec<Account>, Internal> {
    let mut people: Vec<Account> = Vec::new();
    let ids: BTreeSet<_> = lines.iter().filter_map(|found| found.record.account_id.as_deref()).collect();
    for id in ids.into_iter().filter_map(|id| id.parse::<AccountId>().ok()) {
        people.extend(accounts::by_id(&app.db, id).await?.filter(|account| by.reaches(account)));
    }
    let is_person = |found: &&Found| ["holder", "administrator"].contains(&found.record.actor_kind.as_str());
    let actors: BTreeSet<_> =
        lines.iter().filter(is_person).map(|found| found.record.actor.as_str()).collect();
    for actor in actors {
        let Ok(address) = MailAddress::parse(actor) else { continue };
        if people.iter().any(|account| account.profile().address == address) {
            continue;
        }
        let found = accounts::by_address(&app.db, &address).await?;
        people.extend(found.filter(|account| account.profile().address == address && by.reaches(account)));
    }
    Ok(people)
}

/// Begins an export: it is recorded before the first line leaves the house.
pub async fn begin_export(
    app: &App,
    by: &Administrator,
    question: &Question,
    described: &str,
) -> Result<Walk, Denied> {
    let search = resolve(app, by, question).await?;
    record(app, by, (Right::SeeAudit, Act::AuditExported), described).await?;
    Ok(Walk { search, below: None })
}

/// The next lines of an export; none at the end.
pub async fn next(app: &App, walk: &mut Walk) -> Result<Vec<Found>, Internal> {
    let lines = audit_search::page(&app.db, &walk.search, walk.below, EXPORTED).await?;
    if let Some(last) = lines.last() {
        walk.below = Some(last.record.seq);
    }
    Ok(lines)
}

/// Records that a part of it was read on the page of an account or of an agency, which ask for a right of their own; an
/// application that may read the audit as a whole needs no other.
pub(super) async fn read_elsewhere(app: &App, by: &Administrator, described: &str) -> Result<(), Denied> {
    let right = if by.may(Right::SeeAudit) { Right::SeeAudit } else { Right::SeeAccounts };
    record(app, by, (right, Act::AuditRead), described).await
}

/// The same, once a day for each administrator: for a page that is opened again and again.
pub(super) async fn read_today(app: &App, by: &Administrator, described: &str) -> Result<(), Denied> {
    let (today, read) = (Timestamp::start_of(app.now().local_date()), (Act::AuditRead, described));
    if audit_search::has_since(&app.db, by.address(), read, today).await? {
        return Ok(());
    }
    read_elsewhere(app, by, described).await
}

async fn record(
    app: &App,
    by: &Administrator,
    (right, act): (Right, Act),
    described: &str,
) -> Result<(), Denied> {
    let actor = rights::acting(app, by, right).await?;
    let entry = Entry::new(app.now(), actor, act, "audit").with(described);
    let mut tx = app.db.begin().await?;
    audit::append(&mut tx, &[Entry { agency_id: by.reach().agency(), ..entry }]).await?;
    Ok(tx.commit().await?)
}

/// A name is looked up: an account is found under whatever address it had when a line was written.
async fn resolve(app: &App, by: &Administrator, question: &Question) -> Result<Search, Internal> {
    let mut search = Search {
        reach: by.reach().agency(),
        act: question.act,
        agency: question.agency,
        source: given(&question.source),
        since: question.since,
        until: question.until,
        ..Search::default()
    };
    if let Some(about) = given(&question.about) {
        let address = address(app, &about);
        search.account = match (about.parse(), &address) {
            (Ok(id), _) => Some(id),
            (Err(_), Some(address)) => {
                accounts::by_address(&app.db, address).await?.map(|account| account.id())
            }
            (Err(_), None) => None,
        };
        if search.account.is_none() {
            // A typed name may be an address that nobody has, or a thing of the house.
            search.subject = Some(match address {
                Some(address) if about.contains('@') => address.to_string(),
                _ => about,
            });
        }
    }
    if let Some(actor) = given(&question.actor) {
        search.actor = Some(match address(app, &actor) {
            Some(address) if actor.contains('@') => address.to_string(),
            Some(address) if accounts::by_address(&app.db, &address).await?.is_some() => address.to_string(),
            _ => actor,
        });
    }
    Ok(search)
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What was typed as an address; a short name gets the city's domain.
fn address(app: &App, typed: &str) -> Option<MailAddress> {
    MailAddress::parse_typed(typed, &app.config.city.mail_domain).ok()
}
