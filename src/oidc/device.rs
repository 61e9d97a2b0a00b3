//! Devices without a keyboard: the device authorization endpoint (RFC 8628 §3.1, §3.2) and the pages on which a person
//! types the code and answers (§3.3, §5.4). The device asks at the token endpoint.

use super::{authorize, pages, reply, token};
use crate::app::App;
use crate::domain::oauth::device::{DEVICE_CODE, DEVICE_LIFE, PAUSE, UserCode};
use crate::domain::oauth::error::{Code, Refusal};
use crate::http::form::Fields;
use crate::http::proof::Place;
use crate::http::{Failure, Form, Frame, Visitor};
use crate::i18n::Lang;
use crate::services::device::{self, EnterRefused, Next, Question, Started};
use crate::services::token::TokenRefused;
use crate::urls;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

#[derive(Template)]
#[template(path = "sign_in/device.html")]
struct CodePage<'a> {
    t: Lang,
    page: &'a Frame,
    typed: &'a str,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/device_answer.html")]
struct AnswerPage<'a> {
    t: Lang,
    page: &'a Frame,
    question: &'a Question,
    began: String,
    shared: Vec<(&'static str, &'static str)>,
    request: &'a str,
}

#[derive(Template)]
#[template(path = "sign_in/device_answered.html")]
struct AnsweredPage<'a> {
    t: Lang,
    page: &'a Frame,
    approved: bool,
}

/// RFC 8628 §3.1: a device begins.
pub(super) async fn start(State(app): State<App>, place: Place, headers: HeaderMap, body: Bytes) -> Response {
    match begin(&app, &place, &headers, &body).await {
        Ok(started) => {
            let address = format!("{}{}", app.config.server.issuer(), urls::DEVICE);
            reply::ok(&json!({
                "device_code": started.device_code.expose(),
                "user_code": started.user_code.to_string(),
                "verification_uri": address,
                "verification_uri_complete": format!("{address}?user_code={}", started.user_code),
                "expires_in": DEVICE_LIFE.whole_seconds(),
                "interval": PAUSE,
            }))
        }
        Err(refused) => reply::refused(refused),
    }
}

async fn begin(app: &App, place: &Place, headers: &HeaderMap, body: &[u8]) -> Result<Started, TokenRefused> {
    const NOT_FOR_IT: Refusal =
        Refusal::new(Code::UnauthorizedClient, "The client is not registered for the device_code grant type");
    let (fields, client) = token::known(app, place, headers, body).await?;
    if !client.metadata.allows_grant(DEVICE_CODE) {
        return Err(NOT_FOR_IT.into());
    }
    device::start(app, &client, fields.get("scope")).await
}

/// The page for the code; after the answer the page that says so.
pub(super) async fn show(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let (_, visitor, query) = authorize::open(&app, request).await?;
    let fields = Fields::read(query.as_bytes()).unwrap_or_default();
    let answered = fields.text("answered");
    if matches!(answered, "approved" | "refused") {
        let frame = visitor.frame(&app).await?;
        let page = AnsweredPage { t: visitor.lang, page: &frame, approved: answered == "approved" };
        return Ok(pages::html(&page)?.into_response());
    }
    // RFC 8628 §3.3.1: filled in, and still sent by the person.
    let typed = UserCode::parse(fields.text("user_code")).map(|code| code.to_string());
    code_page(&app, &visitor, &typed.unwrap_or_default(), None, StatusCode::OK).await
}

/// The person has typed a code.
pub(super) async fn enter(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visitor, typed) = (&form.visitor, form.fields.text("user_code"));
    match device::enter(&app, typed, form.fields.text("csrf"), &visitor.source).await {
        Ok(id) => {
            visitor.remember_request(&id).await?;
            let page = with_which_account(&app, visitor, &id).await?;
            pages::see_other(&urls::with_request(page, Some(&id)))
        }
        Err(EnterRefused::Unknown) => {
            let words = visitor.lang.device_unknown().to_owned();
            let typed: String = typed.chars().take(20).collect();
            code_page(&app, visitor, &typed, Some(words), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(EnterRefused::Wait(until)) => {
            let words = visitor.lang.device_wait(&visitor.lang.clock(until.local()));
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = code_page(&app, visitor, "", Some(words), status).await?;
            let seconds = until.since(app.now()).whole_seconds().max(1);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            Ok(response)
        }
        Err(EnterRefused::Internal(error)) => Err(error.into()),
    }
}

/// Of several accounts in a browser the one is taken into use with which the application was last entered, else the person
/// chooses: nobody lets a device in with the mailbox of the office in place of their own. Tells the page that comes.
async fn with_which_account(app: &App, visitor: &Visitor, id: &str) -> Result<&'static str, Failure> {
    let roster = visitor.roster(app).await?;
    if !roster.has_several() {
        return Ok(urls::DEVICE_ANSWER);
    }
    let Some(last) = device::last_used(app, id, &roster).await? else { return Ok(urls::CHOOSE_ACCOUNT) };
    let in_use = visitor.current(app).await?.map(|current| current.session.id);
    if in_use != Some(last.session.id) {
        visitor.choose(app, last.session.id).await?;
    }
    Ok(urls::DEVICE_ANSWER)
}

/// Asks the person, as soon as they are signed in.
pub(super) async fn ask(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let (visible, visitor, query) = authorize::open(&app, request).await?;
    let fields = Fields::read(query.as_bytes()).unwrap_or_default();
    let id = fields.text("request");
    if !visitor.knows_request(id).await? {
        return gone(&app, &visitor, None).await;
    }
    let current = visitor.current(&app).await?;
    let next = device::next(&app, id, current.as_ref()).await?;
    match (next, current) {
        (Next::Ask(question), Some(_)) => {
            let page = AnswerPage {
                t: visitor.lang,
                page: &visitor.frame(&app).await?,
                question: &question,
                began: visitor.lang.clock(question.began_at.local()),
                shared: question.scopes.iter().map(|scope| visitor.lang.scope_in_words(scope)).collect(),
                request: id,
            };
            Ok(pages::html(&page)?.into_response())
        }
        (Next::ChangePassword, _) => pages::see_other(&urls::with_request(urls::PASSWORD, Some(id))),
        (Next::SecondFactor(class), _) => pages::see_other(&urls::second_step(class, Some(id))),
        (Next::Enrol(class), _) => pages::see_other(&urls::enrol(class, Some(id))),
        (Next::NotAdmitted(refused), _) => pages::not_admitted(&app, &visible, &refused),
        (Next::Choose, _) => pages::see_other(&urls::with_request(urls::ACTING, Some(id))),
        (Next::Gone, _) => gone(&app, &visitor, Some(id)).await,
        (Next::SignIn | Next::Ask(_), _) => pages::see_other(&urls::with_request(urls::SIGN_IN, Some(id))),
    }
}

/// The person has answered.
pub(super) async fn answer(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let id = form.fields.text("request");
    if form.fields.text("answer") != "approve" {
        return refuse(&app, &form, id).await;
    }
    if !form.visitor.knows_request(id).await? {
        return gone(&app, &form.visitor, None).await;
    }
    let shown = match form.fields.get("account") {
        Some(shown) => Some(shown.parse().map_err(|_| Failure::BadForm("no account".to_owned()))?),
        None => None,
    };
    match form.visitor.current(&app).await? {
        Some(current) if device::approve(&app, id, &current, shown).await? => answered("approved"),
        // The page says what stands in the way.
        _ => pages::see_other(&urls::with_request(urls::DEVICE_ANSWER, Some(id))),
    }
}

/// The person refuses, on the page that asks or on that of the sign-in.
pub(super) async fn refuse(app: &App, form: &Form, id: &str) -> Result<Response, Failure> {
    let visitor = &form.visitor;
    if !visitor.knows_request(id).await? {
        return gone(app, visitor, None).await;
    }
    let current = visitor.current(app).await?;
    if device::refuse(app, id, current.as_ref()).await? {
        answered("refused")
    } else {
        gone(app, visitor, Some(id)).await
    }
}

fn answered(word: &str) -> Result<Response, Failure> {
    pages::see_other(&format!("{}?answered={word}", urls::DEVICE))
}

/// No device waits any more, its application was stopped, or the code was typed in another browser: it can be typed here.
/// `id` only of a device whose code this browser has typed.
async fn gone(app: &App, visitor: &Visitor, id: Option<&str>) -> Result<Response, Failure> {
    let stopped = match id {
        Some(id) => device::stopped(app, id).await?,
        None => None,
    };
    let t = visitor.lang;
    let words = stopped.map_or_else(|| t.device_gone().to_owned(), |name| t.request_stopped(&name));
    code_page(app, visitor, "", Some(words), StatusCode::BAD_REQUEST).await
}

async fn code_page(
    app: &App,
    visitor: &Visitor,
    typed: &str,
    error: Option<String>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let page = CodePage { t: visitor.lang, page: &visitor.frame(app).await?, typed, error };
    Ok((status, pages::html(&page)?).into_response())
}
