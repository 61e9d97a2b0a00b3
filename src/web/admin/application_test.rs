//! An application tested: a request that it sends is looked at, what a person would get, where its addresses lead, whether a
//! secret is its own. One page, one form for each question; nothing is kept.

use super::application::parse;
use super::application_test_views::{
    AddressesView, PersonView, RequestView, addresses_view, person_view, request_view, secret_notice,
};
use crate::app::App;
use crate::domain::id::ClientRowId;
use crate::domain::oauth::pasted::LONGEST;
use crate::domain::secret::Secret;
use crate::http::form::Fields;
use crate::http::{AsAdministrator, Failure, Form, Frame};
use crate::i18n::Lang;
use crate::services::application_test::secret::{self, Answer};
use crate::services::application_test::{TestRefused, addresses, person, request, subject};
use crate::urls;
use crate::web::html_with;
use crate::web::parts::Notice;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

/// What was answered to one of the forms, and what was typed into it.
#[derive(Default)]
struct Answers {
    typed_request: String,
    request_notice: Option<Notice>,
    request: Option<RequestView>,
    typed_person: String,
    person_notice: Option<Notice>,
    person: Option<PersonView>,
    addresses: Option<AddressesView>,
    secret: Option<Notice>,
}

#[derive(Template)]
#[template(path = "admin/application_test.html")]
struct TestPage {
    t: Lang,
    page: Frame,
    here: String,
    name: String,
    longest: usize,
    longest_secret: usize,
    has_secret: bool,
    answers: Answers,
}

/// Shows the questions.
pub(in crate::web) async fn show(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    page(&app, &by, parse(&id)?, (StatusCode::OK, Answers::default())).await
}

/// Answers one of them.
pub(in crate::web) async fn send(
    State(app): State<App>,
    by: AsAdministrator,
    Path(id): Path<String>,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let id = parse(&id)?;
    let answered = match fields.text("what") {
        "request" => about_request(&app, &by, id, &fields).await,
        "person" => about_person(&app, &by, id, &fields).await,
        "addresses" => about_addresses(&app, &by, id).await,
        "secret" => about_secret(&app, &by, id, &fields).await,
        _ => return Err(Failure::NotFound),
    };
    page(&app, &by, id, answered.map_err(failure)?).await
}

/// The status of the page, and the answer.
type Answered = Result<(StatusCode, Answers), TestRefused>;

async fn about_request(app: &App, by: &AsAdministrator, id: ClientRowId, fields: &Fields) -> Answered {
    let (t, text) = (by.visitor.lang, fields.text("request"));
    let client = subject(app, &by.administrator, id).await?;
    let looked = request::look(app, &by.administrator, id, (text, &by.visitor.source)).await?;
    let typed = |shown: bool| if shown { text.to_owned() } else { String::new() };
    Ok(match looked {
        Ok(reading) => {
            // What is nobody's to see is not shown again.
            let (typed_request, request) = (typed(!reading.has_secrets), request_view(t, &client, &reading));
            (StatusCode::OK, Answers { typed_request, request: Some(request), ..Answers::default() })
        }
        Err(why) => {
            let request_notice = Some(Notice::danger(t.not_pasted(why)));
            let typed_request = typed(text.len() <= LONGEST);
            let answers = Answers { typed_request, request_notice, ..Answers::default() };
            (StatusCode::UNPROCESSABLE_ENTITY, answers)
        }
    })
}

async fn about_person(app: &App, by: &AsAdministrator, id: ClientRowId, fields: &Fields) -> Answered {
    let (t, typed) = (by.visitor.lang, fields.text("person"));
    let client = subject(app, &by.administrator, id).await?;
    let typed_person: String = typed.chars().take(254).collect();
    let Some(would) = person::look(app, &by.administrator, id, &typed_person).await? else {
        let person_notice = Some(Notice::warn(t.test_person_none()));
        let answers = Answers { typed_person, person_notice, ..Answers::default() };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, answers));
    };
    let person = Some(person_view(t, &client, &would));
    Ok((StatusCode::OK, Answers { typed_person, person, ..Answers::default() }))
}

async fn about_addresses(app: &App, by: &AsAdministrator, id: ClientRowId) -> Answered {
    let found = addresses::look(app, &by.administrator, id, &by.visitor.source).await?;
    let addresses = Some(addresses_view(by.visitor.lang, &found));
    Ok((StatusCode::OK, Answers { addresses, ..Answers::default() }))
}

async fn about_secret(app: &App, by: &AsAdministrator, id: ClientRowId, fields: &Fields) -> Answered {
    let t = by.visitor.lang;
    let Some(typed) = fields.get("secret") else {
        let secret = Some(Notice::danger(t.test_secret_missing()));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Answers { secret, ..Answers::default() }));
    };
    let answer = secret::compare(app, &by.administrator, id, &Secret::new(typed.to_owned())).await?;
    let status = match answer {
        Answer::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
        Answer::Fits(_) | Answer::Wrong | Answer::HasNone => StatusCode::OK,
    };
    Ok((status, Answers { secret: Some(secret_notice(t, answer)), ..Answers::default() }))
}

fn failure(refused: TestRefused) -> Failure {
    match refused {
        TestRefused::Forbidden(forbidden) => forbidden.into(),
        TestRefused::NotFound => Failure::NotFound,
        TestRefused::Internal(internal) => internal.into(),
    }
}

async fn page(
    app: &App,
    by: &AsAdministrator,
    id: ClientRowId,
    (status, answers): (StatusCode, Answers),
) -> Result<Response, Failure> {
    let (t, here) = (by.visitor.lang, urls::application(id));
    let client = subject(app, &by.administrator, id).await.map_err(failure)?;
    html_with(
        status,
        &TestPage {
            t,
            page: super::at(super::frame(app, by).await?, t, &format!("{here}/test")),
            here,
            has_secret: client.secret_digest.is_some(),
            name: client.name,
            longest: LONGEST,
            longest_secret: secret::LONGEST,
            answers,
        },
    )
}
