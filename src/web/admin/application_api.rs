//! What an application may do in its own name, and how far it reaches: the form that gives, changes and takes back, and
//! what would change.

use super::application::{parse, refusal, seen};
use super::application_new::Choice;
use super::approvals;
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::domain::id::ClientRowId;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::metadata::ApiReach;
use crate::domain::oauth::own_rights::OwnRights;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::application_desk::ApplicationRefused;
use crate::services::audience::Names;
use crate::services::client_api::{self, ApiRefused};
use crate::services::{accounts, applications};
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html, html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// What the fields of scopes begin with.
const SCOPE: &str = "api.";

/// What the value of a reach over an agency begins with; the city's has none.
const AGENCY: &str = "agency.";

/// The value of a reach over everybody.
const CITY: &str = "city";

/// A scope to tick.
struct ScopeChoice {
    field: String,
    code: &'static str,
    word: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "admin/application_api.html")]
struct ApiPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    here: String,
    name: String,
    version: i64,
    /// What it may do now, line by line.
    held: Vec<String>,
    /// Why it may have nothing.
    may_not: Option<String>,
    holds: bool,
    scopes: Vec<(&'static str, Vec<ScopeChoice>)>,
    reaches: Vec<Choice>,
    reason: String,
    two_persons: bool,
}

#[derive(Template)]
#[template(path = "admin/application_api_preview.html")]
struct PreviewPage {
    t: Lang,
    page: Frame,
    here: String,
    name: String,
    lines: Vec<String>,
    needs_second: bool,
    takes_all: bool,
    kept: Vec<(String, String)>,
}

/// Shows the form; its scopes may come with the address, from the registration. Nothing else does: whoever sends a link
/// fills in neither how far it reaches nor why.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = query_of(query)?.beginning_with(SCOPE);
    let typed = Some(&asked).filter(|asked| asked.iter().next().is_some());
    page(&app, &by, parse(&id)?, typed, (StatusCode::OK, None)).await
}

/// Shows what would change; with `back`, the form once more.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (t, seen) = (by.visitor.lang, seen(parse(&id)?, &fields)?);
    if fields.get("back").is_some() {
        return page(&app, &by, seen.id, Some(&fields), (StatusCode::OK, None)).await;
    }
    let (wanted, why) = (wanted(&fields), fields.text("reason"));
    match client_api::preview(&app, &by.administrator, seen, wanted, why).await {
        Ok(change) => {
            let here = urls::application(seen.id);
            let kept = fields.iter().filter(|(name, _)| *name != "csrf");
            html(&PreviewPage {
                t,
                page: super::at(super::frame(&app, &by).await?, t, &format!("{here}/api")),
                here,
                name: change.client.name,
                lines: t.lines(change.preview),
                needs_second: change.needs_second,
                takes_all: !change.after.opens(),
                kept: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            })
        }
        Err(refused) => refuse(&app, &by, (seen.id, &fields), refused).await,
    }
}

/// Gives, changes, takes back.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(parse(&id)?, &fields)?;
    let (wanted, why) = (wanted(&fields), fields.text("reason"));
    match client_api::give(&app, &by.administrator, seen, wanted, why).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?note=api", urls::application(seen.id))).into_response()),
        Err(ApiRefused::Stopped(stopped)) => {
            let path = format!("{}/api", urls::application(seen.id));
            approvals::put(&app, &by, stopped, (&path, &fields)).await
        }
        Err(refused) => refuse(&app, &by, (seen.id, &fields), refused).await,
    }
}

/// Where the form is, with these scopes ticked.
pub(super) fn address_with(id: ClientRowId, scopes: &[ApiScope]) -> String {
    let ticked = scopes.iter().map(|scope| (format!("{SCOPE}{}", scope.code()), "1"));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(ticked).finish();
    let joint = if query.is_empty() { "" } else { "?" };
    format!("{}/api{joint}{query}", urls::application(id))
}

/// What an application may do in its own name, line by line; nothing where it may do nothing.
pub(super) fn held(t: Lang, names: &Names, own: &OwnRights) -> Vec<String> {
    if !own.opens() {
        return Vec::new();
    }
    let reach = t.own_reach_stays(&client_api::over(t, names, own.reach.as_ref()));
    let scope = |scope: &ApiScope| format!("{}: {}", scope.code(), t.api_scope_opens(*scope));
    [reach].into_iter().chain(own.scopes.iter().map(scope)).collect()
}

/// What a form asks for.
fn wanted(fields: &Fields) -> OwnRights {
    if fields.get("withdraw").is_some() {
        return OwnRights::default();
    }
    let is_ticked = |scope: &ApiScope| fields.get(&format!("{SCOPE}{}", scope.code())).is_some();
    let reach = match fields.text("reach") {
        CITY => Some(ApiReach::City),
        other => other.strip_prefix(AGENCY).map(|code| ApiReach::Agency(code.to_owned())),
    };
    OwnRights { scopes: ApiScope::ALL.iter().copied().filter(is_ticked).collect(), reach }
}

/// What is said of a refusal, with its status.
fn told(t: Lang, refused: ApiRefused) -> Result<(StatusCode, Notice), Failure> {
    let words = match refused {
        ApiRefused::Application(refused) => return refusal(t, refused),
        ApiRefused::Client(refused) => return refusal(t, ApplicationRefused::from(refused)),
        ApiRefused::Stopped(stopped) => return Err(Failure::Internal(stopped.to_string())),
        ApiRefused::SelfRegistered => t.own_self_registered().to_owned(),
        ApiRefused::Public => t.own_public().to_owned(),
        ApiRefused::Incomplete => t.own_incomplete().to_owned(),
        ApiRefused::Unchanged => t.own_unchanged().to_owned(),
        ApiRefused::NoAgency(code) => t.own_no_agency(&code),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Notice::danger(words)))
}

async fn refuse(
    app: &App,
    by: &AsAdministrator,
    (id, fields): (ClientRowId, &Fields),
    refused: ApiRefused,
) -> Result<Response, Failure> {
    let (status, notice) = told(by.visitor.lang, refused)?;
    // What somebody else has changed is shown as it is now.
    let typed = Some(fields).filter(|_| status != StatusCode::CONFLICT);
    page(app, by, id, typed, (status, Some(notice))).await
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: ClientRowId,
    typed: Option<&Fields>,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let client = applications::find(app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let (here, names) = (urls::application(id), Names::read(app).await?);
    let own = OwnRights::of(&client.metadata);
    let may_not = may_not(t, &client);
    html_with(
        status,
        &ApiPage {
            t,
            page: super::at(super::frame(app, by).await?, t, &format!("{here}/api")),
            notice,
            here,
            name: client.name.clone(),
            version: client.version,
            held: held(t, &names, &own),
            holds: own != OwnRights::default(),
            scopes: vec![
                (t.own_reads(), choices(t, &own, typed, false)),
                (t.own_writes(), choices(t, &own, typed, true)),
            ],
            reaches: reaches(app, by, (&names, &own), typed).await?,
            reason: typed.map_or("", |typed| typed.text("reason")).to_owned(),
            two_persons: app.config.admin.two_persons,
            may_not,
        },
    )
}

/// Why an application may have nothing in its own name, if it may not.
fn may_not(t: Lang, client: &Client) -> Option<String> {
    let any = OwnRights { reach: Some(ApiReach::City), ..OwnRights::default() };
    match client_api::may_have(client, &any) {
        Err(ApiRefused::Public) => Some(t.own_public().to_owned()),
        Err(ApiRefused::SelfRegistered) => Some(t.own_self_registered().to_owned()),
        _ => None,
    }
}

fn choices(t: Lang, own: &OwnRights, typed: Option<&Fields>, writes: bool) -> Vec<ScopeChoice> {
    let choice = |scope: ApiScope| {
        let field = format!("{SCOPE}{}", scope.code());
        let chosen = typed.map_or(own.scopes.contains(&scope), |typed| typed.get(&field).is_some());
        ScopeChoice { field, code: scope.code(), word: t.api_scope_opens(scope), chosen }
    };
    ApiScope::ALL.iter().copied().filter(|scope| scope.writes() == writes).map(choice).collect()
}

/// The city and every agency; and the present reach, if its agency is called otherwise by now.
async fn reaches(
    app: &App,
    by: &AsAdministrator,
    (names, own): (&Names, &OwnRights),
    typed: Option<&Fields>,
) -> Result<Vec<Choice>, Failure> {
    let t = by.visitor.lang;
    let kept = own.reach.as_ref().map_or_else(String::new, value);
    let chosen = typed.and_then(|typed| typed.get("reach")).unwrap_or(&kept);
    let mut all = Vec::new();
    if by.administrator.reach().is_city() {
        all.push((CITY.to_owned(), t.reach_all().to_owned()));
    }
    let agencies = accounts::agencies_within_reach(app, &by.administrator).await?;
    all.extend(agencies.into_iter().map(|one| {
        let word = format!("{} ({})", one.name, one.code);
        (value(&ApiReach::Agency(one.code)), word)
    }));
    if !kept.is_empty() && all.iter().all(|(field, _)| *field != kept) {
        all.push((kept.clone(), client_api::over(t, names, own.reach.as_ref())));
    }
    let choice = |(field, word): (String, String)| Choice { chosen: field == chosen, field, word };
    Ok(all.into_iter().map(choice).collect())
}

fn value(reach: &ApiReach) -> String {
    match reach {
        ApiReach::City => CITY.to_owned(),
        ApiReach::Agency(code) => format!("{AGENCY}{code}"),
    }
}
