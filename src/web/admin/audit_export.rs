//! Lines of the audit as a file: a table for people, lines of JSON for machines; sent as they are read.

use super::accounts_export::broken_off;
use super::audit::Asked;
use crate::app::App;
use crate::http::{AsAdministrator, Failure};
use crate::i18n::Lang;
use crate::services::audit_search::{self, Found, Walk};
use crate::web::query_of;
use crate::web::sheet::{Cell, MARK, csv_row};
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::mem;

/// Sends them as CSV.
pub(in crate::web) async fn csv(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let mut head = MARK.to_owned();
    csv_row(&mut head, t, &columns(t).map(Cell::from));
    send(app, by, query, head, Form { kind: "text/csv; charset=utf-8", ending: "csv", write: as_row }).await
}

/// Sends them as lines of JSON.
pub(in crate::web) async fn jsonl(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let form = Form { kind: "application/jsonl; charset=utf-8", ending: "jsonl", write: as_json };
    send(app, by, query, String::new(), form).await
}

/// A form of the file.
struct Form {
    kind: &'static str,
    ending: &'static str,
    write: fn(Lang, &mut String, &Found),
}

struct Piece {
    app: App,
    by: AsAdministrator,
    walk: Walk,
    t: Lang,
    head: String,
    write: fn(Lang, &mut String, &Found),
}

async fn send(
    app: App,
    by: AsAdministrator,
    query: Option<String>,
    head: String,
    form: Form,
) -> Result<Response, Failure> {
    let asked = Asked::read(&query_of(query)?);
    let described = format!("{} {}", form.ending, asked.described());
    let walk =
        audit_search::begin_export(&app, &by.administrator, &asked.question(), described.trim_end()).await?;
    let piece = Piece { app, walk, t: by.visitor.lang, by, head, write: form.write };
    let name = format!("attachment; filename=\"nhat-ky.{}\"", form.ending);
    let headers = [(CONTENT_TYPE, form.kind.to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(stream::try_unfold(piece, next))).into_response())
}

async fn next(mut piece: Piece) -> Result<Option<(String, Piece)>, std::io::Error> {
    let found = further(&mut piece).await.map_err(|failure| broken_off("the audit", &failure))?;
    let mut text = mem::take(&mut piece.head);
    for line in &found {
        (piece.write)(piece.t, &mut text, line);
    }
    Ok((!text.is_empty()).then_some((text, piece)))
}

/// The next lines, if whoever asked may read them yet: a file of millions of lines takes its time.
async fn further(piece: &mut Piece) -> Result<Vec<Found>, Failure> {
    piece.by.read_again(&piece.app).await?;
    Ok(audit_search::next(&piece.app, &mut piece.walk).await?)
}

fn as_json(_t: Lang, text: &mut String, found: &Found) {
    text.push_str(&found.record.json());
    text.push('\n');
}

fn columns(t: Lang) -> [&'static str; 11] {
    [
        t.audit_col_number(),
        t.audit_col_time(),
        t.audit_col_says(),
        t.audit_col_actor(),
        t.audit_col_act(),
        t.audit_concerns(),
        t.audit_col_before(),
        t.audit_col_after(),
        t.audit_col_why(),
        t.audit_source(),
        t.audit_col_hash(),
    ]
}

fn as_row(t: Lang, text: &mut String, found: &Found) {
    let (line, record) = (&found.line, &found.record);
    let or_empty = |value: &Option<String>| value.clone().unwrap_or_default();
    let who = t.actor(&line.actor_kind, &line.actor);
    let says = t.act(line.act, &who, line.after.as_deref().unwrap_or_default());
    let cells = [
        record.seq.to_string(),
        t.moment(record.at().local()),
        says,
        who,
        record.act.clone(),
        record.subject.clone(),
        or_empty(&record.before),
        or_empty(&record.after),
        or_empty(&record.why),
        or_empty(&record.source),
        record.hash.clone(),
    ];
    csv_row(text, t, &cells.map(Cell::from));
}
