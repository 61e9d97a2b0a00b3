//! The page of a locked account. It is shown only after the password was proven.

use crate::app::App;
use crate::domain::account::{Account, LockReason};
use crate::domain::policy::settings::Class;
use crate::domain::timestamp::Timestamp;
use crate::http::frame::Help;
use crate::http::{Failure, Frame, Visitor};
use crate::i18n::Lang;
use crate::services::compliance;
use crate::services::contacts::{self, Contact};
use crate::web::html_with;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

/// What is known of the lock.
pub(super) struct Locked<'a> {
    pub(super) account: &'a Account,
    pub(super) reason: LockReason,
    pub(super) since: Timestamp,
    /// Whether its holder can lift it now.
    pub(super) can_unlock: bool,
}

#[derive(Template)]
#[template(path = "sign_in/locked.html")]
struct LockedPage<'a> {
    t: Lang,
    page: Frame,
    reason: &'a str,
    why: String,
    address: &'a str,
    since: String,
    next_step: &'a str,
    can_unlock: bool,
    contacts: Vec<Contact>,
}

/// Says why, since when, and what to do.
pub(super) async fn page(app: &App, visitor: &Visitor, locked: &Locked<'_>) -> Result<Response, Failure> {
    let t = visitor.lang;
    let mut frame = visitor.frame(app).await?;
    if let Some(compliance::Contact { unit, phone, hours }) =
        compliance::contact_of(app, locked.account).await?
    {
        let hours = if hours.is_empty() { frame.help.hours } else { hours };
        frame.help = Help { unit, phone, hours };
    }
    let page = LockedPage {
        t,
        page: frame,
        reason: t.lock_reason(locked.reason),
        why: why(app, t, locked),
        address: locked.account.profile().address.as_str(),
        since: t.moment(locked.since.local()),
        next_step: next_step(t, locked.reason),
        can_unlock: locked.can_unlock,
        contacts: contacts::of_agency(app, locked.account.profile().agency_id).await?,
    };
    html_with(StatusCode::FORBIDDEN, &page)
}

fn why(app: &App, t: Lang, locked: &Locked<'_>) -> String {
    let (book, class) = (app.book(), Class::of(locked.account));
    match locked.reason {
        LockReason::DefaultPasswordKept => {
            t.locked_default_kept(&t.working_days(u64::from(book.settings.default_days(class))))
        }
        LockReason::PasswordTooOld => t.locked_too_old(&t.months(u64::from(book.settings.months(class)))),
        LockReason::ByAdministrator => t.locked_administrator().to_owned(),
        LockReason::FailedAttempts => t.locked_failed_attempts().to_owned(),
        LockReason::Inactive => t.locked_inactive().to_owned(),
        LockReason::GoneFromDirectory => t.locked_gone().to_owned(),
        LockReason::DisabledInDirectory => t.locked_disabled().to_owned(),
    }
}

const fn next_step(t: Lang, reason: LockReason) -> &'static str {
    match reason {
        LockReason::DefaultPasswordKept
        | LockReason::PasswordTooOld
        | LockReason::FailedAttempts
        | LockReason::Inactive => t.locked_next_step(),
        LockReason::ByAdministrator => t.locked_next_step_decision(),
        LockReason::GoneFromDirectory | LockReason::DisabledInDirectory => t.locked_next_step_gone(),
    }
}
