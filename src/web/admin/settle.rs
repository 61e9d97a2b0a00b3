//! Settling what was found when the directories were compared, and taking a decision back: seen first, then done.

use super::approvals;
use super::foreseen::{ForeseenView, refused};
use super::reconcile;
use crate::app::App;
use crate::domain::sync::{Decision, Verdict};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::settle::{self as use_cases, SettleRefused, Wish};
use crate::services::sync::preview::{Foreseen, RulingRefused};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html, html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// The beginning of the name of a field that chooses a finding.
const PICK: &str = "pick-";

#[derive(Template)]
#[template(path = "admin/settle.html")]
struct SettlePage {
    t: Lang,
    page: Frame,
    title: &'static str,
    verdict: &'static str,
    subjects: Vec<String>,
    /// Whether it says whose a mailbox is.
    is_about_whom: bool,
    foreseen: ForeseenView,
    action: &'static str,
    back: &'static str,
    kept: Vec<(String, String)>,
    reason: String,
    reason_error: Option<&'static str>,
}

/// A decision in words.
struct DecisionLine {
    id: String,
    when: String,
    by: String,
    verdict: &'static str,
    subject: String,
    why: String,
    holds: bool,
    is_undo: bool,
}

#[derive(Template)]
#[template(path = "admin/decisions.html")]
struct DecisionsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    decisions: Vec<DecisionLine>,
}

/// Shows what was decided.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (query, t) = (query_of(query)?, by.visitor.lang);
    let notice = match query.text("note") {
        "settled" => Some(Notice::ok(t.settled_done())),
        "undone" => Some(Notice::ok(t.decisions_undone_note())),
        _ => None,
    };
    let all = match use_cases::decisions(&app, &by.administrator).await {
        Ok(all) => all,
        Err(SettleRefused::Ruling(RulingRefused::Internal(internal))) => return Err(internal.into()),
        // Whose mailbox is whose concerns several agencies.
        Err(_) => return Err(Failure::NotFound),
    };
    let line = |(one, holds): &(Decision, bool)| DecisionLine {
        id: one.id.to_string(),
        when: t.moment(one.at.local()),
        by: one.by.clone(),
        verdict: t.verdict(one.verdict),
        subject: one.subject.clone(),
        why: one.why.clone(),
        holds: *holds,
        is_undo: one.verdict == Verdict::Undo,
    };
    let page = super::frame(&app, &by).await?;
    html(&DecisionsPage { t, page, notice, decisions: all.iter().map(line).collect() })
}

/// Shows what a decision would do, and asks for the reason.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    preview_page(&app, &by, &fields, None).await
}

/// Decides.
pub(in crate::web) async fn settle(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let Some(wish) = wish(&fields) else { return answer(&app, &by, &fields, SettleRefused::None).await };
    match use_cases::settle(&app, &by.administrator, wish, fields.text("reason")).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?note=settled", urls::DECISIONS)).into_response()),
        Err(SettleRefused::Ruling(RulingRefused::NoReason)) => {
            preview_page(&app, &by, &fields, Some(t.reason_needed())).await
        }
        Err(SettleRefused::Stopped(stopped)) => {
            approvals::put(&app, &by, stopped, (urls::SETTLE, &fields)).await
        }
        Err(other) => answer(&app, &by, &fields, other).await,
    }
}

/// Shows what taking a decision back would do, and asks for the reason.
pub(in crate::web) async fn undo_preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    undo_page(&app, &by, &fields, None).await
}

/// Takes a decision back.
pub(in crate::web) async fn undo(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let id = fields.text("id").parse().map_err(|_| Failure::NotFound)?;
    match use_cases::undo(&app, &by.administrator, id, fields.text("reason")).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?note=undone", urls::DECISIONS)).into_response()),
        Err(SettleRefused::Ruling(RulingRefused::NoReason)) => {
            undo_page(&app, &by, &fields, Some(t.reason_needed())).await
        }
        Err(SettleRefused::Stopped(stopped)) => {
            approvals::put(&app, &by, stopped, (urls::DECISIONS, &fields)).await
        }
        Err(other) => answer(&app, &by, &fields, other).await,
    }
}

/// What a form asks for.
fn wish(fields: &Fields) -> Option<Wish> {
    let picked = fields.iter().filter_map(|(name, value)| name.strip_prefix(PICK).filter(|_| value == "1"));
    let findings: Vec<_> = picked.map(str::to_owned).collect();
    let verdict = Verdict::from_code(fields.text("verdict"))?;
    (!findings.is_empty()).then(|| Wish { findings, verdict, target: fields.text("target").to_owned() })
}

/// The list again, with why it could not be.
async fn answer(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    why: SettleRefused,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (status, words) = match why {
        SettleRefused::None => (StatusCode::UNPROCESSABLE_ENTITY, t.settle_none()),
        SettleRefused::NoTarget => (StatusCode::UNPROCESSABLE_ENTITY, t.settle_no_target()),
        SettleRefused::HasOne => (StatusCode::CONFLICT, t.settle_has_one()),
        SettleRefused::NotHere => (StatusCode::UNPROCESSABLE_ENTITY, t.settle_not_here()),
        SettleRefused::Stopped(stopped) => return Err(Failure::Internal(stopped.to_string())),
        SettleRefused::Ruling(ruling) => refused(t, ruling)?,
    };
    reconcile::page(app, by, fields, status, Some(Notice::warn(words))).await
}

async fn preview_page(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    reason_error: Option<&'static str>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let Some(wish) = wish(fields) else { return answer(app, by, fields, SettleRefused::None).await };
    let verdict = t.verdict(wish.verdict);
    let (subjects, foreseen) = match use_cases::effect(app, &by.administrator, wish).await {
        Ok(effect) => effect,
        Err(why) => return answer(app, by, fields, why).await,
    };
    let words = (t.settle_preview(), verdict, subjects, reason_error);
    confirm(app, by, fields, (urls::SETTLE, urls::RECONCILE), words, &foreseen).await
}

async fn undo_page(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    reason_error: Option<&'static str>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let id = fields.text("id").parse().map_err(|_| Failure::NotFound)?;
    let (undone, foreseen) = match use_cases::undo_effect(app, &by.administrator, id).await {
        Ok(effect) => effect,
        Err(why) => return answer(app, by, fields, why).await,
    };
    let words = (t.decisions_undo_preview(), t.verdict(undone.verdict), vec![undone.subject], reason_error);
    confirm(app, by, fields, (urls::DECISIONS, urls::DECISIONS), words, &foreseen).await
}

/// What is about to be decided in words: the title, the decision, whom it concerns, what is wrong with the reason.
pub(super) type Words = (&'static str, &'static str, Vec<String>, Option<&'static str>);

/// Asks for the reason, with what the decision would do.
pub(super) async fn confirm(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    (action, back): (&'static str, &'static str),
    (title, verdict, subjects, reason_error): Words,
    foreseen: &Foreseen,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let kept = fields.iter().filter(|(name, _)| !["csrf", "reason"].contains(name));
    let frame = super::frame(app, by).await?;
    let status = if reason_error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SettlePage {
        t,
        page: super::at(frame, t, back),
        title,
        verdict,
        subjects,
        is_about_whom: [t.settle_one(), t.settle_two()].contains(&verdict),
        foreseen: ForeseenView::new(t, foreseen),
        action,
        back,
        kept: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        reason: fields.text("reason").to_owned(),
        reason_error,
    };
    html_with(status, &page)
}
