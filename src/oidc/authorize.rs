//! Authorization endpoint: OIDC Core 1.0 §3.1.2, §3.2.2, §3.3.2; RFC 6749 §3.1, §4.1.1, §4.1.2; RFC 7636 §4.3; RFC 9207.

use super::pages;
use crate::app::App;
use crate::domain::oauth::request::RawRequest;
use crate::http::form::{Fields, MAX_BODY};
use crate::http::visitor::Surroundings;
use crate::http::{Failure, Visitor, state_cookie};
use crate::services::authorize::{self, Outcome};
use crate::services::device;
use crate::services::session::Current;
use crate::urls;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;

/// No address with a request in it is longer.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// A request in the query.
pub(super) async fn get(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let (visible, visitor, query) = open(&app, request).await?;
    let raw = RawRequest::read(form_urlencoded::parse(query.as_bytes()));
    let current = visitor.current(&app).await?;
    let outcome = authorize::authorize(&app, &raw, current.as_ref()).await?;
    if let Outcome::SignIn(id) | Outcome::ChangePassword(id) | Outcome::Consent(id) | Outcome::Choose(id) =
        &outcome
    {
        visitor.remember_request(id).await?;
    }
    let response = onward(&app, &visible, &outcome)?;
    Ok(with_state(&app, response, &outcome, current.as_ref()))
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
    let current = visitor.current(&app).await?;
    let outcome = authorize::proceed(&app, id, current.as_ref()).await?;
    let response = onward(&app, &visible, &outcome)?;
    Ok(with_state(&app, response, &outcome, current.as_ref()))
}

/// With an answer the browser learns what its `session_state` is made of.
fn with_state(app: &App, mut response: Response, outcome: &Outcome, current: Option<&Current>) -> Response {
    if let (Outcome::Answer(_), Some(current)) = (outcome, current) {
        state_cookie::set(app, &mut response, Some(current.session.id));
    }
    response
}

pub(super) fn onward(app: &App, visible: &Surroundings, outcome: &Outcome) -> Result<Response, Failure> {
    match outcome {
        Outcome::Answer(answer) => pages::answer(app, visible, answer),
        Outcome::SignIn(id) => pages::see_other(&urls::with_request(urls::SIGN_IN, Some(id))),
        Outcome::ChangePassword(id) => pages::see_other(&urls::with_request(urls::PASSWORD, Some(id))),
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
