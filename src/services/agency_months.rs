//! The figures of the agencies at the end of a month: its report shows them for ever after, whenever it is printed.

use super::{Internal, compliance};
use crate::app::App;
use crate::domain::compliance::month_code;
use crate::domain::policy::calendar::add_months;
use crate::domain::timestamp::Timestamp;
use crate::storage::agency_months::{self as rows, Kept};
use time::Date;

/// The job. On the last day of a month its figures are taken, each time in place of those of an hour ago; of the month before
/// only if nobody was there to take them then: they say of which day they are.
pub async fn keep(app: &App) -> Result<(), Internal> {
    let today = app.now().local_date();
    let first = today.replace_day(1).unwrap_or(today);
    if let Some(last) = first.previous_day() {
        let month = month_code(last);
        // A house that knew nobody then has nothing to tell of that month.
        if !rows::has(&app.db, &month).await?
            && rows::had_accounts(&app.db, Timestamp::start_of(first)).await?
        {
            take(app, &month).await?;
            tracing::warn!(month, "the figures of the agencies were not taken on the last day of the month");
        }
    }
    if is_last_of_month(today) {
        take(app, &month_code(today)).await?;
    }
    Ok(())
}

fn is_last_of_month(day: Date) -> bool {
    day.next_day().is_none_or(|next| next.month() != day.month())
}

async fn take(app: &App, month: &str) -> Result<(), Internal> {
    let taken_at = app.now();
    let lines = compliance::tree(app).await?;
    let kept = lines.iter().map(|line| {
        let kept = Kept { taken_at, own: line.own, branch: line.branch, place: line.place };
        (line.agency.id, kept)
    });
    let kept: Vec<_> = kept.collect();
    let mut tx = app.db.begin().await?;
    rows::put(&mut tx, month, &kept).await?;
    Ok(tx.commit().await?)
}

/// The figures that the report of a month shows: those of now while it lasts, then those that were kept; `None` if none were.
pub(super) async fn of_month(
    app: &App,
    line: &compliance::Line,
    first: Date,
) -> Result<Option<Kept>, Internal> {
    let now = app.now();
    if add_months(first, 1) > now.local_date() {
        return Ok(Some(Kept { taken_at: now, own: line.own, branch: line.branch, place: line.place }));
    }
    Ok(rows::find(&app.db, &month_code(first), line.agency.id).await?)
}
