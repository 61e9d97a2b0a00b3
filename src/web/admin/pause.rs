//! The pause of an account's password sign-in: what its page says of it, and the form that lifts it.

use super::account::{Shown, page, parse, seen};
use crate::app::App;
use crate::domain::account::Account;
use crate::http::{AsAdministrator, Failure, Form};
use crate::services::failed_attempts::{self, LiftRefused, Pause};
use crate::urls;
use crate::web::parts::Notice;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// What was sent with the form, if it was.
#[derive(Default)]
pub(super) struct PauseForm {
    error: Option<&'static str>,
    reason: String,
}

/// The pause in words.
pub(super) struct PauseView {
    pub(super) says: String,
    pub(super) sources: String,
    /// Where the form goes; none where this administrator does not lift it.
    pub(super) address: Option<String>,
    pub(super) error: Option<&'static str>,
    pub(super) reason: String,
}

impl PauseView {
    /// Puts a pause into words.
    pub(super) fn new(by: &AsAdministrator, account: &Account, pause: &Pause, form: &PauseForm) -> Self {
        let t = by.visitor.lang;
        let may_lift = by.administrator.may_unlock(account);
        let sources = pause.sources.join(", ");
        Self {
            says: t.pause_until(&t.moment(pause.until.local()), pause.failures.unsigned_abs()),
            sources: if sources.is_empty() { t.pause_source_unknown().to_owned() } else { sources },
            address: may_lift.then(|| urls::ACCOUNT_LIFT_PAUSE.replace("{id}", &account.id().to_string())),
            error: form.error,
            reason: form.reason.clone(),
        }
    }
}

/// Lifts it.
pub(in crate::web) async fn lift(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (id, t, why) = (parse(&id)?, by.visitor.lang, fields.text("reason"));
    let shown = match failed_attempts::lift_pause(&app, &by.administrator, seen(id, &fields)?, why).await {
        Ok(()) => {
            let there = format!("{}?note=pause-lifted", urls::account(id));
            return Ok(Redirect::to(&there).into_response());
        }
        Err(LiftRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(LiftRefused::NotFound) => return Err(Failure::NotFound),
        Err(LiftRefused::Internal(internal)) => return Err(internal.into()),
        Err(LiftRefused::NoReason) => Shown {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            pause: PauseForm { error: Some(t.reason_needed()), reason: String::new() },
            ..Shown::default()
        },
        Err(LiftRefused::Conflict) => {
            Shown { pause: PauseForm { error: None, reason: why.to_owned() }, ..Shown::changed_meanwhile(t) }
        }
        Err(LiftRefused::OfAnAdministrator) => Shown {
            status: StatusCode::FORBIDDEN,
            notice: Some(Notice::warn(t.pause_of_an_administrator())),
            ..Shown::default()
        },
        Err(LiftRefused::NotPaused) => Shown {
            status: StatusCode::CONFLICT,
            notice: Some(Notice::warn(t.pause_is_over())),
            ..Shown::default()
        },
    };
    page(&app, &by, id, shown).await
}
