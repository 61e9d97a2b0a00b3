//! What the directories call an agency, and which agency of the house it means: shown, tried, decided.

use super::foreseen::refused;
use super::settle::confirm;
use crate::app::App;
use crate::domain::agency::Agency;
use crate::domain::id::AgencyId;
use crate::domain::mailbox::MailSystem;
use crate::domain::sync::{AgencyKey, AgencySource, MappedBy};
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::sync::agencies;
use crate::services::sync::preview::RulingRefused;
use crate::urls;
use crate::web::parts::{Notice, number_of};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// The beginning of the name of a field that chooses a text.
const PICK: &str = "pick-";

/// A text in words.
struct SourceLine {
    field: String,
    text: String,
    system: &'static str,
    number: String,
    agency: String,
    badge: &'static str,
    by: &'static str,
}

#[derive(Template)]
#[template(path = "admin/agency_sources.html")]
struct SourcesPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    progress: String,
    sources: Vec<SourceLine>,
    agencies: Vec<(String, String)>,
}

/// Shows them.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let notice = (query.text("note") == "mapped").then(|| Notice::ok(by.visitor.lang.settled_done()));
    page(&app, &by, StatusCode::OK, notice).await
}

/// Shows what a decision would do, and asks for the reason.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    preview_page(&app, &by, &fields, None).await
}

/// Decides.
pub(in crate::web) async fn map(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let Some((keys, agency)) = wish(&fields) else {
        return answer(&app, &by, RulingRefused::Conflict).await;
    };
    match agencies::map(&app, &by.administrator, (&keys, agency), fields.text("reason")).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?note=mapped", urls::AGENCY_SOURCES)).into_response()),
        Err(RulingRefused::NoReason) => preview_page(&app, &by, &fields, Some(t.reason_needed())).await,
        Err(other) => answer(&app, &by, other).await,
    }
}

/// What a form asks for: the texts, and the agency that they mean.
fn wish(fields: &Fields) -> Option<(Vec<AgencyKey>, Option<AgencyId>)> {
    let picked = fields.iter().filter_map(|(name, value)| name.strip_prefix(PICK).filter(|_| value == "1"));
    let key = |picked: &str| {
        let (system, key) = picked.split_once('-')?;
        Some((MailSystem::from_code(system)?, key.to_owned()))
    };
    let keys: Option<Vec<_>> = picked.map(key).collect();
    let agency = fields.get("agency").map(str::parse).transpose().ok()?;
    Some((keys.filter(|keys| !keys.is_empty())?, agency))
}

async fn answer(app: &App, by: &AsAdministrator, why: RulingRefused) -> Result<Response, Failure> {
    if matches!(why, RulingRefused::Forbidden(_)) {
        return Err(Failure::NotFound);
    }
    let (status, words) = refused(by.visitor.lang, why)?;
    page(app, by, status, Some(Notice::warn(words))).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (sources, all) = match agencies::sources(app, &by.administrator).await {
        Ok(found) => found,
        Err(RulingRefused::Internal(internal)) => return Err(internal.into()),
        Err(_) => return Err(Failure::NotFound),
    };
    let open = number_of(sources.iter().filter(|source| source.by == MappedBy::Nobody).count());
    let frame = super::frame(app, by).await?;
    let page = SourcesPage {
        t,
        page: super::at(frame, t, urls::AGENCY_SOURCES),
        notice,
        progress: if open == 0 { t.sources_clear().to_owned() } else { t.sources_left(&t.number(open)) },
        sources: sources.iter().map(|source| line(t, source, &all)).collect(),
        agencies: all.iter().map(|agency| (agency.id.to_string(), agency.name.clone())).collect(),
    };
    html_with(status, &page)
}

fn line(t: Lang, source: &AgencySource, all: &[Agency]) -> SourceLine {
    let (badge, by) = match source.by {
        MappedBy::Nobody => ("is-warn", t.sources_by_nobody()),
        MappedBy::Decision => ("is-ok", t.sources_by_decision()),
        MappedBy::Itself => ("is-off", t.sources_by_itself()),
    };
    let code = source.agency.clone().unwrap_or_default();
    let agency = all.iter().find(|agency| agency.code == code);
    let (system, key) = &source.key;
    SourceLine {
        field: format!("{PICK}{}-{key}", system.code()),
        text: source.text.clone(),
        system: t.directory_name(*system),
        number: t.number(source.number),
        agency: agency.map_or(code, |agency| agency.name.clone()),
        badge,
        by,
    }
}

async fn preview_page(
    app: &App,
    by: &AsAdministrator,
    fields: &Fields,
    reason_error: Option<&'static str>,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let Some((keys, agency)) = wish(fields) else { return answer(app, by, RulingRefused::Conflict).await };
    let foreseen = match agencies::effect(app, &by.administrator, (&keys, agency)).await {
        Ok(foreseen) => foreseen,
        Err(why) => return answer(app, by, why).await,
    };
    let name = foreseen.agencies.iter().find(|one| Some(one.id) == agency).map(|one| one.name.as_str());
    let to = name.unwrap_or_else(|| t.sources_nobody());
    let subjects = keys.iter().map(|(system, key)| format!("{}: {key} → {to}", t.directory_name(*system)));
    let words = (t.settle_preview(), t.sources_map(), subjects.collect(), reason_error);
    confirm(app, by, fields, (urls::AGENCY_SOURCES, urls::AGENCY_SOURCES), words, &foreseen).await
}
