//! The brake: the run that waits, who would be locked, who approved; approving and postponing.

use super::effect;
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::agency::Agency;
use crate::domain::id::RunId;
use crate::domain::policy::calendar_rules::read_date;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::accounts as use_cases;
use crate::services::brake::{self, Approval, BrakeRefused, LockRun, RunState, Waiting};
use crate::services::{chain, lock};
use crate::urls;
use crate::web::parts::{Notice, count};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use time::Duration;

/// How many runs the page shows.
const RUNS: i64 = 20;

/// Somebody who would be locked.
struct WhoLine {
    href: String,
    name: String,
    address: String,
    agency: String,
}

/// The run that waits, in words.
struct WaitingView {
    id: String,
    says: String,
    stopped: String,
    why: Option<String>,
    approvals: Vec<String>,
    agencies: Vec<(String, String)>,
    who: Vec<WhoLine>,
    more: Option<String>,
    may_decide: bool,
    is_held: bool,
}

/// A run that ended.
struct RunLine {
    when: String,
    badge: &'static str,
    state: &'static str,
    /// How many and why, and how many were locked; of the whole city, so for whoever reaches it.
    numbers: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "admin/brake.html")]
struct BrakePage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    waiting: Option<WaitingView>,
    until: String,
    runs: Vec<RunLine>,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = by.visitor.lang;
    let notice = match query.text("note") {
        "approved" => Some(Notice::ok(t.brake_approve_done())),
        "complete" => Some(Notice::ok(t.brake_approve_complete())),
        "postponed" => {
            let number = query.text("n").parse().unwrap_or(0);
            Some(Notice::ok(t.brake_postponed(&t.number(number))))
        }
        _ => None,
    };
    page(&app, &by, StatusCode::OK, notice).await
}

/// Approves the run that waits.
pub(in crate::web) async fn approve(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let run = run_of(fields.text("run"))?;
    match brake::approve(&app, &by.administrator, run, fields.text("reason")).await {
        Ok(complete) => {
            if complete {
                let app = app.clone();
                tokio::spawn(async move {
                    if let Err(internal) = lock::enforce_deadlines(&app).await {
                        tracing::error!("carrying out an approved run: {}", chain(&internal));
                    }
                });
            }
            let note = if complete { "complete" } else { "approved" };
            Ok(Redirect::to(&format!("{}?note={note}", urls::BRAKE)).into_response())
        }
        Err(refused) => refuse(&app, &by, refused).await,
    }
}

/// Postpones it for everybody.
pub(in crate::web) async fn postpone(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let run = run_of(fields.text("run"))?;
    let Some(until) = read_date(fields.text("until").trim()) else {
        return refuse(&app, &by, BrakeRefused::NoDay).await;
    };
    match brake::postpone(&app, &by.administrator, run, until, fields.text("reason")).await {
        Ok(given) => Ok(Redirect::to(&format!("{}?note=postponed&n={given}", urls::BRAKE)).into_response()),
        Err(refused) => refuse(&app, &by, refused).await,
    }
}

fn run_of(text: &str) -> Result<RunId, Failure> {
    text.parse().map_err(|_| Failure::BadForm("no such run".to_owned()))
}

async fn refuse(app: &App, by: &AsAdministrator, refused: BrakeRefused) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (status, words) = match refused {
        BrakeRefused::Internal(internal) => return Err(internal.into()),
        BrakeRefused::Forbidden(_) => (StatusCode::FORBIDDEN, t.brake_not_yours()),
        BrakeRefused::NoReason => (StatusCode::UNPROCESSABLE_ENTITY, t.reason_needed()),
        BrakeRefused::NoDay => (StatusCode::UNPROCESSABLE_ENTITY, t.brake_no_day()),
        BrakeRefused::Gone => (StatusCode::CONFLICT, t.brake_gone()),
        BrakeRefused::Twice => (StatusCode::CONFLICT, t.brake_twice()),
    };
    page(app, by, status, Some(Notice::warn(words))).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let waiting = brake::waiting(app, &by.administrator).await?;
    let agencies = use_cases::agencies_within_reach(app, &by.administrator).await?;
    let runs = brake::history(app, &by.administrator, RUNS).await?;
    let in_a_week = app.now().local_date() + Duration::days(7);
    let frame = super::frame(app, by).await?;
    let page = BrakePage {
        t,
        page: super::at(frame, t, urls::BRAKE),
        notice,
        waiting: waiting.map(|waiting| view(t, by, &waiting, &agencies)),
        until: t.date(app.regulation().calendars.city().roll_forward(in_a_week)),
        runs: runs.iter().map(|run| line(t, run, by.administrator.reach().is_city())).collect(),
    };
    html_with(status, &page)
}

fn view(t: Lang, by: &AsAdministrator, waiting: &Waiting, agencies: &[Agency]) -> WaitingView {
    let Waiting { run, approvals, load, accounts } = waiting;
    let is_held = run.state == RunState::Held;
    let is_city = by.administrator.reach().is_city();
    let approved = |one: &Approval| {
        let at = t.moment(one.at.local());
        if is_city { format!("{} ({at}): {}", one.by, one.why) } else { at }
    };
    let number = t.number(load.total);
    let who = accounts.iter().map(|account| WhoLine {
        href: urls::account(account.id()),
        name: account.profile().display_name.clone(),
        address: account.profile().address.to_string(),
        agency: effect::name(t, account.profile().agency_id, agencies),
    });
    let more = load.total.saturating_sub(u64::try_from(accounts.len()).unwrap_or(0));
    let of = load.of.iter().map(|(id, number)| (effect::name(t, *id, agencies), t.number(*number)));
    WaitingView {
        id: run.id.to_string(),
        says: if is_held { t.brake_waits(&number) } else { t.brake_approved(&number) },
        stopped: t.moment(run.stopped_at.local()),
        why: is_city.then(|| run.reason.clone()),
        approvals: approvals.iter().map(approved).collect(),
        agencies: of.collect(),
        who: who.collect(),
        more: (more > 0).then(|| t.forecast_more(&t.number(more))),
        may_decide: is_held && by.administrator.may(Right::ReleaseRuns),
        is_held,
    }
}

fn line(t: Lang, run: &LockRun, is_city: bool) -> RunLine {
    let (badge, state) = match run.state {
        RunState::Held => ("is-warn", t.run_state_held()),
        RunState::Approved => ("is-info", t.run_state_approved()),
        RunState::Done => ("is-danger", t.run_state_done()),
        RunState::Postponed => ("is-off", t.run_state_postponed()),
        RunState::Released => ("is-ok", t.run_state_released()),
    };
    RunLine {
        when: t.moment(run.stopped_at.local()),
        badge,
        state,
        numbers: is_city.then(|| {
            let accounts = t.accounts_counted(count(run.accounts));
            (format!("{accounts} · {}", run.reason), t.run_locked(&t.number(count(run.locked))))
        }),
    }
}
