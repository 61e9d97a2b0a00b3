//! Many accounts at once: whom it concerns, a typed number and a reason, how far it is, what came of it, and the way back.

use super::Refused;
use super::narrowing::Narrowing;
use crate::app::App;
use crate::domain::account::{Account, LockReason, MustChange, StateName};
use crate::domain::bulk::{BulkAct, BulkState, Outcome};
use crate::domain::id::BulkId;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame, recent};
use crate::i18n::Lang;
use crate::services::bulk::{self, BulkRefused, Job, LISTED, MOST, MOST_CHOSEN, View, Whom};
use crate::services::chain;
use crate::urls;
use crate::web::parts::{Notice, count, number_of, state_badge};
use crate::web::{html, html_with};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// How the boxes of the list are named: this and the account's id.
pub(super) const BOX: &str = "account.";

/// Agencies that are listed with their numbers.
const AGENCIES: usize = 20;

/// One account of the list.
struct Row {
    href: String,
    name: String,
    address: String,
    badge: &'static str,
    state: &'static str,
}

/// A word and a number.
struct CountLine {
    word: String,
    number: String,
    percent: u64,
}

/// The form that confirms or takes back.
struct Confirm {
    address: String,
    button: String,
    /// What must be typed.
    typed: Option<String>,
    note: &'static str,
    is_danger: bool,
}

/// One of the latest.
struct JobRow {
    href: String,
    title: &'static str,
    number: String,
    asked: String,
    why: String,
    badge: &'static str,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "admin/bulk_list.html")]
struct ListPage {
    t: Lang,
    page: Frame,
    rows: Vec<JobRow>,
}

#[derive(Template)]
#[template(path = "admin/bulk.html")]
struct BulkPage {
    t: Lang,
    page: Frame,
    here: String,
    title: &'static str,
    notice: Option<Notice>,
    lead: String,
    is_under_way: bool,
    progress: Option<(String, u64)>,
    done: Option<String>,
    undone: Option<String>,
    needs_second: bool,
    left: Vec<Row>,
    left_word: Option<String>,
    agencies: Vec<CountLine>,
    states: Vec<CountLine>,
    rows: Vec<Row>,
    first: Option<String>,
    confirm: Option<Confirm>,
    number_error: Option<&'static str>,
    reason_error: Option<&'static str>,
    reason: String,
}

/// Shows the latest.
pub(in crate::web) async fn list(State(app): State<App>, by: AsAdministrator) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let rows = bulk::latest(&app, &by.administrator).await?;
    let rows = rows.into_iter().map(|job| job_row(t, job)).collect();
    html(&ListPage { t, page: super::frame(&app, &by).await?, rows })
}

fn job_row(t: Lang, job: Job) -> JobRow {
    let (badge, state) = match job.state {
        BulkState::Draft => ("is-off", t.bulk_state_draft()),
        BulkState::Running => ("is-info", t.bulk_state_running()),
        BulkState::Done => ("is-ok", t.bulk_state_done()),
        BulkState::Undoing => ("is-info", t.bulk_state_undoing()),
        BulkState::Undone => ("is-warn", t.bulk_state_undone()),
    };
    let moment = t.moment(job.started_at.unwrap_or(job.created_at).local());
    JobRow {
        href: address(job.id),
        title: t.bulk_act(job.act),
        number: t.accounts_counted(count(job.total)),
        asked: format!("{moment} · {}", job.asked_as),
        why: job.why.unwrap_or_default(),
        badge,
        state,
    }
}

/// Draws up a job from the list.
pub(in crate::web) async fn draft(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let narrowing = Narrowing::read(&fields);
    let Some(act) = BulkAct::from_code(fields.text("act")) else {
        return Ok(Redirect::to(&narrowing.address()).into_response());
    };
    let (whom, described) = match fields.text("scope") {
        "all" => (Whom::Narrowed(narrowing.narrowed()), narrowing.described()),
        _ => (Whom::Chosen(chosen(&fields)?), String::new()),
    };
    match bulk::draft(&app, &by.administrator, act, &whom, &described).await {
        Ok(id) => Ok(Redirect::to(&address(id)).into_response()),
        Err(BulkRefused::Internal(internal)) => Err(internal.into()),
        Err(BulkRefused::Forbidden(forbidden)) => Err(forbidden.into()),
        Err(BulkRefused::NotFound) => Err(Failure::NotFound),
        Err(refused) => {
            let words = match refused {
                BulkRefused::TooMany => {
                    let most = [MOST_CHOSEN, MOST].map(|most| t.number(number_of(most)));
                    t.bulk_too_many(&most[0], &most[1])
                }
                _ => t.bulk_concerns_nobody().to_owned(),
            };
            super::accounts::refused(&app, &by, &narrowing, words).await
        }
    }
}

fn chosen(fields: &Fields) -> Result<Vec<crate::domain::id::AccountId>, Failure> {
    let ids: Result<Vec<_>, _> =
        fields.iter().filter_map(|(name, _)| name.strip_prefix(BOX)).map(str::parse).collect();
    ids.map_err(|_| Failure::BadForm("the list of accounts cannot be read".to_owned()))
}

/// Shows a job.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    page(&app, &by, parse(&id)?, Refused::default()).await
}

/// Confirms it.
pub(in crate::web) async fn start(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let proof = recent::require(&app, &by.current, &address(id))?;
    let typed = (fields.text("number"), fields.text("reason"));
    let result = bulk::start(&app, &by.administrator, id, typed, &proof).await;
    answer(&app, &by, id, result, (urls::BULK_START, &fields)).await
}

/// Takes it back.
pub(in crate::web) async fn undo(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let proof = recent::require(&app, &by.current, &address(id))?;
    let result = bulk::undo(&app, &by.administrator, id, fields.text("reason"), &proof).await;
    answer(&app, &by, id, result, (urls::BULK_UNDO, &fields)).await
}

async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: BulkId,
    result: Result<(), BulkRefused>,
    (path, fields): (&str, &Fields),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let refused = match result {
        Ok(()) => {
            let app = app.clone();
            tokio::spawn(async move { carry_out(&app, id).await });
            return Ok(Redirect::to(&address(id)).into_response());
        }
        Err(BulkRefused::NotFound) => return Err(Failure::NotFound),
        Err(BulkRefused::Internal(internal)) => return Err(internal.into()),
        Err(BulkRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(BulkRefused::Stopped(stopped)) => {
            let path = path.replace("{id}", &id.to_string());
            return super::approvals::put(app, by, stopped, (&path, fields)).await;
        }
        Err(BulkRefused::NoReason) => {
            Refused { status, reason_error: Some(t.reason_needed()), ..Refused::default() }
        }
        Err(BulkRefused::WrongNumber) => {
            Refused { status, number_error: Some(t.bulk_number_differs()), ..Refused::default() }
        }
        Err(BulkRefused::Gone | BulkRefused::Nobody | BulkRefused::TooMany) => Refused {
            status: StatusCode::CONFLICT,
            notice: Some(Notice::warn(t.bulk_gone())),
            ..Refused::default()
        },
    };
    page(app, by, id, Refused { reason: fields.text("reason").to_owned(), ..refused }).await
}

/// Nobody waits for it, so its failure goes to the log; the job of the house goes on with it.
async fn carry_out(app: &App, id: BulkId) {
    if let Err(internal) = bulk::carry_out(app, id).await {
        tracing::error!("an act over many accounts broke off: {}", chain(&internal));
    }
}

fn parse(id: &str) -> Result<BulkId, Failure> {
    id.parse().map_err(|_| Failure::NotFound)
}

fn address(id: BulkId) -> String {
    urls::BULK_JOB.replace("{id}", &id.to_string())
}

async fn page(app: &App, by: &AsAdministrator, id: BulkId, refused: Refused) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let view = bulk::look(app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let frame = super::frame(app, by).await?;
    let here = address(id);
    let (job, total) = (&view.job, count(view.job.total));
    let is_draft = job.state == BulkState::Draft;
    let number = t.number(total);
    let left_number = view.number(Some(Outcome::Changed)) + view.number(Some(Outcome::Kept));
    let page = BulkPage {
        t,
        page: super::at(frame, t, &here),
        title: t.bulk_act(job.act),
        notice: refused.notice,
        is_under_way: job.state.is_under_way(),
        progress: progress(t, &view),
        done: done(t, &view),
        undone: undone(t, &view),
        needs_second: view.needs_second,
        left_word: (left_number > 0).then(|| t.bulk_left_alone(&t.number(count(left_number)))),
        left: view.left.iter().map(|account| row(t, account)).collect(),
        agencies: agencies(t, &view),
        states: states(t, &view),
        rows: if is_draft { view.first.iter().map(|account| row(t, account)).collect() } else { Vec::new() },
        first: (is_draft && job.total > LISTED).then(|| t.bulk_first(&t.number(count(LISTED)))),
        confirm: view.may_go_on.then(|| confirm(t, &view, &number)).flatten(),
        lead: if is_draft { t.bulk_concerns(&number) } else { t.accounts_counted(total) },
        here,
        number_error: refused.number_error,
        reason_error: refused.reason_error,
        reason: refused.reason,
    };
    html_with(refused.status, &page)
}

/// How far it is, in words and in percent.
fn progress(t: Lang, view: &View) -> Option<(String, u64)> {
    let total = count(view.job.total).max(1);
    let waiting = match view.job.state {
        BulkState::Running => view.number(None),
        BulkState::Undoing => view.number(Some(Outcome::Done)),
        _ => return None,
    };
    let dealt = total.saturating_sub(count(waiting));
    Some((t.bulk_progress(&t.number(dealt), &t.number(total)), dealt * 100 / total))
}

fn done(t: Lang, view: &View) -> Option<String> {
    let number = |outcome| t.number(count(view.number(Some(outcome))));
    match view.job.state {
        BulkState::Done => Some(t.bulk_was_done(&number(Outcome::Done))),
        BulkState::Undone => Some(t.bulk_was_undone(&number(Outcome::Undone))),
        _ => None,
    }
}

/// What was not dealt with, because whoever confirmed it lost the role.
fn undone(t: Lang, view: &View) -> Option<String> {
    let waiting = match view.job.state {
        BulkState::Done => view.number(None),
        BulkState::Undone => view.number(Some(Outcome::Done)),
        _ => 0,
    };
    (waiting > 0).then(|| t.bulk_not_dealt_with(&t.number(count(waiting))))
}

fn confirm(t: Lang, view: &View, number: &str) -> Option<Confirm> {
    let here = |path: &str| path.replace("{id}", &view.job.id.to_string());
    match view.job.state {
        BulkState::Draft => Some(Confirm {
            address: here(urls::BULK_START),
            button: t.bulk_act_on(view.job.act, number),
            typed: Some(number.to_owned()),
            note: t.bulk_act_note(view.job.act),
            is_danger: view.job.act == BulkAct::Lock,
        }),
        BulkState::Done if view.number(Some(Outcome::Done)) > 0 => Some(Confirm {
            address: here(urls::BULK_UNDO),
            button: t.bulk_undo().to_owned(),
            typed: None,
            note: t.bulk_undo_note(),
            is_danger: true,
        }),
        _ => None,
    }
}

fn agencies(t: Lang, view: &View) -> Vec<CountLine> {
    let line = |(agency, number): &(Option<crate::domain::agency::Agency>, i64)| {
        let word = agency.as_ref().map_or_else(|| t.no_agency().to_owned(), |agency| agency.name.clone());
        line(t, view, word, *number)
    };
    let mut lines: Vec<_> = view.agencies.iter().take(AGENCIES).map(line).collect();
    let rest: i64 = view.agencies.iter().skip(AGENCIES).map(|(_, number)| number).sum();
    if rest > 0 {
        lines.push(self::line(t, view, t.bulk_other_agencies().to_owned(), rest));
    }
    lines
}

fn states(t: Lang, view: &View) -> Vec<CountLine> {
    let line = |(state, reason, number): &(StateName, Option<String>, i64)| {
        let reason = reason.as_deref().and_then(|code| {
            let lock = LockReason::from_code(code).map(|reason| t.lock_reason(reason));
            lock.or_else(|| MustChange::from_code(code).map(|why| t.must_change(why)))
        });
        let state = t.state_of(*state);
        let word = reason.map_or_else(|| state.to_owned(), |reason| format!("{state} – {reason}"));
        line(t, view, word, *number)
    };
    view.states.iter().map(line).collect()
}

fn line(t: Lang, view: &View, word: String, number: i64) -> CountLine {
    let percent = count(number) * 100 / count(view.job.total).max(1);
    CountLine { word, number: t.number(count(number)), percent }
}

fn row(t: Lang, account: &Account) -> Row {
    let (profile, state) = (account.profile(), account.state().name());
    Row {
        href: urls::account(account.id()),
        name: profile.display_name.clone(),
        address: profile.address.to_string(),
        badge: state_badge(state),
        state: t.state_of(state),
    }
}
