//! What an administrator is told of a run. Beyond the city that is when it was, what came of it, and whether a directory was
//! read: how many accounts and mailboxes there are, who asked for it and what a server answered concern the whole city.

use super::{DirectoryReport, Run, report};
use crate::app::App;
use crate::domain::admin::Administrator;
use crate::services::Internal;
use crate::storage::sync_plans::KeptPlan;
use crate::storage::sync_runs;

/// Who started a run, as it is told beyond the city.
pub const SOMEBODY: &str = "administrator";

/// The latest runs, newest first, as far as an administrator may know of them.
pub async fn runs(app: &App, by: &Administrator, limit: i64) -> Result<Vec<Run>, Internal> {
    let runs = sync_runs::latest(&app.db, limit).await?;
    Ok(runs.into_iter().map(|run| run_for(by, run)).collect())
}

/// A run as far as an administrator may know of it: nothing is counted beyond the city.
pub(super) fn run_for(by: &Administrator, run: Run) -> Run {
    if by.reach().is_city() {
        return run;
    }
    let bare = |told: DirectoryReport| DirectoryReport {
        whole: told.whole,
        error: told.error.map(|_| String::new()),
        ..DirectoryReport::nothing(&told.system)
    };
    let reports: Vec<_> = report(&run).into_iter().map(bare).collect();
    let is_nobody = matches!(run.started_by.as_str(), "schedule" | "command_line");
    Run {
        report: serde_json::to_string(&reports).unwrap_or_else(|_| "[]".to_owned()),
        started_by: if is_nobody { run.started_by } else { SOMEBODY.to_owned() },
        created: 0,
        updated: 0,
        vanished: 0,
        progress: 0,
        expected: 0,
        ..run
    }
}

/// A plan as far as an administrator may know of it: beyond the city neither how large it is, nor what was decided on it.
pub(super) fn plan_for(by: &Administrator, plan: KeptPlan) -> KeptPlan {
    if by.reach().is_city() {
        return plan;
    }
    KeptPlan { excess: String::new(), decision: None, total: 0, kept: 0, ..plan }
}
