//! Registrations as TOML: out of the console and into it, without secrets.

use super::application::refusal;
use crate::app::App;
use crate::domain::admin::Right;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::application_register::shown_once;
use crate::services::client_transfer::{self, Change, Step, TransferRefused};
use crate::services::clients::Registered;
use crate::services::rights;
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// A step of an import: the application, the class and the word of what happens to it.
type Told = (String, &'static str, String);

#[derive(Template)]
#[template(path = "admin/applications_import.html")]
struct ImportPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    file: &'a str,
    steps: Option<Vec<Told>>,
    made: Vec<(String, String)>,
}

/// Sends one registration, or all that the city made.
pub(in crate::web) async fn export(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    rights::ask(&app, &by.administrator, Right::ManageApplications).await?;
    let query = query_of(query)?;
    match client_transfer::export(&app, query.get("client_id")).await {
        Ok(text) => {
            let headers = [
                (CONTENT_TYPE, "application/toml; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"ung-dung.toml\""),
                (CACHE_CONTROL, "no-store"),
            ];
            Ok((headers, text).into_response())
        }
        Err(TransferRefused::Internal(internal)) => Err(internal.into()),
        Err(_) => Err(Failure::NotFound),
    }
}

/// Asks for the text.
pub(in crate::web) async fn show(State(app): State<App>, by: AsAdministrator) -> Result<Response, Failure> {
    page(&app, &by, &Fields::default(), (StatusCode::OK, None), (None, Vec::new())).await
}

/// Shows what importing it would do.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    match client_transfer::plan_in_console(&app, fields.text("file")).await {
        Ok(steps) => {
            let steps = steps.iter().map(|step| told(by.visitor.lang, step)).collect();
            page(&app, &by, &fields, (StatusCode::OK, None), (Some(steps), Vec::new())).await
        }
        Err(refused) => stopped(&app, &by, &fields, refused).await,
    }
}

/// Imports it; secrets of what is new are shown this once.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let actor = rights::acting(&app, &by.administrator, Right::ManageApplications).await?;
    let imported = async {
        let steps = client_transfer::plan_in_console(&app, fields.text("file")).await?;
        client_transfer::apply(&app, &actor, &steps).await
    };
    match imported.await {
        Ok(done) => {
            let notice = Some(Notice::ok(by.visitor.lang.application_import_done()));
            let made = done.iter().filter_map(secret).collect();
            page(&app, &by, &Fields::default(), (StatusCode::OK, notice), (None, made)).await
        }
        Err(refused) => stopped(&app, &by, &fields, refused).await,
    }
}

fn secret(one: &Registered) -> Option<(String, String)> {
    Some((one.client.client_id.to_string(), shown_once(one.secret.as_ref())?))
}

fn told(t: Lang, step: &Step) -> Told {
    let (class, says) = match &step.change {
        Change::Nothing => ("is-off", t.application_import_same().to_owned()),
        Change::New => ("is-ok", t.application_import_new().to_owned()),
        Change::Members(names) => ("is-warn", t.application_import_members(&names.join(", "))),
    };
    (step.client_id.clone(), class, says)
}

async fn stopped(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    refused: TransferRefused,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (status, notice) = match refused {
        TransferRefused::Internal(internal) => return Err(internal.into()),
        TransferRefused::Unreadable(why) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Notice::danger(t.application_refused(&why)))
        }
        TransferRefused::Application { client_id, why } => {
            let (status, notice) = refusal(t, why.into())?;
            (status, notice.titled(client_id))
        }
    };
    page(app, by, fields, (status, Some(notice)), (None, Vec::new())).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    (status, notice): (StatusCode, Option<Notice>),
    (steps, made): (Option<Vec<Told>>, Vec<(String, String)>),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let frame = super::at(super::frame(app, by).await?, t, urls::APPLICATIONS_IMPORT);
    // The secrets of what is new are shown this once.
    let frame = if made.is_empty() { frame } else { frame.once() };
    html_with(status, &ImportPage { t, page: frame, notice, file: fields.text("file"), steps, made })
}
