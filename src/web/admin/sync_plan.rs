//! One run of the synchronisation: its plan line by line, and the decision on one that is held.

use super::sync::{RunView, view};
use crate::app::App;
use crate::domain::account::{Kind, LockReason, StateName};
use crate::domain::admin::Right;
use crate::domain::agency::Agency;
use crate::domain::id::RunId;
use crate::domain::sync::{Excess, Field, FieldChange, Line, LineKind};
use crate::domain::timestamp::Timestamp;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::sync::{self, KeptPlan, Looked, PlanRefused, PlanState};
use crate::urls;
use crate::web::parts::{Notice, count};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeSet;

/// A link that narrows the lines to a kind.
struct Chip {
    address: String,
    word: String,
    chosen: bool,
}

/// A line in words.
pub(super) struct LineView {
    pub(super) kind: &'static str,
    pub(super) href: Option<String>,
    pub(super) name: String,
    pub(super) subject: String,
    pub(super) system: &'static str,
    pub(super) changes: Vec<String>,
}

/// What the plan is, in words.
struct PlanView {
    badge: &'static str,
    state: &'static str,
    excess: Vec<String>,
    decision: Option<String>,
    explained: Option<&'static str>,
    other: Option<String>,
    kept: Option<String>,
    may_approve: bool,
    may_refuse: bool,
}

#[derive(Template)]
#[template(path = "admin/sync_plan.html")]
struct PlanPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    title: String,
    run: RunView,
    /// Whether the run was held and does not wait any more: then its state tells more than how it ended.
    is_settled: bool,
    plan: Option<PlanView>,
    own: Option<String>,
    chips: Vec<Chip>,
    lines: Vec<LineView>,
    nothing: &'static str,
    approve: String,
    refuse: String,
    first: Option<String>,
    next: Option<String>,
}

/// Which part of a plan is shown.
#[derive(Default)]
struct Part {
    kind: Option<LineKind>,
    after: i64,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (id, query, t) = (parse(&id)?, query_of(query)?, by.visitor.lang);
    let part = Part {
        kind: LineKind::from_code(query.text("kind")),
        after: query.text("after").parse().unwrap_or(0),
    };
    let notice = match query.text("note") {
        "approved" => Some(Notice::ok(t.plan_approved())),
        "refused" => Some(Notice::ok(t.plan_refused())),
        _ => None,
    };
    page(&app, &by, id, &part, StatusCode::OK, notice).await
}

/// Approves a held run.
pub(in crate::web) async fn approve(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let result = sync::approve(&app, &by.administrator, id, fields.text("reason")).await;
    answer(&app, &by, id, "approved", result).await
}

/// Refuses a held run.
pub(in crate::web) async fn refuse(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let result = sync::refuse(&app, &by.administrator, id, fields.text("reason")).await;
    answer(&app, &by, id, "refused", result).await
}

fn parse(id: &str) -> Result<RunId, Failure> {
    id.parse().map_err(|_| Failure::NotFound)
}

async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: RunId,
    note: &str,
    result: Result<(), PlanRefused>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (status, words) = match result {
        Ok(()) => return Ok(Redirect::to(&format!("{}?note={note}", urls::sync_run(id))).into_response()),
        Err(PlanRefused::Internal(internal)) => return Err(internal.into()),
        Err(PlanRefused::Forbidden(_)) => (StatusCode::FORBIDDEN, t.plan_not_yours()),
        Err(PlanRefused::NoReason) => (StatusCode::UNPROCESSABLE_ENTITY, t.reason_needed()),
        Err(PlanRefused::Gone) => (StatusCode::CONFLICT, t.plan_gone()),
    };
    page(app, by, id, &Part::default(), status, Some(Notice::warn(words))).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: RunId,
    part: &Part,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let looked = sync::look(app, &by.administrator, id, part.kind, part.after).await?;
    let looked = looked.ok_or(Failure::NotFound)?;
    let frame = super::frame(app, by).await?;
    let own = looked.only.is_some().then(|| t.plan_own_agency(&frame.reach));
    let only = looked.only.as_ref();
    let lines = looked.lines.iter().map(|line| line_view(t, line, &looked.agencies, only));
    let is_forgotten = looked.lines.is_empty() && !looked.counts.is_empty() && part.kind.is_none();
    let page = PlanPage {
        t,
        page: super::at(frame, t, &address(id, part.kind, part.after)),
        notice,
        title: t.plan_title_of(&t.moment(looked.run.started_at.local())),
        run: view(t, &looked.run, looked.only.is_none()),
        is_settled: looked.plan.as_ref().is_some_and(|plan| is_settled(plan.state)),
        plan: looked
            .plan
            .as_ref()
            .map(|plan| plan_view(t, plan, &looked, by.administrator.may(Right::Synchronise))),
        own,
        chips: chips(t, id, &looked, part.kind),
        lines: lines.collect(),
        nothing: match (is_forgotten, looked.counts.is_empty()) {
            (true, _) => t.plan_lines_forgotten(),
            (_, true) => t.plan_empty(),
            _ => t.plan_nothing_here(),
        },
        approve: urls::SYNC_APPROVE.replace("{id}", &id.to_string()),
        refuse: urls::SYNC_REFUSE.replace("{id}", &id.to_string()),
        first: (part.after > 0).then(|| address(id, part.kind, 0)),
        next: looked.next.map(|next| address(id, part.kind, next)),
    };
    html_with(status, &page)
}

fn address(id: RunId, kind: Option<LineKind>, after: i64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(kind) = kind {
        query.append_pair("kind", kind.code());
    }
    if after > 0 {
        query.append_pair("after", &after.to_string());
    }
    let (path, query) = (urls::sync_run(id), query.finish());
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// All, and every kind that occurs, with its number.
fn chips(t: Lang, id: RunId, looked: &Looked, chosen: Option<LineKind>) -> Vec<Chip> {
    let total = looked.counts.values().sum();
    let chip = |kind: Option<LineKind>, word: &str, number| Chip {
        address: address(id, kind, 0),
        word: format!("{word} ({})", t.number(number)),
        chosen: kind == chosen,
    };
    let kinds = looked.counts.iter().map(|(kind, number)| chip(Some(*kind), t.line_kind(*kind), *number));
    std::iter::once(chip(None, t.plan_all(), total)).chain(kinds).collect()
}

fn plan_view(t: Lang, plan: &KeptPlan, looked: &Looked, may_decide: bool) -> PlanView {
    let (badge, state) = state_words(t, plan.state);
    let kept = || match looked.only {
        None => t.plan_kept(&t.number(count(plan.kept)), &t.number(count(plan.total))),
        // How many there are concerns the whole city.
        Some(_) => t.plan_kept_in_part().to_owned(),
    };
    PlanView {
        badge,
        state,
        excess: excess(t, plan).collect(),
        decision: plan.decision.as_ref().map(|d| format!("{} ({}): {}", d.by, t.moment(d.at.local()), d.why)),
        explained: match plan.state {
            PlanState::Repeats => Some(t.plan_repeats()),
            PlanState::Applied if plan.other_run.is_some() => Some(t.plan_used_approval()),
            _ => None,
        },
        other: plan.other_run.map(urls::sync_run),
        kept: looked.is_cut.then(kept),
        may_approve: may_decide && matches!(plan.state, PlanState::Held | PlanState::Refused),
        may_refuse: may_decide && plan.state == PlanState::Held,
    }
}

/// Whether a plan was held, and has been dealt with.
const fn is_settled(state: PlanState) -> bool {
    use PlanState::{Approved, Refused, Released, Replaced, Used};
    matches!(state, Approved | Refused | Used | Released | Replaced)
}

/// The limits that a plan exceeds, in words.
pub(super) fn excess(t: Lang, plan: &KeptPlan) -> impl Iterator<Item = String> {
    Excess::read_all(&plan.excess).into_iter().map(move |one| t.excess(&one))
}

/// What is said on other pages of the plan that is open.
pub(super) const fn waits(t: Lang, plan: &KeptPlan) -> &'static str {
    match plan.state {
        PlanState::Approved => t.plan_waits_approved(),
        PlanState::Refused => t.plan_waits_refused(),
        _ => t.plan_waits(),
    }
}

const fn state_words(t: Lang, state: PlanState) -> (&'static str, &'static str) {
    match state {
        PlanState::Planned => ("is-off", t.plan_state_planned()),
        PlanState::Applied => ("is-ok", t.plan_state_applied()),
        PlanState::Held => ("is-warn", t.plan_state_held()),
        PlanState::Approved => ("is-info", t.plan_state_approved()),
        PlanState::Refused => ("is-danger", t.plan_state_refused()),
        PlanState::Used => ("is-ok", t.plan_state_used()),
        PlanState::Released => ("is-ok", t.plan_state_released()),
        PlanState::Replaced => ("is-off", t.plan_state_replaced()),
        PlanState::Repeats => ("is-warn", t.plan_state_repeats()),
    }
}

/// A line in words; `only` has the codes of the agencies within reach, where it is a branch.
pub(super) fn line_view(
    t: Lang,
    line: &Line,
    agencies: &[Agency],
    only: Option<&BTreeSet<String>>,
) -> LineView {
    // Who comes from another agency is not within reach yet.
    let is_within = only.is_none_or(|only| line.agency.as_ref().is_some_and(|code| only.contains(code)));
    LineView {
        kind: t.line_kind(line.kind),
        href: line.account_id.filter(|_| is_within).map(urls::account),
        name: line.name.clone(),
        subject: line.subject.clone(),
        system: line.system.map_or("", |system| t.directory_name(system)),
        changes: line.changes.iter().map(|change| change_words(t, change, agencies)).collect(),
    }
}

fn change_words(t: Lang, change: &FieldChange, agencies: &[Agency]) -> String {
    let value = |value: &str| match change.field {
        Field::Agency => {
            let agency = agencies.iter().find(|agency| agency.code == value);
            agency.map_or_else(|| value.to_owned(), |agency| agency.name.clone())
        }
        Field::State => match (LockReason::from_code(value), StateName::from_code(value)) {
            (Some(reason), _) => t.lock_reason(reason).to_owned(),
            (None, Some(state)) => t.state_of(state).to_owned(),
            (None, None) => value.to_owned(),
        },
        Field::Kind => match Kind::from_code(value) {
            Some(Kind::Person) => t.kind_person().to_owned(),
            Some(Kind::Agency) => t.kind_agency().to_owned(),
            Some(Kind::Service) => t.kind_service().to_owned(),
            None => value.to_owned(),
        },
        Field::PasswordSet => match value.parse() {
            Ok(micros) => t.moment(Timestamp::from_micros(micros).local()),
            Err(_) => value.to_owned(),
        },
        Field::Enabled => if value == "true" { t.plan_yes() } else { t.plan_no() }.to_owned(),
        _ => value.to_owned(),
    };
    let side = |side: &Option<String>| {
        let side = side.as_deref().filter(|text| !text.is_empty());
        side.map_or_else(|| t.plan_nobody().to_owned(), value)
    };
    let field = t.line_field(change.field);
    match (&change.before, &change.after) {
        (None, after) => format!("{field}: {}", side(after)),
        (before, after) => format!("{field}: {} → {}", side(before), side(after)),
    }
}
