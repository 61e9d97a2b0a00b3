//! Access reviews: the list, one with its progress and items, what is said, what is carried out, the end.

use super::review_items::{ItemLine, Sent, lines, named, ticked, word_of};
use crate::app::App;
use crate::domain::access_review::{DAYS, Verdict};
use crate::domain::admin::Right;
use crate::domain::id::ReviewId;
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame, recent};
use crate::i18n::Lang;
use crate::services::access_review::{
    self as reviews, Item, Place, Progress, Review, ReviewRefused as Refused, View,
};
use crate::services::{accounts, chain};
use crate::urls;
use crate::web::parts::{Notice, count};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// The note in the address of whoever has just confirmed that it is carried out: the page comes anew by itself.
const ORDERED: &str = "ordered";

/// To what the items can be narrowed.
const ONLY: [&str; 4] = ["open", "keep", "withdraw", "transfer"];

/// One of the latest.
struct Row {
    href: String,
    half: String,
    badge: &'static str,
    stage: String,
    opened: String,
}

#[derive(Template)]
#[template(path = "admin/reviews.html")]
struct ReviewsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    may_open: bool,
    days: String,
    rows: Vec<Row>,
}

/// How far an agency is.
struct AgencyLine {
    name: String,
    number: String,
    waiting: String,
    withdrawn: String,
    transferred: String,
}

/// How far it is carried out.
struct Carried {
    under_way: Option<String>,
    comes_anew: bool,
    came: Option<String>,
    left: Vec<String>,
}

#[derive(Template)]
#[template(path = "admin/review.html")]
struct ReviewPage {
    t: Lang,
    page: Frame,
    here: String,
    notice: Option<Notice>,
    half: String,
    badge: &'static str,
    stage: String,
    spoken: String,
    percent: u64,
    agencies: Vec<AgencyLine>,
    chips: Vec<(String, &'static str, bool)>,
    items: Vec<ItemLine>,
    next: Option<String>,
    may_decide: bool,
    /// The agencies to which something can be passed on, and whether one was chosen.
    targets: Vec<(String, String, bool)>,
    rest: Option<String>,
    unapplied: Option<String>,
    carried: Carried,
    may_close: bool,
    evidence: Option<String>,
    /// Where the list begins and to what it is narrowed, for the form in it.
    place: Vec<(&'static str, String)>,
    sent: Sent,
}

/// Shows the latest.
pub(in crate::web) async fn list(State(app): State<App>, by: AsAdministrator) -> Result<Response, Failure> {
    list_page(&app, &by, (StatusCode::OK, None), DAYS.to_string()).await
}

/// Opens the one of this half-year.
pub(in crate::web) async fn open(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let days = fields.text("days").trim();
    let words = match reviews::open(&app, &by.administrator, days.parse().unwrap_or(0)).await {
        Ok(id) => return Ok(Redirect::to(&address(id)).into_response()),
        Err(Refused::Internal(internal)) => return Err(internal.into()),
        Err(Refused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(Refused::HasOne) => t.review_has_one(),
        Err(_) => t.review_bad_days(),
    };
    let answer = (StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::warn(words)));
    list_page(&app, &by, answer, days.to_owned()).await
}

async fn list_page(
    app: &App,
    by: &AsAdministrator,
    (status, notice): (StatusCode, Option<Notice>),
    days: String,
) -> Result<Response, Failure> {
    let (t, now) = (by.visitor.lang, app.now());
    let all = reviews::list(app, &by.administrator).await?;
    let row = |review: &Review| {
        let (badge, stage) = stage(t, review, now);
        let opened = format!("{} {}", t.moment(review.opened_at.local()), review.opened_by);
        Row {
            href: address(review.id),
            half: t.review_half(&t.half_year(&review.half)),
            badge,
            stage,
            opened,
        }
    };
    let frame = super::frame(app, by).await?;
    let page = ReviewsPage {
        t,
        page: super::at(frame, t, urls::REVIEWS),
        notice,
        may_open: by.administrator.may(Right::GrantRoles),
        days,
        rows: all.iter().map(row).collect(),
    };
    html_with(status, &page)
}

fn stage(t: Lang, review: &Review, now: Timestamp) -> (&'static str, String) {
    let day = t.date(review.due_on);
    match &review.closed {
        Some(_) => ("is-off", t.review_is_closed().to_owned()),
        None if now.local_date() > review.due_on => ("is-danger", t.review_is_late(&day)),
        None => ("is-info", t.review_is_open(&day)),
    }
}

/// Shows one.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let notice = (query.text("note") == "said").then(|| Notice::ok(t.review_said()));
    page(&app, &by, parse(&id)?, &query, (StatusCode::OK, notice)).await
}

/// Says of the ticked ones whether they are needed.
pub(in crate::web) async fn decide(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let result = match Verdict::from_code(fields.text("verdict")) {
        Some(verdict) => {
            let said = (verdict, fields.text("reason"));
            match fields.get("to").filter(|to| !to.is_empty()).map(str::parse).transpose() {
                Ok(to) => reviews::decide(&app, &by.administrator, id, &ticked(&fields), said, to).await,
                Err(_) => Err(Refused::NoTarget),
            }
        }
        None => Err(Refused::Nothing),
    };
    answer(&app, &by, id, result, (urls::REVIEW_DECIDE, &fields)).await
}

/// Keeps all the rest.
pub(in crate::web) async fn keep_rest(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let typed = (fields.text("number"), fields.text("reason"));
    let result = reviews::keep_rest(&app, &by.administrator, id, typed).await;
    answer(&app, &by, id, result, (urls::REVIEW_KEEP, &fields)).await
}

/// Confirms that what was withdrawn is carried out; that goes on in the background.
pub(in crate::web) async fn apply(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let proof = recent::require(&app, &by.current, &address(id))?;
    let typed = (fields.text("number"), fields.text("reason"));
    match reviews::apply(&app, &by.administrator, id, typed, &proof).await {
        Ok(()) => {
            tokio::spawn(async move { carry_out(&app, id).await });
            Ok(Redirect::to(&format!("{}?note={ORDERED}", address(id))).into_response())
        }
        Err(refused) => answer(&app, &by, id, Err(refused), (urls::REVIEW_APPLY, &fields)).await,
    }
}

/// Nobody waits for it, so its failure goes to the log; the job of the house goes on with it.
async fn carry_out(app: &App, id: ReviewId) {
    if let Err(internal) = reviews::carry_out(app, id).await {
        tracing::error!("carrying out an access review broke off: {}", chain(&internal));
    }
}

/// Closes it.
pub(in crate::web) async fn close(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let result = reviews::close(&app, &by.administrator, id, fields.text("reason")).await;
    answer(&app, &by, id, result, (urls::REVIEW_CLOSE, &fields)).await
}

async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: ReviewId,
    result: Result<(), Refused>,
    (path, fields): (&str, &Fields),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, words) = match result {
        Ok(()) => {
            let only = ONLY.iter().find(|only| **only == fields.text("only"));
            let only = only.map(|only| format!("&only={only}")).unwrap_or_default();
            return Ok(Redirect::to(&format!("{}?note=said{only}", address(id))).into_response());
        }
        Err(Refused::NotFound) => return Err(Failure::NotFound),
        Err(Refused::Internal(internal)) => return Err(internal.into()),
        Err(Refused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(Refused::Stopped(stopped)) => {
            let path = path.replace("{id}", &id.to_string());
            return super::approvals::put(app, by, stopped, (&path, fields)).await;
        }
        Err(Refused::Nothing) => (wrong, t.review_nothing()),
        Err(Refused::Oneself) => (wrong, t.review_oneself()),
        Err(Refused::NoReason) => (wrong, t.reason_needed()),
        Err(Refused::NoTarget) => (wrong, t.review_no_target()),
        Err(Refused::WrongNumber) => (wrong, t.bulk_number_differs()),
        Err(Refused::Changed(items)) => {
            let notice = Notice::warn(t.review_changed());
            let told = items.iter().map(|item| format!("{} – {}", named(t, item), word_of(t, item)));
            let notice = Notice { lines: notice.lines.into_iter().chain(told).collect(), ..notice };
            return page(app, by, id, fields, (StatusCode::CONFLICT, Some(notice))).await;
        }
        Err(_) => (StatusCode::CONFLICT, t.review_gone()),
    };
    page(app, by, id, fields, (status, Some(Notice::warn(words)))).await
}

fn parse(id: &str) -> Result<ReviewId, Failure> {
    id.parse().map_err(|_| Failure::NotFound)
}

fn address(id: ReviewId) -> String {
    urls::REVIEW.replace("{id}", &id.to_string())
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: ReviewId,
    fields: &Fields,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    let (t, now) = (by.visitor.lang, app.now());
    let only = ONLY.into_iter().find(|only| *only == fields.text("only"));
    let after = Place {
        address: fields.text("after").to_owned(),
        kind: fields.text("kind").to_owned(),
        reference: fields.text("ref").to_owned(),
    };
    let view = reviews::look(app, &by.administrator, id, (only, &after)).await?.ok_or(Failure::NotFound)?;
    let frame = super::frame(app, by).await?;
    let here = address(id);
    let (badge, stage) = stage(t, &view.review, now);
    let (total, waiting) = (count(view.sum(|one| one.number)), count(view.sum(|one| one.waiting)));
    let spoken = total.saturating_sub(waiting);
    let number = |number: i64| (number > 0).then(|| t.number(count(number)));
    // Never out of an address: a link would put words into an administrator's mouth.
    let sent = if status == StatusCode::OK { Sent::default() } else { Sent::of(fields, status) };
    let page = ReviewPage {
        t,
        page: super::at(frame, t, &here),
        notice,
        half: t.review_half(&t.half_year(&view.review.half)),
        badge,
        stage,
        spoken: t.review_spoken(&t.number(spoken), &t.number(total)),
        percent: spoken * 100 / total.max(1),
        agencies: view.progress.iter().map(|(agency, one)| agency_line(t, agency.as_ref(), one)).collect(),
        chips: chips(t, &here, only),
        items: lines(t, &view, by.administrator.account_id(), &sent),
        next: view.next.as_ref().map(|place| next(&here, only, place)),
        may_decide: view.may_decide,
        targets: targets(app, view.may_decide, &sent.to).await?,
        rest: number(view.rest).filter(|_| view.may_decide),
        unapplied: number(view.sum(|one| one.unapplied)).filter(|_| view.may_apply),
        carried: carried(t, &view, fields.text("note") == ORDERED),
        may_close: view.may_apply && view.review.closed.is_none(),
        evidence: evidence(by, id),
        here,
        place: place(only, after),
        sent,
    };
    html_with(status, &page)
}

fn evidence(by: &AsAdministrator, id: ReviewId) -> Option<String> {
    let may = by.administrator.may(Right::Export);
    may.then(|| urls::REVIEW_EVIDENCE.replace("{id}", &id.to_string()))
}

fn place(only: Option<&str>, after: Place) -> Vec<(&'static str, String)> {
    let only = only.unwrap_or_default().to_owned();
    let all = [("only", only), ("after", after.address), ("kind", after.kind), ("ref", after.reference)];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// How far what was withdrawn is carried out; the page comes anew for whoever has just confirmed it.
fn carried(t: Lang, view: &View, has_just_ordered: bool) -> Carried {
    let number = |part: fn(&Progress) -> i64| t.number(count(view.sum(part)));
    let under_way = view.sum(|one| one.under_way);
    let came = view.sum(|one| one.done + one.gone + one.refused);
    let left = |item: &Item| {
        let why = item.obstacle.map_or("", |obstacle| t.review_obstacle(obstacle));
        format!("{} – {why}", named(t, item))
    };
    Carried {
        under_way: (under_way > 0).then(|| t.review_under_way(&t.number(count(under_way)))),
        comes_anew: has_just_ordered && under_way > 0,
        came: (came > 0).then(|| {
            t.review_applied(&number(|one| one.done), &number(|one| one.gone), &number(|one| one.refused))
        }),
        left: view.left.iter().map(left).collect(),
    }
}

/// The agencies to which something can be passed on.
async fn targets(app: &App, may_decide: bool, chosen: &str) -> Result<Vec<(String, String, bool)>, Failure> {
    if !may_decide {
        return Ok(Vec::new());
    }
    let all = accounts::agencies(app).await?.into_iter();
    let target = |agency: crate::domain::agency::Agency| {
        let id = agency.id.to_string();
        let is_chosen = id == chosen;
        (id, agency.name, is_chosen)
    };
    Ok(all.map(target).collect())
}

fn agency_line(t: Lang, agency: Option<&crate::domain::agency::Agency>, one: &Progress) -> AgencyLine {
    let number = |number: i64| t.number(count(number));
    AgencyLine {
        name: agency.map_or_else(|| t.review_of_city().to_owned(), |agency| agency.name.clone()),
        number: number(one.number),
        waiting: number(one.waiting),
        withdrawn: number(one.withdrawn),
        transferred: number(one.transferred),
    }
}

fn chips(t: Lang, here: &str, chosen: Option<&str>) -> Vec<(String, &'static str, bool)> {
    let words = [t.review_waiting(), t.review_keep(), t.review_withdrawn(), t.review_transferred()];
    let chip =
        |(only, word): (&str, &'static str)| (format!("{here}?only={only}"), word, chosen == Some(only));
    let all = (here.to_owned(), t.review_all(), chosen.is_none());
    std::iter::once(all).chain(ONLY.into_iter().zip(words).map(chip)).collect()
}

fn next(here: &str, only: Option<&str>, place: &Place) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(only) = only {
        query.append_pair("only", only);
    }
    query.append_pair("after", &place.address).append_pair("kind", &place.kind);
    format!("{here}?{}", query.append_pair("ref", &place.reference).finish())
}
