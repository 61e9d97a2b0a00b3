//! Runs of the synchronisation: what came of them. Who was in them is in no answer here; what is counted is of the whole city,
//! and told to applications that reach it.

use super::call::{Call, Parameter};
use super::paging::{self, LIMIT};
use super::problem::Problem;
use crate::app::App;
use crate::domain::audit_record::rfc3339;
use crate::services::sync::{self, DirectoryReport, Run};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of the list.
pub(super) const QUERY: &[Parameter] = &[LIMIT];

/// What happened with one directory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DirectoryTold {
    /// `ad` or `obm`.
    system: String,
    /// Mailboxes that there are in it; none if it could not be read, or if the application does not reach the whole city.
    read: Option<usize>,
    /// Whether everything was read, not only what changed.
    whole: bool,
    /// Entries that were sent.
    changed: Option<usize>,
    /// Entries that were left out.
    passed_over: Option<usize>,
    /// Whether something went wrong.
    failed: bool,
}

/// A run. To an application that does not reach the whole city no number is told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunTold {
    /// Its id.
    id: String,
    /// When it began.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    /// `running`, `done`, `partial`, `held`, `planned`, `failed` or `abandoned`.
    outcome: String,
    /// Accounts made.
    created: Option<i64>,
    /// Accounts changed.
    updated: Option<i64>,
    /// Mailboxes that vanished.
    vanished: Option<i64>,
    /// What happened with each directory.
    directories: Vec<DirectoryTold>,
}

/// The latest runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunList {
    /// The newest first.
    items: Vec<RunTold>,
}

/// The latest runs, the newest first.
pub(super) async fn list(State(app): State<App>, call: Call) -> Result<Response, Problem> {
    let limit = i64::try_from(paging::limit(&call)?).unwrap_or(i64::MAX);
    let runs = sync::runs(&app, &call.by, limit).await?;
    let is_city = call.by.reach().is_city();
    Ok(paging::ok(&RunList { items: runs.into_iter().map(|run| told(run, is_city)).collect() }))
}

fn told(run: Run, is_city: bool) -> RunTold {
    let reports = sync::report(&run);
    let counted = |number: i64| is_city.then_some(number);
    RunTold {
        id: run.id.to_string(),
        started_at: rfc3339(run.started_at),
        finished_at: run.finished_at.map(rfc3339),
        outcome: run.outcome,
        created: counted(run.created),
        updated: counted(run.updated),
        vanished: counted(run.vanished),
        directories: reports.into_iter().map(|report| directory(report, is_city)).collect(),
    }
}

fn directory(report: DirectoryReport, is_city: bool) -> DirectoryTold {
    DirectoryTold {
        system: report.system,
        read: report.read,
        whole: report.whole,
        changed: is_city.then_some(report.changed),
        passed_over: is_city.then_some(report.passed_over_count),
        failed: report.error.is_some(),
    }
}
