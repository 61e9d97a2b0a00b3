//! Many sessions ended at once: the list as it is narrowed, a typed number and a reason, what came of it.

use super::Refused;
use super::sessions::{Narrowing, Row, row};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::id::SessionId;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame, recent};
use crate::i18n::Lang;
use crate::services::session_desk::{self, EndRefused, MOST, Outcome, Report};
use crate::services::{chain, logout_notices};
use crate::urls;
use crate::web::parts::{Notice, count, number_of};
use crate::web::{html, html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

/// How many sessions are listed.
const LISTED: usize = 50;

#[derive(Template)]
#[template(path = "admin/sessions_end.html")]
struct EndPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    back: String,
    kept: Vec<(&'static str, String)>,
    number: String,
    counted: String,
    more: Option<String>,
    first: Option<String>,
    needs_second: bool,
    rows: Vec<Row>,
    /// One after the other.
    sessions: String,
    number_error: Option<&'static str>,
    reason_error: Option<&'static str>,
    reason: String,
}

#[derive(Template)]
#[template(path = "admin/sessions_ended.html")]
struct EndedPage {
    t: Lang,
    page: Frame,
    back: String,
    done: String,
    left: Option<String>,
    lines: Vec<(String, &'static str)>,
}

/// Shows what would be ended.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    page(&app, &by, &Narrowing::read(&query_of(query)?), Refused::default()).await
}

/// Ends the sessions that were looked at.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (t, narrowing) = (by.visitor.lang, Narrowing::read(&fields));
    let here = narrowing.address_at(urls::SESSIONS_END_ALL, None);
    let proof = recent::require(&app, &by.current, &here)?;
    let (seen, typed) = (read_seen(&fields)?, (fields.text("number"), fields.text("reason")));
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let refused = match session_desk::end_all(&app, &by.administrator, &seen, typed, &proof).await {
        Ok(report) => return ended(&app, &by, &narrowing, &report).await,
        Err(EndRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(EndRefused::Internal(internal)) => return Err(internal.into()),
        Err(EndRefused::Stopped(stopped)) => {
            return super::approvals::put(&app, &by, stopped, (urls::SESSIONS_END_ALL, &fields)).await;
        }
        Err(EndRefused::NoReason) => {
            Refused { status, reason_error: Some(t.reason_needed()), ..Refused::default() }
        }
        Err(EndRefused::WrongNumber) => {
            Refused { status, number_error: Some(t.sessions_wrong_number()), ..Refused::default() }
        }
        Err(EndRefused::WrongAmount) => {
            let words = t.sessions_wrong_amount(&t.number(number_of(MOST)));
            Refused { status, notice: Some(Notice::warn(words)), ..Refused::default() }
        }
    };
    page(&app, &by, &narrowing, Refused { reason: typed.1.to_owned(), ..refused }).await
}

fn read_seen(fields: &Fields) -> Result<Vec<SessionId>, Failure> {
    let ids: Result<Vec<_>, _> = fields.text("sessions").split_ascii_whitespace().map(str::parse).collect();
    ids.map_err(|_| Failure::BadForm("the list of sessions cannot be read".to_owned()))
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    narrowing: &Narrowing,
    refused: Refused,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let preview = session_desk::preview(app, &by.administrator, &narrowing.narrowed(by)).await?;
    let preview = preview.ok_or(Failure::NotFound)?;
    let (many, total, most) = (number_of(preview.rows.len()), count(preview.total), number_of(MOST));
    let ids = preview.rows.iter().map(|(one, _)| one.session.id.to_string());
    let frame = super::frame(app, by).await?;
    let page = EndPage {
        t,
        page: super::at(frame, t, &narrowing.address_at(urls::SESSIONS_END_ALL, None)),
        notice: refused.notice,
        back: narrowing.address_at(urls::SESSIONS, None),
        kept: narrowing.fields(),
        number: t.number(many),
        counted: t.sessions_counted(many),
        more: (total > most).then(|| t.sessions_end_more(&t.number(total), &t.number(most))),
        first: (many > number_of(LISTED)).then(|| t.sessions_end_first(&t.number(number_of(LISTED)))),
        needs_second: preview.needs_second,
        sessions: ids.collect::<Vec<_>>().join(" "),
        rows: preview.rows.iter().take(LISTED).map(|listed| row(app, by, narrowing, listed)).collect(),
        number_error: refused.number_error,
        reason_error: refused.reason_error,
        reason: refused.reason,
    };
    html_with(refused.status, &page)
}

/// What came of it. The applications are told meanwhile; the job of the house goes on with what is left.
async fn ended(
    app: &App,
    by: &AsAdministrator,
    narrowing: &Narrowing,
    report: &Report,
) -> Result<Response, Failure> {
    if report.ended > 0 {
        let app = app.clone();
        tokio::spawn(async move { tell(&app).await });
    }
    let t = by.visitor.lang;
    let name = |account: &Option<Account>| match account {
        Some(account) => format!("{} ({})", account.profile().display_name, account.profile().address),
        None => t.sessions_unnamed().to_owned(),
    };
    let why = |outcome| match outcome {
        Outcome::OverAlready => t.sessions_over_already(),
        Outcome::OutOfReach => t.sessions_out_of_reach(),
        Outcome::Failed => t.sessions_failed(),
    };
    let number = |number: usize| t.number(number_of(number));
    let back = narrowing.address_at(urls::SESSIONS, None);
    let frame = super::frame(app, by).await?;
    html(&EndedPage {
        t,
        // The page answers a form: in the other language there is nothing to show again.
        page: super::at(frame, t, &back).once(),
        done: t.sessions_done(&number(report.ended)),
        left: (!report.left.is_empty()).then(|| t.sessions_left(&number(report.left.len()))),
        lines: report.left.iter().map(|(account, outcome)| (name(account), why(*outcome))).collect(),
        back,
    })
}

/// Nobody waits for it, so its failure goes to the log.
async fn tell(app: &App) {
    if let Err(internal) = logout_notices::send_due(app).await {
        tracing::error!("telling applications of ended sessions: {}", chain(&internal));
    }
}
