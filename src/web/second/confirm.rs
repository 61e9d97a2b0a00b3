//! Somebody who is signed in proves once more who they are, and goes back to where they were led here from.

use crate::app::App;
use crate::domain::secret;
use crate::http::form::Fields;
use crate::http::keep::Holder;
use crate::http::{Failure, Form, Frame, SignedIn};
use crate::i18n::Lang;
use crate::services::confirm::{self, ConfirmRefused};
use crate::services::factors;
use crate::services::factors::passkeys::{self, Purpose};
use crate::services::factors::proof::Given;
use crate::urls;
use crate::web::login::sign_in::throttled;
use crate::web::parts::Notice;
use crate::web::second::passkey::{PasskeyForm, answer_of, place};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "second/confirm.html")]
struct ConfirmPage<'a> {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    error: Option<&'static str>,
    code_error: Option<&'static str>,
    back: &'a str,
    address: &'a str,
    /// Whether there is a code to type: of the app, or for recovery.
    with_code: bool,
    has_app: bool,
    keeps: bool,
    passkey: Option<PasskeyForm>,
}

/// What came of the form, if it was sent.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    notice: Option<Notice>,
    error: Option<&'static str>,
    code_error: Option<&'static str>,
}

/// Shows the form.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    page(&app, &signed, &query_of(query)?, Shown::default()).await
}

/// Takes the password, or a code.
pub(in crate::web) async fn send(
    State(app): State<App>,
    signed: SignedIn,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let t = signed.visitor.lang;
    let with_code = fields.get("code").is_some();
    let (answer, place) = (answer_of(&fields), place(&signed.visitor, fields.text("csrf")));
    let given = answer.as_ref().map(Given::Passkey).or_else(|| fields.get("code").map(Given::Code));
    let result = match (given, fields.get("password").and_then(secret::password)) {
        (Some(given), _) => confirm::by_factor(&app, &signed.current, place, given).await,
        (None, Some(password)) => confirm::by_password(&app, &signed.current, &password).await,
        (None, None) => Err(ConfirmRefused::Wrong),
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let shown = match result {
        Ok(()) => {
            signed.visitor.renew().await?;
            let back = urls::safe_back(fields.text("back"));
            let to = if keeps(&app, &signed, back).await? { urls::KEPT } else { back };
            return Ok(Redirect::to(to).into_response());
        }
        Err(ConfirmRefused::Internal(internal)) => return Err(internal.into()),
        Err(ConfirmRefused::Wrong) if with_code => {
            Shown { status, code_error: Some(t.code_wrong()), ..Shown::default() }
        }
        Err(ConfirmRefused::Wrong) => Shown { status, error: Some(t.confirm_wrong()), ..Shown::default() },
        Err(ConfirmRefused::Wait(until)) => {
            let notice = Some(throttled(t, until, app.now()));
            Shown { status: StatusCode::TOO_MANY_REQUESTS, notice, ..Shown::default() }
        }
        Err(ConfirmRefused::Unreachable(system)) => {
            let title = t.directory_unreachable_title(t.mail_system_name(system));
            let notice = Some(Notice::warn(t.directory_unreachable()).titled(title));
            Shown { status: StatusCode::SERVICE_UNAVAILABLE, notice, ..Shown::default() }
        }
    };
    page(&app, &signed, &fields, shown).await
}

/// Whether a form of the page they go back to is kept for them; one of another page is not what they prove themselves for.
async fn keeps(app: &App, signed: &SignedIn, back: &str) -> Result<bool, Failure> {
    let kept = signed.visitor.kept(app, Holder::of(&signed.current)).await?;
    Ok(kept.is_some_and(|kept| kept.back == back))
}

async fn page(app: &App, signed: &SignedIn, fields: &Fields, shown: Shown) -> Result<Response, Failure> {
    let back = urls::safe_back(fields.text("back"));
    let account = &signed.current.account;
    let own = factors::of(app, account.id()).await.map_err(crate::services::Internal::from)?;
    // A factor is set up and removed on the password alone.
    let is_about_factors = back.starts_with(urls::SECURITY);
    let with_factor = app.config.second_factor.at(signed.visitor.door).asks(own) && !is_about_factors;
    // A code by mail is none here.
    let with_code = with_factor && (own.totp || own.recovery > 0);
    let t = signed.visitor.lang;
    // No field is there to say it beside.
    let unsaid = shown.code_error.filter(|_| !with_code).map(Notice::warn);
    let frame = signed.frame(app).await?;
    let asking = if with_factor && own.passkeys > 0 {
        passkeys::ask(app, place(&signed.visitor, &frame.csrf), Purpose::Confirm, Some(account)).await?
    } else {
        None
    };
    let passkey = asking.map(|asking| PasskeyForm {
        action: urls::confirm(back),
        back: Some(back.to_owned()),
        ..PasskeyForm::new(asking, Purpose::Confirm, urls::CONFIRM, None)
    });
    html_with(
        shown.status,
        &ConfirmPage {
            t,
            page: frame,
            notice: shown.notice.or(unsaid),
            error: shown.error,
            code_error: shown.code_error,
            back,
            address: account.profile().address.as_str(),
            with_code,
            has_app: own.totp,
            keeps: keeps(app, signed, back).await?,
            passkey,
        },
    )
}
