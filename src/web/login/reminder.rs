//! Reminds, right after the sign-in, of a password whose term is about to end. One click leads on.

use super::{pending, request_of, speak};
use crate::app::App;
use crate::domain::session::Door;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Frame, SignedIn};
use crate::i18n::Lang;
use crate::services::reminders;
use crate::urls;
use crate::web::parts::{DayLine, DeadlineView};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "sign_in/reminder.html")]
struct ReminderPage {
    t: Lang,
    page: Frame,
    says: String,
    days: Vec<DayLine>,
    change: String,
    onward: String,
}

/// Shows it, or leads on if there is nothing to remind of.
pub(in crate::web) async fn show(
    State(app): State<App>,
    mut signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let request = request_of(&query);
    speak(&app, &mut signed.visitor, request).await?;
    let t = signed.visitor.lang;
    let due = reminders::due(&app, &signed.current).filter(|_| signed.visitor.door == Door::Staff);
    let Some(reminder) = due else { return Ok(Redirect::to(&urls::onward(request)).into_response()) };
    // Telling it makes it a promise.
    crate::services::accounts::own(&app, &signed.current).await?;
    let left = t.working_days_to_go(reminder.working_days);
    let mut response = html(&ReminderPage {
        t,
        page: signed.frame(&app).await?,
        says: t.reminder_banner(&t.day(reminder.deadline.last_day), &left),
        days: DeadlineView::new(t, &reminder.deadline, app.now()).days,
        change: urls::with_request(urls::PASSWORD, request),
        onward: urls::onward(request),
    })?;
    if let Some(pending) = pending(&app, &signed.visitor, request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}
