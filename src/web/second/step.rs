//! The step after the password, and the same in an open session that has too little.

use crate::app::App;
use crate::domain::account::Account;
use crate::domain::address::MailAddress;
use crate::domain::factor::Factors;
use crate::domain::session::Door;
use crate::http::client_certificate::Shown as CertificateShown;
use crate::http::form::Fields;
use crate::http::layers::FormTarget;
use crate::http::{Failure, Form, Frame, Visitor, device_cookie};
use crate::i18n::Lang;
use crate::services::factors::codes::CodeRefused;
use crate::services::factors::mail::{self, MailRefused};
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
    /// What is typed into the field; `None` where it takes recovery codes only, beside something better.
    hint: Option<&'static str>,
    /// What the page's main button does: `code`, `passkey`, `certificate` or `mail`.
    main: &'static str,
    remember: Option<String>,
    is_half: bool,
    passkey: Option<PasskeyForm>,
    /// Whether a code is enough.
    takes_codes: bool,
    mail: Option<SendMail>,
    /// Whether the certificate of the connection can be used.
    certificate: bool,
}

/// The form that sends a code by mail.
struct SendMail {
    /// To which address, in words.
    words: String,
    /// Whether one was sent just now.
    sent: bool,
}

impl SendMail {
    fn new(t: Lang, address: &MailAddress, sent: bool) -> Self {
        let to = mail::masked(address);
        Self { words: if sent { t.mail_step_again(&to) } else { t.mail_step(&to) }, sent }
    }
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
    /// Whether a code was sent by mail just now.
    sent: bool,
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
    let Some(stands) = who(&app, &visitor, asked.request).await? else {
        return Ok(begin_anew(asked.request));
    };
    let sent = query.text("note") == "sent";
    let notice = sent.then(|| Notice::ok(visitor.lang.mail_sent()));
    page(&app, &visitor, &stands, asked, Shown { sent, notice, ..Shown::default() }).await
}

/// Sends a code by mail.
pub(in crate::web) async fn send_mail(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Form { fields, visitor }: Form,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let asked = Asked { request: request_of(&fields), ..Asked::by(&query) };
    let Some(stands) = who(&app, &visitor, asked.request).await? else {
        return Ok(begin_anew(asked.request));
    };
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
            let sent = matches!(refused, MailRefused::TooSoon);
            let (_, why) = super::mail::in_words(visitor.lang, refused)?;
            let (status, notice) = (StatusCode::UNPROCESSABLE_ENTITY, why.map(Notice::warn));
            page(&app, &visitor, &stands, asked, Shown { sent, status, notice, ..Shown::default() }).await
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
    let Some(stands) = who(&app, &visitor, asked.request).await? else { return Ok(begin_anew(request)) };
    let shown = Shown {
        sent: fields.get("sent").is_some(),
        status: StatusCode::UNPROCESSABLE_ENTITY,
        ..Shown::default()
    };
    if by_certificate && certificate.is_none() {
        let notice = Some(Notice::warn(visitor.lang.certificate_none_shown()));
        return page(&app, &visitor, &stands, asked, Shown { notice, ..shown }).await;
    }
    if matches!(given, Given::Code("")) {
        let error = Some(visitor.lang.fill_in_code());
        return page(&app, &visitor, &stands, asked, Shown { error, ..shown }).await;
    }
    // A code would be used up and not lead to where the person is going.
    if asked.needs_passkey && matches!(given, Given::Code(_)) {
        return page(&app, &visitor, &stands, asked, shown).await;
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
    refuse(&app, &visitor, &stands, (asked, shown), refused).await
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
            return Ok(match visitor.begin_second_step(app, id.expose(), (false, request)).await {
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

/// Whoever has begun a sign-in for this request comes first: they may be signed in already, and prove themselves anew.
async fn who(app: &App, visitor: &Visitor, request: Option<&str>) -> Result<Option<Stands>, Failure> {
    if let Some(id) = visitor.half_of(request).await?
        && let Some(waiting) = second_step::waiting(app, &id, visitor.door).await?
    {
        return Ok(Some(Stands::Half(id, Box::new(waiting))));
    }
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
    (asked, shown): (Asked<'_>, Shown),
    refused: CodeRefused,
) -> Result<Response, Failure> {
    let t = visitor.lang;
    match refused {
        CodeRefused::Internal(internal) => Err(internal.into()),
        CodeRefused::Certificate => {
            let notice = Some(Notice::warn(t.certificate_not_bound()));
            page(app, visitor, stands, asked, Shown { notice, ..shown }).await
        }
        // No field of a code is there to say it beside.
        CodeRefused::Wrong if asked.needs_passkey => {
            let notice = Some(Notice::warn(t.passkey_failed()));
            page(app, visitor, stands, asked, Shown { notice, ..shown }).await
        }
        CodeRefused::Wrong => {
            let (notice, error) = (Some(Notice::info(t.code_wrong_then())), Some(t.code_wrong()));
            page(app, visitor, stands, asked, Shown { notice, error, ..shown }).await
        }
        CodeRefused::Wait(until) => {
            let notice = Notice::danger(t.code_paused(&t.clock(until.local()))).titled(t.code_paused_title());
            let status = StatusCode::TOO_MANY_REQUESTS;
            let shown = Shown { status, notice: Some(notice), ..shown };
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
    let other = if takes_mail { mail::of(app, account).await? } else { None };
    let send_mail = other.map(|kept| SendMail::new(t, &kept.address, shown.sent));
    let frame = visitor.frame(app).await?;
    let asking = if own.passkeys > 0 {
        passkeys::ask(app, place(visitor, &frame.csrf), Purpose::SecondStep, Some(account)).await?
    } else {
        None
    };
    let main = match &asking {
        Some(_) if asked.needs_passkey => "passkey",
        None if asked.needs_passkey => "certificate",
        asking => main_way(own, asking.is_some(), send_mail.as_ref().map(|mail| mail.sent)),
    };
    let is_half = matches!(stands, Stands::Half(..));
    let days = settings.remember.whole_days().unsigned_abs();
    let remember = (is_half && settings.remembers_at(visitor.door)).then(|| t.remember_device(&t.days(days)));
    let page = StepPage {
        t,
        page: frame,
        passkey: asking.map(|asking| PasskeyForm {
            is_main: main == "passkey",
            action: asked.address(urls::SECOND_STEP),
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
            (true, _) => Some(t.code_hint()),
            (false, true) => Some(t.mail_hint()),
            (false, false) => (main == "code").then(|| t.recovery_code_hint()),
        },
        main,
        mail: send_mail,
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

/// What the main button does: a code is typed where there is one to type, and a mail is sent where nothing better proves.
const fn main_way(own: Factors, asks_for_passkey: bool, mail_sent: Option<bool>) -> &'static str {
    match (own.totp, mail_sent, asks_for_passkey, own.certificates) {
        (false, None | Some(false), true, _) => "passkey",
        (false, None | Some(false), false, 1..) => "certificate",
        (false, Some(false), false, 0) => "mail",
        _ => "code",
    }
}
