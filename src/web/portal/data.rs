//! What is kept about me: a table of the kinds, and all of it as JSON.

use super::Settled;
use crate::app::App;
use crate::http::{Failure, Form, Frame, recent};
use crate::i18n::Lang;
use crate::services::own_data;
use crate::urls;
use crate::web::html;
use crate::web::parts::number_of;
use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// A kind of data.
struct Row {
    what: &'static str,
    number: String,
    why: &'static str,
    how_long: &'static str,
}

#[derive(Template)]
#[template(path = "portal/data.html")]
struct DataPage {
    t: Lang,
    page: Frame,
    rows: Vec<Row>,
}

/// Shows the table.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
) -> Result<Response, Failure> {
    let t = signed.visitor.lang;
    let all = own_data::amounts(&app, &signed.current).await?;
    let row = |what, number: usize, why, how_long| {
        let number = if number == 0 { "–".to_owned() } else { t.number(number_of(number)) };
        Row { what, number, why, how_long }
    };
    let used = all.applications + all.consents;
    html(&DataPage {
        t,
        page: signed.frame(&app).await?,
        rows: vec![
            row(t.my_data_account(), 1, t.my_data_account_why(), t.my_data_account_long()),
            row(t.my_data_sessions(), all.sessions, t.my_data_sessions_why(), t.my_data_sessions_long()),
            row(t.my_data_factors(), all.factors, t.my_data_factors_why(), t.my_data_factors_long()),
            row(t.my_data_roles(), all.roles, t.my_data_roles_why(), t.my_data_roles_long()),
            row(t.my_data_applications(), used, t.my_data_applications_why(), t.my_data_applications_long()),
            row(t.my_data_letters(), all.letters, t.my_data_letters_why(), t.my_data_letters_long()),
            row(t.my_data_incidents(), all.incidents, t.my_data_incidents_why(), t.my_data_incidents_long()),
            row(t.my_data_notes(), all.notes, t.my_data_notes_why(), t.my_data_notes_long()),
            row(t.my_data_watched(), all.watched, t.my_data_watched_why(), t.my_data_watched_long()),
            row(t.my_data_terms(), all.terms, t.my_data_terms_why(), t.my_data_terms_long()),
            row(t.my_data_decisions(), all.decisions, t.my_data_decisions_why(), t.my_data_decisions_long()),
            row(t.my_data_lines(), all.lines, t.my_data_lines_why(), t.my_data_lines_long()),
        ],
    })
}

/// Answers with all of it, to whoever has proven themselves lately: a screen that was left open, or a cookie that was
/// carried off, does not give everything away.
pub(in crate::web) async fn export(
    State(app): State<App>,
    Settled(signed): Settled,
    _form: Form,
) -> Result<Response, Failure> {
    let proof = recent::require(&app, &signed.current, urls::MY_DATA)?;
    let all = own_data::export(&app, &signed.current, &proof).await?;
    let text = serde_json::to_string_pretty(&all)
        .map_err(|error| Failure::Internal(format!("writing the own data: {error}")))?;
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"danang-sso-my-data.json\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}
