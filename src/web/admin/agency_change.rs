//! One reorganisation: who goes where and what goes with it, the typed number, how far it is, the way back.

use super::agency_changes::badge;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::bulk::Outcome;
use crate::domain::id::ReorganisationId;
use crate::domain::reorganisation::{Kind, Stage};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame, recent};
use crate::i18n::Lang;
use crate::services::chain;
use crate::services::reorganisation::{
    self, Application, Fate, LISTED, Moved, ReorganisationRefused as Refused, Role, View,
};
use crate::urls;
use crate::web::html_with;
use crate::web::parts::{Notice, count};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// An account of a list.
struct Person {
    href: String,
    name: String,
    address: String,
}

/// A role, or what an application may do in its own name, with what becomes of it.
struct RoleLine {
    who: String,
    role: String,
    badge: &'static str,
    fate: String,
}

/// The form that confirms, withdraws or takes back.
struct Confirm {
    address: String,
    title: &'static str,
    note: Option<&'static str>,
    typed: Option<String>,
    needs_second: bool,
    is_danger: bool,
    /// Another way to send the form, with its word.
    instead: Option<(String, &'static str)>,
}

/// What came of a form that did nothing.
#[derive(Default)]
struct Wrong {
    status: StatusCode,
    notice: Option<Notice>,
    number: Option<&'static str>,
    reason: Option<&'static str>,
    typed: String,
}

#[derive(Template)]
#[template(path = "admin/agency_change.html")]
struct ChangePage {
    t: Lang,
    page: Frame,
    here: String,
    title: &'static str,
    badge: &'static str,
    stage: &'static str,
    notice: Option<Notice>,
    is_under_way: bool,
    progress: Option<(String, u64)>,
    done: Option<String>,
    before: Vec<(String, String)>,
    after: (String, String),
    day: String,
    told: String,
    moving: String,
    numbers: Vec<(String, String)>,
    first: Option<String>,
    people: Vec<Person>,
    roles_title: &'static str,
    roles: Vec<RoleLine>,
    else_lines: Vec<String>,
    texts: Vec<String>,
    left_word: Option<String>,
    left: Vec<Person>,
    confirm: Option<Confirm>,
    number_error: Option<&'static str>,
    reason_error: Option<&'static str>,
    reason: String,
}

/// Shows one.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    page(&app, &by, parse(&id)?, Wrong::default()).await
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
    let result = reorganisation::confirm(&app, &by.administrator, id, typed, &proof).await;
    answer(&app, &by, id, result, (urls::AGENCY_CHANGE_START, &fields)).await
}

/// Takes it back before its day.
pub(in crate::web) async fn withdraw(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let result = reorganisation::withdraw(&app, &by.administrator, id, fields.text("reason")).await;
    answer(&app, &by, id, result, (urls::AGENCY_CHANGE_WITHDRAW, &fields)).await
}

/// Takes back what was done.
pub(in crate::web) async fn undo(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let proof = recent::require(&app, &by.current, &address(id))?;
    let result = reorganisation::undo(&app, &by.administrator, id, fields.text("reason"), &proof).await;
    answer(&app, &by, id, result, (urls::AGENCY_CHANGE_UNDO, &fields)).await
}

async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: ReorganisationId,
    result: Result<(), Refused>,
    (path, fields): (&str, &Fields),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let conflict = |words: &str| Wrong {
        status: StatusCode::CONFLICT,
        notice: Some(Notice::warn(words.to_owned())),
        ..Wrong::default()
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let wrong = match result {
        Ok(()) => {
            let app = app.clone();
            tokio::spawn(async move { carry_on(&app).await });
            return Ok(Redirect::to(&address(id)).into_response());
        }
        Err(Refused::NotFound) => return Err(Failure::NotFound),
        Err(Refused::Internal(internal)) => return Err(internal.into()),
        Err(Refused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(Refused::Stopped(stopped)) => {
            let path = path.replace("{id}", &id.to_string());
            return super::approvals::put(app, by, stopped, (&path, fields)).await;
        }
        Err(Refused::NoReason) => Wrong { status, reason: Some(t.reason_needed()), ..Wrong::default() },
        Err(Refused::WrongNumber) => {
            Wrong { status, number: Some(t.bulk_number_differs()), ..Wrong::default() }
        }
        Err(Refused::Later) => conflict(t.change_later()),
        Err(_) => conflict(t.change_gone()),
    };
    page(app, by, id, Wrong { typed: fields.text("reason").to_owned(), ..wrong }).await
}

/// Nobody waits for it, so its failure goes to the log; the job of the house goes on with it.
async fn carry_on(app: &App) {
    if let Err(internal) = reorganisation::carry_on(app).await {
        tracing::error!("a reorganisation broke off: {}", chain(&internal));
    }
}

fn parse(id: &str) -> Result<ReorganisationId, Failure> {
    id.parse().map_err(|_| Failure::NotFound)
}

/// The page of one.
pub(super) fn address(id: ReorganisationId) -> String {
    urls::AGENCY_CHANGE.replace("{id}", &id.to_string())
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: ReorganisationId,
    wrong: Wrong,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let view = reorganisation::look(app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let frame = super::frame(app, by).await?;
    let here = address(id);
    let (one, total) = (&view.one, count(view.total()));
    let left_number = view.number(Some(Outcome::Changed)) + view.number(Some(Outcome::Kept));
    let is_open = matches!(one.stage, Stage::Draft | Stage::Planned | Stage::Orphaned);
    let page = ChangePage {
        t,
        page: super::at(frame, t, &here),
        title: t.change_kind(one.kind),
        badge: badge(one.stage),
        stage: t.change_stage_of(one.stage),
        notice: wrong.notice.or_else(|| standing(t, &view)),
        // One whose day is today begins at once.
        is_under_way: one.stage.is_under_way()
            || (one.stage == Stage::Planned && one.day <= app.now().local_date()),
        progress: progress(t, &view),
        done: done(t, &view),
        before: before(t, &view),
        after: after(t, &view),
        day: t.change_on_day(&t.date(one.day)),
        told: told(t, &view),
        moving: match one.kind {
            Kind::Rename => t.change_moving_none().to_owned(),
            Kind::Move => t.change_moving_branch(&t.number(total)),
            Kind::Merge | Kind::Split => t.change_moving_number(&t.number(total)),
        },
        numbers: view.numbers.iter().map(|(name, n)| (name.clone(), t.number(count(*n)))).collect(),
        first: (view.total() > LISTED && one.kind != Kind::Move)
            .then(|| t.change_first(&t.number(count(LISTED)))),
        people: if is_open { view.first.iter().map(person).collect() } else { Vec::new() },
        roles_title: if view.is_way_back() { t.change_roles_back() } else { t.change_roles_title() },
        roles: roles(t, &view),
        else_lines: else_lines(t, &view),
        texts: texts(t, &view),
        left_word: (left_number > 0).then(|| t.change_left(&t.number(count(left_number)))),
        left: view.left.iter().map(person).collect(),
        confirm: if view.may_go_on { confirm(t, &view, total) } else { None },
        here,
        number_error: wrong.number,
        reason_error: wrong.reason,
        reason: wrong.typed,
    };
    html_with(wrong.status, &page)
}

/// What stands in its way.
fn standing(t: Lang, view: &View) -> Option<Notice> {
    match view.one.stage {
        Stage::Draft | Stage::Orphaned if !view.fits => Some(Notice::warn(t.change_fits_not())),
        Stage::Orphaned => Some(Notice::warn(t.change_orphaned(&view.one.asked_as))),
        _ => None,
    }
}

/// What gives something up, with its codes; of an agency that is moved, the one above it.
fn before(t: Lang, view: &View) -> Vec<(String, String)> {
    let second = |code: &str| match &view.places {
        Some(places) => below(t, places.before.as_deref()),
        None => code.to_owned(),
    };
    view.before.iter().map(|was| (was.name.clone(), second(&was.code))).collect()
}

/// The same afterwards.
fn after(t: Lang, view: &View) -> (String, String) {
    let second = match &view.places {
        Some(places) => below(t, places.after.as_deref()),
        None => view.one.code.clone(),
    };
    (view.one.name.clone(), second)
}

fn below(t: Lang, above: Option<&str>) -> String {
    above.map_or_else(|| t.agency_top().to_owned(), |name| t.change_lies_below(name))
}

/// For how long applications are told the old code, if there is one.
fn told(t: Lang, view: &View) -> String {
    if view.one.kind == Kind::Move {
        return String::new();
    }
    t.change_told_until(&t.number(count(view.one.former_days)))
}

fn person(account: &Account) -> Person {
    let profile = account.profile();
    Person {
        href: urls::account(account.id()),
        name: profile.display_name.clone(),
        address: profile.address.to_string(),
    }
}

fn roles(t: Lang, view: &View) -> Vec<RoleLine> {
    let role = |role: &Role| RoleLine {
        who: format!("{} ({})", role.name, role.address),
        role: format!("{} – {}", t.role(role.role), role.agency),
        badge: badge_of(role.fate),
        fate: role.fate.words(t, role.number),
    };
    let application = |one: &Application| RoleLine {
        who: one.name.clone(),
        role: format!("{} – {}", one.rights, one.agency),
        badge: badge_of(one.fate),
        fate: one.fate.words(t, one.number),
    };
    view.roles.iter().map(role).chain(view.applications.iter().map(application)).collect()
}

const fn badge_of(fate: Fate) -> &'static str {
    match fate {
        Fate::Carried | Fate::Gains | Fate::Returns => "is-info",
        Fate::Ends | Fate::Loses => "is-warn",
        Fate::Stays => "is-ok",
    }
}

fn else_lines(t: Lang, view: &View) -> Vec<String> {
    let stage = |(name, moved): &(String, Moved)| {
        t.change_stage(name, t.rule(moved.rule), t.mode(moved.before), t.mode(moved.after))
    };
    let is_move = view.one.kind == Kind::Move;
    let goes = |name: &String| if is_move { t.change_comes_along(name) } else { t.change_below_goes(name) };
    let below = view.below.iter().map(goes);
    let contacts = view.contacts.iter().map(|name| t.change_contact(name));
    let mut lines: Vec<_> = below.chain(contacts).chain(view.stages.iter().map(stage)).collect();
    if is_move && view.contacts.is_empty() {
        lines.push(t.change_move_contact().to_owned());
    }
    if is_move {
        lines.push(t.change_move_stays().to_owned());
    }
    lines
}

fn texts(t: Lang, view: &View) -> Vec<String> {
    let text = |(system, text, number): &(_, String, u64)| {
        t.change_text(t.directory_name(*system), text, &t.number(*number))
    };
    view.texts.iter().map(text).collect()
}

/// How far it is, in words and in percent.
fn progress(t: Lang, view: &View) -> Option<(String, u64)> {
    let waiting = match view.one.stage {
        Stage::Running => view.number(None),
        Stage::Undoing => view.number(Some(Outcome::Done)),
        _ => return None,
    };
    if view.one.kind == Kind::Move {
        return None;
    }
    let total = count(view.total());
    let dealt = total.saturating_sub(count(waiting));
    Some((t.change_progress(&t.number(dealt), &t.number(total)), dealt * 100 / total.max(1)))
}

fn done(t: Lang, view: &View) -> Option<String> {
    let number = |outcome| t.number(count(view.number(Some(outcome))));
    let is_move = view.one.kind == Kind::Move;
    match view.one.stage {
        Stage::Planned => Some(t.change_waits(&t.date(view.one.day))),
        Stage::Done if is_move => Some(t.change_was_moved().to_owned()),
        Stage::Undone if is_move => Some(t.change_was_moved_back().to_owned()),
        Stage::Done => Some(t.change_was_done(&number(Outcome::Done))),
        Stage::Undone => Some(t.change_was_undone(&number(Outcome::Undone))),
        _ => None,
    }
}

fn confirm(t: Lang, view: &View, total: u64) -> Option<Confirm> {
    let here = |path: &str| path.replace("{id}", &view.one.id.to_string());
    let withdraw = || (here(urls::AGENCY_CHANGE_WITHDRAW), t.change_withdraw());
    let plain = |(address, title): (String, &'static str)| Confirm {
        address,
        title,
        note: None,
        typed: None,
        needs_second: false,
        is_danger: false,
        instead: None,
    };
    let typed = match view.one.kind {
        Kind::Rename => None,
        Kind::Move => Some(t.change_type_branch(&t.number(total))),
        Kind::Merge | Kind::Split => Some(t.change_type_number(&t.number(total))),
    };
    let needs_second = view.needs_second;
    match view.one.stage {
        Stage::Draft if view.fits => Some(Confirm {
            typed,
            needs_second,
            ..plain((here(urls::AGENCY_CHANGE_START), t.change_confirm()))
        }),
        Stage::Orphaned if view.fits => Some(Confirm {
            typed,
            needs_second,
            instead: Some(withdraw()),
            ..plain((here(urls::AGENCY_CHANGE_START), t.change_take_over()))
        }),
        Stage::Planned | Stage::Orphaned => Some(plain(withdraw())),
        Stage::Done if view.fits => Some(Confirm {
            note: Some(match view.one.kind {
                Kind::Move => t.change_undo_move_note(),
                Kind::Rename | Kind::Merge | Kind::Split => t.change_undo_note(),
            }),
            needs_second,
            is_danger: true,
            ..plain((here(urls::AGENCY_CHANGE_UNDO), t.change_undo()))
        }),
        _ => None,
    }
}
