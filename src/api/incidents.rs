//! Incidents and suspicious mail within reach: which there are, and how each stands. What their reporters wrote, and who
//! they are, is in no answer here.

use super::accounts::AgencyName;
use super::call::{Call, Parameter};
use super::paging::{self, CURSOR, List};
use super::problem::Problem;
use super::words::{IncidentKind, IncidentStage};
use crate::app::App;
use crate::domain::audit_record::rfc3339;
use crate::domain::id::IncidentId;
use crate::services::incidents::{self, Case};
use crate::urls;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// The stage of an incident that somebody still follows up.
const OPEN: &str = "open";

/// The stage of one that was closed with a report.
const CLOSED: &str = "closed";

/// The parameters of the list.
pub(super) const QUERY: &[Parameter] = &[("stage", "`open` or `closed`, without it `open`"), CURSOR];

const LIST: List<'static> = (urls::API_INCIDENTS, QUERY);

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentTold {
    /// Its id in this interface.
    id: String,
    /// Its number, as people call it: `SC-2026-0001`.
    number: String,
    /// `incident`, `suspicious_mail` or `not_me`.
    #[schema(value_type = IncidentKind)]
    kind: &'static str,
    /// `open` or `closed`.
    #[schema(value_type = IncidentStage)]
    stage: &'static str,
    /// Whether it was judged to be an incident at all.
    is_incident: bool,
    /// Whether it was judged to be serious.
    is_serious: bool,
    /// Whether personal data may be concerned.
    personal_data: bool,
    /// When it happened.
    #[schema(format = DateTime)]
    occurred_at: String,
    /// When it was seen.
    #[schema(format = DateTime)]
    detected_at: String,
    /// When it was reported.
    #[schema(format = DateTime)]
    reported_at: String,
    /// When it was closed.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// The agency of whoever reported it.
    agency: Option<AgencyName>,
}

/// A page of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentPage {
    /// The incidents, the newest first.
    items: Vec<IncidentTold>,
    /// The cursor of the next page; none on the last one.
    next: Option<String>,
}

/// The open ones or the closed ones, the newest first.
pub(super) async fn list(State(app): State<App>, call: Call) -> Result<Response, Problem> {
    let stage = call.word("stage", |word| [OPEN, CLOSED].into_iter().find(|one| *one == word))?;
    let before = paging::place(&app, &call, LIST, |text| text.parse::<IncidentId>().ok())?;
    let found = incidents::list(&app, &call.by, stage != Some(CLOSED), before).await?;
    let page = IncidentPage {
        items: found.cases.iter().map(told).collect(),
        next: found.next.map(|id| paging::cursor(&app, &call, LIST, &id.to_string())),
    };
    Ok(paging::page(&call, LIST, &page, page.next.as_deref()))
}

fn told(Case { incident, agency, .. }: &Case) -> IncidentTold {
    let closing = incident.closing.as_ref();
    IncidentTold {
        id: incident.id.to_string(),
        number: incident.label(),
        kind: incident.kind.code(),
        stage: if closing.is_some() { CLOSED } else { OPEN },
        is_incident: incident.judgement.is_incident,
        is_serious: incident.judgement.is_serious,
        personal_data: incident.judgement.personal_data,
        occurred_at: rfc3339(incident.occurred_at),
        detected_at: rfc3339(incident.detected_at),
        reported_at: rfc3339(incident.reported_at),
        closed_at: closing.map(|closing| rfc3339(closing.at)),
        agency: agency.as_ref().map(AgencyName::from),
    }
}
