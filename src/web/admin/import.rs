//! Agencies, posts and roles entered as a table: looked at first, then all of it or nothing.

use crate::app::App;
use crate::domain::import::{Effect, LARGEST, Table};
use crate::http::{AsAdministrator, Failure, Form, Frame, recent};
use crate::i18n::Lang;
use crate::services::import::{self, ImportRefused, Preview};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// Lines that the page shows; the wrong ones come first.
const SHOWN: usize = 200;

/// A table to choose.
struct Choice {
    address: String,
    word: &'static str,
    chosen: bool,
}

/// A line as it is looked at.
struct LineView {
    number: u64,
    says: String,
    does: String,
    badge: &'static str,
}

/// What a look has found.
struct Look {
    counts: String,
    lines: Vec<LineView>,
    more: Option<String>,
    /// What stands for it, and the word of the button, where it can be entered.
    enter: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "admin/import.html")]
struct ImportPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    choices: Vec<Choice>,
    table: &'static str,
    needed: String,
    further: String,
    hint: &'static str,
    text: &'a str,
    look: Option<Look>,
    largest: usize,
}

/// Shows the form.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let table = Table::from_code(query.text("table")).unwrap_or(Table::Agencies);
    // So that nobody pastes a long table and is then led away to prove themselves.
    recent::require(&app, &by.current, &address(table))?;
    let t = by.visitor.lang;
    let done = query.get("done").and_then(|number| number.parse::<u64>().ok());
    let notice = done.map(|number| Notice::ok(t.import_done(&t.number(number))));
    page(&app, &by, (table, ""), (StatusCode::OK, notice), None).await
}

/// Looks at a table.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let table = Table::from_code(fields.text("table")).ok_or(Failure::NotFound)?;
    let text = fields.text("text");
    match import::preview(&app, &by.administrator, table, text).await {
        Ok(seen) => page(&app, &by, (table, text), (StatusCode::OK, None), Some(&seen)).await,
        Err(refused) => refuse(&app, &by, (table, text), refused).await,
    }
}

/// Enters it.
pub(in crate::web) async fn enter(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let table = Table::from_code(fields.text("table")).ok_or(Failure::NotFound)?;
    let proof = recent::require(&app, &by.current, &address(table))?;
    let (text, mark) = (fields.text("text"), fields.text("mark"));
    match import::enter(&app, &by.administrator, (table, text), mark, &proof).await {
        Ok(number) => Ok(Redirect::to(&format!("{}&done={number}", address(table))).into_response()),
        Err(refused) => refuse(&app, &by, (table, text), refused).await,
    }
}

fn address(table: Table) -> String {
    format!("{}?table={}", urls::IMPORT, table.code())
}

async fn refuse(
    app: &App,
    by: &AsAdministrator,
    given: (Table, &str),
    refused: ImportRefused,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    match refused {
        ImportRefused::Forbidden(forbidden) => Err(forbidden.into()),
        ImportRefused::Internal(internal) => Err(internal.into()),
        ImportRefused::Table(fault) => {
            let notice = Some(Notice::danger(t.import_fault(&fault)));
            page(app, by, given, (StatusCode::UNPROCESSABLE_ENTITY, notice), None).await
        }
        ImportRefused::Lines(seen) => {
            page(app, by, given, (StatusCode::UNPROCESSABLE_ENTITY, None), Some(&seen)).await
        }
        ImportRefused::Changed(seen) => {
            let notice = Some(Notice::warn(t.import_changed()));
            page(app, by, given, (StatusCode::CONFLICT, notice), Some(&seen)).await
        }
    }
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    (table, text): (Table, &str),
    (status, notice): (StatusCode, Option<Notice>),
    seen: Option<&Preview>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let choice = |of: Table| Choice { address: address(of), word: t.import_of(of), chosen: of == table };
    let (needed, further) = table.columns();
    let page = ImportPage {
        t,
        page: super::at(super::frame(app, by).await?, t, urls::IMPORT),
        notice,
        choices: Table::ALL.iter().copied().map(choice).collect(),
        table: table.code(),
        needed: t.import_columns_needed(&t.import_columns(needed)),
        further: t.import_columns_further(&t.import_columns(further)),
        hint: t.import_hint(table),
        text,
        look: seen.map(|seen| look(t, seen)),
        largest: LARGEST,
    };
    html_with(status, &page)
}

fn look(t: Lang, seen: &Preview) -> Look {
    let number = |many: usize| t.number(u64::try_from(many).unwrap_or_default());
    let (wrong, does) = (seen.wrong(), seen.does());
    let mut lines: Vec<_> = seen.lines.iter().collect();
    lines.sort_by_key(|line| (!matches!(line.effect, Effect::Wrong(_)), line.number));
    let view = |line: &&import::Seen| LineView {
        number: line.number,
        says: line.cells.iter().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join(" · "),
        does: t.import_does(&line.effect),
        badge: match line.effect {
            Effect::Wrong(_) => "is-danger",
            Effect::Same => "is-off",
            Effect::New | Effect::Changes(_) | Effect::Ends => "is-info",
        },
    };
    Look {
        counts: t.import_counts(&number(does), &number(seen.lines.len() - does - wrong), &number(wrong)),
        lines: lines.iter().take(SHOWN).map(view).collect(),
        more: (lines.len() > SHOWN).then(|| t.bulk_first(&number(SHOWN))),
        enter: (wrong == 0 && does > 0).then(|| (seen.mark.clone(), t.import_enter(&number(does)))),
    }
}
