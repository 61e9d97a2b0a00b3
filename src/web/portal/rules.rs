//! The mail rules in short, and their acknowledgement.

use super::Settled;
use crate::app::App;
use crate::http::{Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::rules;
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "portal/rules.html")]
struct RulesPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    version: &'a str,
    lines: &'a [String],
    is_due: bool,
    until: Option<String>,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = signed.visitor.lang;
    let standing = rules::standing(&app, &signed.current).await?;
    let in_force = &app.config.mail_rules;
    let done = standing.last.as_ref().map(|last| t.rules_done(&t.moment(last.at.local()), &last.version));
    html(&RulesPage {
        t,
        page: signed.frame(&app).await?,
        notice: match query.text("note") {
            "changed" => Some(Notice::warn(t.rules_changed())),
            _ => done.filter(|_| !standing.is_due).map(Notice::ok),
        },
        version: &in_force.version,
        lines: match t {
            Lang::Vi => &in_force.vi,
            Lang::En => &in_force.en,
        },
        is_due: standing.is_due,
        until: standing.until.map(|until| t.rules_until(&t.date(until.local_date()))),
    })
}

/// Takes the acknowledgement.
pub(in crate::web) async fn acknowledge(
    State(app): State<App>,
    Settled(signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let taken = rules::acknowledge(&app, &signed.current, fields.text("version")).await?;
    let note = if taken { "" } else { "?note=changed" };
    Ok(Redirect::to(&format!("{}{note}", urls::RULES)).into_response())
}
