//! Passkeys on pages: the form that the script fills in, and the page on which one is made.

use super::offer::{self, Came};
use super::recovery;
use crate::app::App;
use crate::crypto::webauthn::{self, Assertion};
use crate::domain::factor::Demand;
use crate::domain::proof::Class;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, SignedIn, Visitor, recent};
use crate::i18n::Lang;
use crate::services::factors::passkeys::{self, Answer, Asking, NewPasskey, PasskeyRefused, Place, Purpose};
use crate::urls;
use crate::web::login::pending;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

/// How many characters the name of a passkey may have.
const LONGEST_NAME: usize = 60;

/// The form by which a page asks for a passkey.
pub(in crate::web) struct PasskeyForm {
    /// `offer`: also in the list under the address field; `ask`: by the button only.
    pub(in crate::web) kind: &'static str,
    pub(in crate::web) action: String,
    pub(in crate::web) challenge: String,
    pub(in crate::web) rp: String,
    pub(in crate::web) allowed: String,
    pub(in crate::web) verification: &'static str,
    pub(in crate::web) request: Option<String>,
    pub(in crate::web) back: Option<String>,
    /// Whether the accounts that are signed in stay beside this one.
    pub(in crate::web) another: bool,
    /// Whether its button is the page's main one.
    pub(in crate::web) is_main: bool,
}

impl PasskeyForm {
    /// A form that sends what a passkey proves to `action`.
    pub(in crate::web) fn new(asking: Asking, purpose: Purpose, action: &str, request: Option<&str>) -> Self {
        let is_first = purpose == Purpose::SignIn;
        Self {
            kind: if is_first { "offer" } else { "ask" },
            action: urls::with_request(action, request),
            challenge: asking.challenge,
            rp: asking.rp_id,
            allowed: asking.allowed.join(" "),
            verification: if is_first { "required" } else { "preferred" },
            request: request.map(str::to_owned),
            back: None,
            another: false,
            is_main: false,
        }
    }
}

/// What only this browser's pages have.
pub(in crate::web) fn place<'a>(visitor: &Visitor, csrf: &'a str) -> Place<'a> {
    Place { door: visitor.door, browser: csrf }
}

/// What the script has filled in; `None` if it has not.
pub(in crate::web) fn answer_of(fields: &Fields) -> Option<Answer<'_>> {
    let bytes = |name| fields.get(name).and_then(webauthn::decode);
    let user = match fields.get("user") {
        Some(user) => Some(webauthn::decode(user)?),
        None => None,
    };
    let assertion = Assertion {
        id: bytes("credential")?,
        client_data: bytes("client_data")?,
        data: bytes("data")?,
        signature: bytes("signature")?,
        user,
    };
    Some(Answer { challenge: fields.text("challenge"), assertion })
}

#[derive(Template)]
#[template(path = "second/passkey.html")]
struct PasskeyPage<'a> {
    t: Lang,
    page: Frame,
    must: bool,
    came: Came<'a>,
    /// Where the app is set up in its place, where that is enough.
    app_instead: Option<String>,
    /// Where they go on to without it, and the words of that link.
    onward: (String, &'static str),
    notice: Option<Notice>,
    asking: Asking,
    allowed: String,
    algorithms: String,
    user: String,
    address: &'a str,
    person: &'a str,
    name: &'a str,
}

/// Shows the page on which one is made.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    page(&app, &signed, &query, (StatusCode::OK, None)).await
}

/// Takes the one that was made.
pub(in crate::web) async fn send(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (came, t) = (Came::by(&fields), signed.visitor.lang);
    let proof = recent::require_password(&app, &signed.current, &way(came, &fields))?;
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    let bytes = |name| fields.get(name).and_then(webauthn::decode).unwrap_or_default();
    let new = NewPasskey {
        challenge: fields.text("challenge"),
        client_data: bytes("client_data"),
        attestation: bytes("attestation"),
        name: fields.get("name").unwrap_or_else(|| t.passkey_usual_name()),
    };
    match passkeys::add(&app, &signed.current, fields.text("csrf"), &new, &proof).await {
        Ok(codes) => {
            signed.visitor.renew().await?;
            recovery::page(&app, &signed, came, &codes, t.codes_made()).await
        }
        Err(PasskeyRefused::Internal(internal)) => Err(internal.into()),
        Err(PasskeyRefused::TooMany) => {
            let notice = Some(Notice::warn(t.passkey_too_many()));
            page(&app, &signed, &fields, (StatusCode::CONFLICT, notice)).await
        }
        Err(PasskeyRefused::Unproven | PasskeyRefused::CounterFell(_)) => {
            let notice = Some(Notice::danger(t.passkey_not_made()));
            page(&app, &signed, &fields, (StatusCode::UNPROCESSABLE_ENTITY, notice)).await
        }
    }
}

/// The page itself, with the name that was typed, for whoever is led away from it to prove themselves.
fn way(came: Came<'_>, fields: &Fields) -> String {
    let address = came.address(urls::PASSKEY_NEW);
    let Some(name) = fields.get("name") else { return address };
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}name={name}")
}

async fn page(
    app: &App,
    signed: &SignedIn,
    fields: &Fields,
    (status, notice): (StatusCode, Option<Notice>),
) -> Result<Response, Failure> {
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    if app.config.second_factor.at(signed.visitor.door) == Demand::Off {
        return Err(Failure::NotFound);
    }
    let (came, door) = (Came::by(fields), signed.visitor.door);
    recent::require_password(app, &signed.current, &way(came, fields))?;
    let must = offer::must(app, signed, came.request).await?;
    // An application that asks for a passkey takes no app.
    let takes_app = (must.is_some() || came.is_first) && must != Some(Class::Passkey);
    let (page, account) = (signed.frame(app).await?, &signed.current.account);
    let place = place(&signed.visitor, &page.csrf);
    let asking = passkeys::ask(app, place, Purpose::Make, Some(account)).await?.ok_or(Failure::NotFound)?;
    let algorithms: Vec<_> = passkeys::algorithms().iter().map(ToString::to_string).collect();
    let page = PasskeyPage {
        t: signed.visitor.lang,
        must: must.is_some(),
        came,
        app_instead: takes_app.then(|| came.address(urls::AUTHENTICATOR)),
        onward: (came.onward(door), came.onward_words(signed.visitor.lang)),
        notice,
        allowed: asking.allowed.join(" "),
        asking,
        algorithms: algorithms.join(" "),
        user: webauthn::encode(&account.id().to_bytes()),
        address: account.profile().address.as_str(),
        person: &account.profile().display_name,
        name: fields.text("name"),
        page,
    };
    let mut response = html_with(status, &page)?;
    if let Some(pending) = pending(app, &signed.visitor, came.request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}
