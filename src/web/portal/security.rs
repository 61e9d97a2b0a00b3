//! Sign-in security: my second factors, my recovery codes, the browsers that are remembered.

use super::Settled;
use crate::app::App;
use crate::domain::certificate::{Certificate, Ending};
use crate::domain::factor::{Demand, Factors};
use crate::domain::timestamp::Timestamp;
use crate::http::client_certificate::Shown;
use crate::http::{Failure, Form, Frame, SignedIn, recent};
use crate::i18n::Lang;
use crate::services::factors::certificates::{self, Bound};
use crate::services::factors::passkeys::{self, Passkey};
use crate::services::factors::{self, authenticator, mail, trust};
use crate::urls;
use crate::web::parts::{Notice, device_words};
use crate::web::second::{certificate, recovery};
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

/// A remembered browser.
struct DeviceView {
    id: String,
    icon: &'static str,
    name: String,
    span: String,
    from: String,
}

#[derive(Template)]
#[template(path = "portal/security.html")]
struct SecurityPage {
    t: Lang,
    page: Frame,
    notice: Option<Notice>,
    is_open: bool,
    factors: Factors,
    left: String,
    /// Of the recovery codes.
    version: i64,
    remembers: bool,
    devices: Vec<DeviceView>,
    passkeys: Vec<PasskeyView>,
    has_passkeys: bool,
    mail: Option<MailCodes>,
    certificates: Option<Certificates>,
}

/// Codes by mail, where the city allows them.
struct MailCodes {
    /// Where they are sent, in words.
    says: Option<String>,
}

/// The certificates, where the city takes them.
struct Certificates {
    bound: Vec<CertificateView>,
    /// Whose the browser shows, if it may be bound.
    shown: Option<String>,
    is_shown: bool,
}

/// A certificate that is bound.
struct CertificateView {
    id: String,
    name: String,
    says: String,
    /// That it ends soon, or has ended.
    warning: Option<String>,
}

/// A passkey.
struct PasskeyView {
    id: String,
    name: String,
    says: String,
}

/// Shows it.
pub(in crate::web) async fn show(
    State(app): State<App>,
    Settled(signed): Settled,
    Shown(shown): Shown,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = signed.visitor.lang;
    let settings = &app.config.second_factor;
    let own =
        factors::of(&app, signed.current.account.id()).await.map_err(crate::services::Internal::from)?;
    let devices = trust::list(&app, &signed.current).await?;
    let keys = passkeys::list(&app, &signed.current).await?;
    let kept = mail::of(&app, &signed.current.account).await?.filter(|kept| kept.confirmed_at.is_some());
    let says = kept.map(|kept| t.mail_codes_to(kept.address.as_str()));
    let mail = settings.mail_codes.then_some(MailCodes { says });
    html(&SecurityPage {
        mail,
        certificates: of_certificates(&app, &signed, shown.as_ref()).await?,
        t,
        page: signed.frame(&app).await?,
        notice: notice(t, query.text("note")),
        is_open: settings.staff != Demand::Off,
        left: t.recovery_left(&t.number(own.recovery)),
        version: recovery::version(&app, &signed).await?,
        factors: own,
        remembers: settings.remembers_at(signed.visitor.door),
        devices: devices.iter().map(|device| view(t, device)).collect(),
        passkeys: keys.iter().map(|key| passkey(t, key)).collect(),
        has_passkeys: app.config.passkey_domain(signed.visitor.door).is_some(),
    })
}

async fn of_certificates(
    app: &App,
    signed: &SignedIn,
    shown: Option<&Certificate>,
) -> Result<Option<Certificates>, Failure> {
    if app.config.second_factor.certificates.is_none() {
        return Ok(None);
    }
    let t = signed.visitor.lang;
    let all = certificates::list(app, &signed.current).await?;
    let is_new = |one: &&Certificate| all.iter().all(|bound| bound.thumbprint != one.thumbprint);
    Ok(Some(Certificates {
        bound: all.iter().map(|bound| certificate_view(t, bound, app.now())).collect(),
        shown: shown.filter(is_new).map(|shown| certificate::subject(t, shown)),
        is_shown: shown.is_some(),
    }))
}

fn certificate_view(t: Lang, bound: &Bound, now: Timestamp) -> CertificateView {
    let day = |at: Timestamp| t.date(at.local_date());
    let end = day(bound.not_after);
    let (until, warning) = match Ending::of(bound.not_after, now) {
        Ending::Far => (Some(t.certificate_until(&end)), None),
        Ending::Soon => (None, Some(t.certificate_ends(&end))),
        Ending::Over => (None, Some(t.certificate_ended(&end))),
    };
    let (name, organization) = certificate::holder(&bound.subject);
    let of = organization.map(|organization| t.certificate_of(&organization));
    let by = Some(t.certificate_by(&certificate::holder(&bound.issuer).0));
    let says = [of, by, until, Some(t.certificate_bound_on(&day(bound.bound_at)))];
    CertificateView {
        id: bound.id.to_string(),
        name,
        says: says.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        warning,
    }
}

/// Removes the authenticator app.
pub(in crate::web) async fn remove_authenticator(
    State(app): State<App>,
    Settled(signed): Settled,
    _form: Form,
) -> Result<Response, Failure> {
    let proof = recent::require_password(&app, &signed.current, urls::SECURITY)?;
    authenticator::remove(&app, &signed.current, &proof).await?;
    Ok(back("app-removed"))
}

/// Removes a passkey.
pub(in crate::web) async fn remove_passkey(
    State(app): State<App>,
    Settled(signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    let proof = recent::require_password(&app, &signed.current, urls::SECURITY)?;
    let id = fields.text("passkey").parse().map_err(|_| Failure::NotFound)?;
    passkeys::remove(&app, &signed.current, id, &proof).await?;
    Ok(back("passkey-removed"))
}

/// Forgets a remembered browser, or all of them.
pub(in crate::web) async fn forget_device(
    State(app): State<App>,
    Settled(signed): Settled,
    Form { fields, .. }: Form,
) -> Result<Response, Failure> {
    if fields.text("device") == "all" {
        trust::end_all(&app, &signed.current).await?;
        return Ok(back("devices-forgotten"));
    }
    let id = fields.text("device").parse().map_err(|_| Failure::NotFound)?;
    trust::end(&app, &signed.current, id).await?;
    Ok(back("device-forgotten"))
}

fn back(note: &str) -> Response {
    Redirect::to(&format!("{}?note={note}", urls::SECURITY)).into_response()
}

fn notice(t: Lang, note: &str) -> Option<Notice> {
    match note {
        "app-removed" => Some(Notice::ok(t.note_app_removed())),
        "passkey-removed" => Some(Notice::ok(t.note_passkey_removed())),
        "mail-removed" => Some(Notice::ok(t.note_mail_removed())),
        "not-me" => Some(Notice::warn(t.security_not_me()).titled(t.security_not_me_title())),
        "codes-made" => Some(Notice::info(t.note_codes_made())),
        "devices-forgotten" => Some(Notice::ok(t.note_devices_forgotten())),
        "device-forgotten" => Some(Notice::ok(t.note_device_forgotten())),
        other => certificate::notice(t, other),
    }
}

fn passkey(t: Lang, key: &Passkey) -> PasskeyView {
    let day = |at: crate::domain::timestamp::Timestamp| t.date(at.local_date());
    let made = Some(t.passkey_made_on(&day(key.made_at)));
    let used = key.last_used_at.map(|at| t.passkey_used_on(&day(at)));
    let place = if key.can_be_copied { t.passkey_travels() } else { t.passkey_stays() };
    let says: Vec<_> = made.into_iter().chain(used).chain([place.to_owned()]).collect();
    PasskeyView { id: key.id.to_string(), name: key.name.clone(), says: says.join(" · ") }
}

fn view(t: Lang, device: &trust::TrustedDevice) -> DeviceView {
    let (icon, name) = device_words(t, &device.user_agent);
    let day = |at: crate::domain::timestamp::Timestamp| t.date(at.local_date());
    DeviceView {
        id: device.id.to_string(),
        icon,
        name,
        span: t.device_trusted(&day(device.made_at), &day(device.expires_at)),
        from: t.session_from(&device.source),
    }
}
