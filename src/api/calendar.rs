//! The working calendar: the listed days of a year, the city's, and the exceptions of an agency if one is named.

use super::call::{Call, Named, Parameter};
use super::paging;
use super::problem::{Kind, Problem};
use super::words::DayKind;
use crate::app::App;
use crate::domain::id::AgencyId;
use crate::domain::policy::calendar_rules::YEARS;
use crate::services::calendar::{self, Listing};
use crate::services::calendar_changes::By;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of a year.
pub(super) const QUERY: &[Parameter] = &[("agency", "With the exceptions of the agency with this id")];

/// A listed day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DayTold {
    /// Its date.
    #[schema(format = Date)]
    date: String,
    /// `holiday`, `in_lieu`, `swapped_off`, `make_up` or `worked`.
    #[schema(value_type = DayKind)]
    kind: &'static str,
    /// Its name in Vietnamese.
    name: String,
    /// Its name in English.
    name_en: String,
    /// Whether the official decision is known; until then the day counts in people's favour.
    confirmed: bool,
    /// The agency whose exception it is; none: the city's day.
    agency_id: Option<String>,
    /// The number of the official notice, if it is known.
    notice_number: Option<String>,
    /// The date of the official notice, if it is known.
    #[schema(format = Date)]
    notice_date: Option<String>,
}

/// A year.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct YearTold {
    /// Which.
    year: i32,
    /// The listed days by date; on the same date the city's first.
    items: Vec<DayTold>,
}

/// The listed days of a year; one that the calendar does not have is not there.
pub(super) async fn show(
    State(app): State<App>,
    call: Call,
    Named(year): Named,
) -> Result<Response, Problem> {
    let year = year.parse::<i32>().ok().filter(|year| YEARS.contains(year));
    let year = year.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let agency = call.parsed::<AgencyId>("agency")?;
    let found = calendar::year(&app, By::Administrator(&call.by), year, agency).await?;
    let found = found.ok_or_else(|| Problem::new(Kind::NotFound))?;
    Ok(paging::ok(&YearTold { year: found.year, items: found.days.into_iter().map(day).collect() }))
}

fn day(listing: Listing) -> DayTold {
    DayTold {
        date: listing.date.to_string(),
        kind: listing.day.kind.code(),
        name: listing.day.vi,
        name_en: listing.day.en,
        confirmed: listing.day.confirmed,
        agency_id: listing.agency_id.map(|id| id.to_string()),
        notice_number: listing.notice_number,
        notice_date: listing.notice_date.map(|date| date.to_string()),
    }
}
