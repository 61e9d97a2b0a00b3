//! The month of an agency as a workbook: what happened in it, and its figures and its place as they were kept at its end.

use super::agency::{acts, as_of, asked_month, id_of, month_of, period, place_of};
use crate::app::App;
use crate::domain::compliance::Figures;
use crate::http::{AsAdministrator, Failure};
use crate::i18n::Lang;
use crate::services::compliance::{self, Kept, Page};
use crate::web::query_of;
use crate::web::sheet::{Cell, Sheet, WORKBOOK};
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use time::Date;

/// Sends it.
pub(in crate::web) async fn xlsx(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let wrong = |error| Failure::Internal(format!("writing a workbook: {error}"));
    let (t, query, today) = (by.visitor.lang, query_of(query)?, app.now().local_date());
    let month = asked_month(&query, today);
    let found = compliance::page(&app, &by.administrator, id_of(&id)?, month).await?;
    let Some(found) = found else { return Err(Failure::NotFound) };
    let first = found.month.first;
    let name = format!("{:04}-{:02}", first.year(), u8::from(first.month()));
    let columns = [(t.agency_month_what(), 44.0), (t.agency_alone(), 24.0), (t.agency_with_below(), 24.0)];
    let mut sheet = Sheet::new(&name, &columns).map_err(wrong)?;
    for row in rows(t, &found, today) {
        sheet.add(&row).map_err(wrong)?;
    }
    let bytes = sheet.finish().map_err(wrong)?;
    let file = format!("attachment; filename=\"bao-cao-{name}.xlsx\"");
    Ok(([(CONTENT_TYPE, WORKBOOK.to_owned()), (CONTENT_DISPOSITION, file)], bytes).into_response())
}

/// The agency, its month with everything below it, and its figures.
fn rows(t: Lang, found: &Page, today: Date) -> Vec<Vec<Cell>> {
    let agency = &found.line.agency;
    let first = found.month.first;
    let mut rows = vec![
        vec![Cell::from(agency.name.as_str()), Cell::from(agency.code.as_str())],
        vec![Cell::from(month_of(t, first))],
        vec![Cell::from(period(t, first, today))],
    ];
    let acts = acts(t, &found.month);
    if acts.is_empty() {
        rows.push(vec![Cell::from(t.agency_month_empty())]);
    }
    rows.extend(
        acts.into_iter().map(|(act, number)| vec![Cell::from(act), Cell::from(""), Cell::Number(number)]),
    );
    rows.push(vec![Cell::from(as_of(t, found))]);
    rows.extend(found.figures.iter().flat_map(|kept| figures(t, kept)));
    rows
}

fn figures(t: Lang, kept: &Kept) -> Vec<Vec<Cell>> {
    let both =
        |word: &str, of: &dyn Fn(&Figures) -> Cell| vec![Cell::from(word), of(&kept.own), of(&kept.branch)];
    let number = |word: &str, part: fn(&Figures) -> i64| both(word, &|f| Cell::Number(part(f)));
    vec![
        number(t.agency_accounts(), |f| f.accounts),
        number(t.agency_own_password(), Figures::own_password),
        number(t.agency_fresh(), |f| f.fresh),
        number(t.agency_second_factor(), |f| f.second_factor),
        number(t.agency_dormant(), |f| f.dormant),
        number(t.agency_locked(), |f| f.locked),
        both(t.agency_unlock_time(), &|f| {
            Cell::from(f.mean_unlock_seconds().map_or_else(String::new, |seconds| t.span(seconds)))
        }),
        number(t.agency_conflicts(), |f| f.conflicts),
        vec![Cell::from(t.agency_place()), Cell::from(place_of(t, kept).unwrap_or_default())],
    ]
}
