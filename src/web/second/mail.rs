//! Codes by mail to another address: naming the address, and typing the code that was sent there.

use super::offer::Came;
use super::recovery;
use crate::app::App;
use crate::domain::session::Door;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, SignedIn, recent};
use crate::i18n::Lang;
use crate::services::factors::codes::CodeRefused;
use crate::services::factors::mail::{self, MailRefused};
use crate::urls;
use crate::web::login::pending;
use crate::web::parts::Notice;
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "second/mail.html")]
struct MailPage<'a> {
    t: Lang,
    page: Frame,
    came: Came<'a>,
    notice: Option<Notice>,
    error: Option<&'static str>,
    /// The address that waits for its code.
    waits: Option<String>,
    typed: &'a str,
}

/// What came of a form, if one was sent.
#[derive(Default)]
struct Shown<'a> {
    status: StatusCode,
    notice: Option<Notice>,
    error: Option<&'static str>,
    typed: &'a str,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    page(&app, &signed, Came::by(&query_of(query)?), Shown::default()).await
}

/// Takes an address, or the code that was sent to the one that waits.
pub(in crate::web) async fn send(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    settled(&app, &signed)?;
    let (came, t) = (Came::by(&fields), signed.visitor.lang);
    let way = came.address(urls::MAIL_FACTOR);
    let proof = recent::require_password(&app, &signed.current, &way)?;
    if let Some(code) = fields.get("code") {
        return match mail::confirm(&app, &signed.current, code, &proof).await {
            Ok(codes) => {
                signed.visitor.renew().await?;
                recovery::page(&app, &signed, came, &codes, t.codes_made()).await
            }
            Err(refused) => page(&app, &signed, came, refused_code(t, refused)?).await,
        };
    }
    let typed = fields.text("address");
    match mail::propose(&app, &signed.current, typed, &proof).await {
        Ok(()) => Ok(Redirect::to(&way).into_response()),
        Err(refused) => {
            let (error, notice) = in_words(t, refused)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&app, &signed, came, Shown { status, notice: notice.map(Notice::warn), error, typed }).await
        }
    }
}

/// Removes the address, or takes back one that waits.
pub(in crate::web) async fn remove(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    settled(&app, &signed)?;
    let proof = recent::require_password(&app, &signed.current, urls::SECURITY)?;
    mail::remove(&app, &signed.current, &proof).await?;
    let to = match fields.get("again") {
        Some(_) => Came::by(&fields).address(urls::MAIL_FACTOR),
        None => format!("{}?note=mail-removed", urls::SECURITY),
    };
    Ok(Redirect::to(&to).into_response())
}

/// Why no code was sent, beside the field or above the form.
pub(super) fn in_words(
    t: Lang,
    refused: MailRefused,
) -> Result<(Option<&'static str>, Option<&'static str>), Failure> {
    Ok(match refused {
        MailRefused::Internal(internal) => return Err(internal.into()),
        MailRefused::Off | MailRefused::Already => return Err(Failure::NotFound),
        MailRefused::NotAnAddress => (Some(t.mail_not_an_address()), None),
        MailRefused::OfTheCity => (Some(t.mail_of_the_city()), None),
        MailRefused::TooSoon => (None, Some(t.mail_too_soon())),
        MailRefused::NotSent(_) => (None, Some(t.mail_not_sent())),
    })
}

fn refused_code(t: Lang, refused: CodeRefused) -> Result<Shown<'static>, Failure> {
    Ok(match refused {
        CodeRefused::Internal(internal) => return Err(internal.into()),
        CodeRefused::Wrong | CodeRefused::Certificate => Shown {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            error: Some(t.mail_wrong()),
            ..Shown::default()
        },
        CodeRefused::Wait(until) => Shown {
            status: StatusCode::TOO_MANY_REQUESTS,
            notice: Some(
                Notice::danger(t.code_paused(&t.clock(until.local()))).titled(t.code_paused_title()),
            ),
            ..Shown::default()
        },
    })
}

/// Only where the city allows it, and to nobody who must set a password first.
fn settled(app: &App, signed: &SignedIn) -> Result<(), Failure> {
    if signed.current.must_change_password() {
        return Err(Failure::SignInFirst(urls::PASSWORD.to_owned()));
    }
    let settings = &app.config.second_factor;
    let is_open = settings.mail_codes
        && signed.visitor.door == Door::Staff
        && settings.staff != crate::domain::factor::Demand::Off;
    if is_open { Ok(()) } else { Err(Failure::NotFound) }
}

async fn page(app: &App, signed: &SignedIn, came: Came<'_>, shown: Shown<'_>) -> Result<Response, Failure> {
    settled(app, signed)?;
    recent::require_password(app, &signed.current, &came.address(urls::MAIL_FACTOR))?;
    let kept = mail::of(app, &signed.current.account).await?;
    if kept.as_ref().is_some_and(|kept| kept.confirmed_at.is_some()) {
        return Ok(Redirect::to(&came.onward(signed.visitor.door)).into_response());
    }
    let page = MailPage {
        t: signed.visitor.lang,
        page: signed.frame(app).await?,
        came,
        notice: shown.notice,
        error: shown.error,
        waits: kept.map(|kept| kept.address.to_string()),
        typed: shown.typed,
    };
    let mut response = html_with(shown.status, &page)?;
    if let Some(pending) = pending(app, &signed.visitor, came.request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}
