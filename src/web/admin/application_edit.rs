//! Changing what is registered of an application, giving it a new secret, ending the old one.

use super::application::{parse, refusal, seen};
use super::application_api::held;
use super::application_new::{Choice, audience_choices, audience_of, line, lines, page_once, scopes};
use super::approvals;
use crate::app::App;
use crate::domain::id::ClientRowId;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::own_rights::OwnRights;
use crate::domain::oauth::redirect::RedirectUri;
use crate::domain::oauth::scope::Scope;
use crate::domain::proof::Class;
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::application_desk::ApplicationRefused;
use crate::services::application_register::{self as register, Change, SecretRefused};
use crate::services::audience::Names;
use crate::services::{applications, client_api};
use crate::urls;
use crate::web::html_with;
use crate::web::parts::Notice;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use time::Duration;

/// For how many days an old secret may stay good.
const OVERLAPS: [i64; 5] = [0, 1, 7, 30, 90];

/// What is offered first.
const USUAL: i64 = 7;

/// A field of the form.
struct Field {
    name: &'static str,
    word: &'static str,
    value: String,
    is_lines: bool,
}

#[derive(Template)]
#[template(path = "admin/application_edit.html")]
struct EditPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    here: String,
    name: String,
    version: i64,
    fields: Vec<Field>,
    scopes: Vec<Choice>,
    agencies: Vec<Choice>,
    groups: Vec<Choice>,
    switches: Vec<Choice>,
    levels: Vec<Choice>,
    /// What it may do in its own name.
    own: Vec<String>,
    has_secret: bool,
    /// Whether a second person must approve a new one.
    needs_second: bool,
    old_secret: Option<String>,
    overlaps: Vec<(i64, String, bool)>,
}

/// Shows what may be changed.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    page(&app, &by, parse(&id)?, None, (StatusCode::OK, None)).await
}

/// Changes it.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(parse(&id)?, &fields)?;
    let wanted = Change {
        name: fields.text("name").to_owned(),
        redirect_uris: lines(&fields, "redirect_uris"),
        post_logout_redirect_uris: lines(&fields, "goodbye"),
        home: line(&fields, "home"),
        told_at: line(&fields, "told_at"),
        category: line(&fields, "category"),
        logo: line(&fields, "logo"),
        contacts: lines(&fields, "contacts"),
        scopes: scopes(&fields),
        audience: audience_of(&fields),
        consent: fields.get("consent").is_some(),
        minimum_acr: Class::from_word(fields.text("acr")),
        legacy: fields.get("legacy").is_some(),
        id_token_claims: fields.get("id_token_claims").is_some(),
    };
    let result = register::change(&app, &by.administrator, seen, &wanted).await;
    answer(&app, &by, seen.id, Some(&fields), result.map(|()| "saved")).await
}

/// Gives it a new secret, shown this once.
pub(in crate::web) async fn rotate(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let (seen, why) = (seen(parse(&id)?, &fields)?, fields.text("reason"));
    let days = fields.text("overlap").parse().ok().filter(|days| OVERLAPS.contains(days));
    let days = days.ok_or_else(|| Failure::BadForm("no such overlap".to_owned()))?;
    match register::rotate_secret(&app, &by.administrator, seen, days, why).await {
        Ok(made) => {
            let until = app.now().plus(Duration::days(days)).local();
            let until = (days > 0).then(|| t.application_secret_before(&t.moment(until)));
            page_once(&app, &by, &made, (t.application_rotated(&made.client.name), None, until, None)).await
        }
        Err(SecretRefused::Stopped(stopped)) => {
            let path = format!("{}/secret", urls::application(seen.id));
            approvals::put(&app, &by, stopped, (&path, &fields)).await
        }
        Err(SecretRefused::Application(refused)) => answer(&app, &by, seen.id, None, Err(refused)).await,
    }
}

/// Ends the secret before the present one.
pub(in crate::web) async fn end_old(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(parse(&id)?, &fields)?;
    let result = register::end_old_secret(&app, &by.administrator, seen).await;
    answer(&app, &by, seen.id, None, result.map(|()| "old-ended")).await
}

async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: ClientRowId,
    typed: Option<&Fields>,
    result: Result<&str, ApplicationRefused>,
) -> Result<Response, Failure> {
    match result {
        Ok(note) => Ok(Redirect::to(&format!("{}?note={note}", urls::application(id))).into_response()),
        Err(refused) => {
            let (status, notice) = refusal(by.visitor.lang, refused)?;
            // What somebody else has changed is shown as it is now.
            let typed = typed.filter(|_| status != StatusCode::CONFLICT);
            page(app, by, id, typed, (status, Some(notice))).await
        }
    }
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
    let (here, names, now) = (urls::application(id), Names::read(app).await?, app.now());
    let metadata = &client.metadata;
    let kept = |field: &str| {
        let code = |prefix: &str| field.strip_prefix(prefix).map(str::to_owned);
        code("for.agency.").is_some_and(|code| metadata.allowed_agencies.contains(&code))
            || code("for.group.").is_some_and(|code| metadata.allowed_groups.contains(&code))
    };
    let is_chosen = |field: &str| typed.map_or_else(|| kept(field), |typed| typed.get(field).is_some());
    let (agencies, groups) = audience_choices(&names, is_chosen);
    let old = metadata.previous_secret.as_ref().filter(|old| old.is_good(now));
    let until = |ends_at: i64| t.moment(Timestamp::from_micros(ends_at).local());
    html_with(
        status,
        &EditPage {
            t,
            page: super::at(super::frame(app, by).await?, t, &format!("{here}/edit")),
            notice,
            here,
            name: client.name.clone(),
            version: client.version,
            own: held(t, &names, &OwnRights::of(metadata)),
            fields: fields(t, &client, typed),
            scopes: scope_choices(t, &client, typed),
            agencies,
            groups,
            switches: switches(t, &client, typed),
            levels: levels(t, &client, typed),
            has_secret: client.secret_digest.is_some(),
            needs_second: client_api::is_powerful(app, &client).await?,
            old_secret: old.map(|old| t.application_secret_before(&until(old.ends_at))),
            overlaps: OVERLAPS.map(|days| (days, overlap(t, days), days == USUAL)).into(),
        },
    )
}

fn overlap(t: Lang, days: i64) -> String {
    match u64::try_from(days) {
        Ok(days) if days > 0 => t.days(days),
        _ => t.application_overlap_none().to_owned(),
    }
}

fn fields(t: Lang, client: &Client, typed: Option<&Fields>) -> Vec<Field> {
    let texts = |uris: &[RedirectUri]| uris.iter().map(RedirectUri::as_str).collect::<Vec<_>>().join("\n");
    let one = |value: &Option<String>| value.clone().unwrap_or_default();
    let metadata = &client.metadata;
    let all = [
        ("name", t.application_name(), client.name.clone(), false),
        ("contacts", t.application_contacts_lines(), metadata.contacts.join("\n"), true),
        ("category", t.application_category(), one(&metadata.category), false),
        ("home", t.application_home(), one(&client.home), false),
        ("logo", t.application_logo_uri(), one(&metadata.logo_uri), false),
        ("redirect_uris", t.application_redirect_lines(), texts(&client.redirect_uris), true),
        ("goodbye", t.application_goodbye_lines(), texts(&client.post_logout_redirect_uris), true),
        ("told_at", t.application_backchannel(), one(&client.backchannel_logout_uri), false),
    ];
    let field = |(name, word, kept, is_lines): (&'static str, &'static str, String, bool)| Field {
        name,
        word,
        value: typed.map_or(kept, |typed| typed.text(name).to_owned()),
        is_lines,
    };
    all.into_iter().map(field).collect()
}

fn ticked(field: &str, is_so: bool, typed: Option<&Fields>) -> bool {
    typed.map_or(is_so, |typed| typed.get(field).is_some())
}

fn scope_choices(t: Lang, client: &Client, typed: Option<&Fields>) -> Vec<Choice> {
    let choice = |scope: Scope| {
        let field = format!("scope.{}", scope.code());
        let chosen = ticked(&field, client.scopes.has(scope), typed);
        Choice { field, word: t.scope_in_words(scope).0.to_owned(), chosen }
    };
    Scope::ALL.into_iter().filter(|scope| *scope != Scope::OpenId).map(choice).collect()
}

fn switches(t: Lang, client: &Client, typed: Option<&Fields>) -> Vec<Choice> {
    let all = [
        ("consent", t.application_consent(), client.metadata.consent_required),
        ("legacy", t.application_legacy(), client.legacy),
        ("id_token_claims", t.application_id_token_claims(), client.id_token_claims),
    ];
    let choice = |(field, word, is_so): (&str, &str, bool)| Choice {
        field: field.to_owned(),
        word: word.to_owned(),
        chosen: ticked(field, is_so, typed),
    };
    all.into_iter().map(choice).collect()
}

fn levels(t: Lang, client: &Client, typed: Option<&Fields>) -> Vec<Choice> {
    let kept = client.metadata.minimum_acr.map_or("", Class::word);
    let chosen = typed.map_or(kept, |typed| typed.text("acr"));
    let classes = [Class::Password, Class::SecondFactor, Class::Passkey].map(Some);
    let level = |class: Option<Class>| {
        let field = class.map_or("", Class::word).to_owned();
        Choice { chosen: field == chosen, field, word: t.least(class).to_owned() }
    };
    [None].into_iter().chain(classes).map(level).collect()
}
