//! The regulation in force: the values of the rules, and how far each is switched on.

use super::call::Call;
use super::paging;
use super::problem::Problem;
use super::words::{RuleMode, TermRule};
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::policy::deadline::Rule;
use crate::domain::policy::settings::Setting;
use crate::domain::policy::stage::Stage;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use std::collections::BTreeMap;
use time::Date;
use utoipa::ToSchema;

/// How far one rule is switched on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StageTold {
    /// The rule.
    #[schema(value_type = TermRule)]
    rule: &'static str,
    /// The agency that has a stage of its own; none: the city.
    agency_id: Option<String>,
    /// What it does today: `observe`, `warn` or `enforce`.
    #[schema(value_type = RuleMode)]
    mode: &'static str,
    /// From when people are warned; none while they are not, or always were.
    #[schema(format = Date)]
    warn_from: Option<String>,
    /// From when it is enforced; none while it is not, or always was.
    #[schema(format = Date)]
    enforce_from: Option<String>,
}

/// The policy.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PolicyTold {
    /// The version of values and stages.
    version: i64,
    /// The version of the working calendar.
    calendar_version: i64,
    /// The values by their keys.
    settings: BTreeMap<&'static str, u32>,
    /// The stages.
    stages: Vec<StageTold>,
}

/// The policy as this node has it.
pub(super) async fn show(State(app): State<App>, call: Call) -> Result<Response, Problem> {
    let regulation = app.regulation();
    let today = app.now().local_date();
    let day = |date: Option<Date>| date.filter(|date| *date != Date::MIN).map(|date| date.to_string());
    let stages = regulation.book.stages.entries();
    let seen = stages.filter(|(_, agency, _)| agency.is_none() || call.by.reach().covers(*agency));
    let stage = |(rule, agency, stage): (Rule, Option<AgencyId>, Stage)| StageTold {
        rule: rule.code(),
        agency_id: agency.map(|id| id.to_string()),
        mode: stage.mode_on(today).code(),
        warn_from: day(stage.warn_from),
        enforce_from: day(stage.enforce_from),
    };
    Ok(paging::ok(&PolicyTold {
        version: regulation.book.version,
        calendar_version: regulation.calendar_version,
        settings: Setting::ALL
            .iter()
            .map(|setting| (setting.code(), regulation.book.settings.get(*setting)))
            .collect(),
        stages: seen.map(stage).collect(),
    }))
}
