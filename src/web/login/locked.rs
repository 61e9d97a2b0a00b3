//! The page of a locked account, and of one whose holder has said that somebody else knows its password. It is shown only
//! after the password was proven.

use crate::app::App;
use crate::domain::account::{Account, LockReason};
use crate::domain::policy::settings::Class;
use crate::domain::timestamp::Timestamp;
use crate::http::frame::Help;
use crate::http::{Failure, Frame, Visitor};
use crate::i18n::Lang;
use crate::services::compliance;
use crate::services::contacts::{self, Contact};
use crate::services::kept_out;
use crate::services::login::{LoginRefused, WayOut};
use crate::urls;
use crate::web::html_with;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

/// What is known of the lock.
pub(super) struct Locked<'a> {
    pub(super) account: &'a Account,
    pub(super) reason: LockReason,
    pub(super) since: Timestamp,
    /// How its holder can lift it now.
    pub(super) unlock: Option<WayOut>,
    /// The authorization request that waits.
    pub(super) request: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "sign_in/locked.html")]
struct LockedPage<'a> {
    t: Lang,
    page: Frame,
    title: &'static str,
    reason: &'a str,
    why: String,
    address: &'a str,
    since_label: &'static str,
    since: String,
    next_step: &'a str,
    /// Where the lock is lifted.
    unlock: Option<String>,
    sign_in: String,
    contacts: Vec<Contact>,
}

/// Says why, since when, and what to do; whoever can lift the lock is led there, and then back to what waits.
pub(super) async fn page(app: &App, visitor: &Visitor, locked: &Locked<'_>) -> Result<Response, Failure> {
    let way = match &locked.unlock {
        Some(WayOut::Factor(id)) => Some((id, urls::SECOND_STEP)),
        Some(WayOut::Password(id)) => Some((id, urls::RECOVER)),
        None => None,
    };
    if let Some((id, _)) = way {
        visitor.begin_second_step(app, id.expose(), (false, locked.request)).await?;
    }
    let way = way.map_or("", |(_, place)| place);
    visitor.remember_locked(app, locked.account.id(), way).await?;
    render(app, visitor, locked, way).await
}

/// The same page once more, in the other language; `None` if it was not shown just now, or nothing keeps them out any more.
pub(super) async fn again(
    app: &App,
    visitor: &Visitor,
    request: Option<&str>,
) -> Result<Option<Response>, Failure> {
    let Some((id, way)) = visitor.locked(app).await? else { return Ok(None) };
    let (account, reason, since) = match kept_out::still_locked(app, id).await? {
        Some(LoginRefused::Locked { account, reason, since, .. }) => (account, reason, since),
        Some(LoginRefused::Disowned(account)) => {
            return render_disowned(app, visitor, &account, request).await.map(Some);
        }
        _ => return Ok(None),
    };
    // The way out ends with what has proven the person.
    let way = if visitor.half().await?.is_some() { way.as_str() } else { "" };
    let locked = Locked { account: &account, reason, since, unlock: None, request };
    render(app, visitor, &locked, way).await.map(Some)
}

async fn render(app: &App, visitor: &Visitor, locked: &Locked<'_>, way: &str) -> Result<Response, Failure> {
    let t = visitor.lang;
    let way_out = match way {
        urls::SECOND_STEP => Some((urls::SECOND_STEP, t.locked_way_out_text())),
        urls::RECOVER => Some((urls::RECOVER, t.recover_lead_locked())),
        _ => None,
    };
    let mut frame = frame(app, visitor, locked.account).await?;
    frame.other_language = visitor.surroundings().other_language(&urls::locked(locked.request));
    let page = LockedPage {
        t,
        page: frame,
        title: t.locked_title(),
        reason: t.lock_reason(locked.reason),
        why: why(app, t, locked),
        address: locked.account.profile().address.as_str(),
        since_label: t.since_label(),
        since: t.moment(locked.since.local()),
        next_step: way_out.map_or_else(|| next_step(t, locked.reason), |(_, words)| words),
        unlock: way_out.map(|(place, _)| urls::with_request(place, locked.request)),
        sign_in: urls::with_request(urls::SIGN_IN, locked.request),
        contacts: contacts::of_agency(app, locked.account.profile().agency_id).await?,
    };
    html_with(StatusCode::FORBIDDEN, &page)
}

/// Says that the password alone opens nothing, and what does. Whoever knows it reads the same.
pub(super) async fn disowned(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    request: Option<&str>,
) -> Result<Response, Failure> {
    visitor.remember_locked(app, account.id(), "").await?;
    render_disowned(app, visitor, account, request).await
}

async fn render_disowned(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    request: Option<&str>,
) -> Result<Response, Failure> {
    let t = visitor.lang;
    let since = account.traces().disowned_at.unwrap_or_else(|| app.now());
    let mut frame = frame(app, visitor, account).await?;
    frame.other_language = visitor.surroundings().other_language(&urls::locked(request));
    let page = LockedPage {
        t,
        page: frame,
        title: t.disowned_title(),
        reason: t.must_change_not_me(),
        why: t.disowned_why().to_owned(),
        address: account.profile().address.as_str(),
        since_label: t.incident_reported(),
        since: t.moment(since.local()),
        next_step: t.disowned_next_step(),
        unlock: None,
        sign_in: urls::with_request(urls::SIGN_IN, request),
        contacts: contacts::of_agency(app, account.profile().agency_id).await?,
    };
    html_with(StatusCode::FORBIDDEN, &page)
}

/// The frame with the help desk of the account's agency, if it has its own.
async fn frame(app: &App, visitor: &Visitor, account: &Account) -> Result<Frame, Failure> {
    let mut frame = visitor.frame(app).await?;
    if let Some(compliance::Contact { unit, phone, hours }) = compliance::contact_of(app, account).await? {
        frame.help = if hours.is_empty() {
            Help { unit, phone, ..frame.help }
        } else {
            Help::new(unit, phone, &hours)
        };
    }
    Ok(frame)
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
