//! Incidents as those see them who follow them up: within reach, each change by compare and swap, each with a step and
//! a line of the audit.

use super::{Incident, Running, Step, TEXT, add};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::admin::{Administrator, Forbidden, Right};
use crate::domain::agency::Agency;
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::id::IncidentId;
use crate::domain::incident::{Clock, Closing, IncidentKind, Judgement, StepKind};
use crate::domain::timestamp::Timestamp;
use crate::services::{Internal, letters, rights};
use crate::storage::{StorageError, Tx, accounts, activity, agencies, audit, incidents};
use thiserror::Error;

/// Rows of a page.
const PAGE: i64 = 30;

/// So many tries with a disowned password are shown.
const TRIES: i64 = 50;

/// An incident with everything its page shows.
#[derive(Debug, Clone)]
pub struct Case {
    /// The incident.
    pub incident: Incident,
    /// Who reported it.
    pub reporter: Account,
    /// Their agency.
    pub agency: Option<Agency>,
    /// What was done, in its order.
    pub steps: Vec<Step>,
    /// The clocks that run, the first to end first.
    pub clocks: Vec<Running>,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct List {
    /// Its cases, the newest first.
    pub cases: Vec<Case>,
    /// After which one the next page begins, if there is one.
    pub next: Option<IncidentId>,
}

/// Why something did not happen to an incident.
#[derive(Debug, Error)]
pub enum DeskRefused {
    /// The role does not have the right.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No such incident within reach.
    #[error("no such incident within reach")]
    NotFound,
    /// Words are missing, or too long.
    #[error("words are needed, at most {TEXT} characters")]
    Words,
    /// It is closed already, or somebody else changed it meanwhile.
    #[error("the incident was changed meanwhile")]
    Conflict,
    /// A clock still runs.
    #[error("a clock still runs")]
    ClockRuns,
    /// There is no such contact, or none any more.
    #[error("no such contact")]
    NoContact,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for DeskRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// How many are open within reach.
pub async fn open_within_reach(app: &App, by: &Administrator) -> Result<i64, Internal> {
    Ok(incidents::open(&app.db, by.reach().agency()).await?)
}

/// A page of the open ones, or of the closed ones, within reach.
pub async fn list(
    app: &App,
    by: &Administrator,
    is_open: bool,
    before: Option<IncidentId>,
) -> Result<List, Internal> {
    let reach = by.reach().agency();
    let mut found = incidents::list(&app.db, reach, is_open, before, PAGE + 1).await?;
    let page = usize::try_from(PAGE).unwrap_or_default();
    let more = found.len() > page;
    found.truncate(page);
    let next = found.last().map(|one| one.id).filter(|_| more);
    let mut cases = Vec::with_capacity(found.len());
    for incident in found {
        cases.extend(case(app, incident).await?);
    }
    Ok(List { cases, next })
}

/// One incident. One beyond reach and one that does not exist are both `None`, and both leave a line.
pub async fn find(app: &App, by: &Administrator, id: IncidentId) -> Result<Option<Case>, Internal> {
    match incidents::by_id(&app.db, id).await? {
        Some(incident) if by.reach().covers(incident.agency_id) => case(app, incident).await,
        _ => {
            rights::out_of_reach(app, by, &format!("incident {id}")).await;
            Ok(None)
        }
    }
}

/// Writes something down; it does no harm beside what somebody else does.
pub async fn note(app: &App, by: &Administrator, id: IncidentId, words: &str) -> Result<(), DeskRefused> {
    let (actor, case) = open_case(app, by, id, None).await?;
    let step = step(app, by, StepKind::Noted, None, &said(words)?);
    let mut tx = app.db.begin().await?;
    record(app, &mut tx, actor, (&case, Act::IncidentFollowed), &step).await?;
    Ok(tx.commit().await?)
}

/// Says what it is: which clocks run. `words` say why.
pub async fn judge(
    app: &App,
    by: &Administrator,
    (id, seen): (IncidentId, i64),
    judgement: Judgement,
    words: &str,
) -> Result<(), DeskRefused> {
    let (actor, case) = open_case(app, by, id, Some(seen)).await?;
    let step = step(app, by, StepKind::Judged, None, &said(words)?);
    let mut tx = app.db.begin().await?;
    if !incidents::judge(&mut tx, &case.incident, judgement).await? {
        return Err(DeskRefused::Conflict);
    }
    record(app, &mut tx, actor, (&case, Act::IncidentFollowed), &step).await?;
    Ok(tx.commit().await?)
}

/// Somebody was told, in the way that `words` say: the clock stops.
pub async fn give_notice(
    app: &App,
    by: &Administrator,
    (id, seen): (IncidentId, i64),
    clock: Clock,
    words: &str,
) -> Result<(), DeskRefused> {
    let (actor, case) = open_case(app, by, id, Some(seen)).await?;
    if !case.clocks.iter().any(|one| one.clock == clock && one.met_at.is_none()) {
        return Err(DeskRefused::Conflict);
    }
    let step = step(app, by, StepKind::NoticeGiven, Some(clock), &said(words)?);
    let mut tx = app.db.begin().await?;
    if !incidents::touch(&mut tx, &case.incident).await? {
        return Err(DeskRefused::Conflict);
    }
    record(app, &mut tx, actor, (&case, Act::IncidentFollowed), &step).await?;
    Ok(tx.commit().await?)
}

/// Hands it on to a configured contact by letter; whoever hands it on keeps the letter among their own. The contact is named
/// by what was shown of it: after the configuration has changed, it goes to nobody else.
pub async fn hand_on(
    app: &App,
    by: &Administrator,
    (id, seen): (IncidentId, i64),
    contact: &str,
) -> Result<(), DeskRefused> {
    let (actor, case) = open_case(app, by, id, Some(seen)).await?;
    let contacts = &app.config.incidents.contacts;
    let contact = contacts.iter().find(|one| one.to_string() == contact).ok_or(DeskRefused::NoContact)?;
    let step = step(app, by, StepKind::HandedOn, None, &contact.to_string());
    let mut tx = app.db.begin().await?;
    if !incidents::touch(&mut tx, &case.incident).await? {
        return Err(DeskRefused::Conflict);
    }
    letters::incident_handed_on(app, &mut tx, by, contact, &case).await?;
    record(app, &mut tx, actor, (&case, Act::IncidentFollowed), &step).await?;
    Ok(tx.commit().await?)
}

/// Closes it with a report. While a clock runs whose notice was not given, it stays open.
pub async fn close(
    app: &App,
    by: &Administrator,
    (id, seen): (IncidentId, i64),
    report: &str,
) -> Result<(), DeskRefused> {
    let (actor, case) = open_case(app, by, id, Some(seen)).await?;
    let report = said(report)?;
    if case.clocks.iter().any(|one| one.met_at.is_none()) {
        return Err(DeskRefused::ClockRuns);
    }
    let closing = Closing { at: app.now(), by: by.address().to_string(), report: report.clone() };
    let step = step(app, by, StepKind::Closed, None, &report);
    let mut tx = app.db.begin().await?;
    if !incidents::close(&mut tx, &case.incident, &closing).await? {
        return Err(DeskRefused::Conflict);
    }
    record(app, &mut tx, actor, (&case, Act::IncidentClosed), &step).await?;
    Ok(tx.commit().await?)
}

async fn case(app: &App, incident: Incident) -> Result<Option<Case>, Internal> {
    let Some(reporter) = accounts::by_id(&app.db, incident.account_id).await? else { return Ok(None) };
    let agency = match incident.agency_id {
        Some(id) => agencies::by_id(&app.db, id).await?,
        None => None,
    };
    let mut steps = incidents::steps(&app.db, incident.id).await?;
    steps.extend(tries(app, &incident).await?);
    steps.sort_by_key(|step| step.at);
    let clocks = incident.clocks(&app.config.incidents.hours, &steps);
    Ok(Some(Case { incident, reporter, agency, steps, clocks }))
}

/// When and from where the disowned password was tried since "it was not me", until the incident was closed.
async fn tries(app: &App, incident: &Incident) -> Result<Vec<Step>, Internal> {
    if incident.kind != IncidentKind::NotMe {
        return Ok(Vec::new());
    }
    let until = incident.closing.as_ref().map_or(app.now(), |closing| closing.at);
    let span = (incident.reported_at, until);
    let rows = activity::disowned(&app.db, incident.account_id, span, TRIES).await?;
    let step = |row: activity::RefusedRow| Step {
        at: Timestamp::from_micros(row.at),
        actor: row.source.unwrap_or_default(),
        kind: StepKind::Tried,
        clock: None,
        words: String::new(),
    };
    Ok(rows.into_iter().map(step).collect())
}

/// An open one, in the version that was seen, with the actor of what is about to be done to it.
async fn open_case(
    app: &App,
    by: &Administrator,
    id: IncidentId,
    seen: Option<i64>,
) -> Result<(Actor, Case), DeskRefused> {
    let actor = rights::acting(app, by, Right::HandleIncidents).await?;
    let case = find(app, by, id).await?.ok_or(DeskRefused::NotFound)?;
    let is_another = seen.is_some_and(|seen| seen != case.incident.version);
    if case.incident.closing.is_some() || is_another { Err(DeskRefused::Conflict) } else { Ok((actor, case)) }
}

fn said(words: &str) -> Result<String, DeskRefused> {
    let words = words.trim();
    let fits = !words.is_empty() && words.chars().count() <= TEXT;
    fits.then(|| words.to_owned()).ok_or(DeskRefused::Words)
}

fn step(app: &App, by: &Administrator, kind: StepKind, clock: Option<Clock>, words: &str) -> Step {
    Step { at: app.now(), actor: by.address().to_string(), kind, clock, words: words.to_owned() }
}

/// The step, and its line in the audit. The words stay with the step: the reporter, and whoever may see the account but no
/// incidents, read the audit too.
async fn record(
    app: &App,
    tx: &mut Tx,
    actor: Actor,
    (case, act): (&Case, Act),
    step: &Step,
) -> Result<(), StorageError> {
    add(app, tx, &case.incident, step).await?;
    let entry =
        Entry::about(step.at, actor, act, &case.reporter).changing(case.incident.label(), step.kind.code());
    audit::append(tx, &[entry]).await
}
