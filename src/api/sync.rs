//! Runs of the synchronisation: what came of them. Who was in them is in no answer here.

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
    /// Mailboxes that there are in it; none if it could not be read.
    read: Option<usize>,
    /// Whether everything was read, not only what changed.
    whole: bool,
    /// Entries that were sent.
    changed: usize,
    /// Entries that were left out.
    passed_over: usize,
    /// Whether something went wrong.
    failed: bool,
}

/// A run.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunTold {
    /// Its id.
    id: String,
    /// When it began.
    started_at: String,
    /// When it ended.
    finished_at: Option<String>,
    /// `running`, `done`, `partial`, `held`, `planned`, `failed` or `abandoned`.
    outcome: String,
    /// Accounts made.
    created: i64,
    /// Accounts changed.
    updated: i64,
    /// Mailboxes that vanished.
    vanished: i64,
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
    let runs = sync::runs(&app, limit).await?;
    Ok(paging::ok(&RunList { items: runs.into_iter().map(told).collect() }))
}

fn told(run: Run) -> RunTold {
    let reports: Vec<DirectoryReport> = serde_json::from_str(&run.report).unwrap_or_default();
    RunTold {
        id: run.id.to_string(),
        started_at: rfc3339(run.started_at),
        finished_at: run.finished_at.map(rfc3339),
        outcome: run.outcome,
        created: run.created,
        updated: run.updated,
        vanished: run.vanished,
        directories: reports.into_iter().map(directory).collect(),
    }
}

fn directory(report: DirectoryReport) -> DirectoryTold {
    DirectoryTold {
        system: report.system,
        read: report.read,
        whole: report.whole,
        changed: report.changed,
        passed_over: report.passed_over_count,
        failed: report.error.is_some(),
    }
}
