//! Setting up the authenticator app: the picture, the secret as text, the first code. At both doors, because whoever
//! administers may have to before anything else.

use super::offer::{self, Came};
use super::{certificate, recovery};
use crate::app::App;
use crate::domain::session::Door;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, SignedIn, recent};
use crate::i18n::Lang;
use crate::services::factors::authenticator;
use crate::services::factors::codes::CodeRefused;
use crate::urls;
use crate::web::login::pending;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

#[derive(Template)]
#[template(path = "second/authenticator.html")]
struct AuthenticatorPage<'a> {
    t: Lang,
    page: Frame,
    must: bool,
    came: Came<'a>,
    /// What else could be set up instead, for staff who must.
    other: Option<Other>,
    /// Where a passkey could be made instead.
    passkey: Option<String>,
    /// Where they go on to without it, and the words of that link.
    onward: (String, &'static str),
    notice: Option<Notice>,
    error: Option<&'static str>,
    secret: String,
    picture: Picture,
    /// What the picture says, as a link: no telephone scans its own screen.
    otpauth: &'a str,
}

/// What the city allows beside the app and passkeys.
struct Other {
    mail: bool,
    certificate: bool,
}

/// The picture, as one path of a vector graphic.
struct Picture {
    size: usize,
    path: String,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let notice = certificate::notice(signed.visitor.lang, query.text("note"));
    page(&app, &signed, Came::by(&query), Shown { notice, ..Shown::default() }).await
}

/// Takes the first code.
pub(in crate::web) async fn send(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (came, t) = (Came::by(&fields), signed.visitor.lang);
    let way = came.address(urls::AUTHENTICATOR);
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    let proof = recent::require_password(&app, &signed.current, &way);
    if let Err(unproven) = &proof
        && !authenticator::waits(&app, &signed.current).await?
    {
        return Err(unproven.clone());
    }
    let (code, proof) = (fields.text("code"), proof.ok());
    let refused = match authenticator::confirm(&app, &signed.current, code, proof.as_ref()).await {
        Ok(codes) => {
            signed.visitor.renew().await?;
            return recovery::page(&app, &signed, came, &codes, t.codes_made()).await;
        }
        Err(refused) => refused,
    };
    let shown = match refused {
        CodeRefused::Internal(internal) => return Err(internal.into()),
        CodeRefused::Wrong | CodeRefused::Certificate => Shown {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            error: Some(t.code_wrong()),
            notice: Some(Notice::info(t.code_wrong_then())),
        },
        CodeRefused::Wait(until) => Shown {
            status: StatusCode::TOO_MANY_REQUESTS,
            error: None,
            notice: Some(
                Notice::danger(t.code_paused(&t.clock(until.local()))).titled(t.code_paused_title()),
            ),
        },
    };
    page(&app, &signed, came, shown).await
}

/// What came of the form, if it was sent.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    error: Option<&'static str>,
    notice: Option<Notice>,
}

async fn page(app: &App, signed: &SignedIn, came: Came<'_>, shown: Shown) -> Result<Response, Failure> {
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    if app.config.second_factor.at(signed.visitor.door) == crate::domain::factor::Demand::Off {
        return Err(Failure::NotFound);
    }
    let way = came.address(urls::AUTHENTICATOR);
    let proof = recent::require_password(app, &signed.current, &way)?;
    let Some(offer) = authenticator::offer(app, &signed.current, &proof).await? else {
        return Ok(Redirect::to(&urls::onward(came.request)).into_response());
    };
    let door = signed.visitor.door;
    let must = offer::must(app, signed, came.request).await?.is_some();
    let has_passkeys = (must || came.is_first) && app.config.passkey_domain(door).is_some();
    let groups: Vec<_> = offer.secret.expose().as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    let page = AuthenticatorPage {
        t: signed.visitor.lang,
        page: signed.frame(app).await?,
        must,
        came,
        onward: (came.onward(door), came.onward_words(signed.visitor.lang)),
        other: (must && door == Door::Staff).then(|| Other {
            mail: app.config.second_factor.mail_codes,
            certificate: app.config.second_factor.certificates.is_some(),
        }),
        passkey: has_passkeys.then(|| came.address(urls::PASSKEY_NEW)),
        notice: shown.notice,
        error: shown.error,
        secret: groups.join(" "),
        picture: picture(offer.address.expose())?,
        otpauth: offer.address.expose(),
    };
    let mut response = html_with(shown.status, &page)?;
    if let Some(pending) = pending(app, &signed.visitor, came.request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}

/// Draws a QR code (ISO/IEC 18004) with its quiet zone.
fn picture(text: &str) -> Result<Picture, Failure> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Failure::Internal(format!("drawing a QR code: {error}")))?;
    let (width, mut path) = (code.width(), String::new());
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + QUIET, at / width + QUIET);
            write!(path, "M{x} {y}h1v1h-1z").map_err(|error| Failure::Internal(error.to_string()))?;
        }
    }
    Ok(Picture { size: width + 2 * QUIET, path })
}
