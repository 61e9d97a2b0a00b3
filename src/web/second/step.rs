//! The step after the password, and the same in an open session that has too little.

use crate::app::App;
use crate::domain::account::Account;
use crate::domain::session::Door;
use crate::http::client_certificate::Shown as CertificateShown;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, Visitor, device_cookie};
use crate::i18n::Lang;
use crate::services::factors::codes::CodeRefused;
use crate::services::factors::mail;
use crate::services::factors::passkeys::{self, Purpose};
use crate::services::factors::proof::Given;
use crate::services::second_step::{self, Finished, StepRefused};
use crate::services::{factors, session::Current};
use crate::urls;
use crate::web::login::sign_in::reminded;
use crate::web::login::{pending, request_of};
use crate::web::parts::Notice;
use crate::web::second::passkey::{PasskeyForm, answer_of, place};
use crate::web::{html_with, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "second/step.html")]
struct StepPage<'a> {
    t: Lang,
    page: Frame,
    lead: String,
    notice: Option<Notice>,
    error: Option<&'static str>,
    request: Option<&'a str>,
    /// Where the forms go, with what the page was asked for.
    action: String,
    mail_action: String,
    hint: &'static str,
    remember: Option<String>,
    is_half: bool,
    passkey: Option<PasskeyForm>,
    /// Whether a code is enough.
    takes_codes: bool,
    /// To which address a code can be sent, in words.
    mail: Option<String>,
    /// Whether the certificate of the connection can be used.
    certificate: bool,
}

/// Who stands before the page.
enum Stands {
    /// Somebody whose password was proven just now; the id of their half sign-in.
    Half(String, Box<second_step::Waiting>),
    /// Somebody who is signed in.
    SignedIn(Box<Current>),
}

impl Stands {
    /// Whether a code by mail will do: never for a new password.
    fn takes_mail(&self) -> bool {
        match self {
            Self::Half(_, waiting) => waiting.takes_mail,
            Self::SignedIn(_) => true,
        }
    }

    const fn account(&self) -> &Account {
        match self {
            Self::Half(_, waiting) => &waiting.account,
            Self::SignedIn(current) => &current.account,
        }
    }
}

/// Why somebody stands here: part of the address, of the page and of its forms.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// The authorization request that waits.
    request: Option<&'a str>,
    /// Whether nothing less than a passkey will do.
    needs_passkey: bool,
}

impl<'a> Asked<'a> {
    fn by(query: &'a Fields) -> Self {
        Self { request: request_of(query), needs_passkey: query.text("need") == "passkey" }
    }

    /// An address that keeps it.
    fn address(self, path: &str) -> String {
        let address = urls::with_request(path, self.request);
        let joint = if address.contains('?') { '&' } else { '?' };
        if self.needs_passkey { format!("{address}{joint}need=passkey") } else { address }
    }
}

/// What came of the form, if it was sent.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    notice: Option<Notice>,
    error: Option<&'static str>,
}

/// Shows the form.
pub(in crate::web) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let asked = Asked::by(&query);
    let Some(stands) = who(&app, &visitor).await? else { return Ok(begin_anew(asked.request)) };
    let notice = (query.text("note") == "sent").then(|| Notice::ok(visitor.lang.mail_sent()));
    page(&app, &visitor, &stands, asked, Shown { notice, ..Shown::default() }).await
}

/// Sends a code by mail.
pub(in crate::web) async fn send_mail(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Form { fields, visitor }: Form,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let asked = Asked { request: request_of(&fields), ..Asked::by(&query) };
    let Some(stands) = who(&app, &visitor).await? else { return Ok(begin_anew(asked.request)) };
    if !stands.takes_mail() {
        return Err(Failure::NotFound);
    }
    match mail::send(&app, stands.account(), &visitor.source).await {
        Ok(_) => {
            let back = asked.address(urls::SECOND_STEP);
            let joint = if back.contains('?') { '&' } else { '?' };
            Ok(Redirect::to(&format!("{back}{joint}note=sent")).into_response())
        }
        Err(refused) => {
            let (_, why) = super::mail::in_words(visitor.lang, refused)?;
            let (status, notice) = (StatusCode::UNPROCESSABLE_ENTITY, why.map(Notice::warn));
            page(&app, &visitor, &stands, asked, Shown { status, notice, ..Shown::default() }).await
        }
    }
}

/// Takes a code, the proof of a passkey, or the certificate of the connection.
pub(in crate::web) async fn send(
    State(app): State<App>,
    CertificateShown(certificate): CertificateShown,
    RawQuery(query): RawQuery,
    form: Form,
) -> Result<Response, Failure> {
    let (query, Form { fields, visitor }) = (query_of(query)?, form);
    let asked = Asked { request: request_of(&fields), ..Asked::by(&query) };
    let request = asked.request;
    let (answer, place) = (answer_of(&fields), place(&visitor, fields.text("csrf")));
    let by_certificate = fields.get("certificate").is_some();
    let given = match (&certificate, &answer) {
        (Some(shown), _) if by_certificate => Given::Certificate(shown),
        (_, Some(answer)) => Given::Passkey(answer),
        _ => Given::Code(fields.text("code")),
    };
    let Some(stands) = who(&app, &visitor).await? else { return Ok(begin_anew(request)) };
    if by_certificate && certificate.is_none() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let notice = Some(Notice::warn(visitor.lang.certificate_none_shown()));
        return page(&app, &visitor, &stands, asked, Shown { status, notice, ..Shown::default() }).await;
    }
    if matches!(given, Given::Code("")) {
        let (status, error) = (StatusCode::UNPROCESSABLE_ENTITY, Some(visitor.lang.fill_in_code()));
        return page(&app, &visitor, &stands, asked, Shown { status, error, ..Shown::default() }).await;
    }
    // A code would be used up and not lead to where the person is going.
    if asked.needs_passkey && matches!(given, Given::Code(_)) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&app, &visitor, &stands, asked, Shown { status, ..Shown::default() }).await;
    }
    let refused = match &stands {
        Stands::Half(id, _) => match finish(&app, &visitor, id, (&fields, given)).await {
            Ok(response) => return Ok(response),
            Err(StepRefused::Gone) => return Ok(begin_anew(request)),
            Err(StepRefused::Internal(internal)) => return Err(internal.into()),
            Err(StepRefused::Code(refused)) => refused,
        },
        Stands::SignedIn(current) => match second_step::step_up(&app, current, place, given).await {
            Ok(()) => {
                visitor.renew().await?;
                return Ok(Redirect::to(&urls::onward(request)).into_response());
            }
            Err(refused) => refused,
        },
    };
    refuse(&app, &visitor, &stands, asked, refused).await
}

/// The half sign-in becomes a session.
async fn finish(
    app: &App,
    visitor: &Visitor,
    id: &str,
    (fields, given): (&Fields, Given<'_>),
) -> Result<Response, StepRefused> {
    let (request, remember) = (request_of(fields), fields.get("remember").is_some());
    let place = place(visitor, fields.text("csrf"));
    let opened = match second_step::finish(app, id, place, given, remember).await? {
        Finished::Opened(opened) => opened,
        Finished::Recover(id) => {
            return Ok(match visitor.begin_second_step(id.expose(), false).await {
                Ok(()) => Redirect::to(&urls::with_request(urls::RECOVER, request)).into_response(),
                Err(failure) => failure.into_response(),
            });
        }
    };
    let onward = async {
        visitor.end_second_step(app, &opened.session).await?;
        reminded(app, visitor, &opened.session, request).await
    };
    let mut response = match onward.await {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(failure) => failure.into_response(),
    };
    if let Some(held) = &opened.remembered {
        device_cookie::set(app, &mut response, held, &visitor.remembered);
    }
    Ok(response)
}

async fn who(app: &App, visitor: &Visitor) -> Result<Option<Stands>, Failure> {
    if let Some(current) = visitor.current(app).await? {
        let has_some = factors::of(app, current.account.id()).await;
        let has_some = has_some.map_err(crate::services::Internal::from)?;
        return Ok(has_some.any().then(|| Stands::SignedIn(Box::new(current))));
    }
    let Some(id) = visitor.half().await? else { return Ok(None) };
    let waiting = second_step::waiting(app, &id, visitor.door).await?;
    Ok(waiting.map(|waiting| Stands::Half(id, Box::new(waiting))))
}

/// Nobody waits for this step: the sign-in begins anew.
fn begin_anew(request: Option<&str>) -> Response {
    Redirect::to(&urls::with_request(urls::SIGN_IN, request)).into_response()
}

async fn refuse(
    app: &App,
    visitor: &Visitor,
    stands: &Stands,
    asked: Asked<'_>,
    refused: CodeRefused,
) -> Result<Response, Failure> {
    let t = visitor.lang;
    match refused {
        CodeRefused::Internal(internal) => Err(internal.into()),
        CodeRefused::Certificate => {
            let (status, notice) =
                (StatusCode::UNPROCESSABLE_ENTITY, Notice::warn(t.certificate_not_bound()));
            let shown = Shown { status, notice: Some(notice), ..Shown::default() };
            page(app, visitor, stands, asked, shown).await
        }
        // No field of a code is there to say it beside.
        CodeRefused::Wrong if asked.needs_passkey => {
            let (status, notice) = (StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::warn(t.passkey_failed())));
            page(app, visitor, stands, asked, Shown { status, notice, error: None }).await
        }
        CodeRefused::Wrong => {
            let (status, error) = (StatusCode::UNPROCESSABLE_ENTITY, Some(t.code_wrong()));
            let notice = Some(Notice::info(t.code_wrong_then()));
            page(app, visitor, stands, asked, Shown { status, notice, error }).await
        }
        CodeRefused::Wait(until) => {
            let notice = Notice::danger(t.code_paused(&t.clock(until.local()))).titled(t.code_paused_title());
            let status = StatusCode::TOO_MANY_REQUESTS;
            let shown = Shown { status, notice: Some(notice), ..Shown::default() };
            let mut response = page(app, visitor, stands, asked, shown).await?;
            let seconds = until.since(app.now()).whole_seconds().max(1);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            Ok(response)
        }
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    stands: &Stands,
    asked: Asked<'_>,
    shown: Shown,
) -> Result<Response, Failure> {
    let (t, request) = (visitor.lang, asked.request);
    let settings = &app.config.second_factor;
    let account = stands.account();
    let lead = match stands {
        Stands::Half(..) => t.second_step_lead(account.profile().address.as_str()),
        Stands::SignedIn(_) => t.step_up_lead().to_owned(),
    };
    let own = factors::of(app, account.id()).await;
    let own = own.map_err(crate::services::Internal::from)?;
    let takes_mail = own.mail && visitor.door == Door::Staff && stands.takes_mail();
    let mail = if takes_mail { mail::of(app, account).await? } else { None };
    let frame = visitor.frame(app).await?;
    let asking = if own.passkeys > 0 {
        passkeys::ask(app, place(visitor, &frame.csrf), Purpose::SecondStep, Some(account)).await?
    } else {
        None
    };
    let is_half = matches!(stands, Stands::Half(..));
    let days = settings.remember.whole_days().unsigned_abs();
    let remember = (is_half && settings.remembers_at(visitor.door)).then(|| t.remember_device(&t.days(days)));
    let page = StepPage {
        t,
        page: frame,
        passkey: asking.map(|asking| PasskeyForm {
            action: asked.address(urls::SECOND_STEP),
            remember: remember.clone(),
            ..PasskeyForm::new(asking, Purpose::SecondStep, urls::SECOND_STEP, request)
        }),
        action: asked.address(urls::SECOND_STEP),
        mail_action: asked.address(urls::SECOND_STEP_MAIL),
        takes_codes: !asked.needs_passkey,
        lead,
        notice: shown.notice,
        error: shown.error,
        request,
        hint: match (own.totp, takes_mail) {
            (true, _) => t.code_hint(),
            (false, true) => t.mail_hint(),
            (false, false) => t.recovery_code_hint(),
        },
        mail: mail.map(|kept| t.mail_step(&mail::masked(&kept.address))),
        certificate: own.certificates > 0,
        remember,
        is_half,
    };
    let mut response = html_with(shown.status, &page)?;
    if let Some(pending) = pending(app, visitor, request).await? {
        response.extensions_mut().insert(FormTarget(pending.return_origin));
    }
    Ok(response)
}
