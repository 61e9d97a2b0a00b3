//! The list of accounts as a file: the columns that the compliance table asks for (TCVN 14423:2026, central management of
//! accounts), as CSV that is sent row by row and as a workbook.

use super::accounts::{last_date, managers, state_since};
use super::narrowing::Narrowing;
use crate::app::App;
use crate::domain::account::State as AccountState;
use crate::domain::timestamp::Timestamp;
use crate::http::{AsAdministrator, Failure};
use crate::i18n::Lang;
use crate::services::account_list::{self, Edge, ListRow};
use crate::web::query_of;
use crate::web::sheet::{Cell, MARK, Sheet, WORKBOOK, csv_row};
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::mem;

/// Sends it as CSV.
pub(in crate::web) async fn csv(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let walk = begin(app, by, query, "csv").await?;
    let body = Body::from_stream(stream::try_unfold(walk, Walk::next_piece));
    Ok((headers("text/csv; charset=utf-8", "csv"), body).into_response())
}

/// Sends it as a workbook.
pub(in crate::web) async fn xlsx(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let wrong = |error| Failure::Internal(format!("writing a workbook: {error}"));
    let mut walk = begin(app, by, query, "xlsx").await?;
    let t = walk.t;
    let mut sheet = Sheet::new(t.accounts_title(), &columns(t)).map_err(wrong)?;
    while let Some(rows) = walk.next_rows().await? {
        for row in &rows {
            sheet.add(&cells(t, row)).map_err(wrong)?;
        }
    }
    let bytes = tokio::task::spawn_blocking(move || sheet.finish()).await;
    let bytes = bytes.map_err(|error| Failure::Internal(format!("writing a workbook: {error}")))?;
    Ok((headers(WORKBOOK, "xlsx"), bytes.map_err(wrong)?).into_response())
}

fn headers(kind: &'static str, ending: &str) -> [(axum::http::HeaderName, String); 2] {
    [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"tai-khoan.{ending}\"")),
    ]
}

/// A walk through the whole list.
struct Walk {
    app: App,
    by: AsAdministrator,
    t: Lang,
    narrowing: Narrowing,
    after: Option<Edge>,
    is_over: bool,
    /// What stands before the first row.
    head: String,
}

async fn begin(app: App, by: AsAdministrator, query: Option<String>, format: &str) -> Result<Walk, Failure> {
    let (narrowing, t) = (Narrowing::read(&query_of(query)?), by.visitor.lang);
    let described = narrowing.described();
    account_list::begin_export(&app, &by.administrator, &narrowing.narrowed(), (format, &described)).await?;
    let mut head = MARK.to_owned();
    csv_row(&mut head, t, &columns(t).map(|(word, _)| Cell::from(word)));
    Ok(Walk { app, by, t, narrowing, after: None, is_over: false, head })
}

impl Walk {
    /// The next rows; none at the end.
    async fn next_rows(&mut self) -> Result<Option<Vec<ListRow>>, Failure> {
        if self.is_over {
            return Ok(None);
        }
        // Whoever reads slowly loses the role no later than others.
        self.by.read_again(&self.app).await?;
        let (narrowed, order) = (self.narrowing.narrowed(), self.narrowing.order);
        let by = &self.by.administrator;
        let rows = account_list::export_rows(&self.app, by, &narrowed, order, self.after.as_ref()).await?;
        self.after = rows.last().map(|row| row.edge.clone());
        self.is_over = self.after.is_none();
        Ok((!self.is_over).then_some(rows))
    }

    /// The next piece of the text.
    async fn next_piece(mut self) -> Result<Option<(String, Self)>, std::io::Error> {
        let wrong = |failure: Failure| broken_off("accounts", &failure);
        let mut text = mem::take(&mut self.head);
        let Some(rows) = self.next_rows().await.map_err(wrong)? else {
            return Ok((!text.is_empty()).then_some((text, self)));
        };
        for row in &rows {
            csv_row(&mut text, self.t, &cells(self.t, row));
        }
        Ok(Some((text, self)))
    }
}

/// What ends a file in the middle, so that whoever receives it sees that it is not whole.
pub(super) fn broken_off(what: &str, why: &Failure) -> std::io::Error {
    tracing::warn!("a file of {what} broke off: {why:?}");
    std::io::Error::other(format!("exporting {what}: {why:?}"))
}

/// The columns with their widths in a workbook.
fn columns(t: Lang) -> [(&'static str, f64); 17] {
    [
        (t.account_kind(), 16.0),
        (t.full_name(), 30.0),
        (t.field_address(), 32.0),
        (t.staff_number(), 14.0),
        (t.job_title(), 24.0),
        (t.agency(), 36.0),
        (t.agency_code(), 14.0),
        (t.manager(), 30.0),
        (t.systems(), 16.0),
        (t.state(), 20.0),
        (t.reason_label(), 30.0),
        (t.state_since_label(), 14.0),
        (t.activated_on(), 14.0),
        (t.deactivated_on(), 14.0),
        (t.deadline(), 18.0),
        (t.last_used_on(), 18.0),
        (t.account_number(), 38.0),
    ]
}

fn cells(t: Lang, row: &ListRow) -> [Cell; 17] {
    let (account, profile) = (&row.account, row.account.profile());
    let text = |value: &Option<String>| Cell::from(value.as_deref().unwrap_or_default());
    let day = |at: Option<Timestamp>| Cell::Day(at.map(Timestamp::local_date));
    let (reason, since) = state_since(t, account.state());
    let systems: Vec<_> = row.systems.each().iter().map(|system| system.product()).collect();
    let ended = match *account.state() {
        AccountState::Locked { at, .. } | AccountState::Retired { at } => Some(at),
        AccountState::Active { .. } | AccountState::MustChangePassword { .. } => None,
    };
    [
        t.kind_of(profile.kind).into(),
        profile.display_name.as_str().into(),
        profile.address.as_str().into(),
        text(&profile.staff_number),
        text(&profile.title),
        row.agency.as_ref().map_or(t.no_agency(), |agency| &agency.name).into(),
        row.agency.as_ref().map_or("", |agency| &agency.code).into(),
        managers(t, row).into(),
        systems.join(", ").into(),
        t.state_of(account.state().name()).into(),
        reason.unwrap_or_default().into(),
        day(Some(since)),
        day(Some(row.created_at)),
        day(ended),
        Cell::Day(row.ends_at.map(last_date)),
        day(account.traces().last_used_at),
        account.id().to_string().into(),
    ]
}
