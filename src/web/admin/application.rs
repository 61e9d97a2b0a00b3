//! One application: what is registered, how it is used and by whom, what it gets and why; and the forms that stop it, end
//! what it was given, confirm its purposes and remove it.

use super::application_api::held;
use super::applications::audience;
use crate::app::App;
use crate::domain::admin::Right;
use crate::domain::id::ClientRowId;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client_auth::AuthMethod;
use crate::domain::oauth::lint::{Finding, Weight};
use crate::domain::oauth::purpose::{Review, asks_for};
use crate::domain::oauth::redirect::RedirectUri;
use crate::domain::oauth::scope::Scope;
use crate::domain::timestamp::Timestamp;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::application_desk::{self as desk, ApplicationRefused, LONGEST, Seen};
use crate::services::applications::{self, Page};
use crate::services::client_draft::BadMetadata;
use crate::services::clients::ClientRefused;
use crate::urls;
use crate::web::chart::{Chart, Point};
use crate::web::parts::{Notice, count};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

/// A fact of the registration.
struct Fact {
    word: &'static str,
    lines: Vec<String>,
}

/// One thing that it gets.
struct Given {
    code: &'static str,
    word: &'static str,
    purpose: String,
    reviewed: Option<String>,
}

/// Somebody who uses it.
struct UserLine {
    href: String,
    name: String,
    address: String,
    times: String,
}

#[derive(Template)]
#[template(path = "admin/application.html")]
struct ApplicationPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    here: String,
    name: String,
    client_id: String,
    version: i64,
    stopped: Option<String>,
    self_registered: bool,
    facts: Vec<Fact>,
    findings: Vec<(&'static str, &'static str, String)>,
    /// What it may do in its own name.
    own: Vec<String>,
    /// Whether stopping it ends that, too.
    uses_api: bool,
    charts: Vec<Chart>,
    use_says: Vec<String>,
    users: Vec<UserLine>,
    told: Vec<String>,
    given: Vec<Given>,
    agency: String,
    review: String,
    review_class: &'static str,
    may_change: bool,
    longest: usize,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (t, query) = (by.visitor.lang, query_of(query)?);
    let notice = match query.text("note") {
        "confirmed" => Some(t.application_data_confirmed()),
        "stopped" => Some(t.application_stop_done()),
        "resumed" => Some(t.application_resume_done()),
        "ended" => Some(t.application_end_done()),
        "saved" => Some(t.application_saved()),
        "old-ended" => Some(t.application_old_ended()),
        "api" => Some(t.own_done()),
        _ => None,
    };
    page(&app, &by, parse(&id)?, &Fields::default(), (StatusCode::OK, notice.map(Notice::ok))).await
}

/// Confirms what it gets, and why.
pub(in crate::web) async fn confirm(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(parse(&id)?, &fields)?;
    let given = purposes(&fields);
    let result = desk::confirm_purposes(&app, &by.administrator, seen, fields.text("agency"), &given).await;
    answer(&app, &by, seen.id, &fields, result.map(|()| "confirmed")).await
}

/// Stops it, or lets it run again.
pub(in crate::web) async fn set_state(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(parse(&id)?, &fields)?;
    let (who, why) = (&by.administrator, fields.text("reason"));
    let result = match fields.text("state") {
        "stop" => desk::stop(&app, who, seen, why).await.map(|()| "stopped"),
        "resume" => desk::resume(&app, who, seen, why).await.map(|()| "resumed"),
        _ => return Err(Failure::NotFound),
    };
    answer(&app, &by, seen.id, &fields, result).await
}

/// Ends everything that it was given.
pub(in crate::web) async fn end_all(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(parse(&id)?, &fields)?;
    let result = desk::end_access(&app, &by.administrator, seen, fields.text("reason")).await;
    answer(&app, &by, seen.id, &fields, result.map(|_| "ended")).await
}

/// Removes it.
pub(in crate::web) async fn remove(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let seen = seen(parse(&id)?, &fields)?;
    let (typed, why) = (fields.text("typed"), fields.text("reason"));
    match desk::remove(&app, &by.administrator, seen, typed, why).await {
        Ok(_) => Ok(Redirect::to(&format!("{}?note=removed", urls::APPLICATIONS)).into_response()),
        Err(refused) => answer(&app, &by, seen.id, &fields, Err(refused)).await,
    }
}

pub(super) fn parse(id: &str) -> Result<ClientRowId, Failure> {
    id.parse().map_err(|_| Failure::NotFound)
}

/// The application that a form showed, in its version.
pub(super) fn seen(id: ClientRowId, fields: &Fields) -> Result<Seen, Failure> {
    Ok(Seen { id, version: fields.version()? })
}

/// The purposes that a form gives.
pub(super) fn purposes(fields: &Fields) -> Vec<(Scope, String)> {
    let given = |scope: Scope| {
        let words = fields.get(&format!("purpose.{}", scope.code()))?;
        Some((scope, words.to_owned()))
    };
    Scope::ALL.into_iter().filter_map(given).collect()
}

/// What is said of a refusal, with its status; a failure of the whole page otherwise.
pub(super) fn refusal(t: Lang, refused: ApplicationRefused) -> Result<(StatusCode, Notice), Failure> {
    let wrong = |words: String| Ok((StatusCode::UNPROCESSABLE_ENTITY, Notice::danger(words)));
    match refused {
        ApplicationRefused::Forbidden(forbidden) => Err(forbidden.into()),
        ApplicationRefused::NotFound => Err(Failure::NotFound),
        ApplicationRefused::Internal(internal) => Err(internal.into()),
        ApplicationRefused::Meanwhile => Ok((StatusCode::CONFLICT, Notice::warn(t.application_meanwhile()))),
        ApplicationRefused::NoReason => wrong(t.reason_needed().to_owned()),
        ApplicationRefused::NotTyped => wrong(t.application_not_typed().to_owned()),
        ApplicationRefused::NoAgency => wrong(t.application_no_agency().to_owned()),
        ApplicationRefused::TooLong => wrong(t.application_text_too_long().to_owned()),
        ApplicationRefused::NoPurpose(scope) => {
            wrong(t.application_purpose_missing(t.scope_in_words(scope).0))
        }
        ApplicationRefused::NobodyCalled(code) => wrong(t.application_nobody_called(&code)),
        ApplicationRefused::Client(refused) => wrong(in_words(t, &refused)),
    }
}

/// Why a registration cannot be.
fn in_words(t: Lang, refused: &ClientRefused) -> String {
    match refused {
        ClientRefused::NoName => t.application_no_name().to_owned(),
        ClientRefused::NoRedirectUri => t.application_no_redirect().to_owned(),
        ClientRefused::Address(uri, why) => t.bad_address(uri, *why),
        ClientRefused::Metadata(BadMetadata::Address(name, why)) => t.bad_address(name, *why),
        ClientRefused::LegacyIsForWeb => t.application_legacy_is_web().to_owned(),
        ClientRefused::BadId => t.application_bad_id().to_owned(),
        ClientRefused::HasNoSecret => t.application_has_no_secret().to_owned(),
        ClientRefused::OfInterface => t.application_of_interface().to_owned(),
        other => t.application_refused(&other.to_string()),
    }
}

/// Back to the page with what was done, or the page with what stands in the way.
pub(super) async fn answer(
    app: &App,
    by: &AsAdministrator,
    id: ClientRowId,
    fields: &Fields,
    result: Result<&str, ApplicationRefused>,
) -> Result<Response, Failure> {
    match result {
        Ok(note) => Ok(Redirect::to(&format!("{}?note={note}", urls::application(id))).into_response()),
        Err(refused) => {
            let (status, notice) = refusal(by.visitor.lang, refused)?;
            page(app, by, id, fields, (status, Some(notice))).await
        }
    }
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: ClientRowId,
    typed: &Fields,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    let t = by.visitor.lang;
    let found = applications::page(app, &by.administrator, id).await?.ok_or(Failure::NotFound)?;
    let (client, here) = (&found.client, urls::application(id));
    let (review, review_class) = review(t, &found.review);
    let agency = found.purposes.first().map(|one| one.agency.clone()).unwrap_or_default();
    html_with(
        status,
        &ApplicationPage {
            t,
            page: super::at(super::frame(app, by).await?, t, &here),
            notice,
            name: client.name.clone(),
            client_id: client.client_id.to_string(),
            version: client.version,
            stopped: client.disabled_at.map(|at| t.application_stopped_since(&t.moment(at.local()))),
            self_registered: client.metadata.self_registered,
            facts: facts(t, &found, app.now()),
            findings: found.findings.iter().map(|one| finding(t, one)).collect(),
            own: held(t, &found.names, &found.own),
            uses_api: found.own.opens() && found.calls.is_some_and(|(days, _)| days > 0),
            charts: vec![chart(t, &found)],
            use_says: use_says(t, &found, by.administrator.reach().is_city()),
            users: found.users.iter().map(|user| user_line(t, user)).collect(),
            told: told(t, &found),
            given: given(t, &found, typed),
            agency: typed.get("agency").map_or(agency, str::to_owned),
            review,
            review_class,
            may_change: by.administrator.may(Right::ManageApplications),
            longest: LONGEST,
            here,
        },
    )
}

fn facts(t: Lang, found: &Page, now: Timestamp) -> Vec<Fact> {
    let client = &found.client;
    let metadata = &client.metadata;
    let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect::<Vec<_>>();
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    let mut facts = vec![
        (t.application_kind(), vec![t.client_kind(client.kind).to_owned()]),
        (t.application_for(), vec![audience(t, &found.audience)]),
        (t.application_home(), one(&client.home)),
        (t.application_category(), one(&metadata.category)),
        (t.application_contacts(), metadata.contacts.clone()),
        (t.application_redirect_uris(), texts(&client.redirect_uris)),
        (t.application_post_logout(), texts(&client.post_logout_redirect_uris)),
        (t.application_backchannel(), one(&client.backchannel_logout_uri)),
        (t.application_logo_uri(), logo(t, found)),
        (t.application_method(), vec![method(t, client)]),
        (t.application_registered_at(), vec![t.moment(client.created_at.local())]),
    ];
    if client.secret_digest.is_some() {
        let mut lines = vec![t.moment(client.secret_made_at().local())];
        if let Some(old) = metadata.previous_secret.as_ref().filter(|old| old.is_good(now)) {
            let until = Timestamp::from_micros(old.ends_at).local();
            lines.push(t.application_secret_before(&t.moment(until)));
        }
        facts.push((t.application_secret_made(), lines));
    }
    let fact = |(word, lines): (&'static str, Vec<String>)| {
        let lines = if lines.is_empty() { vec![t.application_none_given().to_owned()] } else { lines };
        Fact { word, lines }
    };
    facts.into_iter().map(fact).collect()
}

/// Where it is, whether the house keeps it, and why the last look gave nothing.
fn logo(t: Lang, found: &Page) -> Vec<String> {
    let Some(standing) = &found.logo else { return Vec::new() };
    let shown = if standing.is_kept { t.application_logo_kept() } else { t.application_logo_not_kept() };
    let error = standing.error.as_deref().map(|error| t.application_logo_error(error));
    let uri = found.client.metadata.logo_uri.clone();
    uri.into_iter().chain([shown.to_owned()]).chain(error).collect()
}

pub(super) fn method(t: Lang, client: &Client) -> String {
    match client.metadata.token_endpoint_auth_method {
        Some(method) if method != AuthMethod::None => method.code().to_owned(),
        None if client.kind.is_confidential() => t.application_method_secret().to_owned(),
        _ => t.application_method_none().to_owned(),
    }
}

/// A finding with the class and the word of its weight.
pub(super) fn finding(t: Lang, finding: &Finding) -> (&'static str, &'static str, String) {
    let (class, word) = match finding.weight() {
        Weight::Warning => ("is-warn", t.application_warning()),
        Weight::Note => ("is-info", t.application_note()),
    };
    (class, word, t.client_finding(finding))
}

fn chart(t: Lang, found: &Page) -> Chart {
    let point = |(day, number): &(time::Date, i64)| Point {
        word: t.date(*day),
        numbers: vec![*number],
        ..Point::default()
    };
    let points: Vec<_> = found.days.iter().map(point).collect();
    let total = found.days.iter().map(|(_, number)| number).sum();
    let says = t.application_chart_says(&t.number(count(total)));
    Chart::new(
        t,
        ("chart-entries", t.application_chart(), t.chart_day()),
        &[t.application_entries()],
        says,
        &points,
    )
}

fn use_says(t: Lang, found: &Page, is_city: bool) -> Vec<String> {
    let mut says = match found.last_used_at() {
        None => vec![t.application_never_used().to_owned()],
        Some(at) => vec![
            t.application_people(&t.number(count(found.people))),
            t.application_last_used_at(&t.moment(at.local())),
        ],
    };
    if !is_city {
        says.push(t.application_in_reach().to_owned());
    }
    says.extend(calls(t, found));
    says
}

/// Whether it calls in its own name: nobody enters a service, and it is used all the same.
fn calls(t: Lang, found: &Page) -> Option<String> {
    match found.calls {
        Some((days, last)) => Some(t.own_called(&t.date(last), &t.days(count(days)))),
        None => found.own.opens().then(|| t.own_never_called().to_owned()),
    }
}

fn user_line(t: Lang, user: &applications::User) -> UserLine {
    let moment = |at: Timestamp| t.moment(at.local());
    UserLine {
        href: urls::account(user.account),
        name: user.name.clone(),
        address: user.address.clone(),
        times: t.application_user_since(&moment(user.first_used_at), &moment(user.last_used_at)),
    }
}

fn told(t: Lang, found: &Page) -> Vec<String> {
    if found.client.backchannel_logout_uri.is_none() {
        return vec![t.application_not_told().to_owned()];
    }
    let number = |number: i64| t.number(count(number));
    let told = &found.told;
    let says = t.application_told_says(&number(told.agreed), &number(told.waiting), &number(told.given_up));
    let error = found.told_error.as_deref().map(|error| t.application_told_error(error));
    [says].into_iter().chain(error).collect()
}

/// What was typed goes before what is kept.
fn given(t: Lang, found: &Page, typed: &Fields) -> Vec<Given> {
    let line = |scope: Scope| {
        let kept = found.purposes.iter().find(|one| one.scope == scope);
        let words = typed.get(&format!("purpose.{}", scope.code())).map(str::to_owned);
        Given {
            code: scope.code(),
            word: t.scope_in_words(scope).0,
            purpose: words.or_else(|| kept.map(|one| one.purpose.clone())).unwrap_or_default(),
            reviewed: kept.map(|one| {
                let when = t.date(one.reviewed_at.local_date());
                t.application_data_reviewed(&one.agency, &one.reviewed_by, &when)
            }),
        }
    };
    asks_for(&found.client).into_iter().map(line).collect()
}

fn review(t: Lang, review: &Review) -> (String, &'static str) {
    let day = |at: &Timestamp| t.date(at.local_date());
    match review {
        Review::Nothing => (t.application_data_nothing().to_owned(), "is-ok"),
        Review::Missing(_) => (t.application_data_missing().to_owned(), "is-warn"),
        Review::Due(since) => (t.application_data_due(&day(since)), "is-warn"),
        Review::Good(until) => (t.application_data_good(&day(until)), "is-ok"),
    }
}
