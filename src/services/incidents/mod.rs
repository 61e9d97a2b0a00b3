//! Incidents and suspicious mail: reported by staff, read by whoever administers their agency, followed up by the
//! city's administrators and security officers.

mod desk;

pub use crate::domain::incident::{Incident, Running, Step};
pub use desk::{
    Case, DeskRefused, List, close, find, give_notice, hand_on, judge, list, note, open_within_reach,
};

use super::factors::sweep;
use super::{Internal, confirm, factors, letters, lock, logout_notices, session};
use crate::app::App;
use crate::domain::account::{Account, MustChange, State, TransitionRefused};
use crate::domain::audit::{Act, Actor, Entry};
use crate::domain::factor::SUSPECT_DAYS;
use crate::domain::id::{IncidentId, StepId};
use crate::domain::incident::{IncidentKind, Judgement, StepKind};
use crate::domain::name;
use crate::domain::session::SessionEnd;
use crate::domain::timestamp::Timestamp;
use crate::i18n::Lang;
use crate::i18n::incidents::Fate;
use crate::services::session::Current;
use crate::storage::{StorageError, Tx, accounts, audit, incidents};
use thiserror::Error;
use time::Duration;

/// The longest title.
pub const TITLE: usize = 150;

/// The longest text.
pub const TEXT: usize = 4_000;

/// So many of the own reports are shown.
const OWN: i64 = 20;

/// A report before it is kept.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// What is reported.
    pub kind: IncidentKind,
    /// In a few words.
    pub title: &'a str,
    /// What happened.
    pub story: &'a str,
    /// What was done at once.
    pub done: &'a str,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was seen.
    pub detected_at: Timestamp,
    /// Of a mail: whether something in it was opened, or a password entered.
    pub was_opened: bool,
    /// Whether personal data may be concerned.
    pub personal_data: bool,
}

/// Why a report is not taken.
#[derive(Debug, Error)]
pub enum ReportRefused {
    /// There is no title.
    #[error("a report needs a title")]
    NoTitle,
    /// Nothing is told.
    #[error("a report needs what happened")]
    NoStory,
    /// Something is too long.
    #[error("a report has at most {TEXT} characters")]
    TooLong,
    /// It would have happened after now, or been seen before it happened.
    #[error("the moments of a report cannot be")]
    Moments,
    /// There were too many today.
    #[error("too many reports in a day")]
    TooMany,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StorageError> for ReportRefused {
    fn from(error: StorageError) -> Self {
        Self::Internal(error.into())
    }
}

/// Takes a report, and tells those who administer the agency or the city by letter.
pub async fn report(app: &App, current: &Current, draft: &Draft<'_>) -> Result<Incident, ReportRefused> {
    check(app, draft)?;
    let now = app.now();
    let today = incidents::since(&app.db, current.account.id(), now.minus(Duration::DAY)).await?;
    if today >= app.config.incidents.per_day {
        return Err(ReportRefused::TooMany);
    }
    let to_write = letters::who_looks_after(app, &current.account).await?;
    let mut tx = app.db.begin().await?;
    let incident = keep(app, &mut tx, current, draft).await?;
    letters::incident_reported(app, &mut tx, &to_write, &incident, &current.account).await?;
    let entry = reported(current, &incident);
    audit::append(&mut tx, &[entry]).await?;
    tx.commit().await?;
    Ok(incident)
}

/// The last reports of the holder of a session.
pub async fn own(app: &App, current: &Current) -> Result<Vec<Incident>, Internal> {
    Ok(incidents::of_account(&app.db, current.account.id(), OWN).await?)
}

/// "It was not me": every other session ends, and everything that applications were given out of any; trusted browsers go; a
/// new password is demanded, and an incident is kept, with what went and what stays. The session that asks stays, to set the
/// new password. Until there is one, the old one alone opens no other, and the factors of the last days prove nothing. They are
/// removed at once for whoever has typed the password lately, else with the new one: a cookie is enough to get here.
pub async fn not_me(app: &App, current: &Current, words: &str) -> Result<Incident, Internal> {
    let (now, account) = (app.now(), &current.account);
    let story: String = name::tidy(words).chars().take(TEXT).collect();
    let since = sweep::suspect_since(account.traces().disowned_at.unwrap_or(now));
    let all = factors::of(app, account.id()).await?;
    let kept = sweep::before(app, account.id(), since).await?;
    let (gone, left) = (sweep::without(all, kept).kinds(), kept.kinds());
    let is_proven = confirm::recent_password(app, current).is_some();
    let fate = if is_proven { Fate::Removed } else { Fate::Doubted };
    let actor = Actor::Holder(account.profile().address.to_string());
    let demanded = demanded(app, account).map_err(|e| Internal::new("demanding a new password", e))?;
    let to_write = letters::who_looks_after(app, account).await?;
    let mut tx = app.db.begin().await?;
    let mut entries = Vec::new();
    if is_proven {
        let by = (&actor, Some(current.session.source.as_str()));
        entries = sweep::remove(app, &mut tx, account, by, since).await?;
    }
    let t = Lang::Vi;
    let draft = Draft {
        kind: IncidentKind::NotMe,
        title: t.incident_not_me_title(),
        story: &story,
        done: &t.incident_not_me_done_all(SUSPECT_DAYS, (fate, gone.as_slice()), &left),
        occurred_at: now,
        detected_at: now,
        was_opened: false,
        personal_data: false,
    };
    let incident = keep(app, &mut tx, current, &draft).await?;
    letters::incident_reported(app, &mut tx, &to_write, &incident, account).await?;
    letters::withdraw(&mut tx, account.id()).await?;
    accounts::save(&mut tx, &demanded, lock::terms(app, &demanded)).await?;
    // Before the sessions end: a sign-in under way either finds this, or has opened one that ends with them.
    accounts::disown(&mut tx, account.id(), now).await?;
    let but = Some(current.session.id);
    session::end_everything(&mut tx, account.id(), but, SessionEnd::EndedByOwner, now).await?;
    session::end_given(&mut tx, &current.session, now).await?;
    let change = Entry::about(now, actor, Act::ChangeDemanded, account)
        .changing(account.state().name().code(), demanded.state().name().code())
        .from(&current.session.source);
    entries.extend([reported(current, &incident), change]);
    audit::append(&mut tx, &entries).await?;
    tx.commit().await?;
    logout_notices::try_at_once(app, account.id()).await;
    Ok(incident)
}

/// The account with a new password demanded; one of which it is demanded already stays as it is.
fn demanded(app: &App, account: &Account) -> Result<Account, TransitionRefused> {
    let now = app.now();
    match account.state() {
        State::MustChangePassword { .. } => Ok(account.clone()),
        _ => account.demand_change(now, app.regulation().fresh_term(account, now), MustChange::NotMe),
    }
}

fn check(app: &App, draft: &Draft<'_>) -> Result<(), ReportRefused> {
    if draft.title.trim().is_empty() {
        return Err(ReportRefused::NoTitle);
    }
    if draft.story.trim().is_empty() {
        return Err(ReportRefused::NoStory);
    }
    let longest = [(draft.title, TITLE), (draft.story, TEXT), (draft.done, TEXT)];
    if longest.into_iter().any(|(text, most)| text.chars().count() > most) {
        return Err(ReportRefused::TooLong);
    }
    // A form shows minutes only.
    let soon = app.now().plus(Duration::minutes(1));
    if draft.occurred_at > draft.detected_at || draft.detected_at > soon {
        return Err(ReportRefused::Moments);
    }
    Ok(())
}

/// Keeps a report with its number and its first step.
async fn keep(app: &App, tx: &mut Tx, current: &Current, draft: &Draft<'_>) -> Result<Incident, Internal> {
    let (now, account) = (app.now(), &current.account);
    let year = i64::from(now.local_date().year());
    let is_incident = draft.kind != IncidentKind::SuspiciousMail || draft.was_opened;
    let incident = Incident {
        id: IncidentId::new(now, app.system.entropy()),
        year,
        number: incidents::next_number(tx, year).await?,
        kind: draft.kind,
        account_id: account.id(),
        agency_id: account.profile().agency_id,
        title: name::tidy(draft.title),
        story: draft.story.trim().to_owned(),
        done: draft.done.trim().to_owned(),
        occurred_at: draft.occurred_at,
        detected_at: draft.detected_at,
        reported_at: now,
        judgement: Judgement { is_incident, is_serious: false, personal_data: draft.personal_data },
        closing: None,
        version: 0,
    };
    incidents::insert(tx, &incident).await?;
    let step = Step {
        at: now,
        actor: account.profile().address.to_string(),
        kind: StepKind::Reported,
        clock: None,
        words: String::new(),
    };
    add(app, tx, &incident, &step).await?;
    Ok(incident)
}

async fn add(app: &App, tx: &mut Tx, incident: &Incident, step: &Step) -> Result<(), StorageError> {
    let id = StepId::new(app.now(), app.system.entropy());
    incidents::add_step(tx, id, incident.id, step).await
}

fn reported(current: &Current, incident: &Incident) -> Entry {
    let actor = Actor::Holder(current.account.profile().address.to_string());
    Entry::about(incident.reported_at, actor, Act::IncidentReported, &current.account)
        .with(incident.label())
        .from(&current.session.source)
}
