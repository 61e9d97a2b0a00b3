//! What waits for a second person: decided on by another administrator, carried out by whoever asked.

use crate::app::App;
use crate::domain::approval::{Deed, MOST_OPEN, Matter, Stage};
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::approvals::{self, ApprovalRefused, Edge, Shown, Stopped};
use crate::urls;
use crate::web::parts::{Notice, count};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// A request in words.
struct Item {
    id: String,
    matter: &'static str,
    preview: Vec<String>,
    asked: String,
    why: String,
    until: Option<String>,
    badge: &'static str,
    stage: &'static str,
    decided: Option<String>,
    may_decide: bool,
    may_withdraw: bool,
    /// Where the form goes that does it, with its fields; only for whoever asked, once it is approved.
    deed: Option<(String, Vec<(String, String)>)>,
}

#[derive(Template)]
#[template(path = "admin/approvals.html")]
struct ApprovalsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    /// Not on a further page of what is settled.
    open: Option<Vec<Item>>,
    closed: Vec<Item>,
    newest: bool,
    next: Option<String>,
    two_persons: bool,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let notice = match query.text("note") {
        "asked" => Some(Notice::ok(t.approval_was_asked())),
        "approved" => Some(Notice::ok(t.approval_was_given())),
        "refused" => Some(Notice::ok(t.approval_was_refused())),
        "withdrawn" => Some(Notice::ok(t.approval_was_withdrawn())),
        _ => None,
    };
    page(&app, &by, StatusCode::OK, notice, query.get("after").and_then(edge)).await
}

/// Below which request a page begins; what is not understood is the beginning.
fn edge(text: &str) -> Option<Edge> {
    let (at, id) = text.split_once('.')?;
    Some(Edge { asked_at: Timestamp::from_micros(at.parse().ok()?), id: id.parse().ok()? })
}

/// Approves, refuses or takes back.
pub(in crate::web) async fn decide(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = fields.text("approval").parse().map_err(|_| Failure::NotFound)?;
    let (admin, why) = (&by.administrator, fields.text("reason"));
    let (done, note) = match fields.text("what") {
        "approve" => (approvals::decide(&app, admin, id, true, why).await, "approved"),
        "refuse" => (approvals::decide(&app, admin, id, false, why).await, "refused"),
        "withdraw" => (approvals::withdraw(&app, admin, id).await, "withdrawn"),
        _ => return Err(Failure::NotFound),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{}?note={note}", urls::APPROVALS)).into_response()),
        Err(refused) => refuse(&app, &by, refused).await,
    }
}

/// What a page answers when a deed needs a second person: the request is put, or it says that there is nobody.
pub(super) async fn put(
    app: &App,
    by: &AsAdministrator,
    stopped: Stopped,
    (path, fields): (&str, &Fields),
) -> Result<Response, Failure> {
    let deed: Deed = match stopped {
        Stopped::Internal(internal) => return Err(internal.into()),
        Stopped::NeedsSecond(deed) => *deed,
    };
    let t = by.visitor.lang;
    if !approvals::has_second(app, &by.administrator, &deed).await? {
        let words = format!("{} {}", t.approval_nobody(), command(deed.matter));
        return page(app, by, StatusCode::CONFLICT, Some(Notice::warn(words)), None).await;
    }
    let form = fields.iter().filter(|(name, _)| *name != "csrf");
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    match approvals::ask(app, &by.administrator, deed, (path, form), fields.text("reason")).await {
        Ok(_) => Ok(Redirect::to(&format!("{}?note=asked", urls::APPROVALS)).into_response()),
        Err(refused) => refuse(app, by, refused).await,
    }
}

/// The way by the command line, for a city with a single administrator.
const fn command(matter: Matter) -> &'static str {
    match matter {
        Matter::ChangeRules => "danang-sso policy",
        Matter::RotateKeys => "danang-sso keys rotate",
        Matter::OpenInterface => "danang-sso client api",
        Matter::RotateSecret => "danang-sso client rotate-secret",
        Matter::ResetDecider => "danang-sso account reset",
        Matter::StripDecider => "danang-sso account reset-factors",
        // of many accounts a second person is needed in any case
        Matter::GrantRole
        | Matter::UnlockMany
        | Matter::ResetMany
        | Matter::LockMany
        | Matter::DemandMany
        | Matter::Reorganise
        | Matter::JoinDecider
        | Matter::EndSessionsMany => "danang-sso admin grant",
    }
}

async fn refuse(app: &App, by: &AsAdministrator, refused: ApprovalRefused) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (status, words) = match refused {
        ApprovalRefused::Internal(internal) => return Err(internal.into()),
        ApprovalRefused::Forbidden(forbidden) => return Err(forbidden.into()),
        ApprovalRefused::TooLarge => return Err(Failure::TooLarge),
        ApprovalRefused::NoReason => (StatusCode::UNPROCESSABLE_ENTITY, t.reason_needed().to_owned()),
        ApprovalRefused::Oneself => (StatusCode::FORBIDDEN, t.approval_oneself().to_owned()),
        ApprovalRefused::Concerned => (StatusCode::FORBIDDEN, t.approval_concerned().to_owned()),
        ApprovalRefused::OneHand => (StatusCode::FORBIDDEN, t.approval_one_hand().to_owned()),
        ApprovalRefused::Gone => (StatusCode::CONFLICT, t.approval_gone().to_owned()),
        ApprovalRefused::TooMany => (StatusCode::CONFLICT, t.approval_too_many(&t.number(count(MOST_OPEN)))),
    };
    page(app, by, status, Some(Notice::warn(words)), None).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    status: StatusCode,
    notice: Option<Notice>,
    below: Option<Edge>,
) -> Result<Response, Failure> {
    let (t, now) = (by.visitor.lang, app.now());
    let list = approvals::list(app, &by.administrator, below).await?;
    let items = |all: Vec<Shown>| all.into_iter().map(|shown| item(t, shown, now)).collect::<Vec<_>>();
    let after = |edge: Edge| format!("{}?after={}.{}", urls::APPROVALS, edge.asked_at.micros(), edge.id);
    let frame = super::frame(app, by).await?;
    let page = ApprovalsPage {
        t,
        page: super::at(frame, t, urls::APPROVALS),
        notice,
        open: below.is_none().then(|| items(list.open)),
        closed: items(list.closed),
        newest: below.is_some(),
        next: list.next.map(after),
        two_persons: app.config.admin.two_persons,
    };
    html_with(status, &page)
}

fn item(t: Lang, shown: Shown, now: Timestamp) -> Item {
    let Shown { approval, asked_by, decided_by, may_decide, may_do, may_withdraw } = shown;
    let is_open = approval.is_open(now);
    let moment = |at: Timestamp| t.moment(at.local());
    let (badge, stage) = match approval.stage {
        Stage::Waiting if is_open => ("is-warn", t.approval_waits()),
        Stage::Approved if is_open => ("is-ok", t.approval_approved()),
        Stage::Waiting | Stage::Approved => ("is-off", t.approval_expired()),
        Stage::Refused => ("is-danger", t.approval_refused()),
        Stage::Withdrawn => ("is-off", t.approval_withdrawn()),
        Stage::Done => ("is-ok", t.approval_done()),
        Stage::Lapsed => ("is-off", t.approval_lapsed()),
    };
    let decided = approval.decided.as_ref().map(|(_, at, why)| {
        t.approval_decided_by(decided_by.as_deref().unwrap_or_default(), &moment(*at), why)
    });
    Item {
        id: approval.id.to_string(),
        matter: t.matter(approval.deed.matter),
        preview: t.lines(approval.deed.preview),
        asked: t.approval_asked_by(&asked_by, &moment(approval.asked_at)),
        why: approval.why,
        until: is_open.then(|| t.approval_good_until(&moment(approval.expires_at))),
        badge,
        stage,
        decided,
        may_decide,
        may_withdraw,
        deed: may_do.then_some((approval.path, approval.form)),
    }
}
