//! Authorization endpoint: OIDC Core 1.0 §3.1.2, §3.2.2, §3.3.2; RFC 6749 §3.1, §4.1.1, §4.1.2; RFC 7636 §4.3; RFC 9207.

use super::pages;
use crate::app::App;
use crate::domain::oauth::request::RawRequest;
use crate::http::form::{Fields, MAX_BODY};
use crate::http::visitor::Surroundings;
use crate::http::{Failure, Visitor, state_cookie};
use crate::services::authorize::{self, Looked, Outcome};
use crate::services::device;
use crate::services::roster::Roster;
use crate::services::session;
use crate::urls;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;

/// No address with a request in it is longer.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// HEAD asks what GET would answer with, and must change nothing (RFC 9110 §9.2.1, §9.3.2): no request is kept, no code
/// issued, nobody signed out.
pub(super) async fn head() -> StatusCode {
    StatusCode::OK
}

/// A request in the query.
pub(super) async fn get(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let (visible, visitor, query) = open(&app, request).await?;
    let raw = RawRequest::read(form_urlencoded::parse(query.as_bytes()));
    let roster = visitor.roster(&app).await?;
    let looked = authorize::authorize(&app, &raw, &roster, &visitor.source).await?;
    if let Outcome::SignIn(id)
    | Outcome::SelectAccount(id)
    | Outcome::ChangePassword(id)
    | Outcome::SecondFactor(id, _)
    | Outcome::Enrol(id, _)
    | Outcome::Choose(id)
    | Outcome::Consent(id) = &looked.outcome
    {
        use_account(&app, &visitor, &looked).await?;
        visitor.remember_request(id).await?;
    }
    answer(&app, &visible, (&looked, &roster)).await
}

/// A request in a form. The session's cookie does not come with a form of another site (SameSite=Lax), so the browser
/// is sent to the same request in the query first, where it does.
pub(super) async fn post(request: Request) -> Result<Response, Failure> {
    pages::see_other(&as_query(urls::AUTHORIZE, request).await?)
}

/// A page of the sign-in has done its part; `?request=` names the request that waits.
pub(super) async fn proceed(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let (visible, visitor, query) = open(&app, request).await?;
    let fields = Fields::read(query.as_bytes()).unwrap_or_default();
    let id = fields.text("request");
    // Another browser's request would sign this browser's person in to somebody else's application session.
    if !visitor.knows_request(id).await? {
        return pages::expired(&app, &visible);
    }
    if device::is_device(id) {
        return pages::see_other(&urls::with_request(urls::DEVICE_ANSWER, Some(id)));
    }
    let roster = visitor.roster(&app).await?;
    let looked = authorize::proceed(&app, id, &roster).await?;
    if let Outcome::SelectAccount(_)
    | Outcome::ChangePassword(_)
    | Outcome::SecondFactor(..)
    | Outcome::Enrol(..)
    | Outcome::Choose(_)
    | Outcome::Consent(_) = &looked.outcome
    {
        use_account(&app, &visitor, &looked).await?;
    }
    answer(&app, &visible, (&looked, &roster)).await
}

/// The pages that follow are those of one account: it is taken into use.
async fn use_account(app: &App, visitor: &Visitor, looked: &Looked) -> Result<(), Failure> {
    let in_use = visitor.current(app).await?.map(|current| current.session.id);
    match looked.session.filter(|session| in_use != Some(*session)) {
        Some(session) => visitor.choose(app, session).await,
        None => Ok(()),
    }
}

/// Leads on. With an answer the session was used, and the browser learns what its `session_state` is made of.
async fn answer(
    app: &App,
    visible: &Surroundings,
    (looked, roster): (&Looked, &Roster),
) -> Result<Response, Failure> {
    let mut response = onward(app, visible, &looked.outcome)?;
    if let (Outcome::Answer(_), Some(session)) = (&looked.outcome, looked.session) {
        if let Some(current) = roster.find(session) {
            session::used(app, current).await?;
        }
        state_cookie::set(app, &mut response, &roster.sessions());
    }
    Ok(response)
}

pub(super) fn onward(app: &App, visible: &Surroundings, outcome: &Outcome) -> Result<Response, Failure> {
    match outcome {
        Outcome::Answer(answer) => pages::answer(app, visible, answer),
        Outcome::SignIn(id) => pages::see_other(&urls::with_request(urls::SIGN_IN, Some(id))),
        Outcome::SelectAccount(id) => pages::see_other(&urls::with_request(urls::CHOOSE_ACCOUNT, Some(id))),
        Outcome::ChangePassword(id) => pages::see_other(&urls::with_request(urls::PASSWORD, Some(id))),
        Outcome::SecondFactor(id, class) => pages::see_other(&urls::second_step(*class, Some(id))),
        Outcome::Enrol(id, class) => pages::see_other(&urls::enrol(*class, Some(id))),
        Outcome::Choose(id) => pages::see_other(&urls::with_request(urls::ACTING, Some(id))),
        Outcome::Consent(id) => pages::see_other(&urls::with_request(urls::CONSENT, Some(id))),
        Outcome::NotAdmitted(refused) => pages::not_admitted(app, visible, refused),
        Outcome::Page(unproven) => pages::unproven(app, visible, *unproven),
        Outcome::Gone => pages::expired(app, visible),
    }
}

/// What every page of this door looks at first.
pub(super) async fn open(app: &App, request: Request) -> Result<(Surroundings, Visitor, String), Failure> {
    let visible = Surroundings::of(&request, app);
    let query = request.uri().query().unwrap_or_default().to_owned();
    let (mut parts, _) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, app).await?;
    Ok((visible, visitor, query))
}

/// The parameters of a form as a query of ours, in their order, so that nothing is lost or hidden on the way.
pub(super) async fn as_query(path: &str, request: Request) -> Result<String, Failure> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Err(Failure::BadForm("the body is not a form".to_owned()));
    }
    let body = axum::body::to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| Failure::TooLarge)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(form_urlencoded::parse(&body)).finish();
    if query.len() > LONGEST_ADDRESS { Err(Failure::TooLarge) } else { Ok(format!("{path}?{query}")) }
}
