//! My applications: which systems have accepted a sign-in of mine, and how to end their access.

use super::Settled;
use crate::app::App;
use crate::http::{Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::clients::{self, MyApplication};
use crate::urls;
use crate::web::parts::{Notice, initial};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

/// One application.
struct ApplicationView {
    id: String,
    name: String,
    initial: String,
    address: Option<String>,
    last_used: Option<String>,
    learns: String,
    agreed: String,
    /// If it was entered for a mailbox.
    on_behalf: Option<OnBehalf>,
}

/// The mailbox for which an application was entered.
struct OnBehalf {
    /// As the form names it.
    mailbox: String,
    words: String,
}

#[derive(Template)]
#[template(path = "portal/applications.html")]
struct ApplicationsPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    applications: Vec<ApplicationView>,
}

/// Shows them, the last used first.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = signed.visitor.lang;
    let applications = clients::of_account(&app, &signed.current).await?;
    html(&ApplicationsPage {
        t,
        page: signed.frame(&app).await?,
        notice: (query.text("note") == "ended").then(|| Notice::ok(t.access_ended())),
        applications: applications.into_iter().map(|one| view(t, one)).collect(),
    })
}

/// Ends the access of one.
pub(in crate::web) async fn end(
    State(app): State<App>,
    Settled(signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let client_id = fields.get("application").ok_or(Failure::NotFound)?;
    let ended = match fields.get("mailbox") {
        Some(mailbox) => {
            let mailbox = mailbox.parse().map_err(|_| Failure::NotFound)?;
            clients::end_acting_access(&app, &signed.current, client_id, mailbox).await?
        }
        None => clients::end_access(&app, &signed.current, client_id).await?,
    };
    let note = if ended.is_some() { "?note=ended" } else { "" };
    Ok(Redirect::to(&format!("{}{note}", urls::APPLICATIONS)).into_response())
}

fn view(t: Lang, one: MyApplication) -> ApplicationView {
    let learns: Vec<_> = one.scopes.iter().map(|scope| t.scope_in_words(scope).0).collect();
    ApplicationView {
        id: one.client_id,
        initial: initial(&one.name),
        name: one.name,
        address: one.home,
        last_used: one.last_used_at.map(|at| t.application_last_used(&t.moment(at.local()))),
        learns: t.application_learns(&learns.join("; ")),
        agreed: match one.agreed_at {
            Some(at) => t.application_agreed(&t.moment(at.local())),
            None => t.application_city_agreed().to_owned(),
        },
        on_behalf: one
            .on_behalf
            .map(|(id, address)| OnBehalf { mailbox: id.to_string(), words: t.acting_as(&address) }),
    }
}
