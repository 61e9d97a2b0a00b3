//! The dashboard: numbers that lead to the lists behind them, and how the last synchronisation went.

use super::calendar_view::Unsettled;
use super::narrowing::{Narrowing, Until};
use super::sync::{badge, outcome};
use super::{agency_change, audit, sync_plan};
use crate::app::App;
use crate::domain::account::{LockReason, StateName};
use crate::domain::admin::{Administrator, Right};
use crate::domain::audit::Act;
use crate::domain::mailbox::MailSystem;
use crate::domain::timestamp::Timestamp;
use crate::http::{AsAdministrator, Failure, Frame};
use crate::i18n::Lang;
use crate::services::account_list::{Order, Sort};
use crate::services::applications::Standing;
use crate::services::brake;
use crate::services::dashboard::{self, Activity, Count, Dashboard, Waiting};
use crate::services::reorganisation;
use crate::services::sync::{self, Run};
use crate::urls;
use crate::web::chart::{Chart, Point};
use crate::web::health::{self, HealthLine};
use crate::web::html;
use crate::web::parts::{ago, count, number_of, state_badge};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use time::Date;

/// How many runs are looked through for the latest word on each directory.
const RUNS: i64 = 20;

/// A number that is a link.
struct Tile {
    code: &'static str,
    class: &'static str,
    address: String,
    number: String,
    word: String,
}

/// A line of a list of numbers; the bar shows its share of the largest.
struct CountLine {
    address: String,
    word: &'static str,
    number: String,
    percent: u64,
}

/// How much waits in an outbox.
struct OutboxLine {
    word: &'static str,
    address: Option<&'static str>,
    number: String,
}

/// The latest word on one directory.
struct SyncLine {
    system: &'static str,
    words: String,
    badge: &'static str,
    outcome: &'static str,
}

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    t: Lang,
    page: Frame,
    brake: Option<String>,
    held: Option<(&'static str, String)>,
    to_review: Option<(String, String)>,
    orphaned: Option<(String, String)>,
    tiles: Vec<Tile>,
    locks: Vec<CountLine>,
    charts: Vec<Chart>,
    waiting: Vec<OutboxLine>,
    syncs: Vec<SyncLine>,
    health: Vec<HealthLine>,
    unsettled: Option<Unsettled>,
}

/// Shows it.
pub(in crate::web) async fn show(State(app): State<App>, by: AsAdministrator) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let dashboard = dashboard::dashboard(&app, &by.administrator).await?;
    let is_city = by.administrator.reach().is_city();
    let runs = sync::runs(&app, &by.administrator, RUNS).await?;
    let waiting = brake::waiting(&app, &by.administrator).await?;
    let waiting = waiting.filter(|waiting| waiting.load.total > 0);
    let held = sync::decision_waits(&app).await?;
    let held = held.filter(|_| is_city);
    // Whoever can neither enter nor confirm days is not told to.
    let may_settle = [Right::EnterDays, Right::ConfirmDays].iter().any(|right| by.administrator.may(*right));
    html(&OverviewPage {
        t,
        held: held.map(|plan| (sync_plan::waits(t, &plan), urls::sync_run(plan.run_id))),
        health: health::panel(&app, t, is_city),
        brake: waiting.map(|waiting| t.brake_waits(&t.number(waiting.load.total))),
        to_review: to_review(t, dashboard.to_review),
        orphaned: orphaned(&app, &by).await?,
        page: super::frame(&app, &by).await?,
        tiles: tiles(t, &dashboard),
        charts: vec![
            hours(t, &by.administrator, &dashboard),
            days(t, &by.administrator, &dashboard),
            due(t, &dashboard),
        ],
        waiting: dashboard
            .waiting
            .map(|waiting| outboxes(t, &by.administrator, &waiting))
            .unwrap_or_default(),
        locks: locks(t, &dashboard.counts),
        unsettled: Unsettled::new(&app, t, None).filter(|_| may_settle),
        syncs: MailSystem::ALL
            .into_iter()
            .filter_map(|system| latest(t, system, &runs, (app.now(), is_city)))
            .collect(),
    })
}

/// The applications whose purposes wait to be looked at, and the list of them.
fn to_review(t: Lang, number: usize) -> Option<(String, String)> {
    let list = format!("{}?state={}", urls::APPLICATIONS, Standing::ToReview.code());
    (number > 0).then(|| (t.applications_review_due(&t.number(number_of(number))), list))
}

/// Reorganisations that nobody stands by any more, and the first of them, for whoever could take them over.
async fn orphaned(app: &App, by: &AsAdministrator) -> Result<Option<(String, String)>, Failure> {
    let t = by.visitor.lang;
    let found = reorganisation::orphaned(app, &by.administrator).await?;
    let words = |number| t.change_orphaned_waits(&t.number(number_of(number)));
    Ok(found.map(|(first, number)| (words(number), agency_change::address(first))))
}

fn tiles(t: Lang, dashboard: &Dashboard) -> Vec<Tile> {
    let number = |state: Option<StateName>| {
        let matching = dashboard.counts.iter().filter(|c| state.is_none_or(|state| c.state == state));
        t.number(count(matching.map(|c| c.number).sum()))
    };
    let address = |narrowing: Narrowing| narrowing.address();
    let mut tiles = vec![Tile {
        code: "all",
        class: "",
        address: address(Narrowing::default()),
        number: number(None),
        word: t.console_accounts().to_owned(),
    }];
    tiles.extend(StateName::ALL.into_iter().map(|state| Tile {
        code: state.code(),
        class: state_badge(state),
        address: address(Narrowing { state: Some(state), ..Narrowing::default() }),
        number: number(Some(state)),
        word: t.state_of(state).to_owned(),
    }));
    // The term ends with the day, so its last moment belongs to the next one.
    let last_day = dashboard.due_until.minus(time::Duration::microseconds(1)).local_date();
    let due = Tile {
        code: "due",
        class: "is-warn",
        address: address(Narrowing { due: Some(Until::Day(last_day)), ..Narrowing::default() }),
        number: t.number(count(dashboard.due_in_seven_days)),
        word: t.due_in_seven_days().to_owned(),
    };
    tiles.insert(3, due);
    tiles
}

fn locks(t: Lang, counts: &[Count]) -> Vec<CountLine> {
    let number =
        |reason| counts.iter().filter(|c| c.lock == Some(reason)).map(|c| count(c.number)).sum::<u64>();
    let most = LockReason::ALL.into_iter().map(number).max().unwrap_or(0).max(1);
    let lines = LockReason::ALL.into_iter().map(|reason| (reason, number(reason)));
    lines
        .filter(|(_, number)| *number > 0)
        .map(|(reason, number)| CountLine {
            address: Narrowing { lock: Some(reason), ..Narrowing::default() }.address(),
            word: t.lock_reason(reason),
            number: t.number(number),
            percent: number * 100 / most,
        })
        .collect()
}

/// Each leads to where one sees why it waits, for whoever may look there.
fn outboxes(t: Lang, by: &Administrator, waiting: &Waiting) -> Vec<OutboxLine> {
    let place = |right, address| by.may(right).then_some(address);
    let line = |word, address, number| OutboxLine { word, address, number: t.number(count(number)) };
    vec![
        line(t.outbox_locks(), place(Right::SeeDirectories, urls::SYNC), waiting.locks),
        line(t.outbox_letters(), Some(urls::LETTERS), waiting.letters),
        line(t.outbox_failed(), Some(urls::LETTERS), waiting.failed),
        line(t.outbox_notices(), place(Right::SeeApplications, urls::APPLICATIONS), waiting.notices),
    ]
}

fn hours(t: Lang, by: &Administrator, dashboard: &Dashboard) -> Chart {
    let point = |(hour, activity): &(Timestamp, Activity)| {
        activity_point(t.clock(hour.local()), *activity, lists(by, |act| audit::of_hour(act, *hour)))
    };
    let points: Vec<_> = dashboard.hours.iter().map(point).collect();
    let says = activity_says(t, &dashboard.hours, dashboard.strangers.map(|strangers| strangers.of_hours));
    let series = [t.chart_entered(), t.chart_refused()];
    Chart::new(t, ("chart-hours", t.chart_hours(), t.chart_hour()), &series, says, &points)
}

fn days(t: Lang, by: &Administrator, dashboard: &Dashboard) -> Chart {
    let point = |(day, activity): &(Date, Activity)| {
        activity_point(t.date(*day), *activity, lists(by, |act| audit::of_day(act, *day)))
    };
    let points: Vec<_> = dashboard.days.iter().map(point).collect();
    let says = activity_says(t, &dashboard.days, dashboard.strangers.map(|strangers| strangers.of_days));
    let series = [t.chart_entered(), t.chart_refused()];
    Chart::new(t, ("chart-days", t.chart_days(), t.chart_day()), &series, says, &points)
}

/// The lists behind the two numbers of an [`Activity`], for whoever may read the audit.
fn lists(by: &Administrator, of: impl Fn(Act) -> String) -> Vec<String> {
    if !by.may(Right::SeeAudit) {
        return Vec::new();
    }
    Vec::from([Act::SignedIn, Act::SignInRefused].map(of))
}

fn activity_point(word: String, activity: Activity, lists: Vec<String>) -> Point {
    Point { word, numbers: vec![activity.entered, activity.refused], lists, ..Point::default() }
}

fn activity_says<T>(t: Lang, all: &[(T, Activity)], strangers: Option<i64>) -> String {
    let sum = |of: fn(Activity) -> i64| t.number(count(all.iter().map(|(_, activity)| of(*activity)).sum()));
    let says = t.chart_activity_says(&sum(|activity| activity.entered), &sum(|activity| activity.refused));
    match strangers.filter(|number| *number > 0) {
        Some(number) => format!("{says} {}", t.chart_strangers_say(&t.number(count(number)))),
        None => says,
    }
}

fn due(t: Lang, dashboard: &Dashboard) -> Chart {
    let total: i64 = dashboard.due.iter().map(|(_, number)| number).sum();
    let most = dashboard.due.iter().max_by_key(|(_, number)| *number).filter(|_| total > 0);
    let says = most.map_or_else(
        || t.chart_due_none().to_owned(),
        |(day, _)| t.chart_due_says(&t.number(count(total)), &t.day(*day)),
    );
    // Those of the day itself come first in the list.
    let order = Order { sort: Sort::Term, downwards: true };
    let point = |(day, number): &(Date, i64)| Point {
        word: t.date(*day),
        address: Some(Narrowing { due: Some(Until::Day(*day)), order, ..Narrowing::default() }.address()),
        numbers: vec![*number],
        ..Point::default()
    };
    let points: Vec<_> = dashboard.due.iter().map(point).collect();
    Chart::new(t, ("chart-due", t.chart_due(), t.chart_day()), &[t.chart_ending()], says, &points)
}

/// The latest finished run that says something of a directory.
fn latest(t: Lang, system: MailSystem, runs: &[Run], (now, is_city): (Timestamp, bool)) -> Option<SyncLine> {
    let told = runs.iter().filter(|run| run.finished_at.is_some()).find_map(|run| {
        let report = sync::report(run).into_iter().find(|report| report.system == system.code())?;
        Some((run, report))
    });
    let (run, report) = told?;
    let age = ago(t, run.finished_at.unwrap_or(run.started_at), now);
    let said = super::sync::said(t, &report, is_city);
    let result = if report.error.is_some() { "failed" } else { run.outcome.as_str() };
    // A run is partial because of the other directory, if this one was read.
    let result = if result == "partial" { "done" } else { result };
    Some(SyncLine {
        system: t.directory_name(system),
        words: format!("{age} · {said}"),
        badge: badge(result),
        outcome: outcome(t, result),
    })
}
