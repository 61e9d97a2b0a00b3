//! The synchronisation: the latest runs, what came of each directory, and a run on demand.

use super::sync_plan;
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{Pace, pace};
use crate::domain::timestamp::Timestamp;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::sync::{self, DirectoryReport, Order, Phase, Run, StartedBy, SyncRefused};
use crate::services::{Internal, chain};
use crate::urls;
use crate::web::health::{self, HealthLine};
use crate::web::parts::{Notice, count};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

/// How many runs the page shows.
const RUNS: i64 = 20;

/// One directory in a run.
pub(super) struct DirectoryLine {
    pub(super) words: String,
    pub(super) is_wrong: bool,
    set_aside: Option<String>,
    entries: Vec<(String, String)>,
}

/// The plan that waits for a decision, or was decided on.
struct WaitingView {
    says: &'static str,
    excess: Vec<String>,
    address: String,
}

/// One run.
pub(super) struct RunView {
    started: String,
    took: Option<String>,
    pub(super) by: String,
    pub(super) badge: &'static str,
    pub(super) outcome: &'static str,
    explained: Option<&'static str>,
    plan: Option<String>,
    pub(super) directories: Vec<DirectoryLine>,
    /// New, changed, vanished; told of the whole city, to whoever reaches it.
    numbers: Option<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "admin/sync.html")]
struct SyncPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    waiting: Option<WaitingView>,
    running: Option<Vec<String>>,
    everything: String,
    may_start: bool,
    is_city: bool,
    runs: Vec<RunView>,
    health: Vec<HealthLine>,
}

/// Shows them; refreshes itself while one is under way.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = by.visitor.lang;
    let runs = sync::runs(&app, &by.administrator, RUNS).await?;
    let is_city = by.administrator.reach().is_city();
    let running = runs.iter().find(|run| run.outcome == "running");
    let running = running.map(|run| how_far(t, run, app.now(), is_city));
    let may_start = by.administrator.may(Right::Synchronise);
    let waiting = sync::decision_waits(&app).await?.filter(|_| may_start);
    html(&SyncPage {
        t,
        waiting: waiting.map(|plan| WaitingView {
            says: sync_plan::waits(t, &plan),
            excess: sync_plan::excess(t, &plan).collect(),
            address: urls::sync_run(plan.run_id),
        }),
        page: super::frame(&app, &by).await?,
        notice: notice(t, query.text("note"), running.is_some()),
        everything: t.sync_everything_note(&app.config.sync.whole_every.whole_hours().to_string()),
        health: health::panel(&app, t, may_start),
        may_start: running.is_none() && may_start,
        running,
        is_city,
        runs: runs.iter().map(|run| view(t, run, is_city)).collect(),
    })
}

/// Starts one and comes back at once.
pub(in crate::web) async fn start(
    State(app): State<App>,
    by: AsAdministrator,
    form: Form,
) -> Result<Response, Failure> {
    let order = Order { everything: form.fields.text("everything") == "yes", ..Order::default() };
    let note = match sync::begin(&app, &StartedBy::Administrator(&by.administrator)).await {
        Ok(id) => {
            tokio::spawn(async move { tell(sync::carry_out(&app, id, &order).await) });
            "started"
        }
        Err(SyncRefused::UnderWay) => "under-way",
        Err(SyncRefused::Forbidden(_) | SyncRefused::CommandLineOnly) => "not-yours",
        Err(SyncRefused::Internal(internal)) => return Err(internal.into()),
    };
    Ok(Redirect::to(&format!("{}?note={note}", urls::SYNC)).into_response())
}

/// Nobody waits for the run, so its failure goes to the log.
fn tell(result: Result<Run, Internal>) {
    if let Err(internal) = result {
        tracing::error!("a synchronisation started from the console failed: {}", chain(&internal));
    }
}

fn notice(t: Lang, note: &str, is_running: bool) -> Option<Notice> {
    match note {
        "started" if !is_running => Some(Notice::ok(t.sync_requested())),
        "under-way" => Some(Notice::warn(t.sync_already_running())),
        "not-yours" => Some(Notice::warn(t.only_city_starts())),
        _ => None,
    }
}

/// When a run began, and how far it is: that is counted in accounts of the whole city.
fn how_far(t: Lang, run: &Run, now: Timestamp, is_city: bool) -> Vec<String> {
    let started = t.sync_started(&t.moment(run.started_at.local()));
    if !is_city {
        return vec![started];
    }
    let number = |n: i64| t.number(count(n));
    let so_many = match run.expected {
        0 => number(run.progress),
        expected => t.sync_of_about(&number(run.progress), &number(expected)),
    };
    let mut at = match Phase::from_code(&run.phase) {
        Some(Phase::Reading) | None => t.sync_reading(&so_many),
        Some(Phase::Planning) => t.sync_planning().to_owned(),
        Some(Phase::Applying) => t.sync_applying(&so_many),
    };
    let after = now.since(run.phase_since.unwrap_or(run.started_at));
    if let Some(Pace { rate, seconds_left }) = pace(count(run.progress), count(run.expected), after) {
        at = format!("{at} ({})", t.sync_pace(&t.number(rate), &t.number(seconds_left)));
    }
    vec![started, format!("{at}.")]
}

/// Puts a run into words; what is counted, and which entries were left out, is for whoever reaches the whole city.
pub(super) fn view(t: Lang, run: &Run, is_city: bool) -> RunView {
    let number = |n| t.number(count(n));
    let took = run.finished_at.map(|end| {
        let tenths = end.since(run.started_at).whole_milliseconds().max(0) / 100;
        let mark = match t {
            Lang::Vi => ',',
            Lang::En => '.',
        };
        t.seconds_short(&format!("{}{mark}{}", tenths / 10, tenths % 10))
    });
    // Why the house held a run is told by its plan, in the reader's language.
    let reports = sync::report(run).into_iter();
    let reports = reports.filter(|r| run.outcome != "held" || MailSystem::from_code(&r.system).is_some());
    RunView {
        started: t.moment(run.started_at.local()),
        took,
        by: match run.started_by.as_str() {
            "schedule" => t.run_by_schedule().to_owned(),
            "command_line" => t.run_by_command_line().to_owned(),
            sync::SOMEBODY => t.run_by_administrator().to_owned(),
            address => address.to_owned(),
        },
        badge: badge(&run.outcome),
        outcome: outcome(t, &run.outcome),
        explained: (run.outcome == "held").then(|| t.held_explained()),
        plan: (run.finished_at.is_some() && !matches!(run.outcome.as_str(), "failed" | "abandoned"))
            .then(|| urls::sync_run(run.id)),
        directories: reports.map(|report| directory(t, report, is_city)).collect(),
        numbers: is_city.then(|| (number(run.created), number(run.updated), number(run.vanished))),
    }
}

fn directory(t: Lang, report: DirectoryReport, is_city: bool) -> DirectoryLine {
    let name = MailSystem::from_code(&report.system);
    let name = name.map_or(t.actor_house(), |system| t.directory_name(system));
    let number = |n: usize| t.number(u64::try_from(n).unwrap_or(0));
    let said = said(t, &report, is_city);
    DirectoryLine {
        words: format!("{name}: {said}"),
        is_wrong: report.error.is_some(),
        set_aside: (report.passed_over_count > 0).then(|| t.set_aside(&number(report.passed_over_count))),
        entries: if is_city { report.passed_over } else { Vec::new() },
    }
}

/// What a run says of a directory; beyond the city only whether it was read.
pub(super) fn said(t: Lang, report: &DirectoryReport, is_city: bool) -> String {
    if !is_city {
        let is_wrong = report.error.is_some();
        return if is_wrong { t.run_directory_failed() } else { t.run_directory_read() }.to_owned();
    }
    let number = |n: usize| t.number(u64::try_from(n).unwrap_or(0));
    let words = match (&report.error, report.read) {
        (Some(error), _) => error.clone(),
        (None, read) if report.whole => t.run_read_whole(&number(read.unwrap_or(0))),
        (None, read) => t.run_read_changes(&number(report.changed), &number(read.unwrap_or(0))),
    };
    match &report.note {
        Some(note) => format!("{words}; {note}"),
        None => words,
    }
}

/// The outcome of a run in a word.
pub(super) fn outcome(t: Lang, outcome: &str) -> &'static str {
    match outcome {
        "done" => t.run_done(),
        "running" => t.run_in_progress(),
        "partial" => t.run_partial(),
        "held" => t.run_held(),
        "planned" => t.run_planned(),
        "abandoned" => t.run_abandoned(),
        _ => t.run_failed(),
    }
}

/// The class of its badge.
pub(super) fn badge(outcome: &str) -> &'static str {
    match outcome {
        "done" => "is-ok",
        "running" => "is-info",
        "partial" | "held" => "is-warn",
        "abandoned" | "planned" => "is-off",
        _ => "is-danger",
    }
}
