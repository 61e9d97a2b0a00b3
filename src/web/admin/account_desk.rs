//! Sessions, applications and notes on the page of an account: what they show, and the forms that end and add.

use super::account::{Shown, page, parse, seen};
use crate::app::App;
use crate::domain::id::AccountId;
use crate::http::{AsAdministrator, Failure, Form};
use crate::i18n::Lang;
use crate::services::account_desk::{self, Application, Note};
use crate::services::lock::LockRefused;
use crate::urls;
use crate::web::parts::Notice;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// The word in a form for every session.
const ALL: &str = "all";

/// An application that was entered.
pub(super) struct ApplicationLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) last_used: String,
}

/// A note.
pub(super) struct NoteLine {
    pub(super) by: String,
    pub(super) when: String,
    pub(super) lines: Vec<String>,
}

/// What stands on the page beside state, mailboxes and history.
pub(super) struct Desk {
    pub(super) applications: Vec<ApplicationLine>,
    /// Whether one of them still holds something.
    pub(super) has_given: bool,
    pub(super) notes: Vec<NoteLine>,
    pub(super) sessions_address: String,
    pub(super) applications_address: String,
    pub(super) notes_address: String,
    pub(super) why_address: String,
}

impl Desk {
    /// Reads it for an account within reach.
    pub(super) async fn read(app: &App, t: Lang, id: AccountId) -> Result<Self, Failure> {
        let here = |path: &str| path.replace("{id}", &id.to_string());
        let application = |one: Application| ApplicationLine {
            last_used: t.application_last_used(&t.moment(one.last_used_at.local())),
            id: one.client_id,
            name: one.name,
        };
        let note = |note: Note| NoteLine {
            by: format!("{} ({})", note.author, note.address),
            when: t.moment(note.written_at.local()),
            lines: note.text.lines().map(str::to_owned).collect(),
        };
        Ok(Self {
            applications: account_desk::applications(app, id).await?.into_iter().map(application).collect(),
            has_given: account_desk::has_given(app, id).await?,
            notes: account_desk::notes(app, id).await?.into_iter().map(note).collect(),
            sessions_address: here(urls::ACCOUNT_SESSIONS_END),
            applications_address: here(urls::ACCOUNT_APPLICATION_END),
            notes_address: here(urls::ACCOUNT_NOTES),
            why_address: here(urls::ACCOUNT_WHY),
        })
    }
}

/// Ends one session, or all.
pub(in crate::web) async fn end_sessions(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (id, which) = (parse(&id)?, fields.text("session"));
    let only = match which {
        ALL => None,
        one => Some(one.parse().map_err(|_| Failure::NotFound)?),
    };
    let why = fields.text("reason");
    let result = account_desk::end_sessions(&app, &by.administrator, seen(id, &fields)?, only, why).await;
    answer(&app, &by, id, result, "sessions-ended").await
}

/// Ends the access of an application.
pub(in crate::web) async fn end_application(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (id, client) = (parse(&id)?, fields.text("application"));
    let why = fields.text("reason");
    let result =
        account_desk::end_application(&app, &by.administrator, seen(id, &fields)?, client, why).await;
    answer(&app, &by, id, result, "application-ended").await
}

/// Writes down a note.
pub(in crate::web) async fn add_note(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let result = account_desk::add_note(&app, &by.administrator, id, fields.text("note")).await;
    answer(&app, &by, id, result.map(|()| true), "note-added").await
}

async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: AccountId,
    result: Result<bool, LockRefused>,
    note: &str,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let said = |status, words: &str| Shown { status, notice: Some(Notice::warn(words)), ..Shown::default() };
    let shown = match result {
        Ok(true) => return Ok(Redirect::to(&format!("{}?note={note}", urls::account(id))).into_response()),
        Ok(false) => said(StatusCode::CONFLICT, t.nothing_to_end()),
        Err(LockRefused::Forbidden(forbidden)) => return Err(forbidden.into()),
        Err(LockRefused::NotFound) => return Err(Failure::NotFound),
        Err(LockRefused::NoReason) => {
            let words = if note == "note-added" { t.note_needed() } else { t.reason_needed() };
            said(StatusCode::UNPROCESSABLE_ENTITY, words)
        }
        Err(LockRefused::Internal(internal)) => return Err(internal.into()),
        Err(_) => Shown::changed_meanwhile(t),
    };
    page(app, by, id, shown).await
}

/// What is said after a form.
pub(super) fn said(t: Lang, note: &str) -> Option<&'static str> {
    match note {
        "sessions-ended" => Some(t.sessions_ended()),
        "application-ended" => Some(t.access_of_application_ended()),
        "note-added" => Some(t.note_added()),
        _ => None,
    }
}
