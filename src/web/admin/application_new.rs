//! Registering an application by answering a few questions: the form, what would come of it, and the page that shows its
//! secret once with the text for its configuration.

use super::application::{purposes, refusal};
use super::application_api::address_with;
use super::applications::audience;
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::redirect::RedirectUri;
use crate::domain::oauth::scope::{Scope, Scopes};
use crate::domain::oauth::template::Template as Stack;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::application_desk::LONGEST;
use crate::services::application_register::{self as register, Answers, For, Preview, shown_once};
use crate::services::audience::Names;
use crate::services::clients::Registered;
use crate::urls;
use crate::web::parts::Notice;
use crate::web::{html, html_with};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// The longest text of a registration's fields.
const LONGEST_LINE: usize = 1000;

/// Something to choose.
pub(super) struct Choice {
    pub(super) field: String,
    pub(super) word: String,
    pub(super) chosen: bool,
}

/// A kind of data to give, and why.
struct Data {
    code: &'static str,
    word: &'static str,
    why: &'static str,
    chosen: bool,
    purpose: String,
}

#[derive(Template)]
#[template(path = "admin/application_new.html")]
struct NewPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    typed: &'a Fields,
    stacks: Vec<(Choice, &'static str)>,
    data: Vec<Data>,
    agencies: Vec<Choice>,
    groups: Vec<Choice>,
    longest: usize,
    longest_line: usize,
}

#[derive(Template)]
#[template(path = "admin/application_preview.html")]
struct PreviewPage {
    t: Lang,
    page: Frame,
    name: String,
    facts: Vec<(&'static str, Vec<String>)>,
    given: Vec<(&'static str, String)>,
    findings: Vec<(&'static str, &'static str, String)>,
    kept: Vec<(String, String)>,
    client_id: String,
}

/// What is shown once.
#[derive(Template)]
#[template(path = "admin/application_made.html")]
struct MadePage {
    t: Lang,
    page: Frame,
    title: String,
    client_id: String,
    secret: Option<String>,
    old_until: Option<String>,
    configuration: Option<String>,
    /// Where it is given what it is to do in its own name, if it asked for that.
    api: Option<String>,
    here: String,
}

/// Asks the questions.
pub(in crate::web) async fn show(State(app): State<App>, by: AsAdministrator) -> Result<Response, Failure> {
    form(&app, &by, &Fields::default(), (StatusCode::OK, None)).await
}

/// Shows what would be registered; with `back`, the questions once more.
pub(in crate::web) async fn preview(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    if fields.get("back").is_some() {
        return form(&app, &by, &fields, (StatusCode::OK, None)).await;
    }
    let Some(answers) = answers(&fields) else {
        let notice = Notice::danger(t.application_choose_stack());
        return form(&app, &by, &fields, (StatusCode::UNPROCESSABLE_ENTITY, Some(notice))).await;
    };
    match register::preview(&app, &by.administrator, &answers).await {
        Ok(found) => {
            let kept = fields.iter().filter(|(name, _)| !matches!(*name, "csrf" | "client_id"));
            let kept = kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let frame = super::frame(&app, &by).await?;
            html(&PreviewPage {
                t,
                page: super::at(frame, t, urls::APPLICATION_NEW),
                name: found.client.name.clone(),
                facts: facts(t, &found, &answers),
                given: found
                    .purposes
                    .iter()
                    .map(|one| (t.scope_in_words(one.scope).0, one.purpose.clone()))
                    .collect(),
                findings: found.findings.iter().map(|one| super::application::finding(t, one)).collect(),
                kept,
                client_id: found.client.client_id.to_string(),
            })
        }
        Err(refused) => {
            let (status, notice) = refusal(t, refused)?;
            form(&app, &by, &fields, (status, Some(notice))).await
        }
    }
}

/// Registers it, and shows its secret this once.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let answers = answers(&fields).ok_or_else(|| Failure::BadForm("no template".to_owned()))?;
    match register::register(&app, &by.administrator, fields.text("client_id"), &answers).await {
        Ok(made) => {
            let text = configuration(&app, answers.template, &made);
            let api = own_scopes(&made.client, &answers);
            let api = (!api.is_empty()).then(|| address_with(made.client.id, &api));
            let title = t.application_made(&made.client.name);
            page_once(&app, &by, &made, (title, Some(text), None, api)).await
        }
        Err(refused) => {
            let (status, notice) = refusal(t, refused)?;
            form(&app, &by, &fields, (status, Some(notice))).await
        }
    }
}

/// What it is given after it is registered; a public application may have nothing of it.
fn own_scopes(client: &Client, answers: &Answers) -> Vec<ApiScope> {
    if client.kind.is_confidential() { answers.of_the_house() } else { Vec::new() }
}

fn configuration(app: &App, stack: Stack, made: &Registered) -> String {
    let secret = shown_once(made.secret.as_ref());
    stack.configuration(app.config.server.issuer(), &made.client, secret.as_deref())
}

/// The page that shows a secret once; browsers keep no copy of it.
pub(super) async fn page_once(
    app: &App,
    by: &AsAdministrator,
    made: &Registered,
    (title, configuration, old_until, api): (String, Option<String>, Option<String>, Option<String>),
) -> Result<Response, Failure> {
    let (t, here) = (by.visitor.lang, urls::application(made.client.id));
    html(&MadePage {
        t,
        page: super::at(super::frame(app, by).await?, t, &here).once(),
        title,
        client_id: made.client.client_id.to_string(),
        secret: shown_once(made.secret.as_ref()),
        old_until,
        configuration,
        api,
        here,
    })
}

async fn form(
    app: &App,
    by: &AsAdministrator,
    typed: &Fields,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let names = Names::read(app).await?;
    let is_fresh = typed.get("template").is_none() && typed.get("name").is_none();
    let stack = |stack: Stack| {
        let (field, chosen) = (stack.code().to_owned(), typed.text("template") == stack.code());
        (Choice { field, word: t.template_about(stack).to_owned(), chosen }, stack.code())
    };
    let data = |scope: Scope| {
        let (word, why) = t.scope_in_words(scope);
        Data {
            code: scope.code(),
            word,
            why,
            chosen: typed.get(&format!("scope.{}", scope.code())).is_some()
                || (is_fresh && scope == Scope::Profile),
            purpose: typed.text(&format!("purpose.{}", scope.code())).to_owned(),
        }
    };
    let scopes = Scope::ALL.into_iter().filter(|scope| *scope != Scope::OpenId);
    let (agencies, groups) = audience_choices(&names, |field| typed.get(field).is_some());
    html_with(
        status,
        &NewPage {
            t,
            page: super::at(super::frame(app, by).await?, t, urls::APPLICATION_NEW),
            notice,
            typed,
            stacks: Stack::ALL.map(stack).into(),
            data: scopes.map(data).collect(),
            agencies,
            groups,
            longest: LONGEST,
            longest_line: LONGEST_LINE,
        },
    )
}

/// The agencies and groups that an application may be for.
pub(super) fn audience_choices(
    names: &Names,
    is_chosen: impl Fn(&str) -> bool,
) -> (Vec<Choice>, Vec<Choice>) {
    let choice = |sort: &str, code: &str, word: &str| {
        let field = format!("for.{sort}.{code}");
        Choice { chosen: is_chosen(&field), word: word.to_owned(), field }
    };
    let agencies = names.agencies.iter().map(|one| choice("agency", &one.code, &one.name)).collect();
    let groups = names.groups.iter().map(|one| choice("group", &one.code, &one.name)).collect();
    (agencies, groups)
}

/// For whom a form says that it is.
pub(super) fn audience_of(fields: &Fields) -> For {
    let codes = |sort: &str| {
        let prefix = format!("for.{sort}.");
        fields.iter().filter_map(|(name, _)| name.strip_prefix(prefix.as_str()).map(str::to_owned)).collect()
    };
    For { agencies: codes("agency"), groups: codes("group") }
}

/// The lines of a field, without empty ones.
pub(super) fn lines(fields: &Fields, name: &str) -> Vec<String> {
    fields.text(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A line of a form, if it says anything.
pub(super) fn line(fields: &Fields, name: &str) -> Option<String> {
    Some(fields.text(name).trim()).filter(|line| !line.is_empty()).map(str::to_owned)
}

/// The scopes that a form ticks.
pub(super) fn scopes(fields: &Fields) -> Scopes {
    let ticked =
        Scope::ALL.into_iter().filter(|scope| fields.get(&format!("scope.{}", scope.code())).is_some());
    ticked.fold(Scopes::default().with(Scope::OpenId), Scopes::with)
}

/// What the form answers; `None` without a template.
fn answers(fields: &Fields) -> Option<Answers> {
    Some(Answers {
        name: fields.text("name").to_owned(),
        template: Stack::from_code(fields.text("template"))?,
        url: line(fields, "url"),
        redirect_uris: lines(fields, "redirect_uris"),
        goodbye: line(fields, "goodbye"),
        told_at: line(fields, "told_at"),
        scopes: scopes(fields),
        purposes: purposes(fields),
        agency: fields.text("agency").to_owned(),
        audience: audience_of(fields),
        contacts: lines(fields, "contacts"),
        category: line(fields, "category"),
        api_scopes: lines(fields, "api_scopes"),
    })
}

fn facts(t: Lang, found: &Preview, answers: &Answers) -> Vec<(&'static str, Vec<String>)> {
    let client: &Client = &found.client;
    let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect::<Vec<_>>();
    let facts = vec![
        (t.application_kind(), vec![t.client_kind(client.kind).to_owned()]),
        (t.application_for(), vec![audience(t, &found.audience)]),
        (t.application_redirect_uris(), texts(&client.redirect_uris)),
        (t.application_post_logout(), texts(&client.post_logout_redirect_uris)),
        (t.application_backchannel(), client.backchannel_logout_uri.iter().cloned().collect()),
        (t.application_home(), client.home.iter().cloned().collect()),
        (t.application_category(), client.metadata.category.iter().cloned().collect()),
        (t.application_contacts(), client.metadata.contacts.clone()),
        (t.application_api_scopes(), client.metadata.api_scopes.clone()),
        (t.own_title(), own(t, client, answers)),
        (t.application_method(), vec![super::application::method(t, client)]),
    ];
    facts.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

/// What it will be able to ask for at the administrators' interface, and why not yet.
fn own(t: Lang, client: &Client, answers: &Answers) -> Vec<String> {
    let asked = answers.of_the_house();
    if asked.is_empty() {
        return Vec::new();
    }
    let codes: Vec<_> = asked.iter().map(|scope| scope.code()).collect();
    let may = client.kind.is_confidential();
    vec![codes.join(" "), if may { t.own_after_registering() } else { t.own_public() }.to_owned()]
}
