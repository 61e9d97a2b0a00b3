//! The table of which directory has the word on what: shown, tried, changed, set back.

use super::foreseen::{ForeseenView, refused};
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::sync::{Attribute, Authority, Order};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::sync::authority::{self, AuthorityVersion};
use crate::services::sync::preview::RulingRefused;
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// How many versions the page shows.
const VERSIONS: i64 = 50;

/// An order to choose.
struct Choice {
    code: &'static str,
    word: &'static str,
    chosen: bool,
}

/// An attribute with its orders.
struct Row {
    code: &'static str,
    word: &'static str,
    choices: Vec<Choice>,
}

/// A change in words.
struct VersionLine {
    version: i64,
    when: String,
    by: String,
    why: String,
    changes: Vec<String>,
    /// The table before it, to set it back.
    before: String,
}

#[derive(Template)]
#[template(path = "admin/authority.html")]
struct AuthorityPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    may_change: bool,
    rows: Vec<Row>,
    versions: Vec<VersionLine>,
}

#[derive(Template)]
#[template(path = "admin/authority_preview.html")]
struct PreviewPage {
    t: Lang,
    page: Frame,
    from: i64,
    table: String,
    changes: Vec<String>,
    foreseen: ForeseenView,
    reason: String,
    reason_error: Option<&'static str>,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let changed = query.text("note") == "changed";
    let notice = changed.then(|| Notice::ok(by.visitor.lang.authority_changed()));
    page(&app, &by, StatusCode::OK, notice).await
}

/// Shows what another table would do, and asks for the reason.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    preview_page(&app, &by, &fields, StatusCode::OK, None).await
}

/// Makes the change.
pub(in crate::web) async fn change(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let Some(table) = wished(&fields) else { return conflict(&app, &by).await };
    let from = fields.text("from").parse().unwrap_or(-1);
    match authority::change(&app, &by.administrator, from, table, fields.text("reason")).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?note=changed", urls::AUTHORITY)).into_response()),
        Err(RulingRefused::NoReason) => {
            let error = Some(t.reason_needed());
            preview_page(&app, &by, &fields, StatusCode::UNPROCESSABLE_ENTITY, error).await
        }
        Err(other) => {
            let (status, words) = refused(t, other)?;
            page(&app, &by, status, Some(Notice::warn(words))).await
        }
    }
}

async fn conflict(app: &App, by: &AsAdministrator) -> Result<Response, Failure> {
    let notice = Some(Notice::warn(by.visitor.lang.ruling_conflict()));
    page(app, by, StatusCode::UNPROCESSABLE_ENTITY, notice).await
}

/// The table that a form asks for: an order for each attribute, or a whole table that was in force.
fn wished(fields: &Fields) -> Option<Authority> {
    if let Some(table) = fields.get("table") {
        return Authority::read(table);
    }
    Attribute::ALL.iter().try_fold(Authority::default(), |table, attribute| {
        table.with(*attribute, Order::from_code(fields.text(attribute.code()))?)
    })
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (_, table) = authority::present(app).await?;
    let versions = authority::history(app, VERSIONS + 1).await?;
    let frame = super::frame(app, by).await?;
    let row = |attribute: &Attribute| {
        let choice = |order: &Order| Choice {
            code: order.code(),
            word: t.order(*order),
            chosen: table.of(*attribute) == *order,
        };
        Row {
            code: attribute.code(),
            word: t.attribute(*attribute),
            choices: attribute.orders().iter().map(choice).collect(),
        }
    };
    let page = AuthorityPage {
        t,
        page: super::at(frame, t, urls::AUTHORITY),
        notice,
        may_change: by.administrator.may(Right::DecideDirectories),
        rows: Attribute::ALL.iter().map(row).collect(),
        versions: version_lines(t, &versions),
    };
    html_with(status, &page)
}

/// The versions, each with what it changed of the one before it.
fn version_lines(t: Lang, versions: &[AuthorityVersion]) -> Vec<VersionLine> {
    let shown = usize::try_from(VERSIONS).unwrap_or(usize::MAX);
    let line = |(at, version): (usize, &AuthorityVersion)| {
        let before = versions.get(at + 1).map(|before| before.table).unwrap_or_default();
        VersionLine {
            version: version.version,
            when: t.moment(version.changed_at.local()),
            by: version.changed_by.clone(),
            why: version.why.clone(),
            changes: differences(t, before, version.table),
            before: before.to_string(),
        }
    };
    versions.iter().enumerate().take(shown).map(line).collect()
}

/// What differs between two tables, in words.
fn differences(t: Lang, before: Authority, after: Authority) -> Vec<String> {
    let differ = Attribute::ALL.iter().filter(|attribute| before.of(**attribute) != after.of(**attribute));
    let line = |attribute: &Attribute| {
        let (was, is) = (t.order(before.of(*attribute)), t.order(after.of(*attribute)));
        format!("{}: {was} → {is}", t.attribute(*attribute))
    };
    differ.map(line).collect()
}

async fn preview_page(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    status: StatusCode,
    reason_error: Option<&'static str>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let Some(table) = wished(fields) else { return conflict(app, by).await };
    let (from, present) = authority::present(app).await?;
    if table == present {
        return page(app, by, StatusCode::OK, Some(Notice::info(t.ruling_nothing()))).await;
    }
    let foreseen = match authority::effect(app, &by.administrator, table).await {
        Ok(foreseen) => foreseen,
        Err(other) => {
            let (status, words) = refused(t, other)?;
            return page(app, by, status, Some(Notice::warn(words))).await;
        }
    };
    let frame = super::frame(app, by).await?;
    let page = PreviewPage {
        t,
        page: super::at(frame, t, urls::AUTHORITY),
        from,
        table: table.to_string(),
        changes: differences(t, present, table),
        foreseen: ForeseenView::new(t, &foreseen),
        reason: fields.text("reason").to_owned(),
        reason_error,
    };
    html_with(status, &page)
}
