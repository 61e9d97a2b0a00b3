//! The last step of the first day: a second factor is offered, and can wait. The pages on which one is set up know by
//! [`Came`] whether somebody has come from here.

use super::certificate;
use crate::app::App;
use crate::domain::factor::Demand;
use crate::domain::proof::Class;
use crate::domain::session::Door;
use crate::http::client_certificate::Shown;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Frame, SignedIn};
use crate::i18n::Lang;
use crate::services::factors::{self, Standing};
use crate::services::session::Current;
use crate::services::{Internal, authorize};
use crate::urls;
use crate::web::login::{pending, request_of};
use crate::web::parts::Notice;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

/// How somebody has come to a page on which a second factor is set up.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::web) struct Came<'a> {
    /// The authorization request that waits.
    pub(in crate::web) request: Option<&'a str>,
    /// Whether it is the first day.
    pub(in crate::web) is_first: bool,
}

impl<'a> Came<'a> {
    /// Reads it off a query or a form.
    pub(in crate::web) fn by(fields: &'a Fields) -> Self {
        Self { request: request_of(fields), is_first: fields.get("first").is_some() }
    }

    /// An address that keeps it.
    pub(in crate::web) fn address(self, path: &str) -> String {
        let address = urls::with_request(path, self.request);
        let first = match (self.is_first, self.request) {
            (false, _) => "",
            (true, Some(_)) => "&first=1",
            (true, None) => "?first=1",
        };
        address + first
    }

    /// Where they go on to, with the factor or without it.
    pub(in crate::web) fn onward(self, door: Door) -> String {
        match (self.request, door) {
            (Some(_), _) => urls::onward(self.request),
            (None, Door::Staff) if self.is_first => format!("{}?note=password", urls::HOME),
            (None, Door::Staff) => urls::SECURITY.to_owned(),
            (None, Door::Admin) => urls::HOME.to_owned(),
        }
    }

    /// The words of the link that leads on without it.
    pub(in crate::web) const fn onward_words(self, t: Lang) -> &'static str {
        if self.is_first || self.request.is_some() { t.offer_later() } else { t.confirm_back() }
    }

    /// The page from which they have come.
    pub(in crate::web) fn start(self) -> String {
        match (self.is_first, self.request) {
            (true, _) => urls::with_request(urls::FIRST_DAY, self.request),
            (false, Some(_)) => urls::with_request(urls::AUTHENTICATOR, self.request),
            (false, None) => urls::SECURITY.to_owned(),
        }
    }
}

/// The class of the factor that somebody must set up before they go on; `None` if they need not.
pub(in crate::web) async fn must(
    app: &App,
    signed: &SignedIn,
    request: Option<&str>,
) -> Result<Option<Class>, Failure> {
    if let Some(id) = request
        && signed.visitor.knows_request(id).await?
        && let Some(class) = authorize::must_enrol(app, id, &signed.current).await?
    {
        return Ok(Some(class));
    }
    Ok(match factors::standing(app, &signed.current).await? {
        Standing::MustEnrol(class) => Some(class),
        _ => None,
    })
}

#[derive(Template)]
#[template(path = "second/offer.html")]
struct OfferPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    must: bool,
    app: String,
    passkey: Option<String>,
    certificate: Option<Offered>,
    request: Option<&'a str>,
    onward: String,
}

/// A certificate, where the city takes them.
struct Offered {
    /// Whose the browser shows, in words.
    shown: Option<String>,
}

/// Whether the step is shown to somebody who has just set the first password of their own.
pub(in crate::web) async fn is_due(app: &App, current: &Current) -> Result<bool, Failure> {
    let own = factors::of(app, current.account.id()).await.map_err(Internal::from)?;
    Ok(app.config.second_factor.staff != Demand::Off && !own.any())
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Shown(shown): Shown,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let request = request_of(&query);
    if signed.current.must_change_password() || !is_due(&app, &signed.current).await? {
        return Ok(Redirect::to(&urls::onward(request)).into_response());
    }
    let (t, door) = (signed.visitor.lang, signed.visitor.door);
    let came = Came { request, is_first: true };
    let passkey = app.config.passkey_domain(door);
    let says = || shown.as_ref().map(|shown| certificate::subject(t, shown));
    let mut response = html(&OfferPage {
        t,
        page: signed.frame(&app).await?,
        notice: certificate::notice(t, query.text("note")),
        must: must(&app, &signed, request).await?.is_some(),
        app: came.address(urls::AUTHENTICATOR),
        passkey: passkey.map(|_| came.address(urls::PASSKEY_NEW)),
        certificate: app.config.second_factor.certificates.is_some().then(|| Offered { shown: says() }),
        request,
        onward: came.onward(door),
    })?;
    if let Some(pending) = pending(&app, &signed.visitor, request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}
