//! Setting up the authenticator app: the picture, the secret as text, the first code. At both doors, because whoever
//! administers may have to before anything else.

use super::recovery;
use crate::app::App;
use crate::domain::session::Door;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, SignedIn, recent};
use crate::i18n::Lang;
use crate::services::factors::authenticator;
use crate::services::factors::codes::CodeRefused;
use crate::services::factors::{self, Standing};
use crate::urls;
use crate::web::login::{pending, request_of};
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
    /// What else could be set up instead, for staff who must.
    other: Option<Other>,
    /// Whether a passkey could be made here instead.
    has_passkeys: bool,
    notice: Option<Notice>,
    error: Option<&'static str>,
    request: Option<&'a str>,
    secret: String,
    picture: Picture,
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
    page(&app, &signed, request_of(&query), Shown::default()).await
}

/// Takes the first code.
pub(in crate::web) async fn send(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let (request, t) = (request_of(&fields), signed.visitor.lang);
    let way = urls::with_request(urls::AUTHENTICATOR, request);
    let proof = recent::require_password(&app, &signed.current, &way)?;
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    let refused = match authenticator::confirm(&app, &signed.current, fields.text("code"), &proof).await {
        Ok(codes) => {
            signed.visitor.renew().await?;
            return recovery::page(&app, &signed, request, &codes, t.codes_made()).await;
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
    page(&app, &signed, request, shown).await
}

/// What came of the form, if it was sent.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    error: Option<&'static str>,
    notice: Option<Notice>,
}

async fn page(
    app: &App,
    signed: &SignedIn,
    request: Option<&str>,
    shown: Shown,
) -> Result<Response, Failure> {
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    if app.config.second_factor.at(signed.visitor.door) == crate::domain::factor::Demand::Off {
        return Err(Failure::NotFound);
    }
    let way = urls::with_request(urls::AUTHENTICATOR, request);
    let proof = recent::require_password(app, &signed.current, &way)?;
    let Some(offer) = authenticator::offer(app, &signed.current, &proof).await? else {
        return Ok(Redirect::to(&urls::onward(request)).into_response());
    };
    let standing = factors::standing(app, &signed.current).await?;
    let must = request.is_some() || matches!(standing, Standing::MustEnrol(_));
    let groups: Vec<_> = offer.secret.expose().as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    let page = AuthenticatorPage {
        t: signed.visitor.lang,
        page: signed.frame(app).await?,
        must,
        other: (must && signed.visitor.door == Door::Staff).then(|| Other {
            mail: app.config.second_factor.mail_codes,
            certificate: app.config.second_factor.certificates.is_some(),
        }),
        has_passkeys: app.config.passkey_domain(signed.visitor.door).is_some(),
        notice: shown.notice,
        error: shown.error,
        request,
        secret: groups.join(" "),
        picture: picture(offer.address.expose())?,
    };
    let mut response = html_with(shown.status, &page)?;
    if let Some(pending) = pending(app, &signed.visitor, request).await? {
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
